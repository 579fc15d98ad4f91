"""What a study says about context: in its tables, withheld with all else, refused where it cannot be."""

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.errors import StudyError
from peercompare.study import read_study
from peercompare.study.context_stage import count_turns
from peercompare.study.questions import check_questions


@pytest.fixture(scope="module")
def estimates(small_results):
    return small_results.table("estimates").query("corpus == 'session_transcripts'")


def test_events_conditions_and_the_adjusted_slope_are_estimated_from_all_and_from_a_sample(estimates):
    for labels in ("all_codings", "probability_sample"):
        mine = estimates[estimates["labels"] == labels].set_index(["estimand", "group"])
        assert {"event_difference", "pretrend_difference", "index_difference", "slope_adjusted"} <= set(
            mine.index.get_level_values("estimand")
        )
        row = mine.loc[("event_difference", "billing_rule")]
        assert np.isfinite(row["estimate"])
        assert row["waiver"]
        assert "an interval needs 8 sites" in row["reason"]


def test_an_event_of_one_worker_is_a_row_with_its_reason(estimates):
    rows = estimates[(estimates["group_by"] == "event") & (estimates["group"] == "second_post")]
    assert rows["estimate"].isna().all()
    assert rows["reason"].str.contains("would speak of persons").all()


def test_no_row_stands_there_twice(small_results):
    from peercompare.study.context_drafts import KEY

    assert not small_results.table("estimates").duplicated(KEY).any()


def test_the_parts_of_the_change_add_up(small_results):
    table = small_results.table("composition")
    whole = table[(table["dimension"] == "all") & (table["labels"] == "all_codings")]
    value = whole.set_index("estimand")["estimate"]
    assert value["change_topic_mix"] + value["change_within_topics"] == pytest.approx(value["change"])
    assert (table["lower"].notna() | (table["reason"] != "")).all()


def test_terms_stand_beside_or_the_reason_why_not(small_results):
    table = small_results.table("composition_terms")
    assert (table["reason"] != "").all() or "contribution" in table


def test_session_measures_stand_beside_the_index_with_what_they_cannot_tell(small_results):
    table = small_results.table("session_measures")
    assert (table["cannot_tell"] != "").all()
    assert {"worker_talk_share", "worker_first_use_share"} <= set(table["estimand"])
    turns = small_results.table("session_turns").iloc[0]
    assert turns["n_turns"] > 0
    assert turns["withheld"] == ""


def test_scores_from_outside_at_three_sites_are_refused(small_results):
    table = small_results.table("external")
    assert table["estimate"].isna().all()
    assert table["reason"].str.contains("at least 5 sites").all()


def test_figures_are_drawn_where_there_is_something_to_draw(small_results):
    names = set(small_results.figure_paths)
    assert "event_billing_rule_session_transcripts" in names
    assert "event_second_post_session_transcripts" not in names
    assert "composition_session_transcripts" in names


def test_turns_of_few_real_people_left_out_are_not_counted(small_study_file):
    sessions = open_corpus(small_study_file.parent / "sessions", as_of="2024-06-30")
    assert 0 < sessions.left_out["person_id"].nunique() < 5
    assert count_turns(sessions)["n_turns_refused"].item() > 0
    row = count_turns(dataclasses.replace(sessions, composed=False)).iloc[0]
    assert "fewer than 5 people" in row["withheld"]
    assert pd.isna(row["n_turns_refused"])
    assert pd.isna(row["n_turns_beside"])


@pytest.fixture(scope="module")
def study_asking(small_study_file, tmp_path_factory):
    """The small study in a folder of this module's own, asking for something else."""
    folder = tmp_path_factory.mktemp("asking") / "study"
    shutil.copytree(small_study_file.parent, folder, ignore=shutil.ignore_patterns("results"))

    def make(right, wrong):
        text = small_study_file.read_text(encoding="utf-8")
        assert right in text
        (folder / "study.toml").write_text(text.replace(right, wrong), encoding="utf-8")
        return read_study(folder / "study.toml")

    return make


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('moderators = ["kind"]', 'moderators = ["knd"]', "did you mean 'kind'?"),
        ('moderators = ["kind"]', 'moderators = ["worker_id"]', "set individuals side by side"),
        ('moderators = ["kind"]', 'moderators = ["kind x setting"]', "is not one column"),
        ('adjust_slope_for = ["kind"]', 'adjust_slope_for = ["kinds"]', "did you mean 'kind'?"),
        ('events = ["billing_rule"', 'events = ["biling_rule"', "did you mean 'billing_rule'?"),
        ('second = "2023"', 'second = "2032"', "no document has year = '2032'"),
        ('second = "2023"', 'second = "2022"', "both groups are the same"),
        ('external = "climate.csv"', 'external = "clima.csv"', "there is no file 'clima.csv'"),
        ('session_groups = ["all"', 'session_groups = ["colour"', "no column 'colour'"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_runs(study_asking, right, wrong, words):
    with pytest.raises(StudyError) as caught:
        check_questions(study_asking(right, wrong))
    assert words in str(caught.value)


def test_turns_cannot_be_asked_of_postings(study_asking):
    postings = 'path = "postings"\n'
    asked = f'{postings}context = {{ session_groups = ["all"], adjust_slope_for = ["setting"] }}\n'
    with pytest.raises(StudyError, match="nobody speaks in this corpus"):
        check_questions(study_asking(postings, asked))


def test_power_tuned_estimates_cannot_be_about_this_corpus_alone(study_asking):
    asked = 'target = "this_corpus"\npath = "postings"'
    study = study_asking('path = "postings"', f"{asked}")
    check_questions(study)
    tuned = study.settings.sample.model_copy(update={"beside": ["ppi"]})
    study = dataclasses.replace(study, settings=study.settings.model_copy(update={"sample": tuned}))
    with pytest.raises(
        StudyError, match="power-tuned estimates speak of workers or employers like these alone"
    ):
        check_questions(study)
