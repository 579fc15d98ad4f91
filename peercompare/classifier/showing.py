"""What of a classifier's tables is withheld because it rests on fewer than five workers.

A corpus has workers where its documents have a column ``worker_id``; of public postings nothing is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.corpus import Corpus
from peercompare.disclosure import withheld_cells
from peercompare.persons import MIN_WORKERS

WORKER = "worker_id"
TOO_FEW = f"withheld: it rests on fewer than {MIN_WORKERS} workers"
DIFFERENCE = f"withheld: what is left of the whole without it would rest on fewer than {MIN_WORKERS} workers"


def workers_of(corpus: Corpus, segment_ids: Sequence[str]) -> np.ndarray | None:
    """Number the worker of each segment; None where the corpus has no workers.

    Returns
    -------
    np.ndarray of int, shape (n_segments,), or None
    """
    if WORKER not in corpus.documents:
        return None
    home = corpus.segments.set_index("segment_id")["document_id"].loc[list(segment_ids)]
    worker = home.map(corpus.documents.set_index("document_id")[WORKER])
    return pd.factorize(worker, use_na_sentinel=False)[0]


def rests_on_too_few(workers: np.ndarray | None) -> bool:
    """Say whether segments are the words of fewer than five workers."""
    return workers is not None and 0 < len(np.unique(workers)) < MIN_WORKERS


def withheld_parts(present: np.ndarray) -> np.ndarray:
    """Say which parts of a whole are withheld, and why.

    Parts of fewer than five workers are; and, the smallest first, further ones until those withheld rest on
    five workers or more together, since the whole is known and less the parts shown would give them.

    Parameters
    ----------
    present : np.ndarray of bool, shape (n_parts, n_workers)
        Whose words each part holds.

    Returns
    -------
    np.ndarray of str, shape (n_parts,)
        The reason; "" where the part may be shown.

    Examples
    --------
    >>> parts = np.ones((3, 6), dtype=bool)
    >>> parts[0, 2:] = False
    >>> [reason != "" for reason in withheld_parts(parts)]
    [True, True, False]
    """
    size = present.sum(axis=1)
    reason = np.full(len(present), "", dtype=object)
    reason[(size > 0) & (size < MIN_WORKERS)] = TOO_FEW
    while 0 < present[reason != ""].any(axis=0).sum() < MIN_WORKERS:
        shown = np.flatnonzero((reason == "") & (size > 0))
        if not len(shown):
            break
        reason[shown[size[shown].argmin()]] = DIFFERENCE
    return reason


def withheld_grid(present: np.ndarray) -> np.ndarray:
    """Say which cells of a table with rows and columns are withheld, and why.

    Cells of fewer than five workers are, and further ones until neither scores, which tell the sums of rows
    and columns, nor the whole give them back (`disclosure.withheld_cells`).

    Parameters
    ----------
    present : np.ndarray of bool, shape (n_rows, n_columns, n_workers)
        Whose words each cell holds.

    Returns
    -------
    np.ndarray of str, shape (n_rows, n_columns)
        The reason; "" where the cell may be shown.
    """
    size = present.sum(axis=2)
    places = np.arange(size.size).reshape(size.shape)
    hidden = withheld_cells(present.reshape(size.size, -1), [*places, *places.T, places.ravel()])
    few = (size > 0) & (size < MIN_WORKERS)
    return np.where(few, TOO_FEW, np.where(hidden.reshape(size.shape), DIFFERENCE, "")).astype(object)


OF_HITS = ("macro_f1", "accuracy", "f1", "precision", "recall")
"""Scores from which counts of hits can be worked out; ``cost`` tells of every pair of labels."""


def standing(cells: tuple[np.ndarray, np.ndarray], n_labels: int, workers: np.ndarray) -> np.ndarray:
    """Say whose words stand in which pair of true and predicted label.

    Parameters
    ----------
    cells : (np.ndarray, np.ndarray) of int, shape (n_segments,)
        Positions of the true and of the predicted label.
    n_labels : int
        How many labels there are.
    workers : np.ndarray of int, shape (n_segments,)
        The worker of each segment.

    Returns
    -------
    np.ndarray of bool, shape (n_labels, n_labels, n_workers)
    """
    present = np.zeros((n_labels, n_labels, int(workers.max(initial=-1)) + 1), dtype=bool)
    present[(*cells, workers)] = True
    return present


def withheld_scores(table: pd.DataFrame, labels: Sequence[str], present: np.ndarray) -> list[str]:
    """Say which scores are withheld, and why.

    A label's precision, recall and F1 tell how many of its segments were hit, and the sums of its row and its
    column; accuracy and the mean of F1 tell sums of hits. So a label that only segments of fewer than five
    workers have, or are predicted to have, shows no such score; and where the hits of any label are withheld
    (`withheld_grid`), no score of hits is shown.

    Parameters
    ----------
    table : DataFrame
        ``score, label``.
    labels : sequence of str
        The labels, in the order of `present`.
    present : np.ndarray of bool, shape (n_labels, n_labels, n_workers)
        As `standing` gives it.

    Returns
    -------
    list of str, length n_rows
        The reason; "" where the score may be shown.
    """
    grid = withheld_grid(present) != ""
    hits = np.diagonal(grid).any()
    sizes = [present.any(axis=axis).sum(axis=1) for axis in (0, 1)]
    thin = np.any([(0 < size) & (size < MIN_WORKERS) for size in sizes], axis=0)
    few = {label for label, is_thin in zip(labels, thin, strict=True) if is_thin}
    reasons = []
    for score, label in zip(table["score"], table["label"], strict=True):
        told = (score in OF_HITS and (hits or (few and not label))) or (score == "cost" and grid.any())
        reasons.append(TOO_FEW if score in OF_HITS and label in few else DIFFERENCE if told else "")
    return reasons


def hide(
    table: pd.DataFrame, reasons: Sequence[str], *, columns: Sequence[str], composed: bool, waive: bool
) -> pd.DataFrame:
    """Blank what is withheld, with its reason; or show it, of a composed corpus, marked as waived.

    Parameters
    ----------
    table : DataFrame
        With the column ``reason``.
    reasons : sequence of str, length n_rows
        Why a row is withheld; "" where it is not.
    columns : sequence of str
        What is blanked.
    composed, waive : bool
        Whether nobody real speaks in the corpus, and whether its small cells were asked for; both are needed.

    Returns
    -------
    DataFrame
        A copy with the column ``waiver``.
    """
    touched = np.array([bool(reason) for reason in reasons], dtype=bool)
    waived = composed and waive
    table = table.assign(waiver=touched & waived)
    if touched.any() and not waived:
        table.loc[touched, list(columns)] = np.nan
        table.loc[touched, "reason"] = [reason for reason in reasons if reason]
    return table
