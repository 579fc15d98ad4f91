"""Collecting what a REFI-QDA file says, element by element, before anything is looked up or placed.

Each element is emptied once it was read, so that memory grows with what is kept and not with the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from peercompare.exchange.project import ProjectCode, ProjectCoder
from peercompare.exchange.refi_xml import Faults, Guids, child_text, children, local, place

TEXTS = ("TextSource", "Representation", "TextDescription", "Transcript")
MEDIA = ("PictureSource", "PDFSource", "AudioSource", "VideoSource")
GROWING = frozenset((*TEXTS, "Note"))
"""Elements that hold selections, of which there may be very many."""

TAGS = (
    *TEXTS, *MEDIA, "User", "Codes", "Variable", "Case", "Set", "Note", "Link", "Graph",
    "Project", "CodeBook",
)  # fmt: skip
_NUMBER = re.compile(r"\s*\+?[0-9]{1,15}\s*")
_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")


@dataclass(slots=True)
class Selections:
    """The selections of one source, as columns; `codings` holds (coding, code, coder, notes) of each."""

    ids: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)
    memos: list[str] = field(default_factory=list)
    notes: list[tuple[str, ...]] = field(default_factory=list)
    codings: list[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class RawSource:
    """A source as the file tells of it: where its text is, and what is said of it."""

    id: str
    name: str
    kind: str
    memo: str
    content: str
    plain_path: str
    rich_path: str
    line: int
    notes: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    selections: Selections = field(default_factory=Selections)


@dataclass(slots=True)
class RawGroup:
    """A case or a set: what it is called and what it points to, as (kind, identifier)."""

    id: str
    name: str
    memo: str
    line: int
    members: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


class Collector:
    """Takes the elements of a project or codebook as they end.

    Parameters
    ----------
    faults : Faults
        Where everything wrong is noted.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.guids = Guids(faults)
        self.name = self.origin = self.memo = self.creator = ""
        self.project_notes: tuple[str, ...] = ()
        self.codes: list[ProjectCode] = []
        self.code_notes: dict[str, tuple[str, ...]] = {}
        self.coders: list[ProjectCoder] = []
        self.variables: dict[str, str] = {}
        self.sources: list[RawSource] = []
        self.other_sources: set[str] = set()
        self.notes: list[RawSource] = []
        self.cases: list[RawGroup] = []
        self.sets: list[RawGroup] = []
        self.not_carried: Counter[tuple[str, str]] = Counter()
        self._pending = Selections()
        self._n_dates = 0
        self._take: dict[str, Callable[[etree._Element], None]] = {
            "User": self._user, "Codes": self._codes, "Note":
            self._note, "Variable": self._variable, "Case": self._case, "Set": self._set, "Project":
            self._project, "CodeBook": self._codebook, **dict.fromkeys(TEXTS, self._text),
            **dict.fromkeys(MEDIA, self._medium), **dict.fromkeys(("Link", "Graph"), self._left),
        }  # fmt: skip

    def take(self, name: str, element: etree._Element) -> None:
        """Read one element that has ended, and empty it; or the selections of one that is still open."""
        if name in GROWING or not name:
            self._selections(element, ended=bool(name))
        if not name:
            return
        self._take[name](element)
        if name not in ("Project", "CodeBook"):
            element.clear()
        before = element.getprevious()
        if before is not None and before.tag == element.tag and len(before) == 0:
            element.getparent().remove(before)

    def miss(self, what: str, where: str = "project", count: int = 1) -> None:
        """Count something that is not carried."""
        self.not_carried[what, where] += count

    def _selections(self, holder: etree._Element, *, ended: bool) -> None:
        """Read the selections of plain text that have ended, and take them out of the tree."""
        rows, ready = self._pending, list(holder.iterchildren("{*}PlainTextSelection"))
        for element in ready if ended else ready[:-1]:
            rows.starts.append(self._number(element, "startPosition"))
            rows.ends.append(self._number(element, "endPosition"))
            self._coded(element, rows)
            holder.remove(element)

    def _coded(self, element: etree._Element, rows: Selections) -> None:
        """Read what every kind of selection has: its quote, memo, notes and codings."""
        rows.ids.append(self.guids.new(element))
        rows.quotes.append(element.get("name") or "")
        rows.lines.append(element.sourceline or 0)
        memo, notes, codings = "", (), []
        selected_by = self.guids.of(element, "creatingUser") if element.get("creatingUser") else ""
        for child in element:
            name = local(child)
            if name == "Coding":
                codings.append(self._coding(child, selected_by))
            elif name == "Description":
                memo = child.text or ""
            elif name == "NoteRef":
                notes = (*notes, self.guids.of(child, "targetGUID"))
            else:
                self.miss(f"<{name}> inside a selection")
        rows.memos.append(memo)
        rows.notes.append(notes)
        rows.codings.append(tuple(codings))

    def _coding(self, element: etree._Element, selected_by: str) -> tuple[str, str, str, tuple[str, ...]]:
        """Read one coding: who coded stands at the coding, and where it does not, at the selection."""
        code, notes = None, ()
        for child in element:
            name = local(child)
            if name == "CodeRef":
                code = self.guids.of(child, "targetGUID")
            elif name == "NoteRef":
                notes = (*notes, self.guids.of(child, "targetGUID"))
        if code is None:
            self.faults.add(place(element), "the coding names no code", "every Coding has a CodeRef")
        self._n_dates += element.get("creationDateTime") is not None
        coder = self.guids.of(element, "creatingUser") if element.get("creatingUser") else selected_by
        return self.guids.new(element), code or "", coder, notes

    def _text(self, element: etree._Element) -> None:
        """Read a text with its selections: a source, or what stands for one that is no text."""
        parent = local(element.getparent())
        if self._n_dates:
            self.miss("dates of codings", count=self._n_dates)
            self._n_dates = 0
        selections, self._pending = self._pending, Selections()
        if parent not in ("Sources", *MEDIA):
            self.miss(f"text of a part of a {parent}")
            return
        if local(element) == "Transcript":
            selections = self._transcript_selections(element)
        source = self._raw_source(element, selections)
        if parent != "Sources" and not source.name:
            source.name = element.getparent().get("name") or ""
        self.sources.append(source)

    def _raw_source(self, element: etree._Element, selections: Selections) -> RawSource:
        """Return a text as it stands in the file."""
        name = element.get("name") or ""
        for each in children(element, "Coding"):
            self.guids.new(each)
            self.miss("codings of whole documents")
        return RawSource(
            id=self.guids.new(element), name=name, kind=local(element),
            memo=child_text(element, "Description"), content=child_text(element, "PlainTextContent"),
            plain_path=element.get("plainTextPath") or "", rich_path=element.get("richTextPath") or "",
            line=element.sourceline or 0, notes=self._note_refs(element), variables=self._values(element),
            selections=selections,
        )  # fmt: skip

    def _transcript_selections(self, element: etree._Element) -> Selections:
        """Read the selections of a transcript, whose ends are points that also have a time."""
        rows, points = Selections(), {}
        for point in children(element, "SyncPoint"):
            points[self.guids.new(point)] = point.get("position")
            self.miss("times of a transcript (SyncPoint)")
        for each in children(element, "TranscriptSelection"):
            ends = [points.get(self.guids.of(each, name)) for name in ("fromSyncPoint", "toSyncPoint")]
            if not all(end and end.strip().isdecimal() for end in ends):
                self.miss("selections of a transcript without a place in its text")
                continue
            rows.starts.append(int(ends[0]))
            rows.ends.append(int(ends[1]))
            self._coded(each, rows)
        return rows

    def _medium(self, element: etree._Element) -> None:
        """Note a source that is no text, and what was coded in it; its texts were read before."""
        kind = local(element).removesuffix("Source")
        self.other_sources.add(self.guids.new(element))
        self.miss(f"{kind} sources (their texts, where they have one, are carried)")
        for each in element.iter("{*}Coding"):
            self.guids.new(each)
            self.miss(f"codings in {kind} sources that are no selection of text")

    def _user(self, element: etree._Element) -> None:
        """Read a coder."""
        guid = self.guids.new(element)
        self.coders.append(ProjectCoder(guid, element.get("name") or element.get("id") or guid))

    def _codes(self, element: etree._Element) -> None:
        """Read the tree of codes, parents first."""
        waiting = [(each, "") for each in reversed(list(children(element, "Code")))]
        while waiting:
            each, parent = waiting.pop()
            guid, name = self.guids.new(each), each.get("name") or ""
            if not name:
                self.faults.add(place(each), "the code has no name", "name it")
            codable = (each.get("isCodable") or "true").strip().lower() in ("true", "1")
            description, colour = child_text(each, "Description"), each.get("color") or ""
            self.codes.append(ProjectCode(guid, name, parent, description, codable, colour))
            self.code_notes[guid] = self._note_refs(each)
            waiting += [(below, guid) for below in reversed(list(children(each, "Code")))]

    def _variable(self, element: etree._Element) -> None:
        """Read the name of a variable."""
        self.variables[self.guids.new(element)] = element.get("name") or ""
        if child_text(element, "Description").strip():
            self.miss("descriptions of variables")

    def _case(self, element: etree._Element) -> None:
        """Read a case."""
        self.cases.append(self._group(element, ("SourceRef", "SelectionRef", "CodeRef")))

    def _set(self, element: etree._Element) -> None:
        """Read a set."""
        self.sets.append(self._group(element, ("MemberSource", "MemberCode", "MemberNote")))

    def _group(self, element: etree._Element, kinds: tuple[str, ...]) -> RawGroup:
        """Read what cases and sets have in common."""
        members = [
            (local(each), self.guids.of(each, "targetGUID")) for each in element if local(each) in kinds
        ]
        return RawGroup(
            self.guids.new(element), element.get("name") or "", child_text(element, "Description"),
            element.sourceline or 0, tuple(members), self._values(element),
        )  # fmt: skip

    def _note(self, element: etree._Element) -> None:
        """Read a memo; what is coded in a memo is not carried."""
        selections, self._pending = self._pending, Selections()
        if selections.ids:
            self.miss("selections in memos", count=len(selections.ids))
        if element.get("creatingUser") or element.get("creationDateTime"):
            self.miss("authors and dates of memos")
        self.notes.append(self._raw_source(element, Selections()))

    def _left(self, element: etree._Element) -> None:
        """Count a link or a graph."""
        for each in element.iter("{*}Link", "{*}Graph", "{*}Vertex", "{*}Edge"):
            self.guids.new(each)
        self.miss(f"{local(element).lower()}s")

    def _project(self, element: etree._Element) -> None:
        """Read what the root says."""
        self.name, self.origin = element.get("name") or "", element.get("origin") or ""
        self.memo, self.project_notes = child_text(element, "Description"), self._note_refs(element)
        known = {"Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs"}
        for each in element:
            if local(each) not in known | {"Description", "NoteRef", ""}:
                self.miss(f"<{local(each)}>, which the standard does not know")

    def _codebook(self, element: etree._Element) -> None:
        """Read the root of a codebook file; inside a project the element says nothing of its own."""
        if element.getparent() is None:
            self.origin = element.get("origin") or ""

    def _note_refs(self, element: etree._Element) -> tuple[str, ...]:
        """Return the memos that an element refers to."""
        return tuple(self.guids.of(each, "targetGUID") for each in children(element, "NoteRef"))

    def _values(self, element: etree._Element) -> tuple[tuple[str, str], ...]:
        """Return (variable, value as text) pairs."""
        found = []
        for each in children(element, "VariableValue"):
            target = next(children(each, "VariableRef"), None)
            if target is None:
                self.faults.add(place(each), "the value names no variable", "every value has a VariableRef")
                continue
            value = next((child_text(each, kind) for kind in _VALUES if child_text(each, kind)), "")
            found.append((self.guids.of(target, "targetGUID"), value))
        return tuple(found)

    def _number(self, element: etree._Element, attribute: str) -> int:
        """Return a position, -1 where it is none."""
        value = element.get(attribute) or ""
        if (value.isdecimal() and value.isascii() and len(value) < 16) or _NUMBER.fullmatch(value):
            return int(value)
        self.faults.add(place(element), f"{attribute} is {value[:30]!r}", "a whole number, 0 or more")
        return -1
