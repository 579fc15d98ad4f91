import pandas as pd
import pytest

from peercompare.consent.mapping import ConsentMapping
from peercompare.consent.redcap import records_of_csv
from peercompare.errors import ConsentError

MAPPING = ConsentMapping(
    instrument="consent",
    columns={
        "person_id": "record_id", "granted_on": "consent_timestamp", "form_version": "consent_version",
        "age_group": "age_group", "guardian_consent": "guardian_date", "assent": "assent_date",
    },
    purposes={"analysis": "purposes___1", "training": "purposes___2", "quotation": "purposes___3"},
    constants={
        "role": "participant", "obtained": "electronic", "language": "en", "legal_standing": "free",
        "expires_on": "", "withdrawn_on": "", "extra_review": "",
    },
    values={"age_group": {"1": "adult", "2": "minor"}},
)  # fmt: skip

ROW = {
    "record_id": "101", "redcap_survey_identifier": "", "consent_timestamp": "2024-01-31 13:05:44",
    "consent_version": "2.1", "age_group": "1", "guardian_date": "", "assent_date": "", "purposes___1": "1",
    "purposes___2": "0", "purposes___3": "1", "consent_name": "Ada Quimby", "consent_complete": "2",
}  # fmt: skip


def export(*rows):
    return pd.DataFrame([ROW | row for row in rows], dtype="str")


def read(*rows, mapping=MAPPING):
    return records_of_csv(export(*rows), mapping, file="export.csv")


def refused(*rows, mapping=MAPPING):
    with pytest.raises(ConsentError) as caught:
        read(*rows, mapping=mapping)
    return str(caught.value)


def test_an_export_becomes_records_by_its_checkboxes_and_timestamps():
    (record,) = read({}).records
    assert record.person_id == "101"
    assert record.purposes == ("analysis", "quotation")
    assert str(record.granted_on) == "2024-01-31"
    assert (record.form_version, record.age_group, record.obtained) == ("2.1", "adult", "electronic")


def test_labels_of_checkboxes_are_understood_and_a_blank_is_no_yes():
    (record,) = read({"purposes___1": "Checked", "purposes___2": "Unchecked", "purposes___3": ""}).records
    assert record.purposes == ("analysis",)


def test_forms_not_completed_are_no_consent_and_are_counted():
    imported = read(
        {},
        {"record_id": "102", "consent_complete": "0"},
        {"record_id": "103", "consent_complete": "1"},
        {"record_id": "104", "consent_timestamp": "[not completed]"},
        {"record_id": "105", "consent_complete": "", "consent_timestamp": ""},
    )
    assert [record.person_id for record in imported.records] == ["101"]
    assert imported.n_skipped == 4


@pytest.mark.parametrize("column", ["purposes___2", "consent_version", "consent_complete"])
def test_a_missing_column_is_one_clear_error(column):
    with pytest.raises(ConsentError) as caught:
        records_of_csv(export({}).drop(columns=column), MAPPING, file="export.csv")
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"export.csv, row 1: the column {column!r} is missing")


def test_another_date_format_is_told_for_every_row_and_nothing_is_guessed():
    words = refused({"consent_timestamp": "1/31/2024 13:05"}, {"consent_timestamp": "3/4/2024 9:00"})
    assert "export.csv, row 2 (101): granted_on: written as '9/99/9999 99:99'" in words
    assert "export.csv, row 3 (101): granted_on" in words
    assert "day and month cannot be told apart" in words
    mapping = MAPPING.model_copy(update={"day_format": ("%m/%d/%Y %H:%M",)})
    (record,) = read({"consent_timestamp": "1/31/2024 13:05"}, mapping=mapping).records
    assert str(record.granted_on) == "2024-01-31"


def test_a_day_that_cannot_be_read_is_one_fault_and_not_an_empty_cell_too():
    with pytest.raises(ConsentError) as caught:
        read({"consent_timestamp": "soon"})
    assert len(caught.value.problems) == 1


def test_faults_of_all_rows_are_told_at_once_with_the_rows_of_the_file():
    words = refused(
        {"record_id": "102", "consent_complete": "0"},
        {"age_group": "7"},
        {"record_id": "103", "age_group": "2"},
        {"record_id": "104", "purposes___1": "maybe"},
    )
    assert "export.csv, row 3 (101): unknown age group" in words
    assert "export.csv, row 4 (103): a minor without a guardian's consent" in words
    assert "export.csv, row 5 (104): purposes___1 is neither ticked nor not" in words


def test_no_message_repeats_a_cell_even_where_a_name_was_mapped():
    mapping = MAPPING.model_copy(
        update={"columns": {**MAPPING.columns, "person_id": "consent_name", "form_version": "consent_name"}}
    )
    assert "Quimby" not in refused({}, mapping=mapping)
    one_word = MAPPING.model_copy(update={"columns": {**MAPPING.columns, "age_group": "consent_name"}})
    assert "Quimby" not in refused({"consent_name": "Quimby"}, mapping=one_word)


def test_one_person_twice_in_an_export_must_be_versions_that_follow_each_other():
    later = {"consent_timestamp": "2024-06-01 08:00:00", "consent_version": "3"}
    assert "its period overlaps that of row 2" in refused({}, later)
    ends = MAPPING.model_copy(
        update={
            "columns": {**MAPPING.columns, "expires_on": "ends"},
            "constants": {name: each for name, each in MAPPING.constants.items() if name != "expires_on"},
        }
    )
    assert len(read({"ends": "2024-05-31"}, later | {"ends": ""}, mapping=ends).records) == 2


def test_a_plain_table_needs_no_mapping_where_it_calls_everything_as_we_do():
    row = {
        "person_id": "P1", "role": "worker", "purposes": "analysis individual_feedback",
        "granted_on": "2024-01-31", "expires_on": "", "withdrawn_on": "", "form_version": "1",
        "obtained": "written", "language": "en", "age_group": "adult", "guardian_consent": "", "assent": "",
        "legal_standing": "free", "extra_review": "",
    }  # fmt: skip
    imported = records_of_csv(pd.DataFrame([row], dtype="str"), file="ours.csv")
    assert imported.records[0].purposes == ("analysis", "individual_feedback")
    assert imported.n_skipped == 0


def test_a_table_of_which_nobody_says_what_people_agreed_to_is_refused():
    words = refused({}, mapping=MAPPING.model_copy(update={"purposes": {}}))
    assert "Nothing says what the people of export.csv agreed to" in words
