"""Words and marks of a text as numbers: what each is to the clause it stands in, and to a model's terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from peercompare.classifier.fast.rows import Rows
from peercompare.classifier.reading import BREAKS, NEGATIONS, REFUSED

NEGATES, BREAKS_OFF, UNCOUNTED = (1 << bit for bit in range(3))
"""What a mark does: it begins the reach of a negation, it ends it, it is no word that is counted."""

NO_TERM = -1
"""Stands for a word that is part of no term."""


class Marked(NamedTuple):
    """Counted words of texts in their order: numbers of words, whether each is kept, how many a text has."""

    words: np.ndarray
    marks: np.ndarray
    kept: np.ndarray
    sizes: np.ndarray


class WordTerms:
    """The terms of words and of pairs of words that a fitted vectorizer knows, found by numbers.

    Parameters
    ----------
    vectorizer : TfidfVectorizer
        Its terms have one word or two.
    """

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        terms = {tuple(term.split(" ")): column for term, column in vectorizer.vocabulary_.items()}
        parts = sorted({word for term in terms for word in term})
        self.numbers = {word: number for number, word in enumerate(parts)}
        self._single = np.full(len(parts) + 1, NO_TERM, dtype=np.int32)
        pairs = {}
        for term, column in terms.items():
            if len(term) == 1:
                self._single[self.numbers[term[0]]] = column
            else:
                pairs[self._key(*(self.numbers[word] for word in term))] = column
        self._keys = np.array(sorted(pairs), dtype=np.int64)
        self._columns = np.array([pairs[key] for key in self._keys.tolist()], dtype=np.int32)
        self._begins, self._ends = (np.zeros(len(parts) + 1, dtype=bool) for _ in range(2))
        self._begins[self._keys // len(self._single)] = True
        self._ends[self._keys % len(self._single)] = True

    def _key(self, first: int, second: int) -> int:
        """Return one number for two."""
        return first * len(self._single) + second

    def found(self, words: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the terms in texts.

        Parameters
        ----------
        words : np.ndarray of int, shape (n_words,)
            The words of all texts, one text after the other, as `numbers` has them, or `NO_TERM`.
        sizes : np.ndarray of int, shape (n_texts,)
            How many words each text has.

        Returns
        -------
        columns, texts : np.ndarray of int, shape (n_found,)
            Of each term that stands in a text, as often as it does.
        """
        texts = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        single = self._single[words]
        alone = single >= 0
        if len(self._keys) == 0 or len(words) < 2:
            return single[alone], texts[alone]
        first, second = words[:-1], words[1:]
        likely = (self._begins[first] & self._ends[second] & (texts[:-1] == texts[1:])).nonzero()[0]
        keys = self._key(first[likely].astype(np.int64), second[likely])
        places = np.minimum(self._keys.searchsorted(keys), len(self._keys) - 1)
        known = self._keys[places] == keys
        return (
            np.concatenate([single[alone], self._columns[places[known]]]),
            np.concatenate([texts[alone], texts[likely[known]]]),
        )


class Marks(dict):
    """Numbers of words and marks, given in the order in which they are met, and what each does.

    Parameters
    ----------
    terms : WordTerms
    letters : callable
        Gives the columns of a text's sequences of characters.
    refusals : bool
        Mark what a negation reaches.
    """

    def __init__(self, terms: WordTerms, letters: Callable[[str], list[int]], refusals: bool) -> None:
        super().__init__()
        self._numbers, self._letters = terms.numbers, letters
        self._negations = NEGATIONS if refusals else frozenset()
        self._met: list[str] = []
        self._does = np.empty(0, dtype=np.uint8)
        self._words, self._refused = (np.empty(0, dtype=np.int32) for _ in range(2))
        self.letters = Rows()

    def __missing__(self, mark: str) -> int:
        number = self[mark] = len(self)
        self._met.append(mark)
        return number

    def learn(self) -> None:
        """Ask the rules about marks that have been met since."""
        met, self._met = self._met, []
        does = np.fromiter(map(self._answers, met), np.uint8, len(met))
        read = [self._read(mark, refused=False) for mark in met]
        words = [self._numbers.get(word, NO_TERM) for word in read]
        refused = [self._numbers.get(REFUSED + word, NO_TERM) for word in met]
        self._does = np.concatenate([self._does, does])
        self._words = np.concatenate([self._words, np.array(words, dtype=np.int32)])
        self._refused = np.concatenate([self._refused, np.array(refused, dtype=np.int32)])
        self.letters.extend([self._letters(word) for word in read])

    def said(self, marked: Marked) -> tuple[np.ndarray, list[str]]:
        """Return counted words as numbers, whether part of a term or not, and what each number stands for."""
        chosen, places = np.unique(2 * marked.marks + ~marked.kept, return_inverse=True)
        names = list(self)
        words = [self._read(names[number // 2], refused=bool(number % 2)) for number in chosen.tolist()]
        codes, different = pd.factorize(np.array(words, dtype=object))
        return codes[places], different.tolist()

    def _read(self, mark: str, *, refused: bool) -> str:
        """Return the word that a mark is read as."""
        if mark in self._negations:
            return "not"
        return REFUSED + mark if refused else mark

    def _answers(self, mark: str) -> int:
        """Say what a mark does."""
        if mark in self._negations:
            return NEGATES
        counted = mark[0].isalnum() or mark in "?!"
        return BREAKS_OFF * (mark in BREAKS) | UNCOUNTED * (not counted)

    def by_reach(self, marks: np.ndarray, sizes: np.ndarray) -> Marked:
        """Mark the words that a negation reaches, as `peercompare.classifier.reading.read` does.

        Parameters
        ----------
        marks : np.ndarray of int, shape (n_marks,)
            The numbers of the marks of all texts, one text after the other.
        sizes : np.ndarray of int, shape (n_texts,)

        Returns
        -------
        Marked
        """
        does, places = self._does[marks], np.arange(len(marks))
        starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        negates = does & NEGATES > 0
        negated = np.maximum.accumulate(np.where(negates, places, -1))
        broken = np.maximum.accumulate(np.where(does & BREAKS_OFF > 0, places, -1))
        reached = (negated >= starts) & (negated > broken) & ~negates
        counted = does & UNCOUNTED == 0
        words = np.where(reached, self._refused[marks], self._words[marks])[counted]
        texts = np.repeat(np.arange(len(sizes)), sizes)[counted]
        left = np.bincount(texts, minlength=len(sizes))
        return Marked(words, marks[counted], ~reached[counted], left)
