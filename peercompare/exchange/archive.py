"""Reading a zip archive of unknown origin: nothing is extracted to disk, nothing outgrows its limits."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peercompare.errors import ExchangeError, Problem

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold.

    Parameters
    ----------
    entries : int
        Files in it.
    entry_bytes, total_bytes : int
        Bytes of one file, and of all files that are read, unpacked. What is not read (films, pictures) does
        not count.
    ratio : int
        Unpacked bytes for each packed byte, asked of files over one mebibyte. Coded text packs about 5 to 30
        times, a bomb a thousand times.
    """

    entries: int = 100_000
    entry_bytes: int = 512 * MEBIBYTE
    total_bytes: int = 2048 * MEBIBYTE
    ratio: int = 250

    def more(self, size: int) -> str:
        """Say how somebody who trusts a file allows as many bytes, and no fewer than now."""
        n_bytes = max(size, self.total_bytes)
        return f"where you trust the file, import it with --reading max_bytes={n_bytes} (in Python, limits=)"


def limits_for(max_bytes: int) -> Limits:
    """Return limits for an archive that is trusted: so many bytes in all, however tightly they are packed.

    Examples
    --------
    >>> limits_for(1000).entry_bytes
    1000
    """
    return Limits(entry_bytes=max_bytes, total_bytes=max_bytes, ratio=max_bytes)


class Archive:
    """An open zip archive whose list of files was found sound; make one with `open_archive`."""

    def __init__(self, file: zipfile.ZipFile, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self._file = file
        self._infos = {info.filename: info for info in file.infolist() if not info.is_dir()}
        self._left = limits.total_bytes

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files in it, in the archive's order."""
        return tuple(self._infos)

    def read(self, name: str) -> bytes:
        """Return the bytes of one file.

        Raises
        ------
        ExchangeError
            Where the file is damaged, encrypted or larger than the limits allow.
        """
        with self.stream(name) as stream:
            return stream.read()

    @contextmanager
    def stream(self, name: str) -> Iterator[io.BufferedIOBase]:
        """Open one file to be read piece by piece, under the same limits as `read`."""
        info = self._infos[name]
        self._check(info)
        try:
            with self._file.open(info) as raw:
                yield raw
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            fault = Problem(f"{self.name}, {name}", f"the file in it is damaged: {_words(error)}", _AGAIN)
            raise ExchangeError(f"{self.name} cannot be read", [fault]) from None

    def _check(self, info: zipfile.ZipInfo) -> None:
        """Raise where a file would break a limit; zipfile unpacks no more than the size that it declares."""
        size, packed = info.file_size, max(info.compress_size, 1)
        what = ""
        if size > self.limits.entry_bytes:
            what = f"it unpacks to {size:,} bytes; the limit is {self.limits.entry_bytes:,}"
        elif size > MEBIBYTE and size > packed * self.limits.ratio:
            what = f"it unpacks to {size // packed} times its size; the limit is {self.limits.ratio} times"
        elif size > self._left:
            what = f"with it the archive unpacks to more than {self.limits.total_bytes:,} bytes, the limit"
        if what:
            remedy = self.limits.more(sum(each.file_size for each in self._infos.values()))
            fault = Problem(f"{self.name}, {info.filename}", what, remedy)
            raise ExchangeError(f"{self.name} looks like a zip bomb", [fault])
        self._left -= size


@contextmanager
def open_archive(path: str | Path, *, limits: Limits | None = None) -> Iterator[Archive]:
    """Open a zip archive to read, after a look at all names in it.

    Parameters
    ----------
    path : str or Path
        The archive.
    limits : Limits, optional
        How much it may hold.

    Raises
    ------
    ExchangeError
        Where it is no zip archive or a truncated one, holds too many files, or lists every name in it that
        leaves the archive, is absolute, stands there twice or belongs to an encrypted file.
    """
    path, limits = Path(path), limits or Limits()
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise ExchangeError(f"No file at {path}", remedy="give the path of a project file") from None
    except IsADirectoryError:
        raise ExchangeError(f"{path} is a folder", remedy="give the path of a project file") from None
    except _NO_ZIP as error:
        raise _no_zip(path.name, error) from None
    with file:
        yield _checked(file, path.name, limits)


@contextmanager
def open_within(data: bytes, name: str, *, limits: Limits) -> Iterator[Archive]:
    """Open a zip archive that stands in another one, such as a Word file, as `open_archive` does.

    Parameters
    ----------
    data : bytes
        The archive.
    name : str
        What it is called in messages.
    limits : Limits
        How much it may hold.

    Raises
    ------
    ExchangeError
        As `open_archive` does.
    """
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
    except _NO_ZIP as error:
        raise _no_zip(name, error) from None
    with file:
        yield _checked(file, name, limits)


def is_inside(name: str) -> bool:
    r"""Say whether a name in an archive or a link stays below where it starts.

    Examples
    --------
    >>> is_inside("sources/a.txt"), is_inside("../a.txt"), is_inside("/etc/passwd"), is_inside("C:\\a.txt")
    (True, False, False, False)
    """
    parts = re.split(r"[/\\]", name)
    drive = re.match(r"[A-Za-z]:", name)
    return bool(name) and "\0" not in name and parts[0] != "" and not drive and ".." not in parts


_AGAIN = "export the project again, and copy the file whole"


_NO_ZIP = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError)


def _no_zip(name: str, error: BaseException) -> ExchangeError:
    """Return the error of a file that is no zip archive."""
    what = f"it is no zip archive, or a part of one: {_words(error)}"
    return ExchangeError(f"{name} cannot be read", [Problem(name, what, _AGAIN)])


def _checked(file: zipfile.ZipFile, name: str, limits: Limits) -> Archive:
    """Return an archive whose list of files is sound."""
    problems = _name_problems(file.infolist(), name, limits)
    if problems:
        raise ExchangeError(f"{name} cannot be read safely", problems)
    return Archive(file, name, limits)


def _name_problems(infos: list[zipfile.ZipInfo], name: str, limits: Limits) -> list[Problem]:
    """Return what makes the list of files unsafe."""
    if len(infos) > limits.entries:
        what = f"it holds {len(infos):,} files; the limit is {limits.entries:,}"
        return [Problem(name, what, "take out of it what is no text (in Python, pass larger limits=)")]
    problems, seen = [], set()
    for info in infos:
        where = f"{name}, {info.filename[:80]!r}"
        if not is_inside(info.orig_filename) or not is_inside(info.filename):
            problems.append(Problem(where, "the name leads out of the archive", "do not trust this file"))
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            problems.append(Problem(where, "it is a link", "do not trust this file"))
        if info.flag_bits & 0x1:
            problems.append(Problem(where, "it is encrypted", "export the project without a password"))
        if info.filename in seen:
            problems.append(Problem(where, "the name stands there twice", "export the project again"))
        seen.add(info.filename)
    return problems


def _words(error: BaseException) -> str:
    """Return an error's own words, or its kind where it has none."""
    return str(error) or type(error).__name__
