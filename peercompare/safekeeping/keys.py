"""The key of an encrypted corpus: a file of its own, outside of every corpus and study, its owner's alone.

Keys are age identities (X25519) in the form that ``age-keygen`` writes, so that files can also be decrypted
with the program ``age`` where peercompare is not at hand. https://age-encryption.org/v1 is the format.
"""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.errors import CorpusError
from peercompare.files import sync_folder, write_atomically

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

KEY_FILE = "PEERCOMPARE_KEY_FILE"
"""The environment variable that names the key file, for the command line, notebooks and studies alike."""


def key_place(key_file: str | Path | None = None) -> Path:
    """Return where the key is: the file given, or the one that the environment names.

    Raises
    ------
    CorpusError
        Where neither names one.
    """
    named = str(key_file) if key_file else os.environ.get(KEY_FILE, "").strip()
    if not named:
        raise CorpusError(
            "An encrypted corpus needs its key, and no key file was named",
            remedy=f"name it in the environment variable {KEY_FILE} (or --key-file of encrypt and decrypt)",
        )
    return Path(named).expanduser()


def read_key(key_file: str | Path | None = None) -> Identity:
    """Read the key.

    Parameters
    ----------
    key_file : str or Path, optional
        By default the file that the environment variable ``PEERCOMPARE_KEY_FILE`` names.

    Returns
    -------
    pyrage.x25519.Identity
        With which files are decrypted; its public half encrypts.

    Raises
    ------
    CorpusError
        Where no key is named, the file is absent, holds no key, lies in a corpus or study, or others may
        read it.
    """
    path = key_place(key_file)
    try:
        lines = path.read_bytes().decode("ascii").split()
    except FileNotFoundError:
        raise CorpusError(f"There is no key at {path}", remedy=_ELSEWHERE) from None
    except (UnicodeDecodeError, IsADirectoryError):
        lines = []
    refuse_unsafe_place(path)
    _refuse_readable(path)
    secrets = [line for line in lines if line.startswith("AGE-SECRET-KEY-1")]
    library = age_library()
    try:
        (secret,) = secrets
        return library.x25519.Identity.from_str(secret)
    except (ValueError, library.IdentityError):
        raise CorpusError(
            f"{path} holds no age key", remedy="name the file that `peercompare encrypt` or age-keygen made"
        ) from None


def make_key(key_file: str | Path) -> Identity:
    """Make a key and write it to a new file of mode 0600, on disk before it is used.

    Parameters
    ----------
    key_file : str or Path
        Where; nothing may be there yet.

    Returns
    -------
    pyrage.x25519.Identity
        The key.

    Raises
    ------
    CorpusError
        Where something is there already, or the place is in a corpus or study.
    """
    path = Path(key_file).expanduser()
    refuse_unsafe_place(path)
    if os.path.lexists(path):
        raise CorpusError(f"{path} exists already; no key was made", remedy="name a new file")
    identity = age_library().x25519.Identity.generate()
    made = datetime.now(UTC).isoformat(timespec="seconds")
    text = f"# created: {made}\n# public key: {identity.to_public()}\n{identity}\n"
    write_atomically(path, text, private=True)
    sync_folder(path.parent)
    return identity


def refuse_unsafe_place(path: Path) -> None:
    """Raise where a key would lie beside what it locks: in a corpus, beside a study, or in its results.

    A folder above that happens to hold a study file too, such as a home folder, is no reason to refuse.
    """
    place = path.resolve()
    for folder in place.parents:
        if (folder / "corpus.toml").exists():
            what = f"in the corpus {folder}"
        elif study := next((file for file in folder.glob("*.toml") if _owns(file, place)), None):
            what = f"beside {study} or in its results"
        else:
            continue
        raise CorpusError(
            f"The key file {path} lies {what}: whoever gets the one would get the other",
            remedy="keep the key in another place, for instance on another disk or in ~/.config/peercompare",
        )


def age_library():
    """Return the module pyrage.

    Raises
    ------
    CorpusError
        Where it is not installed.
    """
    try:
        import pyrage
    except ImportError:
        raise CorpusError(
            "Encrypted corpora need the package pyrage", remedy='pip install "peercompare[encryption]"'
        ) from None
    return pyrage


def _refuse_readable(path: Path) -> None:
    """Raise where others than the owner may read the key; Windows has no such modes."""
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise CorpusError(
            f"Others may read the key file {path}",
            remedy=f"chmod 600 {path} (on a disk that has such rights)",
        )


def _owns(file: Path, place: Path) -> bool:
    """Say whether a TOML file is that of a study, and a place is beside it or in its results."""
    try:
        study = tomllib.loads(file.read_bytes().decode("utf-8")).get("study")
    except (OSError, ValueError):
        return False  # no file that a study could be read from
    if not isinstance(study, dict):
        return False
    results = (file.parent / str(study.get("results", "results"))).resolve()
    return file.parent == place.parent or results in place.parents


_ELSEWHERE = "bring it back from where its copy is kept; without the key nobody can read the corpus"
