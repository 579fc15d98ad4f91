"""The index between two references of the same genre: -1 where the one stands, +1 where the other does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from peercompare.drift.evidence import Evidence, gather, people
from peercompare.drift.groups import Cell, Grouping, cells_of, group_columns
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.drift.rectified import cluster_totals, design_variance
from peercompare.drift.showing import Draft
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

FIELLER_BELOW = 4.0
"""Where the references lie fewer standard errors apart than this, the interval is Fieller's."""

LEFT_OUT_CLUSTER = "the estimated document's own {clusters} left out of the references"


@dataclass(frozen=True)
class References:
    """Which documents stand for the two ends.

    Parameters
    ----------
    column : str
        A column of the scores, e.g. ``role_type``.
    start, end : str
        Its values for the reference at -1 and for the one at +1.
    """

    column: str
    start: str
    end: str


@dataclass(frozen=True)
class Anchored:
    """One anchored index; what is refused is NaN, and `reason` says why."""

    estimate: float
    lower: float
    upper: float
    method: str
    reason: str = ""


def anchor(
    values: np.ndarray, covariance: np.ndarray, *, degrees: float, confidence_level: float = 0.95
) -> Anchored:
    """Place an index between two reference indices.

    Computes ``(2 D - D_start - D_end) / (D_end - D_start)``, not clipped. The interval is the delta method's,
    or Fieller's where the references lie fewer than four standard errors apart.

    Parameters
    ----------
    values : ndarray of shape (3,)
        Index of the group, of the reference at -1 and of the reference at +1. None may be missing.
    covariance : ndarray of shape (3, 3)
        Of the three estimates, in the same order; their covariances count, since references share clusters.
    degrees : float
        Degrees of freedom of t.
    confidence_level : float, default 0.95
        Of the two-sided interval, between 0 and 1.

    Returns
    -------
    Anchored
        The estimate, -1 where the first reference stands and +1 where the second does, with its interval and
        which method gave it; nothing is NaN and `reason` is empty.

    Raises
    ------
    UndefinedError
        When the interval of the distance between the references reaches zero, or they stand the wrong way
        round.

    References
    ----------
    Fieller (1954), Some problems in interval estimation. Journal of the Royal Statistical Society B 16(2),
    175-185. doi:10.1111/j.2517-6161.1954.tb00159.x

    Examples
    --------
    Three quarters of the way from a reference at -.6 to one at .4:

    >>> round(anchor(np.array([0.15, -0.6, 0.4]), np.zeros((3, 3)), degrees=5.0).estimate, 3)
    0.5
    """
    contrast = np.array([[2.0, -1.0, -1.0], [0.0, -1.0, 1.0]])
    top, distance = contrast @ values
    spread = contrast @ covariance @ contrast.T
    reach = stats.t.ppf((1 + confidence_level) / 2, degrees)
    error = np.sqrt(spread[1, 1])
    if distance - reach * error <= 0:
        raise UndefinedError(
            "the references cannot be told apart: "
            f"they lie {distance:.2f} apart, give or take {reach * error:.2f}"
        )
    estimate = top / distance
    if error > 0 and distance / error < FIELLER_BELOW:
        lower, upper = _fieller(top, distance, spread, reach)
        return Anchored(float(estimate), lower, upper, "Fieller's interval")
    gradient = np.array([1.0, -estimate]) / distance
    half = reach * float(np.sqrt(gradient @ spread @ gradient))
    return Anchored(float(estimate), float(estimate - half), float(estimate + half), "delta method")


def anchored_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    references: References,
    plan: Plan,
    group_by: Sequence[Grouping] = ("document_id",),
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Place groups of documents between two references of the same corpus.

    Each document is compared with references from other employers (or workers) only. For groups of fewer than
    five clusters, such as one posting, the group is taken as it stands and the interval speaks of the
    references; from five clusters on it speaks of groups like it as well. A reference with fewer than five
    clusters is refused. Degrees of freedom are Satterthwaite's from effective numbers of clusters; 95%
    intervals then covered .935 to .96 in simulations with 6 to 15 clusters in a reference (simulation error
    .006).

    Parameters
    ----------
    scores : DataFrame
        All documents, those of the references included; both of one genre, or the index would measure genre.
    framework : Framework
    references : References
    plan : Plan
    group_by : sequence of str or tuple of str, default ("document_id",)
    labels : {"all_codings", "probability_sample", "predicted_only"}

    Returns
    -------
    DataFrame
        Estimand ``index_anchored``, columns as in `COLUMNS`; refused groups have a reason and no estimate.

    Raises
    ------
    InputError
        When the column is absent or one of the two references has no document.
    DisclosureError
        As in `estimate_table`.
    """
    draft = draft_anchored(
        scores, framework, references=references, plan=plan, group_by=group_by, labels=labels
    )
    return publish([draft], plan=plan)


def draft_anchored(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    references: References,
    plan: Plan,
    group_by: Sequence[Grouping] = ("document_id",),
    labels: str = "all_codings",
) -> Draft:
    """Estimate as `anchored_table` does, and leave it to `publish` to withhold; not for publication.

    Parameters
    ----------
    scores : DataFrame
        Of one genre, with the documents of both references among them.
    framework : Framework
        Under which the scores were coded.
    references : References
        Which documents stand for -1 and which for +1.
    plan : Plan
        The corpus, its clusters, and how to infer; its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("document_id",)
        Columns of `scores`; a tuple crosses several.
    labels : {"all_codings", "probability_sample", "predicted_only"}
        As in `estimate_table`; the scores must carry the sample or the predictions that they need.

    Returns
    -------
    Draft
        Every cell with its estimates, small ones too: hand it to `publish` and show nothing of it before.

    Raises
    ------
    InputError
        For an unknown column, labels or target, or when one of the references has no document.
    DisclosureError
        When grouped by a column that names people.
    """
    plan.check(scores)
    plan.only_like_these("an anchored index")
    group_columns(scores, group_by)
    ends = [_reference(scores, references.column, value) for value in (references.start, references.end)]
    table = measures(framework, dimensions=labels != "predicted_only")
    table = table.only([table.column("index")])
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    cells = cells_of(scores, group_by)
    sides = [_totals(evidence, rows, table) for rows in ends]
    rows = [_row(cell, scores, evidence, table, sides, plan) for cell in cells]
    estimates = pd.DataFrame(rows).assign(
        estimand="index_anchored",
        dimension=ALL,
        **plan.shared(scores, labels),
    )
    between = f"between {references.column} {references.start} (-1) and {references.end} (+1)"
    estimates["method"] = [f"{between}; {method}" for method in estimates["method"]]
    estimates["n_workers"] = estimates["n_workers"].astype("Int64")
    return Draft(estimates, cells, scores, table, evidence.held(table.denominators))


def _reference(scores: pd.DataFrame, column: str, value: str) -> np.ndarray:
    if column not in scores:
        raise InputError(f"there is no column {column!r} to take references from")
    rows = (scores[column] == value).to_numpy()
    if not rows.any():
        raise InputError(f"no document has {column} {value!r}, so it cannot be a reference")
    return rows


def _totals(evidence: Evidence, rows: np.ndarray, table: Measures) -> np.ndarray:
    """Numerator and denominator of the index in each cluster, shape (n_clusters, 2)."""
    weights = np.column_stack([table.numerators, table.denominators])
    return cluster_totals(
        evidence.values[rows] @ weights, evidence.clusters[rows], evidence.clusters.max() + 1
    )


def _row(
    cell: Cell,
    scores: pd.DataFrame,
    evidence: Evidence,
    table: Measures,
    sides: list[np.ndarray],
    plan: Plan,
) -> dict:
    own = _totals(evidence, cell.rows, table)
    held = evidence.held(table.denominators)[:, 0] & cell.rows
    n_clusters = len(np.unique(evidence.clusters[held]))
    try:
        result = _place(own, sides, n_clusters, _sampling_variance(own, evidence, cell.rows, table), plan)
    except UndefinedError as refusal:
        result = Anchored(np.nan, np.nan, np.nan, "refused", str(refusal))
    fixed = n_clusters < MIN_CLUSTERS
    population = scores["population"].iloc[0]
    against = f"this corpus against {plan.clusters} like those of the references"
    return {
        "group_by": cell.group_by,
        "group": cell.group,
        "estimate": result.estimate,
        "lower": result.lower,
        "upper": result.upper,
        "n_clusters": n_clusters,
        "n_workers": people(held[:, None], evidence, np.ones_like(held)).iloc[0],
        "n_documents": scores.loc[held, "document_id"].nunique(),
        "n_segments": round(float(own[:, 1].sum())),
        "n_coded": int(held.sum()) if evidence.labels != "predicted_only" else 0,
        "method": f"{evidence.method}; {LEFT_OUT_CLUSTER.format(clusters=plan.clusters)}; {result.method}",
        "reason": "; ".join(part for part in (result.reason, evidence.note(cell.rows)) if part),
        "target": against if fixed else plan.words(population),
    }


def _place(
    own: np.ndarray, sides: list[np.ndarray], n_clusters: int, sampling: float, plan: Plan
) -> Anchored:
    """Anchor one group, with the joint jackknife of group and references over clusters."""
    present = own[:, 1] != 0
    if not own[:, 1].sum() > 0:
        raise UndefinedError("no stance-taking segments here")
    effective = []
    for side in sides:
        weight = side[:, 1]
        # Every cluster of the group is compared with the others' documents alone.
        count = int(((weight > 0).sum() - (present & (weight > 0))[present]).min())
        if count < MIN_CLUSTERS:
            raise UndefinedError(
                f"a reference needs at least five {plan.clusters}, and one of the two has {count} without "
                "this group's own"
            )
        effective.append(weight.sum() ** 2 / (weight**2).sum())
    fixed = n_clusters < MIN_CLUSTERS
    # A group that is taken as it stands brings no uncertainty from clusters, so it does not limit the
    # degrees.
    effective = [np.inf if fixed else own[:, 1].sum() ** 2 / (own[:, 1] ** 2).sum(), *effective]
    values = _three(own, sides)
    covariance = _joint_covariance(values, own, sides, fixed=fixed)
    covariance[0, 0] += sampling if fixed else 0.0
    degrees = _degrees(values, np.diag(covariance), np.array(effective))
    return anchor(values, covariance, degrees=degrees, confidence_level=plan.confidence_level)


def _degrees(values: np.ndarray, variances: np.ndarray, effective: np.ndarray) -> float:
    """Satterthwaite's degrees of freedom from the effective clusters of group, start and end."""
    own, start, end = values
    if end == start:
        return 1.0
    place = (2 * own - start - end) / (end - start)
    weight = np.array([2.0, place - 1.0, -1.0 - place]) ** 2 * variances
    if not weight.sum() > 0:
        return 1.0
    return float(max(weight.sum() ** 2 / (weight**2 / np.maximum(effective - 1.0, 1.0)).sum(), 1.0))


def _three(own: np.ndarray, sides: list[np.ndarray]) -> np.ndarray:
    """Index of the group and of the two references, each cluster's own left out, weighted as in the group."""
    weight = own[:, 1] / own[:, 1].sum()
    values = [own[:, 0].sum() / own[:, 1].sum()]
    for side in sides:
        rest = side.sum(axis=0) - side
        with np.errstate(invalid="ignore", divide="ignore"):
            others = rest[:, 0] / rest[:, 1]
        values.append(float(weight @ np.where(weight == 0, 0.0, others)))
    return np.array(values)


def _joint_covariance(
    values: np.ndarray, own: np.ndarray, sides: list[np.ndarray], *, fixed: bool
) -> np.ndarray:
    """Delete-one-cluster covariance of group and references; a fixed group keeps its documents throughout."""
    involved = [np.any(part != 0, axis=1) for part in (own, *sides)]
    counts = np.array([part.sum() for part in involved])
    shifts = []
    for cluster in np.flatnonzero(np.any(involved, axis=0)):
        kept = np.arange(len(own)) != cluster
        fewer = [np.where(kept[:, None], side, 0.0) for side in sides]
        rest = own if fixed else np.where(kept[:, None], own, 0.0)
        shifts.append(_three(rest, fewer) - values)
    scale = np.sqrt((counts - 1) / counts)
    moved = np.array(shifts) * scale
    return moved.T @ moved


def _sampling_variance(own: np.ndarray, evidence: Evidence, rows: np.ndarray, table: Measures) -> float:
    """Variance of the group's own index that sampling for coding brings."""
    top, bottom = own.sum(axis=0)
    if not evidence.sampled or not bottom > 0:
        return 0.0
    error = evidence.error[rows]
    influence = (error @ table.numerators - top / bottom * (error @ table.denominators)) / bottom
    return float(design_variance(influence, evidence.used[rows], evidence.pi[rows])[0])


def _fieller(top: float, distance: float, spread: np.ndarray, reach: float) -> tuple[float, float]:
    """Both roots of Fieller's equation; the caller has made sure that the distance is clear of zero."""
    square = distance**2 - reach**2 * spread[1, 1]
    linear = top * distance - reach**2 * spread[0, 1]
    constant = top**2 - reach**2 * spread[0, 0]
    root = np.sqrt(max(linear**2 - square * constant, 0.0))
    return float((linear - root) / square), float((linear + root) / square)
