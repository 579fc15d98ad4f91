"""Subcommands about a whole study: report, run."""

from __future__ import annotations

import argparse
from pathlib import Path

from peercompare.cli.shared import CAUTION, DONE, add_command, add_out, must_exist, tell
from peercompare.errors import StudyError
from peercompare.files import refuse_to_overwrite, write_atomically


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_report(commands)
    _add_run(commands)


def _add_report(commands: argparse._SubParsersAction) -> None:
    parser = add_command(commands, "report", "Render the report from the results of a study.", _report)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    add_out(parser, what="the page (.html; default: report.html among the results)")


def _report(options: argparse.Namespace) -> int:
    from peercompare.study import read_study
    from peercompare.study.output_stages import report_page
    from peercompare.study.runner import unfinished
    from peercompare.study.stages import STAGES

    must_exist(options.study)
    study = read_study(options.study)
    missing = [name for name in unfinished(study, STAGES, before="report") if name != "notebooks"]
    if missing:
        raise StudyError(
            f"The results of {options.study} are absent or out of date: {', '.join(missing)}",
            remedy=f"peercompare run {options.study}",
        )
    out = options.out or study.results / "report.html"
    if options.out is not None:
        refuse_to_overwrite(out, force=options.force)
    write_atomically(out, report_page(study))
    tell(f"Wrote {out}. {CAUTION}")
    return DONE


def _add_run(commands: argparse._SubParsersAction) -> None:
    words = "Run a whole study; what did not change is not run again."
    parser = add_command(commands, "run", words, _run)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    parser.add_argument("--until", metavar="STAGE", help="stop after this stage")


def _run(options: argparse.Namespace) -> int:
    from peercompare.study import run_study

    must_exist(options.study)
    results = run_study(options.study, until=options.until, tell=tell)
    for name in ("tables", "figures", "notebooks", "individual_feedback"):
        if (results.folder / name).is_dir():
            print(f"{name:20}{results.folder / name}")
    if results.report.exists():
        print(f"{'report':20}{results.report}")
    print(CAUTION)
    return DONE
