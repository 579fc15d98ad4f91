"""Progress bars: items pass through unchanged, and a bar shows per cent of bytes where somebody watches."""

import sys

import pytest

from peercompare.progress import SWITCH, progress


class Bar:
    """Stands for tqdm: what it was told, and how far it got."""

    made = []

    def __init__(self, items=(), **told):
        self.items, self.told, self.n, self.steps = items, told, 0, []
        Bar.made.append(self)

    def __iter__(self):
        return iter(self.items)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def update(self, step):
        self.n += step
        self.steps.append(self.n)


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    Bar.made.clear()
    return Bar.made


def test_nobody_watches_and_items_pass_through(watched, monkeypatch):
    monkeypatch.setenv(SWITCH, "off")
    assert list(progress([3, 1, 2], description="x")) == [3, 1, 2]
    assert watched == []


def test_a_bar_counts_items(watched):
    assert list(progress([3, 1, 2], description="x", total=3)) == [3, 1, 2]
    assert watched[0].told["total"] == 3


def test_a_bar_counts_bytes_of_a_whole_that_is_known(watched):
    read = 0

    def lines():
        nonlocal read
        for size in (40, 50, 10):
            read += size
            yield size

    assert list(progress(lines(), description="x", total=100, done=lambda: read)) == [40, 50, 10]
    (bar,) = watched
    assert bar.steps == [40, 90, 100]
    assert (bar.told["total"], bar.told["unit"]) == (100, "B")
