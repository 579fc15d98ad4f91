"""Labels shuffled within employers or workers."""

import numpy as np
import pytest

from peercompare.classifier import scoring
from peercompare.classifier.judging.permuting import permutation_test
from peercompare.errors import InputError

CLUSTERS = np.repeat(np.arange(8), 15)


def test_who_reads_beats_chance_and_who_knows_the_source_alone_does_not():
    rng = np.random.default_rng(3)
    usual = rng.integers(0, 3, 8)[CLUSTERS]
    truth = np.where(rng.random(120) < 0.6, usual, rng.integers(0, 3, 120))
    reads = permutation_test(truth, np.where(rng.random(120) < 0.5, truth, usual), CLUSTERS, seed=1)
    source = permutation_test(truth, usual, CLUSTERS, seed=1)
    assert reads.p == 1 / 1000
    assert reads.estimate > reads.by_chance
    # A constant for each cluster has the same confusion however its labels are shuffled.
    assert source.p == 1
    assert source.by_chance == pytest.approx(source.estimate)


def test_p_is_even_where_there_is_nothing_to_know():
    rng = np.random.default_rng(5)
    found = [
        permutation_test(*rng.integers(0, 3, (2, 120)), CLUSTERS, n_permutations=19, seed=at).p
        for at in range(200)
    ]
    assert 0.02 <= np.mean(np.array(found) <= 0.1) <= 0.18


def test_labels_move_within_clusters_alone_and_the_number_that_can_is_said():
    truth = np.array([0, 0, 0, 1, 2, 1])
    found = permutation_test(truth, truth, list("aaabbb"), score=scoring.accuracy, n_permutations=200, seed=1)
    assert found.n_movable == 3
    assert found.estimate == 1
    # The three of b fall back into their places in a third of the ways, two labels being alike.
    assert found.p == pytest.approx(1 / 3, abs=0.1)


def test_the_same_seed_gives_the_same_p_and_too_few_permutations_are_refused():
    rng = np.random.default_rng(3)
    truth, predicted = rng.integers(0, 3, (2, 120))
    assert permutation_test(truth, predicted, CLUSTERS, seed=4) == permutation_test(
        truth, predicted, CLUSTERS, seed=4
    )
    with pytest.raises(InputError, match="19 permutations"):
        permutation_test(truth, predicted, CLUSTERS, n_permutations=10, seed=4)
