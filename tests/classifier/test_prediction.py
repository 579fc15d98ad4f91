"""Out-of-fold predictions: complete, and blind to what they are judged on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import out_of_fold, scores_table, training_table
from peercompare.classifier.conformal import SET_COLUMNS
from peercompare.classifier.domain import DOMAIN_COLUMNS
from peercompare.classifier.prediction import cross_predict_on
from peercompare.errors import InputError, UndefinedError


@pytest.fixture(scope="module")
def predicted(garden):
    return out_of_fold(garden, n_folds=3, seed=2)


def test_every_segment_is_predicted_once_in_the_order_of_the_corpus(garden, predicted):
    assert predicted["segment_id"].tolist() == garden.segments["segment_id"].tolist()
    answers = [*garden.framework.labels, "named", *SET_COLUMNS, *DOMAIN_COLUMNS]
    assert list(predicted.columns) == ["segment_id", "fold", "model_id", *answers]
    assert np.allclose(predicted[list(garden.framework.labels)].sum(axis=1), 1.0)


def test_each_plot_is_in_one_fold_and_each_fold_has_one_model(garden, predicted):
    plot = garden.segments["document_id"].map(garden.documents.set_index("document_id")["plot_id"])
    assert (predicted["fold"].groupby(plot.to_numpy()).nunique() == 1).all()
    assert predicted.groupby("fold")["model_id"].nunique().tolist() == [1, 1, 1]
    assert predicted["model_id"].nunique() == 3


def test_the_same_seed_gives_the_same_predictions(garden, predicted):
    pd.testing.assert_frame_equal(out_of_fold(garden, n_folds=3, seed=2), predicted)


def test_a_folds_predictions_do_not_depend_on_its_own_labels(garden, predicted):
    held = predicted.loc[predicted["fold"] == 0, "segment_id"]
    codings = garden.codings.copy()
    plot = codings["segment_id"].str.rsplit("-", n=1).str[0]
    for _, rows in codings[codings["segment_id"].isin(held)].groupby([plot, codings["coder_id"]]):
        # turned round within a plot, so that the folds, which are balanced by labels, stay the same
        codings.loc[rows.index, "code"] = rows["code"].to_numpy()[::-1]
    again = out_of_fold(replace(garden, codings=codings), n_folds=3, seed=2)
    assert (codings["code"] != garden.codings["code"]).any()
    pd.testing.assert_frame_equal(again[again["fold"] == 0], predicted[predicted["fold"] == 0])


def test_labels_dealt_out_at_random_cannot_be_predicted(make_garden, rng):
    corpus = make_garden(n_plots=10, n_segments=15)
    ids = corpus.segments["segment_id"]
    dealt = corpus.codings["segment_id"].map(dict(zip(ids, rng.permutation(ids), strict=True)))
    at_random = replace(corpus, codings=corpus.codings.assign(segment_id=dealt))
    found = {}
    for name, each in {"true": corpus, "random": at_random}.items():
        table = scores_table(each, out_of_fold(each, n_folds=3, seed=2))
        found[name] = table.loc[table["score"] == "macro_f1", "estimate"].item()
    assert found["true"] > 0.9
    assert found["random"] < 0.35


def test_segments_without_consent_to_training_are_predicted_and_teach_nothing(garden, with_speakers):
    spoken = with_speakers(garden, without_training=["P1"])
    found = out_of_fold(spoken, n_folds=3, seed=2)
    assert found["segment_id"].tolist() == garden.segments["segment_id"].tolist()
    turned = spoken.codings.copy()
    theirs = turned["segment_id"].str.startswith("garden-1-")
    turned.loc[theirs, "code"] = "harvest/both"
    pd.testing.assert_frame_equal(out_of_fold(replace(spoken, codings=turned), n_folds=3, seed=2), found)


def test_segments_that_nobody_coded_are_predicted_too(garden):
    partly = replace(garden, codings=garden.codings[garden.codings["segment_id"].str[-1].isin(list("1357"))])
    found = out_of_fold(partly, n_folds=3, seed=2)
    assert len(found) == len(garden.segments)
    assert found[list(garden.framework.labels)].notna().all(axis=None)


def test_a_text_that_stands_elsewhere_does_not_teach_its_own_fold(garden):
    segments = garden.segments.copy()
    telling = "Xylophones welcome everybody on Thursdays"
    ids = ["garden-0-0:001", "garden-1-0:001", "garden-2-0:001", "garden-3-0:001", "garden-4-0:001"]
    segments.loc[segments["segment_id"].isin(ids), "text"] = telling
    codings = garden.codings.copy()
    codings.loc[codings["segment_id"].isin(ids), "code"] = "harvest/both"
    twin = replace(garden, segments=segments, codings=codings)
    alone = replace(garden, segments=segments, codings=codings[~codings["segment_id"].isin(ids[1:])])
    labels = list(garden.framework.labels)
    seen = out_of_fold(twin, n_folds=3, seed=2).set_index("segment_id").loc[ids[0], labels]
    unseen = out_of_fold(alone, n_folds=3, seed=2).set_index("segment_id").loc[ids[0], labels]
    assert seen["both"] == pytest.approx(unseen["both"], abs=0.05)


def test_extra_training_rows_teach_every_fold(garden, garden_letters, predicted):
    found = out_of_fold(garden, n_folds=3, seed=2, extra_training=training_table(garden_letters))
    assert (found["fold"] == predicted["fold"]).all()
    assert set(found["model_id"]).isdisjoint(predicted["model_id"])


def test_the_corpus_itself_is_no_extra_training(garden):
    with pytest.raises(InputError, match="hold segments of garden, which are to be held out"):
        out_of_fold(garden, n_folds=3, seed=2, extra_training=training_table(garden))


def test_fewer_plots_than_folds_are_an_error(garden):
    with pytest.raises(UndefinedError, match="8 folds need at least 8 groups"):
        out_of_fold(garden, n_folds=8, seed=2)


def test_one_plot_alone_is_an_error(make_garden):
    with pytest.raises(UndefinedError, match="there are 1"):
        out_of_fold(make_garden(n_plots=1), seed=2)


def test_other_words_for_a_document_are_all_that_the_models_see(garden):
    shown = {document: f"words {document[-1]}" for document in garden.documents["document_id"]}
    found = cross_predict_on(garden, shown, n_folds=3, seed=2, gold_weight=2.0, coder_weight=0.5)
    documents = garden.segments["document_id"].to_numpy()
    assert (found.groupby(documents)["none"].nunique() == 1).all()
