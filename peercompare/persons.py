"""Columns that say who a person is, told by their names, and the refusal to judge anybody by them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from peercompare.errors import DisclosureError, Problem

if TYPE_CHECKING:
    import pandas as pd

_SOMEBODY = (
    "agent applicant author caller candidate case_?manager case_?worker client clinician coach consumer "
    "counselor counsellor employee facilitator helper incumbent interviewee interviewer manager member "
    "mentor navigator nurse participant patient peer_specialist peer_supporter peer_worker people person "
    "practitioner provider recipient respondent service_user social_?worker specialist speaker staff "
    "staff_member student subject supervisor teacher team_member therapist user veteran volunteer worker "
    "writer youth"
).split()
_KEY = r"(?:ids?|names?|numbers?|num|nos?|nr|keys?|initials)"
_PEOPLE = rf"(?:{'|'.join(_SOMEBODY)})s?"
_PERSON = re.compile(
    rf"(?:{_PEOPLE}(?:_?(?:{_KEY}|codes?|labels?))?)"
    # A word before or a bare "peer" needs the key: n_workers counts, and a stance may be called peer.
    rf"|(?:[a-z]+_)+{_PEOPLE}_{_KEY}|peers?_?{_KEY}|payroll(?:_?{_KEY})?|uids?(?:_?{_KEY})?"
    r"|names?|(?:first|last|middle|full|given|family|nick|pre|sur|user|maiden|legal|preferred)_?names?|forenames?"
    r"|initials|(?:.*_)?e_?mails?(?:_.*)?|(?:tele)?phone(?:_.*)?|mobile|ssn|social_security(?:_.*)?|mrn|npi"
    r"|(?:date_of_birth|birth_?date|dob)|(?:home_)?address"
)

MIN_WORKERS = 5
"""What rests on fewer workers than these is shown of a composed corpus alone."""

OF_PREDICTIONS = "Predictions are not made for people: the table says who they are"
DROP = "drop the column; predictions are for texts in groups, never for hiring or pay"


def person_columns(columns: Iterable[object]) -> list[str]:
    """Return the columns whose name says that they tell who a person is, in their order.

    Examples
    --------
    >>> person_columns(["segment_id", "Worker ID", "text", "e-mail", "employer_name", "worker_role"])
    ['Worker ID', 'e-mail']
    >>> person_columns(["payrollNo", "peer_id", "peer", "n_workers", "lead_clinician_name"])
    ['payrollNo', 'peer_id', 'lead_clinician_name']
    """
    return [str(column) for column in columns if _PERSON.fullmatch(_plain_name(str(column)))]


def _plain_name(column: str) -> str:
    """Spell a column's name in lower case with underscores, from camelCase too."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def refuse_person_columns(table: pd.DataFrame, *, summary: str = OF_PREDICTIONS, remedy: str = DROP) -> None:
    """Raise where a table says who the people are whose words are to be judged.

    Parameters
    ----------
    table : DataFrame
        What is to be judged.
    summary, remedy : str, optional
        The first and the last line of the message; by default those of predictions.

    Raises
    ------
    DisclosureError
        Names the columns.
    """
    found = person_columns(table.columns)
    if found:
        problems = [Problem(f"column {column!r}", "names or numbers a person") for column in found]
        raise DisclosureError(summary, problems, remedy=remedy)
