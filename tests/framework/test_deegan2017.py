"""The shipped instrument holds what its sources and its users were promised."""

import re

import pytest

QUOTED = {"influenced"}
"""A word of the one short quotation, which is credited where it stands."""


def test_it_has_the_promised_counts(deegan):
    crosswalk = deegan.crosswalk
    counts = {
        "sources": len(deegan.sources), "stances": len(deegan.stances), "dimensions": len(deegan.dimensions),
        "codes": len(deegan.codes), "rules": len(deegan.rules), "tags": len(deegan.tags),
        "markers": len(deegan.markers),
        "role_types": len(deegan.role_types), "settings": len(deegan.settings),
        "areas": len(crosswalk.areas), "values": len(crosswalk.values), "actions": len(crosswalk.actions),
        "stay_out_of": len(crosswalk.stay_out_of), "surroundings": len(crosswalk.surroundings),
        "lenses": len(deegan.lenses), "reviewed_by": len(deegan.reviewed_by),
    }  # fmt: skip
    assert counts == {
        "sources": 5, "stances": 3, "dimensions": 7, "codes": 21, "rules": 9, "tags": 5, "markers": 20,
        "role_types": 5, "settings": 5, "areas": 3, "values": 12, "actions": 13, "stay_out_of": 7,
        "surroundings": 4, "lenses": 4, "reviewed_by": 0,
    }  # fmt: skip


def test_labels_and_axis_are_those_of_the_chart(deegan):
    assert deegan.labels == ("none", "peer", "overlap", "clinical")
    assert deegan.axis == ("peer", "clinical")
    assert deegan.middle == ("overlap",)
    assert [stance.value for stance in deegan.stances] == [-1, 0, 1]


def test_rules_are_numbered_from_one_without_gap(deegan):
    assert [rule.number for rule in deegan.rules] == list(range(1, 10))


def test_only_law_and_payer_stand_outside_anyones_control(deegan):
    outside = {tag.id for tag in deegan.tags if tag.outside_control}
    assert outside == {"required_by_law", "required_by_payer"}


def test_three_markers_are_conditions_of_work_and_carry_no_code(deegan):
    conditions = {marker.id for marker in deegan.markers if marker.kind == "condition"}
    assert conditions == {"degree_or_clinical_ladder", "non_peer_supervision", "lone_peer"}
    assert all((marker.code == "") == (marker.kind == "condition") for marker in deegan.markers)


def test_each_activity_to_stay_out_of_and_each_surrounding_names_its_marker(deegan):
    listed = (*deegan.crosswalk.stay_out_of, *deegan.crosswalk.surroundings)
    assert all(item.marker for item in listed)
    assert all(item.stance == deegan.axis[1] for item in listed)


def test_signs_beyond_the_chart_are_credited_to_the_other_sources(deegan):
    sources = {sign.source for code in deegan.codes for sign in code.signs}
    assert sources == {source.id for source in deegan.sources} - {deegan.dimensions[0].source}


def test_examples_are_two_for_each_code_and_never_the_same(deegan):
    examples = [example for code in deegan.codes for example in code.examples]
    assert len(examples) == len(set(examples)) == 42


def test_the_declaration_is_credited_and_free_to_share(deegan):
    declaration = next(source for source in deegan.sources if source.id == deegan.crosswalk.source)
    assert "credited" in declaration.licence_note
    assert "psresources.info" in declaration.citation


def test_each_country_exempts_names_that_people_claim_for_themselves(deegan):
    assert {"US", "UK", "AU"} <= set(deegan.system_language)
    assert "consumer" in deegan.system_language["US"]
    assert "consumer" not in deegan.system_language["AU"]
    assert "consumer" in deegan.system_language_exempt["AU"]


def test_no_long_run_of_words_is_taken_from_the_sources(deegan, fixtures_folder):
    folder = fixtures_folder.parent / "sources"
    if not folder.is_dir():
        pytest.skip("the texts of the sources are not at hand")
    ours = _words(" ".join(_texts(deegan)))
    runs = {tuple(ours[i : i + 7]) for i in range(len(ours) - 6)}
    for path in folder.glob("*.txt"):
        theirs = _words(path.read_text(encoding="utf-8"))
        shared = runs & {tuple(theirs[i : i + 7]) for i in range(len(theirs) - 6)}
        allowed = {run for run in shared if QUOTED & set(run)}
        assert shared == allowed, (path.name, sorted(shared)[:3])


def _words(text):
    return re.findall(r"[a-z]+", text.lower())


def _texts(framework):
    for code in framework.codes:
        yield from (code.definition, code.when_to_use, code.when_not_to_use, *code.examples)
        yield from (sign.text for sign in code.signs)
    for entry in (*framework.markers, *framework.role_types, *framework.settings, *framework.stances):
        yield entry.definition
    yield from (rule.text for rule in framework.rules)
    for part in ("areas", "values", "actions", "stay_out_of", "surroundings"):
        yield from (item.text for item in getattr(framework.crosswalk, part))
    yield from (lens.question for lens in framework.lenses)
