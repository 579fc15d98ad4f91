"""Models on embeddings stand where the n-gram model stands: tables, sets, domain, folds, cards, files."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra embeddings: make test-embeddings")

from peercompare.classifier import load_model, out_of_fold, save_model, scores_table, train
from peercompare.classifier.card import card_paths, model_card
from peercompare.classifier.decision import NAMED
from peercompare.classifier.embeddings import EncoderModel, learner, make_stack, train_encoder
from peercompare.classifier.embeddings.learning import kind_of
from peercompare.classifier.persistence import read_facts
from peercompare.errors import CodingError, InputError


@pytest.fixture(scope="module")
def texts(garden):
    return garden.segments[["segment_id", "document_id", "text"]]


def test_a_table_is_answered_with_sets_and_what_is_unlike(embedding_model, texts):
    found = embedding_model.predict_table(texts)
    added = [NAMED, "label_set", "abstained", "unlike", "out_of_domain", "why_unlike"]
    assert found.columns.tolist() == ["segment_id", "fold", "model_id", *embedding_model.labels, *added]
    assert np.allclose(found[list(embedding_model.labels)].sum(axis=1), 1)
    assert found["out_of_domain"].mean() < 0.3


def test_facts_say_what_was_learned_from_which_encoder(embedding_model, encoder, tiny_framework):
    facts = embedding_model.facts
    assert facts["encoder"] == {"name": "tiny", "sha256": encoder.sha256, "n_dimensions": 32}
    assert facts["framework_sha256"] == tiny_framework.sha256
    assert {"torch", "sentence-transformers"} <= set(facts["versions"])
    assert facts["n_segments"] == 126
    assert embedding_model.model_id.startswith("embedding-")


def test_a_strange_document_is_out_of_domain_and_the_reason_says_in_what(embedding_model):
    odd = pd.DataFrame({"segment_id": ["x:1"], "document_id": "x", "text": "sign sign sign sign sign quota"})
    found = embedding_model.predict_table(odd)
    assert found["out_of_domain"].all()
    assert "usual: up to" in found["why_unlike"][0]


def test_a_stack_pools_three_classifiers(stack_model):
    assert [name for name, _ in stack_model.pipeline.estimators] == ["ngram", "embedding", "finetuned"]
    assert kind_of(stack_model.pipeline) == "stack"
    assert len(stack_model.pipeline.pool_.factors) == 3


def test_the_same_rows_and_seed_give_the_same_model(embedding_model, rows, tiny_framework, encoder):
    again = train_encoder(rows, tiny_framework, make_stack("embedding", encoder, seed=5), seed=5)
    other = train_encoder(rows, tiny_framework, make_stack("embedding", encoder, seed=6), seed=6)
    assert again.model_id == embedding_model.model_id != other.model_id


def test_out_of_fold_predictions_take_the_learner(garden, encoder):
    found = out_of_fold(garden, n_folds=3, seed=1, learn=learner("embedding", encoder))
    assert found["model_id"].str.startswith("embedding-").all()
    assert found["model_id"].nunique() == 3
    scores = scores_table(garden, found, model="embedding")
    assert scores.set_index(["score", "label"]).loc[("macro_f1", ""), "estimate"] > 0.5


@pytest.mark.parametrize("kind", ["embedding", "hybrid"])
def test_examples_of_the_framework_teach_and_are_counted_nowhere(
    taught_garden, rows, tiny_framework, encoder, kind
):
    def trained(weight):
        stack = make_stack(kind, encoder, seed=5)
        return train_encoder(rows, tiny_framework, stack, seed=5, examples_weight=weight)

    model, bare = trained(0.5), trained(0.0)
    assert model.model_id != bare.model_id
    assert (model.facts["examples"], bare.facts["examples"]) == ({"n": len(taught_garden)}, None)
    for name in ("n_segments", "n_documents", "n_groups", "whose", "labels_seen"):
        assert model.facts[name] == bare.facts[name]
    assert model.facts["domain"] == bare.facts["domain"]
    assert np.array_equal(model.centroids, bare.centroids)
    unseen = model.pipeline.unseen_
    assert np.isfinite(unseen[: len(rows)]).all()
    assert np.isnan(unseen[len(rows) :]).all()
    assert len(unseen) == len(rows) + len(taught_garden)


def test_a_learner_weighs_examples_as_it_was_told_to(taught_garden, rows, tiny_framework, encoder):
    taught = taught_garden["text"].tolist()
    learn = learner("embedding", encoder, examples_weight=0.25)
    model = learn(rows, tiny_framework, seed=1, apart_from=taught[:7], calibrate=False)
    assert model.facts["examples"]["n"] < len(taught)
    assert (
        learner("embedding", encoder, examples_weight=0)(rows, tiny_framework, seed=1).facts["examples"]
        is None
    )


def test_a_label_that_training_never_saw_has_probability_0(rows, tiny_framework, encoder):
    some = rows[rows["label"] != "both"]
    model = train_encoder(some, tiny_framework, make_stack("embedding", encoder, seed=1), seed=1)
    assert model.probabilities(["fresh beans taste good"])[0, 2] == 0
    assert "both" not in model.facts["labels_seen"]


def test_an_unknown_kind_is_refused(encoder):
    with pytest.raises(InputError, match="choose from embedding, finetuned, hybrid, stack"):
        make_stack("oracle", encoder, seed=1)


def test_rows_that_no_model_could_learn_from_are_refused_like_everywhere(rows, tiny_framework, encoder):
    with pytest.raises(CodingError):
        train_encoder(
            rows.assign(label="no such"), tiny_framework, make_stack("embedding", encoder, seed=1), seed=1
        )


def test_the_card_describes_it(embedding_model, tiny_framework, garden):
    text = model_card(embedding_model, framework=tiny_framework, corpora=[garden], name="embedding").markdown
    assert "frozen sentence embeddings" in text
    assert embedding_model.facts["encoder"]["sha256"] in text
    assert [path.name for path in card_paths("m/stance.zip")] == ["stance.card.md", "stance.card.html"]


@pytest.mark.parametrize("kind", ["embedding", "stack"])
def test_a_saved_model_answers_the_same(request, kind, texts, garden, tiny_framework, tmp_path):
    model = request.getfixturevalue(f"{kind}_model")
    path = save_model(model, tmp_path / "model.zip")
    again = load_model(path, tiny_framework, corpora=[garden])
    assert isinstance(again, EncoderModel)
    assert again.facts == dict(model.facts)
    pd.testing.assert_frame_equal(again.predict_table(texts), model.predict_table(texts))
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_facts(path) == model.facts


def test_the_file_holds_no_text_of_the_training(stack_model, garden, tmp_path):
    content = save_model(stack_model, tmp_path / "model.zip").read_bytes()
    assert not any(text.encode() in content for text in garden.segments["text"])


def test_the_n_gram_model_is_still_read_as_such(trained, tiny_framework, tmp_path):
    path = save_model(trained, tmp_path / "plain.skops")
    assert load_model(path, tiny_framework).model_id == trained.model_id
    assert train.__name__ == "train"
