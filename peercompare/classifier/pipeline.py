"""The classifier itself: word and character n-grams, a logistic regression, and its calibration.

Everything is a standard scikit-learn part, so that a saved model can be read back against a fixed list of
types, and linear in its features, so that a prediction can be taken apart exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from peercompare.classifier.splits import grouped_folds
from peercompare.errors import CodingError, InputError

TOKEN = r"(?u)\b\w[\w']*|[?!]"
"""A word, with what an apostrophe joins to it; one-letter words ("I") and the marks ? and ! carry stance."""

KIND_WEIGHTS = {"word": 0.6, "char": 1.0}
"""Words weigh less, since the character sequences inside them hold them once more."""

CALIBRATION_FOLDS = 3

FACTORS = (0.1, 20.0)
"""Range of the calibration's factor; scores that say nothing, or all, would drive it to 0 or infinity."""


class Calibration(NamedTuple):
    """How scores were turned into probabilities: ``softmax(factor * scores + constants)``."""

    factor: float
    constants: tuple[float, ...]


class Fit(NamedTuple):
    """A fitted pipeline, its calibration, and what it would have said of rows whose group it had not seen.

    `unseen` has the shape (n_rows, n_labels present): calibrated probabilities, each from a model that was
    fitted without the row's group. It is None where `calibration` is.
    """

    pipeline: Pipeline
    calibration: Calibration | None
    unseen: np.ndarray | None


def make_classifier(
    labels: Sequence[str], *, seed: int, settings: Mapping[str, Any] | None = None
) -> Pipeline:
    """Make an unfitted pipeline: word and character n-gram tf-idf into a multinomial logistic regression.

    The answer `y` of a row is its label's position in `labels`, so that ``predict_proba`` keeps their order.
    The penalty is strong on purpose: what it costs in confidence, `fit_classifier` gives back by calibration.

    Parameters
    ----------
    labels : sequence of str
        The labels in the framework's order; at least two.
    seed : int
        Passed to the solver.
    settings : mapping, optional
        Hyper-parameters other than the usual ones, as ``set_params`` takes them: ``{"model__C": 0.3}``.

    Returns
    -------
    Pipeline
        Steps ``features`` (a union of ``word`` and ``char``) and ``model``.

    Raises
    ------
    InputError
        If there are fewer than two labels, or one stands twice; if the pipeline has no such setting.
    """
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise InputError(f"A classifier needs two or more different labels; it was given {list(labels)}")
    word = TfidfVectorizer(token_pattern=TOKEN, ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    char = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    regression = LogisticRegression(C=1.0, max_iter=5000, random_state=seed)
    features = FeatureUnion([("word", word), ("char", char)], transformer_weights=dict(KIND_WEIGHTS))
    pipeline = Pipeline([("features", features), ("model", regression)])
    unknown = [name for name in settings or {} if name not in pipeline.get_params()]
    if unknown:
        raise InputError(
            f"The classifier has no setting {', '.join(unknown)}",
            remedy="use names of `make_classifier(...).get_params()`, for instance model__C",
        )
    return pipeline.set_params(**(settings or {}))


def fit_classifier(
    texts: Sequence[str],
    y: np.ndarray,
    weights: np.ndarray,
    groups: Sequence[str] | None,
    *,
    labels: Sequence[str],
    seed: int,
    settings: Mapping[str, Any] | None = None,
) -> Fit:
    """Fit the pipeline and calibrate it on scores for groups that it has not seen.

    Rows are weighted so that every label counts the same, since a rare label would otherwise never be
    predicted. Such weights, and the penalty, bend the probabilities; so one factor for all scores and one
    constant for each label are fitted to scores out of grouped folds, and folded into the coefficients: the
    model stays linear.

    Parameters
    ----------
    texts : sequence of str, length n_rows
        The texts; a text may stand in several rows with different labels.
    y : np.ndarray of int, shape (n_rows,)
        Positions of the rows' labels in `labels`.
    weights : np.ndarray of float, shape (n_rows,)
        Weights of the rows; those of a segment sum to 1.
    groups : sequence of str, length n_rows, or None
        Employer or worker of each row; None leaves the pipeline uncalibrated.
    labels : sequence of str
        The labels in the framework's order.
    seed : int
        Seed of the folds and of the solver.
    settings : mapping, optional
        As in `make_classifier`.

    Returns
    -------
    pipeline : Pipeline
        Fitted; ``classes_`` holds the positions of the labels that occur.
    calibration : Calibration or None
        What was folded into the coefficients; None where nothing was: without groups, with fewer of them than
        folds, or where a fold would have left a label unseen.
    unseen : np.ndarray, shape (n_rows, n_labels present), or None
        Probabilities for the rows by models that had not seen their group.

    Raises
    ------
    CodingError
        If one label alone occurs, or no text has a word or letter sequence in common with another.

    References
    ----------
    Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML,
    PMLR 70, 1321-1330. Alexandari, A., Kundaje, A. and Shrikumar, A. (2020). Maximum likelihood with
    bias-corrected calibration is hard-to-beat at label shift adaptation. ICML, PMLR 119, 222-232.
    """
    texts = np.array(list(texts), dtype=object)
    y, weights = np.asarray(y), np.asarray(weights, dtype=float)
    make = partial(make_classifier, labels, seed=seed, settings=settings)
    pipeline = _fit(make(), texts, y, weights, labels=labels)
    scores = None
    if groups is not None:
        folding = np.array(list(groups), dtype=object)
        scores = _unseen_scores(texts, y, weights, folding, labels=labels, seed=seed, make=make)
    if scores is None:
        return Fit(pipeline, None, None)
    calibration = calibrate(scores, np.searchsorted(np.unique(y), y), weights)
    _fold_in(pipeline.named_steps["model"], calibration)
    unseen = softmax(calibration.factor * scores + np.array(calibration.constants), axis=1)
    return Fit(pipeline, calibration, unseen)


def _fit(
    pipeline: Pipeline, texts: np.ndarray, y: np.ndarray, weights: np.ndarray, *, labels: Sequence[str]
) -> Pipeline:
    """Fit the pipeline to rows in which every label that occurs counts the same."""
    present = np.unique(y)
    if len(present) < 2:
        only = ", ".join(repr(labels[position]) for position in present) or "none at all"
        raise CodingError(
            f"A classifier needs at least two labels to tell apart; the training rows have {only}",
            remedy="add segments with other labels",
        )
    try:
        return pipeline.fit(texts, y, model__sample_weight=_balanced(y, weights))
    except ValueError as error:
        if "no terms remain" not in str(error) and "empty vocabulary" not in str(error):
            raise
        raise CodingError(
            f"The {len(texts)} training rows have no word or letter sequence in common",
            remedy="train on more texts",
        ) from None


def _balanced(y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scale the weights so that all labels count the same and the sum stays.

    >>> _balanced(np.array([0, 0, 0, 1]), np.ones(4)).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    totals = np.bincount(y, weights=weights)
    return weights * weights.sum() / (np.count_nonzero(totals) * totals[y])


def _unseen_scores(
    texts: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    *,
    labels: Sequence[str],
    seed: int,
    make: Callable[[], Pipeline],
) -> np.ndarray | None:
    """Score every row with a model that has not seen its group; None where the folds cannot be made."""
    present = np.unique(y)
    if len(np.unique(groups)) < CALIBRATION_FOLDS:
        return None
    folds = grouped_folds(y, groups, n_folds=CALIBRATION_FOLDS, seed=seed)
    scores = np.empty((len(y), len(present)))
    for fold in range(CALIBRATION_FOLDS):
        test = folds == fold
        if len(np.unique(y[~test])) < len(present):
            return None
        model = _fit(make(), texts[~test], y[~test], weights[~test], labels=labels)
        scores[test] = linear_scores(model, texts[test])
    return scores


def linear_scores(pipeline: Pipeline, texts: np.ndarray) -> np.ndarray:
    """Return the linear scores whose softmax gives the probabilities; shape (n_texts, n_labels present)."""
    scores = pipeline.decision_function(texts)
    return np.column_stack([-scores, scores]) / 2 if scores.ndim == 1 else scores


def calibrate(scores: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Calibration:
    """Fit one factor for all scores and one constant for each label, by weighted maximum likelihood.

    Parameters
    ----------
    scores : np.ndarray, shape (n_rows, n_labels)
        Linear scores for rows that the model has not seen.
    y : np.ndarray of int, shape (n_rows,)
        Column of each row's label.
    weights : np.ndarray, shape (n_rows,)
        Weights of the rows.

    Returns
    -------
    Calibration
        The constants sum to zero.

    Examples
    --------
    Scores that say four to one where one in two is right are drawn together.

    >>> scores = np.log([[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.2, 0.8]])
    >>> found = calibrate(scores, np.array([0, 1, 0, 1]), np.ones(4))
    >>> found.factor == FACTORS[0], np.allclose(found.constants, 0, atol=1e-6)
    (True, True)
    """
    share = weights / weights.sum()
    truth = np.zeros_like(scores)
    truth[np.arange(len(y)), y] = 1.0

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        logits = values[0] * scores + values[1:]
        error = share[:, None] * (softmax(logits, axis=1) - truth)
        entropy = -(share[:, None] * truth * log_softmax(logits, axis=1)).sum()
        return entropy, np.append((error * scores).sum(), error.sum(axis=0))

    start = np.append(1.0, np.zeros(scores.shape[1]))
    bounds = [FACTORS] + [(-10.0, 10.0)] * scores.shape[1]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    constants = found[1:] - found[1:].mean()
    return Calibration(float(found[0]), tuple(float(value) for value in constants))


def _fold_in(regression: LogisticRegression, calibration: Calibration) -> None:
    """Write the calibration into the coefficients of a fitted regression."""
    constants = np.array(calibration.constants)
    if len(regression.intercept_) == 1:
        constants = np.array([constants[1] - constants[0]])
    regression.coef_ = regression.coef_ * calibration.factor
    regression.intercept_ = regression.intercept_ * calibration.factor + constants
