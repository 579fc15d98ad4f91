"""Duties under titles that promise the first stance, counted by segments and by titles."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import COLUMNS, Plan, score_table
from peercompare.errors import DisclosureError, InputError, UndefinedError
from peercompare.roles import classify_roles, duties_under_titles, title_against_duties

PLAN = Plan("gardens", "employer_id")
CODES = {"shared": "tools/shared", "both": "tools/both", "managed": "tools/managed", "none": "none"}


def only(table, estimand):
    """The one row of an estimand."""
    (found,) = table[table["estimand"] == estimand].to_dict("records")
    return found


@pytest.fixture
def roles(documents, segments, predictions, tiny_framework):
    return classify_roles(documents, segments, predictions, tiny_framework)


@pytest.fixture
def scores(documents, segments, predictions, tiny_framework):
    labels = predictions[list(CODES)].idxmax(axis=1).map(CODES)
    codings = pd.DataFrame(
        {"segment_id": segments["segment_id"], "coder_id": "gold", "code": labels, "memo": ""}
    ).assign(is_primary=True, tags="")
    dated = documents.assign(date=pd.to_datetime("2020-01-01"))
    return score_table(codings, segments[["segment_id", "document_id"]], dated, tiny_framework)


def many(scores, roles, times):
    """The same postings by ever new employers."""
    copies = []
    for table in (scores, roles):
        parts = []
        for number in range(times):
            part = table.assign(employer_id=f"X{number}" + table["employer_id"])
            part["document_id"] = f"x{number}" + part["document_id"]
            if "segment_id" in part:
                part["segment_id"] = f"x{number}" + part["segment_id"]
            parts.append(part)
        copies.append(pd.concat(parts, ignore_index=True))
    return copies


def test_only_postings_with_such_a_title_count(scores, roles, tiny_framework):
    table = duties_under_titles(scores, roles, tiny_framework, plan=PLAN)
    assert tuple(table.columns) == COLUMNS
    # Titles a and b promise: of their six segments five take a stance, two managed.
    share = only(table, "share_managed")
    assert share["estimate"] == pytest.approx(2 / 5)
    assert (share["n_documents"], share["n_segments"]) == (2, 5)
    assert "title" in share["target"]
    over = only(table, "titles_over_duties")
    assert over["estimate"] == title_against_duties(roles).loc[0, "share"] == 0.5
    assert (over["n_documents"], over["n_coded"], over["labels"]) == (2, 2, "role types by rules")


def test_every_estimate_has_an_interval_over_employers_or_a_reason(scores, roles, tiny_framework):
    few = duties_under_titles(scores, roles, tiny_framework, plan=PLAN)
    assert few["lower"].isna().all()
    assert few["reason"].str.contains("at least five employers").all()
    assert few["target"].str.startswith("this corpus").all()
    scores, roles = many(scores, roles, 8)
    roles.loc[roles["document_id"] == "x3a", "over_last"] = True
    enough = duties_under_titles(scores, roles, tiny_framework, plan=PLAN)
    over = enough[enough["estimand"] == "titles_over_duties"].iloc[0]
    assert over["lower"] < over["estimate"] < over["upper"]
    assert over["n_clusters"] == 8
    assert over["target"].startswith("employers like these")


def test_groups_are_the_same_for_segments_and_for_titles(scores, roles, tiny_framework):
    scores, roles = many(scores, roles, 3)
    scores["kind"] = np.where(scores["document_id"].str.startswith("x0"), "charity", "state")
    groups = ["all", "kind", ("setting", "kind")]
    table = duties_under_titles(scores, roles, tiny_framework, plan=PLAN, group_by=groups)
    named = {
        estimand: set(zip(rows["group_by"], rows["group"], strict=True))
        for estimand, rows in table.groupby("estimand")
    }
    assert named["share_managed"] == named["titles_over_duties"]
    assert ("setting x kind", "allotment | charity") in named["titles_over_duties"]
    sizes = table[(table["estimand"] == "titles_over_duties") & (table["group_by"] == "kind")]
    assert dict(zip(sizes["group"], sizes["n_coded"], strict=True)) == {"charity": 2, "state": 4}


def test_gold_role_types_are_taken_where_every_document_has_one(scores, roles, tiny_framework):
    gold = roles.assign(role_type_gold="any", over_last_gold=False)
    table = duties_under_titles(scores, gold, tiny_framework, plan=PLAN)
    over = table[table["estimand"] == "titles_over_duties"].iloc[0]
    assert (over["estimate"], over["labels"]) == (0.0, "role types by gold")


def test_what_cannot_be_asked_is_refused(scores, roles, tiny_framework):
    ask = {"plan": PLAN}
    with pytest.raises(InputError, match="1 documents have no row among the roles: e"):
        duties_under_titles(scores, roles[roles["document_id"] != "e"], tiny_framework, **ask)
    with pytest.raises(UndefinedError, match="no segments of postings with"):
        duties_under_titles(scores, roles.assign(promises_first=False), tiny_framework, **ask)
    with pytest.raises(DisclosureError):
        duties_under_titles(
            scores.assign(worker_id="W"), roles, tiny_framework, group_by=["worker_id"], **ask
        )
    with pytest.raises(InputError, match="like these only"):
        duties_under_titles(
            scores, roles, tiny_framework, plan=dataclasses.replace(PLAN, target="this_corpus")
        )


def test_a_framework_without_such_titles_has_no_such_question(scores, roles, tiny_framework):
    bare = dataclasses.replace(tiny_framework, title_families=())
    with pytest.raises(UndefinedError, match="no title that promises"):
        duties_under_titles(scores, roles, bare, plan=PLAN)
