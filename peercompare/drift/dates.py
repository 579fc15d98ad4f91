"""Dates of segments: time since the first one, and who was seen on two of them, as a change asks for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.drift.plan import Plan
from peercompare.errors import InputError, UndefinedError

DATE = "date"
DAYS = {"month": 30.4375, "year": 365.25}
"""Units of time, in days."""


def elapsed(scores: pd.DataFrame, per: str) -> np.ndarray:
    """Return each row's time since the first date, in months or years; NaN where it has no date."""
    return ((scores[DATE] - scores[DATE].min()).dt.days / DAYS[per]).to_numpy(dtype=float)


def seen_twice(scores: pd.DataFrame, held: np.ndarray, plan: Plan) -> np.ndarray:
    """Keep, of the segments held, those of clusters that were seen on two dates: one date tells no change."""
    seen = scores.loc[held, DATE].groupby(scores.loc[held, plan.cluster]).nunique()
    return held & scores[plan.cluster].isin(seen.index[seen >= 2]).to_numpy()


def dated_scores(
    scores: pd.DataFrame, plan: Plan, *, what: str, within: bool = True
) -> tuple[pd.DataFrame, str]:
    """Keep segments with a date, and to look within clusters those of clusters seen on two.

    Parameters
    ----------
    scores : DataFrame
    plan : Plan
    what : str
        What they are kept for, to say what there cannot be without them: ``slope``.
    within : bool, default True

    Returns
    -------
    DataFrame, str
        The segments kept, numbered anew, and words on what was left out ("" where nothing was).

    Raises
    ------
    InputError
        Where there are no dates.
    UndefinedError
        Where nothing is kept.
    """
    if DATE not in scores:
        raise InputError(f"a {what} needs a column {DATE!r}")
    dated = scores[DATE].notna().to_numpy()
    kept = scores[seen_twice(scores, dated, plan) if within else dated]
    if kept.empty:
        lacks = f"none of the {plan.clusters} was seen on two dates" if within else "no document has a date"
        raise UndefinedError(f"{lacks}, so there is no {what}")
    undated = int((~dated).sum())
    words = f"; {undated} segments without a date left out" if undated else ""
    single = scores.loc[dated, plan.cluster].nunique() - kept[plan.cluster].nunique()
    words += f"; {single} {plan.clusters} seen on one date left out" if single else ""
    return kept.reset_index(drop=True), words
