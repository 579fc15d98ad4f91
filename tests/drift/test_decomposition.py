"""A change of a mean taken apart adds up, exactly."""

import numpy as np
import pytest

from peercompare.drift.decomposition import jackknifed, seen_and_done, take_apart
from peercompare.errors import UndefinedError


@pytest.fixture
def totals():
    """Nine clusters, three categories, two groups."""
    rng = np.random.default_rng(1)
    bottoms = rng.integers(1, 20, (9, 3, 2)).astype(float)
    return bottoms * rng.uniform(-1, 1, (9, 3, 2)), bottoms


def test_the_parts_sum_to_the_change(totals):
    tops, bottoms = (part.sum(axis=0) for part in totals)
    parts = take_apart(tops, bottoms)
    means = tops.sum(axis=0) / bottoms.sum(axis=0)
    assert parts.change == pytest.approx(means[1] - means[0], abs=1e-14)
    assert parts.mix.sum() + parts.within.sum() == pytest.approx(parts.change, abs=1e-14)
    assert (parts.mix_first + parts.mix_last) / 2 == pytest.approx(parts.mix.sum(), abs=1e-14)


def test_changing_the_order_of_the_groups_changes_the_signs_alone(totals):
    tops, bottoms = (part.sum(axis=0) for part in totals)
    there, back = take_apart(tops, bottoms), take_apart(tops[:, ::-1], bottoms[:, ::-1])
    np.testing.assert_allclose(there.mix, -back.mix, atol=1e-14)
    np.testing.assert_allclose(there.within, -back.within, atol=1e-14)


def test_the_same_mix_gives_stance_alone_and_the_same_stance_mix_alone():
    same_mix = take_apart(np.array([[2.0, 6.0], [-1.0, 1.0]]), np.array([[4.0, 8.0], [4.0, 8.0]]))
    assert same_mix.mix == pytest.approx([0, 0])
    same_stance = take_apart(np.array([[2.0, 6.0], [-6.0, -2.0]]), np.array([[2.0, 6.0], [6.0, 2.0]]))
    assert same_stance.within == pytest.approx([0, 0])
    assert same_stance.change == pytest.approx(1.0)


def test_gaining_share_counts_up_only_where_the_category_lies_above_the_rest():
    # The first category is below the mean and shrinks: that is a rise.
    parts = take_apart(np.array([[-6.0, -2.0], [2.0, 6.0]]), np.array([[6.0, 2.0], [2.0, 6.0]]))
    assert (parts.mix > 0).all()


def test_a_category_that_one_group_lacks_is_mix_alone():
    parts = take_apart(np.array([[1.0, 1.0], [0.0, 2.0]]), np.array([[2.0, 2.0], [0.0, 2.0]]))
    assert parts.within == pytest.approx([0, 0])
    assert parts.mix.sum() == pytest.approx(parts.change)


@pytest.mark.parametrize("bottoms", [[[1.0, 0.0], [1.0, 0.0]], [[3.0, 2.0], [-1.0, 2.0]]])
def test_an_empty_group_and_a_negative_share_are_refused(bottoms):
    with pytest.raises(UndefinedError, match="too small"):
        take_apart(np.zeros((2, 2)), np.array(bottoms))


def test_the_jackknife_of_the_change_is_that_of_the_difference_of_means(totals):
    estimates, errors, degrees = jackknifed(*totals)
    tops, bottoms = (part.sum(axis=1) for part in totals)
    means = tops.sum(axis=0) / bottoms.sum(axis=0)
    rest = (tops.sum(axis=0) - tops) / (bottoms.sum(axis=0) - bottoms)
    shift = (rest[:, 1] - rest[:, 0]) - (means[1] - means[0])
    assert estimates[0] == pytest.approx(means[1] - means[0])
    assert errors[0] == pytest.approx(np.sqrt(8 / 9 * (shift**2).sum()))
    assert 3 < degrees <= 8


def test_new_clusters_that_did_nothing_else_are_who_was_seen():
    # Five stay as they were; in the second group three others join, at +1.
    bottoms = np.ones((8, 2))
    bottoms[5:, 0] = 0
    tops = np.zeros((8, 2))
    tops[5:, 1] = 1.0
    (seen, done), errors, _ = seen_and_done(tops, bottoms)
    assert done == pytest.approx(0)
    assert seen == pytest.approx(3 / 8)
    assert np.isfinite(errors).all()


def test_the_same_clusters_in_the_same_amounts_are_what_they_did():
    (seen, done), _, _ = seen_and_done(np.column_stack([np.zeros(6), np.arange(6.0)]), np.full((6, 2), 10.0))
    assert seen == pytest.approx(0)
    assert done == pytest.approx(0.25)
