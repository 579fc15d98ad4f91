"""What each part of the base classifier brings: python tests/benchmarks/bench_model_ablations.py [OUT.csv].

On each shipped corpus, out of grouped folds (whole employers or workers held out, near-duplicates with them):
the classifier as it is, and with one part left out at a time, or all. For each, macro-F1 and the difference
from the whole, paired on the same segments, with the interval of `compare_predictions` over employers or
workers; the mean over the fold seeds is shown beside the lowest and the highest. With OUT.csv the table is
written after each variant. Settings were chosen on folds of these same corpora: see the classifier notebook.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.classifier import compare_predictions, scores_table, training_table
from peercompare.classifier.codebook import codebook_examples, title_words
from peercompare.classifier.decision import NAMED
from peercompare.classifier.pipeline import fit_classifier
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.training import analysed_segments, leading_labels
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ("session_transcripts", "job_descriptions")
WHOLE, RULE = "the whole", "the rule that names labels"
PARTS = {
    WHOLE: {},
    "context": {"context": False},
    "the codebook's words": {"examples": ()},
    "marking of refusals": {"refusals": False},
    "masks of names, titles, figures": {"mask": False},
}
ALL_OUT = {key: value for settings in PARTS.values() for key, value in settings.items()}
COLUMNS = "corpus left_out macro_f1 lowest highest difference lower upper calibration_error n_seeds".split()


def out_of_fold(corpus, settings, seed, n_folds=5):
    """Predict as `peercompare.classifier.out_of_fold` does, without what it says of documents."""
    framework, labels = corpus.framework, list(corpus.framework.labels)
    table, segments = training_table(corpus), analysed_segments(corpus)
    leading = segments["segment_id"].map(leading_labels(table)).fillna("")
    folds = grouped_folds(leading, segments["group"], n_folds=n_folds, seed=seed)
    usual = {"titles": title_words(framework), "examples": codebook_examples(framework)}
    found, named = np.zeros((len(segments), len(labels))), np.empty(len(segments), dtype=object)
    for _, test, teaching in held_out(folds, near_duplicates(segments["text"])):
        rows = table[table["segment_id"].isin(set(segments["segment_id"][teaching]))]
        y, weights = pd.Index(labels).get_indexer(rows["label"]), rows["weight"].to_numpy()
        how = {"labels": labels, "seed": seed, "settings": {**usual, **settings}}
        fit = fit_classifier(rows, y, weights, rows["group"], **how)
        told = fit.pipeline.predict_proba(segments[test])
        found[np.ix_(test, fit.pipeline.classes_)] = told
        named[test] = np.array(labels)[fit.pipeline.classes_[(told * fit.rule).argmax(axis=1)]]
    table = pd.DataFrame(found, columns=labels).assign(segment_id=segments["segment_id"].to_numpy())
    return table.assign(fold=0, model_id="variant", **{NAMED: named})


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
    return row | dict(
        zip(("difference", "lower", "upper"), compared[["estimate", "lower", "upper"]].mean(), strict=True)
    )


def variants(corpus, seeds):
    """Yield each variant's name and its predictions by seed."""
    for name, settings in PARTS.items():
        found = [out_of_fold(corpus, settings, seed) for seed in seeds]
        yield name, found
        if name == WHOLE:
            yield RULE, [each.drop(columns=NAMED) for each in found]
    bare = [out_of_fold(corpus, ALL_OUT, seed).drop(columns=NAMED) for seed in seeds]
    yield "all of these", bare


def main():
    """Run all variants and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    rows = []
    for name in CORPORA:
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
