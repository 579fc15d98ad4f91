"""A worksheet knows right from wrong without holding an answer, and never gives one away."""

import inspect
from types import SimpleNamespace

import pandas as pd
import pytest

from peercompare import worksheet
from peercompare.errors import InputError
from peercompare.worksheet import QUESTIONS, Worksheet, practice_codes

BY_HAND = list(QUESTIONS)[:5]


def row(**given):
    return {"corpus": "c", "reason": "", "estimate": 0.2, "lower": -0.1, "upper": 0.35} | given


WHOLE = {"group_by": "all", "dimension": "all", "variant": "as_coded", "labels": "all_codings"}


def tables(**changed):
    made = {
        "agreement": [row(scope="overall", level="stance", coefficient="alpha", estimate=0.887)],
        "estimates": [
            row(estimand="index", n_clusters=8, **WHOLE),
            row(estimand="slope", n_clusters=8, **WHOLE, lower=0.01),
            row(estimand="index", n_clusters=4, **(WHOLE | {"group_by": "site_id"})),
        ],
        "scores": [
            row(model="ngram", score="macro_f1", truth="gold", label=None, estimate=0.61),
            row(model="majority", score="macro_f1", truth="gold", label=None, estimate=0.2),
        ],
    } | changed
    return SimpleNamespace(table=lambda name: pd.DataFrame(made[name]))


@pytest.fixture
def sheet(deegan):
    return Worksheet(deegan, tables(), "c", seed=5)


def by_hand(sheet):
    """The answers that a student works out, by looking at the twelve codes one by one."""
    peer = overlap = clinical = alike = 0
    for _, first, second in sheet.practice.itertuples(index=False):
        peer += first == "peer"
        overlap += first == "overlap"
        clinical += first == "clinical"
        alike += first == second
    taking = peer + overlap + clinical
    index = (clinical - peer) / taking
    return dict(
        zip(
            BY_HAND,
            [taking, clinical / taking, index, index + 0.25 * overlap / taking, alike / 12],
            strict=True,
        )
    )


@pytest.mark.parametrize("seed", range(5))
def test_sums_by_hand_are_right(deegan, seed):
    sheet = Worksheet(deegan, tables(), "c", seed=seed)
    for question, answer in by_hand(sheet).items():
        assert sheet.check_answer(question, round(answer, 2)).right is True


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("alpha", 0.89),
        ("width_of_the_interval", 0.45),
        ("clusters", 8),
        ("slope_may_be_zero", "no"),
        ("lead_of_the_classifier", 0.41),
        ("lead_of_the_classifier", "41%"),
        ("alpha", " 88.7 % "),
    ],
)
def test_what_the_tables_say_is_right(sheet, question, answer):
    assert sheet.check_answer(question, answer).right is True


def test_a_wrong_answer_is_told_how_far_off_and_not_the_right_one(sheet):
    told = sheet.check_answer("width_of_the_interval", 0.3)
    assert told.right is False
    assert repr(told) == "width_of_the_interval: too low, by about 0.1. Try again."
    assert "too high, by about 0.05" in repr(sheet.check_answer("width_of_the_interval", 0.5))
    assert sheet.check_answer("slope_may_be_zero", "Yes").right is False


def test_a_tolerance_can_be_given(sheet):
    assert sheet.check_answer("alpha", 0.9).right is False
    assert sheet.check_answer("alpha", 0.9, tolerance=0.02).right is True


def test_no_answer_is_neither_right_nor_wrong(sheet):
    for question in QUESTIONS:
        assert sheet.check_answer(question, None).right is None


def test_a_minus_sign_may_be_a_true_one(deegan):
    sheet = next(
        found for seed in range(50) if by_hand(found := Worksheet(deegan, tables(), "c", seed))["index"] < 0
    )
    answer = f"{by_hand(sheet)['index']:.3f}".replace("-", "−")
    assert sheet.check_answer("index", answer).right is True


@pytest.mark.parametrize("answer", ["much", "0,42", True, float("nan"), [0.4], ""])
def test_an_answer_that_is_no_number_is_refused_with_the_forms_there_are(sheet, answer):
    with pytest.raises(InputError, match=r"is not a number[\s\S]*0\.42, '42%'"):
        sheet.check_answer("alpha", answer)


def test_a_question_that_is_not_there_is_refused_with_those_that_are(sheet):
    with pytest.raises(InputError, match="the questions are segments_with_a_stance, "):
        sheet.check_answer("alhpa", 1)
    with pytest.raises(InputError, match="answer 'yes' or 'no'"):
        sheet.check_answer("slope_may_be_zero", "perhaps")


def test_where_the_study_gives_no_number_its_reason_is_told(deegan):
    nothing = float("nan")
    few = row(estimand="index", n_clusters=4, **WHOLE, lower=nothing, upper=nothing)
    results = tables(
        estimates=[few | {"reason": "fewer than five"}],
        agreement=[row(scope="overall", level="stance", coefficient="alpha", estimate=nothing)
                   | {"reason": "one value alone"}],
    )  # fmt: skip
    sheet = Worksheet(deegan, results, "c")
    for question, reason in [("clusters", "fewer than five"), ("alpha", "one value alone")]:
        told = sheet.check_answer(question, 1)
        assert told.right is None
        assert reason in repr(told)
    assert "no such row" in repr(sheet.check_answer("slope_may_be_zero", "yes"))


@pytest.mark.parametrize("seed", range(20))
def test_practice_codes_hold_every_label_and_coders_part_on_some(deegan, tiny_framework, seed):
    for framework in (deegan, tiny_framework):
        codes = practice_codes(framework, seed)
        assert len(codes) == 12
        assert set(codes["coder_a"]) == {framework.none.id, *framework.stance_ids}
        assert 2 <= (codes["coder_a"] != codes["coder_b"]).sum() <= 4
    assert practice_codes(deegan, seed).equals(practice_codes(deegan, seed))
    assert not practice_codes(deegan, seed).equals(practice_codes(deegan, seed + 1))


def test_no_right_answer_stands_in_the_module(sheet):
    source = inspect.getsource(worksheet)
    assert "0.887" not in source
    assert list(sheet.questions().columns) == ["question", "words", "tolerance"]
    assert sheet.questions()["question"].tolist() == list(QUESTIONS)
