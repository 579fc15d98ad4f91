"""The two corpora that come with the package."""

import pytest

from peercompare.corpus import open_corpus
from peercompare.errors import ConsentError

AS_OF = "2024-06-30"

# Worked out by hand from consents.csv and the column speakers of documents.csv.
LEFT_OUT_OF_ANALYSIS = {
    "ST005": ("S1-P07", "purpose not covered"),  # sharing alone
    "ST014": ("S1-P14", "not free and without extra review"),  # under a court order
    "ST018": ("S2-P34", "expired"),  # on 2023-01-01
    "ST023": ("S2-P29", "no record"),
    "ST041": ("S3-P52", "withdrawn"),  # on 2023-06-19
    "ST050": ("S4-P66", "withdrawn"),  # on 2023-10-27
}
LEFT_OUT_OF_TRAINING = LEFT_OUT_OF_ANALYSIS | {
    "ST028": ("S2-P33", "purpose not covered")
}  # analysis, no training


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of=AS_OF)


@pytest.fixture(scope="module")
def postings(corpora_folder):
    return open_corpus(corpora_folder / "job_descriptions")


def who(corpus):
    rows = corpus.left_out.itertuples()
    return {row.document_id: (row.person_id, row.reason) for row in rows}


def test_the_sessions_left_out_of_analysis_are_those_worked_out_by_hand(sessions):
    assert who(sessions) == LEFT_OUT_OF_ANALYSIS
    assert len(sessions.left_out) == 6
    assert len(sessions.documents) == 54
    assert sessions.left_out["n_segments"].sum() == 1022 - len(sessions.segments) == 105


def test_the_sessions_left_out_of_training_are_those_worked_out_by_hand(corpora_folder):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of=AS_OF, purpose="training")
    assert who(corpus) == LEFT_OUT_OF_TRAINING
    assert len(corpus.documents) == 53


def test_permits_training_leaves_out_one_session_more(sessions):
    refused = sessions.segments.set_index("segment_id")["document_id"][~sessions.permits("training")]
    assert set(refused) == {"ST028"}


def test_earlier_days_leave_out_others(corpora_folder):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of="2023-06-18")
    assert {"ST041", "ST050"} - set(corpus.left_out["document_id"]) == {"ST041"}
    assert set(corpus.left_out.loc[corpus.left_out["document_id"] == "ST050", "reason"]) == {
        "not yet granted"
    }


def test_the_sessions_cannot_be_opened_where_lacking_consent_stops(corpora_folder):
    with pytest.raises(ConsentError) as caught:
        open_corpus(corpora_folder / "session_transcripts", as_of=AS_OF, policy="raise")
    assert len(caught.value.problems) == 6


def test_redaction_keeps_all_sessions_and_every_segment_in_place(corpora_folder, sessions):
    corpus = open_corpus(corpora_folder / "session_transcripts", as_of=AS_OF, policy="redact")
    assert len(corpus.documents) == 60
    assert len(corpus.segments) == 1022
    texts = corpus.documents.set_index("document_id")["text"]
    for row in corpus.segments.itertuples():
        assert texts[row.document_id][row.start : row.end] == row.text
    kept = corpus.segments["document_id"].isin(sessions.documents["document_id"])
    assert corpus.segments.loc[kept, "text"].tolist() == sessions.segments["text"].tolist()


def test_three_workers_agreed_to_feedback(sessions):
    workers = sorted(set(sessions.documents.loc[sessions.documents["worker_role"] == "peer", "worker_id"]))
    agreed = [worker for worker in workers if sessions.person_permits(worker, "individual_feedback")]
    assert (len(workers), agreed) == (8, ["W02", "W05", "W07"])


def test_a_worker_who_did_not_agree_to_quotation_is_not_quoted(sessions):
    mine = sessions.segments.loc[sessions.segments["speaker"] == "W04", "segment_id"]
    assert len(mine) > 50
    assert not sessions.quotable[mine].any()
    with pytest.raises(ConsentError):
        sessions.quote(mine.iloc[:1])


def test_the_corpora_have_the_sizes_that_their_datasheets_state(sessions, postings, corpora_folder):
    everything = open_corpus(corpora_folder / "session_transcripts", as_of=AS_OF, policy="redact")
    assert (len(postings.documents), len(postings.segments)) == (63, 1966)
    assert postings.documents["employer_id"].nunique() == 21
    assert (len(everything.documents), len(everything.segments)) == (60, 1022)
    for corpus in (postings, everything):
        gold = corpus.codings[(corpus.codings["coder_id"] == "gold") & corpus.codings["is_primary"]]
        assert set(gold["segment_id"]) == set(corpus.segments["segment_id"])
        assert corpus.composed


def test_every_file_says_where_it_comes_from(corpora_folder):
    for name in ("job_descriptions", "session_transcripts"):
        datasheet = (corpora_folder / name / "DATASHEET.md").read_text(encoding="utf-8")
        for words in ("composed by a language model", "machine-adjudicated", "lived experience", "CC BY 4.0"):
            assert words in " ".join(datasheet.split()), (name, words)
