"""How a text is read before its words are counted: what is said stays, who is named and how it is spelt go.

Names, titles of posts and figures are masked, since they say who acts and not what is asked for; contractions
and spellings of speech are written out, since they say how somebody talks; and words that a clause refuses
("you will not be asked to ...") are marked, since they are not asked for. All of it is by rule and of closed
classes of English words: nothing here is learnt, and no word is weighed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

NAME, TITLE, FIGURE = "xname", "xtitle", "xfigure"
"""What stands for a name, a title of a post, and a figure."""
FEWEST_WORDS = 4
"""In a text of fewer words no name is told by its capital."""
REFUSED = "not_"
"""What stands before a word that its clause refuses."""

TOKEN = re.compile(r"\w[\w'\-]*\w|\w|[?!.,;:]")
NEGATIONS = frozenset("not no never nor neither without nobody none nothing".split())
BREAKS = frozenset([*".;:?!", *"but however except unless although though".split()])
"""Where the reach of a negation ends: at the end of a clause."""

_OPENERS = frozenset(
    "the a an at in on as if it is you we he she they this that your our their when where what who how all "
    "any each my no not and or but to for with i do does did will can are was has have".split()
)
"""Words that open a sentence with a capital and begin no name."""

_WRITTEN_OUT = {
    "won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "ain't": "is not",
    "gonna": "going to", "finna": "going to", "tryna": "trying to", "wanna": "want to", "gotta": "got to",
    "hafta": "have to", "oughta": "ought to", "kinda": "kind of", "lemme": "let me", "gimme": "give me",
    "dunno": "do not know", "'cause": "because", "cuz": "because", "coz": "because", "cos": "because",
    "'em": "them", "y'all": "you all", "ya": "you",
}  # fmt: skip
"""Contractions and spellings of speech whose parts no rule below gives."""

_ENDINGS = (
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"\b(i|you|he|she|we|they)'d\b"), r"\1 would"),
    (re.compile(r"\b(it|that|there|he|she|what|who|here|where)'s\b"), r"\1 is"),
    (re.compile(r"\b(\w{3,})in'(?!\w)"), r"\1ing"),
)
_OUT = re.compile(
    "|".join(rf"(?<![\w']){re.escape(each)}(?!\w)" for each in sorted(_WRITTEN_OUT, key=len, reverse=True))
)
_FIGURES = re.compile(r"(?<!\w)[$£€]?\d(?:[\d,.:%]*[\d%])?\w*")
"""Marks within a figure are part of it; one that follows it is the clause's, and may end what is refused."""


class Reading(NamedTuple):
    """A text as it is read: in plain letters, with refused words marked, and without them."""

    plain: str
    marked: str
    kept: str


def read(text: str, *, titles: Sequence[str] = (), mask: bool = True, refusals: bool = True) -> Reading:
    """Read a text for counting.

    Parameters
    ----------
    text : str
    titles : sequence of str, default ()
        Titles of posts to be masked, such as a framework's; those of one word are left, since most of them
        are words of other use too.
    mask : bool, default True
        Mask names, titles and figures.
    refusals : bool, default True
        Mark what a negation reaches; False takes no word for refused.

    Returns
    -------
    Reading
        In lower case. `plain` keeps the order of the text and its marks; `marked` holds words, ``?`` and
        ``!``, parted by blanks, those that a negation in their clause reaches behind `REFUSED`; `kept` leaves
        these out.

    Notes
    -----
    The rules are for English. A name is told by its capital, within a sentence or in a row of capitals; where
    most words have one, as in a heading, none is told. A word may thus be masked that is no name.

    Examples
    --------
    >>> found = read("At Fern House you won't write notes, but you'll listen.")
    >>> found.plain
    'at xname you will not write notes, but you will listen.'
    >>> found.marked
    'at xname you will not not_write not_notes but you will listen'
    >>> found.kept
    'at xname you will not but you will listen'
    """
    plain = _masked(text.replace("\u2019", "'"), tuple(titles)) if mask else text.replace("\u2019", "'")
    plain = _written_out(plain.lower())
    if mask:
        plain = _FIGURES.sub(FIGURE, plain)
    return Reading(plain, *_by_reach(TOKEN.findall(plain), NEGATIONS if refusals else frozenset()))


def _by_reach(tokens: Sequence[str], negations: frozenset[str]) -> tuple[str, str]:
    """Part the words that a negation reaches from the others."""
    marked, kept, reached = [], [], False
    for token in tokens:
        if token in negations:
            reached = True
            marked.append("not")
            kept.append("not")
            continue
        reached = reached and token not in BREAKS
        if not token[0].isalnum() and token not in "?!":
            continue
        marked.append(REFUSED + token if reached else token)
        if not reached:
            kept.append(token)
    return " ".join(marked), " ".join(kept)


def _written_out(text: str) -> str:
    """Write contractions and spellings of speech out; the text is in lower case."""
    if "'" in text:
        text = _OUT.sub(lambda found: _WRITTEN_OUT[found.group()], text)
        for pattern, words in _ENDINGS:
            text = pattern.sub(words, text)
        return text
    return _OUT.sub(lambda found: _WRITTEN_OUT[found.group()], text)


def _masked(text: str, titles: tuple[str, ...]) -> str:
    """Mask titles of posts and names."""
    if titles and (pattern := title_pattern(titles)):
        text = pattern.sub(TITLE, text)
    words = text.split(" ")
    n_capitals = sum(word[:1].isupper() for word in words)
    if len(words) < FEWEST_WORDS or n_capitals > len(words) / 2:
        return text
    found: list[str] = []
    opens = True
    for place, word in enumerate(words):
        if is_name(words, place, opens):
            tail = word[len(word.rstrip(".,;:!?")) :]
            if found and found[-1] == NAME:
                found.pop()
            found.append(NAME + tail)
        else:
            found.append(word)
        opens = word[-1:] in ".!?:"
    return " ".join(found)


def is_name(words: Sequence[str], place: int, opens: bool) -> bool:
    """Tell whether a word is a name or part of one, by capitals alone."""
    bare = words[place].strip(".,;:!?()\"'")
    if not bare[:1].isupper() or bare.split("'")[0] == "I":
        return False
    if not opens:
        return True
    follows = words[place + 1] if place + 1 < len(words) else ""
    return follows[:1].isupper() and follows.split("'")[0] != "I" and bare.lower() not in _OPENERS


@lru_cache(maxsize=16)
def title_pattern(titles: tuple[str, ...]) -> re.Pattern[str] | None:
    """Make one pattern of all titles of several words, the longest first."""
    long = sorted({title for title in titles if len(title.split()) > 1}, key=lambda each: (-len(each), each))
    if not long:
        return None
    words = "|".join(r"[\s-]+".join(map(re.escape, title.split())) for title in long)
    return re.compile(rf"\b(?:{words})s?\b", re.IGNORECASE)
