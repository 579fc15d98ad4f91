"""What a single worker may be told about their own sessions, when they have agreed to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.estimands import estimate_cell
from peercompare.drift.evidence import Evidence, gather
from peercompare.drift.groups import Cell
from peercompare.drift.measures import ALL, measures
from peercompare.drift.plan import COLUMNS, WORKER, Plan
from peercompare.drift.ratios import ratio_of_totals
from peercompare.drift.shrinkage import SHRUNKEN, shrink
from peercompare.drift.totals import ratio_totals
from peercompare.errors import DisclosureError, InputError
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS

PURPOSE = "individual_feedback"
"""The purpose that a worker's consent must name."""

CANNOT_TELL = (
    "This table is for the worker alone, to think with. It cannot tell how good the work was, why a session "
    "went as it did, or what the other person found helpful; with few sessions a difference may be chance, "
    "and codes given to words leave much out. "
    "It is not for hiring, discipline or pay, and not for comparing people."
)

NOT_DRAWN_IN = (
    "it is drawn towards others only where this worker and five others have five sessions or more to compare"
)


def worker_feedback(
    scores: pd.DataFrame,
    framework: Framework,
    worker_id: str,
    *,
    permits: Callable[[str, str], bool],
    plan: Plan,
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Estimate the shares and the index of one worker who agreed to individual feedback.

    Intervals rest on the worker's sessions (a jackknife over them, five at least) and speak of sessions like
    these of this worker. Beside its own estimate the index is given drawn towards that of five or more other
    workers (``index_shrunken``, `shrinkage.shrink`): what one worker's sessions alone say is unsure.

    Parameters
    ----------
    scores : DataFrame
        Scores of the whole corpus: with a sample, the other workers' codings put the predictions right.
    framework : Framework
    worker_id : str
        One worker. There is no call that takes several.
    permits : callable (person_id, purpose) -> bool
        Asks consent, e.g. the corpus's ``person_permits``.
    plan : Plan
    labels : {"all_codings", "probability_sample", "predicted_only"}

    Returns
    -------
    DataFrame
        Columns of the estimates table and ``cannot_tell``. Keep it in a file of its own.

    Raises
    ------
    DisclosureError
        When the worker has not agreed to individual feedback.
    InputError
        When more than one worker is named, or the worker has no sessions here.
    """
    if not isinstance(worker_id, str):
        raise InputError("individual feedback is made for one worker at a time")
    if not permits(worker_id, PURPOSE):
        raise DisclosureError(
            f"no feedback table for {worker_id}: consent does not cover {PURPOSE}",
            remedy="ask the worker; without their agreement results are given for groups of five or more",
        )
    plan.check(scores)
    own = (scores[WORKER] == worker_id).to_numpy()
    if not own.any():
        raise InputError(f"{worker_id} has no sessions here")
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    sessions = pd.factorize(scores["document_id"])[0]
    alone = replace(plan, cluster="session_id")
    cell = Cell(WORKER, worker_id, frozenset(), own)
    table = estimate_cell(
        cell,
        scores,
        replace(evidence, clusters=sessions),
        measures(framework, dimensions=labels != "predicted_only"),
        plan=alone,
    )
    drawn = _drawn_in(table, worker_id, scores, framework, replace(evidence, clusters=sessions), alone)
    table = pd.concat([table, drawn.astype(table.dtypes)], ignore_index=True)
    table = table.assign(
        corpus=plan.corpus,
        labels=labels,
        variant=scores["variant"].iloc[0],
        confidence_level=plan.confidence_level,
        waiver=False,
        target="sessions like these of this worker",
    )
    return table[list(COLUMNS)].assign(cannot_tell=CANNOT_TELL)


def _drawn_in(
    table: pd.DataFrame,
    worker_id: str,
    scores: pd.DataFrame,
    framework: Framework,
    evidence: Evidence,
    plan: Plan,
) -> pd.DataFrame:
    """Lay out the worker's index drawn towards the other workers', or the reason why it is not."""
    listed = measures(framework, dimensions=evidence.labels != "predicted_only")
    index = listed.only([listed.column("index")])
    names, direct, variance = [], [], []
    for name, rows in scores.groupby(WORKER, sort=True).indices.items():
        inside = np.zeros(len(scores), dtype=bool)
        inside[rows] = True
        totals = ratio_totals(evidence, inside, index)
        found = ratio_of_totals(totals.tops, totals.bottoms)
        if np.isfinite(found.standard_error[0]) and found.standard_error[0] > 0:
            names.append(name)
            direct.append(found.estimate[0])
            variance.append(found.standard_error[0] ** 2)
    own = table[(table["estimand"] == "index") & (table["dimension"] == ALL)].assign(estimand=SHRUNKEN)
    others = len(names) - (worker_id in names)
    if others < MIN_WORKERS or worker_id not in names:
        blank = dict.fromkeys(("estimate", "lower", "upper"), np.nan)
        return own.assign(**blank, method="not estimated", reason=NOT_DRAWN_IN)
    found = shrink(np.array(direct), np.array(variance), confidence_level=plan.confidence_level)
    at = names.index(worker_id)
    kept = f"own estimate kept to {found.weight[at]:.0%} (Fay-Herriot)"
    ends = np.clip([found.estimate[at], found.lower[at], found.upper[at]], -1.0, 1.0)
    return own.assign(
        **dict(zip(("estimate", "lower", "upper"), ends, strict=True)),
        method=f"{evidence.method}; drawn towards the mean of {len(names)} workers, {kept}",
        reason="",
    )
