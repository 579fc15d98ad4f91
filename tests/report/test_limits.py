"""The report says when the classifier does not know, with numbers that come from the study's tables."""

import pandas as pd
import pytest

from peercompare.report.claims import Tables
from peercompare.report.limits import limits_section

NAN = float("nan")
COMMON = {"confidence_level": 0.95, "reason": "", "method": "jackknife", "n_clusters": 12}


@pytest.fixture
def found():
    coverage = [
        {"corpus": "notes", "measure": measure, "label": "", "estimate": value, "lower": value - 0.04,
         "upper": value + 0.04, **COMMON}
        for measure, value in (("coverage", 0.93), ("set_size", 2.1), ("abstained", 0.65))
    ]  # fmt: skip
    domain = {"corpus": "notes", "n_documents": 40, "n_out_of_domain": 3, "estimate": 0.075, "lower": 0.0,
              "upper": 0.2, **COMMON}  # fmt: skip
    fairness = [
        {"corpus": "notes", "group_by": by, "group": group, "estimate": value, "lower": 0.05, "upper": 0.2,
         "n_segments": n, "needed_10": 776.0, **COMMON}
        for by, group, value, n in (
            ("all", "all", 0.136, 250), ("setting", "hill", 0.1, 91), ("setting", "valley", NAN, 20),
            ("dialect: any", "with", 0.0, 243),
        )
    ]  # fmt: skip
    behaviour = [
        {"test": test, "kind": kind, "estimate": value, "lower": value - 0.1, "upper": value + 0.05,
         "n_cases": 40, "n_sentences": 8, **COMMON}
        for test, kind, value in (
            ("names", "invariance", 0.9), ("will_not", "direction", 0.3), ("", "invariance", 0.9),
            ("", "direction", 0.3),
        )
    ]  # fmt: skip
    made = {"coverage": coverage, "domain": [domain], "fairness": fairness, "behaviour": behaviour}
    return {name: pd.DataFrame(rows) for name, rows in made.items()}


def said(section):
    return " ".join(claim["text"] for claim in section["blocks"][0]["claims"])


def test_each_limit_is_said_with_its_numbers(found, deegan):
    section = limits_section(Tables(found), deegan, {"notes": "Notes"})
    text = said(section)
    assert "hold it in 93% (89% to 97%) of segments" in text
    assert "For 65% (61% to 69%) of segments" in text
    assert "of 40 documents, 3 are unlike" in text
    assert "14% (5% to 20%) of segments that are truly peer are taken for clinical" in text
    assert "would need 776 such segments" in text
    assert "the largest group of documents has 91 such segments" in text
    assert "the label stays in 90% (80% to 95%) of 40 cases" in text
    assert "moves as it should in 30% (20% to 35%) of 40 cases" in text


def test_every_claim_names_the_rows_of_its_numbers(found, deegan):
    section = limits_section(Tables(found), deegan, {"notes": "Notes"})
    cited = {(claim["table"], *claim["rows"]) for claim in section["blocks"][0]["claims"]}
    assert cited == {
        ("coverage", 0, 2), ("domain", 0), ("fairness", 0), ("fairness", 1), ("behaviour", 2),
        ("behaviour", 3),
    }  # fmt: skip


def test_the_tests_of_the_suite_stand_in_a_table(found, deegan):
    table = limits_section(Tables(found), deegan, {"notes": "Notes"})["blocks"][1]
    assert [row[:2] for row in table["rows"]] == [
        ["Names", "The label must stay"],
        ["Will not", "A probability must move"],
    ]


def test_what_is_withheld_or_absent_is_not_said(found, deegan):
    found["coverage"]["estimate"] = NAN
    found["domain"]["n_out_of_domain"] = pd.NA
    found["fairness"].loc[0, "estimate"] = NAN
    section = limits_section(Tables(found), deegan, {"notes": "Notes"})
    assert said(section).startswith("Minimal pairs")
    assert limits_section(Tables({}), deegan, {"notes": "Notes"}) is None
