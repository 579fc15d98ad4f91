"""The parts of an evaluation that look at one model: scores, groups, confusion, calibration, permuted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from peercompare.classifier import scoring
from peercompare.classifier.decision import decided
from peercompare.classifier.evaluation import aligned, all_scores, score_reasons, true_labels
from peercompare.classifier.judging.costs import confusion_rows, cost_matrix
from peercompare.classifier.judging.permuting import permutation_test
from peercompare.classifier.judging.recalibrating import recalibrated
from peercompare.classifier.showing import (
    TOO_FEW,
    hide,
    rests_on_too_few,
    standing,
    withheld_grid,
    withheld_parts,
    workers_of,
)
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.errors import UndefinedError

EVALUATION_COLUMNS = (
    "part corpus model against design group_by group score label taken_for n_taught gain estimate lower "
    "upper confidence_level p p_swapped n_permutations cost n_clusters n_documents n_segments method reason "
    "waiver"
).split()

WORDS = ["model", "against", "design", "group_by", "group", "score", "label", "taken_for", "method", "reason"]
"""Columns that hold words; "" where they do not apply."""

NUMBERS = ["estimate", "lower", "upper", "p", "p_swapped", "cost"]
"""What is blank where a row is withheld."""


@dataclass(frozen=True)
class Showing:
    """How sure intervals are, how many permutations are drawn, and whether small cells may be shown."""

    confidence_level: float
    n_permutations: int
    seed: int
    waive: bool


@dataclass(frozen=True, eq=False)
class Judged:
    """A model's predictions of a corpus, beside the truth, ready to be summed.

    Parameters
    ----------
    corpus : Corpus
    truth : Series of str
        Gold's label by ``segment_id``.
    probabilities : np.ndarray, shape (n_segments, n_labels)
        Of the same segments.
    predicted : np.ndarray of int, shape (n_segments,)
        Position of the label predicted.
    segments : DataFrame
        Of the same segments, with ``document_id`` and ``group``.
    """

    corpus: Corpus
    truth: pd.Series
    probabilities: np.ndarray
    predicted: np.ndarray
    segments: pd.DataFrame

    @property
    def places(self) -> np.ndarray:
        """Position of each true label."""
        return pd.Index(self.corpus.framework.labels).get_indexer(self.truth)

    def sums(self, rows: np.ndarray | slice = slice(None)) -> scoring.ScoreSums:
        """Sum some segments by cluster."""
        groups = self.segments["group"].to_numpy()[rows]
        predicted = self.predicted[rows]
        return scoring.score_sums(self.places[rows], self.probabilities[rows], groups, predicted=predicted)


def judged(corpus: Corpus, predictions: pd.DataFrame) -> Judged:
    """Set predictions beside gold; faults are raised as in `scores_table`."""
    truth = true_labels(corpus, GOLD)
    segments = analysed_segments(corpus).set_index("segment_id").loc[truth.index]
    asked = (predictions, truth.index, corpus.framework.labels)
    return Judged(corpus, truth, aligned(*asked), decided(*asked), segments)


def score_rows(of: Judged, showing: Showing, rows: np.ndarray | slice = slice(None)) -> pd.DataFrame:
    """Compute every score on some segments; nothing is withheld yet."""
    framework = of.corpus.framework
    found = all_scores(
        of.sums(rows),
        framework.labels,
        confidence_level=showing.confidence_level,
        costs=cost_matrix(framework),
    )
    return pd.DataFrame(found).assign(**_counts(of, rows))


def _counts(of: Judged, rows: np.ndarray | slice) -> dict[str, int]:
    """Count documents and segments."""
    documents = of.segments["document_id"].to_numpy()[rows]
    return {"n_documents": len(set(documents)), "n_segments": len(documents)}


def shown(
    table: pd.DataFrame, reasons: str | Sequence[str], of: Judged | Corpus, showing: Showing
) -> pd.DataFrame:
    """Withhold what rests on too few workers, and bring a part into the columns of an evaluation."""
    corpus = of.corpus if isinstance(of, Judged) else of
    table = table.assign(corpus=corpus.name, confidence_level=showing.confidence_level)
    table = table.reindex(columns=[*EVALUATION_COLUMNS[:-1]])
    each = [reasons] * len(table) if isinstance(reasons, str) else list(reasons)
    return hide(table, each, columns=NUMBERS, composed=corpus.composed, waive=showing.waive)


def too_few(of: Judged) -> str:
    """Say why a whole is withheld; "" where it is not."""
    return TOO_FEW if rests_on_too_few(workers_of(of.corpus, of.truth.index)) else ""


def overall(of: Judged, showing: Showing) -> pd.DataFrame:
    """Score a model on every coded segment."""
    table = score_rows(of, showing)
    return shown(table, score_reasons(table, of.corpus, of.truth, of.predicted), of, showing)


def by_group(of: Judged, values: pd.Series, name: str, showing: Showing) -> pd.DataFrame:
    """Score a model in each group of segments; groups of fewer than five workers are withheld.

    Parameters
    ----------
    of : Judged
    values : Series of str
        The group of each segment, by ``segment_id``.
    name : str
        What the groups are.
    showing : Showing

    Returns
    -------
    DataFrame
        A part of an evaluation, groups in the order of their names. Within a dimension, which gold's code
        gives, no segment that is truly none can be taken for one of the dimension, so that F1 and precision
        there count no such errors: recall and cost are what to compare.
    """
    group = values.reindex(of.truth.index).to_numpy()
    names = sorted(set(group))
    tables = []
    for each, why in zip(names, _by_part(of, [group == each for each in names]), strict=True):
        rows = group == each
        table = score_rows(of, showing, rows).assign(group_by=name, group=each)
        told = score_reasons(table, of.corpus, of.truth[rows], of.predicted[rows])
        tables.append(shown(table, why or told, of, showing))
    return pd.concat(tables, ignore_index=True)


def _by_part(of: Judged, parts: Sequence[np.ndarray]) -> list[str]:
    """Say why each part of a whole is withheld; "" where it is shown."""
    workers = workers_of(of.corpus, of.truth.index)
    if workers is None:
        return [""] * len(parts)
    present = np.zeros((len(parts), workers.max() + 1), dtype=bool)
    for at, rows in enumerate(parts):
        present[at, workers[rows]] = True
    return withheld_parts(present).tolist()


def confusion(of: Judged, showing: Showing) -> pd.DataFrame:
    """Say which labels are taken for which, with intervals and costs; small cells are withheld."""
    framework = of.corpus.framework
    table = pd.DataFrame(
        confusion_rows(of.sums(), framework, confidence_level=showing.confidence_level)
    ).assign(n_documents=of.segments["document_id"].nunique())
    workers = workers_of(of.corpus, of.truth.index)
    if workers is None:
        return shown(table, "", of, showing)
    present = standing((of.places, of.predicted), len(framework.labels), workers)
    return shown(table, withheld_grid(present).ravel().tolist(), of, showing)


def calibration(of: Judged, predictions: pd.DataFrame, showing: Showing) -> pd.DataFrame:
    """Give the calibration error, Brier score and macro-F1 as they came and calibrated out of fold."""
    wanted = ["calibration_error", "brier", "macro_f1"]
    tables = [score_rows(of, showing).assign(design="as given")]
    try:
        mended = judged(of.corpus, recalibrated(of.corpus, predictions, seed=showing.seed))
        tables.append(score_rows(mended, showing).assign(design="calibrated out of fold"))
    except UndefinedError as error:
        blank = tables[0].assign(design="calibrated out of fold", reason=str(error))
        tables.append(blank.assign(estimate=np.nan, lower=np.nan, upper=np.nan))
    table = pd.concat(tables, ignore_index=True)
    return shown(table[table["score"].isin(wanted)], too_few(of), of, showing)


def permuted(of: Judged, showing: Showing) -> pd.DataFrame:
    """Test macro-F1 against labels shuffled within employers or workers."""
    found = permutation_test(
        of.places,
        of.predicted,
        of.segments["group"],
        n_permutations=showing.n_permutations,
        seed=showing.seed,
    )
    common = {"n_permutations": found.n_permutations, "n_clusters": of.segments["group"].nunique()}
    method = (
        f"mean of macro-F1 over labels shuffled within clusters; {found.n_movable} segments can change places"
    )
    row = {"score": "macro_f1_permuted", "estimate": found.by_chance, "p": found.p, "method": method}
    reason = "no interval: it describes what chance would give, and p compares the score with it"
    table = pd.DataFrame([{**common, **row, **_counts(of, slice(None)), "label": "", "reason": reason}])
    return shown(table, too_few(of), of, showing)


def model_parts(
    of: Judged, predictions: pd.DataFrame, groups: Sequence[tuple[str, pd.Series]], showing: Showing
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give every part about one model, with its name.

    Parameters
    ----------
    of : Judged
        What `predictions` are.
    predictions : DataFrame
    groups : sequence of (name, values)
        By what scores are told apart.
    showing : Showing

    Yields
    ------
    part : str
    table : DataFrame
    """
    yield "scores", overall(of, showing)
    for name, values in groups:
        yield "groups", by_group(of, values, name, showing)
    yield "confusion", confusion(of, showing)
    yield "calibration", calibration(of, predictions, showing)
    yield "permuted", permuted(of, showing)


def reason_row(corpus: Corpus, why: str, **more: Any) -> pd.DataFrame:
    """Return one row that says why a part is missing."""
    row = pd.DataFrame(
        [{"corpus": corpus.name, "score": "", "method": "not estimated", "reason": why, **more}]
    )
    return row.assign(waiver=False).reindex(columns=EVALUATION_COLUMNS)
