"""Getting to a scheduler and its workers, or starting some here; refusing workers that are unlike us."""

from __future__ import annotations

import logging
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.errors import ClusterError, InputError, Problem
from peercompare.scale.working import Facts, facts_here

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 3.0
"""How long a scheduler may take to answer, and to come back."""
WORKER_SECONDS = 60.0
"""How long there may be no worker at all."""


@contextmanager
def connected(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client]:
    """Connect to a Dask scheduler, or start worker processes on this machine for as long as needed.

    Parameters
    ----------
    scheduler : str, optional
        Its address: ``tcp://HOST:PORT``. Its workers must see the same files under the same names.
    workers : int, optional
        Instead of `scheduler`: how many processes to start here, on the loopback interface, of one thread
        each. They end with the block.

    Yields
    ------
    distributed.Client
        With a worker at least.

    Raises
    ------
    InputError
        If both or neither are given, or the number is not positive, or the extra is not installed.
    ClusterError
        If there is no scheduler at the address within a few seconds, or it has no worker within a minute.
    """
    if (scheduler is None) == (workers is None):
        raise InputError("Give one of the two: a scheduler's address, or a number of workers")
    if workers is not None and workers < 1:
        raise InputError(f"There must be one worker at least, not {workers}")
    if scheduler is not None:
        _must_listen(scheduler)
    _need_dask()
    with _client_of(scheduler) if workers is None else _client_here(workers) as client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise ClusterError(
                f"The scheduler at {client.scheduler.address} has no worker; nothing was started",
                remedy="start workers on machines that see the same files: "
                f"dask worker {client.scheduler.address}",
            ) from None
        yield client


def _need_dask() -> None:
    """Raise where the extra is not installed."""
    try:
        import distributed  # noqa: F401 - asked for its presence
    except ImportError:
        raise InputError(
            "Working on several processes or machines needs Dask, which is not installed",
            remedy="pip install 'peercompare[scale]'",
        ) from None


def _must_listen(address: str) -> None:
    """Raise where nothing listens at an address, before anything large is imported."""
    form = re.fullmatch(r"(?:tcp|tls)://\[?([^/\]]+?)\]?:(\d{1,5})", address)
    if form is None:
        raise InputError(f"{address!r} is no address of a scheduler", remedy="write it as tcp://HOST:PORT")
    try:
        with socket.create_connection((form[1], int(form[2])), timeout=CONNECT_SECONDS) as probe:
            # A scheduler speaks first; Dask would wait for ever for something else that does not.
            if address.startswith("tcp") and not probe.recv(1):
                raise ConnectionError
    except (OSError, OverflowError) as error:
        raise _absent(address, error) from None


def _absent(address: str, error: Exception) -> ClusterError:
    return ClusterError(
        f"There is no scheduler at {address} ({type(error).__name__}); nothing was started or written",
        remedy="check the address, start one with `dask scheduler`, or work here with --workers N",
    )


@contextmanager
def _client_of(address: str) -> Iterator[Client]:
    from distributed import Client

    # What Dask says of a connection in the making is said in our own words.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise _absent(address, error) from None
    try:
        yield client
    finally:
        client.close(timeout=CONNECT_SECONDS)


@contextmanager
def _client_here(workers: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    with tempfile.TemporaryDirectory(prefix="peercompare-") as folder:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        )
        with cluster, Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False) as client:
            yield client


def expected_facts(client: Client, model: Path | None = None) -> Facts:
    """Ask every worker whether it is like this process, before any work is given.

    Parameters
    ----------
    client : distributed.Client
    model : Path, optional
        The model that the work needs.

    Returns
    -------
    Facts
        What each worker has, to be asked again of those that join later.

    Raises
    ------
    ClusterError
        Names every worker with another version of peercompare or of Python, or another model.
    """
    expected = facts_here(model)
    answers = client.run(facts_here, model, on_error="return")
    problems = []
    for address, facts in sorted(answers.items()):
        # A worker that cannot even load the question has no peercompare, or an old one.
        known = isinstance(facts, Facts)
        said = facts.unlike(expected) if known else f"has no peercompare like this ({type(facts).__name__})"
        if said:
            problems.append(Problem(f"worker {address}", said))
    if problems:
        raise ClusterError(
            "These workers are not like this process; no work was started",
            problems,
            remedy=f"give each peercompare {expected.version} and the same files, or leave it out",
        )
    return expected
