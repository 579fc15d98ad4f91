"""Frozen sentence embeddings with a linear head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.embeddings.cache import EmbeddingCache
from peercompare.classifier.embeddings.encoder import Encoder, load_encoder
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.targets import balanced, check_targets, text_tags


class EmbeddingClassifier(ClassifierMixin, BaseEstimator):
    """A multinomial logistic regression on sentence embeddings, whose encoder stays as it is.

    The text of a segment alone is embedded: embeddings of the words before it and of its heading were tried
    beside it and did not help on employers and workers held out.

    Parameters
    ----------
    encoder : str, Path or Encoder
        As `load_encoder` takes it.
    C : float, default 3.0
        Inverse strength of the penalty.
    cache : EmbeddingCache, optional
        Keeps embeddings between runs.
    random_state : int, RandomState or None
        Taken for the interface's sake; the fit draws nothing.

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    encoder_ : Encoder
    head_ : LogisticRegression
        Its weights make every class count the same.
    """

    def __init__(
        self,
        encoder: str | Path | Encoder = "sentence-transformers/all-MiniLM-L6-v2",
        *,
        C: float = 3.0,
        cache: EmbeddingCache | None = None,
        random_state: Any = None,
    ) -> None:
        self.encoder = encoder
        self.C = C
        self.cache = cache
        self.random_state = random_state

    def fit(self, X: Texts, y: Any, sample_weight: Any = None) -> EmbeddingClassifier:
        """Fit the head.

        Parameters
        ----------
        X : sequence of str, or DataFrame with ``text``
        y : array-like, shape (n_texts,)
        sample_weight : array-like, shape (n_texts,), optional

        Returns
        -------
        EmbeddingClassifier
        """
        texts = as_inputs(X)["text"]
        y, weights = check_targets(y, sample_weight, len(texts))
        self.encoder_ = load_encoder(self.encoder)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.head_ = LogisticRegression(C=self.C, max_iter=5000)
        self.head_.fit(self._embedded(X), codes, sample_weight=balanced(codes, weights))
        return self

    def _embedded(self, X: Texts) -> np.ndarray:
        return self.encoder_.embed(as_inputs(X)["text"].tolist(), cache=self.cache).astype(float)

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Return one probability for each class and text, shape (n_texts, n_classes)."""
        check_is_fitted(self)
        embedded = self._embedded(X)
        return self.head_.predict_proba(embedded) if len(embedded) else np.empty((0, len(self.classes_)))

    def predict(self, X: Texts) -> np.ndarray:
        """Return the most probable class of each text."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())
