"""Captions that roll: each cue shows again what the one before it showed, and adds a line or some words.

Automatic captions of YouTube and of live broadcasts are of this kind. Taken as they stand, everything would
be said twice or three times over; so what is shown again is left out, in files that roll as a whole alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from peercompare.readers.document import counted

LEAST_SHARE = 0.5
"""A file rolls where at least this share of its cues begin with the last line or lines of the cue above."""

_NOTED_WORDS = 4
"""Words that, said twice in a row in a file that does not roll, are worth a look."""

_VOICE = re.compile(r"</?v(?:[.\s][^>]*)?>")
_PIECE = re.compile(rf"({_VOICE.pattern})|([^\s<]+|<)")


@dataclass(frozen=True)
class Unrolled:
    """The cues of a file with every word shown once.

    Parameters
    ----------
    cues : list of list of str
        The lines of each cue; those of a cue that only shows words again are empty.
    rolls : bool
        Whether the file rolls. Where it does not the cues are as they were.
    n_left_out : int
        How many words were left out.
    repeated : tuple of int
        Places of cues that begin with several words of the one above in a file that does not roll.
    """

    cues: list[list[str]]
    rolls: bool
    n_left_out: int
    repeated: tuple[int, ...]


def unrolled(cues: Sequence[Sequence[str]]) -> Unrolled:
    """Return cues without what they show again from the cue before them.

    Whether a file rolls is decided over all its cues: a person may say a thing twice. It rolls where at
    least `LEAST_SHARE` of its cues, and at least two, begin with the last line or lines of the cue above,
    and one of these goes on with other words.

    Parameters
    ----------
    cues : sequence of sequence of str
        The lines of each cue, without tags but those of voices.

    Examples
    --------
    >>> unrolled([["I was"], ["I was", "not well"], ["not well", "then."]]).cues
    [['I was'], ['not well'], ['then.']]
    >>> unrolled([["Yes."], ["Yes."], ["Yes."]]).rolls
    False
    """
    shared = _shared(cues)
    n_words = [len(_words(lines)) for lines in cues]
    following = max(sum(n > 0 for n in n_words) - 1, 1)
    again = [at for at, n in enumerate(shared) if n]
    grows = any(shared[at] < n_words[at] for at in again)
    if not grows or len(again) < max(2, LEAST_SHARE * following):
        noted = tuple(at for at in again if shared[at] >= _NOTED_WORDS)
        return Unrolled([list(lines) for lines in cues], False, 0, noted)
    once = [_without(lines, n) if n else list(lines) for lines, n in zip(cues, shared, strict=True)]
    return Unrolled(once, True, sum(shared), ())


def told(found: Unrolled, name: str, lines: Sequence[int]) -> list[str]:
    """Return what is to be said of a file about words that are shown again.

    Parameters
    ----------
    found : Unrolled
        Its cues.
    name : str
        The file's name.
    lines : sequence of int
        The line of the file on which each cue begins.
    """
    if found.rolls:
        left_out = counted(found.n_left_out, "word")
        return [f"{name}: the captions roll; {left_out} that cues show again are left out, not said twice"]
    if not found.repeated:
        return []
    shown = ", ".join(str(lines[at]) for at in found.repeated[:3]) + (", ..." if found.repeated[3:] else "")
    what = f"the cue begins with the last words of the one above ({len(found.repeated)} in all)"
    return [f"{name}, line {shown}: {what}; both are kept: are they said twice?"]


def _shared(cues: Sequence[Sequence[str]]) -> list[int]:
    """Return how many words each cue shares at its beginning with the end of the last one that has words."""
    shared, above = [], []
    for lines in cues:
        words = _words(lines)
        shared.append(_repeated(above, words))
        above = [_words([line]) for line in lines if _words([line])] or above
    return shared


def _repeated(above: Sequence[Sequence[str]], words: Sequence[str]) -> int:
    """Return the length of the longest run of whole last lines above with which the words begin."""
    for first in range(len(above)):
        run = [word for line in above[first:] for word in line]
        if run == list(words[: len(run)]):
            return len(run)
    return 0


def _words(lines: Sequence[str]) -> list[str]:
    """Return the words of some lines, without voices."""
    return [match[2].casefold() for line in lines for match in _PIECE.finditer(line) if match[2]]


def _without(lines: Sequence[str], n_words: int) -> list[str]:
    """Return lines without their first words; voices stay, and lines of which nothing is left go."""
    left, kept = n_words, []

    def taken(match: re.Match[str]) -> str:
        nonlocal left
        if match[1] or not left:
            return match[0]
        left -= 1
        return ""

    for line in lines:
        rest = " ".join(_PIECE.sub(taken, line).split())
        if rest:
            kept.append(rest)
    return kept
