import pytest
from pydantic import ValidationError

from peercompare.consent.record import COLUMNS, ConsentRecord, ConsentRow, day_faults, lacking

SHA = "0f" * 32

WHOLE = {
    "person_id": "S1-P01", "role": "participant", "purposes": "analysis training", "granted_on": "2024-01-31",
    "expires_on": "2026-01-31", "withdrawn_on": "", "form_version": "2022-2", "obtained": "verbal_recorded",
    "jurisdiction": "US-MA", "restrictions": "DUO:0000006 DUO:0000045", "language": "es-MX",
    "interpreter": "yes", "age_group": "minor", "guardian_consent": "2024-01-30", "assent": "2024-01-31",
    "legal_standing": "detained", "extra_review": "2023-12-01", "form_sha256": SHA,
}  # fmt: skip


def errors(kind=ConsentRecord, **cells):
    with pytest.raises(ValidationError) as caught:
        kind(**WHOLE | cells)
    return str(caught.value)


def test_a_whole_record_comes_back_as_the_cells_it_was_made_of():
    record = ConsentRecord(**WHOLE)
    assert record.cells() == WHOLE
    assert tuple(record.cells()) == COLUMNS


def test_a_record_cannot_be_changed_and_knows_no_further_field():
    with pytest.raises(ValidationError, match="frozen"):
        ConsentRecord(**WHOLE).purposes = ()
    assert "nickname" in errors(nickname="x1")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"purposes": "analysis fun"}, "unknown purpose (word 2 of 2)"),
        ({"role": "boss"}, "unknown role"),
        ({"obtained": "implied"}, "unknown way of obtaining consent"),
        ({"restrictions": "DUO:0000016"}, "unknown restriction (word 1 of 1)"),
        ({"jurisdiction": "Massachusetts"}, "a code of ISO 3166"),
        ({"language": "English please"}, "a code of language"),
        ({"interpreter": "maybe"}, "unknown answer"),
        ({"age_group": "teen"}, "unknown age group"),
        ({"granted_on": ""}, "empty"),
        ({"granted_on": "31/01/2024"}, "written as '99/99/9999', not a day"),
        ({"granted_on": "2024-02-30"}, "a day that does not exist"),
        ({"form_sha256": "abc"}, "64 hexadecimal digits"),
        ({"person_id": "two words"}, "an id without blanks"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_what_is_allowed(cells, fault):
    assert fault in errors(ConsentRow, **cells)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"role": ""}, "the column role is empty"),
        ({"form_version": ""}, "the column form_version is empty"),
        ({"obtained": ""}, "the column obtained is empty"),
        ({"language": ""}, "the column language is empty"),
        ({"guardian_consent": ""}, "a minor without a guardian's consent"),
        ({"assent": ""}, "a minor without their own assent"),
        ({"extra_review": ""}, "somebody who is not free, without extra review"),
        ({"legal_standing": "probation"}, "unknown legal standing"),
        ({"purposes": "individual_feedback"}, "for those who were recorded at work"),
        ({"restrictions": "DUO:0000025", "expires_on": ""}, "DUO:0000025 needs a last day"),
        ({"expires_on": "2024-01-30"}, "expires_on 2024-01-30 is before granted_on 2024-01-31"),
        ({"withdrawn_on": "2024-01-30"}, "withdrawn_on 2024-01-30 is before granted_on 2024-01-31"),
    ],
)
def test_a_row_can_lack_what_a_record_must_have(cells, fault):
    row = ConsentRow(**WHOLE | cells)
    assert any(fault in what for what, _ in [*day_faults(row), *lacking(row)])
    assert fault in errors(**cells)


def test_a_consent_may_end_on_the_day_it_was_granted():
    same = {"withdrawn_on": WHOLE["granted_on"], "expires_on": WHOLE["granted_on"]}
    assert str(ConsentRecord(**WHOLE | same).last_day) == WHOLE["granted_on"]


def test_feedback_is_for_those_who_were_recorded_at_work():
    record = ConsentRecord(**WHOLE | {"role": "worker", "purposes": "individual_feedback analysis"})
    assert record.purposes == ("analysis", "individual_feedback")


def test_somebody_who_said_no_to_everything_has_a_record():
    assert ConsentRecord(**WHOLE | {"purposes": ""}).purposes == ()


def test_no_message_repeats_what_a_cell_held():
    for column in set(COLUMNS) - {"person_id", "form_version", "legal_standing"}:
        assert "Quimby" not in errors(ConsentRow, **{column: "Quimby"})
    assert "Quimby" not in errors(legal_standing="Quimby")
