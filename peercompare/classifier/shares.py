"""Shares over segments with intervals over clusters, and what of them is withheld."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.special import ndtri

from peercompare.classifier import scoring

NOTHING = "undefined: there is no such segment"


def mean_over_segments(
    values: np.ndarray,
    clusters: Sequence[Hashable],
    *,
    confidence_level: float = 0.95,
    highest: float = 1.0,
) -> scoring.Score:
    """Average a value over segments, with a delete-one-cluster jackknife interval, t(n_clusters - 1).

    Parameters
    ----------
    values : np.ndarray, shape (n_segments,)
        Booleans for a share, or numbers from 0 to `highest`.
    clusters : sequence of length n_segments
        Employer or worker.
    confidence_level : float, default 0.95
        In (0, 1).
    highest : float, default 1.0
        Intervals are cut at 0 and there.

    Returns
    -------
    Score
        Without an interval where `scoring.interval` gives none; ``reason`` says why.

    Examples
    --------
    >>> mean_over_segments(np.array([True, False, True]), "abb").estimate.__round__(3)
    0.667
    """
    values = np.asarray(values, dtype=float)
    if not len(values):
        return scoring.Score(np.nan, np.nan, np.nan, 0, NOTHING)
    of, names = scoring.factorized(clusters)
    sums, sizes = np.bincount(of, weights=values, minlength=len(names)), np.bincount(of, minlength=len(names))
    estimate = float(sums.sum() / sizes.sum())
    with np.errstate(invalid="ignore"):
        without = (sums.sum() - sums) / (sizes.sum() - sizes)
    return scoring.interval(estimate, without, confidence_level, highest)


def design_effect(values: np.ndarray, clusters: Sequence[Hashable]) -> float:
    """Compare the variance of a share over clusters with that of as many independent segments.

    Parameters
    ----------
    values : np.ndarray of bool, shape (n_segments,)
    clusters : sequence of length n_segments

    Returns
    -------
    float
        Jackknife variance over clusters divided by p (1 - p) / n; at least 1. NaN with fewer than two
        clusters, or where the share is 0 or 1.

    References
    ----------
    Kish, L. (1965). Survey Sampling. Wiley, section 8.2.
    """
    values = np.asarray(values, dtype=float)
    of, names = scoring.factorized(clusters)
    if len(names) < 2 or values.min() == values.max():
        return np.nan
    sums, sizes = np.bincount(of, weights=values), np.bincount(of)
    without = (sums.sum() - sums) / (sizes.sum() - sizes)
    variance = (len(names) - 1) / len(names) * ((without - without.mean()) ** 2).sum()
    share = values.mean()
    return max(1.0, float(variance / (share * (1 - share) / len(values))))


def needed_per_group(
    share: float, difference: float, effect: float, *, power: float = 0.8, confidence_level: float = 0.95
) -> float:
    """Say how many segments each of two groups needs for a difference between their shares to be seen.

    Parameters
    ----------
    share : float
        The share in one group, in (0, 1).
    difference : float
        How much higher it is in the other.
    effect : float
        Design effect; see `design_effect`.
    power : float, default 0.8
        Chance of seeing the difference where it is there.
    confidence_level : float, default 0.95
        Of the two-sided test.

    Returns
    -------
    float
        Segments in each group, rounded up; NaN where a share would leave (0, 1) or something is unknown.

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003). Statistical Methods for Rates and Proportions, 3rd ed.
    Wiley, section 4.3, without the correction for continuity; doi:10.1002/0471445428

    Examples
    --------
    >>> needed_per_group(0.15, 0.10, 1.0)
    250.0
    """
    other = share + difference
    if not (0 < share < 1 and 0 < other < 1 and effect > 0):
        return np.nan
    middle = (share + other) / 2
    null = ndtri(0.5 + confidence_level / 2) * np.sqrt(2 * middle * (1 - middle))
    alternative = ndtri(power) * np.sqrt(share * (1 - share) + other * (1 - other))
    return float(np.ceil(effect * (null + alternative) ** 2 / difference**2))
