import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.corpus import open_corpus
from peercompare.corpus.turns import REDACTED, turns
from peercompare.errors import CorpusError
from peercompare.segments import LIST_MARKER, cut_segments, sentences

POSTING = """Peer Mentor (20 hours)
WHO WE ARE
We are a drop-in. Dr. Lee said "Come in." People do!
- Be around. Make coffee.
2) Walk along, e.g. to court.
* Listen
"""


def postings(*texts):
    return pd.DataFrame({"document_id": [f"J{n}" for n in range(1, len(texts) + 1)], "text": list(texts)})


def session(text, worker="V1", speakers="A1=V1 B1=P1"):
    return pd.DataFrame(
        {"document_id": ["T1"], "text": [text], "worker_id": [worker], "speakers": [speakers]}
    )


def test_items_stay_whole_sentences_are_cut_and_the_title_is_left_out(deegan):
    table = cut_segments(postings(POSTING), deegan, "job_description")
    assert table["text"].tolist() == [
        "WHO WE ARE",
        "We are a drop-in.",
        'Dr. Lee said "Come in."',
        "People do!",
        "Be around. Make coffee.",
        "Walk along, e.g. to court.",
        "Listen",
    ]
    assert table["segment_id"].tolist()[:2] == ["J1:001", "J1:002"]
    assert table["position"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert "speaker" not in table.columns


def test_the_unit_is_read_from_the_framework(tiny_framework):
    table = cut_segments(postings("Notice\nOne. Two."), tiny_framework, "garden_note")
    assert table["text"].tolist() == ["One.", "Two."]
    with pytest.raises(CorpusError, match="garden_note"):
        cut_segments(postings("x"), tiny_framework, "session_transcript")


def test_only_the_workers_turns_are_cut_unless_all_are_asked_for(deegan):
    documents = session("A1: One. Two.\nB1: Three.\nA1:\nA1: Four.\n")
    worker = cut_segments(documents, deegan, "session_transcript")
    assert worker[["speaker", "text"]].to_numpy().tolist() == [["A1", "One. Two."], ["A1", "Four."]]
    everybody = cut_segments(documents, deegan, "session_transcript", whose="all")
    assert everybody["speaker"].tolist() == ["A1", "B1", "A1"]


def test_a_long_turn_is_cut_at_sentence_ends_into_as_few_parts_as_fit(deegan):
    sentence = "One two three four five six seven eight nine ten."
    text = "A1: " + " ".join([sentence] * 13)
    table = cut_segments(session(text), deegan, "session_transcript")
    assert [len(part.split()) for part in table["text"]] == [60, 60, 10]
    assert (table["text"].str.endswith("ten.")).all()


def test_a_sentence_too_long_for_a_part_is_cut_at_a_comma_or_else_at_a_blank(deegan):
    with_comma = "A1: " + "word " * 40 + "then, " + "word " * 30 + "end."
    without = "A1: " + "word " * 70 + "end."
    assert [
        len(t.split()) for t in cut_segments(session(with_comma), deegan, "session_transcript")["text"]
    ] == [41, 31]
    assert [len(t.split()) for t in cut_segments(session(without), deegan, "session_transcript")["text"]] == [
        60,
        11,
    ]


def test_a_redacted_turn_gives_no_segment(deegan):
    documents = session(f"A1: {REDACTED * 5}\nA1: Here.\n")
    assert cut_segments(documents, deegan, "session_transcript")["text"].tolist() == ["Here."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See Mr. Oda at St. Luke. He waits.", ["See Mr. Oda at St. Luke.", "He waits."]),
        ("It isn't. Why not?", ["It isn't.", "Why not?"]),
        ("The U.S. Army. Yes", ["The U.S. Army.", "Yes"]),
        ("Pay is $9.50 an hour. 40 hours.", ["Pay is $9.50 an hour.", "40 hours."]),
        (
            '"Really?" She did (twice). And left…  Then?',
            ['"Really?"', "She did (twice).", "And left…", "Then?"],
        ),
        ("no stop at all", ["no stop at all"]),
        ("  ", []),
    ],
)
def test_sentences_end_at_stops_and_not_at_abbreviations(text, expected):
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_a_missing_column_is_named(deegan):
    with pytest.raises(CorpusError, match="'speakers' is missing"):
        cut_segments(postings("A1: x"), deegan, "session_transcript")


def agreement_with_shipped(corpus):
    """Shared segments, shipped segments and cut segments, compared by document, start and end."""
    cut = cut_segments(corpus.documents, corpus.framework, corpus.genre)
    ours, shipped = (
        set(zip(t["document_id"], t["start"], t["end"], strict=True)) for t in (cut, corpus.segments)
    )
    return ours, shipped


def test_the_cutter_reproduces_every_segment_of_the_shipped_transcripts(corpora_folder):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30", policy="redact")
    ours, shipped = agreement_with_shipped(corpus)
    assert len(shipped) == 1022
    assert ours == shipped


def test_the_cutter_reproduces_99_percent_of_the_shipped_job_description_segments(corpora_folder):
    # the rest: nine numerals of headings ("II."), two closing quotes, one initial before a sentence's end
    ours, shipped = agreement_with_shipped(open_corpus(corpora_folder / "job_descriptions"))
    assert (len(shipped), len(ours), len(ours & shipped)) == (1966, 1956, 1953)
    assert len(ours & shipped) / len(shipped) > 0.99
    numerals = [span for span in shipped - ours if span[2] - span[1] <= 4]
    assert len(numerals) == 9


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
stops = st.sampled_from([". ", "! ", '." ', "\n", "\n- ", "\n1. ", "\r\n", "  ", " Mr. ", ", ", "… "])
written = st.lists(st.tuples(words, stops), max_size=12).map(lambda parts: "".join(map("".join, parts)))


@settings(max_examples=150, deadline=None)
@given(text=written)
def test_every_character_of_a_posting_is_in_one_segment_or_in_the_title_or_a_list_marker(deegan, text):
    table = cut_segments(postings(text), deegan, "job_description")
    covered = check_segments(table, text)
    lines = [match.span() for match in re.finditer(r"[^\r\n]*\S[^\r\n]*", text)]
    for number, (start, end) in enumerate(lines):
        marker = LIST_MARKER.match(text, start, end)
        first = end if number == 0 else (marker.end() if marker else start)
        for at in range(start, end):
            if not text[at].isspace():
                assert (at in covered) == (at >= first)


spoken = st.lists(st.tuples(st.sampled_from(["A1: ", "B1: ", ""]), written), max_size=6).map(
    lambda lines: "\n".join(label + said for label, said in lines)
)


@settings(max_examples=100, deadline=None)
@given(text=spoken)
def test_every_word_of_a_worker_is_in_one_segment_and_nobody_elses_is(deegan, text):
    table = cut_segments(session(text), deegan, "session_transcript")
    covered = check_segments(table, text)
    mine = {at for turn in turns(text) if turn.label == "A1" for at in range(turn.start, turn.end)}
    if REDACTED not in text:
        assert covered <= mine
        assert all(text[at].isspace() for at in mine - covered)
    assert all(len(part.split()) <= 60 for part in table["text"])


def check_segments(table, text):
    """Assert what holds of all segments; return the code points that they cover."""
    at = 0
    covered = set()
    for row in table.itertuples():
        assert at <= row.start < row.end <= len(text)
        assert row.text == text[row.start : row.end] == row.text.strip()
        assert row.text
        covered |= set(range(row.start, row.end))
        at = row.end
    return covered


def test_a_text_without_a_title_is_cut_from_its_first_line(deegan):
    table = cut_segments(postings("One. Two.\nThree."), deegan, "job_description", has_title=False)
    assert table["text"].tolist() == ["One.", "Two.", "Three."]
