"""Cues in a text: where a framework's regular expressions hold, and where the text refuses what they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from peercompare.framework import Framework, Marker

HEADING_WORDS = 12
"""A heading that refuses has at most this many words; anything longer is a sentence of its own."""


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def any_match(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns is found in `text`, without regard to case."""
    return any(_compiled(pattern).search(text) for pattern in patterns)


def spans(patterns: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Where the patterns are found in `text`: (start, end), in the order of the text."""
    return sorted(match.span() for pattern in patterns for match in _compiled(pattern).finditer(text))


def word_patterns(words: Iterable[str]) -> tuple[str, ...]:
    r"""Plain words and phrases as patterns that also take the plural in s.

    Examples
    --------
    >>> word_patterns(["service user"])
    ('\\bservice[\\s-]+users?\\b',)
    """
    return tuple(rf"\b{_loose(word)}s?\b" for word in words)


def _loose(word: str) -> str:
    return r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", word.strip()))


@dataclass(frozen=True)
class Refusals:
    """How a framework's texts refuse: see `peercompare.framework.TextCues`."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    exempt: tuple[str, ...]
    breaks: tuple[str, ...]

    def holds(self, text: str, start: int, end: int, *, inside: bool) -> bool:
        """Whether the clause around ``text[start:end]`` refuses it.

        Parameters
        ----------
        text : str
        start, end : int
            A cue's place in the text.
        inside : bool
            Whether a refusal between the first and last word of the cue counts ("hands out no medicine").
        """
        breaks = spans(self.breaks, text)
        left = max((stop for _, stop in breaks if stop <= start), default=0)
        right = min((begin for begin, _ in breaks if begin >= end), default=len(text))
        before = self._without_exempt(text[left : end if inside else start])
        return any_match(self.before, before) or any_match(self.after, text[end:right])

    def _without_exempt(self, clause: str) -> str:
        for pattern in self.exempt:
            clause = _compiled(pattern).sub(" ", clause)
        return clause


def refusals(framework: Framework) -> Refusals:
    """The framework's way of refusing."""
    cues = framework.text_cues
    return Refusals(cues.negation_before, cues.negation_after, cues.negation_exempt, cues.clause_breaks)


def marker_patterns(
    marker: Marker, framework: Framework, country: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A marker's cues and excluded cues, with the country's words of the system where it takes them."""
    if not marker.word_list:
        return marker.cues, marker.excluded_cues
    words = framework.system_language.get(country, ())
    exempt = framework.system_language_exempt.get(country, ())
    return (*marker.cues, *word_patterns(words)), (*marker.excluded_cues, *word_patterns(exempt))


def cue_spans(cues: Iterable[str], excluded: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Places of cues that no excluded wording overlaps."""
    found = spans(cues, text)
    barred = spans(excluded, text) if found else []
    return [
        (start, end)
        for start, end in found
        if not any(start < stop and begin < end for begin, stop in barred)
    ]


def is_refusing_heading(text: str, framework: Framework) -> bool:
    """Whether a segment is a heading under which everything is refused."""
    short = len(text.split()) <= HEADING_WORDS
    return short and any_match(framework.text_cues.exclusion_headings, text.strip())


def under_refusing_heading(texts: Sequence[str], gaps: Sequence[str], framework: Framework) -> list[bool]:
    """Which segments of one document stand under a heading that refuses what follows.

    Such a heading reaches to the end of its block (up to a blank line), or, where it stands alone, over the
    next block.

    Parameters
    ----------
    texts : sequence of str, length n_segments
        Segments in the order of the text.
    gaps : sequence of str, length n_segments
        What stands in the text before each segment, since the one before it.
    framework : Framework

    Returns
    -------
    list of bool
    """
    reached, open_block, alone = [], False, False
    for text, gap in zip(texts, gaps, strict=True):
        if gap.count("\n") > 1 and not alone:
            open_block = False
        alone = False
        if is_refusing_heading(text, framework):
            open_block = alone = True
            reached.append(False)
        else:
            reached.append(open_block)
    return reached
