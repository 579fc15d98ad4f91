"""Known groups: does the yardstick tell apart those who are known to differ, and what would show it fails.

A claim names the side on which a difference must lie. It tests the yardstick only if it was written down
before its estimate was looked at, which nothing here can know. An interval on that side supports the
yardstick, one on the other side speaks against it, one that holds zero decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from peercompare.drift.moderators import DIFFERENCE, LESS, draft_moderator
from peercompare.drift.plan import Plan
from peercompare.drift.publishing import publish
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

SUPPORTED, FALSIFIED, UNDECIDED = "supported", "falsified", "undecided"
CLAIM_COLUMNS = (
    "claim", "estimand", "group", "estimate", "lower", "upper", "confidence_level", "n_clusters",
    "n_documents", "n_segments", "would_falsify", "verdict", "method", "reason", "waiver", "target",
)  # fmt: skip
"""Columns of the table of claims."""


@dataclass(frozen=True)
class Claim:
    """Something that must hold of a difference, if the yardstick measures what it says.

    Parameters
    ----------
    words : str
        The claim, as a sentence.
    estimand : str
        The row it is about, such as ``index_difference`` or ``event_difference``.
    group : str
        The group of that row, such as ``"clinician less peer"`` or the kind of an event. A difference that
        stands in the table the other way round is turned.
    above : bool, default True
        Whether the difference must lie above zero; else below.
    """

    words: str
    estimand: str
    group: str
    above: bool = True


def ordered_differences(
    scores: pd.DataFrame, framework: Framework, *, plan: Plan, column: str, order: Sequence[str]
) -> pd.DataFrame:
    """Estimate by how much the index of each group lies above that of the group before it.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, all codings. Choose the population first.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    column : str
        A column of documents that does not name people.
    order : sequence of str
        Two or more of its values, from the one expected to be nearest to the first stance.

    Returns
    -------
    DataFrame
        Published estimates (`peercompare.drift.COLUMNS`), one row for each neighbouring pair: estimand
        ``index_difference``, group ``"<later> less <earlier>"``. What rests on fewer than five workers is
        withheld, and no interval is given below five clusters on a side.

    Raises
    ------
    InputError
        Where a value of the order is not there, or fewer than two are named.
    DisclosureError
        Where the column names people.
    """
    absent = [
        value for value in order if column not in scores or value not in set(scores[column].astype(str))
    ]
    if absent or len(order) < 2:
        there = ", ".join(sorted(set(scores[column].astype(str)))) if column in scores else "no such column"
        raise InputError(f"no order of {column} by {', '.join(order)}", remedy=f"there is: {there}")
    pairs = list(pairwise(order))
    drafts = []
    for pair in pairs:
        rows = scores[scores[column].astype(str).isin(pair)].reset_index(drop=True)
        drafts.append(draft_moderator(rows, framework, plan=plan, column=column))
    table = publish(drafts, plan=plan)
    table = table[table["estimand"] == DIFFERENCE]
    turned = [
        turn(row, f"{later}{LESS}{earlier}")
        for (_, row), (earlier, later) in zip(table.iterrows(), pairs, strict=True)
    ]
    return pd.DataFrame(turned)[list(table.columns)].reset_index(drop=True)


def turn(row: pd.Series, group: str) -> pd.Series:
    """Return a difference the way round that is asked for.

    Parameters
    ----------
    row : Series
        A row of estimates whose ``group`` is ``"<one> less <other>"``.
    group : str
        The same pair, in either order.

    Returns
    -------
    Series
        The row as it is, or with estimate and ends of the interval turned round.
    """
    if row["group"] == group:
        return row
    minus = {name: -row[other] for name, other in (("lower", "upper"), ("upper", "lower"))}
    return pd.Series({**row.to_dict(), **minus, "estimate": -row["estimate"], "group": group})


def judge_claims(estimates: pd.DataFrame, claims: Sequence[Claim]) -> pd.DataFrame:
    """Hold claims against published estimates: each with its interval and what would have falsified it.

    Parameters
    ----------
    estimates : DataFrame
        Published, one row for each estimand and group: choose corpus, labels and variant first.
    claims : sequence of Claim

    Returns
    -------
    DataFrame
        In the order of the claims, with the columns of `CLAIM_COLUMNS`. ``verdict`` is ``supported`` where
        the whole interval lies on the claimed side of zero, ``falsified`` where it lies on the other side,
        else ``undecided``. A claim whose row is not there or withheld is undecided, with its reason.

    Raises
    ------
    InputError
        Where a claim fits several rows.
    """
    return pd.DataFrame([_judged(estimates, claim) for claim in claims]).reindex(columns=list(CLAIM_COLUMNS))


def _judged(estimates: pd.DataFrame, claim: Claim) -> dict[str, object]:
    """Judge one claim."""
    side, other = ("above", "below") if claim.above else ("below", "above")
    falsifies = f"an interval that lies wholly {other} 0 (claimed: {side})"
    said = {"claim": claim.words, "would_falsify": falsifies}
    try:
        row = _row(estimates, claim)
    except UndefinedError as error:
        blank = dict.fromkeys(("estimate", "lower", "upper"), np.nan)
        about = {"estimand": claim.estimand, "group": claim.group, "reason": str(error)}
        return {**said, **about, **blank, "verdict": UNDECIDED}
    low, high = (row["lower"], row["upper"]) if claim.above else (-row["upper"], -row["lower"])
    verdict = SUPPORTED if low > 0 else FALSIFIED if high < 0 else UNDECIDED
    return {**row.to_dict(), **said, "verdict": verdict}


def _row(estimates: pd.DataFrame, claim: Claim) -> pd.Series:
    """Find the row of a claim, in whichever order its two groups stand."""
    names = {claim.group, LESS.join(reversed(claim.group.split(LESS)))}
    found = estimates[(estimates["estimand"] == claim.estimand) & estimates["group"].isin(names)]
    if found.empty:
        raise UndefinedError(f"no {claim.estimand} of {claim.group} was estimated")
    if len(found) > 1:
        raise InputError(
            f"{len(found)} rows are about {claim.estimand} of {claim.group}",
            remedy="choose corpus, labels and variant first",
        )
    return turn(found.iloc[0], claim.group)
