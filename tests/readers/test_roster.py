"""Rosters: nobody unknown gets in, and nobody is taken for somebody else."""

import csv
import io

import pytest

from peercompare.errors import InputError
from peercompare.readers import apply_roster, draft_roster, read_roster
from peercompare.readers.document import SpokenTurn, spoken_document

HEAD = "label,speaker_id,person_id,role\n"


@pytest.fixture
def document():
    turns = [
        SpokenTurn("Ann Lee", "Hello Ben.", 0.0, 2.0, place="line 1"),
        SpokenTurn("ben", "Hi.", place="line 2"),
        SpokenTurn("Note", "to be checked", place="line 3"),
        SpokenTurn("gestures", "nods", place="line 4"),
    ]
    return spoken_document("S-01", turns, metadata={"source": "S-01.txt"})


@pytest.fixture
def roster(write):
    rows = "ANN  lee,W01,W01,peer\nBen,P01,S1-P01,participant\nNote,,,words\nGestures,,,ignore\n"
    return read_roster(write("roster.csv", HEAD + rows))


def test_names_become_ids_words_stay_and_what_is_ignored_is_counted(document, roster):
    found = apply_roster(document, roster)
    assert found.text == "W01: Hello Ben.\nP01: Hi. Note: to be checked\n"
    assert found.speakers == ("W01", "P01")
    assert found.metadata["speakers"] == "W01=W01 P01=S1-P01"
    assert (found.metadata["worker_id"], found.metadata["worker_role"]) == ("W01", "peer")
    assert found.warnings == (
        "S-01.txt: 1 turn of 'gestures' left out, as the roster says",
        "S-01.txt, turn 1: a word of a speaker's name is said (1 turn); is it to stay?",
    )


def test_unknown_speakers_stop_the_import_with_the_whole_list(document, write):
    roster = read_roster(write("roster.csv", HEAD + "Ann Lee,W01,W01,peer\n"))
    with pytest.raises(InputError) as caught:
        apply_roster(document, roster)
    assert [problem.what for problem in caught.value.problems] == [
        "the roster has no 'ben' (1 turn)",
        "the roster has no 'Note' (1 turn)",
        "the roster has no 'gestures' (1 turn)",
    ]
    assert caught.value.problems[0].where == "S-01.txt, line 2"


def test_two_speakers_of_one_name_are_refused_with_both_places(write):
    rows = "Ann,W01,W01,peer\nBen,P01,P01,participant\n ann ,W02,W02,peer\n"
    with pytest.raises(InputError, match=r"roster\.csv, row 4: two rows .*the other is roster\.csv, row 2"):
        read_roster(write("roster.csv", HEAD + rows))


def test_one_label_may_be_another_person_in_each_document(document, write):
    head = "label,speaker_id,person_id,role,document_id\n"
    rows = "Ann Lee,W01,W01,peer,\nben,P01,S1-P01,participant,S-01\nben,P01,S2-P09,participant,S-02\n"
    rows += "note,,,ignore,\ngestures,,,ignore,\n"
    found = apply_roster(document, read_roster(write("roster.csv", head + rows)))
    assert found.metadata["speakers"] == "W01=W01 P01=S1-P01"


def test_one_id_for_two_people_of_a_document_is_refused(document, write):
    rows = "Ann Lee,P01,W01,peer\nben,P01,S1-P01,participant\nnote,,,words\ngestures,,,ignore\n"
    with pytest.raises(InputError, match=r"row 3: P01 is S1-P01 here and W01 in roster\.csv, row 2"):
        apply_roster(document, read_roster(write("roster.csv", HEAD + rows)))


def test_a_file_named_after_a_speaker_is_refused(roster):
    turns = [SpokenTurn("Ann Lee", "Hello.", place="line 1")]
    named = spoken_document("interview-Ann-Lee", turns, metadata={"source": "interview Ann Lee.txt"})
    with pytest.raises(InputError, match="the file's name gives away 'Ann Lee'"):
        apply_roster(named, roster)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("Ann,W 1,W01,peer", "speaker_id 'W 1' cannot be a label"),
        ("Ann,W01,W=1,peer", "person_id holds a blank or an equals sign"),
        ("Ann,W01,,peer", "person_id is empty"),
        ("Ann,W01,W01,", "role is empty"),
        ("Ann,W01", "2 cells where the header has 4"),
    ],
)
def test_faulty_rows_are_refused_by_number(write, row, what):
    with pytest.raises(InputError, match=rf"roster\.csv, row 2: {what}"):
        read_roster(write("roster.csv", f"{HEAD}{row}\n"))


def test_two_workers_leave_the_worker_to_be_told(write, document):
    rows = "Ann Lee,W01,W01,peer\nben,W02,W02,clinician\nnote,,,words\ngestures,,,ignore\n"
    assert "worker_id" not in apply_roster(document, read_roster(write("r.csv", HEAD + rows))).metadata


def test_a_draft_lists_every_label_of_every_document(document):
    rows = list(csv.DictReader(io.StringIO(draft_roster([document]))))
    assert [(row["label"], row["document_id"], row["first_place"]) for row in rows] == [
        ("Ann Lee", "S-01", "line 1"), ("ben", "S-01", "line 2"), ("Note", "S-01", "line 3"),
        ("gestures", "S-01", "line 4"),
    ]  # fmt: skip
