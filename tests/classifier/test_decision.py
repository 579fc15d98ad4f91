"""A label is named by a rule; probabilities are left alone."""

import numpy as np
import pandas as pd

from peercompare.classifier.decision import choose_rule, decided


def test_where_the_most_probable_label_serves_best_the_rule_changes_nothing(rng):
    truth = rng.integers(0, 3, size=3000)
    told = np.where(truth[:, None] == np.arange(3), 0.8, 0.1)
    assert ((told * choose_rule(told, truth, np.ones(3000))).argmax(axis=1) == truth).all()


def test_a_rare_label_is_named_although_another_is_more_probable(rng):
    truth = np.repeat([0, 1], [900, 100])
    rare = np.where(truth == 1, 0.4, np.where(rng.random(1000) < 0.05, 0.4, 0.02))
    told = np.column_stack([1 - rare, rare])
    rule = choose_rule(told, truth, np.ones(1000))
    assert rule[1] > rule[0]
    assert ((told * rule).argmax(axis=1)[truth == 1] == 1).all()


def test_the_label_named_counts_and_where_none_is_the_most_probable():
    table = pd.DataFrame({"segment_id": ["a", "b"], "x": [0.9, 0.2], "y": [0.1, 0.8]})
    assert decided(table, ["b", "a"], ["x", "y"]).tolist() == [1, 0]
    assert decided(table.assign(named=["y", None]), ["a", "b"], ["x", "y"]).tolist() == [1, 1]
