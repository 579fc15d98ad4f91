"""The tables of a package: everything that numbers are made of, and nothing that tells who anybody is."""

import re

import pandas as pd
import pytest
from canaries import AS_OF, PEOPLE, canaries_in, write_corpus

from peercompare.corpus import open_corpus
from peercompare.drift import corpus_scores
from peercompare.packing.rows import corpus_folder, numbers_for_people, rows_of
from peercompare.packing.sharing import handed_on

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows") / "corpus"
    write_corpus(folder, CODES, lacking={"W1": "sharing"})
    return open_corpus(folder, as_of=AS_OF)


@pytest.fixture(scope="module")
def tables(corpus):
    predictions = corpus.segments[["segment_id"]].assign(corpus=corpus.name, peer=0.5)
    return rows_of(corpus, handed_on(corpus, day=corpus.as_of), predictions)


def test_people_are_numbers_in_the_order_of_their_ids(corpus):
    numbers = numbers_for_people(corpus)
    assert list(numbers) == sorted(PEOPLE)
    assert sorted(numbers.values()) == list(numbers.values())


def test_rows_hold_nobodys_words_and_nobodys_id(tables):
    assert not canaries_in(tables)
    for table in tables.values():
        cells = table.astype(str).to_numpy().ravel()
        assert not [cell for cell in cells if re.fullmatch(r"[WP]\d", cell)]


def test_labels_of_held_back_documents_stay_behind(tables):
    documents = tables["documents"].set_index("document_id")
    assert documents.loc["D11", "speakers"] == ""
    assert documents.loc["D21", "speakers"] == "A=person_010 B=person_002"
    assert not documents.loc["D12", "words"]
    segments = tables["segments"]
    assert set(segments.loc[segments["document_id"].isin(["D11", "D12"]), "speaker"]) == {""}


def test_a_remark_is_told_as_there_or_not_and_a_tie_as_a_tie(corpus):
    memos = ["", "she said it by rule 8 of ours", "her river", "rule 81"]
    codings = corpus.codings.head(4).assign(memo=memos)
    import dataclasses

    given = dataclasses.replace(corpus, codings=codings)
    found = rows_of(given, handed_on(given, day=corpus.as_of), pd.DataFrame())["codings"]["memo"].tolist()
    assert found == ["", "rule 8", "a remark, held back", "a remark, held back"]


def test_what_drift_needs_is_all_there(corpus, tables):
    import dataclasses

    words = dict(zip(corpus.segments["segment_id"], corpus.segments["text"], strict=True))
    again = dataclasses.replace(
        corpus,
        documents=tables["documents"],
        segments=tables["segments"].assign(text=tables["segments"]["segment_id"].map(words)),
        codings=tables["codings"],
    )
    ours, theirs = corpus_scores(corpus), corpus_scores(again)
    kept = [c for c in ours if c not in ("worker_id", "speakers", "corpus", "genre")]
    pd.testing.assert_frame_equal(ours[kept], theirs[kept])
    assert ours["worker_id"].nunique() == theirs["worker_id"].nunique()


def test_the_folder_with_words_has_those_documents_alone_and_records_without_ages(corpus):
    found = corpus_folder(corpus, handed_on(corpus, day=corpus.as_of))
    assert not {"D11", "D12"} & set(found["documents"]["document_id"])
    assert set(found["segments"]["document_id"]) == set(found["documents"]["document_id"])
    records = found["consents"]
    assert len(records) == 14
    assert set(records["age_group"]) == {"adult"}
    assert set(records["granted_on"]) == {AS_OF}
    assert set(records["purposes"]) == {"analysis training quotation sharing individual_feedback"}
