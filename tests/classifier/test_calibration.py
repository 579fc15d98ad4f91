"""Calibration: shares found beside probabilities, and what is withheld of few workers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import calibration_table
from peercompare.classifier.calibration import CALIBRATION_COLUMNS
from peercompare.classifier.showing import withheld_parts
from peercompare.drift import disclosure
from peercompare.persons import MIN_WORKERS


def knowing(corpus, certainty):
    """Predictions that give gold's label a probability of `certainty` and share the rest."""
    labels = list(corpus.framework.labels)
    gold = corpus.codings[corpus.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    position = gold.map(corpus.framework.stance_of).map(labels.index)
    found = np.full((len(position), len(labels)), (1 - certainty) / (len(labels) - 1))
    found[np.arange(len(position)), position] = certainty
    return pd.DataFrame(found, columns=labels).assign(segment_id=position.index)


def worked(corpus, *, composed=True):
    """The same corpus with a worker on each plot."""
    documents = corpus.documents.assign(worker_id=corpus.documents["plot_id"].str.replace("P", "W"))
    return replace(corpus, documents=documents, composed=composed)


def surer_of(corpus, plots):
    """Predictions of 0.7 for the first label, and of 0.1 in the documents of some plots."""
    named = corpus.documents.set_index("document_id")["plot_id"]
    first, *others = corpus.framework.labels
    ids = corpus.segments["segment_id"]
    apart = corpus.segments["document_id"].map(named).isin(plots)
    found = pd.DataFrame({"segment_id": ids, first: np.where(apart, 0.1, 0.7)})
    return found.assign(**{label: (1 - found[first]) / len(others) for label in others})


def test_calibration_bins_hold_every_segment_once_for_each_label(garden):
    table = calibration_table(garden, knowing(garden, 0.7))
    assert (table.groupby("label")["n_segments"].sum() == 126).all()
    assert list(table.columns) == CALIBRATION_COLUMNS
    assert ((table["reason"] == "") == table["lower"].notna()).all()
    sure = table[table["bin"] == 7]
    assert sure["predicted"].tolist() == pytest.approx([0.7] * 4)
    assert (sure["observed"] == 1.0).all()


def test_calibration_intervals_hold_the_share_and_need_five_plots(garden, make_garden):
    flat = knowing(garden, 0.25)
    table = calibration_table(garden, flat)
    assert ((table["lower"] < table["observed"]) & (table["observed"] < table["upper"])).all()
    assert table["reason"].eq("").all()
    assert table["method"].str.endswith("delete-one-cluster jackknife, t(6)").all()
    small = make_garden(n_plots=4)
    few = calibration_table(small, knowing(small, 0.25))
    assert few["lower"].isna().all()
    assert few["observed"].notna().all()
    assert set(few["reason"]) == {"no interval: 4 clusters, and an interval needs at least 5"}


def test_bins_of_fewer_than_five_workers_are_blank_and_say_so(make_garden):
    corpus = worked(make_garden(n_plots=12), composed=False)
    first = corpus.framework.labels[0]
    table = calibration_table(corpus, surer_of(corpus, ["P0", "P1", "P2"]), waive=True)
    low, high = (table[(table["label"] == first) & (table["bin"] == number)].iloc[0] for number in (1, 7))
    assert low["n_clusters"] == 3
    assert low[["observed", "lower", "upper"]].isna().all()
    assert low["reason"] == "withheld: it rests on fewer than 5 workers"
    # all less the bin of nine workers would be the bin of three
    assert np.isnan(high["observed"])
    assert high["reason"].startswith("withheld: what is left of the whole")
    assert not table["waiver"].any()


def test_bins_that_five_workers_share_are_shown(make_garden):
    corpus = worked(make_garden(n_plots=12), composed=False)
    table = calibration_table(corpus, surer_of(corpus, [f"P{n}" for n in range(5)]))
    assert table["observed"].notna().all()
    assert not table["reason"].str.startswith("withheld").any()


def test_a_composed_corpus_shows_small_bins_when_asked_and_marks_them(make_garden):
    corpus = worked(make_garden(n_plots=12))
    predictions = surer_of(corpus, ["P0", "P1"])
    assert calibration_table(corpus, predictions)["observed"].isna().any()
    table = calibration_table(corpus, predictions, waive=True)
    assert table["observed"].notna().all()
    assert table.loc[table["n_clusters"] == 2, "waiver"].all()
    assert table.loc[table["n_clusters"] == 2, "reason"].str.startswith("no interval: 2 clusters").all()


def test_postings_have_no_workers_and_nothing_of_them_is_withheld(make_garden):
    corpus = replace(make_garden(n_plots=12), composed=False)
    table = calibration_table(corpus, surer_of(corpus, ["P0"]))
    assert table["observed"].notna().all()
    assert not table["waiver"].any()


@pytest.mark.parametrize(
    ("workers", "hidden"),
    [
        ([{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5}, set()], [False, False, False]),
        ([{0, 1}, {2, 3, 4, 5, 6}, {0, 1, 2, 3, 4, 5}], [True, True, False]),
        ([{0, 1}, {2, 3, 4}, {0, 1, 2, 3, 4, 5}], [True, True, False]),
        ([{0}], [True]),
    ],
)
def test_parts_are_withheld_until_they_rest_on_five_workers_together(workers, hidden):
    present = np.array([[worker in part for worker in range(7)] for part in workers])
    assert [reason != "" for reason in withheld_parts(present)] == hidden


def test_the_classifier_and_drift_withhold_below_the_same_number():
    assert MIN_WORKERS == disclosure.MIN_WORKERS == 5
