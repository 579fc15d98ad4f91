"""Pseudonyms: one a person throughout a corpus, told by nothing in the name, kept in a private table."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path

from peercompare.errors import InputError, Problem
from peercompare.files import write_atomically

_HEADER = (
    "# PRIVATE: this table leads from pseudonyms back to people. Keep it with the roster, away from the\n"
    "# corpus, and delete it when nobody is to be able to go back.\n"
)
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "BCDFGHJKLMNPQRSTVWXZBCDFGHJKLMNP")
"""Consonants alone: no pseudonym is a word, holds a figure, or is taken for a record number."""


class Pseudonyms:
    """The pseudonyms of a corpus's people; make it with `open_pseudonyms`.

    A pseudonym is drawn by HMAC-SHA256 from a secret key, the corpus and the person's id. Without the table
    it leads nowhere, and it says nothing about the name.

    Parameters
    ----------
    corpus_name : str
        People are called otherwise in another corpus.
    key : bytes
        The secret.
    persons : mapping of str to str
        Pseudonyms given already, by person id; they are kept.
    """

    def __init__(self, corpus_name: str, key: bytes, persons: Mapping[str, str] | None = None) -> None:
        self.corpus_name = corpus_name
        self.persons = dict(persons or {})
        self._key = key

    def of(self, person_id: str) -> str:
        """Return a person's pseudonym, as it stands in texts."""
        if person_id not in self.persons:
            told = f"{self.corpus_name}\0{person_id}".encode()
            digest = hmac.digest(self._key, told, hashlib.sha256)
            letters = base64.b32encode(digest).decode().rstrip("=").translate(_LETTERS)
            taken, size = set(self.persons.values()), 5
            while f"[person {letters[:size]}]" in taken:
                size += 1
            self.persons[person_id] = f"[person {letters[:size]}]"
        return self.persons[person_id]

    def write(self, path: str | Path) -> Path:
        """Write the private table, mode 0600.

        Parameters
        ----------
        path : str or Path
            Where; pseudonyms given before are in it still.
        """
        lines = [f"corpus = {json.dumps(self.corpus_name)}", f'key = "{self._key.hex()}"', "", "[persons]"]
        lines += [f"{json.dumps(who)} = {json.dumps(name)}" for who, name in sorted(self.persons.items())]
        return write_atomically(path, _HEADER + "\n".join(lines) + "\n", private=True)


def open_pseudonyms(path: str | Path, corpus_name: str) -> Pseudonyms:
    """Return the pseudonyms of a private table, or new ones under a new key where there is no table.

    Parameters
    ----------
    path : str or Path
        The table. Nothing is written before `Pseudonyms.write`.
    corpus_name : str
        Whose people they are.

    Raises
    ------
    InputError
        Where the table cannot be read or is another corpus's.
    """
    path = Path(path)
    if not path.exists():
        return Pseudonyms(corpus_name, secrets.token_bytes(32))
    try:
        told = tomllib.loads(path.read_bytes().decode("utf-8"))
        key, persons, corpus = bytes.fromhex(told["key"]), dict(told["persons"]), str(told["corpus"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        fault = Problem(path.name, "it lacks corpus, key or persons, or is not TOML")
        remedy = "bring it back from a copy; a new table would call people otherwise than before"
        raise InputError(f"{path} cannot be used as a table of pseudonyms", [fault], remedy=remedy) from None
    if corpus != corpus_name:
        remedy = "name another file with --pseudonyms: each corpus has its own"
        raise InputError(f"{path} holds the pseudonyms of {corpus!r}, not of {corpus_name!r}", remedy=remedy)
    return Pseudonyms(corpus_name, key, persons)


def beside(roster: str | Path, corpus_name: str) -> Path:
    """Return where the table of pseudonyms stands unless another place is named: beside the roster."""
    roster = Path(roster)
    return roster.with_name(f"{roster.stem}.{corpus_name}.pseudonyms.toml")
