"""Bringing in consents from elsewhere: a small file that says what they call what we call otherwise.

A mapping is TOML::

    instrument = "consent"                # REDCap: rows of other instruments, or not complete, are skipped
    day_format = "%m/%d/%Y"               # only where days are not YYYY-MM-DD; a list where there are more

    [columns]                             # ours = theirs
    person_id = "record_id"
    granted_on = "consent_timestamp"

    [purposes]                            # ours = their checkbox; or name one column as columns.purposes
    analysis = "consent_purposes___1"

    [constants]                           # what holds for every record and stands in no column
    role = "participant"

    [values.age_group]                    # theirs = ours
    "1" = "adult"

In the mapping of FHIR resources ``columns`` holds paths (``patient.identifier.value``), the codes of purpose
are translated by ``[values.purposes]`` (a code that means nothing here is translated to ""), and
``not_carried = ["actor"]`` names limits of a provision that may be left behind.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from peercompare.consent.asking import PURPOSES
from peercompare.consent.record import COLUMNS, ConsentRecord, form_of
from peercompare.consent.table import read_records, strict_problems
from peercompare.errors import ConsentError, Problem

DAYS = ("granted_on", "expires_on", "withdrawn_on", "guardian_consent", "assent", "extra_review")
"""The fields that are days."""

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}.*)?")
_REMEDY = "corpora/README.md shows whole mappings"

_Formats = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]


class ConsentMapping(BaseModel):
    """What somebody else's file calls the fields of a record.

    Parameters
    ----------
    columns : mapping of str to str
        Their column (or path) for each of our fields.
    purposes : mapping of str to str
        Their checkbox for each purpose.
    constants : mapping of str to str
        Fields that are the same for every record.
    values : mapping of str to mapping of str to str
        Their values in ours, for each of our fields.
    day_format : tuple of str
        How days are written where it is not YYYY-MM-DD, in the signs of `datetime.strptime`.
    instrument : str
        REDCap's name of the consent form.
    not_carried : tuple of str
        Limits of a FHIR provision that a record cannot hold and that may be left behind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    columns: Mapping[str, str] = {}
    purposes: Mapping[str, str] = {}
    constants: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    day_format: _Formats = ()
    instrument: str = ""
    not_carried: tuple[str, ...] = ()

    def needed(self) -> list[str]:
        """Return the columns that a file must have, each once."""
        return list(dict.fromkeys([*self.columns.values(), *self.purposes.values()]))


IDENTITY = ConsentMapping(columns={name: name for name in COLUMNS})
"""Of files that call everything as we do."""


def read_mapping(path: str | Path) -> ConsentMapping:
    """Read a mapping of somebody else's consents.

    Parameters
    ----------
    path : str or Path
        TOML in UTF-8, as in the docstring of this module.

    Returns
    -------
    ConsentMapping
        Checked in itself; whether a file has the columns is asked when it is read.

    Raises
    ------
    ConsentError
        Lists every fault: no TOML, unknown keys and fields, a field named twice, days written with two digits
        for the year, no person_id, granted_on or purposes.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConsentError(
            f"{path.name} is not TOML", [Problem(path.name, str(error))], remedy=_REMEDY
        ) from None
    try:
        mapping = ConsentMapping(**values)
    except ValidationError as error:
        problems = [
            Problem(f"{path.name}, {'.'.join(str(part) for part in each['loc'])}", each["msg"])
            for each in error.errors(include_input=False, include_url=False)
        ]
        raise ConsentError(f"{path.name} cannot be used as a mapping", problems, remedy=_REMEDY) from None
    problems = list(_faults(mapping, path.name))
    if problems:
        raise ConsentError(f"{path.name} cannot be used as a mapping", problems, remedy=_REMEDY)
    return mapping


def _faults(mapping: ConsentMapping, file: str) -> Iterable[Problem]:
    """Yield the faults of a mapping in itself."""
    fields = ", ".join(COLUMNS)
    for part in ("columns", "constants", "values"):
        for name in getattr(mapping, part):
            if name not in COLUMNS:
                yield Problem(f"{file}, {part}.{name}", "a record has no such field", f"fields are {fields}")
    for name in mapping.purposes:
        if name not in PURPOSES:
            yield Problem(
                f"{file}, purposes.{name}", "unknown purpose", f"purposes are {', '.join(PURPOSES)}"
            )
    for name in sorted(set(mapping.columns) & set(mapping.constants)):
        yield Problem(f"{file}, constants.{name}", "the field has a column too", "keep one of the two")
    if mapping.purposes and "purposes" in {*mapping.columns, *mapping.constants}:
        yield Problem(f"{file}, purposes", "purposes have a column or a constant too", "keep one of the two")
    given = {*mapping.columns, *mapping.constants}
    if mapping.purposes or "purposes" in mapping.values:
        given.add("purposes")
    for name in ("person_id", "granted_on", "purposes"):
        if name not in given:
            yield Problem(file, f"nothing says where {name} stands", f'add a line {name} = "their column"')
    for each in mapping.day_format:
        if "%y" in each:
            remedy = "write the years of the file with four digits, and %Y"
            yield Problem(f"{file}, day_format", "two digits do not say which century", remedy)


def translated(
    theirs: Mapping[str, str], mapping: ConsentMapping, where: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return the cells of a record for the cells of somebody else's.

    Parameters
    ----------
    theirs : mapping of str to str
        Cells by our field's name (purposes parted by blanks), as they wrote them.
    mapping : ConsentMapping
        How values and days are to be read.
    where : str
        The place for messages.

    Returns
    -------
    cells : dict of str to str
        By our fields, days as YYYY-MM-DD; not yet checked.
    problems : list of Problem
        Days that cannot be read.
    """
    cells = dict(mapping.constants)
    problems = []
    for name, raw in theirs.items():
        text = raw.strip()
        words = mapping.values.get(name, {})
        if name in ("purposes", "restrictions"):
            cells[name] = " ".join(words.get(word, word) for word in text.split())
        elif name in DAYS:
            day, fault = _day(words.get(text, text), mapping.day_format)
            cells[name] = day
            problems += [Problem(where, f"{name}: {fault[0]}", fault[1])] if fault else []
        else:
            cells[name] = words.get(text, text)
    return cells, problems


def checked_records(
    cells: Mapping[int, Mapping[str, str]], problems: list[Problem], file: str
) -> tuple[ConsentRecord, ...]:
    """Return records of translated cells, or raise with every fault of the file.

    Parameters
    ----------
    cells : mapping of int to mapping
        Cells by the row's number from 0, those that could be translated.
    problems : list of Problem
        What was found when they were translated.
    file : str
        Its name in messages.

    Raises
    ------
    ConsentError
        Lists the problems and every fault of the records (see table.strict_problems).
    """
    table = pd.DataFrame(list(cells.values()), columns=list(COLUMNS), index=list(cells), dtype="str").fillna(
        ""
    )
    problems = [*problems, *strict_problems(table, file)]
    if problems:
        raise ConsentError(
            f"The consents of {file} cannot be brought in; nothing was written",
            problems,
            remedy="mend them where they come from, or the mapping",
        )
    return read_records(table, file)


def _day(text: str, formats: tuple[str, ...]) -> tuple[str, tuple[str, str] | None]:
    """Return a day as YYYY-MM-DD, or what is wrong with it and the remedy."""
    if not text:
        return "", None
    if not formats:
        found = _ISO.fullmatch(text)
        if found:
            return found[1], None
        remedy = 'say in the mapping how days are written, as day_format = "%d/%m/%Y" or "%m/%d/%Y"'
        return "", (f"written as {form_of(text)!r}, where day and month cannot be told apart", remedy)
    days = {day for each in formats if (day := _parsed(text, each))}
    if len(days) == 1:
        return days.pop(), None
    if days:
        return "", ("the formats of the mapping read it as two different days", "name one format only")
    remedy = "add how it is written to day_format, or mend the file"
    return "", (f"written as {form_of(text)!r}, which is none of the mapping's day_format", remedy)


def _parsed(text: str, form: str) -> str:
    """Return the day that a text is under a format; empty where it is none."""
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return ""
