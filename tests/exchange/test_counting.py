import numpy as np
import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.counting import CONVENTIONS, Ruler, named_convention


def test_there_are_twelve_conventions():
    assert len(CONVENTIONS) == 12
    assert next(iter(CONVENTIONS)) == "codepoint-raw-nobom"


def test_half_a_surrogate_pair_is_no_place():
    placement = Ruler("😀b").place(np.array([1]), np.array([3]), CONVENTIONS["utf16-lf-nobom"])
    assert placement.sound.tolist() == [False]


def test_half_a_line_end_takes_in_the_line_end():
    placement = Ruler("a\r\nb").place(np.array([0, 2]), np.array([2, 4]), CONVENTIONS["codepoint-raw-nobom"])
    assert list(zip(placement.starts.tolist(), placement.ends.tolist(), strict=True)) == [(0, 2), (1, 3)]


def test_an_unknown_convention_is_named_with_those_there_are():
    with pytest.raises(ExchangeError, match="utf16-raw-nobom"):
        named_convention("utf-7")


@pytest.mark.parametrize(("convention", "inside"), [("utf16-raw-nobom", [2]), ("utf8-raw-nobom", [2, 3, 4])])
def test_a_position_inside_a_character_is_unsound_and_the_boundary_shown_is_the_one_behind(
    convention, inside
):
    at = np.array(inside)
    placement = Ruler("a\U0001f600b").place(at, at, CONVENTIONS[convention])
    assert not placement.sound.any()
    assert set(placement.starts.tolist()) == {2}
