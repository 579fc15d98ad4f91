"""How wide an interval will be before anything is coded: widths from variance components, array core.

What people differ in is bought down by people, what codes leave open by codes; the two are kept apart, so
that nobody buys codes where only workers would help. `pilot` estimates the components, `assumptions` makes
them from what one expects, `planning_tables` lays the widths out over designs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import optimize, stats

from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.errors import InputError, Problem

LEVEL, SLOPE = "level", "slope"
"""What is planned for: a share or index over the whole study, or its change within workers."""

CAUTION = 0.8
"""Confidence with which the differences between workers are no larger than the cautious width supposes."""


@dataclass(frozen=True)
class Components:
    """What makes estimates of one estimand vary: variances of a segment's part in the estimate.

    A segment's part is linearised: for a share or index ``(top - value * bottom) / mean(bottom)``, so that
    segments without a stance widen the interval as they should.

    Parameters
    ----------
    estimand : str
        What they belong to: ``share_<stance>`` or ``index``.
    between : float
        Variance of workers' own values.
    between_slope : float
        Variance of workers' own slopes, per unit of time squared.
    session : float
        Variance of sessions of one worker; for a slope, around that worker's line.
    within : float
        Variance of segments of one session.
    error : float
        Variance of coding less cross-fitted prediction; without predictions, nearly that of the codings.
    error_icc : float, default 0
        How alike these errors are within a session, 0 to 1: it counts only where whole sessions are coded.
    unevenness : float, default 0
        Coefficient of variation of workers' numbers of segments that take a stance.
    between_high, slope_high : float, optional
        The same as `between` and `between_slope`, so large that a pilot of this size would show less in one
        case of five only. Default: the same values.
    clusters : str, default "workers"
        Who differs: workers, or employers where postings are studied.
    source : str
        Where the numbers come from, in words.
    """

    estimand: str
    between: float
    between_slope: float
    session: float
    within: float
    error: float
    error_icc: float = 0.0
    unevenness: float = 0.0
    between_high: float | None = None
    slope_high: float | None = None
    clusters: str = "workers"
    source: str = "assumed"

    def __post_init__(self) -> None:
        """Refuse numbers that are no variances.

        Raises
        ------
        InputError
            Names every number that is negative or not finite.
        """
        names = ("between", "between_slope", "session", "within", "error", "error_icc", "unevenness")
        wrong = [name for name in names if not 0 <= getattr(self, name) < math.inf]
        problems = [Problem(name, f"{getattr(self, name)} is no variance", "0 or more") for name in wrong]
        if self.error_icc > 1:
            problems.append(Problem("error_icc", f"{self.error_icc} is above 1", "from 0 to 1"))
        if problems:
            raise InputError("These variance components cannot be planned with", problems)

    @property
    def total(self) -> float:
        """Variance of a segment's part, workers and sessions included."""
        return self.between + self.session + self.within

    def cautious(self) -> Components:
        """Return the components with differences between workers as large as they may well be."""
        high = self.between if self.between_high is None else self.between_high
        slope = self.between_slope if self.slope_high is None else self.slope_high
        return replace(self, between=high, between_slope=slope)


@dataclass(frozen=True)
class Size:
    """Sizes of one design or, as arrays of one shape, of many.

    Parameters
    ----------
    workers, sessions, segments : float or ndarray
        Workers, sessions of each, segments of a session.
    coded : float or ndarray
        Segments coded in all, a probability sample.
    span : float
        Time from the first session to the last, in the unit of the slope.
    whole_sessions : bool, default False
        Whether sessions are drawn for coding whole, instead of segments one by one.
    """

    workers: np.ndarray
    sessions: np.ndarray
    segments: np.ndarray
    coded: np.ndarray
    span: float = 0.0
    whole_sessions: bool = False

    @property
    def total(self) -> np.ndarray:
        """Segments of the whole corpus."""
        return np.asarray(self.workers, dtype=float) * self.sessions * self.segments


def time_variance(sessions: np.ndarray, span: float) -> np.ndarray:
    """Variance of session times within a worker, sessions at regular distances from the start to the end.

    Parameters
    ----------
    sessions : ndarray
        Sessions of a worker, 2 or more; NaN where fewer.
    span : float
        Time from the first to the last.

    Returns
    -------
    ndarray
        ``span**2 * (S + 1) / (12 * (S - 1))``.

    Examples
    --------
    Twelve months, numbered 0 to 11:

    >>> float(time_variance(np.array(12), 11.0).round(3)), float(np.var(np.arange(12)).round(3))
    (11.917, 11.917)
    """
    sessions = np.asarray(sessions, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sessions >= 2, span**2 * (sessions + 1) / (12 * (sessions - 1)), np.nan)


def people_variance(components: Components, size: Size, *, of: str = LEVEL) -> np.ndarray:
    """Variance of an estimate that would remain if every segment were coded: who was studied, and when.

    ``between / G* + session / (G S) + within / (G S m)``, with ``G* = G / (1 + unevenness**2)`` workers of
    equal weight; for a slope ``between_slope / G* + (session / (G S) + within / (G S m)) / time_variance``.

    Parameters
    ----------
    components : Components
    size : Size
    of : {"level", "slope"}

    Returns
    -------
    ndarray
        Zero nowhere but where the components are.
    """
    n_sessions = np.asarray(size.workers, dtype=float) * size.sessions
    inner = components.session / n_sessions + components.within / size.total
    effective = effective_workers(size.workers, components.unevenness)
    if of == SLOPE:
        return components.between_slope / effective + inner / time_variance(size.sessions, size.span)
    return components.between / effective + inner


def coding_variance(components: Components, size: Size, *, of: str = LEVEL) -> np.ndarray:
    """Variance that coding a sample of ``n`` of the ``N`` segments adds.

    ``(1/n - 1/N) * error * deff``, for a slope divided by `time_variance`. ``deff = 1 + (m - 1) error_icc``
    where whole sessions are coded, else 1.

    Parameters
    ----------
    components : Components
    size : Size
    of : {"level", "slope"}

    Returns
    -------
    ndarray
        Zero where all is coded.
    """
    per_code = error_per_code(components, size, of=of)
    return (1.0 / np.asarray(size.coded, dtype=float) - 1.0 / size.total) * per_code


def error_per_code(components: Components, size: Size, *, of: str = LEVEL) -> np.ndarray:
    """Variance that a single code would leave: what coding divides by the number of codes."""
    deff = 1 + (np.asarray(size.segments, dtype=float) - 1) * components.error_icc
    per_code = components.error * (deff if size.whole_sessions else np.ones_like(deff))
    return per_code / time_variance(size.sessions, size.span) if of == SLOPE else per_code


def effective_workers(workers: np.ndarray, unevenness: float) -> np.ndarray:
    """Workers of equal weight that would say as much as these."""
    return np.asarray(workers, dtype=float) / (1 + unevenness**2)


def reach(degrees: np.ndarray, confidence_level: float) -> np.ndarray:
    """Full width of a t interval in standard errors."""
    return 2 * stats.t.ppf((1 + confidence_level) / 2, degrees)


def detectable_errors(degrees: float, *, power: float = 0.8, confidence_level: float = 0.95) -> float:
    """How many standard errors a true effect must be, for a two-sided t test to find it with this power.

    Solves the noncentral t distribution; for many degrees of freedom it is 2.80.

    Parameters
    ----------
    degrees : float
        Degrees of freedom, 1 or more.
    power : float, default 0.8
    confidence_level : float, default 0.95
        One less the test's level.

    Returns
    -------
    float

    Examples
    --------
    >>> round(detectable_errors(1e6), 2), round(detectable_errors(7), 2)
    (2.8, 3.27)
    """
    return _detectable(round(float(degrees), 6), power, confidence_level)


@lru_cache(maxsize=4096)
def _detectable(degrees: float, power: float, confidence_level: float) -> float:
    bar = stats.t.ppf((1 + confidence_level) / 2, degrees)

    def shortfall(effect: float) -> float:
        # The other tail, a significant effect of the wrong sign, is too rare to count.
        return stats.nct.sf(bar, degrees, effect) - power

    return float(optimize.brentq(shortfall, 0.0, 4 * bar))


def codes_needed(
    components: Components, size: Size, width: float, *, of: str = LEVEL, confidence_level: float = 0.95
) -> np.ndarray:
    """Fewest codes whose interval, for workers like these, is no wider than asked.

    Parameters
    ----------
    components : Components
    size : Size
        Its `coded` is not looked at.
    width : float
        Full width, above 0.
    of : {"level", "slope"}
    confidence_level : float, default 0.95

    Returns
    -------
    ndarray
        NaN where even coding everything leaves the interval wider, or below five workers of equal weight.
    """
    degrees = effective_workers(size.workers, components.unevenness) - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        allowed = (width / reach(degrees, confidence_level)) ** 2 - people_variance(components, size, of=of)
        codes = np.ceil(1.0 / (allowed / error_per_code(components, size, of=of) + 1.0 / size.total) - 1e-9)
    reachable = (allowed >= 0) & (np.asarray(size.workers) >= MIN_CLUSTERS)
    return np.where(reachable, codes, np.nan)
