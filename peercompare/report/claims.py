"""Sentences that say where each of their numbers comes from.

A report's number may come only from a table. Each sentence, and each row of a printed table, therefore
carries the name of the table and the rows it was written from, and a test reads them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from peercompare.figures.text import WAIVER, missing, uses_waiver

NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])")


class Tables:
    """The study's tables, read by name; an absent table has no rows.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As a study writes them. They are not changed.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = {name: table.reset_index(drop=True) for name, table in tables.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._tables and not self._tables[name].empty

    def rows(self, name: str, **wanted: object) -> pd.DataFrame:
        """Return the rows of a table whose columns have the wanted values, keeping the rows' numbers.

        A value may be a list of allowed ones. A column that the table lacks matches only where no value is
        wanted.
        """
        table = self._tables.get(name, pd.DataFrame())
        for column, value in wanted.items():
            if column not in table.columns:
                return table.iloc[:0]
            allowed = list(value) if isinstance(value, list | tuple | set) else [value]
            table = table[table[column].astype("object").where(table[column].notna(), "").isin(allowed)]
        return table

    def values(self, name: str, column: str, **wanted: object) -> list:
        """Return the different values of a column among some rows, in order of appearance."""
        rows = self.rows(name, **wanted)
        if column not in rows.columns:
            return []
        return [value for value in dict.fromkeys(rows[column]) if not missing(value)]


def claim(text: str, table: str, rows: pd.DataFrame | pd.Series | Sequence[int] = ()) -> dict:
    """Return a sentence with the rows that its numbers come from.

    Parameters
    ----------
    text : str
        A sentence.
    table : str
        Name of the table.
    rows : DataFrame, Series or sequence of int
        Rows of that table, or their numbers.
    """
    return {"text": text, "table": table, "rows": row_numbers(rows)}


def row_numbers(rows: pd.DataFrame | pd.Series | Sequence[int]) -> list[int]:
    """Return the numbers of some rows of a table."""
    if isinstance(rows, pd.DataFrame):
        return [int(number) for number in rows.index]
    return [int(rows.name)] if isinstance(rows, pd.Series) else [int(number) for number in rows]


def methods_in_words(rows: pd.DataFrame) -> str:
    """Return the methods of some rows in one line: parts that differ only in a number are given as a range.

    Parts of a method are separated by semicolons. Rows without an interval do not speak for its method.

    Examples
    --------
    >>> rows = pd.DataFrame({"method": ["jackknife, t with 6.0 degrees", "jackknife, t with 19.3 degrees"]})
    >>> methods_in_words(rows)
    'jackknife, t with 6.0 to 19.3 degrees'
    """
    if "method" not in rows.columns:
        return ""
    with_interval = rows["lower"].notna() if "lower" in rows.columns else pd.Series(True, index=rows.index)
    speaking = rows[with_interval] if with_interval.any() else rows
    return "; ".join(_gathered(speaking["method"]))


def reasons_in_words(rows: pd.DataFrame) -> str:
    """Return why some rows have no value or no interval, each reason once, with the range of its numbers."""
    if "reason" not in rows.columns:
        return ""
    return "; ".join(_gathered(rows["reason"]))


def _gathered(texts: Iterable[object]) -> list[str]:
    """Return the different parts of some texts, set apart by semicolons; numbers that differ are ranges."""
    found: dict[str, list[list[str]]] = {}
    for text in texts:
        for part in [] if missing(text) else str(text).split(";"):
            found.setdefault(NUMBER.sub("#", part.strip().rstrip(".")), []).append(NUMBER.findall(part))
    return [_ranged(gist, numbers) for gist, numbers in found.items() if gist]


def _ranged(gist: str, numbers: Sequence[Sequence[str]]) -> str:
    """Put numbers back into a text, as ranges where they differ."""
    parts = gist.split("#")
    for place in range(len(parts) - 1):
        values = sorted({each[place] for each in numbers}, key=float)
        parts[place] += values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}"
    return "".join(parts)


def claims_block(claims: Sequence[dict]) -> dict:
    """Return sentences as one paragraph of a section."""
    return {"kind": "claims", "claims": list(claims)}


def list_block(claims: Sequence[dict]) -> dict:
    """Return sentences as a list, one to a line."""
    return {"kind": "list", "claims": list(claims)}


def words_block(text: str) -> dict:
    """Return fixed words, in Markdown, as a part of a section."""
    return {"kind": "words", "text": text}


def figures_block(*beginnings: str) -> dict:
    """Return the place of all figures whose names begin so."""
    return {"kind": "figures", "names": list(beginnings)}


def table_block(
    caption: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    table: str,
    source: pd.DataFrame,
    note: str = "",
    waiver: bool = True,
) -> dict:
    """Return written rows as a table of a section, with the rows of the study's table they come from.

    The note says what the rows share: estimand, method, confidence level; the waiver is added where a row
    uses it.
    """
    notes = [note] if note else []
    if waiver and uses_waiver(source):
        notes.append(f"{WAIVER}.")
    return {
        "kind": "table",
        "caption": caption,
        "headings": list(headings),
        "rows": [list(map(str, row)) for row in rows],
        "note": " ".join(notes),
        "table": table,
        "source_rows": row_numbers(source),
    }


def section(name: str, title: str, blocks: Sequence[dict | None], *, level: int = 2) -> dict:
    """Return a section of the report; parts that are None are left out."""
    return {"id": name, "title": title, "level": level, "blocks": [block for block in blocks if block]}
