"""The estimands, as weights on the outcomes: read from the framework, no stance or dimension named here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift.scores import SHARE, shares
from peercompare.framework import Framework

ALL = "all"
OVERLAP_VALUES = {"index_overlap_low": -0.25, "index_overlap_high": 0.25}
"""Variants of the index: what stances between the ends of the axis count for, instead of their own value."""


@dataclass(frozen=True)
class Measures:
    """Estimands as ratios of weighted totals of outcomes.

    Parameters
    ----------
    estimands, dimensions : tuple of str, length n_measures
        Names, and the dimension within which each is taken ("all": over all dimensions).
    numerators, denominators : ndarray of shape (n_outcomes, n_measures)
    low, high : ndarray of shape (n_measures,)
        Ends of each scale.
    """

    estimands: tuple[str, ...]
    dimensions: tuple[str, ...]
    numerators: np.ndarray
    denominators: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def column(self, estimand: str, dimension: str = ALL) -> int:
        """Place of an estimand."""
        return list(zip(self.estimands, self.dimensions, strict=True)).index((estimand, dimension))

    def only(self, places: list[int]) -> Measures:
        """Keep some of the measures."""
        return Measures(
            tuple(self.estimands[place] for place in places),
            tuple(self.dimensions[place] for place in places),
            self.numerators[:, places],
            self.denominators[:, places],
            self.low[places],
            self.high[places],
        )


def measures(framework: Framework, *, dimensions: bool = True) -> Measures:
    """List the estimands of a framework.

    Over all dimensions: the share of each stance among stance-taking segments, the share of `none` among all
    segments, the index (stances valued by the framework), and the index with the stances between the ends of
    the axis valued lower and higher. Within each dimension: the same without `none`.

    Parameters
    ----------
    framework : Framework
    dimensions : bool, default True
        False: outcomes are the labels alone, as predictions have them.

    Returns
    -------
    Measures
        Outcomes in the order of `outcomes` (or of the labels).
    """
    n_stances = len(framework.stance_ids)
    scopes = framework.dimension_ids if dimensions else ("",)
    n_outcomes = 1 + n_stances * len(scopes)
    values = _values(framework)
    rows = []
    for place, scope in enumerate((ALL, *framework.dimension_ids) if dimensions else (ALL,)):
        inside = np.zeros((n_outcomes, n_stances))
        for block in range(len(scopes)) if scope == ALL else (place - 1,):
            inside[1 + block * n_stances + np.arange(n_stances), np.arange(n_stances)] = 1.0
        whole = inside.sum(axis=1)
        rows += [(name, scope, inside @ weight, whole, low) for name, weight, low in values]
        if scope == ALL:
            silent = np.eye(n_outcomes)[0]
            rows.append((f"share_{framework.none.id}", ALL, silent, np.ones(n_outcomes), 0.0))
    names, where, tops, bottoms, lows = zip(*rows, strict=True)
    return Measures(names, where, np.array(tops).T, np.array(bottoms).T, np.array(lows), np.ones(len(rows)))


def outcomes(scores: pd.DataFrame, framework: Framework) -> np.ndarray:
    """Spread each segment's shares over dimensions: `none`, then each dimension's stances in order.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`.
    framework : Framework

    Returns
    -------
    ndarray of shape (n_segments, 1 + n_dimensions * n_stances)
        Rows sum to 1, or to 0 where a variant leaves the segment out; NaN where it is not coded. Where coders
        see a segment in different dimensions, the scores have a column for each.
    """
    share = shares(scores, framework)
    wide = spread_columns(framework)
    if wide[0] in scores:
        return np.column_stack([share[:, 0], scores[wide].to_numpy(dtype=float)])
    inside = (
        scores["dimension"].to_numpy()[:, None] == np.array(framework.dimension_ids, dtype=object)
    ).astype(float)
    spread = (inside[:, :, None] * share[:, None, 1:]).reshape(len(scores), -1)
    # A tie split between a stance and none has no dimension for the part that is none.
    return np.column_stack([share[:, 0], spread])


def spread_columns(framework: Framework) -> list[str]:
    """Columns of scores in which each dimension and stance has its own share, where coders differ."""
    pairs = [(scope, stance) for scope in framework.dimension_ids for stance in framework.stance_ids]
    return [f"{SHARE}{scope}/{stance}" for scope, stance in pairs]


def _values(framework: Framework) -> list[tuple[str, np.ndarray, float]]:
    """Name, weight on each stance and lower end of the scale, for shares and indices."""
    listed = [
        (f"share_{stance}", np.eye(len(framework.stance_ids))[place], 0.0)
        for place, stance in enumerate(framework.stance_ids)
    ]
    own = np.array([float(stance.value) for stance in framework.stances])
    listed.append(("index", own, -1.0))
    between = np.array([stance not in framework.axis for stance in framework.stance_ids])
    listed += [(name, np.where(between, value, own), -1.0) for name, value in OVERLAP_VALUES.items()]
    return listed
