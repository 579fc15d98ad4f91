"""ELAN and CHAT: whole utterances, their times, and nothing executed or expanded."""

import re
import time

import pytest

from peercompare.errors import InputError
from peercompare.readers.speech import read_chat, read_elan

CHAT = """@UTF8
@Begin
@Languages:\teng
@Participants:\tPAR Ann Participant, INV Investigator
@ID:\teng|x|PAR|71;00.|female|MCI||Participant|||
@Date:\t05-MAR-2024
*PAR:\twell &-um I <I was> [/] was (be)cause
\tof xxx +... \x15100_2500\x15
%mor:\tadv|well
*INV:\t+< mhm . \x152000_2400\x15
*PAR:\t<so> [>] tired (.) &=laughs . \x152600_3000\x15
@End
"""

EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-03-05T10:00:00+01:00" FORMAT="3.0" VERSION="3.0">
  <TIME_ORDER>
    <TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="t2" TIME_VALUE="2000"/>
    <TIME_SLOT TIME_SLOT_ID="t3" TIME_VALUE="1500"/><TIME_SLOT TIME_SLOT_ID="t4" TIME_VALUE="3000"/>
    <TIME_SLOT TIME_SLOT_ID="t5"/>
  </TIME_ORDER>
  <TIER TIER_ID="b" PARTICIPANT="Ben"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2"
    TIME_SLOT_REF1="t3" TIME_SLOT_REF2="t4"><ANNOTATION_VALUE>I &amp; you</ANNOTATION_VALUE>
    </ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
  <TIER TIER_ID="Ann"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1"
    TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2"><ANNOTATION_VALUE>We two [unclear]</ANNOTATION_VALUE>
    </ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
  <TIER TIER_ID="gloss" PARENT_REF="Ann"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1">
    <ANNOTATION_VALUE>nous</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>
"""


def test_chat_turns_keep_their_words_times_overlaps_and_what_was_not_heard(write):
    document = read_chat(write("c.cha", CHAT))
    assert document.text == (
        "PAR: well um I I was was because of xxx ...\nINV: mhm.\nPAR: so tired (.) [laughs].\n"
    )
    assert [(turn.start, turn.end, turn.overlap, turn.inaudible) for turn in document.turns] == [
        (0.1, 2.5, False, 1), (2.0, 2.4, True, 0), (2.6, 3.0, True, 0),
    ]  # fmt: skip
    assert document.metadata["date"] == "2024-03-05"
    assert "%mor (1)" in document.warnings[0]


def test_chat_keeps_no_age_sex_or_diagnosis(write):
    assert "MCI" not in str(dict(read_chat(write("c.cha", CHAT)).metadata))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("@End\n", ""), "breaks off before @End"),
        (
            ("INV Investigator", "PAR Ben Investigator"),
            "two participants have the code PAR: number 1 and number 2",
        ),
        (("@Begin\n", ""), "no line @Begin"),
        (("%mor:", "mor:"), "line 9: a line that is no header"),
    ],
)
def test_faulty_chat_is_refused_with_its_place(write, change, what):
    with pytest.raises(InputError, match=re.escape(what)):
        read_chat(write("c.cha", CHAT.replace(*change)))


def test_elan_tiers_become_turns_in_the_order_of_time(write):
    document = read_elan(write("e.eaf", EAF))
    assert [(turn.label, turn.text, turn.start, turn.end, turn.overlap) for turn in document.turns] == [
        ("Ann", "We two [unclear]", 0.5, 2.0, False),
        ("Ben", "I & you", 1.5, 3.0, True),
    ]
    assert document.turns[0].inaudible == 1
    assert "gloss (1)" in document.warnings[0]


def test_an_annotation_without_times_stands_at_the_end(write):
    document = read_elan(write("e.eaf", EAF.replace('"t1" TIME_SLOT_REF2="t2"', '"t5" TIME_SLOT_REF2="t5"')))
    assert [turn.start for turn in document.turns] == [1.5, None]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.99])
def test_truncated_elan_is_refused(write, share):
    with pytest.raises(InputError, match=r"e\.eaf, line \d+: the XML is broken or breaks off"):
        read_elan(write("e.eaf", EAF[: int(len(EAF) * share)]))


def bomb(levels):
    lines = ['<!ENTITY a0 "aaaaaaaaaa">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels)]
    body = EAF.partition("?>\n")[2].replace("We two", f"&a{levels - 1};")
    return f"<?xml version='1.0'?>\n<!DOCTYPE x [{''.join(lines)}]>\n{body}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_is_refused_at_once(write, encoding):
    begun = time.perf_counter()
    with pytest.raises(InputError, match=r"e\.eaf: the file declares a document type"):
        read_elan(write("e.eaf", bomb(12).encode(encoding)))
    assert time.perf_counter() - begun < 2


def test_an_entity_of_the_machine_is_never_read(write, tmp_path):
    secret = write("secret.txt", "do not read")
    text = EAF.replace(
        "?>\n", f'?>\n<!-- {"x" * 70_000} -->\n<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>\n', 1
    )
    with pytest.raises(InputError, match="document type"):
        read_elan(write("e.eaf", text.replace("We two", "&s;")))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (('REF1="t1"', 'REF1="t9"'), r"line 12: the annotation a1 names the time slot t9"),
        (("ANNOTATION_DOCUMENT", "OTHER"), "the root is OTHER"),
        (("We two [unclear]", ""), ""),
    ],
)
def test_faulty_elan_is_refused_with_its_place(write, change, what):
    text = EAF.replace(*change)
    if not what:
        text, what = text.replace("I &amp; you", " "), "no tier that stands by itself has words"
    with pytest.raises(InputError, match=what):
        read_elan(write("e.eaf", text))


@pytest.mark.fixtures
def test_all_real_chat_files_are_read_and_lose_no_word(fixtures_folder, words):
    paths = sorted((fixtures_folder / "speech" / "chat_talkbank").rglob("*.cha"))
    assert len(paths) >= 80
    for path in paths:
        document = read_chat(path)
        text = path.read_text(encoding="utf-8-sig").replace("\n\t", " ")
        said = [line.partition(":")[2] for line in text.split("\n") if line.startswith("*")]
        bare = re.sub(r"\x15[^\x15]*\x15|\d+_\d+\s*$|\[[^\]]*\]|@[\w:&+]+", " ", "\n".join(said), flags=re.M)
        kept = "".join(words(document.text))
        for word in words(re.sub(r"[()<>]|&[-+~=]|\u2308|\u2309", "", bare)):
            assert word in kept, (path.name, word)


@pytest.mark.fixtures
def test_real_chat_files_agree_with_their_speakers_and_times(fixtures_folder):
    document = read_chat(fixtures_folder / "speech" / "chat_talkbank" / "eng_multi_speaker.jan9.cha")
    assert document.speakers == ("FAT", "CHI")
    assert document.turns[0].text.startswith("wanna give me a kiss? come on give me a kiss.")
    assert (document.turns[0].start, document.turns[0].end) == (0.6, 9.733)


@pytest.mark.fixtures
def test_elan_annotations_are_those_that_pympi_finds(fixtures_folder):
    pympi = pytest.importorskip("pympi")
    path = fixtures_folder / "speech" / "elan_pympi" / "sample_3.0.eaf"
    theirs = pympi.Elan.Eaf(str(path))
    said = " ".join(turn.text for turn in read_elan(path).turns if turn.label == "text")
    annotations = sorted(theirs.get_annotation_data_for_tier("text"))
    assert said == " ".join(" ".join(text.split()) for _, _, text, *_ in annotations)


@pytest.mark.fixtures
def test_the_real_elan_file_gives_every_annotation_of_its_own_tiers(fixtures_folder, words):
    path = fixtures_folder / "speech" / "elan_pympi" / "sample_3.0.eaf"
    document = read_elan(path)
    assert document.speakers == ("gestures", "text")
    assert sum(turn.text.count("quick brown fox") for turn in document.turns if turn.label == "text") == 399
    assert "words-pos (1995)" in document.warnings[0]
