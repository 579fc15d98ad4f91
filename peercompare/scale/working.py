"""What a worker does with a job, and what it says of itself; nothing here needs Dask.

A job is told by names of files, numbers and hashes alone. Nothing that a job raises is raised on: Dask would
log it with its arguments, and an exception can hold what was read. What went wrong is told in our own words.
"""

from __future__ import annotations

import errno
import hashlib
import platform
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import peercompare
from peercompare.errors import InputError, PeercompareError, Problem
from peercompare.files import sha256_of

FULL = "the disk is full"


class Facts(NamedTuple):
    """What a worker must share with whoever gives it work.

    Parameters
    ----------
    version : str
        Of peercompare.
    code : str
        SHA-256 of its modules.
    python : str
        Version up to the minor one.
    model : str
        SHA-256 of the model's file; "" where no model is used, "absent" where it is not there.
    """

    version: str
    code: str
    python: str
    model: str

    def unlike(self, expected: Facts) -> str:
        """Say in what a worker differs from what is expected; "" where it does not."""
        if self.version != expected.version:
            return f"has peercompare {self.version} (allowed: {expected.version})"
        if self.code != expected.code:
            return f"has peercompare {self.version} with other code"
        if self.python != expected.python:
            return f"has Python {self.python} (allowed: {expected.python})"
        if self.model == "absent":
            return "does not see the file of the model"
        if self.model != expected.model:
            return f"has another model in that file ({self.model[:12]}, not {expected.model[:12]})"
        return ""


def facts_here(model: Path | None) -> Facts:
    """Return the facts of this process."""
    return Facts(
        peercompare.__version__,
        _code(),
        ".".join(platform.python_version_tuple()[:2]),
        "" if model is None else _model(model),
    )


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a hash of the modules as they stood when it was first asked for."""
    folder, whole = Path(peercompare.__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        whole.update(f"{path.relative_to(folder).as_posix()}\t{sha256_of(path)}\n".encode())
    return whole.hexdigest()


def _model(path: Path) -> str:
    """Return the hash of a model's file, taken anew where the file changed."""
    try:
        found = path.stat()
        return _hash(path, found.st_size, found.st_mtime_ns)
    except OSError:
        return "absent"


@lru_cache(maxsize=4)
def _hash(path: Path, size: int, changed: int) -> str:
    return sha256_of(path)


class Job(Protocol):
    """Something to be done on a worker.

    Attributes
    ----------
    where : str
        The place of the job for a message: a file and rows of it.
    model : Path or None
        The model that it uses.
    """

    where: str
    model: Path | None

    def run(self) -> Any:
        """Do it; what is returned holds no text."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Parameters
    ----------
    value : object
        What the job returned; None where it could not be done.
    problems : tuple of Problem
        Why not; empty where it was done.
    unlike : str
        Where the worker refused itself: in what it differs.
    worker : str
        Its address.
    """

    value: Any = None
    problems: tuple[Problem, ...] = ()
    unlike: str = ""
    worker: str = ""


def work(job: Job, expected: Facts) -> Outcome:
    """Do a job on a worker that is like whoever gives the work.

    Parameters
    ----------
    job : Job
    expected : Facts

    Returns
    -------
    Outcome
        Nothing is raised.
    """
    address = _address()
    try:
        if unlike := facts_here(job.model).unlike(expected):
            return Outcome(unlike=unlike, worker=address)
        return Outcome(job.run(), worker=address)
    except InputError as error:
        told = error.problems or (Problem(job.where, error.summary, error.remedy),)
        return Outcome(problems=told, worker=address)
    except PeercompareError as error:
        return Outcome(problems=(Problem(job.where, str(error)),), worker=address)
    except Exception as error:
        return Outcome(problems=(Problem(job.where, _plainly(error)),), worker=address)


def _plainly(error: Exception) -> str:
    """Say what was raised and where, without its words: they may be somebody's."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _address() -> str:
    """Return the address of the worker that this runs on; "" on none."""
    try:
        from distributed import get_worker

        return get_worker().address
    except (ImportError, ValueError):
        return ""
