"""How good predictions are, in tables with intervals: against gold, against coders, and across genres."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from peercompare.classifier import scoring
from peercompare.classifier.decision import decided
from peercompare.classifier.examples import example_rows
from peercompare.classifier.model import Learn, Model, train
from peercompare.classifier.showing import (
    TOO_FEW,
    hide,
    rests_on_too_few,
    standing,
    withheld_grid,
    withheld_scores,
    workers_of,
)
from peercompare.classifier.training import analysed_segments, training_table
from peercompare.codings import GOLD, coders, primary_codes, stances
from peercompare.corpus import Corpus
from peercompare.errors import CodingError, InputError
from peercompare.framework import Framework

SCORE_COLUMNS = (
    "corpus model truth score label estimate lower upper confidence_level "
    "n_clusters n_documents n_segments method reason waiver"
).split()

EXAMPLES_TOO = ", whose examples teach"
"""Follows the name of a genre left out where the framework's coded examples of that genre teach."""

_OVERALL = {"macro_f1": scoring.macro_f1, "accuracy": scoring.accuracy}
_BY_LABEL = {"f1": scoring.f1, "precision": scoring.precision, "recall": scoring.recall}
_PROBABILITIES = {"brier": scoring.brier, "calibration_error": scoring.calibration_error}

_METHODS = {
    "macro_f1": "mean of F1 over the labels that occur",
    "accuracy": "share of segments given their label",
    "f1": "harmonic mean of precision and recall",
    "precision": "share of true ones among those predicted",
    "recall": "share of predicted ones among those true",
    "brier": "mean squared distance of probabilities from the truth, 0 to 2",
    "calibration_error": f"mean distance of probability from share found, {scoring.N_BINS} equal bins",
    "cost": "mean cost of a segment: steps between stances along the axis, 1 between a stance and none",
}


def true_labels(corpus: Corpus, coder_id: str = GOLD) -> pd.Series:
    """Return the stance label that gold or a coder gave to each analysed segment.

    Returns
    -------
    Series of str
        Indexed by ``segment_id``, in the order of the corpus; segments that `coder_id` did not code are not
        in it.
    """
    labels = stances(primary_codes(corpus.codings, coder_id, corpus_name=corpus.name), corpus.framework)
    return labels.reindex(corpus.segments["segment_id"]).dropna().rename("label")


def scores_table(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    model: str = "ngram",
    truth: str = GOLD,
    confidence_level: float = 0.95,
    waive: bool = False,
) -> pd.DataFrame:
    """Score predictions on the segments that gold, or a coder, has coded.

    Parameters
    ----------
    corpus : Corpus
        Whose codings are the truth.
    predictions : DataFrame
        ``segment_id`` and one column for each label; from `out_of_fold`, or from anywhere. The label
        predicted is the one in the column ``named`` where there is one, else the most probable.
    model : str, default "ngram"
        Name of what predicted, for the table.
    truth : str, default "gold"
        The `coder_id` that counts as the truth.
    confidence_level : float, default 0.95
        In (0, 1).
    waive : bool, default False
        Show what rests on fewer than five workers where the corpus is composed; of another it is withheld
        whatever this says.

    Returns
    -------
    DataFrame
        Columns as `SCORE_COLUMNS`: macro_f1, accuracy, brier and calibration_error overall; f1, precision,
        recall and calibration_error for each label. Intervals are delete-one-cluster jackknife intervals,
        t(n_clusters - 1), over employers or workers; where there is none, or a score is undefined or
        withheld, ``reason`` says why. ``waiver`` marks what is shown only because the corpus is composed.

    Raises
    ------
    InputError
        If a label has no column, a coded segment has no prediction or two, or probabilities are none.
    CodingError
        If `truth` has coded nothing.
    """
    labels = true_labels(corpus, truth)
    probabilities = aligned(predictions, labels.index, corpus.framework.labels)
    return _score_rows(
        corpus,
        labels,
        probabilities,
        decided(predictions, labels.index, corpus.framework.labels),
        about={"model": model, "truth": truth},
        confidence_level=confidence_level,
        crisp=False,
        waive=waive,
    )


def coder_scores(corpus: Corpus, *, confidence_level: float = 0.95, waive: bool = False) -> pd.DataFrame:
    """Score coders against each other on the scale of the classifier's scores.

    The first coder of each pair stands where the predictions stand, the second is the truth; F1 and accuracy
    do not depend on which is which. Gold is no coder.

    Parameters
    ----------
    corpus : Corpus
        With codings by two coders or more; only segments that both coded count.
    confidence_level : float, default 0.95
        In (0, 1).
    waive : bool, default False
        As in `scores_table`.

    Returns
    -------
    DataFrame
        As `scores_table`, without brier and calibration_error; empty where there are fewer than two coders.
    """
    names = corpus.framework.labels
    tables = []
    for first, second in combinations(coders(corpus.codings), 2):
        given, truth = true_labels(corpus, first), true_labels(corpus, second)
        both = truth.index[truth.index.isin(given.index)]
        if len(both):
            one_hot = np.eye(len(names))[pd.Index(names).get_indexer(given[both])]
            how = {"confidence_level": confidence_level, "crisp": True, "waive": waive}
            pair = {"model": f"{first} vs {second}", "truth": second}
            told = (one_hot, one_hot.argmax(axis=1))
            tables.append(_score_rows(corpus, truth[both], *told, about=pair, **how))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=SCORE_COLUMNS)


def aligned(predictions: pd.DataFrame, segment_ids: pd.Index, labels: Sequence[str]) -> np.ndarray:
    """Return the probabilities of some segments, shape (n_segments, n_labels), or say what is missing."""
    absent = [column for column in ("segment_id", *labels) if column not in predictions.columns]
    if absent:
        raise InputError(
            f"The predictions lack the columns {', '.join(absent)}", remedy="give one column for each label"
        )
    twice = predictions["segment_id"][predictions["segment_id"].duplicated()].unique()
    if len(twice):
        raise InputError(f"{len(twice)} segments are predicted twice, for instance {twice[0]}")
    found = predictions.set_index("segment_id")[list(labels)].reindex(segment_ids)
    without = found.index[found.isna().any(axis=1)]
    if len(without):
        raise InputError(
            f"{len(without)} coded segments have no prediction, for instance {without[0]}",
            remedy="predict every analysed segment",
        )
    return found.to_numpy(dtype=float)


def _score_rows(
    corpus: Corpus,
    labels: pd.Series,
    probabilities: np.ndarray,
    predicted: np.ndarray,
    *,
    about: Mapping[str, str],
    confidence_level: float,
    crisp: bool,
    waive: bool,
) -> pd.DataFrame:
    """Compute all scores; `about` names model and truth; `crisp` predictions have no probabilities."""
    names = corpus.framework.labels
    segments = analysed_segments(corpus).set_index("segment_id").loc[labels.index]
    truth = pd.Index(names).get_indexer(labels)
    sums = scoring.score_sums(truth, probabilities, segments["group"], predicted=predicted)
    rows = all_scores(sums, names, confidence_level=confidence_level, crisp=crisp)
    table = pd.DataFrame(rows).assign(
        **about,
        corpus=corpus.name,
        confidence_level=confidence_level,
        n_documents=segments["document_id"].nunique(),
        n_segments=len(segments),
    )
    table = hide(
        table,
        score_reasons(table, corpus, labels, predicted),
        columns=["estimate", "lower", "upper"],
        composed=corpus.composed,
        waive=waive,
    )
    return table[SCORE_COLUMNS]


def score_reasons(table: pd.DataFrame, corpus: Corpus, labels: pd.Series, predicted: np.ndarray) -> list[str]:
    """Say why scores of some segments are withheld, row by row.

    Parameters
    ----------
    table : DataFrame
        ``score, label``.
    corpus : Corpus
        Whose segments they are.
    labels : Series of str
        The true label by ``segment_id``.
    predicted : np.ndarray of int, shape (n_segments,)
        Position of the label predicted.

    Returns
    -------
    list of str, length n_rows
        The reason; "" where the score may be shown.
    """
    workers, names = workers_of(corpus, labels.index), corpus.framework.labels
    if workers is None or rests_on_too_few(workers):
        return ["" if workers is None else TOO_FEW] * len(table)
    cells = (pd.Index(names).get_indexer(labels), predicted)
    return withheld_scores(table, names, standing(cells, len(names), workers))


def all_scores(
    sums: scoring.ScoreSums,
    labels: Sequence[str],
    *,
    confidence_level: float,
    crisp: bool = False,
    costs: np.ndarray | None = None,
) -> list[dict[str, object]]:
    """Compute every score with its interval, those over all labels first.

    Parameters
    ----------
    sums : ScoreSums
        By cluster.
    labels : sequence of str, length n_labels
        Their names, in the order of the sums.
    confidence_level : float
        In (0, 1).
    crisp : bool, default False
        Leave out what judges probabilities: the predictions are labels.
    costs : np.ndarray, shape (n_labels, n_labels), optional
        Adds the score ``cost``; see `scoring.mean_cost`.

    Returns
    -------
    list of dict
        ``score, label, estimate, lower, upper, n_clusters, method, reason``; ``label`` is "" over all labels.
    """
    rows = []
    for score, of in {**_OVERALL, **({} if crisp else _PROBABILITIES)}.items():
        highest = 2.0 if score == "brier" else 1.0
        found = scoring.with_intervals(sums, of, confidence_level=confidence_level, highest=highest)
        rows.append(score_row(score, "", found[0]))
    if costs is not None:
        of = partial(scoring.mean_cost, costs=costs)
        found = scoring.with_intervals(sums, of, confidence_level=confidence_level, highest=costs.max())
        rows.append(score_row("cost", "", found[0]))
    for score, of in {
        **_BY_LABEL,
        **({} if crisp else {"calibration_error": scoring.label_calibration_error}),
    }.items():
        found = scoring.with_intervals(sums, of, confidence_level=confidence_level)
        rows += [score_row(score, name, value) for name, value in zip(labels, found, strict=True)]
    return rows


def score_row(score: str, label: str, found: scoring.Score) -> dict[str, object]:
    """Lay out one score."""
    method = _METHODS[score]
    if not found.reason:
        method += f"; delete-one-cluster jackknife, t({found.n_clusters - 1})"
    interval = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}
    more = {"n_clusters": found.n_clusters, "method": method, "reason": found.reason}
    return {"score": score, "label": label, **interval, **more}


def confusion_table(
    corpus: Corpus, predictions: pd.DataFrame, *, truth: str = GOLD, waive: bool = False
) -> pd.DataFrame:
    """Count segments by true and predicted label.

    Parameters
    ----------
    corpus, predictions, truth, waive
        As in `scores_table`.

    Returns
    -------
    DataFrame
        ``corpus, true, predicted, n, reason, waiver``, a row for every pair of labels in the framework's
        order. ``n`` is withheld where a pair rests on fewer than five workers, and where its row or column
        would give such a pair away; ``reason`` says so.
    """
    names = corpus.framework.labels
    labels = true_labels(corpus, truth)
    aligned(predictions, labels.index, names)
    predicted = decided(predictions, labels.index, names)
    cells = (pd.Index(names).get_indexer(labels), predicted)
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, cells, 1)
    pairs = pd.MultiIndex.from_product([names, names], names=["true", "predicted"])
    table = pd.Series(counts.ravel(), index=pairs, name="n", dtype="Int64").reset_index()
    workers = workers_of(corpus, labels.index)
    reasons = np.full(counts.size, "", dtype=object)
    if workers is not None:
        reasons = withheld_grid(standing(cells, len(names), workers)).ravel()
    table = table.assign(corpus=corpus.name, reason="")
    table = hide(table, list(reasons), columns=["n"], composed=corpus.composed, waive=waive)
    return table[["corpus", "true", "predicted", "n", "reason", "waiver"]]


def leave_one_genre_out(
    corpora: Sequence[Corpus] | Mapping[str, Corpus],
    *,
    seed: int,
    confidence_level: float = 0.95,
    gold_weight: float = 2.0,
    coder_weight: float = 0.5,
    waive: bool = False,
    learn: Learn = train,
) -> pd.DataFrame:
    """Train on all genres but one and score on that one, for each genre in turn.

    Parameters
    ----------
    corpora : sequence or mapping of Corpus
        Of two genres at least.
    seed : int
        Of the fits.
    confidence_level, waive, gold_weight, coder_weight
        As in `scores_table` and `training_table`.
    learn : callable, default `train`
        What learns; as in `out_of_fold`.

    Returns
    -------
    DataFrame
        As `scores_table`; ``model`` reads "<genres trained on> to <genre scored on>", and, where the
        framework has coded examples of the genre left out, once more with these teaching too.

    Raises
    ------
    CodingError
        If there is one genre only.
    """
    several = list(corpora.values()) if isinstance(corpora, Mapping) else list(corpora)
    weights = {"gold_weight": gold_weight, "coder_weight": coder_weight, "learn": learn}
    tables = [
        scores_table(corpus, found, model=name, confidence_level=confidence_level, waive=waive)
        for corpus, name, found in genre_out_predictions(several, seed=seed, **weights)
    ]
    return pd.concat(tables, ignore_index=True)


def genre_out_predictions(
    several: Sequence[Corpus],
    *,
    seed: int,
    gold_weight: float = 2.0,
    coder_weight: float = 0.5,
    learn: Learn = train,
) -> Iterator[tuple[Corpus, str, pd.DataFrame]]:
    """Train on all genres but one and predict that one, for each genre in turn.

    Parameters
    ----------
    several, seed, gold_weight, coder_weight, learn
        As in `leave_one_genre_out`.

    Yields
    ------
    corpus : Corpus
        One of the genre left out.
    name : str
        "<genres trained on> to <genre left out>"; once more with `EXAMPLES_TOO` behind it, where the
        framework has coded examples of that genre and the model learns from them too.
    predictions : DataFrame
        Of every segment of the corpus.

    Raises
    ------
    CodingError
        If there is one genre only.
    """
    genres = list(dict.fromkeys(corpus.genre for corpus in several))
    if len(genres) < 2:
        raise CodingError(f"Leaving a genre out needs two genres; there is {', '.join(genres) or 'none'}")
    for genre in genres:
        others = [corpus for corpus in several if corpus.genre != genre]
        rows = training_table(others, gold_weight=gold_weight, coder_weight=coder_weight)
        name = f"{' and '.join(other for other in genres if other != genre)} to {genre}"
        judged = [corpus for corpus in several if corpus.genre == genre]
        texts = [text for corpus in judged for text in corpus.segments["text"]]
        learning = partial(learn, seed=seed, apart_from=texts)
        for ending, fitted in _without_genre(rows, others[0].framework, genre, learn=learning):
            for corpus in judged:
                yield corpus, name + ending, fitted.answers(analysed_segments(corpus))


def _without_genre(
    rows: pd.DataFrame, framework: Framework, genre: str, *, learn: Learn
) -> Iterator[tuple[str, Model]]:
    """Fit to rows of other genres; and, where the model takes examples, to those of the genre too."""
    fitted = learn(rows, framework)
    yield "", fitted
    examples = example_rows(framework, [genre])
    if len(examples) and fitted.facts.get("examples"):
        yield EXAMPLES_TOO, learn(pd.concat([rows, examples], ignore_index=True), framework)
