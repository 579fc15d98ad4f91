"""Plain features of spelling and grammar by which English varies, found by regular expressions.

The list is short, and of the surface. It finds spellings that a transcript kept, and misses how somebody
spoke wherever a transcriber smoothed it; it finds nothing that needs syntax, such as an absent copula; and a
feature is shared by several dialects (dropped g, doubled negation) or is merely informal. What it groups is
words, never people: it must not be used to guess who somebody is. It serves one question, whether a model
errs more often on words that are written this way.

References: eWAVE, the Electronic World Atlas of Varieties of English (Kortmann, Lunkenheimer and Ehret 2020,
https://ewave-atlas.org), whose feature numbers are given. Blodgett, S. L., Green, L. and O'Connor, B. (2016).
Demographic dialectal variation in social media. EMNLP 2016, 1119-1130. doi:10.18653/v1/D16-1120 (that tools
trained on the standard err more often elsewhere).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

ANY = "any"


@dataclass(frozen=True)
class Feature:
    """A feature of spelling or grammar: its name, what it is, and the pattern that finds it."""

    id: str
    about: str
    pattern: re.Pattern[str]


def _feature(name: str, about: str, pattern: str) -> Feature:
    return Feature(name, about, re.compile(pattern, re.IGNORECASE))


_NO = r"(?:no|nothing|nobody|none|never|nowhere|neither)"
_NOT = r"(?:\w+n['’]t|cannot|not)"

FEATURES = (
    _feature("dropped_g", "-in' for -ing: talkin'", r"\b\w{2,}in['’](?!\w)"),
    _feature("aint", "ain't (eWAVE 155-157)", r"\bain['’]?t\b"),
    _feature("yall", "a plural you: y'all, youse (eWAVE 34)", r"\by['’]?all\b|\byouse\b|\byinz\b"),
    _feature(
        "doubled_negation",
        "two negatives that count as one: don't know nothing (eWAVE 154)",
        rf"\b{_NOT}\s+(?:\w+\s+){{0,3}}{_NO}\b",
    ),
    _feature(
        "levelled_was",
        "was where the standard has were: we was, you was (eWAVE 180)",
        r"\b(?:we|you|they)\s+was(?:n['’]t)?\b",
    ),
    _feature(
        "habitual_be",
        "be for what happens again and again: they be checking (eWAVE 90)",
        r"\b(?:i|you|he|she|it|we|they|people|folks)\s+be\s+(?:always\s+)?\w+in(?:g|['’])(?!\w)",
    ),
    _feature(
        "fused", "gonna, wanna, gotta, finna, lemme", r"\b(?:gonna|wanna|gotta|hafta|finna|lemme|gimme)\b"
    ),
    _feature(
        "british_spelling",
        "-our, -ise, -lled, programme, centre",
        r"\b(?:behaviour|colour|honour|labour|neighbour|favour|programme|centre|counsell(?:or|ing)"
        r"|(?:organ|recogn|real|stigmat|priorit|emphas|apolog|summar)is(?:e|es|ed|ing|ation)|licence)\w*\b",
    ),
)
"""What is looked for, in the order of the tables."""


def dialect_features(texts: Iterable[str]) -> pd.DataFrame:
    """Find the features in texts.

    Parameters
    ----------
    texts : iterable of str, length n_texts

    Returns
    -------
    DataFrame of bool
        A column for each of `FEATURES`, and "any"; a row for each text.

    Examples
    --------
    >>> found = dialect_features(["We was talkin'", "They said nothing"])
    >>> found.columns[found.iloc[0]].tolist(), bool(found["any"].iloc[1])
    (['dropped_g', 'levelled_was', 'any'], False)
    """
    texts = list(texts)
    table = pd.DataFrame(
        {each.id: [each.pattern.search(text) is not None for text in texts] for each in FEATURES}, dtype=bool
    )
    return table.assign(**{ANY: table.any(axis=1)})
