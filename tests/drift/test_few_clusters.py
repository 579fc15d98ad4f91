import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from peercompare.drift.few_clusters import two_stage_slope


@pytest.fixture
def rising():
    """Six workers, each on a line of their own, of unequal lengths."""
    slopes = np.array([0.1, 0.3, 0.2, -0.1, 0.4, 0.0])
    sizes = np.array([3, 9, 4, 6, 3, 5])
    clusters = np.repeat(np.arange(6), sizes)
    times = np.concatenate([np.arange(size, dtype=float) for size in sizes])
    return slopes, (slopes[clusters] * times + clusters)[:, None], times, clusters


def test_every_worker_weighs_the_same_and_the_interval_is_that_of_their_slopes(rising):
    slopes, scores, times, clusters = rising
    result = two_stage_slope(scores, np.ones_like(scores), times, clusters)
    half = stats.t.ppf(0.975, 5) * slopes.std(ddof=1) / np.sqrt(6)
    assert_allclose(result.estimate, slopes.mean())
    assert_allclose(result.lower, slopes.mean() - half)
    assert_allclose(result.upper, slopes.mean() + half)


def test_a_worker_seen_once_has_no_slope_and_is_left_out(rising):
    slopes, scores, times, clusters = rising
    scores, times = np.vstack([scores, [[99.0]]]), np.r_[times, 0.0]
    result = two_stage_slope(scores, np.ones_like(scores), times, np.r_[clusters, 6])
    assert_allclose(result.estimate, slopes.mean())
    assert result.n_clusters[0] == 6


def test_below_five_workers_the_point_alone_is_given(rising):
    _, scores, times, clusters = rising
    few = clusters < 4
    result = two_stage_slope(scores[few], np.ones((few.sum(), 1)), times[few], clusters[few])
    assert np.isfinite(result.estimate[0])
    assert np.isnan(result.lower[0])
    assert "at least five" in result.reason[0]


def test_a_worker_whose_weights_leave_no_spread_of_time_withholds_the_interval(rising):
    _, scores, times, clusters = rising
    weights = np.ones_like(scores)
    weights[clusters == 0] = np.array([[-0.5], [2.0], [-0.5]])
    assert "too little is coded" in two_stage_slope(scores, weights, times, clusters).reason[0]
