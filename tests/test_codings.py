import numpy as np
import pandas as pd
import pytest

from peercompare.codings import (
    GOLD,
    coders,
    dimensions,
    has_tag,
    primary_codes,
    reliability_data,
    stances,
    tie_shares,
    vote_table,
)
from peercompare.errors import CodingError

# three coders and gold, four segments; cem coded two of them
ROWS = [
    ("s1", "ann", "tools/shared", True, "", ""),
    ("s1", "ann", "harvest/both", False, "", ""),
    ("s1", "bob", "tools/managed", True, "", ""),
    ("s1", GOLD, "tools/shared", True, "", ""),
    ("s2", "ann", "none", True, "by_bylaw", ""),
    ("s2", "bob", "none", True, "", ""),
    ("s2", "cem", "harvest/both", True, "", ""),
    ("s2", GOLD, "none", True, "", ""),
    ("s3", "ann", "harvest/managed", True, "", "two in one; rule 8"),
    ("s3", "bob", "harvest/managed", True, "", ""),
    ("s3", "cem", "harvest/managed", True, "", ""),
    ("s3", GOLD, "harvest/managed", True, "by_bylaw", ""),
    ("s3", GOLD, "harvest/shared", False, "", ""),
    ("s4", "bob", "tools/both", True, "by_bylaw", ""),
]


@pytest.fixture
def codings():
    return pd.DataFrame(ROWS, columns=["segment_id", "coder_id", "code", "is_primary", "tags", "memo"])


def test_gold_is_never_a_coder(codings, tiny_framework):
    assert coders(codings) == ("ann", "bob", "cem")
    assert reliability_data(codings, framework=tiny_framework).coders == ("ann", "bob", "cem")


def test_primary_codes_are_one_for_each_segment_that_was_coded(codings):
    assert primary_codes(codings, "ann").to_dict() == {
        "s1": "tools/shared",
        "s2": "none",
        "s3": "harvest/managed",
    }
    assert primary_codes(codings, GOLD).index.name == "segment_id"


def test_primary_codes_of_nobody_are_refused_with_the_coders_there_are(codings):
    with pytest.raises(CodingError, match="ann, bob, cem, gold"):
        primary_codes(codings, "dov")


def test_stances_and_dimensions_keep_none_and_what_is_missing(tiny_framework):
    codes = pd.Series(["tools/managed", "none", None], index=["a", "b", "c"])
    assert stances(codes, tiny_framework).tolist()[:2] == ["managed", "none"]
    assert dimensions(codes, tiny_framework).tolist()[:2] == ["tools", "none"]
    assert pd.isna(stances(codes, tiny_framework)["c"])


def test_unknown_codes_are_all_named(tiny_framework):
    codes = pd.Series(["tools/none", "focus/peer", "none"], index=["a", "b", "c"])
    with pytest.raises(CodingError) as caught:
        stances(codes, tiny_framework)
    assert [each.where for each in caught.value.problems] == ["a", "b"]


def test_reliability_data_are_coders_by_units_with_none_where_not_coded(codings, tiny_framework):
    data = reliability_data(codings, framework=tiny_framework)
    assert data.values.shape == (3, 4)
    assert data.units == ("s1", "s2", "s3", "s4")
    assert data.values.tolist() == [
        ["tools/shared", "none", "harvest/managed", None],
        ["tools/managed", "none", "harvest/managed", "tools/both"],
        [None, "harvest/both", "harvest/managed", None],
    ]


@pytest.mark.parametrize(
    ("level", "expected"),
    [("stance", ["shared", "none", "managed"]), ("dimension", ["tools", "none", "harvest"])],
)
def test_reliability_data_may_be_by_stance_or_dimension(codings, tiny_framework, level, expected):
    data = reliability_data(codings, framework=tiny_framework, level=level)
    assert data.values[0].tolist() == [*expected, None]


def test_one_coder_alone_is_refused(codings, tiny_framework):
    alone = codings[codings["coder_id"].isin(["ann", GOLD])]
    with pytest.raises(CodingError, match=r"needs two coders; garden has 1 \(ann\)[\s\S]*second coder"):
        reliability_data(alone, framework=tiny_framework, corpus_name="garden")
    with pytest.raises(CodingError, match=r"the codings table has none[\s\S]*have two coders code"):
        reliability_data(alone.iloc[:0], framework=tiny_framework)


def test_where_nobody_coded_it_is_said_in_which_corpus_and_what_to_do(codings):
    without = codings[codings["coder_id"] != GOLD]
    with pytest.raises(CodingError, match=r"by 'gold' in garden\nWhat to do: settle .*with coder_id gold"):
        primary_codes(without, GOLD, corpus_name="garden")
    with pytest.raises(CodingError, match=r"by 'zoe' in the codings\nWhat to do: name one .*ann"):
        primary_codes(codings, "zoe")
    with pytest.raises(CodingError, match="nothing is coded yet"):
        primary_codes(codings.iloc[:0], GOLD)


def test_two_primary_codes_by_one_coder_are_refused(codings, tiny_framework):
    twice = pd.concat([codings, codings.iloc[[0]].assign(code="none")])
    for act in (
        lambda: primary_codes(twice, "ann"),
        lambda: reliability_data(twice, framework=tiny_framework),
        lambda: vote_table(twice, framework=tiny_framework),
    ):
        with pytest.raises(CodingError, match="s1: coder ann has two primary codes"):
            act()


def test_an_unknown_level_a_missing_column_and_negative_weights_are_refused(codings, tiny_framework):
    with pytest.raises(CodingError, match="code, stance, dimension"):
        reliability_data(codings, framework=tiny_framework, level="marker")
    with pytest.raises(CodingError, match="'is_primary' is missing"):
        primary_codes(codings.drop(columns="is_primary"), "ann")
    with pytest.raises(CodingError, match="0 or more"):
        vote_table(codings, framework=tiny_framework, coder_weight=-1)


def test_gold_decides_on_tags_where_there_is_gold(codings):
    assert has_tag(codings, ["by_bylaw"]).to_dict() == {"s1": False, "s2": False, "s3": True, "s4": True}
    assert not has_tag(codings, ["other"]).any()
    assert has_tag(codings, "by_bylaw").sum() == 2


def test_votes_weigh_gold_most_and_sum_by_label(codings, tiny_framework):
    votes = vote_table(codings, framework=tiny_framework).set_index(["segment_id", "label"])["weight"]
    assert votes.to_dict() == {
        ("s1", "shared"): 2.5,
        ("s1", "managed"): 0.5,
        ("s2", "none"): 3.0,
        ("s2", "both"): 0.5,
        ("s3", "managed"): 3.5,
        ("s4", "both"): 0.5,
    }


def test_a_weight_of_nothing_gives_no_row(codings, tiny_framework):
    votes = vote_table(codings, framework=tiny_framework, coder_weight=0)
    assert votes["segment_id"].tolist() == ["s1", "s2", "s3"]
    assert (votes["weight"] == 2).all()


def test_ties_are_split_and_every_other_segment_is_whole(codings, tiny_framework):
    shares = tie_shares(codings, tiny_framework)
    assert list(shares.columns) == list(tiny_framework.labels)
    assert shares.loc["s1"].tolist() == [0, 1, 0, 0]
    assert shares.loc["s2"].tolist() == [1, 0, 0, 0]
    assert shares.loc["s3"].tolist() == [0, 0.5, 0, 0.5]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert "s4" not in shares.index


def test_a_memo_of_a_coder_whom_gold_did_not_follow_makes_no_tie(codings, tiny_framework):
    other = codings.copy()
    other.loc[other["segment_id"].eq("s3") & other["coder_id"].eq("ann"), "code"] = "tools/both"
    assert tie_shares(other, tiny_framework).loc["s3"].tolist() == [0, 0, 0, 1]
    said = other.copy()
    said.loc[said["coder_id"].eq(GOLD) & said["is_primary"], "memo"] = "adjudicated: rule 8: both"
    assert tie_shares(said, tiny_framework).loc["s3"].tolist() == [0, 0.5, 0, 0.5]


def test_without_gold_there_are_no_shares(codings, tiny_framework):
    shares = tie_shares(codings[codings["coder_id"] != GOLD], tiny_framework)
    assert shares.empty
    assert list(shares.columns) == list(tiny_framework.labels)


def test_the_callers_table_stays_as_it_was(codings, tiny_framework):
    before = codings.copy()
    reliability_data(codings, framework=tiny_framework)
    vote_table(codings, framework=tiny_framework)
    tie_shares(codings, tiny_framework)
    has_tag(codings, ["by_bylaw"])
    pd.testing.assert_frame_equal(codings, before)
