"""Predictions for more texts than memory holds: part by part, each whole, resumed where it stopped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.classifier.conformal import set_columns
from peercompare.classifier.fast.checking import check_every_row
from peercompare.classifier.fast.parts_folder import (
    PART,
    STATE,
    Streamed,
    keep,
    leftovers,
    saying_where,
    state_in,
    until_terminated,
)
from peercompare.classifier.fast.scorer import FastScorer
from peercompare.classifier.fast.sources import check_sources, fingerprint, parts_of, source_files
from peercompare.classifier.inputs import CONTEXT_COLUMNS, TEXT
from peercompare.classifier.model import Model, prediction_rows
from peercompare.files import write_table

ROWS_OF_PART = 100_000
MOST_REMEMBERED = 200_000
"""Different texts whose probabilities are kept, so that one that comes again is not scored again."""


def predict_stream(
    model: Model, source: str | Path, folder: str | Path, *, rows: int = ROWS_OF_PART
) -> Streamed:
    """Predict tables of texts of any length, in memory that does not grow with them.

    Parameters
    ----------
    model : Model
        Of the base install.
    source : str or Path
        A file that ends in ``.parquet`` or ``.jsonl``, or a folder of such files, with ``segment_id,
        document_id, text`` and of `CONTEXT_COLUMNS` what is known; no column that says who a person is.
    folder : str or Path
        Where parts and `STATE` are written, for their owner alone. One that holds a part of the same work is
        gone on with; of another model, source or size of parts it is refused.
    rows : int, default 100000
        Rows of a part; where texts are long it has fewer (see `rows_that_fit`).

    Returns
    -------
    Streamed
        Not complete where SIGTERM came: the part in hand is finished first, and the same call goes on.

    Raises
    ------
    ModelError
        If the model is of another kind.
    DisclosureError, InputError
        As `check_sources`; lists every row that cannot be predicted, before anything is written; if the
        folder holds other work, or the disk is full. Parts that were written stay.

    Notes
    -----
    Parts hold ``segment_id, document_id, fold, model_id``, one column for each label, ``named``, and
    ``label_set, abstained`` where the model is calibrated. They differ from `Model.predict_table` in that
    nothing is said of whole documents, which would have to be in memory together; so a context is also read
    where a document is unlike the training documents. A segment id that stands twice is told within a part
    alone.
    """
    folder, files = Path(folder), source_files(source)
    scorer = Remembering(FastScorer(model))
    check_sources(files)
    facts = {"model_id": model.model_id, "source_sha256": fingerprint(files), "rows_of_part": rows}
    state = state_in(folder, facts)
    if state.complete:
        return state
    if not (folder / STATE).is_file():
        check_every_row(files, rows)
    with until_terminated() as terminated, saying_where(folder):
        for left in leftovers(folder):
            left.unlink()
        keep(folder, state, facts)
        for part in parts_of(files, rows, done=state.n_parts):
            path = folder / PART.format(state.n_parts)
            if not path.is_file():  # on a cluster parts are finished out of turn
                write_table(predicted(scorer, part), path, private=True)
            state = Streamed(state.n_parts + 1, state.n_rows + len(part), False)
            keep(folder, state, facts)
            if terminated():
                return state
        state = state._replace(complete=True)
        keep(folder, state, facts)
    return state


def predicted(scorer: Remembering, part: pd.DataFrame) -> pd.DataFrame:
    """Lay out the predictions of a part, as `predict_stream` writes them."""
    model, found = scorer.model, scorer.probabilities(part)
    table = prediction_rows(part["segment_id"], found, model=model)
    table.insert(1, "document_id", part["document_id"].to_numpy(dtype=object))
    if model.facts.get("sets"):
        sets = set_columns(found, model.facts["sets"]["thresholds"], model.labels)
        table = pd.concat([table, sets], axis=1)
    return table


class Remembering:
    """A scorer that keeps what it said of texts without context, up to a number of them.

    Parameters
    ----------
    scorer : FastScorer
    most : int, default 200000
        When so many are kept, the older half is forgotten.
    """

    def __init__(self, scorer: FastScorer, most: int = MOST_REMEMBERED) -> None:
        self.model, self._scorer, self._most = scorer.model, scorer, most
        self._said: dict[bytes, np.ndarray] = {}

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return one probability for each label and row; as `FastScorer.probabilities`."""
        if any(name in table for name in CONTEXT_COLUMNS):
            return self._scorer.probabilities(table)
        codes, different = pd.factorize(table[TEXT].to_numpy(dtype=object))
        keys = [_digest(text) for text in different]
        new = [place for place, key in enumerate(keys) if key not in self._said]
        found = np.empty((len(different), len(self.model.labels)))
        if new:
            found[new] = self._scorer.probabilities(different[new])
        missed = set(new)
        for place, key in enumerate(keys):
            if place not in missed:
                found[place] = self._said[key]
        self._said |= {keys[place]: found[place].copy() for place in new[: self._most]}
        if len(self._said) > self._most:
            self._said = dict(list(self._said.items())[-self._most // 2 :])
        return found[codes]


def _digest(text: str) -> bytes:
    """Return 16 bytes that no two texts share."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
