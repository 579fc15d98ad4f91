"""The shipped corpora: does the whole path give what counting by hand gives?"""

import numpy as np
import pytest

from peercompare.corpus import open_corpus
from peercompare.drift import (
    VARIANTS,
    Plan,
    References,
    anchored_table,
    corpus_scores,
    estimate_table,
    population,
    trend_table,
    with_periods,
)
from peercompare.errors import DisclosureError


@pytest.fixture(scope="module")
def postings(corpora_folder):
    return open_corpus(corpora_folder / "job_descriptions", purpose="analysis")


@pytest.fixture(scope="module")
def sessions(corpora_folder):
    return open_corpus(corpora_folder / "session_transcripts", purpose="analysis", as_of="2024-06-30")


@pytest.fixture(scope="module")
def peer_sessions(sessions):
    return population(corpus_scores(sessions), "worker_role", "peer", words="peer workers")


def test_the_headline_is_the_count_of_gold_codes(postings, one):
    codes = postings.codings.query("coder_id == 'gold' and is_primary")["code"]
    counts = codes.map(postings.framework.stance_of).value_counts()
    taking = counts.drop(postings.framework.none.id).sum()
    table = estimate_table(corpus_scores(postings), postings.framework, plan=Plan.of(postings))
    for stance in postings.framework.stance_ids:
        row = one(table, estimand=f"share_{stance}", dimension="all")
        assert row["estimate"] == pytest.approx(counts[stance] / taking)
        assert row["n_segments"] == taking
    start, end = postings.framework.axis
    index = one(table, estimand="index", dimension="all")
    assert index["estimate"] == pytest.approx((counts[end] - counts[start]) / taking)
    assert index["n_clusters"] == 21


def test_dimension_counts_add_up_to_the_whole(postings):
    table = estimate_table(corpus_scores(postings), postings.framework, plan=Plan.of(postings))
    index = table[table["estimand"] == "index"].set_index("dimension")["n_segments"]
    assert index.drop("all").sum() == index["all"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_estimates_every_grouping_of_postings(postings, variant):
    scores = with_periods(corpus_scores(postings, variant=variant), years=5)
    groups = ["all", "role_type", "setting", "employer_id", "period", "document_id"]
    table = estimate_table(
        scores, postings.framework, plan=Plan.of(postings), group_by=groups, dimensions=False
    )
    index = table[table["estimand"] == "index"]
    assert index.groupby("group_by")["group"].nunique()[["employer_id", "document_id"]].tolist() == [21, 63]
    blank = index["lower"].isna()
    assert (index.loc[blank, "reason"] != "").all()
    assert not index["waiver"].any()


def test_sites_of_two_workers_are_withheld_unless_waived(sessions, peer_sessions):
    groups = ["all", "site_id", "half_year", ("site_id", "half_year")]
    strict = estimate_table(peer_sessions, sessions.framework, plan=Plan.of(sessions), group_by=groups)
    waived = estimate_table(
        peer_sessions, sessions.framework, plan=Plan.of(sessions, waive=True), group_by=groups
    )
    sites = strict["group_by"].str.contains("site_id")
    assert strict.loc[sites & (strict["n_workers"] > 0), "estimate"].isna().all()
    assert waived.loc[sites & (waived["n_segments"] > 0), "estimate"].notna().all()
    assert waived.loc[sites & (waived["n_segments"] > 0), "waiver"].all()
    assert (
        strict.loc[(strict["group_by"] == "all") & (strict["dimension"] == "all"), "estimate"].notna().all()
    )


def test_no_set_of_published_cells_gives_a_site_away(sessions, peer_sessions):
    table = estimate_table(
        peer_sessions, sessions.framework, plan=Plan.of(sessions), group_by=["all", "half_year"]
    )
    halves = table[(table["estimand"] == "index") & (table["group_by"] == "half_year")]
    halves = halves[halves["dimension"] == "all"]
    hidden = halves.loc[halves["estimate"].isna(), "group"]
    behind = peer_sessions.loc[peer_sessions["half_year"].isin(hidden) & peer_sessions["taking"], "worker_id"]
    assert len(hidden) > 0
    assert behind.nunique() >= 5


def test_peer_sessions_have_a_slope_with_an_interval(sessions, peer_sessions, one):
    table = trend_table(peer_sessions, sessions.framework, per="month", plan=Plan.of(sessions))
    row = one(table, dimension="all")
    assert row["n_workers"] == 8
    assert row["lower"] < row["estimate"] < row["upper"]
    assert row["target"] == "workers like these (peer workers)"


def test_peer_titles_have_a_slope_within_employers(postings, one):
    titles = population(corpus_scores(postings), "title_family", "peer", words="postings with a peer title")
    row = one(trend_table(titles, postings.framework, per="year", plan=Plan.of(postings)), dimension="all")
    postings_of = titles.drop_duplicates("document_id").groupby("employer_id").size()
    assert row["n_clusters"] == (postings_of >= 2).sum()
    assert np.isfinite([row["lower"], row["upper"]]).all()


def test_postings_are_anchored_between_peer_roles_and_traditional_roles(postings):
    ends = References("role_type", "peer_role", "traditional_role")
    table = anchored_table(
        corpus_scores(postings), postings.framework, references=ends, plan=Plan.of(postings)
    )
    role_type = postings.role_types.query("coder_id == 'gold'").set_index("document_id")["role_type"]
    place = table.set_index("group")["estimate"]
    assert place.notna().all()
    assert place[role_type[role_type == ends.start].index].mean() < 0
    assert place[role_type[role_type == ends.end].index].mean() > 0.5


def test_workers_are_never_set_side_by_side(sessions, peer_sessions):
    with pytest.raises(DisclosureError, match="worker_id"):
        estimate_table(
            peer_sessions,
            sessions.framework,
            plan=Plan.of(sessions, waive=True),
            group_by=["worker_id"],
        )
