import time

import pytest

from peercompare.consent.receipt import METHODS, VERSION, Controller, read_controller, receipt
from peercompare.consent.record import OBTAINED, ConsentRecord
from peercompare.errors import ConsentError

RECORD = ConsentRecord(
    person_id="P1", role="worker", purposes="analysis sharing", granted_on="2024-01-31", form_version="1",
    obtained="written", language="en", age_group="adult", legal_standing="free", jurisdiction="US",
)  # fmt: skip
CONTROLLER = {
    "name": "A university", "contact": "The study team", "address": "1 Street", "email": "team@example.org",
    "phone": "555 0100", "policy_url": "https://example.org/notice", "service": "A study of peer support",
}  # fmt: skip
REQUIRED = {
    "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "language",
    "piiPrincipalId", "piiControllers", "policyUrl", "services", "sensitive", "spiCat",
}  # fmt: skip


def written(**changes):
    return receipt(RECORD.model_copy(update=changes), Controller(**CONTROLLER))


def test_a_receipt_has_the_fields_of_the_specification():
    found = written()
    assert set(found) == REQUIRED
    assert found["version"] == VERSION == "KI-CR-v1.1.0"
    assert found["consentTimestamp"] == 1706659200  # 2024-01-31T00:00:00Z
    assert found["piiControllers"][0]["piiController"] == "A university"


def test_the_timestamp_does_not_depend_on_where_the_computer_stands(monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert written()["consentTimestamp"] == 1706659200
    finally:
        monkeypatch.undo()
        time.tzset()


def test_each_purpose_says_what_it_means_and_how_to_stop_it():
    (service,) = written()["services"]
    analysis, sharing = service["purposes"]
    assert analysis["purpose"].startswith("Reading what you said.")
    assert "you want to stop" in analysis["termination"]
    assert (analysis["thirdPartyDisclosure"], sharing["thirdPartyDisclosure"]) == (False, True)
    assert sharing["thirdPartyName"]


def test_a_receipt_says_when_consent_ends_or_ended():
    (service,) = written(expires_on="2026-01-01")["services"]
    assert service["purposes"][0]["termination"].startswith("It ends on 2026-01-01.")
    (service,) = written(withdrawn_on="2025-01-01")["services"]
    assert service["purposes"][0]["termination"].startswith("It was withdrawn on 2025-01-01.")


def test_the_same_record_has_the_same_receipt_and_another_has_not():
    assert written() == written()
    assert written()["consentReceiptID"] != written(form_version="2")["consentReceiptID"]


def test_every_way_of_obtaining_consent_has_words():
    assert set(METHODS) == set(OBTAINED)


@pytest.mark.parametrize("changes", [{"jurisdiction": ""}, {"purposes": ()}])
def test_a_record_that_a_receipt_cannot_be_written_for_is_refused(changes):
    with pytest.raises(ConsentError, match="No receipt can be written"):
        written(**changes)


def test_who_answers_for_the_study_is_told_whole(tmp_path):
    path = tmp_path / "us.toml"
    path.write_text("\n".join(f'{name} = "{each}"' for name, each in CONTROLLER.items()), encoding="utf-8")
    assert read_controller(path) == Controller(**CONTROLLER)
    path.write_text('name = "A"\nfax = "1"\nemail = " "', encoding="utf-8")
    with pytest.raises(ConsentError) as caught:
        read_controller(path)
    where = {problem.where for problem in caught.value.problems}
    assert {"us.toml, fax", "us.toml, email", "us.toml, phone"} <= where
    path.write_text("name = ", encoding="utf-8")
    with pytest.raises(ConsentError, match="is not TOML"):
        read_controller(path)
