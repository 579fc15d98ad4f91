"""Scores from sums by cluster, and their jackknife intervals: arrays in, numbers out.

All scores are functions of sums over clusters (employers or workers), so leaving a cluster out is a
subtraction and nothing is resampled.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import stdtrit

from peercompare.agreement.intervals import MIN_CLUSTERS, jackknife_error
from peercompare.errors import InputError

N_BINS = 10
"""Bins of equal width in which probabilities are compared with what was found."""


@dataclass(frozen=True)
class ScoreSums:
    """What the scores are computed from; the first axis counts clusters, or is absent after pooling.

    Parameters
    ----------
    confusion : np.ndarray, shape (..., n_labels, n_labels)
        Segments by true label (rows) and predicted label.
    squared : np.ndarray, shape (...)
        Sum over segments of the squared distance between probabilities and truth.
    by_label : np.ndarray, shape (..., n_labels, n_bins, 3)
        For each label and bin of its probability: sum of probabilities, number true, number of segments.
    by_top : np.ndarray, shape (..., n_bins, 3)
        The same for the label predicted.
    """

    confusion: np.ndarray
    squared: np.ndarray
    by_label: np.ndarray
    by_top: np.ndarray

    def pooled(self) -> ScoreSums:
        """Sum over clusters."""
        return ScoreSums(*(getattr(self, field.name).sum(axis=0) for field in fields(self)))

    def leave_one_out(self) -> ScoreSums:
        """Leave each cluster out in turn."""
        pooled = self.pooled()
        return ScoreSums(*(getattr(pooled, field.name) - getattr(self, field.name) for field in fields(self)))


def score_sums(
    truth: np.ndarray,
    probabilities: np.ndarray,
    clusters: Sequence[Hashable],
    *,
    n_bins: int = N_BINS,
    predicted: np.ndarray | None = None,
) -> ScoreSums:
    """Gather the sums by cluster.

    Parameters
    ----------
    truth : np.ndarray of int, shape (n_segments,)
        Position of the true label.
    probabilities : np.ndarray, shape (n_segments, n_labels)
        Rows sum to 1.
    clusters : sequence of length n_segments
        Employer or worker.
    n_bins : int, default 10
        Bins of equal width over [0, 1].
    predicted : np.ndarray of int, shape (n_segments,), optional
        Position of the label predicted; by default the most probable one, of equal ones the first.

    Returns
    -------
    ScoreSums
        With one entry for each cluster, in the order of appearance.

    Raises
    ------
    InputError
        If a probability lies outside [0, 1], a row does not sum to 1, or there is no segment.
    """
    probabilities = np.asarray(probabilities, dtype=float)
    truth = np.asarray(truth)
    _check_probabilities(probabilities)
    n_segments, n_labels = probabilities.shape
    of, names = factorized(clusters)
    predicted = probabilities.argmax(axis=1) if predicted is None else np.asarray(predicted)
    right = truth[:, None] == np.arange(n_labels)
    confusion = np.zeros((len(names), n_labels, n_labels))
    np.add.at(confusion, (of, truth, predicted), 1)
    squared = np.bincount(of, weights=((probabilities - right) ** 2).sum(axis=1), minlength=len(names))
    bins = bins_of(probabilities, n_bins)
    each = np.stack([probabilities, right, np.ones_like(probabilities)], axis=-1)
    by_label = np.zeros((len(names), n_labels, n_bins, 3))
    np.add.at(by_label, (of[:, None], np.arange(n_labels), bins), each)
    rows = np.arange(n_segments)
    by_top = np.zeros((len(names), n_bins, 3))
    np.add.at(by_top, (of, bins[rows, predicted]), each[rows, predicted])
    return ScoreSums(confusion, squared, by_label, by_top)


def bins_of(probabilities: np.ndarray, n_bins: int) -> np.ndarray:
    """Number the bin of each probability, from 0; bins are of equal width and 1 is in the last."""
    return np.minimum((probabilities * n_bins).astype(int), n_bins - 1)


def factorized(values: Sequence[Hashable]) -> tuple[np.ndarray, list]:
    """Number values in the order of their appearance."""
    numbers: dict[Hashable, int] = {}
    codes = np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.intp)
    return codes, list(numbers)


def _check_probabilities(probabilities: np.ndarray) -> None:
    """Refuse what are no probabilities."""
    if not len(probabilities):
        raise InputError("There is no segment to score")
    inside = (probabilities >= 0) & (probabilities <= 1)
    if not inside.all() or not np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-6):
        raise InputError(
            "Predictions need probabilities from 0 to 1 that sum to 1 over the labels of each segment",
            remedy="give one probability for each label",
        )


def accuracy(sums: ScoreSums) -> np.ndarray:
    """Compute the share of segments whose label was predicted; shape (...)."""
    return _ratio(np.trace(sums.confusion, axis1=-2, axis2=-1), sums.confusion.sum(axis=(-2, -1)))


def precision(sums: ScoreSums) -> np.ndarray:
    """Compute the share of true ones among the predicted of each label; NaN where none was predicted."""
    return _ratio(_hits(sums), sums.confusion.sum(axis=-2))


def recall(sums: ScoreSums) -> np.ndarray:
    """Compute the share of predicted ones among the true of each label; NaN where none is true."""
    return _ratio(_hits(sums), sums.confusion.sum(axis=-1))


def f1(sums: ScoreSums) -> np.ndarray:
    """Compute the harmonic mean of precision and recall; NaN where a label is neither true nor predicted.

    Examples
    --------
    >>> sums = score_sums(np.array([0, 0, 1]), np.eye(2)[[0, 1, 1]], ["a", "b", "b"])
    >>> f1(sums.pooled()).round(3).tolist()
    [0.667, 0.667]
    """
    return _ratio(2 * _hits(sums), sums.confusion.sum(axis=-1) + sums.confusion.sum(axis=-2))


def macro_f1(sums: ScoreSums) -> np.ndarray:
    """Average F1 over labels that are true somewhere; a label that is not is left out; shape (...)."""
    occurs = sums.confusion.sum(axis=-1) > 0
    total = np.where(occurs, np.nan_to_num(f1(sums)), 0.0).sum(axis=-1)
    return _ratio(total, occurs.sum(axis=-1))


def brier(sums: ScoreSums) -> np.ndarray:
    """Average the squared distance between probabilities and truth, from 0 to 2; shape (...)."""
    return _ratio(sums.squared, sums.confusion.sum(axis=(-2, -1)))


def mean_cost(sums: ScoreSums, costs: np.ndarray) -> np.ndarray:
    """Average what it costs to take a segment's true label for the predicted one; shape (...).

    Parameters
    ----------
    sums : ScoreSums
        By cluster, or pooled.
    costs : np.ndarray, shape (n_labels, n_labels)
        Cost of each true label (rows) and predicted label; 0 on the diagonal.

    Returns
    -------
    np.ndarray
        NaN where there is no segment.
    """
    return _ratio((sums.confusion * costs).sum(axis=(-2, -1)), sums.confusion.sum(axis=(-2, -1)))


def calibration_error(sums: ScoreSums) -> np.ndarray:
    """Average over segments how far the predicted label's probability is from its share of hits, by bin."""
    return _binned_error(sums.by_top)


def label_calibration_error(sums: ScoreSums) -> np.ndarray:
    """Average over segments how far a label's probability is from its share; shape (..., n_labels)."""
    return _binned_error(sums.by_label)


def _binned_error(binned: np.ndarray) -> np.ndarray:
    return _ratio(np.abs(binned[..., 0] - binned[..., 1]).sum(axis=-1), binned[..., 2].sum(axis=-1))


def _hits(sums: ScoreSums) -> np.ndarray:
    return np.diagonal(sums.confusion, axis1=-2, axis2=-1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, with NaN where the whole is zero."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0)


@dataclass(frozen=True)
class Score:
    """One score with its interval; NaN where there is none, and then `reason` says why."""

    estimate: float
    lower: float
    upper: float
    n_clusters: int
    reason: str


def with_intervals(
    sums: ScoreSums,
    score: Callable[[ScoreSums], np.ndarray],
    *,
    confidence_level: float = 0.95,
    highest: float = 1.0,
) -> list[Score]:
    """Compute a score with its delete-one-cluster jackknife interval, t(n_clusters - 1).

    Parameters
    ----------
    sums : ScoreSums
        By cluster.
    score : callable
        One of this module's; gives one number, or one for each label.
    confidence_level : float, default 0.95
        In (0, 1).
    highest : float, default 1.0
        The score's greatest possible value; intervals are cut at 0 and there.

    Returns
    -------
    list of Score
        One, or one for each label.

    References
    ----------
    Efron, B. and Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9(3), 586-596.
    doi:10.1214/aos/1176345462
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level must be in (0, 1), for instance 0.95; it is {confidence_level}")
    estimates = np.atleast_1d(score(sums.pooled()))
    n_clusters = len(sums.confusion)
    replicates = np.reshape(score(sums.leave_one_out()), (n_clusters, len(estimates)))
    return [
        interval(float(estimate), column, confidence_level, highest)
        for estimate, column in zip(estimates, replicates.T, strict=True)
    ]


def interval(estimate: float, replicates: np.ndarray, confidence_level: float, highest: float) -> Score:
    """Turn a score and its leave-one-out values into a score with an interval, or a reason."""
    n_clusters = len(replicates)
    reason = _why_no_interval(estimate, replicates)
    if reason:
        return Score(estimate, np.nan, np.nan, n_clusters, reason)
    reach = t_reach(n_clusters, confidence_level) * jackknife_error(replicates)
    return Score(estimate, max(0.0, estimate - reach), min(highest, estimate + reach), n_clusters, "")


def t_reach(n_clusters: int, confidence_level: float) -> float:
    """Return how many standard errors an interval over clusters reaches, t(n_clusters - 1)."""
    return float(stdtrit(n_clusters - 1, 0.5 + confidence_level / 2))


def _why_no_interval(estimate: float, replicates: np.ndarray) -> str:
    if np.isnan(estimate):
        return "undefined: no segment has the label, or none was predicted to have it"
    if len(replicates) < MIN_CLUSTERS:
        return f"no interval: {len(replicates)} clusters, and an interval needs at least {MIN_CLUSTERS}"
    if np.isnan(replicates).any():
        return "no interval: the score rests on one cluster, and without it is undefined"
    if np.ptp(replicates) < 1e-12:
        return "no interval: no cluster left out changes the result, which does not make it certain"
    return ""
