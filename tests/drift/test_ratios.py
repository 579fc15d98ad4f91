import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from peercompare.drift.ratios import holm, interval, jackknife_error, ratio_of_totals, slope_totals


def test_with_equal_clusters_the_interval_is_the_t_interval_of_the_cluster_means():
    means = np.array([0.1, 0.3, 0.2, 0.4, 0.15, 0.25])
    result = ratio_of_totals((means * 10)[:, None], np.full((6, 1), 10.0))
    error = means.std(ddof=1) / np.sqrt(6)
    assert_allclose(result.estimate, means.mean())
    assert_allclose(result.standard_error, error)
    assert_allclose(result.upper - result.estimate, stats.t.ppf(0.975, 5) * error)
    assert_allclose(result.degrees, 5)


def test_the_jackknife_error_agrees_with_leaving_each_cluster_out_by_hand():
    top, bottom = np.array([[3.0], [1.0], [4.0]]), np.array([[5.0], [4.0], [8.0]])
    without = np.array([5 / 12, 7 / 13, 4 / 9])
    expected = np.sqrt(2 / 3 * ((without - 8 / 17) ** 2).sum())
    error, stable = jackknife_error(top, bottom, np.array([8 / 17]))
    assert_allclose(error, expected)
    assert stable.all()


def test_a_worker_whose_mean_time_lies_outside_their_times_is_left_out_of_the_slope():
    # Pseudo-outcomes of weights can all but cancel: 1 - 0.9 at months 0 and 10 put the mean at month -90.
    weights = np.array([[1.0], [-0.9], [1.0], [1.0], [1.0]])
    scores, times = np.array([[0.5], [-0.2], [0.1], [0.2], [0.3]]), np.array([0.0, 10.0, 0.0, 1.0, 2.0])
    top, bottom = slope_totals(scores, weights, times, np.array([0, 0, 1, 1, 1]))
    assert_allclose([top[0, 0], bottom[0, 0]], 0.0)
    assert_allclose(top.sum() / bottom.sum(), 0.1)


def test_one_large_cluster_lowers_the_degrees_of_freedom():
    even = ratio_of_totals(np.arange(6.0)[:, None], np.full((6, 1), 10.0))
    uneven = ratio_of_totals(np.arange(6.0)[:, None], np.array([[90.0], [5.0], [5.0], [5.0], [5.0], [5.0]]))
    assert even.degrees[0] == pytest.approx(5)
    assert 1 <= uneven.degrees[0] < 1.5


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 4])
def test_under_five_clusters_there_is_a_point_no_interval_and_a_reason(n_clusters):
    top = np.arange(1.0, n_clusters + 1)[:, None]
    result = ratio_of_totals(top, np.full((n_clusters, 1), 10.0), bounds=(0, 1))
    assert result.estimate[0] == pytest.approx(top.mean() / 10)
    assert np.isnan(result.lower[0])
    assert np.isnan(result.upper[0])
    assert f"rests on {n_clusters}" in result.reason[0]


def test_clusters_without_weight_do_not_count_towards_five():
    top = np.array([[1.0], [2.0], [3.0], [1.0], [0.0], [0.0]])
    bottom = np.array([[5.0], [5.0], [5.0], [5.0], [0.0], [0.0]])
    result = ratio_of_totals(top, bottom)
    assert result.n_clusters[0] == 4
    assert "rests on 4" in result.reason[0]


def test_no_denominator_gives_no_estimate_and_a_reason():
    result = ratio_of_totals(np.zeros((6, 1)), np.zeros((6, 1)))
    assert np.isnan(result.estimate[0])
    assert result.reason[0]


def test_a_share_that_is_zero_everywhere_gets_no_interval_of_width_zero():
    result = ratio_of_totals(np.zeros((6, 1)), np.full((6, 1), 4.0), bounds=(0, 1))
    assert result.estimate[0] == 0
    assert np.isnan(result.upper[0])
    assert "the same in all" in result.reason[0]


@pytest.mark.parametrize("seed", range(8))
def test_intervals_hold_their_estimate_and_stay_within_the_bounds(seed):
    rng = np.random.default_rng(seed)
    bottom = rng.integers(2, 40, size=(7, 3)).astype(float)
    top = rng.binomial(bottom.astype(int), 0.15).astype(float)
    result = ratio_of_totals(top, bottom, bounds=(0, 1))
    known = result.reason == ""
    assert known.any()
    assert np.all(result.lower[known] <= result.estimate[known])
    assert np.all(result.estimate[known] <= result.upper[known])
    assert np.all(result.lower[known] >= 0)
    assert np.all(result.upper[known] <= 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_higher_confidence_level_never_narrows_an_interval(seed):
    rng = np.random.default_rng(seed)
    top, bottom = rng.random((6, 2)), 1 + rng.random((6, 2))
    narrow = ratio_of_totals(top, bottom, confidence_level=0.8, bounds=(0, 1))
    wide = ratio_of_totals(top, bottom, confidence_level=0.99, bounds=(0, 1))
    assert np.all(wide.lower < narrow.lower)
    assert np.all(wide.upper > narrow.upper)


def test_the_index_scale_mirrors_when_the_ends_are_exchanged():
    estimate, error, degrees = np.array([0.3]), np.array([0.1]), np.array([7.0])
    lower, upper = interval(estimate, error, degrees, bounds=(-1, 1))
    flipped = interval(-estimate, error, degrees, bounds=(-1, 1))
    assert_allclose([-upper[0], -lower[0]], np.ravel(flipped))


def test_the_slope_is_least_squares_with_a_constant_for_each_worker(rng):
    clusters = np.repeat(np.arange(4), [3, 5, 4, 6])
    times, scores = rng.uniform(0, 20, size=18), rng.normal(size=18)
    taking = (rng.random(18) < 0.7).astype(float)
    top, bottom = slope_totals((scores * taking)[:, None], taking[:, None], times, clusters)
    rows = taking == 1
    design = np.column_stack([times, np.eye(4)[clusters]])[rows]
    expected = np.linalg.lstsq(design, scores[rows], rcond=None)[0][0]
    assert top.sum() / bottom.sum() == pytest.approx(expected)


def test_a_worker_seen_once_has_no_weight_in_the_slope():
    top, bottom = slope_totals(
        np.array([[1.0], [0.5], [0.7]]), np.ones((3, 1)), np.array([3.0, 1.0, 5.0]), np.array([0, 1, 1])
    )
    assert bottom[0, 0] == 0
    assert top[1, 0] / bottom[1, 0] == pytest.approx(0.05)


def test_levels_of_workers_do_not_move_the_slope(rng):
    clusters = np.repeat(np.arange(3), 4)
    times = np.tile([0.0, 2.0, 5.0, 9.0], 3)
    scores = 0.1 * times
    plain = slope_totals(scores[:, None], np.ones((12, 1)), times, clusters)
    moved = slope_totals(
        (scores + np.array([5.0, -3.0, 1.0])[clusters])[:, None], np.ones((12, 1)), times, clusters
    )
    assert moved[0].sum() / moved[1].sum() == pytest.approx(plain[0].sum() / plain[1].sum())


def test_holm_adjusts_as_in_the_textbook_and_keeps_the_order():
    assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])


def test_p_values_are_those_of_the_t_distribution():
    means = np.array([0.1, 0.3, -0.2, 0.4, 0.15])
    result = ratio_of_totals(means[:, None], np.ones((5, 1)))
    assert result.p_value()[0] == pytest.approx(stats.ttest_1samp(means, 0).pvalue)
