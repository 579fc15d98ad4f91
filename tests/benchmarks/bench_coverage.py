"""Whether intervals keep their promise: python tests/benchmarks/bench_coverage.py.

Tries every estimator on 1,000 made-up studies of each kind: 8 to 60 workers, a weak, a strong and a useless
classifier, errors that are the same everywhere or lean by site and drift over time, even and uneven chances
of being coded. Results are kept in coverage.csv beside this file (columns: `peercompare.drift.validity`); a
kind of study that stands there with as many replicates is not tried again, so that a run that was cut short
goes on. Prints coverage, bias and width, and which results miss the figures to reach.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import pandas as pd

from peercompare.drift.validity import ESTIMATORS, RESULTS, grid, judge, try_estimators

CACHE = Path(__file__).with_name("coverage.csv")
KIND = list(RESULTS[:4])
SEED = 20170621
TUNED_FROM = 60
"""Workers from which power tuning is tried; below 100 the tables refuse it."""


def tried(names, scenario, replicates, number):
    """Try one kind of study; kinds have seeds of their own, so that their results are independent."""
    tuned = names["n_workers"] >= TUNED_FROM
    asked = [name for name in ESTIMATORS if tuned or name != "power_tuned"]
    table = try_estimators(scenario, replicates=replicates, seed=[SEED, number], estimators=asked)
    return table.assign(**names)[list(RESULTS)]


def known(replicates, path):
    """Return the results that need not be made again."""
    if not path.exists():
        return pd.DataFrame(columns=list(RESULTS))
    table = pd.read_csv(path)
    return table[table["n_replicates"] == replicates]


def run(replicates, processes, path=CACHE):
    """Try what was not tried yet, and keep each result as it comes."""
    table = known(replicates, path)
    done = set(table[KIND].itertuples(index=False, name=None))
    kinds = list(enumerate(grid()))
    left = [(n, *kind) for n, kind in kinds if tuple(kind[0].values()) not in done]
    left.sort(key=lambda kind: -kind[1]["n_workers"])
    with ProcessPoolExecutor(processes) as pool:
        waiting = [pool.submit(tried, names, kind, replicates, number) for number, names, kind in left]
        for number, future in enumerate(as_completed(waiting), start=1):
            fresh = future.result()
            table = pd.concat([table, fresh], ignore_index=True) if len(table) else fresh
            table = table.sort_values(KIND, kind="stable", ignore_index=True)
            table.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
            sys.stderr.write(f"{number} of {len(left)} kinds of study\n")
    return table


def narrower(table):
    """Return how much narrower rectified intervals are than those of the sampled codings alone."""
    wide = table.pivot_table(index=[*KIND, "estimand", "target"], columns="estimator", values="width")
    return (1 - wide["rectified"] / wide["expert_only"]).dropna().rename("narrower").reset_index()


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=CACHE)
    options = parser.parse_args()
    table = judge(run(options.replicates, options.processes, options.out))
    by = ["estimator", "estimand", "target"]
    sys.stdout.write(table.pivot_table(index=KIND, columns=by, values="coverage").round(3).T.to_string())
    ours = table[(table["estimator"] == "rectified") & (table["estimand"] != "slope_two_stage")]
    sys.stdout.write(f"\n\n{len(ours)} rectified results: {(~ours['covers']).sum()} outside [.93, .97], ")
    sys.stdout.write(f"{(~ours['unbiased']).sum()} with bias beyond two Monte Carlo standard errors\n")
    missed = ours[~ours["covers"] | ~ours["unbiased"]]
    sys.stdout.write(missed.round(4).to_string(index=False) + "\n\n")
    sys.stdout.write(narrower(table).round(3).to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
