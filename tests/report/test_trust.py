"""The words of the report's section on how far its numbers can be trusted."""

from typing import get_args

from peercompare.report.trust import BASELINES, MODELS
from peercompare.study.settings import ClassifierSection


def test_every_model_that_a_study_may_ask_for_has_words_and_is_no_baseline():
    asked = get_args(ClassifierSection.model_fields["model"].annotation)
    assert set(asked) == set(MODELS) - set(BASELINES)


def test_a_baseline_says_what_it_does_behind_a_colon():
    assert all(words.count(": ") == 1 for words in BASELINES.values())
