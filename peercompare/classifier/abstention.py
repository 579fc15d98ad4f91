"""How well sets of labels keep their promise, and how often the model abstains: in a table with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.classifier.conformal import (
    ABSTAINED,
    LABEL_SET,
    LEVEL,
    SET_COLUMNS,
    label_thresholds,
    set_columns,
)
from peercompare.classifier.decision import decided
from peercompare.classifier.evaluation import aligned, true_labels
from peercompare.classifier.scoring import Score
from peercompare.classifier.shares import mean_over_segments
from peercompare.classifier.showing import TOO_FEW, hide, rests_on_too_few, withheld_parts, workers_of
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.errors import InputError

COVERAGE_COLUMNS = (
    "corpus model truth measure label estimate lower upper confidence_level "
    "n_clusters n_documents n_segments method reason waiver"
).split()

METHODS = {
    "coverage": "share of segments whose set holds their label",
    "set_size": "mean number of labels in a set",
    "abstained": "share of segments for which the model abstains",
    "accuracy_answered": "share given their label of the segments for which the model does not abstain",
}


def with_label_sets(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    truth: str = GOLD,
    confidence_level: float = LEVEL,
    largest: int = 1,
) -> pd.DataFrame:
    """Add sets of labels to predictions from anywhere, calibrated on all other employers or workers.

    Parameters
    ----------
    corpus : Corpus
        Whose codings say what is true.
    predictions : DataFrame
        ``segment_id`` and one column for each label, by models that saw nobody's own codings.
    truth : str, default "gold"
        The `coder_id` that counts as the truth.
    confidence_level : float, default 0.9
        The share of segments of each label whose set is to hold the label.
    largest : int, default 1
        A larger set, or an empty one, is an abstention.

    Returns
    -------
    DataFrame
        `predictions` in the order of ``corpus.segments`` with ``label_set`` and ``abstained``; columns of
        these names are replaced. Every segment stays, with its probabilities.

    Raises
    ------
    InputError, CodingError
        As in `scores_table`.

    Notes
    -----
    Our own models need not be handed in: `out_of_fold` calibrates each fold's sets inside its training.
    """
    names = corpus.framework.labels
    segments = analysed_segments(corpus).set_index("segment_id")
    found = aligned(predictions, segments.index, names)
    labels = true_labels(corpus, truth)
    known = segments.index.get_indexer(labels.index)
    positions = pd.Index(names).get_indexer(labels)
    group = segments["group"].to_numpy()
    columns = pd.DataFrame(index=segments.index, columns=list(SET_COLUMNS))
    for each in dict.fromkeys(group):
        others = group[known] != each
        limits = label_thresholds(
            found[known][others],
            positions[others],
            group[known][others],
            confidence_level=confidence_level,
        )
        here = group == each
        made = set_columns(found[here], dict(zip(names, limits, strict=True)), names, largest=largest)
        columns.loc[here] = made.to_numpy()
    columns[ABSTAINED] = columns[ABSTAINED].astype(bool)
    kept = predictions.drop(columns=list(SET_COLUMNS), errors="ignore").set_index("segment_id")
    return kept.reindex(segments.index).join(columns).reset_index()


def coverage_table(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    model: str = "ngram",
    truth: str = GOLD,
    confidence_level: float = 0.95,
    waive: bool = False,
) -> pd.DataFrame:
    """Measure how often sets hold the true label, overall and for each label, and how often they answer.

    Parameters
    ----------
    corpus, truth, model, waive
        As in `scores_table`.
    predictions : DataFrame
        With ``label_set`` and ``abstained``: from `out_of_fold`, or from `with_label_sets`.
    confidence_level : float, default 0.95
        Of the intervals; not the coverage that the sets promise.

    Returns
    -------
    DataFrame
        Columns as `COVERAGE_COLUMNS`: coverage, set_size, abstained and accuracy_answered, overall and by
        true label. Intervals are delete-one-cluster jackknife intervals over employers or workers. What rests
        on fewer than five workers is withheld.

    Raises
    ------
    InputError
        If the predictions have no sets, or do not fit the corpus.
    """
    absent = [column for column in SET_COLUMNS if column not in predictions]
    if absent:
        raise InputError(
            f"The predictions lack the columns {', '.join(absent)}",
            remedy="predictions from elsewhere get them from `with_label_sets`",
        )
    names = corpus.framework.labels
    labels = true_labels(corpus, truth)
    aligned(predictions, labels.index, names)
    chosen = decided(predictions, labels.index, names)
    sets = predictions.set_index("segment_id").loc[labels.index]
    rows = pd.DataFrame(
        {
            "label": labels,
            "coverage": [
                label in words.split() for label, words in zip(labels, sets[LABEL_SET], strict=True)
            ],
            "set_size": sets[LABEL_SET].str.split().str.len(),
            "abstained": sets[ABSTAINED].astype(bool),
            "accuracy_answered": np.array(names, dtype=object)[chosen] == labels,
        }
    ).join(analysed_segments(corpus).set_index("segment_id")[["document_id", "group"]])
    table, reasons = _measured(rows, names, workers_of(corpus, labels.index), confidence_level)
    table = table.assign(corpus=corpus.name, model=model, truth=truth, confidence_level=confidence_level)
    columns = ["estimate", "lower", "upper"]
    return hide(table, reasons, columns=columns, composed=corpus.composed, waive=waive)[COVERAGE_COLUMNS]


def _measured(
    rows: pd.DataFrame, names: tuple[str, ...], workers: np.ndarray | None, confidence_level: float
) -> tuple[pd.DataFrame, list[str]]:
    """Compute every measure overall and by label, and say what is withheld."""
    table, reasons = [], []
    for measure in METHODS:
        asked = ~rows["abstained"] if measure == "accuracy_answered" else rows["abstained"].notna()
        parts = [asked & rows["label"].eq(name) for name in names]
        for label, part in zip(("", *names), (asked, *parts), strict=True):
            highest = len(names) if measure == "set_size" else 1.0
            values = rows.loc[part, measure].to_numpy()
            score = mean_over_segments(
                values, list(rows.loc[part, "group"]), confidence_level=confidence_level, highest=highest
            )
            counts = {"n_documents": rows.loc[part, "document_id"].nunique(), "n_segments": int(part.sum())}
            table.append({"measure": measure, "label": label, **_laid_out(measure, score), **counts})
        reasons += _why_withheld(workers, asked.to_numpy(), [part.to_numpy() for part in parts])
    return pd.DataFrame(table), reasons


def _why_withheld(workers: np.ndarray | None, asked: np.ndarray, parts: list[np.ndarray]) -> list[str]:
    """Say why the whole and each label's part are withheld; "" where they are shown."""
    if workers is None:
        return [""] * (1 + len(parts))
    present = np.zeros((len(parts), workers.max() + 1), dtype=bool)
    for row, part in zip(present, parts, strict=True):
        row[workers[part]] = True
    whole = TOO_FEW if rests_on_too_few(workers[asked]) else ""
    return [whole, *withheld_parts(present)]


def _laid_out(measure: str, score: Score) -> dict[str, object]:
    """Lay out one measure."""
    method = METHODS[measure]
    if not score.reason:
        method += f"; delete-one-cluster jackknife, t({score.n_clusters - 1})"
    return {
        "estimate": score.estimate,
        "lower": score.lower,
        "upper": score.upper,
        "n_clusters": score.n_clusters,
        "method": method,
        "reason": score.reason,
    }
