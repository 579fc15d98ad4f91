from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.drift import Plan, corpus_scores, estimate_table, publish, with_predictions, with_sample
from peercompare.drift.estimands import draft_from
from peercompare.drift.measures import measures
from peercompare.drift.summed import SummedScores, evidence_of_sums, scores_of_sums, summed_scores
from peercompare.errors import UndefinedError

GROUPS = ["all", "site_id", "half_year", ("site_id", "year")]
CUTS = {"halves": [11], "uneven": [1, 3, 4, 19], "each": range(1, 54, 3)}


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2026-01-31")


@pytest.fixture(scope="module")
def everything(sessions):
    """Scores with all codings; with predictions that are often right; with a sample; and both."""
    rng = np.random.default_rng(8)
    scores, framework = corpus_scores(sessions), sessions.framework
    chance = rng.dirichlet(np.ones(len(framework.labels)), len(scores))
    predictions = pd.DataFrame(chance, columns=list(framework.labels))
    predicted = with_predictions(scores, predictions.assign(segment_id=scores["segment_id"]), framework)
    pi = rng.uniform(0.3, 0.9, len(scores))
    drawn = pd.DataFrame({"segment_id": scores["segment_id"], "pi": pi, "sampled": rng.random(len(pi)) < pi})
    return {"all": scores, "predicted": predicted, "sample": with_sample(scores, drawn),
            "both": with_sample(predicted, drawn)}  # fmt: skip


def in_parts(scores, cuts):
    places = pd.factorize(scores["document_id"])[0]
    edges = [0, *cuts, places.max() + 1]
    return [
        scores[(places >= start) & (places < end)].reset_index(drop=True) for start, end in pairwise(edges)
    ]


def from_sums(scores, framework, plan, labels, cuts, group_by=GROUPS):
    told = {"plan": plan, "group_by": group_by, "labels": labels}
    parts = [summed_scores(part, framework, **told) for part in in_parts(scores, cuts)]
    summed = SummedScores.added(parts)
    table = measures(framework, dimensions=labels != "predicted_only")
    evidence = evidence_of_sums(summed, table, plan=plan, labels=labels)
    draft = draft_from(evidence, scores_of_sums(summed), table, plan=plan, group_by=group_by)
    return publish([draft], plan=plan)


@pytest.mark.parametrize(
    ("which", "labels", "cuts"),
    [
        ("all", "all_codings", "halves"),
        ("all", "all_codings", "uneven"),
        ("all", "all_codings", "each"),
        ("predicted", "predicted_only", "uneven"),
        ("sample", "expert_only", "halves"),
        ("sample", "probability_sample", "uneven"),
        ("both", "probability_sample", "each"),
        ("both", "power_tuned", "uneven"),
    ],
)
def test_sums_of_parts_give_the_estimates_of_the_whole(sessions, everything, which, labels, cuts):
    plan = Plan.of(replace(sessions, composed=False))
    scores = everything[which]
    ours = from_sums(scores, sessions.framework, plan, labels, CUTS[cuts])
    whole = estimate_table(scores, sessions.framework, plan=plan, group_by=GROUPS, labels=labels)
    pd.testing.assert_frame_equal(ours, whole, check_exact=False, rtol=0, atol=1e-9)
    if labels == "all_codings":
        withheld = ours["reason"].str.contains("withheld|few", regex=True)
        assert withheld.any()
        assert not withheld.all()


@pytest.mark.parametrize("variant", ["without_required", "ties_split"])
def test_variants_and_gaps_add_up_too(sessions, variant):
    scores = corpus_scores(sessions, variant=variant)
    share = [name for name in scores if name.startswith("share_")]
    scores.loc[::7, ["coded", *share]] = [False, *[np.nan] * len(share)]
    plan = Plan.of(sessions, waive=True)
    ours = from_sums(scores, sessions.framework, plan, "all_codings", [4, 9])
    whole = estimate_table(scores, sessions.framework, plan=plan, group_by=GROUPS)
    assert whole["reason"].str.contains("are not coded").any()
    pd.testing.assert_frame_equal(ours, whole, check_exact=False, rtol=0, atol=1e-9)


def test_a_part_without_a_coding_adds_nothing_and_none_at_all_is_refused(sessions):
    scores = corpus_scores(sessions)
    first = scores["document_id"] == scores["document_id"].iloc[0]
    share = [name for name in scores if name.startswith("share_")]
    scores.loc[first, ["coded", *share]] = [False, *[np.nan] * len(share)]
    plan = Plan.of(sessions)
    ours = from_sums(scores, sessions.framework, plan, "all_codings", [1])
    whole = estimate_table(scores, sessions.framework, plan=plan, group_by=GROUPS)
    pd.testing.assert_frame_equal(ours, whole, check_exact=False, rtol=0, atol=1e-9)
    bare = scores[first].reset_index(drop=True)
    with pytest.raises(UndefinedError, match="no segment is coded"):
        from_sums(bare, sessions.framework, plan, "all_codings", [])


def test_sums_are_of_workers_groups_and_kinds_and_not_of_segments(sessions, everything):
    plan = Plan.of(sessions)
    summed = summed_scores(everything["both"], sessions.framework, plan=plan, group_by=["all"],
                           labels="probability_sample")  # fmt: skip
    again = pd.concat([everything["both"]] * 3, ignore_index=True)
    thrice = summed_scores(
        again, sessions.framework, plan=plan, group_by=["all"], labels="probability_sample"
    )
    assert len(thrice.kinds) == len(summed.kinds) < len(everything["both"]) / 4
    assert not {"segment_id", "document_id", "text"} & set(summed.kinds)
