"""Time agreement side by side: this package, a plain loop, the krippendorff package where installed.

Not a test. Run from the root of the repository: ``python tests/benchmarks/bench_agreement.py [n_units]``.
Each line gives the best of several runs and the value, so that speed without the right answer shows.
"""

import sys
import time
from itertools import permutations

import numpy as np

from peercompare.agreement import agreement_interval, gwet_ac1, krippendorff_alpha
from peercompare.agreement.coincidences import agreement_sums
from peercompare.agreement.intervals import interval_from_sums


def draw(n_units, *, n_coders=4, n_values=3, missing=0.1, seed=20170621):
    """Draw reliability data as floats with NaN, and documents of one hundred units."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_values, size=n_units)
    error = rng.random((n_coders, n_units)) < 0.2
    values = np.where(error, rng.integers(n_values, size=error.shape), truth).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    return values, np.arange(n_units) // 100


def plain_alpha(values):
    """Compute nominal alpha by looping over units and pairs of values, without numpy."""
    observed, marginals = 0.0, {}
    for column in zip(*values.tolist(), strict=True):
        unit = [value for value in column if value == value]
        if len(unit) < 2:
            continue
        observed += sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1)
        for value in unit:
            marginals[value] = marginals.get(value, 0) + 1
    total = sum(marginals.values())
    expected = (total**2 - sum(count**2 for count in marginals.values())) / (total - 1)
    return 1 - observed / expected


def best(function, *, repeats):
    """Return the shortest time in milliseconds and the result."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times), result


def contenders(values, documents):
    """Name each way of computing, with its function and its number of runs."""
    domain = np.unique(values[~np.isnan(values)])
    labels = np.array(["none", "first", "second"], dtype=object)
    texts = np.where(np.isnan(values), None, labels[np.nan_to_num(values).astype(int)])
    arguments = {"level_of_measurement": "nominal", "values_domain": domain}
    sums = agreement_sums(values, values_domain=domain, clusters=documents)
    yield "alpha, numbers", lambda: krippendorff_alpha(values, **arguments), 7
    yield "alpha, text with None", lambda: krippendorff_alpha(texts, level_of_measurement="nominal"), 7
    yield "AC1, numbers", lambda: gwet_ac1(values, values_domain=domain), 7
    yield (
        "alpha with interval by document",
        lambda: agreement_interval(values, documents, coefficient="alpha", **arguments).estimate,
        7,
    )
    yield (
        "interval alone, from the sums",
        lambda: interval_from_sums(sums, coefficient="alpha", level_of_measurement="nominal").estimate,
        7,
    )
    yield "plain loop, alpha alone", lambda: plain_alpha(values), 1
    try:
        import krippendorff
    except ImportError:
        return
    yield "krippendorff package", lambda: krippendorff.alpha(values, level_of_measurement="nominal"), 3


def main():
    """Print one line for each contender."""
    n_units = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    values, documents = draw(n_units)
    sys.stdout.write(f"{values.shape[0]} coders, {n_units} units, {documents[-1] + 1} documents\n")
    for name, function, repeats in contenders(values, documents):
        milliseconds, value = best(function, repeats=repeats)
        sys.stdout.write(f"{name:34s}{milliseconds:10.2f} ms   {value:.6f}\n")


if __name__ == "__main__":
    main()
