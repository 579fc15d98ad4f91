"""Predictions for more texts than memory holds: part by part, each whole, resumed where it stopped."""

from __future__ import annotations

import errno
import hashlib
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from peercompare.classifier.conformal import set_columns
from peercompare.classifier.fast.scorer import FastScorer
from peercompare.classifier.fast.sources import check_sources, fingerprint, parts_of, source_files
from peercompare.classifier.inputs import CONTEXT_COLUMNS, TEXT
from peercompare.classifier.model import Model, prediction_rows
from peercompare.errors import InputError
from peercompare.files import write_atomically, write_table

STATE = "state.json"
PART = "part-{:06d}.parquet"
ROWS_OF_PART = 100_000
MOST_REMEMBERED = 200_000
"""Different texts whose probabilities are kept, so that one that comes again is not scored again."""


class Streamed(NamedTuple):
    """How far predictions have come: parts and rows written, and whether the texts are at their end."""

    n_parts: int
    n_rows: int
    complete: bool


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
        Rows of a part.

    Returns
    -------
    Streamed
        Not complete where SIGTERM came: the part in hand is finished first, and the same call goes on.

    Raises
    ------
    ModelError
        If the model is of another kind.
    DisclosureError, InputError
        As `check_sources` and `parts_of`; if the folder holds other work, or the disk is full. Parts that
        were written stay.

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
    state = _state_in(folder, facts)
    if state.complete:
        return state
    with _until_terminated() as terminated, _saying_where(folder):
        for left in _leftovers(folder):
            left.unlink()
        _keep(folder, state, facts)
        for part in parts_of(files, rows, done=state.n_parts):
            write_table(_predicted(scorer, part), folder / PART.format(state.n_parts), private=True)
            state = Streamed(state.n_parts + 1, state.n_rows + len(part), False)
            _keep(folder, state, facts)
            if terminated():
                return state
        state = state._replace(complete=True)
        _keep(folder, state, facts)
    return state


def _predicted(scorer: Remembering, part: pd.DataFrame) -> pd.DataFrame:
    """Lay out the predictions of a part."""
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


def _state_in(folder: Path, facts: dict[str, Any]) -> Streamed:
    """Read how far a folder has come, and refuse one that holds anything else."""
    path = folder / STATE
    # What a kill leaves of a file in the making has no name of its own yet.
    made = [each for each in folder.iterdir() if each not in _leftovers(folder)] if folder.is_dir() else []
    if not path.is_file():
        if made or folder.is_file():
            raise InputError(
                f"{folder} holds something else already; nothing was written", remedy="name a new folder"
            )
        return Streamed(0, 0, False)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        other = [name for name, value in facts.items() if kept[name] != value]
        state = Streamed(int(kept["n_parts"]), int(kept["n_rows"]), bool(kept["complete"]))
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is damaged", remedy="name a new folder") from None
    lost = [number for number in range(state.n_parts) if not (folder / PART.format(number)).is_file()]
    if other or lost:
        why = f"another {', '.join(other)}" if other else f"{len(lost)} of its parts missing"
        raise InputError(
            f"{folder} cannot be gone on with: it has {why}; nothing was written",
            remedy="name a new folder, or give the same model, texts and size of parts",
        )
    return state


def _leftovers(folder: Path) -> list[Path]:
    """Return the files that a kill left in the making."""
    return [each for name in (STATE, "part-") for each in folder.glob(f".{name}*.part")]


def _keep(folder: Path, state: Streamed, facts: dict[str, Any]) -> None:
    """Write how far the work has come."""
    write_atomically(folder / STATE, json.dumps({**facts, **state._asdict()}, indent=2), private=True)


@contextmanager
def _saying_where(folder: Path) -> Iterator[None]:
    """Say in plain words that the disk is full, and that the work can be gone on with."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"The disk of {folder} is full; the parts that were written are whole",
            remedy="make room and give the same command again: it goes on from there",
        ) from error


@contextmanager
def _until_terminated() -> Iterator[Callable[[], bool]]:
    """Hand on whether SIGTERM has come, which ends nothing meanwhile; only a main thread can ask."""
    came = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield came.is_set
        return
    before = signal.signal(signal.SIGTERM, lambda *_: came.set())
    try:
        yield came.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
