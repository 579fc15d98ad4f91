"""What is kept between runs to save time: in which folder, how much of it, and that it can be removed.

Everything is kept by the hash of what it was made of, for its owner alone, and nothing that is kept holds a
text. What was made of somebody's words may still tell of them: whose entry is whose is not known, so whoever
removes a person's words empties the folder, which costs nothing but time.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import peercompare
from peercompare.errors import InputError
from peercompare.files import sha256_of, write_atomically

SWITCH = "PEERCOMPARE_CACHE"
"""Environment variable that names the folder for caches; ``off`` keeps nothing."""

MOST_BYTES = 2**28
"""What a store holds at most: the predictions of about two million segments."""

OTHERS = ("corpus.toml", ".stages")
"""What stands in the folder of a corpus, or of a study's results: these are handed on."""

_making_anew: list[bool] = []
"""Not empty while stores are passed by."""

ENDING = ".kept"
_DIGEST = 32
_LEFT_AFTER = 3600.0


def cache_folder() -> Path | None:
    """Return the folder that ``PEERCOMPARE_CACHE`` names, else the user's own; it need not be there.

    Returns
    -------
    Path or None
        None where the variable says ``off``.

    Raises
    ------
    InputError
        If it lies in the folder of a corpus or of a study's results.
    """
    named = os.environ.get(SWITCH, "")
    if named.lower() == "off":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(named) if named else Path(base) / "peercompare"
    for above in (folder, *folder.resolve().parents):
        if any((above / name).exists() for name in OTHERS):
            raise InputError(
                f"{folder} cannot be kept in: it lies in a corpus or in a study's results, {above}",
                remedy=f"set {SWITCH} to another folder of yours, or to off",
            )
    return folder


class Store:
    """Files kept by the hash of what they were made of, safe to use from several processes at once.

    A file takes its name in one step when it is whole, and never changes; one that was damaged since counts
    as absent. Where nothing can be written, as on a full disk, nothing is kept.

    Parameters
    ----------
    folder : str or Path
        Made where it is absent, for its owner alone (0700); so are its files (0600).
    most_bytes : int, default 2**28
        Beyond it the files that were used least recently are removed.
    """

    def __init__(self, folder: str | Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = Path(folder), most_bytes

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{ENDING}"

    def get(self, key: str) -> bytes | None:
        """Return what is kept by a key of hexadecimal digits, or None."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        content = data[_DIGEST:]
        if hashlib.sha256(content).digest() != data[:_DIGEST]:
            path.unlink(missing_ok=True)
            return None
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep content by a key, and remove what was used least recently beyond the bound."""
        if len(content) + _DIGEST > self.most_bytes:
            return
        with suppress(OSError):
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._path(key).exists():
                digest = hashlib.sha256(content).digest()
                write_atomically(self._path(key), digest + content, private=True)
            self._bound()

    def _bound(self) -> None:
        """Remove files until the bound is kept, and what killed processes left in the making."""
        for path in self.folder.glob(f".*{ENDING}.*.part"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFT_AFTER:
                    path.unlink()
        files = self._files()
        held = sum(size for _, size, _ in files)
        for _, size, path in files:
            if held <= self.most_bytes:
                return
            path.unlink(missing_ok=True)
            held -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        """Return when each file was last used, its size and its path, the least recent first."""
        found = []
        for path in self.folder.glob(f"*{ENDING}"):
            with suppress(FileNotFoundError):  # another process removed it
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def size(self) -> tuple[int, int]:
        """Return how many entries there are, and their bytes."""
        files = self._files()
        return len(files), sum(size for _, size, _ in files)

    def clear(self) -> int:
        """Remove everything, also what is in the making; return how many entries there were."""
        files = self._files()
        for path in [*(path for *_, path in files), *self.folder.glob(f".*{ENDING}.*.part")]:
            path.unlink(missing_ok=True)
        return len(files)


def user_store(name: str) -> Store | None:
    """Return a store in the user's cache folder, or None where nothing is to be kept or recalled."""
    folder = None if _making_anew else cache_folder()
    return None if folder is None else Store(folder / name)


@contextmanager
def making_anew() -> Iterator[None]:
    """Pass stores by, as where results are verified: a number that is recalled proves nothing."""
    _making_anew.append(True)
    try:
        yield
    finally:
        _making_anew.pop()


@cache
def package_hash() -> str:
    """Hash the package's own files: what other code made is not what this would make."""
    folder = Path(peercompare.__file__).parent
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        total.update(f"{path.relative_to(folder).as_posix()}\0{sha256_of(path)}\n".encode())
    return total.hexdigest()
