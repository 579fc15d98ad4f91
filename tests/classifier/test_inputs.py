"""What a classifier reads: texts alone, or texts with what stands around them in the same document."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.inputs import CONTEXT_COLUMNS, INPUT_COLUMNS, as_inputs, document_context
from peercompare.errors import InputError
from peercompare.segments import cut_segments

POSTING = "Peer host\nDuties\n- Opens the house\n- Makes tea\nYou will not:\n- Write notes. Ever.\nPay: $12"
SESSION = "P01: Morning.\nW01: Hi. How was it?\nP02: Bad night.\nW01: Mine too."


def posting():
    documents = pd.DataFrame({"document_id": ["d"], "text": [POSTING]})
    starts = [POSTING.index(words) for words in ("Duties", "Opens", "Makes", "You will", "Write", "Pay")]
    ends = [POSTING.index("\n", start) if start < len(POSTING) - 8 else len(POSTING) for start in starts]
    names = [f"d:{number}" for number in range(len(starts))]
    texts = [POSTING[start:end] for start, end in zip(starts, ends, strict=True)]
    segments = pd.DataFrame(
        {"segment_id": names, "document_id": "d", "start": starts, "end": ends, "text": texts}
    )
    return document_context(segments, documents)


def session(text, deegan):
    documents = pd.DataFrame(
        {
            "document_id": ["s"],
            "text": [text],
            "worker_id": "W",
            "speakers": "W01=W P01=A P02=B",
        }
    )
    return document_context(cut_segments(documents, deegan, "session_transcript"), documents)


def test_texts_alone_have_no_context():
    found = as_inputs(["I was there.", "Sign here."])
    assert list(found.columns) == list(INPUT_COLUMNS)
    assert (found[list(CONTEXT_COLUMNS[:-1])] == "").all(axis=None)
    assert found["position"].isna().all()


@pytest.mark.parametrize(
    "texts",
    [
        ("a", "b"),
        np.array(["a", "b"], dtype=object),
        np.array([["a"], ["b"]], dtype=object),
        pd.Series(["a", "b"], index=[7, 9]),
        pd.DataFrame({"other": [1, 2], "text": ["a", "b"], "before": [None, np.nan]}),
    ],
)
def test_every_form_of_the_same_texts_is_the_same_input(texts):
    pd.testing.assert_frame_equal(as_inputs(texts), as_inputs(["a", "b"]))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("one text", "sequence of texts"),
        (np.array([["a", "b"]], dtype=object), "2 columns"),
        (["a", None], "first: number 2"),
        (pd.DataFrame({"words": ["a"]}), "no column 'text'"),
    ],
)
def test_what_is_no_text_is_refused(texts, said):
    with pytest.raises(InputError, match=said):
        as_inputs(texts)


def test_positions_of_a_plain_table_are_read_as_numbers():
    found = as_inputs(pd.DataFrame({"text": ["a", "b", "c"], "position": ["0.25", "", "7"]}))["position"]
    assert found.tolist()[::2] == [0.25, 1.0]
    assert np.isnan(found[1])


def test_a_heading_stands_over_what_follows_it_until_the_next():
    found = posting()
    assert found["heading"].tolist() == ["", "Duties", "Duties", "Duties", "You will not:", "You will not:"]


def test_lines_of_a_posting_stand_beside_each_other():
    found = posting().loc["d:2"]
    assert (found["before"], found["after"], found["position"]) == ("Opens the house", "You will not:", 0.4)


def test_turns_next_to_a_turn_are_its_context(deegan):
    found = session(SESSION, deegan)
    assert found["before"].tolist() == ["Morning.", "Bad night."]
    assert found["after"].tolist() == ["Bad night.", ""]
    assert found["before_by"].tolist() == ["other", "other"]


def test_a_part_of_a_long_turn_stands_beside_its_other_parts(deegan):
    text = "P01: Well?\nW01: " + "One two three four five. " * 14 + "\nP01: Yes."
    found = session(text, deegan)
    assert found["before_by"].tolist() == ["other", "same"]
    assert found["after"].tolist()[1] == "Yes."
    assert len(found["before"].iloc[1].split()) == 60


def test_a_turn_that_is_blacked_out_is_no_context_and_hides_what_lies_behind_it(deegan):
    text = SESSION.replace("Bad night.", "█" * 10)
    found = session(text, deegan)
    assert found["after"].tolist() == ["", ""]
    assert found["before"].tolist() == ["Morning.", ""]
    assert found["before_by"].tolist() == ["other", ""]
