"""Doing the same for several things in processes side by side, where that is safe; results stay the same."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

MOST = 4
"""Processes at most: each holds what it makes beside what it shares."""

_given: tuple[Callable[[Any], Any], Sequence[Any]] | None = None
"""What a process of ours works on; it inherits this, so that nothing need be sent to it."""


def side_by_side(work: Callable[[Any], Any], things: Sequence[Any], *, done: Callable[[Any], None]) -> None:
    """Do a piece of work for each of several things, in as many processes as there are cores.

    Copies of this process do the work, which is safe on Linux and while no other thread runs: elsewhere, as
    in a notebook, this process does it alone. What fails in a copy is done again here, so that its error is
    raised as it would have been, after all others are finished.

    Parameters
    ----------
    work : callable
        Takes one of the things; whatever it changes in memory is lost.
    things : sequence
    done : callable
        Takes what `work` returned, for one thing after another, in their order; those that failed last.
    """
    n_processes = min(MOST, len(things), _cores())
    left = list(range(len(things)))
    if n_processes > 1 and sys.platform == "linux" and threading.active_count() == 1:
        left = _in_copies(work, things, n_processes, done)
    for number in left:
        done(work(things[number]))


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_copies(
    work: Callable[[Any], Any], things: Sequence[Any], n_processes: int, done: Callable[[Any], None]
) -> list[int]:
    """Work in copies of this process; return the numbers of the things that failed there."""
    pool = ProcessPoolExecutor(
        n_processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_take,
        initargs=(work, things),
    )
    failed = []
    with pool:
        waiting = [pool.submit(_try, number) for number in range(len(things))]
        for number, future in enumerate(waiting):
            try:
                fine, result = future.result()
            except BrokenProcessPool:  # a copy was killed, as where memory ran out
                fine, result = False, None
            if fine:
                done(result)
            else:
                failed.append(number)
    return failed


def _take(work: Callable[[Any], Any], things: Sequence[Any]) -> None:
    global _given
    _given = work, things


def _try(number: int) -> tuple[bool, Any]:
    """Do one thing in a copy; an error stays here, since not every error can be sent."""
    work, things = _given
    try:
        return True, work(things[number])
    except Exception:
        return False, None
