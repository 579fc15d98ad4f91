"""A ridge regression on the products of features, kept as sums over texts and never as texts' own features.

With the kernel ``(1 + x'z)**2`` a score is ``constant + b'x + x'Ax``: after the fit, what stands for the
training texts are one vector and one matrix for each class. A sum over many embeddings does not give one of
them back, as the usual form of a kernel machine, which keeps them all, would.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

MOST_ROWS = 8000
"""The kernel of more rows would not fit into memory well; of more, so many are drawn, the heavier first."""

SHARPNESS = 5.0
"""By what scores, which lie around 0 and 1, are multiplied before the softmax; calibration then moves it."""


class QuadraticForm(NamedTuple):
    """A number, a vector (``linear``) and a matrix (``square``) of features for each class."""

    constant: np.ndarray
    linear: np.ndarray
    square: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Return one score for each row and class, shape (n_rows, n_classes)."""
        squares = [((features @ each) * features).sum(axis=1) for each in self.square]
        return self.constant + features @ self.linear.T + np.column_stack(squares)


def fit_quadratic(
    features: np.ndarray, shares: np.ndarray, weights: np.ndarray, *, alpha: float, rng: np.random.Generator
) -> QuadraticForm:
    """Fit the regression to shares of votes, every class counting the same.

    Parameters
    ----------
    features : np.ndarray, shape (n_rows, n_features)
        Of about unit length.
    shares : np.ndarray, shape (n_rows, n_classes)
        Rows sum to 1.
    weights : np.ndarray, shape (n_rows,)
    alpha : float
        Strength of the penalty.
    rng : Generator
        Draws rows where there are too many: those of the largest weight stay, and others by chance.

    Returns
    -------
    QuadraticForm

    Examples
    --------
    Neither feature alone tells the class; their product does.

    >>> x = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> form = fit_quadratic(x, np.eye(2)[[0, 1, 1, 0]], np.ones(4), alpha=0.1, rng=np.random.default_rng(0))
    >>> form.scores(x).argmax(axis=1).tolist()
    [0, 1, 1, 0]
    """
    if len(features) > MOST_ROWS:
        drawn = np.sort(np.lexsort((rng.random(len(features)), -weights))[:MOST_ROWS])
        features, shares, weights = features[drawn], shares[drawn], weights[drawn]
    totals = weights @ shares
    balance = np.divide(weights.sum(), len(totals) * totals, out=np.zeros_like(totals), where=totals > 0)
    weights = weights * (shares @ balance)
    root = np.sqrt(weights)[:, None]
    mean = weights @ shares / weights.sum()
    kernel = root * (1 + features @ features.T) ** 2 * root.T
    kernel[np.diag_indices_from(kernel)] += alpha
    dual = root * cho_solve(cho_factor(kernel, lower=True), root * (shares - mean))
    square = np.stack([(features * each[:, None]).T @ features for each in dual.T])
    return QuadraticForm(mean + dual.sum(axis=0), 2 * dual.T @ features, square)
