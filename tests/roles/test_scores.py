import dataclasses

import numpy as np
import pandas as pd
import pytest

from peercompare.errors import InputError
from peercompare.framework import CuesSeen
from peercompare.roles import score_markers, score_roles


@pytest.fixture
def roles():
    """Seven gardens: gardener found well, manager half, warden never in gold."""
    true = ["gardener"] * 4 + ["gardener_who_manages"] * 4
    given = [*["gardener"] * 3, "warden", *["gardener_who_manages"] * 2, *["gardener"] * 2]
    return pd.DataFrame(
        {
            "document_id": list("abcdefgh"),
            "corpus": "gardens",
            "employer_id": ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G7"],
            "role_type": given,
            "role_type_gold": true,
        }
    )


def row(table, label, score, scope="all"):
    """The one row of a label and score."""
    (found,) = table[
        (table["label"] == label) & (table["score"] == score) & (table["scope"] == scope)
    ].to_dict("records")
    return found


def test_scores_of_role_types_are_those_counted_by_hand(roles, tiny_framework):
    table = score_roles(roles, tiny_framework)
    assert row(table, "", "accuracy")["estimate"] == pytest.approx(5 / 8)
    assert row(table, "", "accuracy_of_commonest")["estimate"] == pytest.approx(4 / 8)
    assert row(table, "gardener", "precision")["estimate"] == pytest.approx(3 / 5)
    assert row(table, "gardener", "recall")["estimate"] == pytest.approx(3 / 4)
    f1 = [2 * 3 / (4 + 5), 2 * 2 / (4 + 2)]
    assert row(table, "", "macro_f1")["estimate"] == pytest.approx(np.mean(f1))
    assert row(table, "gardener", "f1")["n_gold"] == 4
    assert row(table, "gardener", "f1")["n_found"] == 5


def test_intervals_hold_their_estimate_and_stay_on_the_scale(roles, tiny_framework):
    table = score_roles(roles, tiny_framework)
    shown = table.dropna(subset=["lower"])
    assert len(shown) >= 3
    assert ((shown["lower"] >= 0) & (shown["lower"] <= shown["estimate"])).all()
    assert ((shown["upper"] <= 1) & (shown["upper"] >= shown["estimate"])).all()
    assert (shown["n_clusters"] >= 5).all()


def test_every_missing_estimate_or_interval_has_its_reason(roles, tiny_framework):
    table = score_roles(roles, tiny_framework)
    assert (table["reason"] != "").equals(table["lower"].isna())
    assert row(table, "warden", "recall")["reason"] == "no document has it in gold"
    missed = roles.assign(role_type="gardener")
    reason = row(score_roles(missed, tiny_framework), "gardener_who_manages", "precision")["reason"]
    assert reason == "it was found in no document"


def test_clusters_whose_texts_were_read_for_the_cues_are_left_out_of_the_unseen_scope(roles, tiny_framework):
    seen = (CuesSeen(corpus="gardens", clusters=("G1", "G2")), CuesSeen(corpus="other", clusters=("G7",)))
    table = score_roles(roles, dataclasses.replace(tiny_framework, cues_seen=seen))
    assert row(table, "", "accuracy")["n_documents"] == 8
    assert row(table, "", "accuracy", "unseen")["n_documents"] == 6
    assert row(table, "", "accuracy", "unseen")["estimate"] == pytest.approx(3 / 6)
    assert set(score_roles(roles, tiny_framework)["scope"]) == {"all"}


def test_documents_without_gold_are_left_out(roles, tiny_framework):
    roles.loc[7, "role_type_gold"] = ""
    assert row(score_roles(roles, tiny_framework), "", "accuracy")["n_documents"] == 7
    with pytest.raises(InputError, match="no document has a gold role type"):
        score_roles(roles.assign(role_type_gold=""), tiny_framework)


def test_markers_are_scored_document_by_document_and_finding_by_finding(tiny_framework):
    documents = pd.DataFrame({"document_id": list("abcdef"), "employer_id": [f"G{n}" for n in range(6)]})
    gold = pd.DataFrame(
        [("a", "counting", "present"), ("b", "counting", "present"), ("c", "open_shed", "present")],
        columns=["document_id", "marker", "finding"],
    )
    found = pd.DataFrame(
        [("a", "counting", "present"), ("b", "counting", "excluded"), ("d", "counting", "present")],
        columns=["document_id", "marker", "finding"],
    )
    table = score_markers(found, gold, documents, tiny_framework)
    present = table[table["task"] == "marker"]
    assert row(present, "counting", "precision")["estimate"] == pytest.approx(1 / 2)
    assert row(present, "counting", "recall")["estimate"] == pytest.approx(1 / 2)
    assert row(present, "", "recall")["estimate"] == pytest.approx(1 / 3)
    assert row(present, "", "recall")["n_documents"] == 6
    excluded = table[table["task"] == "marker_excluded"]
    assert row(excluded, "counting", "precision")["estimate"] == 0.0
    assert np.isnan(row(excluded, "counting", "recall")["estimate"])


def test_missing_columns_are_named(roles, tiny_framework):
    with pytest.raises(InputError, match="'employer_id' is missing"):
        score_roles(roles.drop(columns="employer_id"), tiny_framework)


def test_one_cluster_alone_gives_a_point_and_the_reason_for_no_interval(roles, tiny_framework):
    one = roles[roles["employer_id"] == roles["employer_id"].iloc[-1]]
    macro = row(score_roles(one, tiny_framework), "", "macro_f1")
    assert 0 <= macro["estimate"] <= 1
    assert np.isnan(macro["lower"])
    assert "rests on 1" in macro["reason"]
