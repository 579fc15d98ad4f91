"""What confusions cost, and who is taken for what."""

import numpy as np
import pytest

from peercompare.classifier import scoring
from peercompare.classifier.judging.costs import confusion_rows, cost_matrix, share_of


def sums_of(truth, predicted, clusters, n_labels=4):
    return scoring.score_sums(np.array(truth), np.eye(n_labels)[predicted], clusters)


def test_costs_follow_the_frameworks_own_order(tiny_framework):
    costs = cost_matrix(tiny_framework)
    labels = list(tiny_framework.labels)
    first, last = (labels.index(end) for end in tiny_framework.axis)
    middle = labels.index(tiny_framework.middle[0])
    assert costs[first, last] == costs[last, first] == 2
    assert costs[first, middle] == costs[middle, last] == 1
    assert (costs[0, 1:] == 1).all()
    assert (np.diag(costs) == 0).all()
    assert (costs == costs.T).all()


def test_the_mean_cost_is_what_the_confusions_add(tiny_framework):
    sums = sums_of([1, 1, 3, 2, 0, 0], [3, 1, 2, 2, 1, 0], list("aabbcc"))
    mean = float(scoring.mean_cost(sums.pooled(), cost_matrix(tiny_framework)))
    assert mean == pytest.approx((2 + 0 + 1 + 0 + 1 + 0) / 6)
    rows = confusion_rows(sums, tiny_framework, confidence_level=0.95)
    assert sum(row["cost"] for row in rows) == pytest.approx(mean)


def test_shares_of_a_label_sum_to_one_and_name_their_segments(tiny_framework):
    rng = np.random.default_rng(8)
    truth = rng.integers(0, 3, 90)
    rows = confusion_rows(
        sums_of(truth, rng.integers(0, 4, 90), np.arange(90) // 10), tiny_framework, confidence_level=0.9
    )
    for label in tiny_framework.labels[:3]:
        own = [row for row in rows if row["label"] == label]
        assert sum(row["estimate"] for row in own) == pytest.approx(1)
        assert {row["n_segments"] for row in own} == {
            int((truth == tiny_framework.labels.index(label)).sum())
        }
        assert all(row["lower"] <= row["estimate"] <= row["upper"] for row in own)


def test_a_label_that_is_never_true_has_no_shares(tiny_framework):
    rows = confusion_rows(sums_of([0, 1], [3, 1], ["a", "b"]), tiny_framework, confidence_level=0.95)
    never = [row for row in rows if row["label"] == tiny_framework.labels[3]]
    assert {row["reason"] for row in never} == {"undefined: no segment has the label"}
    assert all(np.isnan(row["estimate"]) for row in never)


def test_a_share_on_few_clusters_has_no_interval():
    found = share_of(np.array([1.0, 2.0]), np.array([4.0, 4.0]), 0.95)
    assert found.estimate == pytest.approx(3 / 8)
    assert found.reason.startswith("no interval: 2 clusters")
