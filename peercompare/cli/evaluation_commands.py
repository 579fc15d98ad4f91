"""The subcommand that judges models, ours and anybody's: evaluate."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peercompare.cli.nearest_commands import NGRAM, add_kind, learner_of
from peercompare.cli.shared import (
    CAUTION,
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
from peercompare.errors import InputError, Problem
from peercompare.files import refuse_to_overwrite, write_table

if TYPE_CHECKING:
    import pandas as pd

    from peercompare.classifier.judging import EvaluationPlan
    from peercompare.corpus import Corpus

SHOWN_PARTS = {
    "ladder": ["corpus", "model", "estimate", "lower", "upper", "n_clusters", "n_segments", "reason"],
    "compared": ["corpus", "model", "against", "estimate", "lower", "upper", "p", "p_swapped", "reason"],
    "permuted": ["corpus", "model", "estimate", "p", "n_permutations"],
    "left_out": ["corpus", "design", "group", "estimate", "lower", "upper", "n_segments", "reason"],
    "genre_out": ["corpus", "design", "estimate", "lower", "upper", "n_segments", "reason"],
    "curve": ["corpus", "score", "n_taught", "gain", "estimate", "lower", "upper", "reason"],
}
"""What is printed of each part, over all labels; the file holds all of it."""


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    words = "Judge a classifier, or predictions from anywhere, on employers or workers never seen."
    parser = add_command(commands, "evaluate", words, _evaluate)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    _add_brought(parser)
    parser.add_argument(
        "--by", nargs="+", metavar="COLUMN",
        help="tell scores apart by dimension, year, near_duplicate or columns of documents.csv "
        "(default: dimension near_duplicate)",
    )  # fmt: skip
    parser.add_argument(
        "--leave-out", nargs="+", default=[], metavar="COLUMN",
        help="train without each site, year, setting ... in turn",
    )  # fmt: skip
    parser.add_argument("--curve", action="store_true", help="train on ever more documents")
    parser.add_argument("--mask-titles", action="store_true", help="also train and test with titles hidden")
    parser.add_argument(
        "--settings", nargs="+", default=[], metavar="NAME=VALUE[,NAME=VALUE]",
        help="let nested folds choose among these, for example alpha=3 alpha=10",
    )  # fmt: skip
    add_kind(parser)
    parser.add_argument("--folds", type=int, default=5, help="grouped folds (default: 5)")
    parser.add_argument("--seed", type=int, default=0, help="of folds, fits and permutations (default: 0)")
    parser.add_argument("--confidence-level", type=float, default=0.95)
    parser.add_argument(
        "--waive-if-composed", action="store_true", help="show a composed corpus's small cells"
    )
    add_gate(parser)
    add_out(parser, required=True, what="the table (.csv or .parquet)")


def _add_brought(parser: argparse.ArgumentParser) -> None:
    """Add the options about predictions from elsewhere."""
    parser.add_argument(
        "--predictions", nargs="+", type=Path, default=[], metavar="FILE",
        help="other models: segment_id and a probability column for each label, or a column label",
    )  # fmt: skip
    parser.add_argument("--against", type=Path, metavar="FILE", help="one more, to be compared with")
    parser.add_argument(
        "--only-predictions", action="store_true", help="train nothing: judge the files alone"
    )
    parser.add_argument(
        "--calibrated",
        type=Path,
        metavar="FILE",
        help="write the one predictions file, calibrated out of fold",
    )


def _evaluate(options: argparse.Namespace) -> int:
    from peercompare.classifier.judging import evaluate

    files = [*options.predictions, *([options.against] if options.against else [])]
    must_exist(*options.corpora, *files)
    refuse_to_overwrite(options.out, force=options.force)
    _check(options, files)
    corpora = [open_named(path, options) for path in options.corpora]
    brought = _brought(files, corpora)
    texts = {"titles masked": _masking(corpora[0])} if options.mask_titles else {}
    table = evaluate(corpora, _plan(options), predictions=brought, texts=texts)
    _print(table)
    save(table, options)
    if options.calibrated:
        _write_calibrated(corpora[0], brought[files[0].stem][corpora[0].name], options)
    return DONE


def _check(options: argparse.Namespace, files: list[Path]) -> None:
    """Refuse options that do not fit one another, all at once."""
    problems = []
    taken = [path.stem for path in files]
    problems += [
        Problem(str(path), "two models would have this name", "rename one of the files")
        for at, path in enumerate(files)
        if path.stem in taken[:at]
    ]
    if options.only_predictions and not files:
        problems.append(Problem("--only-predictions", "there are none", "name a file with --predictions"))
    if options.calibrated:
        refuse_to_overwrite(options.calibrated, force=options.force)
        if len(files) != 1 or len(options.corpora) != 1:
            problems.append(Problem("--calibrated", "takes one corpus and one predictions file"))
    trained = [name for name in ("leave_out", "curve", "mask_titles", "settings") if getattr(options, name)]
    if options.only_predictions:
        trained += ["model"] if options.model != NGRAM else []
        problems += [
            Problem(f"--{name.replace('_', '-')}", "needs training", "leave --only-predictions out")
            for name in trained
        ]
    if problems:
        raise InputError("These options do not fit one another", problems)


def _plan(options: argparse.Namespace) -> EvaluationPlan:
    """Turn the options into a plan."""
    from peercompare.classifier.judging import EvaluationPlan

    wanted = {
        "seed": options.seed, "n_folds": options.folds, "leave_out": tuple(options.leave_out),
        "ladder": not options.only_predictions, "curve": options.curve,
        "confidence_level": options.confidence_level, "waive": options.waive_if_composed,
        "candidates": tuple(_settings(word) for word in options.settings),
        "examples_weight": options.examples_weight,
    }  # fmt: skip
    learn = learner_of(options)
    wanted["learners"] = {} if options.model == NGRAM else {options.model: learn}
    return EvaluationPlan(**wanted, **({"by": tuple(options.by)} if options.by else {}))


def _settings(word: str) -> dict[str, Any]:
    """Read ``NAME=VALUE,NAME=VALUE``: numbers, true and false as such, anything else as text."""
    from peercompare.usertables import pair

    found = {}
    for each in word.split(","):
        name, value = pair(each)
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


def _brought(files: list[Path], corpora: list[Corpus]) -> Mapping[str, Mapping[str, pd.DataFrame]]:
    """Read every file for every corpus that it speaks of."""
    from peercompare.predictions import read_predictions, speaks_of

    return {
        path.stem: {
            corpus.name: read_predictions(path, corpus, among=corpora)
            for corpus in corpora
            if len(corpora) == 1 or speaks_of(path, corpus)
        }
        for path in files
    }


def _masking(corpus: Corpus) -> Callable[[str], str]:
    """Return what hides the words of titles in a text."""
    from peercompare.roles import mask_titles

    return lambda text: mask_titles(text, framework=corpus.framework)[0]


def _print(table: pd.DataFrame) -> None:
    """Print macro-F1 of each part, to read at once."""
    print("Macro-F1 (the table holds every score, label, group and confusion):")
    overall = table[(table["label"] == "") & table["score"].str.match("macro_f1|documents_needed|^$")]
    for part, columns in SHOWN_PARTS.items():
        rows = overall[overall["part"] == part]
        if len(rows):
            print(f"\n{part.replace('_', ' ')}")
            show(rows[columns])
    print(f"\n{CAUTION}")


def _write_calibrated(corpus: Corpus, predictions: pd.DataFrame, options: argparse.Namespace) -> None:
    """Write predictions with the probabilities that they deserve."""
    from peercompare.classifier.judging import recalibrated

    write_table(recalibrated(corpus, predictions, seed=options.seed), options.calibrated)
    tell(f"Wrote the calibrated probabilities to {options.calibrated}.")
