"""What a classifier reads of a segment: its words, and the words around it in the same document.

An input is a sequence of texts, or a table with the column `text` and any of `CONTEXT_COLUMNS`. A column
that is absent, and a cell that is empty, mean that nothing is known of the context: every classifier of this
package must do with the text alone, since a researcher may have nothing else.

Context never reaches past the document, and only words that the corpus still holds are read. Of a person
whose consent did not cover the analysis an opened corpus holds nothing but blocks, and they are no context.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.corpus import Corpus
from peercompare.corpus.turns import REDACTED, Turn, turns
from peercompare.errors import InputError

TEXT = "text"
CONTEXT_COLUMNS = ("before", "before_by", "after", "heading", "document", "position")
"""``before, after``: the words next to the segment (of a transcript the turn, of a posting the line or
sentence), 60 words at most; ``before_by``: "same" or "other", whether the segment's own speaker said the
words before; ``heading``: the heading line above; ``document``: all segments of its document, in order;
``position``: from 0 (the first) to 1 (the last)."""

INPUT_COLUMNS = (TEXT, *CONTEXT_COLUMNS)

SAME, OTHER = "same", "other"
MAX_WORDS = 60
"""The unit of analysis of a transcript has no more; words further away say less."""
HEADING_WORDS = 12

Texts = Sequence[str] | np.ndarray | pd.Series | pd.DataFrame
"""What may be handed to a classifier: texts, or a table with the column ``text``."""


def as_inputs(texts: Texts) -> pd.DataFrame:
    """Bring texts, or a table of texts and their context, into the one form that classifiers read.

    Parameters
    ----------
    texts : sequence of str, or DataFrame with ``text``
        Of a table, `CONTEXT_COLUMNS` are read where they are there; other columns are passed over. An array
        may have one column.

    Returns
    -------
    DataFrame
        Columns as `INPUT_COLUMNS`, rows in the order given, numbered from 0. What is not known is ``""``, and
        NaN as a position.

    Raises
    ------
    InputError
        Where a table has no column ``text``, an array has several columns, or a text is none.

    Examples
    --------
    >>> as_inputs(["I was there too."])[["text", "before"]].values.tolist()
    [['I was there too.', '']]
    """
    if isinstance(texts, pd.DataFrame):
        return _of_table(texts)
    if isinstance(texts, str) or getattr(texts, "ndim", 1) > 2:
        raise InputError("A classifier reads a sequence of texts", remedy="put a single text into a list")
    values = np.asarray(texts, dtype=object) if hasattr(texts, "shape") else _listed(texts)
    if values.ndim == 2 and values.shape[1] != 1:
        raise InputError(
            f"A classifier reads one text a row; it was given an array with {values.shape[1]} columns",
            remedy="give the texts alone, or a DataFrame with the column 'text'",
        )
    return _of_table(pd.DataFrame({TEXT: values.ravel()}))


def _listed(texts: Sequence[str]) -> np.ndarray:
    """Return an array of objects, one dimension whatever the objects are."""
    listed = list(texts)
    values = np.empty(len(listed), dtype=object)
    values[:] = listed
    return values


def _of_table(table: pd.DataFrame) -> pd.DataFrame:
    """Pick the columns, fill what is absent, and refuse what is no text."""
    if TEXT not in table.columns:
        raise InputError("The table has no column 'text'", remedy=f"it needs one; {', '.join(INPUT_COLUMNS)}")
    wrong = [row for row, value in enumerate(table[TEXT]) if not isinstance(value, str)]
    if wrong:
        raise InputError(
            f"{len(wrong)} of {len(table)} texts are missing, or are no text (first: number {wrong[0] + 1})",
            remedy="leave these rows out; a classifier reads words",
        )
    found = {TEXT: table[TEXT].to_numpy(dtype=object)}
    for name in CONTEXT_COLUMNS[:-1]:
        found[name] = _words(table[name]) if name in table.columns else np.full(len(table), "", dtype=object)
    position = table.get("position", pd.Series(np.nan, index=table.index))
    found["position"] = pd.to_numeric(position, errors="coerce").to_numpy(dtype=float).clip(0.0, 1.0)
    return pd.DataFrame(found)


def _words(column: pd.Series) -> np.ndarray:
    """Return a column of texts in which whatever is no text is empty."""
    words = [value if isinstance(value, str) else "" for value in column.to_numpy(dtype=object)]
    return np.array(words, dtype=object)


def corpus_context(corpus: Corpus) -> pd.DataFrame:
    """Read the context of every segment of an opened corpus.

    Parameters
    ----------
    corpus : Corpus
        Opened for analysis: what consent left out or blacked out is in no context. Who may be quoted, or may
        teach, is asked of all whose words stand in a document, so it covers the context too.

    Returns
    -------
    DataFrame
        `CONTEXT_COLUMNS`, indexed by ``segment_id`` in the order of ``corpus.segments``.
    """
    return document_context(corpus.segments, corpus.documents)


def document_context(segments: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Read the context of segments off their documents.

    Parameters
    ----------
    segments : DataFrame
        ``segment_id, document_id, text``, all of a document; ``speaker`` where they are turns of transcripts.
        ``start, end`` tell what stands between them; without these, neighbours are context and no heading is
        told.
    documents : DataFrame
        ``document_id``, and ``text`` where offsets count in it.

    Returns
    -------
    DataFrame
        `CONTEXT_COLUMNS`, indexed by ``segment_id`` in the order of `segments`.
    """
    placed = {"start", "end"} <= set(segments.columns) and "text" in documents.columns
    texts = dict(zip(documents["document_id"], documents["text"], strict=True)) if placed else {}
    read = _among_turns if placed and "speaker" in segments.columns else _among_lines
    found: dict[str, tuple] = {}
    for document_id, part in segments.groupby("document_id", sort=False):
        ordered = part.sort_values("start") if placed else part
        words = [" ".join(text.split()) for text in ordered["text"]]
        spans = list(zip(ordered["start"], ordered["end"], strict=True)) if placed else []
        document = "\n".join(each for each in words if REDACTED not in each)
        rows = read(texts.get(document_id, ""), spans, words)
        last = max(len(words) - 1, 1)
        for place, (segment_id, row) in enumerate(zip(ordered["segment_id"], rows, strict=True)):
            found[segment_id] = (*row, document, place / last)
    table = pd.DataFrame.from_dict(found, orient="index", columns=list(CONTEXT_COLUMNS))
    return table.loc[list(segments["segment_id"])].rename_axis("segment_id")


def _among_turns(
    text: str, spans: Sequence[tuple[int, int]], words: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """Return ``before, before_by, after, heading`` of parts of turns; a blacked out turn is no context."""
    said = turns(text)
    starts = np.array([turn.start for turn in said])
    return [_beside(text, said, int(starts.searchsorted(span[0], "right")) - 1, span) for span in spans]


def _beside(text: str, said: Sequence[Turn], place: int, span: tuple[int, int]) -> tuple[str, str, str, str]:
    """Return the words on both sides of a part of a turn, or of the turns next to it."""
    turn, (start, end) = said[place], span
    before, by = text[turn.start : start], SAME
    if not before.strip() and place:
        previous = said[place - 1]
        before, by = text[previous.start : previous.end], SAME if previous.label == turn.label else OTHER
    after = text[end : turn.end]
    if not after.strip() and place + 1 < len(said):
        after = text[said[place + 1].start : said[place + 1].end]
    before, after = _heard(before), _heard(after)
    return " ".join(before[-MAX_WORDS:]), by if before else "", " ".join(after[:MAX_WORDS]), ""


def _heard(words: str) -> list[str]:
    """Return the words of a turn, or none where it is blacked out."""
    return [] if REDACTED in words else words.split()


def _among_lines(
    text: str, spans: Sequence[tuple[int, int]], words: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """Return ``before, before_by, after, heading`` of the items and sentences of a posting."""
    above, rows = "", []
    for place in range(len(words)):
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        rows.append((_cut(before, -MAX_WORDS), "", _cut(after, MAX_WORDS), above))
        if spans and is_heading(text, *spans[place]):
            above = words[place]
    return rows


def _cut(words: str, most: int) -> str:
    """Keep the first words, or with a negative number the last."""
    parts = words.split()
    return " ".join(parts[:most] if most > 0 else parts[most:])


def is_heading(text: str, start: int, end: int) -> bool:
    r"""Tell whether a stretch is a heading: a short line of its own, no list item, that ends no sentence.

    Examples
    --------
    >>> text = "Key duties:\n- Answers calls\nPay: $18 an hour"
    >>> [is_heading(text, *span) for span in ((0, 11), (14, 27), (28, 44))]
    [True, False, False]
    """
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    words = text[start:end]
    alone = not text[line_start:start].strip() and not text[end:line_end].strip()
    label = words.rstrip().rstrip(":")
    return alone and len(words.split()) <= HEADING_WORDS and ":" not in label and label[-1:] not in ".!?;,"
