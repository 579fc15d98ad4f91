"""Calibration finds what made the answers."""

import numpy as np
import pytest
from scipy.special import softmax

from peercompare.classifier.calibrating import calibrate


def test_calibration_finds_the_factor_and_the_constants_that_made_the_answers(rng):
    scores = rng.normal(size=(40_000, 3))
    constants = np.array([0.8, -0.5, -0.3])
    chances = softmax(2.5 * scores + constants, axis=1)
    y = (rng.random(len(scores))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    found = calibrate(scores, y, np.ones(len(y)))
    assert found.factor == pytest.approx(2.5, abs=0.1)
    assert found.constants == pytest.approx(constants, abs=0.06)
    assert np.allclose(found.logits(scores), found.factor * scores + found.constants)


def test_a_row_of_weight_two_counts_as_two_rows(rng):
    scores, y = rng.normal(size=(60, 3)), rng.integers(0, 3, size=60)
    weights = np.where(np.arange(60) < 20, 2.0, 1.0)
    doubled = np.append(np.arange(60), np.arange(20))
    once, twice = calibrate(scores, y, weights), calibrate(scores[doubled], y[doubled], np.ones(80))
    assert once.factor == pytest.approx(twice.factor, abs=1e-4)
    assert once.constants == pytest.approx(twice.constants, abs=1e-4)
