"""Whatever words come in any transcript, all of them come out, in their order and under their speaker."""

import html

from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.readers.captions import read_captions
from peercompare.readers.plain import transcript_from_text

WORD = st.text(
    st.characters(categories=("L", "N", "P", "S", "M"), exclude_characters="<>{}-:&[]()#*|"),
    min_size=1,
    max_size=8,
)
WORDS = st.lists(WORD, min_size=1, max_size=6)
NAME = st.sampled_from(["Ann", "Ben Lee", "Dr. O'Neil", "P01", "Zoë", "Пётр"])
TURNS = st.lists(st.tuples(NAME, WORDS), min_size=1, max_size=8)


def joined(turns):
    found = []
    for name, said in turns:
        if found and found[-1][0] == name:
            found[-1][1].extend(said)
        else:
            found.append((name, list(said)))
    return found


def spoken(document):
    return [(turn.label, turn.text.split()) for turn in document.turns]


def clock(second):
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


@settings(max_examples=150, deadline=None)
@given(TURNS, st.data())
def test_captions_with_voices_keep_every_word(tmp_path_factory, turns, data):
    lines = ["WEBVTT", ""]
    at = 0
    while at < len(turns):
        n = data.draw(st.integers(1, 3))
        comma = data.draw(st.sampled_from(".,"))
        lines.append(f"{clock(at)}{comma}000 --> {clock(at + n)}{comma}500")
        cue = [
            f"<v {name}>{html.escape(' '.join(said), quote=False)}</v>" for name, said in turns[at : at + n]
        ]
        lines += [data.draw(st.sampled_from(["\n", " "])).join(cue), ""]
        at += n
    path = tmp_path_factory.mktemp("captions") / "a.vtt"
    path.write_bytes(data.draw(st.sampled_from(["\n", "\r\n"])).join(lines).encode("utf-8-sig"))
    document = read_captions(path)
    assert document.metadata["cues"] == document.metadata["arrows"]
    assert spoken(document) == [(" ".join(name.split()), said) for name, said in joined(turns)]


@settings(max_examples=150, deadline=None)
@given(TURNS, st.data())
def test_plain_transcripts_keep_every_word(turns, data):
    lines = []
    for at, (name, said) in enumerate(turns):
        form = data.draw(st.sampled_from(["{0}: {1}", "[{2}] {0}: {1}", "{0} ({2}): {1}", "{0}:\n{1}"]))
        cut = data.draw(st.integers(0, len(said)))
        words = "\n  ".join(filter(None, (" ".join(said[:cut]), " ".join(said[cut:]))))
        lines.append(form.format(name, words, clock(at)))
    text = "\n\n".join(lines)
    assert spoken(transcript_from_text(text, "a.txt")) == list(turns)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_no_text_makes_the_reader_of_captions_fail_or_lose_a_cue(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("captions") / "a.vtt"
    body = "\n".join(line.encode("utf-8", "replace").decode("utf-8").replace("\0", "") for line in lines)
    path.write_bytes(f"WEBVTT\n\n00:01.000 --> 00:02.000\nfirst words\n\n{body}\n".encode())
    document = read_captions(path)
    assert "first words" in document.text
    assert document.metadata["cues"] == document.metadata["arrows"]
