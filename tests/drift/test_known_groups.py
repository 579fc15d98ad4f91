"""Known groups: which side a difference lies on, and what would have shown otherwise."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, score_table
from peercompare.drift.known_groups import Claim, judge_claims, ordered_differences, turn
from peercompare.errors import DisclosureError, InputError


def estimate(group, value, *, lower=np.nan, upper=np.nan, estimand="index_difference", reason=""):
    return {
        "estimand": estimand, "group": group, "estimate": value, "lower": lower, "upper": upper,
        "confidence_level": 0.95, "n_clusters": 7, "n_documents": 9, "n_segments": 50, "method": "jackknife",
        "reason": reason, "waiver": False, "target": "workers like these",
    }  # fmt: skip


ROWS = pd.DataFrame(
    [
        estimate("b less a", 0.5, lower=0.2, upper=0.8),
        estimate("c less b", -0.3, lower=-0.5, upper=-0.1),
        estimate("d less c", 0.1, lower=-0.1, upper=0.3),
        estimate("rule", 0.6, estimand="event_difference", reason="too few sites"),
    ]
)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (Claim("b above a", "index_difference", "b less a"), "supported"),
        (Claim("c above b", "index_difference", "c less b"), "falsified"),
        (Claim("c below b", "index_difference", "c less b", above=False), "supported"),
        (Claim("a below b", "index_difference", "a less b", above=False), "supported"),
        (Claim("a above b", "index_difference", "a less b"), "falsified"),
        (Claim("d above c", "index_difference", "d less c"), "undecided"),
        (Claim("up with the rule", "event_difference", "rule"), "undecided"),
    ],
)
def test_a_claim_stands_or_falls_with_the_whole_interval(claim, verdict):
    assert judge_claims(ROWS, [claim])["verdict"].item() == verdict


def test_what_would_have_falsified_it_is_said_of_every_claim():
    table = judge_claims(
        ROWS,
        [Claim("w", "index_difference", "b less a"), Claim("v", "event_difference", "rule", above=False)],
    )
    assert table["would_falsify"].tolist() == [
        "an interval that lies wholly below 0 (claimed: above)",
        "an interval that lies wholly above 0 (claimed: below)",
    ]
    assert table["reason"].tolist() == ["", "too few sites"]


def test_a_claim_without_a_row_is_undecided_with_its_reason():
    row = judge_claims(ROWS, [Claim("x", "index_difference", "y less z")]).iloc[0]
    assert row["verdict"] == "undecided"
    assert "no index_difference of y less z was estimated" in row["reason"]


def test_a_claim_that_fits_several_rows_is_refused():
    with pytest.raises(InputError, match="choose corpus"):
        judge_claims(pd.concat([ROWS, ROWS]), [Claim("w", "index_difference", "b less a")])


def test_turning_a_difference_round_turns_its_interval():
    turned = turn(ROWS.iloc[0], "a less b")
    assert (turned["estimate"], turned["lower"], turned["upper"]) == (-0.5, -0.8, -0.2)
    assert turn(ROWS.iloc[0], "b less a")["estimate"] == 0.5


@pytest.fixture
def scored(gold, tiny_framework):
    """Eighteen workers of three kinds, each kind further from sharing than the one before."""
    codes, rows = {}, []
    for number in range(18):
        kind = ("early", "middle", "late")[number % 3]
        rows.append({"document_id": f"D{number}", "worker_id": f"W{number}", "kind": kind})
        n_managed = {"early": 1, "middle": 3, "late": 5}[kind] + (number // 3) % 2
        for place in range(7):
            codes[f"D{number}:{place}"] = "tools/managed" if place < n_managed else "tools/shared"
    segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in codes])
    return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)


def test_each_group_is_set_beside_the_one_before_it(scored, tiny_framework):
    plan = Plan("sessions", "worker_id")
    order = ["early", "middle", "late"]
    table = ordered_differences(scored, tiny_framework, plan=plan, column="kind", order=order)
    assert table["group"].tolist() == ["middle less early", "late less middle"]
    # Two more of seven segments go from -1 to 1.
    assert table["estimate"].tolist() == pytest.approx([4 / 7, 4 / 7])
    assert (table["lower"] > 0).all()
    back = ordered_differences(scored, tiny_framework, plan=plan, column="kind", order=order[::-1])
    assert back["estimate"].tolist() == pytest.approx([-4 / 7, -4 / 7])
    assert (back["upper"] < 0).all()


def test_groups_of_fewer_than_five_workers_are_withheld(scored, tiny_framework):
    few = scored[~scored["worker_id"].isin(["W2", "W5"])].reset_index(drop=True)
    plan = Plan("sessions", "worker_id")
    table = ordered_differences(few, tiny_framework, plan=plan, column="kind", order=["middle", "late"])
    assert table["estimate"].isna().all()
    assert table["reason"].str.startswith("withheld").all()


def test_an_order_that_cannot_be_is_refused(scored, tiny_framework):
    ask = {"plan": Plan("sessions", "worker_id")}
    with pytest.raises(InputError, match="there is: early, late, middle"):
        ordered_differences(scored, tiny_framework, column="kind", order=["early", "never"], **ask)
    with pytest.raises(InputError, match="no order of kind by early"):
        ordered_differences(scored, tiny_framework, column="kind", order=["early"], **ask)
    with pytest.raises(DisclosureError):
        ordered_differences(scored, tiny_framework, column="worker_id", order=["W1", "W2"], **ask)
