import numpy as np
import pytest
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


@pytest.fixture
def moving(rng):
    """Scores and weights of two clusters over time, made of predictions and the errors of those coded."""
    clusters, times = np.repeat([0, 1], 12), rng.random(24) * 12
    pi, coded = np.full(24, 0.5), (np.arange(24) % 2 == 0)[:, None]
    predicted = rng.normal(size=(24, 1)), rng.random((24, 1)) + 0.5
    error = tuple(np.where(coded, scale * rng.normal(size=(24, 1)), 0.0) for scale in (1.0, 0.1))
    values = tuple(guess + wrong / 0.5 for guess, wrong in zip(predicted, error, strict=True))
    return values, error, times, clusters, pi


def slope_of(scores, weights, times, clusters):
    top, bottom = slope_totals(scores, weights, times, clusters)
    return top.sum() / bottom.sum()


def test_the_influence_of_a_slope_is_what_leaving_a_coding_out_changes(moving):
    values, error, times, clusters, pi = moving
    found = slope_influence(*moving)
    slope = slope_of(*values, times, clusters)
    for place in (0, 6, 14):
        at = np.arange(24)[:, None] == place
        bare = (one - at * wrong / pi[:, None] for one, wrong in zip(values, error, strict=True))
        assert_allclose(found[place, 0], 0.5 * (slope - slope_of(*bare, times, clusters)), rtol=1e-9)
    assert (found[1::2] == 0).all()


def test_to_first_order_it_is_the_derivative_of_the_slope(moving):
    values, error, times, clusters, pi = moving
    small = tuple(1e-6 * each for each in error)
    away, level = slope_parts(*values, times, clusters)
    slope, total = slope_of(*values, times, clusters), slope_totals(*values, times, clusters)[1].sum()
    linear = away * (small[0] - (level[clusters] + slope * away) * small[1]) / total
    assert_allclose(slope_influence(values, small, times, clusters, pi), linear, rtol=1e-3, atol=1e-13)


def test_a_slope_that_hangs_on_one_coding_has_no_influence_to_tell():
    # Without the second coding the cluster is seen at one time.
    scores, weights = np.array([[1.0], [2.0]]), np.ones((2, 1))
    found = slope_influence(
        (scores, weights), (scores, weights), np.array([0.0, 4.0]), np.zeros(2, int), np.ones(2)
    )
    assert np.isnan(found).all()


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
