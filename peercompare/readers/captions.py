"""Captions: WebVTT, SRT and SBV, read line by line so that no word is lost where a file is malformed.

webvtt-py 0.6.0 gives the words of a second voice in a cue to the first, drops cues whose times have a
comma and words after a blank line, and leaves entities as they are; hence an own reader. The rule is:
every line that holds ``-->`` (in SBV: two times with a comma between them) opens a cue, and every other
line belongs to something that the reader can name.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from peercompare.readers.document import (
    UNLABELLED,
    ReadDocument,
    SpokenTurn,
    joined_turns,
    named_id,
    seconds,
    spoken_document,
)
from peercompare.readers.rolling import told, unrolled
from peercompare.readers.sources import decoded, read_bytes, refusal

ARROW = "-->"
_TIMES = re.compile(r"\s*(\S+)\s*-->\s*(\S+)")
_COMMA_TIMES = re.compile(r"\s*(\d+:[\w:.]+),(\d+:[\w:.]+)\s*")
"""Two times of SBV, YouTube's own format, one of them perhaps misspelt."""

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>|</v>")
_TAG = re.compile(
    r"</?(?:c|b|i|u|s|ruby|rt|lang|v|font|span)(?:[.\s][^<>]*)?>|<\d[\d:.,]*>|\{\\an?\d+\}", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);", re.IGNORECASE)
_PREFIX = re.compile(r"(?:>>+\s*)?([^\W\d_](?:[\w .,'\u2019()&#-]{0,58}[\w.)])?):(?=\s|$)[ \t]*")
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_SHOWN = 3


@dataclass
class _Cue:
    """The lines of one cue, with its times as they stand in the file."""

    line: int
    start: float | None = None
    end: float | None = None
    lines: list[str] = field(default_factory=list)


@dataclass
class _Faults:
    """What is odd in a file, by line number."""

    times: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    wordless: list[int] = field(default_factory=list)


def read_captions(path: str | Path, *, encoding: str | None = None) -> ReadDocument:
    """Read WebVTT, SRT or SBV captions as a transcript.

    Speakers come from ``<v Name>`` tags, several in a cue included; in files without such tags from
    ``Name: text`` at the start of a line, as Zoom and Teams write it. Cues of one speaker in a row become
    one turn. Words without a named speaker get the label ``unlabelled``. A cue whose times cannot be read
    keeps its words, without times.

    Parameters
    ----------
    path : str or Path
        A .vtt, .srt or .sbv file.
    encoding : str, optional
        By default UTF-8 or what a byte order mark says.

    Returns
    -------
    ReadDocument
        Metadata hold ``cues`` and ``arrows`` (how many lines have the times of a cue; every one opens one);
        warnings name malformed cues by line.

    Raises
    ------
    InputError
        Where the file is empty, is not text, or has no cue with words.
    """
    path = Path(path)
    text = decoded(read_bytes(path), path, encoding=encoding)
    lines = text.split("\n")
    faults = _Faults()
    arrows = sum(_opens(line, path) for line in lines)
    cues = _cues(lines, faults, path, vtt=path.suffix.lower() == ".vtt" or text.startswith("WEBVTT"))
    found = unrolled([[_TAG.sub("", line) for line in cue.lines] for cue in cues])
    if found.rolls:
        cues = [replace(cue, lines=once) for cue, once in zip(cues, found.cues, strict=True)]
    turns = list(joined_turns(_turns(cues)))
    if not turns or not arrows:
        sign = "two times with a comma between them" if path.suffix.lower() == ".sbv" else ARROW
        what = f"no words stand under its {arrows} lines of times" if arrows else f"no line holds {sign}"
        raise refusal(path, f"{what}: there is no caption in it", "export the captions anew")
    warnings = [*_warnings(path, text, faults), *told(found, path.name, [abs(cue.line) for cue in cues])]
    if {turn.label for turn in turns} == {UNLABELLED}:
        warnings.append(f"{path.name}: no cue names a speaker; all words are labelled {UNLABELLED!r}")
    metadata = {"source": path.name, "cues": sum(cue.line > 0 for cue in cues), "arrows": arrows}
    return spoken_document(named_id(path.stem), turns, metadata=metadata, warnings=warnings)


def _opens(line: str, path: Path) -> bool:
    """Say whether a line has the times of a cue."""
    if path.suffix.lower() == ".sbv":
        return _COMMA_TIMES.fullmatch(line) is not None
    return ARROW in line


def _cues(lines: list[str], faults: _Faults, path: Path, *, vtt: bool) -> list[_Cue]:
    """Return the cues of a file; words that stand in none become pieces without times."""
    cues: list[_Cue] = []
    cue: _Cue | None = None
    at = _after_header(lines) if vtt else 0
    while at < len(lines):
        line = lines[at]
        if _opens(line, path):
            cue = _opened(line, at + 1, faults)
            cues.append(cue)
        elif not line.strip():
            # YouTube pads the lines of a cue with a blank, and an empty line alone ends a cue
            cue = cue if cue is not None and line and not cue.lines else None
        elif vtt and cue is None and _ASIDE.match(line):
            while at + 1 < len(lines) and lines[at + 1].strip() and ARROW not in lines[at + 1]:
                at += 1
        elif not _identifies(lines, at, cue, vtt=vtt):
            if cue is None:
                faults.stray.append(at + 1)
                cue = _Cue(-abs(cues[-1].line) if cues else 0)
                cues.append(cue)
            cue.lines.append(line)
        at += 1
    faults.wordless += [cue.line for cue in cues if not "".join(cue.lines).strip()]
    return cues


def _after_header(lines: list[str]) -> int:
    """Return where the header block of a WebVTT file ends: at its first blank line or first cue."""
    if not lines[0].startswith("WEBVTT"):
        return 0
    return next((at for at, line in enumerate(lines) if not line.strip() or ARROW in line), len(lines))


def _identifies(lines: list[str], at: int, cue: _Cue | None, *, vtt: bool) -> bool:
    """Say whether a line is the identifier of the cue that opens on the next line."""
    if at + 1 >= len(lines) or ARROW not in lines[at + 1]:
        return cue is None and not vtt and lines[at].strip().isdecimal()
    return cue is None or (not vtt and lines[at].strip().isdecimal())


def _opened(line: str, number: int, faults: _Faults) -> _Cue:
    """Return the cue that a line with an arrow opens."""
    match = _TIMES.match(line) or _COMMA_TIMES.fullmatch(line)
    start, end = (seconds(match.group(1)), seconds(match.group(2))) if match else (None, None)
    if start is None or end is None or end < start:
        faults.times.append(number)
        return _Cue(number)
    return _Cue(number, start, end)


def _turns(cues: list[_Cue]) -> Iterator[SpokenTurn]:
    """Yield a turn for each stretch of one voice in each cue."""
    voiced = any(_VOICE.search(line) for cue in cues for line in cue.lines)
    last = UNLABELLED
    for cue in cues:
        # words after a blank line inside a cue go on with the voice above them
        first = last if cue.line < 0 else UNLABELLED
        pieces = _by_voice if voiced else _by_prefix
        for label, words in pieces(cue.lines, first):
            last = label
            place = f"line {abs(cue.line) or 1}"
            yield SpokenTurn(label, words, cue.start, cue.end, place=place)


def _by_voice(lines: list[str], label: str) -> Iterator[tuple[str, str]]:
    """Yield (label, words) of a cue by its voice tags."""
    text, at = "\n".join(lines), 0
    for match in _VOICE.finditer(text):
        yield label, _plain(text[at : match.start()])
        label = _plain(match.group(1)).strip() if match.group(1) else UNLABELLED
        label, at = label or UNLABELLED, match.end()
    yield label, _plain(text[at:])


def _by_prefix(lines: list[str], label: str) -> Iterator[tuple[str, str]]:
    """Yield (label, words) of a cue by the names before colons at the start of its lines."""
    for line in lines:
        words = _plain(line)
        match = _PREFIX.match(words)
        if match and len(match.group(1).split()) <= 6:
            label, words = match.group(1), words[match.end() :]
        yield label, words


def _plain(text: str) -> str:
    """Return words without the tags of captions and with entities resolved, each once."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), _TAG.sub("", text))


def _warnings(path: Path, text: str, faults: _Faults) -> list[str]:
    """Return what is malformed, counted and with line numbers."""
    found = []
    if path.suffix.lower() == ".vtt" and not text.startswith("WEBVTT"):
        found.append(f"{path.name}, line 1: the file does not begin with WEBVTT")
    for lines, what in (
        (faults.times, "times that cannot be read; the words are kept without times"),
        (faults.stray, "words outside any cue; they are kept with the voice above them"),
        (faults.wordless, "a cue without words"),
    ):
        if lines:
            shown = ", ".join(map(str, lines[:_SHOWN])) + (", ..." if len(lines) > _SHOWN else "")
            found.append(f"{path.name}, line {shown}: {what} ({len(lines)} in all)")
    return found
