import numpy as np
import pandas as pd
import pytest

from peercompare.errors import InputError
from peercompare.roles import classify_roles, mask_titles, title_against_duties, title_family


def made(over, employers, *, setting="yard", gold=""):
    """Roles table in which every title promises the first stance."""
    return pd.DataFrame(
        {
            "document_id": [f"d{n}" for n in range(len(over))],
            "employer_id": employers,
            "setting": setting,
            "role_type": "any",
            "role_type_gold": gold,
            "promises_first": True,
            "over_last": over,
            "over_last_gold": [not value for value in over],
        }
    )


@pytest.mark.parametrize(
    ("title", "family"),
    [
        ("Certified Peer Specialist", "peer"),
        ("Recovery Coach", "peer"),
        ("Director of Peer Support", "leadership"),
        ("Psychiatric Social Worker", "clinical"),
        ("Van driver", "other"),
    ],
)
def test_titles_are_told_apart_by_the_frameworks_words(deegan, title, family):
    assert title_family(title, deegan) == family


def test_a_title_of_no_family_is_empty_where_no_family_takes_the_rest(tiny_framework):
    assert title_family("Van driver", tiny_framework) == ""


def test_words_of_titles_are_masked_everywhere_and_reported(deegan, tiny_framework):
    masked, words = mask_titles("A Peer Specialist is a peer. Social workers agree. Appear.", deegan)
    assert masked == "A [title] is a [title]. [title] agree. Appear."
    assert words == ("peer", "peer specialist", "social workers")
    assert mask_titles("Gardeners dig.", tiny_framework, mask="X") == ("X dig.", ("gardeners",))


def test_titles_over_other_duties_are_counted_overall_and_by_group(
    documents, segments, predictions, tiny_framework
):
    roles = classify_roles(documents, segments, predictions, tiny_framework)
    table = title_against_duties(roles, by="setting").set_index("group")
    assert table.index.tolist() == ["all", "allotment", "yard"]
    assert table["n_documents_all"].tolist() == [5, 3, 2]
    assert table["n_documents"].tolist() == table["n_peer_titles"].tolist() == [2, 2, 0]
    assert table["n_over_clinical_duties"].tolist() == [1, 1, 0]
    assert table.loc["all", "share"] == 0.5
    assert np.isnan(table.loc["yard", "share"])
    assert table.loc["yard", "reason"] == "no such title here"


def test_employers_are_the_draws_so_more_postings_of_one_employer_do_not_narrow_the_interval():
    once = made([True, False] * 3, [f"E{n}" for n in range(6)])
    thrice = pd.concat([once] * 3, ignore_index=True)
    one, many = (title_against_duties(roles).iloc[0] for roles in (once, thrice))
    assert many["n_documents"] == 3 * one["n_documents"]
    assert many["n_employers"] == one["n_employers"] == 6
    assert many["share"] == one["share"] == 0.5
    assert many["lower"] == pytest.approx(one["lower"])
    assert 0 < one["lower"] < 0.5 < one["upper"] < 1


def test_under_five_employers_the_point_stands_alone_with_the_reason():
    row = title_against_duties(made([True, False, True], ["E1", "E2", "E3"])).iloc[0]
    assert row["share"] == pytest.approx(2 / 3)
    assert np.isnan(row["lower"])
    assert "at least five clusters and this rests on 3" in row["reason"]


def test_where_all_employers_agree_there_is_no_interval_and_no_false_certainty():
    row = title_against_duties(made([True] * 7, [f"E{n}" for n in range(7)])).iloc[0]
    assert row["share"] == 1.0
    assert np.isnan(row["upper"])
    assert "same in all" in row["reason"]


def test_gold_role_types_can_be_counted_instead():
    roles = made([True, False, True], ["E1", "E2", "E3"], gold="any")
    assert title_against_duties(roles, role_type="role_type_gold").loc[0, "n_over_clinical_duties"] == 1


def test_gold_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no gold role type: d0, d1"):
        title_against_duties(made([True, False], ["E1", "E2"]), role_type="role_type_gold")


def test_a_wrong_column_is_refused():
    roles = made([True], ["E1"])
    with pytest.raises(InputError, match="'county' is missing"):
        title_against_duties(roles, by="county")
    with pytest.raises(InputError, match="use role_type or role_type_gold"):
        title_against_duties(roles, role_type="setting")
