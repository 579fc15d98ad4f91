"""The files of a corpus folder by their names, whether they are encrypted or not.

An encrypted file has the ending ``.age`` after its name. It is decrypted in memory only. What stays plain in
an encrypted folder is `corpus.toml`, whose hashes are those of the plain files, the audit log, and hidden
files. Names, numbers and sizes of files can be seen by everybody who sees the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.errors import CorpusError, Problem
from peercompare.safekeeping.access_log import ACCESS_LOG
from peercompare.safekeeping.keys import age_library, key_place, read_key

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

AGE = ".age"
STAYS_PLAIN = ("corpus.toml", ACCESS_LOG)

_WRONG_KEY = "No matching keys found"


class Store:
    """The files of a folder by their plain names; what is encrypted is decrypted in memory.

    Parameters
    ----------
    folder : str or Path
        An existing folder.
    key_file : str or Path, optional
        By default the file that the environment variable ``PEERCOMPARE_KEY_FILE`` names.

    Attributes
    ----------
    stored : dict of str to str
        The path of each file in the folder by its plain name; hidden files are not among them.
    """

    def __init__(self, folder: str | Path, key_file: str | Path | None = None) -> None:
        self.folder, self._key_file = Path(folder), key_file
        present = stored_files(self.folder)
        twice = sorted(name for name in present if name + AGE in present)
        if twice:
            raise CorpusError(
                f"Files of {folder} are there both plain and encrypted",
                [Problem(name, f"{name}{AGE} is there too") for name in twice],
                remedy="see which of each is right, and move the other out of the folder",
            )
        self.stored = {name.removesuffix(AGE): name for name in present}

    @property
    def is_encrypted(self) -> bool:
        """Whether any file is."""
        return any(name.endswith(AGE) for name in self.stored.values())

    @property
    def left_plain(self) -> list[str]:
        """Files that are plain, those that stay so aside."""
        return [name for name, held in self.stored.items() if name == held and name not in STAYS_PLAIN]

    def refuse_half(self) -> None:
        """Raise where some files are encrypted and others are not."""
        if self.is_encrypted and self.left_plain:
            problems = [Problem(name, "the file is not encrypted") for name in self.left_plain]
            raise CorpusError(
                f"{self.folder} is half encrypted",
                problems,
                remedy="`peercompare encrypt` encrypts these too; `peercompare decrypt` decrypts the others; "
                "what does not belong there, take away",
            )

    @cached_property
    def key(self) -> Identity:
        """The key, read when it is first needed."""
        return read_key(self._key_file)

    def read(self, name: str) -> bytes:
        """Return the plain content of a file.

        Raises
        ------
        CorpusError
            Where it cannot be decrypted.
        FileNotFoundError
            Where there is none, encrypted or not.
        """
        if name not in self.stored:
            return (self.folder / name).read_bytes()  # a hidden file, or none
        return self.read_all([name])[name]

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the plain contents of files of the folder.

        Raises
        ------
        CorpusError
            Where the key is absent or wrong, or lists every file that is damaged or has another key.
        """
        contents, problems = {}, []
        for name in names:
            held = self.stored[name]
            data = (self.folder / held).read_bytes()
            if held == name:
                contents[name] = data
                continue
            try:
                contents[name] = age_library().decrypt(data, [self.key])
            except age_library().DecryptError as error:
                problems.append(Problem(held, _reason(error)))
        if problems:
            raise self._undecryptable(problems, any(self.stored[name] != name for name in contents))
        return contents

    def _undecryptable(self, problems: list[Problem], some_were: bool) -> CorpusError:
        """Return the error of files that cannot be decrypted."""
        place = key_place(self._key_file)
        if not some_were and all(problem.what == _OTHER_KEY for problem in problems):
            return CorpusError(
                f"{place} is not the key of {self.folder}",
                remedy="name the key with which the folder was encrypted",
            )
        return CorpusError(
            f"Files of {self.folder} cannot be decrypted with {place}",
            problems,
            remedy="bring these files back from a copy of the folder",
        )


def read_file(folder: str | Path, name: str) -> bytes | None:
    """Return the plain content of one file of a folder, decrypted where it is encrypted; None where absent.

    Parameters
    ----------
    folder : str or Path
        A corpus folder.
    name : str
        The plain name, without ``.age``.

    Raises
    ------
    CorpusError
        Where it cannot be decrypted.
    """
    try:
        return Store(folder).read(name)
    except FileNotFoundError:
        return None


def stored_files(folder: Path) -> list[str]:
    """Return the paths of the files in a folder as they are stored, sorted, hidden ones left out."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def sealed(folder: Path, changes: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
    """Return changes of a folder as they are to be stored: encrypted where the folder is.

    Parameters
    ----------
    folder : Path
        The folder.
    changes : mapping of str to bytes or None
        Plain contents by plain names; None deletes.

    Returns
    -------
    mapping of str to bytes or None
        The same where nothing in the folder is encrypted.

    Raises
    ------
    CorpusError
        Where it is, and the key is absent or not that of the folder.
    """
    if not any(name.endswith(AGE) for name in stored_files(folder)):
        return changes
    store = Store(folder)
    if any(content is not None and not _stays_plain(name) for name, content in changes.items()):
        store.read(next(name for name, held in store.stored.items() if held.endswith(AGE)))  # the right key?
    stored: dict[str, bytes | None] = {}
    for name, content in changes.items():
        if _stays_plain(name):
            stored[name] = content
        else:
            stored[name + AGE] = None if content is None else encrypted(content, store.key)
            stored[name] = None
    return stored


def encrypted(content: bytes, key: Identity) -> bytes:
    """Return a content encrypted for a key, after decrypting it once to see that it comes back."""
    library = age_library()
    data = library.encrypt(content, [key.to_public()])
    if library.decrypt(data, [key]) != content:
        raise CorpusError("Encryption did not give back what it was given; nothing was changed")
    return data


def _stays_plain(name: str) -> bool:
    """Say whether a file is plain in an encrypted folder too."""
    return name in STAYS_PLAIN or any(part.startswith(".") for part in name.split("/"))


_OTHER_KEY = "it was encrypted for another key"


def _reason(error: Exception) -> str:
    """Say why a file cannot be decrypted."""
    return _OTHER_KEY if str(error) == _WRONG_KEY else "it is damaged or cut off"
