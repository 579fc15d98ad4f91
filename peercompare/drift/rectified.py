"""Array core of drift: what each segment counts for, once codings have put the predictions right.

Numpy alone. `ratios` turns these pseudo-outcomes into shares, indices and slopes with intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peercompare.errors import UndefinedError

RIDGE = 1.0
"""Penalty of the cross-fit, in coded segments: small, and none on the intercept."""


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
    coded = np.asarray(coded, dtype=bool)
    pi = np.asarray(pi, dtype=float)
    _check(coded, pi)
    known = np.where(coded[:, None], outcomes, 0.0)
    if coded.all() and np.all(pi == 1.0):
        return PseudoOutcome(known, np.zeros_like(known), "all segments coded")
    predicted = crossfit(known, coded, pi, clusters, features=features)
    correction = np.where(coded[:, None], (known - predicted) / pi[:, None], 0.0)
    source = "without predictions" if features is None else "with predictions"
    method = f"rectified from a probability sample (DSL, cross-fitted by cluster, {source})"
    return PseudoOutcome(predicted + correction, predicted, method)


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
    n_segments = len(coded)
    columns = np.empty((n_segments, 0)) if features is None else np.asarray(features, dtype=float)
    design = np.column_stack([np.ones(n_segments), columns])
    weights = np.where(coded, 1.0 / pi, 0.0)
    n_clusters = int(clusters.max()) + 1
    # One Gram matrix for each cluster: leaving a cluster out is then a subtraction, not a new pass over the
    # data.
    gram = cluster_totals(_outer(design, design) * weights[:, None], clusters, n_clusters)
    cross = cluster_totals(_outer(design, outcomes) * weights[:, None], clusters, n_clusters)
    width = design.shape[1]
    gram = (gram.sum(axis=0) - gram).reshape(n_clusters, width, width)
    cross = (cross.sum(axis=0) - cross).reshape(n_clusters, width, -1)
    penalty = RIDGE * np.diag(np.r_[0.0, np.ones(width - 1)])
    coefficients = np.linalg.pinv(gram + penalty, hermitian=True) @ cross
    return np.einsum("if,ifm->im", design, coefficients[clusters])


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
    totals = np.zeros((n_clusters, values.shape[1]))
    np.add.at(totals, clusters, values)
    return totals


def design_variance(influence: np.ndarray, coded: np.ndarray, pi: np.ndarray) -> np.ndarray:
    """Variance that the drawing of segments for coding brings, with the corpus itself held fixed.

    Sums ``(1 - pi) / pi**2 * e**2`` over coded segments, with ``e`` the contribution of a segment's error of
    prediction to the estimate. It is not centred within strata, so it leans to the wide side.

    Parameters
    ----------
    influence : ndarray of shape (n_segments, n_estimates)
        ``(Y - g)`` of each segment, linearised for the estimate. Rows not coded are ignored.
    coded, pi : ndarray of shape (n_segments,)

    Returns
    -------
    ndarray of shape (n_estimates,)
        Zero where every segment was coded with probability 1.
    """
    weight = np.where(coded, (1.0 - pi) / pi**2, 0.0)
    return weight @ np.where(coded[:, None], influence, 0.0) ** 2


def _outer(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Products of every column on the left with every column on the right, in rows of segments."""
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)


def _check(coded: np.ndarray, pi: np.ndarray) -> None:
    if not coded.any():
        raise UndefinedError("no segment is coded, so there is nothing to put the predictions right with")
    outside = ~((pi > 0) & (pi <= 1))
    if outside.any():
        raise UndefinedError(
            f"a probability of being coded must lie in (0, 1]; {int(outside.sum())} do not, "
            f"the first is {pi[outside][0]}"
        )
