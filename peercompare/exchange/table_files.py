"""Rows of a CSV or XLSX file as text: nothing is computed, a cell that begins with = stays as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from peercompare.errors import ExchangeError, InputError
from peercompare.readers.sources import check_office_zip, decoded, read_bytes, refusal

CSV_ENDINGS = (".csv", ".tsv", ".txt")
ENDINGS = (*CSV_ENDINGS, ".xlsx", ".xlsm")
CELL_LIMIT = 32_767
"""Characters that a cell of a spreadsheet program holds; longer words were cut off."""

_MAX_CELL = 16 * 2**20


@dataclass(frozen=True)
class Sheet:
    """A table as it stands in a file.

    Parameters
    ----------
    file : str
        Its name.
    columns : tuple of str
        The header.
    rows : tuple of (int or str, dict of str to str)
        Each row with its number, or the words for its place; the header is row 1 of a CSV file, and of a
        spreadsheet that begins with it.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int | str, dict[str, str]], ...]


def read_sheet(path: str | Path, *, sheet: str = "", encoding: str | None = None) -> Sheet:
    """Read a CSV file (commas, semicolons or tabs) or a sheet of an XLSX file.

    Parameters
    ----------
    path : str or Path
        The file.
    sheet : str, default ""
        Name of the sheet of an XLSX file; by default its first one.
    encoding : str, optional
        Of a CSV file; by default a byte order mark decides, else UTF-8.

    Raises
    ------
    ExchangeError
        Where the file cannot be read, has no such sheet, or its columns have no names or one name for two.
    """
    path = Path(path)
    try:
        if path.suffix.lower() in CSV_ENDINGS:
            found = list(_csv_rows(path, encoding))
        elif path.suffix.lower() in ENDINGS:
            found = list(_xlsx_rows(path, sheet))
        else:
            raise refusal(path, "its name does not end in .csv, .tsv or .xlsx", "save it as CSV or XLSX")
        return _sheet(path, found)
    except ExchangeError:
        raise
    except InputError as error:
        raise ExchangeError(error.summary, error.problems, remedy=error.remedy) from None


def _sheet(path: Path, found: list[tuple[int, list[str]]]) -> Sheet:
    """Return rows as a table: the first one that is not empty is the header."""
    if not found:
        raise refusal(path, "the table is empty", "export it anew")
    number, header = found[0]
    header = [each.strip() for each in header]
    while header and not header[-1]:
        header.pop()
    twice = sorted({each for each in header if header.count(each) > 1 and each})
    if twice or "" in header:
        what = f"two columns are called {twice[0]!r}" if twice else "a column has no name"
        raise refusal(path, what, "name every column once, in the first row", where=f"row {number}")
    for row, cells in found[1:]:
        if any(cell.strip() for cell in cells[len(header) :]):
            raise refusal(
                path, "more cells than columns", "a cell with a comma needs quotes", where=f"row {row}"
            )
    rows = tuple(
        (row, dict(zip(header, [*cells, *[""] * len(header)][: len(header)], strict=True)))
        for row, cells in found[1:]
    )
    return Sheet(path.name, tuple(header), rows)


def _csv_rows(path: Path, encoding: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV file that are not empty."""
    text = decoded(read_bytes(path), path, encoding=encoding)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    limit = csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if any(row):
                yield number, row
    except csv.Error as error:
        what = f"the file is not CSV: {error}"
        raise refusal(path, what, "quote cells that hold quotes", where=f"line {reader.line_num}") from None
    finally:
        csv.field_size_limit(limit)


def _xlsx_rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of one sheet that are not empty; a formula comes as its text."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if not path.is_file():
        raise refusal(path, "there is no such file", "give the path of a file")
    check_office_zip(path, kind="Excel")
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise refusal(
            path, f"the Excel file is damaged: {error}", "open it in Excel and save it anew"
        ) from None
    try:
        names = {each.title: each for each in book.worksheets}
        if sheet and sheet not in names:
            raise refusal(path, f"it has no sheet {sheet!r}", f"its sheets are {', '.join(names)}")
        table = names[sheet] if sheet else book.worksheets[0]
        for number, row in enumerate(table.iter_rows(values_only=True), start=1):
            cells = [_cell(cell) for cell in row]
            if any(cells):
                yield number, cells
    finally:
        book.close()


def _cell(value: object) -> str:
    """Return a cell as text; whole numbers without a point, days as YYYY-MM-DD."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
