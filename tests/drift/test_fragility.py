"""How wrong codings would have to be: constructed corpora whose answers can be worked out by hand."""

import numpy as np
import pytest

from peercompare.drift.fragility import fragile_index, fragile_slope
from peercompare.drift.ratios import ratio_of_totals


def alike(values, n_workers=8):
    """The same codings for each worker."""
    return np.tile(values, n_workers), np.repeat(np.arange(n_workers), len(values))


def test_half_the_index_brings_it_to_zero():
    stance, workers = alike([1.0] * 6 + [-1.0] * 2 + [0.2] * 2)
    index = stance.mean()
    assert fragile_index(stance, np.ones(80), workers).to_zero == pytest.approx(index / 2)


def test_an_index_below_zero_is_mended_the_other_way():
    stance, workers = alike([-1.0] * 6 + [1.0] * 4)
    assert fragile_index(stance, np.ones(80), workers).to_zero == pytest.approx(0.1)


def test_the_share_for_doubt_is_where_the_interval_touches_zero(rng):
    workers = np.repeat(np.arange(12), 20)
    stance = np.where(rng.random(240) < np.repeat(rng.uniform(0.6, 0.9, 12), 20), 1.0, -1.0)
    found = fragile_index(stance, np.ones(240), workers)
    assert 0 < found.to_doubt < found.to_zero
    share = found.to_doubt * 240 / (stance == 1).sum()
    tops = np.bincount(workers, weights=stance - 2 * share * (stance == 1))[:, None]
    again = ratio_of_totals(tops, np.full((12, 1), 20.0), bounds=(-1.0, 1.0))
    assert again.lower[0] == pytest.approx(0, abs=1e-6)


def test_an_interval_that_holds_zero_needs_no_error(rng):
    stance, workers = rng.choice([1.0, -1.0], 120), np.repeat(np.arange(6), 20)
    assert fragile_index(stance, np.ones(120), workers).to_doubt == 0


def test_weights_count_for_what_they_stand_for():
    stance, workers = alike([1.0, 1.0, -1.0])
    heavy = np.where(stance == -1, 1.5, 1.0)
    # One of 3.5 parts more at the last end: a seventh of the weight has to move.
    assert fragile_index(stance, heavy, workers).to_zero == pytest.approx((2 - 1.5) / 2 / 3.5)


def test_the_codings_that_carry_the_slope_go_first():
    # Each worker: first end at month 0, last end at months 1 and 10.
    stance, workers = alike([-1.0, 1.0, 1.0])
    times = np.tile([0.0, 1.0, 10.0], 8)
    found = fragile_slope(stance, np.ones(24), times, workers)
    tops = stance * (times - 11 / 3)
    levers = np.sort(np.where(stance > 0, tops, tops))[::-1]
    enough = int(np.searchsorted(np.cumsum(2 * levers), tops.sum() - 1e-9)) + 1
    assert found.to_zero == pytest.approx(enough / 24)


def test_a_slope_of_zero_needs_no_error_and_stances_between_the_ends_cannot_carry_one():
    flat, workers = alike([1.0, -1.0, 1.0, -1.0])
    times = np.tile([0.0, 0.0, 5.0, 5.0], 8)
    assert fragile_slope(flat, np.ones(32), times, workers).to_zero == 0
    rising = np.tile([0.0, 0.0, 0.2, 0.2], 8)
    assert np.isnan(fragile_slope(rising, np.ones(32), times, workers).to_zero)


def test_without_an_interval_there_is_no_share_for_doubt():
    stance, workers = alike([1.0, 1.0, -1.0], n_workers=3)
    found = fragile_index(stance, np.ones(9), workers)
    assert found.to_zero == pytest.approx(1 / 6)
    assert np.isnan(found.to_doubt)
