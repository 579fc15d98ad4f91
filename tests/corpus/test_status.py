import csv
import io

import pandas as pd
import pytest
from canaries import AS_OF, PEOPLE, canaries_in, write_corpus

from peercompare.cli import main
from peercompare.consent.asking import PURPOSES
from peercompare.corpus import consent_status, open_corpus
from peercompare.errors import ConsentError, CorpusError

CODES = {"peer": "focus/peer", "overlap": "focus/overlap", "clinical": "focus/clinical", "none": "none"}


@pytest.fixture
def folder(tmp_path):
    """Eight workers and eight participants; P1 and P2 have expired, P3 withdrew, W1 wants no feedback."""
    records = {
        "P1": {"expires_on": "2024-01-31"},
        "P2": {"expires_on": "2024-02-29"},
        "P3": {"withdrawn_on": "2024-03-01"},
        "P4": {"expires_on": "2024-08-01"},
        "P5": {"expires_on": "2025-08-01"},
    }
    return write_corpus(tmp_path / "corpus", CODES, lacking={"W1": "individual_feedback"}, **records)


@pytest.fixture
def real(folder):
    manifest = folder / "corpus.toml"
    manifest.write_text(manifest.read_text().replace("composed = true", "composed = false"))
    return folder


def cell(table, column="n_people", **values):
    for name, value in values.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table[column].iloc[0]


def test_people_are_counted_by_role_purpose_and_state(folder):
    agreed = consent_status(folder, AS_OF).agreed
    asked = {"role": "participant", "purpose": "analysis"}
    assert [cell(agreed, state=state, **asked) for state in ("agreed", "ended", "not agreed")] == [5, 3, 0]
    assert cell(agreed, role="worker", purpose="individual_feedback", state="not agreed") == 1
    assert cell(agreed, role="participant", purpose="all", state="all") == 8


def test_feedback_is_asked_of_workers_alone(folder):
    agreed = consent_status(folder, AS_OF).agreed
    assert set(agreed.loc[agreed["purpose"] == "individual_feedback", "role"]) == {"worker"}


def test_reasons_add_up_to_those_who_do_not_agree(folder):
    reasons = consent_status(folder, AS_OF).reasons
    asked = {"role": "participant", "purpose": "sharing"}
    assert cell(reasons, reason="expired", **asked) == 2
    assert cell(reasons, reason="withdrawn", **asked) == 1


@pytest.mark.parametrize(("soon", "n"), [(31, 0), (32, 1), (396, 1), (397, 2)])
def test_what_ends_within_the_days_asked_for_is_counted_and_what_ended_is_not(folder, soon, n):
    ending = consent_status(folder, AS_OF, soon=soon).ending
    assert ending["n_people"].sum() == n


def test_documents_left_out_are_counted_by_result_as_the_gate_leaves_them_out(folder):
    results = consent_status(folder, AS_OF).results
    for purpose in PURPOSES[:4]:
        corpus = open_corpus(folder, as_of=AS_OF, purpose=purpose)
        n_documents = corpus.left_out["document_id"].nunique()
        assert cell(results, "n_documents", purpose=purpose, reason="all") == n_documents == 6
        lost = corpus.left_out.drop_duplicates("document_id")["n_segments"].sum()
        assert cell(results, "n_segments", purpose=purpose, reason="all") == lost
        assert cell(results, "n_documents", purpose=purpose, reason="withdrawn") == 2
        assert cell(results, "n_segments", purpose=purpose, reason="expired") == 24
    assert cell(results, "n_documents", purpose="individual_feedback", reason="all") == 2


def test_nobody_is_named_unless_asked_and_then_by_id(folder):
    status = consent_status(folder, AS_OF)
    assert status.people is None
    tables = (status.agreed, status.reasons, status.ending, status.restrictions, status.results)
    cells = {str(each) for table in tables for column in table for each in table[column]}
    assert not cells & set(PEOPLE)
    people = consent_status(folder, AS_OF, people=True).people
    assert people["person_id"].tolist() == sorted(PEOPLE)
    assert cell(people, "analysis", person_id="P3") == "withdrawn"
    assert cell(people, "ends_on", person_id="P4") == "2024-08-01"
    assert cell(people, "individual_feedback", person_id="P4") == "not asked"


def test_no_text_is_read_for_it(folder):
    for path in (folder / "texts").iterdir():
        path.unlink()
    assert not canaries_in(consent_status(folder, AS_OF, people=True))


def test_small_counts_of_real_people_are_withheld_and_not_given_back(real):
    status = consent_status(real, AS_OF, soon=32)
    asked = {"role": "participant", "purpose": "analysis"}
    assert pd.isna(cell(status.agreed, state="ended", **asked))
    shown = [cell(status.agreed, state=state, **asked) for state in ("agreed", "not agreed")]
    whole = cell(status.agreed, role="participant", purpose="all", state="all")
    assert pd.isna(shown[0]) or pd.isna(whole)
    assert status.reasons["n_people"].dropna().empty
    assert pd.isna(status.ending["n_people"].iloc[0])
    assert pd.isna(status.ending["first_day"].iloc[0])
    assert status.results["n_documents"].isna().all()


def test_small_counts_of_a_composed_corpus_are_marked(folder):
    agreed = consent_status(folder, AS_OF).agreed
    asked = {"role": "participant", "purpose": "analysis"}
    assert [cell(agreed, "waiver", state=state, **asked) for state in ("agreed", "ended")] == [False, True]


def test_the_steward_of_real_people_may_ask_for_exact_counts(real):
    agreed = consent_status(real, AS_OF, people=True).agreed
    assert cell(agreed, role="participant", purpose="analysis", state="ended") == 3


def test_limits_that_no_code_can_see_to_are_counted(folder):
    consents = folder / "consents.csv"
    rows = list(csv.DictReader(io.StringIO(consents.read_text())))
    for row in rows:
        row["restrictions"] = "DUO:0000018 DUO:0000015" if row["person_id"].startswith("P") else ""
    with consents.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    status = consent_status(folder, AS_OF)
    assert status.restrictions["term"].tolist() == ["DUO:0000018"]
    assert status.restrictions["n_people"].tolist() == [8]
    asked = {"role": "participant", "purpose": "training"}
    assert cell(status.reasons, reason="restricted by DUO:0000015", **asked) == 5


def test_an_opened_corpus_counts_those_whom_its_gate_left_out(folder):
    agreed = consent_status(open_corpus(folder, as_of=AS_OF)).agreed
    assert cell(agreed, role="participant", purpose="analysis", state="ended") == 3


def test_faulty_records_are_named_and_not_counted(folder):
    consents = folder / "consents.csv"
    consents.write_text(consents.read_text().replace("2021-01-01", "yesterday", 1))
    with pytest.raises(ConsentError, match="granted_on: written as"):
        consent_status(folder, AS_OF)


def test_a_table_without_its_columns_is_named(folder):
    path = folder / "documents.csv"
    path.write_text(path.read_text().replace("worker_id", "who", 1))
    with pytest.raises(CorpusError, match="'worker_id' is missing"):
        consent_status(folder, AS_OF)


def test_a_day_is_needed_and_people_who_speak(folder, corpora_folder):
    with pytest.raises(ConsentError, match="none was given"):
        consent_status(folder)
    with pytest.raises(ConsentError, match="Nobody speaks"):
        consent_status(corpora_folder / "job_descriptions", AS_OF)


def test_the_command_line_prints_counts_and_draws_and_names_only_when_asked(real, tmp_path, capsys):
    figure = tmp_path / "consent.svg"
    words = ["consent", "status", str(real), "--as-of", AS_OF, "--soon", "60"]
    assert main([*words, "--figure", str(figure)]) == 0
    said = capsys.readouterr().out
    assert "What ends within 60 days" in said
    assert not set(said.split()) & set(PEOPLE)
    assert "<svg" in figure.read_text()
    assert main([*words, "--figure", str(figure)]) == 1
    assert main([*words, "--people"]) == 0
    told = capsys.readouterr()
    assert set(PEOPLE) <= set(told.out.split())
    assert "not handed on" in told.err
