"""Who teaches and who is held out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier.judging.designs import (
    cross_fit,
    left_out_predictions,
    linear_fit,
    material_of,
    nested_predictions,
)
from peercompare.classifier.splits import grouped_folds
from peercompare.errors import InputError, UndefinedError


@pytest.fixture(scope="module")
def material(garden):
    return material_of(garden)


def test_no_group_teaches_its_own_fold(material, noting):
    fit, taught = noting
    folds = grouped_folds(material.labels, material.segments["group"], n_folds=3, seed=1)
    found = cross_fit(material, folds, choose=lambda teaching: fit(teaching.table, {}))
    assert found["segment_id"].tolist() == material.segments["segment_id"].tolist()
    assert found["fold"].tolist() == folds.tolist()
    for fold, model in enumerate(taught):
        held = material.segments[folds == fold]
        plots = material.segments.set_index("segment_id")["group"]
        assert not set(plots[model.rows["segment_id"]]) & set(held["group"])


def test_near_duplicates_of_what_is_held_out_do_not_teach(material, noting):
    fit, taught = noting
    alike = replace(material, families=np.zeros(len(material.segments), dtype=int))
    with pytest.raises(UndefinedError, match="too little"):
        left_out_predictions(alike, values(material), fit=fit, column="half")
    assert not taught


def values(material):
    """Two halves of the plots, by segment."""
    plot = material.segments["document_id"].str.split("-").str[1].astype(int)
    return pd.Series((plot % 2).astype(str).to_numpy(), index=material.segments["segment_id"])


def test_leaving_a_value_out_leaves_its_employers_out_too(material, noting):
    fit, taught = noting
    mixed = values(material)
    mixed[material.segments["segment_id"].str.startswith("garden-0-1").to_numpy()] = "1"
    found = left_out_predictions(material, mixed, fit=fit, column="half")
    assert sorted(set(found["fold"])) == [0, 1]
    for model in taught:
        assert not model.rows["segment_id"].str.startswith("garden-0").any()


def test_one_value_cannot_be_left_out(material, noting):
    same = values(material).replace({"0": "allotment", "1": "allotment"})
    with pytest.raises(UndefinedError, match="needs two of them; there is allotment alone"):
        left_out_predictions(material, same, fit=noting[0], column="setting")


def test_settings_are_chosen_inside_and_the_better_ones_win(material, noting):
    fit, _ = noting
    found, chosen = nested_predictions(
        material, [{"knows": False}, {"knows": True}], fit=fit, n_folds=3, seed=1
    )
    assert chosen.groupby("fold")["chosen"].sum().tolist() == [1, 1, 1]
    assert set(chosen.loc[chosen["chosen"], "settings"]) == {'{"knows": true}'}
    assert (found[list(material.framework.labels)].max(axis=1) == 0.7).all()


def test_what_is_held_out_has_no_part_in_the_choice(material, noting):
    fit, taught = noting
    found, _ = nested_predictions(material, [{"knows": False}, {"knows": True}], fit=fit, n_folds=3, seed=1)
    fold_of = found.set_index("segment_id")["fold"]
    # Of each outer fold: two candidates by three inner folds, and the fit to all.
    assert len(taught) == 3 * 7
    for at, model in enumerate(taught):
        assert at // 7 not in set(fold_of[model.rows["segment_id"]])


def test_settings_of_our_own_model_are_taken_and_unknown_ones_refused(material, garden):
    fit = linear_fit(garden.framework, seed=1)
    usual, strict = fit(material.table, {}), fit(material.table, {"alpha": 100.0})
    assert usual.model_id != strict.model_id
    with pytest.raises(InputError, match="has no setting beta"):
        fit(material.table, {"beta": 1})
    with pytest.raises(InputError, match="settings to choose from"):
        nested_predictions(material, [], fit=fit, seed=1)
