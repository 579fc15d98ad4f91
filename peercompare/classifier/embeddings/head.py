"""Frozen sentence embeddings with a quadratic head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.embeddings.around import both_views, with_documents
from peercompare.classifier.embeddings.cache import EmbeddingCache
from peercompare.classifier.embeddings.encoder import Encoder, load_encoder, seed_of
from peercompare.classifier.embeddings.lessons import lesson_of
from peercompare.classifier.embeddings.quadratic import SHARPNESS, fit_quadratic
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.targets import check_targets, text_tags


class EmbeddingClassifier(ClassifierMixin, BaseEstimator):
    """A quadratic regression on sentence embeddings, whose encoder stays as it is.

    On employers and workers held out it was about as good as fine-tuning the encoder, in a hundredth of the
    time, and better than a linear head; see `fit_quadratic`.

    Where documents are known the mean embedding of a segment's document stands beside the segment's own, and
    every row teaches twice, with its document and without, so that the model does with a text alone. The
    words before a segment and its heading were tried too and did not help on employers and workers held out.

    Parameters
    ----------
    encoder : str, Path or Encoder
        As `load_encoder` takes it.
    alpha : float, default 3.0
        Strength of the penalty.
    context : bool, default True
        Look at the document where it is known.
    titles : tuple of str, default ()
        Titles of posts that are masked.
    cache : EmbeddingCache, optional
        Keeps embeddings between runs.
    random_state : int, RandomState or None
        Of the rows that are drawn where there are more than 8,000.

    Attributes
    ----------
    classes_ : np.ndarray, shape (n_classes,)
    encoder_ : Encoder
    in_context_ : bool
        Whether a training row had a document.
    head_ : QuadraticForm
        In it every class counts the same.
    """

    def __init__(
        self,
        encoder: str | Path | Encoder = "sentence-transformers/all-MiniLM-L6-v2",
        *,
        alpha: float = 3.0,
        context: bool = True,
        titles: tuple[str, ...] = (),
        cache: EmbeddingCache | None = None,
        random_state: Any = None,
    ) -> None:
        self.encoder = encoder
        self.alpha = alpha
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
        documents = table["document"] if self.in_context_ else [""] * len(table)
        lesson = lesson_of(list(zip(table["text"], documents, strict=True)), codes, weights)
        rows = pd.DataFrame(lesson.texts, columns=["text", "document"])
        n_views = 2 if self.in_context_ else 1
        self.head_ = fit_quadratic(
            self._features(both_views(rows) if self.in_context_ else rows),
            np.tile(lesson.shares, (n_views, 1)),
            np.tile(lesson.weights, n_views) / n_views,
            alpha=self.alpha,
            rng=np.random.default_rng(seed_of(self.random_state)),
        )
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
        return softmax(SHARPNESS * self.head_.scores(self._features(table)), axis=1)

    def predict(self, X: Texts) -> np.ndarray:
        """Return the most probable class of each text."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())
