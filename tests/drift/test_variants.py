import pandas as pd
import pytest

from peercompare.drift import Plan, draft_estimates, draw_sample, publish, score_table, with_sample


def contests(**proposed):
    return pd.DataFrame(
        {
            "segment_id": [each.replace("_", ":") for each in proposed],
            "proposed_code": list(proposed.values()),
        },
        dtype="str",
    )


@pytest.fixture
def contested(garden, gold, tiny_framework):
    def score(table):
        codes, segments, documents = garden
        return score_table(
            gold(codes), segments, documents, tiny_framework, variant="contested", contests=table
        ).set_index("segment_id")

    return score


def test_the_proposed_code_stands_in_its_own_dimension(contested):
    row = contested(contests(D2_1="harvest/shared")).loc["D2:1"]
    assert (row["share_shared"], row["share_managed"]) == (1, 0)
    assert (row["dimension"], row["coded_dimension"]) == ("harvest", "tools")
    assert row["code"] == "tools/managed"
    assert row["changed"]


def test_without_a_proposed_code_the_segment_is_left_out(contested):
    row = contested(contests(D2_1="")).loc["D2:1"]
    assert row.filter(like="share_").sum() == 0
    assert row[["coded", "changed", "taking"]].all()


def test_a_segment_without_a_stance_may_come_to_take_one(contested):
    scores = contested(contests(D1_3="tools/both"))
    assert scores.loc["D1:3", ["share_none", "share_both"]].tolist() == [0, 1]
    assert scores.loc["D1:3", "taking"]
    assert scores["changed"].sum() == 1


def test_a_move_between_dimensions_is_a_change_though_the_stance_stays(contested):
    assert contested(contests(D2_1="harvest/managed")).loc["D2:1", "changed"]


def test_a_proposal_that_was_followed_since_changes_nothing(contested):
    assert not contested(contests(D2_1="tools/managed"))["changed"].any()


def test_where_nothing_is_contested_all_is_as_coded(contested, garden, gold, tiny_framework):
    codes, segments, documents = garden
    plain = score_table(gold(codes), segments, documents, tiny_framework).set_index("segment_id")
    pd.testing.assert_frame_equal(contested(None).drop(columns="variant"), plain.drop(columns="variant"))
    pd.testing.assert_frame_equal(
        contested(contests()).drop(columns="variant"), plain.drop(columns="variant")
    )


def test_a_sample_hides_where_a_code_would_stand(contested):
    scores = contested(contests(D2_1="harvest/shared")).reset_index()
    sampled = with_sample(scores, draw_sample(scores, strata="employer_id", share=0.5, rng=3))
    hidden = sampled[~sampled["coded"]]
    assert hidden[["dimension", "coded_dimension"]].isna().all(axis=None)


def test_a_move_of_few_workers_is_withheld_in_both_dimensions(sessions, gold, tiny_framework):
    codes, segments, documents = sessions
    plan = Plan("sessions", "worker_id")
    moved = contests(D11_1="harvest/shared", D21_1="harvest/shared")
    told = {"variant": "contested", "contests": moved}
    drafts = [
        draft_estimates(
            score_table(gold(codes), segments, documents, tiny_framework, **more), tiny_framework, plan=plan
        )
        for more in ({}, told)
    ]
    table = publish(drafts, plan=plan)
    index = table[(table["estimand"] == "index") & (table["variant"] == "contested")].set_index("dimension")
    assert index.loc[["tools", "harvest"], "reason"].str.startswith("withheld").all()
    coded = table[(table["estimand"] == "index") & (table["variant"] == "as_coded")].set_index("dimension")
    assert (coded.loc[["all", "tools"], "reason"] == "").all()
