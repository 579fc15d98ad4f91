"""A corpus folder in the making: written in batches beside its place, so that a stopped import can go on.

The folder ``.<name>.part`` holds the texts and, under ``.spool``, what becomes the tables. After each
batch state.json says how much of each file counts; what a crash left behind that is cut off when the
import goes on.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from peercompare.errors import InputError, Problem
from peercompare.files import write_atomically

STATE = "state.json"
SPOOLS = ("documents.jsonl", "segments.jsonl", "turns.jsonl", "sketches.bin", "digests.bin", "lines.bin")


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
            What must be the same for an import to go on: genre, name, framework.

        Raises
        ------
        InputError
            Where the unfinished folder is of another import.
        """
        path = out_folder.parent / f".{out_folder.name}.part"
        state = path / ".spool" / STATE
        if not state.is_file():
            shutil.rmtree(path, ignore_errors=True)
            (path / "texts").mkdir(parents=True)
            (path / ".spool").mkdir()
            return cls(path, stamp, 0)
        told = json.loads(state.read_text(encoding="utf-8"))
        if told["stamp"] != dict(stamp):
            raise _of_another(path, "it was begun with another genre, name or framework")
        for name, size in told["sizes"].items():
            os.truncate(path / ".spool" / name, size)
        return cls(path, stamp, told["n_documents"])

    def spool(self, name: str) -> Path:
        """Return the path of one of the `SPOOLS`."""
        return self.path / ".spool" / name

    def append(self, name: str, content: bytes) -> None:
        """Add bytes to one of the `SPOOLS`."""
        with open(self.spool(name), "ab") as stream:
            stream.write(content)

    def write_text(self, document_id: str, text: str) -> None:
        """Write the text of a document."""
        (self.path / "texts" / f"{document_id}.txt").write_bytes(text.encode("utf-8"))

    def commit(self, n_further: int) -> None:
        """Say that a batch of documents is written whole."""
        self.n_documents += n_further
        sizes = {name: self.spool(name).stat().st_size for name in SPOOLS if self.spool(name).exists()}
        state = {"stamp": self._stamp, "n_documents": self.n_documents, "sizes": sizes}
        write_atomically(self.spool(STATE), json.dumps(state))

    def check_same(self, number: int, document_id: str, digest: str, rows: Iterator[dict[str, Any]]) -> None:
        """Raise where a document that was written before is another now.

        Parameters
        ----------
        number : int
            Its number from 0.
        document_id : str
            Its id now.
        digest : str
            Of its text and metadata now.
        rows : iterator of dict
            The rows written before, at this one.
        """
        row = next(rows)
        if (row["document_id"], row["_digest"]) != (document_id, digest):
            raise _of_another(
                self.path, f"document {number + 1} is {document_id!r} now; it was {row['document_id']!r}"
            )

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a spool of JSON lines."""
        if self.spool(name).exists():
            with open(self.spool(name), encoding="utf-8", newline="\n") as stream:
                for line in stream:
                    yield json.loads(line)

    def finish(self, out_folder: Path) -> None:
        """Give the folder its name, then take out what was only needed on the way."""
        os.rename(self.path, out_folder)
        shutil.rmtree(out_folder / ".spool")

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)


def _of_another(path: Path, what: str) -> InputError:
    """Return the error that an unfinished folder does not belong to this import."""
    remedy = "import the same files again to go on, or delete the folder to begin anew"
    return InputError(f"A stopped import left {path}", [Problem(str(path), what)], remedy=remedy)
