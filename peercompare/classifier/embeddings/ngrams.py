"""The n-gram classifier as one of several in a stack: uncalibrated, since the stack calibrates."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.embeddings.encoder import seed_of
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.pipeline import make_classifier
from peercompare.classifier.targets import balanced, check_targets, text_tags


class NgramClassifier(ClassifierMixin, BaseEstimator):
    """Word and character n-grams into a logistic regression in which every class counts the same.

    Parameters
    ----------
    random_state : int, RandomState or None

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    pipeline_ : Pipeline
        As `make_classifier` makes it.
    """

    def __init__(self, *, random_state: Any = None) -> None:
        self.random_state = random_state

    def fit(self, X: Texts, y: Any, sample_weight: Any = None) -> NgramClassifier:
        """Fit; see `EmbeddingClassifier.fit` for the parameters."""
        texts = as_inputs(X)["text"].to_numpy()
        y, weights = check_targets(y, sample_weight, len(texts))
        self.classes_, codes = np.unique(y, return_inverse=True)
        names = [str(each) for each in self.classes_]
        self.pipeline_ = make_classifier(names, seed=seed_of(self.random_state))
        self.pipeline_.fit(texts, codes, model__sample_weight=balanced(codes, weights))
        return self

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Return one probability for each class and text, shape (n_texts, n_classes)."""
        check_is_fitted(self)
        texts = as_inputs(X)["text"].to_numpy()
        return self.pipeline_.predict_proba(texts) if len(texts) else np.empty((0, len(self.classes_)))

    def predict(self, X: Texts) -> np.ndarray:
        """Return the most probable class of each text."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())
