"""What stands under titles, and who reads roles how well."""

import pytest

from peercompare.report import summarise_study


def tables_of(summary, name):
    blocks = [block for part in summary["sections"] for block in part["blocks"]]
    return [block for block in blocks if block["kind"] == "table" and block["table"] == name]


def test_markers_stand_under_each_family_of_titles_with_the_number_of_postings(summary, deegan):
    (table,) = tables_of(summary, "marker_shares_by_title")
    labels = {family.id: family.label for family in deegan.title_families}
    assert table["headings"] == ["Marker", "All (n = 63)", f"{labels['clinical']} (n = 7)"]
    assert table["rows"][0] == [deegan.markers[0].label, "30% (12% to 53%)", "43%"]
    assert len(table["rows"]) == 2, "markers that no posting shows are left out"
    assert "fewer than five employers" in table["note"]


@pytest.mark.parametrize("audience", ["funder", "team", "methods"])
def test_everybody_is_shown_markers_under_titles_and_only_methods_who_reads_roles_how_well(
    summary_for, audience
):
    made = summary_for(audience)
    assert len(tables_of(made, "marker_shares_by_title")) == 1
    assert len(tables_of(made, "role_ladder")) == (audience == "methods")


def test_the_program_stands_beside_the_title_alone_and_beside_coders(summary):
    (table,) = tables_of(summary, "role_ladder")
    assert [row[0] for row in table["rows"]] == [
        "The program, against gold", "The title alone, against gold", "Coder b, against coder a"
    ]  # fmt: skip
    assert table["rows"][0][1:] == ["0.86 (0.72 to 0.93)", "0.86 (0.72 to 0.93)", "63", "21"]


def test_a_study_without_titles_has_no_such_tables(study_tables, deegan, facts):
    gone = ("marker_shares_by_title", "role_ladder")
    fewer = {name: table for name, table in study_tables.items() if name not in gone}
    made = summarise_study(fewer, framework=deegan, study_facts=facts)
    assert not tables_of(made, "marker_shares_by_title")
    assert not tables_of(made, "role_ladder")
