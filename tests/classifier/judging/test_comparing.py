"""Two models on the same segments: differences, their intervals and both tests."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from peercompare.classifier import dictionary_predictions, scoring
from peercompare.classifier.judging.comparing import compare_predictions, differences
from peercompare.errors import InputError


def two(n_clusters, *, better=0.25, seed=1, size=12):
    """Sums of two models, of which the first is right more often."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n_clusters * size)
    clusters = np.arange(len(truth)) // size
    chance = rng.integers(0, 3, (2, len(truth)))
    right = rng.random((2, len(truth))) < np.array([[0.4 + better], [0.4]])
    return [
        scoring.score_sums(truth, np.eye(3)[np.where(hit, truth, guess)], clusters)
        for hit, guess in zip(right, chance, strict=True)
    ]


def by_hand(first, second, signs):
    """The difference of macro-F1 with the models swapped in some clusters."""
    one, other = (
        sum(a if (sign > 0) == own else b for a, b, sign in zip(first, second, signs, strict=True))
        for own in (True, False)
    )
    nothing = np.zeros(0)
    score = [
        float(scoring.macro_f1(scoring.ScoreSums(each, nothing, nothing, nothing))) for each in (one, other)
    ]
    return score[0] - score[1]


def test_every_way_of_swapping_is_tried_with_few_clusters():
    first, second = two(6)
    found = differences(first, second, scoring.macro_f1, seed=0)[0]
    tried = [by_hand(first.confusion, second.confusion, signs) for signs in product([1, -1], repeat=6)]
    assert found.n_permutations == 64
    assert found.estimate == pytest.approx(tried[0])
    assert found.p_swapped == pytest.approx(np.mean(np.abs(tried) >= abs(tried[0]) - 1e-12))


def test_for_a_mean_the_test_is_the_paired_t_test_over_clusters():
    first, second = two(20)
    found = differences(first, second, scoring.accuracy, seed=0)[0]
    each = [np.trace(sums.confusion, axis1=1, axis2=2) / 12 for sums in (first, second)]
    assert found.p == pytest.approx(stats.ttest_rel(*each).pvalue)
    interval = stats.ttest_rel(*each).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high))


def test_a_better_model_is_found_so_and_an_equal_one_is_not():
    better = differences(*two(21, better=0.3), scoring.macro_f1, seed=3)[0]
    assert better.lower > 0
    assert better.p < 0.01
    assert better.p_swapped < 0.01
    assert better.n_permutations == 9999
    same = two(21)[0]
    nothing = differences(same, same, scoring.macro_f1, seed=3)[0]
    assert nothing.estimate == 0
    assert nothing.p_swapped == 1
    assert nothing.reason.startswith("no interval: no cluster left out changes the difference")


@pytest.mark.parametrize(
    ("n_clusters", "said"), [(3, "no interval: 3 clusters"), (5, "p_swapped cannot fall")]
)
def test_few_clusters_say_how_little_they_can_show(n_clusters, said):
    found = differences(*two(n_clusters), scoring.macro_f1, seed=3)[0]
    assert said in found.reason
    assert f"under {2 / 2**n_clusters:.3g}" in found.reason
    assert np.isnan(found.lower) == (n_clusters < 5)


def test_models_of_other_segments_are_not_compared():
    with pytest.raises(InputError, match="same segments"):
        differences(two(6)[0], two(6, seed=2)[0], scoring.macro_f1, seed=0)


def test_a_table_names_both_models_and_turns_with_them(garden):
    words = dictionary_predictions(garden)
    labels = list(garden.framework.labels)
    even = words.assign(**dict.fromkeys(labels, 1 / len(labels)))
    one = compare_predictions(garden, words, even, names=("words", "even"), seed=1)
    other = compare_predictions(garden, even, words, names=("even", "words"), seed=1)
    assert set(one["score"]) == {"macro_f1", "accuracy", "cost", "brier", "calibration_error", "f1"}
    assert set(one["model"]) == set(other["against"]) == {"words"}
    pd.testing.assert_series_equal(one["estimate"], -other["estimate"])
    pd.testing.assert_series_equal(one["p_swapped"], other["p_swapped"])


def test_what_rests_on_few_workers_is_withheld(make_garden):
    from dataclasses import replace

    few = make_garden(n_plots=4)
    spoken = replace(few, composed=False, documents=few.documents.assign(worker_id=few.documents["plot_id"]))
    words = dictionary_predictions(spoken)
    found = compare_predictions(spoken, words, words, seed=1, waive=True)
    assert found[["estimate", "lower", "upper", "p", "p_swapped"]].isna().all(axis=None)
    assert found["reason"].str.startswith("withheld").all()
