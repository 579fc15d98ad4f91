"""Sentences that say where each of their numbers comes from.

A report's number may come only from a table. Each sentence, and each row of a printed table, therefore
carries the name of the table and the rows it was written from, and a test reads them back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from peercompare.figures.text import WAIVER, merged, missing, uses_waiver
from peercompare.report.formulas import Formula

MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
"""What Markdown would take for more than text."""


class Tables:
    """The study's tables, read by name; an absent table has no rows.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As a study writes them. They are not changed.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        # Rows are picked hundreds of times, which plain objects bear better than strings in Arrow's memory.
        self._tables = {
            name: table.reset_index(drop=True).astype(
                dict.fromkeys(table.select_dtypes("str").columns, object)
            )
            for name, table in tables.items()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._tables and not self._tables[name].empty

    def rows(self, name: str, **wanted: object) -> pd.DataFrame:
        """Return the rows of a table whose columns have the wanted values, keeping the rows' numbers.

        A value may be a list of allowed ones. A column that the table lacks matches only where no value is
        wanted.
        """
        table = self._tables.get(name, pd.DataFrame())
        if not set(wanted) <= set(table.columns):
            return table.iloc[:0]
        kept = pd.Series(True, index=table.index)
        for column, value in wanted.items():
            allowed = list(value) if isinstance(value, list | tuple | set) else [value]
            found = table[column].isin(allowed)
            kept &= found | table[column].isna() if "" in allowed else found
        return table[kept]

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
    return _parts(rows["method"][with_interval] if with_interval.any() else rows["method"])


def reasons_in_words(rows: pd.DataFrame) -> str:
    """Return why some rows have no value or no interval, each reason once, with the range of its numbers."""
    return _parts(rows["reason"]) if "reason" in rows.columns else ""


def _parts(texts: Iterable[object]) -> str:
    """Join the different parts of some texts; where only numbers differ they become ranges."""
    parts = [part.strip().rstrip(".") for text in texts if not missing(text) for part in str(text).split(";")]
    return "; ".join(merged(part for part in parts if part))


def claims_block(claims: Sequence[dict]) -> dict:
    """Return sentences as one paragraph of a section."""
    return {"kind": "claims", "claims": list(claims)}


def list_block(claims: Sequence[dict]) -> dict:
    """Return sentences as a list, one to a line."""
    return {"kind": "list", "claims": list(claims)}


def words_block(text: str, **words: str) -> dict:
    """Return fixed words, in Markdown, as a part of a section; what stands in braces is put in as text."""
    return {
        "kind": "words",
        "text": text.format(**{k: escaped(v) for k, v in words.items()}) if words else text,
    }


def texts_block(texts: Iterable[str]) -> dict:
    """Return texts that are no findings, such as references, as a list."""
    return list_block([claim(text, "") for text in texts])


def escaped(text: str) -> str:
    r"""Return text that comes from data so that Markdown shows it as it stands.

    Examples
    --------
    >>> print(escaped("coder_a <b>"))
    coder\_a \<b\>
    """
    return MARKUP.sub(r"\\\1", text.replace("&", "&amp;"))


def figures_block(*beginnings: str) -> dict:
    """Return the place of all figures whose names begin so."""
    return {"kind": "figures", "names": list(beginnings)}


def formula_block(formula: Formula) -> dict:
    """Return a formula as a part of a section."""
    return {"kind": "formula", "words": formula.words, "tree": json.loads(json.dumps(formula.tree))}


def quotation_block(source: str, lines: Sequence[tuple[str, str]], at: int) -> dict:
    """Return words of people as a part of a section: who speaks and what, and which line is quoted."""
    return {"kind": "quotation", "source": source, "lines": [list(line) for line in lines], "at": at}


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
