import pytest
from hypothesis import given
from hypothesis import strategies as st

from peercompare.corpus.turns import REDACTED, redact, turns

SPOKEN = "A1: One.\nB1: Two\nand more.\r\nA1:\nB1: Three: four\n"


def test_a_line_without_a_label_goes_on_with_the_turn_above():
    found = [(turn.label, SPOKEN[turn.start : turn.end], turn.line) for turn in turns(SPOKEN)]
    assert found == [("A1", "One.", 1), ("B1", "Two\nand more.", 2), ("A1", "", 4), ("B1", "Three: four", 5)]


def test_words_before_the_first_label_belong_to_nobody():
    assert [(turn.label, turn.start, turn.end) for turn in turns("Hm.\nA1: Yes.")] == [
        ("", 0, 3),
        ("A1", 8, 12),
    ]
    assert turns("") == ()


def test_redaction_keeps_length_labels_line_ends_and_everybody_elses_words():
    text = redact(SPOKEN, {"B1"})
    assert len(text) == len(SPOKEN)
    assert text.startswith("A1: One.\nB1: " + 3 * REDACTED + "\n" + 9 * REDACTED + "\r\nA1:\nB1: " + REDACTED)
    assert "Two" not in text
    assert "four" not in text


def test_a_speaker_who_is_not_there_redacts_nothing():
    assert redact(SPOKEN, {"C1"}) == SPOKEN
    assert redact(SPOKEN, set()) == SPOKEN


spoken_lines = st.lists(
    st.tuples(
        st.sampled_from(["A1: ", "B1: ", ""]), st.text(st.characters(exclude_characters="\r\n"), max_size=12)
    )
)


@given(spoken_lines)
def test_redaction_leaves_every_other_turn_at_its_place(lines):
    text = "\n".join(label + words for label, words in lines)
    hidden = redact(text, {"B1"})
    assert len(hidden) == len(text)
    for turn in turns(text):
        words = hidden[turn.start : turn.end]
        if turn.label == "B1":
            assert set(words) <= {REDACTED, "\n", "\r"}
        else:
            assert words == text[turn.start : turn.end]


@pytest.mark.parametrize("text", ["A1: x", "A1:\tx", "A1:  x  "])
def test_a_turn_has_no_blank_at_either_end(text):
    (turn,) = turns(text)
    assert text[turn.start : turn.end] == "x"
