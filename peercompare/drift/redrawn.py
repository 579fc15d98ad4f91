"""Studies drawn anew from a corpus that was coded: its own people, words and predictions, with a known truth.

`scenarios` makes studies up from a formula; here workers are drawn with replacement from those of a corpus,
and each session's segments from its own. What is true of the corpus is then true of everybody who might have
been drawn, however its people differ, and estimators can be tried on it (`validity`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift.dates import DAYS
from peercompare.drift.ratios import slope_totals
from peercompare.drift.scenarios import VALUES, Drawn
from peercompare.drift.scores import PREDICTED, has_predictions, shares
from peercompare.drift.validity import (
    DENOMINATORS,
    MEASURES,
    NUMERATORS,
    RESULTS,
    TAKING,
    estimates_of,
    summed_up,
)
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework

CLASSIFIERS = ("useless", "ours", "strong")
"""The corpus's predictions shuffled; as they are; and with so much of the truth added that they are good."""

SIGNAL = 2.0
"""What the strong classifier adds to the logit of the true label."""

LEANS = {"stable": (0.0, 0.0), "differential": (0.8, 1.6)}
"""Leaning over workers, and from the first day to the last, in logits of the last stance."""

LEAST = 1e-3
"""Probabilities are kept this far from 0 before their logarithm is taken."""


@dataclass(frozen=True)
class Population:
    """The people of a corpus as arrays with a row for each coded segment.

    Parameters
    ----------
    truth : ndarray of shape (n_segments, 4)
        Shares of none and of three stances.
    features : ndarray of shape (n_segments, 4)
        Predicted probabilities.
    worker, session : ndarray of int, shape (n_segments,)
        From 0; segments of a session stand together, and so do sessions of a worker.
    times : ndarray of shape (n_segments,)
        In months since the first day.
    """

    truth: np.ndarray
    features: np.ndarray
    worker: np.ndarray
    session: np.ndarray
    times: np.ndarray

    @classmethod
    def of(cls, scores: pd.DataFrame, framework: Framework, *, cluster: str = "worker_id") -> Population:
        """Take the coded segments of a table of scores.

        Parameters
        ----------
        scores : DataFrame
            With predictions and dates; choose the population first.
        framework : Framework
            Of three stances that count -1, 0 and 1.
        cluster : str, default "worker_id"

        Returns
        -------
        Population

        Raises
        ------
        InputError
            Where predictions or dates are lacking, or the framework's stances are others.
        UndefinedError
            Where fewer than two workers are coded.
        """
        values = [float(stance.value) for stance in framework.stances]
        if values != list(VALUES[1:]):
            raise InputError(f"studies are redrawn for stances of -1, 0 and 1, not {values}")
        if not has_predictions(scores) or "date" not in scores:
            raise InputError("studies are redrawn from dated segments with predictions")
        rows = scores[scores["coded"] & scores["date"].notna()].sort_values([cluster, "document_id"])
        worker = pd.factorize(rows[cluster])[0]
        if worker.max(initial=-1) < 1:
            raise UndefinedError("studies are redrawn from two coded workers on")
        days = (rows["date"] - rows["date"].min()).dt.days.to_numpy(dtype=float)
        return cls(
            shares(rows, framework),
            shares(rows, framework, prefix=PREDICTED),
            worker,
            pd.factorize(rows["document_id"])[0],
            days / DAYS["month"],
        )

    def truth_of(self, rng: np.random.Generator | int, *, rounds: int = 4000) -> dict[str, float]:
        """Return what is true of everybody who might be drawn.

        Shares and index are those of the corpus. The slope of few segments is not quite that of their
        expectation, so it is taken from so many rounds of redrawing every worker once.

        Parameters
        ----------
        rng : Generator or int seed
        rounds : int, default 4000

        Returns
        -------
        dict
            ``share_end``, ``index``, ``share_none`` and ``slope`` (of the index, a month).
        """
        total = self.truth.sum(axis=0)
        found = dict(zip(MEASURES, (total @ NUMERATORS) / (total @ DENOMINATORS), strict=True))
        rng, n_workers = np.random.default_rng(rng), int(self.worker.max()) + 1
        tops = bottoms = 0.0
        for _ in range(-(-rounds // 50)):
            chosen, clusters = self._draw(np.tile(np.arange(n_workers), 50), rng)
            values = self.truth[chosen]
            pair = values @ VALUES[:, None], values @ TAKING[:, None]
            top, bottom = slope_totals(*pair, self.times[chosen], clusters)
            tops, bottoms = tops + top.sum(), bottoms + bottom.sum()
        return {**{name: float(value) for name, value in found.items()}, "slope": float(tops / bottoms)}

    def predicted(self, classifier: str, error: str, rng: np.random.Generator) -> np.ndarray:
        """Return the probabilities of a classifier of some quality, that errs alike everywhere or not.

        Parameters
        ----------
        classifier : {"useless", "ours", "strong"}
            As in `CLASSIFIERS`.
        error : {"stable", "differential"}
            As in `LEANS`; added to whatever the corpus's own predictions do.
        rng : Generator

        Returns
        -------
        ndarray of shape (n_segments, 4)
        """
        guess = (
            self.features[rng.permutation(len(self.features))] if classifier == "useless" else self.features
        )
        logits = np.log(np.maximum(guess, LEAST))
        if classifier == "strong":
            logits = logits + SIGNAL * self.truth
        by_worker, by_time = LEANS[error]
        place = self.worker / max(int(self.worker.max()), 1)
        span = self.times / max(float(self.times.max()), 1.0)
        logits[:, -1] += by_worker * (2 * place - 1) + by_time * (span - 0.5)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def study(self, n_workers: int, coded: float, features: np.ndarray, rng: np.random.Generator) -> Drawn:
        """Draw one study: workers, then segments of each session, then segments for coding.

        Parameters
        ----------
        n_workers : int
        coded : float
            Share of each worker's segments drawn for coding; two at least.
        features : ndarray of shape (n_segments, 4)
            From `predicted`.
        rng : Generator

        Returns
        -------
        Drawn
        """
        people = rng.integers(0, int(self.worker.max()) + 1, size=n_workers)
        rows, clusters = self._draw(people, rng)
        sizes = np.bincount(clusters)
        quota = np.minimum(np.maximum(np.round(coded * sizes), 2), sizes)
        order = np.argsort(clusters + rng.random(len(clusters)))
        rank = np.empty(len(clusters))
        rank[order] = np.arange(len(clusters)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        chosen = rank < quota[clusters]
        pi = (quota / sizes)[clusters]
        return Drawn(self.truth[rows], features[rows], chosen, pi, self.times[rows], clusters)

    def _draw(self, people: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return rows of the corpus for these workers, each session's drawn anew, and whose they are."""
        starts = np.searchsorted(self.worker, np.arange(int(self.worker.max()) + 2))
        counts = (starts[1:] - starts[:-1])[people]
        clusters = np.repeat(np.arange(len(people)), counts)
        within = np.arange(len(clusters)) - np.repeat(np.cumsum(counts) - counts, counts)
        session = self.session[starts[people][clusters] + within]
        first = np.searchsorted(self.session, np.arange(int(self.session.max()) + 2))
        size = (first[1:] - first[:-1])[session]
        return first[session] + np.floor(rng.random(len(session)) * size).astype(int), clusters


def try_redrawn(
    population: Population,
    names: dict[str, object],
    truth: dict[str, float],
    *,
    coded: float,
    estimators: Sequence[str],
    replicates: int = 1000,
    seed: Sequence[int] = (0,),
) -> pd.DataFrame:
    """Draw studies of one kind from a corpus and sum up how each estimator did.

    Parameters
    ----------
    population : Population
    names : dict
        ``n_workers``, ``classifier`` (of `CLASSIFIERS`) and ``error`` (of `LEANS`).
    truth : dict
        From `Population.truth_of`.
    coded : float
        Share of each worker's segments that is coded.
    estimators : sequence of str
        Some of `peercompare.drift.validity.ESTIMATORS`.
    replicates : int, default 1000
    seed : sequence of int, default (0,)
        Study number r is drawn with the seed ``[*seed, r]``.

    Returns
    -------
    DataFrame
        Columns of `peercompare.drift.validity.RESULTS`.
    """
    rows: list[tuple] = []
    for number in range(replicates):
        rng = np.random.default_rng([*seed, number])
        features = population.predicted(str(names["classifier"]), str(names["error"]), rng)
        drawn = population.study(int(names["n_workers"]), coded, features, rng)
        rows += estimates_of(drawn, truth, estimators=estimators)
    columns = ["estimator", "estimand", "target", "truth", "estimate", "lower", "upper"]
    table = summed_up(pd.DataFrame(rows, columns=columns), replicates)
    return table.assign(**names, chances="even")[list(RESULTS)]


def macro_f1(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Macro-F1 of the likeliest labels against the labels that hold the most.

    Parameters
    ----------
    truth, probabilities : ndarray of shape (n_segments, n_labels)

    Returns
    -------
    float
    """
    true, found = truth.argmax(axis=1), probabilities.argmax(axis=1)
    scores = []
    for label in np.unique(true):
        hits = np.sum((true == label) & (found == label))
        scores.append(2 * hits / (np.sum(true == label) + np.sum(found == label)))
    return float(np.mean(scores))
