"""The numbers of a study's tables, each with an id that stays the same from run to run, and its tolerance.

An id is the table's name, the cells that tell the row from all others, and the column:
``scores[corpus=postings;model=ngram;score=accuracy].estimate``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

PROSE = (
    "title", "licence", "citation", "method", "reason", "target", "withheld", "outcome", "segment_ids",
)  # fmt: skip
"""Columns of words that say more about a row and never tell it from another."""

SETTINGS = ("confidence_level", "seed")
"""Columns that repeat a setting of the study file."""

CORPUS = "corpus"
"""Always tells rows apart: what can be run again is told corpus by corpus."""

DIGITS = 12
"""Significant digits that a manifest keeps: what comes after them differs between two runs on one machine."""

ROUNDED = 6
"""Significant digits of a number in the canonical form of a table, over which it is hashed."""


@dataclass(frozen=True)
class Tolerance:
    """How far a number may move from one machine to another.

    Parameters
    ----------
    abs_tol, rel_tol : float
        A number agrees with an earlier one where it is no farther from it than the larger of `abs_tol` and
        `rel_tol` times the earlier one's size.
    """

    abs_tol: float
    rel_tol: float


AGREES = "no farther than the larger of abs_tol and rel_tol * |value|"
"""When a number agrees, as every manifest says."""

EXACT = Tolerance(0.0, 0.0)
"""Counts."""

OF_CODINGS = Tolerance(1e-9, 1e-9)
"""Numbers made of codings alone."""

OF_PREDICTIONS = Tolerance(1e-6, 1e-6)
"""Numbers in which a classifier had a part."""

TOLERANCES = {"counts": EXACT, "codings": OF_CODINGS, "predictions": OF_PREDICTIONS}
"""By what a number is made of."""

WHY = (
    "Counts are compared exactly. The default study was run with three sets of processor instructions "
    "(OpenBLAS kernels for Prescott, Haswell and the machine's own) and one lock file: numbers of codings "
    "alone moved by at most 5e-16, numbers in which a classifier had a part by at most 2e-11, and no word "
    "changed. The tolerances are wider, and narrower than any digit a report prints. Another version of a "
    "library may move numbers farther: then they are told."
)
"""How the tolerances were chosen; stands in every manifest."""

CODED_STAGES = ("corpora", "agreement")
"""Stages that read no prediction."""


def key_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns that tell every row of a table from the others, the first that do.

    Parameters
    ----------
    table : DataFrame
        The corpus comes first, words before whole numbers, such as the number of a bin; a column that tells
        nothing more than those before it is passed over.

    Returns
    -------
    list of str
        Where rows stay alike (or there are no such columns) ids are numbered in the order of the rows.

    Examples
    --------
    >>> key_columns(pd.DataFrame({"model": ["a", "a"], "bin": [1, 2], "n": [7, 7], "share": [0.1, 0.2]}))
    ['bin']
    """
    words = [c for c in table if c not in (*PROSE, CORPUS) and _is_words(table[c])]
    whole = [c for c in table if pd.api.types.is_integer_dtype(table[c]) and not _is_count(c)]
    keys = [CORPUS] if CORPUS in table else []
    told = len(table[keys].drop_duplicates()) if keys else min(1, len(table))
    for column in [*words, *whole]:
        if told == len(table):
            break
        found = len(table[[*keys, column]].drop_duplicates())
        if found > told:
            keys, told = [*keys, column], found
    return keys


def value_columns(table: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Return the columns whose cells are numbers of the study."""
    return [
        c
        for c in table
        if c not in keys
        and c not in SETTINGS
        and c not in PROSE
        and (pd.api.types.is_numeric_dtype(table[c]) or table[c].isna().all())
        and not pd.api.types.is_bool_dtype(table[c])
    ]


def row_names(table: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Return the part of an id that names the row; of rows that stay alike the later ones are numbered."""
    columns = [[_cell(value) for value in table[key]] for key in keys]
    seen: dict[str, int] = {}
    names = []
    for cells in zip(*columns, strict=True) if columns else ((),) * len(table):
        name = ";".join(f"{key}={cell}" for key, cell in zip(keys, cells, strict=True) if cell)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name};row={seen[name]}")
    return names


def numbers_of(
    name: str, table: pd.DataFrame, keys: Sequence[str], *, stage: str = ""
) -> Iterator[dict[str, object]]:
    """Yield every number of a table.

    Parameters
    ----------
    name : str
        The table's.
    table : DataFrame
        As a study wrote it.
    keys : sequence of str
        From `key_columns`.
    stage : str
        The stage that wrote it; a stage that nobody knows counts as one that reads predictions.

    Yields
    ------
    dict
        ``id``, ``value`` (None where it is undefined or withheld), ``abs_tol``, ``rel_tol``.
    """
    rows, coded = row_names(table, keys), _made_of_codings(table, stage)
    for column in value_columns(table, keys):
        counts = pd.api.types.is_integer_dtype(table[column])
        for row, value, plain in zip(rows, table[column], coded, strict=True):
            allowed = EXACT if counts else OF_CODINGS if plain else OF_PREDICTIONS
            yield {
                "id": f"{name}[{row}].{column}",
                "value": plain_number(value),
                "abs_tol": allowed.abs_tol,
                "rel_tol": allowed.rel_tol,
            }


def by_row(numbers: Iterable[Mapping], tolerances: Mapping[str, Tolerance]) -> list[dict]:
    """Gather numbers by the rows that they stand in, as a manifest file has them.

    Parameters
    ----------
    numbers : iterable of mapping
        As from `numbers_of`.
    tolerances : mapping of str to Tolerance
        Every one that a number has, by name.

    Returns
    -------
    list of dict
        ``of`` (the id of a row) and, by the name of a tolerance, the values by column.
    """
    names = {(each.abs_tol, each.rel_tol): name for name, each in tolerances.items()}
    rows: dict[str, dict] = {}
    for each in numbers:
        row, _, column = each["id"].rpartition(".")
        kind = names[(each["abs_tol"], each["rel_tol"])]
        rows.setdefault(row, {"of": row}).setdefault(kind, {})[column] = each["value"]
    return list(rows.values())


def one_by_one(rows: Iterable[Mapping], tolerances: Mapping[str, Tolerance]) -> list[dict]:
    """Return the numbers that `by_row` gathered, as `numbers_of` has them, row by row."""
    return [
        {"id": f"{row['of']}.{column}", "value": value, **asdict(tolerances[kind])}
        for row in rows
        for kind in row
        if kind != "of"
        for column, value in row[kind].items()
    ]


def table_of(number: str) -> str:
    """Return the table that a number's id names.

    Examples
    --------
    >>> table_of("scores[corpus=postings;score=accuracy].estimate")
    'scores'
    """
    return number.partition("[")[0]


def plain_number(value: object) -> float | int | str | None:
    """Return a cell as JSON has it: None where it is missing, "inf" in words, few digits enough."""
    if pd.isna(value):
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(f"{value:.{DIGITS}g}")


def canonical_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV that does not depend on a machine's last digits.

    Parameters
    ----------
    table : DataFrame
        Columns and rows keep their order.

    Returns
    -------
    str
        Numbers with six significant digits, days as ``YYYY-MM-DD``, a missing cell as an empty one.
    """
    plain = pd.DataFrame({column: _canonical(table[column]) for column in table}, columns=list(table))
    return plain.to_csv(index=False, lineterminator="\n")


def table_hash(table: pd.DataFrame) -> str:
    """Return the SHA-256 of a table's canonical CSV in UTF-8.

    Two tables with one hash say the same; two hashes may still differ by a digit that was rounded up here and
    down there.
    """
    return hashlib.sha256(canonical_csv(table).encode("utf-8")).hexdigest()


def _canonical(column: pd.Series) -> list[str]:
    """Return the cells of a column in the canonical form."""
    if pd.api.types.is_float_dtype(column):
        return ["" if pd.isna(value) else f"{value + 0.0:.{ROUNDED}g}" for value in column]
    return [_cell(value) for value in column]


def _cell(value: object) -> str:
    """Return a cell as text."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _is_words(column: pd.Series) -> bool:
    """Say whether a column holds words: neither numbers nor yes and no nor days, nor nothing at all."""
    kinds = pd.api.types
    return not (
        column.isna().all() or kinds.is_numeric_dtype(column) or kinds.is_datetime64_any_dtype(column)
    )


def _is_count(name: str) -> bool:
    """Say whether a column of whole numbers counts something, or repeats a setting."""
    return name == "n" or name.startswith("n_") or name in SETTINGS


def _made_of_codings(table: pd.DataFrame, stage: str) -> list[bool]:
    """Say of each row whether no prediction had a part in it."""
    if stage in CODED_STAGES:
        return [True] * len(table)
    if "labels" in table:
        return (table["labels"] == "all_codings").tolist()
    return (table["found_by"] == "gold").tolist() if "found_by" in table else [False] * len(table)
