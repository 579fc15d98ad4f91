"""Blind coding sheets in the forms that coders work in: CSV, XLSX, and a REFI-QDA project; out and back.

`peercompare.sheets.coding_sheet` makes the sheet and its key; this module writes it by the ending of a
name, and reads the coded one back through `peercompare.sheets.read_coding_sheet`, so that the same checks
hold for every form.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from peercompare.errors import CodingError, ExchangeError, Problem
from peercompare.exchange.from_corpus import framework_codes
from peercompare.exchange.refi_ids import ORIGIN
from peercompare.exchange.refi_reader import Named, read_qdpx
from peercompare.exchange.refi_writer import write_qdpx
from peercompare.exchange.sheet_project import project_to_sheet, sheet_to_project
from peercompare.exchange.table_files import CELL_LIMIT, read_sheet
from peercompare.files import refuse_to_overwrite, write_atomically
from peercompare.framework import Framework
from peercompare.sheets import BLANKS, FORMULA_STARTS, SHEET, TO_CODE, read_coding_sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ENDINGS = (".csv", ".xlsx", ".qdpx")
"""The forms of a sheet."""

PAGE = "to code"
"""Name of the sheet to fill in a workbook."""

_EPOCH = datetime(2000, 1, 1)
_WIDTHS = {
    "text": 90,
    "memo": 40,
    "code": 28,
    "further_codes": 28,
    "tags": 24,
    "sheet_id": 14,
    "document": 16,
}
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_RUNS = tuple(each for each in FORMULA_STARTS if each != "'")


def write_sheet(sheet: pd.DataFrame, path: str | Path, *, framework: Framework, force: bool = False) -> Path:
    """Write a blind sheet for a coder, in the form that the name's ending says.

    Parameters
    ----------
    sheet : DataFrame
        As `peercompare.sheets.coding_sheet` gives it. Its key is not part of any of the forms.
    path : str or Path
        A name that ends in ``.csv``, ``.xlsx`` or ``.qdpx``. A spreadsheet has its header frozen, a list
        to choose codes from, and the codes and tags with their meanings on further sheets; no cell is one
        that would be run as a formula. A project has the codes with their definitions, and each document
        as a text whose rows begin with their ids; the coder selects words of a row and gives a code.
    framework : Framework
        Whose codes are given.
    force : bool, default False
        Replace a file that exists.

    Raises
    ------
    ExchangeError
        Where the name ends otherwise, or a row's words do not fit a cell.
    InputError
        Where the file exists already and `force` is not given.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ExchangeError(
            f"Cannot write a sheet to {path.name}", remedy=f"endings are {', '.join(ENDINGS)}"
        )
    refuse_to_overwrite(path, force=force)
    table = sheet[list(SHEET)].astype("str").map(_inert)
    if ending == ".csv":
        # without a byte order mark Excel takes letters with accents for others
        words = "\ufeff" + table.to_csv(index=False, lineterminator="\n")
        return write_atomically(path, words, private=True)
    if ending == ".xlsx":
        return write_atomically(path, _workbook(table, framework, path.name), private=True)
    return write_qdpx(sheet_to_project(sheet, framework), path, force=force).path


def read_coded_sheet(
    path: str | Path, key: pd.DataFrame | str | Path, *, coder_id: str, framework: Framework,
    unfinished: bool = False, who: str = "", convention: Named = None,
) -> pd.DataFrame:  # fmt: skip
    """Read a sheet that a coder gives back, in any of the forms in which it was given out.

    In a project a coding gives its code to every row of which it covers at least half of the characters,
    and to the row that contains it wholly. A row takes one code as its primary one; further ones have
    "further code" as the first line of their memo. The tool may have changed line ends and identifiers.

    Parameters
    ----------
    path : str or Path
        The coded sheet: ``.csv``, ``.xlsx`` or ``.qdpx``.
    key : DataFrame or path
        The key that was made with it.
    coder_id : str
        Who coded: the coder that the key was made for.
    framework : Framework
        The framework whose codes and tags are allowed.
    unfinished : bool, default False
        Take a sheet whose coder left rows without a code.
    who : str, default ""
        The coder's name in the tool, where a project has codings by several.
    convention : str, Convention or mapping of str, optional
        How the tool counted positions, where a project's quotes cannot tell.

    Returns
    -------
    DataFrame
        ``segment_id, coder_id, code, is_primary, tags, memo``, as `peercompare.sheets.read_coding_sheet`.

    Raises
    ------
    ExchangeError
        Where the file cannot be read, or lists codings of a project that belong to no row, have no known
        code, or leave it open which is a row's primary one.
    CodingError
        Lists every fault of the sheet: rows missing or changed, unknown codes, context that was coded.
    """
    path = Path(path)
    ending = path.suffix.lower()
    how = {"coder_id": coder_id, "framework": framework, "unfinished": unfinished}
    if ending not in ENDINGS:
        raise ExchangeError(f"{path.name} is no coding sheet", remedy=f"endings are {', '.join(ENDINGS)}")
    sheet: pd.DataFrame | Path = path
    if ending == ".xlsx":
        sheet = _table(path)
    elif ending == ".qdpx":
        project = read_qdpx(path, convention=convention)
        sheet = project_to_sheet(project, framework, who=who, file=path.name)
    try:
        return read_coding_sheet(sheet, key, **how)
    except CodingError as error:
        raise CodingError(f"{path.name}: {error.summary}", error.problems, remedy=error.remedy) from None


def _table(path: Path) -> pd.DataFrame:
    """Return the sheet of a workbook by its name, else the first one, with a row for each of its rows."""
    try:
        found = read_sheet(path, sheet=PAGE)
    except ExchangeError:
        found = read_sheet(path)
    last = found.rows[-1][0] if found.rows else 1
    by_row = dict(found.rows)
    empty = dict.fromkeys(found.columns, "")
    # rows that stand empty are kept, so that a message names the row that the coder sees
    rows = [by_row.get(number, empty) for number in range(2, last + 1)]
    return pd.DataFrame(rows, columns=list(found.columns), dtype="str")


def _workbook(sheet: pd.DataFrame, framework: Framework, file: str) -> bytes:
    """Return the sheet as an XLSX file, with the codes and tags beside it."""
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    _check_cells(sheet, file)
    book = Workbook()
    page = book.active
    page.title = PAGE
    _fill(page, list(SHEET), sheet.itertuples(index=False, name=None))
    _grey_context(page, (sheet["status"] == TO_CODE).tolist())
    codes = book.create_sheet("codes")
    listed = [each for each in framework_codes(framework) if each.is_codable]
    tags = {tag.id for tag in framework.tags}
    given = [(each.name, each.description) for each in listed if each.name not in tags]
    _fill(codes, ["code", "definition"], given)
    _fill(book.create_sheet("tags"), ["tag", "definition"], [(tag.id, tag.meaning) for tag in framework.tags])
    choice = DataValidation(type="list", formula1=f"codes!$A$2:$A${len(given) + 1}", allow_blank=True)
    choice.errorTitle, choice.error = (
        "Unknown code",
        "Choose a code of the list; the sheet 'codes' explains them.",
    )
    column = chr(ord("A") + SHEET.index("code"))
    choice.add(f"{column}2:{column}{len(sheet) + 1}")
    page.add_data_validation(choice)
    book.properties.creator = ORIGIN
    book.properties.created = book.properties.modified = _EPOCH
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(page: Worksheet, columns: list[str], rows: object) -> None:
    """Write a header that stays in sight and rows of text below it; nothing in them is a formula."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for at, name in enumerate(columns, start=1):
        page.cell(1, at, name).font = Font(bold=True)
        page.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(name, 24 if at == 1 else 80)
    for number, row in enumerate(rows, start=2):
        for at, words in enumerate(row, start=1):
            if words:
                cell = page.cell(number, at, _inert(words))
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = "A2"


def _inert(words: str) -> str:
    """Return a cell that no spreadsheet runs; what `coding_sheet` guarded already stays as it is."""
    return f"'{words}" if words.lstrip(BLANKS).startswith(_RUNS) else words


def _grey_context(page: Worksheet, to_code: list[bool]) -> None:
    """Set rows that are read and not coded in grey."""
    from openpyxl.styles import Font

    for number, coded in enumerate(to_code, start=2):
        if not coded:
            for cell in page[number]:
                cell.font = Font(italic=True, color="00595959")


def _check_cells(sheet: pd.DataFrame, file: str) -> None:
    """Raise where words cannot stand in a cell of a spreadsheet."""
    problems = []
    for number, words in enumerate(sheet["text"], start=2):
        if _UNWRITABLE.search(words):
            problems.append(
                Problem(f"{file}, row {number}", "its words have a character that no cell can hold")
            )
        elif len(words) >= CELL_LIMIT:
            what = f"its words are longer than the {CELL_LIMIT:,} characters of a cell"
            problems.append(Problem(f"{file}, row {number}", what))
    if problems:
        raise ExchangeError(f"{file} cannot be written", problems, remedy="write the sheet as .csv or .qdpx")
