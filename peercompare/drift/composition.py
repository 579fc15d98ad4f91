"""What a change of the index is made of: mix of topics and stance within; who was seen and what they did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from peercompare.drift.decomposition import jackknifed, seen_and_done
from peercompare.drift.evidence import Evidence, distinct, gather
from peercompare.drift.groups import cells_of, group_columns
from peercompare.drift.measures import ALL, measures
from peercompare.drift.plan import COLUMNS, WORKER, Plan
from peercompare.drift.ratios import FEW, MIN_CLUSTERS, SAME, UNSTABLE
from peercompare.drift.rectified import cluster_totals
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS

CHANGE = "change"
MIX, WITHIN = "change_topic_mix", "change_within_topics"
MIX_FIRST, MIX_LAST = "change_topic_mix_first", "change_topic_mix_last"
SEEN, DONE = "change_who_was_seen", "change_within_workers"
OTHERS = "other dimensions together"
"""Dimensions of which one of the two groups is withheld, as one."""

ORDERS = {
    CHANGE: "index of the second group less that of the first",
    MIX: "part of the change that comes of the mix of dimensions, both orders averaged",
    WITHIN: "part of the change that comes of stance within dimensions, both orders averaged",
    MIX_FIRST: "part that comes of the mix, stances as in the first group",
    MIX_LAST: "part that comes of the mix, stances as in the second group",
    SEEN: "part of the change that comes of who was seen, and how much of each",
    DONE: "part of the change that comes of what those seen in both did",
}
BOTH_FEW = (
    f"withheld: fewer than {MIN_WORKERS} workers were seen in both, and this part would speak of them alone"
)
NOBODY = "none of the {clusters} was seen in both, so who was seen and what they did cannot be told apart"


def composition_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    column: str,
    pair: tuple[str, str],
    published: pd.DataFrame,
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Take the change of the index between two groups or times apart, as far as what is published allows.

    Everything is made from the indices and sizes of the two groups and of dimensions within them. Dimensions
    that are withheld in one of the two stand together as one, whose numbers a reader could work out anyhow.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`. Choose the population first.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    column : str
        A column of documents, or ``year``, ``half_year``, ``period``.
    pair : (first, second)
        Two of its values.
    published : DataFrame
        What is published of the corpus (from `publish`), with both groups and the dimensions within them.
    labels : {"all_codings", "probability_sample"}

    Returns
    -------
    DataFrame
        Columns as `COLUMNS`; ``group`` is ``"<second> less <first>"``, ``dimension`` names the dimension a
        part belongs to. ``change`` = ``change_topic_mix`` + ``change_within_topics`` =
        ``change_who_was_seen`` + ``change_within_workers``; parts of dimensions sum to those of all.

    Raises
    ------
    InputError
        For an unknown column or value.
    UndefinedError
        Where a group holds no stance-taking segment, or nothing is coded.
    """
    plan.check(scores)
    plan.only_like_these("what a change is made of")
    group_columns(scores, [column])
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    cells = {cell.group: cell.rows for cell in cells_of(scores, [column])}
    absent = [value for value in pair if value not in cells]
    if absent:
        raise InputError(f"no document has {column} = {absent[0]!r}", remedy=f"there are: {', '.join(cells)}")
    shown = _Shown.of(published, scores, column=column, pair=pair, labels=labels)
    sides = [_totals(evidence, cells[value], framework) for value in pair]
    tops, bottoms = (np.stack([side[:, :, part] for side in sides], axis=2) for part in (0, 1))
    counts = _counts(evidence, [cells[value] for value in pair], framework)
    rows = _topic_rows(tops, bottoms, framework.dimension_ids, shown, plan, counts)
    rows += _worker_rows(tops.sum(axis=1), bottoms.sum(axis=1), shown, plan, counts, named=WORKER in scores)
    for row in rows:
        row["waiver"] = bool(np.isfinite(row["estimate"]) and (row["waiver"] or shown.waived))
    return _finished(rows, scores, evidence, plan, column, pair, counts)


@dataclass(frozen=True)
class _Shown:
    """What of the two groups is published: the whole, and which dimensions in both."""

    whole: str
    dimensions: frozenset[str]
    waived: bool

    @classmethod
    def of(
        cls, published: pd.DataFrame, scores: pd.DataFrame, *, column: str, pair: tuple[str, str], labels: str
    ) -> _Shown:
        """Look the two groups up, as they are published for the same labels, variant and population."""
        same = (
            (published["estimand"] == "index")
            & (published["group_by"] == column)
            & published["group"].isin(pair)
            & (published["labels"] == labels)
            & (published["variant"] == scores["variant"].iloc[0])
        )
        population = scores["population"].iloc[0]
        if population:
            same &= published["target"].str.contains(f"({population})", regex=False)
        rows = published[same].drop_duplicates(["group", "dimension"])
        # A dimension of which nothing was said is known too: it is none.
        known = rows[~rows["reason"].str.startswith("withheld")]
        whole = rows[rows["dimension"] == ALL]
        reasons = [reason for reason in whole.loc[whole["estimate"].isna(), "reason"] if reason]
        missing = (
            "" if len(whole) == len(pair) else "withheld: the two groups are not published by themselves"
        )
        both = known["dimension"].value_counts()
        inside = frozenset(name for name, n in both.items() if n == len(pair) and name != ALL)
        used = known[known["dimension"].isin([ALL, *inside])]
        return cls((reasons or [missing])[0], inside, bool(used["waiver"].astype(bool).any()))


def _totals(evidence: Evidence, rows: np.ndarray, framework: Framework) -> np.ndarray:
    """Numerator and denominator of the index, shape (n_clusters, n_dimensions, 2)."""
    table = measures(framework)
    places = [table.column("index", dimension) for dimension in framework.dimension_ids]
    weights = np.hstack([table.numerators[:, places], table.denominators[:, places]])
    totals = cluster_totals(
        evidence.values[rows] @ weights, evidence.clusters[rows], evidence.clusters.max() + 1
    )
    return np.stack(np.split(totals, 2, axis=1), axis=2)


def _counts(evidence: Evidence, sides: list[np.ndarray], framework: Framework) -> dict:
    """Count what stands behind a change, and the clusters seen in both groups."""
    table = measures(framework)
    index = table.only([table.column("index")])
    held = [evidence.held(index.denominators)[:, 0] & side for side in sides]
    seen = [set(evidence.clusters[side]) for side in held]
    either = held[0] | held[1]
    workers = evidence.workers
    return {
        "n_clusters": min(len(one) for one in seen),
        "n_workers": pd.NA if workers is None else min(len(np.unique(workers[side])) for side in held),
        "n_documents": int(distinct(either[:, None], evidence.documents)[0]),
        "n_segments": round(float((evidence.values @ index.denominators)[sides[0] | sides[1]].sum())),
        "n_coded": int(either.sum()),
        "both": len(seen[0] & seen[1]),
    }


def _topic_rows(
    tops: np.ndarray,
    bottoms: np.ndarray,
    names: tuple[str, ...],
    shown: _Shown,
    plan: Plan,
    counts: dict,
) -> list[dict]:
    """Lay out the mix of dimensions and the stance within them."""
    if shown.whole:
        return [_row(name, ALL, reason=shown.whole) for name in (CHANGE, MIX, WITHIN)]
    inside = [name in shown.dimensions for name in names]
    kept = [name for name, known in zip(names, inside, strict=True) if known]
    if not all(inside):
        tops, bottoms = (_pooled(part, np.array(inside)) for part in (tops, bottoms))
        kept.append(OTHERS)
    try:
        estimates, errors, degrees = jackknifed(tops, bottoms)
    except UndefinedError as error:
        return [_row(name, ALL, reason=str(error)) for name in (CHANGE, MIX, WITHIN)]
    labels = [(name, ALL) for name in (CHANGE, MIX, WITHIN, MIX_FIRST, MIX_LAST)]
    labels += [(part, name) for part in (MIX, WITHIN) for name in kept]
    filled = np.tile((bottoms.sum(axis=0) > 0).any(axis=1), 2)
    keep = np.concatenate([np.ones(5, dtype=bool), filled])
    return [
        _estimated(name, dimension, estimates[n], errors[n], degrees, plan, counts)
        for n, (name, dimension) in enumerate(labels)
        if keep[n]
    ]


def _pooled(totals: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Put dimensions that are not shown together as the last category."""
    return np.concatenate([totals[:, inside], totals[:, ~inside].sum(axis=1, keepdims=True)], axis=1)


def _worker_rows(
    tops: np.ndarray, bottoms: np.ndarray, shown: _Shown, plan: Plan, counts: dict, *, named: bool
) -> list[dict]:
    """Lay out who was seen and what they did."""
    reason = shown.whole
    if not counts["both"]:
        reason = reason or NOBODY.replace("{clusters}", plan.clusters)
    elif named and counts["both"] < MIN_WORKERS and not plan.waive:
        reason = reason or BOTH_FEW
    if reason:
        return [_row(name, ALL, reason=reason) for name in (SEEN, DONE)]
    try:
        estimates, errors, degrees = seen_and_done(tops, bottoms)
    except UndefinedError as error:
        return [_row(name, ALL, reason=str(error)) for name in (SEEN, DONE)]
    few = named and counts["both"] < MIN_WORKERS
    return [
        _estimated(name, ALL, estimates[n], errors[n], degrees, plan, counts)
        | ({"waiver": True} if few else {})
        for n, name in enumerate((SEEN, DONE))
    ]


def _estimated(
    estimand: str,
    dimension: str,
    estimate: float,
    error: float,
    degrees: float,
    plan: Plan,
    counts: dict,
) -> dict:
    """Lay out one part with its interval, or why it has none."""
    row = _row(estimand, dimension, estimate=estimate)
    few = counts["n_clusters"] < MIN_CLUSTERS
    if few or not error > 1e-12:
        words = UNSTABLE if np.isnan(error) else SAME
        words = FEW.replace("{n}", str(counts["n_clusters"])) if few else words
        return {**row, "reason": words.replace("{clusters}", plan.clusters)}
    reach = stats.t.ppf((1 + plan.confidence_level) / 2, degrees) * error
    spread = f"; jackknife over {plan.clusters}, t with {degrees:.1f} degrees of freedom"
    return {**row, "lower": estimate - reach, "upper": estimate + reach, "method": row["method"] + spread}


def _row(estimand: str, dimension: str, *, estimate: float = np.nan, reason: str = "") -> dict:
    return {
        "estimand": estimand,
        "dimension": dimension,
        "estimate": estimate,
        "lower": np.nan,
        "upper": np.nan,
        "method": ORDERS[estimand],
        "reason": reason,
        "waiver": False,
    }


def _finished(
    rows: list[dict],
    scores: pd.DataFrame,
    evidence: Evidence,
    plan: Plan,
    column: str,
    pair: tuple[str, str],
    counts: dict,
) -> pd.DataFrame:
    """Add what all rows share; sizes stand with what is shown alone."""
    table = pd.DataFrame(rows)
    hidden = table["estimate"].isna()
    sizes = {name: counts[name] for name in COLUMNS if name in counts}
    population = scores["population"].iloc[0]
    inferred = table["lower"].notna()
    table = table.assign(
        group_by=column,
        group=f"{pair[1]} less {pair[0]}",
        target=[plan.words(population, corpus=not each) for each in inferred],
        **sizes,
        **plan.shared(scores, evidence.labels),
    ).astype(dict.fromkeys(["n_workers", "n_segments", "n_coded"], "Int64"))
    table.loc[hidden, ["n_segments", "n_coded"]] = pd.NA
    table["method"] = [
        "not estimated" if none else f"{evidence.method}; {method}"
        for none, method in zip(hidden, table["method"], strict=True)
    ]
    return table[list(COLUMNS)]
