import numpy as np
import pandas as pd
import pytest

from peercompare.drift import (
    draw_sample,
    population,
    score_table,
    with_periods,
    with_predictions,
    with_role_types,
    with_sample,
)
from peercompare.errors import CodingError, InputError, UndefinedError


@pytest.fixture
def scored(garden, gold, tiny_framework):
    codes, segments, documents = garden
    return score_table(gold(codes), segments, documents, tiny_framework)


def test_every_segment_counts_for_the_label_of_its_code(scored):
    shares = scored.set_index("segment_id").filter(like="share_")
    assert shares.loc["D1:1"].to_dict() == {
        "share_none": 0,
        "share_shared": 1,
        "share_both": 0,
        "share_managed": 0,
    }
    assert shares.sum().to_dict() == {"share_none": 1, "share_shared": 2, "share_both": 1, "share_managed": 3}
    assert scored["taking"].tolist() == [True, True, False, True, True, True, True]


def test_no_segment_is_dropped_and_one_that_is_not_coded_is_missing_not_none(garden, gold, tiny_framework):
    codes, segments, documents = garden
    codes["D3:2"] = None
    scores = score_table(gold(codes), segments, documents, tiny_framework).set_index("segment_id")
    assert len(scores) == 7
    assert not scores.loc["D3:2", "coded"]
    assert scores.filter(like="share_").loc["D3:2"].isna().all()


def test_texts_and_titles_are_not_carried_along(scored):
    assert not {"text", "title"} & set(scored)


def test_the_callers_tables_are_left_as_they_were(garden, gold, tiny_framework):
    codes, segments, documents = garden
    before = documents.copy(), segments.copy()
    score_table(gold(codes), segments, documents, tiny_framework)
    pd.testing.assert_frame_equal(documents, before[0])
    pd.testing.assert_frame_equal(segments, before[1])


def test_dates_become_calendar_groups_and_no_date_is_a_group_of_its_own(scored):
    by_document = with_periods(scored, years=5).drop_duplicates("document_id").set_index("document_id")
    assert by_document["year"].tolist() == ["2020", "2022", "not given"]
    assert by_document["half_year"].tolist() == ["2020-H1", "2022-H2", "not given"]
    assert by_document["quarter"].tolist() == ["2020-Q1", "2022-Q3", "not given"]
    assert by_document["period"].tolist() == ["2020-2024", "2020-2024", "not given"]


def test_without_required_gives_no_weight_to_what_law_or_payer_demands(garden, gold, tiny_framework):
    codes, segments, documents = garden
    tagged = gold(codes, tags={"D2:1": "by_bylaw", "D1:1": "other"})
    scores = score_table(tagged, segments, documents, tiny_framework, variant="without_required")
    scores = scores.set_index("segment_id")
    assert scores.filter(like="share_").loc["D2:1"].sum() == 0
    assert scores.filter(like="share_").loc["D1:1"].sum() == 1
    assert scores["changed"].sum() == 1
    assert scores.loc["D2:1", "changed"]


def test_ties_are_split_between_their_stances(garden, gold, tiny_framework):
    codes, segments, documents = garden
    tied = gold(codes, further={"D2:1": "tools/shared"})
    as_coded = score_table(tied, segments, documents, tiny_framework).set_index("segment_id")
    split = score_table(tied, segments, documents, tiny_framework, variant="ties_split").set_index(
        "segment_id"
    )
    assert as_coded.loc["D2:1", "share_managed"] == 1
    assert split.loc["D2:1", ["share_shared", "share_managed"]].tolist() == [0.5, 0.5]
    assert split.loc["D2:1", "dimension"] == "tools"
    assert split["changed"].sum() == 1


def test_an_unknown_variant_is_refused(garden, gold, tiny_framework):
    codes, segments, documents = garden
    with pytest.raises(InputError, match="as_coded, without_required, ties_split"):
        score_table(gold(codes), segments, documents, tiny_framework, variant="softened")


def test_segments_of_no_document_are_refused_by_name(garden, gold, tiny_framework):
    codes, segments, documents = garden
    with pytest.raises(CodingError, match="D3:1"):
        score_table(gold(codes), segments, documents.head(2), tiny_framework)


def test_a_sample_hides_the_codings_that_were_not_drawn(scored):
    sample = draw_sample(scored, strata="employer_id", share=0.5, rng=3)
    sampled = with_sample(scored, sample)
    hidden = ~sampled["coded"]
    assert hidden.sum() == 3
    assert sampled.loc[hidden].filter(like="share_").isna().all(axis=None)
    assert sampled.loc[hidden, ["code", "dimension"]].isna().all(axis=None)
    assert sampled["pi"].between(0, 1, inclusive="right").all()
    assert scored["coded"].all()


def test_a_corpuss_record_of_draws_is_joined_and_picks_for_training_are_refused(scored):
    sample = draw_sample(scored, strata="employer_id", share=0.5, rng=3)
    record = sample.assign(wave=1, use="inference", predictions_sha256="")
    picked = sample.iloc[:2].assign(wave=2, use="training", predictions_sha256="", pi=np.nan, sampled=True)
    joined = with_sample(scored, pd.concat([record, picked]))
    assert joined.equals(with_sample(scored, sample))
    with pytest.raises(InputError, match="wave 2: was picked for training"):
        with_sample(scored, picked)


def test_a_sampled_segment_that_nobody_coded_is_refused(garden, gold, tiny_framework):
    codes, segments, documents = garden
    codes["D3:2"] = None
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    everything = draw_sample(scores, strata="employer_id", share=1.0, rng=3)
    with pytest.raises(CodingError, match="D3:2"):
        with_sample(scores, everything)


def test_a_sample_of_other_segments_is_refused(scored):
    sample = draw_sample(scored.head(4), strata="employer_id", share=0.5, rng=3)
    with pytest.raises(CodingError, match="no probability of being sampled"):
        with_sample(scored, sample)


@pytest.fixture
def predictions(scored, tiny_framework):
    table = pd.DataFrame(0.25, index=range(len(scored)), columns=list(tiny_framework.labels))
    return table.assign(segment_id=scored["segment_id"])


def test_predictions_are_joined_by_segment_whatever_their_order(scored, predictions, tiny_framework):
    predictions.loc[3, "managed"] = 0.9
    joined = with_predictions(scored, predictions.iloc[::-1], tiny_framework)
    assert joined["p_managed"].tolist() == [0.25, 0.25, 0.25, 0.9, 0.25, 0.25, 0.25]


def test_a_segment_without_prediction_is_refused_by_name(scored, predictions, tiny_framework):
    with pytest.raises(CodingError, match="D3:3"):
        with_predictions(scored, predictions.head(6), tiny_framework)


def test_a_segment_predicted_twice_is_refused(scored, predictions, tiny_framework):
    with pytest.raises(CodingError, match="more than once"):
        with_predictions(scored, pd.concat([predictions, predictions.head(1)]), tiny_framework)


def test_predictions_that_lack_a_label_are_refused(scored, predictions, tiny_framework):
    with pytest.raises(InputError, match="both"):
        with_predictions(scored, predictions.drop(columns="both"), tiny_framework)


def test_a_population_is_kept_and_named(scored):
    chosen = population(scored, "employer_id", "A", words="postings of A")
    assert set(chosen["document_id"]) == {"D1", "D2"}
    assert set(chosen["population"]) == {"postings of A"}


def test_a_population_of_nobody_is_undefined(scored):
    with pytest.raises(UndefinedError, match="no segments of bakers"):
        population(scored, "employer_id", "Z", words="bakers")


def test_role_types_are_those_of_one_coder_and_a_gap_is_named(scored):
    role_types = pd.DataFrame(
        {
            "document_id": ["D1", "D1", "D2"],
            "coder_id": ["gold", "coder_a", "gold"],
            "role_type": ["digger", "planner", "planner"],
        }
    )
    typed = with_role_types(scored, role_types).drop_duplicates("document_id")
    assert typed["role_type"].tolist() == ["digger", "planner", "not given"]


def test_shares_of_every_variant_sum_to_one_or_to_nothing(garden, gold, tiny_framework):
    codes, segments, documents = garden
    coded = gold(codes, tags={"D2:1": "by_bylaw"}, further={"D3:2": "tools/shared"})
    for variant in ("as_coded", "without_required", "ties_split"):
        scores = score_table(coded, segments, documents, tiny_framework, variant=variant)
        sums = scores.filter(like="share_").sum(axis=1)
        assert np.isin(sums, [0.0, 1.0]).all()


def test_periods_without_dates_are_refused_in_words(garden, gold, tiny_framework):
    codes, segments, documents = garden
    scores = score_table(gold(codes), segments, documents.drop(columns="date"), tiny_framework)
    with pytest.raises(InputError, match="no column 'date' to make periods from"):
        with_periods(scores, years=5)
