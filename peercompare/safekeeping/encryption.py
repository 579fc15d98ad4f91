"""Encrypting a corpus folder at rest, and decrypting it again, all of it or nothing.

It guards a disk, a laptop or a copy that falls into other hands, not an open session: while a corpus is in
use its words are in the memory of the process. Old plain content may stay for a while in unused blocks of the
disk, in copies, and in the history of version control; none of that is reached.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from peercompare.errors import CorpusError
from peercompare.safekeeping.keys import key_place, make_key, read_key
from peercompare.safekeeping.store import AGE, STAYS_PLAIN, Store, encrypted
from peercompare.safekeeping.transactions import exclusive


@dataclass(frozen=True)
class Locking:
    """What encrypting or decrypting a corpus did.

    Parameters
    ----------
    n_files : int
        How many files were encrypted or decrypted; 0 where all were so already.
    key_file : Path
        The key.
    key_made : bool
        Whether the key was made for it.
    """

    n_files: int
    key_file: Path
    key_made: bool = False


def encrypt_corpus(folder: str | Path, *, key_file: str | Path | None = None) -> Locking:
    """Encrypt every file of a corpus folder but corpus.toml, the audit log and hidden files.

    Parameters
    ----------
    folder : str or Path
        The corpus folder. Where it is half encrypted, the rest of it is.
    key_file : str or Path, optional
        The key, made where there is none yet; by default the file that ``PEERCOMPARE_KEY_FILE`` names.
        **Whoever loses it loses the corpus**: keep a copy in another safe place.

    Returns
    -------
    Locking
        What was done.

    Raises
    ------
    CorpusError
        Where it is no corpus, the key is not that of the files already encrypted, or lies in a corpus or
        study, or others may read it.
    """
    folder, place = _corpus(folder), key_place(key_file)
    with exclusive(folder) as change:
        store = Store(folder, place)
        made = not os.path.lexists(place) and not store.is_encrypted
        key = make_key(place) if made else read_key(place)
        store.read_all(name for name, held in store.stored.items() if name != held)  # the right key?
        plain = store.read_all(store.left_plain)
        changes: dict[str, bytes | None] = {}
        for name, content in plain.items():
            changes |= {name + AGE: encrypted(content, key), name: None}
        change.store(changes)
    return Locking(len(plain), place, made)


def decrypt_corpus(folder: str | Path, *, key_file: str | Path | None = None) -> Locking:
    """Decrypt every file of a corpus folder, and write it plain, readable by its owner alone.

    Parameters
    ----------
    folder : str or Path
        The corpus folder.
    key_file : str or Path, optional
        By default the file that ``PEERCOMPARE_KEY_FILE`` names.

    Returns
    -------
    Locking
        What was done.

    Raises
    ------
    CorpusError
        Where it is no corpus, the key is absent or wrong, or files are damaged; then nothing has changed.
    """
    folder, place = _corpus(folder), key_place(key_file)
    with exclusive(folder) as change:
        store = Store(folder, place)
        locked = [name for name, held in store.stored.items() if name != held]
        changes: dict[str, bytes | None] = {}
        for name, content in store.read_all(locked).items():
            changes |= {name: content, name + AGE: None}
        change.store(changes)
    return Locking(len(locked), place)


def _corpus(folder: str | Path) -> Path:
    """Return the folder, or raise where it is no corpus."""
    folder = Path(folder)
    if not (folder / STAYS_PLAIN[0]).is_file():
        raise CorpusError(f"{folder} is no corpus folder", remedy="name a folder with a corpus.toml")
    return folder
