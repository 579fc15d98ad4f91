from datetime import date

import pandas as pd
import pytest

from peercompare.consent import PURPOSES, Consents
from peercompare.consent.restrictions import RESTRICTIONS, restriction_refusal


def refused(terms, expires_on=""):
    return {purpose for purpose in PURPOSES if restriction_refusal(terms, purpose, expires_on)}


def test_what_code_can_see_is_enforced_and_the_rest_is_left_to_people():
    enforced = {term.id for term in RESTRICTIONS.values() if term.enforced}
    assert enforced == {"DUO:0000015", "DUO:0000025", "DUO:0000026", "DUO:0000027", "DUO:0000028"}
    assert not RESTRICTIONS["DUO:0000045"].enforced


def test_no_methods_research_forbids_training_alone():
    assert refused("DUO:0000015") == {"training"}


@pytest.mark.parametrize("term", ["DUO:0000026", "DUO:0000027", "DUO:0000028"])
def test_restriction_to_users_project_or_institution_forbids_sharing_alone(term):
    assert refused(f"DUO:0000004 {term}") == {"sharing"}


def test_a_time_limit_without_a_last_day_forbids_everything():
    assert refused("DUO:0000025") == set(PURPOSES)
    assert refused("DUO:0000025", expires_on="2025-01-01") == set()


def test_a_term_that_nobody_knows_forbids_everything():
    assert refused("DUO:9999999") == set(PURPOSES)


def test_the_gate_obeys_restrictions_and_counts_by_term():
    cells = {
        "purposes": "analysis training", "granted_on": "2023-01-01", "expires_on": "", "withdrawn_on": "",
        "age_group": "adult", "legal_standing": "free", "restrictions": "DUO:0000015 DUO:0000045",
    }  # fmt: skip
    records, day = Consents(pd.DataFrame([cells], index=["P1"], dtype="str")), date(2024, 1, 31)
    assert records.refusal("P1", "analysis", day) == ""
    assert records.refusal("P1", "training", day) == "restricted by DUO:0000015"
