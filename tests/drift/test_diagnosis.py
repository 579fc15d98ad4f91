"""The diagnosis: each check says what it found, which way it pushes, what to do, or why it was not made."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, publish, score_table, sensitivity_table, with_predictions
from peercompare.drift.classifier_error import draft_errors
from peercompare.drift.diagnosis import (
    coder_rows,
    diagnosis_table,
    error_rows,
    label_shift_rows,
    sampling_rows,
    sensitivity_rows,
    wrong_coding_rows,
)
from peercompare.drift.findings import DIAGNOSIS

PLAN = Plan("shed", "worker_id")
WAIVED = Plan("shed", "worker_id", composed=True, waive=True)


@pytest.fixture
def studied(gold, tiny_framework):
    """Makes codings and predicted scores of workers at three sites over a year; the model may shift."""

    def make(n_workers=9, *, shift=0.0, uncoded=0, chance=0.5):
        rng = np.random.default_rng(6)
        rows, codes = [], {}
        for worker in range(n_workers):
            for month in range(1, 13, 2):
                name = f"D{worker:02d}{month:02d}"
                date = pd.Timestamp(2022, month, 2 + worker)
                rows.append(
                    {
                        "document_id": name,
                        "worker_id": f"W{worker}",
                        "site_id": f"S{worker % 3}",
                        "date": date,
                    }
                )
                stances = np.where(rng.random(8) < chance, "managed", "shared")
                codes |= {f"{name}:{n}": f"tools/{stance}" for n, stance in enumerate(stances)}
        names = list(codes)
        known = {name: None if place < uncoded else codes[name] for place, name in enumerate(names)}
        segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in names])
        codings = gold(known)
        scores = score_table(codings, segments, pd.DataFrame(rows), tiny_framework)
        truth = np.array([codes[name] == "tools/managed" for name in names])
        month = scores["date"].dt.month.to_numpy()
        odds = np.where(truth, 1.0, -1.0) + shift * month + rng.normal(0, 0.4, len(truth))
        last = 0.9 / (1 + np.exp(-odds))
        predictions = pd.DataFrame({"none": 0.05, "both": 0.05, "managed": last, "shared": 0.9 - last})
        predictions["segment_id"] = names
        return codings, with_predictions(scores, predictions, tiny_framework)

    return make


def row_of(rows, check):
    (row,) = [row for row in rows if row["check"] == check]
    return row


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


def test_a_model_that_shifts_shuts_the_gate_and_says_which_way(studied, tiny_framework):
    rows = label_shift_rows(studied(shift=0.2)[1], tiny_framework, PLAN, per="month", place="site_id")
    gate = row_of(rows, "label_shift_time")
    assert gate["warns"]
    assert gate["lower"] < 0.2 < gate["upper"]
    assert "too far towards managed" in gate["pushes"]
    assert not row_of(rows, "label_shift_place")["warns"]
    down = label_shift_rows(studied(shift=-0.2)[1], tiny_framework, PLAN, per="month", place="site_id")
    assert "towards shared" in row_of(down, "label_shift_time")["pushes"]


def test_a_gate_that_is_not_shut_by_what_is_seen_may_be_by_what_is_not(studied, tiny_framework):
    rows = label_shift_rows(studied()[1], tiny_framework, PLAN, per="month")
    gate = row_of(rows, "label_shift_time")
    assert not gate["warns"]
    assert "not excluded" in gate["verdict"] or "no proof" in gate["verdict"]
    assert row_of(rows, "label_shift_place")["verdict"] == "not checked"


def test_the_naive_check_is_called_what_it_is(studied, tiny_framework):
    rows = label_shift_rows(studied()[1], tiny_framework, PLAN, per="month")
    naive = row_of(rows, "calibration_time")
    assert "naive" in naive["what"]
    assert "it is not the gate" in naive["verdict"]
    assert not naive["warns"]


def test_without_predictions_or_dates_checks_say_so(studied, tiny_framework):
    _, scores = studied()
    bare = scores.drop(columns=[name for name in scores if name.startswith("p_")])
    rows = label_shift_rows(bare, tiny_framework, PLAN, per="month", place="site_id")
    assert {row["reason"] for row in rows} == {"there are no predictions"}
    rows = label_shift_rows(scores.drop(columns="date"), tiny_framework, PLAN, per="month")
    assert {row["reason"] for row in rows} == {"no coded segment has a date"}


def test_four_workers_are_withheld_and_five_are_not(studied, tiny_framework):
    _, scores = studied(4)
    for row in wrong_coding_rows(scores, tiny_framework, PLAN, per="month"):
        assert np.isnan(row["value"])
        assert row["verdict"] == "withheld"
    for row in wrong_coding_rows(scores, tiny_framework, WAIVED, per="month"):
        assert row["waiver"]
    assert not np.isnan(wrong_coding_rows(studied(5, chance=0.8)[1], tiny_framework, PLAN)[0]["value"])


def test_errors_are_told_by_group_and_over_time(studied, tiny_framework):
    _, scores = studied(15, shift=0.3)
    errors = publish(
        [draft_errors(scores, tiny_framework, plan=PLAN, group_by=["all", "half_year"])], plan=PLAN
    )
    rows = error_rows(errors, scores, tiny_framework, PLAN, per="month")
    assert [row["what"] for row in rows[:2]] == [
        "codings less predictions over all",
        "codings less predictions where half_year is 2022-H1",
    ]
    late = rows[2]
    assert "err here on the whole" in late["verdict"]
    assert "too little towards shared" in late["pushes"]
    trend = row_of(rows, "classifier_error_time")
    assert trend["warns"]
    assert trend["value"] < 0


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
