import numpy as np
import pandas as pd
import pytest

from peercompare.drift.planning import SLOPE, Components
from peercompare.drift.planning_tables import (
    PLANNING_COLUMNS,
    Designs,
    LearningCurve,
    allocation_table,
    needed_codes,
    planning_table,
)
from peercompare.errors import InputError

COMPONENTS = Components(
    "index", 0.01, 0.0001, 0.02, 0.4, 0.25, error_icc=0.1, unevenness=0.2, between_high=0.02
)


def designs(**more):
    return Designs(
        **{"workers": [8, 20], "sessions": [6], "segments": [20], "coded": [200, 400], "span": 12.0, **more}
    )


def test_every_design_has_a_row_for_each_estimand_and_target():
    table = planning_table(COMPONENTS, designs())
    assert tuple(table.columns) == PLANNING_COLUMNS
    assert len(table) == 2 * 2 * 2 * 2
    assert set(table["estimand"]) == {"index", "slope of index"}
    assert set(table["target"]) == {"this_corpus", "like_these"}
    assert set(planning_table(COMPONENTS, designs(span=0.0))["estimand"]) == {"index"}


def test_more_codes_narrow_and_caution_widens_and_people_set_the_floor():
    table = planning_table(COMPONENTS, designs())
    people = table[
        (table["target"] == "like_these") & (table["n_workers"] == 8) & (table["estimand"] == "index")
    ]
    few, many = people["width"]
    assert many < few
    assert (people["width_cautious"] > people["width"]).all()
    assert (people["width_all_coded"] < people["width"]).all()
    assert people["from_people"].between(0, 1).all()
    alone = table[table["target"] == "this_corpus"]
    assert (alone["width_all_coded"] == 0).all()
    assert (alone["from_people"] == 0).all()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"workers": [4]}, "fewer than 5 workers"),
        ({"coded": [5000]}, "only 960 segments to code"),
        ({"coded": [6]}, "fewer than 10 coded segments"),
        ({"sessions": [1]}, "one session a worker"),
    ],
)
def test_a_design_without_an_interval_says_why(more, reason):
    table = planning_table(COMPONENTS, designs(**{"workers": [8], "coded": [100], **more}))
    row = table[(table["estimand"] == "slope of index") & (table["target"] == "like_these")].iloc[0]
    assert reason in row["reason"]
    assert np.isnan([row["width"], row["detectable"]]).all()
    assert row["method"] == "not planned"
    assert (table["width"].isna() == (table["reason"] != "")).all()


def test_the_codes_needed_reach_the_width_in_the_planning_table():
    needed = needed_codes(COMPONENTS, designs(workers=[40]), width=0.15).iloc[0]
    table = planning_table(COMPONENTS, designs(workers=[40], coded=[int(needed["n_coded"])], span=0.0))
    assert table.loc[table["target"] == "like_these", "width"].iloc[0] == pytest.approx(0.15, rel=0.01)
    assert needed["share_coded"] == pytest.approx(needed["n_coded"] / needed["n_all"])


def test_where_codes_cannot_do_it_the_workers_that_could_are_named():
    row = needed_codes(COMPONENTS, designs(workers=[8]), width=0.1).iloc[0]
    assert row["n_coded"] is pd.NA
    assert "it takes about" in row["reason"]
    workers = int(row["reason"].split("about ")[1].split()[0])
    again = needed_codes(COMPONENTS, designs(workers=[workers]), width=0.1).iloc[0]
    assert again["reason"] == ""


def test_one_session_each_never_shows_a_slope():
    row = needed_codes(COMPONENTS, designs(sessions=[1]), width=0.1, of=SLOPE).iloc[0]
    assert row["reason"] == "one session a worker: nobody is seen to change"


def test_a_width_of_nothing_and_a_slope_without_time_are_refused():
    with pytest.raises(InputError, match="above 0"):
        needed_codes(COMPONENTS, designs(), width=0.0)
    with pytest.raises(InputError, match="span of time"):
        needed_codes(COMPONENTS, designs(span=0.0), width=0.1, of=SLOPE)


def test_numbers_that_are_no_design_are_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        Designs([0], [], [2.5], [10], span=-1, power=1.0)
    named = [problem.where for problem in refused.value.problems]
    assert named == ["workers", "sessions", "segments", "power", "span"]


def test_codes_that_do_both_are_worth_more_than_codes_split():
    curve = LearningCurve(0.6, half=200)
    table = allocation_table(COMPONENTS, curve, designs(span=0.0), budget=500)
    assert table.loc[table["best"], "use"].tolist() == ["both"]
    split = table[table["use"] == "split"]
    assert (split["n_training"] + split["n_coded"] == 500).all()
    assert split["explained"].is_monotonic_increasing
    assert "assumed" in table["method"].iloc[0]


def test_a_classifier_that_learns_nothing_deserves_no_codes():
    table = allocation_table(COMPONENTS, LearningCurve(0.0), designs(span=0.0), budget=500)
    split = table[table["use"] == "split"]
    assert split.loc[split["width"].idxmin(), "n_training"] == 0


def test_one_that_learns_fast_from_little_deserves_some():
    table = allocation_table(COMPONENTS, LearningCurve(0.9, half=10), designs(span=0.0), budget=900)
    split = table[table["use"] == "split"]
    assert 0 < split.loc[split["width"].idxmin(), "n_training"] < 450


def test_the_curve_goes_through_the_pilot():
    curve = LearningCurve.through(COMPONENTS, 700, half=400)
    now = 1 - COMPONENTS.error / COMPONENTS.total
    assert curve.explained(700) == pytest.approx(now)
    assert LearningCurve.through(COMPONENTS, 10, half=400).most == 0.95


@pytest.mark.parametrize("budget", [5, 10**6])
def test_a_budget_that_cannot_be_shared_out_is_refused(budget):
    with pytest.raises(InputError, match="cannot be shared out"):
        allocation_table(COMPONENTS, LearningCurve(0.5), designs(), budget=budget)
