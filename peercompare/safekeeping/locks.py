"""One writer or many readers of a folder, between processes and between threads.

The lock is ``flock`` on a hidden file of the folder, so it ends with the process that holds it, killed or
not. Windows has no ``flock``: there nothing keeps two processes apart, and two must not change one folder at
once. A change that was broken off is still finished or undone there.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from peercompare.errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".peercompare.lock"
"""The hidden file that is locked. It is empty, and stays: taking it away would part those who wait for it."""

PATIENCE = 60.0
"""Seconds to wait for somebody else's lock before saying so."""

BINARY = getattr(os, "O_BINARY", 0)
"""What keeps Windows from translating line ends; nothing elsewhere."""

_PAUSE = 0.02
_held = threading.local()


def holds(folder: Path) -> bool:
    """Say whether this thread holds the folder for itself alone."""
    return _identity(folder) in _mine()


@contextmanager
def locked(folder: Path, *, shared: bool) -> Iterator[None]:
    """Hold the lock of a folder: with other readers where it is shared, else alone.

    A thread that holds it alone already goes straight on.

    Parameters
    ----------
    folder : Path
        An existing folder. The lock file is made where it is absent and the lock is not shared.
    shared : bool
        Whether other readers may hold it too.

    Raises
    ------
    InputError
        Where somebody else holds it for longer than `PATIENCE`.
    OSError
        Where the lock file cannot be opened.
    """
    if holds(folder):
        yield
        return
    descriptor = None if fcntl is None else _open_locked(folder / LOCK, shared=shared)
    identity = _identity(folder)
    try:
        if not shared:
            _mine().add(identity)
        yield
    finally:
        _mine().discard(identity)
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def file_locked(path: Path, *, shared: bool = False) -> Iterator[int]:
    """Open a file to read it and append to it, locked: with other readers where it is shared, else alone.

    Parameters
    ----------
    path : Path
        The file; made with mode 0600 where it is absent and the lock is not shared.
    shared : bool, default False
        Whether it is only read.

    Yields
    ------
    int
        Its descriptor.

    Raises
    ------
    InputError
        Where somebody else holds it for longer than `PATIENCE`.
    OSError
        Where it cannot be opened.
    """
    descriptor = _open_locked(path, shared=shared)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open_locked(path: Path, *, shared: bool) -> int:
    """Return an open, locked file; open it anew where somebody put another in its place."""
    until = time.monotonic() + PATIENCE
    flags = BINARY | (os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT | os.O_APPEND)
    while True:
        descriptor = os.open(path, flags, 0o600)
        try:
            if _try_lock(descriptor, shared=shared) and _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if time.monotonic() > until:
            raise InputError(
                f"Another process has held {path} for {PATIENCE:.0f} seconds; nothing was changed",
                remedy="let it finish, or end it, and try again",
            )
        time.sleep(_PAUSE)


def _try_lock(descriptor: int, *, shared: bool) -> bool:
    """Lock an open file unless somebody else holds it; without locks (Windows) nobody ever does."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Say whether an open file is still the one of that name."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False


def _identity(folder: Path) -> tuple[int, int]:
    """Return what tells a folder from every other, by whatever path it is reached."""
    found = folder.stat()
    return found.st_dev, found.st_ino


def _mine() -> set[tuple[int, int]]:
    """Return the folders that this thread holds alone."""
    if not hasattr(_held, "folders"):
        _held.folders = set()
    return _held.folders
