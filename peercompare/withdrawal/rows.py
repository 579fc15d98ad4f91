"""Changing single rows of a CSV file, every other row staying byte for byte as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

Row = Callable[[dict[str, str]], dict[str, str] | None]
"""Takes a row's cells by column and returns the new ones, the same ones, or None where the row goes."""


def with_rows(text: str, change: Row) -> str:
    r"""Return a CSV text with some rows changed or taken out.

    Parameters
    ----------
    text : str
        With a header row; sound by itself (see `peercompare.corpus.folder.read_table`).
    change : callable
        Asked for every row. A row that comes back as it was keeps its bytes, quotes and line end.

    Examples
    --------
    >>> with_rows('a,b\r\n1,"x"\r\n2,"y"\r\n', lambda row: None if row["a"] == "2" else row)
    'a,b\r\n1,"x"\r\n'
    """
    head, *rows = _records(text)
    header = _cells(head.removeprefix("\ufeff"))
    kept = [head]
    for raw in rows:
        cells = _cells(raw)
        if not cells:  # a blank line at the end
            kept.append(raw)
            continue
        before = dict(zip(header, cells, strict=True))
        after = change(dict(before))
        if after is not None:
            kept.append(raw if after == before else _spelt([after[name] for name in header], raw))
    return "".join(kept)


def with_row_added(text: str, columns: Sequence[str], row: dict[str, object]) -> str:
    """Return a CSV text with a row at its end; an empty text first gets a header."""
    text = text or _spelt(columns, "\n")
    header = _cells(_records(text)[0].removeprefix("\ufeff"))
    end = "" if text.endswith(("\n", "\r")) else "\n"
    return text + end + _spelt([str(row.get(name, "")) for name in header], "\n")


def _records(text: str) -> list[str]:
    """Part a text into its rows, line ends kept; a line end between quotes parts nothing.

    Where quotes stand where CSV does not put them, the rows are spelt anew.
    """
    found, waiting = [], ""
    for line in io.StringIO(text, newline=""):
        waiting += line
        if waiting.count('"') % 2 == 0:
            found.append(waiting)
            waiting = ""
    found += [waiting] if waiting else []
    if [_cells(raw) for raw in found] != list(csv.reader(io.StringIO(text, newline=""))):
        return [_spelt(row, "\n") for row in csv.reader(io.StringIO(text, newline=""))]
    return found


def _cells(raw: str) -> list[str]:
    """Return the cells of one row."""
    rows = list(csv.reader(io.StringIO(raw, newline="")))
    return rows[0] if len(rows) == 1 else [f"{len(rows)} rows"]


def _spelt(cells: Sequence[str], like: str) -> str:
    """Spell a row, with the line end of another."""
    end = "\r\n" if like.endswith("\r\n") else "\n"
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=end).writerow(cells)
    return buffer.getvalue()
