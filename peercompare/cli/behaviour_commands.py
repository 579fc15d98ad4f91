"""Subcommand that tries a model on minimal pairs: behave."""

from __future__ import annotations

import argparse
from pathlib import Path

from peercompare.cli.shared import (
    CAUTION,
    DONE,
    add_command,
    add_corpora,
    add_out,
    must_exist,
    save,
    show,
    tell,
)
from peercompare.errors import InputError
from peercompare.files import refuse_to_overwrite, write_table


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    words = "Try a model on minimal pairs: what must not change its answer, and what must."
    parser = add_command(commands, "behave", words, _behave)
    parser.add_argument("model", type=Path, metavar="MODEL")
    parser.add_argument(
        "--suite", metavar="FILE", help="another suite (.toml); by default the one of the model's framework"
    )
    parser.add_argument("--cases", type=Path, metavar="FILE", help="write every case to this table too")
    parser.add_argument("--confidence-level", type=float, default=0.95)
    add_corpora(parser)
    add_out(parser, what="the pass rates (.csv or .parquet)")


def _behave(options: argparse.Namespace) -> int:
    from peercompare.classifier import load_model
    from peercompare.classifier.behaviour import behaviour_cases, behaviour_table
    from peercompare.classifier.suites import read_suite

    must_exist(options.model, *options.corpus)
    for path in (options.out, options.cases):
        if path is not None:
            refuse_to_overwrite(path, force=options.force)
    model = load_model(options.model, corpora=options.corpus)
    suite = read_suite(options.suite or model.facts["framework_id"])
    if suite.framework != model.facts["framework_id"]:
        raise InputError(
            f"The suite is for {suite.framework}, and the model for {model.facts['framework_id']}",
            remedy="name a suite for the model's framework with --suite",
        )
    cases = behaviour_cases(model, suite)
    table = behaviour_table(cases, suite, confidence_level=options.confidence_level)
    columns = ["kind", "test", "estimate", "lower", "upper", "n_cases", "n_sentences", "n_passed"]
    show(table[columns])
    tell(f"{suite.title}: sentences composed for this purpose. {CAUTION}")
    save(table, options)
    if options.cases is not None:
        write_table(cases, options.cases)
        tell(f"Wrote {len(cases)} cases to {options.cases}.")
    return DONE
