"""Checks of the tables that enter a classifier: columns, ids, texts, and columns about a person."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from peercompare.errors import CodingError, InputError, Problem
from peercompare.persons import person_columns, refuse_person_columns

TEXT_COLUMNS = ("segment_id", "document_id", "text")
"""What a table of texts to predict must have."""

__all__ = ["check_columns", "check_labels", "check_texts", "person_columns", "refuse_person_columns"]


def check_columns(table: pd.DataFrame, needed: Sequence[str], *, what: str) -> None:
    """Raise where a table lacks a column or has no row.

    Raises
    ------
    InputError
        Names all columns that are missing.
    """
    absent = [column for column in needed if column not in table.columns]
    if absent:
        raise InputError(
            f"The table of {what} cannot be used",
            [Problem(f"column {column!r}", "missing") for column in absent],
            remedy=f"it needs the columns {', '.join(needed)}",
        )
    if table.empty:
        raise InputError(f"The table of {what} has no row", remedy="give at least one segment")


def check_texts(table: pd.DataFrame, *, what: str) -> None:
    """Raise where a segment's id is missing or stands twice, or its text is missing or empty.

    Parameters
    ----------
    table : DataFrame
        With the columns ``segment_id`` and ``text``.
    what : str
        What the table holds, for the message.

    Raises
    ------
    InputError
        Lists the rows, counting the header as row 1.
    """
    ids, texts = table["segment_id"], table["text"]
    faults = [
        (ids.isna(), "segment_id is missing"),
        (ids.notna() & ids.duplicated(), "segment_id stands twice"),
    ]
    is_text = texts.map(lambda value: isinstance(value, str)).astype(bool)
    faults.append((~is_text, "text is missing, or is no text"))
    faults.append((is_text & (texts.where(is_text, "x").astype(str).str.strip() == ""), "text is empty"))
    problems = [
        Problem(f"row {row + 2} ({ids.iloc[row]})", fault)
        for wrong, fault in faults
        for row in wrong.to_numpy().nonzero()[0]
    ]
    if problems:
        raise InputError(
            f"The table of {what} cannot be used",
            problems,
            remedy="mend or leave out these rows; nothing was changed",
        )


def check_labels(table: pd.DataFrame, labels: Sequence[str], *, what: str) -> None:
    """Raise where a row's label is none of the framework's.

    Raises
    ------
    CodingError
        Lists the rows, counting the header as row 1.
    """
    wrong = (~table["label"].isin(list(labels))).to_numpy().nonzero()[0]
    if len(wrong):
        raise CodingError(
            f"The table of {what} cannot be used",
            [
                Problem(
                    f"row {row + 2} ({table['segment_id'].iloc[row]})",
                    f"unknown label {table['label'].iloc[row]!r}",
                )
                for row in wrong
            ],
            remedy=f"allowed labels: {', '.join(labels)}",
        )
