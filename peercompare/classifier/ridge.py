"""Ridge regression of many targets on many choices of rows at once, where rows are fewer than columns.

Folds and labels differ in weights and targets, not in the features of rows. So all of them are solved side by
side, by conjugate gradients in the space of rows: each step takes one product with all features for all of
them. Rows that share a part of their features, as segments share the words of their document, share its cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

TOLERANCE = 1e-8
"""What of the targets a solution may leave: so little that probabilities do not hang on the order in which a
machine adds up. At 1e-4, scikit-learn's, they still do in the fourth decimal."""

MOST_STEPS = 10
"""No more steps are taken than this multiple of the number of rows."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some columns of features of rows.

    Parameters
    ----------
    weights : csr_matrix, shape (n_distinct, n_columns)
        The different rows that there are.
    rows : np.ndarray of int, shape (n_rows,)
        Which of them each row has; -1 for a row in which all these columns are 0.
    """

    weights: sparse.csr_matrix
    rows: np.ndarray

    def as_matrix(self) -> sparse.csr_matrix:
        """Return the features of every row, shape (n_rows, n_columns)."""
        nothing = sparse.csr_matrix((1, self.weights.shape[1]))
        return sparse.vstack([self.weights, nothing], format="csr")[self.rows]

    def choice(self) -> sparse.csr_matrix:
        """Return which distinct row each row has as ones, shape (n_rows, n_distinct)."""
        given = (self.rows >= 0).nonzero()[0]
        shape = (len(self.rows), self.weights.shape[0])
        return sparse.csr_matrix((np.ones(len(given)), (given, self.rows[given])), shape=shape)


class Rows:
    """The features of rows, block beside block, as ridge regression uses them.

    Parameters
    ----------
    blocks : sequence of Block
        Of the same rows.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        # Features are kept with a column after the other: products then go through the smaller side.
        self._parts = [(each.choice(), each.weights.T.tocsr()) for each in blocks]

    def beside_all(self, values: np.ndarray) -> np.ndarray:
        """Multiply the rows' products with each other, (n_rows, n_rows), with values, (n_rows, n_systems)."""
        found = np.zeros_like(values)
        for choice, columns in self._parts:
            found += choice @ (columns.T @ (columns @ (choice.T @ values)))
        return found

    def coefficients(self, values: np.ndarray) -> np.ndarray:
        """Sum the features of rows, each times its value; shape (n_features, n_systems)."""
        return np.vstack([columns @ (choice.T @ values) for choice, columns in self._parts])


@dataclass(frozen=True, eq=False)
class Fits:
    """Fitted ridge regressions, one for each choice of weights.

    Parameters
    ----------
    values : np.ndarray, shape (n_rows, n_fits, n_targets)
        What each row adds to coefficients: these are the sums of features times values.
    scores : np.ndarray, shape (n_rows, n_fits, n_targets)
        Of every row, whether it taught or not.
    intercepts : np.ndarray, shape (n_fits, n_targets)
    """

    values: np.ndarray
    scores: np.ndarray
    intercepts: np.ndarray

    def with_rest(self) -> Fits:
        """Add what the target would have that makes all of a row's targets sum to 1."""
        return Fits(
            _with_last(self.values, 0.0), _with_last(self.scores, 1.0), _with_last(self.intercepts, 1.0)
        )


def _with_last(parts: np.ndarray, total: float) -> np.ndarray:
    """Add a last one to parts along the last axis, so that they sum to a total."""
    return np.concatenate([parts, total - parts.sum(axis=-1, keepdims=True)], axis=-1)


def fit_ridges(rows: Rows, targets: np.ndarray, weights: np.ndarray, *, alpha: float) -> Fits:
    """Fit ridge regressions with an intercept that is not penalised.

    Parameters
    ----------
    rows : Rows
    targets : np.ndarray, shape (n_rows, n_targets)
    weights : np.ndarray, shape (n_rows, n_fits)
        Of rows in each fit; 0 for a row that does not teach in it.
    alpha : float
        Strength of the penalty.

    Returns
    -------
    Fits
        What ``sklearn.linear_model.Ridge`` finds with the solver "sparse_cg" where features are more than
        rows, to `TOLERANCE`.

    References
    ----------
    Saunders, C., Gammerman, A. and Vovk, V. (1998). Ridge regression learning algorithm in dual variables.
    ICML 1998, 515-521. Hestenes, M. R. and Stiefel, E. (1952). Methods of conjugate gradients for solving
    linear systems. Journal of Research of the National Bureau of Standards 49(6), 409-436.
    doi:10.6028/jres.049.044
    """
    (n_rows, n_targets), n_fits = targets.shape, weights.shape[1]
    shares = np.repeat(weights / weights.sum(axis=0), n_targets, axis=1)
    roots = np.sqrt(np.repeat(weights, n_targets, axis=1))
    told = np.tile(targets, (1, n_fits))
    means = (shares * told).sum(axis=0)

    def centred(values: np.ndarray, of: slice | np.ndarray = slice(None)) -> np.ndarray:
        weighed = roots[:, of] * values
        return weighed - shares[:, of] * weighed.sum(axis=0)

    def product(values: np.ndarray, of: np.ndarray) -> np.ndarray:
        found = rows.beside_all(centred(values, of))
        found -= (shares[:, of] * found).sum(axis=0)
        return roots[:, of] * found + alpha * values

    values = centred(_solved(product, roots * (told - means)))
    scores = rows.beside_all(values)
    intercepts = means - (shares * scores).sum(axis=0)
    shape = (n_rows, n_fits, n_targets)
    return Fits(values.reshape(shape), (scores + intercepts).reshape(shape), intercepts.reshape(shape[1:]))


def _solved(product: Callable[[np.ndarray, np.ndarray], np.ndarray], right: np.ndarray) -> np.ndarray:
    """Solve symmetric systems side by side by conjugate gradients; one that is solved is left alone."""
    found, left = np.zeros_like(right), right.copy()
    towards = left.copy()
    square = (left**2).sum(axis=0)
    enough = TOLERANCE**2 * square
    for _ in range(MOST_STEPS * len(right)):
        of = ((square > 0) & (square >= enough)).nonzero()[0]
        if not len(of):
            break
        step = product(towards[:, of], of)
        length = square[of] / (towards[:, of] * step).sum(axis=0)
        found[:, of] += length * towards[:, of]
        left[:, of] -= length * step
        before = square[of]
        square[of] = (left[:, of] ** 2).sum(axis=0)
        towards[:, of] = left[:, of] + square[of] / before * towards[:, of]
    return found
