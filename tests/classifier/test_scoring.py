"""Scores against scikit-learn, jackknife intervals against leaving out by hand."""

import numpy as np
import pytest
from scipy.stats import binom
from sklearn import metrics

from peercompare.classifier import scoring
from peercompare.errors import InputError


def judged(rng, *, n_segments=140, n_clusters=9, n_labels=4):
    """Truth, probabilities that know something of it, and clusters."""
    truth = rng.integers(0, n_labels, size=n_segments)
    weight = rng.gamma(1.0, size=(n_segments, n_labels)) + 1.5 * np.eye(n_labels)[truth]
    return truth, weight / weight.sum(axis=1, keepdims=True), rng.integers(0, n_clusters, size=n_segments)


def test_scores_are_those_of_scikit_learn(rng):
    truth, probabilities, clusters = judged(rng)
    pooled = scoring.score_sums(truth, probabilities, clusters).pooled()
    predicted = probabilities.argmax(axis=1)
    assert scoring.accuracy(pooled) == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert scoring.macro_f1(pooled) == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))
    for own, theirs in [
        (scoring.f1, metrics.f1_score),
        (scoring.precision, metrics.precision_score),
        (scoring.recall, metrics.recall_score),
    ]:
        assert own(pooled) == pytest.approx(theirs(truth, predicted, average=None))
    by_label = [metrics.brier_score_loss(truth == k, probabilities[:, k]) for k in range(4)]
    assert scoring.brier(pooled) == pytest.approx(sum(by_label))


def test_calibration_error_is_the_weighted_gap_in_the_bins(rng):
    truth, probabilities, clusters = judged(rng)
    pooled = scoring.score_sums(truth, probabilities, clusters).pooled()
    chance, right = probabilities[:, 2], truth == 2
    bins = np.floor(chance * 10).clip(max=9)
    gap = sum(abs(chance[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    assert scoring.label_calibration_error(pooled)[2] == pytest.approx(gap)
    top, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.floor(top * 10).clip(max=9)
    gap = sum(abs(top[bins == b].mean() - hit[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    assert scoring.calibration_error(pooled) == pytest.approx(gap)


@pytest.mark.parametrize("score", [scoring.macro_f1, scoring.brier, scoring.calibration_error])
def test_the_interval_is_the_jackknife_over_clusters_left_out_by_hand(rng, score):
    truth, probabilities, clusters = judged(rng)
    (found,) = scoring.with_intervals(scoring.score_sums(truth, probabilities, clusters), score, highest=2.0)
    without = [
        float(score(scoring.score_sums(truth[keep], probabilities[keep], clusters[keep]).pooled()))
        for keep in (clusters != cluster for cluster in range(9))
    ]
    error = np.sqrt(8 / 9 * ((without - np.mean(without)) ** 2).sum())
    assert found.n_clusters == 9
    assert found.upper - found.estimate == pytest.approx(2.306004 * error, rel=1e-6)


def test_intervals_stay_inside_the_scores_range(rng):
    truth = rng.integers(0, 2, size=60)
    probabilities = np.eye(2)[np.where(rng.random(60) < 0.03, 1 - truth, truth)]
    sums = scoring.score_sums(truth, probabilities, np.repeat(range(6), 10))
    (found,) = scoring.with_intervals(sums, scoring.accuracy, confidence_level=0.999)
    assert 0.0 <= found.lower <= found.estimate <= found.upper == 1.0


def test_under_five_clusters_there_is_no_interval_and_a_reason(rng):
    truth, probabilities, clusters = judged(rng, n_clusters=4)
    (found,) = scoring.with_intervals(scoring.score_sums(truth, probabilities, clusters), scoring.macro_f1)
    assert np.isnan([found.lower, found.upper]).all()
    assert found.reason == "no interval: 4 clusters, and an interval needs at least 5"
    assert found.estimate > 0.25


def test_a_perfect_score_has_no_interval_since_nothing_varies():
    sums = scoring.score_sums(np.arange(12) % 2, np.eye(2)[np.arange(12) % 2], np.arange(12) // 2)
    (found,) = scoring.with_intervals(sums, scoring.accuracy)
    assert (found.estimate, found.reason[:11]) == (1.0, "no interval")


def test_a_label_that_is_neither_true_nor_predicted_is_undefined_with_a_reason(rng):
    truth, probabilities, clusters = judged(rng, n_labels=3)
    probabilities = np.column_stack([probabilities, np.zeros(len(truth))])
    sums = scoring.score_sums(truth, probabilities, clusters)
    for score in (scoring.f1, scoring.precision, scoring.recall):
        found = scoring.with_intervals(sums, score)[3]
        assert np.isnan(found.estimate)
        assert found.reason.startswith("undefined")


def test_macro_f1_leaves_out_labels_that_no_segment_has(rng):
    truth, probabilities, clusters = judged(rng, n_labels=3)
    alone = scoring.macro_f1(scoring.score_sums(truth, probabilities, clusters).pooled())
    padded = np.column_stack([probabilities, np.zeros(len(truth))])
    assert scoring.macro_f1(scoring.score_sums(truth, padded, clusters).pooled()) == pytest.approx(
        float(alone)
    )


@pytest.mark.parametrize("wrong", [[[0.5, 0.6]], [[1.2, -0.2]], [[np.nan, 0.5]]])
def test_what_are_no_probabilities_is_refused(wrong):
    with pytest.raises(InputError, match="sum to 1"):
        scoring.score_sums(np.array([0]), np.array(wrong), ["a"])


def test_no_segment_is_refused():
    with pytest.raises(InputError, match="no segment to score"):
        scoring.score_sums(np.array([], dtype=int), np.zeros((0, 2)), [])


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_confidence_level_outside_its_range_is_refused(rng, level):
    sums = scoring.score_sums(*judged(rng))
    with pytest.raises(InputError, match="confidence_level"):
        scoring.with_intervals(sums, scoring.accuracy, confidence_level=level)


@pytest.mark.slow
def test_the_interval_of_macro_f1_covers_its_true_value_about_as_often_as_it_says(rng):
    def draw(n_clusters, n_per_cluster):
        # clusters differ in how well they are predicted
        skill = rng.beta(6, 3, size=n_clusters).repeat(n_per_cluster)
        truth = rng.choice(3, size=len(skill), p=[0.5, 0.3, 0.2])
        guess = rng.choice(3, size=len(skill), p=[0.6, 0.25, 0.15])
        predicted = np.where(rng.random(len(skill)) < skill, truth, guess)
        return scoring.score_sums(truth, np.eye(3)[predicted], np.arange(n_clusters).repeat(n_per_cluster))

    true = float(scoring.macro_f1(draw(20_000, 20).pooled()))
    covered = 0
    for _ in range(600):
        (found,) = scoring.with_intervals(draw(15, 40), scoring.macro_f1)
        covered += found.lower <= true <= found.upper
    assert binom.ppf(0.001, 600, 0.92) <= covered <= binom.ppf(0.999, 600, 0.98)
