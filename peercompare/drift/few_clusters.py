"""Slopes taken in two stages: one for each worker, then their mean; for few workers, who count the same.

The slope of `ratios.slope_totals` counts each worker by how much their sessions tell of change. Here every
worker's own slope weighs the same: it is that of the typical worker, and its interval rests on nothing but
how these slopes differ.
"""

from __future__ import annotations

import numpy as np

from peercompare.drift.ratios import (
    EMPTY,
    FEW,
    MIN_CLUSTERS,
    SAME,
    UNSTABLE,
    RatioEstimate,
    interval,
    slope_totals,
)


def two_stage_slope(
    scores: np.ndarray,
    weights: np.ndarray,
    times: np.ndarray,
    clusters: np.ndarray,
    *,
    confidence_level: float = 0.95,
) -> RatioEstimate:
    """Estimate the mean of the clusters' own slopes, with a t interval over clusters.

    Computes ``b_w = sum (t - t_w) s / sum (t - t_w)**2 c`` in each cluster, their mean, its standard error
    ``sd(b_w) / sqrt(G)`` and ``mean +- t(G - 1) * se``. Assumes that clusters are independent draws and their
    slopes roughly alike in precision; a cluster seen at one time has no slope and is left out. With a sample,
    a cluster's slope is a ratio of pseudo-outcomes, so that with few coded segments in a cluster it is skewed
    and slightly biased: the slope of `slope_totals`, a ratio of sums over clusters, is not.

    Parameters
    ----------
    scores, weights : ndarray of shape (n_segments, n_estimands)
        Codings or pseudo-outcomes, as in `slope_totals`.
    times : ndarray of shape (n_segments,)
    clusters : ndarray of int, shape (n_segments,)
    confidence_level : float, default 0.95

    Returns
    -------
    RatioEstimate
        No interval below five clusters, and none where a cluster's pseudo-outcomes leave it no spread of
        time to estimate from; `reason` says so.

    References
    ----------
    Ibragimov & Mueller (2010), t-statistic based correlation and heterogeneity robust inference. Journal of
    Business & Economic Statistics 28(4), 453-468. doi:10.1198/jbes.2009.08046

    Examples
    --------
    Five workers who rise by .1, .2, .3, .4 and .5 a month:

    >>> month = np.tile([0.0, 1.0, 2.0], 5)
    >>> worker = np.repeat(np.arange(5), 3)
    >>> score = ((worker + 1) * 0.1 * month)[:, None]
    >>> slope = two_stage_slope(score, np.ones((15, 1)), month, worker)
    >>> slope.estimate.round(2), slope.lower.round(2), slope.upper.round(2)
    (array([0.3]), array([0.1]), array([0.5]))
    """
    top, bottom = slope_totals(scores, weights, times, clusters)
    moving = (top != 0) | (bottom != 0)
    usable = bottom > 0
    held = usable.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.where(usable, top / bottom, np.nan)
        estimate = np.where(held > 0, np.nansum(own, axis=0) / held, np.nan)
        spread = np.nansum((own - estimate) ** 2, axis=0) / np.maximum(held - 1, 1)
        error = np.sqrt(spread / held)
    degrees = np.maximum(held - 1.0, 1.0)
    ends = interval(estimate, error, degrees, confidence_level=confidence_level)
    reason = np.full(estimate.shape, "", dtype=object)
    reason[~(error > 1e-12)] = SAME
    reason[(moving & ~usable).any(axis=0)] = UNSTABLE
    for place in np.flatnonzero(held < MIN_CLUSTERS):
        reason[place] = FEW.replace("{n}", str(int(held[place])))
    reason[held == 0] = EMPTY
    return RatioEstimate.where_known(estimate, ends, error, degrees, held, reason)
