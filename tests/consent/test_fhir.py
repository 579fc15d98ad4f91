import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peercompare.consent import PURPOSES
from peercompare.consent.fhir import EXTENSION, STATUSES, records_of_fhir, to_bundle, to_r4
from peercompare.consent.mapping import ConsentMapping
from peercompare.consent.record import (
    AGE_GROUPS,
    OBTAINED,
    RECORDED_AT_WORK,
    ROLES,
    STANDINGS,
    ConsentRecord,
)
from peercompare.consent.restrictions import RESTRICTIONS
from peercompare.consent.table import read_records, records_table
from peercompare.errors import ConsentError

RECORD = ConsentRecord(
    person_id="S1-P01", role="participant", purposes="analysis training", granted_on="2024-01-31",
    expires_on="2026-01-31", withdrawn_on="2025-03-01", form_version="2022-2", obtained="verbal_recorded",
    jurisdiction="US-MA", restrictions="DUO:0000006 DUO:0000045", language="es-MX", interpreter="yes",
    age_group="minor", guardian_consent="2024-01-30", assent="2024-01-31", legal_standing="detained",
    extra_review="2023-12-01", form_sha256="0f" * 32,
)  # fmt: skip
PLAIN = ConsentRecord(
    person_id="P2", role="worker", purposes="", granted_on="2024-02-01", form_version="1",
    obtained="written", language="en", age_group="adult", legal_standing="free",
)  # fmt: skip

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
R4 = {
    "resourceType": "Consent", "status": "active", "scope": {"text": "research"}, "category": [{"text": "r"}],
    "patient": {"reference": "Patient/17"}, "dateTime": "2024-02-03T10:00:00Z",
    "policyRule": {"coding": [{"code": "OPTIN"}]},
    "provision": {
        "period": {"start": "2024-02-03", "end": "2027-02-02"},
        "provision": [
            {"type": "permit", "purpose": [{"system": SYSTEM, "code": "HRESCH"}, {"code": "TEACH"}]},
        ],
    },
}  # fmt: skip
R5 = {
    "resourceType": "Consent", "status": "active", "subject": {"reference": "Patient/18"},
    "date": "2024-02-03", "decision": "deny", "provision": [{"purpose": [{"code": "HRESCH"}]}],
}  # fmt: skip
CONSTANTS = {
    "role": "participant", "form_version": "1", "obtained": "electronic", "language": "en",
    "age_group": "adult", "legal_standing": "free",
}  # fmt: skip
VALUES = {"purposes": {"HRESCH": "analysis", "TEACH": "training", "HMARKT": ""}}


def mapping(person="patient.reference", day="dateTime", **more):
    columns = {"person_id": person, "granted_on": day} | more.pop("columns", {})
    return ConsentMapping(
        columns=columns, constants=CONSTANTS | more.pop("constants", {}), values=VALUES, **more
    )


FOR_R4, FOR_R5 = mapping(), mapping("subject.reference", "date")


def read(*resources, how=FOR_R4):
    return records_of_fhir(json.dumps(list(resources)), how, file="c.json")


def refused(*resources, how=FOR_R4):
    with pytest.raises(ConsentError) as caught:
        read(*resources, how=how)
    return str(caught.value)


def test_what_is_given_out_comes_back_the_same():
    text = json.dumps(to_bundle([RECORD, PLAIN]))
    assert records_of_fhir(text, file="b.json").records == (RECORD, PLAIN)


def test_a_record_is_an_r4_consent_with_its_status_period_and_purposes():
    resource = to_r4(RECORD)
    assert resource["status"] == "inactive"
    assert to_r4(PLAIN)["status"] == "active"
    assert resource["provision"]["period"] == {"start": "2024-01-31", "end": "2026-01-31"}
    (rule,) = resource["provision"]["provision"]
    assert (rule["type"], [each["code"] for each in rule["purpose"]]) == ("permit", ["analysis", "training"])
    assert {"status", "scope", "category", "policyRule"} <= set(resource)


def test_one_resource_a_list_a_bundle_and_ndjson_are_read_alike():
    one = records_of_fhir(json.dumps(R4), FOR_R4, file="c").records
    lines = "\n".join([json.dumps(R4), "", json.dumps({"resourceType": "Patient"})])
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": R4}]})
    assert one == records_of_fhir(lines, FOR_R4, file="c").records
    assert one == records_of_fhir(bundle, FOR_R4, file="c").records
    assert one == read(R4).records
    assert (one[0].person_id, one[0].purposes) == ("17", ("analysis", "training"))


def test_r5_provisions_negate_the_decision():
    assert read(R5, how=FOR_R5).records[0].purposes == ("analysis",)
    permit = R5 | {"decision": "permit"}
    assert read(permit, how=FOR_R5).records[0].purposes == ()
    nested = {
        "purpose": [{"code": "HRESCH"}, {"code": "TEACH"}],
        "provision": [{"purpose": [{"code": "TEACH"}]}],
    }
    assert read(R5 | {"provision": [nested]}, how=FOR_R5).records[0].purposes == ("analysis",)


def test_what_is_denied_anywhere_is_not_granted():
    denied = {"type": "deny", "purpose": [{"code": "TEACH"}]}
    rules = R4["provision"]["provision"]
    resource = R4 | {"provision": {"provision": [*rules, denied]}}
    assert read(resource).records[0].purposes == ("analysis",)
    whole = mapping(constants={"purposes": "analysis training sharing"})
    assert read(resource, how=whole).records[0].purposes == ("analysis", "sharing")


def test_the_base_rule_follows_the_policy():
    root = R4 | {"provision": {"purpose": [{"code": "HRESCH"}]}}
    assert read(root).records[0].purposes == ("analysis",)
    assert read(root | {"policyRule": {"coding": [{"code": "OPTOUT"}]}}).records[0].purposes == ()
    words = refused({name: each for name, each in root.items() if name != "policyRule"})
    assert "nothing says whether a rule permits or denies" in words


@pytest.mark.parametrize(
    ("release", "status"),
    [("R4", status) for status in (*STATUSES["R5"], "withdrawn", None) if status not in STATUSES["R4"]]
    + [("R5", status) for status in (*STATUSES["R4"], "Active", None) if status not in STATUSES["R5"]],
)
def test_a_status_that_the_release_does_not_define_is_refused(release, status):
    resource, how = (R4, FOR_R4) if release == "R4" else (R5, FOR_R5)
    words = refused(resource | {"status": status}, how=how)
    assert "c.json, row 1: " in words
    assert f"{release} defines {', '.join(STATUSES[release])}" in words


@pytest.mark.parametrize("release", ["R4", "R5"])
def test_only_what_was_given_counts(release):
    resource, how = (R4, FOR_R4) if release == "R4" else (R5, FOR_R5)
    others = [
        resource | {"status": status} for status in STATUSES[release] if status not in ("active", "inactive")
    ]
    imported = read(resource, *others, how=how)
    assert (len(imported.records), imported.n_skipped) == (1, 4)


def test_an_inactive_consent_is_withdrawn_on_a_stated_day_or_refused():
    inactive = R4 | {"status": "inactive", "meta": {"lastUpdated": "2025-05-06T10:00:00Z"}}
    assert "it is inactive, and nothing states the day of withdrawal" in refused(inactive)
    stated = mapping(columns={"withdrawn_on": "meta.lastUpdated"})
    assert str(read(inactive, how=stated).records[0].withdrawn_on) == "2025-05-06"
    assert read(inactive | {"status": "active"}, how=stated).records[0].withdrawn_on is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"provision": {"actor": [{"role": "x"}]}}, "a rule is limited by actor, which a record cannot hold"),
        ({"provision": {"purpose": [{"code": "PWATRNY"}]}}, "unknown purpose (word 1 of 1)"),
        (
            {"provision": {"provision": [{"type": "deny", "purpose": [{"code": "X"}]}]}},
            "a purpose is denied that nobody defined",
        ),
        ({"provision": {}}, "none of its rules names a purpose"),
        ({"modifierExtension": [{}]}, "it has modifierExtension"),
        ({"dateTime": "2024-02"}, "granted_on: written as '9999-99'"),
        ({"provision": "all"}, "neither a Consent of FHIR R4 nor one of R5"),
        ({"patient": "Patient/17"}, "the column person_id is empty"),
        ({"subject": {"reference": "Patient/17"}}, "neither a Consent of FHIR R4 nor one of R5"),
        ({"provision": {"provision": ["permit"]}}, "its elements are not of FHIR's form"),
        ({"patient": [{"reference": "a/1"}, {"reference": "a/2"}]}, "2 values at patient.reference"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_or_held_is_refused(change, fault):
    resource = R4 | change
    if change.get("provision") == "all":
        resource = {"resourceType": "Consent", "status": "active", "provision": "all"}
    assert fault in refused(resource)


def test_a_limit_is_left_behind_where_the_mapping_says_so():
    rule = {"purpose": [{"code": "HRESCH"}], "actor": [{"role": {}}]}
    left = mapping(not_carried=("actor",))
    assert read(R4 | {"provision": rule}, how=left).records[0].purposes == ("analysis",)


def test_faults_of_all_resources_are_told_at_once():
    words = refused(R4 | {"status": "on"}, R4 | {"dateTime": "x"}, R4 | {"provision": {}})
    assert all(f"c.json, row {number}" in words for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "is not JSON"),
        ("{}\n{", "is not JSON"),
        ("[]", "holds no FHIR Consent resource"),
        ("3", "holds no"),
    ],
)
def test_what_is_no_fhir_is_refused(text, fault):
    with pytest.raises(ConsentError, match=fault):
        records_of_fhir(text, FOR_R4, file="c.json")


def test_resources_of_others_need_a_mapping():
    with pytest.raises(ConsentError, match="peercompare did not write it"):
        records_of_fhir(json.dumps(R4), file="c.json")


def test_a_resource_of_ours_changed_into_contradiction_is_refused():
    changed = to_r4(RECORD) | {"dateTime": "2024-01-31"}
    changed["extension"][0]["extension"].append({"url": "age_group", "valueString": "Quimby"})
    with pytest.raises(ConsentError) as caught:
        records_of_fhir(json.dumps(changed), file="c.json")
    assert "unknown age group" in str(caught.value)
    assert "Quimby" not in str(caught.value)


DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2030, 1, 1))


@st.composite
def whole_records(draw):
    """Any complete record."""
    role, granted = draw(st.sampled_from(ROLES)), draw(DAYS)
    may = PURPOSES if role in RECORDED_AT_WORK else PURPOSES[:-1]
    ends = st.none() | DAYS.map(lambda day: max(day, granted))
    return ConsentRecord(
        person_id=draw(st.from_regex(r"[A-Z][0-9]{1,4}[-_.]?[a-zé]?", fullmatch=True)), role=role,
        purposes=draw(st.lists(st.sampled_from(may))), granted_on=granted, expires_on=draw(ends),
        withdrawn_on=draw(ends),
        form_version=draw(st.sampled_from(["1", "2022-2", 'v"3"'])), obtained=draw(st.sampled_from(OBTAINED)),
        jurisdiction=draw(st.sampled_from(["", "US", "US-MA"])),
        restrictions=draw(st.lists(st.sampled_from(sorted(set(RESTRICTIONS) - {"DUO:0000025"})))),
        language=draw(st.sampled_from(["en", "es-MX"])), interpreter=draw(st.sampled_from(["", "yes", "no"])),
        age_group=draw(st.sampled_from(AGE_GROUPS)), guardian_consent=draw(DAYS), assent=draw(DAYS),
        legal_standing=draw(st.sampled_from(STANDINGS)), extra_review=draw(DAYS),
        form_sha256=draw(st.sampled_from(["", "ab" * 32])),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(whole_records())
def test_any_whole_record_comes_back_from_r4_and_from_consents_csv(record):
    text = json.dumps(to_bundle([record]))
    assert records_of_fhir(text, file="b.json").records == (record,)
    assert read_records(records_table([record])) == (record,)


WORDS = ["permit", "active", "Quimby", "2024-01-01"]
NAMES = ["provision", "purpose", "code", "type", "period", "start", "coding", "extension", "url", "actor"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(part=st.sampled_from([*R4, *R5]), inside=JSON, how=st.sampled_from([FOR_R4, FOR_R5, None]))
def test_whatever_stands_in_a_resource_it_is_read_or_refused_in_our_words(part, inside, how):
    said = ""
    for resource in (R4, R5):
        try:
            read(resource | {part: inside, "extension": [{"url": EXTENSION}]}, how=how)
        except ConsentError as error:
            said += str(error)
    assert "Quimby" not in said
