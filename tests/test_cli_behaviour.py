"""`peercompare behave`: pass rates printed and written, other frameworks refused, nothing overwritten."""

import pandas as pd
import pytest

from peercompare.cli import main

SUITE = """
framework = "deegan2017"
title = "Two pairs"
min_change = 0.05

[[tests]]
id = "names"
kind = "invariance"
about = "x"
sentences = ["Ann walks with us", "Ann writes the plan"]
words = [["Ann", "Bo"]]
"""


@pytest.fixture
def model(small_results):
    return small_results.folder / "models" / "stance.skops"


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "suite.toml"
    path.write_text(SUITE, encoding="utf-8")
    return path


def run(*words):
    return main([str(word) for word in words])


def test_the_shipped_suite_is_tried_and_summed_up_by_kind(capsys, model, tmp_path):
    assert run("behave", model, "--out", tmp_path / "rates.csv", "--cases", tmp_path / "cases.csv") == 0
    rates, cases = pd.read_csv(tmp_path / "rates.csv"), pd.read_csv(tmp_path / "cases.csv")
    whole = rates[rates["test"].isna()].set_index("kind")
    assert whole["n_cases"].sum() == len(cases)
    assert whole.loc["direction", "n_passed"] == cases.loc[cases["kind"] == "direction", "passed"].sum()
    said = capsys.readouterr()
    assert "will_not_clinical" in said.out
    assert "Not for hiring" in said.err


def test_a_suite_of_ones_own_is_tried(capsys, model, suite):
    assert run("behave", model, "--suite", suite) == 0
    assert "names" in capsys.readouterr().out


def test_a_suite_for_another_framework_is_refused(capsys, model, suite):
    suite.write_text(SUITE.replace("deegan2017", "garden2020"), encoding="utf-8")
    assert run("behave", model, "--suite", suite) == 1
    assert "The suite is for garden2020, and the model for deegan2017" in capsys.readouterr().err


def test_a_file_that_is_there_is_not_replaced(capsys, model, suite, tmp_path):
    kept = tmp_path / "cases.csv"
    kept.write_text("mine", encoding="utf-8")
    assert run("behave", model, "--suite", suite, "--cases", kept, "--out", tmp_path / "rates.csv") == 1
    assert kept.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "rates.csv").exists()
