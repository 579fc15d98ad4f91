"""The index under other choices: which of them a conclusion hangs on, and which it survives.

Nobody is named and nobody is ranked: what leaving out a worker does is told, where at all, as one range over
all workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift import disclosure
from peercompare.drift.estimands import draft_estimates, estimate_cell
from peercompare.drift.evidence import gather
from peercompare.drift.groups import whole
from peercompare.drift.measures import ALL, OVERLAP_VALUES, Measures, measures
from peercompare.drift.plan import COLUMNS, WORKER, Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.drift.rectified import cluster_totals
from peercompare.drift.scores import NOT_GIVEN
from peercompare.drift.showing import Draft
from peercompare.errors import UndefinedError
from peercompare.framework import Framework

AS_PLANNED = "as_planned"
WITH_NONE = "index_of_all_segments"
ONE_OUT = "leave_out_one_cluster"
OF_CHOICES = ("choice_id", "words")
"""What a row of the sensitivity table has beside the columns of an estimate."""

VARIANT_WORDS = {
    "without_required": "without what law or payer requires",
    "ties_split": "ties between two stances split",
    "contested": "as workers contest it",
}
HIDDEN_RANGE = (
    f"withheld: the ends of the range would tell of single workers, fewer than {disclosure.MIN_WORKERS}"
)


@dataclass(frozen=True)
class Choice:
    """One way to make the index.

    Parameters
    ----------
    choice : str
        Short name, e.g. ``leave_out_kind``.
    words : str
        The choice as a reader is told it.
    draft : Draft
        The estimate, before anything is withheld.
    estimand : str
        Which of the draft's estimands is meant.
    """

    choice: str
    words: str
    draft: Draft
    estimand: str = "index"


def sensitivity_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    leave_out: Sequence[str] = (),
    variants: Mapping[str, pd.DataFrame] | None = None,
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Estimate the index as planned and under other choices.

    Choices: stances between the ends of the axis valued lower and higher; segments without a stance counted
    as zeros instead of left out; the variants of `score_table`; each value of some columns (each kind of
    session, each site) left out in turn; one worker (or employer) left out in turn, as a range.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, as coded; the population chosen.
    framework : Framework
    plan : Plan
    leave_out : sequence of str
        Columns of `scores` whose values are left out one at a time; nothing that names people.
    variants : mapping of str to DataFrame, optional
        Scores of the same population under other variants.
    labels : {"all_codings", "probability_sample", "predicted_only"}

    Returns
    -------
    DataFrame
        One row for each choice, with the columns of `COLUMNS`, ``choice_id`` and ``words``; ``as_planned``
        comes first. ``leave_out_one_cluster`` has no estimate: ``lower`` and ``upper`` are the ends of the
        range, which documents that name workers show under the waiver of a composed corpus alone.

    Raises
    ------
    InputError, DisclosureError, UndefinedError
        As in `estimate_table`.
    """
    choices = draft_choices(
        scores, framework, plan=plan, leave_out=leave_out, variants=variants or {}, labels=labels
    )
    drafts = [choice.draft for choice in choices]
    tables = publish(drafts, plan=plan)
    ends = np.cumsum([len(draft.estimates) for draft in drafts])[:-1]
    parts = [tables.iloc[rows] for rows in np.split(np.arange(len(tables)), ends)]
    one_out = leave_one_out(scores, framework, plan=plan, labels=labels)
    return choices_table(choices, parts, one_out)


def draft_choices(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    leave_out: Sequence[str],
    variants: Mapping[str, pd.DataFrame],
    labels: str = "all_codings",
) -> list[Choice]:
    """Estimate as `sensitivity_table` does, and leave it to `publish` to withhold; not for publication.

    Returns
    -------
    list of Choice
        The plan's own first. What nobody is left for is no choice and is left out.
    """
    disclosure.check_columns(leave_out)
    ask = {"plan": plan, "labels": labels, "dimensions": False}
    headline = draft_estimates(scores, framework, **ask)
    choices = [Choice(AS_PLANNED, "as planned", headline)]
    choices += [Choice(name, words, headline, name) for name, words in _between(framework).items()]
    zeros = f"segments coded {framework.none.label.lower()} counted as zeros"
    choices.append(Choice(WITH_NONE, zeros, _with_none(scores, framework, plan, labels), WITH_NONE))
    for name, table in variants.items():
        choices.append(Choice(name, VARIANT_WORDS.get(name, name), draft_estimates(table, framework, **ask)))
    for column in leave_out:
        choices += _each_left_out(scores, framework, column, ask)
    return choices


def choices_table(
    choices: Sequence[Choice], published: Sequence[pd.DataFrame], one_out: dict[str, object]
) -> pd.DataFrame:
    """Put what was published of each choice into one table, a row for each.

    Parameters
    ----------
    choices : sequence of Choice
    published : sequence of DataFrame
        For each, what `publish` made of its draft.
    one_out : dict
        The row of `leave_one_out`.
    """
    rows = []
    for choice, table in zip(choices, published, strict=True):
        (row,) = table[(table["estimand"] == choice.estimand) & (table["dimension"] == ALL)].to_dict(
            "records"
        )
        rows.append({**row, "choice_id": choice.choice, "words": choice.words})
    table = pd.DataFrame([*rows, {**rows[0], **one_out}])
    return table[[*COLUMNS, *OF_CHOICES]].astype({"n_workers": "Int64"})


def leave_one_out(
    scores: pd.DataFrame, framework: Framework, *, plan: Plan, labels: str = "all_codings"
) -> dict[str, object]:
    """Say how far the index moves where one worker (or employer) is left out, whoever it is.

    Returns
    -------
    dict
        A row of the sensitivity table. ``lower`` and ``upper`` are the ends of the range; ``method`` tells
        the root mean square of the shifts, which rests on all clusters together and may be shown.
    """
    table = measures(framework, dimensions=labels != "predicted_only")
    place = table.column("index")
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    totals = cluster_totals(evidence.values, evidence.clusters, int(evidence.clusters.max()) + 1)
    tops, bottoms = totals @ table.numerators[:, place], totals @ table.denominators[:, place]
    there = bottoms > 0
    single = plan.clusters.removesuffix("s")
    row = {"choice_id": ONE_OUT, "words": f"without any one {single} (range)", "estimate": np.nan}
    row |= {"lower": np.nan, "upper": np.nan, "n_clusters": int(there.sum()), "waiver": False}
    if there.sum() < MIN_CLUSTERS:
        reason = f"leaving out one of fewer than five {plan.clusters} says little"
        return row | {"reason": reason, "method": "not estimated"}
    without = (tops.sum() - tops[there]) / (bottoms.sum() - bottoms[there])
    typical = float(np.sqrt(np.mean((without - tops.sum() / bottoms.sum()) ** 2)))
    method = f"one {single} left out at a time; typical shift (root mean square) {typical:.3f}"
    named = WORKER in scores and scores[WORKER].notna().any()
    if named and not plan.waive:
        return row | {"reason": HIDDEN_RANGE, "method": method}
    ends = {"lower": float(without.min()), "upper": float(without.max()), "waiver": bool(named)}
    return row | ends | {"reason": "a range, not an interval", "method": method}


def _between(framework: Framework) -> dict[str, str]:
    """Name the two indices in which stances between the ends count for something."""
    by_id = {stance.id: stance.label.lower() for stance in framework.stances}
    inner = " and ".join(label for name, label in by_id.items() if name not in framework.axis)
    ends = (by_id[end] for end in framework.axis)
    return {
        name: f"{inner} counted a quarter of the way to {end}"
        for name, end in zip(OVERLAP_VALUES, ends, strict=True)
        if inner
    }


def _with_none(scores: pd.DataFrame, framework: Framework, plan: Plan, labels: str) -> Draft:
    """Draft the index over all segments, those without a stance as zeros."""
    plan.check(scores)
    table = measures(framework, dimensions=labels != "predicted_only")
    one = table.only([table.column("index")])
    table = Measures((WITH_NONE,), (ALL,), one.numerators, np.ones_like(one.denominators), one.low, one.high)
    evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
    cell = whole(scores)
    estimates = estimate_cell(cell, scores, evidence, table, plan=plan).assign(
        **plan.shared(scores, labels),
    )
    return Draft(estimates, [cell], scores, table, evidence.held(table.denominators))


def _each_left_out(
    scores: pd.DataFrame, framework: Framework, column: str, ask: dict[str, object]
) -> list[Choice]:
    """Draft the index without each value of a column; where one value is all there is, nothing is left."""
    values = scores[column].astype("string").fillna(NOT_GIVEN)
    found = []
    for value in sorted(values.unique()):
        rest = scores[(values != value).to_numpy()].reset_index(drop=True)
        try:
            draft = draft_estimates(rest, framework, **ask)
        except UndefinedError:
            continue
        words = f"without {column.removesuffix('_id').replace('_', ' ')}: {value.replace('_', ' ')}"
        found.append(Choice(f"leave_out_{column}", words, draft))
    return found
