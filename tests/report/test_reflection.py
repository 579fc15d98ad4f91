"""The sheet for talking it over: the Declaration's points, the duties found, questions about the role."""

import json
from dataclasses import replace

from peercompare.framework import Crosswalk
from peercompare.report.claims import Tables
from peercompare.report.reflection import duty_claims, reflection_section


def test_every_point_of_the_declaration_is_on_the_sheet(study_tables, deegan):
    said = json.dumps(reflection_section(Tables(study_tables), deegan), ensure_ascii=False)
    crosswalk = deegan.crosswalk
    for item in (*crosswalk.areas, *crosswalk.values, *crosswalk.actions, *crosswalk.stay_out_of):
        assert json.dumps(item.text, ensure_ascii=False)[1:-1] in said
    assert "Western Mass Peer Network, 2014" in said
    for lens in deegan.lenses:
        assert lens.label in said


def test_what_the_duties_ask_comes_from_the_table(study_tables, deegan):
    study_tables["marker_shares"]["n"] = 23
    claims = duty_claims(Tables(study_tables), deegan)
    assert len(claims) >= 8
    for one in claims:
        assert one["table"] == "marker_shares"
        assert "in 23 of 63 job descriptions." in one["text"]


def test_a_withheld_count_is_not_told(study_tables, deegan):
    study_tables["marker_shares"]["n"] = float("nan")
    assert duty_claims(Tables(study_tables), deegan) == []


def test_without_job_descriptions_the_sheet_still_asks(deegan):
    said = json.dumps(reflection_section(Tables({}), deegan))
    assert "Questions to talk over" in said
    assert "job descriptions of this study" not in said


def test_a_framework_without_a_crosswalk_asks_its_own_questions(deegan):
    said = json.dumps(reflection_section(Tables({}), replace(deegan, crosswalk=Crosswalk())))
    assert "Which of these does your role leave room for?" in said
    assert "What the Declaration of Peer Roles asks" not in said
