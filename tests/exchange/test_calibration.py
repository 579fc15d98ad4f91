import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.exchange.calibration import calibrate
from peercompare.exchange.counting import CONVENTIONS, Ruler, stored_text

RAW = "\ufeffGood 😀😀😀😀 day,\r\nthe café ñ is open.\r\nAnother 𝄞 line of words.\r\n"


def count(raw, spans, convention):
    starts, ends = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    ruler = Ruler(raw)
    return ruler, ruler.positions(starts, convention).tolist(), ruler.positions(ends, convention).tolist()


def spans_of(text, *words):
    return [(text.index(word), text.index(word) + len(word)) for word in words]


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=str)
def test_two_quotes_after_an_emoji_and_a_line_end_settle_every_convention(convention):
    text = stored_text(RAW)
    words = ("open", "line of words")
    ruler, starts, ends = count(RAW, spans_of(text, *words), convention)
    report, placement = calibrate(ruler, starts, ends, words)
    assert report.status == "quotes"
    assert report.convention == convention.id
    assert report.n_verified == 2
    assert [text[a:b] for a, b in zip(placement.starts, placement.ends, strict=True)] == list(words)


@pytest.mark.parametrize("mark", ["…", "...", " […]"])
def test_a_quote_that_was_cut_short_verifies_its_beginning(mark):
    text = stored_text(RAW)
    spans = spans_of(text, "the café ñ is open.", "Another 𝄞 line of words.")
    ruler, starts, ends = count(RAW, spans, CONVENTIONS["utf8-raw-bom"])
    report, placement = calibrate(ruler, starts, ends, [f"the café{mark}", f"Another{mark}"])
    assert report.convention == "utf8-raw-bom"
    assert list(zip(placement.starts, placement.ends, strict=True)) == spans


def test_a_line_end_that_xml_made_a_blank_still_verifies():
    text = stored_text(RAW)
    spans = spans_of(text, "day,\nthe café ñ")
    ruler, starts, ends = count(RAW, spans, CONVENTIONS["utf16-lf-nobom"])
    report, _ = calibrate(ruler, starts, ends, ["day, the café ñ"])
    assert (report.status, report.convention) == ("quotes", "utf16-lf-nobom")


def test_without_quotes_nothing_is_guessed_and_a_suggestion_is_scored():
    text = stored_text(RAW)
    spans = spans_of(text, "open", "Another", "line", "words")
    ruler, starts, ends = count(RAW, spans, CONVENTIONS["utf16-raw-nobom"])
    report, placement = calibrate(ruler, starts, ends, [""] * 4)
    assert placement is None
    assert (report.status, report.convention) == ("refused", "")
    assert report.suggestion == "utf16-raw-nobom"
    assert report.undecided == (0, 1, 2, 3)
    assert len(report.scores) == 12
    assert "4 times of 4" in report.advice()


def test_plain_ascii_needs_no_quote_because_all_conventions_agree():
    report, placement = calibrate(Ruler("one two"), [4], [7], [""])
    assert (report.status, report.n_verified) == ("any", 0)
    assert (placement.starts.tolist(), placement.ends.tolist()) == ([4], [7])


def test_a_selection_without_a_quote_is_refused_where_the_quotes_leave_it_open():
    # the quote stands before the emoji and settles nothing behind it
    report, placement = calibrate(Ruler("one 😀 two"), [0, 6], [3, 9], ["one", ""])
    assert placement is None
    assert report.undecided == (1,)


def test_a_convention_that_cannot_place_an_unquoted_selection_is_not_thereby_ruled_out():
    # by code points the second selection would be past the text; that must not make UTF-16 the winner
    report, placement = calibrate(Ruler("one 😀 two"), [0, 7], [3, 10], ["one", ""])
    assert placement is None
    assert report.undecided == (1,)


def test_quotes_that_contradict_every_convention_are_refused():
    report, placement = calibrate(Ruler("one two"), [4], [7], ["Selection 1"])
    assert placement is None
    assert report.undecided == (0,)
    assert report.n_verified == 0


def test_a_named_convention_is_used_and_quotes_are_still_counted():
    ruler, starts, ends = count("a 😀 bc de", [(4, 6), (7, 9)], CONVENTIONS["utf16-lf-nobom"])
    report, placement = calibrate(ruler, starts, ends, ["bc", "zz"], convention=CONVENTIONS["utf16-lf-nobom"])
    assert (report.status, report.n_quoted, report.n_verified) == ("named", 2, 1)
    assert placement.starts.tolist() == [4, 7]


pieces = st.sampled_from(
    [
        "a ",
        "bc",
        "\u00e9",
        "e\u0301",
        "\n",
        "\r\n",
        "\r",
        "\U0001f600",
        "\U0001d11e",
        "\u200d",
        "\u2028",
        "\u2026",
    ]
)
texts = st.lists(pieces | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map("".join)


@st.composite
def cases(draw):
    body = draw(texts)
    if draw(st.booleans()):
        body = body.replace("\n", "\r\n")
    raw = draw(st.sampled_from(["", "\ufeff"])) + body
    places = st.integers(0, len(stored_text(raw)))
    spans = draw(st.lists(st.tuples(places, places).map(sorted).map(tuple), min_size=1, max_size=6))
    cuts = draw(st.lists(st.sampled_from([None, None, 1, 3]), min_size=len(spans), max_size=len(spans)))
    return raw, spans, cuts, draw(st.sampled_from(list(CONVENTIONS.values())))


@given(cases(), st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_text_any_selections_any_convention_are_recovered_or_refused(qde, case, with_quotes):
    raw, spans, cuts, convention = case
    text, ruler = stored_text(raw), Ruler(raw)
    starts, ends = zip(*(qde.counted(raw, *span, convention.id) for span in spans), strict=True)
    quotes = [
        (text[a:b] if cut is None else text[a:b][:cut] + "…") if with_quotes else ""
        for (a, b), cut in zip(spans, cuts, strict=True)
    ]
    report, placement = calibrate(ruler, starts, ends, quotes)
    if report.status == "refused":
        assert placement is None
    else:
        assert placement.sound.all()
        assert list(zip(placement.starts.tolist(), placement.ends.tolist(), strict=True)) == spans


@given(cases())
@settings(max_examples=200, deadline=None)
def test_a_named_convention_recovers_every_selection(qde, case):
    raw, spans, _, convention = case
    ruler, *places = count(raw, spans, convention)
    starts, ends = zip(*(qde.counted(raw, *span, convention.id) for span in spans), strict=True)
    assert [list(starts), list(ends)] == places
    _, placement = calibrate(ruler, starts, ends, [""] * len(spans), convention=convention)
    assert placement.sound.all()
    assert list(zip(placement.starts.tolist(), placement.ends.tolist(), strict=True)) == spans
