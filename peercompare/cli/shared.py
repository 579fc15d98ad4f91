"""What the subcommands share: options, opening a corpus, printing, writing where the user said."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.errors import SHOWN
from peercompare.files import refuse_to_overwrite, write_atomically, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.corpus import Corpus
    from peercompare.framework import Framework

CAUTION = "Not for hiring, discipline or pay: peercompare never ranks or flags a person."

DONE, PROBLEM, COULD_NOT_RUN = 0, 1, 2


def add_command(
    commands: argparse._SubParsersAction, name: str, words: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a subcommand whose help carries the caution."""
    parser = commands.add_parser(name, help=words, description=f"{words} {CAUTION}")
    parser.set_defaults(run=run)
    return parser


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Add the options of the consent gate."""
    parser.add_argument(
        "--as-of",
        metavar="DAY",
        help="consent as of this day, YYYY-MM-DD (needed where people speak)",
    )
    parser.add_argument(
        "--policy",
        choices=["exclude", "redact", "raise"],
        default="exclude",
        help="what to do where somebody's consent does not cover the purpose (default: exclude)",
    )


def add_out(parser: argparse.ArgumentParser, *, required: bool = False, what: str = "a file") -> None:
    """Add where to write, and whether a file may be replaced."""
    parser.add_argument("--out", metavar="FILE", type=Path, required=required, help=f"where to write: {what}")
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def add_framework(parser: argparse.ArgumentParser) -> None:
    """Add the choice of a framework."""
    parser.add_argument(
        "--framework",
        metavar="NAME",
        default="deegan2017",
        help="a shipped framework or a .toml file (default: deegan2017)",
    )


def add_cut(parser: argparse.ArgumentParser) -> None:
    """Add how the columns of a table are called, and whether its rows are whole documents."""
    parser.add_argument(
        "--cut", metavar="GENRE", help="rows are whole documents: cut them as this genre is cut"
    )
    parser.add_argument(
        "--columns",
        metavar="OURS=THEIRS",
        nargs="+",
        default=[],
        help="read only these columns, under our names: document_id=file text=body",
    )


def add_corpora(parser: argparse.ArgumentParser) -> None:
    """Add the corpora that trained a model, in which those whose words trained it are asked."""
    parser.add_argument(
        "--corpus",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="corpora that trained the model: their people are asked (needed where real people speak)",
    )


def tell(message: str) -> None:
    """Say something on standard error."""
    print(message, file=sys.stderr, flush=True)


FULL = (errno.ENOSPC, errno.EDQUOT)


def why_not(error: Exception) -> str:
    """Say what kept the system from working, and of a full disk how to go on."""
    if isinstance(error, OSError) and error.errno in FULL:
        return (
            f"{error}\nWhat to do: make room, then give the same command again. "
            "No file was left half written; what was not made anew yet is as it was."
        )
    return str(error)


def must_exist(*paths: Path) -> None:
    """Raise where nothing is at a path that the user named."""
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"there is nothing at {path}")


def framework_of(options: argparse.Namespace) -> Framework:
    """Read the framework that the options name."""
    from peercompare.framework import read_framework

    return read_framework(options.framework)


def open_named(
    path: Path, options: argparse.Namespace, *, purpose: str | tuple[str, ...] = "analysis"
) -> Corpus:
    """Open a corpus past the consent gate and say what the gate left out."""
    from peercompare.corpus import open_corpus

    must_exist(path)
    corpus = open_corpus(path, purpose=purpose, as_of=options.as_of, policy=options.policy)
    if len(corpus.left_out):
        tell(f"Consent gate: {describe(corpus)}.")
    if len(corpus.gone):
        tell(irreproducible(corpus))
    return corpus


def irreproducible(corpus: Corpus) -> str:
    """Say of a corpus opened as of an earlier day which of its words are gone since."""
    return gone_since(corpus.name, corpus.as_of, list(dict.fromkeys(corpus.gone["document_id"])))


def gone_since(name: str, day: object, documents: list[str]) -> str:
    """Say of which documents of a corpus words are gone since a day."""
    shown = ", ".join(documents[:SHOWN]) + (" ..." if len(documents) > SHOWN else "")
    return (
        f"{name}: words of {len(documents)} documents were removed after {day} ({shown}). "
        "Numbers as of that day cannot be reproduced; these are of what is left."
    )


def describe(corpus: Corpus) -> str:
    """Describe an opened corpus in a line."""
    text = f"{corpus.name}: {len(corpus.documents)} documents, {len(corpus.segments)} segments"
    if len(corpus.left_out):
        touched = corpus.left_out["document_id"].drop_duplicates()
        outcome = " and ".join(sorted(set(corpus.left_out["outcome"])))
        text += f"; {len(touched)} documents {outcome} by the consent gate ({', '.join(touched)})"
    return text


def cut_documents(documents: pd.DataFrame, framework: Framework, genre: str) -> pd.DataFrame:
    """Cut whole documents into segments and say which hold no text."""
    from peercompare.usertables import cut

    segments, silent = cut(documents, framework, genre)
    if silent:
        named = ", ".join(silent[:SHOWN]) + (" ..." if len(silent) > SHOWN else "")
        tell(f"{len(silent)} documents hold no text and give no segment: {named}")
    return segments


def put(text: str, options: argparse.Namespace) -> None:
    """Print a text, or write it where ``--out`` says."""
    if options.out is None:
        print(text)
        return
    refuse_to_overwrite(options.out, force=options.force)
    write_atomically(options.out, text)
    tell(f"Wrote {options.out}.")


def save(table: pd.DataFrame, options: argparse.Namespace) -> None:
    """Write a table where ``--out`` says, if it does."""
    if options.out is not None:
        refuse_to_overwrite(options.out, force=options.force)
        write_table(table, options.out)
        tell(f"Wrote {len(table)} rows to {options.out}.")


def show(table: pd.DataFrame) -> None:
    """Print a table to read: three decimals, an empty cell where there is no number."""
    print(table.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep=""))
