"""The same short talk in the forms of five tools comes out the same; a dump comes out as it was mapped."""

import pytest

from peercompare.readers import apply_roster, read_documents, read_roster

TALK = (
    "W01: You made it. The bus was running? I wasn't sure you'd want to, after Tuesday.\n"
    "P01: It was. I almost got off & walked home.\n"
    "W01: Yeah.\n"
)


@pytest.fixture(scope="module")
def folder(data_folder):
    return data_folder / "readers"


@pytest.mark.parametrize("name", ["zoom.vtt", "teams.vtt", "rev.txt", "interview.srt", "otter.txt"])
def test_one_talk_in_the_forms_of_five_tools_comes_out_the_same(folder, name):
    (document,) = read_documents(folder / name, genre="session_transcript")
    found = apply_roster(document, read_roster(folder / "roster.csv"))
    assert found.text.replace(" Transcribed by https://example.org", "") == TALK
    assert [int(turn.start) for turn in found.turns[:2]] == [2, 10]
    assert found.metadata["speakers"] == "W01=W01 P01=S1-P01"


def test_a_dump_comes_out_as_it_was_mapped(folder):
    documents = read_documents(
        folder / "postings.jsonl", genre="job_description", mapping=folder / "mapping.toml"
    )
    one, two = documents
    assert one.text == "Peer Advocate\n\nYou are around.\n\n- make coffee & sit\n- go along to hearings\n"
    told = {
        "employer": "Upstairs, Inc.",
        "date": "2024-03-05",
        "place": "Tolliver, MA",
        "setting": "community",
    }
    assert told.items() <= one.metadata.items()
    assert (one.document_id, two.document_id) == ("A-17", "B-2")
    assert two.text == "Case Manager\n\nKeeps the plan.\n\n- assess\n- document\n"
