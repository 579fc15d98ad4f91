"""The classifier of the base install: a linear model of terms, calibrated, with a rule for naming labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.calibrating import Calibration, calibrate
from peercompare.classifier.decision import choose_rule
from peercompare.classifier.features import SegmentFeatures
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.splits import grouped_folds
from peercompare.classifier.targets import balanced, check_targets, text_tags

LEAST_FOLDS = 3
"""With fewer groups than these nothing is calibrated."""


class StanceClassifier(ClassifierMixin, BaseEstimator):
    """A linear classifier of segments by their words, and by what stands around them where that is known.

    One ridge regression on the labels gives linear scores, in which every label counts the same; a factor and
    a constant for each label, fitted to scores out of grouped folds, make probabilities of them; and a rule,
    chosen on the same probabilities, names a label (see `peercompare.classifier.decision.choose_rule`). So
    the label named need not be the most probable one. Segments whose document is not known have weights of
    their own, learnt from the same texts without their context.

    Parameters
    ----------
    alpha : float, default 5.0
        Strength of the penalty.
    n_folds : int, default 5
        Grouped folds out of which calibration and rule are fitted; fewer where there are fewer groups.
    calibrate : bool, default True
        False leaves the scores as they are, and names the label with the largest.
    codebook : tuple of (str, label), default ()
        Texts that teach too without being rows: those of a codebook.
    codebook_weight : float, default 0.25
        What each of them counts, a row counting 1.
    titles : tuple of str, default ()
        Titles of posts that are masked.
    mask : bool, default True
        Mask names, titles and figures.
    refusals : bool, default True
        Mark words that their clause refuses.
    context : bool, default True
        Read context where it is there.
    random_state : int, RandomState or None
        Of the folds.

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    pipeline_ : Pipeline
        ``features`` (`SegmentFeatures`) and ``model``, whose coefficients hold the calibration: the softmax
        of their linear scores are the probabilities.
    calibration_ : Calibration or None
        Of rows in context where there are such rows. None without groups, with fewer than three of them, or
        where a fold would have left a label unseen.
    rule_ : np.ndarray, shape (n_classes,)
        By what probabilities are multiplied before the largest names the label.
    unseen_ : np.ndarray, shape (n_rows, n_classes), or None
        Calibrated probabilities for the training rows by models that had not seen their group; NaN for rows
        without a group.

    References
    ----------
    Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML,
    PMLR 70, 1321-1330. Daume III, H. (2007). Frustratingly easy domain adaptation. ACL 2007, 256-263 (columns
    of their own for rows of another kind).
    """

    def __init__(
        self,
        *,
        alpha: float = 5.0,
        n_folds: int = 5,
        calibrate: bool = True,
        codebook: tuple[tuple[str, Any], ...] = (),
        codebook_weight: float = 0.25,
        titles: tuple[str, ...] = (),
        mask: bool = True,
        refusals: bool = True,
        context: bool = True,
        random_state: Any = None,
    ) -> None:
        self.alpha = alpha
        self.n_folds = n_folds
        self.calibrate = calibrate
        self.codebook = codebook
        self.codebook_weight = codebook_weight
        self.titles = titles
        self.mask = mask
        self.refusals = refusals
        self.context = context
        self.random_state = random_state

    def fit(self, X: Texts, y: Any, sample_weight: Any = None, groups: Any = None) -> StanceClassifier:
        """Fit terms, weights, calibration and rule.

        Parameters
        ----------
        X : sequence of str, or DataFrame with ``text`` and context
            As in `as_inputs`; a text may stand in several rows with different labels.
        y : array-like, shape (n_rows,)
        sample_weight : array-like, shape (n_rows,), optional
        groups : array-like, shape (n_rows,), optional
            Employer or worker of each row; None leaves the probabilities uncalibrated. A row whose group is
            None teaches in every fold and is judged in none: calibration and rule rest on the others.

        Raises
        ------
        InputError
            If the numbers of texts, answers and weights differ, or a text is none.
        CodingError
            If one class alone occurs.
        ValueError
            If no term stands in enough rows.
        """
        table = as_inputs(X)
        y, weights = check_targets(y, sample_weight, len(table))
        self.classes_, codes = np.unique(y, return_inverse=True)
        features = self._features().fit(table)
        views = features.views(table)
        taught = _Taught(codes, weights, *self._codebook(features), self.alpha, len(self.classes_))
        groups = None if groups is None or not self.calibrate else np.asarray(groups, dtype=object)
        scores = self._unseen(views, taught, groups)
        inside = features.known(table)
        self._assemble(features, taught.fit(views, slice(None)), scores, taught, inside)
        return self

    def _features(self) -> SegmentFeatures:
        """Make what reads texts, unfitted."""
        return SegmentFeatures(
            titles=tuple(self.titles), mask=self.mask, refusals=self.refusals, context=self.context
        )

    def _codebook(self, features: SegmentFeatures) -> tuple[list[sparse.csr_matrix], np.ndarray, np.ndarray]:
        """Return the codebook's rows for each view, their classes and weights; of known classes alone."""
        known = {label: code for code, label in enumerate(self.classes_)}
        kept = [(text, known[label]) for text, label in self.codebook if label in known]
        texts, codes = [text for text, _ in kept], np.array([code for _, code in kept], dtype=int)
        views = features.views_of_bare(texts) if kept else []
        return views, codes, np.full(len(kept), float(self.codebook_weight))

    def _unseen(
        self, views: list[sparse.csr_matrix], taught: _Taught, groups: np.ndarray | None
    ) -> list[np.ndarray] | None:
        """Score every row, in each view, by a model that has not seen its group; None where none can be."""
        if groups is None:
            return None
        own = pd.notna(groups)
        n_folds = min(self.n_folds, len(np.unique(groups[own])))
        if n_folds < LEAST_FOLDS or len(np.unique(taught.codes[own])) < taught.n_classes:
            return None
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        folds = np.full(len(groups), -1)
        folds[own] = grouped_folds(taught.codes[own], groups[own], n_folds=n_folds, seed=seed)
        scores = [np.full((len(folds), taught.n_classes), np.nan) for _ in views]
        for fold in range(n_folds):
            test = folds == fold
            if len(np.unique(taught.codes[~test])) < taught.n_classes:
                return None
            coefficients, intercept = taught.fit(views, ~test)
            for view, found in zip(views, scores, strict=True):
                found[test] = view[test] @ coefficients.T + intercept
        return scores

    def _assemble(
        self,
        features: SegmentFeatures,
        fitted: tuple[np.ndarray, np.ndarray],
        scores: list[np.ndarray] | None,
        taught: _Taught,
        inside: np.ndarray,
    ) -> None:
        """Calibrate, choose the rule, and put all into one linear model."""
        coefficients, intercept = fitted
        self.calibration_, self.unseen_, self.rule_ = None, None, np.ones(taught.n_classes)
        if scores is not None:
            own = ~np.isnan(scores[0]).any(axis=1)
            views = [inside & own] if len(scores) == 1 else [inside & own, own]
            found = [
                calibrate(each[rows], taught.codes[rows], taught.weights[rows])
                for each, rows in zip(scores, views, strict=True)
            ]
            told = [softmax(one.logits(each), axis=1) for one, each in zip(found, scores, strict=True)]
            self.calibration_ = found[0]
            self.unseen_ = np.where(inside[:, None], told[0], told[-1])
            self.rule_ = choose_rule(self.unseen_[own], taught.codes[own], taught.weights[own])
            coefficients, intercept = _calibrated(coefficients, intercept, found, features)
        self.pipeline_ = Pipeline(
            [("features", features), ("model", _regression(coefficients, intercept, self.classes_))]
        )

    def decision_function(self, X: Texts) -> np.ndarray:
        """Return linear scores, whose softmax are the probabilities; shape (n_texts, n_classes)."""
        check_is_fitted(self)
        return linear_scores(self.pipeline_, as_inputs(X))

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Return one probability for each class and text, shape (n_texts, n_classes)."""
        return softmax(self.decision_function(X), axis=1)

    def predict(self, X: Texts) -> np.ndarray:
        """Return the class that the rule names for each text; it need not be the most probable one."""
        found = self.predict_proba(X)
        return self.classes_[(found * self.rule_).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())


class _Taught(NamedTuple):
    """What teaches: the rows' classes and weights, and what is in every fit, the texts of a codebook."""

    codes: np.ndarray
    weights: np.ndarray
    examples: list[sparse.csr_matrix]
    example_codes: np.ndarray
    example_weights: np.ndarray
    alpha: float
    n_classes: int

    def fit(
        self, views: Sequence[sparse.csr_matrix], rows: np.ndarray | slice
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fit the ridge regression to some rows, seen in every view; coefficients and intercept."""
        codes = np.concatenate([self.codes[rows], self.example_codes])
        weights = balanced(codes, np.concatenate([self.weights[rows], self.example_weights]))
        seen = [view[rows] for view in views]
        if self.examples:
            seen = [sparse.vstack(pair) for pair in zip(seen, self.examples, strict=True)]
        matrix = sparse.vstack(seen, format="csr")
        ridge = Ridge(alpha=self.alpha, solver="sparse_cg", tol=1e-4)
        truth = np.tile(np.eye(self.n_classes)[codes], (len(views), 1))
        ridge.fit(matrix, truth, sample_weight=np.tile(weights, len(views)))
        return ridge.coef_, ridge.intercept_


def _calibrated(
    coefficients: np.ndarray, intercept: np.ndarray, found: Sequence[Calibration], features: SegmentFeatures
) -> tuple[np.ndarray, np.ndarray]:
    """Fold calibrations into coefficients: one of rows in context, one of rows alone, where both are."""
    first, last = found[0], found[-1]
    moved = first.factor * intercept + np.array(first.constants)
    if len(found) == 1:
        return coefficients * first.factor, moved
    alone = features.alone_columns()
    scaled = coefficients.copy()
    scaled[:, ~alone] *= first.factor
    scaled[:, alone] *= last.factor
    # The last column is 1 for rows alone and 0 for others: it carries what their constants differ by.
    scaled[:, -1] += last.factor * intercept + np.array(last.constants) - moved
    return scaled, moved


def _regression(coefficients: np.ndarray, intercept: np.ndarray, classes: np.ndarray) -> LogisticRegression:
    """Put coefficients into the form in which scikit-learn keeps a multinomial model."""
    model = LogisticRegression()
    if len(classes) == 2:
        coefficients, intercept = coefficients[1:] - coefficients[:1], intercept[1:] - intercept[:1]
    model.coef_, model.intercept_ = np.ascontiguousarray(coefficients), np.asarray(intercept)
    model.classes_ = classes
    model.n_features_in_ = coefficients.shape[1]
    return model


def linear_scores(pipeline: Pipeline, texts: Texts) -> np.ndarray:
    """Return the linear scores whose softmax gives the probabilities; shape (n_texts, n_labels present)."""
    texts = as_inputs(texts)
    if not len(texts):
        return np.empty((0, len(pipeline.classes_)))
    scores = pipeline.decision_function(texts)
    return np.column_stack([-scores, scores]) / 2 if scores.ndim == 1 else scores
