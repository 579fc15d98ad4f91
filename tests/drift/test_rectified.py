import numpy as np
import pytest
from numpy.testing import assert_allclose

from peercompare.drift.ratios import jackknife_error, ratio_of_totals
from peercompare.drift.rectified import cluster_totals, crossfit, design_variance, pseudo_outcome, rectify
from peercompare.errors import UndefinedError


@pytest.fixture
def sampled(rng):
    """Thirty-five segments of six workers, four labels, half coded; features that know something."""
    clusters = np.sort(rng.integers(0, 6, size=35))
    clusters[:6] = np.arange(6)
    truth = np.eye(4)[rng.integers(0, 4, size=35)]
    features = truth + rng.normal(scale=0.3, size=(35, 4))
    coded = rng.random(35) < 0.5
    pi = np.full(35, 0.5)
    return truth, coded, pi, clusters, features


def test_where_all_is_coded_the_pseudo_outcome_is_the_coding_itself(sampled):
    truth, _, _, clusters, features = sampled
    everything = np.ones(len(truth), dtype=bool)
    result = rectify(truth, everything, np.ones(len(truth)), clusters, features=features)
    assert_allclose(result.values, truth)
    assert result.method == "all segments coded"


def test_pseudo_outcomes_of_labels_that_sum_to_one_sum_to_one_in_their_predictions(sampled):
    truth, coded, pi, clusters, features = sampled
    assert_allclose(crossfit(truth, coded, pi, clusters, features=features).sum(axis=1), 1.0, atol=1e-9)


def test_a_clusters_own_codings_never_reach_its_prediction(sampled):
    truth, coded, pi, clusters, features = sampled
    before = crossfit(truth, coded, pi, clusters, features=features)
    changed = truth.copy()
    changed[clusters == 2] = np.eye(4)[0]
    after = crossfit(changed, coded, pi, clusters, features=features)
    assert_allclose(after[clusters == 2], before[clusters == 2])
    assert np.abs(after - before)[clusters != 2].max() > 1e-6


def test_codings_that_were_not_sampled_have_no_influence(sampled):
    truth, coded, pi, clusters, features = sampled
    hidden = np.where(coded[:, None], truth, np.nan)
    shown = rectify(truth, coded, pi, clusters, features=features).values
    assert_allclose(rectify(hidden, coded, pi, clusters, features=features).values, shown)


@pytest.mark.parametrize("with_features", [True, False])
def test_over_all_possible_samples_the_mean_is_the_truth(rng, with_features):
    # Four workers with three segments, one of them coded: all 81 samples are equally likely, so the mean over
    # them is exact.
    truth = rng.random((12, 2))
    clusters = np.repeat(np.arange(4), 3)
    features = rng.random((12, 3)) if with_features else None
    means = []
    for picks in np.ndindex(3, 3, 3, 3):
        coded = np.zeros(12, dtype=bool)
        coded[np.arange(4) * 3 + np.array(picks)] = True
        means.append(
            rectify(truth, coded, np.full(12, 1 / 3), clusters, features=features).values.mean(axis=0)
        )
    assert_allclose(np.mean(means, axis=0), truth.mean(axis=0), atol=1e-12)


def test_the_pseudo_outcomes_of_a_small_study_are_those_worked_out_by_hand():
    # Every segment has the chance 1/2. Worker 0 is predicted by the mean of worker 1's codings, (0 + 1) / 2,
    # and worker 1 by that of worker 0, 1. A coded segment counts g + 2 (Y - g), any other g.
    truth = np.array([[1.0], [np.nan], [0.0], [1.0], [np.nan], [np.nan]])
    coded, clusters = np.array([1, 0, 1, 1, 0, 0], dtype=bool), np.array([0, 0, 1, 1, 1, 1])
    result = rectify(truth, coded, np.full(6, 0.5), clusters)
    assert_allclose(result.predicted.ravel(), [0.5, 0.5, 1, 1, 1, 1], rtol=0, atol=1e-10)
    assert_allclose(result.values.ravel(), [1.5, 0.5, -1, 1, 1, 1], rtol=0, atol=1e-10)
    totals = cluster_totals(np.column_stack([result.values, np.ones(6)]), clusters, 2)
    share = ratio_of_totals(totals[:, :1], totals[:, 1:])
    assert_allclose(share.estimate, 2 / 3, rtol=0, atol=1e-10)
    # Without worker 0 the share is 2 / 4, without worker 1 it is 2 / 2: jackknife sqrt(1/2 (1/6^2 + 1/3^2)).
    error, _ = jackknife_error(totals[:, :1], totals[:, 1:], share.estimate)
    assert_allclose(error, np.sqrt(0.5 * (1 / 36 + 1 / 9)), rtol=0, atol=1e-10)


def test_over_all_samples_with_uneven_chances_and_clusters_the_mean_is_the_truth(rng):
    # Each of six segments is drawn or not by itself, so that the mean over all 64 samples is exact.
    truth, features = rng.random((6, 1)), rng.random((6, 2))
    pi, clusters = np.array([0.9, 0.2, 0.5, 0.3, 0.8, 0.4]), np.array([0, 1, 1, 2, 2, 2])
    mean = 0.0
    for picks in np.ndindex(*[2] * 6):
        coded = np.array(picks, dtype=bool)
        chance = np.prod(np.where(coded, pi, 1 - pi))
        known = np.where(coded[:, None], truth, 0.0)
        predicted = crossfit(known, coded, pi, clusters, features=features)
        mean += chance * pseudo_outcome(known, predicted, coded, pi)
    assert_allclose(mean, truth, atol=1e-12)


def test_totals_are_the_same_in_whatever_order_rows_stand(rng):
    values, groups = rng.normal(size=(40, 3)), rng.integers(0, 5, size=40)
    expected = np.array([values[groups == group].sum(axis=0) for group in range(6)])
    assert_allclose(cluster_totals(values, groups, 6), expected)
    assert_allclose(cluster_totals(values[:0], groups[:0], 2), np.zeros((2, 3)))


def test_the_order_of_segments_and_the_names_of_clusters_do_not_matter(sampled, rng):
    truth, coded, pi, clusters, features = sampled
    expected = rectify(truth, coded, pi, clusters, features=features).values
    order = rng.permutation(len(truth))
    renamed = np.array([3, 5, 0, 1, 4, 2])[clusters]
    result = rectify(truth[order], coded[order], pi[order], renamed[order], features=features[order]).values
    assert_allclose(result, expected[order], atol=1e-10)


def test_a_single_cluster_has_nobody_to_learn_from_and_is_weighted_alone():
    result = rectify(
        np.array([[1.0], [0.0], [9.0], [9.0]]),
        np.array([True, True, False, False]),
        np.full(4, 0.5),
        np.zeros(4, dtype=int),
    )
    assert_allclose(result.values.ravel(), [2.0, 0.0, 0.0, 0.0])


def test_no_codings_at_all_is_refused():
    with pytest.raises(UndefinedError, match="no segment is coded"):
        rectify(np.zeros((3, 2)), np.zeros(3, dtype=bool), np.full(3, 0.5), np.zeros(3, dtype=int))


@pytest.mark.parametrize("wrong", [0.0, -0.1, 1.5, np.nan])
def test_a_probability_outside_its_range_is_refused_with_its_value(wrong):
    with pytest.raises(UndefinedError, match=r"\(0, 1\]; 1 do not"):
        rectify(np.zeros((3, 2)), np.ones(3, dtype=bool), np.array([0.5, wrong, 1.0]), np.zeros(3, dtype=int))


def test_cluster_totals_add_the_rows_of_each_cluster():
    totals = cluster_totals(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1, 1, 0]), 3)
    assert_allclose(totals, [[5, 6], [4, 6], [0, 0]])


def test_design_variance_is_the_sum_of_the_textbook_terms():
    influence = np.array([[0.2], [0.5], [-0.1]])
    variance = design_variance(influence, np.array([True, False, True]), np.array([0.5, 0.5, 0.25]))
    assert_allclose(variance, [0.5 / 0.25 * 0.04 + 0.75 / 0.0625 * 0.01])


def test_design_variance_is_zero_where_all_is_coded():
    assert_allclose(design_variance(np.ones((4, 2)), np.ones(4, dtype=bool), np.ones(4)), [0.0, 0.0])
