"""Looking for words in everything that files hold, decoded, not in their bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from peercompare.errors import InputError
from peercompare.withdrawal.decoding import texts_in
from peercompare.withdrawal.words import word_sequences


@dataclass(frozen=True)
class Hit:
    """A file in which some of the terms occur.

    Parameters
    ----------
    path : Path
        The file.
    terms : frozenset of str
        Which; somebody's words, so they are not in the `repr`.
    """

    path: Path
    terms: frozenset[str]

    def __repr__(self) -> str:
        return f"<Hit {self.path}: {len(self.terms)} terms>"


def scan(folder: str | Path, terms: Collection[str]) -> list[Hit]:
    """Look for terms in the decoded content, and in the names, of every file under a folder.

    Parameters
    ----------
    folder : str or Path
        A folder, hidden files included, or one file.
    terms : collection of str
        Sequences of one to three words in small letters, as `only_theirs` gives them.

    Returns
    -------
    list of Hit
        Sorted by path; a file without any of the terms is not in it.

    Raises
    ------
    InputError
        Where nothing is there, or a file cannot be taken apart to its end: it may hold anything.
    """
    root = Path(folder)
    if not root.exists():
        raise InputError(f"There is nothing at {root} to look through", remedy="name a folder or a file")
    files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    wanted = frozenset(terms)
    hits = [Hit(path, found) for path in files if (found := _found(path, wanted))]
    return hits


def terms_in(texts: Iterable[str]) -> frozenset[str]:
    """Return all sequences of one to three words in some texts."""
    return frozenset(each for text in texts for each in word_sequences(text))


def _found(path: Path, wanted: frozenset[str]) -> frozenset[str]:
    """Return the terms that occur in a file."""
    try:
        texts = [path.stem.replace("_", " "), *texts_in(path.read_bytes())]
    except ValueError as error:
        raise InputError(f"{path} cannot be looked through: {error}", remedy="look at it by eye") from error
    found: set[str] = set()
    for text in dict.fromkeys(texts):
        found.update(wanted.intersection(word_sequences(text)))
    return frozenset(found)
