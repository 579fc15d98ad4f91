"""A slope with the kind of session held fixed."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, population, publish, score_table
from peercompare.drift.adjusted import adjusted_slope, draft_adjusted_slope
from peercompare.errors import DisclosureError, InputError, UndefinedError


def test_it_is_least_squares_with_a_constant_for_each_cluster():
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(6), 10)
    x = np.column_stack([rng.uniform(0, 12, 60), rng.integers(0, 2, 60), rng.integers(0, 2, 60)])
    y = rng.normal(size=60)
    design = np.column_stack([x, np.eye(6)[clusters]])
    expected = np.linalg.lstsq(design, y, rcond=None)[0][0]
    estimate, error, effective, spread = adjusted_slope(y, np.ones(60), x, clusters)
    assert estimate == pytest.approx(expected)
    assert error > 0
    assert 1 < effective <= 6
    # Frisch and Waugh: the clusters' parts sum to the spread of time given all else.
    onto = design[:, 1:] @ np.linalg.lstsq(design[:, 1:], x[:, 0], rcond=None)[0]
    assert spread.sum() == pytest.approx(((x[:, 0] - onto) ** 2).sum())


def test_time_that_goes_with_the_condition_cannot_be_told_from_it():
    x = np.column_stack([np.tile([0.0, 1.0], 4), np.tile([0.0, 1.0], 4)])
    assert np.isnan(adjusted_slope(np.arange(8.0), np.ones(8), x, np.repeat(np.arange(4), 2))[0])


@pytest.fixture
def moving(gold, tiny_framework):
    """Eight workers; walks stay shared, later meetings are managed: the raw slope is the kinds' alone."""
    rows, codes = [], {}
    for worker in range(8):
        for month in range(4):
            kind = "meeting" if (month + worker % 2) >= 3 else "walk"
            name = f"W{worker}M{month}"
            day = pd.Timestamp("2022-01-01") + pd.DateOffset(months=month)
            rows.append({"document_id": name, "worker_id": f"W{worker}", "kind": kind, "date": day})
            codes[f"{name}:1"] = "tools/managed" if kind == "meeting" else "tools/shared"
    segments = pd.DataFrame([{"segment_id": one, "document_id": one.split(":")[0]} for one in codes])
    scores = score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)
    return population(scores, "kind", ["walk", "meeting"], words="walkers")


def adjusted(scores, framework, **options):
    options = {"plan": Plan("plot", "worker_id"), "per": "month", "adjust_for": ["kind"], **options}
    return publish([draft_adjusted_slope(scores, framework, **options)], plan=options["plan"]).iloc[0]


def test_a_slope_of_kinds_alone_falls_to_nothing(moving, tiny_framework):
    row = adjusted(moving, tiny_framework)
    assert row["estimand"] == "slope_adjusted"
    assert row["estimate"] == pytest.approx(0, abs=1e-12)
    assert "each level of kind" in row["method"]
    assert row["n_workers"] == 8


def test_fewer_than_five_workers_are_withheld(moving, tiny_framework):
    few = moving[moving["worker_id"].isin(["W0", "W1", "W2", "W3"])].reset_index(drop=True)
    row = adjusted(few, tiny_framework)
    assert pd.isna(row["estimate"])
    assert row["reason"].startswith("withheld")


def test_conditions_that_change_with_time_leave_nothing(moving, tiny_framework):
    tied = moving.assign(phase=moving["date"].astype(str))
    row = adjusted(tied, tiny_framework, adjust_for=["phase"])
    assert pd.isna(row["estimate"])
    assert "changed together with time" in row["reason"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"per": "week"}, InputError),
        ({"adjust_for": ["kinds"]}, InputError),
        ({"adjust_for": ["worker_id"]}, DisclosureError),
    ],
)
def test_what_cannot_be_asked_is_refused(moving, tiny_framework, options, error):
    with pytest.raises(error):
        adjusted(moving, tiny_framework, **options)


def test_one_date_a_worker_gives_no_slope(moving, tiny_framework):
    once = moving[moving["document_id"].str.endswith("M0")]
    with pytest.raises(UndefinedError, match="two dates"):
        adjusted(once, tiny_framework)
