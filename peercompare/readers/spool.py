"""A corpus folder in the making: written in batches beside its place, so that a stopped import can go on.

The folder ``.<name>.part`` holds the texts and, under ``.spool``, what becomes the tables. After each
batch state.json says how much of each file counts; what a crash left behind that is cut off when the
import goes on. What grows with the number of documents stands in files, not in memory: the ids and hashes
of `NameTable` too.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from peercompare.errors import InputError, Problem
from peercompare.files import make_private, sha256_of, write_atomically
from peercompare.progress import progress

STATE = "state.json"
NAMES = "names.sqlite"
SPOOLS = (
    "documents.jsonl", "segments.jsonl", "turns.jsonl", "sketches.bin", "digests.bin", "clusters.bin",
    "lines.bin",
)  # fmt: skip
_CACHE = 8192
"""Kilobytes of memory that the table of names may take."""


class OtherImportError(InputError):
    """An unfinished folder is of another import than the one that finds it; it is left as it is."""


class NameTable:
    """The files of a corpus with their hashes, on disk; made anew by every import, for it meets all ids.

    Parameters
    ----------
    path : Path
        Where the database is to stand; one that a stopped import left is removed.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        # nothing here must outlive the process, so there is no journal and one transaction to the end
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._database.execute(
            "CREATE TABLE files (name BLOB PRIMARY KEY, folded BLOB UNIQUE, hash TEXT) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")

    def add(self, name: str, sha256: str) -> bool:
        """Add a file; return False where one of that name, however written, is there already."""
        names = [each.encode("utf-8", "surrogatepass") for each in (name, name.casefold())]
        added = self._database.execute("INSERT OR IGNORE INTO files VALUES (?, ?, ?)", (*names, sha256))
        return added.rowcount == 1

    def hashes(self) -> Iterator[tuple[str, str]]:
        """Yield (name, hash) in the order of the names."""
        for name, sha256 in self._database.execute("SELECT name, hash FROM files ORDER BY name"):
            yield name.decode("utf-8", "surrogatepass"), sha256

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


class PartFolder:
    """The unfinished folder of a corpus; make one with `PartFolder.open`."""

    def __init__(self, path: Path, stamp: Mapping[str, str], n_documents: int) -> None:
        self.path = path
        self.n_documents = n_documents
        self._stamp = dict(stamp)

    @classmethod
    def open(cls, out_folder: Path, stamp: Mapping[str, str]) -> PartFolder:
        """Begin a folder, or go on with the one that a stopped import of the same kind left.

        Parameters
        ----------
        out_folder : Path
            Where the corpus will stand.
        stamp : mapping of str to str
            What must be the same for an import to go on: genre, name, framework, cluster.

        Raises
        ------
        OtherImportError
            Where the unfinished folder is of another import.
        """
        path = out_folder.parent / f".{out_folder.name}.part"
        told = _state(path / ".spool")
        if told is None:
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(mode=0o700, parents=True)  # people's words gather in it: nobody else may look in
            (path / "texts").mkdir()
            (path / ".spool").mkdir()
            return cls(path, stamp, 0)
        if told["stamp"] != dict(stamp):
            raise _of_another(path, "it was begun with another genre, name, framework or cluster")
        for name, size in told["sizes"].items():
            os.truncate(path / ".spool" / name, size)
        return cls(path, stamp, told["n_documents"])

    @cached_property
    def names(self) -> NameTable:
        """The files of the corpus with their hashes."""
        return NameTable(self.spool(NAMES))

    def spool(self, name: str) -> Path:
        """Return the path of one of the `SPOOLS`."""
        return self.path / ".spool" / name

    def append(self, name: str, content: bytes) -> None:
        """Add bytes to one of the `SPOOLS`, down to the disk: state.json promises no more than is there."""
        with open(self.spool(name), "ab") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())

    def write_text(self, document_id: str, text: str) -> None:
        """Write the text of a document."""
        with open(self._text(document_id), "wb") as stream:
            stream.write(text.encode("utf-8"))

    def _text(self, document_id: str) -> str:
        """Return the path of a document's text."""
        return f"{self.path}/texts/{document_id}.txt"

    def commit(self, n_further: int) -> None:
        """Say that a batch of documents is written whole."""
        self.n_documents += n_further
        sizes = {name: self.spool(name).stat().st_size for name in SPOOLS}
        state = {"stamp": self._stamp, "n_documents": self.n_documents, "sizes": sizes}
        write_atomically(self.spool(STATE), json.dumps(state))

    def check_all_met(self, n_met: int) -> None:
        """Raise where fewer documents are there than were written before."""
        if n_met < self.n_documents:
            what = f"there are {n_met} documents now; it had {self.n_documents} already"
            raise _of_another(self.path, what)

    def check_same(self, number: int, row: Mapping[str, Any], text: str, before: Mapping[str, Any]) -> None:
        """Raise where a document that was written before is another now, and mend its text where it is lost.

        Texts are not forced onto the disk one by one, so that a power cut may leave the last ones empty.

        Parameters
        ----------
        number : int
            Its number from 0.
        row : mapping
            Its row now, with the digest of text and metadata.
        text : str
            Its text now.
        before : mapping
            The row written before.
        """
        told, was = row["document_id"], before["document_id"]
        if (was, before["_digest"]) != (told, row["_digest"]):
            what = f"document {number + 1} is {told!r} now, with this text and these facts; it was {was!r}"
            raise _of_another(self.path, what)
        path = self._text(told)
        if not os.path.exists(path) or sha256_of(path) != row["_sha256"]:
            self.write_text(told, text)

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a spool of JSON lines."""
        if self.spool(name).exists():
            with open(self.spool(name), encoding="utf-8", newline="\n") as stream:
                for line in stream:
                    yield json.loads(line)

    def watched_rows(self, name: str, description: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a spool of JSON lines, with a progress bar."""
        done, total = 0, self.spool(name).stat().st_size

        def lines() -> Iterator[bytes]:
            nonlocal done
            with open(self.spool(name), "rb") as stream:
                for line in stream:
                    done += len(line)
                    yield line

        for line in progress(lines(), description=description, total=total, done=lambda: done):
            yield json.loads(line)

    def finish(self, out_folder: Path) -> None:
        """Give the folder its name, then take out what was only needed on the way."""
        self.close()
        make_private(self.path)
        os.rename(self.path, out_folder)
        shutil.rmtree(out_folder / ".spool")

    def close(self) -> None:
        """Let go of the files."""
        if "names" in vars(self):
            self.names.close()

    def discard(self) -> None:
        """Remove the folder."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)


def _state(spools: Path) -> dict[str, Any] | None:
    """Return what a stopped import says of itself, or None where nothing is there to go on from."""
    try:
        told = json.loads((spools / STATE).read_text(encoding="utf-8"))
        sizes = {name: (spools / name).stat().st_size for name in SPOOLS}
    except (OSError, ValueError):
        return None
    whole = told["sizes"].keys() == sizes.keys() and all(
        size <= sizes[name] for name, size in told["sizes"].items()
    )
    return told if whole else None


def _of_another(path: Path, what: str) -> OtherImportError:
    """Return the error that an unfinished folder does not belong to this import."""
    remedy = "import the same files again to go on, or delete the folder to begin anew"
    return OtherImportError(f"A stopped import left {path}", [Problem(str(path), what)], remedy=remedy)
