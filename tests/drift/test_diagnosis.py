"""The diagnosis: each check says what it found, which way it pushes, what to do, or why it was not made."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, sensitivity_table
from peercompare.drift.diagnosis import (
    coder_rows,
    diagnosis_table,
    sampling_rows,
    sensitivity_rows,
    wrong_coding_rows,
)
from peercompare.drift.findings import DIAGNOSIS

PLAN = Plan("shed", "worker_id")
WAIVED = Plan("shed", "worker_id", composed=True, waive=True)


def test_the_table_has_its_columns_and_types(studied, tiny_framework):
    _, scores = studied()
    table = diagnosis_table(wrong_coding_rows(scores, tiny_framework, PLAN, per="month"))
    assert tuple(table.columns) == DIAGNOSIS
    assert table["warns"].dtype == bool
    assert str(table["n_workers"].dtype) == "Int64"
    assert list(diagnosis_table([]).columns) == list(DIAGNOSIS)


def test_all_coded_is_no_sample(studied):
    (row,) = sampling_rows(studied()[1], PLAN)
    assert not row["warns"]
    assert "nothing was drawn" in row["verdict"]


def test_codings_of_whatever_was_at_hand_warn_with_what_that_does(studied):
    _, scores = studied(uncoded=100)
    (row,) = sampling_rows(scores, PLAN)
    assert row["warns"]
    assert "5 to 60%" in row["verdict"]
    assert row["value"] == pytest.approx(scores["coded"].mean())
    assert "peercompare next" in row["remedy"]


def test_a_recorded_draw_that_was_coded_whole_does_not_warn(studied):
    _, scores = studied(uncoded=100)
    drawn = scores[["segment_id"]].assign(pi=0.7, sampled=scores["coded"])
    assert not sampling_rows(scores, PLAN, drawn=drawn)[0]["warns"]
    missed = drawn.assign(sampled=True)
    (row,) = sampling_rows(scores, PLAN, drawn=missed)
    assert row["warns"]
    assert "100 segments were drawn and not coded" in row["verdict"]
    assert not sampling_rows(scores.assign(pi=0.7), PLAN)[0]["warns"]


def test_four_workers_are_withheld_and_five_are_not(studied, tiny_framework):
    _, scores = studied(4)
    for row in wrong_coding_rows(scores, tiny_framework, PLAN, per="month"):
        assert np.isnan(row["value"])
        assert row["verdict"] == "withheld"
    for row in wrong_coding_rows(scores, tiny_framework, WAIVED, per="month"):
        assert row["waiver"]
    assert not np.isnan(wrong_coding_rows(studied(5, chance=0.8)[1], tiny_framework, PLAN)[0]["value"])


def test_coders_are_looked_at_where_there_are_two(studied, tiny_framework):
    codings, scores = studied()
    (row,) = coder_rows(codings, scores, tiny_framework, PLAN, per="month")
    assert row["verdict"] == "not checked"
    two = pd.concat([codings, *(codings.assign(coder_id=name) for name in ("ann", "bo"))], ignore_index=True)
    rows = coder_rows(two, scores, tiny_framework, PLAN, per="month")
    assert [row["check"] for row in rows] == ["coder_disagreement", "coder_lean", "coder_anchors"]
    assert not any(row["warns"] for row in rows)
    assert "drift alike cannot be seen" in rows[2]["verdict"]


def test_a_choice_that_changes_the_conclusion_warns(studied, tiny_framework):
    _, scores = studied(chance=0.56)
    table = sensitivity_table(scores, tiny_framework, plan=PLAN)
    table.loc[0, ["lower", "upper"]] = [0.01, 0.3]
    table.loc[1, ["estimate", "lower", "upper"]] = [0.05, -0.1, 0.2]
    table.loc[2, ["estimate", "lower", "upper"]] = [0.2, 0.1, 0.3]
    rows = sensitivity_rows(table, tiny_framework, PLAN)
    assert rows[0]["warns"]
    assert "zero is within the interval, as planned above zero" in rows[0]["verdict"]
    assert not rows[1]["warns"]
    assert rows[1]["verdict"].endswith("what it says of zero stays")


def test_a_sign_that_hangs_on_single_ones_warns_without_naming_any(studied, tiny_framework):
    table = sensitivity_table(studied()[1], tiny_framework, plan=WAIVED)
    table.loc[table.index[-1], ["lower", "upper"]] = [-0.1, 0.1]
    row = sensitivity_rows(table, tiny_framework, WAIVED)[-1]
    assert row["warns"]
    assert "hangs on single ones" in row["verdict"]
    real = sensitivity_rows(sensitivity_table(studied()[1], tiny_framework, plan=PLAN), tiny_framework, PLAN)[
        -1
    ]
    assert np.isnan(real["lower"])
    assert "range not shown; typical shift" in real["verdict"]


def test_an_estimate_no_firmer_than_coders_agree_warns(studied, tiny_framework):
    _, scores = studied(12, chance=0.62)
    firm, weak = (
        wrong_coding_rows(scores, tiny_framework, PLAN, opposite=opposite)[0] for opposite in (0.0, 0.4)
    )
    assert not firm["warns"]
    assert weak["warns"]
    assert "within reach of zero if" in weak["verdict"]
    assert "coders put 40.0% at opposite ends" in weak["verdict"]
