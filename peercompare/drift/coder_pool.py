"""Several coders as the truth: the mean code over coders, and what it leaves open that there were so few.

Nobody's coding is taken for the truth: a segment counts for each label with the share of its coders who gave
it. What other coders of the same training would have said is part of what is unsure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.estimands import draft_estimates
from peercompare.drift.evidence import Evidence, gather
from peercompare.drift.groups import Cell, Grouping
from peercompare.drift.measures import ALL, Measures, measures, outcomes, spread_columns
from peercompare.drift.plan import Plan
from peercompare.drift.ratios import RatioEstimate, interval, ratio_of_totals
from peercompare.drift.scores import SHARE, score_table
from peercompare.drift.showing import Draft
from peercompare.drift.totals import ratio_totals
from peercompare.errors import InputError
from peercompare.framework import Framework

MIN_COMMON = 20
"""Segments that all coders must have coded before coders are compared."""


def add_coder_component(
    ratio: RatioEstimate,
    by_coder: np.ndarray,
    *,
    confidence_level: float = 0.95,
    bounds: tuple[float | np.ndarray, float | np.ndarray] | None = None,
) -> tuple[RatioEstimate, np.ndarray]:
    """Widen intervals by what would differ with other coders.

    Computes ``V + s**2 / m`` with ``V`` the variance over clusters and ``s**2`` the variance of the ``m``
    coders' own estimates, and t with Satterthwaite's degrees of freedom. Assumes that coders are a random
    draw from those who might have coded, that they were assigned segments at random, and that they coded
    without knowing time, site or worker. With two coders the component has one degree of freedom, and is
    itself hardly known.

    Parameters
    ----------
    ratio : RatioEstimate
        Of the mean codes.
    by_coder : ndarray of shape (n_coders, n_estimands)
        Estimates from each coder alone, on the segments that all of them coded.
    confidence_level : float, default 0.95
    bounds : (low, high), optional
        Ends of the scale, as in `ratio_of_totals`.

    Returns
    -------
    ratio : RatioEstimate
    component : ndarray of shape (n_estimands,)
        Standard error that the choice of coders brings; NaN with one coder.

    References
    ----------
    Satterthwaite (1946), An approximate distribution of estimates of variance components. Biometrics Bulletin
    2(6), 110-114. doi:10.2307/3002019

    Examples
    --------
    >>> clinical = np.array([[2.0], [3.0], [1.0], [2.0], [4.0]])
    >>> ratio = ratio_of_totals(clinical, np.full((5, 1), 10.0), bounds=(0, 1))
    >>> wider, component = add_coder_component(ratio, np.array([[0.2], [0.28]]), bounds=(0, 1))
    >>> component.round(2), bool((wider.upper > ratio.upper).all())
    (array([0.04]), True)
    """
    count = len(by_coder)
    if count < 2:
        return ratio, np.full(ratio.estimate.shape, np.nan)
    component = by_coder.var(axis=0, ddof=1) / count
    sampling = ratio.standard_error**2
    total = sampling + component
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = total**2 / (sampling**2 / ratio.degrees + component**2 / (count - 1))
    error = np.sqrt(total)
    lower, upper = interval(ratio.estimate, error, degrees, confidence_level=confidence_level, bounds=bounds)
    blank = ratio.reason != ""
    ends = {"lower": np.where(blank, np.nan, lower), "upper": np.where(blank, np.nan, upper)}
    return replace(ratio, **ends, standard_error=error, degrees=degrees), np.sqrt(component)


def coder_scores(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    documents: pd.DataFrame,
    framework: Framework,
    *,
    coder_ids: Sequence[str],
) -> dict[str, pd.DataFrame]:
    """Score the corpus once by each coder, and once by the mean code over those who coded a segment.

    Parameters
    ----------
    codings, segments, documents : DataFrame
        As `score_table` takes them.
    framework : Framework
    coder_ids : sequence of str
        Two coders or more, each of whom coded something.

    Returns
    -------
    dict of str to DataFrame
        By coder, and under ``""`` the mean: as `score_table` gives it, with ``share_<dimension>/<stance>``
        for every dimension and stance, since coders may see a segment in different dimensions; it has no
        code, dimension or tags of its own.

    Raises
    ------
    InputError
        With fewer than two coders.
    CodingError
        When one of them coded nothing.
    """
    each = {
        coder: score_table(codings, segments, documents, framework, coder_id=coder) for coder in coder_ids
    }
    if len(each) < 2:
        raise InputError("The mean code needs two coders", remedy="name coders who coded this corpus")
    found = np.stack([outcomes(scores, framework) for scores in each.values()])
    known = np.stack([scores["coded"].to_numpy(dtype=bool) for scores in each.values()])
    coders = known.sum(axis=0)
    mean = np.where(known[:, :, None], found, 0.0).sum(axis=0) / np.maximum(coders, 1)[:, None]
    mean = np.where(coders[:, None] > 0, mean, np.nan)
    return {**each, "": _pooled(next(iter(each.values())), mean, framework)}


def _pooled(template: pd.DataFrame, mean: np.ndarray, framework: Framework) -> pd.DataFrame:
    """Lay out mean codes as scores."""
    table, names = template.copy(), spread_columns(framework)
    table[["code", "dimension", "coded_dimension"]] = np.nan
    table["tags"], table["coded"] = "", ~np.isnan(mean[:, 0])
    table["taking"], table["changed"] = np.nansum(mean[:, 1:], axis=1) > 0, False
    wide = pd.DataFrame(mean[:, 1:], columns=names, index=table.index)
    table[SHARE + framework.none.id] = mean[:, 0]
    for place, stance in enumerate(framework.stance_ids):
        table[SHARE + stance] = wide.iloc[:, place :: len(framework.stance_ids)].sum(axis=1, skipna=False)
    return pd.concat([table, wide], axis=1)


def draft_coder_pool(
    scores: Mapping[str, pd.DataFrame],
    framework: Framework,
    *,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
) -> Draft:
    """Estimate from mean codes over coders, with the coders' part of what is unsure in the interval.

    The estimand is what a coder like these would find on average. `method` states the standard error that the
    choice of coders brings; where they have fewer than 20 segments in common it is not known, and the row
    says so.

    Parameters
    ----------
    scores : mapping of str to DataFrame
        From `coder_scores`; the population chosen in each, if any.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("all",)

    Returns
    -------
    Draft
        For `publish`; all measures over all dimensions.

    Raises
    ------
    InputError
        For an unknown column or target.
    DisclosureError
        When grouped by a column that names people.
    UndefinedError
        When nothing is coded.
    """
    plan.only_like_these("an estimate for coders like these")
    whole = draft_estimates(scores[""], framework, plan=plan, group_by=group_by, dimensions=False)
    table = measures(framework)
    table = table.only([at for at, scope in enumerate(table.dimensions) if scope == ALL])
    each = {
        coder: gather(own, framework, cluster=plan.cluster, labels="all_codings")
        for coder, own in scores.items()
    }
    width = len(table.estimands)
    parts = [
        _widened(whole.estimates.iloc[at * width : (at + 1) * width], cell, each, table, plan)
        for at, cell in enumerate(whole.cells)
    ]
    return replace(whole, estimates=pd.concat(parts, ignore_index=True))


def _widened(
    own: pd.DataFrame, cell: Cell, each: dict[str, Evidence], table: Measures, plan: Plan
) -> pd.DataFrame:
    """Add the coders' component to the rows of one group."""
    coders = [evidence for coder, evidence in each.items() if coder]
    common = cell.rows & np.all([evidence.used for evidence in coders], axis=0)
    totals = ratio_totals(each[""], cell.rows, table)
    settled = {"confidence_level": plan.confidence_level, "bounds": (table.low, table.high)}
    pooled = ratio_of_totals(totals.tops, totals.bottoms, n_clusters=own["n_clusters"].to_numpy(), **settled)
    words = f"mean code over {len(coders)} coders"
    if common.sum() < MIN_COMMON:
        unknown = f"the coders have fewer than {MIN_COMMON} segments in common: their part of what is unsure"
        reasons = [
            "; ".join(part for part in (reason, f"{unknown} is not in the interval") if part)
            for reason in own["reason"]
        ]
        return own.assign(method=[f"{words}; {text}" for text in own["method"]], reason=reasons)
    by_coder = []
    for evidence in coders:
        found = ratio_totals(evidence, common, table)
        with np.errstate(invalid="ignore", divide="ignore"):
            by_coder.append(found.tops.sum(axis=0) / found.bottoms.sum(axis=0))
    wider, component = add_coder_component(pooled, np.array(by_coder), **settled)
    methods = [
        f"{words}; {text.split(', t with')[0]}; the choice of coders brings a standard error of {error:.3f}, "
        f"on {int(common.sum())} segments that all coded; t with {degree:.1f} degrees of freedom"
        for text, error, degree in zip(own["method"], component, wider.degrees, strict=True)
    ]
    return own.assign(lower=wider.lower, upper=wider.upper, method=methods)
