"""Shares of stance-taking segments and the index that sums them up, with intervals, for any grouping.

The table face of `rectified` and `ratios`: it takes the rows of `score_table` and returns the estimates
table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.corpus_alone import METHOD, within_corpus
from peercompare.drift.design_based import ratio_influence
from peercompare.drift.evidence import SAMPLED, Evidence, distinct, gather, people
from peercompare.drift.groups import Cell, Grouping, cells_of, group_columns
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import THIS_CORPUS, Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import MIN_CLUSTERS, RatioEstimate, ratio_of_totals
from peercompare.drift.showing import Draft
from peercompare.drift.totals import Totals, ratio_totals
from peercompare.framework import Framework

UNSAMPLED = "no sampled {what} here, so predictions could not be put right: nothing is estimated"
OUTSIDE = "the estimate fell outside its scale and was set to the end of it"


def estimate_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
    dimensions: bool = True,
) -> pd.DataFrame:
    """Estimate the shares of stance-taking segments, the index and the share of `none`.

    Every segment weighs the same. Intervals speak of workers (or employers) like these unless the plan asks
    for this corpus; `ratio_of_totals` has their method and measured coverage. Intervals of dimensions hold
    for one dimension at a time.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, with `with_sample` and `with_predictions` where `labels` needs them.
    framework : Framework
    plan : Plan
        The corpus, its clusters, and how to infer.
    group_by : sequence of str or tuple of str, default ("all",)
        Columns of `scores`, e.g. ``["all", "site_id", ("site_id", "half_year")]``. What is
        withheld depends on what else is shown: ask for all groupings of a publication in one call, or draft
        its tables and `publish` them together.
    labels : {"all_codings", "probability_sample", "expert_only", "power_tuned", "predicted_only"}
        ``all_codings`` takes the codings as they are; ``probability_sample`` puts predictions for all
        segments right with the sampled codings, without bias however bad the predictions are;
        ``expert_only`` uses the sampled codings alone, weighted by their probabilities; ``power_tuned`` mixes
        the two as pays best, where at least 100 clusters hold sampled codings; ``predicted_only`` counts
        predicted labels, for contrast: it is biased, and has no dimensions.
    dimensions : bool, default True
        Estimate within each dimension too.

    Returns
    -------
    DataFrame
        One row for each group, dimension and estimand, with the columns of `COLUMNS`. `n_segments` counts the
        segments in the denominator (stance-taking ones, of the dimension; estimated and rounded where not all
        are coded), `n_coded` the codings among them that were used; `n_clusters`, `n_workers` and
        `n_documents` are those with such a coding. `n_workers` is missing where documents name no worker.

    Raises
    ------
    InputError
        For an unknown column or labels, or when predictions or probabilities are lacking.
    DisclosureError
        When grouped by a column that names people, or a waiver is asked for a corpus that is not composed.
    UndefinedError
        When nothing is coded.
    """
    draft = draft_estimates(
        scores, framework, plan=plan, group_by=group_by, labels=labels, dimensions=dimensions
    )
    return publish([draft], plan=plan)


def draft_estimates(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
    dimensions: bool = True,
) -> Draft:
    """Estimate as `estimate_table` does, and leave it to `publish` to withhold; not for publication.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`: all codings, a sample, or predictions.
    framework : Framework
        Under which the scores were coded.
    plan : Plan
        The corpus, its clusters, and how to infer; the same that `publish` is given.
    group_by : sequence of str or tuple of str, default ("all",)
        Columns of `scores`; a tuple crosses several.
    labels : str
        As in `estimate_table`; the scores must carry the sample or the predictions that they need.
    dimensions : bool, default True
        Whether to estimate within each dimension too; predictions alone have none.

    Returns
    -------
    Draft
        Every cell with its estimates, small ones too: hand it to `publish` and show nothing of it before.

    Raises
    ------
    InputError
        For an unknown column or labels, or when predictions or probabilities are lacking.
    DisclosureError
        When grouped by a column that names people.
    UndefinedError
        When nothing is coded.
    """
    plan.check(scores)
    if labels == "power_tuned":
        plan.only_like_these("a power-tuned estimate")
    group_columns(scores, group_by)
    table = measures(framework, dimensions=labels != "predicted_only")
    if not dimensions:
        table = table.only([place for place, scope in enumerate(table.dimensions) if scope == ALL])
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels, tunable=True)
    return draft_from(evidence, scores, table, plan=plan, group_by=group_by)


def draft_from(
    evidence: Evidence,
    scores: pd.DataFrame,
    table: Measures,
    *,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
) -> Draft:
    """Estimate from evidence that was gathered, segment by segment or in sums; not for publication.

    Parameters
    ----------
    evidence : Evidence
    scores : DataFrame
        What the rows of the evidence are of.
    table : Measures
    plan : Plan
    group_by : sequence of str or tuple of str, default ("all",)

    Returns
    -------
    Draft
    """
    cells = cells_of(scores, group_by)
    parts = [estimate_cell(cell, scores, evidence, table, plan=plan) for cell in cells]
    estimates = pd.concat(parts, ignore_index=True)
    estimates.insert(0, "corpus", plan.corpus)
    estimates["labels"], estimates["variant"] = evidence.labels, scores["variant"].iloc[0]
    estimates["confidence_level"] = plan.confidence_level
    return Draft(estimates, cells, scores, table, evidence.held(table.denominators))


def estimate_cell(
    cell: Cell, scores: pd.DataFrame, evidence: Evidence, table: Measures, *, plan: Plan
) -> pd.DataFrame:
    """Estimate all measures of one group, before anything is withheld.

    Parameters
    ----------
    cell : Cell
    scores : DataFrame
    evidence : Evidence
    table : Measures
    plan : Plan

    Returns
    -------
    DataFrame
        One row for each measure; the columns that are the same in a whole table are the caller's to add.
    """
    inside = cell.rows
    totals = ratio_totals(evidence, inside, table)
    bottoms = totals.bottoms
    held = evidence.held(table.denominators, inside)
    n_clusters = distinct(held, evidence.clusters[inside])
    ratio = ratio_of_totals(
        totals.tops,
        bottoms,
        confidence_level=plan.confidence_level,
        bounds=(table.low, table.high),
        n_clusters=n_clusters,
    )
    if plan.target == THIS_CORPUS:
        ratio = _within_corpus(ratio, bottoms.sum(axis=0), evidence, inside, table, held.sum(axis=0), plan)
    if evidence.labels in SAMPLED:
        ratio = _without(ratio, np.where(held.any(axis=0), "", UNSAMPLED))
    ratio = _without(ratio, totals.refusals(n_clusters))
    population = scores["population"].iloc[0]
    few = n_clusters < MIN_CLUSTERS
    return pd.DataFrame(
        {
            "estimand": table.estimands,
            "group_by": cell.group_by,
            "group": cell.group,
            "dimension": table.dimensions,
            "estimate": ratio.estimate,
            "lower": ratio.lower,
            "upper": ratio.upper,
            "n_clusters": n_clusters,
            "n_workers": people(held, evidence, inside),
            "n_documents": evidence.n_documents(inside, held),
            "n_segments": np.round(bottoms.sum(axis=0)).astype(int),
            "n_coded": evidence.n_coded(inside, held) if evidence.labels != "predicted_only" else 0,
            "method": _methods(evidence, plan, table, ratio, totals),
            "reason": _reasons(ratio, evidence.note(inside), table, plan),
            "target": np.where(few, plan.words(population, corpus=True), plan.words(population)),
        }
    )


def _within_corpus(
    ratio: RatioEstimate,
    bottom: np.ndarray,
    evidence: Evidence,
    inside: np.ndarray,
    table: Measures,
    n_coded: np.ndarray,
    plan: Plan,
) -> RatioEstimate:
    """Replace the intervals by those of label sampling alone."""
    influence = ratio_influence(evidence.error, table.numerators, table.denominators, ratio.estimate, bottom)
    return within_corpus(
        ratio,
        np.where(inside[:, None], influence, 0.0),
        evidence,
        n_coded=n_coded,
        confidence_level=plan.confidence_level,
        bounds=(table.low, table.high),
    )


def _without(ratio: RatioEstimate, refusals: np.ndarray) -> RatioEstimate:
    """Blank what must not be shown, such as what rests on predictions alone."""
    bare = (refusals != "") & ~np.isnan(ratio.estimate)
    blank = {name: np.where(bare, np.nan, getattr(ratio, name)) for name in ("estimate", "lower", "upper")}
    reason = np.where(bare, refusals, ratio.reason)
    return replace(ratio, **blank, reason=reason, outside=ratio.outside & ~bare)


def _methods(
    evidence: Evidence, plan: Plan, table: Measures, ratio: RatioEstimate, totals: Totals
) -> list[str]:
    """Name the method of each measure, with its degrees of freedom where there is an interval."""
    known = np.isfinite(ratio.lower)
    return [
        _method(evidence, plan, name, degree if has else None) + totals.tuned_words(place)
        for place, (name, degree, has) in enumerate(zip(table.dimensions, ratio.degrees, known, strict=True))
    ]


def _method(evidence: Evidence, plan: Plan, dimension: str, degrees: float | None) -> str:
    """Name the method; without degrees of freedom there is no interval to speak of."""
    parts = [evidence.method, "segments weigh the same"]
    if degrees is not None:
        spread = f"jackknife over {plan.clusters}, t with {degrees:.1f} degrees of freedom"
        parts.append(METHOD if plan.target == THIS_CORPUS else spread)
    if dimension != ALL:
        parts.append("one dimension at a time")
    return "; ".join(parts)


def _reasons(ratio: RatioEstimate, note: str, table: Measures, plan: Plan) -> list[str]:
    """Fill in the words of the reasons, and add what else a reader must know."""
    words = []
    for reason, dimension, outside in zip(ratio.reason, table.dimensions, ratio.outside, strict=True):
        what = "stance-taking segments" if dimension == ALL else "stance-taking segments in this dimension"
        filled = reason.replace("{clusters}", plan.clusters).replace("{what}", what)
        words.append("; ".join(part for part in (filled, OUTSIDE if outside else "", note) if part))
    return words
