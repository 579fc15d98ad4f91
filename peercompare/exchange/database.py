"""Reading a tool's SQLite database without touching it: read only, checked, nothing in it run."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from peercompare.errors import ExchangeError, Problem

Row = Mapping[str, str | int | float | None]
"""One row of a table: text, numbers and empty cells by column."""

_HEADER = b"SQLite format 3\0"
_UNDECODED = re.compile("[\udc80-\udcff]")
_AGAIN = "close the tool, copy the file whole, and try again"


class Database:
    """An open database whose tables were found sound; make one with `open_database`."""

    def __init__(
        self, connection: sqlite3.Connection, name: str, columns: Mapping[str, Sequence[str]]
    ) -> None:
        self.name = name
        self._connection = connection
        self._columns = columns

    def has(self, table: str, column: str = "") -> bool:
        """Say whether there is a table, and a column in it."""
        return table in self._columns and (not column or column in self._columns[table])

    def count(self, table: str, where: str = "") -> int:
        """Return the number of rows of a table, 0 where there is none; `where` is SQL of our own."""
        if table not in self._columns:
            return 0
        sql = f'SELECT count(*) FROM "{table}"' + (f" WHERE {where}" if where else "")
        return int(self._connection.execute(sql).fetchone()[0])

    def rows(self, table: str, columns: Sequence[str], *, order: str = "") -> list[Row]:
        """Return the rows of a table; columns that an older version lacks, and absent tables, give nothing.

        Raises
        ------
        ExchangeError
            Lists every cell that is not UTF-8.
        """
        if table not in self._columns:
            return []
        there = [each for each in columns if each in self._columns[table]]
        sql = f'SELECT {", ".join(_quoted(each) for each in there)} FROM "{table}"'
        sql += f' ORDER BY "{order}"' if order else ""
        empty = dict.fromkeys(columns)
        found = [empty | dict(zip(there, cells, strict=True)) for cells in self._connection.execute(sql)]
        problems = [
            Problem(f"{self.name}, table {table}, row {number}", f"the column {name} is not UTF-8", _AGAIN)
            for number, row in enumerate(found, start=1)
            for name, cell in row.items()
            if isinstance(cell, str) and _UNDECODED.search(cell)
        ]
        if problems:
            raise ExchangeError(f"{self.name} cannot be read", problems)
        return found


@contextmanager
def open_database(path: Path, *, tool: str, tables: Mapping[str, Sequence[str]]) -> Iterator[Database]:
    """Open a database to read, after a look at its state and its tables.

    Parameters
    ----------
    path : Path
        The file. It is opened as immutable: nothing is written to it or beside it.
    tool : str
        The program it should be of, for messages.
    tables : mapping of str to sequence of str
        Tables that must be there, with the columns that must be in them.

    Raises
    ------
    ExchangeError
        Where it is no database, a damaged or an unfinished one, or lists every table and column that is
        missing.
    """
    _check_file(path, tool)
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            connection.execute("PRAGMA trusted_schema = OFF")
            yield Database(connection, path.name, _checked_columns(connection, path.name, tool, tables))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        fault = Problem(path.name, f"the database is damaged: {error}", _AGAIN)
        raise ExchangeError(f"{path.name} cannot be read", [fault]) from None


def text_of(value: object) -> str:
    """Return a cell as text, an empty one as ``""``."""
    return "" if value is None else str(value)


def _check_file(path: Path, tool: str) -> None:
    """Raise where there is no database, or one whose last changes are not in it yet."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(len(_HEADER))
    except OSError as error:
        raise ExchangeError(
            f"{path} cannot be opened: {error.strerror}", remedy=f"give the path of a {tool} project"
        ) from None
    if head != _HEADER:
        fault = Problem(path.name, "it is no SQLite database", f"give the path of a {tool} project")
        raise ExchangeError(f"{path.name} is no {tool} project", [fault])
    beside = [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal")]
    problems = [
        Problem(
            each.name, "the tool has changes in it that are not in the database yet", f"close {tool} first"
        )
        for each in beside
        if each.exists() and each.stat().st_size
    ]
    if problems:
        raise ExchangeError(f"{path.name} is in use", problems)


def _checked_columns(
    connection: sqlite3.Connection, name: str, tool: str, tables: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the columns of every table; views are none, since reading one runs what it says."""
    for (words,) in connection.execute("PRAGMA quick_check(1)"):
        if words != "ok":
            fault = Problem(name, f"the database is damaged: {words}", _AGAIN)
            raise ExchangeError(f"{name} cannot be read", [fault])
    names = [each for (each,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        each: tuple(row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(each)})"))
        for each in names
    }
    problems = [
        Problem(name, f"the table {table!r} is missing") for table in tables if table not in found
    ] + [
        Problem(f"{name}, table {table}", f"the column {column!r} is missing")
        for table, columns in tables.items()
        for column in columns
        if table in found and column not in found[table]
    ]
    if problems:
        raise ExchangeError(
            f"{name} is no {tool} project", problems, remedy=f"open it in {tool} and save it anew"
        )
    return found


def _quoted(name: str) -> str:
    """Return a name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'
