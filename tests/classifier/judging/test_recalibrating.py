"""Anybody's probabilities, calibrated on other employers or workers than their own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import scores_table
from peercompare.classifier.judging.recalibrating import recalibrated
from peercompare.errors import UndefinedError


def boasting(corpus, seed=2, right=0.7):
    """Predictions that are always sure, and right in seven of ten."""
    rng = np.random.default_rng(seed)
    labels = list(corpus.framework.labels)
    gold = corpus.codings[corpus.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    truth = gold.map(corpus.framework.stance_of).map(labels.index).to_numpy()
    given = np.where(rng.random(len(truth)) < right, truth, rng.integers(0, 4, len(truth)))
    table = pd.DataFrame(np.eye(4)[given], columns=labels, index=gold.index)
    return table.reset_index().assign(model_id="boast")


def error(corpus, table):
    found = scores_table(corpus, table)
    return found[(found["score"] == "calibration_error") & (found["label"] == "")]["estimate"].iloc[0]


def test_boasting_is_brought_down_to_what_is_right(make_garden):
    corpus = make_garden(n_plots=12, n_segments=15)
    before = boasting(corpus)
    after = recalibrated(corpus, before, seed=1)
    assert error(corpus, before) > 0.15
    assert error(corpus, after) < error(corpus, before) / 2
    assert after["segment_id"].tolist() == corpus.segments["segment_id"].tolist()
    assert np.allclose(after[list(corpus.framework.labels)].sum(axis=1), 1)
    assert set(after["model_id"]) == {"boast+calibrated"}


def test_a_segments_own_group_has_no_say_in_its_probability(make_garden):
    corpus = make_garden(n_plots=6)
    table = boasting(corpus)
    one = recalibrated(corpus, table, seed=1)
    fold = one["fold"] == 0
    changed = corpus.codings.copy()
    own = changed["segment_id"].isin(set(one.loc[fold, "segment_id"])) & changed["coder_id"].eq("gold")
    # Two labels of one plot change places, so that folds and labels stay, and what others learn changes.
    turned = {"tools/shared": "harvest/managed", "harvest/managed": "tools/shared"}
    changed.loc[own, "code"] = changed.loc[own, "code"].replace(turned)
    other = recalibrated(replace(corpus, codings=changed), table, seed=1)
    if not (one["fold"] == other["fold"]).all():
        pytest.skip("the folds moved with the labels")
    labels = list(corpus.framework.labels)
    assert np.allclose(one.loc[fold, labels], other.loc[fold, labels])
    assert not np.allclose(one.loc[~fold, labels], other.loc[~fold, labels])


def test_a_label_coded_in_one_group_alone_cannot_be_calibrated(garden):
    rare = garden.codings.copy()
    both = rare["code"].eq("harvest/both") & rare["coder_id"].eq("gold")
    rare.loc[both & ~rare["segment_id"].str.startswith("garden-0"), "code"] = "none"
    rare.loc[rare["segment_id"].eq("garden-0-0:001") & rare["coder_id"].eq("gold"), "code"] = "harvest/both"
    with pytest.raises(UndefinedError, match="both is coded for too few"):
        recalibrated(replace(garden, codings=rare), boasting(garden), seed=1)
