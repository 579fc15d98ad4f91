"""Rows of CSV, TSV, XLSX and JSONL files of any size, one in memory at a time, each with its place."""

from __future__ import annotations

import csv
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from peercompare.errors import InputError, Problem
from peercompare.readers.sources import ENCODING, check_office_zip, refusal

JSON_LINES = (".jsonl", ".ndjson")
ENDINGS = (".csv", ".tsv", ".xlsx", *JSON_LINES)
MAX_CELL = 16 * 2**20
"""Characters of one cell or line of JSON; a posting has some ten thousand."""

MAX_FAULTS = 20
"""After so many faulty rows the rest of a file is not looked at."""

_CHUNK = 2**20
_MAX_DEPTH = 8


@dataclass
class TableRows:
    """The rows of a file, to be gone through once: pairs of a row's number and its cells by column.

    Rows are numbered as a spreadsheet or an editor shows them.

    Parameters
    ----------
    path : Path
        A file that ends in one of `ENDINGS`.
    encoding : str, optional
        Of text files; by default UTF-8 or what a byte order mark says.
    problems : list of Problem
        Faulty rows met so far.
    bytes_read : int
        How far into the file the rows given so far reach; of a spreadsheet, whose parts are packed, as
        large a part of its bytes as of its rows.
    """

    path: Path
    encoding: str | None = None
    problems: list[Problem] = field(default_factory=list)
    bytes_read: int = 0

    @property
    def unit(self) -> str:
        """What a row is called in messages."""
        return "line" if self.path.suffix.lower() in JSON_LINES else "row"

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        ending = self.path.suffix.lower()
        if not self.path.is_file():
            raise refusal(self.path, "there is no such file", "give the path of a file")
        if self.path.stat().st_size == 0:
            raise refusal(self.path, "the file is empty", "export it anew, or take it away")
        if ending in JSON_LINES:
            return _json_rows(self)
        if ending == ".xlsx":
            return _sheet_rows(self)
        if ending in (".csv", ".tsv"):
            return _csv_rows(self)
        what = f"{ending or 'no ending'} is no kind of table"
        raise refusal(self.path, what, f"tables end in {', '.join(ENDINGS)}")


def rows_of(path: str | Path, *, encoding: str | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number as a spreadsheet shows it, cells by column) of a CSV, TSV, XLSX or JSONL file.

    Raises
    ------
    InputError
        Lists faulty rows at the end of the file.
    """
    rows = TableRows(Path(path), encoding)
    yield from rows
    if rows.problems:
        raise InputError(f"{path} cannot be read", rows.problems)


def further_sheets(path: Path) -> tuple[str, ...]:
    """Return a warning about sheets after the first, which are not read."""
    if path.suffix.lower() != ".xlsx":
        return ()
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    names = book.sheetnames[1:]
    book.close()
    return (f"{path.name}: only the first sheet is read, not {', '.join(names)}",) if names else ()


def _json_rows(rows: TableRows) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the objects of a JSONL file; of objects in them each part is a cell too, as ``outer.inner``."""
    name = rows.path.name
    for number, line in enumerate(_lines(rows), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            rows.problems.append(Problem(f"{name}, line {number}", f"the JSON is broken: {error}"))
        else:
            if isinstance(value, Mapping):
                yield number, dict(_flat(value))
            else:
                rows.problems.append(Problem(f"{name}, line {number}", "the line holds no object {...}"))
        if len(rows.problems) >= MAX_FAULTS:
            return


def _flat(value: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the cells of an object, and those of the objects in it as ``outer.inner``."""
    for key, cell in value.items():
        yield f"{before}{key}", as_text(cell)
        if isinstance(cell, Mapping) and depth < _MAX_DEPTH:
            yield from _flat(cell, f"{before}{key}.", depth + 1)


def _csv_rows(rows: TableRows) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV or TSV file; the header tells by which sign cells are parted."""
    path, lines = rows.path, _lines(rows, keep_ends=True)
    first = next(lines, "")
    delimiter = max(",;\t|", key=first.count) if path.suffix.lower() == ".csv" else "\t"
    limit = csv.field_size_limit(MAX_CELL)
    try:
        reader = csv.reader(_chained(first, lines), delimiter=delimiter, strict=True)
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header)
        for number, row in enumerate(reader, start=2):
            if len(row) == len(header):
                yield number, dict(zip(header, row, strict=True))
            elif row:
                what = f"{len(row)} cells where the header has {len(header)}"
                remedy = "a cell with the sign between cells needs quotes"
                rows.problems.append(Problem(f"{path.name}, row {number}", what, remedy))
            if len(rows.problems) >= MAX_FAULTS:
                return
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise refusal(
            path, f"the file is not CSV: {error}", "quote cells that hold quotes", where=where
        ) from None
    finally:
        csv.field_size_limit(limit)


def _sheet_rows(rows: TableRows) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of the first sheet of an XLSX file; formulas come as their text."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    path, mend = rows.path, "open it in Excel and save it anew"
    check_office_zip(path, kind="Excel")
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise refusal(path, f"the Excel file is damaged: {error}", mend) from None
    try:
        sheet, size = book.worksheets[0], path.stat().st_size
        found = sheet.iter_rows(values_only=True)
        header = [as_text(cell).strip() for cell in next(found, ())]
        while header and not header[-1]:
            header.pop()
        _check_header(path, header)
        for number, row in enumerate(found, start=2):
            cells = [as_text(cell) for cell in row[: len(header)]]
            rows.bytes_read = size * number // max(sheet.max_row or number, number)
            if any(cells):
                yield number, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))
    except (zipfile.BadZipFile, zlib.error, KeyError, SyntaxError, IndexError, EOFError, TypeError) as error:
        raise refusal(path, f"the Excel file is damaged: {error}", mend) from None
    finally:
        book.close()


def _lines(rows: TableRows, *, keep_ends: bool = False) -> Iterator[str]:
    """Yield the lines of a text file, decoded strictly; a line without end is refused, not held."""
    path = rows.path
    with open(path, "rb") as raw:
        head = raw.read(4)
    name = rows.encoding or ("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    number = 0
    try:
        with open(path, encoding=name, newline="" if keep_ends else None, buffering=_CHUNK) as stream:
            while line := stream.readline(MAX_CELL):
                number += 1
                if len(line) >= MAX_CELL:
                    what = f"the line has over {MAX_CELL:,} characters"
                    raise refusal(path, what, "is it the right file?", where=f"line {number}")
                rows.bytes_read = stream.buffer.tell()
                yield line
    except UnicodeDecodeError as error:
        what = f"a byte is not {name.upper()}: {error.reason}"
        raise refusal(path, what, ENCODING, where=f"after line {number}") from None
    except LookupError:
        raise refusal(
            path, f"Python knows no encoding {name!r}", 'try "utf-8", "utf-16" or "cp1252"'
        ) from None


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    """Yield a line and those after it."""
    yield first
    yield from rest


def _check_header(path: Path, header: list[str]) -> None:
    """Refuse a table whose columns have no name or one name for two."""
    twice = sorted({name for name in header if header.count(name) > 1})
    if not header or twice or "" in header:
        what = f"two columns are called {twice[0]!r}" if twice and twice[0] else "a column has no name"
        raise refusal(path, what, "name every column once, in the first row", where="row 1")


def as_text(value: Any) -> str:
    r"""Return a value of a spreadsheet or of JSON as text; nothing, and what is not a number, is empty.

    Examples
    --------
    >>> as_text(["one", 2.0]), as_text({"name": "The Loft"}), as_text(float("nan"))
    ('- one\n- 2', 'The Loft', '')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "\n".join(f"- {as_text(each)}" for each in value)
    if isinstance(value, Mapping):
        return as_text(value.get("name") or value.get("value") or value.get("text"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
