"""Giving jobs to workers, a few ahead of what they can do, and taking back what became of each."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, TypeVar

from peercompare.errors import ClusterError, Problem
from peercompare.scale import connecting
from peercompare.scale.working import Facts, Job, Outcome, work

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 2
"""Jobs that are given out for each thread: one in work, one waiting."""
PATIENCE = 0.5
"""Seconds after which it is looked up who works, whether or not a job has ended."""

Asked = TypeVar("Asked", bound=Job)


def outcomes(
    client: Client, jobs: Iterable[Asked], expected: Facts, *, stop: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Asked, Outcome]]:
    """Do jobs on all workers of a cluster, also on those that join on the way.

    A job whose worker dies is done by another; one that four workers died of is given up. A worker that
    joins and is unlike us does nothing: its jobs go to the others.

    Parameters
    ----------
    client : distributed.Client
    jobs : iterable of Job
    expected : Facts
        From `expected_facts`.
    stop : callable, optional
        Asked again and again; once it says True no further job is given out, and those that were are
        finished.

    Yields
    ------
    job, outcome : Job, Outcome
        In the order in which they end.

    Raises
    ------
    ClusterError
        If the scheduler is lost, or no worker is left that may work.
    """
    waiting, running, refused = deque(jobs), {}, {}
    last_seen = time.monotonic()
    while (waiting and not stop()) or running:
        threads = _threads(client, refused)
        last_seen = time.monotonic() if threads else last_seen
        _check_alone(last_seen, refused)
        while threads and waiting and not stop() and len(running) < AHEAD * sum(threads.values()):
            job = waiting.popleft()
            running[_given(client, job, expected, list(threads) if refused else None)] = job
        for future in _ended(client, list(running)):
            job, outcome = running.pop(future), _outcome(client, future)
            if outcome is None:
                yield job, Outcome(problems=(Problem(job.where, "several workers died of it, one by one"),))
            elif outcome.unlike:
                refused[outcome.worker] = outcome.unlike
                waiting.appendleft(job)
            else:
                yield job, outcome


def _given(client: Client, job: Job, expected: Facts, among: list[str] | None) -> Future:
    """Give a job out; to some workers alone where others were refused."""
    return client.submit(work, job, expected, workers=among, allow_other_workers=False, pure=False)


def _threads(client: Client, refused: Iterable[str]) -> dict[str, int]:
    """Return the threads of each worker that may work."""
    try:
        return {name: n for name, n in client.nthreads().items() if name not in refused}
    except (OSError, AttributeError, CancelledError, TimeoutError, RuntimeError):
        raise _lost(client) from None


def _check_alone(last_seen: float, refused: dict[str, str]) -> None:
    """Raise where there has been no worker for long."""
    if time.monotonic() - last_seen > connecting.WORKER_SECONDS:
        problems = [Problem(f"worker {name}", said) for name, said in refused.items()]
        raise ClusterError(
            f"No worker is left that may work, for {connecting.WORKER_SECONDS:.0f} seconds",
            problems,
            remedy="start workers and give the same command again: what was finished is kept",
        )


def _ended(client: Client, futures: list[Future]) -> list[Future]:
    """Wait a little and return the jobs that have ended."""
    from distributed import wait

    if not futures:
        time.sleep(PATIENCE)
        return []
    try:
        with client.as_current():
            wait(futures, timeout=PATIENCE, return_when="FIRST_COMPLETED")
    except (TimeoutError, CancelledError):
        pass  # nothing has ended yet, or what it was is told below
    if any(future.cancelled() for future in futures) or client.status != "running":
        raise _lost(client)
    return [future for future in futures if future.done()]


def _outcome(client: Client, future: Future) -> Outcome | None:
    """Return what became of a job; None where its workers died."""
    from distributed import KilledWorker

    try:
        return future.result(timeout=connecting.CONNECT_SECONDS)
    except KilledWorker:
        return None
    except (OSError, TimeoutError, CancelledError):
        raise _lost(client) from None


def _lost(client: Client) -> ClusterError:
    """Say that the scheduler is gone, or was started anew: it has forgotten all jobs."""
    return ClusterError(
        "The scheduler was lost on the way: it ended, or was started anew",
        remedy="start it and its workers, and give the same command again: what was finished is kept",
    )
