"""Fine-tuning: learns what words tell, from soft labels, the same from the same seed; spares the encoder."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra embeddings: make test-embeddings")

from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict, cross_validate
from sklearn.utils.estimator_checks import check_estimator

from peercompare.classifier.embeddings import EmbeddingClassifier, FineTunedClassifier
from peercompare.classifier.embeddings.lessons import lesson_of
from peercompare.errors import CodingError, InputError

KINDS = {
    "travel": "bus leaves at nine",
    "sharing": "we dig together here",
    "counting": "the warden counts rakes",
}


@pytest.fixture(scope="module")
def told():
    rng = np.random.default_rng(2)
    names = rng.choice(list(KINDS), size=90)
    filler = ["today", "slowly", "near", "north", "early", "late", "often"]
    return [f"{KINDS[name]} {' '.join(rng.choice(filler, size=3))}" for name in names], names


@pytest.fixture(scope="module")
def tuner(encoder):
    return FineTunedClassifier(encoder, epochs=12, learning_rate=3e-3, head_rate=3e-2, random_state=4)


@pytest.fixture(scope="module")
def tuned(tuner, told):
    return clone(tuner).fit(*told)


def test_it_learns_what_the_words_tell(tuned, told):
    fresh = [f"{words} again south" for words in KINDS.values()]
    assert tuned.predict(fresh).tolist() == list(KINDS)
    assert (tuned.predict(told[0]) == told[1]).mean() > 0.95


def test_probabilities_sum_to_one_in_the_order_of_the_classes(tuned, told):
    found = tuned.predict_proba(pd.DataFrame({"text": told[0][:5]}))
    assert tuned.classes_.tolist() == sorted(KINDS)
    assert np.allclose(found.sum(axis=1), 1)
    assert (tuned.classes_[found.argmax(axis=1)] == tuned.predict(told[0][:5])).all()
    assert tuned.predict_proba([]).shape == (0, 3)


def test_the_same_seed_gives_the_same_model_and_another_seed_another(tuner, tuned, told):
    again = clone(tuner).fit(*told)
    other = clone(tuner).set_params(random_state=5).fit(*told)
    assert np.array_equal(again.predict_proba(told[0]), tuned.predict_proba(told[0]))
    assert not np.allclose(other.predict_proba(told[0]), tuned.predict_proba(told[0]), atol=1e-3)


def test_the_encoder_itself_and_the_lower_layers_do_not_change(encoder, tuned):
    before = dict(encoder.network.named_parameters())
    moved = {n for n, each in tuned.network_.body.named_parameters() if not each.equal(before[n])}
    assert moved
    assert all(".layer.1." in name for name in moved)
    assert moved <= set(tuned.network_.changed())


def test_a_text_that_coders_read_differently_is_learned_once_with_shares_of_the_vote():
    lesson = lesson_of(["a", "b", "a", "c"], np.array([0, 1, 2, 1]), np.array([0.75, 1.0, 0.25, 0.0]))
    assert lesson.texts == ["a", "b"]
    assert lesson.shares.tolist() == [[0.75, 0, 0.25], [0, 1, 0]]
    assert lesson.weights.tolist() == [1.0, 1.0]


def test_a_weight_of_nothing_teaches_nothing(tuner, told):
    texts, names = [*told[0], "fresh beans taste good"], [*told[1], "cooking"]
    weights = np.append(np.ones(90), 0.001)
    small = clone(tuner).set_params(epochs=1).fit(texts, names, sample_weight=weights)
    assert small.predict_proba(texts).shape == (91, 4)


def test_one_class_alone_is_refused(tuner, told):
    with pytest.raises(CodingError, match="at least two classes"):
        clone(tuner).fit(told[0], ["travel"] * 90)


@pytest.mark.parametrize(("setting", "value"), [("epochs", 0), ("batch_size", 0), ("n_layers", 3)])
def test_settings_that_cannot_be_are_refused(tuner, told, setting, value):
    with pytest.raises(InputError):
        clone(tuner).set_params(**{setting: value}).fit(*told)


def test_a_head_on_the_frozen_encoder_learns_it_too(encoder, told):
    head = EmbeddingClassifier(encoder, alpha=0.01)
    found = cross_val_predict(head, pd.DataFrame({"text": told[0]}), told[1], cv=3)
    assert (found == told[1]).mean() > 0.9
    assert clone(head).get_params()["encoder"] is encoder


def test_a_head_whose_classes_count_the_same_does_not_drown_a_rare_one(encoder, told):
    rare = np.array(told[1]) == "counting"
    kept = np.flatnonzero(~rare).tolist() + np.flatnonzero(rare)[:3].tolist()
    texts, names = [told[0][n] for n in kept], [told[1][n] for n in kept]
    head = EmbeddingClassifier(encoder).fit(texts, names)
    assert head.predict([told[0][n] for n in np.flatnonzero(rare)[3:]]).tolist().count("counting") > 10


@pytest.mark.filterwarnings("ignore:Can't test estimator")
@pytest.mark.parametrize("kind", [EmbeddingClassifier, FineTunedClassifier])
def test_what_scikit_learn_checks_of_estimators_that_read_texts_holds(encoder, kind):
    found = check_estimator(kind(encoder), on_fail=None, on_skip=None)
    assert {each["status"] for each in found} == {"passed"}


def test_weights_are_routed_to_the_fit(encoder, told):
    texts, names = pd.DataFrame({"text": [*told[0][:30]] * 2}), [*told[1][:30], *["travel"] * 30]
    with config_context(enable_metadata_routing=True):
        routed = EmbeddingClassifier(encoder).set_fit_request(sample_weight=True)
        routed.set_score_request(sample_weight=False)
        found = cross_validate(
            routed, texts, names, cv=[(np.arange(60), np.arange(60))], return_estimator=True,
            params={"sample_weight": np.repeat([1.0, 0.0], 30)},
        )["estimator"][0]  # fmt: skip
    bare = EmbeddingClassifier(encoder).fit(texts[:30], names[:30])
    assert np.allclose(found.predict_proba(texts), bare.predict_proba(texts), atol=1e-3)
