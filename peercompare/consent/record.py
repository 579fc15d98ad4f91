"""One record of consent: what it holds, what it may hold, and what makes it complete.

Shaped on ISO/IEC TS 27560:2023, "Consent record information structure": whose consent it is, the purposes,
the event (when, how, under which version of the notice), how long it lasts, and that it was withdrawn. Who is
responsible for the study is the same for all records of a corpus and stands in the receipt's own file, not in
each record. Restrictions are terms of the GA4GH Data Use Ontology (see restrictions).

No message here repeats what a cell holds: a wrong column may hold a name.

References
----------
ISO/IEC TS 27560:2023, clause 6. H. J. Pandit, J. Lindquist and G. P. Krog (2024), "Implementing ISO/IEC TS
27560:2023 Consent Records and Receipts for GDPR and DGA", Annual Privacy Forum, section 2.
https://doi.org/10.48550/arXiv.2405.04528
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from peercompare.consent.asking import PURPOSES
from peercompare.consent.restrictions import RESTRICTIONS

ROLES = ("participant", "worker", "clinician", "staff", "family", "interpreter", "other")
"""Who somebody is in the recorded sessions."""

RECORDED_AT_WORK = ("worker", "clinician")
"""Roles that can ask for feedback on their own practice."""

OBTAINED = ("written", "verbal_recorded", "electronic", "verbal")
"""How consent was obtained. The last is for older files that do not say whether the words were recorded."""

AGE_GROUPS = ("adult", "minor")
STANDINGS = ("free", "court_order", "detained", "jail")
"""Whether somebody is free to say no; whoever is not needs an extra review."""

DAY_REMEDY = "write days as YYYY-MM-DD"
_PARTED = " | "


def _fault(what: str, remedy: str) -> ValueError:
    """Return the fault of a cell, to be parted again by `parted`."""
    return ValueError(f"{what}{_PARTED}{remedy}")


def parted(text: str) -> tuple[str, str]:
    """Part a fault of a cell into what is wrong and the remedy."""
    what, _, remedy = text.partition(_PARTED)
    return what, remedy


def form_of(text: str) -> str:
    """Return how a cell is written without what it says: digits as 9, letters as a, 30 characters at most.

    Examples
    --------
    >>> form_of("13/02/2023"), form_of("Ada")
    ('99/99/9999', 'aaa')
    """
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))[:30]


def _day(value: object, *, optional: bool = False) -> date | None:
    """Return a day given as a date or as text."""
    if isinstance(value, date):
        return value
    text = "" if value is None else str(value)
    if optional and not text:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise _fault(f"written as {form_of(text)!r}, not a day" if text else "empty", DAY_REMEDY)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _fault("a day that does not exist", DAY_REMEDY) from None


def _words(value: object, *, known: Collection[str], noun: str) -> tuple[str, ...]:
    """Return words of a list, given parted by blanks or one by one, each once, in the order of the list."""
    words = value.split() if isinstance(value, str) else list(value or ())
    for number, word in enumerate(words, start=1):
        if word not in known:
            allowed = f"any of {', '.join(known)}, parted by blanks"
            raise _fault(f"unknown {noun} (word {number} of {len(words)})", allowed)
    return tuple(each for each in known if each in words)


def _one_of(value: object, *, known: Collection[str], noun: str, optional: bool = True) -> str:
    """Return one of some words, or nothing."""
    if value in known or (optional and not value):
        return str(value or "")
    raise _fault(f"unknown {noun}" if value else "empty", f"one of {', '.join(known)}")


def _matching(value: object, *, pattern: str, form: str, optional: bool = True) -> str:
    """Return text of a form, or nothing."""
    text = str(value or "")
    if re.fullmatch(pattern, text) or (optional and not text):
        return text
    raise _fault("not of its form" if text else "empty", form)


def _cell(check: Callable[..., object], **how: object) -> BeforeValidator:
    """Return a validator of a cell."""
    return BeforeValidator(partial(check, **how))


_Day = Annotated[date, _cell(_day)]
_OptionalDay = Annotated[date | None, _cell(_day, optional=True)]
_Purposes = Annotated[tuple[str, ...], _cell(_words, known=PURPOSES, noun="purpose")]
_Restrictions = Annotated[tuple[str, ...], _cell(_words, known=tuple(RESTRICTIONS), noun="restriction")]
_Id = Annotated[str, _cell(_matching, pattern=r"\S{1,80}", form="an id without blanks", optional=False)]
_Token = Annotated[str, _cell(_matching, pattern=r"\S{1,80}", form="a word without blanks")]
_Standing = Annotated[
    str, _cell(_matching, pattern=r"\S{1,80}", form="a word without blanks", optional=False)
]
_Region = Annotated[
    str, _cell(_matching, pattern=r"[A-Z]{2}(-[A-Z0-9]{1,3})?", form="a code of ISO 3166, as US or US-MA")
]
_Language = Annotated[
    str,
    _cell(_matching, pattern=r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", form="a code of language, as en or es-MX"),
]
_Sha256 = Annotated[
    str, _cell(_matching, pattern=r"[0-9a-f]{64}", form="64 hexadecimal digits in small letters")
]
_Role = Annotated[str, _cell(_one_of, known=ROLES, noun="role")]
_Obtained = Annotated[str, _cell(_one_of, known=OBTAINED, noun="way of obtaining consent")]
_AgeGroup = Annotated[str, _cell(_one_of, known=AGE_GROUPS, noun="age group", optional=False)]
_Interpreter = Annotated[str, _cell(_one_of, known=("yes", "no"), noun="answer")]


class ConsentRow(BaseModel):
    """A row of consents.csv in which every cell can be read, complete or not.

    The gate asks such rows and refuses the use where something is lacking; `ConsentRecord` is complete.

    Parameters
    ----------
    person_id : str
        Whose consent; the id that documents.csv gives the person, never a name.
    role : str
        One of `ROLES`; may be empty.
    purposes : tuple of str
        Members of `PURPOSES`; given as text, parted by blanks. None: the person was asked and said no.
    granted_on, expires_on, withdrawn_on : date
        Consent counts from the first through the second day, and ends on the third. The latter two may be
        empty.
    form_version : str
        Which version of the form was signed or read out; may be empty.
    obtained : str
        One of `OBTAINED`; may be empty.
    jurisdiction : str
        ISO 3166 code of the country or region under whose law; may be empty.
    restrictions : tuple of str
        Ids of the Data Use Ontology that `RESTRICTIONS` lists.
    language : str
        Language in which consent was asked (BCP 47); may be empty.
    interpreter : str
        ``"yes"`` or ``"no"``: whether somebody interpreted; may be empty.
    age_group : str
        One of `AGE_GROUPS`.
    guardian_consent, assent : date
        The days of a guardian's consent and of the young person's own; may be empty.
    legal_standing : str
        One of `STANDINGS`; another word counts as not free.
    extra_review : date
        The day of the extra review that people need who are not free; may be empty.
    form_sha256 : str
        SHA-256 of the signed form, never the form; may be empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    person_id: _Id
    role: _Role = ""
    purposes: _Purposes
    granted_on: _Day
    expires_on: _OptionalDay = None
    withdrawn_on: _OptionalDay = None
    form_version: _Token = ""
    obtained: _Obtained = ""
    jurisdiction: _Region = ""
    restrictions: _Restrictions = ()
    language: _Language = ""
    interpreter: _Interpreter = ""
    age_group: _AgeGroup
    guardian_consent: _OptionalDay = None
    assent: _OptionalDay = None
    legal_standing: _Standing
    extra_review: _OptionalDay = None
    form_sha256: _Sha256 = ""

    def cells(self) -> dict[str, str]:
        """Return the row as consents.csv writes it, every cell as text."""
        return {name: _written(getattr(self, name)) for name in type(self).model_fields}

    @property
    def last_day(self) -> date:
        """The last day of its period, the day of a withdrawal included; the end of time where none is set."""
        return min(each for each in (self.expires_on, self.withdrawn_on, date.max) if each)


class ConsentRecord(ConsentRow):
    """A complete record of consent: `ConsentRow` with nothing lacking and no day before its grant.

    A record of a minor has a guardian's consent and the young person's assent; one of somebody who is not
    free has an extra review; individual feedback is for those who were recorded at work. Frozen, and refuses
    fields that it does not know.

    Raises
    ------
    pydantic.ValidationError
        Names every fault, never what was given.

    Examples
    --------
    >>> record = ConsentRecord(
    ...     person_id="P1", role="participant", purposes="training analysis", granted_on="2024-01-31",
    ...     form_version="2", obtained="written", language="en", age_group="adult", legal_standing="free",
    ... )
    >>> record.purposes, record.granted_on
    (('analysis', 'training'), datetime.date(2024, 1, 31))
    """

    @model_validator(mode="after")
    def _nothing_is_lacking(self) -> ConsentRecord:
        """Refuse what is lacking."""
        faults = [*day_faults(self), *lacking(self)]
        if faults:
            raise ValueError("; ".join(f"{what} ({remedy})" for what, remedy in faults))
        return self


COLUMNS = tuple(ConsentRow.model_fields)
"""The columns of consents.csv, in the order in which it is written."""

OPTIONAL_COLUMNS = (
    "role", "form_version", "obtained", "language", "jurisdiction", "restrictions", "interpreter",
    "form_sha256",
)  # fmt: skip
"""Columns that consents.csv may lack; they count as empty then."""


def day_faults(row: ConsentRow) -> list[tuple[str, str]]:
    """Return the days of a row on which it ends before it begins, each with its remedy."""
    remedy = "a consent ends after it begins: mend one of the days"
    return [
        (f"{name} {day} is before granted_on {row.granted_on}", remedy)
        for name in ("expires_on", "withdrawn_on")
        if (day := getattr(row, name)) and day < row.granted_on
    ]


def lacking(row: ConsentRow) -> list[tuple[str, str]]:
    """Return what a row lacks to be a complete record, each with its remedy.

    The gate refuses the use of what lacks a protection; it does not ask for the other fields.
    """
    faults = [
        (f"the column {name} is empty", "fill it in: a record says who, which form, and how it was obtained")
        for name in ("role", "form_version", "obtained", "language")
        if not getattr(row, name)
    ]
    if row.age_group == "minor":
        faults += [
            (f"a minor without {words}", f"enter its day in {name}, or keep the person out of the corpus")
            for name, words in (("guardian_consent", "a guardian's consent"), ("assent", "their own assent"))
            if not getattr(row, name)
        ]
    if row.legal_standing not in STANDINGS:
        faults.append(("unknown legal standing", f"one of {', '.join(STANDINGS)}"))
    if row.legal_standing != "free" and not row.extra_review:
        faults.append(("somebody who is not free, without extra review", "enter its day in extra_review"))
    if "individual_feedback" in row.purposes and row.role and row.role not in RECORDED_AT_WORK:
        faults.append(("individual_feedback is for those who were recorded at work", "mend role or purposes"))
    faults += [
        (f"{each} needs a last day", "enter it in expires_on")
        for each in row.restrictions
        if RESTRICTIONS[each].needs_end and not row.expires_on
    ]
    return faults


def _written(value: object) -> str:
    """Return a value as a cell."""
    if isinstance(value, tuple):
        return " ".join(value)
    return "" if value is None else str(value)


def known_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row that a record knows; further columns of a file are free."""
    return {name: cells[name] for name in COLUMNS if name in cells}
