"""The rules together: switches, overlaps, and what every kind finds and leaves."""

import pytest

from peercompare.deidentify import KINDS, detector
from peercompare.deidentify.kinds import NOT_IN_TEXT
from peercompare.deidentify.rules import ALL_RULES, Hit, Switches, merged
from peercompare.errors import InputError


def found(text, **how):
    return [(hit.kind, text[hit.start : hit.end]) for hit in detector(**how).find(text)]


def switched(**switches):
    return {"switches": Switches(**switches)}


def test_the_kinds_are_the_eighteen_of_the_regulation_in_its_order():
    assert "".join(kind.paragraph for kind in KINDS.values()) == "ABCDEFGHIJKLMNOPQR"


def test_every_kind_that_can_stand_in_a_text_has_a_rule():
    assert set(ALL_RULES.values()) == set(KINDS) - set(NOT_IN_TEXT)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("on 2020-02-03.", "date", "2020-02-03"), ("in 02/2020.", "date", "02/2020"),
        ("the 3 May bus", "date", "the 3 May"), ("on Feb. 3rd, 2020 it", "date", "Feb. 3rd, 2020"),
        ("She is 91.", "date", "91"), ("aged 104 then", "date", "aged 104"),
        ("a 92-year-old man", "date", "92-year-old"), ("born in 1930", "date", "1930"),
        ("at 5 Oak Lane, Apt. 2", "place", "5 Oak Lane, Apt. 2"), ("in Dover, NH now", "place", "Dover"),
        ("in Kent County", "place", "Kent County"), ("NY 10001", "place", "10001"),
        ("K1A 0B1 it is", "place", "K1A 0B1"), ("call (212) 555-0100 x5", "phone", "(212) 555-0100 x5"),
        ("fax: 212-555-0100", "fax", "212-555-0100"),
        ("a.b+c@d.example.org!", "email", "a.b+c@d.example.org"),
        ("SSN: 123 45 6789", "ssn", "123 45 6789"), ("MRN# 12345", "medical_record", "12345"),
        ("Medicare no. 1EG4TE5MK73", "health_plan", "1EG4TE5MK73"), ("account ending 4", None, ""),
        ("account number is 12-345", "account", "12-345"), ("license no. AB1234", "licence", "AB1234"),
        ("plate ABC 123", "vehicle", "ABC 123"), ("VIN 1M8GDM9AXKP042788", "vehicle", "1M8GDM9AXKP042788"),
        ("serial: XY-99812", "device", "XY-99812"), ("see http://a.org/b?c=1.", "url", "http://a.org/b?c=1"),
        ("at 10.0.0.1.", "ip", "10.0.0.1"), ("fe80::1 replied", "ip", "fe80::1"),
        ("case number 12-CV-881", "other_number", "12-CV-881"),
        ("the code 99812 it", "other_number", "99812"),
    ],
)  # fmt: skip
def test_every_kind_is_found_by_its_pattern(text, kind, words):
    assert found(text) == ([(kind, words)] if kind else [])


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 and the 1990s, 2019-2021.", "I may march on.", "She is 42.", "It is 90 percent.", "at 10:30",
        "$12500 or £ 99999", "3 of 5", "chart 3", "a.m. and p.m.", "e.g. this", "version 1.2.3",
        "one, two, three", "in Massachusetts", "my account of it", "the record shows", "1,200,000 people",
    ],
)  # fmt: skip
def test_years_amounts_and_plain_words_are_left_alone(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("On 2020-02-03", "[date in 2020]"), ("on March 3, 2021", "[date in 2021]"), ("on March 3", "[date]"),
        ("He is 93.", "[age over 89]"), ("born in 1931", "[year of birth]"),
    ],
)  # fmt: skip
def test_the_year_of_a_date_may_stay(text, words):
    assert [hit.replacement for hit in detector().find(text)] == [words]


def test_no_pattern_reaches_over_the_end_of_a_line():
    text = "on March\n3, 2020 call 413-555\n0147 at 12 Oak\nStreet"
    assert all("\n" not in words for _, words in found(text))


def test_a_place_of_the_users_list_is_found_whatever_its_case_and_blanks():
    assert found("in  HARLOW  falls.", places=["Harlow Falls", ""]) == [("place", "HARLOW  falls")]
    assert found("in Harlow Fallside.", places=["Harlow Falls"]) == []


def test_a_kind_can_be_switched_off_and_a_rule_of_it_kept():
    text = "Monday, March 3, at 10.0.0.1"
    assert found(text, **switched(without=["ip"])) == [("date", "Monday, March 3")]
    assert found(text, **switched(only=["ip"])) == [("ip", "10.0.0.1")]
    assert found("Monday", **switched(also=["weekday"])) == [("date", "Monday")]
    assert found(text, **switched(without=["date"], also=["weekday"])) == [
        ("date", "Monday"),
        ("ip", "10.0.0.1"),
    ]


def test_what_is_switched_off_is_told(finder):
    told = detector(switches=Switches(without=["ip", "card_number"])).off
    assert {"full_name", "ip", "card_number", "weekday", "place_listed"} <= set(told)
    assert "full_name" not in finder.off
    assert "biometric" not in told


def test_an_unknown_switch_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean phone"):
        Switches(only=["fone"], without=["xyz"]).on()


def test_rules_cannot_all_be_off():
    with pytest.raises(InputError, match="Every rule is switched off"):
        Switches(without=list(KINDS)).on()


def test_overlapping_hits_become_one_over_all_of_them_named_after_the_longest():
    hits = [Hit(4, 9, "phone", "phone"), Hit(0, 6, "place", "address", "x"), Hit(9, 12, "ip", "ip4")]
    assert merged(hits) == [Hit(0, 9, "place", "address"), Hit(9, 12, "ip", "ip4")]


def test_of_hits_alike_the_rule_that_stands_earlier_names_them():
    hits = [Hit(0, 5, "other_number", "code"), Hit(0, 5, "medical_record", "record_number")]
    assert [hit.kind for hit in merged(hits)] == ["medical_record"]


def test_a_name_of_the_roster_goes_before_a_longer_name_of_a_model():
    hits = [Hit(0, 11, "name", "model_name"), Hit(0, 5, "name", "part_of_a_name", person_id="V1")]
    assert merged(hits) == [Hit(0, 11, "name", "part_of_a_name", person_id="V1")]
