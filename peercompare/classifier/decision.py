"""From probabilities to one label: the most probable one, or a rule that does not forget the rare ones.

Probabilities stay calibrated: they say how often a label is right, and what counts or estimates uses them.
A label is another matter. The most probable label is the one for the fewest errors; where F1 of every label
counts the same, a rare label must be named although a common one is somewhat more probable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

NAMED = "named"
"""The column of a predictions table that names a label by a rule; without it the most probable one counts. It
is not called "label": a table from elsewhere may hold the true label under that name."""

POWERS = np.linspace(0.0, 1.0, 21)
"""How far a rule goes: 0 names the most probable label, 1 treats labels as if they were equally common."""


def choose_rule(probabilities: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Choose by what probabilities are multiplied before the largest names the label.

    The multipliers are shares of the labels to the power of -g, one number, so that little is fitted: g is
    the middle of those of `POWERS` whose macro-F1 comes within 0.002 of the best.

    Parameters
    ----------
    probabilities : np.ndarray, shape (n_rows, n_labels)
        Of rows that the model had not seen.
    truth : np.ndarray of int, shape (n_rows,)
        Column of each row's label.
    weights : np.ndarray, shape (n_rows,)

    Returns
    -------
    np.ndarray, shape (n_labels,)
        Their mean is 1.

    Examples
    --------
    Of a label that is right once in ten and never the most probable, some are named.

    >>> told = np.repeat([[0.9, 0.1], [0.6, 0.4]], [14, 6], axis=0)
    >>> rule = choose_rule(told, np.repeat([0, 1, 0], [14, 4, 2]), np.ones(20))
    >>> (told * rule).argmax(axis=1)[[0, 19]].tolist()
    [0, 1]
    """
    n_labels = probabilities.shape[1]
    shares = np.bincount(truth, weights=weights, minlength=n_labels) / weights.sum()
    found = [
        _macro_f1((probabilities * shares**-power).argmax(axis=1), truth, weights, n_labels)
        for power in POWERS
    ]
    good = POWERS[np.array(found) >= max(found) - 0.002]
    rule = shares ** -good[len(good) // 2]
    return rule / rule.mean()


def _macro_f1(named: np.ndarray, truth: np.ndarray, weights: np.ndarray, n_labels: int) -> float:
    """Average F1 over the labels."""
    cells = np.bincount(truth * n_labels + named, weights=weights, minlength=n_labels**2)
    table = cells.reshape(n_labels, n_labels)
    return float((2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))).mean())


def decided(
    predictions: pd.DataFrame, segment_ids: Sequence[str] | pd.Index, labels: Sequence[str]
) -> np.ndarray:
    """Return the position of the label that predictions name for each segment.

    Parameters
    ----------
    predictions : DataFrame
        ``segment_id`` once, one column of probabilities for each label, and `NAMED` where a rule names one.
    segment_ids : sequence of str
        Which, in order; each is predicted.
    labels : sequence of str

    Returns
    -------
    np.ndarray of int, shape (n_segments,)
        The label named; where none is, the most probable, of equal ones the first.
    """
    rows = predictions.set_index("segment_id").reindex(segment_ids)
    likely = rows[list(labels)].to_numpy(dtype=float).argmax(axis=1)
    if NAMED not in rows:
        return likely
    named = pd.Index(labels).get_indexer(rows[NAMED])
    return np.where(named >= 0, named, likely)
