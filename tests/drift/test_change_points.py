"""A date of change: for sites and wider groups, never for one worker; p and power beside it."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, change_point_table, score_table
from peercompare.drift.change_points import FOUND
from peercompare.errors import DisclosureError, InputError, UndefinedError

PLAN = Plan("shed", "worker_id")


@pytest.fixture
def worked(gold, tiny_framework):
    """Makes scores of workers seen monthly; some change from one end to the other in July."""

    def make(n_workers, *, changing=0, sites=None, seed=1):
        rng = np.random.default_rng(seed)
        rows, codes = [], {}
        for worker in range(n_workers):
            for month in range(1, 13):
                name = f"D{worker:02d}{month:02d}"
                day = pd.Timestamp(2022, month, 2 + worker % 20)
                site = (sites or {}).get(worker, "N")
                rows.append({"document_id": name, "worker_id": f"W{worker}", "site_id": site, "date": day})
                chance = 0.9 if month >= 7 and worker < changing else 0.3
                for place in range(4):
                    stance = "managed" if rng.random() < chance else "shared"
                    codes[f"{name}:{place}"] = f"tools/{stance}"
        segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in codes])
        return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)

    return make


def test_a_common_jump_is_found_on_its_date(worked, tiny_framework, one):
    found = one(change_point_table(worked(8, changing=8), tiny_framework, per="month", plan=PLAN))
    assert found["change_date"] == "2022-07-01"
    assert found["estimate"] == pytest.approx(1.2, abs=0.2)
    assert found["p"] == found["least_p"] == 2 / 2**8
    assert np.isnan(found["lower"])
    assert found["reason"] == "the date was chosen by the data, so the jump has no interval"
    assert "all 256 sign flips" in found["method"]


def test_without_a_jump_p_is_not_small_and_the_power_is_said(worked, tiny_framework, one):
    found = one(change_point_table(worked(8), tiny_framework, per="month", plan=PLAN))
    assert found["p"] > 0.05
    assert 0.1 < found["jump_found_in_80"] < 1
    assert found["n_dates_searched"] >= 6


def test_one_workers_change_is_not_a_change_of_the_site(worked, tiny_framework, one):
    found = one(change_point_table(worked(8, changing=1), tiny_framework, per="month", plan=PLAN))
    assert found["p"] > 0.05


def test_a_site_of_four_is_not_searched_and_is_withheld(worked, tiny_framework, one):
    scores = worked(12, changing=12, sites=dict.fromkeys(range(4), "S"))
    ask = {"per": "month", "group_by": ["site_id"]}
    table = change_point_table(scores, tiny_framework, plan=PLAN, **ask)
    small = one(table, group="S")
    assert small["reason"].startswith("withheld")
    assert small[list(FOUND)].isna().all()
    # Everybody less the larger site would be the small one.
    assert one(table, group="N")[["estimate", *FOUND]].isna().all()
    composed = Plan("shed", "worker_id", composed=True, waive=True)
    waived = change_point_table(scores, tiny_framework, plan=composed, **ask)
    assert one(waived, group="N")["p"] < 0.05
    assert "before and after a date; here it is 4 at most" in one(waived, group="S")["reason"]
    assert np.isnan(one(waived, group="S")["estimate"])


def test_the_same_seed_gives_the_same_table(worked, tiny_framework):
    scores = worked(13)
    tables = [change_point_table(scores, tiny_framework, per="month", plan=PLAN, seed=4) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)
    assert "1999 random sign flips" in tables[0]["method"].iloc[0]


def test_what_cannot_be_asked_is_refused(worked, tiny_framework):
    scores = worked(6)
    with pytest.raises(InputError, match="month or year"):
        change_point_table(scores, tiny_framework, per="week", plan=PLAN)
    with pytest.raises(DisclosureError):
        change_point_table(scores, tiny_framework, per="month", plan=PLAN, group_by=["worker_id"])
    once = scores[scores["month"] == "2022-03"].reset_index(drop=True)
    with pytest.raises(UndefinedError, match="two dates"):
        change_point_table(once, tiny_framework, per="month", plan=PLAN)
