"""One function, one tidy table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import dictionary_predictions, scores_table
from peercompare.classifier.evaluation import true_labels
from peercompare.classifier.judging import EVALUATION_COLUMNS, EvaluationPlan, evaluate
from peercompare.errors import DisclosureError, InputError

PLAN = EvaluationPlan(seed=1, ladder=False, by=("dimension", "plot_id"), n_permutations=39)


@pytest.fixture(scope="module")
def brought(garden):
    """The framework's words as somebody else's model."""
    return {"words": {garden.name: dictionary_predictions(garden)}}


@pytest.fixture(scope="module")
def whole(garden, garden_letters, brought):
    """Everything that can be asked, once."""
    plan = replace(
        PLAN,
        ladder=True,
        n_folds=2,
        by=("dimension",),
        leave_out=("setting",),
        candidates=({"alpha": 5.0}, {"alpha": 5000.0}),
    )
    texts = {"small letters": str.lower}
    return evaluate([garden, garden_letters], plan, predictions=brought, texts=texts)


def part(table, name, **where):
    found = table[table["part"] == name]
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def test_every_part_is_there_and_every_gap_has_its_reason(whole):
    assert list(whole.columns) == EVALUATION_COLUMNS
    assert set(whole["part"]) == {
        "scores", "groups", "confusion", "calibration", "permuted", "ladder", "compared", "left_out",
        "genre_out", "settings",
    }  # fmt: skip
    missing = whole["estimate"].isna() | whole["lower"].isna()
    assert (whole.loc[missing, "reason"] != "").all()
    assert not whole[["model", "label", "group", "reason", "method"]].isna().any(axis=None)


def test_somebody_elses_predictions_are_scored_as_scores_table_scores_them(whole, garden, brought):
    expected = scores_table(garden, brought["words"][garden.name])
    found = part(whole, "scores", model="words")
    both = expected.merge(found, on=["score", "label"], suffixes=("", "_found"))
    assert len(both) == len(expected)
    assert np.allclose(both["estimate"], both["estimate_found"], equal_nan=True)
    assert np.allclose(both["upper"], both["upper_found"], equal_nan=True)


def test_the_ladder_holds_baselines_models_and_coders_on_the_same_segments(whole, garden):
    rungs = part(whole, "ladder", corpus=garden.name, score="macro_f1")
    assert set(rungs["model"]) == {
        "majority", "dictionary", "source_only", "ngram", "ngram, small letters",
        "ngram, settings chosen inside", "words", "ann vs bo",
    }  # fmt: skip
    assert rungs["n_segments"].nunique() == 1
    of = rungs.set_index("model")["estimate"]
    assert of["majority"] < of["words"] < of["ngram"]


def test_models_are_compared_in_pairs(whole, garden):
    found = part(whole, "compared", corpus=garden.name, score="macro_f1")
    pairs = set(zip(found["model"], found["against"], strict=True))
    assert {("ngram", "words"), ("ngram", "majority"), ("ngram", "ngram, small letters")} <= pairs
    better = found[found["against"] == "majority"].iloc[0]
    assert better["lower"] > 0
    assert better["p_swapped"] == pytest.approx(2 / 2**7)


def test_genres_are_left_out_each_way_and_one_setting_alone_says_so(whole):
    ways = ["garden_letter to garden_note", "garden_note to garden_letter"]
    assert set(part(whole, "genre_out")["design"]) == {*ways, *(f"{way}, labels recentred" for way in ways)}
    assert part(whole, "left_out")["reason"].str.contains("needs two of them").all()


def test_chosen_settings_are_told(whole):
    told = part(whole, "settings", corpus="garden")
    assert len(told) == 4
    assert told["reason"].str.startswith("chosen").sum() == 2


def test_leaving_values_out_scores_each_and_all(garden):
    halved = garden.documents.assign(half=[str(int(plot[1:]) % 2) for plot in garden.documents["plot_id"]])
    plan = replace(PLAN, ladder=True, by=("dimension",), leave_out=("half",), n_folds=2)
    found = part(evaluate(replace(garden, documents=halved), plan), "left_out", score="accuracy")
    assert found["group"].tolist() == ["", "0", "1"]
    assert found["n_segments"].tolist() == [126, 72, 54]
    whole, *halves = found["estimate"]
    assert whole == pytest.approx(np.average(halves, weights=[72, 54]))


def test_the_curve_and_the_missing_ceiling_say_what_they_rest_on(garden):
    alone = replace(garden, codings=garden.codings[garden.codings["coder_id"] != "bo"])
    found = evaluate(alone, replace(PLAN, ladder=True, curve=True, n_folds=2))
    ceiling = part(found, "ladder", design="coders")
    assert "no ceiling" in ceiling["reason"].iloc[0]
    # Seven plots of two documents leave no more than eight to teach.
    assert "learning curve needs more than 8" in part(found, "curve")["reason"].iloc[0]


def test_what_rests_on_few_workers_is_withheld_and_the_next_with_it(make_garden, brought):
    corpus = make_garden(n_plots=12)
    site = ["small" if plot in ("P0", "P1") else "large" for plot in corpus.documents["plot_id"]]
    spoken = replace(
        corpus,
        composed=False,
        documents=corpus.documents.assign(worker_id=corpus.documents["plot_id"], site=site),
    )
    words = {"words": {corpus.name: dictionary_predictions(spoken)}}
    found = evaluate(spoken, replace(PLAN, by=("site",), waive=True), predictions=words)
    groups = part(found, "groups")
    assert groups["estimate"].isna().all()
    assert set(groups["reason"].str.partition(":")[0]) == {"withheld"}
    assert part(found, "scores", score="macro_f1")["estimate"].notna().all()


def test_scores_are_withheld_where_they_would_give_a_small_cell_back(make_garden):
    corpus = make_garden(n_plots=12)
    plots = corpus.documents["plot_id"]
    spoken = replace(corpus, composed=False, documents=corpus.documents.assign(worker_id=plots))
    truth = true_labels(spoken)
    predictions = pd.DataFrame(
        [[float(label == each) for label in corpus.framework.labels] for each in truth],
        columns=list(corpus.framework.labels),
    ).assign(segment_id=truth.index)
    plot = corpus.segments.merge(corpus.documents, on="document_id").set_index("segment_id")["plot_id"]
    first, second = corpus.framework.labels[:2]
    wrong = ((truth == first) & plot.reindex(truth.index).isin(["P0", "P1"])).to_numpy()
    predictions.loc[wrong, [first, second]] = [0.0, 1.0]
    expected = scores_table(spoken, predictions).set_index(["score", "label"])["reason"]
    assert expected["macro_f1", ""].startswith("withheld")
    found = evaluate(spoken, PLAN, predictions={"words": {corpus.name: predictions}})
    shown = part(found, "scores", model="words").set_index(["score", "label"])
    assert (shown["reason"].reindex(expected.index) == expected).all()
    assert shown.loc[("cost", ""), "reason"].startswith("withheld")


def test_permuted_labels_show_what_chance_would_give(whole):
    found = part(whole, "permuted", corpus="garden").set_index("model")
    assert (found["n_permutations"] == 39).all()
    assert found.loc["ngram", "p"] == 1 / 40
    assert found["method"].str.contains("segments can change places").all()


@pytest.mark.parametrize(
    ("plan", "error", "said"),
    [
        (replace(PLAN, by=("colour",)), InputError, "dimension, near_duplicate, plot_id, setting"),
        (replace(PLAN, leave_out=("worker_id",)), DisclosureError, "single people"),
        (PLAN, InputError, "nothing to evaluate"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_trained(garden, plan, error, said):
    with pytest.raises(error, match=said):
        evaluate(garden, plan)


def test_predictions_are_not_called_like_models_of_ours(garden, brought):
    with pytest.raises(InputError, match="cannot be called dictionary, ngram"):
        evaluate(garden, PLAN, predictions=dict.fromkeys(["dictionary", "ngram"], brought["words"]))


def test_predictions_for_another_corpus_are_named(garden, garden_letters, brought):
    with pytest.raises(InputError, match="words"):
        evaluate(garden_letters, PLAN, predictions=brought)
