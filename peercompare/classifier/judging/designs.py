"""Who teaches and who is held out: nested folds that choose settings, and leaving a site or a year out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from peercompare.classifier import scoring
from peercompare.classifier.decision import decided
from peercompare.classifier.model import FULL, Learn, train
from peercompare.classifier.prediction import UNCODED
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.training import analysed_segments, leading_labels, training_table
from peercompare.corpus import Corpus
from peercompare.errors import InputError, UndefinedError
from peercompare.framework import Framework
from peercompare.progress import progress

INNER_FOLDS = 3


class Fitted(Protocol):
    """What a fit gives back: our `Model`, or anything that can do the same."""

    model_id: str

    def answers(self, table: pd.DataFrame, *, fold: int = FULL) -> pd.DataFrame:
        """Return a predictions table of segments; see `Model.answers`."""


Fit = Callable[[pd.DataFrame, Mapping[str, Any]], Fitted]
"""Takes training rows and settings, and returns what predicts."""


@dataclass(frozen=True, eq=False)
class Material:
    """What a design parts into teaching and held out.

    Parameters
    ----------
    segments : DataFrame
        As `analysed_segments` gives them.
    table : DataFrame
        As `training_table` gives it, of the same corpus.
    families : np.ndarray of int, shape (n_segments,)
        Near-duplicates; a near-duplicate of what is held out does not teach.
    framework : Framework
    """

    segments: pd.DataFrame
    table: pd.DataFrame
    families: np.ndarray
    framework: Framework

    @property
    def labels(self) -> pd.Series:
        """The label with the most votes of each segment, "" where it is not coded; in their order."""
        return self.segments["segment_id"].map(leading_labels(self.table)).fillna(UNCODED)

    def only(self, rows: np.ndarray) -> Material:
        """Keep some segments, given as a mask, with their training rows."""
        segments = self.segments[rows].reset_index(drop=True)
        table = self.table[self.table["segment_id"].isin(set(segments["segment_id"]))]
        return replace(self, segments=segments, table=table, families=self.families[rows])


def material_of(corpus: Corpus, *, gold_weight: float = 2.0, coder_weight: float = 0.5) -> Material:
    """Gather what designs work on; consent to training is asked by `training_table`."""
    segments = analysed_segments(corpus)
    table = training_table(corpus, gold_weight=gold_weight, coder_weight=coder_weight)
    return Material(segments, table, near_duplicates(segments["text"]), corpus.framework)


def linear_fit(
    framework: Framework, *, seed: int, learn: Learn = train, apart_from: Sequence[str] = ()
) -> Fit:
    """Return the fit of our own n-gram model.

    Parameters
    ----------
    framework : Framework
    seed : int
    learn : callable, default `train`
        May weigh the framework's examples otherwise.
    apart_from : sequence of str, default ()
        The texts of the corpus, of which no example that teaches may be a near-duplicate; see `train`.

    Returns
    -------
    callable
    """
    told = {"seed": seed, "apart_from": apart_from}
    return lambda rows, settings: learn(rows, framework, settings=settings, **told)


def cross_fit(
    material: Material,
    folds: np.ndarray,
    *,
    choose: Callable[[Material], Fitted],
    apart: bool = False,
    description: str = "folds",
) -> pd.DataFrame:
    """Predict each fold by what was fitted to the others.

    Parameters
    ----------
    material : Material
    folds : np.ndarray of int, shape (n_segments,)
        From 0.
    choose : callable
        Fits to the material that may teach.
    apart : bool, default False
        Also keep from teaching what other words of the held-out employers or workers there are, where folds
        do not follow them.
    description : str
        For the progress bar.

    Returns
    -------
    DataFrame
        As `out_of_fold`, in the order of the segments.
    """
    segments, parts = material.segments, []
    turns = held_out(folds, material.families)
    for fold, test, teaching in progress(turns, description=description, total=int(folds.max()) + 1):
        if apart:
            teaching = teaching & ~segments["group"].isin(set(segments["group"][test])).to_numpy()
        fitted = choose(material.only(teaching))
        parts.append(fitted.answers(segments[test], fold=fold))
    return pd.concat(parts).set_index("segment_id").reindex(segments["segment_id"]).reset_index()


def nested_predictions(
    material: Material,
    candidates: Sequence[Mapping[str, Any]],
    *,
    fit: Fit,
    n_folds: int = 5,
    n_inner: int = INNER_FOLDS,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict out of fold with settings that each fold's own training rows have chosen.

    Inside each outer fold's training rows, grouped inner folds score every candidate by macro-F1 against the
    label with the most votes; the best one (of equal ones the first) is fitted to all of them. What is
    held out by an outer fold has no part in choosing the settings that judge it.

    Parameters
    ----------
    material : Material
    candidates : sequence of mapping
        Settings to choose from, at least one; see `make_classifier` for those of our own model.
    fit : callable
        As `linear_fit` gives it, or another.
    n_folds, n_inner : int, default 5 and 3
        Outer and inner grouped folds.
    seed : int
        Of the folds.

    Returns
    -------
    predictions : DataFrame
        As `out_of_fold`.
    chosen : DataFrame
        ``fold, settings`` (JSON), ``macro_f1`` (in the inner folds), ``chosen`` (bool): a row for each outer
        fold and candidate. The inner scores chose, so they flatter the candidate that was chosen.

    Raises
    ------
    InputError
        If there is no candidate.
    UndefinedError
        If there are fewer groups than folds, outside or inside.

    References
    ----------
    Varma, S. and Simon, R. (2006). Bias in error estimation when using cross-validation for model selection.
    BMC Bioinformatics 7, 91. doi:10.1186/1471-2105-7-91
    """
    if not candidates:
        raise InputError("Nested folds need settings to choose from", remedy='for instance [{"alpha": 10.0}]')
    found: list[pd.DataFrame] = []

    def choose(teaching: Material) -> Fitted:
        scores = _inner_scores(teaching, candidates, fit=fit, n_inner=n_inner, seed=seed)
        best = int(np.argmax(scores))
        told = pd.DataFrame({"settings": [json.dumps(dict(each)) for each in candidates], "macro_f1": scores})
        found.append(told.assign(fold=len(found), chosen=np.arange(len(scores)) == best))
        return fit(teaching.table, candidates[best])

    folds = grouped_folds(material.labels, material.segments["group"], n_folds=n_folds, seed=seed)
    predictions = cross_fit(material, folds, choose=choose, description="nested folds")
    return predictions, pd.concat(found, ignore_index=True)[["fold", "settings", "macro_f1", "chosen"]]


def _inner_scores(
    teaching: Material, candidates: Sequence[Mapping[str, Any]], *, fit: Fit, n_inner: int, seed: int
) -> list[float]:
    """Score each candidate by macro-F1 over grouped folds of the teaching rows alone."""
    if len(candidates) == 1:
        return [np.nan]
    coded = teaching.only((teaching.labels != UNCODED).to_numpy())
    names = coded.framework.labels
    truth = pd.Index(names).get_indexer(coded.labels)
    folds = grouped_folds(coded.labels, coded.segments["group"], n_folds=n_inner, seed=seed)
    scores = []
    for settings in candidates:
        fitting = _with_settings(fit, settings)
        found = cross_fit(coded, folds, choose=fitting, description="inner folds")
        told, named = found[list(names)].to_numpy(), decided(found, coded.segments["segment_id"], names)
        sums = scoring.score_sums(truth, told, np.zeros(len(truth), dtype=int), predicted=named)
        scores.append(float(scoring.macro_f1(sums.pooled())))
    return scores


def _with_settings(fit: Fit, settings: Mapping[str, Any]) -> Callable[[Material], Fitted]:
    return lambda teaching: fit(teaching.table, settings)


def left_out_predictions(material: Material, values: pd.Series, *, fit: Fit, column: str) -> pd.DataFrame:
    """Predict the segments of each value of a column by what was fitted to those of all other values.

    The employers or workers of what is held out do not teach either, even where some of their texts have
    another value: leaving a year out would else leave everybody in.

    Parameters
    ----------
    material : Material
    values : Series of str
        By ``segment_id``; see `values_of`.
    fit : callable
        As in `nested_predictions`.
    column : str
        Its name, for messages.

    Returns
    -------
    DataFrame
        As `out_of_fold`; ``fold`` numbers the values in the order of their appearance.

    Raises
    ------
    UndefinedError
        If there is one value only, or nobody is left to learn from when one is left out.
    """
    of = values.reindex(material.segments["segment_id"])
    folds, names = pd.factorize(of)
    if len(names) < 2:
        raise UndefinedError(f"leaving one {column} out needs two of them; there is {', '.join(names)} alone")

    def choose(teaching: Material) -> Fitted:
        if teaching.table["label"].nunique() < 2:
            raise UndefinedError(
                f"leaving one {column} out leaves too little to learn from: the employers or workers of one "
                "of them have nearly all of the others too"
            )
        return fit(teaching.table, {})

    return cross_fit(material, folds, choose=choose, apart=True, description=f"leaving {column} out")
