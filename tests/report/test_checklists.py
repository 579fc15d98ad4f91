"""COREQ has 32 items and SRQR 21; what the study does not know stays blank."""

import pytest

from peercompare.report.checklists import COREQ, SRQR, checklist_sections
from peercompare.report.claims import Tables
from peercompare.report.facts import fact_tables


@pytest.fixture
def answers(study_tables, deegan, facts):
    def make(tables=study_tables, quoted=False):
        kept = Tables({**tables, **fact_tables(deegan, facts)})
        _, coreq, srqr = checklist_sections(kept, deegan, title="A study", quoted=quoted)
        return [{row[1]: row[2] for row in part["blocks"][0]["rows"]} for part in (coreq, srqr)]

    return make


def test_every_item_of_the_published_lists_has_its_number(answers):
    assert (len(COREQ), len(SRQR)) == (32, 21)
    assert (len(set(COREQ)), len(set(SRQR))) == (32, 21)
    assert COREQ[11] == "Sample size"
    assert COREQ[24] == "Description of the coding tree"
    assert SRQR[8] == "Ethical issues pertaining to human subjects"


def test_what_the_study_knows_is_filled_from_its_tables(answers):
    coreq, srqr = answers()
    assert "Job descriptions, composed: 63 documents, 1,966 coded segments, 2 coders." in coreq["Sample size"]
    assert "21 codes: 7 dimensions by 3 stances" in coreq["Description of the coding tree"]
    assert coreq["Software"] == "numpy 2.4.6."
    assert srqr["Title"] == "A study"


def test_a_changed_table_changes_the_answer(answers, study_tables):
    study_tables["corpora"]["n_documents"] = [64, 54]
    assert "64 documents" in answers(study_tables)[0]["Sample size"]


@pytest.mark.parametrize("item", ["Gender", "Credentials", "Interview guide", "Data saturation"])
def test_what_only_the_authors_know_is_blank(answers, item):
    assert answers()[0][item] == ""


def test_funding_and_conflicts_are_blank(answers):
    assert answers()[1]["Funding"] == answers()[1]["Conflicts of interest"] == ""


def test_what_an_absent_table_would_answer_is_blank_too(answers):
    coreq, srqr = answers({})
    assert coreq["Sample size"] == coreq["Non-participation"] == ""
    assert srqr["Techniques to enhance trustworthiness"] == ""


def test_quotations_are_owned_up_to(answers):
    assert answers(quoted=True)[0]["Quotations presented"].startswith("Yes")
    assert answers()[0]["Quotations presented"].startswith("No")
