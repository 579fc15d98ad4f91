"""Terms of texts, counted once: whichever fold, family of features or model asks, a text is read one time.

Sequences of characters end at blanks, so those of a text are those of its pieces, and pieces come again and
again. What is kept is counts alone; which terms a model knows, and how rare they are, is learnt from its own
rows in each fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer

from peercompare.classifier.reading import Reading, read

MOST_TEXTS = 50_000
"""Counts of texts are forgotten beyond so many, so that memory stays bounded; they are counted again."""


class Numbers(dict):
    """Numbers of terms or pieces, given in the order in which they are met."""

    def __init__(self) -> None:
        super().__init__()
        self._places: WeakKeyDictionary[TfidfVectorizer, np.ndarray] = WeakKeyDictionary()

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number

    def of(self, keys: list[str]) -> np.ndarray:
        """Return the number of each key."""
        return np.fromiter(map(self.__getitem__, keys), np.int32, len(keys))

    def places_in(self, vectorizer: TfidfVectorizer) -> np.ndarray:
        """Return the column that each term has in a fitted vectorizer; -1 for one that it does not know."""
        places = self._places.get(vectorizer, np.empty(0, dtype=np.int32))
        if len(places) < len(self):
            column, later = vectorizer.vocabulary_.get, islice(self, len(places), None)
            places = np.append(places, np.fromiter((column(term, -1) for term in later), np.int32))
            self._places[vectorizer] = places
        return places


class Counts(NamedTuple):
    """How often terms stand in texts, shape (n_texts, n_terms), and the numbers of the terms."""

    matrix: sparse.csr_matrix
    numbers: Numbers

    def frequency(self) -> np.ndarray:
        """Return in how many texts each term stands, shape (n_terms,)."""
        return np.bincount(self.matrix.indices, minlength=self.matrix.shape[1])

    def in_order(self, chosen: np.ndarray) -> tuple[list[str], list[int]]:
        """Return some terms, given as a mask, in the order of their names, and their columns."""
        terms = list(self.numbers)
        columns = sorted(chosen.nonzero()[0].tolist(), key=terms.__getitem__)
        return [terms[column] for column in columns], columns


class TermCounter:
    """What counts the terms of texts that are read in one way.

    Parameters
    ----------
    reads : callable
        Reads a text; see `peercompare.classifier.reading.read`.
    words, letters : callable
        Take the terms of a text, as a vectorizer's analyzer does; those of letters stay within blanks.
    """

    def __init__(
        self,
        reads: Callable[[str], Reading],
        words: Callable[[str], list[str]],
        letters: Callable[[str], list[str]],
    ) -> None:
        self._reads, self._take_words, self._take_letters = reads, words, letters
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        """Begin with no text known."""
        self._readings: dict[str, Reading] = {}
        self._word_terms, self._letter_terms, self._pieces = Numbers(), Numbers(), Numbers()
        self._words_of: dict[str, np.ndarray] = {}
        self._pieces_of: dict[str, np.ndarray] = {}
        self._letters_of: list[np.ndarray] = []

    def words(self, texts: Iterable[str]) -> Counts:
        """Count words and sequences of words, refused ones marked."""
        with self._lock:
            return self._words(each.marked for each in self._read(texts))

    def plain(self, texts: Iterable[str]) -> Counts:
        """Count sequences of characters of the whole texts."""
        with self._lock:
            return self._letters(each.plain for each in self._read(texts))

    def kept(self, texts: Iterable[str]) -> Counts:
        """Count sequences of characters of what no negation reaches."""
        with self._lock:
            return self._letters(each.kept for each in self._read(texts))

    def _read(self, texts: Iterable[str]) -> list[Reading]:
        """Read texts, or recall how they read."""
        if len(self._readings) > MOST_TEXTS:
            self._forget()
        return _recalled(texts, self._readings, self._reads)

    def _words(self, marked: Iterable[str]) -> Counts:
        """Count the words of texts that were read."""
        numbers = self._word_terms
        rows = _recalled(marked, self._words_of, lambda text: numbers.of(self._take_words(text)))
        return Counts(_as_matrix(rows, len(numbers)), numbers)

    def _letters(self, texts: Iterable[str]) -> Counts:
        """Count sequences of characters of texts: texts by pieces, times pieces by sequences."""
        pieces, numbers = self._pieces, self._letter_terms
        rows = _recalled(texts, self._pieces_of, lambda text: pieces.of(text.split()))
        for piece in islice(pieces, len(self._letters_of), None):
            self._letters_of.append(numbers.of(self._take_letters(piece)))
        by_piece = _as_matrix(rows, len(pieces))
        met = np.unique(by_piece.indices)
        of_pieces = _as_matrix([self._letters_of[piece] for piece in met.tolist()], len(numbers))
        return Counts(by_piece[:, met] @ of_pieces, numbers)


def _recalled(keys: Iterable[str], known: dict[str, Any], find: Callable[[str], Any]) -> list[Any]:
    """Return what is known of keys; what is not is found and kept."""
    found = []
    for key in keys:
        if key not in known:
            known[key] = find(key)
        found.append(known[key])
    return found


def _as_matrix(rows: Sequence[np.ndarray], n_columns: int) -> sparse.csr_matrix:
    """Return rows of numbers as a matrix that counts them."""
    ends = np.append(0, np.cumsum([len(row) for row in rows], dtype=np.int64))
    numbers = np.concatenate(rows) if len(rows) else np.empty(0, dtype=np.int32)
    found = sparse.csr_matrix((np.ones(len(numbers)), numbers, ends), shape=(len(rows), n_columns))
    found.sum_duplicates()
    return found


@lru_cache(maxsize=4)
def term_counter(
    word_ngrams: tuple[int, int],
    char_ngrams: tuple[int, int],
    titles: tuple[str, ...],
    mask: bool,
    refusals: bool,
) -> TermCounter:
    """Return what counts terms of texts that are read in this way; the same one to all who ask."""
    reads = partial(read, titles=titles, mask=mask, refusals=refusals)
    vectorizers = word_vectorizer(word_ngrams), letter_vectorizer(char_ngrams)
    return TermCounter(reads, *(each.build_analyzer() for each in vectorizers))


def word_vectorizer(ngrams: tuple[int, int], min_df: int = 1) -> TfidfVectorizer:
    """Return what gives words of texts that were read, not fitted."""
    return TfidfVectorizer(
        token_pattern=r"\S+", ngram_range=ngrams, min_df=min_df, sublinear_tf=True, lowercase=False
    )


def letter_vectorizer(ngrams: tuple[int, int], min_df: int = 1) -> TfidfVectorizer:
    """Return what gives sequences of characters of texts that were read, not fitted."""
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=ngrams, min_df=min_df, sublinear_tf=True, lowercase=False
    )


def fit_to(counts: Counts, vectorizer: TfidfVectorizer) -> TfidfVectorizer:
    """Fit a vectorizer to counts, as it would fit itself to the texts.

    Parameters
    ----------
    counts : Counts
        A row for each row that it is fitted to.
    vectorizer : TfidfVectorizer
        Its `min_df` is a number of rows.

    Returns
    -------
    TfidfVectorizer
        The same, fitted.

    Raises
    ------
    ValueError
        If no term stands in enough rows.
    """
    frequency = counts.frequency()
    terms, columns = counts.in_order(frequency >= vectorizer.min_df)
    if not terms:
        raise ValueError("no terms remain: none stands in enough rows")
    vectorizer.vocabulary_ = {term: place for place, term in enumerate(terms)}
    vectorizer.fixed_vocabulary_ = False
    vectorizer.idf_ = rarity(frequency[columns], counts.matrix.shape[0])
    return vectorizer


def rarity(frequency: np.ndarray, n_texts: int) -> np.ndarray:
    """Return the inverse document frequency of terms, as scikit-learn smooths it.

    Parameters
    ----------
    frequency : np.ndarray of int, shape (n_terms,)
        In how many texts each term stands.
    n_texts : int
        Out of how many.
    """
    return np.log((1 + n_texts) / (1 + frequency)) + 1


def weighed(counts: Counts, vectorizer: TfidfVectorizer) -> sparse.csr_matrix:
    """Weigh counts as a fitted vectorizer weighs the terms of the texts, shape (n_texts, n_features)."""
    found = placed(counts, vectorizer)
    weigher = TfidfTransformer(norm=vectorizer.norm, sublinear_tf=vectorizer.sublinear_tf)
    weigher.idf_ = vectorizer.idf_
    return weigher.transform(found, copy=False)


def placed(counts: Counts, vectorizer: TfidfVectorizer) -> sparse.csr_matrix:
    """Put counts of terms that a fitted vectorizer knows into its columns, and leave out the others."""
    columns = counts.numbers.places_in(vectorizer)[counts.matrix.indices]
    known = columns >= 0
    ends = np.append(0, np.cumsum(known))[counts.matrix.indptr]
    parts = (counts.matrix.data[known], columns[known], ends)
    found = sparse.csr_matrix(parts, shape=(counts.matrix.shape[0], len(vectorizer.idf_)))
    found.sort_indices()
    return found
