"""Who is shown what: no single place for funders, a sheet for teams, checklists for methods."""

import json

import pytest

from peercompare.report.audiences import AUDIENCES


def named(summary):
    return {part["id"]: part for part in summary["sections"]}


def captions(summary):
    return [
        block["caption"]
        for part in summary["sections"]
        for block in part["blocks"]
        if block["kind"] == "table"
    ]


def test_a_funder_is_shown_no_single_site_and_no_employer(summary_for):
    shown = captions(summary_for("funder"))
    assert "By type of role" in shown
    assert "By site" not in shown
    assert "By site" in captions(summary_for("team"))


def test_a_funder_is_shown_no_figure_of_single_places(report_for):
    names = {block.name for block in report_for("funder").blocks() if hasattr(block, "png")}
    assert "agreement_job_descriptions" in names
    assert not {name for name in names if name.startswith(("drift", "employers"))}
    assert "drift_by_site_session_transcripts" in {
        block.name for block in report_for("team").blocks() if hasattr(block, "png")
    }


@pytest.mark.parametrize(
    ("group_by", "shown"), [("setting", True), ("site_id", False), ("site_id x year", False)]
)
def test_crossed_groups_are_of_single_places_too(group_by, shown):
    assert AUDIENCES["funder"].shows_groups(group_by) is shown
    assert AUDIENCES["team"].shows_groups(group_by)


def test_a_teams_report_ends_with_the_sheet_and_methods_with_the_checklists(summary_for):
    assert summary_for("team")["sections"][-1]["id"] == "reflection"
    assert [part["id"] for part in summary_for("methods")["sections"][-3:]] == ["checklists", "coreq", "srqr"]
    assert summary_for("funder")["sections"][-1]["id"] == "references"


def test_each_report_says_for_whom_it_is_and_how_they_may_use_it(summary_for):
    said = {audience: json.dumps(named(summary_for(audience))["reviewed"]) for audience in AUDIENCES}
    assert "those who pay for services" in said["funder"]
    assert "a team, its peer workers" in said["team"]
    assert len({json.dumps(named(summary_for(audience))["use"]) for audience in AUDIENCES}) == 3


def test_only_methods_hold_coefficients_scores_and_how_sturdy_the_numbers_are(summary_for):
    few, all_of_it = named(summary_for("team")), named(summary_for("methods"))
    assert set(all_of_it) - set(few) >= {"role-scores", "sturdy-job_descriptions", "coreq"}
    assert not any("label by label" in caption for caption in captions(summary_for("team")))
