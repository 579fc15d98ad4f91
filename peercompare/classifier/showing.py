"""What of a classifier's tables is withheld because it rests on fewer than five workers.

A corpus has workers where its documents have a column ``worker_id``; of public postings nothing is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.corpus import Corpus
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

    Cells of fewer than five workers are; and, the smallest first, further ones until those withheld in each
    row, in each column and in the whole rest on five workers or more together: scores tell the sums of rows
    and columns.

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
    reason = np.full(size.shape, "", dtype=object)
    reason[(size > 0) & (size < MIN_WORKERS)] = TOO_FEW
    places = np.arange(size.size).reshape(size.shape)
    lines = [*places, *places.T, places.ravel()]
    everybody, sizes, said = present.reshape(size.size, -1), size.ravel(), reason.ravel()
    changed = True
    while changed:
        changed = False
        for line in lines:
            shown = line[(said[line] == "") & (sizes[line] > 0)]
            hidden = everybody[line[said[line] != ""]].any(axis=0).sum()
            if 0 < hidden < MIN_WORKERS and len(shown):
                said[shown[np.argmin(sizes[shown])]] = DIFFERENCE
                changed = True
    return said.reshape(size.shape)


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
