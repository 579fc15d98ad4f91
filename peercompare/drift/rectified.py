"""Array core of drift: what each segment counts for, once codings have put the predictions right.

Numpy alone. `ratios` turns these pseudo-outcomes into shares, indices and slopes with intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from peercompare.errors import UndefinedError

RIDGE = 1.0
"""Penalty of the cross-fit, in coded segments: small, and none on the intercept."""

ALL_CODED = "all segments coded"


@dataclass(frozen=True)
class PseudoOutcome:
    """Outcomes whose totals over any set of segments are unbiased for the totals of the true codings.

    Parameters
    ----------
    values : ndarray of shape (n_segments, n_outcomes)
        The codings themselves where every segment is coded, else ``g + R / pi * (Y - g)``.
    predicted : ndarray of shape (n_segments, n_outcomes)
        The cross-fitted ``g``; zeros where every segment is coded.
    method : str
        How the values were made, in words for the column ``method``.
    """

    values: np.ndarray
    predicted: np.ndarray
    method: str


def rectify(
    outcomes: np.ndarray,
    coded: np.ndarray,
    pi: np.ndarray,
    clusters: np.ndarray,
    *,
    features: np.ndarray | None = None,
) -> PseudoOutcome:
    """Combine a probability sample of codings with predictions for every segment.

    Computes the pseudo-outcome of design-based supervised learning. It is unbiased when the coded segments
    were drawn with the given probabilities, however bad the predictions are: bad predictions cost width,
    never truth. Where every segment is coded with probability 1 the pseudo-outcome is the coding itself.

    Parameters
    ----------
    outcomes : ndarray of shape (n_segments, n_outcomes)
        Indicators or shares from 0 to 1. Rows of segments that are not coded are ignored and may be NaN.
    coded : ndarray of bool, shape (n_segments,)
    pi : ndarray of shape (n_segments,)
        Probability, in (0, 1], with which each segment was drawn for coding.
    clusters : ndarray of int, shape (n_segments,)
        Index of the worker or employer, from 0.
    features : ndarray of shape (n_segments, n_features), optional
        Predicted probabilities. None: the mean of the other clusters' codings stands in.

    Returns
    -------
    PseudoOutcome

    Raises
    ------
    UndefinedError
        When no segment is coded, or a probability is outside (0, 1].

    References
    ----------
    Egami, Hinck, Stewart & Wei (2023), Using imperfect surrogates for downstream inference: design-based
    supervised learning for social science applications of large language models. NeurIPS 36.
    doi:10.48550/arXiv.2306.04746

    Examples
    --------
    Four segments of two workers, half of them coded; predictions that say nothing change nothing.

    >>> result = rectify(np.array([[1.0], [np.nan], [0.0], [np.nan]]), np.array([True, False, True, False]),
    ...                  np.full(4, 0.5), np.array([0, 0, 1, 1]))
    >>> result.values.mean(axis=0)
    array([0.5])
    """
    coded, pi = checked(coded, pi)
    known = np.where(coded[:, None], outcomes, 0.0)
    if coded.all() and np.all(pi == 1.0):
        return PseudoOutcome(known, np.zeros_like(known), ALL_CODED)
    predicted = crossfit(known, coded, pi, clusters, features=features)
    method = method_words(predictions=features is not None)
    return PseudoOutcome(pseudo_outcome(known, predicted, coded, pi), predicted, method)


def method_words(*, predictions: bool) -> str:
    """Name the method of rectified outcomes, with predictions or without."""
    source = "with predictions" if predictions else "without predictions"
    return f"rectified from a probability sample (DSL, cross-fitted by cluster, {source})"


def pseudo_outcome(
    known: np.ndarray, predicted: np.ndarray, coded: np.ndarray, pi: np.ndarray, *, tuning: float = 1.0
) -> np.ndarray:
    """Put predictions right: ``l * g + R / pi * (Y - l * g)``, with ``l`` the trust put in the predictions.

    With ``l = 1`` it is the pseudo-outcome of design-based supervised learning, with ``l = 0`` the codings
    weighted by one over their probability. Its expectation over samples is the coding for any ``l``, as long
    as the prediction of a segment does not depend on whether that segment was drawn.

    Parameters
    ----------
    known : ndarray of shape (n_segments, n_outcomes)
        Codings; finite everywhere, and ignored where not coded.
    predicted : ndarray of shape (n_segments, n_outcomes)
    coded, pi : ndarray of shape (n_segments,)
    tuning : float, default 1.0

    Returns
    -------
    ndarray of shape (n_segments, n_outcomes)

    References
    ----------
    Egami, Hinck, Stewart & Wei (2023), as in `rectify`. Angelopoulos, Duchi & Zrnic (2023), PPI++: efficient
    prediction-powered inference. doi:10.48550/arXiv.2311.01453

    Examples
    --------
    >>> pseudo_outcome(np.array([[1.0], [0.0]]), np.array([[0.7], [0.2]]), np.array([True, False]),
    ...                np.array([0.5, 0.5])).ravel()
    array([1.3, 0.2])
    """
    values = tuning * predicted
    weight = 1.0 / pi[coded, None]
    values[coded] += weight * (known[coded] - values[coded])
    return values


def crossfit(
    outcomes: np.ndarray,
    coded: np.ndarray,
    pi: np.ndarray,
    clusters: np.ndarray,
    *,
    features: np.ndarray | None = None,
) -> np.ndarray:
    """Predict each outcome from the features, for every cluster from the other clusters' codings alone.

    Each cluster is a fold of its own, so there is no seed. The regression is linear with a small ridge
    penalty: linear fits keep sums, so predicted stances and `none` still add up to one.

    Parameters
    ----------
    outcomes, coded, pi, clusters, features
        As in `rectify`; rows of segments that are not coded must hold finite numbers, which are not used.

    Returns
    -------
    ndarray of shape (n_segments, n_outcomes)
        Zero in a cluster where no other cluster has a coded segment.
    """
    n_segments, n_clusters = len(coded), int(clusters.max()) + 1
    columns = np.empty((n_segments, 0)) if features is None else np.asarray(features, dtype=float)
    design = np.column_stack([np.ones(n_segments), columns])
    width = design.shape[1]
    # One Gram matrix for each cluster: leaving a cluster out is then a subtraction, not a new pass over the
    # data.
    gram = np.zeros((n_clusters, width, width))
    cross = np.zeros((n_clusters, width, outcomes.shape[1]))
    for cluster, rows in _by_cluster(clusters, np.flatnonzero(coded)):
        weighted = design[rows].T / pi[rows]
        gram[cluster], cross[cluster] = weighted @ design[rows], weighted @ outcomes[rows]
    coefficients = without_own(gram, cross)
    predicted = np.empty((n_segments, outcomes.shape[1]))
    for cluster, rows in _by_cluster(clusters, np.arange(n_segments)):
        predicted[rows] = design[rows] @ coefficients[cluster]
    return predicted


def without_own(gram: np.ndarray, cross: np.ndarray) -> np.ndarray:
    """Fit for every cluster the regression on the other clusters' codings.

    Parameters
    ----------
    gram : ndarray of shape (n_clusters, n_columns, n_columns)
        Sums over the coded segments of each cluster of ``x x' / pi``, the intercept first.
    cross : ndarray of shape (n_clusters, n_columns, n_outcomes)
        Sums of ``x y' / pi``.

    Returns
    -------
    ndarray of shape (n_clusters, n_columns, n_outcomes)
        Coefficients.
    """
    penalty = RIDGE * np.diag(np.r_[0.0, np.ones(gram.shape[1] - 1)])
    others = gram.sum(axis=0) - gram, cross.sum(axis=0) - cross
    return np.linalg.pinv(others[0] + penalty, hermitian=True) @ others[1]


def cluster_totals(values: np.ndarray, clusters: np.ndarray, n_clusters: int) -> np.ndarray:
    """Sum the rows of each cluster.

    Parameters
    ----------
    values : ndarray of shape (n_segments, n_outcomes)
    clusters : ndarray of int, shape (n_segments,)
    n_clusters : int

    Returns
    -------
    ndarray of shape (n_clusters, n_outcomes)

    Examples
    --------
    >>> cluster_totals(np.array([[1.0], [2.0], [4.0]]), np.array([0, 2, 2]), 3).ravel()
    array([1., 0., 6.])
    """
    return reduced(np.add, np.asarray(values, dtype=float), clusters, n_clusters, 0.0)


def reduced(
    how: np.ufunc, values: np.ndarray, groups: np.ndarray, n_groups: int, empty: float | bool
) -> np.ndarray:
    """Reduce the rows of each group, quickly where a group's rows stand together.

    Parameters
    ----------
    how : ufunc
        Of two arguments, in whatever order: ``np.add``, ``np.logical_or``, ``np.fmin``.
    values : ndarray of shape (n_rows, n_columns)
    groups : ndarray of int, shape (n_rows,)
        From 0.
    n_groups : int
    empty : float or bool
        What a group without rows comes to, which changes nothing where it is reduced with others.

    Returns
    -------
    ndarray of shape (n_groups, n_columns)
    """
    result = np.full((n_groups, values.shape[1]), empty, dtype=values.dtype)
    if len(groups):
        starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
        how.at(result, groups[starts], how.reduceat(values, starts, axis=0))
    return result


def design_variance(
    influence: np.ndarray, coded: np.ndarray, pi: np.ndarray, *, strata: np.ndarray | None = None
) -> np.ndarray:
    """Variance that the drawing of segments for coding brings, with the corpus itself held fixed.

    Sums ``(1 - pi) / pi**2 * e**2`` over coded segments, with ``e`` the contribution of a segment's error of
    prediction to the estimate. Where a fixed number was drawn within each stratum, ``e`` is centred there and
    the sum of a stratum with ``n`` coded segments grows by ``n / (n - 1)``; without strata it is not centred
    and leans to the wide side.

    Parameters
    ----------
    influence : ndarray of shape (n_segments, n_estimates)
        ``(Y - g)`` of each segment, linearised for the estimate. Rows not coded are ignored.
    coded, pi : ndarray of shape (n_segments,)
    strata : ndarray of int, shape (n_segments,), optional
        From 0. A stratum with a single coded segment is not centred.

    Returns
    -------
    ndarray of shape (n_estimates,)
        Zero where every segment was coded with probability 1.

    References
    ----------
    Hajek (1964), Asymptotic theory of rejective sampling with varying probabilities from a finite population.
    Annals of Mathematical Statistics 35(4), 1491-1523. doi:10.1214/aoms/1177700375

    Examples
    --------
    Two of four drawn, and two of two: what was drawn for certain brings no variance.

    >>> drawn = np.array([True, True, False, False, True, True])
    >>> design_variance(np.array([[1.0], [3.0], [0.0], [0.0], [9.0], [5.0]]), drawn,
    ...                 np.array([0.5] * 4 + [1.0] * 2), strata=np.array([0] * 4 + [1] * 2))
    array([8.])
    """
    error, chance = influence[coded], pi[coded]
    weight = (1.0 - chance) / chance**2
    if strata is not None:
        weight, error = _centred(error, 1.0 - chance, weight, strata[coded])
    return weight @ error**2


def _centred(
    error: np.ndarray, heft: np.ndarray, weight: np.ndarray, strata: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Centre expanded errors within strata by Hajek's weights, and grow the weights for the means taken."""
    size = int(strata.max()) + 1
    n = np.bincount(strata, minlength=size)
    root = np.sqrt(weight / np.where(heft > 0, heft, 1.0))
    expanded = error * root[:, None]
    total = np.bincount(strata, heft, minlength=size)
    mean = cluster_totals(expanded * heft[:, None], strata, size) / np.where(total > 0, total, 1.0)[:, None]
    mean[n < 2] = 0.0
    grown = heft * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)[strata]
    return grown, expanded - mean[strata]


def checked(coded: np.ndarray, pi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return who was coded and with which probability, as arrays that can be estimated from.

    Raises
    ------
    UndefinedError
        When no segment is coded, or a probability is outside (0, 1].
    """
    coded, pi = np.asarray(coded, dtype=bool), np.asarray(pi, dtype=float)
    if not coded.any():
        raise UndefinedError("no segment is coded, so there is nothing to put the predictions right with")
    outside = ~((pi > 0) & (pi <= 1))
    if outside.any():
        raise UndefinedError(
            f"a probability of being coded must lie in (0, 1]; {int(outside.sum())} do not, "
            f"the first is {pi[outside][0]}"
        )
    return coded, pi


def _by_cluster(clusters: np.ndarray, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Give each cluster among some rows with its rows: products are then made one cluster at a time."""
    order = rows[np.argsort(clusters[rows], kind="stable")]
    for start, end in pairwise([*np.flatnonzero(np.diff(clusters[order], prepend=-1)), len(order)]):
        yield int(clusters[order[start]]), order[start:end]
