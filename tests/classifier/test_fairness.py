"""Errors are compared between groups of words, never between people, and what few say is withheld."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.fairness import FAIRNESS_COLUMNS, fairness_table
from peercompare.errors import DisclosureError, InputError, UndefinedError


@pytest.fixture(scope="module")
def wide(make_garden):
    """A garden of twelve plots, six on a hill."""
    corpus = make_garden(n_plots=12)
    hill = corpus.documents["plot_id"].str[1:].astype(int) < 6
    return replace(corpus, documents=corpus.documents.assign(setting=np.where(hill, "hill", "valley")))


def truth_of(corpus):
    gold = corpus.codings[corpus.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    return gold.map(corpus.framework.stance_of).loc[corpus.segments["segment_id"]]


def wrong_where(corpus, chosen):
    """Predictions that are right, but take `shared` for `managed` in the chosen segments."""
    labels = list(corpus.framework.labels)
    truth = truth_of(corpus).to_numpy(dtype=object)
    said = np.where(np.asarray(chosen) & (truth == "shared"), "managed", truth)
    one_hot = pd.DataFrame(np.eye(len(labels))[pd.Index(labels).get_indexer(said)], columns=labels)
    return one_hot.assign(segment_id=corpus.segments["segment_id"].to_numpy())


def on_the_hill(corpus):
    setting = corpus.documents.set_index("document_id")["setting"]
    return (corpus.segments["document_id"].map(setting) == "hill").to_numpy()


def test_the_group_whose_words_are_misread_stands_out(wide):
    hill = on_the_hill(wide)
    odd = np.arange(len(hill)) % 3 == 0
    table = fairness_table(wide, wrong_where(wide, hill & odd)).set_index(["group_by", "group"])
    shared = (truth_of(wide) == "shared").to_numpy()
    share = odd[hill & shared].mean()
    row = table.loc[("setting", "hill")]
    assert row["estimate"] == row["difference"] == pytest.approx(share)
    assert table.loc[("setting", "valley"), "estimate"] == 0
    assert table.loc[("setting", "valley"), "difference"] == pytest.approx(-share)
    assert row["n_segments"] == (hill & shared).sum()
    assert row["difference_lower"] < row["difference"] < row["difference_upper"]
    whole = table.loc[("all", "all")]
    assert whole["estimate"] == pytest.approx((hill & odd)[shared].mean())
    assert np.isnan(whole["difference"])


def test_only_truly_peer_segments_taken_for_clinical_count(wide):
    flipped = wrong_where(wide, np.zeros(len(wide.segments), dtype=bool))
    flipped[["none", "managed"]] = flipped[["managed", "none"]].to_numpy()
    table = fairness_table(wide, flipped)
    assert list(table.columns) == FAIRNESS_COLUMNS
    assert (table["estimate"] == 0).all()


def test_the_number_needed_grows_as_the_difference_shrinks(wide):
    table = fairness_table(wide, wrong_where(wide, np.arange(len(wide.segments)) % 4 == 0))
    assert (table["needed_05"] > 3 * table["needed_10"]).all()
    assert table["design_effect"].iloc[0] >= 1


def test_features_of_dialect_that_occur_are_compared(wide):
    segments = wide.segments.copy()
    talk = segments["segment_id"].str.endswith(("1", "2", "3"))
    segments.loc[talk, "text"] = segments.loc[talk, "text"] + " and we was diggin'"
    table = fairness_table(replace(wide, segments=segments), wrong_where(wide, talk))
    found = table[table["group"] == "with"].set_index("group_by")
    assert set(found.index) == {"dialect: dropped_g", "dialect: levelled_was", "dialect: any"}
    assert (found["estimate"] == 1).all()


def test_groups_of_fewer_than_five_workers_are_withheld_and_so_is_what_gives_them_away(wide):
    hill = wide.documents["setting"] == "hill"
    number = wide.documents["plot_id"].str[1:].astype(int)
    worker = "W" + np.where(hill, number % 4, number).astype(str).astype(object)
    real = replace(wide, documents=wide.documents.assign(worker_id=worker), composed=False)
    found = wrong_where(real, on_the_hill(real))
    table = fairness_table(real, found, waive=True).set_index(["group_by", "group"])
    numbers = ["estimate", "lower", "upper", "difference", "difference_lower", "difference_upper"]
    assert table.loc["setting", numbers].isna().all(axis=None)
    assert table.loc[("setting", "hill"), "reason"].startswith("withheld")
    assert table.loc[("all", "all"), "estimate"] > 0
    shown = fairness_table(replace(real, composed=True), found, waive=True).set_index(["group_by", "group"])
    assert shown.loc["setting", "waiver"].all()
    assert shown.loc[("setting", "hill"), "estimate"] == 1


def test_few_clusters_on_one_side_give_no_interval(wide):
    place = np.where(wide.documents["plot_id"] == "P0", "shed", "field")
    corpus = replace(wide, documents=wide.documents.assign(setting=place))
    odd = np.arange(len(wide.segments)) % 3 == 0
    table = fairness_table(corpus, wrong_where(corpus, odd)).set_index(["group_by", "group"])
    assert table.loc["setting", ["difference_lower", "difference_upper"]].isna().all(axis=None)


def test_columns_that_name_people_or_are_absent_are_refused(wide):
    found = wrong_where(wide, np.zeros(len(wide.segments), dtype=bool))
    with pytest.raises(DisclosureError, match="not counted for people"):
        fairness_table(wide, found, by=["worker_id"])
    with pytest.raises(InputError, match="has no column colour"):
        fairness_table(wide, found, by=["colour"])


def test_a_corpus_without_such_segments_has_no_share(wide):
    codings = wide.codings.assign(code="none")
    found = wrong_where(wide, np.zeros(len(wide.segments), dtype=bool))
    with pytest.raises(UndefinedError, match="no segment with the label 'shared'"):
        fairness_table(replace(wide, codings=codings), found)
