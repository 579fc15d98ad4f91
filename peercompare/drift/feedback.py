"""What a single worker may be told about their own sessions, when they have agreed to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from peercompare.drift.estimands import estimate_cell
from peercompare.drift.evidence import gather
from peercompare.drift.groups import Cell
from peercompare.drift.measures import measures
from peercompare.drift.plan import COLUMNS, WORKER, Plan
from peercompare.errors import DisclosureError, InputError
from peercompare.framework import Framework

PURPOSE = "individual_feedback"
"""The purpose that a worker's consent must name."""

CANNOT_TELL = (
    "This table is for the worker alone, to think with. It cannot tell how good the work was, why a session "
    "went as it did, or what the other person found helpful; with few sessions a difference may be chance, "
    "and codes given to words leave much out. "
    "It is not for hiring, discipline or pay, and not for comparing people."
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
    these of this worker.

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
    table = table.assign(
        corpus=plan.corpus,
        labels=labels,
        variant=scores["variant"].iloc[0],
        confidence_level=plan.confidence_level,
        waiver=False,
        target="sessions like these of this worker",
    )
    return table[list(COLUMNS)].assign(cannot_tell=CANNOT_TELL)
