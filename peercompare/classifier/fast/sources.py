"""Tables of texts too large for memory: Parquet or JSONL, one file or a folder of them, read part by part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from peercompare.classifier.inputs import CONTEXT_COLUMNS
from peercompare.classifier.tables import TEXT_COLUMNS, refuse_person_columns
from peercompare.corpus.folder import MANIFEST
from peercompare.errors import InputError, Problem, at_row, shown
from peercompare.files import sha256_of

ENDINGS = (".parquet", ".jsonl")
LARGEST_ROW_GROUP = 2**29
"""Bytes, unpacked, that a row group of a Parquet file may have: it is read as a whole."""
LARGEST_LINE = 2**24
"""Characters that a line of a JSONL file may have."""

WANTED = (*TEXT_COLUMNS, *CONTEXT_COLUMNS)


def source_files(path: str | Path) -> list[Path]:
    """Return the files of a source, in the order of their names.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.parquet`` or ``.jsonl``, or a folder of such files; other files in it are
        passed over.

    Raises
    ------
    InputError
        Where there is no such file, or the folder is a corpus's: its words are read past consent alone.
    """
    path = Path(path)
    if (path / MANIFEST).is_file():
        raise InputError(
            f"{path} is the folder of a corpus; nothing in it was read",
            remedy="a corpus is predicted past its consent, by `peercompare evaluate` or `peercompare run`",
        )
    found = sorted(each for each in path.iterdir() if each.suffix in ENDINGS) if path.is_dir() else [path]
    wrong = [each for each in found if each.suffix not in ENDINGS]
    if wrong or not found:
        raise InputError(
            f"{path} holds no Parquet and no JSONL file",
            remedy=f"give a file that ends in {' or '.join(ENDINGS)}, or a folder of such files",
        )
    return found


def fingerprint(files: list[Path]) -> str:
    """Return a SHA-256 that changes with the name, the order and every byte of files."""
    lines = [f"{path.name}\t{sha256_of(path)}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_sources(files: list[Path]) -> None:
    """Refuse Parquet files that could not be read to their end, by what their footers say.

    Raises
    ------
    DisclosureError
        If a column names or numbers people.
    InputError
        Lists every file that is damaged, without rows, lacks a column, has one of another type, or has a row
        group too large to read.
    """
    problems: list[Problem] = []
    for path in files:
        if path.suffix == ".parquet":
            problems += _faults_of_parquet(path)
        elif not path.stat().st_size:
            problems.append(Problem(path.name, "it is empty"))
    if problems:
        raise InputError(
            "These files cannot be predicted; nothing was written",
            problems,
            remedy=f"every file needs rows, and the columns {', '.join(TEXT_COLUMNS)} as text",
        )


def _faults_of_parquet(path: Path) -> list[Problem]:
    """Say what is the matter with a Parquet file, without reading its rows."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        return [Problem(path.name, f"it is no whole Parquet file ({type(error).__name__})")]
    with file:
        schema, footer = file.schema_arrow, file.metadata
        refuse_person_columns(pd.DataFrame(columns=schema.names))
        faults = [f"the column {name!r} is missing" for name in TEXT_COLUMNS if name not in schema.names]
        texts = [name for name in WANTED if name in schema.names and name != "position"]
        faults += [
            f"the column {name!r} holds {schema.field(name).type}, not text"
            for name in texts
            if not _is_text(schema.field(name).type)
        ]
        if not footer.num_rows:
            faults.append("it has no row")
        sizes = [footer.row_group(group).total_byte_size for group in range(footer.num_row_groups)]
    faults += [
        f"row group {group} unpacks to {size / 2**20:.0f} MB (allowed: {LARGEST_ROW_GROUP / 2**20:.0f}; "
        "write it anew with smaller row groups)"
        for group, size in enumerate(sizes)
        if size > LARGEST_ROW_GROUP
    ]
    return [Problem(path.name, fault) for fault in faults]


def _is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is one of text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def parts_of(files: list[Path], rows: int, *, done: int = 0) -> Iterator[pd.DataFrame]:
    """Yield the rows of files in parts; no part holds rows of two files.

    Parameters
    ----------
    files : list of Path
        From `source_files`, passed by `check_sources`.
    rows : int
        How many rows a part has, but the last of a file.
    done : int, default 0
        How many parts are passed over without being checked.

    Yields
    ------
    DataFrame
        ``segment_id, document_id, text`` and what is there of context.

    Raises
    ------
    InputError
        Lists rows whose id or text is missing, whose text is empty, whose id stands twice in the part; lines
        that are no object of JSON, or have other columns than the first line of the file.
    """
    for path in files:
        read = _parquet_parts if path.suffix == ".parquet" else _jsonl_parts
        for first, part in read(path, rows):
            if done:
                done -= 1
                continue
            table = part()
            check_rows(table, path.name, first)
            yield table


def _parquet_parts(path: Path, rows: int) -> Iterator[tuple[int, Any]]:
    """Yield the number of the first row and how to get the table."""
    first = 0
    with pq.ParquetFile(path) as file:
        for table in even(file.iter_batches(batch_size=rows, columns=wanted_of(file)), rows):
            yield first, partial(plain, table)
            first += table.num_rows


def wanted_of(file: pq.ParquetFile) -> list[str]:
    """Return the columns of a Parquet file that are read."""
    return [name for name in WANTED if name in file.schema_arrow.names]


def even(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Put batches together until each has so many rows, but the last.

    A column of categories comes in batches that end with every row group, whatever size was asked for.
    """
    kept, held = [], 0
    for batch in batches:
        kept.append(batch)
        held += batch.num_rows
        while held >= rows:
            table = pa.Table.from_batches(kept)
            yield table.slice(0, rows)
            kept, held = table.slice(rows).to_batches(), held - rows
    if held:
        yield pa.Table.from_batches(kept)


def plain(table: pa.Table) -> pd.DataFrame:
    """Return a table with its categories as the texts that they stand for."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            column = table.column(place).cast(field.type.value_type)
            table = table.set_column(place, field.name, column)
    return table.to_pandas()


def _jsonl_parts(path: Path, rows: int) -> Iterator[tuple[int, Any]]:
    """Yield the number of the first line and how to get the table."""
    first, names = 0, None
    with open(path, encoding="utf-8", newline="\n") as stream:
        lines = iter(lambda: stream.readline(LARGEST_LINE), "")
        try:
            while batch := list(islice(lines, rows)):
                if names is None:
                    names = names_of(path, batch[0])
                yield first, Lines(path, batch, first, names)
                first += len(batch)
        except UnicodeDecodeError:
            raise InputError(
                f"{path.name} is not UTF-8 somewhere after line {first}", remedy="save it as UTF-8"
            ) from None


def names_of(path: Path, line: str) -> frozenset[str]:
    """Return the columns of a JSONL file by its first line, and refuse what cannot be predicted."""
    row = _object(line)
    if row is None:
        raise InputError(
            f"{path.name}, line 1 is no object of JSON", remedy='write {"segment_id": ...} on each line'
        )
    refuse_person_columns(pd.DataFrame(columns=list(row)))
    absent = [name for name in TEXT_COLUMNS if name not in row]
    if absent:
        problems = [Problem(f"{path.name}, line 1", f"{name!r} is missing") for name in absent]
        raise InputError(
            "These lines cannot be predicted", problems, remedy=f"each needs {', '.join(TEXT_COLUMNS)}"
        )
    return frozenset(row)


def _object(line: str) -> dict[str, Any] | None:
    """Return the object of a line, or None where it is none."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


class Lines:
    """Lines of a JSONL file, read when they are asked for.

    Parameters
    ----------
    path : Path
    lines : list of str
    first : int
        How many lines of the file stand before them.
    names : frozenset of str
        From `names_of`: the columns that every line must have.
    """

    def __init__(self, path: Path, lines: list[str], first: int, names: frozenset[str]) -> None:
        self._path, self._lines, self._first, self._names = path, lines, first, names

    def __call__(self) -> pd.DataFrame:
        """Read the lines, or list those that cannot be read."""
        found = [_object(line) for line in self._lines]
        problems = [
            Problem(f"{self._path.name}, line {self._first + place + 1}", self._fault(row))
            for place, row in enumerate(found)
            if row is None or row.keys() != self._names
        ]
        if problems:
            raise InputError(
                f"{self._path.name} cannot be predicted from here on",
                problems,
                remedy="give every line the same columns as the first; what was written is kept",
            )
        columns = [name for name in WANTED if name in self._names]
        return pd.DataFrame({name: [row[name] for row in found] for name in columns}, dtype=object)

    def _fault(self, row: dict[str, Any] | None) -> str:
        """Say what is the matter with a line."""
        if row is None:
            return "no object of JSON, or cut short"
        less = ", ".join(sorted(self._names - row.keys())) or "none"
        more = ", ".join(sorted(map(shown, row.keys() - self._names))) or "none"
        return f"other columns than line 1 (missing: {less}; new: {more})"


def check_rows(table: pd.DataFrame, name: str, first: int) -> None:
    """Refuse rows whose id or text is missing, whose text is empty, or whose id stands twice in the part.

    Parameters
    ----------
    table : DataFrame
        ``segment_id, text``.
    name : str
        The file, for the message.
    first : int
        How many rows of the file stand before the table.
    """
    ids, texts = table["segment_id"], table["text"]
    words = texts.map(lambda value: isinstance(value, str) and bool(value.strip())).to_numpy(dtype=bool)
    named = ids.map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
    faults = [
        (~named, "segment_id is missing, or is no text"),
        (named & ids.duplicated().to_numpy(), "segment_id stands twice"),
        (~words, "text is missing, empty, or is no text"),
    ]
    problems = [
        Problem(at_row(name, first + row, shown(ids.iloc[row]) if named[row] else ""), fault)
        for wrong, fault in faults
        for row in wrong.nonzero()[0]
    ]
    if problems:
        raise InputError(
            f"{name} cannot be predicted from here on", problems, remedy="mend or leave out these rows"
        )
