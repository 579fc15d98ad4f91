"""The groups that estimates are made for: which columns may be grouped by, and the cells they make."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift import disclosure
from peercompare.drift.measures import ALL
from peercompare.drift.scores import CALENDAR, LEFT_OUT, NOT_GIVEN, OF_SEGMENTS, PERIOD, PREDICTED, SHARE
from peercompare.errors import InputError, Problem

TIMES = " x "
BESIDE = " | "

Grouping = str | tuple[str, ...]
"""A column, several crossed, or "all"."""


@dataclass(frozen=True)
class Cell:
    """One group of a grouping: `key` holds its pairs of column and value, `rows` its segments (bool)."""

    group_by: str
    group: str
    key: frozenset
    rows: np.ndarray


def read_groupings(names: Iterable[str]) -> list[Grouping]:
    """Read groups as a study file writes them: a column, or several joined with " x ".

    Parameters
    ----------
    names : iterable of str
        ``all``, a column of the scores, or several columns joined with " x ", which are crossed. Whether the
        columns exist and may be grouped by is not asked here: `check_groups` does.

    Returns
    -------
    list of str or tuple of str
        In the order of `names`: a word as it stands, or the columns that are crossed.

    Examples
    --------
    >>> read_groupings(["all", "site_id x half_year"])
    ['all', ('site_id', 'half_year')]
    """
    return [tuple(name.split(TIMES)) if TIMES in name else name for name in names]


def check_groups(corpus: Corpus, names: Iterable[str], *, where: str = "groups") -> list[Problem]:
    """Find what is wrong with groups before anything is estimated.

    Parameters
    ----------
    corpus : Corpus
    names : iterable of str
        Groups as a study file writes them: ``all``, a column, or several joined with " x ".
    where : str, default "groups"
        What to call the place that the groups stand in, e.g. ``study.toml, [[corpus]] (number 1), compare``.

    Returns
    -------
    list of Problem
        One for each column that does not exist or names people; empty where all is well. The remedy of a
        column that does not exist names the nearest one and lists those there are.
    """
    known = columns_of(corpus)
    wanted = [column for grouping in read_groupings(names) for column in columns_in(grouping)]
    problems = []
    for column in dict.fromkeys(wanted):
        if column in disclosure.PERSON_COLUMNS:
            problems.append(Problem(where, *disclosure.names_people([column])))
        elif column not in known:
            problems.append(Problem(where, f"there is no column {column!r} to group by", hint(column, known)))
    return problems


def columns_of(corpus: Corpus) -> list[str]:
    """List what documents of a corpus can be grouped by: their columns, role type, and parts of their date.

    Returns
    -------
    list of str
        Without the columns that name people.
    """
    columns = [name for name in corpus.documents if name not in LEFT_OUT]
    columns += ["role_type"] if len(corpus.role_types) else []
    columns += [*CALENDAR, PERIOD] if "date" in corpus.documents else []
    return [name for name in dict.fromkeys(columns) if name not in disclosure.PERSON_COLUMNS]


def hint(column: str, known: Sequence[str]) -> str:
    """Name the column that was probably meant, and those there are."""
    if column in (*CALENDAR, PERIOD) and "date" not in known:
        return "it is made from a column 'date', which documents.csv does not have"
    near = difflib.get_close_matches(column, known, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}there are: {', '.join(known)}"


def group_columns(scores: pd.DataFrame, group_by: Sequence[Grouping]) -> list[str]:
    """List the columns of all groupings, refusing those that do not exist or name people.

    Raises
    ------
    InputError, DisclosureError
    """
    columns = [name for grouping in group_by for name in columns_in(grouping)]
    disclosure.check_columns(columns)
    absent = [name for name in dict.fromkeys(columns) if name not in scores]
    if absent:
        raise InputError(
            f"there is no column {', '.join(map(repr, absent))} to group by",
            remedy="; ".join(hint(name, _groupable(scores)) for name in absent[:1]),
        )
    return columns


def cells_of(scores: pd.DataFrame, group_by: Sequence[Grouping]) -> list[Cell]:
    """List the groups of every grouping, in the order of their names; a missing value is a group of its own.

    Parameters
    ----------
    scores : DataFrame
    group_by : sequence of str or tuple of str
        "all" stands for one group with everybody.

    Returns
    -------
    list of Cell
    """
    cells = []
    for grouping in group_by:
        names = columns_in(grouping)
        if not names:
            cells.append(whole(scores))
            continue
        values = scores[list(names)].astype("string").fillna(NOT_GIVEN)
        order = values.groupby(list(names), sort=True).indices
        for group, rows in order.items():
            parts = group if isinstance(group, tuple) else (group,)
            inside = np.zeros(len(scores), dtype=bool)
            inside[rows] = True
            key = frozenset(zip(names, parts, strict=True))
            cells.append(Cell(TIMES.join(names), BESIDE.join(parts), key, inside))
    return cells


def whole(scores: pd.DataFrame) -> Cell:
    """Make the group with everybody."""
    return Cell(ALL, ALL, frozenset(), np.ones(len(scores), dtype=bool))


def columns_in(grouping: Grouping) -> tuple[str, ...]:
    """List the columns of a grouping; none for "all"."""
    if isinstance(grouping, str):
        return () if grouping == ALL else (grouping,)
    return tuple(grouping)


def _groupable(scores: pd.DataFrame) -> list[str]:
    """Columns of scores that describe documents, without those that name people."""
    return [
        name
        for name in scores
        if name not in OF_SEGMENTS
        and name not in disclosure.PERSON_COLUMNS
        and not name.startswith((SHARE, PREDICTED))
    ]
