"""Coverage is measured, and whoever is abstained from still counts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import out_of_fold
from peercompare.classifier.abstention import COVERAGE_COLUMNS, coverage_table, with_label_sets
from peercompare.drift import Plan, corpus_scores, estimate_table, with_predictions
from peercompare.errors import InputError


@pytest.fixture(scope="module")
def wide(make_garden):
    return make_garden(n_plots=12)


@pytest.fixture(scope="module")
def predicted(wide):
    return out_of_fold(wide, n_folds=3, seed=2)


def test_coverage_is_given_overall_and_for_each_label(wide, predicted):
    table = coverage_table(wide, predicted)
    assert list(table.columns) == COVERAGE_COLUMNS
    covered = table[table["measure"] == "coverage"]
    assert covered["label"].tolist() == ["", *wide.framework.labels]
    gold = wide.codings[wide.codings["coder_id"] == "gold"].set_index("segment_id")["code"]
    truth = gold.map(wide.framework.stance_of)
    sets = predicted.set_index("segment_id")["label_set"].str.split()
    inside = [truth[segment] in sets[segment] for segment in truth.index]
    assert covered["estimate"].iloc[0] == pytest.approx(np.mean(inside))
    sizes = table[table["measure"] == "set_size"]
    assert sizes["estimate"].iloc[0] == pytest.approx(sets.str.len().mean())


def test_the_answers_that_are_given_are_judged_apart(wide, predicted):
    table = coverage_table(wide, predicted).query("label == ''").set_index("measure")
    abstained = predicted["abstained"].mean()
    assert table.loc["abstained", "estimate"] == pytest.approx(abstained)
    assert table.loc["accuracy_answered", "n_segments"] == (~predicted["abstained"]).sum()


def test_abstention_changes_neither_the_index_nor_its_n(wide, predicted):
    scores, plan = corpus_scores(wide), Plan.of(wide)
    tables = []
    for given in (predicted, predicted.assign(abstained=True, label_set="")):
        both = with_predictions(scores, given, wide.framework)
        tables.append(estimate_table(both, wide.framework, plan=plan, labels="predicted_only"))
    pd.testing.assert_frame_equal(*tables)
    bare = with_predictions(scores, predicted[["segment_id", *wide.framework.labels]], wide.framework)
    alone = estimate_table(bare, wide.framework, plan=plan, labels="predicted_only")
    assert (alone["n_segments"] == tables[0]["n_segments"]).all()
    assert predicted["abstained"].any()
    assert len(predicted) == len(wide.segments)


def test_sets_for_predictions_from_elsewhere_leave_the_segments_own_group_out(wide, predicted):
    bare = predicted[["segment_id", *wide.framework.labels]]
    found = with_label_sets(wide, bare.iloc[::-1])
    assert found["segment_id"].tolist() == wide.segments["segment_id"].tolist()
    codings = wide.codings.copy()
    own = codings["segment_id"].str.startswith("garden-3-") & (codings["coder_id"] == "gold")
    codings.loc[own, "code"] = "harvest/both"
    turned = with_label_sets(replace(wide, codings=codings), bare)
    here = found["segment_id"].str.startswith("garden-3-")
    pd.testing.assert_frame_equal(found[here], turned[here])
    assert not found[~here].equals(turned[~here])


def test_predictions_without_sets_are_refused_with_the_remedy(wide, predicted):
    with pytest.raises(InputError, match=r"lack the columns label_set, abstained(.|\n)*with_label_sets"):
        coverage_table(wide, predicted[["segment_id", *wide.framework.labels]])


def test_what_rests_on_few_workers_is_withheld_unless_a_composed_corpus_waives_it(wide, predicted):
    few = wide.documents["plot_id"].map(lambda plot: f"W{int(plot[1:]) % 4}")
    real = replace(wide, documents=wide.documents.assign(worker_id=few), composed=False)
    table = coverage_table(real, predicted, waive=True)
    assert table["estimate"].isna().all()
    assert table["reason"].str.contains("withheld|no such segment").all()
    shown = coverage_table(replace(real, composed=True), predicted, waive=True)
    assert shown.loc[0, "waiver"]
    assert shown.loc[0, "estimate"] > 0


def test_a_model_keeps_the_thresholds_of_its_sets(trained, garden):
    assert set(trained.facts["sets"]["thresholds"]) == set(garden.framework.labels)
    assert trained.facts["sets"]["level"] == 0.9
