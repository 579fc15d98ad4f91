"""What a table must have to enter, and what it must not have."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.tables import check_columns, check_texts, person_columns, refuse_person_columns
from peercompare.errors import DisclosureError, InputError

PERSONAL = [
    "worker_id", "Worker ID", "workerId", "person_id", "speaker", "speakers", "participant",
    "participant_id", "participants", "name", "Full Name", "first_name", "surname", "lastname", "email",
    "E-mail", "e_mail_address", "client_name", "staff_number", "employee id",
    "Patient", "phone", "date_of_birth", "peer_worker_name", "author",
    "caseworker", "case_worker_id", "peer_id", "peerName", "peer_no", "payroll_no", "Payroll Number",
    "agent", "agent_id", "agent_name", "incumbent", "incumbent_name", "incumbent_no", "member", "member_id",
    "memberNo", "uid", "UID", "uid_no", "payroll", "lead_clinician_name", "caseworker_no",
    "assigned_worker_id",
]  # fmt: skip
PLAIN = [
    "segment_id", "document_id", "text", "employer_id", "employer", "employer_name", "site_id",
    "worker_role", "title", "setting", "date", "file_name", "position", "start", "label",
    "n_speakers", "title_family", "region", "peer", "overlap", "clinical", "n_workers", "worker_role",
    "peer_run", "membership", "agency", "agency_id", "payment",
]  # fmt: skip


@pytest.mark.parametrize("column", PERSONAL)
def test_a_column_about_a_person_is_known_by_its_name(column):
    assert person_columns([column]) == [column]


@pytest.mark.parametrize("column", PLAIN)
def test_a_column_about_a_text_or_a_place_is_left_alone(column):
    assert person_columns([column]) == []


def test_the_refusal_names_the_columns_and_what_predictions_are_not_for():
    table = pd.DataFrame(columns=["segment_id", "text", "worker_id", "email"])
    with pytest.raises(DisclosureError, match=r"(?s)worker_id.*email.*never for hiring"):
        refuse_person_columns(table)


def test_all_missing_columns_are_named_at_once():
    with pytest.raises(InputError, match=r"(?s)'document_id'.*'text'"):
        check_columns(
            pd.DataFrame({"segment_id": ["a"]}), ["segment_id", "document_id", "text"], what="texts"
        )


def test_a_table_without_rows_is_refused():
    with pytest.raises(InputError, match="has no row"):
        check_columns(pd.DataFrame(columns=["text"]), ["text"], what="texts")


def test_all_rows_at_fault_are_named_at_once_as_a_spreadsheet_counts_them():
    table = pd.DataFrame(
        {"segment_id": ["a", "b", "a", None, "e"], "text": ["fine", np.nan, "fine", "fine", "  \n"]}
    )
    with pytest.raises(InputError) as caught:
        check_texts(table, what="texts")
    found = {(problem.where, problem.what) for problem in caught.value.problems}
    assert found == {
        ("row 3 (b)", "text is missing, or is no text"),
        ("row 4 (a)", "segment_id stands twice"),
        ("row 5 (nan)", "segment_id is missing"),
        ("row 6 (e)", "text is empty"),
    }


def test_a_good_table_passes_and_is_not_changed():
    table = pd.DataFrame({"segment_id": ["a", "b"], "text": ["one", "two"]})
    before = table.copy()
    check_texts(table, what="texts")
    pd.testing.assert_frame_equal(table, before)
