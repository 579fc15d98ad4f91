"""The index with every dimension counting the same, so that a changed mix of topics is not drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.estimands import draft_estimates
from peercompare.drift.evidence import Evidence, distinct, gather
from peercompare.drift.groups import Cell, Grouping
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import Plan
from peercompare.drift.ratios import MIN_CLUSTERS, SAME, UNSTABLE, RatioEstimate, interval
from peercompare.drift.showing import Draft
from peercompare.drift.totals import ratio_totals
from peercompare.framework import Framework

STANDARDISED = "index_standardised"
MIN_SEGMENTS = 20
"""Coded stance-taking segments that every dimension must hold."""


def mean_of_ratios(
    numerators: np.ndarray,
    denominators: np.ndarray,
    *,
    confidence_level: float = 0.95,
    bounds: tuple[float, float] | None = None,
) -> RatioEstimate:
    """Estimate the mean of several ratios of totals, each counting the same.

    Computes ``D = mean_k (T_k / B_k)`` with a delete-one-cluster jackknife of the whole mean, which allows
    for what the ratios share, and t with ``1 / sum_w e_w**2 - 1`` degrees of freedom, ``e_w`` the mean over
    the ratios of a cluster's share of the denominator. Assumes that clusters are independent draws.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_clusters, n_ratios)
        Totals of each cluster.
    confidence_level : float, default 0.95
    bounds : (low, high), optional
        Ends of the scale, as in `ratio_of_totals`.

    Returns
    -------
    RatioEstimate
        Of one estimand. The estimate is NaN where a denominator's total is not positive; `reason` says why
        there is no interval.

    References
    ----------
    Shao & Tu (1995), The Jackknife and Bootstrap, chapter 2. doi:10.1007/978-1-4612-0795-5. On direct
    standardisation: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 19.
    doi:10.1002/0471445428

    Examples
    --------
    A third of the many, and nine tenths of the few:

    >>> tops, bottoms = np.tile([[10.0, 0.9]], (5, 1)), np.tile([[30.0, 1.0]], (5, 1))
    >>> mean_of_ratios(tops, bottoms).estimate.round(3)
    array([0.617])
    """
    top, bottom = numerators.sum(axis=0), denominators.sum(axis=0)
    present = (denominators != 0).any(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = np.where(bottom > 0, top / bottom, np.nan).mean()
        rest = (bottom - denominators)[present]
        without = ((top - numerators)[present] / rest).mean(axis=1)
        share = (denominators / bottom).mean(axis=1)
        degrees = max(1.0 / (share**2).sum() - 1.0, 1.0)
    count = int(present.sum())
    error = np.sqrt((count - 1) / max(count, 1) * ((without - estimate) ** 2).sum())
    stable = bool((rest > 1e-9 * bottom).all())
    reason = "" if error > 1e-12 else SAME
    reason = reason if stable else UNSTABLE
    ends = interval(
        np.array([estimate]),
        np.array([error]),
        np.array([degrees]),
        confidence_level=confidence_level,
        bounds=bounds,
    )
    lower, upper = (np.where(reason == "", end, np.nan) for end in ends)
    inside = estimate if bounds is None else np.clip(estimate, *bounds)
    return RatioEstimate(
        np.array([inside]),
        lower,
        upper,
        np.array([error]),
        np.array([degrees]),
        np.array([count]),
        np.array([reason], dtype=object),
        np.array([abs(inside - estimate) > 1e-12]),
    )


def draft_standardised(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
) -> Draft:
    """Estimate the index of each group as if all dimensions came up equally often.

    The mean of the dimensions' indices (`mean_of_ratios`), only where every dimension has 20 coded
    stance-taking segments of five clusters; else the row's reason says "too few" and of which. It speaks of
    clusters like these.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`: all codings or a sample; predictions have no dimensions.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("all",)
    labels : {"all_codings", "probability_sample", "expert_only"}

    Returns
    -------
    Draft
        For `publish`: the dimensions' indices (estimand ``index``) and ``index_standardised``, which is shown
        only where all that it is made of is.

    Raises
    ------
    InputError
        For an unknown column, labels or target.
    DisclosureError
        When grouped by a column that names people.
    UndefinedError
        When nothing is coded.
    """
    plan.only_like_these("a standardised index")
    whole = draft_estimates(scores, framework, plan=plan, group_by=group_by, labels=labels)
    table = measures(framework)
    names = zip(table.estimands, table.dimensions, strict=True)
    table = table.only([at for at, (name, scope) in enumerate(names) if name == "index" and scope != ALL])
    kept = (whole.estimates["estimand"] == "index") & (whole.estimates["dimension"] != ALL)
    parts = whole.estimates[kept].reset_index(drop=True)
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    rows, width = [], len(table.estimands)
    for place, cell in enumerate(whole.cells):
        own = parts.iloc[place * width : (place + 1) * width]
        rows.append(_row(own, cell, evidence, table, plan))
    estimates = pd.concat([parts, pd.DataFrame(rows)[list(parts)].astype(parts.dtypes)], ignore_index=True)
    contrasts = {
        len(parts) + place: tuple(range(place * width, (place + 1) * width))
        for place in range(len(whole.cells))
    }
    held = evidence.held(table.denominators)
    return replace(whole, estimates=estimates, table=table, held=held, contrasts=contrasts)


def _row(own: pd.DataFrame, cell: Cell, evidence: Evidence, table: Measures, plan: Plan) -> dict:
    """Lay out the standardised index of one group; its sizes are those of the dimensions together."""
    held = evidence.held(table.denominators, cell.rows)
    reason = _too_few(own, held.sum(axis=0), plan)
    totals = ratio_totals(evidence, cell.rows, table)
    found = mean_of_ratios(
        totals.tops, totals.bottoms, confidence_level=plan.confidence_level, bounds=(-1.0, 1.0)
    )
    refused = reason != ""
    reason = reason or found.reason[0].replace("{clusters}", plan.clusters)
    method = f"{evidence.method}; mean of the dimensions' indices, each counting the same"
    if not reason:
        method += f"; jackknife over {plan.clusters}, t with {found.degrees[0]:.1f} degrees of freedom"
    anywhere = held.any(axis=1, keepdims=True)
    workers = None if evidence.workers is None else distinct(anywhere, evidence.workers[cell.rows])[0]
    return own.iloc[0].to_dict() | {
        "estimand": STANDARDISED,
        "dimension": ALL,
        "estimate": np.nan if refused else found.estimate[0],
        "lower": np.nan if refused else found.lower[0],
        "upper": np.nan if refused else found.upper[0],
        "n_clusters": distinct(anywhere, evidence.clusters[cell.rows])[0],
        "n_workers": pd.NA if workers is None else workers,
        "n_documents": distinct(anywhere, evidence.documents[cell.rows])[0],
        "n_segments": int(own["n_segments"].sum()),
        "n_coded": int(own["n_coded"].sum()),
        "method": method,
        "reason": "; ".join(part for part in (reason, evidence.note(cell.rows)) if part),
        "target": plan.words(own["target"].iloc[0].partition(" (")[2].removesuffix(")")),
    }


def _too_few(own: pd.DataFrame, n_coded: np.ndarray, plan: Plan) -> str:
    """Say which dimensions do not hold enough; "" where all do."""
    short = (n_coded < MIN_SEGMENTS) | (own["n_clusters"].to_numpy() < MIN_CLUSTERS)
    if not short.any():
        return ""
    named = ", ".join(own["dimension"].to_numpy()[short])
    return (
        f"too few: every dimension needs {MIN_SEGMENTS} coded stance-taking segments of {MIN_CLUSTERS} "
        f"{plan.clusters}, and these have not: {named}"
    )
