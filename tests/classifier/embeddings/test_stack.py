"""Pooling classifiers: the factors and constants that made the answers are found, groups are held out."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import GroupKFold, cross_val_predict

from peercompare.classifier.embeddings.stack import StackedClassifier, fit_pool
from peercompare.classifier.stance import StanceClassifier
from peercompare.errors import CodingError, InputError


class Reader(ClassifierMixin, BaseEstimator):
    """Reads the answer off the text, right in a share of the texts; remembers how many texts taught it."""

    def __init__(self, share=1.0):
        self.share = share

    def fit(self, X, y, sample_weight=None):
        self.classes_, self.taught_ = np.unique(y), set(X["text"])
        return self

    def predict_proba(self, X):
        rng = np.random.default_rng(0)
        told = X["text"].str[0].astype(int).to_numpy()
        told = np.where(rng.random(len(X)) < self.share, told, rng.integers(0, 3, size=len(X)))
        return softmax(2 * np.eye(3)[told], axis=1)[:, self.classes_]


@pytest.fixture
def made_up(rng):
    y = rng.integers(0, 3, size=240)
    texts = [f"{label} text {number}" for number, label in enumerate(y)]
    return texts, y, np.repeat([f"group{n}" for n in range(12)], 20)


def test_factors_and_constants_that_made_the_answers_are_found(rng):
    logs = np.log(rng.dirichlet(np.ones(3), size=(60_000, 2)))
    constants = np.array([0.6, -0.1, -0.5])
    chances = softmax(1.5 * logs[:, 0] + 0.4 * logs[:, 1] + constants, axis=1)
    y = (rng.random(len(logs))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    pool = fit_pool(logs, y, np.ones(len(y)))
    assert pool.factors == pytest.approx([1.5, 0.4], abs=0.05)
    assert pool.constants == pytest.approx(constants, abs=0.05)
    assert np.allclose(pool.probabilities(logs).mean(axis=0), np.bincount(y) / len(y), atol=1e-3)


def test_a_row_of_weight_two_counts_as_two_rows(rng):
    logs, y = np.log(rng.dirichlet(np.ones(3), size=(60, 2))), rng.integers(0, 3, size=60)
    weights, doubled = np.where(np.arange(60) < 20, 2.0, 1.0), np.append(np.arange(60), np.arange(20))
    once, twice = fit_pool(logs, y, weights), fit_pool(logs[doubled], y[doubled], np.ones(80))
    assert once.factors == pytest.approx(twice.factors, abs=1e-3)
    assert once.constants == pytest.approx(twice.constants, abs=1e-3)


def test_a_classifier_that_only_guesses_has_no_say(made_up):
    texts, y, groups = made_up
    stack = StackedClassifier([("reads", Reader(0.9)), ("guesses", Reader(0.0))], random_state=1)
    stack.fit(texts, y, groups=groups)
    assert stack.calibrated_
    assert stack.pool_.factors[0] > 1 > 0.3 > stack.pool_.factors[1]
    assert np.allclose(stack.predict_proba(texts).sum(axis=1), 1)


def test_every_training_row_is_judged_by_classifiers_that_had_not_seen_its_group(made_up, monkeypatch):
    texts, y, groups = made_up
    group_of = dict(zip(texts, groups, strict=True))
    crossed = []
    ask = Reader.predict_proba

    def predict_proba(self, X):
        crossed.append({group_of[t] for t in X["text"]} & {group_of[t] for t in self.taught_})
        return ask(self, X)

    monkeypatch.setattr(Reader, "predict_proba", predict_proba)
    stack = StackedClassifier([("reads", Reader())], random_state=1).fit(texts, y, groups=groups)
    assert crossed == [set(), set(), set()]
    assert stack.unseen_.shape == (240, 3)


def test_with_fewer_groups_than_folds_the_classifiers_count_the_same_and_nothing_is_calibrated(made_up):
    texts, y, _ = made_up
    stack = StackedClassifier([("a", Reader()), ("b", Reader())]).fit(texts, y, groups=["one", "two"] * 120)
    assert not stack.calibrated_
    assert stack.unseen_ is None
    assert stack.pool_.factors.tolist() == [0.5, 0.5]


def test_rows_without_a_group_teach_in_every_fold_and_are_no_part_of_pool_or_rule(made_up):
    texts, y, groups = made_up
    # Examples that are all wrong: were they judged, they would move the pool.
    more = [f"{(label + 1) % 3} example {number}" for number, label in enumerate(y)]
    taught = []

    class Remembering(Reader):
        def fit(self, X, y, sample_weight=None):
            taught.append(set(X["text"]))
            return super().fit(X, y)

    alone = StackedClassifier([("a", Reader())], random_state=1).fit(texts, y, groups=groups)
    stack = StackedClassifier([("a", Remembering())], random_state=1)
    stack.fit([*texts, *more], np.append(y, y), groups=[*groups, *[None] * len(more)])
    assert len(taught) == 4
    assert all(set(more) <= each for each in taught)
    assert np.allclose(stack.pool_.factors, alone.pool_.factors)
    assert np.allclose(stack.rule_, alone.rule_)
    assert np.isnan(stack.unseen_[len(texts) :]).all()
    assert np.allclose(stack.unseen_[: len(texts)], alone.unseen_)


def test_rows_without_a_group_alone_calibrate_nothing(made_up):
    texts, y, _ = made_up
    stack = StackedClassifier([("a", Reader())]).fit(texts, y, groups=[None] * len(texts))
    assert not stack.calibrated_


def test_a_class_that_rows_without_a_group_alone_have_leaves_nothing_to_calibrate(made_up):
    texts, y, groups = made_up
    groups = np.where(y == 2, None, groups)
    assert not StackedClassifier([("a", Reader())]).fit(texts, y, groups=groups).calibrated_


def test_calibration_can_be_left_out(made_up):
    texts, y, groups = made_up
    stack = StackedClassifier([("a", Reader())], calibrate=False).fit(texts, y, groups=groups)
    assert not stack.calibrated_
    assert np.allclose(stack.predict_proba(texts), Reader().fit(pd.DataFrame({"text": texts}), y)
                       .predict_proba(pd.DataFrame({"text": texts})))  # fmt: skip


def test_a_stack_without_classifiers_is_refused(made_up):
    with pytest.raises(InputError, match="no classifier to stack"):
        StackedClassifier().fit(*made_up[:2])


def test_one_class_alone_is_refused(made_up):
    with pytest.raises(CodingError, match="at least two classes"):
        StackedClassifier([("a", Reader())]).fit(made_up[0], np.zeros(240))


def test_texts_and_answers_of_different_number_are_refused(made_up):
    with pytest.raises(InputError, match="240 texts and 239 answers"):
        StackedClassifier([("a", Reader())]).fit(made_up[0], made_up[1][:-1])


def test_a_stack_is_a_scikit_learn_classifier(made_up):
    texts, y, groups = made_up
    words = np.array(["none of it", "low tide", "high hill"])[y]
    stack = StackedClassifier([("ngram", StanceClassifier(random_state=0))], random_state=0)
    assert clone(stack).get_params()["n_folds"] == 3
    assert stack.get_params()["estimators"][0][0] == "ngram"
    frame = pd.DataFrame({"text": [f"{a} {b}" for a, b in zip(words, texts, strict=True)]})
    names = np.array(["none", "low", "high"])[y]
    found = cross_val_predict(stack, frame, names, groups=groups, cv=GroupKFold(3))
    assert (found == names).mean() > 0.95
    assert stack.fit(frame, names).classes_.tolist() == ["high", "low", "none"]
    assert stack.predict_proba(frame[:0]).shape == (0, 3)


def test_groups_and_weights_are_routed_to_the_fit(made_up):
    texts, y, groups = made_up
    with config_context(enable_metadata_routing=True):
        stack = StackedClassifier([("a", Reader())], random_state=0)
        stack.set_fit_request(groups=True, sample_weight=True)
        folds = GroupKFold(3).set_split_request(groups=True)
        params = {"groups": groups, "sample_weight": np.ones(240)}
        found = cross_val_predict(stack, pd.DataFrame({"text": texts}), y, cv=folds, params=params)
    assert (found == y).all()
