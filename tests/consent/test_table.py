import pandas as pd
import pytest

from peercompare.consent.record import COLUMNS, ConsentRecord
from peercompare.consent.table import (
    cell_problems,
    merged,
    read_records,
    read_rows,
    records_table,
    relation_problems,
    strict_problems,
)
from peercompare.errors import ConsentError

ROW = {name: "" for name in COLUMNS} | {
    "person_id": "P1", "role": "participant", "purposes": "analysis", "granted_on": "2023-01-01",
    "form_version": "1", "obtained": "written", "language": "en", "age_group": "adult",
    "legal_standing": "free",
}  # fmt: skip
LATER = {"granted_on": "2024-01-01", "form_version": "2"}


def table(*rows):
    return pd.DataFrame([ROW | row for row in rows], dtype="str")


def words(problems):
    return [str(each) for each in problems]


def test_a_table_comes_back_from_its_records_and_further_columns_are_free():
    given = table({}, {"person_id": "P2", "withdrawn_on": "2023-05-01"})
    records = read_records(given.assign(remark="x"))
    assert records_table(records).equals(given)


def test_a_missing_column_is_told_alone_and_others_may_be_absent():
    problems = words(cell_problems(table({"purposes": "fun"}).drop(columns=["granted_on", "assent"])))
    assert len(problems) == 2
    assert problems[0].startswith("consents.csv, row 1: the column 'granted_on' is missing")
    without = table({}).drop(columns=["role", "restrictions", "form_sha256", "interpreter"])
    assert cell_problems(without) == []


def test_all_faults_of_a_file_are_told_at_once_by_row():
    problems = words(
        strict_problems(
            table(
                {"purposes": "analysis gossip"},
                {"person_id": "P2", "age_group": "minor"},
                {"person_id": "P3", "withdrawn_on": "2022-12-31"},
            ),
            "theirs.csv",
        )
    )
    assert problems[0].startswith("theirs.csv, row 2 (P1): unknown purpose (word 2 of 2) in purposes")
    assert "row 4 (P3): withdrawn_on 2022-12-31 is before granted_on 2023-01-01" in problems[1]
    assert "row 3 (P2): a minor without a guardian's consent" in problems[2]
    assert "row 3 (P2): a minor without their own assent" in problems[3]


def test_a_record_that_stands_twice_is_named_in_its_second_row():
    (problem,) = words(cell_problems(table({}, {})))
    assert problem.startswith("consents.csv, row 3 (P1): the record stands there twice, in row 2 too")


def test_versions_whose_periods_follow_each_other_fit():
    fitting = table({"expires_on": "2023-12-31"}, LATER)
    assert relation_problems(fitting) == []
    assert len(read_rows(fitting)) == 2


@pytest.mark.parametrize(
    ("earlier", "later", "fault"),
    [
        ({}, LATER, "row 3 (P1): its period overlaps that of row 2"),
        ({"expires_on": "2024-01-01"}, LATER, "row 3 (P1): its period overlaps that of row 2"),
        ({"withdrawn_on": "2024-01-01"}, LATER, "granted on the day on which the other was withdrawn"),
        ({}, {"purposes": "sharing"}, "row 3 (P1): it contradicts row 2: both were granted on 2023-01-01"),
        (
            {"expires_on": "2023-12-31", "withdrawn_on": "2024-05-01"}, LATER,
            "row 3 (P1): it contradicts row 2, which says that consent was withdrawn on 2024-05-01",
        ),
    ],
)  # fmt: skip
def test_versions_that_overlap_or_contradict_each_other_are_named(earlier, later, fault):
    (problem,) = words(relation_problems(table(earlier, later)))
    assert fault in problem
    with pytest.raises(ConsentError, match="cannot be used"):
        read_rows(table(earlier, later))


def test_a_withdrawal_told_in_every_version_contradicts_nothing():
    both = {"withdrawn_on": "2024-05-01"}
    assert relation_problems(table({"expires_on": "2023-12-31"} | both, LATER | both)) == []


def test_one_signed_form_under_two_ids_is_a_person_under_two_ids():
    sha = {"form_sha256": "ab" * 32}
    (problem,) = words(relation_problems(table(sha, {"person_id": "P2"} | sha)))
    assert "row 3 (P2): a person under two ids: the signed form is that of row 2 too" in problem


def test_ids_that_differ_in_spelling_alone_are_named_where_records_are_brought_in():
    given = table({"person_id": "S1-P01"}, {"person_id": "s1_p01"}, {"person_id": "S1-P011"})
    assert relation_problems(given) == []
    (problem,) = words(strict_problems(given))
    assert "row 3 (s1_p01): a person under two ids?" in problem


def test_incomplete_records_are_refused_and_read_as_rows():
    given = table({"legal_standing": "jail"})
    assert read_rows(given)[0].legal_standing == "jail"
    with pytest.raises(ConsentError, match="without extra review"):
        read_records(given)


def test_an_id_without_a_digit_may_be_a_name_and_is_not_shown():
    (problem,) = words(strict_problems(table({"person_id": "Quimby", "role": ""})))
    assert problem.startswith("consents.csv, row 2: ")
    assert "Quimby" not in problem


def record(**cells):
    return ConsentRecord(**ROW | cells)


def test_new_records_are_added_after_rows_that_stay_as_they_were():
    old = table({"expires_on": "2023-12-31"}).drop(columns="restrictions").assign(remark="x")
    whole = merged(old, [record(expires_on="2023-12-31"), record(**LATER), record(person_id="P2")])
    assert whole.iloc[:1].equals(old)
    assert whole["person_id"].tolist() == ["P1", "P1", "P2"]
    assert whole["remark"].tolist() == ["x", "", ""]
    assert "restrictions" not in whole
    assert merged(old, [record(person_id="P2", restrictions="DUO:0000006")])["restrictions"].tolist() == [
        "", "DUO:0000006",
    ]  # fmt: skip


def test_records_go_into_an_empty_table():
    assert merged(pd.DataFrame(), [record()]).to_dict("records") == [ROW]


@pytest.mark.parametrize("cells", [{"purposes": "sharing"}, {"withdrawn_on": "2024-01-01"}, LATER])
def test_a_record_never_overwrites_nor_overlaps_a_persons_row(cells):
    with pytest.raises(ConsentError, match="never overwritten"):
        merged(table({}), [record(**cells)])
