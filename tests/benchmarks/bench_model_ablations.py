"""What each part of the base classifier brings: python tests/benchmarks/bench_model_ablations.py [OUT.csv].

On each shipped corpus, out of grouped folds (whole employers or workers held out, near-duplicates with them):
the classifier as it is, and with one part left out at a time, or all. For each, macro-F1 and the difference
from the whole, paired on the same segments, with the interval of `compare_predictions` over employers or
workers; the mean over the fold seeds is shown beside the lowest and the highest. With OUT.csv the table is
written after each variant. Settings were chosen on folds of these same corpora: see the classifier notebook.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.classifier import compare_predictions, out_of_fold, scores_table, train
from peercompare.classifier.decision import NAMED
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ("session_transcripts", "job_descriptions")
WHOLE, RULE = "the whole", "the rule that names labels"
EXAMPLES = "the framework's examples"
PARTS = {
    WHOLE: {},
    EXAMPLES: {"examples_weight": 0.0},
    "context": {"settings": {"context": False}},
    "the codebook's words": {"settings": {"codebook": ()}},
    "marking of refusals": {"settings": {"refusals": False}},
    "masks of names, titles, figures": {"settings": {"mask": False}},
}
ALL_OUT = {
    "examples_weight": 0.0,
    "settings": {"context": False, "codebook": (), "refusals": False, "mask": False},
}
SIZES = ["n_segments", "n_clusters", "confidence_level"]
COLUMNS = (
    "corpus left_out macro_f1 lowest highest difference lower upper calibration_error n_seeds".split() + SIZES
)


def row_of(corpus, left_out, predictions, whole):
    """Score one variant over seeds, against the whole with the same seeds."""
    scores = [scores_table(corpus, each, waive=True).set_index(["score", "label"]) for each in predictions]
    macro = [float(each.xs("macro_f1")["estimate"].iloc[0]) for each in scores]
    error = [float(each.xs("calibration_error")["estimate"].iloc[0]) for each in scores]
    row = {"corpus": corpus.name, "left_out": left_out, "macro_f1": np.mean(macro), "lowest": min(macro)}
    row |= {"highest": max(macro), "calibration_error": np.mean(error), "n_seeds": len(macro)}
    if left_out == WHOLE:
        return row
    pairs = [
        compare_predictions(corpus, one, other, names=("without", "whole"), seed=0, waive=True)
        for one, other in zip(predictions, whole, strict=True)
    ]
    compared = pd.concat([pair[pair["score"] == "macro_f1"] for pair in pairs])
    row |= compared[SIZES].iloc[0].to_dict()
    return row | dict(
        zip(("difference", "lower", "upper"), compared[["estimate", "lower", "upper"]].mean(), strict=True)
    )


def variants(corpus, seeds):
    """Yield each variant's name and its predictions by seed."""
    for name, left_out in PARTS.items():
        found = [out_of_fold(corpus, seed=seed, learn=partial(train, **left_out)) for seed in seeds]
        yield name, found
        if name == WHOLE:
            yield RULE, [each.drop(columns=NAMED) for each in found]
    bare = [out_of_fold(corpus, seed=seed, learn=partial(train, **ALL_OUT)) for seed in seeds]
    yield "all of these", [each.drop(columns=NAMED) for each in bare]


def main():
    """Run all variants and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--corpora", nargs="+", default=CORPORA)
    options = parser.parse_args()
    rows = []
    for name in options.corpora:
        corpus, whole = open_corpus(ROOT / "corpora" / name, as_of="2024-06-30"), None
        for left_out, predictions in variants(corpus, options.seeds):
            whole = whole or predictions
            rows.append(row_of(corpus, left_out, predictions, whole))
            table = pd.DataFrame(rows).reindex(columns=COLUMNS).round(4)
            sys.stdout.write(table.tail(1).to_string(header=len(rows) == 1, index=False) + "\n")
            if options.out:
                table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
