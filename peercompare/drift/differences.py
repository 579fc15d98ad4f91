"""Array core of contrasts: two ratios apart, a change across an event beside one without it, few clusters.

Numpy and scipy alone. Totals come from `rectified` and `ratios`; `events` and `moderators` make the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import perm

import numpy as np
from scipy import stats

MIN_EACH_SIDE = 3
MIN_BOTH_SIDES = 8
"""With fewer clusters on one side, or on both together, a t interval of an event does not hold."""

MOST_ASSIGNMENTS = 5000
"""Up to so many ways to deal out the events are tried one by one; beyond that, as many are drawn."""


@dataclass(frozen=True)
class Contrast:
    """A difference with its interval.

    Parameters
    ----------
    estimate, lower, upper : float
        NaN where not defined.
    standard_error, degrees : float
        Of the jackknife, and the effective degrees of freedom.
    """

    estimate: float
    lower: float
    upper: float
    standard_error: float
    degrees: float

    @property
    def p_value(self) -> float:
        """Two-sided p of no difference; NaN where there is no interval."""
        if not np.isfinite(self.lower):
            return np.nan
        return float(2 * stats.t.sf(abs(self.estimate / self.standard_error), self.degrees))


@dataclass(frozen=True)
class EventContrast:
    """Change across events beside the change without them.

    Parameters
    ----------
    with_event, without : float
        Mean change of the clusters that had an event, and of those that never had one at the same dates.
    contrast : Contrast
        Their difference; its interval is NaN where there are too few clusters for it.
    n_with, n_without : int
        Clusters on both sides.
    assignments : int
        In how many ways the events were dealt out to the clusters, to compare.
    p_assigned : float
        Share of these ways in which the difference is at least as large; NaN where there is no comparison.
    p_least : float
        That share for the most striking way: no outcome could have given a smaller p.
    """

    with_event: float
    without: float
    contrast: Contrast
    n_with: int
    n_without: int
    assignments: int
    p_assigned: float
    p_least: float


def difference_of_ratios(
    numerators: np.ndarray, denominators: np.ndarray, *, confidence_level: float = 0.95
) -> Contrast:
    """Estimate the second ratio of totals less the first, with a joint delete-one-cluster jackknife.

    Each cluster is left out of both ratios at once, so that what the two share (the same worker in both) is
    allowed for. Degrees of freedom are Welch and Satterthwaite's from the effective clusters of each side
    where no cluster stands on both, else the smaller side's effective clusters less one.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_clusters, 2)
        Totals of each cluster on each side; zeros where it is absent.
    confidence_level : float, default 0.95

    Returns
    -------
    Contrast
        NaN where a side has no positive total; no interval where a side is one cluster.

    References
    ----------
    Satterthwaite (1946), An approximate distribution of estimates of variance components. Biometrics Bulletin
    2(6), 110-114. doi:10.2307/3002019

    Examples
    --------
    >>> tops = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [0.0, 5.0]])
    >>> bottoms = np.array([[4.0, 0.0], [4.0, 0.0], [0.0, 8.0], [0.0, 8.0]])
    >>> found = difference_of_ratios(tops, bottoms)
    >>> round(found.estimate, 3), round(found.standard_error, 3), round(found.degrees, 2)
    (0.125, 0.177, 2.0)
    """
    present = denominators != 0
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = _ratio(numerators.sum(axis=0), denominators.sum(axis=0))
        others = _ratio(numerators.sum(axis=0) - numerators, denominators.sum(axis=0) - denominators)
        count = present.sum(axis=0)
        shift = np.where(present, others - ratio, 0.0) * np.sqrt((count - 1) / count)
        effective = denominators.sum(axis=0) ** 2 / (denominators**2).sum(axis=0)
    error = float(np.sqrt(((shift[:, 1] - shift[:, 0]) ** 2).sum()))
    degrees = np.maximum(np.minimum(effective, count) - 1.0, 1.0)
    if present.all(axis=1).any():
        freedom = float(degrees.min())
    else:
        freedom = welch((shift**2).sum(axis=0), degrees)
    return _contrast(float(ratio[1] - ratio[0]), error, freedom, confidence_level)


def change_beside(
    numerators: np.ndarray,
    denominators: np.ndarray,
    assigned: np.ndarray,
    *,
    confidence_level: float = 0.95,
    seed: int = 0,
) -> EventContrast:
    r"""Difference in differences: clusters across their event beside clusters that never had one.

    For an event ``e`` in cluster ``a(e)``, ``d_e = T[a(e), e] / B[a(e), e] - sum_c T[c, e] / sum_c B[c, e]``,
    ``c`` running over the clusters without any event; the estimate is the mean of the ``d_e`` weighted by
    ``B[a(e), e]``. Clusters that have their event at another date never serve as comparison, so that effects
    that grow with time cannot be taken for their opposite. Assumes that without the event both sides would
    have moved alike.

    The interval is a jackknife on each side with Welch and Satterthwaite's degrees of freedom, given from
    eight clusters on, three on each side. The p of assignment deals the events with their dates to the
    clusters in every other way (or in 5,000 drawn ways) and counts how often the difference is at least as
    far from zero; it is exact for no effect at all where any cluster could have had any of the events.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_clusters, n_events)
        Totals of each cluster whose ratio is its change across the date of each event, from `slope_totals`
        with an indicator of "after" as time.
    assigned : ndarray of int, shape (n_events,)
        The cluster that had each event; one event a cluster.
    confidence_level : float, default 0.95
    seed : int, default 0
        Of the drawn ways, where there are too many to try.

    Returns
    -------
    EventContrast

    Notes
    -----
    Events of clusters in which nothing was seen on both sides of the date must be left out beforehand.

    Measured coverage of nominal 95% intervals, 1,500 simulations each, clusters of unequal size (their
    logarithms have a standard deviation of .6), by clusters with and without: 3 and 5 .959, 4 and 4 .959,
    5 and 5 .961, 8 and 8 .953, 3 and 12 .935. With two on one side they are too wide or too short (2 and 2
    .975, 2 and 10 .917) and are not given.

    References
    ----------
    Callaway & Sant'Anna (2021), Difference-in-differences with multiple time periods. Journal of Econometrics
    225(2), 200-230 (never treated as comparison). doi:10.1016/j.jeconom.2020.12.001
    MacKinnon & Webb (2020), Randomization inference for difference-in-differences with few treated clusters.
    Journal of Econometrics 218(2), 435-450. doi:10.1016/j.jeconom.2020.04.024

    Examples
    --------
    One of four sites rises by .3 while the others rise by .1; chance alone would pick it one time in four:

    >>> tops = np.array([[0.3], [0.1], [0.05], [0.15]])
    >>> found = change_beside(tops, np.ones((4, 1)), np.array([0]))
    >>> round(found.contrast.estimate, 2), found.p_assigned, found.contrast.lower
    (0.2, 0.25, nan)
    """
    usable = denominators.any(axis=1)
    usable[assigned] = True
    where = np.flatnonzero(usable)
    tops, bottoms = numerators[where], denominators[where]
    place = np.searchsorted(where, assigned)
    free = np.ones(len(where), dtype=bool)
    free[place] = False
    estimate, with_event, without = _stacked(tops, bottoms, place)
    error, degrees = _two_sided_error(tops, bottoms, place, free, (with_event, without, estimate))
    n_with, n_without = len(place), int(free.sum())
    enough = min(n_with, n_without) >= MIN_EACH_SIDE and n_with + n_without >= MIN_BOTH_SIDES
    contrast = _contrast(estimate, error if enough else np.nan, degrees, confidence_level)
    return EventContrast(
        with_event, without, contrast, n_with, n_without, *_assignment(tops, bottoms, place, estimate, seed)
    )


def welch(variances: np.ndarray, degrees: np.ndarray) -> float:
    """Return Welch and Satterthwaite's degrees of freedom of a sum of variances; 1 where all are zero."""
    total = float(variances.sum())
    if not total > 0:
        return 1.0
    return float(max(total**2 / (variances**2 / degrees).sum(), 1.0))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.where(bottom > 0, top / bottom, np.nan)


def _contrast(estimate: float, error: float, degrees: float, confidence_level: float) -> Contrast:
    """Make the t interval; none without a standard error above zero."""
    if not (np.isfinite(estimate) and error > 1e-12):
        return Contrast(estimate, np.nan, np.nan, np.nan, degrees)
    reach = stats.t.ppf((1 + confidence_level) / 2, degrees) * error
    return Contrast(estimate, estimate - reach, estimate + reach, error, degrees)


def _stacked(tops: np.ndarray, bottoms: np.ndarray, place: np.ndarray) -> tuple[float, float, float]:
    """Return the estimate and both sides' changes for one way to deal out the events."""
    with_event, without = _both_sides(tops, bottoms, place[None, :])
    return float(with_event[0] - without[0]), float(with_event[0]), float(without[0])


def _both_sides(tops: np.ndarray, bottoms: np.ndarray, ways: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the change with and without the events for many ways to deal them out, shape (n_ways, n_events).

    NaN where the clusters that would have had an event tell nothing, or no others are left to compare.
    """
    events = np.arange(ways.shape[1])
    weight = bottoms[ways, events]
    # What is left of each event's total once the clusters with any event are taken away.
    others_top = tops.sum(axis=0) - tops[ways].sum(axis=1)
    others = bottoms.sum(axis=0) - bottoms[ways].sum(axis=1)
    known = others > 1e-12 * np.abs(bottoms).sum(axis=0)
    total = weight.sum(axis=1)
    usable = (total > 0) & (known | (weight <= 0)).all(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.where(known, others_top / others, 0.0)
        without = np.where(usable, (weight * change).sum(axis=1) / total, np.nan)
        with_event = np.where(usable, tops[ways, events].sum(axis=1) / total, np.nan)
    return with_event, without


def _two_sided_error(
    tops: np.ndarray,
    bottoms: np.ndarray,
    place: np.ndarray,
    free: np.ndarray,
    found: tuple[float, float, float],
) -> tuple[float, float]:
    """Return the standard error, each cluster left out of its side in turn, and the degrees of freedom."""
    sides = (place, np.flatnonzero(free))
    if min(len(side) for side in sides) < 2 or not np.isfinite(found[2]):
        return np.nan, 1.0
    variances, degrees = [], []
    for number, side in enumerate(sides):
        shifts = []
        for cluster in side:
            kept = np.arange(len(tops)) != cluster
            events = place != cluster
            rest = np.searchsorted(np.flatnonzero(kept), place[events])
            shifts.append(_stacked(tops[kept][:, events], bottoms[kept][:, events], rest)[0] - found[2])
        weight = bottoms[place, np.arange(len(place))] if number == 0 else bottoms[side].sum(axis=1)
        size = len(side)
        variances.append((size - 1) / size * float(np.square(shifts).sum()))
        degrees.append(max(min(weight.sum() ** 2 / np.square(weight).sum(), size) - 1.0, 1.0))
    return float(np.sqrt(sum(variances))), welch(np.array(variances), np.array(degrees))


def _assignment(
    tops: np.ndarray, bottoms: np.ndarray, place: np.ndarray, estimate: float, seed: int
) -> tuple[int, float, float]:
    """Count the ways in which the events could have fallen, and those that look at least as striking."""
    n_clusters, n_events = len(tops), len(place)
    ways = perm(n_clusters, n_events)
    if n_clusters <= n_events or not np.isfinite(estimate):
        return 0, np.nan, np.nan
    if ways <= MOST_ASSIGNMENTS:
        tried = list(permutations(range(n_clusters), n_events))
    else:
        rng = np.random.default_rng(seed)
        tried = [place, *(rng.permutation(n_clusters)[:n_events] for _ in range(MOST_ASSIGNMENTS - 1))]
    with_event, without = _both_sides(tops, bottoms, np.array(tried))
    size = np.abs(with_event - without)
    size = size[np.isfinite(size)]
    # Ways that give the same difference to the last digit are as striking as what happened.
    near = 1e-12
    return (
        len(size),
        float(np.mean(size >= abs(estimate) - near)),
        float(np.mean(size >= size.max() - near)),
    )
