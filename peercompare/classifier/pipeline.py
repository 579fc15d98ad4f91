"""Fitting the classifier of the base install to training rows, and what is kept of the fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline

from peercompare.classifier.calibrating import Calibration
from peercompare.classifier.inputs import Texts, as_inputs
from peercompare.classifier.stance import StanceClassifier
from peercompare.errors import CodingError, InputError

TOKEN = r"(?u)\b\w[\w']*|[?!]"
"""A word, with what an apostrophe joins to it; one-letter words ("I") and the marks ? and ! carry stance."""


class Fit(NamedTuple):
    """A fitted pipeline, its calibration, and what it would have said of rows whose group it had not seen.

    `unseen` has the shape (n_rows, n_labels present): calibrated probabilities, each from a model that was
    fitted without the row's group. It is None where `calibration` is. `rule` is what probabilities are
    multiplied by before the largest names a label, of the labels present; None names the most probable.
    """

    pipeline: Pipeline
    calibration: Calibration | None
    unseen: np.ndarray | None
    rule: np.ndarray | None = None


def make_classifier(
    labels: Sequence[str], *, seed: int, settings: Mapping[str, Any] | None = None
) -> StanceClassifier:
    """Make an unfitted classifier; see `StanceClassifier`.

    The answer `y` of a row is its label's position in `labels`, so that ``predict_proba`` keeps their order.

    Parameters
    ----------
    labels : sequence of str
        The labels in the framework's order; at least two.
    seed : int
        Of the folds.
    settings : mapping, optional
        Hyper-parameters other than the usual ones, as ``set_params`` takes them: ``{"alpha": 10.0}``.

    Returns
    -------
    StanceClassifier
        Unfitted.

    Raises
    ------
    InputError
        If there are fewer than two labels, or one stands twice; if the classifier has no such setting.
    """
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise InputError(f"A classifier needs two or more different labels; it was given {list(labels)}")
    classifier = StanceClassifier(random_state=seed)
    unknown = [name for name in settings or {} if name not in classifier.get_params()]
    if unknown:
        raise InputError(
            f"The classifier has no setting {', '.join(unknown)}",
            remedy="use names of `make_classifier(...).get_params()`, for instance alpha",
        )
    return classifier.set_params(**(settings or {}))


def fit_classifier(
    texts: Texts,
    y: np.ndarray,
    weights: np.ndarray,
    groups: Sequence[str] | None,
    *,
    labels: Sequence[str],
    seed: int,
    settings: Mapping[str, Any] | None = None,
) -> Fit:
    """Fit the classifier and calibrate it on scores for groups that it has not seen.

    Parameters
    ----------
    texts : sequence of str, or DataFrame with ``text`` and context, length n_rows
        A text may stand in several rows with different labels.
    y : np.ndarray of int, shape (n_rows,)
        Positions of the rows' labels in `labels`.
    weights : np.ndarray of float, shape (n_rows,)
        Weights of the rows; those of a segment sum to 1.
    groups : sequence of str, length n_rows, or None
        Employer or worker of each row; None leaves the classifier uncalibrated.
    labels : sequence of str
        The labels in the framework's order.
    seed : int
        Seed of the folds.
    settings : mapping, optional
        As in `make_classifier`.

    Returns
    -------
    Fit
        Of its pipeline ``classes_`` holds the positions of the labels that occur. Nothing is calibrated
        without groups, with fewer than three of them, or where a fold would have left a label unseen.

    Raises
    ------
    CodingError
        If one label alone occurs, or no text has a word or letter sequence in common with another.
    """
    table, y = as_inputs(texts), np.asarray(y)
    present = np.unique(y)
    if len(present) < 2:
        only = ", ".join(repr(labels[position]) for position in present) or "none at all"
        raise CodingError(
            f"A classifier needs at least two labels to tell apart; the training rows have {only}",
            remedy="add segments with other labels; copies of texts held out for testing do not count",
        )
    classifier = make_classifier(labels, seed=seed, settings=settings)
    try:
        classifier.fit(table, y, sample_weight=weights, groups=groups)
    except ValueError as error:
        if "no terms remain" not in str(error) and "empty vocabulary" not in str(error):
            raise
        raise CodingError(
            f"The {len(table)} training rows have no word or letter sequence in common",
            remedy="train on more texts",
        ) from None
    rule = classifier.rule_ if classifier.calibration_ else None
    return Fit(classifier.pipeline_, classifier.calibration_, classifier.unseen_, rule)
