"""The slope of the index within workers, with the kind of session (or another condition) held fixed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from peercompare.drift.dates import DAYS, dated_scores, elapsed
from peercompare.drift.evidence import MIN_CODED, Evidence, distinct, gather, people
from peercompare.drift.groups import group_columns, whole
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import Plan
from peercompare.drift.ratios import FEW, MIN_CLUSTERS
from peercompare.drift.scores import NOT_GIVEN
from peercompare.drift.showing import Draft
from peercompare.drift.trends import THIN
from peercompare.errors import InputError
from peercompare.framework import Framework

ADJUSTED = "slope_adjusted"
FIXED = "with the conditions held fixed, no date is left to compare: they changed together with time"
UNSTABLE = "without one of the {clusters} the conditions and time could not be told apart: the point alone"


def adjusted_slope(
    scores: np.ndarray, weights: np.ndarray, regressors: np.ndarray, clusters: np.ndarray
) -> tuple[float, float, float, np.ndarray]:
    """Estimate the coefficient of the first regressor, with a constant for each cluster, by least squares.

    Regressors are centred within clusters and the normal equations ``sum w x x' b = sum s x`` solved. Both
    `scores` (stance) and `weights` may be pseudo-outcomes, as in `slope_totals`. The standard error is the
    delete-one-cluster jackknife's.

    Parameters
    ----------
    scores, weights : ndarray of shape (n_segments,)
    regressors : ndarray of shape (n_segments, n_regressors)
        Time first, then indicators of conditions (one level of each left out).
    clusters : ndarray of int, shape (n_segments,)

    Returns
    -------
    estimate : float
        NaN where time cannot be told from the other regressors.
    error : float
        NaN where that holds once a cluster is left out.
    effective : float
        Effective number of clusters, by what each adds to the spread of time given the other regressors.
    spread : ndarray of shape (n_clusters,)
        What each cluster adds.

    References
    ----------
    Frisch & Waugh (1933), Partial time regressions as compared with individual trends. Econometrica 1(4),
    387-401. doi:10.2307/1907330. Cameron & Miller (2015), doi:10.3368/jhr.50.2.317

    Examples
    --------
    Two workers rise by .1 a month; meetings add .5, and come late:

    >>> month = np.array([0.0, 1.0, 2.0, 3.0] * 2)
    >>> meeting = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    >>> worker = np.repeat([0, 1], 4)
    >>> x = np.column_stack([month, meeting])
    >>> round(adjusted_slope(0.1 * month + 0.5 * meeting + worker, np.ones(8), x, worker)[0], 6)
    0.1
    """
    matrices, sides = within_moments(scores, weights, regressors, clusters)
    estimate, others = _solve(matrices.sum(axis=0), sides.sum(axis=0))
    if not np.isfinite(estimate):
        return np.nan, np.nan, 0.0, np.zeros(len(matrices))
    # Time less what the other regressors tell of it: what each cluster adds to the slope's denominator.
    spread = np.einsum("gij,i,j->g", matrices, others, others)
    present = np.abs(matrices[:, 0, 0]) > 1e-12
    left = [
        _solve(matrices.sum(axis=0) - matrix, sides.sum(axis=0) - side)[0]
        for matrix, side in zip(matrices[present], sides[present], strict=True)
    ]
    count = len(left)
    error = float(np.sqrt((count - 1) / count * np.square(np.array(left) - estimate).sum()))
    squares = np.square(spread).sum()
    effective = float(spread.sum() ** 2 / squares) if squares > 0 else 0.0
    return estimate, error, min(effective, count), spread


def within_moments(
    scores: np.ndarray, weights: np.ndarray, regressors: np.ndarray, clusters: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum the normal equations of each cluster, regressors centred within it by its weights.

    Returns
    -------
    matrices : ndarray of shape (n_clusters, n_regressors, n_regressors)
    sides : ndarray of shape (n_clusters, n_regressors)
        Zeros for a cluster whose weights do not sum to a positive number.
    """
    size, width = int(clusters.max()) + 1, regressors.shape[1]
    weight, moment = np.zeros(size), np.zeros((size, width))
    np.add.at(weight, clusters, weights)
    np.add.at(moment, clusters, weights[:, None] * regressors)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(weight[:, None] > 0, moment / weight[:, None], np.nan)
    away = np.nan_to_num(regressors - centre[clusters])
    matrices, sides = np.zeros((size, width, width)), np.zeros((size, width))
    np.add.at(matrices, clusters, weights[:, None, None] * away[:, :, None] * away[:, None, :])
    np.add.at(sides, clusters, scores[:, None] * away)
    return matrices, sides


def draft_adjusted_slope(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    per: str,
    adjust_for: Sequence[str],
    labels: str = "all_codings",
) -> Draft:
    """Estimate how fast the index moves within workers, as if the kinds of session had stayed the same.

    A slope can come from holding more meetings and fewer talks; this one compares like with like. Assumes
    that conditions shift the index by the same amount for everybody and at all times.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, with ``date``. Choose the population first.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    per : {"month", "year"}
    adjust_for : sequence of str
        Columns of documents, each level of which gets a constant; "not given" is a level.
    labels : {"all_codings", "probability_sample", "predicted_only"}

    Returns
    -------
    Draft
        For `publish`: estimand ``slope_adjusted``, everybody together.

    Raises
    ------
    InputError
        For an unknown unit, column, labels or target.
    DisclosureError
        Where a column names people.
    UndefinedError
        Where no cluster was seen on two dates.
    """
    plan.check(scores)
    plan.only_like_these("a slope")
    group_columns(scores, list(adjust_for))
    if per not in DAYS or not adjust_for:
        raise InputError(f"an adjusted slope is per {' or '.join(DAYS)} and names a condition to adjust for")
    scores, left_out = dated_scores(scores, plan, what="slope")
    table = measures(framework, dimensions=labels != "predicted_only")
    index = table.only([table.column("index")])
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    held = evidence.held(index.denominators)
    found = adjusted_slope(
        (evidence.values @ index.numerators)[:, 0],
        (evidence.values @ index.denominators)[:, 0],
        _regressors(scores, per, adjust_for),
        evidence.clusters,
    )
    row = _row(found, plan=plan, n_clusters=int(distinct(held, evidence.clusters)[0]))
    row["target"] = plan.words(scores["population"].iloc[0], corpus=not np.isfinite(row["lower"]))
    if evidence.sampled and held.sum() < MIN_CODED:
        row |= {**dict.fromkeys(["estimate", "lower", "upper"], np.nan), "reason": THIN}
    row["method"] = (
        f"{evidence.method}; least squares with a constant for each of the {plan.clusters} and for each "
        f"level of {', '.join(adjust_for)}{row.pop('spread')}; change per {per}{left_out}"
    )
    named = {"estimand": ADJUSTED, "group_by": ALL, "group": ALL, "dimension": ALL}
    estimates = pd.DataFrame([{**named, **row, **_sizes(evidence, held, index)}]).assign(
        **plan.shared(scores, labels),
    )
    estimates["n_workers"] = estimates["n_workers"].astype("Int64")
    return Draft(estimates, [whole(scores)], scores, index, held, [held])


def _sizes(evidence: Evidence, held: np.ndarray, index: Measures) -> dict[str, object]:
    """Count what stands behind the slope."""
    return {
        "n_workers": people(held, evidence, np.ones(len(held), dtype=bool)).iloc[0],
        "n_documents": int(distinct(held, evidence.documents)[0]),
        "n_segments": round(float((evidence.values @ index.denominators).sum())),
        "n_coded": int(held.sum()) if evidence.labels != "predicted_only" else 0,
    }


def _regressors(scores: pd.DataFrame, per: str, adjust_for: Sequence[str]) -> np.ndarray:
    """Return time in units, and an indicator of each level of each condition but the first."""
    times = elapsed(scores, per)
    conditions = scores[list(adjust_for)].astype("string").fillna(NOT_GIVEN)
    levels = pd.get_dummies(conditions, drop_first=True, dtype=float)
    return np.column_stack([times, levels.to_numpy()])


def _row(found: tuple[float, float, float, np.ndarray], *, plan: Plan, n_clusters: int) -> dict:
    """Lay out estimate, interval and why there is none."""
    estimate, error, effective, _ = found
    row = {"estimate": estimate, "lower": np.nan, "upper": np.nan, "n_clusters": n_clusters, "spread": ""}
    if not np.isfinite(estimate):
        return {**row, "reason": FIXED}
    if n_clusters < MIN_CLUSTERS:
        return {**row, "reason": FEW.replace("{clusters}", plan.clusters).replace("{n}", str(n_clusters))}
    if not np.isfinite(error) or error < 1e-12:
        return {**row, "reason": UNSTABLE.replace("{clusters}", plan.clusters)}
    degrees = max(effective - 1.0, 1.0)
    reach = stats.t.ppf((1 + plan.confidence_level) / 2, degrees) * error
    p_value = 2 * stats.t.sf(abs(estimate / error), degrees)
    spread = (
        f"; jackknife over {plan.clusters}, t with {degrees:.1f} degrees of freedom"
        f"; p of no change {p_value:.3f}"
    )
    return {**row, "lower": estimate - reach, "upper": estimate + reach, "reason": "", "spread": spread}


def _solve(matrix: np.ndarray, side: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the first coefficient, and time less its regression on the others as weights on the regressors.

    NaN where time cannot be told from the others.
    """
    rest, link = matrix[1:, 1:], matrix[1:, 0]
    onto = np.linalg.pinv(rest, hermitian=True) @ link
    away = np.concatenate([[1.0], -onto])
    own = float(away @ matrix @ away)
    if not own > 1e-9 * max(abs(matrix[0, 0]), 1e-12):
        return np.nan, away
    return float(away @ side) / own, away
