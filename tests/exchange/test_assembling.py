import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.errors import ExchangeError
from peercompare.exchange.assembling import Assembly
from peercompare.exchange.counting import CONVENTIONS, Ruler
from peercompare.exchange.project import ProjectCode, project_tables
from peercompare.exchange.refi_reader import read_qdpx
from peercompare.exchange.refi_writer import write_qdpx


def gathered(raw, marks, convention="codepoint-raw-nobom"):
    """An assembly of one text with marks (start, end of the stored text, quoted or not), counted as named."""
    found, ruler = Assembly("file", "tool"), Ruler(raw)
    found.document("d", "Doc", raw)
    for at, (start, end, quoted) in enumerate(marks, start=1):
        first, last = ruler.positions(np.array([start, end]), CONVENTIONS[convention]).tolist()
        quote = ruler.text[start:end] if quoted else ""
        found.mark(
            "d", (first, last), code=found.code("a"), coder=found.coder("ann"), where=f"row {at}", quote=quote
        )
    return found


@settings(max_examples=60)
@given(st.data(), st.sampled_from(sorted(CONVENTIONS)))
def test_any_marks_counted_in_any_way_come_back_in_place_or_are_refused(data, convention):
    raw = data.draw(st.text("a b\u00e9\U0001f600\r\n\ufeff", max_size=30))
    raw = raw.replace("\r", "\r\n").replace("\r\n\n", "\r\n")
    length = len(Ruler(raw).text)
    marks = []
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, length))
        marks.append((start, data.draw(st.integers(start, length)), data.draw(st.booleans())))
    with contextlib.suppress(ExchangeError):
        found = gathered(raw, marks, convention).project("study")
        assert sorted((each.start, each.end) for each in found.spans) == sorted(mark[:2] for mark in marks)


def test_blanks_at_the_edges_settle_what_the_words_alone_leave_open():
    raw = "\U0001f600 share.\r\nWe know."
    found = gathered(raw, [(2, 11, True)]).project("study")
    assert found.spans[0].quote == "share.\nWe"
    assert found.calibrations[0].status == "quotes"


def test_codes_by_path_make_those_above_them_once():
    found = Assembly("file", "tool")
    assert found.code("a", "b") == "a > b"
    assert [each.is_codable for each in found.project("s").codes] == [False, True]
    found.code("a")
    assert [(each.name, each.parent, each.is_codable) for each in found.project("s").codes] == [
        ("a", "", True),
        ("b", "a", True),
    ]


def test_codes_come_parent_before_child_and_a_circle_is_a_fault():
    found = Assembly("file", "tool")
    found.add_code(ProjectCode("2", "below", "1"))
    found.add_code(ProjectCode("1", "above"))
    assert [each.name for each in found.project("s").codes] == ["above", "below"]
    found.add_code(ProjectCode("3", "x", "4"))
    found.add_code(ProjectCode("4", "y", "3"))
    with pytest.raises(ExchangeError, match="stands above itself"):
        found.project("s")


def test_a_convention_for_an_unknown_document_is_a_fault():
    with pytest.raises(ExchangeError, match="no document is called 'Dok'"):
        gathered("abc", []).project("s", convention={"Dok": "utf8-raw-nobom"})
    with pytest.raises(ExchangeError, match="no convention of counting"):
        gathered("abc", []).project("s", convention="bytes")


def test_a_whole_document_is_coded_without_counting():
    found = gathered("\ufeffa\U0001f600\r\nb", [])
    found.mark_whole("d", code=found.code("a"), coder=found.coder(""), where="row 1")
    span = found.project("s").spans[0]
    assert (span.start, span.end, span.quote) == (0, 4, "a\U0001f600\nb")


def test_what_was_gathered_can_be_written_and_read_as_a_refi_project(tmp_path):
    project = gathered("a \U0001f600 b c", [(0, 1, True), (4, 7, True)]).project("study")
    write_qdpx(project, tmp_path / "study.qdpx")
    again = read_qdpx(tmp_path / "study.qdpx")
    columns = ["start", "end", "quote"]
    before, after = (project_tables(each)["spans"][columns] for each in (project, again))
    assert before.equals(after)
    assert [each.name for each in again.coders] == ["ann"]
