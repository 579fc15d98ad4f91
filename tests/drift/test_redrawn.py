"""Studies redrawn from a corpus: what is true of it is true of what is drawn."""

import numpy as np
import pandas as pd
import pytest

from peercompare.drift import with_predictions
from peercompare.drift.redrawn import CLASSIFIERS, LEANS, Population, macro_f1, try_redrawn
from peercompare.drift.scenarios import VALUES
from peercompare.drift.validity import RESULTS
from peercompare.errors import InputError, UndefinedError


@pytest.fixture
def scores(deegan, rng):
    """Six workers, four sessions each of two to nine segments, later ones leaning to the last stance."""
    rows = []
    for worker in range(6):
        for session in range(4):
            for _ in range(int(rng.integers(2, 10))):
                lean = 0.15 + 0.1 * session + 0.05 * worker
                rows.append(
                    (f"W{worker}", f"D{worker}{session}", session, rng.random() < lean, rng.random() < 0.3)
                )
    table = pd.DataFrame(rows, columns=["worker_id", "document_id", "session", "last", "silent"])
    label = np.where(table["silent"], 0, np.where(table["last"], 3, rng.integers(1, 3, len(table))))
    table[[f"share_{name}" for name in deegan.labels]] = np.eye(4)[label]
    table["segment_id"] = [f"S{place}" for place in range(len(table))]
    table["date"] = pd.Timestamp("2022-01-01") + pd.to_timedelta(60 * table["session"], unit="D")
    table["coded"] = True
    guess = 0.6 * np.eye(4)[label] + 0.1
    predictions = pd.DataFrame(guess, columns=list(deegan.labels)).assign(segment_id=table["segment_id"])
    return with_predictions(table, predictions, deegan)


@pytest.fixture
def people(scores, deegan):
    return Population.of(scores, deegan)


def test_the_truth_is_what_the_corpus_holds(people, scores):
    truth = people.truth_of(1, rounds=1000)
    taking = 1 - scores["share_none"]
    assert truth["share_end"] == pytest.approx(scores["share_clinical"].sum() / taking.sum())
    assert truth["share_none"] == pytest.approx(scores["share_none"].mean())
    stance = people.truth @ VALUES
    rows = taking.to_numpy() > 0
    away = (
        people.times
        - (pd.Series(people.times[rows]).groupby(people.worker[rows]).mean())[people.worker].to_numpy()
    )
    slope = (stance * away)[rows].sum() / (away[rows] ** 2).sum()
    assert truth["slope"] == pytest.approx(slope, rel=0.15)


def test_a_study_keeps_sessions_whole_and_times_with_their_words(people, rng):
    drawn = people.study(40, 0.25, people.features, rng)
    assert len(np.unique(drawn.clusters)) == 40
    sizes = {tuple(np.unique(people.times[people.worker == w], return_counts=True)[1]) for w in range(6)}
    for cluster in range(40):
        mine = drawn.times[drawn.clusters == cluster]
        assert tuple(np.unique(mine, return_counts=True)[1]) in sizes


def test_the_chance_of_being_coded_is_the_share_that_is_coded(people, rng):
    drawn = people.study(30, 0.4, people.features, rng)
    coded = np.bincount(drawn.clusters, drawn.coded)
    assert coded == pytest.approx(np.bincount(drawn.clusters, drawn.pi))
    assert (coded >= 2).all()


def test_classifiers_are_as_good_as_their_names(people, rng):
    found = {
        name: macro_f1(people.truth, people.predicted(name, "stable", rng)) for name in ("useless", "ours")
    }
    assert found["useless"] < 0.6 < found["ours"] == 1.0
    strong = people.predicted("strong", "stable", rng)
    assert (strong * people.truth).sum() > (people.features * people.truth).sum()
    assert strong.sum(axis=1) == pytest.approx(1.0)


def test_a_differential_error_leans_more_the_later_and_the_further(people, rng):
    stable, leaning = (people.predicted("ours", error, rng)[:, -1] for error in LEANS)
    late = people.times == people.times.max()
    shift = leaning - stable
    assert shift[late & (people.worker == 5)].mean() > 0 > shift[~late & (people.worker == 0)].mean()


def test_the_table_of_results_has_the_columns_of_other_simulations(people):
    truth = people.truth_of(1, rounds=50)
    names = {"n_workers": 12, "classifier": "ours", "error": "differential"}
    table = try_redrawn(
        people, names, truth, coded=0.3, estimators=["rectified", "predicted_only"], replicates=5
    )
    assert tuple(table.columns) == RESULTS
    assert set(table["estimator"]) == {"rectified", "predicted_only"}
    again = try_redrawn(
        people, names, truth, coded=0.3, estimators=["rectified", "predicted_only"], replicates=5
    )
    pd.testing.assert_frame_equal(table, again)


def test_what_cannot_be_redrawn_from_is_refused(scores, deegan, tiny_framework):
    with pytest.raises(InputError, match="dated segments with predictions"):
        Population.of(scores.drop(columns="date"), deegan)
    with pytest.raises(InputError, match="stances of -1, 0 and 1"):
        Population.of(scores, tiny_framework)
    with pytest.raises(UndefinedError, match="two coded workers"):
        Population.of(scores[scores["worker_id"] == "W1"], deegan)


@pytest.mark.slow
def test_rectified_intervals_hold_the_truth_where_counted_labels_do_not(people):
    truth = people.truth_of(1)
    names = {"n_workers": 30, "classifier": "ours", "error": "differential"}
    # The classifier is sure and right, but for a leaning that grows with time.
    table = try_redrawn(
        people, names, truth, coded=0.3, estimators=["rectified", "predicted_only"], replicates=300
    )
    slope = table[(table["estimand"] == "slope")].set_index("estimator")
    assert slope.loc["rectified", "coverage"] >= 0.91
    assert abs(slope.loc["rectified", "bias"]) < 3 * slope.loc["rectified", "bias_error"] + 1e-3


@pytest.fixture(scope="module")
def kept(request):
    """The table that the notebook on validity reads."""
    return pd.read_csv(request.config.rootpath / "notebooks" / "validity" / "simulated.csv")


def test_the_kept_table_holds_every_kind_of_study_a_thousand_times(kept):
    kinds = kept.drop_duplicates(["n_workers", "classifier", "error"])
    assert len(kinds) == 3 * len(CLASSIFIERS) * len(LEANS)
    assert (kept["n_replicates"] == 1000).all()
    assert set(RESULTS) <= set(kept.columns)


def test_what_the_notebook_says_of_the_kept_table_holds(kept):
    shown = kept[(kept["target"] == "like_these") & kept["estimand"].isin(["share_end", "index", "slope"])]
    right, counted = (shown[shown["estimator"] == name] for name in ("rectified", "predicted_only"))
    assert right["coverage"].between(0.92, 0.97).all()
    assert (right.loc[right["coverage"] < 0.93, "n_workers"] == 8).all()
    whole = shown[(shown["estimator"] == "all_codings") & (shown["n_workers"] == 8)]
    assert (whole["coverage"] < 0.95).all()
    hard = counted[(counted["classifier"] == "ours") & (counted["error"] == "differential")]
    slope = hard[hard["estimand"] == "slope"].sort_values("n_workers")
    assert slope["coverage"].is_monotonic_decreasing
    assert slope["coverage"].iloc[-1] < 0.1
