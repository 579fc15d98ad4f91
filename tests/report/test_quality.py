"""Who agreed to what: counted, withheld where it tells of too few, and nobody named."""

import pandas as pd
import pytest

from peercompare.report.claims import Tables
from peercompare.report.quality import quality_section

TITLES = {"job_descriptions": "Job descriptions", "session_transcripts": "Session transcripts"}


@pytest.fixture
def table_of(study_tables):
    def make(name, **changed):
        section = quality_section(Tables({**study_tables, **changed}), {"as_of": "2024-06-30"}, TITLES)
        return next((block for block in section["blocks"] if block.get("table") == name), None)

    return make


def test_who_agreed_to_what_is_a_row_for_each_role_and_purpose(table_of):
    block = table_of("consent")
    assert block["headings"] == [
        "Role and purpose",
        "Asked",
        "Agreed",
        "Agreed until it ended",
        "Did not agree",
    ]
    assert block["rows"] == [["Worker: analysis", "9", "6", "1", "2"]]
    assert "would be withheld for real people" in block["note"]


def test_counts_of_few_are_withheld_with_the_reason(table_of, study_tables):
    hidden = study_tables["consent"].assign(waiver=False)
    rows = hidden["state"].isin(["ended", "not agreed"])
    hidden["n_people"] = hidden["n_people"].astype("Int64").mask(rows, pd.NA)
    hidden["withheld"] = hidden["withheld"].mask(rows, "withheld: fewer than 5 people stand behind it")
    block = table_of("consent", consent=hidden)
    assert block["rows"] == [["Worker: analysis", "9", "6", "withheld", "withheld"]]
    assert "Withheld: fewer than 5 people stand behind it." in block["note"]


def test_those_of_a_role_who_were_asked_something_else_have_a_row_of_their_own(table_of, study_tables):
    asked = study_tables["consent"].assign(purpose="individual_feedback")
    asked.loc[asked["state"] == "all", "n_people"] = 7
    block = table_of("consent", consent=asked)
    assert block["rows"] == [["Worker: individual feedback", "7", "6", "1", "2"]]


def test_a_corpus_in_which_nobody_speaks_has_no_such_table(table_of):
    assert table_of("consent", consent=pd.DataFrame()) is None


def test_the_days_of_the_documents_are_told_where_they_are_known(study_tables):
    corpora = study_tables["corpora"].assign(
        first_date=pd.Timestamp("2005-03-14"), last_date=[pd.Timestamp("2025-05-28"), pd.NaT]
    )
    section = quality_section(Tables({**study_tables, "corpora": corpora}), {}, TITLES)
    said = str(section)
    assert "Job descriptions: the first is of 2005-03-14, the last of 2025-05-28." in said
    assert "NaT" not in said
