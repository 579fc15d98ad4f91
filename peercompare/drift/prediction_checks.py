"""Checks of the diagnosis that set predictions beside codings: do they shift, and where and when do they err.

A check that cannot be made is a row that says why, as in `diagnosis`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift.classifier_error import stance_errors, stance_values
from peercompare.drift.dates import elapsed
from peercompare.drift.findings import (
    OF_PREDICTIONS,
    USE_CODINGS,
    Row,
    calibration_verdict,
    count_workers,
    error_verdict,
    gate_verdict,
    kept,
    new_row,
    of_coefficient,
    place_verdict,
    tested,
    towards,
    unchecked,
)
from peercompare.drift.label_shift import Coefficient, log_odds, place_p, residuals, time_coefficient
from peercompare.drift.measures import ALL
from peercompare.drift.plan import Plan
from peercompare.drift.scores import NOT_GIVEN, PREDICTED, shares
from peercompare.framework import Framework


def label_shift_rows(
    scores: pd.DataFrame, framework: Framework, plan: Plan, *, per: str, place: str | None = None
) -> list[Row]:
    """Make the label-shift gate, and the check of calibration that is often taken for it.

    The gate regresses the classifier's log odds of the last stance against the first, in coded segments, on
    dummies of the true label, time, and places: given the label, scores must not move. Passing is no proof: a
    drift of .02 a month, which moves a slope of counted labels by a quarter, is seen in half of studies with
    1,400 codings.

    Parameters
    ----------
    scores : DataFrame
        With codings, predictions and ``date``.
    framework : Framework
    plan : Plan
    per : {"month", "year"}
    place : str, optional
        Column of places, e.g. ``site_id``; clusters must stay in one.

    Returns
    -------
    list of dict
        ``label_shift_time``, ``label_shift_place``, ``calibration_time``.
    """
    what = {
        "label_shift_time": f"change of the score's log odds per {per}, given the code",
        "label_shift_place": f"differences between places ({place}) in the score, given the code",
        "calibration_time": f"change per {per} of codings less predictions (naive check)",
    }
    coded = scores[scores["coded"].to_numpy(dtype=bool)]
    if reason := _unable(coded, framework):
        return [unchecked(plan, name, words, reason) for name, words in what.items()]
    facts = _Coded.of(coded[coded["date"].notna()].reset_index(drop=True), framework, plan, per)
    gate = facts.slope(facts.odds, facts.labels)
    naive = facts.slope(facts.stance - facts.predicted, np.ones((len(facts.odds), 1)))
    method = "least squares of log odds on labels and time"
    time = of_coefficient(plan, "label_shift_time", what["label_shift_time"], gate, method)
    naive_row = of_coefficient(
        plan, "calibration_time", what["calibration_time"], naive, "least squares on time"
    )
    rows = [
        gate_verdict(time, framework, plan, per),
        place_verdict(_of_place(plan, what["label_shift_place"], facts, place), plan),
        calibration_verdict(naive_row, framework, plan),
    ]
    return [kept(row | {"n_coded": len(facts.odds)}, facts.n_workers, plan) for row in rows]


def error_rows(
    errors: pd.DataFrame, scores: pd.DataFrame, framework: Framework, plan: Plan, *, per: str
) -> list[Row]:
    """Say where and when predictions err more than elsewhere.

    Parameters
    ----------
    errors : DataFrame
        What was published of `draft_errors`, by place and by time.
    scores : DataFrame
        With codings, predictions and, for the trend, ``date``.
    framework : Framework
    plan : Plan
    per : {"month", "year"}

    Returns
    -------
    list of dict
        A row for each group, marked where its interval excludes zero after Holm, and one for the trend.
    """
    rows = []
    for record in errors.to_dict("records"):
        where = (
            "over all" if record["group_by"] == ALL else f"where {record['group_by']} is {record['group']}"
        )
        names = ("lower", "upper", "n_clusters", "n_workers", "n_coded", "method", "reason", "waiver")
        row = new_row(plan, "classifier_error", f"codings less predictions {where}", value=record["estimate"])
        rows.append(error_verdict(row | {name: record[name] for name in names}, framework))
    coded = scores[scores["coded"].to_numpy(dtype=bool)]
    what = f"change per {per} of codings less predictions put right"
    if reason := _unable(coded, framework):
        return [*rows, unchecked(plan, "classifier_error_time", what, reason)]
    return [*rows, _error_trend(scores, framework, plan, per=per, what=what)]


@dataclass(frozen=True)
class _Coded:
    """Coded segments with a date, as arrays."""

    odds: np.ndarray
    labels: np.ndarray
    stance: np.ndarray
    predicted: np.ndarray
    weights: np.ndarray
    times: np.ndarray
    clusters: np.ndarray
    scores: pd.DataFrame
    plan: Plan

    @classmethod
    def of(cls, coded: pd.DataFrame, framework: Framework, plan: Plan, per: str) -> _Coded:
        """Take the arrays from scores."""
        probabilities = shares(coded, framework, prefix=PREDICTED)
        first, last = (framework.labels.index(end) for end in framework.axis)
        labels, values = shares(coded, framework), stance_values(framework)
        return cls(
            log_odds(probabilities, first, last),
            labels,
            labels @ values,
            probabilities @ values,
            1.0 / coded["pi"].to_numpy(dtype=float),
            elapsed(coded, per),
            pd.factorize(coded[plan.cluster])[0],
            coded,
            plan,
        )

    @property
    def n_workers(self) -> int | None:
        """Workers behind the segments."""
        return count_workers(self.scores)

    def slope(self, outcome: np.ndarray, controls: np.ndarray) -> Coefficient:
        """Change of an outcome over time beside controls."""
        level = self.plan.confidence_level
        return time_coefficient(
            outcome, self.times, controls, self.weights, self.clusters, confidence_level=level
        )


def _unable(coded: pd.DataFrame, framework: Framework) -> str:
    """Say why codings cannot be set beside predictions over time; "" where they can."""
    if PREDICTED + framework.none.id not in coded:
        return "there are no predictions"
    if "date" not in coded or coded["date"].notna().sum() == 0:
        return "no coded segment has a date"
    return "" if coded["date"].nunique() > 1 else "all coded segments have one date"


def _of_place(plan: Plan, what: str, facts: _Coded, place: str | None) -> Row:
    """Test places by dealing them anew among clusters."""
    if place is None or place not in facts.scores:
        return unchecked(plan, "label_shift_place", what, "there is no column of places")
    rest = residuals(facts.odds, np.column_stack([facts.labels, facts.times]), facts.weights)
    places = pd.factorize(facts.scores[place].astype("string").fillna(NOT_GIVEN))[0]
    p, reason = place_p(rest, places, facts.weights, facts.clusters)
    if reason:
        return unchecked(plan, "label_shift_place", what, reason.replace("{clusters}", plan.clusters))
    held = len(np.unique(facts.clusters))
    method = f"places dealt anew among {plan.clusters}, after labels and time are taken out"
    return new_row(plan, "label_shift_place", what, p=p, n_clusters=held, method=method)


def _error_trend(scores: pd.DataFrame, framework: Framework, plan: Plan, *, per: str, what: str) -> Row:
    """Follow the cross-fitted error over time."""
    error, weight = stance_errors(scores, framework, cluster=plan.cluster)
    there = (weight > 0) & scores["date"].notna().to_numpy()
    found = time_coefficient(
        error[there],
        elapsed(scores, per)[there],
        np.ones((int(there.sum()), 1)),
        weight[there],
        pd.factorize(scores.loc[there, plan.cluster])[0],
        confidence_level=plan.confidence_level,
    )
    row = of_coefficient(plan, "classifier_error_time", what, found, "least squares on time")
    row = tested(
        row,
        plan,
        moved=f"predictions err otherwise late than early ({OF_PREDICTIONS})",
        pushes=f"predictions alone move too little towards {towards(found.estimate, framework)}",
        remedy=USE_CODINGS,
    )
    return kept(row | {"n_coded": int(there.sum())}, count_workers(scores[there]), plan)
