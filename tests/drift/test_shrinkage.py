import numpy as np
import pytest
from numpy.testing import assert_allclose

from peercompare.drift import Design, Plan, draft_shrunken, publish, score_table, simulate
from peercompare.drift.shrinkage import SHRUNKEN, shrink
from peercompare.errors import DisclosureError, UndefinedError


def test_with_equal_variances_the_variance_between_areas_is_what_chance_leaves():
    direct = np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.4])
    found = shrink(direct, np.full(6, 0.02))
    assert_allclose(found.between, direct.var(ddof=1) - 0.02)
    assert_allclose(found.mean, direct.mean())
    kept = found.between / (found.between + 0.02)
    assert_allclose(found.estimate, direct.mean() + kept * (direct - direct.mean()))


def test_areas_that_differ_by_no_more_than_chance_share_one_estimate():
    found = shrink(np.array([0.30, 0.31, 0.29, 0.30, 0.32]), np.full(5, 0.04))
    assert found.between == 0
    assert_allclose(found.estimate, found.mean)
    assert (found.standard_error > 0).all()


def test_shrunken_estimates_are_nearer_the_truth_and_their_intervals_hold(rng):
    hits, errors, direct_errors = [], [], []
    for _ in range(400):
        own = rng.uniform(0.002, 0.02, size=15)
        truth = rng.normal(0.2, 0.08, size=15)
        direct = truth + rng.normal(size=15) * np.sqrt(own)
        found = shrink(direct, own)
        hits.append((found.lower <= truth) & (truth <= found.upper))
        errors.append((found.estimate - truth) ** 2)
        direct_errors.append((direct - truth) ** 2)
    assert 0.93 <= np.mean(hits) <= 0.97
    assert np.mean(errors) < 0.8 * np.mean(direct_errors)


def test_intervals_hold_where_the_variances_of_few_clusters_are_estimated_too(rng):
    # Six clusters an area: normal intervals would hold .89 of the truths.
    hits, normal = [], []
    for _ in range(400):
        truth = rng.normal(0.0, 0.25, size=12)
        clusters = truth[:, None] + rng.normal(0.0, 0.3, size=(12, 6))
        direct, own = clusters.mean(axis=1), clusters.var(axis=1, ddof=1) / 6
        for degrees, kept in ((np.full(12, 5.0), hits), (None, normal)):
            found = shrink(direct, own, degrees=degrees)
            kept.append((found.lower <= truth) & (truth <= found.upper))
    assert 0.93 <= np.mean(hits) <= 0.97
    assert np.mean(normal) < 0.92


@pytest.mark.parametrize(
    ("direct", "own", "words"),
    [(np.zeros(4), np.ones(4), "there are 4"), (np.zeros(5), np.r_[0.0, np.ones(4)], "positive variance")],
)
def test_what_cannot_be_shrunken_says_so(direct, own, words):
    with pytest.raises(UndefinedError, match=words):
        shrink(direct, own)


@pytest.fixture(scope="module")
def many_sites(tiny_framework):
    """Thirty workers, five at each of six sites."""
    corpus = simulate(tiny_framework, Design(n_workers=30, sessions=4, segments=8), 4)
    worker = corpus.documents["worker_id"].str[1:].astype(int) - 1
    documents = corpus.documents.assign(site_id="S" + (worker // 5).astype(str))
    return score_table(corpus.codings, corpus.segments, documents, tiny_framework)


def test_sites_are_drawn_towards_their_mean(many_sites, tiny_framework):
    plan = Plan("made_up", "worker_id")
    table = publish([draft_shrunken(many_sites, tiny_framework, plan=plan, group_by="site_id")], plan=plan)
    direct = table[table["estimand"] == "index"].set_index("group")["estimate"]
    drawn = table[table["estimand"] == SHRUNKEN].set_index("group")
    assert len(drawn) == 6
    assert drawn["estimate"].std() < direct.std()
    assert (drawn["lower"] <= drawn["estimate"]).all()
    assert drawn["method"].str.contains("Fay-Herriot").all()


def test_one_withheld_site_withholds_all_that_is_drawn_towards_it(many_sites, tiny_framework):
    few = many_sites[~many_sites["worker_id"].isin(["W01"])].reset_index(drop=True)
    plan = Plan("made_up", "worker_id")
    alone = few[~few["site_id"].isin(["S5"])].reset_index(drop=True)
    with pytest.raises(UndefinedError, match="there are 4"):
        draft_shrunken(alone, tiny_framework, plan=plan, group_by="site_id")
    draft = draft_shrunken(few, tiny_framework, plan=plan, group_by="site_id")
    table = publish([draft], plan=plan, told=["W30"])
    shown = table[table["estimand"] == SHRUNKEN]
    assert shown["estimate"].isna().all()


def test_workers_are_never_set_side_by_side(many_sites, tiny_framework):
    with pytest.raises(DisclosureError, match="worker_id"):
        draft_shrunken(many_sites, tiny_framework, plan=Plan("made_up", "worker_id"), group_by="worker_id")
