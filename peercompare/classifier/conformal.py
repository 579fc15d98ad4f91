"""Sets of labels that hold the true one as often as promised, and abstention where none stands alone.

A set holds every label against which nothing speaks: whose probability is no lower than is usual where the
label is true. Each label has a threshold of its own (a Mondrian taxonomy by label), so that rare labels are
covered too, and each employer or worker weighs the same, so that the promise is for somebody new.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from peercompare.classifier import scoring
from peercompare.errors import InputError

LEVEL = 0.9
"""The share of segments of each label whose set is to hold the label."""

LABEL_SET = "label_set"
ABSTAINED = "abstained"
SET_COLUMNS = (LABEL_SET, ABSTAINED)

_TOLERANCE = 1e-9


def label_thresholds(
    probabilities: np.ndarray,
    truth: np.ndarray,
    groups: Sequence[Hashable],
    *,
    confidence_level: float = LEVEL,
) -> np.ndarray:
    """Find for each label the probability that it reaches in the promised share of new groups' segments.

    Groups are taken as drawn alike from many, and a new one is one more of them: each of the groups that have
    the label gets the weight 1 / (n_groups + 1), spread evenly over its segments with the label, and the new
    one's weight lies on the worst case. The threshold is the weighted quantile of the true label's
    probability.

    Parameters
    ----------
    probabilities : np.ndarray, shape (n_segments, n_labels)
        From models that have not seen the segment's group.
    truth : np.ndarray of int, shape (n_segments,)
        Position of the true label.
    groups : sequence of length n_segments
        Employer or worker.
    confidence_level : float, default 0.9
        In (0, 1).

    Returns
    -------
    np.ndarray, shape (n_labels,)
        A label is in a set where its probability reaches its threshold. It is 0 (always in) for a label that
        too few groups have: at 0.9, fewer than nine.

    Raises
    ------
    InputError
        If `confidence_level` is outside (0, 1).

    References
    ----------
    Sadinle, M., Lei, J. and Wasserman, L. (2019). Least ambiguous set-valued classifiers with bounded error
    levels. JASA 114(525), 223-234. doi:10.1080/01621459.2017.1395341 (sets by label). Dunn, R., Wasserman, L.
    and Ramdas, A. (2023). Distribution-free prediction sets for two-layer hierarchical models. JASA 118(544),
    2491-2502. doi:10.1080/01621459.2022.2060112 (groups). Lee, Y., Barber, R. F. and Willett, R. (2023).
    Distribution-free inference with hierarchical data. arXiv:2306.06342 (the weights).

    Examples
    --------
    Of nine groups the worst has .1, so nine of ten new ones can be expected to have at least that.

    >>> p = np.arange(1, 10) / 10
    >>> label_thresholds(np.column_stack([p, 1 - p]), np.zeros(9, dtype=int), range(9)).tolist()
    [0.1, 0.0]
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level must be in (0, 1), for instance 0.9; it is {confidence_level}")
    of, _ = scoring.factorized(groups)
    found = [
        _lowest(probabilities[truth == label, label], of[truth == label], confidence_level)
        for label in range(probabilities.shape[1])
    ]
    return np.array(found)


def _lowest(values: np.ndarray, groups: np.ndarray, confidence_level: float) -> float:
    """Return the value that a new group's values reach with the promised probability; 0 where none is."""
    if not len(values):
        return 0.0
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weights = 1 / ((len(sizes) + 1) * sizes[codes])
    order = np.argsort(-values, kind="stable")
    reached = np.cumsum(weights[order]) >= confidence_level - _TOLERANCE
    return float(values[order][reached.argmax()]) if reached.any() else 0.0


def set_columns(
    probabilities: np.ndarray, thresholds: Mapping[str, float], labels: Sequence[str], *, largest: int = 1
) -> pd.DataFrame:
    """Lay out each segment's set of labels, and whether the model abstains.

    Parameters
    ----------
    probabilities : np.ndarray, shape (n_segments, n_labels)
        Columns as `labels`.
    thresholds : mapping of str to float
        By label; one that has none is in no set.
    labels : sequence of str
        The labels in the framework's order.
    largest : int, default 1
        A larger set, or an empty one, is an abstention.

    Returns
    -------
    DataFrame
        ``label_set`` (labels parted by blanks) and ``abstained`` (bool). No segment is dropped: who counts
        goes on using the probabilities of all, abstained or not.
    """
    limits = np.array([thresholds.get(label, np.inf) for label in labels])
    inside = probabilities >= limits - _TOLERANCE
    names = np.array(list(labels), dtype=object)
    sets = [" ".join(names[row]) for row in inside]
    sizes = inside.sum(axis=1)
    return pd.DataFrame({LABEL_SET: sets, ABSTAINED: (sizes == 0) | (sizes > largest)})
