"""The labels behind an estimate: all codings, a probability sample put right, or predictions alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift.expert import expert_only
from peercompare.drift.measures import outcomes
from peercompare.drift.plan import worker_index
from peercompare.drift.powertuned import augmentation
from peercompare.drift.rectified import rectify, reduced
from peercompare.drift.scores import PREDICTED, STRATUM, has_predictions, shares
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

SAMPLED = ("probability_sample", "expert_only", "power_tuned")
"""What is made of a sample: rectified by predictions, from the codings alone, or mixed as pays best."""

ESTIMATOR_LABELS = {"rectified": SAMPLED[0], "ppi": SAMPLED[2], "expert_only": SAMPLED[1]}
"""Labels by the estimator that a study or a command names."""

MIN_CODED = 10
"""Fewer sampled segments than these give no interval, and no slope or difference at all."""

COUNTED_LABELS = (
    "predicted labels counted (classify and count): biased, and its interval leaves that bias out"
)
"""Said wherever predictions alone are counted. They stand beside rectified estimates to show what the bias
does; the interval is that of a reader who takes predictions for codings, and held true slopes in 0 to 21% of
simulated studies."""

TUNED = ", the trust in predictions tuned over clusters (PPI++)"
"""Added to the method of power-tuned estimates."""

LABELS = ("all_codings", *SAMPLED, "predicted_only")
"""Where the labels of an estimate come from."""


@dataclass(frozen=True)
class Evidence:
    """What estimates are made from; arrays have a row for each segment.

    Parameters
    ----------
    values : ndarray of shape (n_segments, n_outcomes)
        Pseudo-outcomes: their totals are the estimates' totals.
    known : ndarray of shape (n_segments, n_outcomes)
        The codings (or predicted labels) that are used, zeros elsewhere.
    error : ndarray of shape (n_segments, n_outcomes)
        Coding less prediction where coded, zeros elsewhere.
    used : ndarray of bool, shape (n_segments,)
        Segments whose coding (or predicted label) is used.
    pi : ndarray of shape (n_segments,)
    clusters : ndarray of int, shape (n_segments,)
    documents : ndarray of int, shape (n_segments,)
    workers : ndarray of int, shape (n_segments,), or None
        None where documents name no workers.
    labels, method : str
    added : ndarray of shape (n_segments, n_outcomes), or None
        What predictions add to the weighted codings, where the trust in them is to be tuned.
    strata : ndarray of int, shape (n_segments,), or None
        Within which fixed numbers were drawn, where the sample says so.
    """

    values: np.ndarray
    known: np.ndarray
    error: np.ndarray
    used: np.ndarray
    pi: np.ndarray
    clusters: np.ndarray
    documents: np.ndarray
    workers: np.ndarray | None
    labels: str
    method: str
    added: np.ndarray | None = None
    strata: np.ndarray | None = None

    def note(self, rows: np.ndarray) -> str:
        """Say what a reader must know of gaps among some rows; "" when there are none."""
        gaps = self.n_segments(rows & ~self.used)
        if self.labels != "all_codings" or not gaps:
            return ""
        whole = f"{gaps} of {self.n_segments(rows)} segments are not coded"
        return f"{whole}: estimate and interval hold for the coded ones, and leave out how those were picked"

    def n_segments(self, rows: np.ndarray) -> int:
        """Count segments among some rows."""
        return int(rows.sum())

    def n_coded(self, rows: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Count the labels that stand in each denominator; `held` speaks of some rows."""
        return held.sum(axis=0)

    def n_documents(self, rows: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Count the documents that stand in each denominator; `held` speaks of some rows."""
        return distinct(held, self.documents[rows])

    def held(self, denominators: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Whether each segment's label stands in each denominator, shape (n_chosen, n_measures)."""
        return (self.known[rows] @ denominators > 0) & self.used[rows][:, None]

    @property
    def sampled(self) -> bool:
        """Whether only a part of the segments was coded, by design."""
        return self.labels in SAMPLED and bool((self.pi < 1).any())


def gather(
    scores: pd.DataFrame, framework: Framework, *, cluster: str, labels: str, tunable: bool = False
) -> Evidence:
    """Gather the labels behind the estimates of a table of scores.

    Parameters
    ----------
    scores : DataFrame
    framework : Framework
    cluster : str
        Column of the clusters, the folds of the cross-fit.
    labels : {"all_codings", "probability_sample", "expert_only", "power_tuned", "predicted_only"}
    tunable : bool, default False
        Whether the caller tunes the trust in predictions: for others ``power_tuned`` is refused.

    Returns
    -------
    Evidence

    Raises
    ------
    InputError
        For unknown labels, for predictions that were not joined, when a sample is passed off as all codings,
        or for ``power_tuned`` where nothing is tuned.
    UndefinedError
        When no segment is coded, or predictions alone are asked for a variant that only codings can tell.
    """
    if labels not in LABELS:
        raise InputError(f"unknown labels {labels!r}", remedy=f"use one of {', '.join(LABELS)}")
    if labels == "power_tuned" and not tunable:
        raise InputError(
            "shares, indices and slopes are power-tuned, and nothing else",
            remedy="use labels='probability_sample' here",
        )
    groups = (
        pd.factorize(scores[cluster])[0],
        pd.factorize(scores["document_id"])[0],
        worker_index(scores),
    )
    if labels in SAMPLED:
        return _sampled(scores, framework, groups, labels)
    return {"all_codings": _coded, "predicted_only": _predicted}[labels](scores, framework, groups)


def distinct(held: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Count the different values of an index that stand in each denominator.

    Parameters
    ----------
    held : ndarray of bool, shape (n_segments, n_measures)
    index : ndarray of int, shape (n_segments,)
        From 0, e.g. of workers.

    Returns
    -------
    ndarray of int, shape (n_measures,)
    """
    return reduced(np.logical_or, held, index, int(index.max()) + 1, False).sum(axis=0)


def people(held: np.ndarray, evidence: Evidence, rows: np.ndarray) -> pd.Series:
    """Count the workers that stand in each denominator; missing where documents name no workers.

    Parameters
    ----------
    held : ndarray of bool, shape (n_chosen, n_measures)
    evidence : Evidence
    rows : ndarray of bool, shape (n_segments,)
        The segments that `held` speaks of.

    Returns
    -------
    Series of Int64, length n_measures
    """
    if evidence.workers is None:
        return pd.Series([pd.NA] * held.shape[1], dtype="Int64")
    return pd.Series(distinct(held, evidence.workers[rows]), dtype="Int64")


def refuse_gaps(used: np.ndarray, pi: np.ndarray) -> None:
    """Raise where segments that were drawn for certain are not coded.

    Raises
    ------
    InputError
    """
    gaps = int((~used & (pi == 1)).sum())
    if gaps:
        raise InputError(
            f"{gaps} segments are not coded although their probability of being coded is 1",
            remedy="join the sample with `with_sample`",
        )


def _coded(scores: pd.DataFrame, framework: Framework, groups: tuple) -> Evidence:
    pi = scores["pi"].to_numpy(dtype=float)
    if (pi < 1).any():
        raise InputError(
            "these scores hold a sample, not all codings", remedy="use labels='probability_sample'"
        )
    used = scores["coded"].to_numpy(dtype=bool)
    if not used.any():
        raise UndefinedError("no segment is coded")
    known = np.where(used[:, None], outcomes(scores, framework), 0.0)
    return Evidence(
        known, known, np.zeros_like(known), used, pi, *groups, "all_codings", "all segments coded"
    )


def _sampled(scores: pd.DataFrame, framework: Framework, groups: tuple, labels: str) -> Evidence:
    used, pi = scores["coded"].to_numpy(dtype=bool), scores["pi"].to_numpy(dtype=float)
    truth = outcomes(scores, framework)
    refuse_gaps(used, pi)
    if labels == "expert_only":
        result, added = expert_only(truth, used, pi), None
    else:
        features = shares(scores, framework, prefix=PREDICTED) if has_predictions(scores) else None
        result, added = rectify(truth, used, pi, groups[0], features=features), None
    method = result.method
    if labels == "power_tuned":
        added = augmentation(result.predicted, used, pi)
        method += TUNED
    known = np.where(used[:, None], truth, 0.0)
    error = np.where(used[:, None], known - result.predicted, 0.0)
    strata = pd.factorize(scores[STRATUM])[0] if STRATUM in scores and scores[STRATUM].notna().all() else None
    return Evidence(
        result.values, known, error, used, pi, *groups, labels, method, added=added, strata=strata
    )


def _predicted(scores: pd.DataFrame, framework: Framework, groups: tuple) -> Evidence:
    if not has_predictions(scores):
        raise InputError("there are no predictions", remedy="join them with `with_predictions`")
    if scores["variant"].iloc[0] != "as_coded":
        raise UndefinedError(
            "tags and ties are known from codings alone, so predictions have no such variant"
        )
    probabilities = shares(scores, framework, prefix=PREDICTED)
    guess = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    everywhere = np.ones(len(scores), dtype=bool)
    return Evidence(
        guess,
        guess,
        np.zeros_like(guess),
        everywhere,
        np.ones(len(scores)),
        *groups,
        "predicted_only",
        COUNTED_LABELS,
    )
