"""Folds keep groups whole, and near-duplicates apart."""

import numpy as np
import pytest

from peercompare.classifier import grouped_folds, near_duplicates
from peercompare.classifier.splits import held_out
from peercompare.errors import InputError, UndefinedError


def uneven(rng, n_groups=23):
    """Groups of different sizes, with their segments' labels (a rare one among them)."""
    sizes = rng.integers(4, 30, size=n_groups)
    groups = np.repeat([f"g{number}" for number in range(n_groups)], sizes)
    return rng.choice(["a", "b", "rare"], size=sizes.sum(), p=[0.6, 0.35, 0.05]), groups


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_split_and_no_fold_is_empty(rng, seed):
    labels, groups = uneven(rng)
    folds = grouped_folds(labels, groups, n_folds=4, seed=seed)
    assert all(len(set(folds[groups == group])) == 1 for group in set(groups))
    assert set(folds) == {0, 1, 2, 3}


@pytest.mark.parametrize("seed", range(5))
def test_each_fold_holds_about_the_same_share_of_each_label(rng, seed):
    labels, groups = uneven(rng)
    folds = grouped_folds(labels, groups, n_folds=4, seed=seed)
    for label in ("a", "b"):
        shares = [np.mean(folds[labels == label] == fold) for fold in range(4)]
        assert np.ptp(shares) < 0.08


def test_the_seed_decides_the_folds(rng):
    labels, groups = uneven(rng)
    first, again, other = (grouped_folds(labels, groups, n_folds=4, seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_as_many_groups_as_folds_gives_one_group_each():
    folds = grouped_folds(list("aaabbb"), list("xxxyzz"), n_folds=3, seed=0)
    assert sorted(np.bincount(folds)) == [1, 2, 3]


def test_fewer_groups_than_folds_is_undefined_and_says_how_many_there_are():
    with pytest.raises(UndefinedError, match=r"5 folds need at least 5 groups .* there are 2"):
        grouped_folds(list("aabb"), list("xxyy"), n_folds=5, seed=0)


@pytest.mark.parametrize(
    ("labels", "groups", "n_folds", "said"),
    [
        ("ab", ["x", "y"], 1, "n_folds must be 2 or more"),
        ("ab", ["x"], 2, "2 labels and 1 groups"),
        ("ab", ["x", None], 2, "1 of 2 segments have no group"),
    ],
)
def test_arguments_that_make_no_folds_are_refused(labels, groups, n_folds, said):
    with pytest.raises(InputError, match=said):
        grouped_folds(list(labels), groups, n_folds=n_folds, seed=0)


def test_texts_that_differ_in_case_digits_or_marks_are_one_family():
    texts = ["Lift 20 pounds.", "Walk with people", "lift 50 pounds", "Lift 25 pounds!", "Walk beside people"]
    assert near_duplicates(texts).tolist() == [0, 1, 0, 0, 2]


def test_a_small_change_in_a_long_text_is_still_the_same_text():
    text = "Supports members in the kitchen, the garden and the workshop, and drives the van when asked."
    assert near_duplicates([text, text.replace("van", "bus"), "Writes notes."]).tolist() == [0, 0, 1]


def test_texts_without_letters_are_a_family_of_their_own():
    assert near_duplicates(["...", "12", "Yes"]).tolist() == [0, 0, 1]


def test_no_text_has_no_family():
    assert near_duplicates([]).tolist() == []


def test_similarity_outside_its_range_is_refused():
    with pytest.raises(InputError, match="above 0 and at most 1"):
        near_duplicates(["a"], similarity=0.0)


def test_what_teaches_holds_neither_the_fold_nor_its_near_duplicates():
    folds, families = np.array([0, 0, 1, 1, -1]), np.array([0, 1, 1, 2, 0])
    seen = {fold: (test.tolist(), teaching.tolist()) for fold, test, teaching in held_out(folds, families)}
    assert seen[0] == ([True, True, False, False, False], [False, False, False, True, False])
    assert seen[1] == ([False, False, True, True, False], [True, False, False, False, True])
