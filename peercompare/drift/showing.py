"""From the rule about cells to the rows of a table: what is blanked, and what is shown by waiver."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.drift import disclosure
from peercompare.drift.groups import Cell
from peercompare.drift.measures import ALL, Measures
from peercompare.drift.plan import worker_index

SIZES = ("n_segments", "n_coded")


def hide(estimates: pd.DataFrame, reasons: np.ndarray, *, waive: bool) -> pd.DataFrame:
    """Blank the estimates that are withheld, or mark them as shown under the waiver.

    Parameters
    ----------
    estimates : DataFrame
        With ``estimate``, ``lower``, ``upper``, ``n_segments``, ``n_coded``, ``method`` and ``reason``.
    reasons : ndarray of str, shape (n_rows,)
        Why a row is withheld; "" for rows that may be shown.
    waive : bool
        Whether a waiver was asked, and allowed.

    Returns
    -------
    DataFrame
        With ``waiver``, True on rows that are shown only because the corpus is composed.
    """
    table = estimates.astype(dict.fromkeys(SIZES, "Int64"))
    touched = reasons != ""
    table["waiver"] = touched & waive
    if touched.any() and not waive:
        table.loc[touched, ["estimate", "lower", "upper"]] = np.nan
        # The sizes of denominators would give away the share of none, and the mix of dimensions.
        table.loc[touched, list(SIZES)] = pd.NA
        table.loc[touched, "reason"] = reasons[touched]
        # The method of a slope holds its p-value, which would tell what was withheld.
        table.loc[touched, "method"] = "withheld"
    return table


def disclosure_reasons(
    cells: list[Cell], scores: pd.DataFrame, held: np.ndarray, table: Measures
) -> np.ndarray:
    """Say why each row of a table of estimates is withheld.

    Where documents name no workers they are public postings by organisations, and nothing is withheld.

    Parameters
    ----------
    cells : list of Cell
    scores : DataFrame
    held : ndarray of bool, shape (n_segments, n_measures)
        Whether each segment stands in each denominator.
    table : Measures

    Returns
    -------
    ndarray of str, shape (n_cells * n_measures,)
        In the order of cells, then measures; "" where the row may be shown.
    """
    workers = worker_index(scores)
    if workers is None:
        return np.full(len(cells) * len(table.estimands), "", dtype=object)
    # The whole is always thought of as published: a reader can add up the groups.
    n_asked = len(cells)
    if all(cell.key for cell in cells):
        cells = [*cells, Cell(ALL, ALL, frozenset(), np.ones(len(scores), dtype=bool))]
    reasons = np.full((len(cells), len(table.estimands)), "", dtype=object)
    changed = scores["changed"].to_numpy(dtype=bool)[:, None] & _origin(scores, table)
    silent = table.denominators[0] > 0
    for family in (np.flatnonzero(chosen) for chosen in (silent, ~silent) if chosen.any()):
        scopes = list(dict.fromkeys(table.dimensions[place] for place in family))
        first = [next(place for place in family if table.dimensions[place] == scope) for scope in scopes]
        found = disclosure.withheld(
            disclosure.Cells(
                tuple(_key(cell, scope) for cell in cells for scope in scopes),
                _cut(cells, held[:, first]),
                workers,
            ),
            altered=_cut(cells, changed[:, first]),
        ).reshape(len(cells), len(scopes))
        for place in family:
            reasons[:, place] = found[:, scopes.index(table.dimensions[place])]
    return reasons[:n_asked].ravel()


def _origin(scores: pd.DataFrame, table: Measures) -> np.ndarray:
    """Segments that each denominator holds as they were coded, whatever the variant makes of them."""
    dimension = scores["dimension"].to_numpy(dtype=object)
    taking = scores["taking"].to_numpy(dtype=bool)
    columns = []
    for place, scope in enumerate(table.dimensions):
        if scope != ALL:
            columns.append(dimension == scope)
        else:
            columns.append(np.ones(len(scores), dtype=bool) if table.denominators[0, place] > 0 else taking)
    return np.column_stack(columns)


def _cut(cells: list[Cell], columns: np.ndarray) -> np.ndarray:
    """Rows of each cell within each scope, shape (n_cells * n_scopes, n_segments)."""
    return np.array([cell.rows & column for cell in cells for column in columns.T])


def _key(cell: Cell, scope: str) -> frozenset:
    return cell.key if scope == ALL else cell.key | {("dimension", scope)}
