"""The chart around an event draws what it is given, says what it is not given, and points at nobody."""

import numpy as np
import pandas as pd
import pytest

from peercompare import figures
from peercompare.errors import InputError


@pytest.fixture(scope="module")
def table(around_event, deegan):
    return around_event(deegan)


def without(table, rows, reason):
    """The table with some rows' estimates withheld."""
    numbers = ["estimate", "lower", "upper"]
    return table.assign(
        **{name: table[name].where(~rows) for name in numbers}, reason=np.where(rows, reason, "")
    )


def test_levels_and_changes_are_two_panels(table, deegan):
    levels, changes = figures.event_change(table, deegan)
    assert [label.get_text() for label in levels.get_xticklabels()] == ["before", "after"]
    assert [label.get_text().replace("\n", " ") for label in changes.get_yticklabels()] == [
        "where it happened",
        "elsewhere",
        "difference",
    ]


def test_what_is_withheld_is_not_drawn_and_is_said(table, deegan):
    rows = table["group"].str.contains("with ") | (table["estimand"] == "event_difference")
    rows |= table["group"].str.endswith("| with")
    drawn = figures.event_change(without(table, rows, "withheld: few"), deegan)
    words = figures.get_text(drawn)
    assert "Difference in differences not given" in words.alt
    assert "withheld: few" in words.summary
    assert len(words.data) == len(table)


def test_nothing_given_at_all_says_why(table, deegan):
    every = pd.Series(True, index=table.index)
    drawn = figures.event_change(without(table, every, "withheld: few"), deegan)
    assert "withheld: few" in figures.get_text(drawn).alt


def test_sites_and_dates_are_named_but_no_single_worker(table, deegan):
    events = pd.DataFrame(
        {
            "kind": ["new_rule", "new_rule"],
            "site_id": ["S1", "S9"],
            "worker_id": ["", "W3"],
            "date": ["2022-05-01", "2022-06-01"],
        }
    )
    drawn = figures.event_change(table, deegan, events=events)
    foot = drawn[0].get_figure().get_supxlabel()
    assert "S1, 2022-05-01" in foot
    assert "S9" not in foot


def test_the_p_by_assignment_stands_under_the_chart(table, deegan):
    method = "change; p 0.250 by dealing the event to sites in 4 ways, least possible 0.250"
    drawn = figures.event_change(table.assign(method=method), deegan)
    assert "least possible 0.250" in drawn[0].get_figure().get_supxlabel().replace("\n", " ")


def test_two_kinds_are_not_mixed(table, deegan):
    both = pd.concat([table, table.assign(group=table["group"].str.replace("new_rule", "redesign"))])
    with pytest.raises(InputError, match="new_rule, redesign"):
        figures.event_change(both, deegan)
    assert set(figures.get_text(figures.event_change(both, deegan, kind="redesign")).data["kind"]) == {
        "redesign"
    }
