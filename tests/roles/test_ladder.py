"""Role types beside the title alone and beside coders; and what is taken for what."""

import numpy as np
import pandas as pd
import pytest

from peercompare.errors import InputError
from peercompare.roles import role_confusion, role_ladder

GARDENER, MANAGER, WARDEN = "gardener", "gardener_who_manages", "warden"


@pytest.fixture
def roles():
    """Seven gardens; titles of one family are mostly of one type."""
    return pd.DataFrame(
        {
            "document_id": list("abcdefgh"),
            "corpus": "gardens",
            "employer_id": ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G7"],
            "title_family": ["g", "g", "g", "g", "w", "w", "w", "g"],
            "role_type": [GARDENER] * 3 + [WARDEN] + [MANAGER] * 2 + [GARDENER] * 2,
            "role_type_gold": [GARDENER] * 4 + [MANAGER] * 4,
        }
    )


@pytest.fixture
def role_types(roles):
    """Two coders who differ on one document; gold is the first."""
    one = roles["role_type_gold"].tolist()
    two = [WARDEN, *one[1:]]
    rows = [
        (document, coder, value)
        for coder, values in (("ann", one), ("bo", two), ("gold", one))
        for document, value in zip(roles["document_id"], values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["document_id", "coder_id", "role_type"])


def accuracy(table, reader):
    rows = table[(table["reader"] == reader) & (table["score"] == "accuracy") & (table["scope"] == "all")]
    return rows["estimate"].item()


def test_each_rung_is_scored_as_counted_by_hand(roles, role_types, tiny_framework):
    table = role_ladder(roles, role_types, tiny_framework)
    assert accuracy(table, "program") == pytest.approx(5 / 8)
    # Titles "g" are gardeners among other gardens, "w" managers: wrong for the last document alone.
    assert accuracy(table, "title_alone") == pytest.approx(7 / 8)
    assert accuracy(table, "bo") == pytest.approx(7 / 8)
    assert set(table.loc[table["reader"] == "bo", "against"]) == {"ann"}


def test_the_title_alone_learns_from_other_employers_only(tiny_framework, role_types, roles):
    # Garden 7 is the only one with the family "x": nothing is known of it but the commonest type elsewhere.
    table = role_ladder(roles.assign(title_family=["g"] * 6 + ["x"] * 2), role_types, tiny_framework)
    found = table[
        (table["reader"] == "title_alone") & (table["label"] == GARDENER) & (table["score"] == "recall")
    ]
    assert found["estimate"].item() == 1.0
    assert accuracy(table, "title_alone") == pytest.approx(4 / 8)


def test_coders_are_never_set_against_the_gold_made_from_them(roles, role_types, tiny_framework):
    table = role_ladder(roles, role_types, tiny_framework)
    assert set(zip(table["reader"], table["against"], strict=True)) == {
        ("program", "gold"),
        ("title_alone", "gold"),
        ("bo", "ann"),
    }


def test_a_single_coder_has_no_ceiling_and_no_row(roles, role_types, tiny_framework):
    alone = role_types[role_types["coder_id"] != "bo"]
    assert set(role_ladder(roles, alone, tiny_framework)["reader"]) == {"program", "title_alone"}


def test_what_is_taken_for_what_adds_up_within_each_gold_type(roles, tiny_framework):
    table = role_confusion(roles, tiny_framework)
    assert len(table) == len(tiny_framework.role_types) ** 2
    gardeners = table[table["gold"] == GARDENER].set_index("found")
    assert gardeners["n"].to_dict() | {} == {**dict.fromkeys(gardeners.index, 0), GARDENER: 3, WARDEN: 1}
    assert gardeners["share"].sum() == pytest.approx(1.0)
    wardens = table[table["gold"] == WARDEN]
    assert wardens["share"].isna().all()
    assert (wardens["reason"] == "gold never has this type").all()
    assert (table["lower"].isna() == (table["reason"] != "")).all()


def test_intervals_are_over_employers(roles, tiny_framework):
    more = pd.concat([roles.assign(employer_id=f"{n}" + roles["employer_id"]) for n in range(3)])
    row = role_confusion(more, tiny_framework).query("gold == @GARDENER and found == @WARDEN").iloc[0]
    assert row["n_clusters"] == 12
    assert 0 <= row["lower"] < 0.25 < row["upper"]
    few = role_confusion(roles, tiny_framework).query("gold == @GARDENER and found == @WARDEN").iloc[0]
    assert np.isnan(few["lower"])
    assert "rests on 4" in few["reason"]


def test_columns_that_are_missing_are_named(roles, role_types, tiny_framework):
    with pytest.raises(InputError, match="'title_family' is missing"):
        role_ladder(roles.drop(columns="title_family"), role_types, tiny_framework)
    with pytest.raises(InputError, match="'coder_id' is missing"):
        role_ladder(roles, role_types.drop(columns="coder_id"), tiny_framework)
    with pytest.raises(InputError, match="'role_type_gold' is missing"):
        role_confusion(roles.drop(columns="role_type_gold"), tiny_framework)
