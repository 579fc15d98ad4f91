"""Pass rates of minimal pairs, on models whose behaviour is known."""

import numpy as np
import pytest

from peercompare.classifier.behaviour import BEHAVIOUR_COLUMNS, behaviour_cases, behaviour_table
from peercompare.classifier.suites import BehaviourTest, Suite
from peercompare.errors import InputError


class Known:
    """Says "managed" the more certainly the more often a text has the word; names nobody but Bo move it."""

    labels = ("none", "managed")

    def probabilities(self, texts):
        managed = [
            0.9 if "warden" in text else 0.1 + 0.6 * ("Bo" in text) + 0.02 * ("not" in text) for text in texts
        ]
        return np.column_stack([1 - np.array(managed), managed])


NAMES = BehaviourTest(
    "names", "names change nothing", "invariance", ("Ann digs", "Ann rests"), (("Ann", "Bo", "Cy"),)
)
FALLS = BehaviourTest(
    "no_warden", "no warden, no order", "direction", ("The warden says so", "The warden is not here"),
    (("warden", "neighbour"),), "managed", "falls",
)  # fmt: skip
RISES = BehaviourTest(
    "slight", "too little", "direction", ("We do dig",), (("do", "do not"),), "managed", "rises"
)
SUITE = Suite("garden2020", "Pairs", 0.05, (NAMES, FALLS, RISES))


@pytest.fixture
def cases():
    return behaviour_cases(Known(), SUITE)


def test_an_invariance_is_passed_where_the_label_stays(cases):
    names = cases[cases["test"] == "names"]
    assert names["after"].tolist() == ["Bo digs", "Cy digs", "Bo rests", "Cy rests"]
    assert names["passed"].tolist() == [False, True, False, True]
    assert names["label_after"].tolist() == ["managed", "none", "managed", "none"]
    assert names["change"].tolist() == pytest.approx([0.6, 0.0, 0.6, 0.0])


def test_a_direction_is_passed_where_the_probability_moves_far_enough(cases):
    directed = cases[cases["kind"] == "direction"].set_index("test")
    assert directed.loc["no_warden", "passed"].tolist() == [True, True]
    assert not directed.loc["slight", "passed"]
    assert directed.loc["slight", "change"] == pytest.approx(0.02)


def test_pass_rates_are_summed_up_by_test_and_by_kind(cases):
    table = behaviour_table(cases, SUITE)
    assert list(table.columns) == BEHAVIOUR_COLUMNS
    found = {(row.test, row.kind): (row.n_passed, row.n_cases, row.n_sentences) for row in table.itertuples()}
    assert found["names", "invariance"] == (2, 4, 2)
    assert found["", "invariance"] == (2, 4, 2)
    assert found["", "direction"] == (2, 3, 3)
    assert table["estimate"].tolist() == pytest.approx((table["n_passed"] / table["n_cases"]).tolist())


def test_cases_of_one_sentence_count_as_one_in_the_interval(cases):
    table = behaviour_table(cases, SUITE).set_index("test")
    alone = behaviour_table(cases, Suite("garden2020", "Pairs", 0.05, (NAMES,))).set_index("test")
    assert table.loc["names", "lower"] == alone.loc["names", "lower"]
    # Wilson's interval for one of two: 0.5 -+ 0.4055
    assert table.loc["names", "lower"] == pytest.approx(0.0945, abs=1e-3)


def test_a_suite_for_other_labels_is_refused():
    strange = BehaviourTest("x", "x", "direction", ("a b",), (("a", "c"),), "clinical", "falls")
    with pytest.raises(InputError, match="labels that the model does not have: clinical"):
        behaviour_cases(Known(), Suite("other", "Pairs", 0.05, (strange,)))


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(cases, level):
    with pytest.raises(InputError, match="confidence_level"):
        behaviour_table(cases, SUITE, confidence_level=level)
