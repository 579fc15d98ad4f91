"""Work side by side: the same results in the same order, and no error or killed copy lost."""

import os
import sys
import threading

import pytest

from peercompare.study import processes

PARENT = os.getpid()
copies = pytest.mark.skipif(sys.platform != "linux", reason="copies of a process are made on Linux alone")


@pytest.fixture
def alone(monkeypatch):
    """Say that two cores are free and no other thread runs (a test runner has threads of its own)."""
    monkeypatch.setattr(processes, "_cores", lambda: 2)
    monkeypatch.setattr(processes.threading, "active_count", lambda: 1)


def squared(number):
    """A piece of work that says which process did it."""
    return number**2, os.getpid()


@copies
def test_results_come_in_order_from_copies(alone):
    found = []
    processes.side_by_side(squared, range(5), done=found.append)
    assert [square for square, _ in found] == [0, 1, 4, 9, 16]
    assert PARENT not in {where for _, where in found}


def test_nothing_is_copied_while_another_thread_runs(monkeypatch):
    monkeypatch.setattr(processes, "_cores", lambda: 2)
    found, stop = [], threading.Event()
    waiting = threading.Thread(target=stop.wait)
    waiting.start()
    try:
        processes.side_by_side(squared, range(3), done=found.append)
    finally:
        stop.set()
        waiting.join()
    assert found == [(0, PARENT), (1, PARENT), (4, PARENT)]


class Unsendable(Exception):
    """An error that cannot be made again from its words alone."""

    def __init__(self, words, *, remedy):
        super().__init__(words)
        self.remedy = remedy


def test_an_error_is_raised_as_it_was_after_all_others_are_done(alone):
    def work(number):
        if number == 1:
            raise Unsendable("no", remedy="another number")
        return number

    found = []
    with pytest.raises(Unsendable) as caught:
        processes.side_by_side(work, range(4), done=found.append)
    assert caught.value.remedy == "another number"
    assert found == [0, 2, 3]


@copies
def test_what_a_killed_copy_left_undone_is_done_here(alone):
    def work(number):
        if os.getpid() != PARENT:
            os._exit(9)
        return number

    found = []
    processes.side_by_side(work, range(3), done=found.append)
    assert found == [0, 1, 2]
