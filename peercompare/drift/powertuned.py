"""How far to trust predictions, chosen by the data: power tuning (PPI++) with clusters.

Rectified estimates trust the cross-fitted predictions fully, estimates from codings alone not at all; both
are unbiased, and so is every mixture. Power tuning takes the mixture with the smallest variance over
clusters, one for each estimate. Choosing it is a fit of its own, so there must be many clusters.
"""

from __future__ import annotations

import numpy as np

from peercompare.drift.ratios import slope_parts, slope_totals
from peercompare.drift.rectified import cluster_totals

MIN_TUNED_CLUSTERS = 100
"""With fewer clusters that hold codings tuned intervals were too short: .85 covered with 6, .94 with 60."""

TOO_FEW_TO_TUNE = (
    f"power tuning needs at least {MIN_TUNED_CLUSTERS} {{clusters}} with sampled codings and this has {{n}}: "
    "with fewer its intervals are too short; use the rectified estimate"
)


def augmentation(predicted: np.ndarray, coded: np.ndarray, pi: np.ndarray) -> np.ndarray:
    """What predictions add to the weighted codings: ``(1 - R / pi) * g``, with mean zero over samples.

    Parameters
    ----------
    predicted : ndarray of shape (n_segments, n_outcomes)
    coded, pi : ndarray of shape (n_segments,)

    Returns
    -------
    ndarray of shape (n_segments, n_outcomes)
    """
    return predicted * (1.0 - np.where(coded, 1.0 / pi, 0.0))[:, None]


def tuning(expert: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Choose the trust in predictions with the smallest variance over clusters, from 0 to 1.

    Computes ``l = - sum_w s_w a_w / sum_w a_w**2``, with ``s_w`` the influence of a cluster on the estimate
    from codings alone and ``a_w`` what predictions add to it, both less their means. Assumes that clusters
    are independent.

    Parameters
    ----------
    expert, added : ndarray of shape (n_clusters, n_estimates)

    Returns
    -------
    ndarray of shape (n_estimates,)
        Cut at 0 and 1; 1 where predictions add nothing at all.

    References
    ----------
    Angelopoulos, Duchi & Zrnic (2023), PPI++: efficient prediction-powered inference, section 6.
    doi:10.48550/arXiv.2311.01453. Theirs is for independent rows; here clusters take their place.

    Examples
    --------
    What is added takes away half of what clusters differ by when it is trusted by half:

    >>> tuning(np.array([[1.0], [-1.0]]), np.array([[-2.0], [2.0]]))
    array([0.5])
    """
    away = added - added.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        best = -(away * (expert - expert.mean(axis=0))).sum(axis=0) / (away**2).sum(axis=0)
    # A zero has no sign where it is told in words.
    return np.clip(np.where(np.isnan(best), 1.0, best), 0.0, 1.0) + 0.0


def tuned_ratio(
    totals: tuple[np.ndarray, np.ndarray], added: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tune ratios of totals over clusters.

    Parameters
    ----------
    totals : (numerators, denominators), ndarray of shape (n_clusters, n_estimands)
        Rectified totals of each cluster, which trust the predictions fully.
    added : (numerators, denominators), ndarray of shape (n_clusters, n_estimands)
        The same totals of `augmentation`.

    Returns
    -------
    numerators, denominators : ndarray of shape (n_clusters, n_estimands)
        For `ratio_of_totals`.
    trust : ndarray of shape (n_estimands,)
        The tuning value of each estimand.
    """
    (top, bottom), (more_top, more_bottom) = totals, added
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = top.sum(axis=0) / bottom.sum(axis=0)
    extra = more_top - ratio * more_bottom
    trust = tuning(top - ratio * bottom - extra, extra)
    return _less(top, (1 - trust) * more_top), _less(bottom, (1 - trust) * more_bottom), trust


def _less(whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Take a part away; what rounding leaves of nothing is nothing."""
    left = whole - part
    return np.where(np.abs(left) <= 1e-12 * (np.abs(whole) + np.abs(part)), 0.0, left)


def tuned_slope(
    rectified: tuple[np.ndarray, np.ndarray],
    added: tuple[np.ndarray, np.ndarray],
    times: np.ndarray,
    clusters: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tune slopes over time with a constant for each cluster.

    Parameters
    ----------
    rectified : (scores, weights), ndarray of shape (n_segments, n_estimands)
        Pseudo-outcomes as `slope_totals` takes them, which trust the predictions fully.
    added : (scores, weights), ndarray of shape (n_segments, n_estimands)
        The same of `augmentation`.
    times : ndarray of shape (n_segments,)
    clusters : ndarray of int, shape (n_segments,)

    Returns
    -------
    numerators, denominators, trust
        As `tuned_ratio` gives them.
    """
    (score, weight), (more_score, more_weight) = rectified, added
    away, level = slope_parts(score, weight, times, clusters)
    top, bottom = slope_totals(score, weight, times, clusters)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = top.sum(axis=0) / bottom.sum(axis=0)
    line = level[clusters] + slope * away
    n_clusters = len(top)
    whole = cluster_totals(away * (score - line * weight), clusters, n_clusters)
    extra = cluster_totals(away * (more_score - line * more_weight), clusters, n_clusters)
    trust = tuning(whole - extra, extra)
    score, weight = score - (1 - trust) * more_score, weight - (1 - trust) * more_weight
    return *slope_totals(score, weight, times, clusters), trust
