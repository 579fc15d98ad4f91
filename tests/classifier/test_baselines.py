"""Baselines know what they say they know, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from peercompare.classifier import (
    dictionary_predictions,
    majority_predictions,
    out_of_fold,
    source_only_predictions,
    training_table,
)
from peercompare.classifier.baselines import stance_cues, stance_words


def test_majority_gives_the_shares_of_the_other_folds(garden):
    found = majority_predictions(garden, n_folds=3, seed=2)
    fold = out_of_fold(garden, n_folds=3, seed=2)["fold"]
    assert (found["fold"] == fold).all()
    table = training_table(garden)
    rows = table[~table["segment_id"].isin(found.loc[found["fold"] == 1, "segment_id"])]
    share = rows.loc[rows["label"] == "shared", "weight"].sum() / rows["weight"].sum()
    assert found.loc[found["fold"] == 1, "shared"].unique() == pytest.approx([share], abs=0.02)
    assert (found[list(garden.framework.labels)].idxmax(axis=1) == "none").all()


def test_source_only_sees_titles_and_no_text(garden):
    titles = np.where(garden.documents["plot_id"].isin(["P0", "P1", "P2"]), "Warden", "Gardener")
    codings = garden.codings.copy()
    warden = codings["segment_id"].str[7].isin(list("012"))
    codings["code"] = np.where(warden, "tools/managed", "tools/shared")
    told = replace(garden, documents=garden.documents.assign(title=titles), codings=codings)
    found = source_only_predictions(told, n_folds=3, seed=2)
    label = np.where(found["segment_id"].str[7].isin(list("012")), "managed", "shared")
    assert (found[["shared", "managed"]].idxmax(axis=1) == label).all()
    shuffled = garden.segments.assign(text=garden.segments["text"].to_numpy()[::-1])
    blind = source_only_predictions(replace(told, segments=shuffled), n_folds=3, seed=2)
    assert np.allclose(found[["shared", "managed"]], blind[["shared", "managed"]], atol=0.05)


def test_source_only_never_sees_the_groups_own_name(garden):
    named = garden.documents.assign(plot=[f"secret{number}" for number in range(len(garden.documents))])
    with_name = source_only_predictions(replace(garden, documents=named), n_folds=3, seed=2)
    without = source_only_predictions(garden, n_folds=3, seed=2)
    assert np.allclose(with_name["none"], without["none"])


def test_the_dictionary_takes_its_words_from_the_framework_alone(tiny_framework):
    words, cues = stance_words(tiny_framework), stance_cues(tiny_framework)
    assert "together" not in words["managed"]
    assert {word for found in words.values() for word in found} <= set(
        " ".join(
            " ".join([c.label, c.definition, c.when_to_use, *c.examples, *(s.text for s in c.signs)])
            for c in tiny_framework.codes
        )
        .lower()
        .replace(".", " ")
        .replace(",", " ")
        .split()
    )
    assert [cue.pattern for cue in cues["managed"]] == [r"\bcount(?:s|ed|ing)?\b"]
    assert len(cues["shared"]) == 2


def test_a_segment_with_hits_goes_to_their_stance_and_one_without_to_none(garden):
    segments = garden.segments.copy()
    segments.loc[:2, "text"] = [
        "Somebody counts spades",
        "Our shed was left open all day",
        "Nine kilometres",
    ]
    found = dictionary_predictions(replace(garden, segments=segments)).set_index("segment_id")
    labels = list(garden.framework.labels)
    assert found[labels].iloc[:3].idxmax(axis=1).tolist() == ["managed", "shared", "none"]
    assert np.allclose(found[labels].sum(axis=1), 1.0)


def test_the_dictionary_learns_nothing_from_codings(garden):
    uncoded = replace(garden, codings=garden.codings.iloc[:0])
    labels = list(garden.framework.labels)
    assert (dictionary_predictions(uncoded)[labels] == dictionary_predictions(garden)[labels]).all(axis=None)
