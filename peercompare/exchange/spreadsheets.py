"""Reading spreadsheets of coded segments, as MAXQDA, NVivo, ATLAS.ti, Dedoose and Taguette export them.

Such a table, one's own too by a mapping file, has one row for each coding, or for each excerpt with its
codes, and not the documents: they are given beside it. Where the table has no positions the words are
looked for in their document, and a coding whose words stand nowhere or in several places is listed and
refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.assembling import Assembly, Named
from peercompare.exchange.counting import CONVENTIONS, stored_text
from peercompare.exchange.project import CodedProject
from peercompare.exchange.quotes import located
from peercompare.exchange.segment_mapping import PRESETS, SegmentMapping, read_segment_mapping
from peercompare.exchange.table_files import Sheet, read_sheet

TEXT_ENDINGS = (".txt", ".md")
YES = frozenset({"true", "yes", "y", "x", "1", "applied"})
"""What says in a code's own column that it was given."""

ENDING = re.compile(r"\.(?:txt|md|docx?|rtf|pdf|odt)$", re.IGNORECASE)
"""How the names of documents end that are none without it."""

_RANGE = re.compile(r"\s*(\d+)\s*[-\u2013:]\s*(\d+)\s*")
_NUMBER = re.compile(r"\s*-?\d+\s*")
_POINTS = CONVENTIONS["codepoint-raw-nobom"]

Documents = Mapping[str, str] | str | Path
"""Texts by name, or a folder of text files."""


def read_coded_segments(
    path: str | Path, mapping: SegmentMapping | str | Path, documents: Documents, *, coder: str = "",
    convention: Named = None, positions: bool = True, encoding: str | None = None,
) -> CodedProject:  # fmt: skip
    """Read a table of coded segments.

    Parameters
    ----------
    path : str or Path
        A CSV or XLSX file.
    mapping : SegmentMapping, str or Path
        Which column is what: the name of one of `PRESETS`, a mapping file, or a mapping.
    documents : mapping of str to str, or path
        The documents that were coded, by name; or a folder of .txt and .md files. Names match without their
        ending and regardless of case, where only one does.
    coder : str, default ""
        Who coded, where the table has no column that says so; without it, the unknown coder.
    convention : str, Convention or mapping of str, optional
        How positions were counted, where the words beside them cannot tell.
    positions : bool, default True
        Whether to take positions that the table has; False looks for the words instead.
    encoding : str, optional
        Of a CSV file; by default a byte order mark decides, else UTF-8.

    Returns
    -------
    CodedProject
        All documents given, and one span for each code of each row. Rows without a code, and those that have
        neither words nor positions (of pictures, sound and film), are counted in `not_carried`.

    Raises
    ------
    ExchangeError
        Lists every fault by row: a missing column, an unknown document, words that stand nowhere or in
        several places, positions past the text; or documents whose way of counting cannot be told.
    """
    mapping = _mapping(mapping)
    sheet = read_sheet(path, sheet=mapping.sheet, encoding=encoding)
    return read_sheet_of_segments(
        sheet, mapping, documents, coder=coder, convention=convention, positions=positions
    )


def read_sheet_of_segments(
    sheet: Sheet, mapping: SegmentMapping, documents: Documents, *, coder: str = "", convention: Named = None,
    positions: bool = True,
) -> CodedProject:  # fmt: skip
    """Return a table of coded segments that is read already as a project; see `read_coded_segments`."""
    texts = _texts(documents)
    columns = _columns(sheet, mapping)
    placed = positions and ("range" in columns or {"start", "end"} <= set(columns))
    reading = _Reading(sheet, mapping, columns, texts, placed=placed, coder=coder)
    for number, row in sheet.rows:
        reading.take(number, row)
    reading.note_unread(sheet)
    name = Path(sheet.file).stem
    if placed:
        return reading.gathered.project(name, convention=convention)
    return reading.gathered.project(name, known=_POINTS)


class _Reading:
    """One table while it is read."""

    def __init__(
        self, sheet: Sheet, mapping: SegmentMapping, columns: Mapping[str, str], texts: Mapping[str, str], *,
        placed: bool, coder: str,
    ) -> None:  # fmt: skip
        self._mapping, self._columns, self._placed, self._coder = mapping, columns, placed, coder
        self.gathered = Assembly(sheet.file, mapping.origin, takes_coder=True)
        self._texts = {name: text if placed else stored_text(text) for name, text in texts.items()}
        self._stored = {name: stored_text(text) for name, text in texts.items()}
        for name, text in self._texts.items():
            self.gathered.document(name, name, text)
        self._code_columns = _code_columns(sheet, mapping)
        if mapping.has_code_columns and not self._code_columns:
            ends = f"{mapping.code_prefix}...{mapping.code_suffix}"
            self.gathered.fault("row 1", f"no column is called {ends!r}", "is this an export with its codes?")

    def take(self, number: int | str, row: Mapping[str, str]) -> None:
        """Read one row."""
        where, gathered = number if isinstance(number, str) else f"row {number}", self.gathered
        codes = self._codes(row)
        if not codes:
            gathered.miss("rows without a code")
            return
        quote = self._cell(row, "quote")
        if not self._placed and not quote.strip():
            gathered.miss("codings without words (of pictures, sound, film)", where)
            return
        document, problem = _matched(self._cell(row, "document"), self._texts)
        if document is None:
            names = ", ".join(list(self._texts)[:5]) + (", ..." if len(self._texts) > 5 else "")
            gathered.fault(where, problem, f"give every document that was coded; there are {names}")
            return
        place = self._place(where, row) if self._placed else self._found(where, quote, document)
        if place is None:
            return
        who = gathered.coder(self._cell(row, "coder") or self._coder)
        for path in codes:
            gathered.mark(
                document, place, code=gathered.code(*path), coder=who, where=where, quote=quote,
                memo=self._cell(row, "memo"),
            )  # fmt: skip

    def note_unread(self, sheet: Sheet) -> None:
        """Count the cells of columns that mean nothing here."""
        read = {*self._columns.values(), *self._code_columns.values()}
        for name in sheet.columns:
            if name not in read:
                filled = sum(bool(row[name].strip()) for _, row in sheet.rows)
                self.gathered.miss(f"cells of the column {name[:60]!r}", count=filled)

    def _cell(self, row: Mapping[str, str], key: str) -> str:
        """Return what a row says of one thing, as it stands."""
        words = row[self._columns[key]] if key in self._columns else ""
        return words if key == "quote" else words.strip()

    def _codes(self, row: Mapping[str, str]) -> list[tuple[str, ...]]:
        """Return the codes of a row, each once, as paths from the top."""
        separator = self._mapping.code_separator
        cell = self._cell(row, "code")
        names = [name for name, column in self._code_columns.items() if row[column].strip().lower() in YES]
        names += cell.split(separator) if separator else [cell]
        level = self._mapping.level_separator
        paths = [
            tuple(part.strip() for part in (name.split(level) if level else [name]) if part.strip())
            for name in names
        ]
        return [path for path in dict.fromkeys(paths) if path]

    def _found(self, where: str, quote: str, document: str) -> tuple[int, int] | None:
        """Return the one place of a row's words, or note that there is none."""
        place, what, remedy = located(quote, self._stored[document])
        if place is None:
            self.gathered.fault(where, what, remedy)
        return place

    def _place(self, where: str, row: Mapping[str, str]) -> tuple[int, int] | None:
        """Return a row's positions from 0, end exclusive, or note that it has none."""
        if "range" in self._columns:
            match = _RANGE.fullmatch(self._cell(row, "range"))
            cells = match.groups() if match else (self._cell(row, "range"),)
        else:
            cells = (self._cell(row, "start"), self._cell(row, "end"))
        if len(cells) != 2 or not all(_NUMBER.fullmatch(cell) for cell in cells):
            what = f"its positions are {' and '.join(repr(cell[:30]) for cell in cells)}, no whole numbers"
            self.gathered.fault(where, what, "look for the words instead (--reading positions=no)")
            return None
        first, last = (int(cell) - self._mapping.first_position for cell in cells)
        return first, last + self._mapping.end_inclusive


def _mapping(mapping: SegmentMapping | str | Path) -> SegmentMapping:
    """Return a mapping by its name or from its file."""
    if isinstance(mapping, SegmentMapping):
        return mapping
    if str(mapping) in PRESETS:
        return PRESETS[str(mapping)]
    if Path(mapping).suffix != ".toml":
        raise ExchangeError(
            f"There is no mapping called {str(mapping)!r}",
            remedy=f"mappings are {', '.join(PRESETS)}; or give a .toml file",
        )
    return read_segment_mapping(mapping)


def _columns(sheet: Sheet, mapping: SegmentMapping) -> dict[str, str]:
    """Return the table's column for each thing that it has; raise where one that is needed is missing."""
    found = {
        key: next(name for name in names if name in sheet.columns)
        for key, names in mapping.columns.items()
        if any(name in sheet.columns for name in names)
    }
    needed = [key for key in ("document", "code") if key in mapping.columns]
    placed = "range" in found or {"start", "end"} <= set(found)
    needed += ["quote"] if "quote" in mapping.columns and not placed else []
    problems = [
        Problem(f"{sheet.file}, row 1", f"no column is called {' or '.join(map(repr, mapping.columns[key]))}")
        for key in needed
        if key not in found
    ]
    if problems:
        has = ", ".join(sheet.columns[:12])
        remedy = f"write a mapping file for this table; its columns are {has}"
        raise ExchangeError(f"{sheet.file} does not fit the mapping", problems, remedy=remedy)
    return found


def _code_columns(sheet: Sheet, mapping: SegmentMapping) -> dict[str, str]:
    """Return the columns that stand for one code each, by the code's name."""
    if not mapping.has_code_columns:
        return {}
    before, after = mapping.code_prefix, mapping.code_suffix
    return {
        name.removeprefix(before).removesuffix(after): name
        for name in sheet.columns
        if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    }


def _matched(name: str, texts: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the document that a table means, or what is wrong."""
    if name in texts:
        return name, ""
    if not name:
        return None, "it names no document"
    found = [each for each in texts if stem_of(each) == stem_of(name)]
    if len(found) == 1:
        return found[0], ""
    shown = name[:60]
    return None, f"{len(found)} documents could be {shown!r}" if found else f"no document is called {shown!r}"


def stem_of(name: str) -> str:
    r"""Return a document's name without its folder and ending, regardless of case.

    Examples
    --------
    >>> stem_of("Files\\Interview 1.DOCX")
    'interview 1'
    """
    return ENDING.sub("", re.split(r"[/\\]", name)[-1]).strip().casefold()


def _texts(documents: Documents) -> Mapping[str, str]:
    """Return the documents by name; of a folder, its text files as they stand, line ends untouched."""
    if isinstance(documents, Mapping):
        return documents
    folder = Path(documents)
    files = sorted(
        each for each in folder.glob("*") if each.suffix.lower() in TEXT_ENDINGS and each.is_file()
    )
    if not files:
        raise ExchangeError(
            f"{folder} has no documents", remedy="give a folder of .txt or .md files, or the texts"
        )
    found, problems = {}, []
    for file in files:
        try:
            found[file.name] = file.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(file.name, f"byte {error.start + 1} is not UTF-8", "save it as UTF-8"))
    if problems:
        raise ExchangeError(f"{folder}: documents that cannot be read", problems)
    return found
