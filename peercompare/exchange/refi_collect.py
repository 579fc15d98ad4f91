"""Collecting what a REFI-QDA file says, element by element, before anything is looked up or placed.

No element is kept once it was read, so that memory grows with what is kept and not with the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from peercompare.exchange.project import ProjectCode, ProjectCoder
from peercompare.exchange.refi_guids import Guids
from peercompare.exchange.refi_selections import Selections
from peercompare.exchange.refi_xml import Element, Faults

TEXTS = ("TextSource", "Representation", "TextDescription", "Transcript")
MEDIA = ("PictureSource", "PDFSource", "AudioSource", "VideoSource")
_HOLDERS = frozenset((*TEXTS, "Note"))
"""Elements that hold selections of text."""

_MADE = ("creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime")
_ABOUT = ("basePath", "creatingUserGUID", "creationDateTime", "modifyingUserGUID", "modifiedDateTime")
_IN_TEXTS = (
    "Description", "PlainTextContent", "Coding", "NoteRef", "VariableValue", "SyncPoint",
    "TranscriptSelection",
)  # fmt: skip
"""What a text may hold beside its selections."""

_PARTS = frozenset(
    (
        "Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs",
        "Description", "NoteRef",
    )
)  # fmt: skip
"""What a project may hold."""

_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")


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
        self.rows = Selections()
        self._take: dict[str, Callable[[Element, Element | None], None]] = {
            "User": self._user, "Codes": self._codes, "Note": self._note, "Variable": self._variable,
            "Case": self._case, "Set": self._set, "Project": self._project, "CodeBook": self._codebook,
            **dict.fromkeys(TEXTS, self._text), **dict.fromkeys(MEDIA, self._medium),
            **dict.fromkeys(("Link", "Graph"), self._left),
        }  # fmt: skip
        self.tags = self._take.keys()
        self.holders, self.streamed = _HOLDERS, "PlainTextSelection"

    def take(self, element: Element, parent: Element | None) -> None:
        """Read one element that has ended, in the element around it."""
        self._take[element.name](element, parent)

    def miss(self, what: str, where: str = "project", count: int = 1) -> None:
        """Count something that is not carried."""
        if count:
            self.not_carried[what, where] += count

    def _miss_others(self, element: Element, *known: str) -> None:
        """Count the children of an element that are not read."""
        for each in element.children:
            if each.name not in known:
                self.miss(f"<{each.name}> inside {element.name}")

    def _miss_dates(self, element: Element, what: str) -> None:
        """Count who made or changed something and when, where that is told."""
        self.miss(f"authors and dates of {what}", count=any(map(element.get, _MADE)))

    def _gathered(self, kind: str) -> Selections:
        """Return the selections that stand in an element that has ended, settled; and begin anew."""
        rows, self.rows = self.rows, Selections()
        rows.settle(kind, self.guids, self.faults)
        for what, count in (*rows.strange.items(), *rows.dates.items()):
            self.miss(what, count=count)
        return rows

    def _text(self, element: Element, parent: Element | None) -> None:
        """Read a text with its selections: a source, or what stands for one that is no text."""
        if element.name == "Transcript":
            self._transcript_selections(element)
        selections = self._gathered("TranscriptSelection" if element.name == "Transcript" else self.streamed)
        around = parent.name if parent else ""
        if around not in ("Sources", *MEDIA):
            self.miss(f"text of a part of a {around}")
            return
        source = self._raw_source(element, selections)
        if around != "Sources" and not source.name:
            source.name = parent.get("name")
        self._miss_dates(element, "documents")
        self._miss_others(element, *_IN_TEXTS)
        self.sources.append(source)

    def _raw_source(self, element: Element, selections: Selections) -> RawSource:
        """Return a text as it stands in the file."""
        for each in element.each("Coding"):
            self.guids.new(each)
            self.miss("codings of whole documents")
        return RawSource(
            id=self.guids.new(element), name=element.get("name"), kind=element.name,
            memo=element.text_of("Description"), content=element.text_of("PlainTextContent"),
            plain_path=element.get("plainTextPath"), rich_path=element.get("richTextPath"),
            line=element.line, notes=self._note_refs(element), variables=self._values(element),
            selections=selections,
        )  # fmt: skip

    def _transcript_selections(self, element: Element) -> None:
        """Read the selections of a transcript, whose ends are points that also have a time."""
        points = {}
        for point in element.each("SyncPoint"):
            points[self.guids.new(point)] = point.get("position").strip()
            self.miss("times of a transcript (SyncPoint)")
        for each in element.each("TranscriptSelection"):
            start, end = (points.get(self.guids.of(each, f"{side}SyncPoint"), "") for side in ("from", "to"))
            if not (start.isdecimal() and end.isdecimal()):
                self.miss("selections of a transcript without a place in its text")
                continue
            by = self.rows.open({**each.attributes, "startPosition": start, "endPosition": end}, each.line)
            for child in each.children:
                self._transcript_coding(child, by)

    def _transcript_coding(self, child: Element, selected_by: str) -> None:
        """Read what stands in a selection of a transcript."""
        rows = self.rows
        if child.name == "Coding":
            rows.coding(child.attributes, selected_by)
            for below in child.children:
                rows.within_coding(below.name, below.attributes)
        elif child.name == "Description":
            rows.remark(child.text, selected_by)
        else:
            rows.within_selection(child.name, child.attributes)

    def _medium(self, element: Element, parent: Element | None) -> None:
        """Note a source that is no text, and what was coded in it; its texts were read before."""
        kind = element.name.removesuffix("Source")
        self.other_sources.add(self.guids.new(element))
        self.miss(f"{kind} sources (their texts, where they have one, are carried)")
        for each in element.below("Coding"):
            self.guids.new(each)
            self.miss(f"codings in {kind} sources that are no selection of text")

    def _user(self, element: Element, parent: Element | None) -> None:
        """Read a coder."""
        guid = self.guids.new(element)
        self.coders.append(ProjectCoder(guid, element.get("name") or element.get("id") or guid))

    def _codes(self, element: Element, parent: Element | None) -> None:
        """Read the tree of codes, parents first."""
        waiting = [(each, "") for each in reversed(list(element.each("Code")))]
        while waiting:
            each, parent = waiting.pop()
            guid, name = self.guids.new(each), each.get("name")
            if not name:
                self.faults.at(each.line, each.name, "the code has no name", "name it")
            codable = (each.get("isCodable") or "true").strip().lower() in ("true", "1")
            description, colour = each.text_of("Description"), each.get("color")
            self._miss_others(each, "Code", "Description", "NoteRef")
            self.codes.append(ProjectCode(guid, name, parent, description, codable, colour))
            self.code_notes[guid] = self._note_refs(each)
            waiting += [(below, guid) for below in reversed(list(each.each("Code")))]

    def _variable(self, element: Element, parent: Element | None) -> None:
        """Read the name of a variable."""
        self.variables[self.guids.new(element)] = element.get("name")
        if element.text_of("Description").strip():
            self.miss("descriptions of variables")

    def _case(self, element: Element, parent: Element | None) -> None:
        """Read a case."""
        self.cases.append(self._group(element, ("SourceRef", "SelectionRef", "CodeRef")))

    def _set(self, element: Element, parent: Element | None) -> None:
        """Read a set."""
        self.sets.append(self._group(element, ("MemberSource", "MemberCode", "MemberNote")))

    def _group(self, element: Element, kinds: tuple[str, ...]) -> RawGroup:
        """Read what cases and sets have in common."""
        self._miss_others(element, "Description", "VariableValue", *kinds)
        members = tuple((each.name, self.guids.of(each, "targetGUID")) for each in element.each(*kinds))
        memo, values = element.text_of("Description"), self._values(element)
        return RawGroup(self.guids.new(element), element.get("name"), memo, element.line, members, values)

    def _note(self, element: Element, parent: Element | None) -> None:
        """Read a memo; what is coded in a memo is not carried."""
        selections = self._gathered(self.streamed)
        if selections.ids:
            self.miss("selections in memos", count=len(selections.ids))
        self._miss_dates(element, "memos")
        self.notes.append(self._raw_source(element, Selections()))

    def _left(self, element: Element, parent: Element | None) -> None:
        """Count a link or a graph."""
        for each in element.below("Link", "Graph", "Vertex", "Edge"):
            self.guids.new(each)
        self.miss(f"{element.name.lower()}s")

    def _project(self, element: Element, parent: Element | None) -> None:
        """Read what the root says."""
        self.name, self.origin = element.get("name"), element.get("origin")
        self.memo, self.project_notes = element.text_of("Description"), self._note_refs(element)
        self.miss("the folder, authors and dates of the project", count=any(map(element.get, _ABOUT)))
        for each in element.children:
            if each.name not in _PARTS:
                self.miss(f"<{each.name}>, which the standard does not know")
            elif each.name not in ("Description", "CodeBook"):
                self._miss_others(each)

    def _codebook(self, element: Element, parent: Element | None) -> None:
        """Read the root of a codebook file; inside a project the element says nothing of its own."""
        self._miss_others(element, "Sets")
        if parent is None:
            self.origin = element.get("origin")

    def _note_refs(self, element: Element) -> tuple[str, ...]:
        """Return the memos that an element refers to."""
        return tuple(self.guids.of(each, "targetGUID") for each in element.each("NoteRef"))

    def _values(self, element: Element) -> tuple[tuple[str, str], ...]:
        """Return (variable, value as text) pairs."""
        found = []
        for each in element.each("VariableValue"):
            target = next(each.each("VariableRef"), None)
            if target is None:
                remedy = "every value has a VariableRef"
                self.faults.at(each.line, each.name, "the value names no variable", remedy)
                continue
            value = next((each.text_of(kind) for kind in _VALUES if each.text_of(kind)), "")
            found.append((self.guids.of(target, "targetGUID"), value))
        return tuple(found)
