"""Knowing again whose words something was made of, without keeping who it was: keyed hashes of person ids.

A hash of an id alone could be undone by hashing every id there is. So each corpus has a secret of its own, in
a hidden file that never leaves its folder, and the hash is keyed with it (HMAC-SHA256, RFC 2104). Who has a
model and not the corpus cannot tell from the hashes who the people are.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from peercompare.consent.asking import speakers_of
from peercompare.corpus.corpus import Corpus
from peercompare.corpus.turns import REDACTED, turns
from peercompare.errors import ConsentError

KEY_FILE = ".person_key"
"""The secret of a corpus in which real people speak. Hidden files have no hash in corpus.toml."""

COMPOSED = "composed:"
"""Stands before the hashes of people who were composed: nobody real is asked for there."""

_BYTES = 32


def keyed_hash(key: bytes, person_id: str, *, composed: bool = False) -> str:
    """Return the hash by which a person is known again.

    Parameters
    ----------
    key : bytes
        From `person_key`.
    person_id : str
        As in consents.csv.
    composed : bool, default False
        Whether the corpus is composed.

    Returns
    -------
    str
        64 hexadecimal digits, after `COMPOSED` where the corpus is composed.

    Examples
    --------
    >>> keyed_hash(b"one key", "W01") == keyed_hash(b"another key", "W01")
    False
    """
    digest = hmac.new(key, person_id.encode("utf-8"), hashlib.sha256).hexdigest()
    return COMPOSED + digest if composed else digest


def person_key(folder: str | Path, name: str, *, composed: bool, make: bool = False) -> bytes:
    """Return the secret with which a corpus hashes the ids of its people.

    A composed corpus needs none: its key follows from its name, so that its folder stays as it came and equal
    models are equal files. **That key protects nobody**, and nobody real speaks there.

    Parameters
    ----------
    folder : str or Path
        The corpus folder.
    name : str
        The corpus's name.
    composed : bool
        What corpus.toml says.
    make : bool, default False
        Whether to make the secret where there is none yet, readable by the owner alone.

    Raises
    ------
    ConsentError
        Where the secret is absent and was not to be made, or is damaged.
    """
    if composed:
        return hashlib.sha256(f"peercompare composed corpus {name}".encode()).digest()
    path = Path(folder) / KEY_FILE
    if make and not path.exists():
        _make(path)
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) != _BYTES:
        state = "is damaged" if key else "is absent"
        raise ConsentError(
            f"{path} {state}: whose words trained a model cannot be told without it",
            remedy=f"bring {KEY_FILE} back from a copy of the corpus folder, or train the model again",
        )
    return key


def people_heard(corpus: Corpus) -> dict[str, list[str]]:
    """Return by document whose words stand in an opened corpus.

    Returns
    -------
    dict of str to list of str
        Person ids, sorted. People whom consent left out are not among them, nor those all of whose turns were
        blacked out in the folder. Empty where nobody speaks.
    """
    documents = corpus.documents
    if "speakers" not in documents.columns:
        return {}
    gone = set(zip(corpus.left_out["document_id"], corpus.left_out["person_id"], strict=True))
    texts = documents["text"] if "text" in documents.columns else [""] * len(documents)
    heard = {}
    for name, cell, text in zip(documents["document_id"], documents["speakers"], texts, strict=True):
        silent = blacked_out(text)
        people = {person for label, person in speakers_of(cell).items() if label not in silent}
        heard[name] = sorted(person for person in people if (name, person) not in gone)
    return heard


def blacked_out(text: str) -> set[str]:
    """Return the labels all of whose turns in a transcript are blacked out."""
    hidden, words = set(), set()
    for turn in turns(text):
        spoken = text[turn.start : turn.end]
        if spoken.replace(REDACTED, "").strip():
            words.add(turn.label)
        elif spoken:
            hidden.add(turn.label)
    return hidden - words


def keyed_people(corpus: Corpus, people: Iterable[str], *, make: bool = True) -> dict[str, str]:
    """Return the keyed hash of each of some people of a corpus; the secret is made where there is none."""
    people = sorted(set(people))
    if not people:
        return {}
    key = person_key(corpus.folder, corpus.name, composed=corpus.composed, make=make)
    return {person: keyed_hash(key, person, composed=corpus.composed) for person in people}


def _make(path: Path) -> None:
    """Make a secret; of two processes that do it at once the first one's stays."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)
