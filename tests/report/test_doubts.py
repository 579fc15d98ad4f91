"""What warns is told first, to everybody; what other choices give is told to whoever checks."""

import json

import pandas as pd
import pytest

from peercompare.report import summarise_study

NAN = float("nan")
CORPUS = "session_transcripts"


@pytest.fixture
def doubtful(study_tables):
    """The small tables with a diagnosis, other choices, and a change taken apart."""
    common = {
        "corpus": CORPUS,
        "confidence_level": 0.95,
        "method": "jackknife",
        "reason": "",
        "waiver": False,
    }
    checks = [
        {"check": "coders", "what": "coders over time", "value": 0.21, "lower": 0.11, "upper": 0.31,
         "verdict": "coders moved", "warns": True, "remedy": "code some anew"},
        {"check": "sampling", "what": "coded segments", "value": 1.0, "lower": NAN, "upper": NAN,
         "verdict": "all are coded", "warns": False, "remedy": ""},
        {"check": "sensitivity_ties_split", "what": "index with ties split", "value": -0.2, "lower": -0.5,
         "upper": 0.1, "verdict": "it moves", "warns": False, "remedy": ""},
    ]  # fmt: skip
    choices = [
        {"choice": "as_planned", "words": "as planned", "estimate": -0.14, "lower": -0.47, "upper": 0.22}
    ]
    parts = [
        {"estimand": name, "dimension": "all", "labels": "all_codings", "group": "late less early",
         "estimate": value, "lower": value - 0.1, "upper": value + 0.1}
        for name, value in (("change", 0.31), ("change_topic_mix", 0.12), ("change_within_topics", 0.19))
    ]  # fmt: skip
    made = {"diagnosis": checks, "sensitivity": choices, "composition": parts}
    return {**study_tables, **{k: pd.DataFrame([{**common, **row} for row in v]) for k, v in made.items()}}


@pytest.fixture
def said(deegan, facts):
    def make(tables, audience="methods"):
        made = summarise_study(tables, framework=deegan, study_facts=facts, audience=audience)
        return {part["id"]: json.dumps(part, ensure_ascii=False) for part in made["sections"]}

    return make


@pytest.mark.parametrize("audience", ["funder", "methods"])
def test_what_warns_is_told_before_the_findings(said, doubtful, audience):
    parts = said(doubtful, audience)
    warning = "Take care. Session transcripts, coders over time: coders moved. To do: code some anew."
    assert warning in parts["findings"]
    assert "all are coded" not in parts["findings"]
    assert "Some checks warn" in parts["in-short"]


def test_without_warnings_nobody_is_warned(said, doubtful):
    parts = said({**doubtful, "diagnosis": doubtful["diagnosis"].assign(warns=False)})
    assert "Take care" not in parts["findings"]
    assert "Some checks warn" not in parts["in-short"]


def test_every_check_and_choice_stands_in_the_report_on_methods(said, doubtful):
    part = said(doubtful)["doubts"]
    assert '["Coders over time", "+0.21 (+0.11 to +0.31)", "Coders moved", "Code some anew"]' in part
    assert '["Coded segments", "+1.00 (no interval)", "All are coded", "–"]' in part
    assert "Index with ties split" not in part
    assert '["As planned", "−0.14 (−0.47 to +0.22)"]' in part
    assert '["From what was talked about", "+0.12 (+0.02 to +0.22)"]' in part
    assert "(late less early)" in part


def test_only_whoever_checks_methods_gets_the_tables(said, doubtful, study_tables):
    assert "doubts" not in said(doubtful, "team")
    assert "doubts" not in said(study_tables)
