"""The gate before anybody counts a classifier's labels."""

import numpy as np
import pytest

from peercompare.drift.label_shift import log_odds, place_p, residuals, time_coefficient


def coded(rng, *, drift=0.0, place=0.0, n_workers=12, each=40):
    """Log odds that follow the label, a worker's own lean, time and place."""
    workers = np.repeat(np.arange(n_workers), each)
    times, places = rng.uniform(0, 12, len(workers)), workers % 3
    labels = np.eye(3)[rng.integers(0, 3, len(workers))]
    lean = rng.normal(0, 0.2, n_workers)[workers]
    odds = (
        labels @ [-1.5, 0.0, 1.5] + lean + drift * times + place * places + rng.normal(0, 0.5, len(workers))
    )
    return odds, labels, times, places, workers


def test_odds_are_those_of_the_two_ends_and_never_endless():
    found = log_odds(np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 0.0, 1.0]]), 1, 3)
    assert found[0] == pytest.approx(np.log(2))
    assert np.isfinite(found).all()


def test_a_shift_over_time_is_seen_and_its_size_estimated(rng):
    odds, labels, times, _, workers = coded(rng, drift=0.1)
    found = time_coefficient(odds, times, labels, np.ones(len(odds)), workers)
    assert found.p < 0.001
    assert found.lower < 0.1 < found.upper


def test_the_coefficient_is_least_squares_beside_the_labels(rng):
    odds, labels, times, _, workers = coded(rng)
    found = time_coefficient(odds, times, labels, np.ones(len(odds)), workers)
    plain = np.linalg.lstsq(np.column_stack([labels, times]), odds, rcond=None)[0][-1]
    assert found.estimate == pytest.approx(plain)


def test_labels_that_grow_more_common_are_no_shift(rng):
    odds, labels, times, _, workers = coded(rng)
    late = rng.random(len(times)) < times / 12
    truth = np.where(late[:, None], np.eye(3)[2], labels)
    odds = odds - labels @ [-1.5, 0.0, 1.5] + truth @ [-1.5, 0.0, 1.5]
    assert abs(time_coefficient(odds, times, truth, np.ones(len(odds)), workers).estimate) < 0.03
    bare = np.ones((len(odds), 1))
    assert time_coefficient(odds, times, bare, bare[:, 0], workers).estimate > 0.05


def test_false_alarms_are_as_rare_as_they_should_be():
    rng = np.random.default_rng(11)
    p = []
    for _ in range(150):
        odds, labels, times, _, workers = coded(rng, n_workers=9, each=15)
        p.append(time_coefficient(odds, times, labels, np.ones(len(odds)), workers).p)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.05)


def test_places_that_differ_are_told_from_workers_that_differ():
    rng = np.random.default_rng(7)
    p = {0.0: [], 0.5: []}
    for place in p:
        for _ in range(15):
            odds, labels, times, places, workers = coded(rng, place=place, each=20)
            rest = residuals(odds, np.column_stack([labels, times]), np.ones(len(odds)))
            p[place].append(place_p(rest, places, np.ones(len(odds)), workers)[0])
    assert np.mean(np.array(p[0.0]) < 0.05) <= 0.2
    assert np.mean(np.array(p[0.5]) < 0.05) >= 0.7


def test_places_are_not_dealt_where_that_tells_nothing(rng):
    ones, workers = np.ones(12), np.repeat(np.arange(6), 2)
    rest = rng.normal(size=12)
    assert "several places" in place_p(rest, np.arange(12) % 2, ones, workers)[1]
    assert "place of its own" in place_p(rest, workers, ones, workers)[1]
    assert "one place" in place_p(rest, np.zeros(12, dtype=int), ones, workers)[1]
    assert "five" in place_p(rest[:4], np.array([0, 0, 1, 1]), ones[:4], np.array([0, 1, 2, 3]))[1]


def test_four_clusters_give_no_coefficient(rng):
    odds, labels, times, _, workers = coded(rng, n_workers=4)
    found = time_coefficient(odds, times, labels, np.ones(len(odds)), workers)
    assert np.isnan(found.estimate)
    assert "five" in found.reason
