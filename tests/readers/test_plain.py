"""Plain transcripts: names before colons or on lines of their own, times anywhere around them."""

import pytest

from peercompare.errors import InputError
from peercompare.readers.plain import read_plain_transcript, transcript_from_text


def turns_of(text):
    return [(turn.label, turn.text, turn.start) for turn in transcript_from_text(text, "a.txt").turns]


@pytest.mark.parametrize(
    "line",
    [
        "[00:01:02] ANN LEE: Well, hello.",
        "00:01:02 ANN LEE: Well, hello.",
        "(1:02) ANN LEE: Well, hello.",
        "ANN LEE [00:01:02]: Well, hello.",
        "ANN LEE (01:02): Well, hello.",
        "ANN LEE: [01:02] Well, hello.",
        "**ANN LEE** 00:01:02: Well, hello.",
        "ANN LEE   1:02\nWell, hello.",
        "[00:01:02] ANN LEE\nWell, hello.",
        "00:01:02 --> 00:01:09\nANN LEE: Well, hello.",
        "ANN LEE:\n[00:01:02] Well,\n  hello.",
        ">> ANN LEE (01:02): Well, hello.",
    ],
)
def test_a_turn_with_a_time_is_found_in_every_usual_form(line):
    label, text, start = turns_of(f"{line}\n\nBEN: Hi.\n")[0]
    assert (label, text.removeprefix("[00:01:02] ")) == ("ANN LEE", "Well, hello.")
    assert start in (62.0, None if line.startswith("ANN LEE:\n") else 62.0)


def test_lines_without_a_name_go_on_with_the_turn_above():
    assert turns_of("Ann: one\ntwo\n\nthree\nBen: four") == [
        ("Ann", "one two three", None),
        ("Ben", "four", None),
    ]


def test_names_on_lines_of_their_own_are_found_where_nothing_else_is():
    text = "Ann Lee\nHello there.\nMore.\n\nBen\nHi.\n\nAnn Lee\nBye.\n\nBen\nYes.\n"
    assert [turn[:2] for turn in turns_of(text)] == [
        ("Ann Lee", "Hello there. More."), ("Ben", "Hi."), ("Ann Lee", "Bye."), ("Ben", "Yes."),
    ]  # fmt: skip


def test_a_sentence_with_a_colon_far_into_it_is_no_turn():
    assert len(turns_of("Ann: I said this. then I wrote the long list of things: milk.\nBen: ok")) == 2


def test_what_stands_in_brackets_after_a_name_goes_to_the_words():
    assert turns_of("Ann (laughing): No.\nBen: ok")[0][:2] == ("Ann", "(laughing) No.")


def test_lines_before_the_first_turn_are_kept_as_metadata_and_said():
    document = transcript_from_text("Interview three\nDate: 2024-03-05\nAnn: Hi.\n", "a.txt")
    assert document.metadata["preamble"] == "Interview three\nDate: 2024-03-05"
    assert document.metadata["date"] == "2024-03-05"
    assert "2 lines before the first turn" in document.warnings[0]


def test_marks_of_overlap_and_inaudible_words_stay_and_are_counted():
    document = transcript_from_text("Ann: I [inaudible] and (unclear 00:03) so\nBen: [crosstalk] no", "a.txt")
    assert [(turn.inaudible, turn.overlap) for turn in document.turns] == [(2, False), (1, True)]
    assert "[inaudible] and (unclear 00:03)" in document.text


def test_no_word_of_a_transcript_is_lost(words):
    text = (
        "Heading line\n\n[00:01] Zoë: ’twas — “so”: 5 % & more\n\tindented\nBen-Ami: ¿qué? 你好 😀 e\u0301\n"
    )
    document = transcript_from_text(text, "a.txt")
    kept = words(document.text) + words(document.metadata["preamble"])
    times = {"00", "01"}
    assert sorted(kept) == sorted(word for word in words(text) if word not in times)
    assert "😀" in document.text


def test_running_line_numbers_are_no_names():
    text = "01 ANN: well\n02      you know\n03 BEN: 3 of them\n\n04 ANN: yes\n"
    document = transcript_from_text(text, "a.txt")
    assert document.text == "ANN: well you know\nBEN: 3 of them\nANN: yes\n"
    assert document.warnings == ("a.txt: the numbers of its lines are left out",)


def test_figures_that_do_not_run_stay():
    assert (
        turns_of("Ann: how many\n3 of them\n3 of those\n1 more\n")[0][1]
        == "how many 3 of them 3 of those 1 more"
    )


def test_a_file_without_speakers_is_refused(write):
    with pytest.raises(InputError, match=r"a\.txt: no speaker with words is found"):
        read_plain_transcript(write("a.txt", "just some words that nobody is said to say.\n"))


def test_windows_line_ends_and_a_byte_order_mark_are_taken(write):
    path = write("a.txt", "\ufeffAnn: one\r\nBen: two\r\n".encode("utf-16"))
    assert read_plain_transcript(path).text == "Ann: one\nBen: two\n"


def test_composed_transcripts_of_the_package_are_read_as_they_are(corpora_folder):
    for path in sorted((corpora_folder / "session_transcripts" / "texts").glob("*.txt"))[:9]:
        assert read_plain_transcript(path).text.split() == path.read_text(encoding="utf-8").split()
