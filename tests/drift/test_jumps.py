"""The search for a jump: its p pays for the search, and its power is said."""

import numpy as np
import pytest

from peercompare.drift.jumps import findable_jump, sign_flips, sup_wald


def paths(rng, n_workers, n_dates=9, jump=0.0, at=4):
    """Sums of each worker at each date, correlated over dates, and their weights."""
    steps = rng.normal(size=(n_workers, n_dates)).cumsum(axis=1)
    signal = 4.0 - 0.5 * np.abs(np.arange(n_dates) - at)
    return steps + jump * signal, np.full((n_workers, n_dates), 4.0), np.tile(signal, (n_workers, 1))


def test_all_signs_are_tried_for_few_and_random_ones_for_many(rng):
    assert sign_flips(5, rng).shape == (32, 5)
    many = sign_flips(40, rng, n=99)
    assert many.shape == (100, 40)
    assert (many[0] == 1).all()


def test_a_jump_of_everybody_has_the_smallest_p_there_is(rng):
    tops, bottoms, _ = paths(rng, 8, jump=50.0)
    found = sup_wald(tops, bottoms, sign_flips(8, rng))
    assert found.p == found.least_p == 2 / 2**8


def test_the_jump_is_that_of_least_squares_at_its_date(rng):
    tops, bottoms, _ = paths(rng, 8)
    found = sup_wald(tops, bottoms, sign_flips(8, rng))
    assert found.jump == pytest.approx(tops[:, found.place].sum() / bottoms[:, found.place].sum())


def test_p_is_small_no_more_often_than_it_says():
    rng = np.random.default_rng(3)
    p = [sup_wald(*paths(rng, 7)[:2], sign_flips(7, rng)).p for _ in range(400)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 400)
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.09)


def test_a_jump_of_the_size_said_is_found_in_four_of_five_studies():
    rng = np.random.default_rng(5)
    noise, _, signal = paths(rng, 12)
    size = findable_jump(noise, signal, rng=rng)
    flips, found = sign_flips(12, rng), []
    for _ in range(300):
        signs = rng.choice([1.0, -1.0], size=(12, 1))
        found.append(sup_wald(signs * noise + size * signal, np.ones((12, 9)), flips[::8]).p <= 0.05)
    assert np.mean(found) == pytest.approx(0.8, abs=0.09)


def test_five_workers_can_never_reach_one_in_twenty(rng):
    noise, _, signal = paths(rng, 5)
    assert np.isnan(findable_jump(noise, signal, rng=rng))
    assert sup_wald(noise + 99 * signal, np.ones((5, 9)), sign_flips(5, rng)).p == 1 / 16


def test_noise_beyond_the_scale_hides_every_jump(rng):
    noise, _, signal = paths(rng, 8)
    assert np.isnan(findable_jump(1000 * noise, signal, rng=rng))
