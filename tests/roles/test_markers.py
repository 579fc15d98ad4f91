import dataclasses

import pandas as pd
import pytest

from peercompare.errors import InputError
from peercompare.roles import find_markers
from peercompare.roles.cues import is_refusing_heading, under_refusing_heading, word_patterns


def one(text, framework, **options):
    """Findings in a document of one segment, as a set of (marker, finding)."""
    table = pd.DataFrame({"segment_id": ["x:1"], "document_id": ["x"], "text": [text]})
    found = find_markers(table, framework, **options)
    return set(zip(found["marker"], found["finding"], strict=True))


def test_a_cue_is_present_and_a_refused_one_excluded_with_the_segments_that_show_it(segments, tiny_framework):
    found = find_markers(segments, tiny_framework)
    rows = {(row.document_id, row.marker, row.finding): row.segment_ids for row in found.itertuples()}
    assert rows == {
        ("a", "open_shed", "present"): "a:1",
        ("b", "counting", "present"): "b:1",
        ("b", "counting", "excluded"): "b:3",
        ("c", "counting", "present"): "c:1",
        ("d", "open_shed", "present"): "d:1",
        ("e", "counting", "present"): "e:2",
        ("e", "counting", "excluded"): "e:2",
    }


def test_segments_are_listed_in_the_order_of_the_text_whatever_the_order_of_the_table(tiny_framework):
    table = pd.DataFrame(
        {
            "segment_id": ["x:3", "x:1", "x:2"],
            "document_id": "x",
            "position": [3, 1, 2],
            "text": ["Count hoes.", "Count rakes.", "Rest."],
        }
    )
    before = table.copy()
    assert find_markers(table, tiny_framework)["segment_ids"].tolist() == ["x:1 x:3"]
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("You count the rakes.", {("counting", "present")}),
        ("You do not count the rakes.", {("counting", "excluded")}),
        ("You don't count the rakes.", {("counting", "excluded")}),
        ("Counting is not allowed.", {("counting", "excluded")}),
        ("It does not rain. You count the rakes.", {("counting", "present")}),
        ("It does not rain but you count the rakes.", {("counting", "present")}),
        ("You can count on us.", set()),
        ("The shed is never open.", {("open_shed", "present")}),
    ],
)
def test_a_refusal_reaches_over_its_own_clause(tiny_framework, text, findings):
    assert one(text, tiny_framework) == findings


def test_a_marker_of_the_first_stance_is_never_excluded(tiny_framework):
    assert one("This is not an open shed.", tiny_framework) == set()


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("You will never be asked to give out medication.", {("medication_administration", "excluded")}),
        ("Hands out no medication.", {("medication_administration", "excluded")}),
        ("Not only prompts medication.", {("medication_administration", "present")}),
        ("Writes progress notes after each visit.", {("routine_documentation", "present")}),
        ("We keep no charts.", {("routine_documentation", "excluded")}),
        ("A drug screen is required before hiring.", set()),
    ],
)
def test_the_shipped_cues_know_what_is_asked_for_from_what_is_refused(deegan, text, findings):
    assert one(text, deegan) == findings


def test_words_of_the_system_depend_on_the_country_and_exempt_names_that_people_claim(deegan):
    table = pd.DataFrame(
        {
            "segment_id": ["x:1", "x:2"],
            "document_id": "x",
            "text": ["The consumers meet.", "Each consumer chooses."],
        }
    )
    assert find_markers(table, deegan)["marker"].tolist() == ["system_language"]
    assert find_markers(table, deegan, country="AU").empty
    assert find_markers(table.assign(text="A consumer-run place."), deegan).empty


def test_a_marker_is_found_only_in_as_many_segments_as_it_asks_for(deegan):
    table = pd.DataFrame({"segment_id": ["x:1"], "document_id": ["x"], "text": ["The clients meet."]})
    assert find_markers(table, deegan).empty


def test_plain_words_take_the_plural_and_any_space(tiny_framework):
    assert word_patterns(["rake head"]) == (r"\brake[\s-]+heads?\b",)
    marked = dataclasses.replace(tiny_framework.marker("system_words"), min_segments=1)
    framework = dataclasses.replace(tiny_framework, markers=(marked,))
    assert one("Two tenants.", framework, country="XX") == {("system_words", "present")}
    assert one("A tenant of the soil.", framework, country="XX") == set()
    assert one("Two tenants.", framework, country="YY") == set()


def test_under_a_refusing_heading_everything_is_excluded_up_to_the_blank_line(deegan):
    text = "Not part of this job\nCounting pills.\nWriting progress notes.\n\nCase conference on Mondays."
    parts = [
        "Not part of this job",
        "Counting pills.",
        "Writing progress notes.",
        "Case conference on Mondays.",
    ]
    starts = [text.index(part) for part in parts]
    table = pd.DataFrame(
        {
            "segment_id": [f"x:{n}" for n in range(4)],
            "document_id": "x",
            "text": parts,
            "start": starts,
            "end": [start + len(part) for start, part in zip(starts, parts, strict=True)],
        }
    )
    documents = pd.DataFrame({"document_id": ["x"], "text": [text]})
    found = find_markers(table, deegan, documents=documents)
    assert dict(zip(found["marker"], found["finding"], strict=True)) == {
        "medication_administration": "excluded",
        "routine_documentation": "excluded",
        "case_discussion_without_person": "present",
    }


def test_a_refusing_heading_that_stands_alone_reaches_over_the_next_block(deegan):
    texts = ["Not part of this job", "One.", "Two.", "Three."]
    gaps = ["", "\n\n", "\n- ", "\n\n"]
    assert under_refusing_heading(texts, gaps, deegan) == [False, True, True, False]


def test_a_long_sentence_is_no_heading(deegan):
    assert is_refusing_heading("Companions do not:", deegan)
    assert not is_refusing_heading(
        "Not part of this job is anything at all that somebody else at the agency does.", deegan
    )


def test_a_cue_of_the_last_stance_is_dropped_in_a_segment_surely_of_the_first(
    segments, predictions, tiny_framework
):
    of_first = predictions.copy()
    of_first.loc[:, ["none", "shared", "both", "managed"]] = [0.1, 0.6, 0.1, 0.2]
    found = find_markers(segments, tiny_framework, predictions=of_first)
    assert set(found.loc[found["finding"] == "present", "marker"]) == {"open_shed"}
    unsure = of_first.assign(shared=0.4, managed=0.4)
    assert len(find_markers(segments, tiny_framework, predictions=unsure)) == 7


def test_no_cue_gives_an_empty_table_with_its_columns(tiny_framework):
    table = pd.DataFrame({"segment_id": ["x:1"], "document_id": ["x"], "text": ["Nothing."]})
    found = find_markers(table, tiny_framework)
    assert found.empty
    assert list(found.columns) == ["document_id", "marker", "finding", "segment_ids"]


def test_missing_columns_are_named(tiny_framework):
    with pytest.raises(InputError, match="'text' is missing"):
        find_markers(pd.DataFrame({"segment_id": [], "document_id": []}), tiny_framework)
