"""What of a corpus folder can hold words that identify somebody, past the consent gate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import speakers_of
from peercompare.corpus import Corpus, open_corpus
from peercompare.corpus.folder import TABLES, Manifest, decode, read_files, read_manifest, read_table
from peercompare.corpus.turns import turns
from peercompare.errors import InputError, Problem

PURPOSE = "analysis"
"""Looking for names is reading: whoever does not agree to analysis is not read, and not carried on."""

TEXT, DATASHEET = "text", "DATASHEET.md"
FREE_TEXT: Mapping[str, tuple[str, ...]] = {
    "documents.csv": ("title",),
    "codings.csv": ("memo",),
    "role_types.csv": ("memo",),
    "events.csv": ("description",),
    "contests.csv": ("reason",),
    "coders.csv": ("background",),
}
"""Columns in which people write freely; further ones are looked through where the user names them."""

KEPT = (*TABLES, "turns.csv", "contests.csv", "coders.csv", "removals.csv")
"""Tables that go into a new folder; files that nobody knows do not."""


@dataclass(frozen=True)
class Place:
    """A text or a cell to be looked through.

    Parameters
    ----------
    document_id : str
        Whose; empty where it belongs to no document.
    place : str
        `TEXT`, `DATASHEET`, or file, row and column.
    text : str
        What stands there.
    pieces : tuple of (int, int)
        Stretches to be looked through each by itself: where people speak, turns without their labels.
    edges : tuple of int
        Where segments start and end, in order.
    """

    document_id: str
    place: str
    text: str
    pieces: tuple[tuple[int, int], ...]
    edges: tuple[int, ...] = ()


@dataclass(frozen=True)
class Material:
    """A corpus folder past the gate, as files and as places.

    Parameters
    ----------
    corpus : Corpus
        Opened for `PURPOSE`.
    manifest : Manifest
        Of the folder.
    contents : mapping of str to bytes
        Every file by its name.
    tables : mapping of str to DataFrame
        Tables of strings, the rows of everybody whom the gate left out taken away; the index counts the
        rows of the file from 0.
    columns : mapping of str to tuple of str
        Which columns are looked through, by file.
    """

    corpus: Corpus
    manifest: Manifest
    contents: Mapping[str, bytes]
    tables: Mapping[str, pd.DataFrame]
    columns: Mapping[str, tuple[str, ...]]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the hashes of all files: the same as long as no text and no table changes."""
        lines = "\n".join(f"{name} {digest}" for name, digest in sorted(self.manifest.files.items()))
        return hashlib.sha256(lines.encode("utf-8")).hexdigest()

    def places(self) -> Iterator[Place]:
        """Yield every text, every cell that people write freely, and the datasheet."""
        segments = dict(iter(self.corpus.segments.groupby("document_id")))
        for row in self.corpus.documents.to_dict("records"):
            own = segments.get(row["document_id"])
            edges = set() if own is None else {*own["start"].tolist(), *own["end"].tolist()}
            text, spoken = row["text"], "speakers" in row
            pieces = [(turn.start, turn.end) for turn in turns(text)] if spoken else [(0, len(text))]
            yield Place(row["document_id"], TEXT, text, tuple(pieces), tuple(sorted(edges)))
        for file, names in self.columns.items():
            yield from _cells(file, self.tables[file], names, self._homes())
        page = self.contents[DATASHEET].decode("utf-8", "replace")
        yield Place("", DATASHEET, page, ((0, len(page)),))

    def _homes(self) -> dict[str, str]:
        """Return the document of each segment."""
        segments = self.corpus.segments
        return dict(zip(segments["segment_id"], segments["document_id"], strict=True))


def read_material(
    path: str | Path, *, as_of: date | str | None = None, columns: Iterable[str] = ()
) -> Material:
    """Open a corpus folder for de-identification.

    Parameters
    ----------
    path : str or Path
        The corpus folder.
    as_of : date or str, optional
        The day on which consent must hold; needed where people speak.
    columns : iterable of str
        Further columns to look through, as ``documents.csv:employer``.

    Returns
    -------
    Material
        Documents of people who do not agree to `PURPOSE` are not in it.

    Raises
    ------
    InputError
        As `open_corpus`, or where a column that was named is not there.
    """
    corpus = open_corpus(path, purpose=PURPOSE, as_of=as_of, policy="exclude")
    manifest = read_manifest(path)
    contents = read_files(Path(path), manifest)
    names = [name for name in KEPT if name in contents]
    texts, _ = decode(contents, names)
    tables = {name: _kept(read_table(texts[name], name)[0], corpus) for name in texts}
    return Material(corpus, manifest, contents, tables, _columns(tables, columns))


def _columns(tables: Mapping[str, pd.DataFrame], further: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the columns to look through, by file."""
    found = {
        file: [name for name in FREE_TEXT.get(file, ()) if name in table.columns]
        for file, table in tables.items()
    }
    problems = []
    for each in further:
        file, _, name = each.partition(":")
        if file not in tables or name not in tables[file].columns:
            problems.append(
                Problem(each, "no such column", "write FILE:COLUMN, as in documents.csv:employer")
            )
        elif name not in found[file]:
            found[file].append(name)
    if problems:
        raise InputError("These columns cannot be looked through", problems)
    return {file: tuple(names) for file, names in found.items() if names}


def _kept(table: pd.DataFrame, corpus: Corpus) -> pd.DataFrame:
    """Return a table without the rows about documents, segments and people that the gate left out."""
    gone = set(corpus.left_out["document_id"])
    if not gone or table.empty:
        return table
    keep = pd.Series(True, index=table.index)
    if "document_id" in table.columns:
        keep &= ~table["document_id"].isin(gone)
    elif "segment_id" in table.columns:
        keep &= table["segment_id"].isin(set(corpus.segments["segment_id"]))
    elif "person_id" in table.columns:
        keep &= table["person_id"].isin(_people(corpus))
    return table[keep]


def _people(corpus: Corpus) -> set[str]:
    """Return everybody whom the documents name that are left."""
    documents = corpus.documents
    spoken = {person for cell in documents["speakers"] for person in speakers_of(cell).values()}
    return spoken | set(documents["worker_id"])


def _cells(file: str, table: pd.DataFrame, names: Iterable[str], homes: Mapping[str, str]) -> Iterator[Place]:
    """Yield the cells of some columns that are not empty."""
    for name in names:
        filled = table[table[name].str.strip() != ""]
        for row, record in filled.iterrows():
            document_id = record.get("document_id") or homes.get(record.get("segment_id", ""), "")
            text = record[name]
            yield Place(document_id, f"{file}, row {row + 2}, {name}", text, ((0, len(text)),))
