"""Errors of predictions by place and time: what is left once other workers' codings put them right."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, publish, score_table, with_predictions
from peercompare.drift.classifier_error import ERROR, draft_errors, stance_errors, stance_values
from peercompare.errors import InputError, UndefinedError

PLAN = Plan("shed", "worker_id")


@pytest.fixture
def predicted(gold, tiny_framework):
    """Twelve workers at two sites of six; at site S the model always says the first end."""
    rng = np.random.default_rng(2)
    rows, codes = [], {}
    for worker in range(12):
        site = "NS"[worker % 2]
        for session in range(2):
            name = f"D{worker:02d}{session}"
            rows.append({"document_id": name, "worker_id": f"W{worker}", "site_id": site})
            codes |= {f"{name}:{n}": f"tools/{rng.choice(['shared', 'managed'])}" for n in range(12)}
    segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in codes])
    scores = score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)
    right = scores["share_managed"].to_numpy() * (scores["site_id"] == "N").to_numpy()
    table = pd.DataFrame(
        {"none": 0.1, "both": 0.1, "managed": 0.1 + 0.6 * right, "shared": 0.7 - 0.6 * right}
    )
    return with_predictions(scores, table.assign(segment_id=scores["segment_id"]), tiny_framework)


def test_values_follow_the_framework_with_nothing_for_none(tiny_framework):
    assert stance_values(tiny_framework).tolist() == [0.0, -1.0, 0.2, 1.0]


def test_errors_lie_between_coding_and_cross_fitted_prediction_and_cancel_over_all(predicted, tiny_framework):
    error, weight = stance_errors(predicted, tiny_framework, cluster="worker_id")
    assert (np.abs(error) <= 2).all()
    assert (weight == 1).all()
    assert abs(error.mean()) < 0.03


def test_a_place_where_the_model_errs_is_seen(predicted, tiny_framework):
    table = publish([draft_errors(predicted, tiny_framework, plan=PLAN, group_by=["site_id"])], plan=PLAN)
    found = table.set_index("group")
    assert set(table["estimand"]) == set(table["labels"]) == {ERROR}
    assert found.loc["S", "lower"] > 0.05
    assert found.loc["N", "upper"] < -0.02
    assert found.loc["S", "n_workers"] == 6


def test_segments_drawn_with_less_chance_weigh_more(predicted, tiny_framework):
    pi = np.where(np.arange(len(predicted)) % 2, 0.5, 0.25)
    error, weight = stance_errors(predicted.assign(pi=pi), tiny_framework, cluster="worker_id")
    assert set(weight) == {2.0, 4.0}
    assert np.isfinite(error).all()


def test_without_predictions_or_codings_there_is_no_error(predicted, tiny_framework):
    bare = predicted.drop(columns=[name for name in predicted if name.startswith("p_")])
    with pytest.raises(InputError, match="no predictions"):
        stance_errors(bare, tiny_framework, cluster="worker_id")
    with pytest.raises(UndefinedError):
        stance_errors(predicted.assign(coded=False), tiny_framework, cluster="worker_id")


def test_a_place_of_two_workers_is_withheld(predicted, tiny_framework):
    scores = predicted.assign(site_id=np.where(predicted["worker_id"].isin(["W1", "W3"]), "S", "N"))
    table = publish([draft_errors(scores, tiny_framework, plan=PLAN, group_by=["site_id"])], plan=PLAN)
    assert table["estimate"].isna().all()
