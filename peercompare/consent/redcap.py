"""Consents out of a CSV file: an export of REDCap's e-Consent, or any other table, by a mapping.

What REDCap writes: one row for each record (and for each event or repeated instrument); the record's id in
the project's first field; checkboxes as one column for each choice, ``field___code`` with three underscores,
holding 1 or 0 (raw) or Checked and Unchecked (labels); ``<instrument>_complete`` as 2, or Complete; and,
where the fields of the survey are exported too, ``<instrument>_timestamp``, which is when the form was
finished, or ``[not completed]``. Days are written YYYY-MM-DD whatever the form shows, until a spreadsheet
saves the file anew. The version of the consent form is a field of the project, whose name the mapping tells.
The day of a timestamp is that of REDCap's server.

References
----------
redcapAPI's manual, `exportFieldNames` and `checkbox_suffixes`; issues 159 and 333 of OuhscBbmc/REDCapR on
timestamps. No export of a running REDCap was at hand when this was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from peercompare.consent.mapping import IDENTITY, ConsentMapping, checked_records, translated
from peercompare.consent.record import OPTIONAL_COLUMNS, ConsentRecord
from peercompare.consent.table import place
from peercompare.errors import ConsentError, Problem

NOT_COMPLETED = "[not completed]"
_YES, _NO = ("1", "Checked"), ("0", "Unchecked", "")
_COMPLETE = ("2", "Complete")


@dataclass(frozen=True)
class Imported:
    """What was brought in.

    Parameters
    ----------
    records : tuple of ConsentRecord
        Complete records, in the order of the file.
    n_skipped : int
        Rows that are no given consent: forms not completed, rows of other instruments, resources that are
        drafts or were entered in error.
    """

    records: tuple[ConsentRecord, ...]
    n_skipped: int


def records_of_csv(table: pd.DataFrame, mapping: ConsentMapping | None = None, *, file: str) -> Imported:
    """Read the consents of a table by a mapping.

    Parameters
    ----------
    table : DataFrame
        Every cell as text, row index from 0.
    mapping : ConsentMapping, optional
        What the table calls what; by default it calls everything as consents.csv does.
    file : str
        Its name in messages.

    Returns
    -------
    Imported
        Records and the number of rows skipped.

    Raises
    ------
    ConsentError
        Where a column is missing, or lists every fault of every row; nothing of it repeats a cell.
    """
    mapping = mapping or IDENTITY
    if not mapping.purposes and "purposes" not in {*mapping.columns, *mapping.constants}:
        raise ConsentError(
            f"Nothing says what the people of {file} agreed to; nothing was written",
            remedy="name their checkboxes in the mapping under [purposes], or a column as columns.purposes",
        )
    needed = [name for name in mapping.needed() if mapping is not IDENTITY or name not in OPTIONAL_COLUMNS]
    needed += [f"{mapping.instrument}_complete"] if mapping.instrument else []
    absent = [name for name in needed if name not in table.columns]
    if absent:
        remedy = "export it too, or mend the mapping"
        problems = [Problem(f"{file}, row 1", f"the column {name!r} is missing", remedy) for name in absent]
        raise ConsentError(f"{file} lacks columns that the mapping names; nothing was written", problems)
    cells: dict[int, Mapping[str, str]] = {}
    problems, n_skipped = [], 0
    for number, row in zip(table.index, table.to_dict("records"), strict=True):
        if _is_no_consent(row, mapping):
            n_skipped += 1
            continue
        found, faults = _cells(row, mapping, number, file)
        problems += faults
        if not faults:
            cells[number] = found
    return Imported(checked_records(cells, problems, file), n_skipped)


def _is_no_consent(row: Mapping[str, str], mapping: ConsentMapping) -> bool:
    """Say whether a row is one of a form that was not completed, or of another instrument."""
    if not mapping.instrument:
        return False
    complete = row[f"{mapping.instrument}_complete"].strip() in _COMPLETE
    return not complete or row.get(f"{mapping.instrument}_timestamp", "").strip() == NOT_COMPLETED


def _cells(
    row: Mapping[str, str], mapping: ConsentMapping, number: int, file: str
) -> tuple[dict[str, str], list[Problem]]:
    """Return a row's cells under our names, and what cannot be read."""
    theirs = {ours: row[name] for ours, name in mapping.columns.items() if name in row}
    where = place(file, number, theirs.get("person_id", ""))
    cells, problems = translated(theirs, mapping, where)
    if mapping.purposes:
        chosen = [purpose for purpose, name in mapping.purposes.items() if row[name].strip() in _YES]
        cells["purposes"] = " ".join(chosen)
        problems += [
            Problem(
                where, f"{name} is neither ticked nor not", "a checkbox holds 1 or 0, or Checked or Unchecked"
            )
            for name in mapping.purposes.values()
            if row[name].strip() not in (*_YES, *_NO)
        ]
    return cells, problems
