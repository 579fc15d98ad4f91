"""The subcommand with which somebody's withdrawal is recorded and carried out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import DONE, add_command, must_exist, tell

if TYPE_CHECKING:
    from peercompare.withdrawal import Findings, Withdrawal

WHYS = ("consent_withdrawn", "guardian_withdrew", "never_valid", "law_requires")
"""As in `peercompare.withdrawal.blacking`; spelt here too, since help loads no heavy library."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add ``withdraw``."""
    words = (
        "Record that a person withdraws, list what used their words, and with --apply remove it from the "
        "corpus and from the results of studies."
    )
    parser = add_command(commands, "withdraw", words, _withdraw)
    parser.add_argument("person", metavar="PERSON", help="a person_id of consents.csv")
    parser.add_argument("--corpus", type=Path, required=True, metavar="CORPUS", help="the corpus folder")
    parser.add_argument(
        "--study",
        type=Path,
        nargs="+",
        default=[],
        metavar="STUDY.toml|RESULTS",
        help="studies that used the corpus: their files, or their results folders",
    )
    parser.add_argument("--on", metavar="DAY", help="the day on which consent ends (default: today)")
    parser.add_argument(
        "--why", choices=WHYS, default=WHYS[0], help=f"stands in removals.csv (default: {WHYS[0]})"
    )
    parser.add_argument("--apply", action="store_true", help="remove the words and what was made of them")
    parser.add_argument(
        "--rebuild", action="store_true", help="with --apply: then run the studies again without the words"
    )


def _withdraw(options: argparse.Namespace) -> int:
    from peercompare.cli.cache_commands import emptied
    from peercompare.withdrawal import apply_withdrawal, rebuild, record_withdrawal
    from peercompare.withdrawal.withdrawing import BEYOND_REACH, check_rebuildable

    must_exist(options.corpus, *options.study)
    asked = _asked(options)
    if options.rebuild and options.apply:
        check_rebuildable(asked)
    found = apply_withdrawal(asked, tell=tell) if options.apply else record_withdrawal(asked)
    for line in _lines(asked, found, applied=options.apply):
        print(line)
    if options.apply and (removed := emptied()):
        print(f"{removed} removed from your cache, everybody's: whose they are is not kept.")
    if options.apply and options.rebuild:
        rebuild(asked, tell=tell)
    print(BEYOND_REACH)
    return DONE


def _asked(options: argparse.Namespace) -> Withdrawal:
    """Return what the options ask for."""
    from datetime import date

    from peercompare.consent.asking import checked_day
    from peercompare.withdrawal import Withdrawal

    return Withdrawal(
        options.person,
        options.corpus,
        checked_day(options.on) or date.today(),
        why=options.why,
        studies=tuple(options.study),
    )


def _lines(asked: Withdrawal, found: Findings, *, applied: bool) -> list[str]:
    """Say what was found, and what was or will be done with it; nobody's words."""
    states = {
        "recorded": f"{asked.person}: withdrawal on {asked.day} recorded in consents.csv.",
        "already": f"{asked.person}: a withdrawal stands in consents.csv already; it was left as it is.",
        "no record": f"{asked.person}: no consent record, so there was nothing to end.",
    }
    traces, verb = found.traces, "removed" if applied else "used their words"
    lines = [states[found.recorded]]
    counts = (
        f"{len(traces.documents)} documents, {sum(traces.n_turns.values())} turns, "
        f"{len(traces.segment_ids)} segments, {traces.n_codings} codings, {traces.n_contests} contests"
    )
    lines.append(f"{asked.corpus}: {counts}{' removed' if applied else ''}.")
    lines += [f"  {name}" for name in traces.documents]
    for folder, artefacts in found.artefacts.items():
        lines.append(f"{folder}: {len(artefacts)} files {verb}.")
        lines += [f"  {each.path}  ({each.kind}; {each.known_by})" for each in artefacts]
    lines += [f"Look at it by eye: {each}" for each in found.to_look_at]
    for folder, unknown in found.unknown.items():
        lines += [f"Look at it by eye: {folder / each.path}, of which nothing is known" for each in unknown]
    if not asked.studies:
        lines.append("No study was named: name each with --study, so that its results are found too.")
    if not applied:
        lines.append("Nothing was removed. The same command with --apply removes what is listed.")
    return lines
