"""Sums by cluster: published coincidences, collapsing, leaving one out."""

import numpy as np
import pytest

from peercompare.agreement.coincidences import agreement_sums
from peercompare.errors import InputError


def test_coincidences_are_the_published_matrix(published):
    """Krippendorff (2011), section C, table of coincidences; 40 pairable values."""
    found = agreement_sums(published.four_by_twelve, values_domain=[1, 2, 3, 4, 5]).pooled().coincidences
    expected = [
        [7, 4 / 3, 1 / 3, 1 / 3, 0],
        [4 / 3, 10, 4 / 3, 1 / 3, 0],
        [1 / 3, 4 / 3, 8, 1 / 3, 0],
        [1 / 3, 1 / 3, 1 / 3, 4, 0],
        [0, 0, 0, 0, 3],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_clusters_add_up_to_the_whole(made_up, seed):
    rng = np.random.default_rng(seed)
    values = made_up(rng)
    clusters = rng.choice(["x", "y", "z"], size=40)
    whole = agreement_sums(values, values_domain=range(4)).pooled()
    parts = agreement_sums(values, values_domain=range(4), clusters=clusters).pooled()
    for name in ("coincidences", "pairs", "shares", "n_pairable", "n_rated"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_collapsing_sums_is_the_same_as_recoding_the_data(made_up, seed):
    rng = np.random.default_rng(seed)
    values = made_up(rng)
    clusters = [unit % 7 for unit in range(40)]
    group = ["low", "low", "high", "odd"]
    recoded = [[None if value is None else group[value] for value in row] for row in values]
    domain = ["odd", "unused", "high", "low"]
    collapsed = agreement_sums(values, values_domain=range(4), clusters=clusters).collapse(
        group, values_domain=domain
    )
    direct = agreement_sums(recoded, values_domain=domain, clusters=clusters)
    for name in ("coincidences", "pairs", "shares", "n_pairable", "n_rated"):
        np.testing.assert_allclose(getattr(collapsed, name), getattr(direct, name), atol=1e-12)


def test_a_cluster_without_pairable_units_is_never_left_out():
    sums = agreement_sums([[0, 1, 1], [0, 1, None]], values_domain=[0, 1], clusters=["p", "q", "alone"])
    without = sums.leave_one_out()
    assert without.clusters == ("p", "q")
    np.testing.assert_array_equal(without.n_pairable, [1, 1])
    np.testing.assert_array_equal(without.n_rated, [2, 2])


def test_many_coders_who_each_coded_little_give_the_same_sums_as_few(rng):
    few = rng.integers(3, size=(2, 30)).astype(object)
    many = np.full((11, 30), None, dtype=object)
    for unit in range(30):
        many[rng.choice(11, size=2, replace=False), unit] = few[:, unit]
    first, second = (agreement_sums(values, values_domain=range(3)).pooled() for values in (few, many))
    np.testing.assert_allclose(first.coincidences, second.coincidences)


@pytest.mark.parametrize(
    ("clusters", "message"),
    [(["a"] * 3, "4 units but clusters for 3"), (["a", "b", None, "c"], "without a cluster: 1")],
)
def test_clusters_that_do_not_fit_the_units_are_refused(clusters, message):
    with pytest.raises(InputError, match=message):
        agreement_sums([[0, 1, 0, 1], [0, 1, 1, 1]], values_domain=[0, 1], clusters=clusters)
