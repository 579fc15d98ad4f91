"""Tables of texts too large for memory: Parquet or JSONL, one file or a folder of them, read part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from peercompare.classifier.fast.lines import WANTED, Lines, lines_of, names_of
from peercompare.classifier.tables import TEXT_COLUMNS, refuse_person_columns
from peercompare.corpus.folder import MANIFEST
from peercompare.errors import DisclosureError, InputError, Problem, at_row, shown
from peercompare.files import sha256_of

ENDINGS = (".parquet", ".jsonl")
LARGEST_PART = 2**28
"""Bytes of texts that a part may have about; where rows are long it has fewer of them."""
BEGINNING = 2**22
"""Bytes of a JSONL file by which the length of its lines is told."""
BUFFER = 2**20
"""Bytes of a column of a Parquet file that are read at once: a row group may be larger than memory."""


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
    return joint_fingerprint((path, sha256_of(path)) for path in files)


def joint_fingerprint(hashes: Iterable[tuple[Path, str]]) -> str:
    """Return the `fingerprint` of files whose SHA-256 is known, in their order."""
    lines = [f"{path.name}\t{sha256}" for path, sha256 in hashes]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_sources(files: list[Path]) -> None:
    """Refuse files that could not be read to their end, by what their footers or first lines say.

    Raises
    ------
    DisclosureError
        If a column names or numbers people.
    InputError
        Lists every file that is damaged, without rows, lacks a column, has one of another type, or has other
        columns to be read than the first.
    """
    problems: list[Problem] = []
    first: tuple[Path, frozenset[str]] | None = None
    for path in files:
        names, faults = _columns_of(path)
        if first and names is not None and names != first[1]:
            others = ", ".join(sorted(names ^ first[1]))
            faults = [*faults, f"other columns than {first[0].name}: they differ in {others}"]
        if first is None and names is not None and not faults:
            first = path, names
        problems += [Problem(path.name, fault) for fault in faults]
    if problems:
        raise InputError(
            "These files cannot be predicted; nothing was written",
            problems,
            remedy=f"every file needs rows, and the same columns: {', '.join(TEXT_COLUMNS)} as text",
        )


def _columns_of(path: Path) -> tuple[frozenset[str] | None, list[str]]:
    """Return which columns of a file are read, where that can be told, and what is the matter with it."""
    if path.suffix == ".parquet":
        return _columns_of_parquet(path)
    try:
        with open(path, "rb") as stream:
            line = next(lines_of(stream), b"")
        return (names_of(path, line) & set(WANTED), []) if line else (None, ["it is empty"])
    except DisclosureError:
        raise
    except InputError as error:
        return None, [f"line 1: {problem.what}" for problem in error.problems]


def _columns_of_parquet(path: Path) -> tuple[frozenset[str] | None, list[str]]:
    """Do so for a Parquet file, without reading its rows."""
    try:
        file = opened(path)
    except (pa.ArrowException, OSError) as error:
        return None, [f"it is no whole Parquet file ({type(error).__name__})"]
    with file:
        schema, n_rows = file.schema_arrow, file.metadata.num_rows
    refuse_person_columns(pd.DataFrame(columns=schema.names))
    faults = [f"the column {name!r} is missing" for name in TEXT_COLUMNS if name not in schema.names]
    names = [name for name in WANTED if name in schema.names]
    faults += [
        f"the column {name!r} holds {schema.field(name).type}, not text"
        for name in names
        if name != "position" and not _is_text(schema.field(name).type)
    ]
    if not n_rows:
        faults.append("it has no row")
    return None if faults else frozenset(names), faults


def opened(path: Path) -> pq.ParquetFile:
    """Open a Parquet file so that its columns are read piece by piece, however large its row groups are."""
    return pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)


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
        Lists rows whose ids or text are missing, whose text is empty, whose id stands twice in the part;
        lines that are no object of JSON, not UTF-8, or have other columns than the first line of the file.
    """
    for path in files:
        for first, part in chunks_of(path, rows):
            if done:
                done -= 1
                continue
            table = part()
            check_rows(table, path.name, first)
            yield table


def chunks_of(path: Path, rows: int) -> Iterator[tuple[int, Callable[[], pd.DataFrame]]]:
    """Yield for each part of a file how many rows stand before it, and what reads it, unchecked."""
    chunks = _parquet_chunks if path.suffix == ".parquet" else _jsonl_chunks
    return chunks(path, rows_that_fit(path, rows))


def rows_that_fit(path: Path, rows: int) -> int:
    """Return how many rows a part of a file has: fewer than asked for where they are long.

    Of a Parquet file the footer tells how long rows are, of a JSONL file its beginning.
    """
    if path.suffix == ".parquet":
        with opened(path) as file:
            groups = [file.metadata.row_group(at) for at in range(file.num_row_groups)]
        longest = max((each.total_byte_size / max(each.num_rows, 1) for each in groups), default=0)
    else:
        with open(path, "rb") as stream:
            data = stream.read(BEGINNING)
        longest = len(data) / (data.count(b"\n") or 1)
    return max(1, min(rows, int(LARGEST_PART / max(longest, 1))))


def _parquet_chunks(path: Path, rows: int) -> Iterator[tuple[int, Callable[[], pd.DataFrame]]]:
    """Read a Parquet file; see `chunks_of`."""
    first = 0
    try:
        with opened(path) as file:
            batches = file.iter_batches(batch_size=rows, columns=wanted_of(file), use_threads=False)
            for table in even(batches, rows):
                yield first, partial(plain, table)
                first += table.num_rows
    except (pa.ArrowException, OSError) as error:
        problem = Problem(at_row(path.name, first), f"cannot be read ({type(error).__name__})")
        raise InputError(f"{path.name} is damaged", [problem], remedy="write the file anew") from None


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


def _jsonl_chunks(path: Path, rows: int) -> Iterator[tuple[int, Callable[[], pd.DataFrame]]]:
    """Read a JSONL file; see `chunks_of`."""
    first, names = 0, None
    with open(path, "rb") as stream:
        lines = lines_of(stream)
        while batch := list(islice(lines, rows)):
            names = names or names_of(path, batch[0])
            yield first, Lines(path, batch, first, names)
            first += len(batch)


def check_rows(table: pd.DataFrame, name: str, first: int) -> None:
    """Refuse rows whose ids or text are missing, whose text is empty, or whose id stands twice in the part.

    Parameters
    ----------
    table : DataFrame
        ``segment_id, document_id, text``.
    name : str
        The file, for the message.
    first : int
        How many rows of the file stand before the table.
    """
    ids, texts = table["segment_id"], table["text"]
    words = texts.map(lambda value: isinstance(value, str) and bool(value.strip())).to_numpy(dtype=bool)
    named, of_document = (
        table[column].map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
        for column in ("segment_id", "document_id")
    )
    faults = [
        (~named, "segment_id is missing, or is no text"),
        (named & ids.duplicated().to_numpy(), "segment_id stands twice"),
        (~of_document, "document_id is missing, or is no text"),
        (~words, "text is missing, empty, or is no text"),
    ]
    wrong = {row: fault for which, fault in reversed(faults) for row in which.nonzero()[0].tolist()}
    problems = [
        Problem(_place(name, first + row, shown(ids.iloc[row]) if named[row] else ""), wrong[row])
        for row in sorted(wrong)
    ]
    if problems:
        raise InputError(f"{name} cannot be predicted", problems, remedy="mend or leave out these rows")


def _place(name: str, row: int, segment_id: str) -> str:
    """Name a row as messages do: rows of a table count its header, lines of a file do not."""
    if not name.endswith(".jsonl"):
        return at_row(name, row, segment_id)
    return f"{name}, line {row + 1} ({segment_id})" if segment_id else f"{name}, line {row + 1}"
