"""Checks of the tables that enter a classifier: columns, ids, texts, and columns about a person."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from peercompare.errors import CodingError, DisclosureError, InputError, Problem

TEXT_COLUMNS = ("segment_id", "document_id", "text")
"""What a table of texts to predict must have."""

_SOMEBODY = (
    "applicant author candidate case_manager client clinician coach consumer counselor counsellor employee "
    "facilitator helper interviewee interviewer manager nurse participant patient peer_worker people person "
    "practitioner provider recipient respondent service_user social_worker specialist speaker staff student "
    "subject supervisor teacher therapist user veteran volunteer worker writer youth"
).split()
_PERSON = re.compile(
    rf"(?:(?:{'|'.join(_SOMEBODY)})s?(?:_?(?:ids?|names?|codes?|numbers?|nos?|nr|keys?|labels?|initials))?)"
    r"|names?|(?:first|last|middle|full|given|family|nick|pre|sur|user|maiden|legal|preferred)_?names?|forenames?"
    r"|initials|(?:.*_)?e_?mails?(?:_.*)?|(?:tele)?phone(?:_.*)?|mobile|ssn|social_security(?:_.*)?|mrn|npi"
    r"|(?:date_of_birth|birth_?date|dob)|(?:home_)?address"
)


def person_columns(columns: Sequence[object]) -> list[str]:
    """Return the columns whose name says that they tell who a person is, in their order.

    Examples
    --------
    >>> person_columns(["segment_id", "Worker ID", "text", "e-mail", "employer_name", "worker_role"])
    ['Worker ID', 'e-mail']
    """
    return [str(column) for column in columns if _PERSON.fullmatch(_plain_name(str(column)))]


def _plain_name(column: str) -> str:
    """Spell a column's name in lower case with underscores, from camelCase too."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def refuse_person_columns(table: pd.DataFrame) -> None:
    """Raise where a table says who the people are whose words are to be judged.

    Raises
    ------
    DisclosureError
        Names the columns.
    """
    found = person_columns(table.columns)
    if found:
        raise DisclosureError(
            "Predictions are not made for people: the table says who they are",
            [Problem(f"column {column!r}", "names or numbers a person") for column in found],
            remedy="drop the column; predictions are for texts in groups, never for hiring or pay",
        )


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
