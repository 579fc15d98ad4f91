"""From documents to a corpus folder that `peercompare.corpus.open_corpus` reads: whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from peercompare.corpus.schemas import SPOKEN_UNIT
from peercompare.errors import InputError, Problem
from peercompare.files import refuse_to_overwrite
from peercompare.framework import Framework, read_framework, shipped_framework
from peercompare.readers.boilerplate import line_digest
from peercompare.readers.document import ReadDocument, named_id
from peercompare.readers.duplicates import exact_digest, sketch, text_digest
from peercompare.readers.finishing import LINE, Finish, Plan
from peercompare.readers.roster import Roster, apply_roster, read_roster
from peercompare.readers.spool import OtherImportError, PartFolder
from peercompare.segments import cut_segments

BATCH = 256
BATCH_LETTERS = 4 * 2**20
"""Documents in memory at a time: so many, or fewer where their texts have so many characters together."""

PRIVATE = frozenset({"preamble", "notes", "media", "situation"})
"""Metadata that may name people and do not go into the corpus."""

ABOUT = ("title", "licence", "citation", "coding", "cluster", "composed")
MAX_PROBLEMS = 100
MAX_WARNINGS = 1000


@dataclass(frozen=True)
class ImportReport:
    """What an import wrote, and what is left to do.

    Parameters
    ----------
    folder : Path
        The corpus folder.
    n_documents, n_segments : int
        How many documents and segments it has.
    n_duplicates : int
        Documents that are like an earlier one, exactly or nearly.
    n_boilerplate : int
        Segments marked as repeating over the corpus.
    cluster : str
        The column of documents.csv whose groups are never split.
    warnings : tuple of str
        What the readers had to say, the first `MAX_WARNINGS`.
    n_warnings : int
        How many there were.
    to_do : tuple of str
        What must be filled in before the corpus can be used.
    """

    folder: Path
    n_documents: int
    n_segments: int
    n_duplicates: int
    n_boilerplate: int
    cluster: str
    warnings: tuple[str, ...]
    n_warnings: int
    to_do: tuple[str, ...]


def documents_to_corpus(
    documents: Iterable[ReadDocument],
    out_folder: str | Path,
    *,
    genre: str,
    name: str,
    framework: Framework | str | Path,
    roster: Roster | str | Path | None = None,
    about: Mapping[str, object] | None = None,
) -> ImportReport:
    """Write documents as a corpus folder, cut into segments and without codings.

    The folder is made beside its place and takes its name in one step. Where input is faulty nothing is
    left; where the import is stopped (power, Ctrl-C), calling it again with the same documents goes on
    after the last whole batch.

    Parameters
    ----------
    documents : iterable of ReadDocument
        Read one at a time; `peercompare.readers.with_facts` adds what files do not tell. Needed are
        ``date`` and ``setting``; for postings ``employer_id`` or ``employer``; for transcripts
        ``site_id``, and ``worker_id`` and ``worker_role`` where the roster does not tell them.
    out_folder : str or Path
        A folder that does not exist.
    genre : str
        A genre of the framework.
    name : str
        The corpus's short name.
    framework : Framework, str or Path
        A shipped one, or a .toml file, which is copied into the folder.
    roster : Roster, str or Path, optional
        Who is who; required for transcripts.
    about : mapping, optional
        Further keys of corpus.toml: ``title``, ``licence``, ``citation``, ``coding``, ``cluster``,
        ``composed``.

    Returns
    -------
    ImportReport
        Counts, warnings, and what is left to do.

    Raises
    ------
    InputError
        Where the folder exists, or lists what is wrong with the documents: speakers whom the roster does
        not know, facts missing, two documents of one id, no document at all.
    """
    out_folder = Path(out_folder)
    refuse_to_overwrite(out_folder)
    plan = _planned(genre=genre, name=name, framework=framework, roster=roster, about=about)
    out_folder.parent.mkdir(parents=True, exist_ok=True)
    stamp = {"genre": genre, "name": name, "framework": plan.framework.sha256, "cluster": plan.cluster}
    part = PartFolder.open(out_folder, stamp)
    build = _Build(plan, part)
    try:
        build.take_all(iter(documents))
        counts = Finish(plan, part).write()
    except OtherImportError:
        part.close()
        raise
    except InputError:
        part.discard()
        raise
    part.finish(out_folder)
    return ImportReport(
        out_folder, counts.n_documents, counts.n_segments, counts.n_duplicates, counts.n_boilerplate,
        counts.cluster, tuple(build.warnings), build.n_warnings, counts.to_do,
    )  # fmt: skip


def _planned(
    *,
    genre: str,
    name: str,
    framework: Framework | str | Path,
    roster: Roster | str | Path | None,
    about: Mapping[str, object] | None,
) -> Plan:
    """Check what can be checked before a document is read."""
    loaded = framework if isinstance(framework, Framework) else read_framework(framework)
    file = (
        Path(framework) if not isinstance(framework, Framework) and str(framework).endswith(".toml") else None
    )
    problems = [
        Problem("about", f"unknown key {key!r}", f"keys are {', '.join(ABOUT)}")
        for key in about or ()
        if key not in ABOUT
    ]
    if file is None and loaded.id not in shipped_framework():
        problems.append(
            Problem("framework", f"{loaded.id} is not shipped", "give the path of its .toml file")
        )
    if genre not in loaded.unit_of_analysis:
        known = ", ".join(loaded.unit_of_analysis)
        problems.append(Problem("genre", f"{loaded.id} has no genre {genre!r}", f"genres are {known}"))
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
        problems.append(Problem("name", f"{name!r} is no short name", "letters, figures, _ and -"))
    unit = loaded.unit_of_analysis.get(genre)
    spoken = unit is not None and unit.unit == SPOKEN_UNIT
    if spoken and roster is None:
        remedy = "draft one with --suggest-roster FILE, fill it in, and pass it as --roster FILE"
        problems.append(Problem("roster", "people speak in the documents, and no roster says who", remedy))
    if problems:
        raise InputError(f"The corpus {name!r} cannot be made", problems)
    who = read_roster(roster) if isinstance(roster, str | Path) else roster
    return Plan(genre, name, loaded, file, who if spoken else None, about or {}, spoken)


@dataclass
class _Build:
    """An import under way."""

    plan: Plan
    part: PartFolder
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    n_warnings: int = 0

    def take_all(self, documents: Iterator[ReadDocument]) -> None:
        """Write all documents in batches, passing over those that a stopped import wrote."""
        written = self.part.rows("documents.jsonl")
        done, number = self.part.n_documents, 0
        for batch in _batches(documents):
            rows = []
            for document in batch:
                row = self._row(document)
                if row is None:
                    continue
                if number < done:
                    self.part.check_same(number, row[1], document.text, next(written))
                else:
                    rows.append(row)
                number += 1
            if len(self.problems) >= MAX_PROBLEMS:
                break
            if rows and not self.problems:
                self._write(rows)
        written.close()
        if not number and not self.problems:
            self.problems.append(Problem("documents", "there is none"))
        if self.problems:
            raise InputError(f"The corpus {self.plan.name!r} cannot be made", self.problems)
        self.part.check_all_met(number)

    def _row(self, document: ReadDocument) -> tuple[ReadDocument, dict[str, Any]] | None:
        """Return a document under its speakers' ids with its row of documents.csv, or note its faults."""
        if self.plan.roster is not None:
            try:
                document = apply_roster(document, self.plan.roster)
            except InputError as error:
                self.problems += error.problems
                return None
        self.n_warnings += len(document.warnings)
        self.warnings += document.warnings[: max(0, MAX_WARNINGS - len(self.warnings))]
        row = self._columns(document)
        row["_sha256"] = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
        faults = self._faults(document, row)
        self.problems += faults
        told = json.dumps([row, document.text], ensure_ascii=False, sort_keys=True).encode(
            "utf-8", "surrogatepass"
        )
        row["_digest"] = hashlib.blake2b(told, digest_size=12).hexdigest()
        return None if faults else (document, row)

    def _columns(self, document: ReadDocument) -> dict[str, Any]:
        """Return the row of documents.csv."""
        told = {key: value for key, value in document.metadata.items() if key not in PRIVATE}
        row = {"document_id": document.document_id}
        if not self.plan.spoken:
            row["title"] = " ".join(document.title.split())
            if told.get("employer") and not told.get("employer_id"):
                told["employer_id"] = named_id(str(told["employer"]).casefold())
        for key in (*self.plan.needed, *told):
            row.setdefault(key, " ".join(str(told.get(key, "")).split()))
        return row

    def _faults(self, document: ReadDocument, row: Mapping[str, Any]) -> list[Problem]:
        """Return what keeps a document from standing in a corpus."""
        where = _where(document)
        faults = [
            Problem(where, f"{key} is missing", "tell it with --facts FILE (a row a document) or --set")
            for key in self.plan.needed
            if not row[key]
        ]
        if not self.part.names.add(f"texts/{document.document_id}.txt", row["_sha256"]):
            faults.append(Problem(where, f"a second document has the id {document.document_id!r}"))
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", document.document_id):
            faults.append(Problem(where, f"{document.document_id!r} cannot be a file's name"))
        faults += _unmeant(where, row, self.plan.framework)
        if _half(document.text) or any(_half(str(cell)) for cell in row.values()):
            faults.append(Problem(where, "the text holds half a character or a zero", "export it anew"))
        if not document.text.strip():
            faults.append(Problem(where, "there are no words in it"))
        return faults

    def _write(self, rows: list[tuple[ReadDocument, dict[str, Any]]]) -> None:
        """Write a batch: texts first, then the spools, then the state."""
        first = self.part.n_documents
        texts = pd.DataFrame([{**row, "text": document.text} for document, row in rows])
        segments = cut_segments(texts, self.plan.framework, self.plan.genre)
        segments["_digest"] = [line_digest(text) for text in segments["text"]]
        for document, _ in rows:
            self.part.write_text(document.document_id, document.text)
        numbers = {row["document_id"]: first + at for at, (_, row) in enumerate(rows)}
        lines = segments[segments["_digest"] != 0].drop_duplicates(["document_id", "_digest"])
        found = np.empty(len(lines), dtype=LINE)
        found["digest"] = lines["_digest"].to_numpy(dtype="uint64")
        found["document"] = lines["document_id"].map(numbers).to_numpy(dtype="uint32")
        self.part.append("lines.bin", found.tobytes())
        self.part.append("sketches.bin", np.stack([sketch(document.text) for document, _ in rows]).tobytes())
        digests = np.array([text_digest(document.text) for document, _ in rows], dtype="<u8")
        self.part.append("digests.bin", digests.tobytes())
        clusters = np.array([exact_digest(row[self.plan.cluster]) for _, row in rows], dtype="<u8")
        self.part.append("clusters.bin", clusters.tobytes())
        self.part.append("documents.jsonl", _json_lines(row for _, row in rows))
        self.part.append("segments.jsonl", _json_lines(segments.drop(columns="text").to_dict("records")))
        self.part.append(
            "turns.jsonl", _json_lines(turn for document, _ in rows for turn in _turn_rows(document))
        )
        self.part.commit(len(rows))


def check_constants(constants: Mapping[str, str], framework: Framework) -> None:
    """Raise where what holds for all documents cannot be meant, once and not for each of them.

    Parameters
    ----------
    constants : mapping of str to str
        Values by column, as ``--set`` gives them.
    framework : Framework
        Whose settings are allowed.

    Raises
    ------
    InputError
        Where ``date`` is no day or ``setting`` none of the framework's.
    """
    problems = list(_unmeant("--set", constants, framework))
    if problems:
        remedy = "mend the value; nothing was read or written"
        raise InputError("What is set for all documents cannot be used", problems, remedy=remedy)


def _unmeant(where: str, row: Mapping[str, str], framework: Framework) -> Iterator[Problem]:
    """Yield a date that is no day, and a setting that the framework does not know."""
    day, setting = row.get("date", ""), row.get("setting", "")
    if day and not _is_day(day):
        yield Problem(where, f"date is {day!r}, not a day", "write days as YYYY-MM-DD")
    settings = [each.id for each in framework.settings]
    if setting and setting not in settings:
        yield Problem(where, f"unknown setting {setting!r}", f"one of {', '.join(settings)}")


def _batches(documents: Iterator[ReadDocument]) -> Iterator[list[ReadDocument]]:
    """Yield documents in lists that memory holds."""
    batch: list[ReadDocument] = []
    n_letters = 0
    for document in documents:
        batch.append(document)
        n_letters += len(document.text)
        if len(batch) >= BATCH or n_letters >= BATCH_LETTERS:
            yield batch
            batch, n_letters = [], 0
    if batch:
        yield batch


def _turn_rows(document: ReadDocument) -> Iterator[dict[str, Any]]:
    """Yield the rows of turns.csv: times and marks of each turn, never its words."""
    for number, turn in enumerate(document.turns, start=1):
        yield {
            "document_id": document.document_id, "turn": number, "speaker": turn.label,
            "starts_at": _seconds(turn.start), "ends_at": _seconds(turn.end),
            "overlap": "true" if turn.overlap else "false", "inaudible": turn.inaudible, "place": turn.place,
        }  # fmt: skip


def _seconds(time: float | None) -> str:
    """Return a time in seconds as text, empty where there is none."""
    return "" if time is None else f"{time:.3f}".rstrip("0").rstrip(".")


def _where(document: ReadDocument) -> str:
    """Return the place of a document; a page may hold several, which its name alone does not tell apart."""
    source, own = str(document.metadata.get("source", "")), document.document_id
    if not source:
        return own
    # rows of a table are told apart by their numbers
    return source if ", " in source or named_id(Path(source).stem) == own else f"{source}, {own}"


def _json_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8")


def _half(text: str) -> bool:
    """Say whether a text holds a zero, or half a character as a cut JSON escape leaves it."""
    return re.search("[\0\ud800-\udfff]", text) is not None


def _is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar, written YYYY-MM-DD."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
