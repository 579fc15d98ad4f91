"""Codings of one more coder join those of a corpus, all or nothing, and nothing that stands is changed."""

import json

import pandas as pd
import pytest
from canaries import AS_OF, write_corpus

from peercompare.corpus import open_corpus, register
from peercompare.errors import CodingError, CorpusError
from peercompare.exchange.joining import FILE, join_codings
from peercompare.safekeeping.access_log import ACCESS_LOG
from peercompare.sheets import CODINGS

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}


@pytest.fixture
def folder(tmp_path):
    return write_corpus(tmp_path / "corpus", CODES)


def codings_of(folder, coder="dee", n=3, code="none"):
    segments = pd.read_csv(folder / "segments.csv", dtype="str")["segment_id"][:n]
    rows = [(each, coder, code, True, "", "=1+1, he said") for each in segments]
    return pd.DataFrame(rows, columns=list(CODINGS))


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_codings_are_added_with_their_hash_and_the_corpus_opens(folder):
    before, codings = (folder / FILE).read_bytes(), codings_of(folder)
    join_codings(folder, codings)
    assert (folder / FILE).read_bytes().startswith(before)
    corpus = open_corpus(folder, as_of=AS_OF)
    found = corpus.codings[corpus.codings["coder_id"] == "dee"]
    assert found["segment_id"].tolist() == codings["segment_id"].tolist()
    assert set(found["memo"]) == {"'=1+1, he said"}
    assert found["is_primary"].all()


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_columns_in_another_order_and_other_line_ends_are_kept(folder, end):
    table = pd.read_csv(folder / FILE, dtype="str", keep_default_na=False)[list(reversed(CODINGS))]
    text = table.to_csv(index=False, lineterminator=end or "\n")
    # the last row may stand without a line end
    (folder / FILE).write_bytes((text if end else text.rstrip("\n")).encode())
    register(folder)
    join_codings(folder, codings_of(folder))
    data = (folder / FILE).read_bytes()
    assert data.count(b"\r\n") == (len(table) + 4 if end else 0)
    after = pd.read_csv(folder / FILE, dtype="str", keep_default_na=False)
    assert list(after.columns) == list(table.columns)
    assert after["coder_id"].tolist() == [*table["coder_id"], "dee", "dee", "dee"]


def test_a_coder_who_coded_these_segments_is_refused_and_they_are_listed(folder):
    join_codings(folder, codings_of(folder, n=2))
    stands = contents(folder)
    with pytest.raises(CodingError, match="dee has coded it already") as refusal:
        join_codings(folder, codings_of(folder, n=4))
    assert [each.where for each in refusal.value.problems] == [
        f"segment {each}" for each in codings_of(folder, n=2)["segment_id"]
    ]
    assert contents(folder) == stands
    join_codings(folder, codings_of(folder, coder="cy", n=2))


def test_unknown_segments_and_codes_are_refused_together(folder):
    stands, codings = contents(folder), codings_of(folder)
    codings.loc[0, "segment_id"] = "elsewhere"
    codings.loc[1, "code"] = "no/code"
    with pytest.raises(CodingError) as refusal:
        join_codings(folder, codings)
    unknown, odd = refusal.value.problems
    assert unknown.what == "the corpus has no such segment"
    assert "its code is none of" in odd.what
    with pytest.raises(CodingError, match="no coding"):
        join_codings(folder, codings[:0])
    assert contents(folder) == stands


def test_a_folder_that_was_changed_by_hand_is_refused(folder):
    with open(folder / FILE, "a", encoding="utf-8") as stream:
        stream.write("\n")
    stands = contents(folder)
    with pytest.raises(CorpusError, match="changed since its hash"):
        join_codings(folder, codings_of(folder))
    assert contents(folder) == stands


def test_codings_join_an_encrypted_corpus_and_stay_encrypted(folder, tmp_path, monkeypatch):
    pytest.importorskip("pyrage")
    from peercompare.safekeeping.encryption import encrypt_corpus

    key, codings = tmp_path / "keys" / "key.txt", codings_of(folder)
    encrypt_corpus(folder, key_file=key)
    monkeypatch.setenv("PEERCOMPARE_KEY_FILE", str(key))
    join_codings(folder, codings)
    assert not (folder / FILE).exists()
    opened = open_corpus(folder, as_of=AS_OF).codings
    assert (opened["coder_id"] == "dee").sum() == len(codings)


def test_the_audit_log_says_which_documents_it_was(folder):
    (folder / ACCESS_LOG).touch()  # the words of this corpus are made up, so that it keeps no log by itself
    join_codings(folder, codings_of(folder, n=1))
    last = json.loads((folder / ACCESS_LOG).read_text(encoding="utf-8").splitlines()[-1])
    assert last["did"] == "add codings"
    segments = pd.read_csv(folder / "segments.csv", dtype="str")
    assert segments["document_id"][0] in json.dumps(last)
    n_lines = len((folder / ACCESS_LOG).read_text(encoding="utf-8").splitlines())
    with pytest.raises(CodingError):
        join_codings(folder, codings_of(folder, n=1))
    assert len((folder / ACCESS_LOG).read_text(encoding="utf-8").splitlines()) == n_lines
