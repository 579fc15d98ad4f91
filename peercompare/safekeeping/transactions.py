"""Changing several files of a folder at once, all or nothing, whatever happens in between.

The new contents are staged in a hidden subfolder (0700, its files 0600) and flushed to disk. A journal then
takes its name in one step: that is the moment of decision. Killed before it, the folder is as it was; killed
after it, whoever opens the folder next finishes the change. Readers wait for the one or the other, so nobody
sees a state between.

Staged contents may be people's words. They lie in the folder that they belong to and nowhere else, readable
by its owner alone, and leave it with the change, finished or undone. What a change deletes is unlinked, not
wiped: a disk may keep old blocks for a while.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from peercompare.errors import InputError
from peercompare.safekeeping import journal
from peercompare.safekeeping.locks import LOCK, holds, locked
from peercompare.safekeeping.store import sealed

_Read = TypeVar("_Read")

SECRET = ".person_key"
"""The hidden file of a corpus's secret (`corpus.person_keys`), which is made without the folder's lock."""


class Change:
    """The right to change a folder, held alone; made by `exclusive`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held = True

    def replace(self, changes: Mapping[str, bytes | None]) -> None:
        """Give files of the folder new contents, make new ones, delete others: all or none of it.

        Parameters
        ----------
        changes : mapping of str to bytes or None
            New content by path in the folder, written 0600; None deletes. Parent folders are made. Where the
            folder is encrypted, contents and names are given plain and are encrypted here.

        Raises
        ------
        InputError
            Where a name leads out of the folder or cannot be written (nothing has changed then), or where
            the change was decided and could not be finished (the next opening finishes it).
        OSError
            Where the disk is full, for instance; nothing has changed then.
        """
        self.store(sealed(self.folder, changes))

    def store(self, changes: Mapping[str, bytes | None]) -> None:
        """Change the folder as `replace` does, with every file as it is to lie on disk, encrypted or not."""
        if not self._held:
            raise RuntimeError("the folder is no longer held: call replace inside the with block")
        journal.refuse_unsafe(self.folder, changes)
        steps = journal.stage(self.folder, changes)
        if steps:
            try:
                journal.finish(self.folder, steps)
            except OSError as error:
                raise InputError(
                    f"The change of {self.folder} was decided and could not be finished: {error.strerror}",
                    remedy="mend that and open the folder again: what is left of it is done then",
                ) from error


@contextmanager
def exclusive(folder: str | Path) -> Iterator[Change]:
    """Hold a folder alone, to read it, compute from it, and change it by `Change.replace`.

    A change that somebody began and did not finish is finished or undone first, and what a process that was
    killed while writing a file left beside it is deleted: it may be people's words. Inside the block this
    thread may read the folder (`open_corpus`) and hold it again.

    Parameters
    ----------
    folder : str or Path
        An existing folder.

    Yields
    ------
    Change
        Each call of its `replace` is a change of its own.

    Raises
    ------
    InputError
        Where there is no such folder, it cannot be written, or somebody else holds it for a minute.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name, exclusive(name) as change:
    ...     change.replace({"a.csv": b"x", "texts/b.txt": b"y"})
    ...     (Path(name) / "texts" / "b.txt").read_bytes()
    b'y'
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"No folder at {folder}", remedy="give the path of an existing folder")
    with _held_alone(folder):
        journal.recover(folder)
        _clear_leftovers(folder)
        change = Change(folder)
        try:
            yield change
        finally:
            change._held = False


def change_folder(folder: str | Path, changes: Mapping[str, bytes | None]) -> None:
    """Replace, make and delete files of a folder, all or nothing.

    Killed at any moment, with a full disk, or beside another process that does the same, the folder is as it
    was or as it should be. `exclusive` is the longer form, for contents that are computed from the folder.

    Parameters
    ----------
    folder : str or Path
        An existing folder.
    changes : mapping of str to bytes or None
        As for `Change.replace`.

    Raises
    ------
    InputError, OSError
        As `exclusive` and `Change.replace`.
    """
    with exclusive(folder) as change:
        change.replace(changes)


def recover(folder: str | Path) -> str:
    """Finish or undo a change of a folder that was broken off.

    Parameters
    ----------
    folder : str or Path
        An existing folder.

    Returns
    -------
    str
        ``"finished"``, ``"undone"``, or ``""`` where nothing was left of any.

    Raises
    ------
    InputError
        Where the folder cannot be written, or files were changed by hand since: none is overwritten.
    """
    folder = Path(folder)
    if holds(folder) or not journal.is_begun(folder):
        return ""
    with _held_alone(folder):
        return journal.recover(folder)


def read_whole(folder: str | Path, read: Callable[[], _Read]) -> _Read:
    """Read a folder while nobody changes it.

    Nothing is written unless a change was broken off; that is finished or undone first. A folder that nobody
    ever changed has no lock file and gets none: where one appears while it is read, it is read again. A
    folder that cannot be written is read as it is, but not with a change half done.

    Parameters
    ----------
    folder : str or Path
        An existing folder.
    read : callable
        Reads what is needed and returns it; may be called twice. It must not change the folder.

    Returns
    -------
    object
        What `read` returns.

    Raises
    ------
    InputError
        Where a broken-off change cannot be finished, or somebody changes the folder for over a minute.
    """
    folder = Path(folder)
    if holds(folder):
        return read()
    _recover_where_writable(folder)
    lock = folder / LOCK
    if not lock.exists():
        try:
            found = read()
        except Exception:
            if not lock.exists():
                raise
        else:
            if not lock.exists():
                return found
    return _read_locked(folder, read)


def _read_locked(folder: Path, read: Callable[[], _Read]) -> _Read:
    """Read under the readers' lock, or without one where the lock file is somebody else's."""
    while True:
        try:
            with locked(folder, shared=True):
                if not journal.is_decided(folder):
                    return read()
        except PermissionError:
            if os.access(folder / LOCK, os.R_OK):
                raise
            if not journal.is_decided(folder):
                return read()
        recover(folder)


def _recover_where_writable(folder: Path) -> None:
    """Recover; pass over a change that was never decided where the folder cannot be written."""
    try:
        recover(folder)
    except InputError:
        if journal.is_decided(folder):
            raise


def _clear_leftovers(folder: Path) -> None:
    """Delete half-written files; secrets in the making are somebody's who does not hold the folder."""
    for path in folder.rglob(".*.part"):
        if path.is_file() and not path.name.startswith(SECRET) and not path.is_symlink():
            path.unlink(missing_ok=True)


@contextmanager
def _held_alone(folder: Path) -> Iterator[None]:
    """Hold the folder alone, or say that it cannot be written."""
    if not os.access(folder, os.W_OK):
        begun = journal.is_decided(folder)
        broken = "; a change of it was broken off half way and waits to be finished" if begun else ""
        raise InputError(
            f"{folder} cannot be written{broken}",
            remedy="make the folder writable, or copy all of it, hidden files too, to where it is",
        )
    with locked(folder, shared=False):
        yield
