"""Intervals for the corpus at hand: what drawing only some segments for coding leaves open, and no more.

The workers and sessions are taken as they are. Where everything is coded there is nothing left open.
"""

from __future__ import annotations

import numpy as np

from peercompare.drift.ratios import interval, mean_times, slope_totals, times_seen
from peercompare.drift.rectified import cluster_totals, design_variance


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
    values: tuple[np.ndarray, np.ndarray],
    error: tuple[np.ndarray, np.ndarray],
    times: np.ndarray,
    clusters: np.ndarray,
    pi: np.ndarray,
) -> np.ndarray:
    """Say how far each segment's coding moves a slope within clusters, times its probability.

    Computes ``pi * (slope - slope without)``, where "without" takes the prediction for the segment's coding:
    ``(e_s, e_c) / pi`` is taken out of the totals. To first order that is
    ``(t - t_w) * (e_s - (a_w + b (t - t_w)) * e_c) / B``, the slope's linear part with ``t_w`` and ``a_w`` a
    cluster's mean time and level; but a segment draws the level of its own cluster towards itself, so its
    linear part is too small. Leaving it out undoes that, as a jackknife does.

    Parameters
    ----------
    values : (scores, weights), ndarray of shape (n_segments, n_estimands)
        Pseudo-outcomes, as `slope_totals` takes them.
    error : (scores, weights), ndarray of shape (n_segments, n_estimands)
        Coding less prediction of the same; zero where not coded.
    times : ndarray of shape (n_segments,)
    clusters : ndarray of int, shape (n_segments,)
    pi : ndarray of shape (n_segments,)

    Returns
    -------
    ndarray of shape (n_segments, n_estimands)
        NaN where nothing to estimate from would be left without the segment.

    References
    ----------
    Shao & Tu (1995), The Jackknife and Bootstrap, chapter 6. doi:10.1007/978-1-4612-0795-5
    """
    tops, bottoms = slope_totals(*values, times, clusters)
    top, bottom = tops.sum(axis=0), bottoms.sum(axis=0)
    moves = (error[0] != 0).any(axis=1) | (error[1] != 0).any(axis=1)
    mine, chance = clusters[moves], pi[moves, None]
    sums = [cluster_totals(each, clusters, len(tops))[mine] for each in _moments(*values, times)]
    parts = [each[moves] / chance for each in _moments(*error, times)]
    weight, moment, square, score, product = (whole - part for whole, part in zip(sums, parts, strict=True))
    early, late = times_seen(times, clusters)
    centre = mean_times(weight, moment, (early[mine], late[mine]))
    own_top, own_bottom = (
        np.nan_to_num(each) for each in (product - centre * score, square - centre * moment)
    )
    rest = bottom - bottoms[mine] + own_bottom
    influence = np.zeros_like(values[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        without = np.where(rest > 1e-9 * bottom, (top - tops[mine] + own_top) / rest, np.nan)
        influence[moves] = chance * (top / bottom - without)
    return influence


def _moments(scores: np.ndarray, weights: np.ndarray, times: np.ndarray) -> list[np.ndarray]:
    """Return the weights times 1, t and t squared, and the scores times 1 and t."""
    column = times[:, None]
    return [weights, weights * column, weights * column**2, scores, scores * column]


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
