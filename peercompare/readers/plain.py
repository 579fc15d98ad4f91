"""Transcripts as plain text: ``NAME: text``, or the name on a line of its own, with times or without."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from peercompare.readers.document import ReadDocument, SpokenTurn, named_id, seconds, spoken_document
from peercompare.readers.sources import decoded, read_bytes, refusal

_CLOCK = r"[\[(]?(?P<{0}>\d{{1,3}}:\d{{2}}(?::\d{{2}})?(?:[.,]\d{{1,3}})?)[\])]?"
_NAME = r"(?P<name>[^\W_][\w .,'\u2019()&#/-]{0,58}?)"
_BEFORE, _AFTER = _CLOCK.format("before"), _CLOCK.format("after")
_TO = r"(?:\s*(?:-->|-|\u2013)\s*[\[(]?\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?)?"
_TURN = re.compile(
    rf"\s*(?:>>+\s*)?(?:{_BEFORE}{_TO}[ \t,-]*)?\**{_NAME}\**[ \t]*(?:[ \t]{_AFTER}{_TO}[ \t]*)?"
    r"\**:\**(?=\s|$)[ \t]*(?P<words>.*)"
)
_HEADED = re.compile(
    rf"\s*\**(?:{_NAME}\**[ \t]+{_AFTER}{_TO}"
    rf"|{_BEFORE}{_TO}[ \t,-]+(?P<second>[^\W\d_][\w .,'\u2019()&#-]{{0,58}}))\s*"
)
_TIME_ALONE = re.compile(rf"\s*{_BEFORE}{_TO}\s*")
_TIME_FIRST = re.compile(rf"{_BEFORE}(?=\s)")
_ASIDE = re.compile(r"(?P<name>.*?\S)\s*\((?P<aside>[^()]*)\)")
_FACT = re.compile(
    r"(?P<key>date|time|location|place|duration|file|title|recording|transcri\w+(?: by)?|session|site"
    r"|project)\s*:\s*(?P<value>.+)",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBERED = re.compile(r"\s*(\d{1,5})[.):]?(?:[ \t]+|$)")
_MAX_NAME_WORDS = 6


@dataclass
class _Found:
    """What has been read of a transcript so far."""

    turns: list[SpokenTurn] = field(default_factory=list)
    preamble: list[str] = field(default_factory=list)
    clock: float | None = None


def read_plain_transcript(path: str | Path, *, encoding: str | None = None) -> ReadDocument:
    """Read a transcript in plain text.

    Parameters
    ----------
    path : str or Path
        A text file.
    encoding : str, optional
        By default UTF-8 or what a byte order mark says.

    Returns
    -------
    ReadDocument
        See `transcript_from_text`.

    Raises
    ------
    InputError
        Where the file is empty, not text, or names no speaker.
    """
    path = Path(path)
    return transcript_from_text(decoded(read_bytes(path), path, encoding=encoding), path)


def transcript_from_text(text: str, path: str | Path, *, warnings: Iterable[str] = ()) -> ReadDocument:
    r"""Return the transcript that a text holds.

    A turn begins with ``NAME: words``, ``NAME:`` alone, or a name and a time on a line of their own, a
    time before or after the name where there is one; other lines go on with the turn above. Only where no
    line has any of these forms is a short line set off by a blank line and used twice or more, or in
    capitals, taken for a name. Lines before the first turn stand in the metadata as ``preamble``.

    Parameters
    ----------
    text : str
        The transcript, lines ended by LF.
    path : str or Path
        The file, for the id and for messages.
    warnings : iterable of str
        What the file's reader had to say already.

    Raises
    ------
    InputError
        Where no speaker is found.

    Examples
    --------
    >>> found = transcript_from_text("[00:01] ANN: Hi.\nBob (00:03): Hello\nagain.", "one.txt")
    >>> found.text, [turn.start for turn in found.turns]
    ('ANN: Hi.\nBob: Hello again.\n', [1.0, 3.0])
    """
    path, (lines, numbered) = Path(path), _without_numbers(text.split("\n"))
    found = _read(lines, _named_or_headed)
    if not found.turns:
        names = _names_alone(lines)
        found = _read(lines, lambda line, at: (names[at], None, "") if at in names else None)
    if not any(turn.text.strip() for turn in found.turns):
        raise refusal(
            path,
            "no speaker with words is found in it",
            "begin each turn with the speaker's name and a colon, as in ANNA: ...",
        )
    facts, about = _preamble(found.preamble, path.name)
    if numbered:
        about = (*about, f"{path.name}: the numbers of its lines are left out")
    return spoken_document(
        named_id(path.stem),
        found.turns,
        metadata={"source": path.name, **facts},
        warnings=(*warnings, *about),
    )


def _read(lines: list[str], header: Callable[[str, int], tuple[str, float | None, str] | None]) -> _Found:
    """Read lines into turns; `header` tells (name, seconds, words) of a line that begins a turn, or None."""
    found = _Found()
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        alone = _TIME_ALONE.fullmatch(line)
        begun = None if alone or _is_fact(line, found) else header(line, at)
        if alone:
            found.clock = seconds(alone["before"])
        elif begun:
            found.turns.append(_begun(*begun, found.clock, at + 1))
            found.clock = None
        elif found.turns:
            last = found.turns[-1]
            found.turns[-1] = replace(last, text=f"{last.text} {line}")
        else:
            found.preamble.append(line.strip())
    return found


def _without_numbers(lines: list[str]) -> tuple[list[str], bool]:
    """Return lines without running numbers before them, and whether there were any."""
    found = [_NUMBERED.match(line) for line in lines if line.strip()]
    numbers = [int(match[1]) for match in found if match]
    running = all(one < two for one, two in pairwise(numbers))
    if len(numbers) < 3 or len(numbers) < 0.8 * len(found) or not running:
        return lines, False
    return [_NUMBERED.sub("", line, count=1) if _NUMBERED.match(line) else line for line in lines], True


def _begun(name: str, start: float | None, words: str, clock: float | None, line: int) -> SpokenTurn:
    """Return the turn that a line begins; what stands in brackets after a name goes to the words."""
    aside = _ASIDE.fullmatch(name)
    if aside:
        name, words = aside["name"], f"({aside['aside']}) {words}"
    first = _TIME_FIRST.match(words)
    if start is None and first:
        start, words = seconds(first["before"]), words[first.end() :]
    return SpokenTurn(name, words, clock if start is None else start, place=f"line {line}")


def _named_or_headed(line: str, at: int) -> tuple[str, float | None, str] | None:
    """Return name, time and words of a line that begins a turn, or None."""
    match = _TURN.fullmatch(line)
    if match and _is_name(match["name"]):
        return match["name"], _clock(match), match["words"]
    match = _HEADED.fullmatch(line)
    name = (match["name"] or match["second"]).strip() if match else ""
    if name and _is_name(name) and not re.search(r"[.!?,]$", name):
        return name, _clock(match), ""
    return None


def _clock(match: re.Match[str]) -> float | None:
    """Return the time before or after a name."""
    text = match["before"] or match["after"]
    return seconds(text) if text else None


def _is_name(name: str) -> bool:
    """Say whether a few words before a colon can be a speaker's name."""
    return len(name.split()) <= _MAX_NAME_WORDS and not re.search(r"[.!?] [a-z]|^\d+$", name)


def _is_fact(line: str, found: _Found) -> bool:
    """Say whether a line before the first turn is a fact about the recording."""
    return not found.turns and _FACT.fullmatch(line.strip()) is not None


def _names_alone(lines: list[str]) -> dict[int, str]:
    """Return the lines that are nothing but a name, by number: set off above, words below, not a sentence."""
    likely = {}
    for at, line in enumerate(lines[:-1]):
        name = line.strip().strip("*")
        set_off = at == 0 or not lines[at - 1].strip()
        if (
            set_off
            and lines[at + 1].strip()
            and re.fullmatch(r"[^\W\d_][\w .'\u2019-]{0,38}[\w.]|[A-Z]", name)
        ):
            if len(name.split()) <= 4 and not re.search(r"[a-z]{3,}\.$", name):
                likely[at] = name
    times = Counter(likely.values())
    return {at: name for at, name in likely.items() if times[name] > 1 or name.isupper()}


def _preamble(lines: list[str], name: str) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return what the lines before the first turn tell, and a warning that they are not in the text."""
    if not lines:
        return {}, ()
    facts: dict[str, object] = {"preamble": "\n".join(lines)}
    for line in lines:
        match = _FACT.fullmatch(line)
        day = _DAY.search(match["value"]) if match and match["key"].lower() == "date" else None
        if day:
            facts["date"] = day.group()
    count = f"{len(lines)} line{'s' if len(lines) > 1 else ''}"
    return facts, (f"{name}: {count} before the first turn are kept as metadata (preamble), not as text",)
