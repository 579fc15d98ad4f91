"""Levels of a condition of work, their differences, and what is shown of them."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, publish, score_table
from peercompare.drift.moderators import draft_moderator
from peercompare.errors import DisclosureError, UndefinedError

PLAN = Plan("plots", "worker_id")


@pytest.fixture
def scored(gold, tiny_framework):
    """Scores of workers with a level each; the share of managed segments differs by worker and level."""

    def make(levels, sites=None):
        rows, codes = [], {}
        for worker, level in enumerate(levels):
            name = f"D{worker}"
            rows.append({"document_id": name, "worker_id": f"W{worker}", "funding": level})
            if sites is not None:
                rows[-1]["site_id"] = sites[worker]
            for place in range(6):
                managed = place < worker % 3 + (level == "grant")
                codes[f"{name}:{place}"] = "tools/managed" if managed else "tools/shared"
        segments = pd.DataFrame([{"segment_id": one, "document_id": one.split(":")[0]} for one in codes])
        return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)

    return make


def published(scores, framework, plan=PLAN):
    drafts = [draft_moderator(scores, framework, plan=plan, column="funding")]
    return publish(drafts, plan=plan).set_index(["estimand", "group"])


def test_a_difference_is_one_level_less_the_commonest(scored, tiny_framework):
    table = published(scored(["fees"] * 8 + ["grant"] * 6), tiny_framework)
    row = table.loc[("index_difference", "grant less fees")]
    levels = table["estimate"].loc["index"]
    assert row["estimate"] == pytest.approx(levels["grant"] - levels["fees"])
    assert row["lower"] < row["estimate"] < row["upper"]
    assert row["n_clusters"] == row["n_workers"] == 6
    assert row["n_segments"] == 14 * 6
    assert "Holm over the levels" in row["method"]


def test_several_levels_are_adjusted_for_having_looked_at_several(scored, tiny_framework):
    two = published(scored(["fees"] * 8 + ["grant"] * 6), tiny_framework)
    three = published(scored(["fees"] * 8 + ["grant"] * 6 + ["state"] * 6), tiny_framework)

    def p_of(table):
        method = table.loc[("index_difference", "grant less fees"), "method"]
        return float(method.split("p of no difference ")[1].split(" ")[0])

    assert p_of(three) > p_of(two)


def test_a_level_of_few_workers_withholds_its_difference_too(scored, tiny_framework):
    levels = ["fees"] * 8 + ["grant"] * 6 + ["city"] * 7 + ["state"] * 4
    table = published(scored(levels), tiny_framework)
    row = table.loc[("index_difference", "state less fees")]
    assert pd.isna(row["estimate"])
    assert row["reason"].startswith("withheld")
    assert pd.isna(row["n_segments"])
    # A second level goes with it, or everybody less the rest would be the few.
    shown = table.loc["index_difference", "estimate"].notna()
    assert shown.to_dict() == {"city less fees": True, "grant less fees": False, "state less fees": False}


def test_a_waiver_is_marked_on_the_difference_as_on_its_level(scored, tiny_framework):
    plan = Plan("plots", "worker_id", composed=True, waive=True)
    table = published(scored(["fees"] * 8 + ["grant"] * 4), tiny_framework, plan)
    assert table.loc[("index_difference", "grant less fees"), "waiver"]
    assert table.loc[("index_difference", "grant less fees"), "reason"].startswith(
        "an interval of a difference"
    )


def test_a_condition_that_goes_with_sites_is_inferred_from_sites(scored, tiny_framework):
    levels = ["fees"] * 12 + ["grant"] * 12
    few = scored(levels, [f"S{worker // 6}" for worker in range(24)])
    row = published(few, tiny_framework).loc[("index_difference", "grant less fees")]
    assert np.isnan(row["lower"])
    assert "since everybody at a site has the same level, and one has 2" in row["reason"]
    many = scored(levels, [f"S{worker // 2}" for worker in range(24)])
    row = published(many, tiny_framework).loc[("index_difference", "grant less fees")]
    assert "joint jackknife over sites" in row["method"]
    assert row["n_clusters"] == 6


def test_one_level_is_nothing_to_compare(scored, tiny_framework):
    with pytest.raises(UndefinedError, match="one level only"):
        published(scored(["fees"] * 8), tiny_framework)


def test_nobody_is_compared_by_name(scored, tiny_framework):
    with pytest.raises(DisclosureError):
        draft_moderator(scored(["fees"] * 8), tiny_framework, plan=PLAN, column="worker_id")
