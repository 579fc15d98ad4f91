"""Putting accepted changes into one text, every offset into it carried along."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from peercompare.errors import InputError, Problem


@dataclass(frozen=True, order=True)
class Change:
    """A stretch of a text and what is to stand there.

    Parameters
    ----------
    start, end : int
        Code points, end exclusive.
    replacement : str
        The new words.
    """

    start: int
    end: int
    replacement: str


def apply_changes(
    text: str, changes: Iterable[Change], spans: Iterable[tuple[int, int]] = ()
) -> tuple[str, list[tuple[int, int]]]:
    """Return a text with its changes made, and spans of it at their new places.

    Parameters
    ----------
    text : str
        Any text. All offsets count its code points.
    changes : iterable of Change
        In any order; they may touch and may not overlap.
    spans : iterable of (int, int)
        Start and end, end exclusive, of stretches to be carried along.

    Returns
    -------
    text : str
        Outside the changed stretches as it was.
    spans : list of (int, int)
        In the order given. An edge that lies outside every changed stretch, or at its border, keeps its
        place between the same characters. An edge inside a changed stretch goes to the end of what
        replaces it: the replacement belongs whole to the span that holds the stretch's first character. So
        spans that did not overlap do not overlap after; one that lay wholly in the later part of a stretch
        is empty after (its start is its end).

    Raises
    ------
    InputError
        Lists changes that overlap, are empty, or run past the text, and spans that run past it.

    Examples
    --------
    >>> apply_changes("Maria sat. We ate.", [Change(0, 5, "[name]")], [(0, 10), (11, 18)])
    ('[name] sat. We ate.', [(0, 11), (12, 19)])
    """
    ordered, kept = sorted(changes), list(spans)
    problems = [
        Problem(f"change {change.start} to {change.end}", *fault) for change, *fault in faulty(text, ordered)
    ] + _span_problems(text, kept)
    if problems:
        raise InputError("These changes cannot be made in the text", problems)
    pieces, at, new_ends, length = [], 0, [], 0
    for change in ordered:
        length += change.start - at + len(change.replacement)
        pieces += [text[at : change.start], change.replacement]
        new_ends.append(length)
        at = change.end
    starts, ends = [change.start for change in ordered], [change.end for change in ordered]

    def moved(edge: int) -> int:
        before = bisect_right(ends, edge)
        inside = bisect_left(starts, edge) > before
        if inside:
            return new_ends[before]
        return edge + (new_ends[before - 1] - ends[before - 1] if before else 0)

    return "".join([*pieces, text[at:]]), [(moved(start), moved(end)) for start, end in kept]


def faulty(text: str, changes: Iterable[Change]) -> Iterator[tuple[Change, str, str]]:
    """Yield changes of a text that cannot be made, with the fault and the remedy.

    Parameters
    ----------
    text : str
        The text.
    changes : iterable of Change
        In the order of their places.
    """
    reached = 0
    for change in changes:
        if not 0 <= change.start < change.end <= len(text):
            yield change, f"it is no stretch of a text of {len(text)} code points", "mend start and end"
        elif change.start < reached:
            yield change, "it overlaps the change before it", "accept one of the two"
        reached = max(reached, change.end)


def _span_problems(text: str, spans: Iterable[tuple[int, int]]) -> list[Problem]:
    """Return the faults of spans that do not lie in the text."""
    return [
        Problem(f"span {start} to {end}", f"no stretch of a text of {len(text)} code points")
        for start, end in spans
        if not 0 <= start <= end <= len(text)
    ]
