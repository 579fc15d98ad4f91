"""What stands beside the index says what it counts, on how much it rests, and what it cannot tell."""

import pandas as pd
import pytest

from peercompare.report import summarise_study


def section_of(summary, name):
    return next((part for part in summary["sections"] if part["id"].startswith(name)), None)


def table_of(part):
    return next(block for block in part["blocks"] if block["kind"] == "table")


def words_of(part):
    return " ".join(
        each
        for block in part["blocks"]
        for each in [block.get("text", ""), *(one["text"] for one in block.get("claims", ()))]
    )


def test_each_measure_stands_with_its_interval_and_on_how_many_sessions_and_workers_it_rests(summary):
    table = table_of(section_of(summary, "sessions-"))
    assert table["headings"] == ["Measure and group", "Value", "Sessions", "Workers"]
    rows = {row[0]: row[1:] for row in table["rows"]}
    assert rows["The worker's share of the words: all"] == ["57% (50% to 65%)", "54", "8"]
    assert rows["Words in a turn of the worker's: peer"] == ["19.63 (19.56 to 19.71)", "43", "8"]
    assert next(iter(rows)).startswith("The index"), "in the order in which they are explained"


def test_every_measure_says_what_it_cannot_tell_and_what_consent_leaves_out_is_counted(summary):
    said = words_of(section_of(summary, "sessions-"))
    assert "Words in a turn of the worker's: what worker turn words hides." in said
    assert "These rest on 1,892 turns. Left out are 88 turns" in said


def test_counts_of_few_people_are_not_told(study_tables, deegan, facts):
    turns = study_tables["session_turns"].astype({"n_turns_refused": "Int64", "n_turns_beside": "Int64"})
    turns[["n_turns_refused", "n_turns_beside"]] = pd.NA
    turns["withheld"] = "withheld: turns of fewer than five people are left out"
    made = summarise_study(study_tables | {"session_turns": turns}, framework=deegan, study_facts=facts)
    said = words_of(section_of(made, "sessions-"))
    assert "how many consent leaves out is withheld" in said
    assert "88" not in said


@pytest.mark.parametrize(("audience", "sessions", "outside"), [
    ("funder", False, False), ("team", True, False), ("methods", True, True),
])  # fmt: skip
def test_whoever_pays_is_shown_no_sessions_and_only_methods_hold_scores_from_outside(
    summary_for, audience, sessions, outside
):
    made = summary_for(audience)
    assert (section_of(made, "sessions-") is not None) == sessions
    assert (section_of(made, "outside-") is not None) == outside


def test_scores_from_outside_say_why_nothing_is_estimated_and_on_how_many_sites(summary):
    table = table_of(section_of(summary, "outside-"))
    assert table["rows"][0] == [
        "warmth, over months within the same sites", "all codings", "not given", "3", "11", "7"
    ]  # fmt: skip
    assert "needs at least five sites" in table["note"]


def test_a_study_without_them_has_no_such_sections(study_tables, deegan, facts):
    fewer = {k: v for k, v in study_tables.items() if k not in ("session_measures", "external")}
    made = summarise_study(fewer, framework=deegan, study_facts=facts)
    assert section_of(made, "sessions-") is None
    assert section_of(made, "outside-") is None
