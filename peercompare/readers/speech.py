"""Speech annotation: ELAN's .eaf and CHAT's .cha, by own small readers.

Tiers of one speaker become turns in the order of time; pieces of one speaker in a row become one turn.
Tiers that depend on others (words, parts of speech, glosses) are not carried over, and are counted in the
warnings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from peercompare.errors import InputError, Problem
from peercompare.readers.document import ReadDocument, SpokenTurn, joined_turns, named_id, spoken_document
from peercompare.readers.sources import decoded, parsed_xml, read_bytes, refusal

_BULLET = re.compile(r"\x15(\d+)_(\d+)-?\x15|\x15[^\x15]*\x15|(?<=\s)(\d+)_(\d+)(?=\s*$)")
"""Times of a recording in milliseconds; some programs drop the control characters around them."""

_OVERLAP = re.compile(r"\[[<>]\d?\]|(?:^|\s)\+<|[\u2308-\u230b]")
_UNHEARD = re.compile(r"(?<![\w@])(?:xxx|yyy)(?!\w)")
_CLEANED = (
    (re.compile(r"\[(?:[<>]\d?|/{1,3}|/-|/\?|\^c|\*[^\]]*)\]"), " "),
    (re.compile(r"(?:^|(?<=\s))\+(?:<|\^|\+|,|\")(?=\s)"), " "),
    (re.compile(r"(?:^|(?<=\s))&=(\S+)"), r"[\1]"),
    (re.compile(r"(?:^|(?<=[\s<]))&[-+~](?=\S)"), ""),
    (re.compile(r"(?<=\w)@[a-z]{1,3}(?::[\w&+]+)?(?=[\s>.,?!\]]|$)"), ""),
    (re.compile(r"(?<!\[)<(?=\S)|(?<=\S)>(?=[\s.,?!]|$)"), ""),
    (re.compile(r"\((?=[^\W\d_]+\))([^\W\d_]+)\)(?=\w)|(?<=\w)\(([^\W\d_]+)\)"), r"\1\2"),
    (re.compile(r"\+\.\.\."), "..."),
    (re.compile(r"\+\.\.\?"), "...?"),
    (re.compile(r"\+/{1,2}\?"), "--?"),
    (re.compile(r"\+/{1,2}\."), "--"),
    (re.compile(r"[\u2308-\u230b\u201e\u2021]"), ""),
    (re.compile(r"\s+(?=[.,?!;](?:\s|$))"), ""),
)
"""What of CHAT's marks is taken out or written as transcribers write it; words are never taken out."""


def read_elan(path: str | Path) -> ReadDocument:
    """Read an ELAN annotation file (.eaf).

    Every tier that depends on no other is speech of the tier's PARTICIPANT or, where it names none, of a
    speaker called as the tier is; a tier of something else (gestures) is left out by the roster's role
    "ignore".

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    ReadDocument
        Turns in the order of their times; overlaps follow from the times.

    Raises
    ------
    InputError
        Where the file is empty, truncated, declares entities, is not ELAN's, or no tier has words.
    """
    path = Path(path)
    root = parsed_xml(read_bytes(path), path)
    if root.tag != "ANNOTATION_DOCUMENT":
        raise refusal(
            path, f"the root is {root.tag}, not ANNOTATION_DOCUMENT", "is it an ELAN file?", where="line 1"
        )
    slots = {
        slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iterfind("TIME_ORDER/TIME_SLOT")
    }
    tiers = root.findall("TIER")
    pieces = [
        piece for tier in tiers if tier.get("PARENT_REF") is None for piece in _annotations(tier, slots, path)
    ]
    if not any(piece.text.strip() for piece in pieces):
        raise refusal(path, "no tier that stands by itself has words", "is it the right file?")
    ordered = sorted(pieces, key=lambda piece: (piece.start is None, piece.start or 0.0))
    metadata = {"source": path.name}
    day = re.match(r"\d{4}-\d{2}-\d{2}", root.get("DATE") or "")
    if day:
        metadata["annotated_on"] = day.group()
    return spoken_document(
        named_id(path.stem), joined_turns(ordered), metadata=metadata, warnings=_dependent(tiers, path.name)
    )


def read_chat(path: str | Path, *, encoding: str | None = None) -> ReadDocument:
    """Read a CHAT transcript (.cha) of TalkBank or CLAN.

    Main tiers become turns; media bullets become times, overlap marks the turn's `overlap`, ``xxx`` counts as
    inaudible. Words of retracings, fillers and fragments stay in the text without their marks; what is in
    square brackets and is no bare mark stays as it is.

    Parameters
    ----------
    path : str or Path
        The file.
    encoding : str, optional
        By default UTF-8 or what a byte order mark says.

    Raises
    ------
    InputError
        Where the file is empty, does not begin as CHAT does, breaks off before ``@End``, names two
        participants by one code, or has no words.
    """
    path = Path(path)
    chat = _Chat(path)
    for number, line in _logical_lines(decoded(read_bytes(path), path, encoding=encoding)):
        chat.take(number, line)
    chat.check()
    return spoken_document(
        named_id(path.stem), joined_turns(chat.turns), metadata=chat.metadata, warnings=chat.warnings()
    )


@dataclass
class _Chat:
    """A CHAT file while it is read."""

    path: Path
    turns: list[SpokenTurn] = field(default_factory=list)
    participants: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    dependent: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        """Take one line of the file, continuation lines joined to it."""
        if line.startswith("@"):
            key, _, value = line.partition(":")
            if key == "@Participants":
                self._name_all(number, value)
            self.headers.setdefault(key.strip(), value.strip())
        elif line.startswith("*"):
            code, _, words = line[1:].partition(":")
            self.turns.append(_chat_turn(code.strip(), words, number))
        elif line.startswith("%"):
            self.dependent[line.partition(":")[0]] += 1
        else:
            self.stray.append(number)

    def _name_all(self, number: int, value: str) -> None:
        """Note the participants' codes; one code for two of them is a fault."""
        for at, entry in enumerate(filter(None, (part.split() for part in value.split(","))), start=1):
            if entry[0] in self.participants:
                first = self.participants[entry[0]]
                what = f"two participants have the code {entry[0]}: number {first} and number {at}"
                place = f"{self.path.name}, line {number}"
                self.problems.append(Problem(place, what, "give each a code of its own"))
            self.participants.setdefault(entry[0], at)

    @property
    def metadata(self) -> dict[str, object]:
        """What the headers tell, except about participants' age, sex and health."""
        found: dict[str, object] = {"source": self.path.name}
        for key, name in (("@Languages", "language"), ("@Media", "media"), ("@Situation", "situation")):
            if key in self.headers:
                found[name] = self.headers[key]
        try:
            found["date"] = datetime.strptime(self.headers.get("@Date", ""), "%d-%b-%Y").date().isoformat()
        except ValueError:
            pass
        return found

    def check(self) -> None:
        """Raise where the file cannot be a whole CHAT transcript."""
        name = self.path.name
        if "@Begin" not in self.headers:
            self.problems.append(Problem(name, "it has no line @Begin", "is it a CHAT file?"))
        elif "@End" not in self.headers:
            self.problems.append(Problem(name, "it breaks off before @End", "export it anew"))
        if not any(turn.text.strip() for turn in self.turns):
            self.problems.append(Problem(name, "no main tier (*XXX:) has words"))
        self.problems += [
            Problem(f"{name}, line {number}", "a line that is no header, no tier and no continuation",
                    "begin lines that go on with a tab")
            for number in self.stray
        ]  # fmt: skip
        if self.problems:
            raise InputError(f"{self.path} cannot be read", self.problems)

    def warnings(self) -> list[str]:
        """Return what was not carried over."""
        name, found = self.path.name, []
        unnamed = dict.fromkeys(
            t.label for t in self.turns if self.participants and t.label not in self.participants
        )
        found += [f"{name}: {code} speaks and is not among @Participants" for code in unnamed]
        if self.dependent:
            tiers = ", ".join(f"{tier} ({count})" for tier, count in sorted(self.dependent.items()))
            found.append(f"{name}: dependent tiers are not carried over: {tiers}")
        return found


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, line), lines that begin with a tab joined to the one above."""
    first, parts = 1, []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(("\t", " ")) and parts:
            parts.append(line.strip())
            continue
        if parts:
            yield first, " ".join(parts)
        first, parts = number, [line] if line.strip() else []
    if parts:
        yield first, " ".join(parts)


def _chat_turn(code: str, words: str, number: int) -> SpokenTurn:
    """Return one utterance, its bullets as times and its marks written plainly."""
    found = [match.group(1, 2) if match[1] else match.group(3, 4) for match in _BULLET.finditer(words)]
    times = [(int(first), int(last)) for first, last in found if first]
    words = _BULLET.sub(" ", words)
    overlap, unheard = bool(_OVERLAP.search(words)), len(_UNHEARD.findall(words))
    for pattern, replacement in _CLEANED:
        words = pattern.sub(replacement, words)
    return SpokenTurn(
        code, words, times[0][0] / 1000 if times else None, times[-1][1] / 1000 if times else None,
        overlap=overlap, inaudible=unheard, place=f"line {number}",
    )  # fmt: skip


def _annotations(tier, slots: dict[str, str | None], path: Path) -> Iterator[SpokenTurn]:
    """Yield the annotations of a tier that stands by itself."""
    label = (tier.get("PARTICIPANT") or "").strip() or tier.get("TIER_ID") or "unnamed tier"
    for annotation in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
        refs = [annotation.get("TIME_SLOT_REF1"), annotation.get("TIME_SLOT_REF2")]
        missing = [ref for ref in refs if ref not in slots]
        if missing:
            name = annotation.get("ANNOTATION_ID")
            what = f"the annotation {name} names the time slot {missing[0]}, which is absent"
            raise refusal(path, what, "mend it in ELAN", where=f"line {annotation.sourceline}")
        start, end = (_milliseconds(slots[ref], path) for ref in refs)
        words = "".join(
            text for value in annotation.iterfind("ANNOTATION_VALUE") for text in value.itertext()
        )
        # a tier's name is often a person's: it is no part of the place, which goes into the corpus
        yield SpokenTurn(label, words, start, end, place=f"line {annotation.sourceline}")


def _milliseconds(value: str | None, path: Path) -> float | None:
    """Return the time of a slot in seconds; slots between others have none."""
    if not value:
        return None
    if not re.fullmatch(r"\d{1,12}", value):
        raise refusal(path, f"the time {value!r} is no whole number of milliseconds", "mend it in ELAN")
    return int(value) / 1000


def _dependent(tiers, name: str) -> list[str]:
    """Return a warning about tiers that depend on others."""
    counts = {tier.get("TIER_ID"): len(tier) for tier in tiers if tier.get("PARENT_REF") is not None}
    if not counts:
        return []
    listed = ", ".join(f"{tier} ({count})" for tier, count in counts.items())
    return [f"{name}: dependent tiers are not carried over: {listed}"]
