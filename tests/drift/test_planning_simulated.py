"""Forecast widths against those of simulated studies, estimated as studies are."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import expit

from peercompare.drift.planning import SLOPE, Components, Size, coding_variance, people_variance, reach
from peercompare.drift.ratios import ratio_of_totals, slope_totals
from peercompare.drift.rectified import cluster_totals, design_variance, rectify

REPEATS = 120
INTERCEPT, SLOPE_MEAN = -1.33, 0.055


@dataclass(frozen=True)
class Study:
    """A design, how far people differ in it, and how good predictions are."""

    workers: int
    sessions: int
    segments: int
    coded: int
    span: float = 11.0
    worker_sd: float = 0.62
    slope_sd: float = 0.05
    session_sd: float = 0.2
    quality: float = 2.2

    @property
    def size(self):
        return Size(
            *(np.array(float(n)) for n in (self.workers, self.sessions, self.segments, self.coded)), self.span
        )


def chances(study, n_workers, rng):
    """Chance of the stance in each session, shape (n_workers, n_sessions), and times."""
    times = np.linspace(0, study.span, study.sessions)
    own = rng.normal(0, study.worker_sd, (n_workers, 1))
    pace = rng.normal(SLOPE_MEAN, study.slope_sd, (n_workers, 1))
    noise = rng.normal(0, study.session_sd, (n_workers, study.sessions))
    return expit(INTERCEPT + own + pace * (times - study.span / 2) + noise), times


def predicted(truth, study, rng):
    """A classifier's probability: the truth in noise."""
    return expit(study.quality * (truth - 0.5) + rng.normal(0, 1, truth.shape))


def true_components(study, rng):
    """Variance components of the people that the study draws from, by counting very many of them."""
    chance, times = chances(study, 40_000, rng)
    mean, away = chance.mean(axis=1), times - times.mean()
    slope = chance @ away / (away @ away)
    rest = chance - mean[:, None] - slope[:, None] * away
    session = (rest**2).sum() / (len(rest) * max(study.sessions - 2, 1))
    truth = (rng.random(chance.shape) < chance).astype(float).ravel()
    guess = predicted(truth, study, rng)
    fit = np.polyfit(guess, truth, 1)
    spare = session / (away @ away), session / study.sessions
    return Components(
        "share",
        between=max(0.0, mean.var() - spare[1]),
        between_slope=max(0.0, slope.var() - spare[0]),
        session=session,
        within=float((chance * (1 - chance)).mean()),
        error=float(np.var(truth - np.polyval(fit, guess))),
    )


def simulated(study, rng):
    """Width of the share's and of the slope's interval, and of the share's for this corpus alone."""
    chance, times = chances(study, study.workers, rng)
    shape = (study.workers, study.sessions, study.segments)
    truth = (rng.random(shape) < chance[:, :, None]).astype(float).reshape(-1, 1)
    worker = np.repeat(np.arange(study.workers), study.sessions * study.segments)
    when = np.tile(np.repeat(times, study.segments), study.workers)
    each = study.coded // study.workers
    order = rng.random((study.workers, study.sessions * study.segments)).argsort(axis=1).argsort(axis=1)
    coded = (order < each).ravel()
    pi = np.full(len(coded), each / (study.sessions * study.segments))
    result = rectify(truth, coded, pi, worker, features=predicted(truth, study, rng))
    ones = np.ones_like(truth)
    share = ratio_of_totals(*(cluster_totals(v, worker, study.workers) for v in (result.values, ones)))
    slope = ratio_of_totals(*slope_totals(result.values, ones, when, worker))
    error = np.where(coded[:, None], truth - result.predicted, 0.0) / len(truth)
    drawn = np.sqrt(design_variance(error, coded, pi))
    widths = [2 * (estimate.upper - estimate.estimate)[0] for estimate in (share, slope)]
    return [*widths, float(drawn[0] * reach(coded.sum() - 1, 0.95))]


def forecast(study, components):
    size, degrees = study.size, study.workers - 1
    codes = coding_variance(components, size)
    of_slope = people_variance(components, size, of=SLOPE) + coding_variance(components, size, of=SLOPE)
    variances = [people_variance(components, size) + codes, of_slope, codes]
    reaches = [reach(degrees, 0.95), reach(degrees, 0.95), reach(study.coded - 1, 0.95)]
    return [float(r * np.sqrt(v)) for r, v in zip(reaches, variances, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "study",
    [
        Study(workers=8, sessions=6, segments=20, coded=240),
        Study(workers=20, sessions=4, segments=15, coded=300),
        Study(workers=20, sessions=6, segments=40, coded=1200, worker_sd=0.2, slope_sd=0.0),
        Study(workers=40, sessions=12, segments=10, coded=400, quality=0.0),
        Study(workers=60, sessions=12, segments=40, coded=1440, session_sd=0.0),
    ],
    ids=lambda study: f"{study.workers} workers",
)
def test_forecast_widths_are_within_a_tenth_of_simulated_ones(study, rng):
    told = forecast(study, true_components(study, rng))
    seen = np.mean([simulated(study, rng) for _ in range(REPEATS)], axis=0)
    assert told == pytest.approx(seen, rel=0.1)


@pytest.mark.slow
def test_the_worked_example_is_simulated_as_it_was_foretold(rng):
    # 60 workers, 12 months, about 40 segments, 5% coded, a share near .22: .0605 foretold, .0600 simulated.
    study = Study(
        workers=60, sessions=12, segments=40, coded=1440, session_sd=0.0, worker_sd=0.58, slope_sd=0.045
    )
    told = forecast(study, true_components(study, rng))
    seen = np.mean([simulated(study, rng) for _ in range(REPEATS)], axis=0)
    assert told[:2] == pytest.approx([0.0605, 0.01026], rel=0.1)
    assert seen == pytest.approx(told, rel=0.05)
