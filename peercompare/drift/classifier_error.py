"""Whether a classifier's errors stay the same: codings less predictions, by place and time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.drift.estimands import estimate_cell
from peercompare.drift.evidence import Evidence
from peercompare.drift.groups import Grouping, cells_of, group_columns
from peercompare.drift.measures import ALL, Measures
from peercompare.drift.plan import Plan, worker_index
from peercompare.drift.rectified import crossfit
from peercompare.drift.scores import PREDICTED, shares
from peercompare.drift.showing import Draft
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

ERROR = "codings_less_predictions"
METHOD = "codings less predictions that were put right by other clusters' codings, on the scale of the index"


def stance_values(framework: Framework) -> np.ndarray:
    """Return the value of each label on the axis, 0 where there is no stance, shape (n_labels,)."""
    return np.array([0.0, *(float(stance.value) for stance in framework.stances)])


def stance_errors(
    scores: pd.DataFrame, framework: Framework, *, cluster: str
) -> tuple[np.ndarray, np.ndarray]:
    """Say how far each coded segment's stance lies from the cross-fitted prediction of it.

    Parameters
    ----------
    scores : DataFrame
        With codings and with predictions joined.
    framework : Framework
    cluster : str
        Column of the clusters, the folds of the cross-fit.

    Returns
    -------
    error : ndarray of shape (n_segments,)
        ``Y - g`` on the axis, from -2 to 2; zero where not coded.
    weight : ndarray of shape (n_segments,)
        One over the chance of being coded; zero where not coded.

    Raises
    ------
    InputError
        When no predictions were joined.
    UndefinedError
        When nothing is coded.
    """
    if PREDICTED + framework.none.id not in scores:
        raise InputError("there are no predictions", remedy="join them with `with_predictions`")
    coded = scores["coded"].to_numpy(dtype=bool)
    if not coded.any():
        raise UndefinedError("no segment is coded")
    pi = scores["pi"].to_numpy(dtype=float)
    known = np.where(coded[:, None], shares(scores, framework), 0.0)
    clusters = pd.factorize(scores[cluster])[0]
    features = shares(scores, framework, prefix=PREDICTED)
    predicted = crossfit(known, coded, pi, clusters, features=features)
    error = np.where(coded, (known - predicted) @ stance_values(framework), 0.0)
    return error, np.where(coded, 1.0 / pi, 0.0)


def draft_errors(
    scores: pd.DataFrame, framework: Framework, *, plan: Plan, group_by: Sequence[Grouping] = (ALL,)
) -> Draft:
    """Estimate the mean error of predictions by group, and leave it to `publish` to withhold.

    Parameters
    ----------
    scores : DataFrame
        With codings and predictions.
    framework : Framework
    plan : Plan
    group_by : sequence of str or tuple of str, default ("all",)

    Returns
    -------
    Draft
        Estimand ``codings_less_predictions``: above zero the classifier sees too little of the last stance of
        the axis (or too much of the first) in the group.

    Raises
    ------
    InputError, UndefinedError, DisclosureError
        As in `estimate_table`.
    """
    plan.check(scores)
    group_columns(scores, group_by)
    error, weight = stance_errors(scores, framework, cluster=plan.cluster)
    table = Measures(
        (ERROR,),
        (ALL,),
        np.array([[0.0], [1.0]]),
        np.array([[1.0], [0.0]]),
        np.array([-2.0]),
        np.array([2.0]),
    )
    known = np.column_stack([weight > 0, np.zeros(len(weight))]).astype(float)
    evidence = Evidence(
        np.column_stack([weight, weight * error]),
        known,
        np.zeros_like(known),
        weight > 0,
        scores["pi"].to_numpy(dtype=float),
        pd.factorize(scores[plan.cluster])[0],
        pd.factorize(scores["document_id"])[0],
        worker_index(scores),
        ERROR,
        METHOD,
    )
    cells = cells_of(scores, group_by)
    estimates = pd.concat(
        [estimate_cell(cell, scores, evidence, table, plan=plan) for cell in cells], ignore_index=True
    ).assign(
        **plan.shared(scores, ERROR),
    )
    return Draft(estimates, cells, scores, table, evidence.held(table.denominators))
