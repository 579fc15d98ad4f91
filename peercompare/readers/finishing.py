"""The last step of an import: tables, manifest and datasheet written from what was spooled."""

from __future__ import annotations

import csv
import json
import mmap
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from peercompare.consent.record import COLUMNS
from peercompare.corpus.folder import CONSENTS, MANIFEST, UNREGISTERED
from peercompare.files import sha256_of
from peercompare.framework import Framework
from peercompare.readers.boilerplate import repeated_digests
from peercompare.readers.datasheet import datasheet
from peercompare.readers.duplicates import N_PERMUTATIONS, duplicate_groups, joined_groups
from peercompare.readers.roster import Roster
from peercompare.readers.spool import PartFolder
from peercompare.sheets import CODINGS, guarded

TURN_COLUMNS = ("document_id", "turn", "speaker", "starts_at", "ends_at", "overlap", "inaudible", "place")
SPLIT_GROUP = "split_group"
"""Column of documents.csv that joins groups of the cluster which share duplicates."""

_NAMED = 3
"""Clusters that are named in the name of a group that joins them."""

_CHUNK = 2**18
LINE = np.dtype([("digest", "<u8"), ("document", "<u4")])
"""One line of a document, as spooled."""


@dataclass(frozen=True)
class Plan:
    """What is to be written."""

    genre: str
    name: str
    framework: Framework
    framework_file: Path | None
    roster: Roster | None
    about: Mapping[str, object]
    spoken: bool

    @property
    def cluster(self) -> str:
        """The column that the corpus's owner names as its cluster."""
        return str(self.about.get("cluster") or ("worker_id" if self.spoken else "employer_id"))

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns of documents.csv that each document must fill."""
        own = ("worker_id", "worker_role", "site_id", "speakers") if self.spoken else ("title",)
        return tuple(dict.fromkeys(("date", "setting", *own, self.cluster)))


@dataclass(frozen=True)
class Counts:
    """How much an import wrote."""

    n_documents: int
    n_segments: int
    n_duplicates: int
    n_boilerplate: int
    cluster: str
    to_do: tuple[str, ...]


class Finish:
    """The last step of one import."""

    def __init__(self, plan: Plan, part: PartFolder) -> None:
        self.plan = plan
        self.part = part

    def write(self) -> Counts:
        """Write the tables from the spools and return how much it was."""
        n_documents = self.part.n_documents
        groups = self._groups(n_documents)
        repeated = self._repeated(groups)
        cluster = self._write_documents(groups)
        n_segments, n_boilerplate = self._write_segments(repeated)
        folder = self.part.path
        (folder / "codings.csv").write_text(",".join(CODINGS) + "\n", encoding="utf-8")
        to_do = list(self._write_about(cluster, n_documents, n_segments))
        if self.plan.spoken:
            _write_csv(folder / "turns.csv", TURN_COLUMNS, self.part.rows("turns.jsonl"))
            (folder / CONSENTS).write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
            to_do.append(f"{CONSENTS}: write one row for each person: nobody's words can be read without it")
        self._register()
        n_duplicates = int((groups != np.arange(n_documents)).sum())
        return Counts(n_documents, n_segments, n_duplicates, n_boilerplate, cluster, tuple(to_do))

    def _register(self) -> None:
        """Write the files' hashes into corpus.toml as `register` does, without reading the texts again."""
        folder = self.part.path
        for path in folder.iterdir():
            if path.is_file() and path.name not in UNREGISTERED:
                self.part.names.add(path.name, sha256_of(path))
        with open(folder / MANIFEST, "a", encoding="utf-8", newline="\n") as stream:
            for name, sha256 in self.part.names.hashes():
                stream.write(f'{json.dumps(name)} = "{sha256}"\n')

    def _groups(self, n_documents: int) -> np.ndarray:
        """Return for each document the first of its duplicates."""
        digests = np.fromfile(self.part.spool("digests.bin"), dtype="<u8")
        with (
            open(self.part.spool("sketches.bin"), "rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        ):
            sketches = np.frombuffer(mapped, dtype="<u4").reshape(n_documents, N_PERMUTATIONS)
            try:
                return duplicate_groups(sketches, digests, release=lambda: _let_go(mapped))
            finally:
                del sketches  # a map cannot be closed while an array looks into it

    def _repeated(self, groups: np.ndarray) -> np.ndarray:
        """Return the digests of boilerplate; of duplicates the first counts alone."""
        first = groups == np.arange(len(groups))

        def chunks() -> Iterator[np.ndarray]:
            with open(self.part.spool("lines.bin"), "rb") as stream:
                while len(lines := np.fromfile(stream, dtype=LINE, count=_CHUNK)):
                    yield lines["digest"][first[lines["document"]]]

        return repeated_digests(chunks, int(first.sum()))

    def _write_documents(self, groups: np.ndarray) -> str:
        """Write documents.csv with duplicates grouped; return the column that is the cluster."""
        clusters = np.fromfile(self.part.spool("clusters.bin"), dtype="<u8")
        split = joined_groups([clusters, groups])
        joint = _joint(split, clusters)
        columns, ids, names = self._gathered(groups, joint)
        header = [*(name for name in columns if not name.startswith("_")), "duplicate_group"]
        header += [SPLIT_GROUP] if joint else []

        def rows() -> Iterator[dict[str, Any]]:
            for number, row in enumerate(self.part.watched_rows("documents.jsonl", "Writing documents")):
                row["duplicate_group"] = ids.get(int(groups[number]), "")
                row[SPLIT_GROUP] = names.get(int(split[number]), row[self.plan.cluster])
                yield row

        _write_csv(self.part.path / "documents.csv", header, rows())
        return SPLIT_GROUP if joint else self.plan.cluster

    def _gathered(
        self, groups: np.ndarray, joint: Mapping[int, np.ndarray]
    ) -> tuple[list[str], dict[int, str], dict[int, str]]:
        """Return the columns of documents.csv, the ids of first duplicates, and names of joined groups."""
        several = np.bincount(groups, minlength=len(groups)) > 1
        columns: dict[str, None] = {}
        ids: dict[int, str] = {}
        named: dict[int, list[str]] = {group: [] for group in joint}
        firsts = {int(row): group for group, rows in joint.items() for row in rows[:_NAMED]}
        for number, row in enumerate(self.part.rows("documents.jsonl")):
            columns |= dict.fromkeys(row)
            if several[number] and groups[number] == number:
                ids[number] = row["document_id"]
            if number in firsts:
                named[firsts[number]].append(row[self.plan.cluster])
        names = {group: _joined_name(named[group], len(rows)) for group, rows in joint.items()}
        return list(columns), ids, names

    def _write_segments(self, repeated: np.ndarray) -> tuple[int, int]:
        """Write segments.csv, repeated ones marked; return how many there are, and how many are marked."""
        hot, counts = set(repeated.tolist()), [0, 0]
        header = ["segment_id", "document_id", "position", "start", "end"]
        header += [*(["speaker"] if self.plan.spoken else []), "boilerplate"]

        def rows() -> Iterator[dict[str, Any]]:
            for row in self.part.watched_rows("segments.jsonl", "Writing segments"):
                marked = row["_digest"] in hot
                counts[0], counts[1] = counts[0] + 1, counts[1] + marked
                row["boilerplate"] = "true" if marked else "false"
                yield row

        _write_csv(self.part.path / "segments.csv", header, rows())
        return counts[0], counts[1]

    def _write_about(self, cluster: str, n_documents: int, n_segments: int) -> Iterator[str]:
        """Write corpus.toml and DATASHEET.md; yield what is left to fill in."""
        plan, folder = self.plan, self.part.path
        told = {
            "name": plan.name, "title": plan.about.get("title", plan.name), "genre": plan.genre,
            "composed": bool(plan.about.get("composed", False)), "framework": plan.framework.id,
            "licence": plan.about.get("licence", "not stated: ask the owner before sharing"),
            "citation": plan.about.get("citation", f"{plan.name} (no citation stated)"),
            "coding": plan.about.get("coding", "not coded yet"), "cluster": cluster,
        }  # fmt: skip
        if plan.framework_file is not None:
            told["framework"] = plan.framework_file.name
            shutil.copyfile(plan.framework_file, folder / plan.framework_file.name)
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()]
        (folder / MANIFEST).write_text("\n".join([*lines, "", "[files]", ""]), encoding="utf-8", newline="\n")
        sizes = {"n_documents": n_documents, "n_segments": n_segments}
        reviewed = plan.framework.reviewed_in_words()
        page = datasheet(told, **sizes, spoken=plan.spoken, reviewed=reviewed)
        (folder / "DATASHEET.md").write_text(page, encoding="utf-8", newline="\n")
        missing = [key for key in ("licence", "citation") if key not in plan.about]
        if missing:
            yield f"{MANIFEST}: state {' and '.join(missing)}"
        yield "DATASHEET.md: answer the questions marked (fill in), then: peercompare check --register FOLDER"


def _let_go(mapped: mmap.mmap) -> None:
    """Give back the memory of a map's pages where the system can; they are read again when needed."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def group_names(split: np.ndarray, clusters: list[str]) -> dict[int, str]:
    """Return a name for each joined group: that of its cluster, or those of its clusters.

    Parameters
    ----------
    split : ndarray of int64, shape (n_documents,)
        The group of each document, as `peercompare.readers.duplicates.joined_groups` gives it.
    clusters : list of str
        The cluster of each document.
    """
    members: dict[int, dict[str, None]] = {}
    for group, cluster in zip(split.tolist(), clusters, strict=True):
        members.setdefault(group, {})[cluster] = None
    return {group: _joined_name(list(names), len(names)) for group, names in members.items()}


def _joint(split: np.ndarray, clusters: np.ndarray) -> dict[int, np.ndarray]:
    """Return for each group that joins several clusters the first row of each of them, in order."""
    _, first = np.unique(clusters, return_index=True)
    first = np.sort(first)
    first = first[np.argsort(split[first], kind="stable")]
    groups, starts, sizes = np.unique(split[first], return_index=True, return_counts=True)
    several = sizes > 1
    found = zip(groups[several].tolist(), starts[several], sizes[several], strict=True)
    return {group: first[start : start + size] for group, start, size in found}


def _joined_name(clusters: list[str], n_clusters: int) -> str:
    """Return a name for a group: that of its cluster, those of a few, or the first and how many more."""
    return "+".join(clusters) if n_clusters <= _NAMED else f"{clusters[0]}+{n_clusters - 1}-more"


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV; cells that a spreadsheet would run as a formula get an apostrophe in front."""
    header = list(header)
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([guarded(str(row.get(name, ""))) for name in header])
