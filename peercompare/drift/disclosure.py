"""No individual is exposed: what rests on fewer than five workers is withheld, and what would reveal it.

The rule works on cells. A cell is a set of segments for which something is estimated; two published cells of
which one holds the other also publish their difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from peercompare.errors import DisclosureError

MIN_WORKERS = 5
"""An estimate needs at least this many workers to be shown."""

PERSON_COLUMNS = ("worker_id", "person_id", "participant_id", "speaker", "speakers")
"""Columns that name people: nothing is grouped by them."""

TOO_FEW = f"withheld: it rests on fewer than {MIN_WORKERS} workers"
DIFFERENCE = f"withheld: the difference from another estimate would rest on fewer than {MIN_WORKERS} workers"
CHANGED = (
    "withheld: what this variant changes rests on fewer than "
    f"{MIN_WORKERS} workers, and the difference from the estimates as coded would show them"
)


@dataclass(frozen=True)
class Cells:
    """Sets of segments for which something is estimated.

    Parameters
    ----------
    keys : tuple of frozenset of (str, str)
        What defines each cell: pairs of column and value; the empty set is everybody.
    rows : ndarray of bool, shape (n_cells, n_segments)
        The segments that the cell rests on.
    workers : ndarray of int, shape (n_segments,)
        Index of each segment's worker, from 0.
    """

    keys: tuple[frozenset, ...]
    rows: np.ndarray
    workers: np.ndarray

    def counts(self) -> np.ndarray:
        """Segments of each worker in each cell, shape (n_cells, n_workers)."""
        n_workers = int(self.workers.max()) + 1 if len(self.workers) else 0
        belongs = np.eye(n_workers, dtype=np.float32)[self.workers]
        return self.rows.astype(np.float32) @ belongs


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


def withheld(cells: Cells, *, altered: np.ndarray | None = None) -> np.ndarray:
    """Decide which cells are withheld, and why.

    Withheld are cells that rest on fewer than five workers; further cells, the smallest first, until what is
    withheld from a published total rests on five workers or more together; the smaller of two published cells
    of which one holds the other, where the segments between them rest on fewer than five workers; and cells
    of a variant whose changed segments rest on fewer than five workers.

    Parameters
    ----------
    cells : Cells
    altered : ndarray of bool, shape (n_cells, n_segments), optional
        Segments of each cell that a variant counts otherwise than the estimates as coded.

    Returns
    -------
    ndarray of str, shape (n_cells,)
        The reason; "" where the cell may be shown. A cell without any segment has nothing to hide.

    Examples
    --------
    Six workers at one site and two at another: the two are withheld, and so are the six, since everybody less
    the six would give the two.

    >>> workers = np.repeat(np.arange(8), 3)
    >>> first = workers < 6
    >>> keys = (frozenset(), frozenset({("site", "A")}), frozenset({("site", "B")}))
    >>> cells = Cells(keys, np.array([np.ones(24, dtype=bool), first, ~first]), workers)
    >>> [reason != "" for reason in withheld(cells)]
    [False, True, True]
    """
    counts = cells.counts()
    size = (counts > 0).sum(axis=1)
    reason = np.full(len(cells.keys), "", dtype=object)
    reason[(size > 0) & (size < MIN_WORKERS)] = TOO_FEW
    if altered is not None:
        touched = (Cells(cells.keys, altered, cells.workers).counts() > 0).sum(axis=1)
        reason[(touched > 0) & (touched < MIN_WORKERS) & (reason == "")] = CHANGED
    families = _families(cells.keys)
    nested = _thin_differences(cells.rows, counts, size)
    while _withhold_more(reason, families, counts, size) or _withhold_nested(reason, nested):
        pass
    return reason


def _families(keys: tuple[frozenset, ...]) -> list[tuple[int, list[int]]]:
    """Each total with the cells that divide it by one further column."""
    place = {key: index for index, key in enumerate(keys)}
    families: dict[tuple[int, str], list[int]] = {}
    for index, key in enumerate(keys):
        for column, value in key:
            parent = place.get(key - {(column, value)})
            if parent is not None:
                families.setdefault((parent, column), []).append(index)
    return [(parent, children) for (parent, _), children in families.items()]


def _withhold_more(
    reason: np.ndarray, families: list[tuple[int, list[int]]], counts: np.ndarray, size: np.ndarray
) -> bool:
    """Withhold one more cell where a total less its published parts would show too few workers."""
    for parent, children in families:
        if reason[parent]:
            continue
        hidden = [child for child in children if reason[child]]
        together = int((counts[hidden].sum(axis=0) > 0).sum())
        shown = [child for child in children if not reason[child] and size[child]]
        if 0 < together < MIN_WORKERS:
            reason[min(shown, key=lambda child: size[child]) if shown else parent] = DIFFERENCE
            return True
    return False


def _thin_differences(rows: np.ndarray, counts: np.ndarray, size: np.ndarray) -> list[tuple[int, int]]:
    """Pairs (larger, smaller) of nested cells whose difference rests on too few workers."""
    dense = rows.astype(np.float32)
    shared, extent = dense @ dense.T, dense.sum(axis=1)
    inside = (shared == extent[None, :]) & (extent[:, None] > extent[None, :]) & (extent[None, :] > 0)
    pairs = np.argwhere(inside)
    between = ((counts[pairs[:, 0]] - counts[pairs[:, 1]]) > 0).sum(axis=1)
    return [(int(large), int(small)) for large, small in pairs[between < MIN_WORKERS]]


def _withhold_nested(reason: np.ndarray, nested: list[tuple[int, int]]) -> bool:
    for large, small in nested:
        if not reason[large] and not reason[small]:
            reason[small] = DIFFERENCE
            return True
    return False
