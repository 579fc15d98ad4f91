import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.errors import ExchangeError
from peercompare.exchange.calibration import calibrate
from peercompare.exchange.counting import CONVENTIONS, Ruler
from peercompare.exchange.naming import calibrate_as_named, told
from peercompare.exchange.refi_reader import read_qdpx

ASTRAL = "One 😀 two three"
TRIMMED = ("find a home 😀 and", "find a home 😀")
"""A text and a quote that do not settle whether an emoji counts one or two: a blank follows it."""


def counted(text, start, end, convention):
    ruler = Ruler(text)
    positions = ruler.positions(np.array([start, end]), CONVENTIONS[convention])
    return ruler, [int(positions[0])], [int(positions[1])]


def test_a_name_answers_what_the_quotes_leave_open():
    ruler, starts, ends = counted(ASTRAL, 10, 15, "utf16-raw-nobom")
    assert calibrate(ruler, starts, ends, [""])[1] is None
    report, placement = calibrate_as_named(
        ruler, starts, ends, [""], convention=CONVENTIONS["utf16-raw-nobom"]
    )
    assert (report.status, placement.starts.tolist(), placement.ends.tolist()) == ("named", [10], [15])


def test_quotes_that_settle_the_matter_count_more_than_a_name():
    ruler, starts, ends = counted(ASTRAL, 6, 9, "utf16-raw-nobom")
    report, placement = calibrate_as_named(
        ruler, starts, ends, ["two"], convention=CONVENTIONS["codepoint-raw-nobom"]
    )
    assert (report.status, report.convention) == ("quotes", "utf16-raw-nobom")
    assert placement.starts.tolist() == [6]


def test_a_name_that_quotes_speak_against_is_refused_with_what_they_leave():
    text, quote = TRIMMED
    ruler, starts, ends = counted(text, 0, len(quote), "utf16-raw-nobom")
    report, placement = calibrate_as_named(
        ruler, starts, ends, [quote], convention=CONVENTIONS["utf8-raw-nobom"], source="A"
    )
    assert placement is None
    assert (report.status, report.ruled_out, report.source) == ("refused", "utf8-raw-nobom", "A")
    assert "speak against utf8-raw-nobom; they leave codepoint-raw-nobom" in report.advice()
    assert "utf16-raw-nobom" in report.advice()


def test_where_no_convention_explains_all_quotes_the_name_is_taken_and_quotes_are_counted():
    ruler, starts, ends = counted(ASTRAL, 6, 9, "utf16-raw-nobom")
    report, _ = calibrate_as_named(
        ruler, starts * 2, ends * 2, ["two", "Selection 2"], convention=CONVENTIONS["utf16-raw-nobom"]
    )
    assert (report.status, report.n_verified, report.n_quoted) == ("named", 1, 2)


def test_among_those_that_start_so_equally_often_ends_on_word_edges_decide(qde, make):
    text, quote = TRIMMED
    start, end = qde.counted(text, 0, len(quote), "utf16-raw-nobom")
    path = make(qde.project(qde.source("A", qde.selection("s1", start, end, quote), content=text)))
    with pytest.raises(ExchangeError, match='convention="utf16-raw-nobom"') as refusal:
        read_qdpx(path)
    said = "starts on word edges 1 time of 1 and ends on them 1 time, the others that start so 0 times"
    assert said in refusal.value.problems[0].what
    with pytest.raises(ExchangeError, match="speak against utf8-raw-nobom"):
        read_qdpx(path, convention="utf8-raw-nobom")


def test_a_convention_that_nothing_speaks_for_is_not_suggested(qde, make):
    # "go 😀 a" by UTF-16 units, "go 😀 a," by code points: both begin and end on words
    text = "go 😀 a, b"
    start, end = qde.counted(text, 0, 6, "utf16-raw-nobom")
    path = make(qde.project(qde.source("A", qde.selection("s1", start, end, "go…"), content=text)))
    with pytest.raises(ExchangeError, match="--convention NAME ") as refusal:
        read_qdpx(path)
    assert "the quotes leave codepoint-raw-nobom" in refusal.value.problems[0].what


@settings(max_examples=40, deadline=None)
@given(
    used=st.sampled_from(list(CONVENTIONS)),
    named=st.sampled_from(list(CONVENTIONS)),
    text=st.text(st.sampled_from("ab \n\r😀é"), min_size=1, max_size=30),
    data=st.data(),
)
def test_a_name_moves_no_coding_that_its_quote_places(used, named, text, data):
    stored = Ruler(text).text
    start = data.draw(st.integers(0, len(stored)))
    end = data.draw(st.integers(start, len(stored)))
    ruler, starts, ends = counted(text, start, end, used)
    quote = stored[start:end]
    _, where = calibrate(ruler, starts, ends, [quote])
    _, placement = calibrate_as_named(ruler, starts, ends, [quote], convention=CONVENTIONS[named])
    if where is not None:
        assert where.same_as(placement).all()
    elif placement is not None and quote.strip():
        assert stored[placement.starts[0] : placement.ends[0]].split() == quote.split()


def test_a_name_for_one_source_moves_no_coding_of_another(qde, make):
    text = "One 😀 two three"
    first, last = qde.counted(text, 6, 9, "utf16-lf-nobom")
    sources = (
        qde.source("A", qde.selection("s1", first, last, "two"), content=text),
        qde.source("B", qde.selection("s2", *qde.counted(text, 6, 9, "codepoint-raw-nobom")), content=text),
    )
    found = read_qdpx(make(qde.project("".join(sources))), convention="codepoint-raw-nobom")
    assert [span.quote for span in found.spans] == ["two", "two"]
    assert [each.status for each in found.calibrations] == ["quotes", "named"]
    assert [line.split(";")[0] for line in told(found.calibrations)] == [
        "positions of 1 document: UTF-16 units, CRLF kept, BOM not counted (quotes)",
        "positions of 1 document: code points, CRLF kept, BOM not counted (named)",
    ]
