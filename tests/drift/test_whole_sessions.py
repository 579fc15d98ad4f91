"""Measures of whole sessions: counted by hand, consent asked, few workers withheld."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from canaries import AS_OF, canaries_in, write_corpus

from peercompare.corpus import open_corpus
from peercompare.drift import COLUMNS, Plan
from peercompare.drift.whole_sessions import MEASURES, measures_table, session_measures, turns_left_out
from peercompare.errors import InputError

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}


def hall(*texts, workers=None):
    """Stands in for a corpus opened for analysis: one session for each text."""
    documents = pd.DataFrame(
        {
            "document_id": [f"D{n}" for n in range(len(texts))],
            "worker_id": workers or [f"W{n}" for n in range(len(texts))],
            "speakers": [f"A={worker} B=P1" for worker in workers or [f"W{n}" for n in range(len(texts))]],
            "text": texts,
        }
    )
    return SimpleNamespace(name="hall", documents=documents, purposes=("analysis",), as_of=None)


def one(text):
    return session_measures(hall(text)).iloc[0]


def test_words_questions_and_turns_are_counted_by_side():
    row = one("A: Did you sleep? And eat?\nB: [pause] Not much, no.\nA: Hm.\nB: You?\n")
    assert row["n_turns"] == 4
    assert row["worker_talk_share"] == 6 / 10
    assert row["worker_question_share"] == pytest.approx(2 / 3)
    assert row["worker_questions_a_turn"] == 1.0
    assert row["worker_turn_words"] == 3.0
    assert row["other_turn_words"] == 2.0


def test_a_row_of_question_marks_is_one_question():
    assert one("A: What??? No?\nB: Yes.\n")["worker_questions_a_turn"] == 2


def test_who_first_says_a_word_that_another_takes_up():
    text = "A: The landlord came.\nB: My landlord too, about rent.\nA: Rent is due.\nA: Garden work.\n"
    rows = session_measures(hall(text, *["A: Well.\nB: Good.\n"] * 4))
    # "landlord" is the worker's, "rent" the other's; "garden" nobody else took up.
    assert rows.iloc[0]["worker_first_use_share"] == 0.5


def test_words_of_most_sessions_and_short_words_are_no_topic():
    rows = session_measures(hall("A: well then cat\nB: well then cat\n", "A: well then dog\nB: well then\n"))
    assert rows["worker_first_use_share"].isna().all()


def test_two_of_the_others_taking_up_from_each_other_counts_for_neither_as_the_workers():
    corpus = hall("B: A kettle broke.\nC: Which kettle?\nA: Hm.\n", *["A: Well.\nB: Good.\n"] * 4)
    corpus.documents.loc[0, "speakers"] = "A=W0 B=P1 C=P2"
    assert session_measures(corpus).iloc[0]["worker_first_use_share"] == 0.0


def test_a_blacked_out_turn_counts_as_left_out_and_spoils_shares_alone():
    row = one("A: Did you sleep?\nB: ████ ██\nA: Fine.\n")
    assert (row["n_turns"], row["n_turns_left_out"]) == (2, 1)
    assert row[["worker_talk_share", "worker_question_share", "worker_first_use_share"]].isna().all()
    assert row["worker_questions_a_turn"] == 0.5


def test_turns_without_words_and_words_before_the_first_label_count_for_nothing():
    row = one("Recorded in May.\nA: [pause]\nB: Yes.\n")
    assert row["n_turns"] == 1
    assert np.isnan(row["worker_turn_words"])


def test_texts_without_speakers_have_no_turns():
    corpus = hall("A: Hm.\n")
    corpus.documents = corpus.documents.drop(columns="speakers")
    with pytest.raises(InputError, match="no turns"):
        session_measures(corpus)


def test_sessions_weigh_the_same_and_workers_are_the_clusters():
    long, short = "A: one two three.\nB: one.\n", "A: one.\nB: one two three.\n"
    workers = [f"W{n // 2}" for n in range(12)]
    sessions = session_measures(hall(*[long, long, short] * 4, workers=workers))
    table = measures_table(sessions, plan=Plan("hall", "worker_id"))
    assert list(table.columns) == [*COLUMNS, "cannot_tell"]
    row = table.set_index("estimand").loc["worker_talk_share"]
    assert row["estimate"] == pytest.approx((0.75 * 2 + 0.25) / 3)
    assert 0 < row["lower"] < row["estimate"] < row["upper"] < 1
    assert (row["n_workers"], row["n_segments"], row["n_documents"]) == (6, 12, 12)
    assert "jackknife over workers" in row["method"]
    assert set(table["estimand"]) == set(MEASURES)
    assert (table["cannot_tell"] != "").all()


def test_groups_of_few_workers_are_withheld_and_what_would_give_them_back():
    sessions = session_measures(hall(*["A: one two.\nB: one.\n"] * 9)).assign(place=["n"] * 6 + ["s"] * 3)
    table = measures_table(sessions, plan=Plan("hall", "worker_id"), group_by=["all", "place"])
    shown = table[table["estimand"] == "worker_talk_share"].set_index("group")["estimate"].notna()
    assert shown.to_dict() == {"all": True, "n": False, "s": False}


@pytest.fixture
def canaries(tmp_path):
    """Eight pairs; one participant's record does not cover analysis."""
    write_corpus(tmp_path / "corpus", CODES, lacking={"P2": "analysis"})

    def opened(policy):
        return open_corpus(tmp_path / "corpus", purpose="analysis", as_of=AS_OF, policy=policy)

    return opened


def test_only_turns_of_people_who_consented_count_and_the_rest_is_told(canaries):
    used, whole = canaries("exclude"), canaries("redact")
    counted = turns_left_out(whole, used)
    assert counted["n_turns"] == session_measures(used)["n_turns"].sum()
    assert counted["n_turns_refused"] == session_measures(whole)["n_turns_left_out"].sum() > 0
    assert counted["n_turns_beside"] > 0  # the worker of those sessions said yes


def test_no_words_come_out(canaries):
    assert not canaries_in(session_measures(canaries("exclude")))
