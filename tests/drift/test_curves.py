"""A curve over time with a band that holds for all of it at once."""

import numpy as np
import pytest

from peercompare.drift.curves import fit_curve, joint_level, knots_of, spline_basis, uniform_band
from peercompare.drift.ratios import UNSTABLE, slope_totals

KNOTS = np.array([2.4, 12.0, 21.6])
GRID = np.linspace(1, 23, 12)


def corpus(rng, n_workers, *, sessions=(3, 10), course=lambda t: -0.2 + 0.5 * np.sin(t / 10)):
    """Stance, time and worker of segments; workers differ in level, slope and talk."""
    parts = []
    for worker in range(n_workers):
        level, pace, size = rng.normal(0, 0.2), rng.normal(0, 0.008), max(3, int(12 * rng.lognormal(0, 0.5)))
        for time in rng.uniform(0, 24, rng.integers(*sessions)):
            middle = course(time) + level + pace * (time - 12) + rng.normal(0, 0.1)
            high = np.clip((0.8 + middle) / 2, 0.01, 0.79)
            stance = rng.choice([1.0, 0.0, -1.0], size, p=[high, 0.2, 0.8 - high])
            parts.append((stance, np.full(size, time), np.full(size, worker)))
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def band_of(stance, times, workers, *, within=False, n=None, wanted=None, level=0.95):
    fitted = fit_curve(stance, np.ones_like(stance), spline_basis(times, KNOTS), workers, within=within)
    held = len(np.unique(workers)) if n is None else n
    wanted = np.ones(len(GRID), dtype=bool) if wanted is None else wanted
    points = spline_basis(GRID, KNOTS)
    return uniform_band(fitted, points, clusters_held=held, wanted=wanted, confidence_level=level)


def test_the_spline_is_straight_beyond_its_outer_knots():
    basis = spline_basis(np.array([-3.0, -2.0, -1.0, 25.0, 26.0, 27.0]), KNOTS)
    assert np.allclose(np.diff(basis[:3], axis=0)[0], np.diff(basis[:3], axis=0)[1])
    assert np.allclose(np.diff(basis[3:], axis=0)[0], np.diff(basis[3:], axis=0)[1])


def test_knots_need_more_dates_than_knots():
    assert len(knots_of(np.repeat([0.0, 1.0, 2.0], 4))) == 0
    assert len(knots_of(np.arange(20.0))) == 3


def test_the_level_is_least_squares_on_the_basis(rng):
    stance, times, workers = corpus(rng, 8)
    design = np.column_stack([np.ones(len(times)), spline_basis(times, KNOTS)])
    beta = np.linalg.lstsq(design, stance, rcond=None)[0]
    expected = np.column_stack([np.ones(len(GRID)), spline_basis(GRID, KNOTS)]) @ beta
    assert np.allclose(band_of(stance, times, workers).estimate, expected)


def test_a_straight_curve_within_workers_has_the_slope_of_the_trend_table(rng):
    stance, times, workers = corpus(rng, 8)
    ones = np.ones_like(stance)
    fitted = fit_curve(stance, ones, spline_basis(times, np.array([])), workers, within=True)
    points = spline_basis(np.array([0.0, 1.0]), np.array([]))
    band = uniform_band(fitted, points, clusters_held=8, wanted=np.ones(2, dtype=bool))
    tops, bottoms = slope_totals(stance[:, None], ones[:, None], times, workers)
    assert np.diff(band.estimate)[0] == pytest.approx(tops.sum() / bottoms.sum())


def test_who_was_seen_when_plays_no_part_within_workers(rng):
    # Two kinds of workers that never change, the one seen early and the other late.
    times = np.concatenate([rng.uniform(0, 14, 200), rng.uniform(10, 24, 200)])
    workers = np.concatenate([np.arange(200) % 5, 5 + np.arange(200) % 5])
    stance = np.where(workers < 5, -1.0, 1.0)
    level, within = (band_of(stance, times, workers, within=each).estimate for each in (False, True))
    assert np.ptp(level) > 1
    assert np.ptp(within) == pytest.approx(0, abs=1e-9)


def test_leaving_a_cluster_out_equals_a_fit_without_it(rng):
    stance, times, workers = corpus(rng, 6)
    for within in (False, True):
        fitted = fit_curve(stance, np.ones_like(stance), spline_basis(times, KNOTS), workers, within=within)
        points = spline_basis(GRID, KNOTS)
        points = points if within else np.column_stack([np.ones(len(GRID)), points])
        rest = workers != 2
        fewer = fit_curve(
            stance[rest], np.ones(rest.sum()), spline_basis(times[rest], KNOTS), workers[rest], within=within
        )
        assert np.allclose(fitted.at(points, without=True)[2], fewer.at(points))


def test_the_band_is_wider_than_intervals_of_single_dates_and_holds_where_it_is_wanted(rng):
    stance, times, workers = corpus(rng, 9)
    some = GRID < 8
    whole, part = band_of(stance, times, workers), band_of(stance, times, workers, wanted=some)
    assert 0.95 < part.level <= whole.level < 1
    assert np.isnan(part.lower[~some]).all()
    assert np.isfinite(part.estimate).all()


def test_points_that_err_as_one_need_no_higher_level():
    shifts = np.outer(np.arange(1.0, 8.0), np.ones(5))
    assert joint_level(shifts, np.full(5, 6.0)) == pytest.approx(0.95, abs=0.012)
    assert joint_level(np.zeros((7, 5)), np.full(5, 6.0)) == 0.95


def test_below_five_clusters_there_is_a_line_and_no_band(rng):
    band = band_of(*corpus(rng, 4))
    assert np.isfinite(band.estimate).all()
    assert np.isnan(band.lower).all()
    assert "at least five" in band.reason


def test_a_curve_that_one_cluster_alone_determines_has_no_band(rng):
    times = np.concatenate([rng.uniform(0, 24, 40), np.full(50, 3.0)])
    workers = np.concatenate([np.zeros(40, dtype=int), 1 + np.arange(50) % 5])
    stance = rng.choice([-1.0, 1.0], 90)
    assert band_of(stance, times, workers).reason == UNSTABLE


@pytest.mark.slow
@pytest.mark.parametrize("n_workers", [5, 8, 21])
@pytest.mark.parametrize("within", [False, True])
def test_the_band_holds_the_whole_curve_as_often_as_it_says(n_workers, within):
    course = lambda t: -0.2 + 0.5 * np.sin(t / 10)  # noqa: E731
    every = np.linspace(0, 24, 2001)
    design = np.column_stack([np.ones(2001), spline_basis(every, KNOTS)])
    beta = np.linalg.lstsq(design, course(every), rcond=None)[0]
    truth = np.column_stack([np.ones(len(GRID)), spline_basis(GRID, KNOTS)]) @ beta
    rng = np.random.default_rng(n_workers)
    held = []
    for _ in range(300):
        band = band_of(*corpus(rng, n_workers), within=within)
        if not band.reason:
            held.append(((band.lower <= truth) & (truth <= band.upper)).all())
    assert len(held) > 250
    assert 0.91 <= np.mean(held) <= 0.985
