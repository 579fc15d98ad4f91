"""Subcommands about a whole study: report, run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.diagnosis_commands import tell_warnings
from peercompare.cli.shared import CAUTION, DONE, add_command, add_out, must_exist, tell
from peercompare.errors import ReportError
from peercompare.files import refuse_to_overwrite, write_atomically

if TYPE_CHECKING:
    from peercompare.study import Study

AUDIENCES = ("funder", "team", "methods")
FORMATS = ("html", "docx", "pdf")
"""As `peercompare.report` knows them; named here so that help comes without loading it."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_report(commands)
    _add_run(commands)


def _add_report(commands: argparse._SubParsersAction) -> None:
    words = "Write the report from the results of a study: for funders, for a team, or on methods."
    parser = add_command(commands, "report", words, _report)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    parser.add_argument(
        "--for",
        dest="audience",
        choices=AUDIENCES,
        default="methods",
        help="for whom: funder names no site and no employer, team ends with a sheet for talking it over, "
        "methods holds everything and two checklists (default: methods)",
    )
    parser.add_argument(
        "--format",
        choices=[*FORMATS, "all"],
        help="default: the ending of --out, else html; docx and pdf need peercompare[report]",
    )
    add_out(parser, what="this file, its ending by the format (default: among the results)")


def _report(options: argparse.Namespace) -> int:
    from peercompare.report import write_document
    from peercompare.study import read_study
    from peercompare.study.reports import study_report
    from peercompare.study.runner import need_results
    from peercompare.study.stages import STAGES

    must_exist(options.study)
    study = read_study(options.study)
    targets = _targets(options, study.results)
    need_results(study, STAGES, before="report")
    if options.out is not None:
        for path in targets.values():
            refuse_to_overwrite(path, force=options.force)
    document = study_report(study, options.audience)
    contents = {path: write_document(document, format) for format, path in targets.items()}
    for path, content in contents.items():
        write_atomically(path, content)
        tell(f"Wrote {path}.")
    _stamp(study, options, list(contents))
    tell(CAUTION)
    return DONE


def _targets(options: argparse.Namespace, results: Path) -> dict[str, Path]:
    """Return the formats that are wanted, and where each is written."""
    ending = options.out.suffix.lstrip(".").lower() if options.out is not None else ""
    wanted = options.format or (ending if ending in FORMATS else "html")
    named = "report" if options.audience == "methods" else f"report_for_{options.audience}"
    base = options.out if options.out is not None else results / f"{named}.html"
    if wanted == "all":
        return {format: base.with_suffix(f".{format}") for format in FORMATS}
    if ending in FORMATS and ending != wanted:
        remedy = "give one of them, or --format all"
        raise ReportError(f"--out ends with .{ending}, and --format is {wanted}", remedy=remedy)
    return {wanted: base if ending else base.with_suffix(f".{wanted}")}


def _stamp(study: Study, options: argparse.Namespace, paths: list[Path]) -> None:
    """Note reports among the results, so that a withdrawal of consent finds them; `run` stamps its own."""
    from peercompare.study.runner import note_by_hand

    ours = study.results / "report.html"
    noted = [path for path in paths if path.resolve().is_relative_to(study.results) and path != ours]
    if noted:
        note_by_hand(study, f"report_for_{options.audience}", noted)


def _add_run(commands: argparse._SubParsersAction) -> None:
    words = "Run a whole study; what did not change is not run again."
    parser = add_command(commands, "run", words, _run)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    parser.add_argument("--until", metavar="STAGE", help="stop after this stage")


def _run(options: argparse.Namespace) -> int:
    from peercompare.study import run_study

    must_exist(options.study)
    results = run_study(options.study, until=options.until, tell=tell)
    tell_warnings(results)
    for name in ("tables", "figures", "notebooks", "individual_feedback"):
        if (results.folder / name).is_dir():
            print(f"{name:20}{results.folder / name}")
    if results.report.exists():
        print(f"{'report':20}{results.report}")
    print(CAUTION)
    return DONE
