import numpy as np
import pytest
from numpy.testing import assert_allclose

from peercompare.drift import Plan, difference_table, score_table
from peercompare.errors import DisclosureError, UndefinedError

HALVES = {"column": "half_year", "first": "2022-H1", "second": "2022-H2"}


@pytest.fixture
def scores(sessions, tiny_framework, gold):
    codes, segments, documents = sessions
    return score_table(gold(codes), segments, documents, tiny_framework)


def test_a_difference_is_the_second_group_less_the_first(scores, tiny_framework, sessions_plan, one):
    table = difference_table(scores, tiny_framework, plan=sessions_plan, **HALVES)
    for estimand in ("index", "share_managed", "share_none"):
        first, second = (
            one(table, estimand=estimand, group=HALVES[side], dimension="all") for side in ("first", "second")
        )
        apart = one(table, estimand=f"{estimand}_difference", dimension="all")
        assert_allclose(apart["estimate"], second["estimate"] - first["estimate"], atol=1e-12)
        assert apart["group"] == "2022-H2 less 2022-H1"


def test_workers_who_stand_in_both_periods_are_allowed_for(scores, tiny_framework, sessions_plan, one):
    # Each worker says the same of the tools in both halves, and the harvest is alike for all of them.
    table = difference_table(scores, tiny_framework, plan=sessions_plan, **HALVES)
    row = one(table, estimand="index_difference", dimension="all")
    assert row["n_workers"] == 9
    assert "the same in all workers" in row["reason"]


def test_a_difference_from_a_withheld_group_is_withheld(scores, tiny_framework, sessions_plan, one):
    table = difference_table(
        scores, tiny_framework, plan=sessions_plan, column="site_id", first="N", second="S"
    )
    row = one(table, estimand="index_difference", dimension="all")
    assert np.isnan(row["estimate"])
    assert row["reason"].startswith("withheld")
    assert row["method"] == "withheld"


def test_below_five_clusters_in_a_group_the_point_alone_is_given(scores, tiny_framework, one):
    plan = Plan("sessions", "worker_id", composed=True, waive=True)
    table = difference_table(scores, tiny_framework, plan=plan, column="site_id", first="N", second="S")
    row = one(table, estimand="index_difference", dimension="all")
    assert np.isfinite(row["estimate"])
    assert np.isnan(row["lower"])
    assert "rests on 2" in row["reason"]
    assert row["waiver"]


def test_a_group_that_nobody_is_in_is_undefined(scores, tiny_framework, sessions_plan):
    with pytest.raises(UndefinedError, match="half_year is never 2023-H1"):
        difference_table(
            scores, tiny_framework, plan=sessions_plan, column="half_year", first="2022-H1", second="2023-H1"
        )


def test_nobody_is_set_beside_others(scores, tiny_framework, sessions_plan):
    with pytest.raises(DisclosureError, match="worker_id"):
        difference_table(
            scores, tiny_framework, plan=sessions_plan, column="worker_id", first="W1", second="W2"
        )
