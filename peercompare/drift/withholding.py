"""Which cells of a publication are withheld, decided once over everything that is published.

A cell is a set of segments for which something is estimated. Whoever knows the estimates and sizes of two
cells, one of which holds the other, knows those of the segments between them too; so do sums of cells that
have no segment in common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from peercompare.drift.combining import telling_cells
from peercompare.drift.disclosure import CHANGED, DIFFERENCE, MIN_WORKERS, TOO_FEW

DIMENSION = "dimension"
LAST, NEVER = 1e12, 2e12


@dataclass(frozen=True)
class Cells:
    """Sets of segments for which something is estimated.

    Parameters
    ----------
    keys : tuple of frozenset of (str, str)
        What defines each cell within its table: pairs of column and value; the empty set is the whole.
    rows : ndarray of bool, shape (n_cells, n_segments)
        The segments that the cell rests on.
    workers : ndarray of int, shape (n_segments,)
        Index of each segment's worker, from 0.
    tables : ndarray of int, shape (n_cells,), optional
        Cells of one table whose keys have the same columns share no segment. Default: one table.
    layers : ndarray of int, shape (n_cells,), optional
        Cells of one layer can be subtracted from each other. Default: one layer.
    follows : ndarray of int, shape (n_links, 2), optional
        Pairs (leader, follower): where the leader is withheld, the follower is too.
    changed : ndarray of bool, shape (n_cells,), optional
        Cells that hold what a variant counts otherwise than the estimates as coded.
    few : ndarray of bool, shape (n_cells,), optional
        Cells whose estimates rest on one to four workers, though more stand in the cell.
    thought : ndarray of bool, shape (n_cells,), optional
        Cells that are not published here but must be thought of as known.
    sizes : ndarray of int, shape (n_segments,), optional
        How many segments each column of `rows` stands for. Default: one.
    """

    keys: tuple[frozenset, ...]
    rows: np.ndarray
    workers: np.ndarray
    tables: np.ndarray | None = None
    layers: np.ndarray | None = None
    follows: np.ndarray | None = None
    changed: np.ndarray | None = None
    few: np.ndarray | None = None
    thought: np.ndarray | None = None
    sizes: np.ndarray | None = None

    def weights(self) -> np.ndarray:
        """How many segments each column stands for."""
        return np.ones(len(self.workers)) if self.sizes is None else np.asarray(self.sizes, dtype=float)

    def counts(self) -> np.ndarray:
        """Segments of each worker in each cell, shape (n_cells, n_workers)."""
        n_workers = int(self.workers.max()) + 1 if len(self.workers) else 0
        size = self.weights()
        counts = [np.bincount(self.workers[rows], size[rows], minlength=n_workers) for rows in self.rows]
        return np.array(counts, dtype=float).reshape(len(self.rows), n_workers)

    def flags(self, name: str) -> np.ndarray:
        """One of the optional arrays, zeros where it was left out."""
        given = getattr(self, name)
        return np.zeros(len(self.keys), dtype=int) if given is None else np.asarray(given)


def withheld(cells: Cells) -> np.ndarray:
    """Decide which cells are withheld, and why.

    Withheld are cells that rest on fewer than five workers, and further ones, the smallest first and wholes
    last, until within each layer none of these rests on one to four workers: the segments by which two
    published cells differ; a published cell less all published siblings within it (cells of one table that
    share no segment); published siblings that cover a published cell, less that cell; any combination of
    published cells that `combining` looks for.

    Parameters
    ----------
    cells : Cells

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
    reason = np.full(len(cells.keys), "", dtype=object)
    few = thin(counts) | cells.flags("few").astype(bool)
    reason[few] = np.where(cells.flags("changed")[few].astype(bool), CHANGED, TOO_FEW)
    _follow(reason, cells)
    numbers = cells.flags("layers")
    filled = (counts > 0).any(axis=1)
    layers = [
        _layer(cells, counts, np.flatnonzero((numbers == number) & filled)) for number in np.unique(numbers)
    ]
    while any([_hide(step, layer, reason, cells) for step in (_settle, _combine) for layer in layers]):
        pass
    return reason


def _hide(
    step: Callable[[_Layer, np.ndarray], None], layer: _Layer, reason: np.ndarray, cells: Cells
) -> bool:
    """Let a step withhold cells of a layer, and what follows them; say whether it withheld any."""
    shown = reason[layer.place] == ""
    before = shown.copy()
    step(layer, shown)
    fresh = before & ~shown
    reason[layer.place[fresh]] = DIFFERENCE
    _follow(reason, cells)
    return bool(fresh.any())


def thin(counts: np.ndarray) -> np.ndarray:
    """Whether rows of counts, shape (..., n_workers), rest on one to four workers."""
    size = (counts > 0).sum(axis=-1)
    return (size > 0) & (size < MIN_WORKERS)


def differ_thinly(one: np.ndarray, others: np.ndarray, workers: np.ndarray) -> np.ndarray:
    """Whether a cell differs from others by the segments of one to four workers.

    Parameters
    ----------
    one : ndarray of bool, shape (n_segments,)
    others : ndarray of bool, shape (n_others, n_segments)
    workers : ndarray of int, shape (n_segments,)

    Returns
    -------
    ndarray of bool, shape (n_others,)
    """
    apart = [len(np.unique(workers[one ^ other])) for other in others]
    return np.array([0 < n < MIN_WORKERS for n in apart], dtype=bool)


@dataclass(frozen=True)
class _Layer:
    """Cells that can be subtracted from each other; none is empty."""

    place: np.ndarray
    rows: np.ndarray
    workers: np.ndarray
    counts: np.ndarray
    shared: np.ndarray
    extent: np.ndarray
    rank: np.ndarray
    pairs: list[tuple[int, int]]
    siblings: list[np.ndarray]

    def worst(self, among: np.ndarray) -> int:
        """The cell to withhold first."""
        return int(min(among, key=lambda cell: self.rank[cell]))


def _layer(cells: Cells, counts: np.ndarray, place: np.ndarray) -> _Layer:
    rows = cells.rows[place]
    weighted = rows * cells.weights()
    shared = weighted @ rows.T.astype(float)
    extent = weighted.sum(axis=1)
    keys = [cells.keys[cell] for cell in place]
    whole = np.array([all(column == DIMENSION for column, _ in key) for key in keys], dtype=float)
    rank = extent + LAST * whole + NEVER * cells.flags("thought")[place]
    siblings = _siblings(keys, cells.flags("tables")[place])
    pairs = _thin_pairs(rows, counts[place], cells.workers)
    return _Layer(place, rows, cells.workers, counts[place], shared, extent, rank, pairs, siblings)


def _siblings(keys: list[frozenset], tables: np.ndarray) -> list[np.ndarray]:
    """Sets of cells that share no segment: those that differ in one column, and whole groupings."""
    found: dict[tuple, list[int]] = {}
    for index, (key, table) in enumerate(zip(keys, tables, strict=True)):
        columns = frozenset(column for column, _ in key)
        within = frozenset(pair for pair in key if pair[0] == DIMENSION)
        for fixed in {*(key - {pair} for pair in key), within, frozenset()}:
            found.setdefault((table, columns, fixed), []).append(index)
    distinct = {tuple(members) for members in found.values() if len(members) > 1}
    return [np.array(members) for members in sorted(distinct)]


def _thin_pairs(rows: np.ndarray, counts: np.ndarray, workers: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of cells whose difference rests on too few workers."""
    pairs = []
    for one in range(len(rows) - 1):
        rest = np.arange(one + 1, len(rows))
        near = rest[(counts[rest] != counts[one]).sum(axis=1) < MIN_WORKERS]
        pairs += [(one, int(other)) for other in near[differ_thinly(rows[one], rows[near], workers)]]
    return pairs


def _settle(layer: _Layer, shown: np.ndarray) -> None:
    """Withhold cells of a layer until no difference is thin; `shown` is changed in place."""
    for one, other in layer.pairs:
        if shown[one] and shown[other]:
            shown[layer.worst(np.array([one, other]))] = False
    before = -1
    while before != shown.sum():
        before = shown.sum()
        for members in layer.siblings:
            _until_settled(_less_siblings, layer, members, shown)
            _until_settled(_siblings_less, layer, members, shown)


def _combine(layer: _Layer, shown: np.ndarray) -> None:
    """Withhold cells until no combination of those shown tells of too few workers."""
    among = np.flatnonzero(shown)
    telling = telling_cells(layer.rows[among], layer.counts, layer.workers, layer.rank[among])
    shown[among[telling]] = False


def _until_settled(
    find: Callable[[_Layer, np.ndarray, np.ndarray], np.ndarray],
    layer: _Layer,
    members: np.ndarray,
    shown: np.ndarray,
) -> None:
    while len(among := find(layer, members, shown)):
        shown[layer.worst(among)] = False


def _less_siblings(layer: _Layer, members: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Find a cell that leaves too few workers once the published siblings within it are taken away."""
    usable = members[shown[members]]
    within = layer.shared[:, usable] == layer.extent[usable]
    over = np.flatnonzero(shown & within.any(axis=1))
    rest = layer.counts[over] - within[over].astype(np.float32) @ layer.counts[usable]
    for place in np.flatnonzero(thin(rest))[:1]:
        return usable[within[over[place]]]
    return np.array([], dtype=int)


def _siblings_less(layer: _Layer, members: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Find published siblings that cover a cell and leave too few workers once it is taken away."""
    touched = layer.shared[:, members] > 0
    covered = layer.shared[:, members].sum(axis=1) == layer.extent
    open_to = np.flatnonzero(shown & covered & ~(touched & ~shown[members]).any(axis=1))
    rest = touched[open_to].astype(np.float32) @ layer.counts[members] - layer.counts[open_to]
    for place in np.flatnonzero(thin(rest))[:1]:
        return np.array([open_to[place], *members[touched[open_to[place]]]])
    return np.array([], dtype=int)


def _follow(reason: np.ndarray, cells: Cells) -> None:
    """Withhold what follows a withheld cell."""
    if cells.follows is None or not len(cells.follows):
        return
    leader, follower = np.asarray(cells.follows).T
    changed = cells.flags("changed").astype(bool)
    while True:
        hidden = reason != ""
        new = hidden[leader] & ~hidden[follower]
        if not new.any():
            return
        reason[follower[new]] = np.where(changed[leader[new]], CHANGED, reason[leader[new]])
