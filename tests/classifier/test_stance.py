"""The classifier of the base install as an estimator: exact, calibrated, and one of scikit-learn's own."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.special import softmax
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from peercompare.classifier.features import SegmentFeatures
from peercompare.classifier.inputs import as_inputs
from peercompare.classifier.stance import StanceClassifier
from peercompare.errors import CodingError, InputError

BARE = ["bus car van", "apple pear plum", "red green blue"]


def in_words(X):
    """Spell numbers out: a word for each column and half unit, so that near numbers share their letters."""
    spelt = np.char.mod("%d", np.clip(np.round(2 * X), -99, 99)).astype(object)
    letters = str.maketrans("-0123456789", "mabcdefghij")
    return [" ".join(f"f{at}z{each}".translate(letters) for at, each in enumerate(row)) for row in spelt]


class InNumbers(StanceClassifier):
    """The classifier behind a door for numbers: scikit-learn's checks feed nothing else."""

    def fit(self, X, y, sample_weight=None, groups=None):
        X, y = validate_data(self, X, y)
        return super().fit(in_words(X), y, sample_weight, groups)

    def decision_function(self, X):
        check_is_fitted(self)
        return super().decision_function(in_words(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.no_validation = False, True, False
        return tags


CANNOT_APPLY = {
    "check_classifiers_classes": "words do not tell the blobs of numbers apart as well as numbers do",
    "check_classifiers_train": "words do not tell the blobs of numbers apart as well as numbers do",
    "check_sample_weight_equivalence_on_dense_data": "how rare a term is counts rows and not weights",
}
"""Checks that speak of what this classifier does not do on purpose, or of numbers."""


@parametrize_with_checks([InNumbers()], expected_failed_checks=lambda _: CANNOT_APPLY)
def test_scikit_learns_own_checks(estimator, check):
    # The library has no checks for estimators of texts: it skips them all. So the numbers that its checks
    # feed are spelt out as words, and what they ask of fits, answers, shapes, copies, pickles and errors is
    # asked of the real classifier. What the door itself validates (number of columns, NaN, sparse input,
    # feature names) is no part of it: texts have none; tests of `as_inputs` ask what stands in their place.
    check(estimator)


@pytest.mark.parametrize("made", [StanceClassifier, SegmentFeatures])
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_valid_tag_types,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
        estimator_checks.check_mixin_order,
    ],
)
def test_checks_that_need_no_data_pass_without_a_door(made, check):
    check(made.__name__, made())


@pytest.fixture
def rows(told_by_words):
    return told_by_words(8, 15)


def in_context(texts, groups):
    table = pd.DataFrame({"text": texts})
    document = pd.Series(texts).groupby(groups).transform("\n".join)
    return table.assign(document=document, before=table["text"].shift(fill_value=""))


def test_settings_can_be_read_set_and_cloned():
    copied = clone(StanceClassifier(alpha=2.0, titles=("row host",))).set_params(n_folds=4)
    assert (copied.alpha, copied.titles, copied.n_folds) == (2.0, ("row host",), 4)


def test_answers_may_be_words_and_keep_scikit_learns_order(rows):
    texts, y, groups = rows
    names = np.array(["none", "low", "high"])
    model = StanceClassifier(random_state=0).fit(texts, names[y], groups=groups)
    assert model.classes_.tolist() == ["high", "low", "none"]
    assert model.predict(BARE).tolist() == names.tolist()


def test_calibrated_probabilities_match_the_shares_of_unseen_groups(told_by_words):
    texts, y, groups = told_by_words(20, 40)
    new_texts, new_y, _ = told_by_words(20, 40)
    error = {}
    for name, given in {"calibrated": groups, "bare": None}.items():
        model = StanceClassifier(random_state=1).fit(texts, y, groups=given)
        shares = np.bincount(new_y) / len(new_y)
        error[name] = np.abs(model.predict_proba(new_texts).mean(axis=0) - shares).max()
    assert error["calibrated"] < 0.04 < error["bare"]


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("placed", [False, True])
def test_the_softmax_of_the_coefficients_are_the_probabilities(rows, n_labels, placed):
    texts, y, groups = rows
    X = in_context(texts, groups) if placed else pd.DataFrame({"text": texts})
    model = StanceClassifier(random_state=1).fit(X, np.minimum(y, n_labels - 1), groups=groups)
    regression = model.pipeline_["model"]
    values = model.pipeline_["features"].transform(X)
    scores = values @ regression.coef_.T + regression.intercept_
    scores = np.column_stack([0 * scores, scores]) if n_labels == 2 else scores
    assert np.abs(softmax(scores, axis=1) - model.predict_proba(X)).max() < 1e-12
    assert np.abs(model.pipeline_.predict_proba(X) - model.predict_proba(X)).max() < 1e-12


def test_a_row_of_weight_two_counts_as_two_rows(rows):
    texts, y, _ = rows
    weights = np.where(np.arange(len(y)) < 20, 2, 1)
    doubled = np.append(np.arange(len(y)), np.arange(20))
    once = StanceClassifier(calibrate=False).fit(texts, y, sample_weight=weights)
    twice = StanceClassifier(calibrate=False).fit(np.array(texts, dtype=object)[doubled], y[doubled])
    # how rare a term is counts rows and not weights, so the two are near and not equal
    assert np.abs(once.predict_proba(BARE) - twice.predict_proba(BARE)).max() < 0.02


def test_unseen_probabilities_come_from_models_that_had_not_seen_the_group(rows):
    texts, y, groups = rows
    # each group has words of its own that tell its answers and no other group's
    telling = [f"{text} own{group}{'abc'[at]}" for text, group, at in zip(texts, groups, y, strict=True)]
    model = StanceClassifier(random_state=0).fit(telling, y, groups=groups)
    seen = model.predict_proba(telling)[np.arange(len(y)), y].mean()
    assert model.unseen_[np.arange(len(y)), y].mean() < seen - 0.05


def test_a_segment_without_a_document_is_judged_by_its_words_alone(rows):
    texts, y, groups = rows
    model = StanceClassifier(random_state=0).fit(in_context(texts, groups), y, groups=groups)
    bare = StanceClassifier(random_state=0).fit(texts, y, groups=groups)
    assert np.abs(model.predict_proba(BARE) - bare.predict_proba(BARE)).max() < 0.02


def test_context_that_tells_is_used(told_by_words):
    texts, y, groups = told_by_words(12, 15)
    empty = pd.DataFrame({"text": [f"nothing {group}" for group in groups], "before": texts, "document": "x"})
    model = StanceClassifier(random_state=0).fit(empty, y, groups=groups)
    assert (model.predict(empty) == y).mean() > 0.7
    assert (StanceClassifier(context=False).fit(empty, y).predict(empty) == y).mean() < 0.7


def test_examples_teach_without_being_rows(rows):
    texts, y, groups = rows
    taught = StanceClassifier(codebook=(("zebra car", 1),), codebook_weight=5.0).fit(texts, y, groups=groups)
    untaught = StanceClassifier().fit(texts, y, groups=groups)
    assert taught.unseen_.shape == untaught.unseen_.shape
    assert taught.predict_proba(["car"])[0, 1] > untaught.predict_proba(["car"])[0, 1]


def test_masked_titles_do_not_matter():
    texts = ["a row host counts rakes", "we dig together", "a row host digs beds", "we count the rakes"] * 5
    model = StanceClassifier(titles=("row host", "plot clerk")).fit(texts, [0, 1, 1, 0] * 5)
    found = model.predict_proba(["The row host counts", "The plot clerk counts"])
    assert np.abs(found[0] - found[1]).max() < 1e-12


def test_cross_validation_takes_groups_and_weights_by_metadata_routing(rows):
    texts, y, groups = rows
    X = pd.DataFrame({"text": texts})
    with sklearn.config_context(enable_metadata_routing=True):
        model = StanceClassifier(random_state=0).set_fit_request(sample_weight=True, groups=True)
        model.set_score_request(sample_weight=False)
        params = {"groups": groups, "sample_weight": np.ones(len(y))}
        found = cross_val_predict(model, X, y, cv=GroupKFold(4), params=params, method="predict_proba")
        kept = cross_validate(model, X, y, cv=GroupKFold(4), params=params, return_estimator=True)
    assert (found.argmax(axis=1) == y).mean() > 0.6
    assert all(each.calibration_ for each in kept["estimator"])


def test_without_routing_nothing_is_calibrated_and_cross_validation_works(rows):
    texts, y, groups = rows
    found = cross_val_predict(
        StanceClassifier(), np.array(texts, dtype=object), y, groups=groups, cv=GroupKFold(3)
    )
    assert (found == y).mean() > 0.6


def test_tables_pass_through_a_pipeline_that_puts_out_pandas(rows):
    texts, y, _ = rows
    piped = make_pipeline(FunctionTransformer(as_inputs), StanceClassifier()).set_output(transform="pandas")
    assert (piped.fit(texts, y).predict(texts) == StanceClassifier().fit(texts, y).predict(texts)).all()


def test_no_texts_have_no_probabilities(rows):
    texts, y, _ = rows
    assert StanceClassifier().fit(texts, y).predict_proba([]).shape == (0, 3)


def test_what_cannot_teach_is_refused(rows):
    texts, y, _ = rows
    with pytest.raises(CodingError, match="at least two classes"):
        StanceClassifier().fit(texts, np.zeros(len(y)))
    with pytest.raises(InputError, match="each text needs one"):
        StanceClassifier().fit(texts, y[1:])
    with pytest.raises(InputError, match="no text"):
        StanceClassifier().fit([*texts[1:], None], y)
