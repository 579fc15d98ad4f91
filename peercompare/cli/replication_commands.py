"""Subcommands with which somebody else checks a study: verify, pack."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import (
    CAUTION,
    COULD_NOT_RUN,
    DONE,
    PROBLEM,
    add_command,
    must_exist,
    tell,
    why_not,
)
from peercompare.errors import InputError, PeercompareError
from peercompare.files import refuse_to_overwrite, write_atomically

if TYPE_CHECKING:
    from peercompare.packing import Handed
    from peercompare.study.comparing import Difference
    from peercompare.study.verifying import Verification

LINES = 200
"""How many differences are printed; --json gives all."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommands."""
    _add_verify(commands)
    _add_pack(commands)


def _add_verify(commands: argparse._SubParsersAction) -> None:
    words = (
        "Run a study again in a temporary folder and compare its numbers with those it gave before. Exit "
        "status: 0 all within tolerance, 1 some are not, 2 it could not be run."
    )
    parser = add_command(commands, "verify", words, _verify)
    parser.add_argument(
        "results", type=Path, metavar="RESULTS", help="results folder, study file, or replication package"
    )
    parser.add_argument(
        "--against", type=Path, metavar="MANIFEST", help="default: the manifest.json among the results"
    )
    parser.add_argument(
        "--study", type=Path, metavar="STUDY.toml", help="where the results do not say where it is"
    )
    parser.add_argument(
        "--until", metavar="STAGE", help="run and compare the stages up to this one alone, such as agreement"
    )
    parser.add_argument("--json", action="store_true", help="print all that was found as JSON")
    parser.add_argument(
        "--write",
        type=Path,
        metavar="MANIFEST",
        help="run nothing: write the main numbers of the results into a manifest to keep and verify against",
    )
    parser.add_argument("--force", action="store_true", help="replace the manifest that --write names")


def _verify(options: argparse.Namespace) -> int:
    try:
        must_exist(options.results)
        if options.write is not None:
            return _write(options)
        found = _verified(options)
    except (PeercompareError, OSError) as error:
        if options.json:
            print(json.dumps({"status": COULD_NOT_RUN, "reason": str(error)}, indent=1, ensure_ascii=False))
        tell(f"Could not be verified: {why_not(error)}")
        return COULD_NOT_RUN
    status = DONE if found.accepted else PROBLEM
    print(_as_json(found, status) if options.json else "\n".join(_lines(found)))
    return status


def _verified(options: argparse.Namespace) -> Verification:
    """Verify a study's results, or a package."""
    from peercompare.packing.unpacking import is_package

    if is_package(options.results):
        if options.against is not None or options.study is not None or options.until is not None:
            raise InputError(
                f"{options.results} is a package, which holds its own manifest and study file",
                remedy="leave out --against, --study and --until",
            )
        from peercompare.packing import verify_package

        return verify_package(options.results, tell=tell)
    from peercompare.study.verifying import verify

    named = {"against": options.against, "study": options.study, "until": options.until}
    return verify(options.results, **named, tell=tell)


def _write(options: argparse.Namespace) -> int:
    """Write the main numbers of results as they stand."""
    from peercompare.study.manifest import MAIN, make_manifest, manifest_text
    from peercompare.study.verifying import find_study

    refuse_to_overwrite(options.write, force=options.force)
    _, study = find_study(options.results, options.study)
    manifest = make_manifest(study, scope=MAIN)
    write_atomically(options.write, manifest_text(manifest))
    tell(f"Wrote {len(manifest['numbers'])} numbers to {options.write}.")
    return DONE


def _lines(found: Verification) -> list[str]:
    """Say what came of it, the farthest out first."""
    differences = found.comparison.differences
    lines = []
    if differences:
        lines += [f"{'old':>14}  {'new':>14}  {'tolerance':>10}  number"]
        lines += [_line(each) for each in differences[:LINES]]
        if len(differences) > LINES:
            lines.append(f"... and {len(differences) - LINES} more (--json names them all)")
    for what, n_numbers, why in found.not_rerun:
        lines.append(f"Not run again: {what} ({n_numbers} numbers), because {why}.")
    lines += [f"Note: {note}." for note in found.comparison.notes]
    n = found.comparison.n_compared
    lines.append(
        f"{n} numbers compared: all within their tolerances."
        if found.accepted
        else f"{n} numbers compared: {len(differences)} differences."
    )
    return lines


def _line(each: Difference) -> str:
    """Return a difference as a row of a table."""
    if each.kind != "changed":
        return f"{_shown(each.old):>14}  {_shown(each.new):>14}  {each.kind:>10}  {each.id}"
    return f"{_shown(each.old):>14}  {_shown(each.new):>14}  {each.allowed:>10.2g}  {each.id}"


def _shown(value: object) -> str:
    """Return a number fit for a table, a hash by its beginning, nothing where it is undefined."""
    if value is None:
        return "-"
    return value[:12] if isinstance(value, str) else f"{value:.8g}"


def _as_json(found: Verification, status: int) -> str:
    """Return all that was found as JSON."""
    import dataclasses

    said = {
        "status": status,
        "accepted": found.accepted,
        "n_compared": found.comparison.n_compared,
        "differences": [dataclasses.asdict(each) for each in found.comparison.differences],
        "not_rerun": [{"what": what, "n_numbers": n, "because": why} for what, n, why in found.not_rerun],
        "notes": list(found.comparison.notes),
    }
    return json.dumps(said, indent=1, ensure_ascii=False)


def _add_pack(commands: argparse._SubParsersAction) -> None:
    words = (
        "Build a replication package of a study that was run: its numbers, the words that everybody in them "
        "agreed to share, and rows without words for the rest."
    )
    parser = add_command(commands, "pack", words, _pack)
    parser.add_argument("study", type=Path, metavar="STUDY.toml")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FOLDER|.zip", help="what to make; it must not exist"
    )
    parser.add_argument(
        "--on", metavar="DAY", help="the day on which consent must cover sharing (default: today)"
    )
    parser.add_argument(
        "--obeyed",
        nargs="+",
        default=[],
        metavar="TERM",
        help="terms of consent records that no program can see to and that you made sure of (DUO:...)",
    )


def _pack(options: argparse.Namespace) -> int:
    from peercompare.consent.asking import checked_day
    from peercompare.packing import pack_study
    from peercompare.study import read_study

    must_exist(options.study)
    packed = pack_study(
        read_study(options.study), options.out, day=checked_day(options.on), obeyed=options.obeyed
    )
    for name, handed in packed.handed.items():
        n = len(handed.words) + len(handed.held_back)
        print(f"{name}: words of {len(handed.words)} of {n} documents; {_rest(handed)}")
    print(f"{packed.path}: {packed.n_files} files. Check it: peercompare verify {packed.path}")
    print(CAUTION)
    return DONE


def _rest(handed: Handed) -> str:
    """Say what became of the documents whose words were held back."""
    if handed.whole:
        return "nothing is held back"
    if handed.rows:
        return "rows without words of the others"
    return "of the others nothing but the published tables"
