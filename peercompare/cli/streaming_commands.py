"""Predictions for more texts than memory holds, as `peercompare predict` makes them into a folder."""

from __future__ import annotations

import argparse

from peercompare.cli.cluster_commands import on_cluster, predict_on
from peercompare.cli.shared import CAUTION, COULD_NOT_RUN, DONE, tell
from peercompare.errors import InputError


def is_streamed(options: argparse.Namespace) -> bool:
    """Tell whether predictions are asked for part by part: from JSONL, into a folder, or on a cluster."""
    return options.texts.suffix == ".jsonl" or not options.out.suffix or on_cluster(options)


def predict_parts(options: argparse.Namespace) -> int:
    """Predict part by part, and go on where an earlier call was stopped."""
    _check(options)
    if on_cluster(options):
        return predict_on(options)
    from peercompare.classifier import load_model
    from peercompare.classifier.fast import predict_stream

    model = load_model(options.model, corpora=options.corpus)
    found = predict_stream(model, options.texts, options.out, rows=options.rows_of_part)
    written = f"the probabilities of {found.n_rows} segments, in {found.n_parts} parts, to {options.out}"
    if not found.complete:
        tell(f"Stopped after writing {written}. The same command goes on from there.")
        return COULD_NOT_RUN
    tell(f"Wrote {written}. {CAUTION}")
    return DONE


def _check(options: argparse.Namespace) -> None:
    """Refuse what can only be done with the whole table at hand."""
    if options.out.suffix:
        raise InputError(
            f"{options.texts} is predicted part by part, and {options.out.name} is one file",
            remedy="give --out a folder: a name without an ending",
        )
    whole = ("columns", "cut", "another_genre", "force")
    asked = [f"--{name.replace('_', '-')}" for name in whole if getattr(options, name, None)]
    if asked:
        named = ", ".join(asked)
        raise InputError(
            f"{named} cannot be used where texts are predicted part by part",
            remedy="name the columns segment_id, document_id and text, cut documents before, and name a new "
            "folder; or give one table and a file that ends in .csv or .parquet",
        )
