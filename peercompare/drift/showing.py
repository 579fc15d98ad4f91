"""From estimates to what is published of them: what is blanked, and what is shown by waiver.

Estimates are drafted without looking at who stands behind them; `publish` takes all drafts of a publication
together (`publishing`), since what one table shows may give away what another withholds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from peercompare.drift.groups import Cell
from peercompare.drift.measures import ALL, Measures
from peercompare.drift.plan import Plan

SIZES = ["n_segments", "n_coded"]
TIMES = "n_alike"
"""Column of scores that were summed: for how many segments a row stands."""
SILENT, TAKING, SLOPE = "silent", "taking", "slope"
"""What estimates rest on: all segments, those that take a stance, or those of workers seen on two dates."""
SIZES_WITHHELD = "its sizes are withheld: beside other sizes they would tell of fewer than five workers"


@dataclass(frozen=True)
class Draft:
    """Estimates before anything is withheld; not for publication.

    Parameters
    ----------
    estimates : DataFrame
        One row for each cell and measure, in this order, then the contrasts; columns as in `COLUMNS` but for
        ``waiver``.
    cells : list of Cell
        Empty where nothing could be estimated and `estimates` says why.
    scores : DataFrame
        What the rows of the cells refer to.
    table : Measures
    held : ndarray of bool, shape (n_segments, n_measures)
        Whether each segment stands in each denominator.
    moving : list of ndarray of bool, each of shape (n_segments, n_measures), optional
        For each cell of a table of slopes, the segments of workers that were seen there on two dates.
    contrasts : dict of int to tuple of int
        Rows of `estimates` after those of the cells, such as differences, and the rows that each is made of:
        one is shown only where all of those are.
    """

    estimates: pd.DataFrame
    cells: list[Cell] = field(default_factory=list)
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    table: Measures | None = None
    held: np.ndarray | None = None
    moving: list[np.ndarray] | None = None
    contrasts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def labels(self) -> str:
        """Where the labels come from."""
        return self.estimates["labels"].iloc[0]

    @property
    def variant(self) -> str:
        """How the codings were counted."""
        return self.estimates["variant"].iloc[0]

    def scopes(self) -> dict[tuple[str, str], list[int]]:
        """Measures that rest on the same segments, by kind and dimension."""
        found: dict[tuple[str, str], list[int]] = {}
        for place, scope in enumerate(self.table.dimensions):
            kind = SILENT if self.table.denominators[0, place] > 0 else TAKING
            kind = kind if self.moving is None else SLOPE
            found.setdefault((kind, scope), []).append(place)
        return found


def refused(
    plan: Plan,
    reason: str,
    *,
    estimand: str,
    population: str = "",
    labels: str = "all_codings",
    variant: str = "as_coded",
) -> Draft:
    """Draft one row that says why something could not be estimated, so that a publication can go on.

    Parameters
    ----------
    plan : Plan
    reason : str
        Why: the words of an `UndefinedError`.
    estimand : str
        What was asked for, e.g. ``slope``.
    population : str, default ""
        Whom it was asked of, in words.
    labels, variant : str

    Returns
    -------
    Draft
        Without an estimate; grouped by "all".
    """
    row = {
        "corpus": plan.corpus,
        "estimand": estimand,
        "group_by": ALL,
        "group": ALL,
        "dimension": ALL,
        "variant": variant,
        "labels": labels,
        "estimate": np.nan,
        "lower": np.nan,
        "upper": np.nan,
        "confidence_level": plan.confidence_level,
        "n_clusters": 0,
        "n_workers": pd.NA,
        "n_documents": 0,
        "n_segments": 0,
        "n_coded": 0,
        "method": "not estimated",
        "reason": reason,
        "target": plan.words(population),
    }
    return Draft(pd.DataFrame([row]).astype({"n_workers": "Int64"}))


def hide(estimates: pd.DataFrame, reasons: np.ndarray, *, sizes: np.ndarray, waive: bool) -> pd.DataFrame:
    """Blank the estimates that are withheld, or mark them as shown under the waiver.

    Parameters
    ----------
    estimates : DataFrame
        With ``estimate``, ``lower``, ``upper``, ``n_segments``, ``n_coded``, ``method`` and ``reason``.
    reasons : ndarray of str, shape (n_rows,)
        Why a row is withheld; "" for rows that may be shown.
    sizes : ndarray of bool, shape (n_rows,)
        Rows whose sizes alone are withheld.
    waive : bool
        Whether a waiver was asked, and allowed.

    Returns
    -------
    DataFrame
        With ``waiver``, True on rows whose estimate is shown only because the corpus is composed.
    """
    table = estimates.astype(dict.fromkeys(SIZES, "Int64"))
    touched = reasons != ""
    table["waiver"] = touched & waive & table["estimate"].notna().to_numpy()
    if waive:
        return table
    table.loc[touched, ["estimate", "lower", "upper"]] = np.nan
    # The sizes of denominators would give away the share of none, and the mix of dimensions.
    table.loc[touched | sizes, SIZES] = pd.NA
    table.loc[touched, "reason"] = reasons[touched]
    alone = sizes & ~touched
    table.loc[alone, "reason"] = [
        "; ".join(part for part in (reason, SIZES_WITHHELD) if part) for reason in table.loc[alone, "reason"]
    ]
    # The method of a slope holds its p-value, which would tell what was withheld.
    table.loc[touched, "method"] = "withheld"
    return table
