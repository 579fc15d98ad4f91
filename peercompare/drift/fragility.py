"""How wrong the coding would have to be: the smallest share of codings whose mending takes a result away.

In the spirit of the E-value (VanderWeele & Ding 2017) and of the fragility index of trials (Walsh et al.
2014): no claim about how wrong the coding is, only how much error a result would survive if all of it pointed
one way. Random error in both directions does far less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from peercompare.drift.ratios import RatioEstimate, ratio_of_totals, slope_totals
from peercompare.drift.rectified import cluster_totals

STEPS = 40
"""Halvings in the search for the share: to the 12th digit."""


@dataclass(frozen=True)
class Fragility:
    """Shares of the stance-taking codings that would have to be wrong, all in one direction.

    Parameters
    ----------
    to_zero : float
        For the estimate to be zero; NaN where no such error is enough, or there is no estimate.
    to_doubt : float
        For the interval to reach zero: 0 where it holds zero already; NaN where there is none.
    """

    to_zero: float
    to_doubt: float


def fragile_index(
    stance: np.ndarray,
    weights: np.ndarray,
    clusters: np.ndarray,
    *,
    ends: tuple[float, float] = (-1.0, 1.0),
    confidence_level: float = 0.95,
) -> Fragility:
    """Say which share of codings at one end would have to belong to the other for the index to be zero.

    Of the stance-taking codings a share x at the end that leads is taken to belong to the other end, spread
    evenly over clusters; the index moves by twice x. With two ends at -1 and +1 the share that brings it to
    zero is half the index. The interval is made anew at each x.

    Parameters
    ----------
    stance : ndarray of shape (n_codings,)
        Values of the stance-taking codings, from the one end to the other.
    weights : ndarray of shape (n_codings,)
        What each counts for: 1, or one over its chance of being drawn for coding.
    clusters : ndarray of int, shape (n_codings,)
    ends : (float, float), default (-1, 1)
    confidence_level : float, default 0.95

    Returns
    -------
    Fragility

    References
    ----------
    VanderWeele & Ding (2017), Sensitivity analysis in observational research: introducing the E-value. Annals
    of Internal Medicine 167(4), 268-274. doi:10.7326/M16-2607

    Examples
    --------
    Of 30 codings 18 are at one end and 12 at the other: 3 wrong ones would make them equal.

    >>> stance = np.tile([1.0, 1, 1, -1, -1], 6)
    >>> round(fragile_index(stance, np.ones(30), np.arange(30) // 5 % 6).to_zero, 3)
    0.1
    """
    n_clusters = int(clusters.max()) + 1
    tops, bottoms = (
        cluster_totals(part[:, None], clusters, n_clusters) for part in (stance * weights, weights)
    )
    sign = np.sign(tops.sum())
    leading = ends[1] if sign > 0 else ends[0]
    moved = np.where(stance == leading, weights, 0.0)
    moves = sign * (ends[1] - ends[0]) * cluster_totals(moved[:, None], clusters, n_clusters)
    all_wrong = float(moved.sum() / weights.sum())

    def at(share: float) -> RatioEstimate:
        part = share / all_wrong if all_wrong else 0.0
        return ratio_of_totals(tops - part * moves, bottoms, confidence_level=confidence_level, bounds=ends)

    return _search(at, all_wrong, float(sign))


def fragile_slope(
    stance: np.ndarray,
    weights: np.ndarray,
    times: np.ndarray,
    clusters: np.ndarray,
    *,
    ends: tuple[float, float] = (-1.0, 1.0),
    confidence_level: float = 0.95,
) -> Fragility:
    """Say which share of codings would have to be wrong for the slope within clusters to be zero.

    The worst case: the codings that carry the slope most go first (late ones at the end that it rises to,
    early ones at the end that it leaves), each taken to belong to the other end. Fewer would not do; had the
    same number been wrong at random, the slope would hardly move.

    Parameters
    ----------
    stance, weights, clusters, ends, confidence_level
        As in `fragile_index`.
    times : ndarray of shape (n_codings,)

    Returns
    -------
    Fragility

    References
    ----------
    Walsh et al. (2014), The statistical significance of randomized controlled trial results is frequently
    fragile: a case for a fragility index. Journal of Clinical Epidemiology 67(6), 622-628.
    doi:10.1016/j.jclinepi.2013.10.019
    """
    n_clusters = int(clusters.max()) + 1
    tops, bottoms = slope_totals((stance * weights)[:, None], weights[:, None], times, clusters)
    sign = np.sign(tops.sum())
    lever = sign * _away(times, weights, clusters) * weights
    wrong = np.where(stance == ends[1], lever, np.where(stance == ends[0], -lever, 0.0))
    order = np.argsort(-wrong, kind="stable")[: int((wrong > 1e-12).sum())]
    shares = np.cumsum(weights[order]) / weights.sum()

    def at(share: float) -> RatioEstimate:
        gone = order[: int(np.searchsorted(shares, share + 1e-12, side="right"))]
        lost = np.bincount(clusters[gone], weights=wrong[gone], minlength=n_clusters)[:, None]
        return ratio_of_totals(
            tops - sign * (ends[1] - ends[0]) * lost, bottoms, confidence_level=confidence_level
        )

    return _search(at, float(shares[-1]) if len(shares) else 0.0, float(sign))


def _away(times: np.ndarray, weights: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Time since the weighted middle of each cluster."""
    total = np.bincount(clusters, weights=weights)
    middle = np.bincount(clusters, weights=weights * times) / np.where(total > 0, total, 1.0)
    return times - middle[clusters]


def _search(at: Callable[[float], RatioEstimate], most: float, sign: float) -> Fragility:
    """Search for the least share at which the estimate, and its nearer bound, reach zero."""

    def bound(share: float) -> float:
        found = at(share)
        return float(found.lower[0] if sign > 0 else -found.upper[0])

    to_zero = _least(lambda share: float(sign * at(share).estimate[0]), most)
    # Where the estimate is zero its interval holds zero; where all is one end there is no interval to ask.
    return Fragility(to_zero, _least(bound, most if np.isnan(to_zero) else to_zero))


def _least(value: Callable[[float], float], most: float) -> float:
    """Return the least share at which a falling value is no longer positive; NaN where it never is."""
    first = value(0.0)
    if np.isnan(first):
        return np.nan
    if first <= 0:
        return 0.0
    if not value(most) <= 1e-12:
        return np.nan
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if value(middle) <= 1e-12 else (middle, high)
    return high
