"""Dumps of postings as CSV, XLSX or JSONL, with a mapping file; one row in memory at a time.

The mapping is a small TOML file: which column is what, what is the same for all, and how values are
translated::

    document_id = "job_id"
    title = "position"
    text = ["description", "requirements"]
    employer = "company"
    date = "posted"

    [constants]
    setting = "community"

    [values.region]
    "Mass." = "MA"
"""

from __future__ import annotations

import csv
import difflib
import json
import tomllib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from peercompare.errors import InputError, Problem
from peercompare.progress import progress
from peercompare.readers.document import ReadDocument, named_id
from peercompare.readers.office import tidied
from peercompare.readers.sources import check_office_zip, decoded, read_bytes, refusal
from peercompare.readers.webpage import html_to_text

ENDINGS = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
MAX_CELL = 16 * 2**20
"""Characters of one cell or line of JSON; a posting has some ten thousand."""

WITHOUT_WORDS = ("stop", "leave out")
"""What becomes of rows without words: they stop the import, or are left out and named in the warnings."""

MAX_FAULTS = 20
"""After so many faulty rows the rest of a dump is not looked at."""

_CHUNK = 2**20
_DAYS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class TableMapping:
    """Which column of a dump is what.

    Parameters
    ----------
    columns : mapping of str to tuple of str
        Our name (``title``, ``text``, ``document_id``, ``employer``, ``date``, or any column for
        documents.csv) and the dump's columns; several are put under each other.
    constants : mapping of str to str
        What is the same for every row.
    values : mapping of str to mapping of str to str
        Translations of a column's values, by our name.
    day_format : str
        How days are written, as in `datetime.strptime`; empty for ``YYYY-MM-DD``, with a time after it or
        not.
    without_words : str
        What becomes of rows without words, one of `WITHOUT_WORDS`.
    """

    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    day_format: str = ""
    without_words: str = "stop"


def read_mapping(path: str | Path) -> TableMapping:
    """Read a mapping file.

    Parameters
    ----------
    path : str or Path
        TOML in UTF-8: ``title`` and ``text`` (as keys or under ``[constants]``), any further columns, and
        where needed ``day_format``, ``without_words`` and ``[values.<column>]``.

    Returns
    -------
    TableMapping
        Checked in itself; whether a dump has the columns is asked when it is read.

    Raises
    ------
    InputError
        Lists every fault: no TOML, no ``title`` or ``text``, a value of the wrong kind.
    """
    path = Path(path)
    try:
        values = tomllib.loads(decoded(read_bytes(path), path))
    except tomllib.TOMLDecodeError as error:
        raise refusal(
            path, f"the file is not TOML: {error}", 'write lines such as title = "position"'
        ) from None
    constants, translated = values.pop("constants", {}), values.pop("values", {})
    day_format, without_words = values.pop("day_format", ""), values.pop("without_words", WITHOUT_WORDS[0])
    problems = [
        Problem(path.name, f"{key} is {value!r}", "name a column in quotes, or a list of columns")
        for key, value in values.items()
        if not _names_columns(value)
    ]
    problems += [
        Problem(path.name, f"the key {key!r} is missing", f'add a line {key} = "their column"')
        for key in ("title", "text")
        if key not in values and key not in constants
    ]
    problems += [
        Problem(
            path.name,
            f"[values.{key}] is no table of translations",
            f'write [values.{key}], then "theirs" = "ours"',
        )
        for key, table in translated.items()
        if not isinstance(table, Mapping)
    ]
    if without_words not in WITHOUT_WORDS:
        allowed = f"one of {', '.join(WITHOUT_WORDS)}"
        problems.append(Problem(path.name, f"without_words is {without_words!r}", allowed))
    if problems:
        raise InputError(f"{path} cannot be used as a mapping", problems)
    columns = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in values.items()}
    return TableMapping(
        columns, {key: str(value) for key, value in constants.items()}, translated, day_format, without_words
    )


def read_table_postings(
    path: str | Path, mapping: TableMapping, *, encoding: str | None = None
) -> Iterator[ReadDocument]:
    """Yield the postings of a dump, one a row, without holding more than a row.

    Parameters
    ----------
    path : str or Path
        A .csv, .tsv, .xlsx, .jsonl or .ndjson file of any size.
    mapping : TableMapping
        Which column is what. Where it names no ``document_id`` rows are numbered.
    encoding : str, optional
        Of text files; by default UTF-8.

    Yields
    ------
    ReadDocument
        HTML in a text becomes plain text. A cell that begins with ``=`` is text as any other; nothing is
        computed.

    Raises
    ------
    InputError
        Lists faulty rows by number, up to `MAX_FAULTS`: broken JSON, cells missing, no words, a day that
        is none.
    """
    path = Path(path)
    problems: list[Problem] = []
    checked, held = False, None
    said: list[str] | None = None
    for number, row in progress(_rows(path, encoding, problems), description=path.name):
        if not checked:
            _check_columns(path, mapping, row)
            checked = path.suffix.lower() not in (".jsonl", ".ndjson")
        said = list(_further_sheets(path)) if said is None else said
        document = _document(path, mapping, number, row, problems)
        if isinstance(document, str):
            said.append(document)
        elif document is not None and not problems:
            # one is held back, so that the last can carry what is said after it
            if held is not None:
                yield _saying(held, said)
                said = []
            held = document
        if len(problems) >= MAX_FAULTS:
            break
    if held is not None and not problems:
        yield _saying(held, said or [])
    if problems:
        raise InputError(f"{path} cannot be imported", problems, remedy="mend these rows or take them out")


def _saying(document: ReadDocument, said: list[str]) -> ReadDocument:
    """Return a document with warnings about the rows around it."""
    return replace(document, warnings=(*said, *document.warnings)) if said else document


def rows_of(path: str | Path, *, encoding: str | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number as a spreadsheet shows it, cells by column) of a CSV, TSV, XLSX or JSONL file.

    Raises
    ------
    InputError
        Lists faulty rows at the end of the file.
    """
    problems: list[Problem] = []
    yield from _rows(Path(path), encoding, problems)
    if problems:
        raise InputError(f"{path} cannot be read", problems)


def _rows(path: Path, encoding: str | None, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a dump; faulty ones go to `problems`."""
    ending = path.suffix.lower()
    if not path.is_file():
        raise refusal(path, "there is no such file", "give the path of a file")
    if path.stat().st_size == 0:
        raise refusal(path, "the file is empty", "export it anew, or take it away")
    if ending in (".jsonl", ".ndjson"):
        yield from _json_rows(path, encoding, problems)
    elif ending == ".xlsx":
        yield from _sheet_rows(path)
    elif ending in (".csv", ".tsv"):
        yield from _csv_rows(path, encoding, problems)
    else:
        raise refusal(
            path, f"{ending or 'no ending'} is no kind of table", f"tables end in {', '.join(ENDINGS)}"
        )


def _json_rows(
    path: Path, encoding: str | None, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the objects of a JSONL file."""
    for number, line in enumerate(_lines(path, encoding), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(f"{path.name}, line {number}", f"the JSON is broken: {error}"))
        else:
            if isinstance(value, Mapping):
                yield number, {str(key): _cell(cell) for key, cell in value.items()}
            else:
                problems.append(Problem(f"{path.name}, line {number}", "the line holds no object {...}"))
        if len(problems) >= MAX_FAULTS:
            return


def _csv_rows(
    path: Path, encoding: str | None, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV or TSV file; the header tells by which sign cells are parted."""
    lines = _lines(path, encoding, keep_ends=True)
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
                problems.append(
                    Problem(
                        f"{path.name}, row {number}", what, "a cell with the sign between cells needs quotes"
                    )
                )
            if len(problems) >= MAX_FAULTS:
                return
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise refusal(
            path, f"the file is not CSV: {error}", "quote cells that hold quotes", where=where
        ) from None
    finally:
        csv.field_size_limit(limit)


def _sheet_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of the first sheet of an XLSX file; formulas come as their text."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    check_office_zip(path, kind="Excel")
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise refusal(
            path, f"the Excel file is damaged: {error}", "open it in Excel and save it anew"
        ) from None
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [_cell(cell).strip() for cell in next(rows, ())]
        while header and not header[-1]:
            header.pop()
        _check_header(path, header)
        for number, row in enumerate(rows, start=2):
            cells = [_cell(cell) for cell in row[: len(header)]]
            if any(cells):
                yield number, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))
    except (zipfile.BadZipFile, zlib.error, KeyError, SyntaxError, IndexError, EOFError, TypeError) as error:
        raise refusal(
            path, f"the Excel file is damaged: {error}", "open it in Excel and save it anew"
        ) from None
    finally:
        book.close()


def _further_sheets(path: Path) -> tuple[str, ...]:
    """Return a warning about sheets after the first, which are not read."""
    if path.suffix.lower() != ".xlsx":
        return ()
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    names = book.sheetnames[1:]
    book.close()
    return (f"{path.name}: only the first sheet is read, not {', '.join(names)}",) if names else ()


def _lines(path: Path, encoding: str | None, *, keep_ends: bool = False) -> Iterator[str]:
    """Yield the lines of a text file, decoded strictly; a line without end is refused, not held."""
    with open(path, "rb") as raw:
        head = raw.read(4)
    name = encoding or ("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    number = 0
    try:
        with open(path, encoding=name, newline="" if keep_ends else None, buffering=_CHUNK) as stream:
            while line := stream.readline(MAX_CELL):
                number += 1
                if len(line) >= MAX_CELL:
                    raise refusal(path, f"the line has over {MAX_CELL:,} characters", where=f"line {number}")
                yield line
    except UnicodeDecodeError as error:
        raise refusal(
            path, f"a byte is not {name.upper()}: {error.reason}",
            'save it as UTF-8, or name its encoding, e.g. encoding="cp1252"', where=f"after line {number}",
        ) from None  # fmt: skip
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


def _check_columns(path: Path, mapping: TableMapping, row: Mapping[str, str]) -> None:
    """Refuse a mapping that names columns which the first row lacks; JSON objects may lack what is empty."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return
    problems = []
    for key, names in mapping.columns.items():
        for name in names:
            if name not in row:
                near = difflib.get_close_matches(name, row, n=1)
                remedy = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(row)}"
                problems.append(
                    Problem(f"{path.name}, row 1", f"there is no column {name!r} for {key}", remedy)
                )
    if problems:
        raise InputError(f"The mapping does not fit {path}", problems)


def _document(
    path: Path, mapping: TableMapping, number: int, row: Mapping[str, str], problems: list[Problem]
) -> ReadDocument | str | None:
    """Return a row as a document, a warning that it is left out, or nothing where its fault is noted."""
    unit = "line" if path.suffix.lower() in (".jsonl", ".ndjson") else "row"
    where = f"{path.name}, {unit} {number}"
    cells = {key: _joined(row, names, key) for key, names in mapping.columns.items()} | dict(
        mapping.constants
    )
    for key, table in mapping.values.items():
        cells[key] = str(table.get(cells.get(key, ""), cells.get(key, "")))
    title = " ".join(html_to_text(cells.pop("title", "")).split())
    text = html_to_text(cells.pop("text", ""))
    document_id = cells.pop("document_id", "").strip()
    if not text.strip():
        what = f"no words in {', '.join(mapping.columns.get('text', ('text',)))}"
        if mapping.without_words != WITHOUT_WORDS[0]:
            return f"{where}: {what}; the row is left out"
        problems.append(Problem(where, what, 'or let the mapping say without_words = "leave out"'))
        return None
    if cells.get("date"):
        cells["date"] = _day(cells["date"], mapping.day_format)
        if not cells["date"]:
            problems.append(
                Problem(where, "the day cannot be read", 'say how days are written: day_format = "%m/%d/%Y"')
            )
            return None
    document_id = named_id(document_id) if document_id else f"{named_id(path.stem)}-{number:07d}"
    metadata = {
        "source": f"{path.name}, {unit} {number}",
        **{key: cell.strip() for key, cell in cells.items()},
    }
    warnings = () if title else (f"{where}: it has no title",)
    title = title or "Untitled posting"
    return ReadDocument(document_id, title, tidied(f"{title}\n\n{text}"), (), metadata, warnings)


def _joined(row: Mapping[str, str], names: tuple[str, ...], key: str) -> str:
    """Return one or more cells; texts are put under each other, HTML made plain in each by itself."""
    cells = [row.get(name, "") for name in names]
    if key == "text" and len(cells) > 1:
        cells = [html_to_text(cell) for cell in cells]
    return ("\n" if key == "text" else " ").join(cell for cell in cells if cell.strip())


def _cell(value: Any) -> str:
    """Return a value of a spreadsheet or of JSON as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "\n".join(f"- {_cell(each)}" for each in value)
    if isinstance(value, Mapping):
        return _cell(value.get("name") or value.get("value") or value.get("text"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _day(cell: str, day_format: str) -> str:
    """Return a day as YYYY-MM-DD, or nothing where it cannot be read."""
    text = cell.strip().removesuffix("Z")
    if not day_format and len(text) > 10 and text[10] in "T ":
        text = text[:10]
    for form in (day_format,) if day_format else _DAYS:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    return ""


def _names_columns(value: Any) -> bool:
    """Say whether a value of the mapping names one column or a list of them."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) for each in value)
    return isinstance(value, str)
