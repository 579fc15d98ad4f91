from datetime import date

import pandas as pd
import pytest

from peercompare.consent import PURPOSES, Consents
from peercompare.consent.asking import gate, speakers_of

DAY = date(2024, 1, 31)

COMPLETE = {
    "purposes": "analysis quotation", "granted_on": "2023-01-01", "expires_on": "", "withdrawn_on": "",
    "age_group": "adult", "guardian_consent": "", "assent": "", "legal_standing": "free", "extra_review": "",
}  # fmt: skip


def consents(**cells):
    return Consents(pd.DataFrame([COMPLETE | cells], index=pd.Index(["P1"], name="person_id"), dtype="str"))


COVERED_MINOR = {"age_group": "minor", "guardian_consent": "2023-01-01", "assent": "2023-01-01"}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({}, ""),
        ({"purposes": "sharing"}, "purpose not covered"),
        ({"purposes": ""}, "purpose not covered"),
        ({"granted_on": "2024-01-31"}, ""),
        ({"granted_on": "2024-02-01"}, "not yet granted"),
        ({"expires_on": "2024-01-31"}, ""),
        ({"expires_on": "2024-01-30"}, "expired"),
        ({"withdrawn_on": "2024-02-01"}, ""),
        ({"withdrawn_on": "2024-01-31"}, "withdrawn"),
        ({"age_group": "minor"}, "minor without guardian consent"),
        ({"age_group": "minor", "guardian_consent": "2023-01-01"}, "minor without own assent"),
        (COVERED_MINOR | {"guardian_consent": "2024-02-01"}, "minor without guardian consent"),
        (COVERED_MINOR, ""),
        ({"legal_standing": "detained"}, "not free and without extra review"),
        (
            {"legal_standing": "court_order", "extra_review": "2024-02-01"},
            "not free and without extra review",
        ),
        ({"legal_standing": "jail", "extra_review": "2024-01-31"}, ""),
    ],
)  # fmt: skip
def test_a_record_covers_a_purpose_on_a_day_only_where_everything_holds(cells, reason):
    assert consents(**cells).refusal("P1", "analysis", DAY) == reason


def test_a_person_without_a_record_has_consented_to_nothing():
    assert {consents().refusal("P2", purpose, DAY) for purpose in PURPOSES} == {"no record"}


def test_the_gate_asks_each_person_once_for_each_purpose():
    refusals = gate(
        {"D1": ["P1", "P2", "P2"], "D2": ["P1"]}, consents(), purposes=("analysis", "training"), day=DAY
    )
    assert refusals.to_dict("split")["data"] == [
        ["D1", "P1", "training", "purpose not covered"],
        ["D1", "P2", "analysis", "no record"],
        ["D1", "P2", "training", "no record"],
        ["D2", "P1", "training", "purpose not covered"],
    ]


def test_the_outcome_changes_with_any_purpose_of_any_person():
    assert consents().outcome(DAY) == consents(expires_on="2024-12-31").outcome(DAY)
    assert consents().outcome(DAY) != consents(purposes="analysis").outcome(DAY)
    assert consents(expires_on="2023-12-31").outcome(DAY) != consents().outcome(DAY)


def test_several_labels_of_one_document_map_to_their_people():
    assert speakers_of("P01=S1-P01  W01=W01") == {"P01": "S1-P01", "W01": "W01"}
    assert speakers_of("") == {}


FIRST = {"granted_on": "2022-01-01", "expires_on": "2022-12-31", "purposes": "analysis training"}
SECOND = {"granted_on": "2023-01-01", "purposes": "analysis"}


def versions(*rows):
    table = pd.DataFrame([COMPLETE | row for row in rows], dtype="str")
    return Consents(table.set_index(pd.Index(["P1"] * len(rows), name="person_id")))


@pytest.mark.parametrize(
    ("rows", "purpose", "day", "reason"),
    [
        ([FIRST, SECOND], "training", date(2022, 6, 1), ""),
        ([SECOND, FIRST], "training", date(2022, 6, 1), ""),
        ([FIRST, SECOND], "training", date(2023, 6, 1), "purpose not covered"),
        ([FIRST, SECOND], "analysis", date(2023, 6, 1), ""),
        ([FIRST, SECOND], "analysis", date(2021, 6, 1), "not yet granted"),
        # the later version has ended: the earlier one does not come back
        ([FIRST | {"expires_on": ""}, SECOND | {"expires_on": "2023-01-31"}], "analysis", DAY, "expired"),
        # a withdrawal ends whatever was granted on or before its day, in whichever record it stands
        ([FIRST | {"withdrawn_on": "2023-05-01"}, SECOND], "analysis", date(2023, 4, 30), ""),
        ([FIRST | {"withdrawn_on": "2023-05-01"}, SECOND], "analysis", date(2023, 5, 1), "withdrawn"),
        ([FIRST | {"withdrawn_on": "2023-01-01"}, SECOND], "analysis", DAY, "withdrawn"),
        ([FIRST | {"withdrawn_on": "2022-05-01"}, SECOND], "analysis", DAY, ""),
        ([FIRST | {"withdrawn_on": "2022-05-01"}, SECOND], "analysis", date(2022, 5, 1), "withdrawn"),
        ([FIRST, SECOND | {"withdrawn_on": "2023-05-01"}], "analysis", date(2022, 6, 1), ""),
    ],
)  # fmt: skip
def test_among_versions_of_the_form_one_counts_on_a_day(rows, purpose, day, reason):
    assert versions(*rows).refusal("P1", purpose, day) == reason


def test_the_record_in_force_can_be_looked_at():
    both = versions(FIRST, SECOND)
    assert both.in_force("P1", date(2022, 6, 1))["purposes"] == "analysis training"
    assert both.in_force("P1", DAY)["purposes"] == "analysis"
    assert both.in_force("P2", DAY) == {}


def test_the_outcome_names_a_person_with_versions_once():
    assert len(versions(FIRST, SECOND).outcome(DAY).splitlines()) == len(PURPOSES)


@pytest.mark.parametrize(
    ("rows", "day", "withdrawn"),
    [
        ([{}], "2024-01-31", False),
        ([{"withdrawn_on": "2024-01-31"}], "2024-01-30", False),
        ([{"withdrawn_on": "2024-01-31"}], "2024-01-31", True),
        ([{"expires_on": "2023-06-01"}], "2024-01-31", False),
        ([{"withdrawn_on": "2023-05-01"}, {"granted_on": "2023-06-01"}], "2023-05-31", True),
        ([{"withdrawn_on": "2023-05-01"}, {"granted_on": "2023-06-01"}], "2023-06-01", False),
        ([{"expires_on": "2023-05-31"}, {"granted_on": "2023-06-01", "withdrawn_on": "2023-07-01"}],
         "2023-06-30", False),
    ],
)  # fmt: skip
def test_whether_somebody_has_withdrawn_is_decided_in_one_place(rows, day, withdrawn):
    records = versions(*rows)
    (person,) = set(records.records.index)
    assert records.has_withdrawn(person, date.fromisoformat(day)) is withdrawn
    assert (records.refusal(person, "analysis", date.fromisoformat(day)) == "withdrawn") is withdrawn
    assert not records.has_withdrawn("nobody", DAY)
