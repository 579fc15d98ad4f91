"""No individual is exposed: the rule of five workers, its words, and what is refused outright.

Which estimates the rule withholds is decided in `withholding`, over all that is published together.
"""

from __future__ import annotations

from collections.abc import Iterable

from peercompare.errors import DisclosureError
from peercompare.persons import MIN_WORKERS

PERSON_COLUMNS = ("worker_id", "person_id", "participant_id", "speaker", "speakers")
"""Columns that name people: nothing is grouped by them."""

TOO_FEW = f"withheld: it rests on fewer than {MIN_WORKERS} workers"
DIFFERENCE = f"withheld: the difference from another estimate would rest on fewer than {MIN_WORKERS} workers"
BESIDE_FEEDBACK = (
    "withheld: beside what workers are told of their own sessions "
    f"it would show fewer than {MIN_WORKERS} others"
)
CHANGED = (
    "withheld: what this variant changes rests on fewer than "
    f"{MIN_WORKERS} workers, and the difference from the estimates as coded would show them"
)


def check_waiver(*, composed: bool, waive: bool) -> None:
    """Refuse to waive the rule for a corpus in which real people speak.

    Raises
    ------
    DisclosureError
    """
    if waive and not composed:
        raise DisclosureError(
            "the rule against exposing individuals cannot be waived for this corpus",
            remedy="only a corpus whose corpus.toml says composed = true, in which nobody real speaks, may",
        )


def check_columns(columns: Iterable[str]) -> None:
    """Refuse to group by a column that names people.

    Raises
    ------
    DisclosureError
    """
    named = [column for column in columns if column in PERSON_COLUMNS]
    if named:
        what, remedy = names_people(named)
        raise DisclosureError(what, remedy=remedy)


def names_people(columns: Iterable[str]) -> tuple[str, str]:
    """Say why nothing is grouped by columns that name people, and what to do instead."""
    return (
        f"estimates are not grouped by {', '.join(columns)}: that would set individuals side by side",
        "group by site, setting or time; with consent, a worker's own table is `worker_feedback`",
    )
