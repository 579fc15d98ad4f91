import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from peercompare.drift import (
    COLUMNS,
    THIS_CORPUS,
    Design,
    Plan,
    draw_sample,
    estimate_table,
    population,
    score_table,
    simulate,
    with_predictions,
    with_sample,
)
from peercompare.errors import DisclosureError, InputError, UndefinedError


@pytest.fixture
def scored(garden, gold, tiny_framework):
    codes, segments, documents = garden
    return score_table(gold(codes), segments, documents, tiny_framework)


@pytest.fixture
def by_session(sessions, gold, tiny_framework):
    codes, segments, documents = sessions
    return score_table(gold(codes), segments, documents, tiny_framework)


@pytest.fixture(scope="module")
def simulated(tiny_framework):
    corpus = simulate(tiny_framework, Design(n_workers=12, segments=15), 8)
    scores = score_table(corpus.codings, corpus.segments, corpus.documents, tiny_framework)
    return with_predictions(scores, corpus.predictions, tiny_framework)


def values(table, dimension="all"):
    chosen = table[table["dimension"] == dimension]
    return chosen.set_index("estimand")["estimate"].to_dict()


def test_shares_and_index_are_those_worked_out_by_hand(scored, tiny_framework, postings_plan):
    # Six stance-taking segments: two shared, one both, three managed; one none of seven.
    found = values(estimate_table(scored, tiny_framework, plan=postings_plan))
    assert_allclose(
        [found[f"share_{label}"] for label in tiny_framework.labels], [1 / 7, 2 / 6, 1 / 6, 3 / 6]
    )
    # The framework values "both" at 0.2 on the index.
    assert_allclose(found["index"], (3 - 2 + 0.2) / 6)
    assert_allclose(found["index_overlap_low"], (3 - 2 - 0.25) / 6)
    assert_allclose(found["index_overlap_high"], (3 - 2 + 0.25) / 6)


def test_shares_within_a_dimension_are_of_its_segments(scored, tiny_framework, postings_plan):
    table = estimate_table(scored, tiny_framework, plan=postings_plan)
    assert values(table, "tools")["share_managed"] == pytest.approx(2 / 4)
    assert values(table, "harvest")["share_managed"] == pytest.approx(1 / 2)
    assert set(table.loc[table["dimension"] == "tools", "n_segments"]) == {4}


def test_rows_have_the_columns_of_the_estimates_table(scored, tiny_framework, postings_plan):
    table = estimate_table(scored, tiny_framework, plan=postings_plan)
    assert tuple(table) == COLUMNS
    assert set(table["corpus"]) == {"garden"}
    assert set(table["labels"]) == {"all_codings"}
    assert table["n_workers"].isna().all()


def test_dimensions_can_be_left_out(scored, tiny_framework, postings_plan):
    table = estimate_table(scored, tiny_framework, plan=postings_plan, dimensions=False)
    assert set(table["dimension"]) == {"all"}


def test_two_employers_give_a_point_for_this_corpus_and_say_why_there_is_no_interval(
    scored, tiny_framework, postings_plan, one
):
    row = one(estimate_table(scored, tiny_framework, plan=postings_plan), estimand="index", dimension="all")
    assert np.isnan(row["lower"])
    assert "at least five employers and this rests on 2" in row["reason"]
    assert row["target"] == "this corpus"


def test_a_group_without_stance_taking_segments_stays_in_the_table_with_a_reason(
    garden, gold, tiny_framework, postings_plan, one
):
    codes, segments, documents = garden
    codes["D2:1"] = "none"
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    table = estimate_table(scores, tiny_framework, plan=postings_plan, group_by=["document_id"])
    row = one(table, group="D2", estimand="index", dimension="all")
    assert np.isnan(row["estimate"])
    assert row["reason"] == "no stance-taking segments here"
    assert one(table, group="D2", estimand="share_none", dimension="all")["estimate"] == 1


def test_a_missing_value_is_a_group_of_its_own(scored, tiny_framework, postings_plan, one):
    table = estimate_table(scored, tiny_framework, plan=postings_plan, group_by=["setting"])
    assert one(table, group="not given", estimand="share_none", dimension="all")["n_segments"] == 3
    assert one(table, group="plot", estimand="share_none", dimension="all")["n_segments"] == 4


def test_two_columns_make_a_crossed_grouping(scored, tiny_framework, postings_plan):
    table = estimate_table(scored, tiny_framework, plan=postings_plan, group_by=[("employer_id", "year")])
    assert set(table["group_by"]) == {"employer_id x year"}
    assert set(table["group"]) == {"A | 2020", "A | 2022", "B | not given"}


def test_segments_that_are_not_coded_are_counted_in_the_reason(
    garden, gold, tiny_framework, postings_plan, one
):
    codes, segments, documents = garden
    codes["D3:2"] = None
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    row = one(estimate_table(scores, tiny_framework, plan=postings_plan), estimand="index", dimension="all")
    assert "1 of 7 segments are not coded" in row["reason"]
    assert row["n_coded"] == 5


def test_the_interval_names_the_clusters_it_generalises_to(by_session, tiny_framework, sessions_plan, one):
    chosen = population(by_session, "site_id", ["N", "S", "E"], words="garden hands")
    table = estimate_table(chosen, tiny_framework, plan=sessions_plan)
    row = one(table, estimand="share_shared", dimension="all")
    assert row["target"] == "workers like these (garden hands)"
    assert row["lower"] < row["estimate"] < row["upper"]
    assert row["n_workers"] == 9
    assert "jackknife over workers" in row["method"]


def test_sites_with_few_workers_are_withheld_and_so_is_what_would_give_them_away(
    by_session, tiny_framework, sessions_plan
):
    table = estimate_table(by_session, tiny_framework, plan=sessions_plan, group_by=["all", "site_id"])
    index = table[(table["estimand"] == "index") & (table["dimension"] == "all")].set_index("group")
    # N has six workers, S two and E one: all less N would show the three.
    assert index["estimate"].notna().to_dict() == {"all": True, "E": False, "N": False, "S": False}
    assert index.loc["S", "reason"].startswith("withheld: it rests on fewer than 5 workers")
    assert index.loc["N", "reason"].startswith("withheld: the difference")
    assert not index["waiver"].any()
    assert index["lower"].isna().sum() == 3
    assert index["n_segments"].isna().sum() == 3


def test_a_single_grouping_is_judged_as_if_the_whole_were_known(by_session, tiny_framework, sessions_plan):
    table = estimate_table(by_session, tiny_framework, plan=sessions_plan, group_by=["site_id"])
    assert table.loc[table["dimension"] == "all", "estimate"].isna().all()


def test_a_composed_corpus_may_waive_and_its_rows_say_so(by_session, tiny_framework):
    plan = Plan("sessions", "worker_id", composed=True, waive=True)
    table = estimate_table(by_session, tiny_framework, plan=plan, group_by=["all", "site_id"])
    index = table[(table["estimand"] == "index") & (table["dimension"] == "all")].set_index("group")
    assert index["estimate"].notna().all()
    assert index["waiver"].to_dict() == {"all": False, "E": True, "N": True, "S": True}


def test_a_waiver_for_a_corpus_of_real_people_is_refused(by_session, tiny_framework):
    with pytest.raises(DisclosureError, match="cannot be waived"):
        estimate_table(by_session, tiny_framework, plan=Plan("sessions", "worker_id", waive=True))


def test_grouping_by_worker_is_refused_even_under_a_waiver(by_session, tiny_framework):
    plan = Plan("sessions", "worker_id", composed=True, waive=True)
    with pytest.raises(DisclosureError, match="worker_id"):
        estimate_table(by_session, tiny_framework, plan=plan, group_by=[("site_id", "worker_id")])


def test_a_variant_that_changes_one_workers_segment_is_withheld(
    sessions, gold, tiny_framework, sessions_plan, one
):
    codes, segments, documents = sessions
    tagged = gold(codes, tags={"D11:1": "by_bylaw"})
    scores = score_table(tagged, segments, documents, tiny_framework, variant="without_required")
    table = estimate_table(scores, tiny_framework, plan=sessions_plan)
    assert "variant" in one(table, estimand="index", dimension="all")["reason"]
    assert "variant" in one(table, estimand="index", dimension="tools")["reason"]
    assert "withheld" not in one(table, estimand="index", dimension="harvest")["reason"]


def test_without_required_leaves_the_tagged_segments_out_of_every_denominator(
    garden, gold, tiny_framework, postings_plan
):
    codes, segments, documents = garden
    tagged = gold(codes, tags={"D2:1": "by_bylaw", "D1:3": "by_bylaw"})
    scores = score_table(tagged, segments, documents, tiny_framework, variant="without_required")
    found = values(estimate_table(scores, tiny_framework, plan=postings_plan))
    assert found["share_managed"] == pytest.approx(2 / 5)
    assert found["share_none"] == 0


def test_a_full_probability_sample_gives_the_estimates_of_all_codings(simulated, tiny_framework):
    plan = Plan("simulated", "worker_id")
    everything = draw_sample(simulated, strata="worker_id", share=1.0, rng=1)
    plain = estimate_table(simulated, tiny_framework, plan=plan)
    sampled = estimate_table(
        with_sample(simulated, everything), tiny_framework, plan=plan, labels="probability_sample"
    )
    for column in ("estimate", "lower", "upper", "n_segments", "n_coded"):
        assert_allclose(plain[column].astype(float), sampled[column].astype(float))


def test_over_many_samples_the_rectified_estimates_centre_on_those_of_all_codings(simulated, tiny_framework):
    plan = Plan("simulated", "worker_id")
    target = values(estimate_table(simulated, tiny_framework, plan=plan, dimensions=False))
    draws = []
    for seed in range(40):
        sampled = with_sample(simulated, draw_sample(simulated, strata="worker_id", share=0.25, rng=seed))
        table = estimate_table(
            sampled, tiny_framework, plan=plan, labels="probability_sample", dimensions=False
        )
        draws.append(values(table))
    draws = pd.DataFrame(draws)
    error = draws.std() / np.sqrt(len(draws))
    assert ((draws.mean() - pd.Series(target)).abs() < 4 * error).all()


def test_shares_of_the_stances_sum_to_one_whatever_the_labels(simulated, tiny_framework):
    plan = Plan("simulated", "worker_id")
    sampled = with_sample(simulated, draw_sample(simulated, strata="worker_id", share=0.3, rng=4))
    for labels in ("probability_sample", "predicted_only"):
        found = values(estimate_table(sampled, tiny_framework, plan=plan, labels=labels))
        total = sum(found[f"share_{stance}"] for stance in tiny_framework.stance_ids)
        assert total == pytest.approx(1)


def test_this_corpus_has_the_narrower_interval_of_label_sampling_alone(simulated, tiny_framework, one):
    sampled = with_sample(simulated, draw_sample(simulated, strata="worker_id", share=0.5, rng=4))
    rows = {}
    for target in ("like_these", THIS_CORPUS):
        plan = Plan("simulated", "worker_id", target=target)
        table = estimate_table(sampled, tiny_framework, plan=plan, labels="probability_sample")
        rows[target] = one(table, estimand="index", dimension="all")
    wide, narrow = rows["like_these"], rows[THIS_CORPUS]
    assert narrow["estimate"] == wide["estimate"]
    assert narrow["upper"] - narrow["lower"] < wide["upper"] - wide["lower"]
    assert narrow["target"] == "this corpus"


def test_this_corpus_is_counted_where_all_is_coded(simulated, tiny_framework, one):
    plan = Plan("simulated", "worker_id", target=THIS_CORPUS)
    row = one(estimate_table(simulated, tiny_framework, plan=plan), estimand="index", dimension="all")
    assert np.isnan(row["lower"])
    assert "without sampling error" in row["reason"]


def test_predictions_alone_are_labelled_as_biased(simulated, tiny_framework):
    table = estimate_table(
        simulated, tiny_framework, plan=Plan("simulated", "worker_id"), labels="predicted_only"
    )
    assert table["method"].str.contains("biased").all()
    assert set(table["n_coded"]) == {0}
    assert set(table["dimension"]) == {"all"}


def test_predictions_have_no_variant_without_codings(simulated, tiny_framework):
    with pytest.raises(UndefinedError, match="known from codings alone"):
        estimate_table(
            simulated.assign(variant="ties_split"),
            tiny_framework,
            plan=Plan("simulated", "worker_id"),
            labels="predicted_only",
        )


def test_a_sample_passed_off_as_all_codings_is_refused(simulated, tiny_framework):
    sampled = with_sample(simulated, draw_sample(simulated, strata="worker_id", share=0.3, rng=4))
    with pytest.raises(InputError, match="hold a sample"):
        estimate_table(sampled, tiny_framework, plan=Plan("simulated", "worker_id"))


def test_gaps_passed_off_as_a_probability_sample_are_refused(garden, gold, tiny_framework, postings_plan):
    codes, segments, documents = garden
    codes["D3:2"] = None
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    with pytest.raises(InputError, match="with_sample"):
        estimate_table(scores, tiny_framework, plan=postings_plan, labels="probability_sample")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_by": ["nowhere"]}, "nowhere"),
        ({"labels": "guesses"}, "guesses"),
        ({"labels": "predicted_only"}, "with_predictions"),
        ({"plan": Plan("garden", "farm_id")}, "farm_id"),
        ({"plan": Plan("garden", "employer_id", target="everyone")}, "everyone"),
        ({"plan": Plan("garden", "employer_id", confidence_level=1.0)}, "confidence level"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(scored, tiny_framework, postings_plan, options, message):
    with pytest.raises(InputError, match=message):
        estimate_table(scored, tiny_framework, **{"plan": postings_plan} | options)


def test_a_document_without_its_cluster_is_refused(garden, gold, tiny_framework, postings_plan):
    codes, segments, documents = garden
    documents.loc[0, "employer_id"] = None
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    with pytest.raises(InputError, match="3 segments have no employer_id"):
        estimate_table(scores, tiny_framework, plan=postings_plan)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_segments_and_the_names_of_workers_do_not_matter(simulated, tiny_framework, seed):
    plan = Plan("simulated", "worker_id")
    sampled = with_sample(simulated, draw_sample(simulated, strata="worker_id", share=0.4, rng=seed))
    expected = estimate_table(sampled, tiny_framework, plan=plan, labels="probability_sample")
    moved = sampled.sample(frac=1.0, random_state=seed).reset_index(drop=True)
    moved["worker_id"] = moved["worker_id"].map(lambda name: "x" + name[::-1])
    again = estimate_table(moved, tiny_framework, plan=plan, labels="probability_sample")
    columns = ["estimate", "lower", "upper"]
    assert_allclose(again[columns].to_numpy(float), expected[columns].to_numpy(float), atol=1e-9)
