"""The subcommands of ``peercompare deidentify``: propose, apply, check, and the list of rules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import CAUTION, DONE, add_command, must_exist, show, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from peercompare.deidentify.pseudonyms import Pseudonyms
    from peercompare.deidentify.rules import Detector


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add ``deidentify`` and its own subcommands."""
    words = "Propose, review and make changes that take names and numbers out of a corpus."
    parser = commands.add_parser("deidentify", help=words, description=f"{words} {CAUTION}")
    steps = parser.add_subparsers(metavar="STEP", required=True, title="steps")
    _add_propose(steps)
    _add_apply(steps)
    _add_check(steps)
    add_command(steps, "rules", "List the kinds that are looked for, and the rules of each.", _rules)


def _add_corpus(parser: argparse.ArgumentParser) -> None:
    """Add which corpus, and the day of consent."""
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="a corpus folder")
    parser.add_argument(
        "--as-of", metavar="DAY", help="consent as of this day, YYYY-MM-DD (needed where people speak)"
    )


def _add_rules(parser: argparse.ArgumentParser) -> None:
    """Add what to look for."""
    group = parser.add_argument_group("what to look for")
    group.add_argument(
        "--roster", type=Path, metavar="FILE", help="whose names: label, speaker_id, person_id, role"
    )
    group.add_argument("--places", type=Path, metavar="FILE", help="places, one a line")
    group.add_argument(
        "--settings", type=Path, metavar="FILE", help="a .toml file with only, without, also, places, columns"
    )
    group.add_argument("--only", nargs="+", default=[], metavar="KIND", help="these kinds or rules alone")
    group.add_argument("--without", nargs="+", default=[], metavar="KIND", help="not these kinds or rules")
    group.add_argument("--also", nargs="+", default=[], metavar="RULE", help="rules that are off by default")
    group.add_argument(
        "--columns", nargs="+", default=[], metavar="FILE:COLUMN", help="further columns to look through"
    )
    group.add_argument(
        "--model", default="", metavar="NAME", help="a spaCy model on this computer, through Presidio"
    )


def _add_propose(steps: argparse._SubParsersAction) -> None:
    words = "Write every proposed change into a private table, to be accepted or rejected."
    parser = add_command(steps, "propose", words, _propose)
    _add_corpus(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the review table (.csv)")
    parser.add_argument(
        "--pseudonyms",
        type=Path,
        metavar="FILE",
        help="the private table of pseudonyms (default: beside the roster)",
    )
    _add_rules(parser)


def _propose(options: argparse.Namespace) -> int:
    from peercompare.corpus import read_manifest
    from peercompare.deidentify.applying import cautions
    from peercompare.deidentify.proposals import propose, write_review
    from peercompare.deidentify.pseudonyms import beside, open_pseudonyms
    from peercompare.files import refuse_to_overwrite

    must_exist(options.corpus)
    refuse_to_overwrite(options.out)
    finder, columns = _finder(options)
    pseudonyms: Pseudonyms | None = None
    if options.roster:
        name = read_manifest(options.corpus).name
        table = options.pseudonyms or beside(options.roster, name)
        pseudonyms = open_pseudonyms(table, name)
    proposals = propose(options.corpus, finder, as_of=options.as_of, pseudonyms=pseudonyms, columns=columns)
    if pseudonyms is not None and pseudonyms.persons:
        tell(f"Wrote {pseudonyms.write(table)}: it leads back to people; keep it with the roster.")
    out, about = write_review(proposals, options.out)
    for kind, count in proposals.counts().items():
        if count:
            print(f"{kind}: {count} proposed")
    _say(cautions(proposals.about))
    tell(
        f"Wrote {len(proposals.rows)} proposals to {out} (PRIVATE: it holds people's words) and {about}. "
        "Write yes or no into the column accept of every row, and who you are into reviewer."
    )
    return DONE


def _add_apply(steps: argparse._SubParsersAction) -> None:
    words = "Make a new corpus folder with the accepted changes; the old one stays as it is."
    parser = add_command(steps, "apply", words, _apply)
    _add_corpus(parser)
    parser.add_argument("review", type=Path, metavar="REVIEW", help="the review table, every row decided")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the new corpus folder")


def _apply(options: argparse.Namespace) -> int:
    from peercompare.deidentify.applying import apply_review

    must_exist(options.corpus, options.review)
    done = apply_review(options.corpus, options.review, options.out, as_of=options.as_of)
    for row in done.counts.itertuples():
        print(f"{row.kind}: {row.accepted} replaced, {row.rejected} kept")
    _say(done.caution)
    if done.left_out_documents:
        tell(f"Left out by consent: {', '.join(done.left_out_documents)}.")
    if done.left_out_files:
        tell(f"Not carried on, since nobody looked through them: {', '.join(done.left_out_files)}.")
    tell(f"Wrote {done.folder}, not encrypted. Look again with `peercompare deidentify check`.")
    return DONE


def _add_check(steps: argparse._SubParsersAction) -> None:
    words = "Count what the rules still find in a corpus, by kind, without anybody's words."
    parser = add_command(steps, "check", words, _check)
    _add_corpus(parser)
    _add_rules(parser)


def _check(options: argparse.Namespace) -> int:
    from peercompare.deidentify.applying import cautions
    from peercompare.deidentify.checking import remaining

    must_exist(options.corpus)
    finder, columns = _finder(options)
    show(remaining(options.corpus, finder, as_of=options.as_of, columns=columns))
    _say(cautions({"looked_for": finder.kinds_on, "switched_off": finder.off}))
    return DONE


def _rules(options: argparse.Namespace) -> int:
    from peercompare.deidentify.kinds import KINDS, NOT_IN_TEXT
    from peercompare.deidentify.rules import ALL_RULES, OFF_UNLESS_ASKED

    for kind in KINDS.values():
        print(f"{kind.id} ({kind.paragraph}): {kind.words}")
        own = [rule for rule, of in ALL_RULES.items() if of == kind.id]
        marked = [f"{rule} (off unless asked for)" if rule in OFF_UNLESS_ASKED else rule for rule in own]
        print(f"    {', '.join(marked)}" if kind.id not in NOT_IN_TEXT else "    cannot stand in a text")
    print("The letters are those of 45 CFR 164.514(b)(2)(i).")
    return DONE


def _finder(options: argparse.Namespace) -> tuple[Detector, list[str]]:
    """Return the rules that the options name, and the further columns."""
    from peercompare.deidentify.presidio import load_presidio
    from peercompare.deidentify.rules import Switches, detector
    from peercompare.deidentify.settings import read_places, read_settings
    from peercompare.readers.roster import read_roster

    told = read_settings(options.settings)
    places = [*told["places"], *read_places(options.places)]
    switches = Switches(*([*told[name], *getattr(options, name)] for name in ("only", "without", "also")))
    finder = detector(
        roster=read_roster(options.roster) if options.roster else None,
        places=places,
        switches=switches,
        model=load_presidio(options.model) if options.model else None,
    )
    return finder, [*told["columns"], *options.columns]


def _say(lines: Iterable[str]) -> None:
    """Say what was looked for and what this is not."""
    for line in lines:
        tell(line)
