"""Giving anybody's probabilities their word back: one factor and a constant for each label, out of fold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import softmax

from peercompare.classifier.calibrating import CALIBRATION_FOLDS, calibrate
from peercompare.classifier.evaluation import aligned, true_labels
from peercompare.classifier.prediction import UNCODED
from peercompare.classifier.splits import grouped_folds
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.errors import UndefinedError

FLOOR = 1e-4
"""No probability is taken for less: a model that says 0 cannot mean that it is never wrong."""


def recalibrated(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    seed: int,
    n_folds: int = CALIBRATION_FOLDS,
    truth: str = GOLD,
) -> pd.DataFrame:
    """Calibrate predictions on the codings of other employers or workers than each segment's own.

    For each of some grouped folds, one factor for all log probabilities (a temperature) and one constant for
    each label are fitted to the coded segments of the other folds, as our own classifier's are; see
    `peercompare.classifier.calibrating.calibrate`. Predictions without probabilities are taken for 1 and
    `FLOOR`, and come back with the probability that their labels deserve.

    Parameters
    ----------
    corpus : Corpus
        Whose codings say what was right.
    predictions : DataFrame
        ``segment_id`` and a probability column for each label, for every analysed segment.
    seed : int
        Of the folds.
    n_folds : int, default 3
        At least 2; groups (employers or workers) are kept whole.
    truth : str, default "gold"
        The `coder_id` that counts as the truth.

    Returns
    -------
    DataFrame
        ``segment_id, fold, model_id`` and a column for each label, in the order of ``corpus.segments``.
        ``fold`` is the fold of the calibration; ``model_id`` ends in "+calibrated". The label with the
        highest probability may be another than before: constants move where labels meet.

    Raises
    ------
    UndefinedError
        If there are fewer groups than folds, or one fold would leave a label without any coded segment.
    InputError, CodingError
        As in `scores_table`.

    References
    ----------
    Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML,
    PMLR 70, 1321-1330.
    """
    labels, segments = list(corpus.framework.labels), analysed_segments(corpus)
    known = true_labels(corpus, truth)
    scores = np.log(np.maximum(aligned(predictions, segments["segment_id"], labels), FLOOR))
    of = segments["segment_id"].map(known)
    y = pd.Index(labels).get_indexer(of)
    folds = grouped_folds(of.fillna(UNCODED), segments["group"], n_folds=n_folds, seed=seed)
    found = np.empty_like(scores)
    for fold in range(n_folds):
        teaching = (folds != fold) & (y >= 0)
        _refuse_unseen(np.unique(y), y[teaching], labels)
        present = np.unique(y[teaching])
        fitted = calibrate(
            scores[np.ix_(teaching, present)], np.searchsorted(present, y[teaching]), np.ones(teaching.sum())
        )
        found[folds == fold] = _applied(scores[folds == fold], present, fitted.factor, fitted.constants)
    names = predictions.set_index("segment_id").reindex(segments["segment_id"]).get("model_id", "predictions")
    rows = pd.DataFrame({"segment_id": segments["segment_id"].to_numpy(), "fold": folds})
    rows["model_id"] = np.asarray(names, dtype=object) + "+calibrated"
    return pd.concat([rows, pd.DataFrame(found, columns=labels)], axis=1)


def _applied(
    scores: np.ndarray, present: np.ndarray, factor: float, constants: tuple[float, ...]
) -> np.ndarray:
    """Apply a calibration; labels that no coded segment has get no constant."""
    logits = factor * scores
    logits[:, present] += np.array(constants)
    return softmax(logits, axis=1)


def _refuse_unseen(all_of_them: np.ndarray, teaching: np.ndarray, labels: list[str]) -> None:
    """Refuse folds of which one lacks a label that is coded elsewhere."""
    unseen = [labels[at] for at in np.setdiff1d(all_of_them, [-1, *teaching])]
    if unseen:
        raise UndefinedError(
            f"The label {', '.join(unseen)} is coded for too few employers or workers to be calibrated"
        )
