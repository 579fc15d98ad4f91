"""The first page: short, readable, measured, and resolved from the tables like everything else."""

import json

import pandas as pd
import pytest

from peercompare.consent.readability import grade
from peercompare.report.claims import Tables
from peercompare.report.plain import plain_section, text_of


@pytest.fixture
def page(study_tables, deegan):
    def make(**changed):
        tables = Tables({**study_tables, **changed})
        return plain_section(
            tables, deegan, {"job_descriptions": "Job descriptions", "session_transcripts": "Talks"}
        )

    return make


def said(section):
    return json.dumps(section, ensure_ascii=False)


@pytest.mark.parametrize("audience", ["funder", "team", "methods"])
def test_the_page_is_readable_and_says_how_readable(summary_for, audience):
    first = summary_for(audience)["sections"][0]
    *blocks, last = first["blocks"]
    level = grade(text_of(blocks))
    assert level <= 7
    assert f"grade {level:.1f} by the Flesch-Kincaid rule" in last["claims"][0]["text"]


def test_numerals_count_as_words_and_not_as_the_ends_of_sentences():
    block = {"kind": "words", "text": "The move is **+0.018** (−0.030 to 4.5) of 46%."}
    assert text_of([block]) == "The move is  forty  ( forty  to  forty ) of  forty  percent."


def test_what_was_found_is_told_with_its_range(page):
    text = said(page())
    assert "We read 63 job descriptions." in text
    assert "We left out 3 texts." in text
    assert "We looked at 34 jobs with a peer title. In 13 of them the main tasks were clinical." in text
    assert "46% (39% to 55%) were peer and 42% (35% to 50%) were clinical" in text
    assert "we can not tell if the words moved over time" in text
    assert "moved to the clinical side. The move is +0.113 (+0.042 to +0.196) a month" in text


def test_a_changed_table_changes_the_page(page, study_tables):
    titles = study_tables["title_against_duties"].assign(n_over_clinical_duties=29)
    assert "In 29 of them the main tasks" in said(page(title_against_duties=titles))


def test_what_is_not_known_is_not_told(page, study_tables):
    nothing = study_tables["estimates"].assign(estimate=float("nan"), lower=float("nan"), upper=float("nan"))
    text = said(page(estimates=nothing, agreement=pd.DataFrame(), title_against_duties=pd.DataFrame()))
    assert "lean one way" not in text
    assert "moved to" not in text
    assert "readers marked" not in text


def test_the_page_says_what_it_is_not_for_and_who_reviewed_the_framework(page):
    assert "**Not for hiring, discipline or pay.**" in said(page())
    assert "reviewed the framework: **nobody yet**" in said(page())
