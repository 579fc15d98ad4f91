"""Cutting texts into segments by the framework's unit of analysis: the only place that cuts text.

Offsets are Unicode code points into the stored text, end exclusive: ``text[start:end]`` is the segment.
Segments that a corpus ships in segments.csv are authoritative; the cutter is for texts that have none yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from peercompare.consent.asking import speakers_of
from peercompare.corpus.turns import REDACTED, stripped, turns
from peercompare.errors import CorpusError, Problem
from peercompare.framework import Framework

UNITS = ("item_or_sentence", "turn")
"""The units of analysis that can be cut."""

Span = tuple[int, int]
"""Start and end in code points, end exclusive."""

LIST_MARKER = re.compile(
    r"[ \t]*(?:[-*+\u2022\u00b7\u2013\u25aa\u25e6]|\(?(?:\d{1,3}|[A-Za-z]|[IVX]{2,5})[.)])[ \t]+(?=\S)"
)
"""What opens a list item: a dash, star or bullet, or a number or a letter with a dot or bracket."""

SENTENCE_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s+[\"'\u201c\u2018(\[]*[A-Z0-9])")
"""Stops, and quotes or brackets that close with them, before a blank and a capital or a figure."""

ABBREVIATIONS = frozenset(
    "mr mrs ms dr st mt ft jr sr rev prof gov no nos vs etc approx dept inc ltd co corp cf ph.d".split()
)
"""Words whose dot does not end a sentence (compared in lower case, without the last dot)."""


def cut_segments(
    documents: pd.DataFrame,
    framework: Framework,
    genre: str,
    *,
    whose: str = "worker",
    has_title: bool = True,
) -> pd.DataFrame:
    """Cut documents by the framework's unit of analysis for their genre.

    A unit of items and sentences takes every list item whole and cuts other lines at sentence ends; the first
    line is the title and is no segment, since coders do not see it. A unit of turns takes one turn, cut at
    sentence ends into parts of at most `max_words` words where it is longer; a single sentence that is longer
    is cut at its last comma, semicolon or dash that fits, and where there is none at the last blank.

    Parameters
    ----------
    documents : DataFrame
        ``document_id, text``; for turns ``worker_id`` and ``speakers`` too where `whose` is "worker".
    framework : Framework
        It tells how texts of the genre are cut.
    genre : str
        A genre of its `unit_of_analysis`.
    whose : {"worker", "all"}, default "worker"
        Whose turns become segments. The others' turns are context and are not coded.
    has_title : bool, default True
        For items and sentences: whether the first line is a title; False cuts it too.

    Returns
    -------
    DataFrame
        ``segment_id, document_id, position, start, end, text``, and ``speaker`` for turns. Segments do not
        overlap, are not empty, and have no blank at either end. Redacted turns give none.

    Raises
    ------
    CorpusError
        Where the framework has no such genre or a column is missing.
    """
    unit = framework.unit_of_analysis.get(genre)
    if unit is None or unit.unit not in UNITS:
        raise CorpusError(
            f"The framework {framework.id} does not say how to cut {genre!r}", remedy=_genres(framework)
        )
    by_turn = unit.unit == "turn"
    _need(
        documents,
        ["document_id", "text", *(["worker_id", "speakers"] if by_turn and whose == "worker" else [])],
    )
    rows = []
    for document in documents.to_dict("records"):
        cut = (
            _turns(document, unit.max_words, whose)
            if by_turn
            else _items(document, unit.max_words, has_title)
        )
        for position, (start, end, speaker) in enumerate(cut, start=1):
            name = f"{document['document_id']}:{position:03d}"
            rows.append(
                (name, document["document_id"], position, start, end, speaker, document["text"][start:end])
            )
    columns = ["segment_id", "document_id", "position", "start", "end", "speaker", "text"]
    table = pd.DataFrame(rows, columns=columns).astype(
        {"position": "int64", "start": "int64", "end": "int64"}
    )
    return table if by_turn else table.drop(columns="speaker")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return where the sentences of a stretch of text stand, without the blanks between them.

    A sentence ends at a stop, with the quotes and brackets that close after it, before a blank and a capital
    or a figure; not after an abbreviation or a single initial.

    Parameters
    ----------
    text : str
        The text that offsets count in.
    start, end : int
        The stretch, end exclusive; by default all of it.

    Returns
    -------
    list of (int, int)
        Start and end of each sentence in code points of the whole text, end exclusive.

    Examples
    --------
    >>> text = 'Ask Dr. Lee. "Why?" Because.'
    >>> [text[start:end] for start, end in sentences(text)]
    ['Ask Dr. Lee.', '"Why?"', 'Because.']
    """
    stop = len(text) if end is None else end
    cuts = [
        match.end() for match in SENTENCE_END.finditer(text, start, stop) if not _is_abbreviation(text, match)
    ]
    edges = [start, *cuts, stop]
    spans = (stripped(text, *pair) for pair in pairwise(edges))
    return [(first, last) for first, last in spans if first < last]


def _items(document: dict, max_words: int, has_title: bool) -> Iterator[tuple[int, int, str]]:
    """Yield the list items and sentences of a text, its title left out."""
    text = document["text"]
    for start, end in _lines(text)[int(has_title) :]:
        marker = LIST_MARKER.match(text, start, end)
        spans = [stripped(text, marker.end(), end)] if marker else sentences(text, start, end)
        for span in spans:
            for part in _parts(text, *span, max_words):
                yield *part, ""


def _turns(document: dict, max_words: int, whose: str) -> Iterator[tuple[int, int, str]]:
    """Yield the turns of a transcript, long ones in parts."""
    text = document["text"]
    labels = None
    if whose == "worker":
        people = speakers_of(document["speakers"])
        labels = {label for label, person in people.items() if person == document["worker_id"]}
    for turn in turns(text):
        words = text[turn.start : turn.end]
        if (labels is None or turn.label in labels) and words.strip(REDACTED + " \r\n"):
            for part in _parts(text, turn.start, turn.end, max_words):
                yield *part, turn.label


def _genres(framework: Framework) -> str:
    """Return the genres that a framework knows, for a message."""
    return f"it knows {', '.join(framework.unit_of_analysis)}"


def _need(documents: pd.DataFrame, columns: list[str]) -> None:
    """Raise where the table of documents lacks columns."""
    missing = [
        Problem("documents", f"the column {name!r} is missing") for name in columns if name not in documents
    ]
    if missing:
        raise CorpusError("The documents cannot be cut", missing)


def _lines(text: str) -> list[Span]:
    """Return where the lines that are not blank stand."""
    return [match.span() for match in re.finditer(r"[^\r\n]*\S[^\r\n]*", text)]


def _parts(text: str, start: int, end: int, max_words: int) -> list[Span]:
    """Cut a stretch at sentence ends into parts of at most `max_words` words, as few as reading on allows."""
    if not max_words or len(text[start:end].split()) <= max_words:
        return [(start, end)]
    parts: list[Span] = []
    for sentence in sentences(text, start, end):
        for piece in _pieces(text, *sentence, max_words):
            if parts and len(text[parts[-1][0] : piece[1]].split()) <= max_words:
                parts[-1] = (parts[-1][0], piece[1])
            else:
                parts.append(piece)
    return parts


def _pieces(text: str, start: int, end: int, max_words: int) -> list[Span]:
    """Cut one sentence that is longer than `max_words` at a comma, semicolon or dash, else at a blank."""
    pieces = []
    words = [match.span() for match in re.finditer(r"\S+", text[start:end])]
    while len(words) > max_words:
        fits = words[:max_words]
        ends = [at for at, (_, stop) in enumerate(fits) if text[start + stop - 1] in ",;:\u2013\u2014-"]
        last = ends[-1] if ends else max_words - 1
        pieces.append((start + words[0][0], start + words[last][1]))
        words = words[last + 1 :]
    return [*pieces, (start + words[0][0], start + words[-1][1])]


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    """Say whether the dot of a would-be sentence end belongs to the word before it."""
    if match.group() != ".":
        return False
    word = re.search(r"[A-Za-z.'\u2019]*$", text[max(0, match.start() - 12) : match.start()]).group().lower()
    return (
        word in ABBREVIATIONS
        or (len(word) == 1 and word != "i")
        or bool(re.fullmatch(r"(?:[a-z]\.)+[a-z]", word))
    )
