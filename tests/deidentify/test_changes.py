"""Changes of one text with its spans: whatever the text, the changes and the spans."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peercompare.deidentify import Change, apply_changes
from peercompare.errors import InputError

WORDS = st.text(max_size=6)


@st.composite
def cases(draw):
    """A text in pieces, every other one with a replacement, and spans anywhere in it."""
    pieces = draw(
        st.lists(st.tuples(st.text(max_size=5), st.text(min_size=1, max_size=5), WORDS), max_size=6)
    )
    tail = draw(st.text(max_size=5))
    text, changes = "", []
    for kept, gone, new in pieces:
        changes.append(Change(len(text) + len(kept), len(text) + len(kept) + len(gone), new))
        text += kept + gone
    text += tail
    edges = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(edges, edges).map(sorted).map(tuple), max_size=6))
    return text, changes, spans, [kept for kept, _, _ in pieces] + [tail], [new for *_, new in pieces]


@given(cases())
def test_text_outside_the_stretches_stays_as_it_was(case):
    text, changes, spans, kept, new = case
    changed, _ = apply_changes(text, reversed(changes), spans)
    expected = "".join(part for pair in zip(kept, [*new, ""], strict=True) for part in pair)
    assert changed == expected


@given(cases())
def test_the_words_of_a_span_are_the_same_but_for_the_replacements_that_begin_in_it(case):
    text, changes, spans, _, _ = case
    changed, moved = apply_changes(text, changes, spans)
    for (start, end), (new_start, new_end) in zip(spans, moved, strict=True):
        if start == end:
            continue
        expected = []
        at = start
        for change in changes:
            if change.end <= start or change.start >= end:
                continue
            if change.start >= start:
                expected += [text[at : change.start], change.replacement]
            at = min(change.end, end)
        expected.append(text[at:end])
        assert changed[new_start:new_end] == "".join(expected)


@given(cases())
def test_spans_that_do_not_overlap_do_not_overlap_after_and_keep_their_order(case):
    text, changes, spans, _, _ = case
    edges = sorted({edge for span in spans for edge in span})
    parts = list(pairwise(edges))
    changed, moved = apply_changes(text, changes, parts)
    flat = [edge for part in moved for edge in part]
    assert flat == sorted(flat)
    assert all(0 <= edge <= len(changed) for edge in flat)


def test_without_changes_nothing_moves():
    assert apply_changes("any", [], [(0, 3), (1, 2)]) == ("any", [(0, 3), (1, 2)])


def test_an_edge_inside_a_stretch_goes_to_the_end_of_its_replacement():
    text, spans = apply_changes("abcdef", [Change(1, 5, "XYZ")], [(0, 3), (3, 6), (2, 4)])
    assert text == "aXYZf"
    assert spans == [(0, 4), (4, 5), (4, 4)]


def test_an_edge_at_the_border_of_a_stretch_stays_there():
    _, spans = apply_changes("abcdef", [Change(1, 5, "XYZ")], [(0, 1), (1, 5), (5, 6)])
    assert spans == [(0, 1), (1, 4), (4, 5)]


@pytest.mark.parametrize(
    ("changes", "spans", "words"),
    [
        ([Change(0, 3, "x"), Change(2, 4, "y")], [], "overlaps"),
        ([Change(2, 2, "x")], [], "no stretch"),
        ([Change(2, 9, "x")], [], "no stretch of a text of 5"),
        ([], [(0, 9)], "span 0 to 9"),
    ],
)
def test_what_cannot_be_done_is_refused_without_the_words(changes, spans, words):
    with pytest.raises(InputError, match=words) as error:
        apply_changes("Maria", changes, spans)
    assert "Maria" not in str(error.value)
