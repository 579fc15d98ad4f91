"""Reading texts to their end before the first is predicted, so that all that is wrong is told at once."""

from __future__ import annotations

from pathlib import Path

from peercompare.classifier.fast.sources import check_rows, chunks_of
from peercompare.errors import InputError, Problem

MOST_FAULTS = 10_000
"""Faults after which nothing more is read: a list of them must fit into memory."""


def check_every_row(files: list[Path], rows: int) -> None:
    """Refuse files of which a row could not be predicted; they are read to their end, part by part.

    Parameters
    ----------
    files : list of Path
        From `source_files`, passed by `check_sources`.
    rows : int
        How many rows a part has.

    Raises
    ------
    InputError
        Lists every row, of every file, that `parts_of` would refuse; of more than `MOST_FAULTS` the first.
    """
    problems: list[Problem] = []
    for path in files:
        problems += _faults_of(path, rows, MOST_FAULTS - len(problems))
        if len(problems) == MOST_FAULTS:
            break
    if problems:
        more = f"; after {MOST_FAULTS} of them nothing more was read" if len(problems) == MOST_FAULTS else ""
        raise InputError(
            f"These rows cannot be predicted{more}; nothing was written",
            problems,
            remedy="mend or leave out these rows",
        )


def _faults_of(path: Path, rows: int, most: int) -> list[Problem]:
    """List what is the matter with the rows of a file."""
    problems: list[Problem] = []
    try:
        for first, part in chunks_of(path, rows):
            try:
                check_rows(part(), path.name, first)
            except InputError as error:
                problems += error.problems
            if len(problems) >= most:
                break
    except InputError as error:  # what is left of the file cannot be read
        problems += error.problems
    return problems[:most]
