"""Rows of whole numbers of unequal length that grow at their end, and gathering them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse


class Rows:
    """Rows of whole numbers, numbered from 0 in the order in which they came.

    Room is doubled when it runs out, so that adding costs the same however many rows there are.
    """

    def __init__(self) -> None:
        self._values = np.empty(1024, dtype=np.int32)
        self._ends = np.zeros(256, dtype=np.int64)
        self.n_rows = 0
        self._matrix: sparse.csr_matrix | None = None

    @property
    def n_values(self) -> int:
        """How many numbers there are in all rows."""
        return int(self._ends[self.n_rows])

    def extend(self, rows: Sequence[Sequence[int]]) -> None:
        """Add rows at the end."""
        sizes = np.fromiter(map(len, rows), np.int64, len(rows))
        total, first = int(sizes.sum()), self.n_values
        self._values = _with_room(self._values, first + total)
        self._ends = _with_room(self._ends, self.n_rows + len(rows) + 1)
        values = (value for row in rows for value in row)
        self._values[first : first + total] = np.fromiter(values, np.int32, total)
        self._ends[self.n_rows + 1 : self.n_rows + 1 + len(rows)] = first + np.cumsum(sizes)
        self.n_rows += len(rows)

    def gather(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of some rows one after the other, and how many each has."""
        starts = self._ends[numbers]
        sizes = self._ends[numbers + 1] - starts
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)
        return self._values[places], sizes

    def as_matrix(self, n_columns: int) -> sparse.csr_matrix:
        """Return the rows as counts of their values, shape (n_rows, n_columns); values may stand twice.

        It is made anew where rows were added since.
        """
        if self._matrix is None or self._matrix.shape != (self.n_rows, n_columns):
            values, ends = self._values[: self.n_values], self._ends[: self.n_rows + 1]
            ones = np.ones(len(values), dtype=np.int32)
            parts = (ones, values, ends.astype(np.int32))
            self._matrix = sparse.csr_matrix(parts, shape=(self.n_rows, n_columns))
        return self._matrix


def _with_room(values: np.ndarray, size: int) -> np.ndarray:
    """Return an array with room for so many values, twice as large as before if it must grow."""
    if size <= len(values):
        return values
    larger = np.empty(max(size, 2 * len(values)), dtype=values.dtype)
    larger[: len(values)] = values
    return larger
