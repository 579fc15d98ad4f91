"""Calibration: one factor for all scores and one constant for each label, fitted to scores out of fold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

CALIBRATION_FOLDS = 3
"""Folds out of which anybody's predictions are calibrated, and documents measured against others."""

FACTORS = (0.1, 20.0)
"""Range of the calibration's factor; scores that say nothing, or all, would drive it to 0 or infinity."""


class Calibration(NamedTuple):
    """How scores were turned into probabilities: ``softmax(factor * scores + constants)``."""

    factor: float
    constants: tuple[float, ...]

    def logits(self, scores: np.ndarray) -> np.ndarray:
        """Return what softmax turns into probabilities."""
        return self.factor * scores + np.array(self.constants)


def calibrate(scores: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Calibration:
    """Fit one factor for all scores and one constant for each label, by weighted maximum likelihood.

    Parameters
    ----------
    scores : np.ndarray, shape (n_rows, n_labels)
        Linear scores for rows that the model has not seen.
    y : np.ndarray of int, shape (n_rows,)
        Column of each row's label.
    weights : np.ndarray, shape (n_rows,)
        Weights of the rows.

    Returns
    -------
    Calibration
        The constants sum to zero.

    Examples
    --------
    Scores that say four to one where one in two is right are drawn together.

    >>> scores = np.log([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.2, 0.8]])
    >>> found = calibrate(scores, np.array([0, 1, 0, 1]), np.ones(4))
    >>> found.factor == FACTORS[0], np.allclose(found.constants, 0, atol=1e-6)
    (True, True)
    """
    share = weights / weights.sum()
    truth = np.zeros_like(scores)
    truth[np.arange(len(y)), y] = 1.0

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        logits = values[0] * scores + values[1:]
        error = share[:, None] * (softmax(logits, axis=1) - truth)
        entropy = -(share[:, None] * truth * log_softmax(logits, axis=1)).sum()
        return entropy, np.append((error * scores).sum(), error.sum(axis=0))

    start = np.append(1.0, np.zeros(scores.shape[1]))
    bounds = [FACTORS] + [(-10.0, 10.0)] * scores.shape[1]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    constants = found[1:] - found[1:].mean()
    return Calibration(float(found[0]), tuple(float(value) for value in constants))
