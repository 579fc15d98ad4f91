import numpy as np
import pandas as pd
import pytest

from peercompare.drift import (
    THIS_CORPUS,
    Design,
    Plan,
    draw_sample,
    score_table,
    simulate,
    trend_table,
    with_sample,
)
from peercompare.errors import DisclosureError, InputError, UndefinedError


@pytest.fixture
def scored(sessions, gold, tiny_framework):
    codes, segments, documents = sessions
    return score_table(gold(codes), segments, documents, tiny_framework)


def test_a_change_that_every_worker_shares_is_found_exactly(scored, tiny_framework, sessions_plan, one):
    # In every worker one of two segments goes from "both" (0.2) to "managed" (1.0) within 181 days.
    row = one(trend_table(scored, tiny_framework, per="month", plan=sessions_plan), dimension="all")
    assert row["estimand"] == "slope"
    assert row["estimate"] == pytest.approx(0.8 / 2 / (181 / 30.4375))
    assert row["reason"] == "the estimate is the same in all workers, so an interval cannot be estimated"
    assert row["target"] == "workers like these"


def test_a_slope_per_year_is_twelve_times_that_per_month(scored, tiny_framework, sessions_plan, one):
    monthly, yearly = (
        one(trend_table(scored, tiny_framework, per=per, plan=sessions_plan), dimension="all")["estimate"]
        for per in ("month", "year")
    )
    assert yearly == pytest.approx(12 * monthly)


def test_dimensions_have_slopes_of_their_own_and_their_p_values_are_adjusted(tiny_framework):
    corpus = simulate(tiny_framework, Design(n_workers=12, slope=0.02), 4)
    scores = score_table(corpus.codings, corpus.segments, corpus.documents, tiny_framework)
    table = trend_table(scores, tiny_framework, per="month", plan=Plan("simulated", "worker_id"))
    assert table["dimension"].tolist() == ["all", *tiny_framework.dimension_ids]
    assert table["method"].str.contains("Holm").tolist() == [False, True, True]
    assert table["lower"].notna().all()


def test_workers_seen_once_are_left_out_and_counted(sessions, gold, tiny_framework, sessions_plan, one):
    codes, segments, documents = sessions
    documents = documents[~documents["document_id"].isin(["D12", "D22"])]
    segments = segments[segments["document_id"].isin(documents["document_id"])]
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    row = one(trend_table(scores, tiny_framework, per="month", plan=sessions_plan), dimension="all")
    assert row["n_clusters"] == row["n_workers"] == 7
    assert "2 workers seen on one date left out" in row["method"]


def test_segments_without_a_date_are_counted(sessions, gold, tiny_framework, sessions_plan):
    codes, segments, documents = sessions
    documents = pd.concat(
        [documents, pd.DataFrame([{"document_id": "D13", "worker_id": "W1", "site_id": "N", "date": pd.NaT}])]
    )
    codes["D13:1"] = "tools/shared"
    segments = pd.concat([segments, pd.DataFrame([{"segment_id": "D13:1", "document_id": "D13"}])])
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    table = trend_table(scores, tiny_framework, per="month", plan=sessions_plan)
    assert table["method"].str.contains("1 segments without a date left out").all()


def test_slopes_of_small_sites_are_withheld_with_their_p_values(scored, tiny_framework, sessions_plan):
    table = trend_table(
        scored, tiny_framework, per="month", plan=sessions_plan, group_by=["all", "site_id"]
    ).query("dimension == 'all'")
    assert table["estimate"].notna().tolist() == [True, False, False, False]
    assert table["method"].eq("withheld").tolist() == [False, True, True, True]


def test_under_a_waiver_a_site_of_two_workers_has_a_point_and_no_interval(scored, tiny_framework, one):
    plan = Plan("sessions", "worker_id", composed=True, waive=True)
    table = trend_table(scored, tiny_framework, per="month", plan=plan, group_by=["site_id"])
    row = one(table, group="S", dimension="all")
    assert row["estimate"] > 0
    assert np.isnan(row["lower"])
    assert row["waiver"]
    assert row["target"] == "this corpus"


def test_a_slope_from_a_handful_of_sampled_segments_is_not_given(scored, tiny_framework):
    plan = Plan("sessions", "worker_id", composed=True, waive=True)
    sampled = with_sample(scored, draw_sample(scored, strata="worker_id", share=0.5, rng=1, at_least=1))
    table = trend_table(sampled, tiny_framework, per="month", plan=plan, labels="probability_sample")
    thin = table[table["n_coded"] < 10]
    assert len(thin) > 0
    assert thin["estimate"].isna().all()


def test_nobody_seen_twice_leaves_no_slope(sessions, gold, tiny_framework, sessions_plan):
    codes, segments, documents = sessions
    scores = score_table(
        gold(codes), segments, documents.assign(date=pd.Timestamp("2022-01-01")), tiny_framework
    )
    with pytest.raises(UndefinedError, match="none of the workers was seen on two dates"):
        trend_table(scores, tiny_framework, per="month", plan=sessions_plan)


def test_an_unknown_unit_of_time_is_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(InputError, match="'week'"):
        trend_table(scored, tiny_framework, per="week", plan=sessions_plan)


def test_documents_without_dates_are_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(InputError, match="date"):
        trend_table(scored.drop(columns="date"), tiny_framework, per="month", plan=sessions_plan)


def test_a_slope_of_this_corpus_has_the_narrower_interval_of_label_sampling_alone(tiny_framework, one):
    corpus = simulate(tiny_framework, Design(n_workers=12, slope=0.02), 4)
    scores = score_table(corpus.codings, corpus.segments, corpus.documents, tiny_framework)
    sampled = with_sample(scores, draw_sample(scores, strata="worker_id", share=0.5, rng=1))
    rows = {
        target: one(
            trend_table(
                sampled,
                tiny_framework,
                per="month",
                plan=Plan("simulated", "worker_id", target=target),
                labels="probability_sample",
            ),
            dimension="all",
        )
        for target in ("like_these", THIS_CORPUS)
    }
    wide, narrow = rows["like_these"], rows[THIS_CORPUS]
    assert narrow["estimate"] == pytest.approx(wide["estimate"])
    assert 0 < narrow["upper"] - narrow["lower"] < wide["upper"] - wide["lower"]
    assert narrow["target"] == "this corpus"
    assert "interval of the sampling of segments" in narrow["method"]
    assert "jackknife" not in narrow["method"]


def test_a_slope_of_this_corpus_is_counted_where_all_is_coded(scored, tiny_framework, one):
    plan = Plan("sessions", "worker_id", target=THIS_CORPUS)
    row = one(trend_table(scored, tiny_framework, per="month", plan=plan), dimension="all")
    assert "without sampling error" in row["reason"]
    assert np.isnan(row["lower"])


@pytest.mark.slow
def test_slopes_of_this_corpus_hold_what_all_codings_would_have_shown(tiny_framework):
    plan = Plan("simulated", "worker_id", target=THIS_CORPUS)
    held = []
    for seed in range(400):
        corpus = simulate(tiny_framework, Design(n_workers=12, slope=0.02), seed)
        scores = score_table(corpus.codings, corpus.segments, corpus.documents, tiny_framework)
        ask = {"per": "month", "plan": plan}
        truth = trend_table(scores, tiny_framework, **ask).query("dimension == 'all'")["estimate"].iloc[0]
        # Seeds of its own: from the corpus's, the same numbers would make the corpus and draw from it.
        drawn = draw_sample(scores, strata="worker_id", share=0.4, rng=np.random.default_rng([seed, 1]))
        sampled = with_sample(scores, drawn)
        row = trend_table(sampled, tiny_framework, labels="probability_sample", **ask).iloc[0]
        held.append(row["lower"] <= truth <= row["upper"])
    assert 0.93 <= np.mean(held) <= 0.97


def test_slopes_by_worker_are_refused(scored, tiny_framework, sessions_plan):
    with pytest.raises(DisclosureError):
        trend_table(scored, tiny_framework, per="month", plan=sessions_plan, group_by=["worker_id"])
