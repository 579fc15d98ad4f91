"""Keyed hashes of people: known again by who has the corpus, by nobody else."""

import dataclasses
import multiprocessing
import stat

import pytest

from peercompare.corpus import open_corpus
from peercompare.corpus.person_keys import (
    COMPOSED,
    KEY_FILE,
    blacked_out,
    keyed_hash,
    keyed_people,
    people_heard,
    person_key,
)
from peercompare.corpus.turns import redact
from peercompare.errors import ConsentError


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30", policy="redact")


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    first = person_key(tmp_path, "real", composed=False, make=True)
    assert person_key(tmp_path, "real", composed=False, make=True) == first
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_without_being_asked_to_no_secret_is_made(tmp_path):
    with pytest.raises(ConsentError, match="is absent"):
        person_key(tmp_path, "real", composed=False)
    assert not list(tmp_path.iterdir())


def make(folder, queue):
    queue.put(person_key(folder, "real", composed=False, make=True))


def test_two_processes_at_once_get_the_same_secret(tmp_path):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    processes = [context.Process(target=make, args=(tmp_path, queue)) for _ in range(4)]
    for process in processes:
        process.start()
    keys = {queue.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert len(keys) == 1


def test_a_composed_corpus_says_so_in_every_hash_and_its_folder_stays_as_it_is(sessions):
    hashes = keyed_people(sessions, ["W01", "W02", "W01"])
    assert list(hashes) == ["W01", "W02"]
    assert all(each.startswith(COMPOSED) for each in hashes.values())
    assert not (sessions.folder / KEY_FILE).exists()


def test_equal_ids_in_two_corpora_cannot_be_linked():
    one, other = (person_key(".", name, composed=True) for name in ("one", "other"))
    assert keyed_hash(one, "W01") != keyed_hash(other, "W01")


def test_people_whom_consent_left_out_are_not_heard(sessions):
    heard = people_heard(sessions)
    left_out = sessions.left_out[["document_id", "person_id"]].drop_duplicates()
    assert len(left_out)
    assert not any(row.person_id in heard[row.document_id] for row in left_out.itertuples())
    assert "W01" in heard["ST001"]


def test_people_whose_turns_are_blacked_out_in_the_folder_are_not_heard(sessions):
    documents = sessions.documents.copy()
    documents.loc[0, "text"] = redact(documents.loc[0, "text"], ["W01"])
    heard = people_heard(dataclasses.replace(sessions, documents=documents))
    assert "W01" not in heard["ST001"]
    assert heard["ST001"] == [each for each in people_heard(sessions)["ST001"] if each != "W01"]


def test_who_said_one_word_more_is_heard():
    text = redact("W01: Hi.\nP01: No.\nW01: Yes.", ["W01"])
    assert blacked_out(text) == {"W01"}
    assert blacked_out(text + "\nW01: Still here.") == set()
