"""Score tables, confusion, calibration and other genres."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import (
    coder_scores,
    confusion_table,
    leave_one_genre_out,
    scores_table,
)
from peercompare.classifier.evaluation import SCORE_COLUMNS
from peercompare.errors import CodingError, InputError


def knowing(corpus, certainty=1.0):
    """Predictions that give gold's label a probability of `certainty` and share the rest."""
    labels = list(corpus.framework.labels)
    gold = corpus.codings[corpus.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    position = gold.map(corpus.framework.stance_of).map(labels.index)
    rest = (1 - certainty) / (len(labels) - 1)
    found = np.full((len(position), len(labels)), rest)
    found[np.arange(len(position)), position] = certainty
    return pd.DataFrame(found, columns=labels).assign(segment_id=position.index)


def one(table, score, label=""):
    return table[(table["score"] == score) & (table["label"] == label)].iloc[0]


def test_the_table_has_every_score_with_its_n_and_method(garden):
    table = scores_table(garden, knowing(garden, 0.7), model="mine")
    assert list(table.columns) == SCORE_COLUMNS
    overall = table.loc[table["label"] == "", "score"].tolist()
    assert overall == ["macro_f1", "accuracy", "brier", "calibration_error"]
    assert table["label"].value_counts().drop("").eq(4).all()
    assert set(table["model"]) == {"mine"}
    assert (table[["n_segments", "n_documents", "n_clusters"]] == [126, 14, 7]).all(axis=None)
    assert table["method"].ne("").all()
    assert ((table["reason"] == "") == table["lower"].notna()).all()


def test_predictions_that_are_right_but_unsure_score_so(garden):
    table = scores_table(garden, knowing(garden, 0.7))
    assert one(table, "macro_f1")["estimate"] == 1.0
    assert one(table, "calibration_error")["estimate"] == pytest.approx(0.3)
    assert one(table, "brier")["estimate"] == pytest.approx(0.3**2 + 3 * 0.1**2)
    assert one(table, "f1", "both")["reason"].startswith("no interval")


def test_scores_against_a_coder_are_those_against_that_coders_labels(garden):
    found = one(scores_table(garden, knowing(garden), truth="ann"), "accuracy")
    ann, gold = (
        garden.codings[garden.codings["coder_id"] == who].set_index("segment_id")["code"]
        for who in ("ann", "gold")
    )
    assert found["estimate"] == pytest.approx((ann == gold).mean())
    assert found["lower"] < found["estimate"] < found["upper"]


def test_coders_are_scored_against_each_other_without_gold_and_without_probabilities(garden):
    table = coder_scores(garden)
    assert set(table["model"]) == {"ann vs bo"}
    assert not set(table["score"]) & {"brier", "calibration_error"}
    swapped = garden.codings.replace({"coder_id": {"ann": "bo", "bo": "ann"}})
    turned = coder_scores(replace(garden, codings=swapped))
    assert one(table, "macro_f1")["estimate"] == pytest.approx(one(turned, "macro_f1")["estimate"])
    assert one(table, "precision", "managed")["estimate"] == pytest.approx(
        one(turned, "recall", "managed")["estimate"]
    )


def test_one_coder_alone_has_nobody_to_be_scored_against(garden):
    alone = coder_scores(replace(garden, codings=garden.codings[garden.codings["coder_id"] != "bo"]))
    assert alone.empty
    assert list(alone.columns) == SCORE_COLUMNS


def test_few_plots_give_scores_without_intervals_and_the_reason(make_garden):
    small = make_garden(n_plots=3)
    table = scores_table(small, knowing(small, 0.7))
    assert table["lower"].isna().all()
    assert one(table, "brier")["reason"] == "no interval: 3 clusters, and an interval needs at least 5"


def test_uncoded_segments_are_not_scored(garden):
    partly = replace(garden, codings=garden.codings[garden.codings["segment_id"].str.endswith("1")])
    assert set(scores_table(partly, knowing(garden))["n_segments"]) == {14}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop(columns="both"), "lack the columns both"),
        (lambda table: table.iloc[3:], "3 coded segments have no prediction, for instance garden-0-0:001"),
        (lambda table: pd.concat([table, table.head(1)]), "1 segments are predicted twice"),
        (lambda table: table.assign(both=0.9), "sum to 1"),
    ],
)
def test_predictions_with_a_fault_are_refused(garden, change, said):
    with pytest.raises(InputError, match=said):
        scores_table(garden, change(knowing(garden)))


def test_without_gold_there_is_no_truth(garden):
    with pytest.raises(CodingError, match="gold"):
        scores_table(
            replace(garden, codings=garden.codings[garden.codings["coder_id"] != "gold"]), knowing(garden)
        )


def test_the_confusion_counts_every_coded_segment_once(garden):
    table = confusion_table(garden, knowing(garden).assign(none=0.0, shared=1.0, both=0.0, managed=0.0))
    assert len(table) == 16
    assert table["n"].sum() == 126
    assert table.loc[table["predicted"] == "shared", "n"].sum() == 126
    assert table["true"].tolist()[::4] == list(garden.framework.labels)


def test_each_genre_is_scored_by_a_model_of_the_other(garden, garden_letters):
    table = leave_one_genre_out([garden, garden_letters], seed=1)
    macro = table[table["score"] == "macro_f1"].set_index("corpus")
    assert macro["model"].to_dict() == {
        "garden": "garden_letter to garden_note",
        "letters": "garden_note to garden_letter",
    }
    assert (macro["estimate"] > 0.8).all()


def test_one_genre_alone_cannot_be_left_out(garden):
    with pytest.raises(CodingError, match="two genres"):
        leave_one_genre_out([garden], seed=1)


def worked(corpus, *, composed=True):
    """The same corpus with a worker on each plot."""
    documents = corpus.documents.assign(worker_id=corpus.documents["plot_id"].str.replace("P", "W"))
    return replace(corpus, documents=documents, composed=composed)


@pytest.mark.parametrize(("composed", "waive"), [(True, False), (False, True), (False, False)])
def test_scores_on_fewer_than_five_workers_are_withheld_with_the_reason(make_garden, composed, waive):
    small = worked(make_garden(n_plots=4), composed=composed)
    for table in (scores_table(small, knowing(small, 0.7), waive=waive), coder_scores(small, waive=waive)):
        assert len(table)
        assert table[["estimate", "lower", "upper"]].isna().all(axis=None)
        assert set(table["reason"]) == {"withheld: it rests on fewer than 5 workers"}
        assert not table["waiver"].any()


def test_a_composed_corpus_may_show_scores_of_few_workers_marked_so(make_garden):
    small = worked(make_garden(n_plots=4))
    shown = scores_table(small, knowing(small, 0.7), waive=True)
    assert shown["waiver"].all()
    assert one(shown, "accuracy")["estimate"] == 1.0
    many = worked(make_garden(n_plots=5))
    assert not scores_table(many, knowing(many, 0.7), waive=True)["waiver"].any()
    assert one(scores_table(many, knowing(many, 0.7)), "accuracy")["estimate"] == 1.0
