"""How two groups or two periods differ: shares, index and the share of `none` of one less the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.differences import Contrast, difference_of_ratios
from peercompare.drift.estimands import draft_estimates
from peercompare.drift.evidence import distinct, gather, people
from peercompare.drift.groups import BESIDE
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import FEW, MIN_CLUSTERS, SAME, holm
from peercompare.drift.showing import Draft
from peercompare.drift.totals import Totals, ratio_totals
from peercompare.errors import UndefinedError
from peercompare.framework import Framework

LESS = " less "
"""Between the two groups in the column ``group`` of a difference."""

APART = "_difference"
"""What the name of an estimand ends with where it is a difference."""


def difference_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    column: str,
    first: str,
    second: str,
    plan: Plan,
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Estimate what one group, or one period, has more than another.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`. Choose the population first.
    framework : Framework
    column : str
        Of documents, or a part of the date such as ``half_year``; none that names people.
    first, second : str
        Two of its values: the second less the first is estimated.
    plan : Plan
        Its target must be clusters like these.
    labels : {"all_codings", "probability_sample", "expert_only", "predicted_only"}

    Returns
    -------
    DataFrame
        With the columns of `COLUMNS`: all estimates of both groups, and of each ``<estimand>_difference``,
        shown only where both groups are. Workers who stand in both groups are allowed for. `method` gives the
        p-value of no difference, adjusted by Holm over the dimensions.

    Raises
    ------
    InputError, DisclosureError
        As in `estimate_table`.
    UndefinedError
        When nothing is coded, or a group has no segments.
    """
    draft = draft_differences(
        scores, framework, column=column, first=first, second=second, plan=plan, labels=labels
    )
    return publish([draft], plan=plan)


def draft_differences(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    column: str,
    first: str,
    second: str,
    plan: Plan,
    labels: str = "all_codings",
) -> Draft:
    """Estimate as `difference_table` does, and leave it to `publish` to withhold; not for publication.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`; the population chosen.
    framework : Framework
        Under which the scores were coded.
    column : str
        By whose values groups or periods are told apart; none that names people.
    first, second : str
        Two of its values.
    plan : Plan
        The corpus, its clusters, and how to infer; its target must be clusters like these.
    labels : str
        As in `difference_table`; the scores must carry the sample or the predictions that they need.

    Returns
    -------
    Draft
        Both groups with all measures, then the differences; show nothing of it before `publish`.

    Raises
    ------
    InputError
        For an unknown column, labels or target, or when predictions or probabilities are lacking.
    DisclosureError
        When the column names people.
    UndefinedError
        When nothing is coded, or a group has no segments.
    """
    plan.only_like_these("a difference between groups")
    whole = draft_estimates(scores, framework, plan=plan, group_by=[column], labels=labels)
    table, evidence = (
        measures(framework, dimensions=labels != "predicted_only"),
        gather(scores, framework, cluster=plan.cluster, labels=labels),
    )
    named = [cell.group for cell in whole.cells]
    absent = [group for group in (first, second) if group not in named]
    if absent:
        raise UndefinedError(f"{column} is never {' or '.join(absent)}, so there is nothing to compare")
    cells = [whole.cells[named.index(group)] for group in (first, second)]
    width = len(table.estimands)
    places = [named.index(group) * width + np.arange(width) for group in (first, second)]
    both = whole.estimates.iloc[np.concatenate(places)].reset_index(drop=True)
    rows = cells[0].rows | cells[1].rows
    held = evidence.held(table.denominators, rows)
    sizes = {
        "n_clusters": distinct(held, evidence.clusters[rows]),
        "n_workers": people(held, evidence, rows),
        "n_documents": distinct(held, evidence.documents[rows]),
    }
    totals = [ratio_totals(evidence, cell.rows, table) for cell in cells]
    apart = _apart(both, totals, table, plan).assign(**sizes)
    estimates = pd.concat([both, apart[list(both)].astype(both.dtypes)], ignore_index=True)
    contrasts = {2 * width + place: (place, width + place) for place in range(width)}
    return replace(whole, estimates=estimates, cells=cells, contrasts=contrasts)


def _apart(both: pd.DataFrame, totals: list[Totals], table: Measures, plan: Plan) -> pd.DataFrame:
    """Lay out the differences; their sizes are those of both groups together."""
    width = len(table.estimands)
    one, other = both.iloc[:width].reset_index(drop=True), both.iloc[width:].reset_index(drop=True)
    found = [
        difference_of_ratios(
            np.column_stack([side.tops[:, place] for side in totals]),
            np.column_stack([side.bottoms[:, place] for side in totals]),
            confidence_level=plan.confidence_level,
        )
        for place in range(width)
    ]
    reasons = [_reason(one.loc[at], other.loc[at], each, plan) for at, each in enumerate(found)]
    known = np.array([reason == "" for reason in reasons])
    defined = one["estimate"].notna() & other["estimate"].notna()
    return one.assign(
        estimand=one["estimand"] + APART,
        group=other["group"] + LESS + one["group"],
        estimate=np.where(defined, [each.estimate for each in found], np.nan),
        lower=np.where(known, [each.lower for each in found], np.nan),
        upper=np.where(known, [each.upper for each in found], np.nan),
        n_segments=one["n_segments"] + other["n_segments"],
        n_coded=one["n_coded"] + other["n_coded"],
        method=_methods(one, found, known, plan),
        reason=reasons,
    )


def _methods(one: pd.DataFrame, found: list[Contrast], known: np.ndarray, plan: Plan) -> list[str]:
    """Name the method, with p of no difference, by Holm over the dimensions of an estimand."""
    p_value = np.where(known, [each.p_value for each in found], np.nan)
    inner = (one["dimension"] != ALL).to_numpy()
    for estimand in one["estimand"].unique():
        family = inner & (one["estimand"] == estimand).to_numpy()
        p_value[family] = holm(p_value[family])
    words = []
    for text, each, p, within, interval in zip(one["method"], found, p_value, inner, known, strict=True):
        fit = f"{text.split('; jackknife')[0]}; one group less another"
        spread = f"; joint jackknife over {plan.clusters}, t with {each.degrees:.1f} degrees of freedom"
        test = f"; p of no difference {p:.3f}" + (" (Holm over dimensions)" if within else "")
        words.append(fit + (spread + test if interval else ""))
    return words


def _reason(one: pd.Series, other: pd.Series, found: Contrast, plan: Plan) -> str:
    """Say why there is no difference, or no interval of it."""
    for side in (one, other):
        if pd.isna(side["estimate"]):
            return f"{side['group'].split(BESIDE)[0]}: {side['reason']}"
    fewest = min(one["n_clusters"], other["n_clusters"])
    if fewest < MIN_CLUSTERS:
        return FEW.replace("{n}", str(int(fewest))).replace("{clusters}", plan.clusters)
    return "" if np.isfinite(found.lower) else SAME.replace("{clusters}", plan.clusters)
