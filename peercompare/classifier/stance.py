"""The classifier of the base install: a linear model of terms, calibrated, with a rule for naming labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.calibrating import Calibration, calibrate
from peercompare.classifier.decision import choose_rule
from peercompare.classifier.features import SegmentFeatures
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.ridge import Fits, Rows, fit_ridges
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
        taught = self._taught(features, table, codes, weights)
        folds = None if groups is None or not self.calibrate else self._folds(codes, groups)
        fits = taught.fit(folds, self.alpha)
        scores = None if folds is None else taught.unseen(fits, folds)
        self._assemble(features, taught.linear(fits), scores, taught)
        return self

    def _features(self) -> SegmentFeatures:
        """Make what reads texts, unfitted."""
        return SegmentFeatures(
            titles=tuple(self.titles), mask=self.mask, refusals=self.refusals, context=self.context
        )

    def _taught(
        self, features: SegmentFeatures, table: pd.DataFrame, codes: np.ndarray, weights: np.ndarray
    ) -> _Taught:
        """Put the texts of the codebook behind the rows, those of known classes alone."""
        known = {label: code for code, label in enumerate(self.classes_)}
        kept = [(text, known[label]) for text, label in self.codebook if label in known]
        examples = as_inputs([text for text, _ in kept])
        inside = np.append(features.known(table), np.ones(len(kept), dtype=bool))
        return _Taught(
            features=features,
            table=pd.concat([table, examples], ignore_index=True) if kept else table,
            codes=np.append(codes, np.array([code for _, code in kept], dtype=int)),
            weights=np.append(weights, np.full(len(kept), float(self.codebook_weight))),
            inside=inside,
            n_rows=len(table),
        )

    def _folds(self, codes: np.ndarray, groups: Any) -> np.ndarray | None:
        """Give every row a fold, -1 where it has no group; None where nothing can be judged out of folds."""
        groups = np.asarray(groups, dtype=object)
        own, n_classes = pd.notna(groups), len(self.classes_)
        n_folds = min(self.n_folds, len(np.unique(groups[own])))
        if n_folds < LEAST_FOLDS or len(np.unique(codes[own])) < n_classes:
            return None
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        folds = np.full(len(groups), -1)
        folds[own] = grouped_folds(codes[own], groups[own], n_folds=n_folds, seed=seed)
        seen = [len(np.unique(codes[folds != fold])) for fold in range(n_folds)]
        return folds if min(seen) == n_classes else None

    def _assemble(
        self,
        features: SegmentFeatures,
        fitted: tuple[np.ndarray, np.ndarray],
        scores: list[np.ndarray] | None,
        taught: _Taught,
    ) -> None:
        """Calibrate, choose the rule, and put all into one linear model."""
        coefficients, intercept = fitted
        n_rows, n_classes = taught.n_rows, len(self.classes_)
        codes, weights, inside = taught.codes[:n_rows], taught.weights[:n_rows], taught.inside[:n_rows]
        self.calibration_, self.unseen_, self.rule_ = None, None, np.ones(n_classes)
        if scores is not None:
            own = ~np.isnan(scores[0]).any(axis=1)
            views = [inside & own] if len(scores) == 1 else [inside & own, own]
            found = [
                calibrate(each[rows], codes[rows], weights[rows])
                for each, rows in zip(scores, views, strict=True)
            ]
            told = [softmax(one.logits(each), axis=1) for one, each in zip(found, scores, strict=True)]
            self.calibration_ = found[0]
            self.unseen_ = np.where(inside[:, None], told[0], told[-1])
            self.rule_ = choose_rule(self.unseen_[own], codes[own], weights[own])
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


@dataclass(frozen=True, eq=False)
class _Taught:
    """What teaches: rows, and behind them what is in every fit, the texts of a codebook.

    Where some rows have a context, all of them are seen in two views: as they are, and as
    if they stood alone.
    """

    features: SegmentFeatures
    table: pd.DataFrame
    codes: np.ndarray
    weights: np.ndarray
    inside: np.ndarray
    n_rows: int

    @property
    def n_views(self) -> int:
        """In how many views rows are seen."""
        return 2 if self.features.in_context_ else 1

    @cached_property
    def rows(self) -> Rows:
        """The features of all, view after view."""
        views = [self.inside, np.zeros_like(self.inside)][: self.n_views]
        table = pd.concat([self.table] * self.n_views, ignore_index=True)
        return Rows(self.features.blocks(table, np.concatenate(views)))

    def fit(self, folds: np.ndarray | None, alpha: float) -> Fits:
        """Fit one ridge regression without each fold, and last one to all rows."""
        out = [] if folds is None else [folds == fold for fold in range(folds.max() + 1)]
        weights = np.zeros((len(self.codes), len(out) + 1))
        for place, held in enumerate([*out, np.zeros(self.n_rows, dtype=bool)]):
            teach = np.append(~held, np.ones(len(self.codes) - self.n_rows, dtype=bool))
            weights[teach, place] = balanced(self.codes[teach], self.weights[teach])
        targets = np.eye(self.codes.max() + 1)[self.codes]
        views = (self.n_views, 1)
        # The targets of a row sum to 1, and so do its scores: those of the last class follow from the others.
        fits = fit_ridges(self.rows, np.tile(targets[:, :-1], views), np.tile(weights, views), alpha=alpha)
        return fits.with_rest()

    def unseen(self, fits: Fits, folds: np.ndarray) -> list[np.ndarray]:
        """Return scores of every row, in each view, without its group; NaN for rows that have none."""
        own = folds >= 0
        found = []
        for scores in np.split(fits.scores, self.n_views):
            found.append(np.full((self.n_rows, scores.shape[2]), np.nan))
            found[-1][own] = scores[: self.n_rows][own, folds[own]]
        return found

    def linear(self, fits: Fits) -> tuple[np.ndarray, np.ndarray]:
        """Return coefficients, shape (n_classes, n_features), and intercept of the fit to all rows."""
        return self.rows.coefficients(fits.values[:, -1]).T, fits.intercepts[-1]


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
