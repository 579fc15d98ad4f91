import numpy as np
from numpy.testing import assert_array_equal

from peercompare.drift.atoms import atoms


def test_rows_in_the_same_sets_of_the_same_owner_are_one_class():
    sets = [np.array([1, 1, 0, 0, 1], dtype=bool), np.array([0, 0, 0, 1, 0], dtype=bool)]
    first, sizes = atoms(sets, np.array([0, 0, 0, 0, 1]))
    assert_array_equal(first, [0, 2, 3, 4])
    assert_array_equal(sizes, [2, 1, 1, 1])


def test_more_sets_than_fit_one_block_still_tell_rows_apart(rng):
    sets = [rng.random(300) < 0.5 for _ in range(70)]
    owners = rng.integers(0, 3, size=300)
    expected = np.unique(np.vstack([owners, sets]), axis=1).shape[1]
    first, sizes = atoms(sets, owners)
    assert len(first) == expected
    assert sizes.sum() == 300


def test_the_last_set_beyond_a_block_counts():
    sets = [np.ones(2, dtype=bool)] * 32 + [np.array([True, False])]
    assert len(atoms(sets, np.zeros(2, dtype=int))[0]) == 2
