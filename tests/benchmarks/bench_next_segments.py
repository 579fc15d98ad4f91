"""What picked segments teach a classifier beside random ones: python tests/benchmarks/bench_next_segments.py.

On each shipped corpus, for each seed: a quarter of the employers or workers is held out; a model starts from
120 random segments of the others and twice gets 120 more, picked at random, by uncertainty, by diversity or
by both, from segments whose codes it has not seen. Prints macro-F1 on the held-out groups, and the mean
difference from random at the same number of segments, with a t interval over seeds (seeds share texts, so
that the intervals speak of the draw on these corpora and of nothing else).
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import f1_score

from peercompare.classifier import training_table
from peercompare.classifier.evaluation import true_labels
from peercompare.classifier.pipeline import fit_classifier
from peercompare.classifier.selection import WAYS, select_for_training
from peercompare.classifier.training import analysed_segments
from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
START, BATCH, ROUNDS = 120, 120, 2
RANDOM = "random"


class Material:
    """A corpus's segments, training rows and true labels."""

    def __init__(self, name):
        corpus = open_corpus(ROOT / "corpora" / name, purpose=("analysis", "training"), as_of="2024-06-30")
        self.name, self.labels = name, corpus.framework.labels
        self.rows = training_table(corpus)
        segments = analysed_segments(corpus)
        self.segments = segments[segments["segment_id"].isin(self.rows["segment_id"])].reset_index(drop=True)
        self.truth = true_labels(corpus)

    def fitted(self, ids):
        """Fit the usual classifier to the codings of some segments."""
        rows = self.rows[self.rows["segment_id"].isin(set(ids))]
        y = pd.Index(self.labels).get_indexer(rows["label"])
        weights = rows["weight"].to_numpy()
        return fit_classifier(rows, y, weights, rows["group"], labels=self.labels, seed=0).pipeline

    def predictions(self, pipeline, segments):
        """Lay out probabilities of segments."""
        found = np.zeros((len(segments), len(self.labels)))
        found[:, pipeline.classes_] = pipeline.predict_proba(segments)
        table = pd.DataFrame(found, columns=list(self.labels))
        return table.assign(segment_id=segments["segment_id"].to_numpy())

    def score(self, pipeline, held):
        """Return macro-F1 on the held-out segments."""
        found = self.predictions(pipeline, held)[list(self.labels)].to_numpy().argmax(axis=1)
        truth = self.truth.loc[held["segment_id"]]
        return f1_score(truth, np.array(self.labels)[found], average="macro")


def picked(material, way, known, pool, seed, pipeline):
    """Return the ids of the next batch."""
    left = pool[~pool["segment_id"].isin(known)]
    if way == RANDOM:
        return left["segment_id"].sample(BATCH, random_state=seed).tolist()
    asked = {"n": BATCH, "seed": seed, "by": way, "predictions": material.predictions(pipeline, left)}
    coded = pool[pool["segment_id"].isin(known)]
    return select_for_training(left, coded=coded, **asked)["segment_id"].tolist()


def curves(material, seed):
    """Yield way, number of segments and macro-F1 for one seed."""
    rng = np.random.default_rng(seed)
    groups = np.sort(material.segments["group"].unique())
    held_out = set(rng.permutation(groups)[: round(len(groups) / 4)])
    away = material.segments["group"].isin(held_out)
    held, pool = material.segments[away], material.segments[~away]
    start = pool["segment_id"].sample(START, random_state=seed).tolist()
    first = material.fitted(start)
    for way in (RANDOM, *WAYS):
        known, pipeline = list(start), first
        yield way, len(known), material.score(pipeline, held)
        for number in range(ROUNDS):
            known += picked(material, way, known, pool, 1000 * seed + number, pipeline)
            pipeline = material.fitted(known)
            yield way, len(known), material.score(pipeline, held)


def summary(table):
    """Return means over seeds, and differences from random with their intervals."""
    wide = table.pivot_table(index=["corpus", "n", "seed"], columns="way", values="macro_f1")
    rows = []
    for (corpus, n), part in wide.groupby(level=["corpus", "n"]):
        for way in part.columns:
            gap = part[way] - part[RANDOM]
            half = stats.t.ppf(0.975, len(gap) - 1) * gap.std(ddof=1) / np.sqrt(len(gap))
            rows.append((corpus, n, way, part[way].mean(), gap.mean(), gap.mean() - half, gap.mean() + half))
    return pd.DataFrame(rows, columns="corpus n way macro_f1 difference lower upper".split())


def main():
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    rows = []
    for name in ("job_descriptions", "session_transcripts"):
        material = Material(name)
        for seed in seeds:
            rows += [(name, seed, *row) for row in curves(material, seed)]
            sys.stderr.write(f"{name}: seed {seed}\n")
    table = pd.DataFrame(rows, columns="corpus seed way n macro_f1".split())
    sys.stdout.write(summary(table).round(3).to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
