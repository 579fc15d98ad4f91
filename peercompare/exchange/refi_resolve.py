"""Following the references of a REFI-QDA file: memos to their owners, variables and cases to documents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from peercompare.exchange.project import ProjectCase, ProjectCode, ProjectNote, ProjectSet
from peercompare.exchange.refi_collect import Collector, RawGroup

JOINT = "; "
"""What stands between several values of one variable of a document."""


class Known:
    """What a reference may point to; a reference that points elsewhere is noted as dangling."""

    def __init__(self, raw: Collector, notes: Mapping[str, str]) -> None:
        self._raw = raw
        self.notes = notes
        self.codes = {code.id: number for number, code in enumerate(raw.codes)}
        self.coders = {coder.id for coder in raw.coders}
        self.sources = {source.id for source in raw.sources}

    def check(self, guid: str, known: Collection[str], kind: str, line: int) -> bool:
        """Say whether a reference points to something; ``""`` says nothing, or was noted before."""
        if guid and guid not in known:
            remedy = "a reference names a GUID that the file defines"
            self._raw.faults.at(line, "", f"no {kind} has the GUID {guid}", remedy)
        return guid in known

    def check_all(
        self, guids: Sequence[str], known: Collection[str], kind: str, lines: Sequence[int]
    ) -> None:
        """Note, of many references, those that point to nothing; few of them are distinct."""
        if any(guid and guid not in known for guid in set(guids)):
            for guid, line in zip(guids, lines, strict=True):
                self.check(guid, known, kind, line)

    def memo(self, own: str, notes: Sequence[str], line: int) -> str:
        """Return a description with the memos that are attached to it."""
        if not notes:
            return own if own.strip() else ""
        texts = [self.notes[each] for each in notes if self.check(each, self.notes, "memo", line)]
        return "\n\n".join(part for part in (own, *texts) if part.strip())


def _attached(raw: Collector) -> set[str]:
    """Return the memos that are attached to something that carries them."""
    attached = {each for notes in raw.code_notes.values() for each in notes} | set(raw.project_notes)
    for source in raw.sources:
        attached.update(source.notes)
        rows = source.selections
        for notes in (*rows.notes.values(), *rows.coding_notes.values()):
            attached.update(notes)
    return attached


def resolved_codes(raw: Collector, known: Known) -> tuple[ProjectCode, ...]:
    """Return the codes with their memos joined to their descriptions."""
    return tuple(
        replace(code, description=known.memo(code.description, raw.code_notes.get(code.id, ()), 0))
        for code in raw.codes
    )


def resolved_notes(raw: Collector, known: Known) -> tuple[ProjectNote, ...]:
    """Return the memos that belong to nothing but the project."""
    attached = _attached(raw)
    return tuple(
        ProjectNote(note.id, note.name, known.notes[note.id]) for note in raw.notes if note.id not in attached
    )


def resolved_cases(raw: Collector, known: Known) -> tuple[ProjectCase, ...]:
    """Return the cases with their variables by name and the documents that belong to them."""
    found = []
    for group in raw.cases:
        for kind, what in (("SelectionRef", "selections of cases"), ("CodeRef", "codes of cases")):
            count = sum(each == kind for each, _ in group.members)
            if count:
                raw.miss(what, group.name, count)
        documents = _documents(group, "SourceRef", raw, known)
        values = MappingProxyType(_named(group.variables, raw, known, group.line))
        memo = group.memo if group.memo.strip() else ""
        found.append(ProjectCase(group.id, group.name, memo, documents, values))
    return tuple(found)


def resolved_sets(raw: Collector, known: Known) -> tuple[ProjectSet, ...]:
    """Return the sets with the codes and documents in them."""
    found = []
    for group in raw.sets:
        notes = sum(each == "MemberNote" for each, _ in group.members)
        if notes:
            raw.miss("memos in sets", group.name, notes)
        codes = tuple(
            guid
            for kind, guid in group.members
            if kind == "MemberCode" and known.check(guid, known.codes, "code", group.line)
        )
        memo = group.memo if group.memo.strip() else ""
        documents = _documents(group, "MemberSource", raw, known)
        found.append(ProjectSet(group.id, group.name, memo, codes, documents))
    return tuple(found)


def resolved_metadata(
    raw: Collector, known: Known, cases: tuple[ProjectCase, ...]
) -> dict[str, dict[str, str]]:
    """Return the variables of every document: its own, and those of the cases it belongs to."""
    found = {source.id: _named(source.variables, raw, known, source.line) for source in raw.sources}
    for case in cases:
        for document_id in case.document_ids:
            for name, value in case.variables.items():
                found[document_id][name] = _joined(found[document_id].get(name, ""), value)
    return found


def _documents(group: RawGroup, kind: str, raw: Collector, known: Known) -> tuple[str, ...]:
    """Return the carried documents among the members of a case or a set."""
    found = []
    for each, guid in group.members:
        if each == kind and guid in raw.other_sources:
            raw.miss("sources in cases and sets that are no text", group.name)
        elif each == kind and known.check(guid, known.sources, "source", group.line):
            found.append(guid)
    return tuple(found)


def _named(values: tuple[tuple[str, str], ...], raw: Collector, known: Known, line: int) -> dict[str, str]:
    """Return values by the name of their variable."""
    found: dict[str, str] = {}
    for guid, value in values:
        if known.check(guid, raw.variables, "variable", line):
            name = raw.variables[guid]
            found[name] = _joined(found.get(name, ""), value)
    return found


def _joined(before: str, value: str) -> str:
    """Return several values of one variable as one text, each once."""
    parts = [part for part in (*before.split(JOINT), *value.split(JOINT)) if part]
    return JOINT.join(dict.fromkeys(parts))
