"""Difference in differences around events: who is compared with whom, what is inferred, what is withheld."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import Plan, draw_sample, publish, score_table, with_predictions, with_sample
from peercompare.drift.event_designs import event_design, faults_of_events
from peercompare.drift.events import draft_events
from peercompare.errors import UndefinedError

DAY = pd.Timestamp("2022-07-01")
MONTHS = (-4, -2, 1, 3)
PLAN = Plan("plots", "worker_id")


def event(site="", worker="", kind="new_rule", date=DAY, name="E1"):
    return {"event_id": name, "site_id": site, "worker_id": worker, "kind": kind, "date": date}


def plots(gold, framework, *, n_sites, n_workers, turned):
    """Everybody is shared before; after, the turned sites' workers are managed in one segment of two."""
    rows, codes = [], {}
    for site in range(n_sites):
        for worker in range(n_workers):
            for month in MONTHS:
                name = f"S{site}W{worker}M{month}"
                day = DAY + pd.Timedelta(days=30 * month)
                rows.append(
                    {
                        "document_id": name,
                        "worker_id": f"S{site}W{worker}",
                        "site_id": f"S{site}",
                        "date": day,
                    }
                )
                codes[f"{name}:1"] = "tools/shared"
                late = month > 0 and (site in turned or (site * worker) % 3 == 1)
                codes[f"{name}:2"] = "harvest/managed" if late else "harvest/shared"
    segments = pd.DataFrame([{"segment_id": one, "document_id": one.split(":")[0]} for one in codes])
    return score_table(gold(codes), segments, pd.DataFrame(rows), framework)


def published(scores, framework, events, *, plan=PLAN, kind="new_rule", **options):
    drafts = draft_events(scores, framework, plan=plan, events=pd.DataFrame(events), kind=kind, **options)
    return publish(drafts, plan=plan).set_index(["estimand", "group"])


@pytest.fixture
def nine(gold, tiny_framework):
    """Nine sites of four workers; the first three turn."""
    return plots(gold, tiny_framework, n_sites=9, n_workers=4, turned={0, 1, 2})


@pytest.fixture
def three_events():
    return [event(f"S{site}", name=f"E{site}") for site in range(3)]


def test_the_difference_is_the_change_with_less_the_change_without(nine, tiny_framework, three_events):
    table = published(nine, tiny_framework, three_events)
    # One of two segments goes from one end of the axis to the other: the index rises by 1.
    with_event = table.loc[("change_after_event", "new_rule | with"), "estimate"]
    without = table.loc[("change_after_event", "new_rule | without"), "estimate"]
    difference = table.loc[("event_difference", "new_rule")]
    assert with_event == pytest.approx(1.0)
    assert 0 < without < 0.5
    assert difference["estimate"] == pytest.approx(with_event - without)
    assert difference["lower"] < difference["estimate"] < difference["upper"]
    assert difference["reason"] == ""
    assert difference["target"] == "workers like these"
    assert "difference in differences" in difference["method"]
    assert (difference["n_clusters"], difference["n_workers"]) == (9, 36)


def test_slopes_before_the_event_are_looked_at(nine, tiny_framework, three_events):
    table = published(nine, tiny_framework, three_events)
    before = table.loc[("pretrend_difference", "new_rule")]
    assert before["estimate"] == pytest.approx(0, abs=1e-12)
    assert "before the event" in before["method"]


def test_levels_on_either_side_are_given_where_the_date_is_one(nine, tiny_framework, three_events):
    table = published(nine, tiny_framework, three_events)
    assert table.loc[("index", "new_rule | with | before"), "estimate"] == -1
    assert table.loc[("index", "new_rule | with | after"), "estimate"] == 0
    later = [*three_events[:2], event("S2", date=DAY + pd.Timedelta(days=20), name="E2")]
    assert "index" not in published(nine, tiny_framework, later).index.get_level_values(0)


def test_a_random_sample_put_right_speaks_of_the_same(nine, tiny_framework, three_events):
    sample = draw_sample(nine, strata="worker_id", share=0.5, rng=1)
    label = np.eye(4)[[0 if i % 2 else 3 for i in range(len(nine))]]
    guess = pd.DataFrame(label, columns=list(tiny_framework.labels)).assign(segment_id=nine["segment_id"])
    scores = with_sample(with_predictions(nine, guess, tiny_framework), sample)
    row = published(scores, tiny_framework, three_events, labels="probability_sample").loc[
        ("event_difference", "new_rule")
    ]
    whole = published(nine, tiny_framework, three_events).loc[("event_difference", "new_rule")]
    assert row["labels"] == "probability_sample"
    assert row["n_documents"] <= whole["n_documents"]
    assert row["method"].startswith("rectified")
    assert row["lower"] < whole["estimate"] < row["upper"]


def test_few_sites_say_that_nothing_could_be_told_from_chance(gold, tiny_framework):
    scores = plots(gold, tiny_framework, n_sites=4, n_workers=6, turned={0})
    row = published(scores, tiny_framework, [event("S0")]).loc[("event_difference", "new_rule")]
    assert np.isfinite(row["estimate"])
    assert np.isnan(row["lower"])
    assert "1 had it and 3 did not" in row["reason"]
    assert "cannot tell the event from chance" in row["reason"]
    assert "least possible 0.250" in row["method"]
    assert row["target"] == "this corpus"


def test_what_rests_on_fewer_than_five_workers_withholds_the_difference(gold, tiny_framework):
    scores = plots(gold, tiny_framework, n_sites=3, n_workers=4, turned={0})
    table = published(scores, tiny_framework, [event("S0")])
    assert pd.isna(table.loc[("change_after_event", "new_rule | with"), "estimate"])
    assert pd.isna(table.loc[("pretrend_difference", "new_rule"), "estimate"])
    assert table.loc[("event_difference", "new_rule"), "reason"].startswith("withheld")
    assert table.loc[("event_difference", "new_rule"), "method"] == "withheld"


def test_a_composed_corpus_may_waive_and_says_so(gold, tiny_framework):
    scores = plots(gold, tiny_framework, n_sites=3, n_workers=4, turned={0})
    plan = Plan("plots", "worker_id", composed=True, waive=True)
    row = published(scores, tiny_framework, [event("S0")], plan=plan).loc[("event_difference", "new_rule")]
    assert np.isfinite(row["estimate"])
    assert row["waiver"]


def test_an_event_of_one_worker_is_never_estimated(nine, tiny_framework):
    plan = Plan("plots", "worker_id", composed=True, waive=True)
    rows = published(nine, tiny_framework, [event("S0", "S0W1")], plan=plan)
    assert rows["estimate"].isna().all()
    assert rows["reason"].str.contains("would speak of persons").all()
    assert not rows["waiver"].any()


def test_events_of_five_workers_compare_workers(nine, tiny_framework):
    events = [event("S0", f"S{site}W1", name=f"E{site}") for site in range(5)]
    row = published(nine, tiny_framework, events).loc[("event_difference", "new_rule")]
    assert "jackknife over workers" in row["method"]
    assert row["n_clusters"] == 36


def test_events_of_five_workers_of_whom_one_is_left_are_not_estimated(nine, tiny_framework):
    events = [event("S0", f"S{site}W1", name=f"E{site}") for site in range(4)] + [event("S9", "S9W9")]
    rows = published(nine, tiny_framework, events)
    assert rows["estimate"].isna().all()
    assert rows["reason"].str.contains("would speak of persons").all()


def test_a_site_that_nothing_is_left_of_is_said_to_be_missing(nine, tiny_framework, three_events):
    row = published(nine, tiny_framework, [*three_events, event("S99")]).loc[("event_difference", "new_rule")]
    assert "1 sites with the event not in these data" in row["method"]


def test_every_site_with_the_event_leaves_no_comparison(gold, tiny_framework):
    scores = plots(gold, tiny_framework, n_sites=2, n_workers=6, turned={0, 1})
    row = published(scores, tiny_framework, [event("S0"), event("S1")]).loc[("event_difference", "new_rule")]
    assert np.isnan(row["estimate"])
    assert "elsewhere" in row["reason"]


def test_a_window_leaves_far_sessions_out(nine, tiny_framework, three_events):
    near = published(nine, tiny_framework, three_events, window_months=2.5)
    row = near.loc[("event_difference", "new_rule")]
    assert row["n_documents"] == 9 * 4 * 2
    assert "2.5 months on either side" in row["method"]


def test_sites_with_other_events_are_counted(nine, tiny_framework, three_events):
    more = [*three_events, event("S5", kind="redesign", name="E9")]
    row = published(nine, tiny_framework, more).loc[("event_difference", "new_rule")]
    assert "1 of 9 sites had events of another kind" in row["method"]


def test_a_worker_of_two_sites_is_compared_with_themselves_at_each(nine, tiny_framework, three_events):
    moved = nine.assign(worker_id=nine["worker_id"].replace({"S0W0": "X", "S8W0": "X"}))
    row = published(moved, tiny_framework, three_events).loc[("change_after_event", "new_rule | with")]
    assert row["estimate"] == pytest.approx(1.0)


def test_nobody_seen_on_both_sides_gives_a_reason(gold, tiny_framework):
    scores = plots(gold, tiny_framework, n_sites=3, n_workers=6, turned={0})
    late = [event("S0", date=DAY + pd.Timedelta(days=900))]
    row = published(scores, tiny_framework, late).loc[("event_difference", "new_rule")]
    assert pd.isna(row["estimate"])
    assert "on both sides" in row["reason"]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "no event of the kind"),
        ([event("S0"), event("S1", "S1W1")], "different kinds"),
        ([event()], "neither a site nor a worker"),
    ],
)
def test_designs_that_cannot_be_are_refused(events, words):
    table = pd.DataFrame(events, columns=["event_id", "site_id", "worker_id", "kind", "date"])
    with pytest.raises(UndefinedError, match=words):
        event_design(table, "new_rule")


def test_the_first_event_of_a_site_counts():
    events = [event("S0", date=DAY), event("S0", date=DAY - pd.Timedelta(days=9)), event("S1")]
    design = event_design(pd.DataFrame(events), "new_rule")
    assert dict(zip(design.places, design.dates, strict=True))["S0"] == DAY - pd.Timedelta(days=9)


class Plots:
    """Stands in for a corpus."""


def test_faults_of_events_are_named_with_file_row_and_remedy():
    Plots.events = pd.DataFrame([event("S0"), event("S7", name="E2"), event(name="E3")])
    wrong, empty = faults_of_events(Plots, ["new_rules", "new_rule"], where="study.toml, events")
    assert wrong.where == "study.toml, events"
    assert wrong.remedy == "did you mean 'new_rule'? there are: new_rule"
    assert empty.where == "events.csv, row 4 (E3)"
    assert "neither a site nor a worker" in empty.what


def test_sites_that_all_change_alike_say_why_there_is_no_interval(gold, tiny_framework):
    scores = plots(gold, tiny_framework, n_sites=9, n_workers=2, turned=set(range(9)))
    events = [event(f"S{site}", name=f"E{site}") for site in range(3)]
    row = published(scores, tiny_framework, events).loc[("event_difference", "new_rule")]
    assert row["estimate"] == 0
    assert row["reason"] == "the estimate is the same in all sites, so an interval cannot be estimated"
