"""The pipeline and its calibration."""

import numpy as np
import pytest
from scipy.special import softmax

from peercompare.classifier import make_classifier
from peercompare.classifier.pipeline import Calibration, _fold_in, calibrate, fit_classifier, linear_scores
from peercompare.errors import CodingError, InputError

LABELS = ("none", "low", "high")


def made_up(rng, *, n_groups=8, n_per_group=15):
    """Texts whose words tell the label in four cases of five; each group has a word of its own."""
    y = rng.choice(3, size=n_groups * n_per_group, p=[0.6, 0.1, 0.3])
    groups = np.repeat([f"group{number}" for number in range(n_groups)], n_per_group)
    told = np.where(rng.random(len(y)) < 0.8, y, rng.choice(3, size=len(y)))
    words = np.array(["bus car van", "apple pear plum", "red green blue"])
    return [f"{words[word]} {group}" for word, group in zip(told, groups, strict=True)], y, groups


def test_probabilities_come_in_the_order_of_the_labels_whatever_their_spelling(rng):
    texts, y, groups = made_up(rng)
    pipeline, *_ = fit_classifier(texts, y, np.ones(len(y)), groups, labels=LABELS, seed=1)
    assert pipeline.classes_.tolist() == [0, 1, 2]
    found = pipeline.predict_proba(["bus car van", "apple pear plum", "red green blue"])
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


def test_calibrated_probabilities_match_the_shares_of_unseen_groups(rng):
    texts, y, groups = made_up(rng, n_groups=20, n_per_group=40)
    new_texts, new_y, _ = made_up(rng, n_groups=20, n_per_group=40)
    error = {}
    for name, given in {"calibrated": groups, "bare": None}.items():
        pipeline, *_ = fit_classifier(texts, y, np.ones(len(y)), given, labels=LABELS, seed=1)
        error[name] = np.abs(
            pipeline.predict_proba(new_texts).mean(axis=0) - np.bincount(new_y) / len(new_y)
        ).max()
    assert error["calibrated"] < 0.04 < error["bare"]


def test_calibration_finds_the_factor_and_the_constants_that_made_the_answers(rng):
    scores = rng.normal(size=(40_000, 3))
    constants = np.array([0.8, -0.5, -0.3])
    chances = softmax(2.5 * scores + constants, axis=1)
    y = (rng.random(len(scores))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    found = calibrate(scores, y, np.ones(len(y)))
    assert found.factor == pytest.approx(2.5, abs=0.1)
    assert found.constants == pytest.approx(constants, abs=0.06)


def test_a_row_of_weight_two_counts_as_two_rows(rng):
    scores, y = rng.normal(size=(60, 3)), rng.integers(0, 3, size=60)
    weights = np.where(np.arange(60) < 20, 2.0, 1.0)
    doubled = np.append(np.arange(60), np.arange(20))
    once, twice = calibrate(scores, y, weights), calibrate(scores[doubled], y[doubled], np.ones(80))
    assert once.factor == pytest.approx(twice.factor, abs=1e-4)
    assert once.constants == pytest.approx(twice.constants, abs=1e-4)


@pytest.mark.parametrize("n_labels", [2, 3])
def test_folding_the_calibration_in_is_exact(rng, n_labels):
    texts, y, _ = made_up(rng)
    y = np.minimum(y, n_labels - 1)
    pipeline, *_ = fit_classifier(texts, y, np.ones(len(y)), None, labels=LABELS[:n_labels], seed=1)
    calibration = Calibration(1.7, tuple(np.linspace(0.4, -0.4, n_labels)))
    expected = softmax(1.7 * linear_scores(pipeline, np.array(texts)) + calibration.constants, axis=1)
    _fold_in(pipeline.named_steps["model"], calibration)
    assert np.allclose(pipeline.predict_proba(texts), expected, atol=1e-12)


def test_too_few_groups_leave_the_classifier_uncalibrated(rng):
    texts, y, groups = made_up(rng, n_groups=2)
    assert fit_classifier(texts, y, np.ones(len(y)), groups, labels=LABELS, seed=1)[1] is None


def test_a_label_in_one_group_alone_leaves_the_classifier_uncalibrated(rng):
    texts, y, groups = made_up(rng)
    y = np.where((y == 1) & (groups != "group0"), 0, y)
    y[0] = 1
    assert fit_classifier(texts, y, np.ones(len(y)), groups, labels=LABELS, seed=1)[1] is None


def test_one_label_alone_is_an_error_that_names_it():
    with pytest.raises(CodingError, match=r"at least two labels .* have 'low'"):
        fit_classifier(["a b", "b c"], np.array([1, 1]), np.ones(2), ["x", "y"], labels=LABELS, seed=1)


def test_texts_with_nothing_in_common_are_an_error():
    with pytest.raises(CodingError, match="no word or letter sequence in common"):
        fit_classifier(["ab", "cd"], np.array([0, 1]), np.ones(2), ["x", "y"], labels=LABELS, seed=1)


@pytest.mark.parametrize("labels", [(), ("none",), ("none", "low", "low")])
def test_labels_that_cannot_be_told_apart_are_refused(labels):
    with pytest.raises(InputError, match="two or more different labels"):
        make_classifier(labels, seed=0)
