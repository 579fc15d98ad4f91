"""Writing files whole or not at all, and refusing to overwrite what a person made."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def write_atomically(path: str | Path, content: bytes | str, *, private: bool = False) -> Path:
    """Write a file so that a reader meets the old content or the new, never a part.

    The content goes to a temporary file in the same folder, is flushed to disk, and takes the name in one
    step. Where anything fails the old file stays as it was and the temporary file is removed.

    Parameters
    ----------
    path : str or Path
        Where to write; missing parent folders are made.
    content : bytes or str
        Text is encoded as UTF-8 with its newlines as they are.
    private : bool, default False
        Whether only the owner may read the file (mode 0600), as for everything that holds people's words. It
        is so from its first byte on. Windows has no such modes: there the folder's own rights hold.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    OSError
        Where it cannot be written; it names this file, also where the system named none (a full disk).
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        _write(path, data, private=private)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    return path


def _write(path: Path, data: bytes, *, private: bool) -> None:
    """Write bytes beside a file and give them its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not private:  # a temporary file is made with mode 0600
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_table(table: pd.DataFrame, path: str | Path, *, private: bool = False) -> Path:
    """Write a table as CSV (for people) or Parquet (for size), by the ending of the name, atomically.

    Parameters
    ----------
    table : DataFrame
        The index is not written: what identifies a row is a column.
    path : str or Path
        A name that ends in ``.csv`` or ``.parquet``.
    private : bool, default False
        Whether only the owner may read the file.

    Raises
    ------
    InputError
        Where the name ends otherwise.
    """
    path = Path(path)
    if path.suffix == ".parquet":
        return write_atomically(path, table.to_parquet(index=False), private=private)
    if path.suffix == ".csv":
        return write_atomically(path, csv_text(table), private=private)
    raise InputError(
        f"Cannot write a table to {path.name}", remedy="give a name that ends in .csv or in .parquet"
    )


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as the CSV that `write_table` writes: line feeds, days as ``YYYY-MM-DD``, no index.

    Parameters
    ----------
    table : DataFrame
        Its index is left out.

    Returns
    -------
    str
        The text of the file.
    """
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def make_private(folder: str | Path) -> None:
    """Give a folder and everything in it to its owner alone: 0700 for folders, 0600 for files.

    Parameters
    ----------
    folder : str or Path
        A folder in the making, whose files are nobody else's yet. Links are not followed. Windows has no such
        modes: there the folder's own rights hold.

    Raises
    ------
    OSError
        Where something in it belongs to somebody else.
    """
    os.chmod(folder, 0o700)
    for path in Path(folder).rglob("*"):
        if not path.is_symlink():
            os.chmod(path, 0o700 if path.is_dir() else 0o600)


def refuse_to_overwrite(path: str | Path, *, force: bool = False) -> None:
    """Raise where a file exists already and the caller did not ask to replace it.

    Parameters
    ----------
    path : str or Path
        Where something is about to be written; a folder of that name counts as a file.
    force : bool, default False
        Whether the caller asked to replace what is there.

    Raises
    ------
    InputError
        Where the path exists and `force` is False.
    """
    if Path(path).exists() and not force:
        raise InputError(
            f"{path} exists already; nothing was written",
            remedy="name another file, or move this one away (or pass --force where a command has it)",
        )


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes.

    Parameters
    ----------
    path : str or Path
        The file, read in parts: it need not fit into memory.

    Returns
    -------
    str
        64 hexadecimal digits in small letters.

    Raises
    ------
    OSError
        Where the file is absent or cannot be read.
    """
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: str | Path) -> None:
    """Wait until a folder's entries are on disk, where the system can (Windows cannot).

    Parameters
    ----------
    folder : str or Path
        A folder in which files were made, renamed or deleted.

    Raises
    ------
    OSError
        Where it cannot be opened or the disk fails.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    """Return the process's file-creation mask (it can only be read by setting it)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
