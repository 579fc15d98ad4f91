"""Which kind of model a command trains; and the subcommand that shows what a model takes for alike."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.cli.shared import (
    DONE,
    add_command,
    add_gate,
    add_out,
    must_exist,
    open_named,
    save,
    show,
    tell,
)
from peercompare.errors import InputError
from peercompare.files import refuse_to_overwrite

if TYPE_CHECKING:
    from peercompare.classifier.model import Learn

NGRAM = "ngram"
MODELS = (NGRAM, "embedding", "finetuned", "hybrid", "stack")


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    words = "Show the coded segments that a model on embeddings takes for most like a text."
    parser = add_command(commands, "nearest", words, _nearest)
    parser.add_argument("model", type=Path, metavar="MODEL")
    parser.add_argument("texts", type=Path, metavar="TEXTS", help="a table with segment_id and text")
    parser.add_argument("corpus", nargs="+", type=Path, metavar="CORPUS", help="coded corpora to look in")
    parser.add_argument("--neighbours", type=int, default=5, metavar="N", help="of each text (default: 5)")
    add_gate(parser)
    add_out(parser, what="the neighbours (.csv or .parquet)")


def _nearest(options: argparse.Namespace) -> int:
    from peercompare.classifier import load_model
    from peercompare.classifier.embeddings import nearest_coded
    from peercompare.usertables import read_table

    must_exist(options.model, options.texts, *options.corpus)
    if options.out:
        refuse_to_overwrite(options.out, force=options.force)
    corpora = [open_named(path, options) for path in options.corpus]
    model = load_model(options.model, corpora[0].framework, corpora=corpora)
    table = nearest_coded(model, read_table(options.texts), corpora, n_neighbours=options.neighbours)
    show(table)
    hidden = int(table.drop_duplicates("segment_id")["n_not_shown"].sum())
    tell(f"{hidden} more are not shown, because not everybody heard in them agreed to quotation.")
    save(table, options)
    return DONE


def add_kind(parser: argparse.ArgumentParser) -> None:
    """Add what says which kind of model is trained."""
    parser.add_argument(
        "--model", choices=MODELS, default=NGRAM,
        help="word and character n-grams (default); frozen sentence embeddings; a fine-tuned encoder; "
        'the first two pooled; all three. All but the first need pip install "peercompare[embeddings]"',
    )  # fmt: skip
    parser.add_argument(
        "--encoder", metavar="FOLDER|NAME", help="the sentence encoder: a folder, or a name on a model hub"
    )
    parser.add_argument(
        "--examples-weight", type=float, default=0.5, metavar="W",
        help="what each coded example that comes with the framework counts, a segment counting 1; 0 leaves "
        "them out (default: 0.5)",
    )  # fmt: skip


def learner_of(options: argparse.Namespace) -> Learn:
    """Return what learns models of the kind that the options name.

    Raises
    ------
    InputError
        If an encoder is missing, or named for a model that has none.
    """
    from peercompare.classifier import train

    if options.model == NGRAM:
        if options.encoder:
            raise InputError("The n-gram model has no encoder", remedy="leave --encoder out, or name --model")
        return partial(train, examples_weight=options.examples_weight)
    from peercompare.classifier.embeddings import learner, user_cache

    if not options.encoder:
        raise InputError(
            f"--model {options.model} needs an encoder", remedy="name a folder or a hub's name with --encoder"
        )
    told = {"cache": user_cache(), "examples_weight": options.examples_weight}
    return learner(options.model, options.encoder, **told)
