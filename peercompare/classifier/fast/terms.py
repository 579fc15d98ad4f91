"""Weights of terms of many texts at once: equal to what the vectorizers say, since each piece is asked once.

Sequences of characters end at blanks. So those of a text are those of its pieces: a product of two sparse
matrices, texts by pieces and pieces by terms, counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from peercompare.classifier.fast.marks import Marked, Marks, WordTerms
from peercompare.classifier.fast.pieces import Pieces
from peercompare.classifier.fast.rows import Rows
from peercompare.classifier.features import SegmentFeatures
from peercompare.classifier.reading import TOKEN, read

MOST_PIECES = 200_000
"""What is known of pieces is forgotten beyond so many, so that memory stays bounded; it is learnt again."""

UNKNOWN = -1


class Taken(NamedTuple):
    """Texts taken apart: contents of their pieces, and their counted words; each is put in `order`."""

    contents: sparse.csr_matrix
    marked: Marked
    order: np.ndarray


class FastTerms:
    """What gives the weights of terms, made from features that were fitted.

    Parameters
    ----------
    features : SegmentFeatures
        Fitted; words in sequences of one or two.
    """

    def __init__(self, features: SegmentFeatures) -> None:
        self._features = features
        self._word, self._char = features.word_, features.char_
        self._analyse, self._columns = features.char_.build_analyzer(), features.char_.vocabulary_
        self._word_terms = WordTerms(features.word_)
        self._forget()

    def _forget(self) -> None:
        """Begin with no piece known."""
        self._pieces = Pieces(self._features.titles, self._features.mask)
        self._marks = Marks(self._word_terms, self._letters, self._features.refusals)
        self._content = np.empty(0, dtype=np.int32)
        self._plain: list[str] = []
        self._letters_of, self._marks_of = Rows(), Rows()

    def _letters(self, text: str) -> list[int]:
        """Return the columns of a text's sequences of characters, each as often as it stands there."""
        column = self._columns.get
        return [found for each in self._analyse(text) if (found := column(each)) is not None]

    def taken(self, texts: Sequence[str]) -> Taken:
        """Take texts apart.

        Parameters
        ----------
        texts : sequence of str
            At least one.
        """
        if len(self._pieces) > MOST_PIECES:
            self._forget()
        numbers, sizes, order = self._pieces.cut(texts)
        self._learn(numbers)
        contents = self._content[numbers]
        marks, n_marks = self._marks_of.gather(contents)
        ends = np.append(0, np.cumsum(sizes))
        of_text = np.add.reduceat(n_marks, ends[:-1])
        matrix = _counting(contents, ends, self._letters_of.n_rows)
        return Taken(matrix, self._marks.by_reach(marks, of_text), order)

    def _learn(self, numbers: np.ndarray) -> None:
        """Read pieces that are met for the first time."""
        n_new = len(self._pieces.words) - len(self._content)
        self._content = np.append(self._content, np.full(n_new, UNKNOWN, dtype=np.int32))
        new = np.unique(numbers[self._content[numbers] == UNKNOWN])
        if not len(new):
            return
        how = {"mask": self._features.mask, "refusals": False}
        plain = [read(self._pieces.words[number], **how).plain for number in new.tolist()]
        self._content[new] = np.arange(self._letters_of.n_rows, self._letters_of.n_rows + len(new))
        self._plain += plain
        self._letters_of.extend([self._letters(text) for text in plain])
        self._marks_of.extend([[self._marks[mark] for mark in TOKEN.findall(text)] for text in plain])
        self._marks.learn()

    def sequences(self, content: int) -> list[str]:
        """Return every sequence of characters of a content of `Taken`, known to the features or not."""
        return self._analyse(self._plain[content])

    def said(self, taken: Taken) -> tuple[np.ndarray, list[str]]:
        """Return the counted words of texts as numbers, refused ones marked, and what the numbers stand for.

        Unlike in `Marked.words`, words that are part of no term have numbers too.
        """
        return self._marks.said(taken.marked)

    def words(self, taken: Taken) -> sparse.csr_matrix:
        """Return the weights of words and pairs of words, refused ones marked; rows in `Taken.order`."""
        columns, texts = self._word_terms.found(taken.marked.words, taken.marked.sizes)
        ones = np.ones(len(columns), dtype=np.int32)
        shape = (len(taken.order), len(self._word.vocabulary_))
        return _weighed(sparse.csr_matrix((ones, (texts, columns)), shape=shape), self._word)

    def plain(self, taken: Taken) -> sparse.csr_matrix:
        """Return the weights of sequences of characters of the whole texts; rows in `Taken.order`."""
        of_pieces = self._letters_of.as_matrix(len(self._columns))
        return _weighed(taken.contents @ of_pieces, self._char)

    def kept(self, taken: Taken) -> sparse.csr_matrix:
        """Return the weights of sequences of characters of what no negation reaches; rows as in `order`."""
        marked = taken.marked
        ends = np.append(0, np.cumsum(marked.kept))[np.append(0, np.cumsum(marked.sizes))]
        of_marks = self._marks.letters.as_matrix(len(self._columns))
        counts = _counting(marked.marks[marked.kept], ends, self._marks.letters.n_rows) @ of_marks
        return _weighed(counts, self._char)


def _counting(numbers: np.ndarray, ends: np.ndarray, n_columns: int) -> sparse.csr_matrix:
    """Return rows of numbers as a matrix that counts them; a number may stand twice in a row."""
    ones = np.ones(len(numbers), dtype=np.int32)
    return sparse.csr_matrix((ones, numbers, ends.astype(np.int32)), shape=(len(ends) - 1, n_columns))


def _weighed(counts: sparse.csr_matrix, vectorizer: TfidfVectorizer) -> sparse.csr_matrix:
    """Weigh counts as the vectorizer does: 1 + log of the count, by rarity, rows of unit length."""
    logs = 1 + np.log(np.arange(1, counts.data.max(initial=1) + 1))
    weights = logs[counts.data - 1] * vectorizer.idf_[counts.indices]
    parts = (counts.indices, counts.indptr)
    lengths = np.sqrt(sparse.csr_matrix((weights**2, *parts), shape=counts.shape) @ np.ones(counts.shape[1]))
    lengths[lengths == 0] = 1.0
    weights /= np.repeat(lengths, np.diff(counts.indptr))
    return sparse.csr_matrix((weights, *parts), shape=counts.shape)
