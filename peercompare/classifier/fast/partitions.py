"""The parts of large tables of texts one by one, wherever they stand: what `sources` reads one after another.

A part is told by its file and its rows, so that whoever is to read it can be told without any text.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from peercompare.classifier.fast.lines import Lines, lines_of, names_of
from peercompare.classifier.fast.sources import check_rows, opened, plain, rows_that_fit, wanted_of
from peercompare.errors import InputError, Problem, at_row

BLOCK = 2**24
"""Bytes that are searched for ends of lines at once."""
LINE_FEED = 10


class Part(NamedTuple):
    """Some rows of a file that follow one another.

    Parameters
    ----------
    path : Path
    first : int
        How many rows of the file stand before them.
    n_rows : int
    start : int
        The byte of a JSONL file at which they start; 0 for Parquet.
    """

    path: Path
    first: int
    n_rows: int
    start: int = 0

    @property
    def where(self) -> str:
        """Name the part for a message: file and rows, counted as messages about rows count them."""
        last = self.first + self.n_rows
        if self.path.suffix == ".parquet":
            return f"{self.path.name}, rows {self.first + 2} to {last + 1}"
        return f"{self.path.name}, lines {self.first + 1} to {last}"


def parts_in(path: Path, rows: int) -> list[Part]:
    """Say which parts `parts_of` reads from a file, without reading a text.

    Parameters
    ----------
    path : Path
        Passed by `check_sources`.
    rows : int
        How many rows a part has, but the last; fewer where they are long.

    Returns
    -------
    list of Part
        By the footer of a Parquet file; by the ends of lines of a JSONL file.
    """
    rows = rows_that_fit(path, rows)
    if path.suffix == ".parquet":
        with opened(path) as file:
            n_rows = file.metadata.num_rows
        return [Part(path, first, min(rows, n_rows - first)) for first in range(0, n_rows, rows)]
    n_lines, starts = _line_starts(path, rows)
    return [Part(path, at * rows, min(rows, n_lines - at * rows), start) for at, start in enumerate(starts)]


def _line_starts(path: Path, rows: int) -> tuple[int, list[int]]:
    """Count the lines of a file and return the byte at which every `rows`-th of them starts."""
    starts, seen, before, last = [0], 0, 0, LINE_FEED
    with open(path, "rb") as stream:
        while block := stream.read(BLOCK):
            ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == LINE_FEED)
            chosen = np.arange(-(seen + 1) % rows, len(ends), rows)
            starts += (before + ends[chosen] + 1).tolist()
            seen, before, last = seen + len(ends), before + len(block), block[-1]
    if starts[-1] == before:  # nothing stands behind the last line feed
        starts.pop()
    return seen + (last != LINE_FEED), starts


def read_part(part: Part) -> pd.DataFrame:
    """Read the rows of a part, as `parts_of` does when it comes to them.

    Parameters
    ----------
    part : Part

    Returns
    -------
    DataFrame
        ``segment_id, document_id, text`` and what is there of context.

    Raises
    ------
    InputError
        As `parts_of`; if the rows cannot be read, or are not UTF-8: with the file and the row.
    """
    table = _parquet_rows(part) if part.path.suffix == ".parquet" else _jsonl_rows(part)
    check_rows(table, part.path.name, part.first)
    return table


def _parquet_rows(part: Part) -> pd.DataFrame:
    """Read rows of a Parquet file from the row groups that hold them."""
    try:
        with opened(part.path) as file:
            sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
            ends = np.cumsum(sizes)
            last = part.first + part.n_rows
            held = np.flatnonzero((ends > part.first) & (ends - sizes < last)).tolist()
            passed = part.first - int(ends[held[0]] - sizes[held[0]])
            kept, seen = [], 0
            batches = file.iter_batches(
                batch_size=part.n_rows, row_groups=held, columns=wanted_of(file), use_threads=False
            )
            for batch in batches:
                seen += batch.num_rows
                if seen > passed:
                    kept.append(batch)
                if seen >= passed + part.n_rows:
                    break
    except (pa.ArrowException, OSError) as error:
        problem = Problem(at_row(part.path.name, part.first), f"cannot be read ({type(error).__name__})")
        raise InputError(f"{part.where}: damaged", [problem], remedy="write the file anew") from None
    before = seen - sum(batch.num_rows for batch in kept)
    return plain(pa.Table.from_batches(kept).slice(passed - before, part.n_rows))


def _jsonl_rows(part: Part) -> pd.DataFrame:
    """Read lines of a JSONL file, which must have the columns of its first line."""
    with open(part.path, "rb") as stream:
        names = names_of(part.path, next(lines_of(stream)))
        stream.seek(part.start)
        lines = list(islice(lines_of(stream), part.n_rows))
    return Lines(part.path, lines, part.first, names)()
