"""How models on embeddings fare beside the n-gram model, on employers, workers and genres never seen.

    python tests/benchmarks/bench_embeddings.py --encoder FOLDER --out scores.csv
        [--models embedding stack] [--parts job_descriptions session_transcripts genre behaviour]

Every part is written as soon as it is there, and one that stands in the file already is passed over: a
run can be stopped, taken up again, and parted among processes (each with a file of its own). Settings were
chosen on other seeds of the folds (1) than those measured here. The expensive part is fine-tuning: with five
folds, each calibrated in three inner ones, a stack is fine-tuned 20 times for each corpus.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import pandas as pd

from peercompare import open_corpus
from peercompare.classifier import (
    behaviour_cases,
    behaviour_table,
    out_of_fold,
    read_suite,
    scores_table,
    train,
    training_table,
)
from peercompare.classifier.embeddings import learner, user_cache
from peercompare.classifier.evaluation import genre_out_predictions
from peercompare.classifier.recentring import recentred
from peercompare.files import write_table

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ("job_descriptions", "session_transcripts")
NGRAM, GENRE, BEHAVIOUR = "ngram", "genre", "behaviour"
SEED = 0


def opened(name):
    return open_corpus(ROOT / "corpora" / name, purpose=("analysis", "training"), as_of="2024-06-30")


def measured(part, model, learn):
    """Return the scores of one part, with how long it took."""
    start = time.perf_counter()
    if part == GENRE:
        several = [opened(name) for name in CORPORA]
        tables = []
        for corpus, name, found in genre_out_predictions(several, seed=SEED, learn=learn):
            for design, each in {
                name: found,
                f"{name}, recentred": recentred(found, corpus.framework.labels),
            }.items():
                tables.append(scores_table(corpus, each, waive=True).assign(design=design))
        table = pd.concat(tables, ignore_index=True)
    elif part == BEHAVIOUR:
        corpora = [opened(name) for name in CORPORA]
        fitted = learn(training_table(corpora), corpora[0].framework, seed=SEED)
        suite = read_suite(corpora[0].framework.id)
        table = behaviour_table(behaviour_cases(fitted, suite), suite)
        table = table.assign(score="pass_rate", design=table["kind"] + " " + table["test"].astype(str))
    else:
        corpus = opened(part)
        predictions = out_of_fold(corpus, seed=SEED, learn=learn)
        table = scores_table(corpus, predictions, waive=True).assign(design="five grouped folds")
    return table.assign(part=part, model=model, seconds=round(time.perf_counter() - start))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=[NGRAM, "embedding", "stack"])
    parser.add_argument("--parts", nargs="+", default=[*CORPORA, GENRE, BEHAVIOUR])
    options = parser.parse_args()
    done = pd.read_csv(options.out) if options.out.exists() else pd.DataFrame(columns=["part", "model"])
    for model in options.models:
        learn = train if model == NGRAM else learner(model, options.encoder, cache=user_cache())
        for part in options.parts:
            if ((done["part"] == part) & (done["model"] == model)).any():
                continue
            table = measured(part, model, learn)
            done = pd.concat([done, table], ignore_index=True)
            write_table(done, options.out)
            shown = table[table["score"].isin(["macro_f1", "pass_rate", "calibration_error"])]
            columns = ["model", "design", "score", "label", "estimate", "lower", "upper", "seconds"]
            sys.stdout.write(shown[columns].to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
