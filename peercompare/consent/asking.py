"""The consent gate: whether a person's record covers a purpose on a day.

Consent is asked for each purpose anew. A person without a record has consented to nothing.

A person may have several records, one for each version of the form they signed. One of them counts on a day:
the last that was granted on or before it. A later record never widens an earlier day, and an earlier one
never comes back when the later ends. A withdrawal, in whichever record it stands, ends everything that was
granted on or before its day: only a record granted on a later day counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from peercompare.consent.restrictions import restriction_refusal
from peercompare.errors import ConsentError, Problem

PURPOSES = ("analysis", "training", "quotation", "sharing", "individual_feedback")
"""What a person may be asked to consent to. Feedback is on one worker's own practice, to that worker."""

POLICIES = ("exclude", "raise", "redact")
"""What becomes of a document in which somebody's consent does not cover the purpose."""

REFUSALS = ("document_id", "person_id", "purpose", "reason")


@dataclass(frozen=True, eq=False)
class Consents:
    """The consent records of a corpus.

    Parameters
    ----------
    records : DataFrame
        One row for each record, indexed by ``person_id``, columns as in consents.csv, days as text ``YYYY-
        MM-DD``. Columns that may be absent count as empty.
    """

    records: pd.DataFrame

    def refusal(self, person_id: str, purpose: str, day: date) -> str:
        """Say why a person's consent does not cover a purpose on a day; empty where it does.

        Parameters
        ----------
        person_id : str
            Who.
        purpose : str
            One of `PURPOSES`.
        day : date
            The day of the use. Consent counts from the day it was granted through the day it expires; it ends
            on the day it is withdrawn.

        Returns
        -------
        str
            ``""`` or a reason of few words, the same for everybody in the same case so that reasons can be
            counted.
        """
        versions = self._versions.get(person_id, ())
        if not versions:
            return "no record"
        today = day.isoformat()
        record = _in_force(versions, today)
        if purpose not in record["purposes"].split():
            return "purpose not covered"
        if record["granted_on"] > today:
            return "not yet granted"
        if record["expires_on"] and record["expires_on"] < today:
            return "expired"
        if _withdrawn(record, versions, today):
            return "withdrawn"
        restricted = restriction_refusal(record.get("restrictions", ""), purpose, record["expires_on"])
        return restricted or _protection_lacking(record, today)

    def has_withdrawn(self, person_id: str, day: date) -> bool:
        """Say whether what a person agreed to last, on or before a day, is withdrawn by then.

        Parameters
        ----------
        person_id : str
            Who; somebody without a record has withdrawn nothing.
        day : date
            The day.

        Returns
        -------
        bool
            True from the day of the withdrawal on, in whichever version it stands, until the person agrees
            anew. A consent that expired is not withdrawn.
        """
        versions, today = self._versions.get(person_id, ()), day.isoformat()
        return bool(versions) and _withdrawn(_in_force(versions, today), versions, today)

    def in_force(self, person_id: str, day: date) -> Mapping[str, str]:
        """Return the record that counts for a person on a day, whether or not it covers anything.

        Parameters
        ----------
        person_id : str
            Who.
        day : date
            The day.

        Returns
        -------
        mapping of str to str
            The cells of the record last granted on or before the day, or of the first one where none was
            granted yet; empty for a person without a record.
        """
        versions = self._versions.get(person_id, ())
        return _in_force(versions, day.isoformat()) if versions else {}

    def outcome(self, day: date) -> str:
        """Return who may be used for what on a day, as text to be hashed: a change of it changes results."""
        lines = (
            f"{person} {purpose} {self.refusal(person, purpose, day)}"
            for person in sorted(self._versions)
            for purpose in PURPOSES
        )
        return "\n".join(lines)

    @cached_property
    def _versions(self) -> dict[str, list[dict[str, str]]]:
        """Return each person's records in the order in which they were granted.

        Looking people up in the table itself takes most of the time of a gate over thousands of people.
        """
        found: dict[str, list[dict[str, str]]] = {}
        for person, cells in zip(self.records.index, self.records.to_dict("records"), strict=True):
            found.setdefault(person, []).append(cells)
        for versions in found.values():
            versions.sort(key=lambda cells: cells["granted_on"])
        return found


def speakers_of(cell: str) -> dict[str, str]:
    """Return the person behind each speaker's label, from the cell ``speakers`` of documents.csv.

    Examples
    --------
    >>> speakers_of("W01=W01 P01=S1-P01")
    {'W01': 'W01', 'P01': 'S1-P01'}
    """
    return dict(pair.split("=", 1) for pair in cell.split())


def gate(
    people: Mapping[str, Sequence[str]], consents: Consents, *, purposes: Sequence[str], day: date
) -> pd.DataFrame:
    """Ask for everybody who speaks in each document whether consent covers each purpose on a day.

    Parameters
    ----------
    people : mapping of str to sequence of str
        Person ids by document id. A person listed is taken to speak, with or without a turn.
    consents : Consents
        The records.
    purposes : sequence of str
        Members of `PURPOSES`.
    day : date
        The day of the use.

    Returns
    -------
    DataFrame
        One row for each refusal: ``document_id, person_id, purpose, reason``.
    """
    rows = [
        (document_id, person, purpose, reason)
        for document_id, persons in people.items()
        for person in dict.fromkeys(persons)
        for purpose in purposes
        if (reason := consents.refusal(person, purpose, day))
    ]
    return pd.DataFrame(rows, columns=list(REFUSALS), dtype="str")


def checked_purposes(purpose: str | Iterable[str]) -> tuple[str, ...]:
    """Return the purposes asked for as a tuple, each once.

    Raises
    ------
    ConsentError
        Where none is given or one is unknown.
    """
    purposes = (purpose,) if isinstance(purpose, str) else tuple(dict.fromkeys(purpose))
    unknown = [
        Problem("purpose", f"{each!r} is not a purpose of consent")
        for each in purposes
        if each not in PURPOSES
    ]
    if unknown or not purposes:
        raise ConsentError(
            "Nobody can be asked for this", unknown, remedy=f"purposes are {', '.join(PURPOSES)}"
        )
    return purposes


def checked_day(day: date | str | None) -> date | None:
    """Return a day given as a date or as text ``YYYY-MM-DD``.

    Raises
    ------
    ConsentError
        Where the text is no such date.
    """
    if day is None:
        return None
    if isinstance(day, date):
        return date(day.year, day.month, day.day)
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise ConsentError(
            f"{day!r} is not a day", remedy='write it as YYYY-MM-DD, for instance "2024-06-30"'
        ) from None


def _in_force(versions: Sequence[Mapping[str, str]], today: str) -> Mapping[str, str]:
    """Return the record last granted on or before a day, or the first one."""
    begun = [each for each in versions if each["granted_on"] <= today]
    return begun[-1] if begun else versions[0]


def _withdrawn(record: Mapping[str, str], versions: Iterable[Mapping[str, str]], today: str) -> bool:
    """Say whether the record that counts on a day was ended by a withdrawal in any version."""
    return any(record["granted_on"] <= each["withdrawn_on"] <= today for each in versions)


def _protection_lacking(record: Mapping[str, str], today: str) -> str:
    """Say which protection a minor, or a person who is not free, lacks on a day; empty where none."""
    if record["age_group"] == "minor":
        if not record["guardian_consent"] or record["guardian_consent"] > today:
            return "minor without guardian consent"
        if not record["assent"] or record["assent"] > today:
            return "minor without own assent"
    if record["legal_standing"] != "free" and (not record["extra_review"] or record["extra_review"] > today):
        return "not free and without extra review"
    return ""
