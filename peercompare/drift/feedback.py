"""What a single worker may be told about their own sessions, when they have agreed to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from peercompare.drift.estimands import estimate_cell
from peercompare.drift.evidence import Evidence, distinct, gather
from peercompare.drift.groups import Cell
from peercompare.drift.measures import Measures, measures
from peercompare.drift.plan import COLUMNS, WORKER, Plan
from peercompare.drift.ratios import ratio_of_totals
from peercompare.drift.shrinkage import shrink
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

SUFFIX = "_shrunken"
"""What is added to the name of an estimand: none is the worker's own alone."""

ALONE = (
    "not given: what one worker's few sessions say alone is too unsure, and drawing it towards others needs "
    "this worker and five others with five sessions or more that differ"
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

    What one worker's sessions say alone is too unsure to be told alone, so every estimate is drawn towards
    those of five or more other workers, the more so the less is known of this one (`shrinkage.shrink`). What
    goes in rests on a jackknife over each worker's sessions, five at least; the interval speaks of sessions
    like these of this worker. Where nothing can be drawn in, nothing is given, with the reason.

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
        Columns of the estimates table and ``cannot_tell``; estimands are named ``index_shrunken`` and so on.
        Keep it in a file of its own.

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
    evidence = replace(evidence, clusters=pd.factorize(scores["document_id"])[0])
    listed = measures(framework, dimensions=labels != "predicted_only")
    cell = Cell(WORKER, worker_id, frozenset(), own)
    table = estimate_cell(cell, scores, evidence, listed, plan=replace(plan, cluster="session_id"))
    table = _drawn_in(table, worker_id, scores, evidence, listed, plan.confidence_level)
    table = table.assign(
        estimand=table["estimand"] + SUFFIX,
        waiver=False,
        target="sessions like these of this worker",
        **plan.shared(scores, labels),
    )
    return table[list(COLUMNS)].assign(cannot_tell=CANNOT_TELL)


def _drawn_in(
    table: pd.DataFrame,
    worker_id: str,
    scores: pd.DataFrame,
    evidence: Evidence,
    listed: Measures,
    confidence_level: float,
) -> pd.DataFrame:
    """Put the worker's estimates drawn towards the other workers' in the place of what was found alone."""
    names, direct, variance, degrees = _alone(scores, evidence, listed)
    own = names.index(worker_id)
    blank = dict.fromkeys(("estimate", "lower", "upper"), np.nan)
    rows = []
    for place, row in enumerate(table.to_dict("records")):
        usable = np.flatnonzero(variance[:, place] > 0)
        if own not in usable or len(usable) <= MIN_WORKERS:
            rows.append({**row, **blank, "method": "not estimated", "reason": ALONE})
            continue
        found = shrink(
            direct[usable, place],
            variance[usable, place],
            degrees=degrees[usable, place],
            confidence_level=confidence_level,
        )
        at = int(np.flatnonzero(usable == own)[0])
        drawn = {name: getattr(found, name)[at] for name in blank}
        ends = np.clip(list(drawn.values()), listed.low[place], listed.high[place])
        kept = f"own estimate kept to {found.weight[at]:.0%} (Fay-Herriot)"
        words = f"{evidence.method}; drawn towards the mean of {len(usable)} workers, {kept}"
        rows.append({**row, **dict(zip(drawn, ends, strict=True)), "method": words, "reason": ""})
    return pd.DataFrame(rows).astype(table.dtypes)


def _alone(
    scores: pd.DataFrame, evidence: Evidence, listed: Measures
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Estimate every worker alone, to shrink: names, estimates, variances and their degrees of freedom."""
    names, found = [], []
    for name, places in scores.groupby(WORKER, sort=True).indices.items():
        inside = np.zeros(len(scores), dtype=bool)
        inside[places] = True
        totals = ratio_totals(evidence, inside, listed)
        coded = distinct(evidence.held(listed.denominators, inside), evidence.clusters[inside])
        ratio = ratio_of_totals(totals.tops, totals.bottoms, n_clusters=coded)
        names.append(name)
        found.append((ratio.estimate, ratio.standard_error**2, ratio.degrees))
    return names, *np.array(found).transpose(1, 0, 2)
