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

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from peercompare.errors import InputError, Problem, named
from peercompare.progress import progress
from peercompare.readers.document import ReadDocument, named_id
from peercompare.readers.office import tidied
from peercompare.readers.rows import JSON_LINES, MAX_FAULTS, TableRows, further_sheets
from peercompare.readers.sources import decoded, read_bytes, refusal
from peercompare.readers.webpage import html_to_text

WITHOUT_WORDS = ("stop", "leave out")
"""What becomes of rows without words: they stop the import, or are left out and named in the warnings."""

MAX_NAMED = 100
"""Rows without words that are named one by one; further ones are counted."""

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
        TOML in UTF-8: ``title`` and ``text`` (as keys, under ``[columns]`` as in a mapping of coded segments,
        or under ``[constants]``), any further columns, and where needed ``day_format``, ``without_words`` and
        ``[values.<column>]``.

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
    if isinstance(values.get("columns"), Mapping):
        values = {**values.pop("columns"), **values}
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
    """Yield the postings of a dump, one a row, without holding more than two rows.

    Parameters
    ----------
    path : str or Path
        A .csv, .tsv, .xlsx, .jsonl or .ndjson file of any size.
    mapping : TableMapping
        Which column is what; in JSONL ``outer.inner`` is what an object in the object holds. Where it names
        no ``document_id`` rows are numbered.
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
    rows = TableRows(path, encoding)
    size = path.stat().st_size if path.is_file() else None
    held, said = None, _Said(mapping)
    for number, row in progress(rows, description=path.name, total=size, done=lambda: rows.bytes_read):
        if said.n_rows == 0:
            _check_columns(rows, mapping, row)
            said.lines += further_sheets(path)
        said.see(row)
        document = _document(rows, mapping, number, row)
        if isinstance(document, str):
            said.leave_out(document)
        elif document is not None and not rows.problems:
            # one is held back, so that the last can carry what is said after it
            if held is not None:
                yield said.with_lines(held)
            held = document
        if len(rows.problems) >= MAX_FAULTS:
            break
    if held is not None and not rows.problems:
        said.end(path.name)
        yield said.with_lines(held)
    if rows.problems:
        remedy = "mend these rows or take them out"
        raise InputError(f"{path} cannot be imported", rows.problems, remedy=remedy)


class _Said:
    """What is said about the rows between two documents, and at the end about the whole dump."""

    def __init__(self, mapping: TableMapping) -> None:
        self.lines: list[str] = []
        self.n_rows = 0
        self._n_left_out = 0
        self._unseen = {name: key for key, names in mapping.columns.items() for name in names}

    def see(self, row: Mapping[str, str]) -> None:
        """Take note of a row and the columns that it has."""
        self.n_rows += 1
        for name in [name for name in self._unseen if name in row]:
            del self._unseen[name]

    def leave_out(self, warning: str) -> None:
        """Say that a row is left out; after the first `MAX_NAMED` they are counted alone."""
        self._n_left_out += 1
        if self._n_left_out <= MAX_NAMED:
            self.lines.append(warning)

    def with_lines(self, document: ReadDocument) -> ReadDocument:
        """Return a document that carries what was said since the one before it."""
        said, self.lines = self.lines, []
        return replace(document, warnings=(*said, *document.warnings)) if said else document

    def end(self, name: str) -> None:
        """Say what can be said only at the end."""
        if self._n_left_out > MAX_NAMED:
            self.lines.append(f"{name}: {self._n_left_out} rows without words are left out in all")
        self.lines += [
            f"{name}: no row has anything called {column!r}, which the mapping names for {key}"
            for column, key in self._unseen.items()
        ]


def _check_columns(rows: TableRows, mapping: TableMapping, row: Mapping[str, str]) -> None:
    """Refuse a mapping that names columns which the first row lacks; JSON objects may lack what is empty."""
    path, problems = rows.path, []
    if path.suffix.lower() in JSON_LINES:
        return
    for key, names in mapping.columns.items():
        for name in names:
            if name not in row:
                near = difflib.get_close_matches(name, row, n=1)
                remedy = f"did you mean {near[0]!r}?" if near else f"it has {named(row)}"
                problems.append(
                    Problem(f"{path.name}, row 1", f"there is no column {name!r} for {key}", remedy)
                )
    if problems:
        raise InputError(f"The mapping does not fit {path}", problems)


def _document(
    rows: TableRows, mapping: TableMapping, number: int, row: Mapping[str, str]
) -> ReadDocument | str | None:
    """Return a row as a document, a warning that it is left out, or nothing where its fault is noted."""
    where = f"{rows.path.name}, {rows.unit} {number}"
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
        rows.problems.append(Problem(where, what, 'or let the mapping say without_words = "leave out"'))
        return None
    if cells.get("date"):
        cells["date"] = _day(cells["date"], mapping.day_format)
        if not cells["date"]:
            remedy = 'say how days are written: day_format = "%m/%d/%Y"'
            rows.problems.append(Problem(where, "the day cannot be read", remedy))
            return None
    document_id = named_id(document_id) if document_id else f"{named_id(rows.path.stem)}-{number:07d}"
    metadata = {"source": where, **{key: cell.strip() for key, cell in cells.items()}}
    warnings = () if title else (f"{where}: it has no title",)
    title = title or "Untitled posting"
    return ReadDocument(document_id, title, tidied(f"{title}\n\n{text}"), (), metadata, warnings)


def _joined(row: Mapping[str, str], names: tuple[str, ...], key: str) -> str:
    """Return one or more cells; texts are put under each other, HTML made plain in each by itself."""
    cells = [row.get(name, "") for name in names]
    if key == "text" and len(cells) > 1:
        cells = [html_to_text(cell) for cell in cells]
    return ("\n" if key == "text" else " ").join(cell for cell in cells if cell.strip())


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
