"""Probabilities of many texts from a linear model, several times as fast as by its pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import softmax
from sklearn.preprocessing import normalize

from peercompare.classifier.fast.terms import FastTerms, Taken
from peercompare.classifier.features import CONTEXT_WEIGHTS, KIND_WEIGHTS, SegmentFeatures
from peercompare.classifier.inputs import TEXT, Texts, as_inputs
from peercompare.classifier.model import Model
from peercompare.errors import ModelError

ROWS = 2_000
"""Rows that are scored at once; what is known of more does not fit into a processor's cache."""


class FastScorer:
    """A linear model taken apart for scoring many texts; `terms` gives the weights of their terms.

    It reads each different piece of text once, by the model's own rules and vectorizers, and puts texts
    together from what it has found: the probabilities are those of `Model.probabilities` up to rounding.

    Parameters
    ----------
    model : Model
        Of the base install, from `train` or `load_model`.

    Raises
    ------
    ModelError
        If the model is of another kind, or its words come in longer sequences than pairs.
    """

    def __init__(self, model: Model) -> None:
        features = features_of(model)
        self.model, self.terms = model, FastTerms(features)
        self._features = features
        linear = model.pipeline[-1]
        blocks = _blocks(linear.coef_.T, features)
        self._own = blocks[: len(KIND_WEIGHTS)]
        self._around = dict(zip(CONTEXT_WEIGHTS, blocks[len(KIND_WEIGHTS) :], strict=False))
        self._alone, self._constant = blocks[-1 - len(KIND_WEIGHTS) : -1], blocks[-1]
        self._intercept = linear.intercept_

    def probabilities(self, texts: Texts) -> np.ndarray:
        """Return one probability for each label and text.

        Parameters
        ----------
        texts : sequence of str, or DataFrame with ``text`` and context, length n_texts
            As in `Model.probabilities`.

        Returns
        -------
        np.ndarray, shape (n_texts, n_labels)
            Equal to what `Model.probabilities` returns to within 1e-9.

        Raises
        ------
        InputError
            As `peercompare.classifier.inputs.as_inputs`.
        """
        table = as_inputs(texts)
        found = np.zeros((len(table), len(self.model.labels)))
        for start in range(0, len(table), ROWS):
            part = table.iloc[start : start + ROWS]
            scores = self._scores(part)
            if scores.shape[1] == 1:
                scores = np.column_stack([-scores, scores]) / 2
            found[start : start + ROWS, self.model.pipeline.classes_] = softmax(scores, axis=1)
        return found

    def _scores(self, table: pd.DataFrame) -> np.ndarray:
        """Return linear scores, shape (n_rows, n_classes present), or one column for two classes."""
        known = self._features.known(table)
        scores = np.tile(self._intercept, (len(table), 1))
        scores[known] += self._of_own(table[TEXT].to_numpy()[known], self._own)
        if not self._features.in_context_:
            return scores
        scores[~known] += self._of_own(table[TEXT].to_numpy()[~known], self._alone) + self._constant
        for name, block in self._around.items():
            scores[known] += self._of_context(name, table[name].to_numpy()[known], block)
        return scores

    def _of_own(self, texts: np.ndarray, blocks: list[np.ndarray]) -> np.ndarray:
        """Score the terms of texts; a text that stands in several rows is scored once."""
        codes, different = pd.factorize(texts)
        scores = np.zeros((len(different), len(self._intercept)))
        if len(different):
            taken = self.terms.taken(different.tolist())
            kinds = (self.terms.words, self.terms.plain, self.terms.kept)
            for kind, block in zip(kinds, blocks, strict=True):
                scores[taken.order] += kind(taken) @ block
        return scores[codes]

    def _of_context(self, name: str, texts: np.ndarray, block: np.ndarray) -> np.ndarray:
        """Score what stands around segments."""
        codes, different = pd.factorize(texts)
        scores = np.zeros((len(different), len(self._intercept)))
        if name == "document" and len(different):
            scores = self._of_documents(different) @ block
        elif len(different):
            taken = self.terms.taken(different.tolist())
            kind = self.terms.plain if name == "heading" else self.terms.words
            scores[taken.order] = kind(taken) @ block
        return scores[codes]

    def _of_documents(self, documents: np.ndarray) -> sparse.csr_matrix:
        """Average the words of each document over its segments, as `SegmentFeatures` does."""
        lines = [document.split("\n") for document in documents]
        codes, different = pd.factorize(np.array([line for each in lines for line in each], dtype=object))
        taken: Taken = self.terms.taken(different.tolist())
        row_of = np.empty(len(different), dtype=np.int64)
        row_of[taken.order] = np.arange(len(different))
        of = np.repeat(np.arange(len(lines)), [len(each) for each in lines])
        shape = (len(lines), len(different))
        member = sparse.csr_matrix((np.ones(len(codes)), (of, row_of[codes])), shape=shape)
        return normalize((member @ self.terms.words(taken)).tocsr())


def features_of(model: Model) -> SegmentFeatures:
    """Return what reads texts for a linear model.

    Raises
    ------
    ModelError
        If the model reads texts in another way.
    """
    steps = getattr(getattr(model, "pipeline", None), "named_steps", {})
    features = steps.get("features")
    if not isinstance(features, SegmentFeatures) or tuple(features.word_ngrams)[1] > 2:
        raise ModelError(
            f"The model {model.model_id} is no linear model of words, pairs of words and characters",
            remedy="predict with it as with any other model, without streaming",
        )
    return features


def _blocks(coefficients: np.ndarray, features: SegmentFeatures) -> list[np.ndarray]:
    """Cut coefficients, shape (n_features, n_classes), into blocks, each multiplied by its block's weight."""
    words, letters = len(features.word_.vocabulary_), len(features.char_.vocabulary_)
    own = [(words if kind == "word" else letters, weight) for kind, weight in KIND_WEIGHTS.items()]
    blocks = own
    if features.in_context_:
        around = [(letters if n == "heading" else words, weight) for n, weight in CONTEXT_WEIGHTS.items()]
        blocks = [*own, *around, *own, (1, 1.0)]
    ends = np.cumsum([size for size, _ in blocks])
    cut = np.split(coefficients, ends[:-1])
    return [np.ascontiguousarray(part * weight) for part, (_, weight) in zip(cut, blocks, strict=True)]
