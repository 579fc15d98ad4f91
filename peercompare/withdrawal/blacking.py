"""The corpus side of a withdrawal: the record ended, a person's turns blacked out, their segments gone.

Everything is computed first and written in one change of the folder (see safekeeping): the record of consent,
texts, tables, the row in removals.csv and the new hashes come together or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import Consents, speakers_of
from peercompare.corpus.checks import text_name
from peercompare.corpus.folder import (
    CONSENTS,
    MANIFEST,
    REMOVALS,
    decode,
    read_files,
    read_manifest,
    read_table,
    registering,
)
from peercompare.corpus.turns import REDACTED, redact, turns
from peercompare.errors import ConsentError, CorpusError, Problem
from peercompare.withdrawal.rows import with_row_added, with_rows

WHYS = ("consent_withdrawn", "guardian_withdrew", "never_valid", "law_requires")
"""Why words were removed, as removals.csv says it: nobody writes freely about somebody who left."""

REMOVAL_COLUMNS = ("removal_id", "document_id", "removed_on", "n_turns", "n_segments", "why")

Contents = Mapping[str, bytes]


@dataclass(frozen=True)
class Traces:
    """What a corpus holds of one person.

    Parameters
    ----------
    labels : mapping of str to frozenset of str
        By document, the labels under which the person speaks.
    n_turns : mapping of str to int
        By document, turns whose words still stand.
    segments : mapping of str to tuple of str
        By document, the ids of segments of their words.
    n_codings : int
        Codings of these segments, coders' memos with them.
    n_contests : int
        Contests of codings by the person or about these segments.
    """

    labels: Mapping[str, frozenset[str]]
    n_turns: Mapping[str, int]
    segments: Mapping[str, tuple[str, ...]]
    n_codings: int
    n_contests: int

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents in which words or segments of the person stand."""
        return tuple(each for each in self.labels if self.n_turns[each] or self.segments[each])

    @property
    def segment_ids(self) -> frozenset[str]:
        """The segments of the person's words."""
        return frozenset(each for ids in self.segments.values() for each in ids)


def read_contents(folder: Path) -> dict[str, bytes]:
    """Read a corpus folder's files, hashes compared, and its manifest."""
    contents = read_files(folder, read_manifest(folder))
    return {**contents, MANIFEST: (folder / MANIFEST).read_bytes()}


def traces_of(contents: Contents, person: str, folder: Path) -> Traces:
    """Find what a corpus holds of a person.

    Raises
    ------
    ConsentError
        Where nobody of that id is in the corpus.
    """
    documents, segments = _table(contents, "documents.csv"), _table(contents, "segments.csv")
    if "speakers" not in documents.columns:
        raise ConsentError(
            f"Nobody speaks in {folder}", remedy="consent is withdrawn from a corpus in which people speak"
        )
    people = {row["document_id"]: speakers_of(row["speakers"]) for row in documents.to_dict("records")}
    labels = {
        document: frozenset(label for label, who in pairs.items() if who == person)
        for document, pairs in people.items()
        if person in pairs.values()
    }
    if not labels and not has_record(contents, person):
        raise ConsentError(
            f"Nobody in {folder} has the id {person!r}",
            remedy="give the person_id of consents.csv; where somebody has two ids, withdraw each",
        )
    texts, _ = decode(contents, [text_name(document) for document in labels])
    spoken = zip(segments["segment_id"], segments["document_id"], segments["speaker"], strict=True)
    mine: dict[str, list[str]] = {document: [] for document in labels}
    for segment, document, label in spoken:
        if label in labels.get(document, ()):
            mine[document].append(segment)
    gone = {each for ids in mine.values() for each in ids}
    return Traces(
        labels=labels,
        n_turns={each: _standing(texts[text_name(each)], labels[each]) for each in labels},
        segments={document: tuple(ids) for document, ids in mine.items()},
        n_codings=int(_table(contents, "codings.csv")["segment_id"].isin(gone).sum()),
        n_contests=len(_contested(_table(contents, "contests.csv"), gone, person)),
    )


def record_change(contents: Contents, person: str, day: date) -> dict[str, bytes]:
    """Return consents.csv with the day of a withdrawal in the record that counts; nothing where it stands.

    Raises
    ------
    ConsentError
        Where the person agreed anew after that day, or agreed to nothing before it.
    """
    table = _table(contents, CONSENTS)
    consents = Consents(table.set_index("person_id")) if len(table) else None
    if consents is None or not (record := consents.in_force(person, day)):
        return {}
    if consents.has_withdrawn(person, day):
        return {}
    versions, today = table[table["person_id"] == person], day.isoformat()
    later = versions[versions["granted_on"] > today]["granted_on"]
    if len(later):
        first = record["granted_on"] > today
        what = f"agreed on {min(later)}" if first else f"agreed anew on {min(later)}"
        raise ConsentError(
            f"{person} cannot withdraw on {today}",
            [Problem(CONSENTS, f"the person {what}, which is after that day")],
            remedy="give the day of the withdrawal with --on; nothing was changed",
        )
    return {CONSENTS: _ended(contents, person, record["granted_on"], today)}


def has_record(contents: Contents, person: str) -> bool:
    """Say whether consents.csv has a record of a person."""
    return person in set(_table(contents, CONSENTS).get("person_id", ()))


def corpus_change(
    contents: Contents, person: str, traces: Traces, *, removed_on: date, why: str
) -> dict[str, bytes]:
    """Return the new contents of every file that changes where a person's words leave a corpus.

    Offsets of everybody else stay right: each character of the person's turns becomes a full block. Empty
    where the words are gone already.
    """
    if not traces.documents and not traces.n_contests:
        return {}
    changed = _tables_without(contents, traces.segment_ids, person)
    for document in traces.documents:
        name = text_name(document)
        words = redact(contents[name].decode("utf-8"), traces.labels[document])
        changed[name] = words.encode("utf-8")
    changed[REMOVALS] = _removals(contents, traces, removed_on, why)
    changed = {name: data for name, data in changed.items() if data != contents.get(name)}
    return registering(contents[MANIFEST], changed)


def _table(contents: Contents, name: str) -> pd.DataFrame:
    """Read one of the tables; empty where there is none."""
    if name not in contents:
        return pd.DataFrame(columns=["segment_id", "worker_id"])
    table, problems = read_table(contents[name].decode("utf-8"), name)
    if problems:
        raise CorpusError(f"{name} cannot be read", problems, remedy="mend it; nothing was changed")
    return table


def _standing(text: str, labels: frozenset[str]) -> int:
    """Count a person's turns in which words still stand."""
    mine = (turn for turn in turns(text) if turn.label in labels)
    return sum(bool(text[turn.start : turn.end].replace(REDACTED, "").strip()) for turn in mine)


def _contested(table: pd.DataFrame, segments: set[str], person: str) -> pd.DataFrame:
    """Return the contests that a person wrote, or that are about their words."""
    by = table["worker_id"] == person if "worker_id" in table else False
    about = table["segment_id"].isin(segments) if "segment_id" in table else False
    return table[by | about] if len(table) else table


def _ended(contents: Contents, person: str, granted_on: str, today: str) -> bytes:
    """Return consents.csv with one record ended; every other row keeps its bytes."""

    def end(row: dict[str, str]) -> dict[str, str]:
        mine = row["person_id"] == person and row["granted_on"] == granted_on
        return {**row, "withdrawn_on": today} if mine else row

    return with_rows(contents[CONSENTS].decode("utf-8"), end).encode("utf-8")


def _tables_without(contents: Contents, segments: frozenset[str], person: str) -> dict[str, bytes]:
    """Return every table with the rows of some segments taken out, and what a person contested."""

    def keep(row: dict[str, str]) -> dict[str, str] | None:
        if row.get("segment_id") in segments:
            return None
        return row

    def keep_contest(row: dict[str, str]) -> dict[str, str] | None:
        return None if row.get("worker_id") == person else keep(row)

    def keep_marker(row: dict[str, str]) -> dict[str, str] | None:
        named = row["segment_ids"].split()
        left = [each for each in named if each not in segments]
        if named and not left:
            return None
        return row if left == named else {**row, "segment_ids": " ".join(left)}

    special = {"contests.csv": keep_contest, "markers.csv": keep_marker}
    tables = [
        name for name in contents if re.fullmatch(r"[^/]+\.csv", name) and name not in (CONSENTS, REMOVALS)
    ]
    changed = {}
    for name in tables:
        if name in special or "segment_id" in _table(contents, name).columns:
            changed[name] = with_rows(contents[name].decode("utf-8"), special.get(name, keep)).encode("utf-8")
    return changed


def _removals(contents: Contents, traces: Traces, removed_on: date, why: str) -> bytes:
    """Return removals.csv with a row for each document; nobody's id and nobody's words are in it."""
    text = contents.get(REMOVALS, b"").decode("utf-8")
    numbers = [int(number) for number in re.findall(r"(?m)^R(\d+),", text)]
    removal = f"R{max(numbers, default=0) + 1:04d}"
    for document in traces.documents:
        row = {
            "removal_id": removal, "document_id": document, "removed_on": removed_on.isoformat(),
            "n_turns": traces.n_turns[document], "n_segments": len(traces.segments[document]), "why": why,
        }  # fmt: skip
        text = with_row_added(text, REMOVAL_COLUMNS, row)
    return text.encode("utf-8")
