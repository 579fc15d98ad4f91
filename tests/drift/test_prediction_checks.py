"""Checks that set predictions beside codings: what was found, which way it pushes, or why it was not made."""

from peercompare.drift import Plan, publish
from peercompare.drift.classifier_error import draft_errors
from peercompare.drift.prediction_checks import error_rows, label_shift_rows

PLAN = Plan("shed", "worker_id")


def row_of(rows, check):
    (row,) = [row for row in rows if row["check"] == check]
    return row


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
