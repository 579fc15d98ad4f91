"""Predictions on a cluster: each worker reads its rows and writes its part; nobody sends a text."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from peercompare.classifier.fast.partitions import Part, parts_in, read_part
from peercompare.classifier.fast.parts_folder import (
    PART,
    Streamed,
    keep,
    leftovers,
    saying_where,
    state_in,
    until_terminated,
)
from peercompare.classifier.fast.scorer import FastScorer
from peercompare.classifier.fast.sources import check_sources, joint_fingerprint, source_files
from peercompare.classifier.fast.streaming import ROWS_OF_PART, Remembering, predicted
from peercompare.classifier.persistence import load_model
from peercompare.errors import ClusterError, InputError, Problem
from peercompare.files import sha256_of, write_table
from peercompare.scale.connecting import expected_facts
from peercompare.scale.running import outcomes
from peercompare.scale.working import Facts

if TYPE_CHECKING:
    from distributed import Client

_SCORING = threading.Lock()
"""A scorer learns terms while it scores: threads of a worker take turns."""


class Predicted(NamedTuple):
    """How far predictions have come, and the parts that could not be made.

    Parameters
    ----------
    n_parts, n_rows : int
        Of the parts that are written.
    complete : bool
    problems : tuple of Problem
        With file and row. The other parts were made.
    """

    n_parts: int
    n_rows: int
    complete: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Survey:
    """Hash a file, and say which parts it has."""

    path: Path
    rows: int
    model: None = None

    @property
    def where(self) -> str:
        """The file."""
        return self.path.name

    def run(self) -> tuple[str, list[Part]]:
        """Read the bytes."""
        return sha256_of(self.path), parts_in(self.path, self.rows)


@dataclass(frozen=True)
class Scoring:
    """Predict the rows of a part and write them.

    Parameters
    ----------
    number : int
        Of the part among all.
    part : Part
    model, folder : Path
    model_sha256 : str
    corpora : tuple of Path
        Those that trained the model: their people are asked on the worker.
    call : str
        Another one for each call: people are asked anew, and nothing is taken over from an earlier one.
    """

    number: int
    part: Part
    model: Path
    model_sha256: str
    corpora: tuple[Path, ...]
    folder: Path
    call: str

    @property
    def where(self) -> str:
        """File and rows."""
        return self.part.where

    def run(self) -> int:
        """Return how many rows were written."""
        texts = read_part(self.part)
        with _SCORING:
            table = predicted(_scorer(self.model, self.model_sha256, self.corpora, self.call), texts)
        write_table(table, self.folder / PART.format(self.number), private=True)
        return len(table)


@lru_cache(maxsize=1)
def _scorer(path: Path, sha256: str, corpora: tuple[Path, ...], call: str) -> Remembering:
    """Load the model on a worker, past the consent of those whose words trained it; once in a call."""
    return Remembering(FastScorer(load_model(path, corpora=corpora)))


def _forget() -> None:
    """Let go of the model, and of the terms that it met."""
    _scorer.cache_clear()


def predict_on_cluster(
    client: Client,
    model: str | Path,
    source: str | Path,
    folder: str | Path,
    *,
    rows: int = ROWS_OF_PART,
    corpora: Iterable[str | Path] = (),
) -> Predicted:
    """Predict tables of texts on the workers of a cluster, into the folder that `predict_stream` makes.

    The two go on from one another. Workers read the texts where they are, ask those whose words trained the
    model, and write their parts themselves: `source`, `model`, `corpora` and `folder` must be the same files
    for all of them.

    Parameters
    ----------
    client : distributed.Client
        From `connected`.
    model : str or Path
        The file of a model of the base install.
    source, folder : str or Path
        As in `predict_stream`.
    rows : int, default 100000
        Rows of a part, which is also what one worker does at a time.
    corpora : iterable of str or Path, optional
        Folders of the corpora that trained the model, as in `load_model`.

    Returns
    -------
    Predicted
        Not complete where SIGTERM came (parts in hand are finished first) or parts have faults: the same
        call goes on with what is missing.

    Raises
    ------
    ModelError, ConsentError, DisclosureError, InputError
        As `load_model` and `predict_stream`, before anything is written.
    ClusterError
        If workers are unlike this process or do not see the same files, or the scheduler is lost. Parts that
        were written stay.
    """
    model, folder, corpora = _whole(model), _whole(folder), tuple(_whole(path) for path in corpora)
    files = [_whole(path) for path in source_files(source)]
    check_sources(files)
    expected = expected_facts(client, model)
    parts, sha256 = _surveyed(client, files, rows, expected._replace(model=""))
    facts = {"model_id": load_model(model, corpora=corpora).model_id, "source_sha256": sha256,
             "rows_of_part": rows}  # fmt: skip
    state = state_in(folder, facts)
    if state.complete:
        return Predicted(*state)
    told = (model, expected.model, corpora, folder, uuid.uuid4().hex)
    jobs = [Scoring(at, part, *told) for at, part in enumerate(parts)]
    with until_terminated() as terminated, saying_where(folder):
        _clear(folder)
        keep(folder, state, facts)
        record = _Record(folder, facts, parts)
        problems = []
        missing = [job for job in jobs if job.number not in record.done]
        for job, outcome in outcomes(client, missing, expected, stop=terminated):
            problems += outcome.problems
            if not outcome.problems:
                record.add(job.number, outcome.worker)
        _clear(folder)
    client.run(_forget, on_error="ignore")
    return record.told(problems)


def _clear(folder: Path) -> None:
    """Take away what workers that died left in the making."""
    for left in leftovers(folder):
        left.unlink(missing_ok=True)


class _Record:
    """Which parts are written; the state counts those before the first that is missing, as one process would.

    Parameters
    ----------
    folder : Path
    facts : dict
        As in `state_in`.
    parts : list of Part
    """

    def __init__(self, folder: Path, facts: dict[str, Any], parts: list[Part]) -> None:
        self._folder, self._facts, self._parts = folder, facts, parts
        self.done = {at for at in range(len(parts)) if (folder / PART.format(at)).is_file()}
        self._keep()

    def add(self, number: int, worker: str) -> None:
        """Note a part that a worker has written."""
        if not (self._folder / PART.format(number)).is_file():
            raise ClusterError(
                f"{self._folder} is not the same folder here and on the worker {worker}",
                remedy="name a folder on a disk that this machine and all workers share",
            )
        self.done.add(number)
        self._keep()

    def _keep(self) -> None:
        whole = next((at for at in range(len(self._parts)) if at not in self.done), len(self._parts))
        n_rows = sum(part.n_rows for part in self._parts[:whole])
        keep(self._folder, Streamed(whole, n_rows, whole == len(self._parts)), self._facts)

    def told(self, problems: Iterable[Problem]) -> Predicted:
        """Say how far it has come."""
        n_rows = sum(self._parts[at].n_rows for at in self.done)
        whole = len(self.done) == len(self._parts)
        return Predicted(len(self.done), n_rows, whole, tuple(problems))


def _whole(path: str | Path) -> Path:
    """Return a path that is the same from any folder that a worker was started in."""
    return Path(path).absolute()


def _surveyed(client: Client, files: list[Path], rows: int, expected: Facts) -> tuple[list[Part], str]:
    """Let workers hash the files and find their parts."""
    found = {
        job.path: outcome
        for job, outcome in outcomes(client, [Survey(path, rows) for path in files], expected)
    }
    problems = [problem for path in files for problem in found[path].problems]
    if problems:
        raise InputError(
            "These files cannot be read by the workers; nothing was written",
            problems,
            remedy="put them where this machine and all workers see them under the same name",
        )
    parts = [part for path in files for part in found[path].value[1]]
    return parts, joint_fingerprint((path, found[path].value[0]) for path in files)
