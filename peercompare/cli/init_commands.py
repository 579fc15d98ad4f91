"""The subcommand with which a study of one's own begins: init."""

from __future__ import annotations

import argparse
from pathlib import Path

from peercompare.cli.shared import CAUTION, DONE, add_command


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add ``init``."""
    words = "Make a folder for a study: study.toml, empty tables, a notebook and a sample to try it with."
    parser = add_command(commands, "init", words, _init)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or an empty one")
    parser.add_argument(
        "--genre",
        choices=["job_description", "session_transcript"],
        default="job_description",
        help="what the corpus will hold (default: job_description)",
    )
    parser.add_argument(
        "--as-of", metavar="DAY", help="the day for which consent is asked (default: today; it stays)"
    )


def _init(options: argparse.Namespace) -> int:
    from peercompare.consent.asking import checked_day
    from peercompare.study.starting import start_study

    folder = start_study(options.folder, genre=options.genre, as_of=checked_day(options.as_of))
    print(f"Made {folder}. Next:")
    print(f"  read {folder / 'README.md'}: it says what belongs where, and in which order")
    print(f"  fill {folder / 'my_corpus'}, or make it of an export: peercompare import EXPORT --out ...")
    print(f"  peercompare check {folder / 'study.toml'}")
    print(CAUTION)
    return DONE
