"""Sets hold the label as often as they promise, for new groups and for rare labels."""

import numpy as np
import pytest

from peercompare.classifier.conformal import label_thresholds, set_columns
from peercompare.errors import InputError

LABELS = ("none", "shared", "both")


def drawn(rng, n_groups):
    """Segments of groups that differ in size and in how sure the model is of them, with their labels."""
    sizes = rng.integers(2, 40, n_groups)
    groups = np.repeat(np.arange(n_groups), sizes)
    truth = rng.choice(3, size=len(groups), p=[0.6, 0.3, 0.1])
    skill = rng.normal(1.5, 1.0, n_groups)[groups]
    scores = rng.normal(size=(len(groups), 3))
    scores[np.arange(len(groups)), truth] += skill
    shares = np.exp(scores)
    return shares / shares.sum(axis=1, keepdims=True), truth, groups


def test_new_groups_are_covered_as_promised_for_every_label():
    rng, hits = np.random.default_rng(1), []
    for _ in range(300):
        limits = label_thresholds(*drawn(rng, 20))
        new, truth, groups = drawn(rng, 21)
        inside = new[np.arange(len(truth)), truth] >= limits[truth]
        first = groups == 20
        hits.append([inside[first & (truth == label)].mean() if (first & (truth == label)).any() else np.nan
                     for label in range(3)])  # fmt: skip
    hits = np.array(hits)
    error = np.nanstd(hits, axis=0) / np.sqrt((~np.isnan(hits)).sum(axis=0))
    assert (np.nanmean(hits, axis=0) > 0.9 - 3 * error).all()


def test_segments_of_one_large_group_do_not_set_the_threshold_alone():
    probabilities = np.r_[np.full(1000, 0.9), np.full(19, 0.2)][:, None]
    groups = [0] * 1000 + list(range(1, 20))
    assert label_thresholds(probabilities, np.zeros(1019, dtype=int), groups)[0] == 0.2


def test_a_label_that_too_few_groups_have_is_in_every_set():
    probabilities = np.full((8, 1), 0.9)
    assert label_thresholds(probabilities, np.zeros(8, dtype=int), range(8))[0] == 0
    nine = np.full((9, 1), 0.9)
    assert label_thresholds(nine, np.zeros(9, dtype=int), range(9))[0] == 0.9


def test_a_set_that_is_empty_or_too_large_is_an_abstention():
    probabilities = np.array([[0.8, 0.1, 0.1], [0.5, 0.5, 0.0], [0.34, 0.33, 0.33]])
    limits = {"none": 0.5, "shared": 0.5, "both": 0.5}
    found = set_columns(probabilities, limits, LABELS)
    assert found["label_set"].tolist() == ["none", "none shared", ""]
    assert found["abstained"].tolist() == [False, True, True]
    assert set_columns(probabilities, limits, LABELS, largest=2)["abstained"].tolist() == [False, False, True]


def test_a_label_without_a_threshold_is_in_no_set():
    found = set_columns(np.array([[0.0, 1.0, 0.0]]), {"none": 0.0, "shared": 0.5}, LABELS)
    assert found["label_set"].tolist() == ["none shared"]


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(InputError, match="confidence_level must be in"):
        label_thresholds(np.ones((1, 1)), np.zeros(1, dtype=int), [0], confidence_level=level)
