import numpy as np
from numpy.testing import assert_allclose

from peercompare.drift.design_based import corpus_interval, ratio_influence, slope_influence
from peercompare.drift.ratios import slope_parts, slope_totals
from peercompare.drift.rectified import design_variance


def test_the_influence_of_a_ratio_is_its_derivative(rng):
    values, step = rng.random((6, 2)) + 1, 1e-6
    tops, bottoms = np.array([[1.0], [0.0]]), np.ones((2, 1))
    ratio = (values @ tops).sum(axis=0) / (values @ bottoms).sum(axis=0)
    error = rng.normal(size=(6, 2))
    found = ratio_influence(error, tops, bottoms, ratio, (values @ bottoms).sum(axis=0))
    moved = values.copy()
    moved[3] += step * error[3]
    change = (moved @ tops).sum(axis=0) / (moved @ bottoms).sum(axis=0) - ratio
    assert_allclose(found[3], change / step, rtol=1e-4)


def test_the_influence_of_a_slope_is_its_derivative(rng):
    clusters, times = np.repeat([0, 1], 5), rng.random(10) * 12
    scores, weights = rng.normal(size=(10, 1)), rng.random((10, 1)) + 0.5
    away, level = slope_parts(scores, weights, times, clusters)
    top, bottom = slope_totals(scores, weights, times, clusters)
    slope = top.sum(axis=0) / bottom.sum(axis=0)
    error = rng.normal(size=(10, 1)), rng.normal(size=(10, 1))
    found = slope_influence(error, away, level[clusters], slope, bottom.sum(axis=0))
    step, at = 1e-6, np.arange(10)[:, None] == 4
    above, below = slope_totals(
        scores + step * at * error[0], weights + step * at * error[1], times, clusters
    )
    assert_allclose(found[4], (above.sum() / below.sum() - slope) / step, rtol=1e-4)


def test_over_all_possible_samples_the_variance_within_strata_is_right(rng):
    # Two strata of four, two of each drawn: 36 equally likely samples, so the means over them are exact.
    error, strata = rng.normal(size=(8, 1)), np.repeat([0, 1], 4)
    pairs = [(one, other) for one in range(4) for other in range(one)]
    estimates, variances = [], []
    for first in pairs:
        for second in pairs:
            coded = np.zeros(8, dtype=bool)
            coded[[*first, *(4 + np.array(second))]] = True
            estimates.append(error[coded].sum() / 0.5)
            variances.append(design_variance(error, coded, np.full(8, 0.5), strata=strata)[0])
    assert_allclose(np.mean(variances), np.var(estimates))


def test_without_strata_the_variance_is_that_of_independent_draws():
    coded, pi = np.array([True, True, False]), np.array([0.5, 0.25, 0.5])
    influence = np.array([[1.0], [2.0], [9.0]])
    assert_allclose(design_variance(influence, coded, pi), [0.5 / 0.25 * 1 + 0.75 / 0.0625 * 4])


def test_strata_narrow_the_interval_where_they_differ():
    coded, strata = np.tile([True, False], 20), np.repeat([0, 1], 20)
    influence = np.where(strata == 0, 0.1, -0.1)[:, None] + np.tile([0.01, 0, -0.01, 0], 10)[:, None]
    ends = {
        name: corpus_interval(np.zeros(1), influence, coded, np.full(40, 0.5), strata=given)
        for name, given in {"with": strata, "without": None}.items()
    }
    assert ends["with"][1] < 0.2 * ends["without"][1]
    assert_allclose(ends["with"][3], 18)


def test_where_all_is_coded_for_certain_nothing_is_left_open():
    lower, upper, error, _ = corpus_interval(
        np.array([0.3]), np.ones((4, 1)), np.ones(4, dtype=bool), np.ones(4), strata=np.array([0, 0, 1, 1])
    )
    assert_allclose([lower, upper, error], [[0.3], [0.3], [0.0]])
