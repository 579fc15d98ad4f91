"""A change of a folder happens whole or not at all, whoever is killed and whoever looks on."""

import os
import subprocess
import sys
import threading

import pytest

from peercompare.errors import InputError
from peercompare.safekeeping import journal, locks
from peercompare.safekeeping.transactions import change_folder, exclusive, read_whole, recover

OLD = {"a.csv": b"old a", "texts/b.txt": b"old b"}
NEW = {"a.csv": b"new a", "texts/b.txt": None, "more/deep/c.txt": b"new c"}


def visible(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: content for name, content in names.items() if not name.startswith(".")}


AFTER = {name: content for name, content in (OLD | NEW).items() if content is not None}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "corpus"
    for name, content in OLD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_change_replaces_makes_and_deletes(folder):
    change_folder(folder, NEW)
    assert visible(folder) == AFTER
    assert (folder / "a.csv").stat().st_mode & 0o777 == 0o600
    assert (folder / "more/deep/c.txt").stat().st_mode & 0o777 == 0o600
    assert not (folder / journal.STAGE).exists()


def test_contents_are_computed_under_the_lock_and_the_right_ends_with_it(folder):
    with exclusive(folder) as change:
        before = read_whole(folder, lambda: (folder / "a.csv").read_bytes())
        change.replace({"a.csv": before + b" and more"})
        change_folder(folder, {"d": b"d"})  # the same thread may hold it again
    assert visible(folder) == OLD | {"a.csv": b"old a and more", "d": b"d"}
    with pytest.raises(RuntimeError, match="no longer held"):
        change.replace({"a.csv": b""})


def test_a_change_of_nothing_touches_nothing(folder):
    before = (folder / "a.csv").stat().st_mtime_ns
    change_folder(folder, {"a.csv": b"old a", "absent": None})
    assert (folder / "a.csv").stat().st_mtime_ns == before
    assert visible(folder) == OLD


def test_reading_leaves_no_lock_file_in_a_folder_that_nobody_changed(folder):
    read_whole(folder, lambda: None)
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "texts"]
