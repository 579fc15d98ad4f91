import numpy as np
import pytest
from numpy.testing import assert_allclose

from peercompare.drift.expert import expert_only
from peercompare.errors import UndefinedError


def test_over_all_possible_samples_the_total_is_the_truth(rng):
    truth, pi = rng.random((3, 2)), np.array([0.2, 0.5, 0.9])
    total = np.zeros(2)
    for coded in np.ndindex(2, 2, 2):
        drawn = np.array(coded, dtype=bool)
        chance = np.prod(np.where(drawn, pi, 1 - pi))
        if drawn.any():
            total += chance * expert_only(truth, drawn, pi).values.sum(axis=0)
    assert_allclose(total, truth.sum(axis=0))


def test_what_was_not_coded_has_no_influence_and_may_be_missing():
    result = expert_only(np.array([[1.0], [np.nan]]), np.array([True, False]), np.array([0.5, 0.5]))
    assert_allclose(result.values.ravel(), [2.0, 0.0])
    assert "without predictions" in result.method


def test_nothing_coded_is_refused():
    with pytest.raises(UndefinedError, match="no segment is coded"):
        expert_only(np.zeros((2, 1)), np.zeros(2, dtype=bool), np.full(2, 0.5))
