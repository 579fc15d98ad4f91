"""Turns of a transcript: whose words are whose, and how a person's turns are blacked out in place.

A transcript is plain text. A turn starts a line with its speaker's label, a colon and a space (``W01: ...``);
a line without a label goes on with the turn above it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

LABEL = re.compile(r"^([A-Za-z][A-Za-z0-9_.-]{0,31}):(?:[ \t]+|(?=\r?$))", re.MULTILINE)
"""A speaker's label at the start of a line, with the colon and the blank after it."""

REDACTED = "\u2588"
"""The full block that stands for every character of a redacted turn."""


@dataclass(frozen=True)
class Turn:
    """One turn: who speaks, and where in the text the words stand.

    Parameters
    ----------
    label : str
        The speaker's label in the text; empty for words before the first label.
    start, end : int
        Code points of the words, end exclusive, without the label and without blanks at either end.
    line : int
        Number of the line on which the turn starts, the first line being 1.
    begin : int
        Where its label starts, or its words where it has none.
    """

    label: str
    start: int
    end: int
    line: int
    begin: int


def turns(text: str) -> tuple[Turn, ...]:
    r"""Return the turns of a transcript in their order.

    Parameters
    ----------
    text : str
        A transcript, its lines as in the file.

    Returns
    -------
    tuple of Turn
        One for each label, empty turns included; words before the first label come as a turn with an empty
        label.

    Examples
    --------
    >>> text = "W01: Hi.\nP01: Hello\nagain."
    >>> [(turn.label, text[turn.start : turn.end], turn.line) for turn in turns(text)]
    [('W01', 'Hi.', 1), ('P01', 'Hello\nagain.', 2)]
    """
    labels = list(LABEL.finditer(text))
    found: list[Turn] = []
    first = labels[0].start() if labels else len(text)
    if text[:first].strip():
        found.append(Turn("", *stripped(text, 0, first), 1, 0))
    ends = [*(label.start() for label in labels[1:]), len(text)]
    found += [_turn(text, label, end) for label, end in zip(labels, ends, strict=False)]
    return tuple(found)


def redact(text: str, labels: Collection[str]) -> str:
    r"""Return a transcript in which the turns of some speakers are blacked out.

    Every character of their words becomes `REDACTED`, line ends and labels excepted, so that the text keeps
    its length in code points and every offset into the turns of others stays right. How long somebody spoke
    can still be seen.

    Parameters
    ----------
    text : str
        A transcript.
    labels : collection of str
        Labels of the speakers whose turns go.

    Examples
    --------
    >>> redact("W01: Hi.\nP01: No.", ["P01"]) == "W01: Hi.\nP01: " + 3 * REDACTED
    True
    """
    pieces, at = [], 0
    for turn in turns(text):
        if turn.label in labels:
            pieces += [text[at : turn.start], re.sub(r"[^\r\n]", REDACTED, text[turn.start : turn.end])]
            at = turn.end
    return "".join([*pieces, text[at:]])


def stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a stretch of text starts and ends without the blanks at either end."""
    words = text[start:end]
    begin = start + len(words) - len(words.lstrip())
    return begin, max(begin, start + len(words.rstrip()))


def _turn(text: str, label: re.Match[str], end: int) -> Turn:
    """Return the turn that starts at a label and goes on to an end."""
    line = text.count("\n", 0, label.start()) + 1
    return Turn(label.group(1), *stripped(text, label.end(), end), line, label.start())
