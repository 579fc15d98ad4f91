"""The index by conditions of work: each level of a column of documents.csv, and how levels differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.differences import Contrast, difference_of_ratios
from peercompare.drift.estimands import draft_estimates
from peercompare.drift.evidence import Evidence, gather
from peercompare.drift.groups import Cell
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import Plan
from peercompare.drift.ratios import MIN_CLUSTERS, SAME, holm
from peercompare.drift.rectified import cluster_totals
from peercompare.drift.showing import Draft
from peercompare.errors import UndefinedError
from peercompare.framework import Framework

INDEX, DIFFERENCE = "index", "index_difference"
SITE = "site_id"
SIZES = ("n_documents", "n_segments", "n_coded")
LESS = " less "
"""Between the two levels in the ``group`` of a difference."""


def draft_moderator(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    column: str,
    labels: str = "all_codings",
) -> Draft:
    """Estimate the index at each level of a condition of work, and each level less the commonest one.

    A difference between levels is one between the sites or workers that have them, whatever else tells those
    apart: it is not what changing the condition would do. The reference is the level with the most clusters
    (the first by name among equals). `difference_of_ratios` has the estimator; p-values are adjusted by Holm
    over the levels of the column. Where everybody at a site has the same level, sites are the clusters of the
    difference, since what else is particular to a site cannot be told from the condition.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`. Choose the population first.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    column : str
        A column of documents, such as funding, certification or service; none that names people. A missing
        value is a level of its own, "not given".
    labels : {"all_codings", "probability_sample", "predicted_only"}

    Returns
    -------
    Draft
        For `publish`: estimand ``index`` by level and ``index_difference`` in groups
        ``"<level> less <reference>"``, shown only where both levels are.

    Raises
    ------
    InputError
        For an unknown column, labels or target.
    DisclosureError
        Where the column names people.
    UndefinedError
        Where nothing is coded, or the column has one level only.
    """
    plan.only_like_these("a difference between levels")
    whole = draft_estimates(scores, framework, plan=plan, group_by=[column], labels=labels, dimensions=False)
    if len(whole.cells) < 2:
        raise UndefinedError(f"{column} has one level only, so there is nothing to compare")
    table = measures(framework, dimensions=labels != "predicted_only")
    index = table.only([table.column(INDEX)])
    levels = whole.estimates[whole.estimates["estimand"] == INDEX].reset_index(drop=True)
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    clusters, units = _clusters(scores, column, evidence, plan)
    totals = [_totals(evidence, cell, index, clusters) for cell in whole.cells]
    reference = int(np.argmax(levels["n_clusters"].to_numpy()))
    others = [place for place in range(len(levels)) if place != reference]
    found = [_difference(totals[place], totals[reference], plan) for place in others]
    few = [_few(units, totals, place, reference)[1] < MIN_CLUSTERS for place in others]
    adjusted = holm(np.where(few, np.nan, [contrast.p_value for contrast in found]))
    rows = [
        _row(levels.iloc[place], levels.iloc[reference], contrast, p, _few(units, totals, place, reference))
        for place, contrast, p in zip(others, found, adjusted, strict=True)
    ]
    estimates = pd.concat([levels, pd.DataFrame(rows).astype({"n_workers": "Int64"})], ignore_index=True)
    contrasts = {len(levels) + n: (place, reference) for n, place in enumerate(others)}
    held = evidence.held(index.denominators)
    return replace(whole, estimates=estimates, table=index, held=held, contrasts=contrasts)


def _clusters(scores: pd.DataFrame, column: str, evidence: Evidence, plan: Plan) -> tuple[np.ndarray, str]:
    """Return what varies independently, and in words: sites where all at a site share a level."""
    if SITE in scores and column != SITE and (scores.groupby(SITE)[column].nunique(dropna=False) == 1).all():
        return pd.factorize(scores[SITE])[0], "sites"
    return evidence.clusters, plan.clusters


def _totals(evidence: Evidence, cell: Cell, index: Measures, clusters: np.ndarray) -> np.ndarray:
    """Numerator and denominator of the index in each cluster, shape (n_clusters, 2)."""
    weights = np.column_stack([index.numerators, index.denominators])
    return cluster_totals(evidence.values[cell.rows] @ weights, clusters[cell.rows], clusters.max() + 1)


def _difference(level: np.ndarray, reference: np.ndarray, plan: Plan) -> Contrast:
    """Take the index of the reference from that of a level."""
    pairs = np.stack([reference, level], axis=1)
    return difference_of_ratios(pairs[:, :, 0], pairs[:, :, 1], confidence_level=plan.confidence_level)


def _few(units: str, totals: list[np.ndarray], *places: int) -> tuple[str, int]:
    """Return the clusters in words, and how many the smaller of two levels has."""
    return units, min(np.count_nonzero(totals[place][:, 1]) for place in places)


def _row(
    level: pd.Series, reference: pd.Series, found: Contrast, p_value: float, clusters: tuple[str, int]
) -> dict:
    """Lay out one difference; its sizes are those of both levels together."""
    units, fewest = clusters
    reason = _reason(level, reference, found, clusters)
    known = reason == ""
    method = f"{level['method'].split('; jackknife')[0]}; index of one level less that of another"
    spread = f"; joint jackknife over {units}, t with {found.degrees:.1f} degrees of freedom"
    test = f"; p of no difference {p_value:.3f} (Holm over the levels)"
    both = {name: int(level[name]) + int(reference[name]) for name in SIZES}
    workers = [side["n_workers"] for side in (level, reference)]
    return {
        **level.to_dict(),
        **both,
        "estimand": DIFFERENCE,
        "dimension": ALL,
        "group": f"{level['group']}{LESS}{reference['group']}",
        "estimate": found.estimate,
        "lower": found.lower if known else np.nan,
        "upper": found.upper if known else np.nan,
        "n_clusters": fewest,
        "n_workers": pd.NA if pd.isna(workers).any() else min(workers),
        "method": method + (spread + test if known else ""),
        "reason": reason,
        "target": level["target"] if level["n_clusters"] < reference["n_clusters"] else reference["target"],
    }


def _reason(level: pd.Series, reference: pd.Series, found: Contrast, clusters: tuple[str, int]) -> str:
    """Say why there is no difference, or no interval of it."""
    units, fewest = clusters
    for side in (level, reference):
        if pd.isna(side["estimate"]):
            return f"{side['group']}: {side['reason']}"
    if fewest < MIN_CLUSTERS:
        alike = ", since everybody at a site has the same level" if units == "sites" else ""
        return (
            f"an interval of a difference needs at least five {units} at both levels{alike}, and one has "
            f"{fewest}: the point alone is given"
        )
    return "" if np.isfinite(found.lower) else SAME.replace("{clusters}", units)
