"""consents.csv and its records, with every fault of the file at once.

Two kinds of faults are told apart. A file that contradicts itself (a cell nobody can read, versions that
overlap, a person under two ids) cannot be used at all: a corpus with it does not open. A record that lacks
something (a minor's guardian, the review of somebody who is not free) can be read, and the gate refuses the
use of that person's words with a reason; whoever brings records in, or checks a file, is told of it as a
fault.

A person under two ids is seen where two ids share the hash of one signed form, and by `strict_problems` where
two ids differ in capitals or in the mark between their parts alone. Somebody with two ids that have nothing
in common, or in two corpora, is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import pandas as pd
from pydantic import ValidationError

from peercompare.consent.record import (
    COLUMNS,
    OPTIONAL_COLUMNS,
    ConsentRecord,
    ConsentRow,
    day_faults,
    known_cells,
    lacking,
    parted,
)
from peercompare.errors import ConsentError, Problem

FILE = "consents.csv"
Numbered = tuple[int, ConsentRow]
"""A row and its number from 0."""


def cell_problems(table: pd.DataFrame, file: str = FILE) -> list[Problem]:
    """Return every cell of a table of consents that cannot be read, and rows that stand there twice.

    Parameters
    ----------
    table : DataFrame
        All columns as text; row index from 0, so that rows picked out of a file keep their numbers. Columns
        beyond the records' own are free.
    file : str, default "consents.csv"
        Its name in messages.

    Returns
    -------
    list of Problem
        With file, row and column; what a cell holds is never told. Missing columns alone where there are any.
    """
    return _readable(table, file)[1]


def relation_problems(table: pd.DataFrame, file: str = FILE) -> list[Problem]:
    """Return faults between the days of a row and between rows, in the order of the rows.

    A consent that ends before it begins, versions of one person's form whose periods overlap, a withdrawal
    inside the period of another version, and one signed form under two ids.

    Parameters
    ----------
    table : DataFrame
        As in `cell_problems`; rows that cannot be read are passed over.
    file : str, default "consents.csv"
        Its name in messages.
    """
    return _relations(_readable(table, file)[0], file)


def strict_problems(table: pd.DataFrame, file: str = FILE) -> list[Problem]:
    """Return every fault of a table of consents: cells, relations, what records lack, ids alike but for case.

    Parameters
    ----------
    table : DataFrame
        As in `cell_problems`.
    file : str, default "consents.csv"
        Its name in messages.
    """
    rows, problems = _readable(table, file)
    incomplete = [
        _at(file, number, row, what, remedy) for number, row in rows for what, remedy in lacking(row)
    ]
    return [*problems, *_relations(rows, file), *incomplete, *_alike(rows, file)]


def read_records(table: pd.DataFrame, file: str = FILE) -> tuple[ConsentRecord, ...]:
    """Return the records of a table of consents, each complete.

    Parameters
    ----------
    table : DataFrame
        As in `cell_problems`.
    file : str, default "consents.csv"
        Its name in messages.

    Returns
    -------
    tuple of ConsentRecord
        In the order of the rows.

    Raises
    ------
    ConsentError
        Lists every fault that `strict_problems` finds.
    """
    problems = strict_problems(table, file)
    if problems:
        raise ConsentError(
            f"The records of {file} are not complete and sound; nothing was written", problems,
            remedy="mend the records where they come from; corpora/README.md explains every column",
        )  # fmt: skip
    return tuple(ConsentRecord(**row.model_dump()) for _, row in _readable(table, file)[0])


def read_rows(table: pd.DataFrame, file: str = FILE) -> tuple[ConsentRow, ...]:
    """Return the rows of a table of consents that contradicts itself nowhere, complete or not.

    Raises
    ------
    ConsentError
        Lists every fault that `cell_problems` and `relation_problems` find.
    """
    rows, problems = _readable(table, file)
    problems += _relations(rows, file)
    if problems:
        raise ConsentError(f"The records of {file} cannot be used", problems)
    return tuple(row for _, row in rows)


def records_table(rows: Iterable[ConsentRow]) -> pd.DataFrame:
    """Return rows as the table that consents.csv holds, every cell as text.

    Parameters
    ----------
    rows : iterable of ConsentRow
        Records or rows.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`.
    """
    return pd.DataFrame([row.cells() for row in rows], columns=list(COLUMNS), dtype="str")


def merged(table: pd.DataFrame, records: Sequence[ConsentRecord], file: str = FILE) -> pd.DataFrame:
    """Add records to a table of consents; no row that stands there is changed.

    A record that stands there already, cell by cell, is passed over.

    Parameters
    ----------
    table : DataFrame
        What consents.csv holds, columns beyond the records' own kept; may be empty.
    records : sequence of ConsentRecord
        What is brought in.
    file : str, default "consents.csv"
        Its name in messages.

    Returns
    -------
    DataFrame
        The old rows as they were, then the new ones.

    Raises
    ------
    ConsentError
        Where a record contradicts a row of the same person, overlaps it, or brings a signed form that stands
        under another id.
    """
    if table.empty and not len(table.columns):
        table = pd.DataFrame(columns=list(COLUMNS), dtype="str")
    known = {tuple(row.cells().values()) for row in read_rows(table, file)}
    new = [each.cells() for each in records if tuple(each.cells().values()) not in known]
    columns = list(table.columns) + [
        name for name in COLUMNS if name not in table.columns and any(cells[name] for cells in new)
    ]
    rows = [*table.to_dict("records"), *new]
    whole = pd.DataFrame(rows, columns=columns).fillna("").astype("str")
    problems = cell_problems(whole, file) + relation_problems(whole, file)
    if problems:
        raise ConsentError(
            f"The records do not fit those of {file}; nothing was changed",
            problems,
            remedy="rows after the file's last are those brought in; a person's row is never overwritten: "
            "record a withdrawal with `peercompare consent withdraw`, close an earlier version by expires_on",
        )
    return whole


def _readable(table: pd.DataFrame, file: str) -> tuple[list[Numbered], list[Problem]]:
    """Return the rows that can be read, and the faults of the others."""
    absent = [name for name in COLUMNS if name not in table.columns and name not in OPTIONAL_COLUMNS]
    if absent:
        has = ", ".join(str(name) for name in table.columns if name in COLUMNS) or "none of them"
        return [], [
            Problem(
                f"{file}, row 1", f"the column {name!r} is missing", f"of a record's columns it has {has}"
            )
            for name in absent
        ]
    rows: list[Numbered] = []
    problems: list[Problem] = []
    first: dict[ConsentRow, int] = {}
    for number, cells in zip(table.index, table.to_dict("records"), strict=True):
        try:
            row = ConsentRow(**known_cells(cells))
        except ValidationError as error:
            problems += _cell_faults(error, file, number, cells.get("person_id", ""))
            continue
        if row in first:
            what = f"the record stands there twice, in row {first[row] + 2} too"
            problems.append(_at(file, number, row, what, "keep one of the rows"))
            continue
        first[row] = number
        rows.append((number, row))
    return rows, problems


def _cell_faults(error: ValidationError, file: str, number: int, person_id: str) -> list[Problem]:
    """Return the faults of a row's cells in our words."""
    where = place(file, number, person_id)
    problems = []
    for each in error.errors(include_input=False, include_url=False):
        cause = each.get("ctx", {}).get("error")
        what, remedy = parted(str(cause)) if cause else (each["msg"], "")
        column = ".".join(str(part) for part in each["loc"])
        said = f"the column {column} is empty" if what == "empty" else f"{column}: {what}"
        # unknown words come first, as in all other tables
        problems.append(Problem(where, f"{what} in {column}" if what.startswith("unknown") else said, remedy))
    return problems


def place(file: str, number: int, person_id: str = "") -> str:
    """Return the place of a row for a message, with the person's id where it looks like one.

    An id has a digit: a word without one may be a name that stands in the wrong column.
    """
    return f"{file}, row {number + 2}" + (f" ({person_id})" if looks_like_id(person_id) else "")


def looks_like_id(person_id: str) -> bool:
    """Say whether a word has a digit, no blanks and 40 characters at most, so that a message may show it."""
    return bool(re.fullmatch(r"(?=\S*\d)\S{1,40}", str(person_id)))


def _at(file: str, number: int, row: ConsentRow, what: str, remedy: str) -> Problem:
    """Return a fault of a row."""
    return Problem(place(file, number, row.person_id), what, remedy)


def _relations(rows: Sequence[Numbered], file: str) -> list[Problem]:
    """Return the faults between days and between rows."""
    problems = [
        (number, _at(file, number, row, what, remedy))
        for number, row in rows
        for what, remedy in day_faults(row)
    ]
    people: dict[str, list[Numbered]] = {}
    for number, row in rows:
        people.setdefault(row.person_id, []).append((number, row))
    for versions in people.values():
        ordered = sorted(versions, key=lambda pair: (pair[1].granted_on, pair[0]))
        problems += [fault for pair in pairwise(ordered) if (fault := _overlap(*pair, file))]
        problems += [fault for pair in combinations(ordered, 2) if (fault := _withdrawn_within(*pair, file))]
    problems += _forms_of_two(rows, file)
    return [problem for _, problem in sorted(problems, key=lambda pair: pair[0])]


def _overlap(earlier: Numbered, later: Numbered, file: str) -> tuple[int, Problem] | None:
    """Return the fault of two versions of which the second begins before the first has ended."""
    (first, old), (second, new) = earlier, later
    if new.granted_on > old.last_day or day_faults(old) or day_faults(new):
        return None
    number, row, other = (second, new, first) if second > first else (first, old, second)
    if new.granted_on == old.granted_on:
        what = f"it contradicts row {other + 2}: both were granted on {row.granted_on}"
        return number, _at(file, number, row, what, "keep the one that was signed")
    if new.granted_on == old.withdrawn_on:
        what = f"it overlaps row {other + 2}: one was granted on the day on which the other was withdrawn"
        remedy = "which came last cannot be told: a renewed consent counts from the next day"
        return number, _at(file, number, row, what, remedy)
    remedy = "end the earlier version by expires_on, the day before the later was granted"
    return number, _at(file, number, row, f"its period overlaps that of row {other + 2}", remedy)


def _withdrawn_within(earlier: Numbered, later: Numbered, file: str) -> tuple[int, Problem] | None:
    """Return the fault of a withdrawal, in an expired version, that another version does not know."""
    (first, old), (second, new) = earlier, later
    if not old.withdrawn_on or new.granted_on <= old.last_day:
        return None
    if new.granted_on <= old.withdrawn_on < new.last_day:
        what = f"it contradicts row {first + 2}, which says that consent was withdrawn on {old.withdrawn_on}"
        return second, _at(file, second, new, what, "enter the withdrawal here too, or mend the day there")
    return None


def _forms_of_two(rows: Sequence[Numbered], file: str) -> list[tuple[int, Problem]]:
    """Return rows whose signed form stands under another person's id too."""
    owners: dict[str, Numbered] = {}
    problems = []
    for number, row in rows:
        if not row.form_sha256:
            continue
        other, owner = owners.setdefault(row.form_sha256, (number, row))
        if owner.person_id != row.person_id:
            what = f"a person under two ids: the signed form is that of row {other + 2} too"
            remedy = "give one person one id everywhere, or mend form_sha256"
            problems.append((number, _at(file, number, row, what, remedy)))
    return problems


def _alike(rows: Sequence[Numbered], file: str) -> list[Problem]:
    """Return ids that differ from an earlier one in capitals or in the mark between parts alone."""
    seen: dict[str, Numbered] = {}
    problems = []
    for number, row in rows:
        other, first = seen.setdefault(re.sub(r"[-_.:]", "-", row.person_id.casefold()), (number, row))
        if first.person_id != row.person_id:
            what = f"a person under two ids? The id differs from that of row {other + 2} in spelling alone"
            problems.append(_at(file, number, row, what, "spell an id one way"))
    return problems
