"""Two ratios apart, and a change across an event beside one without it."""

import numpy as np
import pytest

from peercompare.drift import differences
from peercompare.drift.differences import change_beside, difference_of_ratios, welch


def test_a_difference_of_means_of_separate_clusters_is_welchs():
    rng = np.random.default_rng(1)
    one, other = rng.normal(0, 1, 7), rng.normal(1, 2, 9)
    tops, bottoms = np.zeros((16, 2)), np.zeros((16, 2))
    tops[:7, 0], bottoms[:7, 0] = one, 1.0
    tops[7:, 1], bottoms[7:, 1] = other, 1.0
    found = difference_of_ratios(tops, bottoms)
    variances = np.array([one.var(ddof=1) / 7, other.var(ddof=1) / 9])
    assert found.estimate == pytest.approx(other.mean() - one.mean())
    assert found.standard_error == pytest.approx(np.sqrt(variances.sum()))
    assert found.degrees == pytest.approx(welch(variances, np.array([6.0, 8.0])))


def test_a_difference_within_the_same_clusters_is_the_paired_one():
    rng = np.random.default_rng(2)
    level = rng.normal(0, 5, 8)
    change = rng.normal(0.5, 0.1, 8)
    found = difference_of_ratios(np.column_stack([level, level + change]), np.ones((8, 2)))
    # What the two share falls out: the standard error is that of the changes.
    assert found.estimate == pytest.approx(change.mean())
    assert found.standard_error == pytest.approx(change.std(ddof=1) / np.sqrt(8))
    assert found.degrees == pytest.approx(7)


def test_a_side_without_weight_gives_nothing():
    found = difference_of_ratios(np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert np.isnan(found.estimate)
    assert np.isnan(found.lower)
    assert np.isnan(found.p_value)


def placed(changes, assigned):
    """Clusters of weight 1, each with the same change at every event's date."""
    tops = np.tile(np.array(changes, dtype=float)[:, None], (1, len(assigned)))
    return change_beside(tops, np.ones_like(tops), np.array(assigned))


def test_the_difference_is_the_mean_with_less_the_mean_without():
    found = placed([0.5, 0.3, 0.1, 0.0, 0.2], [0, 1])
    assert found.contrast.estimate == pytest.approx(0.4 - 0.1)
    assert (found.n_with, found.n_without) == (2, 3)


def test_two_events_of_equal_clusters_are_welchs_too():
    changes = np.random.default_rng(3).normal(0, 1, 10)
    found = placed(changes, [0, 1, 2, 3])
    variances = np.array([changes[:4].var(ddof=1) / 4, changes[4:].var(ddof=1) / 6])
    assert found.contrast.standard_error == pytest.approx(np.sqrt(variances.sum()))
    assert found.contrast.degrees == pytest.approx(welch(variances, np.array([3.0, 5.0])))


def test_too_few_clusters_get_no_interval_but_the_p_that_dealing_gives():
    found = placed([9.0, 0.1, 0.2, 0.3], [0])
    assert np.isnan(found.contrast.lower)
    # The most striking of four places: nothing smaller was possible.
    assert found.p_assigned == found.p_least == 0.25


def test_two_on_a_side_get_no_interval_however_many_stand_on_the_other():
    assert np.isnan(placed([1.0, 2.0, *np.arange(10)], [0, 1]).contrast.lower)
    assert np.isfinite(placed([1.0, 2.0, 4.0, *np.arange(5)], [0, 1, 2]).contrast.lower)


def test_signs_do_not_matter_to_the_p():
    assert placed([-9.0, 0.1, 0.2, 0.3], [0]).p_assigned == 0.25
    assert placed([0.2, -9.0, 0.1, 0.3], [0]).p_assigned > 0.25


def test_a_cluster_with_its_event_at_another_date_is_no_comparison():
    # The second cluster's event came later; at the first date it jumps, which must not count.
    tops = np.array([[1.0, 0.0], [50.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
    found = change_beside(tops, np.ones((4, 2)), np.array([0, 1]))
    assert found.contrast.estimate == pytest.approx(1.5)


def test_without_a_comparison_there_is_no_estimate():
    found = placed([1.0, 2.0], [0, 1])
    assert np.isnan(found.contrast.estimate)
    assert np.isnan(found.p_assigned)


def test_clusters_that_nothing_is_known_of_are_not_dealt_to():
    tops, bottoms = np.array([[0.5], [0.1], [0.0]]), np.array([[1.0], [1.0], [0.0]])
    found = change_beside(tops, bottoms, np.array([0]))
    assert (found.n_without, found.assignments) == (1, 2)


def test_many_ways_are_drawn_with_a_seed(monkeypatch):
    monkeypatch.setattr(differences, "MOST_ASSIGNMENTS", 200)
    changes = np.random.default_rng(4).normal(0, 1, 30)
    tops = np.tile(changes[:, None], (1, 4))
    first, again = (change_beside(tops, np.ones((30, 4)), np.arange(4), seed=7) for _ in range(2))
    assert first.p_assigned == again.p_assigned
    assert first.assignments == 200
    assert 0 < first.p_assigned <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("n_with", "n_without"), [(3, 5), (5, 5), (3, 12)])
def test_intervals_around_events_cover_with_clusters_of_unequal_size(n_with, n_without, monkeypatch):
    monkeypatch.setattr(differences, "_assignment", lambda *_: (0, np.nan, np.nan))
    rng, size = np.random.default_rng(5), n_with + n_without
    hits = 0
    for _ in range(1000):
        weight = np.exp(0.6 * rng.normal(size=(size, 1))) * np.ones((1, n_with))
        found = change_beside(weight * rng.normal(size=(size, 1)), weight, np.arange(n_with))
        hits += found.contrast.lower <= 0 <= found.contrast.upper
    assert 0.915 <= hits / 1000 <= 0.985
