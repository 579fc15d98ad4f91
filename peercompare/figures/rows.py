"""Choosing the rows that a chart draws: one corpus, one variant, as many as can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from peercompare.errors import InputError, Problem
from peercompare.figures.text import WAIVER, count, distinct, uses_waiver

MOST_ROWS = 60
"""A chart draws at most so many groups; the rest stay in the table, and the chart says so."""

DEFAULTS = {"variant": "as_coded", "labels": "all_codings"}
"""Which estimates are drawn where the caller names none and the table holds several."""


def require_columns(table: pd.DataFrame, columns: Iterable[str], name: str) -> None:
    """Raise where a table lacks columns that its chart needs.

    Raises
    ------
    InputError
        With one problem for each missing column.
    """
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise InputError(
            f"The chart cannot be drawn from the table {name}",
            [Problem(name, f"column {column!r} is missing") for column in lacking],
            remedy=f"columns present: {', '.join(map(str, table.columns)) or 'none'}",
        )


def choose(
    table: pd.DataFrame, where: Mapping[str, str] | None, *, one_of: Iterable[str] = ("corpus",)
) -> pd.DataFrame:
    """Return the rows whose columns have the wanted values.

    Parameters
    ----------
    table : DataFrame
        Left as it is.
    where : mapping of column to value, or None
        What to keep. ``variant`` and ``labels`` fall back to `DEFAULTS` where the table holds several.
    one_of : iterable of str
        Columns that may hold one value only among the rows kept, since values of two do not belong on one
        axis.

    Raises
    ------
    InputError
        Where a column is unknown, or where rows of several corpora (or the like) would be mixed.
    """
    where = dict(where or {})
    require_columns(table, where, "given")
    for column, usual in DEFAULTS.items():
        if column in table.columns and column not in where and usual in set(table[column]):
            where[column] = usual
    kept = table
    for column, value in where.items():
        kept = kept[kept[column].astype("string") == str(value)]
    for column in one_of:
        values = distinct(kept, column)
        if len(values) > 1:
            raise InputError(
                f"The table holds several values of {column!r} ({', '.join(values)}) and a chart shows one",
                remedy=f"name one, e.g. where={{{column!r}: {values[0]!r}}}",
            )
    return kept.reset_index(drop=True)


def first_groups(groups: Iterable[object], *, noun: str, most: int = MOST_ROWS) -> tuple[list, str]:
    """Return the groups that can be drawn, and a note where there are more.

    Examples
    --------
    >>> first_groups(range(200), noun="employers", most=60)[1]
    'The first 60 of 200 employers are drawn; all are in the table.'
    """
    groups = list(dict.fromkeys(groups))
    if len(groups) <= most:
        return groups, ""
    note = f"The first {count(most)} of {count(len(groups))} {noun} are drawn; all are in the table."
    return groups[:most], note


def waiver_note(table: pd.DataFrame) -> str:
    """Return the words that must stand on a figure which uses the waiver; else nothing."""
    return f"{WAIVER}." if uses_waiver(table) else ""


def corpus_name(table: pd.DataFrame) -> str:
    """Return the corpus of a table in words, or nothing."""
    names = distinct(table, "corpus")
    return names[0].replace("_", " ") if len(names) == 1 else ""


def of_corpus(title: str, table: pd.DataFrame) -> str:
    """Return a title with its corpus named."""
    name = corpus_name(table)
    return f"{title}: {name}" if name else title


def label_of(items: Iterable[object], wanted: str) -> str:
    """Return the label of a framework's item by its id; an unknown id in plain words."""
    for item in items:
        if item.id == wanted:  # type: ignore[attr-defined]
            return item.label  # type: ignore[attr-defined]
    return str(wanted).replace("_", " ")


def stance_label(framework: object, label: str) -> str:
    """Return the label of a stance, ``none`` included."""
    return label_of((framework.none, *framework.stances), label)  # type: ignore[attr-defined]
