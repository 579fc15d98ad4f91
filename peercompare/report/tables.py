"""Tables for reading: numbers written one way, a caption, and a header cell for each row and column."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from peercompare.figures.text import count, missing, number
from peercompare.report.columns import unbroken

Write = Callable[[object], str]

LONG = 48
"""Letters from which a cell is a sentence."""


def html_table(
    frame: pd.DataFrame,
    *,
    caption: str,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, Write] | None = None,
) -> str:
    """Return a table as HTML; the first column heads the rows.

    Parameters
    ----------
    frame : DataFrame
        The index is left out: what names a row is the first column.
    caption : str
        What the table shows, in a few words.
    columns : mapping, optional
        Columns to show, in order, with their headings; all columns under their own names where left out.
    formats : mapping, optional
        For a column, how a value is written, e.g. `peercompare.figures.text.percent`. Without one, fractions
        get two digits, counts a mark at the thousands, truth values yes or no, dates year, month and day, and
        a missing value a dash.

    Returns
    -------
    str
        A ``table`` element with its caption and with scopes on all headings; texts are escaped.

    Raises
    ------
    KeyError
        Where the frame lacks one of `columns`.

    Examples
    --------
    >>> table = html_table(pd.DataFrame({"site": ["S1"], "index": [-0.25]}), caption="Index by site")
    >>> '<th scope="row">S1</th>' in table, "−0.25" in table
    (True, True)
    """
    headings = dict(columns) if columns is not None else {name: str(name) for name in frame.columns}
    writers = dict(formats or {})
    shown = {name: [writers.get(name, plain)(value) for value in frame[name]] for name in headings}
    right = {name for name in headings if pd.api.types.is_numeric_dtype(frame[name])}
    right -= {name for name in headings if pd.api.types.is_bool_dtype(frame[name])}
    return cells_table(
        list(headings.values()),
        list(zip(*shown.values(), strict=True)),
        caption=caption,
        right=[name in right for name in headings],
    )


def cells_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    right: Sequence[bool] | None = None,
) -> str:
    """Return written cells as an HTML table; the first cell of each row heads it.

    Parameters
    ----------
    headings : sequence of str
        One for each column.
    rows : sequence of sequence of str
        Written values.
    caption : str
        What the table shows.
    right : sequence of bool, optional
        Which columns hold numbers; where left out those whose cells all begin like one.
    """
    right = list(right) if right is not None else [_numbers(rows, place) for place in range(len(headings))]
    marks = [' class="num"' if place and flag else "" for place, flag in enumerate(right)]
    head = "".join(
        f'<th scope="col"{mark}>{unbroken(html.escape(str(heading)))}</th>'
        for heading, mark in zip(headings, marks, strict=True)
    )
    body = "\n".join(f"<tr>{_row(row, marks)}</tr>" for row in rows)
    return (
        f"<table><caption>{html.escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table>"
    )


def show_table(
    frame: pd.DataFrame,
    *,
    caption: str,
    columns: Mapping[str, str] | None = None,
    formats: Mapping[str, Write] | None = None,
) -> None:
    """Show a table in a notebook as HTML, and as plain text where HTML cannot be shown.

    Parameters
    ----------
    frame : DataFrame
        The index is left out: what names a row is the first column.
    caption : str
        What the table shows, in a few words; it heads the plain text too.
    columns : mapping, optional
        Columns to show, in order, with their headings; the plain text keeps the columns' own names.
    formats : mapping, optional
        For a column, how a value is written in HTML, as in `html_table`; the plain text is pandas' own.

    Raises
    ------
    KeyError
        Where the frame lacks one of `columns`.
    """
    from IPython.display import display

    made = html_table(frame, caption=caption, columns=columns, formats=formats)
    plain_text = frame[list(columns)] if columns else frame
    display({"text/html": made, "text/plain": f"{caption}\n{plain_text.to_string(index=False)}"}, raw=True)


def plain(value: object) -> str:
    """Write one value of a table.

    Examples
    --------
    >>> [plain(value) for value in (1966, -0.5, True, None, "peer", pd.Timestamp("2024-06-30"))]
    ['1,966', '−0.50', 'yes', '–', 'peer', '2024-06-30']
    """
    if isinstance(value, list | tuple | set):
        return ", ".join(map(plain, value))
    if missing(value):
        return "–"
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "yes" if value else "no"
    if isinstance(value, int) or pd.api.types.is_integer(value):
        return count(value)
    if isinstance(value, float) or pd.api.types.is_float(value):
        return number(value)
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def _row(row: Sequence[str], marks: Sequence[str]) -> str:
    first, *rest = row
    head = f'<th scope="row"{_long(first)}>{html.escape(str(first))}</th>'
    cells = [head if str(first).strip() else "<td></td>"]
    cells += [
        f"<td{mark or _long(cell)}>{unbroken(html.escape(str(cell)))}</td>"
        for cell, mark in zip(rest, marks[1:], strict=True)
    ]
    return "".join(cells)


def _long(cell: object) -> str:
    """Mark a cell with a sentence in it, whose column is not to become a thread of single words."""
    return ' class="long"' if len(str(cell)) > LONG else ""


def _numbers(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Tell whether a column holds written numbers."""
    cells = [str(row[place]) for row in rows if str(row[place]) not in {"–", ""}]
    return bool(cells) and all(cell.lstrip("+−<>")[:1].isdigit() and len(cell) < 28 for cell in cells)
