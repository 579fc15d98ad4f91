"""Rolling captions: what is shown again is said once, and what is said again stays."""

from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.readers.captions import read_captions
from peercompare.readers.rolling import unrolled

YOUTUBE = """WEBVTT
Kind: captions

00:00:00.240 --> 00:00:01.910 align:start position:0%
\x20
welcome<00:00:01.469><c> to</c><00:00:01.620><c> the</c>

00:00:01.910 --> 00:00:01.920 align:start position:0%
welcome to the
\x20

00:00:01.920 --> 00:00:04.000 align:start position:0%
welcome to the
peer<00:00:02.469><c> house</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
peer house
\x20

00:00:04.010 --> 00:00:06.000 align:start position:0%
peer house
thank<00:00:05.469><c> you</c>
"""


def words(cues):
    return [word for lines in cues for line in lines for word in line.split()]


def rolled(lines, height):
    """Cues of a display of some lines: each shows one line more, and moves up when it is full."""
    return [lines[max(0, at + 1 - height) : at + 1] for at in range(len(lines))]


def test_captions_as_youtube_makes_them_say_every_line_once(write):
    document = read_captions(write("y.vtt", YOUTUBE))
    assert document.text == "unlabelled: welcome to the peer house thank you\n"
    assert (document.turns[0].start, document.turns[0].end) == (0.24, 6.0)
    assert document.warnings[0].startswith("y.vtt: the captions roll; 10 words that cues show again")


def test_cues_that_grow_word_by_word_are_said_once():
    cues = [["I think"], ["I think we"], ["I think we should", "go"], ["should not"]]
    assert unrolled(cues).cues == [["I think"], ["we"], ["should", "go"], ["should not"]]


def test_voices_stay_where_words_before_them_go():
    cues = [["<v Ann>Are you"], ["<v Ann>Are you well?"], ["<v Ann>Are you well?", "<v Ben>Yes."]]
    assert unrolled(cues).cues == [["<v Ann>Are you"], ["<v Ann> well?"], ["<v Ann>", "<v Ben>Yes."]]


def test_people_who_say_a_thing_twice_are_left_alone():
    cues = [["Yes."], ["Yes."], ["Yes, you can come in."], ["You can stay here."], ["You can stay here."]]
    found = unrolled(cues)
    assert (found.cues, found.rolls, found.n_left_out) == (cues, False, 0)
    assert found.repeated == (4,)


def test_a_repetition_in_captions_that_do_not_roll_is_pointed_out(write):
    cues = ["You can stay here.", "You can stay here.", "As long as you like.", "Thanks."]
    text = "".join(f"{at}\n00:00:0{at},000 --> 00:00:0{at},900\n{cue}\n\n" for at, cue in enumerate(cues))
    document = read_captions(write("s.srt", text))
    assert document.text.count("You can stay here.") == 2
    assert document.warnings[0].startswith(
        "s.srt, line 6: the cue begins with the last words of the one above"
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=5, max_size=30), st.integers(2, 3))
def test_a_display_of_some_lines_gives_back_what_was_said(numbers, height):
    # every line differs from the ones near it, as speech does; lines said twice at once cannot be told
    lines = [f"line {at} says {number}" for at, number in enumerate(numbers)]
    assert words(unrolled(rolled(lines, height)).cues) == words([lines])
