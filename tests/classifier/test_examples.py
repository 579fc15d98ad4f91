"""Examples of a framework as training rows: they teach, and count as nobody's documents."""

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import bare_training_table, train
from peercompare.classifier.evaluation import EXAMPLES_TOO, genre_out_predictions
from peercompare.classifier.examples import (
    are_examples,
    example_facts,
    example_rows,
    groups_of,
    with_examples,
)
from peercompare.classifier.inputs import CONTEXT_COLUMNS
from peercompare.classifier.training import COLUMNS
from peercompare.errors import InputError
from peercompare.framework.examples import GENRES, read_examples

JOBS, SESSIONS = GENRES


@pytest.fixture(scope="module")
def rows(deegan):
    return example_rows(deegan)


@pytest.fixture
def own(deegan):
    """Two rows of a study, of two labels."""
    texts = ["I was on that ward too.", "Completes the daily risk rating."]
    table = pd.DataFrame({"segment_id": ["a", "b"], "document_id": ["d", "e"], "text": texts})
    return bare_training_table(table.assign(label=["peer", "clinical"]), deegan)


def test_examples_have_the_form_of_training_rows(rows, deegan):
    assert {*COLUMNS, *CONTEXT_COLUMNS} <= set(rows.columns)
    assert rows["label"].isin(deegan.labels).all()
    assert not rows["segment_id"].duplicated().any()
    assert (rows["whose"] == "").all()
    assert are_examples(rows).all()
    assert rows["position"].between(0, 1).all()


def test_turns_of_others_are_context_and_no_rows(rows, deegan):
    read = read_examples(deegan)
    assert len(rows) == (read["code"] != "").sum()
    sessions = rows[rows["genre"] == SESSIONS]
    assert set(sessions["before_by"]) == {"", "same", "other"}
    others = set(read.loc[read["code"] == "", "text"])
    assert len(others & set(sessions["before"])) > 100
    assert (rows.loc[rows["genre"] == JOBS, "before_by"] == "").all()


def test_context_stays_within_the_document(rows):
    first = rows[rows["position"] == 0]
    assert (first["before"] == "").all()
    assert (rows.loc[rows["position"] == 1, "after"] == "").all()
    assert all(text in document for text, document in zip(rows["text"], rows["document"], strict=True))


def test_the_genres_of_the_rows_decide_which_examples_teach(own, deegan):
    jobs = with_examples(own.assign(genre=JOBS), deegan, weight=0.5)
    assert set(jobs.loc[are_examples(jobs), "genre"]) == {JOBS}
    assert set(with_examples(own, deegan, weight=0.5)["genre"].dropna()) == set(GENRES)
    elsewhere = with_examples(own.assign(genre="diary"), deegan, weight=0.5)
    assert elsewhere["segment_id"].tolist() == ["a", "b"]


def test_examples_weigh_what_is_asked_and_nothing_leaves_them_out(own, deegan):
    found = with_examples(own, deegan, weight=0.25)
    assert set(found.loc[are_examples(found), "weight"]) == {0.25}
    assert found["weight"].tolist()[:2] == [1.0, 1.0]
    given = pd.concat([own, example_rows(deegan, [JOBS])], ignore_index=True)
    assert len(with_examples(given, deegan, weight=0)) == 2
    with pytest.raises(InputError, match="0 or more"):
        with_examples(own, deegan, weight=-1)
    with pytest.raises(InputError, match="0 or more"):
        with_examples(own, deegan, weight=float("nan"))


def test_labels_that_the_study_never_has_are_not_taught(own, deegan):
    assert set(with_examples(own, deegan, weight=1.0)["label"]) == {"peer", "clinical"}


def test_examples_that_stand_among_the_rows_or_the_texts_to_be_judged_do_not_teach(own, deegan, rows):
    of_these = rows[rows["label"].isin(["peer", "clinical"])]
    known, judged = of_these["text"].iloc[[5, 9]]
    own = own.assign(text=[known.upper() + " 7.", own["text"].iloc[1]])
    found = with_examples(own, deegan, weight=1.0, apart_from=[judged])
    left_out = set(of_these["text"]) - set(found.loc[are_examples(found), "text"])
    assert {known, judged} <= left_out
    assert len(left_out) < 5


def test_a_fold_is_taught_by_no_example_that_stands_in_the_corpus(taught_garden, garden, monkeypatch):
    from peercompare.classifier import out_of_fold

    held = garden.segments["text"].iloc[0]
    taught_garden.loc[taught_garden.index[:3], "text"] = held.lower()
    seen = []

    def learn(table, framework, **told):
        model = train(table, framework, **told)
        seen.append((model.facts["examples"]["n"], held in set(told["apart_from"])))
        return model

    out_of_fold(garden, n_folds=3, seed=1, learn=learn)
    assert seen == [(len(taught_garden) - 3, True)] * 3


def test_examples_have_no_context_where_the_study_has_none(own, deegan):
    assert "document" not in with_examples(own, deegan, weight=1.0).columns
    placed = own.assign(document=own["text"], before="", before_by="", after="", heading="", position=0.0)
    found = with_examples(placed, deegan, weight=1.0)
    assert (found.loc[are_examples(found), "document"] != "").all()


def test_a_framework_without_examples_adds_nothing(garden_table, tiny_framework):
    assert example_rows(tiny_framework).empty
    found = with_examples(garden_table, tiny_framework, weight=0.5)
    assert len(found) == len(garden_table)
    assert example_facts(found, tiny_framework) is None


@pytest.fixture
def garden_table(garden):
    from peercompare.classifier import training_table

    return training_table(garden)


def test_examples_teach_and_are_counted_nowhere(taught_garden, garden_table, tiny_framework):
    bare = train(garden_table, tiny_framework, seed=1, examples_weight=0.0)
    model = train(garden_table, tiny_framework, seed=1)
    assert model.model_id != bare.model_id
    assert model.facts["examples"] == {"n": len(taught_garden)}
    for name in ("n_segments", "n_documents", "n_groups", "whose", "labels_seen"):
        assert model.facts[name] == bare.facts[name]
    assert model.facts["domain"]["n_documents"] == bare.facts["domain"]["n_documents"]
    assert model.centroids.shape[0] == bare.centroids.shape[0]


def test_examples_are_never_held_out(taught_garden, garden_table, tiny_framework):
    found = with_examples(garden_table, tiny_framework, weight=0.5)
    groups = groups_of(found)
    assert [group is None for group in groups] == are_examples(found).tolist()


def test_rows_without_a_group_teach_and_do_not_calibrate(garden_table):
    from peercompare.classifier.stance import StanceClassifier

    groups = garden_table["group"].to_numpy(dtype=object)
    groups[:20] = None
    labels = garden_table["label"].to_numpy()
    fitted = StanceClassifier(random_state=1).fit(garden_table, labels, groups=groups)
    assert np.isnan(fitted.unseen_[:20]).all()
    assert np.isfinite(fitted.unseen_[20:]).all()
    assert fitted.calibration_ is not None
    assert np.isfinite(fitted.rule_).all()


def test_a_genre_left_out_is_judged_with_its_examples_too(taught_garden, garden, garden_letters, monkeypatch):
    letters = taught_garden.assign(genre="garden_letter", segment_id="l" + taught_garden["segment_id"])
    both = pd.concat([taught_garden, letters], ignore_index=True)

    def rows_of(framework, genres=()):
        return both[both["genre"].isin(genres)].reset_index(drop=True)

    monkeypatch.setattr("peercompare.classifier.examples.example_rows", rows_of)
    monkeypatch.setattr("peercompare.classifier.evaluation.example_rows", rows_of)
    asked = []

    def learn(table, framework, *, seed, apart_from):
        asked.append(set(table.loc[are_examples(table), "genre"]))
        return train(table, framework, seed=seed)

    found = list(genre_out_predictions([garden, garden_letters], seed=1, learn=learn))
    names = [name for _, name, _ in found]
    assert names == [
        "garden_letter to garden_note",
        f"garden_letter to garden_note{EXAMPLES_TOO}",
        "garden_note to garden_letter",
        f"garden_note to garden_letter{EXAMPLES_TOO}",
    ]
    assert asked == [set(), {"garden_note"}, set(), {"garden_letter"}]
