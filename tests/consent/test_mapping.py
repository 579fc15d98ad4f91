import re

import pytest

from peercompare.consent.mapping import ConsentMapping, read_mapping, translated
from peercompare.errors import ConsentError

WHOLE = """
instrument = "consent"
day_format = "%m/%d/%Y"

[columns]
person_id = "record_id"
granted_on = "consent_timestamp"

[purposes]
analysis = "consent_purposes___1"

[constants]
role = "participant"

[values.age_group]
"1" = "adult"
"""


def refused(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConsentError) as caught:
        read_mapping(path)
    return str(caught.value)


def test_a_mapping_is_read_and_names_the_columns_that_a_file_must_have(tmp_path):
    (tmp_path / "m.toml").write_text(WHOLE, encoding="utf-8")
    mapping = read_mapping(tmp_path / "m.toml")
    assert mapping.needed() == ["record_id", "consent_timestamp", "consent_purposes___1"]
    assert mapping.day_format == ("%m/%d/%Y",)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[columns]", "[columns", "is not TOML"),
        ("instrument", "instument", "m.toml, instument: Extra inputs"),
        ("granted_on", "granted", "m.toml, columns.granted: a record has no such field"),
        ("granted_on", "granted", "nothing says where granted_on stands"),
        ("analysis =", "gossip =", "m.toml, purposes.gossip: unknown purpose"),
        ("role =", "granted_on =", "m.toml, constants.granted_on: the field has a column too"),
        ("role = ", "purposes = ", "purposes have a column or a constant too"),
        ("%Y", "%y", "two digits do not say which century"),
        ("[purposes]\nanalysis =", "[constants]\nlanguage =", "is not TOML"),
        ('[purposes]\nanalysis = "consent_purposes___1"', "", "nothing says where purposes stands"),
    ],
)
def test_each_fault_of_a_mapping_is_named(tmp_path, old, new, fault):
    assert old in WHOLE
    assert fault in refused(tmp_path, WHOLE.replace(old, new))


def day(text, *formats):
    mapping = ConsentMapping(day_format=formats)
    cells, problems = translated({"granted_on": text}, mapping, "row 2")
    return cells["granted_on"] or str(problems[0]) if text else cells["granted_on"]


def test_days_are_read_as_the_standard_writes_them_with_or_without_an_hour():
    assert {day("2024-01-31"), day("2024-01-31 13:05"), day("2024-01-31T13:05:00+02:00")} == {"2024-01-31"}
    assert day("") == ""


def test_a_day_written_otherwise_is_refused_until_the_format_is_named():
    fault = day("03/04/2024")
    assert "granted_on: written as '99/99/9999', where day and month cannot be told apart" in fault
    assert 'day_format = "%d/%m/%Y" or "%m/%d/%Y"' in fault
    assert "03/04" not in fault
    assert day("03/04/2024", "%d/%m/%Y") == "2024-04-03"
    assert day("03/04/2024", "%m/%d/%Y") == "2024-03-04"


def test_a_named_format_is_the_only_one():
    assert "none of the mapping's day_format" in day("2024-01-31", "%m/%d/%Y")
    assert day("1/31/2024 9:05", "%m/%d/%Y", "%m/%d/%Y %H:%M") == "2024-01-31"


def test_formats_that_read_a_day_in_two_ways_are_refused():
    assert "two different days" in day("03/04/2024", "%m/%d/%Y", "%d/%m/%Y")
    assert day("31/01/2024", "%m/%d/%Y", "%d/%m/%Y") == "2024-01-31"


def test_values_are_translated_word_by_word_where_a_cell_holds_several():
    mapping = ConsentMapping(values={"purposes": {"A": "analysis", "X": ""}, "role": {"9": "worker"}})
    cells, problems = translated({"purposes": "A X sharing", "role": " 9 "}, mapping, "row 2")
    assert cells == {"purposes": "analysis  sharing", "role": "worker"}
    assert problems == []


def test_the_mappings_of_the_readme_can_be_used(tmp_path, corpora_folder):
    readme = (corpora_folder / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", readme, flags=re.DOTALL)
    mappings = [each for each in shown if "[columns]" in each]
    assert len(mappings) == 2
    for each in mappings:
        (tmp_path / "m.toml").write_text(each.replace("\n# ", "\n"), encoding="utf-8")
        assert read_mapping(tmp_path / "m.toml").constants["language"] == "en"
