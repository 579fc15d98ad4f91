"""Frozen sentence embeddings with a linear head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.embeddings.around import both_views, with_documents
from peercompare.classifier.embeddings.cache import EmbeddingCache
from peercompare.classifier.embeddings.encoder import Encoder, load_encoder
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.targets import balanced, check_targets, text_tags


class EmbeddingClassifier(ClassifierMixin, BaseEstimator):
    """A multinomial logistic regression on sentence embeddings, whose encoder stays as it is.

    Where documents are known the mean embedding of a segment's document stands beside the segment's own, and
    every row teaches twice, with its document and without, so that the model does with a text alone. The
    words before a segment and its heading were tried too and did not help on employers and workers held out.

    Parameters
    ----------
    encoder : str, Path or Encoder
        As `load_encoder` takes it.
    C : float, default 3.0
        Inverse strength of the penalty.
    context : bool, default True
        Look at the document where it is known.
    titles : tuple of str, default ()
        Titles of posts that are masked.
    cache : EmbeddingCache, optional
        Keeps embeddings between runs.
    random_state : int, RandomState or None
        Taken for the interface's sake; the fit draws nothing.

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    encoder_ : Encoder
    in_context_ : bool
        Whether a training row had a document.
    head_ : LogisticRegression
        Its weights make every class count the same.
    """

    def __init__(
        self,
        encoder: str | Path | Encoder = "sentence-transformers/all-MiniLM-L6-v2",
        *,
        C: float = 3.0,
        context: bool = True,
        titles: tuple[str, ...] = (),
        cache: EmbeddingCache | None = None,
        random_state: Any = None,
    ) -> None:
        self.encoder = encoder
        self.C = C
        self.context = context
        self.titles = titles
        self.cache = cache
        self.random_state = random_state

    def fit(self, X: Texts, y: Any, sample_weight: Any = None) -> EmbeddingClassifier:
        """Fit the head.

        Parameters
        ----------
        X : sequence of str, or DataFrame with ``text`` and ``document``
            As in `as_inputs`.
        y : array-like, shape (n_texts,)
        sample_weight : array-like, shape (n_texts,), optional

        Returns
        -------
        EmbeddingClassifier
        """
        table = as_inputs(X)
        y, weights = check_targets(y, sample_weight, len(table))
        self.encoder_ = load_encoder(self.encoder)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.in_context_ = bool(self.context and (table["document"] != "").any())
        if self.in_context_:
            table, codes, weights = both_views(table), np.tile(codes, 2), np.tile(weights, 2) / 2
        self.head_ = LogisticRegression(C=self.C, max_iter=5000)
        self.head_.fit(self._features(table), codes, sample_weight=balanced(codes, weights))
        return self

    def _features(self, table: pd.DataFrame) -> np.ndarray:
        """Embed segments, and their documents where training had some."""
        if self.in_context_:
            return with_documents(table, self._embed)
        return self._embed(table["text"].tolist())

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        return self.encoder_.embed(texts, cache=self.cache, titles=self.titles).astype(float)

    def predict_proba(self, X: Texts) -> np.ndarray:
        """Return one probability for each class and text, shape (n_texts, n_classes)."""
        check_is_fitted(self)
        table = as_inputs(X)
        if table.empty:
            return np.empty((0, len(self.classes_)))
        return self.head_.predict_proba(self._features(table))

    def predict(self, X: Texts) -> np.ndarray:
        """Return the most probable class of each text."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())
