import pytest

from peercompare.corpus import open_corpus
from peercompare.drift import check_groups, read_groupings, score_table
from peercompare.drift.groups import group_columns
from peercompare.errors import DisclosureError, InputError


@pytest.fixture(scope="module")
def postings(corpora_folder):
    return open_corpus(corpora_folder / "job_descriptions", purpose="analysis")


@pytest.fixture(scope="module")
def transcripts(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", purpose="analysis", as_of="2024-06-30")


def test_groups_joined_with_x_are_crossed():
    assert read_groupings(["all", "setting", "site_id x half_year"]) == [
        "all",
        "setting",
        ("site_id", "half_year"),
    ]


def test_groups_that_exist_have_no_problems(postings, transcripts):
    assert check_groups(postings, ["all", "role_type", "period", "employer_id x year", "document_id"]) == []
    assert check_groups(transcripts, ["worker_role", "site_id x half_year", "quarter"]) == []


def test_a_misspelt_group_is_answered_with_the_nearest_and_all_there_are(postings):
    (problem,) = check_groups(postings, ["setting x half_yaer"], where="study.toml, compare")
    assert problem.where == "study.toml, compare"
    assert "'half_yaer'" in problem.what
    assert problem.remedy.startswith("did you mean 'half_year'?")
    assert "employer_id" in problem.remedy


def test_every_wrong_column_is_named_once(transcripts):
    problems = check_groups(transcripts, ["role_type", "mood", "mood x site_id", "worker_id"])
    assert len(problems) == 3
    assert "individuals side by side" in problems[2].what
    assert "worker_id" not in problems[0].remedy


def test_scores_say_which_columns_there_are(garden, gold, tiny_framework):
    codes, segments, documents = garden
    scores = score_table(gold(codes), segments, documents, tiny_framework)
    with pytest.raises(InputError, match="'seting'") as error:
        group_columns(scores, ["seting"])
    assert "did you mean 'setting'?" in error.value.remedy
    assert "share_" not in error.value.remedy
    with pytest.raises(DisclosureError):
        group_columns(scores, ["speaker"])


@pytest.mark.parametrize("name", ["year", "half_year"])
def test_parts_of_a_date_that_nobody_gave_are_asked_for_in_words(garden, gold, tiny_framework, name):
    codes, segments, documents = garden
    scores = score_table(gold(codes), segments, documents.drop(columns="date"), tiny_framework)
    with pytest.raises(InputError, match="made from a column 'date'"):
        group_columns(scores, [name])
