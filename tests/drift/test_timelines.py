"""The index over dates: real dates, gaps that stay gaps, nothing near a date that rests on few workers."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, score_table, timeline_table
from peercompare.drift.timelines import CURVES, PACES, draft_timeline
from peercompare.errors import DisclosureError, InputError, UndefinedError

PLAN = Plan("shed", "worker_id")
WAIVED = Plan("shed", "worker_id", composed=True, waive=True)


@pytest.fixture
def seen(gold, tiny_framework):
    """Makes scores of sessions: pairs of worker and date, at site N unless told, alternating codes."""

    def make(pairs, *, sites=None, column="worker_id"):
        rows, codes = [], {}
        for place, (worker, date) in enumerate(pairs):
            name = f"D{place:03d}"
            site = (sites or {}).get(worker, "N")
            when = pd.Timestamp(date)
            rows.append({"document_id": name, column: worker, "site_id": site, "date": when})
            late = when > pd.Timestamp("2022-07-01")
            codes[f"{name}:1"] = "tools/managed" if late or place % 3 == 0 else "tools/shared"
            codes[f"{name}:2"] = "harvest/managed" if place % 2 else "harvest/both"
            codes[f"{name}:3"] = "harvest/shared"
        segments = pd.DataFrame([{"segment_id": s, "document_id": s.split(":")[0]} for s in codes])
        return score_table(gold(codes), segments, pd.DataFrame(rows), tiny_framework)

    return make


def monthly(workers, months=range(1, 13), day=3):
    return [
        (worker, f"2022-{month:02d}-{day + n:02d}") for n, worker in enumerate(workers) for month in months
    ]


PEERS = [f"W{n}" for n in range(7)]


def of(table, curve="index_over_time", group=""):
    rows = table[(table["estimand"] == curve) & table["group"].str.startswith(group)]
    return rows.assign(date=pd.to_datetime(rows["group"].str[-10:])).set_index("date")


def test_a_curve_is_read_on_real_dates_with_a_band_and_its_method(seen, tiny_framework):
    table = timeline_table(seen(monthly(PEERS)), tiny_framework, per="month", plan=PLAN)
    assert set(table["estimand"]) == set(CURVES)
    rows = of(table)
    assert (rows["lower"] < rows["estimate"]).all()
    assert (rows["estimate"] < rows["upper"]).all()
    assert set(rows["n_workers"]) == {7}
    assert rows["method"].str.contains("restricted cubic spline with 3 knots").all()
    assert rows["method"].str.contains("sup-t over dates by multiplier draws over workers").all()
    assert rows["estimate"].iloc[-1] > rows["estimate"].iloc[0] + 0.3
    assert set(table["target"]) == {"workers like these"}


def test_days_within_a_month_matter(seen, tiny_framework):
    early, late = (
        of(timeline_table(seen(monthly(PEERS, day=day)), tiny_framework, per="month", plan=PLAN))["estimate"]
        for day in (1, 20)
    )
    both = early.index.intersection(late.index)
    assert not np.allclose(early[both], late[both])


def test_missing_months_are_a_gap_and_are_not_drawn_across(seen, tiny_framework):
    months = [1, 2, 3, 4, 8, 9, 10, 11, 12]
    table = of(timeline_table(seen(monthly(PEERS, months)), tiny_framework, per="month", plan=PLAN))
    gap = table.loc["2022-04-10":"2022-07-31"]
    assert gap["estimate"].isna().all()
    assert gap["reason"].str.startswith("gap: nobody was seen from 2022-04 to 2022-08").all()
    assert table.drop(gap.index).loc[:"2022-11-30", "estimate"].notna().all()


def test_before_the_first_and_after_the_last_document_of_a_group_there_is_nothing(seen, tiny_framework):
    pairs = monthly(PEERS) + monthly([f"V{n}" for n in range(6)], range(4, 8))
    scores = seen(pairs, sites={f"V{n}": "S" for n in range(6)})
    table = of(
        timeline_table(scores, tiny_framework, per="month", plan=PLAN, group_by=["site_id"]), group="S |"
    )
    assert table.loc["2022-02-15", "estimate"] != table.loc["2022-02-15", "estimate"]
    assert table.loc["2022-02-15", "reason"].startswith("nobody of this group was seen before")
    assert np.isfinite(table.loc["2022-05-15", "lower"])


def test_where_few_workers_were_seen_nearby_the_estimate_is_withheld(seen, tiny_framework):
    pairs = monthly(PEERS, range(1, 7)) + monthly(PEERS[:3], range(7, 13))
    scores = seen(pairs)
    real, composed = (
        of(timeline_table(scores, tiny_framework, per="month", plan=each)) for each in (PLAN, WAIVED)
    )
    thin = real.loc["2022-10-01":]
    assert thin["estimate"].isna().all()
    assert thin["reason"].str.startswith("withheld: fewer than five workers").all()
    assert real.loc[:"2022-08-31", "lower"].notna().all()
    shown = composed.loc["2022-10-01":]
    assert shown["estimate"].notna().all()
    assert shown["lower"].isna().all()
    assert shown["waiver"].all()
    assert not composed.loc[:"2022-08-31", "waiver"].any()


def test_a_site_of_two_workers_is_withheld_and_so_is_what_would_give_it_away(seen, tiny_framework):
    sites = {"W5": "S", "W6": "S"}
    scores = seen(monthly(PEERS), sites=sites)
    ask = {"per": "month", "group_by": ["all", "site_id"]}
    table = timeline_table(scores, tiny_framework, plan=PLAN, **ask)
    shown = table.assign(site=table["group_by"].eq("site_id x date"))
    assert shown.loc[shown["site"], "estimate"].isna().all()
    assert shown.loc[shown["site"], "reason"].str.startswith("withheld").all()
    assert shown.loc[~shown["site"], "estimate"].notna().any()
    alone = of(timeline_table(scores, tiny_framework, plan=WAIVED, **ask), group="S |")
    assert alone["lower"].isna().all()
    assert alone.loc[alone["estimate"].notna(), "waiver"].all()


def test_workers_seen_once_say_nothing_of_change_and_are_counted(seen, tiny_framework):
    scores = seen([*monthly(PEERS), ("X1", "2022-03-03"), ("X2", "2022-09-03")])
    table = timeline_table(scores, tiny_framework, per="month", plan=PLAN)
    assert set(of(table)["n_clusters"]) == {9}
    within = of(table, "index_within")
    assert set(within["n_clusters"]) == {7}
    assert within["method"].str.contains("2 workers seen on one date left out").all()


def test_postings_over_years_are_followed_within_employers_and_nothing_is_withheld(seen, tiny_framework):
    pairs = [(f"E{n}", f"{year}-0{1 + n}-10") for n in range(6) for year in range(2015 + n % 2, 2025, 3)]
    plan = Plan("adverts", "employer_id")
    table = timeline_table(seen(pairs, column="employer_id"), tiny_framework, per="year", plan=plan)
    rows = of(table, "index_within")
    assert rows["n_workers"].isna().all()
    assert rows["estimate"].notna().sum() > 10
    assert set(rows.index.month) == {1, 7}
    assert not table["reason"].str.startswith("withheld").any()


def test_segments_without_a_date_are_left_out_and_counted(seen, tiny_framework):
    scores = seen(monthly(PEERS))
    scores.loc[scores["document_id"] == "D000", "date"] = pd.NaT
    table = timeline_table(scores, tiny_framework, per="month", plan=PLAN)
    assert table["method"].str.contains("3 segments without a date left out").all()


def test_one_date_is_no_course(seen, tiny_framework):
    scores = seen([(worker, "2022-05-05") for worker in PEERS])
    with pytest.raises(UndefinedError, match="none of the workers was seen on two dates"):
        draft_timeline(scores, tiny_framework, per="month", plan=PLAN, curve="index_within")
    with pytest.raises(UndefinedError, match="no document has a date"):
        timeline_table(scores.assign(date=pd.NaT), tiny_framework, per="month", plan=PLAN)


def test_what_cannot_be_asked_is_refused(seen, tiny_framework):
    scores = seen(monthly(PEERS))
    with pytest.raises(InputError, match="per month or year"):
        timeline_table(scores, tiny_framework, per="week", plan=PLAN)
    with pytest.raises(InputError, match="needs a column 'date'"):
        timeline_table(scores.drop(columns="date"), tiny_framework, per="month", plan=PLAN)
    with pytest.raises(DisclosureError, match="worker_id"):
        timeline_table(scores, tiny_framework, per="month", plan=PLAN, group_by=["worker_id"])


def test_dates_are_the_middles_of_months_or_the_starts_of_half_years():
    days = pd.Series(pd.to_datetime(["2021-12-20", "2022-03-02"]))
    assert [f"{day:%m-%d}" for day in PACES["month"].dates(days)] == ["01-15", "02-15"]
    assert [f"{day:%Y-%m-%d}" for day in PACES["year"].dates(days)] == ["2022-01-01"]
    assert len(PACES["month"].dates(days[:1])) == 1
