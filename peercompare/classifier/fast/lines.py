"""Lines of JSONL files of texts, each told apart from what is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from peercompare.classifier.inputs import CONTEXT_COLUMNS
from peercompare.classifier.tables import TEXT_COLUMNS, refuse_person_columns
from peercompare.errors import InputError, Problem, shown

LARGEST_LINE = 2**24
"""Bytes that a line may have: no segment has a tenth of them."""

WANTED = (*TEXT_COLUMNS, *CONTEXT_COLUMNS)
"""The columns that are read of a table of texts."""

NOTHING_WRITTEN = "give every line the same columns as the first; nothing was written"


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file that was opened for bytes; of one that is too long, its beginning."""
    while line := stream.readline(LARGEST_LINE):
        rest = line
        while len(rest) == LARGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LARGEST_LINE)
        yield line


def names_of(path: Path, line: bytes) -> frozenset[str]:
    """Return the columns of a JSONL file by its first line, and refuse what cannot be predicted.

    Raises
    ------
    DisclosureError
        If a column names or numbers people.
    InputError
        If the line is no object of JSON, or lacks a column.
    """
    row, where = _read(line), f"{path.name}, line 1"
    if isinstance(row, str):
        raise _unpredictable([Problem(where, row)])
    refuse_person_columns(pd.DataFrame(columns=list(row)))
    absent = [name for name in TEXT_COLUMNS if name not in row]
    if absent:
        raise _unpredictable([Problem(where, f"the column {name!r} is missing") for name in absent])
    return frozenset(row)


def _unpredictable(problems: list[Problem]) -> InputError:
    remedy = f'write {{"segment_id": ...}} on each line, with {", ".join(TEXT_COLUMNS)}'
    return InputError("These lines cannot be predicted", problems, remedy=remedy)


class Lines:
    """Lines of a JSONL file, read when they are asked for.

    Parameters
    ----------
    path : Path
    lines : sequence of bytes
    first : int
        How many lines of the file stand before them.
    names : frozenset of str
        From `names_of`: the columns that every line must have.
    """

    def __init__(self, path: Path, lines: Sequence[bytes], first: int, names: frozenset[str]) -> None:
        self._path, self._lines, self._first, self._names = path, lines, first, names

    def __call__(self) -> pd.DataFrame:
        """Read the lines, or list those that cannot be read."""
        found = [_read(line) for line in self._lines]
        problems = [
            Problem(f"{self._path.name}, line {self._first + place + 1}", self._fault(row))
            for place, row in enumerate(found)
            if isinstance(row, str) or row.keys() != self._names
        ]
        if problems:
            raise InputError(f"{self._path.name} cannot be predicted", problems, remedy=NOTHING_WRITTEN)
        columns = [name for name in WANTED if name in self._names]
        return pd.DataFrame({name: [row[name] for row in found] for name in columns}, dtype=object)

    def _fault(self, row: dict[str, Any] | str) -> str:
        """Say what is the matter with a line."""
        if isinstance(row, str):
            return row
        less = ", ".join(sorted(self._names - row.keys())) or "none"
        more = ", ".join(sorted(map(shown, row.keys() - self._names))) or "none"
        return f"other columns than line 1 (missing: {less}; new: {more})"


def _read(line: bytes) -> dict[str, Any] | str:
    """Return the object of a line, or what is the matter with it."""
    if len(line) >= LARGEST_LINE:
        return f"longer than {LARGEST_LINE // 2**20} MB"
    try:
        text = line.decode("utf-8-sig")
        row = json.loads(text)
        if "\\u" in text:  # JSON can spell half a character, which no text holds
            json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        return f"a byte that is not UTF-8, at place {error.start + 1} of the line"
    except UnicodeEncodeError:
        return "half a character: a surrogate without the other"
    except (ValueError, RecursionError):
        return "no object of JSON, or cut short"
    return row if isinstance(row, dict) else "no object of JSON, or cut short"
