"""Segments that no cell tells apart, taken as one: withholding is decided on thousands, not millions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

BITS = 32


def atoms(
    sets: Iterable[np.ndarray], owners: np.ndarray, times: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the classes of rows of one owner that are in the same of some sets.

    Parameters
    ----------
    sets : iterable of ndarray of bool, each of shape (n_rows,)
    owners : ndarray of int, shape (n_rows,)
        From 0, e.g. the worker of each segment.
    times : ndarray of int, shape (n_rows,), optional
        How many segments each row stands for. Default: one.

    Returns
    -------
    first : ndarray of int, shape (n_atoms,)
        One row of each class, in the order in which classes appear.
    sizes : ndarray of int, shape (n_atoms,)
        How many segments each class has.

    Examples
    --------
    >>> atoms([np.array([True, True, False, True])], np.array([0, 0, 0, 1]))
    (array([0, 2, 3]), array([2, 1, 1]))
    """
    codes = np.asarray(owners, dtype=np.int64)
    block, filled = np.zeros_like(codes), 0
    for inside in sets:
        block |= inside.astype(np.int64) << filled
        filled += 1
        if filled == BITS:
            codes, block, filled = pd.factorize(codes << BITS | block)[0], np.zeros_like(codes), 0
    codes = pd.factorize(codes << BITS | block)[0]
    sizes = np.bincount(codes, times).astype(np.int64)
    first = np.empty(len(sizes), dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first, sizes
