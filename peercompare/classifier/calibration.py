"""How far probabilities keep their word: each label's mean probability and the share found, bin by bin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.classifier import scoring
from peercompare.classifier.evaluation import aligned, true_labels
from peercompare.classifier.showing import hide, withheld_parts, workers_of
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD
from peercompare.corpus import Corpus

CALIBRATION_COLUMNS = (
    "corpus label bin predicted observed lower upper confidence_level n_segments n_clusters "
    "method reason waiver"
).split()
METHOD = "share of segments with the label among those whose probability of it lies in the bin"


def calibration_table(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    truth: str = GOLD,
    n_bins: int = scoring.N_BINS,
    confidence_level: float = 0.95,
    waive: bool = False,
) -> pd.DataFrame:
    """Compare each label's probabilities with the share of segments that have the label.

    Parameters
    ----------
    corpus, predictions, truth, confidence_level
        As in `scores_table`.
    n_bins : int, default 10
        Bins of equal width over [0, 1], numbered from 0; bins without a segment are left out.
    waive : bool, default False
        Show bins of fewer than five workers where the corpus is composed; of another they are withheld
        whatever this says.

    Returns
    -------
    DataFrame
        ``corpus, label, bin, predicted (mean), observed (share), lower, upper, confidence_level, n_segments,
        n_clusters, method, reason, waiver``. The interval of ``observed`` is a jackknife over clusters; there
        is none under five clusters or where no cluster changes the share. ``observed`` is withheld in a bin
        that rests on fewer than five workers, and in the next smallest where the rest of the label would give
        it away. ``reason`` says why anything is missing.
    """
    names = corpus.framework.labels
    labels = true_labels(corpus, truth)
    probabilities = aligned(predictions, labels.index, names)
    groups = analysed_segments(corpus).set_index("segment_id")["group"].loc[labels.index]
    positions = pd.Index(names).get_indexer(labels)
    sums = scoring.score_sums(positions, probabilities, groups, n_bins=n_bins)
    rows = [
        {"label": label, "bin": number, **_bin(by_bin[:, number], confidence_level)}
        for label, by_bin in zip(names, np.moveaxis(sums.by_label, 1, 0), strict=True)
        for number in range(n_bins)
    ]
    table = pd.DataFrame(rows).assign(corpus=corpus.name, confidence_level=confidence_level)
    reasons = _withheld(workers_of(corpus, labels.index), probabilities, n_bins)
    columns = ["observed", "lower", "upper"]
    table = hide(table, reasons, columns=columns, composed=corpus.composed, waive=waive)
    return table.loc[table["n_segments"] > 0, CALIBRATION_COLUMNS].reset_index(drop=True)


def _withheld(workers: np.ndarray | None, probabilities: np.ndarray, n_bins: int) -> list[str]:
    """Say why each bin of each label is withheld, in the order of labels and bins; "" where it is shown."""
    if workers is None:
        return [""] * (probabilities.shape[1] * n_bins)
    reasons: list[str] = []
    for bins in scoring.bins_of(probabilities, n_bins).T:
        present = np.zeros((n_bins, workers.max() + 1), dtype=bool)
        present[bins, workers] = True
        reasons += withheld_parts(present).tolist()
    return reasons


def _bin(by_cluster: np.ndarray, confidence_level: float) -> dict[str, object]:
    """Summarise one bin from its sums by cluster, shape (n_clusters, 3)."""
    held = by_cluster[by_cluster[:, 2] > 0]
    row: dict[str, object] = {"n_segments": int(held[:, 2].sum()), "n_clusters": len(held)}
    if not len(held):
        return {**row, "predicted": np.nan, "observed": np.nan, "method": METHOD, "reason": ""}
    probability, observed = (held[:, :2].sum(axis=0) / held[:, 2].sum()).tolist()
    without = held.sum(axis=0) - held
    with np.errstate(invalid="ignore"):
        found = scoring.interval(observed, without[:, 1] / without[:, 2], confidence_level, 1.0)
    method = METHOD if found.reason else f"{METHOD}; delete-one-cluster jackknife, t({len(held) - 1})"
    return {
        **row,
        "predicted": probability,
        "observed": observed,
        "lower": found.lower,
        "upper": found.upper,
        "method": method,
        "reason": found.reason,
    }
