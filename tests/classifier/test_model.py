"""Training and predicting with tables."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from peercompare.classifier import bare_training_table, train, training_table
from peercompare.classifier.conformal import SET_COLUMNS
from peercompare.classifier.domain import DOMAIN_COLUMNS
from peercompare.classifier.training import analysed_segments
from peercompare.errors import CodingError, DisclosureError, InputError


def texts(*words):
    ids = [f"t{number}" for number in range(len(words))]
    return pd.DataFrame({"segment_id": ids, "document_id": "d", "text": words})


def test_a_prediction_has_one_probability_for_each_label_in_the_order_of_the_table(trained):
    found = trained.predict_table(
        texts("The warden counts rakes", "Bus leaves at nine", "We dig together here")
    )
    labels = ["none", "shared", "both", "managed"]
    assert list(found.columns) == [
        "segment_id",
        "fold",
        "model_id",
        *labels,
        "named",
        *SET_COLUMNS,
        *DOMAIN_COLUMNS,
    ]
    assert found["segment_id"].tolist() == ["t0", "t1", "t2"]
    assert np.allclose(found[list(trained.labels)].sum(axis=1), 1.0)
    assert found[list(trained.labels)].idxmax(axis=1).tolist() == ["managed", "none", "shared"]
    assert set(found["fold"]) == {-1}


def test_the_callers_table_is_not_changed(trained):
    table = texts("One", "Two").set_index(pd.Index([7, 7]))
    before = table.copy()
    assert len(trained.predict_table(table)) == 2
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("column", ["worker_id", "speaker", "Participant", "name", "e-mail"])
def test_a_table_with_a_person_column_is_refused_even_if_the_column_is_empty(trained, column):
    with pytest.raises(DisclosureError, match=column):
        trained.predict_table(texts("One").assign(**{column: None}))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (texts("One").drop(columns="document_id"), "'document_id': missing"),
        (texts(), "has no row"),
        (texts("One", np.nan), r"row 3 \(t1\): text is missing"),
        (texts("", "Two"), r"row 2 \(t0\): text is empty"),
        (texts("One", "Two").assign(segment_id="t0"), r"row 3 \(t0\): segment_id stands twice"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_the_row(trained, table, said):
    with pytest.raises(InputError, match=said):
        trained.predict_table(table)


def test_same_rows_and_seed_make_the_same_model(garden, tiny_framework, trained):
    again = train(training_table(garden), tiny_framework, seed=5)
    some = texts("The warden counts rakes", "Fresh beans taste good")
    assert again.model_id == trained.model_id
    pd.testing.assert_frame_equal(again.predict_table(some), trained.predict_table(some))


def test_other_rows_make_a_model_of_another_name(garden, tiny_framework, trained):
    assert train(training_table(garden).iloc[1:], tiny_framework, seed=5).model_id != trained.model_id


def test_a_label_that_training_never_saw_has_no_probability_and_is_not_among_those_seen(tiny_framework):
    rows = [(f"s{number}", f"d{number}", "dig here", "shared") for number in range(4)]
    rows += [(f"n{number}", f"e{number}", "bus there", "none") for number in range(4)]
    table = pd.DataFrame(rows, columns=["segment_id", "document_id", "text", "label"])
    model = train(bare_training_table(table, tiny_framework), tiny_framework, seed=0)
    found = model.predict_table(texts("dig here", "bus there"))
    assert model.facts["labels_seen"] == ["none", "shared"]
    assert (found[["both", "managed"]] == 0).all(axis=None)
    assert found["shared"].tolist()[0] > 0.5 > found["shared"].tolist()[1]


def test_a_model_says_what_it_was_trained_on_in_plain_values(trained, garden, tiny_framework):
    facts = json.loads(json.dumps(dict(trained.facts)))
    assert facts["n_segments"] == len(garden.segments)
    assert (facts["n_documents"], facts["n_groups"], facts["seed"]) == (14, 7, 5)
    assert facts["framework_sha256"] == tiny_framework.sha256
    assert facts["provenance"] == {"corpora": {"garden": garden.sha256}}
    assert facts["not_for"] == "Not for prizes."
    assert "garden2020" in repr(trained)


def test_one_label_alone_is_refused(garden, tiny_framework):
    table = training_table(garden)
    with pytest.raises(CodingError, match="at least two labels"):
        train(table[table["label"] == "none"], tiny_framework, seed=0)


def test_rows_that_stand_twice_are_refused(garden, tiny_framework):
    table = training_table(garden)
    with pytest.raises(InputError, match="stand twice in the training rows"):
        train(pd.concat([table, table.head(2)]), tiny_framework, seed=0)


def test_rows_without_weight_are_refused(garden, tiny_framework):
    with pytest.raises(InputError, match="weights above 0"):
        train(training_table(garden).assign(weight=0.0), tiny_framework, seed=0)


def test_labels_of_another_framework_are_refused(garden, deegan):
    with pytest.raises(CodingError, match="unknown label 'shared'"):
        train(training_table(garden), deegan, seed=0)


def test_the_label_named_follows_the_rule_that_the_facts_hold(trained):
    found = np.array([[0.5, 0.0, 0.1, 0.4], [0.9, 0.0, 0.0, 0.1]])
    rule = {"none": 0.5, "shared": 1.0, "both": 1.0, "managed": 1.0}
    ruled = replace(trained, facts={**trained.facts, "rule": rule})
    assert ruled.named(found).tolist() == ["managed", "none"]
    assert replace(trained, facts={}).named(found).tolist() == ["none", "none"]


def test_a_corpus_is_judged_in_its_context_and_texts_alone_without(trained, garden):
    table = analysed_segments(garden)
    within, alone = trained.probabilities(table), trained.probabilities(table["text"])
    assert np.abs(within - alone).max() > 0.01
    found = trained.predict_table(table)
    usual = ~found["out_of_domain"].to_numpy(dtype=bool)
    assert (found[list(trained.labels)].to_numpy()[usual] == within[usual]).all()


def test_segments_of_a_document_that_is_out_of_domain_are_judged_by_their_words_alone(trained):
    strange = texts("Zymurgy exhilarates quixotic jackdaws", "Vexed knights pry open crypts")
    table = strange.assign(document="The warden counts rakes", before="We dig together here")
    found = trained.predict_table(table)
    assert found["out_of_domain"].all()
    pd.testing.assert_frame_equal(found, trained.predict_table(strange))
