"""How models on embeddings fare: python tests/benchmarks/bench_embeddings.py ENCODER [OUT.csv] [--tuned].

On each shipped corpus, out of five grouped folds (whole employers or workers held out, near-duplicates with
them): the classifier of the base install, frozen embeddings, with --tuned a fine-tuned encoder, and pools of
them. In each fold every classifier is fitted once; what pools and calibrates them and the rule that names
labels are fitted to the predictions of the other folds. `peercompare evaluate --model stack` fits these in
inner folds of each fold instead, which takes four times as long. With OUT.csv the table is written after each
corpus. What was chosen (heads, layers, epochs) was chosen on folds of these same corpora, seed 1.
"""

import argparse
import sys
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone

from peercompare.classifier import scores_table, training_table
from peercompare.classifier.decision import NAMED, choose_rule
from peercompare.classifier.embeddings import make_stack, user_cache
from peercompare.classifier.embeddings.learning import FINETUNED, NGRAM
from peercompare.classifier.embeddings.stack import LEAST, fit_pool
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.training import analysed_segments, leading_labels
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ("job_descriptions", "session_transcripts")


def members(corpus, encoder, seed, *, tuned, n_folds=5):
    """Predict out of fold by each classifier; return probabilities by name, folds and seconds."""
    stack = make_stack("stack", encoder, seed=seed, framework=corpus.framework, cache=user_cache())
    chosen = [(name, each) for name, each in stack.estimators if tuned or name != FINETUNED]
    table, segments = training_table(corpus), analysed_segments(corpus)
    leading = segments["segment_id"].map(leading_labels(table)).fillna("")
    folds = grouped_folds(leading, segments["group"], n_folds=n_folds, seed=seed)
    found = {name: np.zeros((len(segments), len(corpus.framework.labels))) for name, _ in chosen}
    seconds = dict.fromkeys(found, 0.0)
    for _, test, teaching in held_out(folds, near_duplicates(segments["text"])):
        rows = table[table["segment_id"].isin(set(segments["segment_id"][teaching]))].reset_index(drop=True)
        y = pd.Index(corpus.framework.labels).get_indexer(rows["label"])
        for name, each in chosen:
            groups = {"groups": rows["group"].to_numpy()} if name == NGRAM else {}
            start = time.perf_counter()
            fitted = clone(each).fit(rows, y, sample_weight=rows["weight"].to_numpy(), **groups)
            found[name][np.ix_(test, fitted.classes_)] = fitted.predict_proba(segments[test])
            seconds[name] += time.perf_counter() - start
    return found, folds, seconds


def pooled(corpus, names, found, folds):
    """Pool some classifiers; each fold's pool and rule are fitted to the other folds."""
    labels, segments, table = list(corpus.framework.labels), analysed_segments(corpus), training_table(corpus)
    logs = np.log(np.clip(np.stack([found[name] for name in names], axis=1), LEAST, 1.0))
    row = pd.Index(segments["segment_id"]).get_indexer(table["segment_id"])
    y, weights = pd.Index(labels).get_indexer(table["label"]), table["weight"].to_numpy()
    told, named = np.zeros((len(segments), len(labels))), np.empty(len(segments), dtype=object)
    for fold in range(folds.max() + 1):
        here, others = folds == fold, folds[row] != fold
        pool = fit_pool(logs[row[others]], y[others], weights[others])
        rule = choose_rule(pool.probabilities(logs[row[others]]), y[others], weights[others])
        told[here] = pool.probabilities(logs[here])
        named[here] = np.array(labels)[(told[here] * rule).argmax(axis=1)]
    frame = pd.DataFrame(told, columns=labels).assign(segment_id=segments["segment_id"].to_numpy())
    return frame.assign(**{NAMED: named})


def rows_of(corpus, found, folds, seed):
    """Score every classifier and every pool of some."""
    for size in range(1, len(found) + 1):
        for names in combinations(found, size):
            scores = scores_table(corpus, pooled(corpus, names, found, folds), waive=True)
            at = scores.set_index(["score", "label"])
            whole = at.loc[("macro_f1", "")]
            yield {
                "corpus": corpus.name,
                "model": " + ".join(names),
                "seed": seed,
                "macro_f1": whole["estimate"],
                "lower": whole["lower"],
                "upper": whole["upper"],
                "calibration_error": at.loc[("calibration_error", ""), "estimate"],
                **{f"f1_{label}": at.loc[("f1", label), "estimate"] for label in corpus.framework.labels},
            }


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--tuned", action="store_true", help="with a fine-tuned encoder, which takes an hour")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 2])
    options = parser.parse_args()
    rows = []
    for seed in options.seeds:
        for name in CORPORA:
            purposes = ("analysis", "training")
            corpus = open_corpus(ROOT / "corpora" / name, purpose=purposes, as_of="2024-06-30")
            found, folds, seconds = members(corpus, options.encoder, seed, tuned=options.tuned)
            rows += rows_of(corpus, found, folds, seed)
            table = pd.DataFrame(rows).round(4)
            sys.stdout.write(f"{table.to_string(index=False)}\nseconds of five fits: {seconds}\n")
            if options.out:
                table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
