"""ConvoKit's five files: out and back the same, and nothing shared that nobody agreed to."""

import json
from dataclasses import replace

import pytest

from peercompare.consent import Consents
from peercompare.corpus import open_corpus
from peercompare.corpus.turns import turns
from peercompare.errors import ConsentError, InputError
from peercompare.exchange.from_corpus import corpus_to_project
from peercompare.readers import read_convokit, read_documents, write_convokit

UTTERANCES = [
    {"id": "1", "conversation_id": "c 1", "text": "Hi.\nYou.", "speaker": "ann", "timestamp": 2},
    {"id": "3", "conversation_id": "c2", "text": "Alone.", "speaker": {"id": "ann"}, "reply-to": None},
    {"id": "2", "conversation_id": "c 1", "text": "First.", "speaker": "ben", "timestamp": 1},
    {"id": "4", "conversation_id": "c2", "text": "", "speaker": "ben", "reply-to": "3"},
]  # fmt: skip


@pytest.fixture
def dump(write, tmp_path):
    def dump(lines):
        write("ck/utterances.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        write("ck/speakers.json", json.dumps({"ann": {"meta": {}}, "ben": {"meta": {}}}))
        write("ck/conversations.json", json.dumps({"c 1": {"meta": {"site": "S1", "x": [1]}, "vectors": []}}))
        write("ck/corpus.json", "{}")
        write("ck/index.json", "{}")
        return tmp_path / "ck"

    return dump


def test_conversations_are_read_in_the_order_of_time_or_file(dump):
    one, two = read_documents(dump(UTTERANCES), genre="session_transcript")
    assert (one.document_id, one.text) == ("c-1", "ben: First.\nann: Hi. You.\n")
    assert one.metadata["site"] == "S1"
    assert two.text == "ann: Alone.\n"
    assert two.warnings == ("c2: 1 utterances without words are left out",)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (
            {"id": "9", "conversation_id": "c2", "text": "x", "speaker": "ann", "reply-to": "8"},
            "replies to '8'",
        ),
        (
            {"id": "1", "conversation_id": "c2", "text": "x", "speaker": "ann"},
            "a second utterance has the id '1'",
        ),
        ({"id": "9", "conversation_id": "c2", "text": "x"}, "speaker is missing"),
        ({"id": "9", "text": "x", "speaker": "ann"}, "conversation_id is missing"),
        (["no"], "the line holds no utterance"),
    ],
)
def test_faulty_utterances_are_refused_by_line(dump, line, what):
    with pytest.raises(InputError, match=rf"utterances\.jsonl, line 5: .*{what}"):
        list(read_convokit(dump([*UTTERANCES, line])))


def test_two_conversations_that_become_one_id_are_refused(dump):
    with pytest.raises(InputError, match="'c 1' and 'c/1' become one id"):
        list(read_convokit(dump([*UTTERANCES, {**UTTERANCES[0], "id": "9", "conversation_id": "c/1"}])))


def test_a_folder_that_lacks_a_file_is_refused(dump):
    folder = dump(UTTERANCES)
    (folder / "speakers.json").unlink()
    with pytest.raises(InputError, match=r"speakers\.json: the file cannot be opened"):
        list(read_convokit(folder))


@pytest.fixture(scope="module")
def shared(corpora_folder):
    return open_corpus(
        corpora_folder / "session_transcripts", purpose=["analysis", "sharing"], as_of="2024-06-30"
    )


def test_what_is_written_is_read_again_with_the_same_words(shared, tmp_path):
    folder = write_convokit(shared, tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == [
        "conversations.json", "corpus.json", "index.json", "speakers.json", "utterances.jsonl",
    ]  # fmt: skip
    texts = shared.documents.set_index("document_id")["text"]
    found = {document.document_id: document for document in read_convokit(folder)}
    assert set(found) == set(texts.index)
    for document_id, text in texts.items():
        said = [" ".join(text[turn.start : turn.end].split()) for turn in turns(text)]
        assert [turn.text for turn in found[document_id].turns] == [words for words in said if words]


def test_utterances_carry_their_segments_and_speakers_are_people(shared, tmp_path):
    folder = write_convokit(shared, tmp_path / "out")
    lines = [json.loads(line) for line in (folder / "utterances.jsonl").read_text("utf-8").splitlines()]
    carried = {
        segment["segment_id"]: line["text"][segment["start"] : segment["end"]]
        for line in lines
        for segment in line["meta"]["segments"]
    }
    assert carried == dict(zip(shared.segments["segment_id"], shared.segments["text"], strict=True))
    assert {line["speaker"] for line in lines} <= set(
        json.loads((folder / "speakers.json").read_text("utf-8"))
    )


def test_nothing_is_written_for_people_who_did_not_agree_to_sharing(corpora_folder, tmp_path):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30")
    with pytest.raises(ConsentError, match="has not agreed to sharing"):
        write_convokit(corpus, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_whoever_withdrew_since_the_day_of_the_opening_is_not_handed_on(shared, tmp_path):
    who = shared.documents["speakers"].iloc[0].split("=")[-1]
    records = shared.consents.records.copy()
    records.loc[who, "withdrawn_on"] = "2024-07-01"
    corpus = replace(shared, consents=Consents(records))
    with pytest.raises(ConsentError, match=f"{who} has not agreed to sharing, or no longer"):
        write_convokit(corpus, tmp_path / "out")
    project, _ = corpus_to_project(corpus)
    with_them = {row.document_id for row in shared.documents.itertuples() if f"={who}" in row.speakers}
    names = {document.name for document in project.documents}
    assert not names & with_them
    assert names == set(shared.documents["document_id"]) - with_them


def test_postings_and_folders_that_exist_are_refused(corpora_folder, shared, tmp_path):
    with pytest.raises(InputError, match="has no conversations"):
        write_convokit(open_corpus(corpora_folder / "job_descriptions"), tmp_path / "out")
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="exists already"):
        write_convokit(shared, tmp_path / "out")
