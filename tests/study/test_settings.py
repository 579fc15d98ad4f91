"""A study file says only what it may, and every fault is named at once."""

import pytest

from peercompare.errors import StudyError
from peercompare.study.settings import read_settings

GOOD = """
[study]
title = "A study"
as_of = 2024-06-30

[[corpus]]
path = "corpus"
slope = { unit = "month" }
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_default_study_is_valid(request):
    settings = read_settings(request.config.rootpath / "notebooks" / "study.toml")
    assert [s.path for s in settings.corpus] == [
        "../corpora/job_descriptions",
        "../corpora/session_transcripts",
    ]
    assert str(settings.study.as_of) == "2024-06-30"


def test_defaults_fill_what_a_short_file_leaves_out(written):
    settings = read_settings(written(GOOD))
    assert settings.study.consent_policy == "exclude"
    assert settings.study.waive_small_cells_if_composed is False


@pytest.mark.parametrize(
    ("wrong", "right", "hint"),
    [
        ("title =", "titel =", "did you mean 'title'?"),
        ("slope =", "slop =", "did you mean 'slope'?"),
        ('unit = "month"', 'unti = "month"', "did you mean 'unit'?"),
        ("[study]", "[studdy]", "did you mean 'study'?"),
    ],
)
def test_a_misspelt_key_is_an_error_that_names_the_right_one(written, wrong, right, hint):
    with pytest.raises(StudyError) as caught:
        read_settings(written(GOOD.replace(wrong, right)))
    assert any(problem.remedy == hint for problem in caught.value.problems)
    assert "study.toml" in str(caught.value)


def test_a_corpus_is_spoken_of_for_workers_like_these_unless_it_alone_is_asked_for(written):
    assert read_settings(written(GOOD)).corpus[0].target == "like_these"
    asked = GOOD.replace('path = "corpus"', 'path = "corpus"\ntarget = "this_corpus"')
    assert read_settings(written(asked)).corpus[0].target == "this_corpus"
    with pytest.raises(StudyError, match="target = 'this_corpora': input should be 'like_these' or"):
        read_settings(written(asked.replace("this_corpus", "this_corpora")))


def test_all_faults_are_given_in_one_go(written):
    text = GOOD.replace("2024-06-30", '"soon"').replace('"month"', '"week"').replace("path =", "pth =")
    with pytest.raises(StudyError) as caught:
        read_settings(written(text))
    assert len(caught.value.problems) == 4


def test_the_day_of_consent_is_never_today_unasked(written):
    with pytest.raises(StudyError, match="'as_of' is missing"):
        read_settings(written(GOOD.replace("as_of = 2024-06-30", "")))


@pytest.mark.parametrize("text", ["[study", "\x00"])
def test_a_file_that_is_not_toml_is_refused(written, text):
    with pytest.raises(StudyError, match="not a readable TOML file"):
        read_settings(written(text))


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(StudyError, match="There is no study file at"):
        read_settings(tmp_path / "nothing.toml")


def test_a_model_on_embeddings_needs_an_encoder_and_the_n_gram_model_has_none(written):
    named = read_settings(written(GOOD + '[classifier]\nmodel = "stack"\nencoder = "minilm"\n')).classifier
    assert (named.model, named.encoder) == ("stack", "minilm")
    with pytest.raises(StudyError, match="the model stack needs an encoder"):
        read_settings(written(GOOD + '[classifier]\nmodel = "stack"\n'))
    with pytest.raises(StudyError, match="the n-gram model has no encoder"):
        read_settings(written(GOOD + '[classifier]\nencoder = "minilm"\n'))


def test_a_figure_may_have_alternative_text_of_ones_own(written):
    own = '\n[figures.shares_corpus]\nalt = "  Most cells of the first column are dark. "\n'
    settings = read_settings(written(GOOD + own))
    assert settings.figures["shares_corpus"].alt == "Most cells of the first column are dark."


@pytest.mark.parametrize("line", ['alt = ""', 'alt = "Figure 2"', 'alternative = "Dark cells."'])
def test_alternative_text_that_says_nothing_is_refused(written, line):
    with pytest.raises(StudyError, match=r"\[figures.shares_corpus\]"):
        read_settings(written(f"{GOOD}\n[figures.shares_corpus]\n{line}\n"))
