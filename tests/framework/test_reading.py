import dataclasses
import hashlib
import pickle

import pytest

from peercompare.errors import FrameworkError
from peercompare.framework import read_framework, shipped_framework

FAULTS = {
    "missing_key": ("(tools/shared)", "'when_to_use' is missing"),
    "unknown_key": ("(tools/shared)", "'when_too_use'"),
    "unknown_table": ("'stanzas'", "no such key"),
    "missing_table": ("[[units]]", "the table is missing"),
    "missing_reviewed_by": ("[[reviewed_by]]", "reviewed_by = []"),
    "wrong_type": ("(by_bylaw)", "outside_control is 'yes'"),
    "empty_text": ("(shared)", "definition is empty"),
    "one_example": ("(tools/both)", "exactly 2"),
    "unknown_choice": ("(garden_note)", "unit is 'paragraph'"),
    "duplicate_id": ("[[dimensions]] entry 2", "'tools' is there twice"),
    "code_with_unknown_dimension": ("(tulips/managed)", "dimension 'tulips' is not in the file"),
    "duplicate_code": ("[[codes]] entry 2", "the code is there twice"),
    "code_missing_for_a_pair": ("[[codes]]", "code harvest/both is missing"),
    "marker_with_unknown_code": ("(counting)", "code 'tools/mangled' is not in the file"),
    "marker_without_cue": ("(counting)", "has no cue"),
    "bad_regex": ("(counting)", "mend the regular expression"),
    "regex_that_matches_nothing": ("(counting)", "matches an empty text"),
    "stances_out_of_order": ("[[stances]]", "order the stances by index_value"),
    "ends_not_at_one": ("[[stances]]", "the ends are -1 and 1"),
    "source_that_is_not_there": ("(tools)", "source 'almanach' is not in the file"),
    "role_types_alike": ("(warden)", "cannot be told from gardener_who_manages"),
    "role_type_in_the_middle": ("(warden)", "duties 'both' is not in the file"),
    "not_toml": ("not_toml.toml", "line 2"),
    "not_utf8": ("line ", "not UTF-8"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_faulty_file_is_refused_with_its_place_and_its_remedy(data_folder, name):
    with pytest.raises(FrameworkError) as caught:
        read_framework(data_folder / "frameworks" / f"{name}.toml")
    where, what = FAULTS[name]
    faults = [str(problem) for problem in caught.value.problems]
    assert any(where in fault and what in fault for fault in faults), faults
    assert all(problem.remedy and f"{name}.toml" in problem.where for problem in caught.value.problems)


def test_every_faulty_file_on_disk_is_tried(data_folder):
    on_disk = {path.stem for path in (data_folder / "frameworks").glob("*.toml")}
    assert on_disk == set(FAULTS) | {"several_faults"}


def test_all_faults_of_a_file_are_told_at_once(data_folder):
    with pytest.raises(FrameworkError) as caught:
        read_framework(data_folder / "frameworks" / "several_faults.toml")
    told = "\n".join(str(problem) for problem in caught.value.problems)
    assert "tools/mangled" in told
    assert "index_value" in told
    assert "'tools' is there twice" in told


def test_an_absent_file_is_named_with_the_shipped_frameworks(tmp_path):
    with pytest.raises(FrameworkError, match=r"nowhere\.toml.*\n.*deegan2017"):
        read_framework(tmp_path / "nowhere.toml")


def test_a_folder_is_refused_like_an_absent_file(tmp_path):
    with pytest.raises(FrameworkError, match="no framework could be read"):
        read_framework(tmp_path)


def test_a_shipped_framework_is_read_by_name_and_the_hash_is_that_of_its_bytes(deegan, tmp_path):
    from importlib import resources

    content = resources.files("peercompare.frameworks").joinpath("deegan2017.toml").read_bytes()
    copy = tmp_path / "copy.toml"
    copy.write_bytes(content)
    assert "deegan2017" in shipped_framework()
    assert deegan.sha256 == hashlib.sha256(content).hexdigest()
    assert read_framework(copy) == deegan


def test_codes_follow_dimensions_and_stances_whatever_the_order_of_the_file(data_folder, tmp_path):
    text = (data_folder / "tiny_framework.toml").read_text(encoding="utf-8")
    start, end = text.index("[[codes]]"), text.index("[[rules]]")
    entries = ["[[codes]]" + part for part in text[start:end].split("[[codes]]")[1:]]
    shuffled = tmp_path / "shuffled.toml"
    shuffled.write_text(text[:start] + "".join(reversed(entries)) + text[end:], encoding="utf-8")
    assert read_framework(shuffled).code_ids == (
        "tools/shared", "tools/both", "tools/managed", "harvest/shared", "harvest/both", "harvest/managed"
    )  # fmt: skip


def test_a_framework_without_optional_tables_is_read(data_folder, tmp_path):
    text = (data_folder / "tiny_framework.toml").read_text(encoding="utf-8")
    bare = tmp_path / "bare.toml"
    kept = text[: text.index("[[system_words]]")]
    start = kept.index('[[markers]]\nid = "system_words"')
    bare.write_text(kept[:start] + kept[kept.index("[[role_types]]") :], encoding="utf-8")
    framework = read_framework(bare)
    assert framework.system_language == {}
    assert framework.crosswalk.values == ()
    assert framework.text_cues.negation_before == ()


def test_the_axis_labels_and_parts_of_codes_come_from_the_file(tiny_framework):
    assert tiny_framework.labels == ("none", "shared", "both", "managed")
    assert tiny_framework.axis == ("shared", "managed")
    assert tiny_framework.middle == ("both",)
    assert [stance.value for stance in tiny_framework.stances] == [-1.0, 0.2, 1.0]
    assert tiny_framework.split("tools/managed") == ("tools", "managed")
    assert tiny_framework.stance_of("none") == tiny_framework.dimension_of("none") == "none"
    assert tiny_framework.system_language == {"XX": ("tenant",)}


@pytest.mark.parametrize("code", ["tools/absent", "", "tools", None, 3, float("nan")])
def test_what_is_no_code_is_refused(tiny_framework, code):
    assert not tiny_framework.is_code(code)
    with pytest.raises(ValueError, match="has no code"):
        tiny_framework.split(code)


def test_a_framework_is_frozen_and_survives_pickling(tiny_framework):
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny_framework.title = "other"
    copy = pickle.loads(pickle.dumps(tiny_framework))
    assert copy == tiny_framework
    assert hash(copy) == hash(tiny_framework)


def test_a_marker_speaks_for_the_stance_of_its_code(tiny_framework):
    assert tiny_framework.marker("counting").side == "managed"
    assert tiny_framework.marker("system_words").side == ""


def test_a_name_that_is_not_shipped_is_told_with_those_that_are():
    with pytest.raises(FrameworkError) as caught:
        read_framework("nosuch")
    assert "no framework nosuch is shipped, and no file has that name" in str(caught.value)
    assert "What to do: name a shipped framework (deegan2017)" in str(caught.value)


def faults_after(data_folder, tmp_path, *changes):
    """What is told of the tiny framework after changes of its text, (old, new, how many times)."""
    text = (data_folder / "tiny_framework.toml").read_text(encoding="utf-8")
    for old, new, times in changes:
        assert old in text
        text = text.replace(old, new, times)
    changed = tmp_path / "changed.toml"
    changed.write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkError) as caught:
        read_framework(changed)
    return [str(problem) for problem in caught.value.problems]


def test_a_slip_in_one_code_is_one_fault_and_is_not_offered_as_a_remedy(data_folder, tmp_path):
    text = (data_folder / "tiny_framework.toml").read_text(encoding="utf-8")
    assert 'code = "tools/managed"' in text  # a marker refers to the code
    slip = ('dimension = "tools"\nstance = "managed"', 'dimension = "tolls"\nstance = "managed"', 1)
    (fault,) = faults_after(data_folder, tmp_path, slip)
    assert fault.endswith(
        "dimension 'tolls' is not in the file (did you mean tools? allowed: tools, harvest)"
    )


def test_a_slip_in_the_id_of_a_dimension_is_told_once_with_its_number_of_places(data_folder, tmp_path):
    slip = ('[[dimensions]]\nid = "tools"', '[[dimensions]]\nid = "tolls"', 1)
    first, *others = faults_after(data_folder, tmp_path, slip)
    assert "dimension 'tools' is not in the file; so in" in first
    assert "did you mean tolls?" in first
    assert others == []


def test_a_marker_of_an_unknown_code_is_offered_the_codes_and_nothing_empty(data_folder, tmp_path):
    slip = ('code = "tools/managed"', 'code = "tools/mangled"', 1)
    (fault,) = faults_after(data_folder, tmp_path, slip)
    assert (
        "code 'tools/mangled' is not in the file (did you mean tools/managed? allowed: tools/shared" in fault
    )
    assert "allowed: ," not in fault
