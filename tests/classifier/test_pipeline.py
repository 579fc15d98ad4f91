"""Fitting to training rows, and what is kept of the fit."""

import numpy as np
import pytest

from peercompare.classifier import make_classifier
from peercompare.classifier.pipeline import fit_classifier
from peercompare.errors import CodingError, InputError

LABELS = ("none", "low", "high")


def test_probabilities_come_in_the_order_of_the_labels_whatever_their_spelling(told_by_words):
    texts, y, groups = told_by_words(8, 15)
    fit = fit_classifier(texts, y, np.ones(len(y)), groups, labels=LABELS, seed=1)
    assert fit.pipeline.classes_.tolist() == [0, 1, 2]
    found = fit.pipeline.predict_proba(["bus car van", "apple pear plum", "red green blue"])
    assert (found * fit.rule).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_label_that_no_row_has_is_not_among_the_classes(told_by_words):
    texts, y, groups = told_by_words(8, 15)
    fit = fit_classifier(texts, np.where(y == 1, 2, y), np.ones(len(y)), groups, labels=LABELS, seed=1)
    assert fit.pipeline.classes_.tolist() == [0, 2]
    assert fit.unseen.shape == (len(y), 2)


def test_too_few_groups_leave_the_classifier_uncalibrated(told_by_words):
    texts, y, groups = told_by_words(2, 15)
    fit = fit_classifier(texts, y, np.ones(len(y)), groups, labels=LABELS, seed=1)
    assert fit[1:] == (None, None, None)


def test_a_label_in_one_group_alone_leaves_the_classifier_uncalibrated(told_by_words):
    texts, y, groups = told_by_words(8, 15)
    y = np.where((y == 1) & (groups != "group0"), 0, y)
    y[0] = 1
    assert fit_classifier(texts, y, np.ones(len(y)), groups, labels=LABELS, seed=1).calibration is None


def test_one_label_alone_is_an_error_that_names_it():
    with pytest.raises(CodingError, match=r"at least two labels .* have 'low'"):
        fit_classifier(["a b", "b c"], np.array([1, 1]), np.ones(2), ["x", "y"], labels=LABELS, seed=1)


def test_texts_with_nothing_in_common_are_an_error():
    with pytest.raises(CodingError, match="no word or letter sequence in common"):
        fit_classifier(["ab", "cd"], np.array([0, 1]), np.ones(2), ["x", "y"], labels=LABELS, seed=1)


@pytest.mark.parametrize("labels", [(), ("none",), ("none", "low", "low")])
def test_labels_that_cannot_be_told_apart_are_refused(labels):
    with pytest.raises(InputError, match="two or more different labels"):
        make_classifier(labels, seed=0)


def test_a_setting_that_there_is_not_is_refused():
    with pytest.raises(InputError, match="no setting model__C"):
        make_classifier(LABELS, seed=0, settings={"model__C": 1.0})
