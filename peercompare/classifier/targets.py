"""What the estimators share: checked answers, weights of labels, and their tags."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from peercompare.errors import CodingError, InputError


def check_targets(y: Any, sample_weight: Any, n_texts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers and weights as arrays, or say why they cannot be learned from.

    Raises
    ------
    InputError
        If their number is another than that of the texts, or a weight is negative.
    CodingError
        If one class alone occurs.
    """
    if y is None:
        raise ValueError("This classifier requires y to be passed, but the target y is None")
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    if len(y) != n_texts:
        raise InputError(f"There are {n_texts} texts and {len(y)} answers; each text needs one")
    if len(np.unique(y)) < 2:
        raise CodingError(
            "A classifier needs at least two classes to tell apart; the rows have one class alone",
            remedy="add segments with other labels",
        )
    weights = _check_sample_weight(sample_weight, np.empty((n_texts, 1)), ensure_non_negative=True)
    return y, weights.astype(float)


def balanced(codes: np.ndarray, weights: np.ndarray, power: float = 1.0) -> np.ndarray:
    """Scale weights so that classes count the same (power 1), or as their shares do (power 0).

    >>> balanced(np.array([0, 0, 0, 1]), np.ones(4)).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    totals = np.bincount(codes, weights=weights)
    factors = np.divide(
        weights.sum(), np.count_nonzero(totals) * totals, out=np.zeros_like(totals), where=totals > 0
    )
    return weights * factors[codes] ** power


def text_tags(tags: Any) -> Any:
    """Say that an estimator reads texts, and numbers not at all."""
    tags.input_tags.string = True
    tags.input_tags.two_d_array = False
    tags.no_validation = True
    return tags
