"""Agreement side by side: this package, the krippendorff package, a plain loop, and reading the bytes.

Run from the root of the repository: ``python tests/benchmarks/bench_agreement.py [--units 100000]``. Four
coders, three values, a tenth missing, documents of one hundred units. Alpha of all ways must be the same;
that of the interval and of AC1 comes beside. ``krippendorff`` gets an environment of its own.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from side_by_side import Way, in_turn, keep

OURS = """
import numpy as np
from peercompare.agreement import agreement_interval, gwet_ac1, krippendorff_alpha

def load(path):
    held = np.load(path)
    return held["values"], held["documents"]

def work(state):
    values, documents = state
    return {work}
"""
ALPHA = 'krippendorff_alpha(values, level_of_measurement="nominal")'
INTERVAL = (
    'agreement_interval(values, documents, coefficient="alpha", level_of_measurement="nominal", '
    "values_domain=np.arange(3.0)).estimate"
)
PEER = """
import krippendorff
import numpy as np

def load(path):
    return np.load(path)["values"]

def work(values):
    return krippendorff.alpha(values, level_of_measurement="nominal")
"""
LOOP = """
from itertools import permutations
import numpy as np

def load(path):
    return np.load(path)["values"].tolist()

def work(values):
    observed, marginals = 0.0, {}
    for column in zip(*values):
        unit = [value for value in column if value == value]
        if len(unit) < 2:
            continue
        observed += sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1)
        for value in unit:
            marginals[value] = marginals.get(value, 0) + 1
    total = sum(marginals.values())
    expected = (total**2 - sum(count**2 for count in marginals.values())) / (total - 1)
    return 1 - observed / expected
"""
FLOOR = """
import numpy as np

def load(path):
    return path

def work(path):
    return float(np.load(path)["values"].nbytes)
"""
WAYS = (
    Way("alpha", OURS.replace("{work}", ALPHA)),
    Way("alpha with its interval", OURS.replace("{work}", INTERVAL)),
    Way("AC1", OURS.replace("{work}", "gwet_ac1(values, values_domain=np.arange(3.0))")),
    Way("krippendorff", PEER, ("krippendorff",)),
    Way("a plain loop", LOOP),
    Way("reading the file", FLOOR),
)


def draw(n_units, *, n_coders=4, n_values=3, missing=0.1, seed=20170621):
    """Draw reliability data as floats with NaN, and documents of one hundred units."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_values, size=n_units)
    error = rng.random((n_coders, n_units)) < 0.2
    values = np.where(error, rng.integers(n_values, size=error.shape), truth).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    return values, np.arange(n_units) // 100


def main():
    """Compare, and keep the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "values.npz"
        values, documents = draw(options.units)
        np.savez(data, values=values, documents=documents)
        table = in_turn(WAYS, data, rounds=options.rounds)
    alphas = table.loc[table["way"].isin(["alpha", "krippendorff", "a plain loop"]), "value"]
    if alphas.max() - alphas.min() > 1e-9:
        sys.exit(f"the ways do not agree on alpha: {alphas.tolist()}")
    keep("agreement", table, title=f"Agreement of 4 coders on {options.units:,} units")


if __name__ == "__main__":
    main()
