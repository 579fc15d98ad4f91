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

from peercompare.classifier.inputs import TEXT, Texts, as_inputs
from peercompare.classifier.reading import Reading, read
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
        table = as_inputs(X)
        readings = self.readings(table["text"])
        common = {"min_df": self.min_df, "sublinear_tf": True, "lowercase": False}
        self.word_ = TfidfVectorizer(token_pattern=r"\S+", ngram_range=tuple(self.word_ngrams), **common)
        self.char_ = TfidfVectorizer(analyzer="char_wb", ngram_range=tuple(self.char_ngrams), **common)
        self.in_context_ = bool(self.context and (table["document"] != "").any())
        self.word_.fit([each.marked for each in readings + self._heard(table)])
        self.char_.fit([each.plain for each in readings])
        return self

    def _heard(self, table: pd.DataFrame) -> list[Reading]:
        """Read the words around the rows that are no row's own, such as those of others in a session."""
        if not self.in_context_:
            return []
        around = pd.concat([table["before"], table["after"]]).drop_duplicates()
        return self.readings(sorted(set(around) - {""} - set(table["text"])))

    def transform(self, X: Texts) -> sparse.csr_matrix:
        """Return the weights of terms, shape (n_rows, n_features)."""
        check_is_fitted(self)
        table = as_inputs(X)
        return self._put_together(self._own(table), table, self.known(table))

    def views(self, X: Texts) -> list[sparse.csr_matrix]:
        """Return rows as they are and, where some have a context, as they would be without it."""
        table = as_inputs(X)
        own = self._own(table)
        found = [self._put_together(own, table, self.known(table))]
        if self.in_context_:
            found.append(self._put_together(own, table, np.zeros(len(table), dtype=bool)))
        return found

    def _own(self, table: pd.DataFrame) -> sparse.csr_matrix:
        """Return the terms of the rows' own texts; a text that stands in several is read once."""
        codes, different = pd.factorize(table[TEXT])
        return self.own_terms(different)[codes]

    def _put_together(
        self, own: sparse.csr_matrix, table: pd.DataFrame, known: np.ndarray
    ) -> sparse.csr_matrix:
        """Put blocks side by side; `known` says which rows are read in their context."""
        if not self.in_context_:
            return own
        inside, outside = (sparse.diags(rows.astype(float)) for rows in (known, ~known))
        around = table[list(CONTEXT_WEIGHTS)].where(pd.Series(known), "", axis=0)
        blocks = [inside @ block for block in self._around(around)]
        ones = sparse.csr_matrix((~known).astype(float)[:, None])
        return sparse.hstack([inside @ own, *blocks, outside @ own, ones], format="csr")

    def known(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows of inputs have a context; all are treated alike where none was met in training."""
        if not self.in_context_:
            return np.ones(len(table), dtype=bool)
        return (table["document"] != "").to_numpy(dtype=bool)

    def views_of_bare(self, texts: Sequence[str]) -> list[sparse.csr_matrix]:
        """Return texts without a document as if they stood in a context of which nothing is known, and alone.

        Where no row has a context there is one view.
        """
        alone = self.transform(texts)
        if not self.in_context_:
            return [alone]
        own = self.own_terms(texts)
        rest = sparse.csr_matrix((own.shape[0], alone.shape[1] - own.shape[1]))
        return [sparse.hstack([own, rest], format="csr"), alone]

    def alone_columns(self) -> np.ndarray:
        """Tell which columns are of rows without a document; shape (n_features,)."""
        names = self.get_feature_names_out()
        return np.array([name.startswith(ALONE) for name in names]) & self.in_context_

    def own_terms(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the weights of the terms of texts alone: the first blocks, shape (n_texts, n_own)."""
        readings = self.readings(texts)
        words = self.word_.transform([each.marked for each in readings])
        plain, kept = (self.char_.transform(each) for each in _letters(readings))
        weights = KIND_WEIGHTS.values()
        blocks = [weight * block for weight, block in zip(weights, (words, plain, kept), strict=True)]
        return sparse.hstack(blocks, format="csr")

    def _around(self, table: pd.DataFrame) -> Iterator[sparse.csr_matrix]:
        """Yield the blocks of context; a document is read once, however many segments it has."""
        for name, weight in CONTEXT_WEIGHTS.items():
            codes, different = pd.factorize(table[name])
            if name == "document":
                block = self._of_documents(different)
            elif name == "heading":
                block = self.char_.transform([each.plain for each in self.readings(different)])
            else:
                block = self.word_.transform([each.marked for each in self.readings(different)])
            yield (weight * block).tocsr()[codes]

    def _of_documents(self, documents: Sequence[str]) -> sparse.csr_matrix:
        """Average the words of each document over its segments, which weigh the same, to unit length."""
        lines = [document.split("\n") for document in documents]
        codes, different = pd.factorize(np.array([line for each in lines for line in each], dtype=object))
        words = self.word_.transform([each.marked for each in self.readings(different)])
        of = np.repeat(np.arange(len(lines)), [len(each) for each in lines])
        member = sparse.csr_matrix((np.ones(len(codes)), (of, codes)), shape=(len(lines), len(different)))
        return normalize((member @ words).tocsr())

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts as they are read before terms are counted."""
        how = {"titles": self.titles, "mask": self.mask, "refusals": self.refusals}
        return [read(text, **how) for text in texts]

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


def _letters(readings: Sequence[Reading]) -> tuple[list[str], list[str]]:
    """Return what the characters are taken of: the whole text, and what no negation reaches."""
    return [each.plain for each in readings], [each.kept for each in readings]
