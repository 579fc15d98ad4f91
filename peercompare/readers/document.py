"""What every reader returns: a document without codings, and for transcripts its turns with their times."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

UNLABELLED = "unlabelled"
"""The label of words for which a file names no speaker; a roster says who they belong to."""

INAUDIBLE = re.compile(
    r"[\[(<][^\])>]{0,20}\b(?:inaudible|unintelligible|indistinct|unclear|crosstalk)\b[^\])>]{0,40}[\])>]",
    re.IGNORECASE,
)
"""What transcribers write where words could not be heard; it stays in the text and is counted."""

SPOKEN_TOGETHER = re.compile(
    r"[\[(](?:over(?:lap|talk)\w*|crosstalk|talking over[^\])]{0,20})[\])]", re.IGNORECASE
)
"""What transcribers write where people speak at once; it stays in the text and is marked."""


@dataclass(frozen=True)
class SpokenTurn:
    """One turn as a file gives it.

    Parameters
    ----------
    label : str
        The speaker's name or label as it stands in the file.
    text : str
        The words, on one line.
    start, end : float, optional
        Seconds from the beginning of the recording, where the file tells them.
    overlap : bool
        True where the file marks the turn, or its times show it, as spoken while somebody else speaks.
    inaudible : int
        How many marks of words that could not be heard stand in the text.
    place : str
        Where in the file the turn begins, for messages.
    """

    label: str
    text: str
    start: float | None = None
    end: float | None = None
    overlap: bool = False
    inaudible: int = 0
    place: str = ""


@dataclass(frozen=True)
class ReadDocument:
    """One document that a reader found in a file.

    Parameters
    ----------
    document_id : str
        Letters, digits, ``.``, ``_`` and ``-``; it can name a file.
    title : str
        The title of a posting; empty for transcripts, since a file's name may name a person.
    text : str
        Postings: the title on the first line, then the text, list items one a line. Transcripts: one turn
        a line, ``label: words``.
    speakers : tuple of str
        The labels met, in the order of their first turn; empty where nobody speaks.
    metadata : mapping
        What else the file tells (``source``, ``date``, ``employer``, ...), by column of documents.csv.
    warnings : tuple of str
        What was not carried over or had to be guessed, each with its place.
    turns : tuple of SpokenTurn
        The turns of a transcript with their times; empty where nobody speaks.
    """

    document_id: str
    title: str
    text: str
    speakers: tuple[str, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    turns: tuple[SpokenTurn, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    def with_metadata(self, further: Mapping[str, object]) -> ReadDocument:
        """Return the document with further metadata; what is given replaces what stood there."""
        return replace(self, metadata={**self.metadata, **further})


def spoken_document(
    document_id: str,
    turns: Iterable[SpokenTurn],
    *,
    metadata: Mapping[str, object] | None = None,
    warnings: Iterable[str] = (),
    title: str = "",
) -> ReadDocument:
    """Return a transcript from its turns, blanks made even, overlaps and gaps in hearing marked.

    Parameters
    ----------
    document_id : str
        Its id.
    turns : iterable of SpokenTurn
        In the order in which they are to stand; turns without words are passed over.
    metadata, warnings, title
        As in `ReadDocument`.
    """
    kept = tuple(marked(evened(turn) for turn in turns))
    return ReadDocument(
        document_id=document_id, title=title, text=transcript_text(kept),
        speakers=tuple(dict.fromkeys(turn.label for turn in kept)), metadata=metadata or {},
        warnings=tuple(warnings), turns=kept,
    )  # fmt: skip


def transcript_text(turns: Iterable[SpokenTurn]) -> str:
    """Return turns as a transcript's text, one a line."""
    return "".join(f"{turn.label}: {turn.text}\n" for turn in turns)


def joined_turns(turns: Iterable[SpokenTurn]) -> Iterator[SpokenTurn]:
    """Yield turns with those of the same speaker that follow each other put together.

    Captions and annotation tools break one turn into many pieces; the times run from the first to the last.
    """
    last: SpokenTurn | None = None
    for turn in turns:
        if not turn.text.strip():
            continue
        if last is not None and last.label == turn.label:
            last = _together(last, turn)
            continue
        if last is not None:
            yield last
        last = turn
    if last is not None:
        yield last


def marked(turns: Iterable[SpokenTurn]) -> Iterator[SpokenTurn]:
    """Yield the turns that have words, with overlaps and marks of inaudible words found."""
    busy: dict[str, float] = {}
    for turn in turns:
        if not turn.text:
            continue
        others = [end for label, end in busy.items() if label != turn.label]
        timed = turn.start is not None and any(end > turn.start for end in others)
        if turn.end is not None:
            busy[turn.label] = max(busy.get(turn.label, turn.end), turn.end)
        yield replace(
            turn,
            overlap=turn.overlap or timed or bool(SPOKEN_TOGETHER.search(turn.text)),
            inaudible=turn.inaudible + len(INAUDIBLE.findall(turn.text)),
        )


def evened(turn: SpokenTurn) -> SpokenTurn:
    """Return a turn whose label and words have single blanks and no line ends."""
    return replace(turn, label=" ".join(turn.label.split()), text=" ".join(turn.text.split()))


def named_id(name: str) -> str:
    """Return a document id made from a file's name or another lab's id.

    Letters lose their accents; whatever else cannot stand in an id becomes ``-``. A name without any
    letter or figure of the Latin alphabet gets an id from its bytes.

    Examples
    --------
    >>> named_id("Café, 3. März"), named_id("JD-12")
    ('Cafe-3.-Marz', 'JD-12')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    short = re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-._")[:80].rstrip("-._")
    return short or f"d{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def seconds(clock: str) -> float | None:
    """Return a time of the clock in seconds, or None where it cannot be read.

    Examples
    --------
    >>> seconds("01:02:03,500"), seconds("2:03"), seconds("1d.0")
    (3723.5, 123.0, None)
    """
    match = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?", clock.strip())
    if match is None:
        return None
    hours, minutes, whole, part = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(whole) + (float(f"0.{part}") if part else 0.0)


def counted(number: int, thing: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> counted(1, "cue"), counted(1200, "word")
    ('1 cue', '1,200 words')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _together(first: SpokenTurn, second: SpokenTurn) -> SpokenTurn:
    """Return two turns of one speaker as one."""
    starts = [turn.start for turn in (first, second) if turn.start is not None]
    ends = [turn.end for turn in (first, second) if turn.end is not None]
    return replace(
        first,
        text=f"{first.text} {second.text}",
        start=min(starts, default=None),
        end=max(ends, default=None),
        overlap=first.overlap or second.overlap,
        inaudible=first.inaudible + second.inaudible,
    )
