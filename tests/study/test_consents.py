"""Who agreed to what is counted, and no other table gives a small count back."""

import dataclasses

import pandas as pd
import pytest

from peercompare.corpus import open_corpus
from peercompare.study.consents import COLUMNS, agreed_table
from peercompare.study.stages import count_left_out


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30")


def test_every_role_and_purpose_has_its_counts(sessions):
    agreed = agreed_table(sessions, count_left_out(sessions))
    assert list(agreed.columns) == list(COLUMNS)
    workers = agreed[(agreed["role"] == "worker") & (agreed["purpose"] == "analysis")]
    assert dict(zip(workers["state"], workers["n_people"], strict=True)) == {
        "agreed": 8,
        "ended": 0,
        "not agreed": 0,
    }
    assert set(agreed["corpus"]) == {"session_transcripts"}


def test_a_corpus_in_which_nobody_speaks_gives_no_row(corpora_folder):
    postings = open_corpus(corpora_folder / "job_descriptions")
    agreed = agreed_table(postings, count_left_out(postings))
    assert agreed.empty
    assert list(agreed.columns) == list(COLUMNS)


@pytest.mark.parametrize(("told", "hidden"), [(6, True), (pd.NA, False)])
def test_what_the_gate_tells_does_not_give_a_withheld_count_back(sessions, monkeypatch, told, hidden):
    """Six people left out in all, and five of one role, would tell that one of another did not agree."""
    rows = [
        ("participant", "all", "all", 58), ("participant", "analysis", "agreed", 53),
        ("participant", "analysis", "not agreed", 5), ("worker", "all", "all", 8),
        ("worker", "analysis", "agreed", pd.NA), ("worker", "analysis", "not agreed", pd.NA),
        ("participant", "training", "agreed", 51),
    ]  # fmt: skip
    agreed = pd.DataFrame(rows, columns=["role", "purpose", "state", "n_people"])
    agreed = agreed.astype({"n_people": "Int64"}).assign(withheld="", waiver=False)
    status = type("Status", (), {"agreed": agreed})
    monkeypatch.setattr("peercompare.study.consents.consent_status", lambda corpus: status)
    real = dataclasses.replace(sessions, composed=False)
    made = agreed_table(real, pd.DataFrame({"n_people": pd.array([told], dtype="Int64")}))
    analysis = made[(made["purpose"] == "analysis")]
    assert analysis["n_people"].isna().all() == hidden
    assert made.loc[made["purpose"] == "training", "n_people"].tolist() == [51]
    assert made.loc[made["state"] == "all", "n_people"].tolist() == [58, 8]
