"""Scores in sums: segments that nothing tells apart stand in one row, and shares of a corpus add up.

What an estimate needs of segments are totals within clusters. They are summed where the segments are; sums of
different documents are added, and give the estimates of all the segments together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift import expert
from peercompare.drift.evidence import COUNTED_LABELS, TUNED, Evidence, gather, refuse_gaps
from peercompare.drift.groups import Grouping, group_columns
from peercompare.drift.measures import Measures, measures, outcomes
from peercompare.drift.plan import WORKER, Plan, worker_index
from peercompare.drift.rectified import (
    ALL_CODED,
    checked,
    cluster_totals,
    method_words,
    reduced,
    without_own,
)
from peercompare.drift.scores import NOT_GIVEN, PREDICTED, has_predictions, shares
from peercompare.drift.showing import TIMES
from peercompare.errors import UndefinedError
from peercompare.framework import Framework

HELD = "held"
KIND = ("coded", "taking", "changed", "dimension", "coded_dimension", "variant", "population", HELD)
"""Columns by which segments of a document are told apart."""


@dataclass(frozen=True, eq=False)
class SummedScores:
    """Segments by kind, with the totals of what they count for; `n_kinds` rows.

    Parameters
    ----------
    kinds : DataFrame
        The columns that tell kinds apart, and in `TIMES` how many segments are of each.
    documents : DataFrame
        The columns that tell documents apart, in `HELD` which denominators a document stands in, and in
        `TIMES` how many such documents there are.
    totals : dict of str to ndarray of shape (n_kinds, ...)
        ``known``: codings (or predicted labels) that are used; ``drawn``: these over their probability;
        ``design``: an intercept and predictions; ``drawn_design``: these of the used, over their
        probability.
    clusters : dict of str to ndarray
        For each cluster, sums of ``x (x, y)' / pi`` over its coded segments.
    certain : bool
        Whether every segment is coded, and was drawn for certain.
    predictions : bool
        Whether there are predictions.
    """

    kinds: pd.DataFrame
    documents: pd.DataFrame
    totals: dict[str, np.ndarray]
    clusters: dict[str, np.ndarray]
    certain: bool
    predictions: bool

    @classmethod
    def added(cls, parts: Sequence[SummedScores]) -> SummedScores:
        """Add up the sums of parts that share no document; one at least."""
        totals = {name: np.concatenate([part.totals[name] for part in parts]) for name in parts[0].totals}
        kinds, totals = _grouped(pd.concat([part.kinds for part in parts], ignore_index=True), totals)
        documents, _ = _grouped(pd.concat([part.documents for part in parts], ignore_index=True), {})
        clusters: dict[str, np.ndarray] = {}
        for part in parts:
            for name, sums in part.clusters.items():
                clusters[name] = clusters[name] + sums if name in clusters else sums
        certain = all(part.certain for part in parts)
        return cls(kinds, documents, totals, clusters, certain, parts[0].predictions)


def summed_scores(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    group_by: Sequence[Grouping],
    labels: str = "all_codings",
) -> SummedScores:
    """Sum the scores of some documents.

    Parameters
    ----------
    scores : DataFrame
        As for `estimate_table`: one row at least.
    framework, plan, group_by, labels
        As for `estimate_table`.

    Returns
    -------
    SummedScores

    Raises
    ------
    InputError, DisclosureError
        As `draft_estimates`.
    """
    plan.check(scores)
    own = list(dict.fromkeys([plan.cluster, *group_columns(scores, group_by)]))
    table = measures(framework, dimensions=labels != "predicted_only")
    known, used, weight = _labels(scores, framework, plan, labels)
    held = (known @ table.denominators > 0) & used[:, None]
    places = scores[own].astype("string").fillna(NOT_GIVEN).astype(object)
    places[WORKER] = scores[WORKER] if WORKER in scores else None
    places[plan.cluster] = scores[plan.cluster].to_numpy(dtype=object)
    kinds = places.assign(**{name: scores[name].to_numpy() for name in KIND if name != HELD})
    kinds["coded"], kinds[HELD], kinds[TIMES] = used, _packed(held), 1
    design = _design(scores, framework)
    drawn = np.where(used, weight, 0.0)[:, None]
    totals = {"known": known, "drawn": known * drawn, "design": design, "drawn_design": design * drawn}
    documents = _documents(places, scores["document_id"], held)
    clusters = _clusters(scores[plan.cluster], design, known, drawn)
    certain = bool(used.all() and (weight == 1).all())
    kinds, totals = _grouped(kinds, totals)
    return SummedScores(kinds, documents, totals, clusters, certain, has_predictions(scores))


def _labels(
    scores: pd.DataFrame, framework: Framework, plan: Plan, labels: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the labels that are used (zeros elsewhere), which are, and one over their probability."""
    if labels == "predicted_only":
        evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
        return evidence.known, evidence.used, np.ones(len(scores))
    used, pi = scores["coded"].to_numpy(dtype=bool), scores["pi"].to_numpy(dtype=float)
    if labels != "all_codings":
        refuse_gaps(used, pi)
        if used.any():
            checked(used, pi)
    known = np.where(used[:, None], outcomes(scores, framework), 0.0)
    return known, used, 1.0 / pi


def _design(scores: pd.DataFrame, framework: Framework) -> np.ndarray:
    """Return an intercept, and predicted probabilities where there are any."""
    columns = [np.ones(len(scores))]
    if has_predictions(scores):
        columns.append(shares(scores, framework, prefix=PREDICTED))
    return np.column_stack(columns)


def _clusters(
    clusters: pd.Series, design: np.ndarray, known: np.ndarray, drawn: np.ndarray
) -> dict[str, np.ndarray]:
    """Sum ``x (x, y)' / pi`` over the coded segments of each cluster."""
    right = np.column_stack([design, known])
    found = {}
    for name, rows in clusters.groupby(clusters, sort=False).indices.items():
        found[name] = (design[rows] * drawn[rows]).T @ right[rows]
    return found


def _documents(places: pd.DataFrame, ids: pd.Series, held: np.ndarray) -> pd.DataFrame:
    """Count documents by where they are and which denominators they stand in."""
    codes, _ = pd.factorize(ids)
    first = places.assign(_code=codes).drop_duplicates("_code").drop(columns="_code")
    any_held = reduced(np.logical_or, held, codes, int(codes.max()) + 1, False)
    found, _ = _grouped(first.assign(**{HELD: _packed(any_held), TIMES: 1}), {})
    return found


def _packed(held: np.ndarray) -> list[bytes]:
    """Return each row of truth values in a few bytes."""
    return [row.tobytes() for row in np.packbits(held, axis=1)]


def _unpacked(packed: pd.Series, width: int) -> np.ndarray:
    """Return rows of truth values that `_packed` packed."""
    rows = np.frombuffer(b"".join(packed), dtype=np.uint8).reshape(len(packed), -1)
    return np.unpackbits(rows, axis=1, count=width).astype(bool)


def _grouped(
    table: pd.DataFrame, totals: dict[str, np.ndarray]
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Put rows together that are the same but for `TIMES`, in the order in which they are first met."""
    keys = [name for name in table if name != TIMES]
    groups = table.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    n_groups = int(groups.max(initial=-1)) + 1
    first = table.loc[~pd.Series(groups).duplicated().to_numpy(), keys].reset_index(drop=True)
    first[TIMES] = np.bincount(groups, table[TIMES].to_numpy(), minlength=n_groups).astype(np.int64)
    return first, {name: cluster_totals(values, groups, n_groups) for name, values in totals.items()}


@dataclass(frozen=True)
class SummedEvidence(Evidence):
    """Evidence of which each row stands for several segments.

    Parameters
    ----------
    times : ndarray of int, shape (n_kinds,)
    homes : ndarray of int, shape (n_documents,)
        For each row of documents, a kind of segment in them.
    standing : ndarray of bool, shape (n_documents, n_measures)
        In which denominators they stand.
    n_alike : ndarray of int, shape (n_documents,)
    """

    times: np.ndarray | None = None
    homes: np.ndarray | None = None
    standing: np.ndarray | None = None
    n_alike: np.ndarray | None = None

    def n_segments(self, rows: np.ndarray) -> int:
        """Count segments among some rows."""
        return int(self.times[rows].sum())

    def n_coded(self, rows: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Count the labels that stand in each denominator."""
        return self.times[rows] @ held.astype(np.int64)

    def n_documents(self, rows: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Count the documents that stand in each denominator: a document is whole within a group."""
        inside = rows[self.homes]
        return self.n_alike[inside] @ self.standing[inside].astype(np.int64)


def scores_of_sums(summed: SummedScores) -> pd.DataFrame:
    """Return kinds as rows of scores, for grouping and withholding.

    Parameters
    ----------
    summed : SummedScores
    """
    names = [f"kind {number}" for number in range(len(summed.kinds))]
    return summed.kinds.assign(segment_id=names, pi=1.0)


def evidence_of_sums(summed: SummedScores, table: Measures, *, plan: Plan, labels: str) -> SummedEvidence:
    """Make of sums the evidence that `gather` makes of the segments.

    Parameters
    ----------
    summed : SummedScores
        Of the whole corpus.
    table : Measures
    plan : Plan
    labels : str
        With which they were summed.

    Returns
    -------
    SummedEvidence
        For estimates about workers (or employers) like these: it has no errors of single segments.

    Raises
    ------
    UndefinedError
        When nothing is coded.
    """
    kinds = summed.kinds
    used = kinds["coded"].to_numpy(dtype=bool)
    if not used.any():
        none = "so there is nothing to put the predictions right with"
        raise UndefinedError("no segment is coded" + (f", {none}" if labels != "all_codings" else ""))
    clusters, names = pd.factorize(kinds[plan.cluster])
    values, added, method = _values(summed, clusters, names, labels)
    keys = [name for name in summed.documents if name not in (HELD, TIMES)]
    homes = kinds.reset_index(names="_home").drop_duplicates(keys)[[*keys, "_home"]]
    placed = summed.documents.merge(homes, on=keys, how="left")
    return SummedEvidence(
        values, summed.totals["known"], np.zeros_like(values), used, np.ones(len(kinds)), clusters,
        np.zeros(len(kinds), dtype=int), worker_index(kinds), labels, method, added=added,
        times=kinds[TIMES].to_numpy(), homes=placed["_home"].to_numpy(),
        standing=_unpacked(placed[HELD], len(table.estimands)), n_alike=placed[TIMES].to_numpy(),
    )  # fmt: skip


def _values(
    summed: SummedScores, clusters: np.ndarray, names: pd.Index, labels: str
) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Return totals of pseudo-outcomes, what predictions add to them where that is tuned, and the method."""
    totals = summed.totals
    if labels in ("all_codings", "predicted_only"):
        return totals["known"], None, ALL_CODED if labels == "all_codings" else COUNTED_LABELS
    if labels == "expert_only":
        return totals["drawn"], None, expert.METHOD
    method = ALL_CODED if summed.certain else method_words(predictions=summed.predictions)
    values, added = totals["known"], np.zeros_like(totals["known"])
    if not summed.certain:
        width = totals["design"].shape[1]
        sums = np.array([summed.clusters[name] for name in names])
        fitted = without_own(sums[:, :, :width], sums[:, :, width:])[clusters]
        # A prediction is linear in what it is made from, so that totals of it are too.
        added = np.einsum("rw,rwo->ro", totals["design"] - totals["drawn_design"], fitted)
        values = totals["drawn"] + added
    if labels == "power_tuned":
        return values, added, method + TUNED
    return values, None, method
