"""How long estimates take, and in how much memory: python tests/benchmarks/bench_drift_speed.py.

Estimates shares, indices and slopes over all dimensions of the shipped framework from a sampled, predicted
corpus: 60 workers in 12 months with 40 segments a session, which is to take less than 2 s; and with --large a
million segments of 500 workers, which is to take less than 30 s. Prints seconds of one processor (which is
what a quiet machine takes), best of several runs on the small corpus, and the largest memory that the process
held.
"""

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd

from peercompare.drift import Plan, estimate_table, trend_table
from peercompare.framework import read_framework

PLAN = Plan("made_up", "worker_id")
CODED = 0.05
GROUPS = ("all", "site_id")


def made_up(framework, workers, months, segments):
    """Return scores of a sampled and predicted corpus, as `with_sample` and `with_predictions` leave them."""
    rng = np.random.default_rng(1)
    n = workers * months * segments
    document = np.arange(n) // segments
    worker, month = document // months, document % months
    stance = rng.integers(0, len(framework.labels), n)
    features = np.eye(len(framework.labels))[stance] + rng.gamma(1.0, size=(n, len(framework.labels)))
    coded = rng.random(n) < CODED
    dimension = np.array(framework.dimension_ids, dtype=object)[
        rng.integers(0, len(framework.dimension_ids), n)
    ]
    share = np.where(coded[:, None], np.eye(len(framework.labels))[stance], np.nan)
    table = pd.DataFrame(
        {
            "segment_id": pd.array(np.char.add("S", np.arange(n).astype(str)), dtype="str"),
            "document_id": pd.Categorical.from_codes(
                document, [f"D{number}" for number in range(document[-1] + 1)]
            ),
            "worker_id": pd.Categorical.from_codes(worker, [f"W{number}" for number in range(workers)]),
            "site_id": pd.Categorical.from_codes(
                worker // 10, [f"S{number}" for number in range(-(-workers // 10))]
            ),
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta(30 * month, unit="D"),
            "dimension": np.where(coded & (stance > 0), dimension, None),
        }
    )
    table["coded"], table["pi"], table["taking"], table["changed"] = coded, CODED, coded & (stance > 0), False
    table["coded_dimension"], table["variant"], table["population"] = table["dimension"], "as_coded", ""
    table[[f"share_{label}" for label in framework.labels]] = share
    table[[f"p_{label}" for label in framework.labels]] = features / features.sum(axis=1, keepdims=True)
    return table


def seconds(scores, framework):
    """Return how long the tables take."""
    start = time.process_time()
    asked = {"plan": PLAN, "labels": "probability_sample", "group_by": GROUPS}
    shares = estimate_table(scores, framework, **asked)
    middle = time.process_time()
    trend_table(scores, framework, per="month", **asked)
    if shares["estimate"].isna().all():
        raise RuntimeError("nothing was estimated")
    return middle - start, time.process_time() - middle


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    framework = read_framework("deegan2017")
    size = (500, 50, 40) if options.large else (60, 12, 40)
    scores = made_up(framework, *size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best = min((seconds(scores, framework) for _ in range(1 if options.large else options.runs)), key=sum)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    words = f"{len(scores)} segments: shares {best[0]:.2f} s, slopes {best[1]:.2f} s"
    sys.stdout.write(f"{words}; memory {before:.0f} MB before, {peak:.0f} MB at most\n")


if __name__ == "__main__":
    main()
