"""Intervals for the corpus at hand: what drawing only some segments for coding leaves open, and no more.

The workers and sessions are taken as they are. Where everything is coded there is nothing left open.
"""

from __future__ import annotations

import numpy as np

from peercompare.drift.ratios import interval
from peercompare.drift.rectified import design_variance


def ratio_influence(
    error: np.ndarray, numerators: np.ndarray, denominators: np.ndarray, ratio: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Say how far each segment's error of prediction would move a ratio of totals.

    Computes ``(e_top - D * e_bottom) / B``, the ratio's linear part, with ``B`` the denominator's total.

    Parameters
    ----------
    error : ndarray of shape (n_segments, n_outcomes)
        Coding less prediction; rows that are not coded do not matter.
    numerators, denominators : ndarray of shape (n_outcomes, n_estimands)
        Weights of the outcomes.
    ratio, total : ndarray of shape (n_estimands,)
        The estimates ``D`` and their denominators' totals ``B``.

    Returns
    -------
    ndarray of shape (n_segments, n_estimands)
        NaN where a total is zero.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return (error @ numerators - ratio * (error @ denominators)) / total


def slope_influence(
    error: tuple[np.ndarray, np.ndarray],
    away: np.ndarray,
    level: np.ndarray,
    slope: np.ndarray,
    total: np.ndarray,
) -> np.ndarray:
    """Say how far each segment's error of prediction would move a slope within clusters.

    Computes ``(t - t_w) * (e_s - (a_w + b (t - t_w)) * e_c) / B``, with ``B`` the denominator's total.

    Parameters
    ----------
    error : (scores, weights), ndarray of shape (n_segments, n_estimands)
        Coding less prediction of what `slope_totals` takes.
    away : ndarray of shape (n_segments, n_estimands)
        From `slope_parts`.
    level : ndarray of shape (n_segments, n_estimands)
        Level of each segment's cluster.
    slope, total : ndarray of shape (n_estimands,)

    Returns
    -------
    ndarray of shape (n_segments, n_estimands)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return away * (error[0] - (level + slope * away) * error[1]) / total


def corpus_interval(
    estimate: np.ndarray,
    influence: np.ndarray,
    coded: np.ndarray,
    pi: np.ndarray,
    *,
    strata: np.ndarray | None = None,
    confidence_level: float = 0.95,
    bounds: tuple[float | np.ndarray, float | np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Make intervals that hold for this corpus, under the design by which segments were drawn.

    Computes ``estimate +- t * sqrt(V)`` with the variance of `design_variance` and one degree of freedom for
    each coded segment but one (and, where segments were drawn within strata, but one for each stratum).
    Assumes that the chances are those with which segments were really drawn, one by one: where whole
    sessions were drawn, sum the influence within sessions first.

    Parameters
    ----------
    estimate : ndarray of shape (n_estimands,)
    influence : ndarray of shape (n_segments, n_estimands)
        From `ratio_influence` or `slope_influence`.
    coded, pi : ndarray of shape (n_segments,)
    strata : ndarray of int, shape (n_segments,), optional
        Within which fixed numbers were drawn. Left out, the variance leans to the wide side.
    confidence_level : float, default 0.95
    bounds : (low, high), optional
        Ends of the scale, as in `ratio_of_totals`.

    Returns
    -------
    lower, upper, error, degrees : ndarray of shape (n_estimands,)
        The error is zero, and the ends are the estimate, where all was coded with probability 1.

    References
    ----------
    Saerndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, sections 5.5 and 6.6.
    doi:10.1007/978-1-4612-4378-6
    """
    error = np.sqrt(design_variance(influence, coded, pi, strata=strata))
    n_strata = 1 if strata is None else len(np.unique(strata[coded]))
    degrees = np.maximum((coded[:, None] & (influence != 0)).sum(axis=0) - n_strata, 1.0)
    lower, upper = interval(estimate, error, degrees, confidence_level=confidence_level, bounds=bounds)
    return lower, upper, error, degrees
