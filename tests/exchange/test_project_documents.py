import pandas as pd
import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.project import CodedProject, SourceDocument
from peercompare.exchange.project_documents import (
    CorpusFacts,
    documents_of,
    draft_facts,
    told_likeness,
    with_likeness,
)

WORDS = "The shed stands open to everybody and each plot delivers nine kilos of beans in a good year."
OTHER = "Somebody cleans the rake on Sundays, weighs the hose, and writes the numbers into a long list."


def study(*names, **metadata):
    documents = tuple(SourceDocument(f"id {name}", name, f"{name}\n{OTHER}", metadata) for name in names)
    return CodedProject("Garden study", "Tests", documents)


def given(*sources, **cells):
    rows = [{"source": source, "date": "2024-05-01", "setting": "allotment", **cells} for source in sources]
    return pd.DataFrame(rows)


def documents(*rows):
    return pd.DataFrame(rows, columns=["document_id", "employer_id", "text"])


def test_facts_are_known_by_name_by_identifier_and_without_an_ending(tiny_framework):
    facts = CorpusFacts(documents=given("one", "id two.docx"), defaults={"employer_id": "E1"})
    found, cluster = documents_of(study("One.txt", "two.docx"), tiny_framework, "garden_note", facts)
    assert found["document_id"].tolist() == ["One", "two"]
    assert found["date"].tolist() == ["2024-05-01"] * 2
    assert cluster == "employer_id"


def test_a_fact_of_a_document_stands_above_what_holds_for_all(tiny_framework):
    facts = CorpusFacts(documents=given("a"), defaults={"employer_id": "E1", "setting": "moon", "plot": "7"})
    found, _ = documents_of(study("a", plot="3"), tiny_framework, "garden_note", facts)
    assert found[["setting", "employer_id", "plot"]].values.tolist() == [["allotment", "E1", "3"]]


def test_a_name_that_two_documents_could_have_is_refused_with_the_names_there_are(tiny_framework):
    facts = CorpusFacts(documents=given("a"), defaults={"employer_id": "E1"})
    with pytest.raises(ExchangeError, match=r"(?s)2 documents could be meant.*a\.txt, a\.md"):
        documents_of(study("a.txt", "a.md"), tiny_framework, "garden_note", facts)


def test_a_draft_of_the_facts_has_what_is_known_and_room_for_the_rest(tiny_framework):
    draft = draft_facts(study("a", "=b", setting="allotment"), tiny_framework, "garden_note", CorpusFacts())
    assert draft["source"].tolist() == ["a", "'=b"]
    assert draft["setting"].tolist() == ["allotment"] * 2
    assert set(draft["date"]) == {""}
    assert "document_id" not in draft
    filled = draft.assign(date="2024-05-01", employer_id="E1")
    found, _ = documents_of(study("a", "=b"), tiny_framework, "garden_note", CorpusFacts(documents=filled))
    assert found["title"].tolist() == ["a", "=b"]


def test_clusters_that_share_documents_which_are_alike_become_one_group_and_it_is_said():
    table = documents(("a", "E1", WORDS), ("b", "E2", WORDS.upper()), ("c", "E3", OTHER))
    found, cluster = with_likeness(table, "employer_id")
    assert cluster == "split_group"
    assert found["duplicate_group"].tolist() == ["a", "a", ""]
    assert found["split_group"].tolist() == ["E1+E2", "E1+E2", "E3"]
    alike, joined = told_likeness(found, "employer_id")
    assert alike.startswith("2 documents are like another one")
    assert joined.startswith("2 values of employer_id share documents")
    assert "E1+E2" in joined


def test_documents_that_are_alike_within_one_cluster_join_nothing():
    table = documents(("a", "E1", WORDS), ("b", "E1", WORDS), ("c", "E2", OTHER))
    found, cluster = with_likeness(table, "employer_id")
    assert cluster == "employer_id"
    assert "split_group" not in found
    assert len(told_likeness(found, "employer_id")) == 1


def test_documents_that_are_not_alike_get_no_column_and_no_word():
    table = documents(("a", "E1", WORDS), ("b", "E2", OTHER))
    found, cluster = with_likeness(table, "employer_id")
    assert found.columns.tolist() == table.columns.tolist()
    assert (cluster, told_likeness(found, cluster)) == ("employer_id", ())
