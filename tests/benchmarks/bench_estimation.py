"""Prediction-powered estimates side by side: this package and ppi-python, on the same arrays.

Run from the root of the repository: ``python tests/benchmarks/bench_estimation.py [--segments 1000000]``.
A share of segments, of which one in twenty is coded at random and all are predicted. With predictions taken
as they are both packages compute the same estimate, up to how the coded part is weighted (by one over its
probability, or by its number); ours has intervals by cluster, ppi-python by segment. What this package
publishes also fits predictions to codings, by other clusters' codings alone, and says four labels at once.
``ppi-python`` gets an environment of its own. The floor is reading the file.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from side_by_side import Way, in_turn, keep

OURS = """
import numpy as np
from peercompare.drift.ratios import ratio_of_totals
from peercompare.drift.rectified import cluster_totals, pseudo_outcome, rectify

def load(path):
    held = np.load(path)
    return {name: held[name] for name in held}

def work(held):
    coded, pi, clusters = held["coded"], held["pi"], held["clusters"]
    known = np.where(coded, held["y"], 0.0)[:, None]
    values = {values}
    n_clusters = clusters.max() + 1
    tops = cluster_totals(values, clusters, n_clusters)
    bottoms = cluster_totals(np.ones_like(values), clusters, n_clusters)
    found = ratio_of_totals(tops, bottoms, bounds=(0.0, 1.0))
    return float(found.estimate[0])
"""
AS_THEY_ARE = 'pseudo_outcome(known, held["predicted"][:, None].copy(), coded, pi)'
FITTED = 'rectify(known, coded, pi, clusters, features=held["predicted"][:, None]).values'
PEER = """
import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

def load(path):
    held = np.load(path)
    return held["y"], held["predicted"], held["coded"]

def work(state):
    y, predicted, coded = state
    ppi_mean_ci(y[coded], predicted[coded], predicted, alpha=0.05, lam=1)
    return float(ppi_mean_pointestimate(y[coded], predicted[coded], predicted, lam=1)[0])
"""
FLOOR = """
import numpy as np

def load(path):
    return path

def work(path):
    held = np.load(path)
    return float(sum(held[name].nbytes for name in held))
"""
WAYS = (
    Way("predictions as they are", OURS.replace("{values}", AS_THEY_ARE)),
    Way("predictions fitted to codings", OURS.replace("{values}", FITTED)),
    Way("ppi-python", PEER, ("ppi-python",)),
    Way("reading the file", FLOOR),
)
NEAR = 0.01


def write_data(path, n, *, seed=20170621):
    """Write n segments of 200 clusters, one in twenty coded."""
    rng = np.random.default_rng(seed)
    clusters = np.sort(rng.integers(200, size=n))
    truth = np.clip(0.4 + 0.1 * rng.standard_normal(200), 0, 1)[clusters]
    y = (rng.random(n) < truth).astype(float)
    predicted = np.clip(0.6 * y + 0.25 + 0.15 * rng.standard_normal(n), 0, 1)
    np.savez(
        path, y=y, predicted=predicted, coded=rng.random(n) < 0.05, pi=np.full(n, 0.05), clusters=clusters
    )


def main():
    """Compare, and keep the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "segments.npz"
        write_data(data, options.segments)
        table = in_turn(WAYS, data, rounds=options.rounds)
    told = table.loc[table["way"] != "reading the file", "value"]
    if told.max() - told.min() > NEAR:
        sys.exit(f"the ways do not agree on the share: {told.tolist()}")
    keep("estimation", table, title=f"A share of {options.segments:,} segments, one in twenty coded")


if __name__ == "__main__":
    main()
