"""Whether sums and differences of any number of published cells come down to one to four workers.

Published totals span a space: whatever in it is zero outside a few workers' segments tells of those workers
alone. `withholding` asks this once pairs and siblings are settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, islice
from math import comb

import numpy as np

from peercompare.drift.disclosure import MIN_WORKERS

BUDGET = 4e8
"""Work (sets of workers by cubed rank) up to which all sets of four workers are tried."""

CERTAIN = 1 - 1e-7
ROOM = 200_000


def telling_cells(rows: np.ndarray, counts: np.ndarray, workers: np.ndarray, rank: np.ndarray) -> list[int]:
    """Choose cells to withhold so that no combination of the others comes down to one to four workers.

    Of the cells that a telling combination needs, the first by `rank` goes. All sets of four workers are
    tried where that is affordable; else single workers, and those by which the cells differ or on which
    they rest.

    Parameters
    ----------
    rows : ndarray of bool, shape (n_cells, n_segments)
        Published cells, each resting on five workers or more.
    counts : ndarray of shape (n_others, n_workers)
        Segments of each worker in these and in further cells, which say where a few workers stand apart.
    workers : ndarray of int, shape (n_segments,)
    rank : ndarray of shape (n_cells,)
        Cells of lower rank are withheld first.

    Returns
    -------
    list of int
        Places of the cells to withhold.

    Examples
    --------
    No two of these cells differ by few workers, but the first two less the others are workers 15 and 16:

    >>> workers = np.arange(17)
    >>> groups = workers // 5
    >>> rows = np.array([groups < 2, groups >= 2, groups % 2 == 0, groups == 1])
    >>> telling_cells(rows, rows.astype(float), workers, rows.sum(axis=1))
    [3]
    """
    if len(rows) < 2:
        return []
    atoms, owners = _atoms(rows, workers)
    shown = np.ones(len(rows), dtype=bool)
    basis = _basis(atoms)
    for few in _suspects(basis, owners, counts):
        while len(direction := _direction(basis, np.isin(owners, few))):
            shown[_needed(atoms, shown, direction, rank)] = False
            basis = _basis(atoms[shown])
    return [int(cell) for cell in np.flatnonzero(~shown)]


def _atoms(rows: np.ndarray, workers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells over classes of segments of one worker that always go together, and each class's worker."""
    inside = rows[:, rows.any(axis=0)]
    columns = np.unique(np.vstack([workers[rows.any(axis=0)], inside]), axis=1)
    return columns[1:].astype(float), columns[0]


def _basis(atoms: np.ndarray) -> np.ndarray:
    """Orthonormal basis of what the cells span, shape (rank, n_atoms)."""
    values, vectors = np.linalg.eigh(atoms @ atoms.T)
    kept = values > 1e-9 * max(values[-1], 1.0)
    return (vectors[:, kept] / np.sqrt(values[kept])).T @ atoms


def _suspects(basis: np.ndarray, owners: np.ndarray, counts: np.ndarray) -> list[np.ndarray]:
    """Sets of workers on whom alone some combination rests."""
    names, owner = np.unique(owners, return_inverse=True)
    columns = np.split(np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner))[:-1])
    most = np.array([_largest(basis[:, own]) for own in columns])
    size = min(MIN_WORKERS - 1, len(names))
    if np.sort(most)[-size:].sum() < CERTAIN:
        return []
    if comb(len(names), size) * len(basis) ** 3 <= BUDGET:
        sets = _heavy_sets(most, size)
    else:
        sets = (some for some in _apart(counts[:, names]) if most[some].sum() >= CERTAIN)
    return [
        names[some]
        for some in sets
        if _largest(basis[:, np.concatenate([columns[one] for one in some])]) >= CERTAIN
    ]


def _largest(part: np.ndarray) -> float:
    """How much of a combination can lie within some columns of the basis: from 0 to 1, all of it."""
    narrow = part.T @ part if part.shape[1] < len(part) else part @ part.T
    return float(np.linalg.eigvalsh(narrow)[-1]) if len(narrow) else 0.0


def _heavy_sets(most: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Sets of workers in whom there is room for a whole combination, looked for many at a time."""
    every = combinations(range(len(most)), size)
    while len(flat := np.fromiter(chain.from_iterable(islice(every, ROOM)), dtype=np.intp)):
        sets = flat.reshape(-1, size)
        yield from sets[most[sets].sum(axis=1) >= CERTAIN]


def _apart(counts: np.ndarray) -> list[np.ndarray]:
    """Single workers, and the few by whom cells differ or on whom they rest."""
    sets = {(worker,) for worker in range(counts.shape[1])}
    for cell in np.vstack([np.zeros(counts.shape[1]), counts]):
        apart = counts != cell
        for some in apart[(apart.sum(axis=1) > 0) & (apart.sum(axis=1) < MIN_WORKERS)]:
            sets.add(tuple(np.flatnonzero(some)))
    return [np.array(some) for some in sorted(sets)]


def _energy(basis: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return basis[:, inside] @ basis[:, inside].T


def _direction(basis: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """A combination that is zero outside some atoms; empty where there is none."""
    if not len(basis):
        return np.array([])
    values, vectors = np.linalg.eigh(_energy(basis, inside))
    return vectors[:, -1] @ basis if values[-1] >= CERTAIN else np.array([])


def _needed(atoms: np.ndarray, shown: np.ndarray, direction: np.ndarray, rank: np.ndarray) -> int:
    """The lowest cell of a combination, written with as high-ranking cells as will do."""
    order = np.flatnonzero(shown)[np.argsort(-rank[shown], kind="stable")]
    chosen: list[int] = []
    span = np.empty((0, atoms.shape[1]))
    for cell in order:
        rest = atoms[cell] - span.T @ (span @ atoms[cell])
        rest -= span.T @ (span @ rest)
        if np.linalg.norm(rest) > 1e-6:
            span = np.vstack([span, rest / np.linalg.norm(rest)])
            chosen.append(int(cell))
    weights = np.linalg.lstsq(atoms[chosen].T, direction, rcond=None)[0]
    used = [cell for cell, weight in zip(chosen, weights, strict=True) if abs(weight) > 1e-6]
    return min(used, key=lambda cell: rank[cell])
