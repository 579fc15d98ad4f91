"""Captions: every word, every voice, every malformed cue named."""

import pytest
import webvtt

from peercompare.errors import InputError
from peercompare.readers.captions import read_captions

TWO_VOICES = """WEBVTT

1
00:00:01.000 --> 00:00:04.000
<v Ann Lee>You came back.</v> <v.loud Bob>I did &amp; I&#39;m glad.</v>

2
00:00:04.500 --> 00:00:06.000
<v Bob>[inaudible] the bus.</v>
"""


def spoken(document):
    return [(turn.label, turn.text, turn.start, turn.end) for turn in document.turns]


def test_two_voices_in_one_cue_keep_their_own_words_and_entities_are_resolved_once(write):
    document = read_captions(write("s.vtt", TWO_VOICES))
    assert spoken(document) == [
        ("Ann Lee", "You came back.", 1.0, 4.0),
        ("Bob", "I did & I'm glad. [inaudible] the bus.", 1.0, 6.0),
    ]
    assert document.turns[1].inaudible == 1
    assert document.speakers == ("Ann Lee", "Bob")


def test_an_escaped_entity_is_not_resolved_twice(write):
    document = read_captions(
        write("s.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>write &amp;lt;b&amp;gt; AT&T\n")
    )
    assert document.turns[0].text == "write &lt;b&gt; AT&T"


def test_zoom_and_teams_names_before_a_colon_are_speakers(write):
    text = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAnn O'Neil (she/her): Hello: you.\n\n2\n"
    text += "00:00:02.000 --> 00:00:03.000\nBen: Hi.\nAnn O'Neil (she/her): Ah.\n"
    document = read_captions(write("s.vtt", text.replace("(she/her)", "(Host)")))
    assert [(turn.label, turn.text) for turn in document.turns] == [
        ("Ann O'Neil (Host)", "Hello: you."),
        ("Ben", "Hi."),
        ("Ann O'Neil (Host)", "Ah."),
    ]


def test_a_comma_in_times_and_words_after_an_empty_line_lose_nothing(write, words):
    text = "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nAnn: one\n\ntwo after a gap\n\n"
    text += "00:00:03.000 --> 00:00:04.000\nBen: three\n"
    document = read_captions(write("s.vtt", text))
    assert [(turn.label, turn.text) for turn in document.turns] == [
        ("Ann", "one two after a gap"),
        ("Ben", "three"),
    ]
    assert any("line 6" in warning and "outside any cue" in warning for warning in document.warnings)


def test_a_cue_with_unreadable_times_keeps_its_words_and_is_named(write):
    text = "WEBVTT\n\n00:00:1d.000 --> 00:00:02.000\nAnn: one\n\n00:00:05.000 --> 00:00:04.000\nBen: two\n"
    document = read_captions(write("s.vtt", text))
    assert spoken(document) == [("Ann", "one", None, None), ("Ben", "two", None, None)]
    assert "line 3, 6" in document.warnings[0]
    assert "(2 in all)" in document.warnings[0]


def test_every_arrow_opens_a_cue(write):
    text = "1\n00:00:01,000 --> 00:00:02,000\nA: x\n2\n00:00:02,000 --> 00:00:03,000\nB: y\n"
    document = read_captions(write("s.srt", text))
    assert document.metadata["cues"] == document.metadata["arrows"] == 2
    assert [turn.text for turn in document.turns] == ["x", "y"]


def test_notes_styles_and_identifiers_are_no_words(write):
    text = (
        "WEBVTT - title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE a remark\nof two lines\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start\n<v A><c.yellow>Hi</c> <00:01.500>there\n"
    )
    document = read_captions(write("s.vtt", text))
    assert document.text == "A: Hi there\n"
    assert document.warnings == ()


def test_cues_of_overlapping_times_by_others_are_marked(write):
    text = "WEBVTT\n\n00:01.000 --> 00:05.000\n<v A>long\n\n00:04.000 --> 00:06.000\n<v B>over\n\n"
    text += "00:06.000 --> 00:07.000\n<v A>after\n"
    assert [turn.overlap for turn in read_captions(write("s.vtt", text)).turns] == [False, True, False]


def test_words_without_a_voice_are_labelled_as_such_and_said(write):
    document = read_captions(write("s.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello there\n"))
    assert document.speakers == ("unlabelled",)
    assert "no cue names a speaker" in document.warnings[-1]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("e.vtt", "", "the file is empty"),
        ("e.vtt", "WEBVTT\n\n", "no line holds -->"),
        ("e.srt", "1\n00:00:01,000 --> 00:00:02,000\n\n", "no words stand under"),
        ("e.sbv", "0:00:01.000,0:00:02.000\n\n", "no words stand under its 1 lines"),
        ("e.sbv", "some words", "no line holds two times with a comma"),
        ("e.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\ncaf\xe9\n", "byte 36 is not UTF-8"),
    ],
)
def test_captions_that_cannot_be_used_are_refused_with_the_file(write, name, content, what):
    with pytest.raises(InputError, match=what) as caught:
        read_captions(write(name, content))
    assert caught.value.problems[0].where.startswith(name)


def test_a_named_encoding_is_used(write):
    path = write("e.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nA: café\n".encode("cp1252"))
    assert read_captions(path, encoding="cp1252").turns[0].text == "café"


@pytest.mark.fixtures
def test_real_captions_keep_every_word_that_webvtt_finds_and_every_cue(fixtures_folder, words):
    folder = fixtures_folder / "captions" / "tests" / "subtitles"
    read = 0
    for path in sorted([*folder.glob("*.vtt"), *folder.glob("*.srt")]):
        try:
            document = read_captions(path)
        except InputError:
            continue
        read += 1
        text = path.read_text(encoding="utf-8-sig")
        assert document.metadata["cues"] == document.metadata["arrows"] == text.count("-->")
        try:
            oracle = webvtt.from_srt(path) if path.suffix == ".srt" else webvtt.read(path)
        except webvtt.errors.MalformedFileError:
            continue
        if any("the captions roll" in warning for warning in document.warnings):
            continue
        # the number of a cue that lost its times is no word, though webvtt takes it for one
        theirs = [word for word in words(" ".join(cue.text for cue in oracle)) if not word.isdecimal()]
        mine = words(document.text.removeprefix("unlabelled: "))
        assert [word for word in mine if not word.isdecimal()] == theirs or len(mine) > len(theirs)
        assert set(theirs) <= set(mine)
    assert read >= 17


@pytest.mark.fixtures
@pytest.mark.parametrize(
    "name", ["empty.vtt", "no_captions.vtt", "invalid_format1.srt", "invalid_format3.srt"]
)
def test_real_files_without_captions_are_refused(fixtures_folder, name):
    with pytest.raises(InputError, match=name):
        read_captions(fixtures_folder / "captions" / "tests" / "subtitles" / name)


@pytest.mark.fixtures
def test_real_rolling_captions_say_every_line_once(fixtures_folder):
    document = read_captions(fixtures_folder / "captions" / "tests" / "subtitles" / "youtube_dl.vtt")
    assert document.text == "unlabelled: yeah what this will happen is I'm telling\n"
    assert "the captions roll; 7 words" in document.warnings[0]


@pytest.mark.fixtures
def test_real_sbv_files_keep_every_caption(fixtures_folder):
    folder = fixtures_folder / "captions" / "tests" / "subtitles"
    for name, n_captions in (("sample.sbv", 5), ("invalid_timeframe.sbv", 5), ("two_captions.sbv", 2)):
        text = read_captions(folder / name).text
        assert all(f"Caption text #{number}" in text for number in range(1, n_captions + 1))


def test_sbv_is_read_with_its_times_and_names(write):
    content = "0:00:01.500,0:00:02.000\nANN: Hello, 1,000 times.\n\n0:00:03.f00,0:00:04.000\nBEN: Hi.\n"
    document = read_captions(write("s.sbv", content))
    assert document.text == "ANN: Hello, 1,000 times.\nBEN: Hi.\n"
    assert [(turn.start, turn.end) for turn in document.turns] == [(1.5, 2.0), (None, None)]
    assert "line 4: times that cannot be read" in document.warnings[0]


def test_a_cue_that_begins_with_a_line_of_blanks_keeps_its_times(write):
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\n \nwelcome\n\n00:02.000 --> 00:03.000\nback\n"
    document = read_captions(write("y.vtt", content))
    assert (document.turns[0].text, document.turns[0].start) == ("welcome back", 1.0)
    assert not any("outside any cue" in warning for warning in document.warnings)
