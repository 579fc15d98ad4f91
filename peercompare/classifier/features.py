"""The features of a segment: terms of its words, and, where its document is known, terms around it.

A segment without a document is told apart from one with a document: the columns of its words are then others,
so that one linear model can weigh words that stand alone otherwise than words in a context. A column is
nothing but a term's weight (tf-idf), so every prediction can be taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted

from peercompare.classifier.counting import (
    TermCounter,
    fit_to,
    letter_vectorizer,
    term_counter,
    weighed,
    word_vectorizer,
)
from peercompare.classifier.inputs import TEXT, Texts, as_inputs
from peercompare.classifier.ridge import Block
from peercompare.classifier.targets import text_tags

KIND_WEIGHTS = {"word": 0.8, "char": 0.7, "kept": 0.7}
"""Of a segment's own terms: words and pairs of words, refused ones marked; sequences of characters, of the
whole text, and of what no negation reaches. Chosen on grouped folds together with those below."""

CONTEXT_WEIGHTS = {"document": 0.6, "before": 0.4, "after": 0.4, "heading": 0.3}
"""Of the terms around it: words of the whole document and beside the segment, characters of the heading."""

ALONE = "alone"
"""What stands before the kinds of terms of a segment whose document is not known, and of their constant."""


class SegmentFeatures(TransformerMixin, BaseEstimator):
    """Word and character n-grams of segments and of what stands around them, weighed by tf-idf.

    Parameters
    ----------
    min_df : int, default 2
        Terms that stand in fewer training rows are left out.
    word_ngrams, char_ngrams : tuple of int, default (1, 2) and (2, 5)
        Shortest and longest sequences; those of characters stay within words.
    titles : tuple of str, default ()
        Titles of posts that are masked.
    mask : bool, default True
        Mask names, titles and figures; see `peercompare.classifier.reading.read`.
    refusals : bool, default True
        Mark words that their clause refuses; False takes them as any other.
    context : bool, default True
        Read context where it is there; False reads the texts alone.

    Attributes
    ----------
    word_, char_ : TfidfVectorizer
        What gives the terms; text and context share them, and words of context are learnt too.
    in_context_ : bool
        Whether a training row had a document.

    Notes
    -----
    Blocks of columns, in order: `KIND_WEIGHTS`; where a training row had a document, `CONTEXT_WEIGHTS` and,
    for rows without a document, the first blocks once more and a column of ones, all named after `ALONE`.
    Each block has unit length times its weight.
    """

    def __init__(
        self,
        *,
        min_df: int = 2,
        word_ngrams: tuple[int, int] = (1, 2),
        char_ngrams: tuple[int, int] = (2, 5),
        titles: tuple[str, ...] = (),
        mask: bool = True,
        refusals: bool = True,
        context: bool = True,
    ) -> None:
        self.min_df = min_df
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.titles = titles
        self.mask = mask
        self.refusals = refusals
        self.context = context

    def fit(self, X: Texts, y: Any = None) -> SegmentFeatures:
        """Learn the terms of the texts and how rare they are.

        Parameters
        ----------
        X : sequence of str, or DataFrame
            As in `as_inputs`.
        y : ignored

        Raises
        ------
        ValueError
            If no term stands in enough rows.
        """
        table, counter = as_inputs(X), self.counter()
        self.in_context_ = bool(self.context and (table["document"] != "").any())
        words = counter.words([*table[TEXT], *self._heard(table)])
        self.word_ = fit_to(words, word_vectorizer(tuple(self.word_ngrams), self.min_df))
        self.char_ = fit_to(
            counter.plain(table[TEXT]), letter_vectorizer(tuple(self.char_ngrams), self.min_df)
        )
        return self

    def counter(self) -> TermCounter:
        """Return what counts terms of texts read as these are; it outlives a fit."""
        ngrams = tuple(self.word_ngrams), tuple(self.char_ngrams)
        return term_counter(*ngrams, tuple(self.titles), self.mask, self.refusals)

    def _heard(self, table: pd.DataFrame) -> list[str]:
        """Return the words around the rows that are no row's own, such as those of others in a session."""
        if not self.in_context_:
            return []
        around = pd.concat([table["before"], table["after"]]).drop_duplicates()
        return sorted(set(around) - {""} - set(table[TEXT]))

    def transform(self, X: Texts) -> sparse.csr_matrix:
        """Return the weights of terms, shape (n_rows, n_features)."""
        check_is_fitted(self)
        table = as_inputs(X)
        blocks = self.blocks(table, self.known(table))
        return sparse.hstack([block.as_matrix() for block in blocks], format="csr")

    def blocks(self, table: pd.DataFrame, known: np.ndarray) -> list[Block]:
        """Return the blocks of rows of inputs, in order; what stands in several rows is weighed once.

        Parameters
        ----------
        table : DataFrame
            As `as_inputs` gives it.
        known : np.ndarray of bool, shape (n_rows,)
            Which rows are read in their context; see `known`.
        """
        codes, different = pd.factorize(table[TEXT])
        own = self.own_terms(different)
        if not self.in_context_:
            return [Block(own, codes)]
        ones = sparse.csr_matrix(np.ones((1, 1)))
        return [
            Block(own, np.where(known, codes, -1)),
            *self._around(table, known),
            Block(own, np.where(known, -1, codes)),
            Block(ones, np.where(known, -1, 0)),
        ]

    def known(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows of inputs have a context; all are treated alike where none was met in training."""
        if not self.in_context_:
            return np.ones(len(table), dtype=bool)
        return (table["document"] != "").to_numpy(dtype=bool)

    def alone_columns(self) -> np.ndarray:
        """Tell which columns are of rows without a document; shape (n_features,)."""
        words, letters = len(self.word_.vocabulary_), len(self.char_.vocabulary_)
        own = words + 2 * letters
        if not self.in_context_:
            return np.zeros(own, dtype=bool)
        around = (len(CONTEXT_WEIGHTS) - 1) * words + letters
        return np.repeat([False, True], [own + around, own + 1])

    def own_terms(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the weights of the terms of texts alone: the first blocks, shape (n_texts, n_own)."""
        counter = self.counter()
        kinds = (
            weighed(counter.words(texts), self.word_),
            weighed(counter.plain(texts), self.char_),
            weighed(counter.kept(texts), self.char_),
        )
        blocks = [weight * block for weight, block in zip(KIND_WEIGHTS.values(), kinds, strict=True)]
        return sparse.hstack(blocks, format="csr")

    def _around(self, table: pd.DataFrame, known: np.ndarray) -> Iterator[Block]:
        """Yield the blocks of context; a document is weighed once, however many segments it has."""
        for name, weight in CONTEXT_WEIGHTS.items():
            codes, different = pd.factorize(table[name].where(pd.Series(known), ""))
            if name == "document":
                block = self._of_documents(different)
            elif name == "heading":
                block = weighed(self.counter().plain(different), self.char_)
            else:
                block = weighed(self.counter().words(different), self.word_)
            yield Block((weight * block).tocsr(), np.where(known, codes, -1))

    def _of_documents(self, documents: Sequence[str]) -> sparse.csr_matrix:
        """Average the words of each document over its segments, which weigh the same, to unit length."""
        lines = [document.split("\n") for document in documents]
        codes, different = pd.factorize(np.array([line for each in lines for line in each], dtype=object))
        words = weighed(self.counter().words(different), self.word_)
        of = np.repeat(np.arange(len(lines)), [len(each) for each in lines])
        member = sparse.csr_matrix((np.ones(len(codes)), (of, codes)), shape=(len(lines), len(different)))
        return normalize((member @ words).tocsr())

    def vectorizers(self) -> list[tuple[str, TfidfVectorizer]]:
        """Return what gives the terms of words and of characters, by kind."""
        return [("word", self.word_), ("char", self.char_)]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the name of each feature: its kind, two underscores, and the term."""
        check_is_fitted(self)
        words, letters = self.word_.get_feature_names_out(), self.char_.get_feature_names_out()
        own = [("word", words), ("char", letters), ("kept", letters)]
        blocks = own
        if self.in_context_:
            around = [(name, letters if name == "heading" else words) for name in CONTEXT_WEIGHTS]
            alone = [(f"{ALONE}_{kind}", terms) for kind, terms in own]
            blocks = [*own, *around, *alone, (ALONE, np.array([""], dtype=object))]
        names = [f"{kind}__{term}" for kind, terms in blocks for term in terms]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self):
        return text_tags(super().__sklearn_tags__())
