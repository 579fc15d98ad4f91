"""What a rule by pattern is, and the pieces that patterns share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

DIGITS = "zero|oh|o|one|two|three|four|five|six|seven|eight|nine"
"""Digits as people say them."""

NUMBER_WORD = r"(?:[ \t]*(?:number|numbers|num|no\.|no|nr\.?|\#|id|code|is|was|reads|says|:|=))*[ \t]*"
"""What may stand between the word for a number and the number itself."""

TENS = (
    "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|"
    "sixty|seventy|eighty|ninety|hundred"
)
"""Other words of numbers said in pairs."""

CODE = r"[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*"
"""Letters and figures, in parts joined by hyphens or strokes."""


@dataclass(frozen=True)
class PatternRule:
    """A rule that finds by a regular expression.

    Parameters
    ----------
    id : str
        What it is called.
    kind : str
        What it finds, of `peercompare.deidentify.kinds.KINDS`.
    pattern : Pattern
        Where it has a group ``it`` that group is what goes, else the whole match. No pattern reaches over a
        line's end.
    replacement : str or callable, default ""
        What stands there instead, from the match; empty for the placeholder of the kind.
    sound : callable, optional
        Says of a match whether it counts.
    on : bool, default True
        Whether it is used unless it is switched off.
    """

    id: str
    kind: str
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str] = ""
    sound: Callable[[re.Match[str]], bool] | None = None
    on: bool = True

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and replacement of what it finds in a text."""
        group = "it" if "it" in self.pattern.groupindex else 0
        return [
            (*match.span(group), self.replacement(match) if callable(self.replacement) else self.replacement)
            for match in self.pattern.finditer(text)
            if match.group(group) and (self.sound is None or self.sound(match))
        ]


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which case does not count."""
    return re.compile(pattern, re.IGNORECASE)


def labelled(words: str, *, least: int) -> re.Pattern[str]:
    """Return the pattern of a code that stands after a word which says what it is.

    Parameters
    ----------
    words : str
        Alternatives of that word, as a regular expression.
    least : int
        How many figures the code has at least: "chart 3" is no record number.
    """
    enough = rf"(?=(?:[A-Za-z/-]*\d){{{least}}})"
    return compiled(rf"\b(?:{words})(?:'s|s)?{NUMBER_WORD}(?P<it>{enough}{CODE})(?![\w-])")
