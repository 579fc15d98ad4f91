"""What could be wrong with an estimate of drift, check by check, in words that say what to do about it.

Each check is a function that returns rows of one table; `study` writes it and the command line prints what
warns. A check that cannot be made is a row that says why: silence would read as an all-clear.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from peercompare.corpus import Corpus
from peercompare.corpus.draws import INFERENCE, read_draws
from peercompare.drift.classifier_error import stance_values
from peercompare.drift.coder_drift import coder_drift
from peercompare.drift.dates import DAYS, elapsed
from peercompare.drift.findings import (
    DIAGNOSIS,
    Row,
    choice_row,
    count_workers,
    kept,
    new_row,
    of_coefficient,
    tested,
    unchecked,
    wrong_verdict,
)
from peercompare.drift.fragility import fragile_index, fragile_slope
from peercompare.drift.plan import Plan
from peercompare.drift.scores import shares
from peercompare.drift.sensitivity import AS_PLANNED
from peercompare.drift.waves import joint_sample
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

RECODE = "have some segments coded anew, in shuffled order and without dates"


def sampling_rows(scores: pd.DataFrame, plan: Plan, *, drawn: pd.DataFrame | None = None) -> list[Row]:
    """Say whether the coded segments are all, a probability sample, or whatever was at hand.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`.
    plan : Plan
    drawn : DataFrame, optional
        ``segment_id, pi, sampled`` of what was drawn for inference, from `drawn_for_inference`; None where
        nothing was recorded. Scores whose ``pi`` is below 1 are a sample already.

    Returns
    -------
    list of dict
        One row. ``value`` is the share of segments that are coded.
    """
    coded = scores["coded"].to_numpy(dtype=bool)
    share = float(coded.mean())
    row = new_row(plan, "sampling", "share of segments that are coded", n_coded=int(coded.sum()), value=share)
    if coded.all():
        return [row | {"verdict": "every segment is coded: nothing was drawn"}]
    missing = 0 if drawn is None else _not_drawn(scores, drawn)
    if (scores["pi"] < 1).any() or (drawn is not None and not missing):
        words = "a probability sample with recorded chances"
        return [row | {"verdict": words, "remedy": "estimate from it with labels = probability_sample"}]
    why = "nothing says with what chance segments were picked for coding"
    if drawn is not None:
        why = f"{missing} segments were drawn and not coded, or coded and not drawn"
    return [
        row
        | {
            "verdict": f"not a probability sample: {why}. Intervals leave out how segments were picked; in "
            "simulation nominal 95% intervals from convenient codings held the truth in 5 to 60% of studies",
            "warns": True,
            "pushes": "either way, unknown: towards whoever and whenever was coded more",
            "remedy": "draw segments by chance (peercompare next CORPUS --for inference) and code all of "
            "them; no estimator mends this afterwards",
        }
    ]


def drawn_for_inference(corpus: Corpus) -> pd.DataFrame | None:
    """Read what was drawn of a corpus for inference; None where nothing was, or not so that it joins.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    DataFrame or None
        ``segment_id, pi, sampled``.
    """
    draws = read_draws(corpus.folder)
    if draws.empty or not (draws["use"] == INFERENCE).any():
        return None
    try:
        return joint_sample(draws)
    except InputError:
        return None


def coder_rows(
    codings: pd.DataFrame, scores: pd.DataFrame, framework: Framework, plan: Plan, *, per: str
) -> list[Row]:
    """Say whether coders moved against each other, and what cannot be known of it.

    Parameters
    ----------
    codings : DataFrame
    scores : DataFrame
    framework : Framework
    plan : Plan
    per : {"month", "year"}

    Returns
    -------
    list of dict
        ``coder_disagreement``, ``coder_lean``, ``coder_anchors``.
    """
    level = plan.confidence_level
    try:
        ask = {"cluster": plan.cluster, "days_per_unit": DAYS[per], "confidence_level": level}
        found = coder_drift(codings, scores, framework, **ask)
    except UndefinedError as error:
        return [unchecked(plan, "coder_disagreement", "coders over time", str(error))]
    over = "in order of coding" if found.by_coding_order else "over the documents' dates"
    method = f"least squares on time, {over}; {found.n_coders} coders"
    what = f"change per {per} of the share on which coders disagree"
    apart = of_coefficient(plan, "coder_disagreement", what, found.disagreement, method)
    what = f"largest change per {per} of one coder's stance against the mean of all"
    lean = of_coefficient(plan, "coder_lean", what, found.lean, f"{method}; p by Holm over coders")
    grew = (
        "coders drew closer"
        if found.disagreement.estimate < 0
        else "coders moved apart, or coding grew harder"
    )
    rows = [
        tested(apart, plan, moved=grew, pushes="either way, by whichever codes stand", remedy=RECODE),
        tested(
            lean,
            plan,
            moved="a coder moved against the others",
            pushes="with that coder, as far as that coder's codings stand",
            remedy=RECODE,
        ),
    ]
    n_workers = count_workers(scores)
    rows = [kept(row | {"n_coded": found.n_segments}, n_workers, plan) for row in rows]
    return [*rows, _anchors(plan)]


def sensitivity_rows(table: pd.DataFrame, framework: Framework, plan: Plan) -> list[Row]:
    """Say of each other choice what it does to the index, and whether the conclusion about zero stands.

    Parameters
    ----------
    table : DataFrame
        From `sensitivity_table` or `choices_table`: ``as_planned`` first.
    framework : Framework
    plan : Plan

    Returns
    -------
    list of dict
        A row for each choice but the first.
    """
    planned, *others = table.to_dict("records")
    if planned["choice_id"] != AS_PLANNED:
        raise InputError("the first row of a sensitivity table is the plan's own")
    return [choice_row(record, planned, framework, plan) for record in others]


def wrong_coding_rows(
    scores: pd.DataFrame,
    framework: Framework,
    plan: Plan,
    *,
    per: str | None = None,
    moving: pd.DataFrame | None = None,
    opposite: float = np.nan,
) -> list[Row]:
    """Say how wrong the coding would have to be for the index, and the slope, to be zero.

    Parameters
    ----------
    scores : DataFrame
        Coded; the index's population.
    framework : Framework
    plan : Plan
    per : {"month", "year"}, optional
        Also the slope, where given.
    moving : DataFrame, optional
        The slope's population; `scores` where left out.
    opposite : float, optional
        Share of doubly coded segments that coders put at opposite ends; where an interval would fall to as
        much error, the row warns.

    Returns
    -------
    list of dict
        ``wrong_codings_index``, ``wrong_codings_slope``: ``value`` is the share of stance-taking codings that
        would have to belong to the other end for the estimate to be zero; the verdict tells the share for
        its interval to reach zero.
    """
    asked = [("index", scores, None)]
    table = scores if moving is None else moving
    if per is not None and "date" in table:
        asked.append(("slope", table[table["date"].notna()].reset_index(drop=True), per))
    return [_of_wrong(name, part, framework, plan, per=unit, opposite=opposite) for name, part, unit in asked]


def diagnosis_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Put the rows of all checks into one table, with the columns of `DIAGNOSIS`.

    Parameters
    ----------
    rows : iterable of dict

    Returns
    -------
    DataFrame
    """
    table = pd.DataFrame(list(rows), columns=list(DIAGNOSIS))
    whole = dict.fromkeys(("n_clusters", "n_workers", "n_coded"), "Int64")
    numbers = dict.fromkeys(("value", "lower", "upper", "p"), float)
    return table.astype({**whole, **numbers, "warns": bool, "waiver": bool})


def _not_drawn(scores: pd.DataFrame, drawn: pd.DataFrame) -> int:
    """Count segments that were coded and not drawn, drawn and not coded, or could not have been drawn."""
    sampled = drawn.set_index("segment_id")["sampled"].reindex(scores["segment_id"])
    apart = sampled.fillna(False).astype(bool).to_numpy() != scores["coded"].to_numpy(dtype=bool)
    return int((apart | sampled.isna().to_numpy()).sum())


def _anchors(plan: Plan) -> Row:
    """Say what codings cannot tell of coders who drift together."""
    what = "segments coded twice by the same coder (anchors)"
    verdict = "a corpus holds one coding a coder and segment: coders who drift alike cannot be seen in it"
    remedy = "give coders some segments again each month, mixed in and undated, and compare by hand"
    return new_row(plan, "coder_anchors", what, verdict=verdict, remedy=remedy)


def _of_wrong(
    name: str, scores: pd.DataFrame, framework: Framework, plan: Plan, *, per: str | None, opposite: float
) -> Row:
    """Say how wrong the coding would have to be for one estimate."""
    what = f"share of stance-taking codings that would have to be wrong for the {name} to be zero"
    taking = scores[scores["coded"].to_numpy(dtype=bool) & scores["taking"].to_numpy(dtype=bool)]
    if taking.empty:
        return unchecked(plan, f"wrong_codings_{name}", what, "no stance-taking coding")
    stance = shares(taking, framework) @ stance_values(framework)
    weights, clusters = 1.0 / taking["pi"].to_numpy(dtype=float), pd.factorize(taking[plan.cluster])[0]
    ends = tuple(float(framework.stances[place].value) for place in (0, -1))
    ask = {"ends": ends, "confidence_level": plan.confidence_level}
    if per is None:
        found = fragile_index(stance, weights, clusters, **ask)
        method = "all wrong one way, evenly over clusters"
    else:
        found = fragile_slope(stance, weights, elapsed(taking, per), clusters, **ask)
        method = "all wrong one way, those that carry the slope most first"
    row = new_row(plan, f"wrong_codings_{name}", what, value=found.to_zero, method=method)
    row |= {"n_clusters": len(np.unique(clusters)), "n_coded": len(taking)}
    return kept(wrong_verdict(row, found, opposite), count_workers(taking), plan)
