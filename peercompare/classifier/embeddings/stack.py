"""Several classifiers in one: their log probabilities, weighed and calibrated on groups that none had seen.

The pool of a label's log probabilities, ``softmax(sum of factor x log p + constant)``, has one factor for
each classifier and one constant for each label, fitted by maximum likelihood to out-of-fold answers. With a
single classifier it is that classifier's calibration. Numbers so few hardly overfit.

Genest, C. and Zidek, J. V. (1986). Combining probability distributions: a critique and an annotated
bibliography. Statistical Science 1, 114-135. doi:10.1214/ss/1177013825
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from peercompare.classifier.decision import choose_rule
from peercompare.classifier.embeddings.encoder import seed_of
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.splits import grouped_folds
from peercompare.classifier.targets import check_targets, text_tags
from peercompare.errors import InputError
from peercompare.progress import progress

LEAST = 1e-6
"""Smallest probability that is taken for what a classifier said; a class it never saw has this one."""

MOST = 20.0
"""Largest factor; classifiers that are always right would drive it to infinity."""


class Pool(NamedTuple):
    """How log probabilities become probabilities."""

    factors: np.ndarray
    constants: np.ndarray

    def probabilities(self, logs: np.ndarray) -> np.ndarray:
        """Pool log probabilities of the shape (n_texts, n_classifiers, n_classes)."""
        return softmax(np.einsum("tmc,m->tc", logs, self.factors) + self.constants, axis=1)


def fit_pool(logs: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> Pool:
    """Find factors of 0 or more and constants that sum to 0, by weighted maximum likelihood.

    Parameters
    ----------
    logs : np.ndarray, shape (n_texts, n_classifiers, n_classes)
        Log probabilities for texts that the classifiers had not seen.
    codes : np.ndarray of int, shape (n_texts,)
        The class of each.
    weights : np.ndarray, shape (n_texts,)

    Returns
    -------
    Pool

    Examples
    --------
    A classifier that knows counts; one that guesses does not.

    >>> knows = np.log([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.2, 0.8]] * 5)
    >>> guesses = np.log([[0.7, 0.3], [0.3, 0.7], [0.7, 0.3], [0.3, 0.7]] * 5)
    >>> pool = fit_pool(np.stack([knows, guesses], axis=1), np.array([0, 0, 1, 1] * 5), np.ones(20))
    >>> bool(pool.factors[0] > 10 * pool.factors[1])
    True
    """
    n_texts, n_models, n_classes = logs.shape
    share = weights / weights.sum()
    truth = np.zeros((n_texts, n_classes))
    truth[np.arange(n_texts), codes] = 1.0

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        logits = np.einsum("tmc,m->tc", logs, values[:n_models]) + values[n_models:]
        error = share[:, None] * (softmax(logits, axis=1) - truth)
        slope = np.append(np.einsum("tmc,tc->m", logs, error), error.sum(axis=0))
        return -(share[:, None] * truth * log_softmax(logits, axis=1)).sum(), slope

    start = np.append(np.full(n_models, 1 / n_models), np.zeros(n_classes))
    bounds = [(0.0, MOST)] * n_models + [(-10.0, 10.0)] * n_classes
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    constants = found[n_models:]
    return Pool(found[:n_models], constants - constants.mean())


class StackedClassifier(ClassifierMixin, BaseEstimator):
    """Classifiers pooled and calibrated on groups held out; of one classifier, its calibration.

    Parameters
    ----------
    estimators : sequence of (str, estimator)
        Each with ``predict_proba``; fitted to all rows in the end.
    n_folds : int, default 3
        Grouped folds in which they are fitted to find the pool.
    calibrate : bool, default True
        False leaves the pool out: the classifiers count the same, as they are.
    random_state : int, RandomState or None
        Of the folds.

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    estimators_ : list of estimators
        Fitted to all rows.
    pool_ : Pool
    calibrated_ : bool
        False where there were fewer groups than folds: the classifiers then count the same, as they are.
    rule_ : np.ndarray, shape (n_classes,)
        By what probabilities are multiplied before the largest names the label; see `choose_rule`.
    unseen_ : np.ndarray, shape (n_rows, n_classes), or None
        Probabilities of the training rows by classifiers that had not seen their group, NaN for rows without
        one; None where not calibrated.
    """

    def __init__(
        self,
        estimators: Sequence[tuple[str, Any]] = (),
        *,
        n_folds: int = 3,
        calibrate: bool = True,
        random_state: Any = None,
    ) -> None:
        self.estimators = estimators
        self.n_folds = n_folds
        self.calibrate = calibrate
        self.random_state = random_state

    def fit(self, X: Texts, y: Any, sample_weight: Any = None, groups: Any = None) -> StackedClassifier:
        """Fit the classifiers in grouped folds, then the pool, then the classifiers to everything.

        Parameters
        ----------
        X : sequence of str, or DataFrame with ``text``
        y : array-like, shape (n_rows,)
        sample_weight : array-like, shape (n_rows,), optional
        groups : array-like, shape (n_rows,), optional
            Employers or workers, kept whole; without them every different text is a group of its own. A row
            whose group is None teaches in every fold and is judged in none: pool and rule rest on the others.

        Returns
        -------
        StackedClassifier

        Raises
        ------
        InputError
            If there is no classifier to pool.
        """
        if not len(self.estimators):
            raise InputError("There is no classifier to stack", remedy="name at least one")
        table = as_inputs(X)
        y, weights = check_targets(y, sample_weight, len(table))
        self.classes_, codes = np.unique(y, return_inverse=True)
        groups = np.asarray(table["text"] if groups is None else groups, dtype=object)
        logs = self._unseen(table, codes, weights, groups)
        self.calibrated_ = logs is not None
        self.pool_, self.unseen_, self.rule_ = self._plain(), None, np.ones(len(self.classes_))
        if logs is not None:
            own = pd.notna(groups)
            self.pool_ = fit_pool(logs[own], codes[own], weights[own])
            self.unseen_ = self.pool_.probabilities(logs)
            self.rule_ = choose_rule(self.unseen_[own], codes[own], weights[own])
        self.estimators_ = self._fitted(table, codes, weights, groups)
        return self

    def _plain(self) -> Pool:
        """Let all count the same, as they are."""
        n_models = len(self.estimators)
        return Pool(np.full(n_models, 1 / n_models), np.zeros(len(self.classes_)))

    def _fitted(self, table: Any, codes: np.ndarray, weights: np.ndarray, groups: np.ndarray) -> list[Any]:
        """Fit a fresh copy of each classifier; one that can calibrate itself on groups is told them."""
        named = progress(self.estimators, description="classifiers", total=len(self.estimators))
        taught = {"sample_weight": weights, "groups": groups}
        return [
            clone(each).fit(
                table,
                self.classes_[codes],
                **{name: value for name, value in taught.items() if has_fit_parameter(each, name)},
            )
            for _, each in named
        ]

    def _unseen(
        self, table: Any, codes: np.ndarray, weights: np.ndarray, groups: np.ndarray
    ) -> np.ndarray | None:
        """Return log probabilities for rows whose group was held out; None where folds cannot be made."""
        own = pd.notna(groups)
        if not self.calibrate or len(set(groups[own])) < self.n_folds:
            return None
        folds = np.full(len(codes), -1)
        seed = seed_of(self.random_state)
        folds[own] = grouped_folds(codes[own], groups[own], n_folds=self.n_folds, seed=seed)
        taught = [np.unique(codes[folds != fold]) for fold in range(self.n_folds)]
        if any(len(seen) < len(self.classes_) for seen in (*taught, np.unique(codes[own]))):
            return None
        logs = np.full((len(codes), len(self.estimators), len(self.classes_)), np.nan)
        for fold in progress(range(self.n_folds), description="folds to calibrate on"):
            test = folds == fold
            fitted = self._fitted(table[~test], codes[~test], weights[~test], groups[~test])
            logs[test] = self._logs(fitted, table[test])
        return logs

    def _logs(self, fitted: Sequence[Any], table: Any) -> np.ndarray:
        """Ask fitted classifiers; shape (n_texts, n_classifiers, n_classes)."""
        logs = np.full((len(table), len(fitted), len(self.classes_)), np.log(LEAST))
        for place, each in enumerate(fitted):
            known = np.searchsorted(self.classes_, each.classes_)
            logs[:, place, known] = np.log(np.clip(each.predict_proba(table), LEAST, 1.0))
        return logs

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Return one probability for each class and text, shape (n_texts, n_classes)."""
        check_is_fitted(self)
        table = as_inputs(X)
        if table.empty:
            return np.empty((0, len(self.classes_)))
        return self.pool_.probabilities(self._logs(self.estimators_, table))

    def predict(self, X: Texts) -> np.ndarray:
        """Return the class that the rule names for each text; it need not be the most probable one."""
        return self.classes_[(self.predict_proba(X) * self.rule_).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())
