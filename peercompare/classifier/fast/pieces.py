"""Pieces of text between blanks: what reading asks of each is answered once, by the readable rules.

No rule of `peercompare.classifier.reading` looks beyond a blank but two: masking of names, which asks whether
neighbours open a sentence or have a capital, and masking of titles of several words. So a text is a row of
numbers of pieces, names are masked by looking answers up, and texts that may hold a title are read apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from peercompare.classifier.reading import (
    FEWEST_WORDS,
    NAME,
    TITLE,
    is_name,
    title_pattern,
)

CAPITAL, NAMED, NAMED_IN_A_ROW, AFTER_A_NAME, ENDS, MAY_BEGIN_TITLE = (1 << bit for bit in range(6))
"""What is known of a piece: it begins with a capital; it is a name within a sentence; it is one at the start
of a sentence if the next has a capital; it is such a next one; a sentence ends with it; a title may."""

_STOPS = ".,;:!?"


class Pieced(NamedTuple):
    """Texts as numbers of pieces one after the other; how many each text has; which text each row is."""

    numbers: np.ndarray
    sizes: np.ndarray
    order: np.ndarray


class Pieces(dict):
    """Numbers of pieces, given in the order in which pieces are met, and what is known of each.

    Parameters
    ----------
    titles : tuple of str
        Titles of posts that are masked.
    mask : bool
        Mask names and titles.
    """

    def __init__(self, titles: tuple[str, ...], mask: bool) -> None:
        super().__init__()
        self.words: list[str] = []
        self._mask = mask
        self._title = title_pattern(tuple(titles)) if mask and titles else None
        firsts = sorted({title.split()[0] for title in titles if len(title.split()) > 1})
        self._begins = re.compile(rf"\b(?:{'|'.join(map(re.escape, firsts))})", re.IGNORECASE)
        self._known = np.empty(0, dtype=np.uint8)
        self._masks = np.empty(0, dtype=np.int32)
        self._name = self[NAME]

    def __missing__(self, piece: str) -> int:
        number = self[piece] = len(self.words)
        self.words.append(piece)
        return number

    def cut(self, texts: Sequence[str]) -> Pieced:
        """Cut texts into pieces, names and titles masked.

        Parameters
        ----------
        texts : sequence of str
            At least one.

        Returns
        -------
        Pieced
            Texts that may hold a title come last; `order` says which text each is.
        """
        numbers, sizes = self._numbered(texts)
        order = np.arange(len(texts))
        if not self._mask:
            return Pieced(numbers, sizes, order)
        if self._title:
            numbers, sizes, order = self._titles_masked(texts, numbers, sizes)
        return Pieced(*self._names_masked(numbers, sizes), order)

    def _numbered(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Number the pieces of texts, and learn those that are new."""
        pieces = " ".join(texts).replace("\u2019", "'").split(" ")
        numbers = np.fromiter(map(self.__getitem__, pieces), np.int32, len(pieces))
        sizes = np.fromiter(map(str.count, texts, repeat(" ")), np.int64, len(texts)) + 1
        if self._mask and len(self._known) < len(self.words):
            self._learn()
        return numbers, sizes

    def _learn(self) -> None:
        """Ask the rules about pieces that have been met since."""
        first = len(self._known)
        met = self.words[first:]
        masks = [self[NAME + word[len(word.rstrip(_STOPS)) :]] for word in met]
        met = self.words[first:]
        masks += [self[word] for word in met[len(masks) :]]
        known = np.fromiter(map(self._answers, met), np.uint8, len(met))
        self._known = np.concatenate([self._known, known])
        self._masks = np.concatenate([self._masks, np.array(masks, dtype=np.int32)])

    def _answers(self, word: str) -> int:
        """Ask what is to be known of a piece, by reading rows of two in which it stands."""
        answers = CAPITAL * word[:1].isupper() | ENDS * (word[-1:] in ".!?:")
        if answers & CAPITAL:
            answers |= AFTER_A_NAME * is_name(["Xx", word], 0, True)
        if is_name([word], 0, False):
            answers |= NAMED | NAMED_IN_A_ROW * is_name([word, "Xx"], 0, True)
        if self._title and self._begins.search(word):
            answers |= MAY_BEGIN_TITLE
        return answers

    def _titles_masked(
        self, texts: Sequence[str], numbers: np.ndarray, sizes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Put texts that may hold a title last, the titles masked in one search of each text."""
        starts = np.cumsum(sizes) - sizes
        apart = np.logical_or.reduceat(self._known[numbers] & MAY_BEGIN_TITLE > 0, starts)
        if not apart.any():
            return numbers, sizes, np.arange(len(texts))
        others = np.repeat(~apart, sizes)
        changed = [
            self._title.sub(TITLE, texts[row].replace("\u2019", "'")) for row in apart.nonzero()[0].tolist()
        ]
        last, last_sizes = self._numbered(changed)
        order = np.concatenate([(~apart).nonzero()[0], apart.nonzero()[0]])
        return np.concatenate([numbers[others], last]), np.concatenate([sizes[~apart], last_sizes]), order

    def _names_masked(self, numbers: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mask names as `peercompare.classifier.reading.read` does, in all texts at once."""
        known, starts = self._known[numbers], np.cumsum(sizes) - sizes
        opens = np.append(True, known[:-1] & ENDS > 0)
        opens[starts] = True
        followed = np.append(known[1:] & AFTER_A_NAME > 0, False)
        followed[starts[1:] - 1] = False
        capitals = np.add.reduceat((known & CAPITAL).astype(np.int64), starts)
        told = np.repeat((sizes >= FEWEST_WORDS) & (capitals <= sizes / 2), sizes)
        names = told & np.where(opens, followed & (known & NAMED_IN_A_ROW > 0), known & NAMED > 0)
        numbers = np.where(names, self._masks[numbers], numbers)
        # Of names in a row one mask stays, the last: what stands before a name and is a mask goes.
        again = np.append(names[1:], False)
        again[starts[1:] - 1] = False
        gone = again & (numbers == self._name)
        return numbers[~gone], sizes - np.add.reduceat(gone.astype(np.int64), starts)
