"""Embeddings kept between runs, by the hash of the encoder and of the text; texts themselves are never kept.

An embedding still tells of its text: somebody who has the encoder can guess at the words. The cache is its
owner's alone, and whoever removes a person's words removes their embeddings too (`forget`, or `clear`, which
costs nothing but time).

Morris, J. X., Kuleshov, V., Shmatikov, V. and Rush, A. M. (2023). Text embeddings reveal (almost) as much as
text. EMNLP 2023, 12448-12460. doi:10.18653/v1/2023.emnlp-main.765
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from peercompare.caches import SWITCH, cache_folder
from peercompare.classifier.embeddings.encoder import text_keys
from peercompare.errors import InputError

FILE = "embeddings.sqlite3"

MOST_ROWS = 200_000
"""About 300 MB of embeddings with 384 dimensions; the oldest are dropped first."""

_AT_ONCE = 500
_WAIT = 60.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS embeddings (number INTEGER PRIMARY KEY, encoder TEXT NOT NULL, "
    "text TEXT NOT NULL, vector BLOB NOT NULL, UNIQUE (encoder, text))"
)


class EmbeddingCache:
    """A bounded store of embeddings in one folder, safe to use from several processes at once.

    Parameters
    ----------
    folder : str or Path
        Made where it is absent, for its owner alone (0700). The file in it is 0600 in any case.
    most_rows : int, default 200000
        The oldest embeddings beyond are dropped.

    Raises
    ------
    InputError
        If the folder cannot be made, or its file is no cache of ours.
    """

    def __init__(self, folder: str | Path, *, most_rows: int = MOST_ROWS) -> None:
        self.folder, self.most_rows = Path(folder), most_rows
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            os.chmod(self.path, 0o600)
        except OSError as error:
            raise InputError(
                f"Embeddings cannot be kept in {self.folder}: {error.strerror}",
                remedy=f"set {SWITCH} to a folder of yours, or to off",
            ) from None
        with self._open() as connection:
            connection.execute(_TABLE)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def get(self, encoder: str, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Return the known embeddings by text; `encoder` is the hash of the encoder."""
        of_key = dict(zip(text_keys(texts), texts, strict=True))
        found: dict[str, np.ndarray] = {}
        with self._open() as connection:
            for keys in _parts(list(of_key)):
                marks = ", ".join("?" * len(keys))
                query = f"SELECT text, vector FROM embeddings WHERE encoder = ? AND text IN ({marks})"
                for key, vector in connection.execute(query, [encoder, *keys]):
                    found[of_key[key]] = np.frombuffer(vector, dtype="<f4").astype(np.float32)
        return found

    def put(self, encoder: str, embeddings: Mapping[str, np.ndarray]) -> None:
        """Keep embeddings by text, all or none of them, and drop the oldest beyond the bound."""
        keys = text_keys(embeddings)
        rows = [
            (encoder, key, np.asarray(vector, dtype="<f4").tobytes())
            for key, vector in zip(keys, embeddings.values(), strict=True)
        ]
        with self._open() as connection:
            insert = "INSERT OR IGNORE INTO embeddings (encoder, text, vector) VALUES (?, ?, ?)"
            connection.executemany(insert, rows)
            connection.execute(
                "DELETE FROM embeddings WHERE number <= (SELECT MAX(number) FROM embeddings) - ?",
                [self.most_rows],
            )

    def forget(self, keys: Iterable[str]) -> int:
        """Remove the embeddings of texts by every encoder, given the texts' hashes (see `text_keys`).

        Returns
        -------
        int
            How many were removed. Their bytes are overwritten in the file.
        """
        with self._open() as connection:
            return sum(
                connection.execute(
                    f"DELETE FROM embeddings WHERE text IN ({', '.join('?' * len(part))})", part
                ).rowcount
                for part in _parts(list(keys))
            )

    def clear(self) -> None:
        """Remove everything."""
        with self._open() as connection:
            connection.execute("DELETE FROM embeddings")

    def __len__(self) -> int:
        with self._open() as connection:
            return int(connection.execute("SELECT COUNT(*) FROM embeddings").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one change, which happens whole or not at all."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                with connection:
                    yield connection
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"The cache {self.path} cannot be used: {error}",
                remedy="remove the file; nothing but time is lost",
            ) from None


def _parts(keys: list[str]) -> list[list[str]]:
    return [keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE)]


def clear_user_cache() -> int:
    """Remove every embedding from the user's cache, as when a person withdraws: hers cannot be told apart.

    Returns
    -------
    int
        How many were removed; 0 where there is no cache. None is made.
    """
    folder = cache_folder()
    if folder is None or not (folder / FILE).is_file():
        return 0
    cache = EmbeddingCache(folder)
    n = len(cache)
    cache.clear()
    return n


def user_cache() -> EmbeddingCache | None:
    """Return the cache in the folder that ``PEERCOMPARE_CACHE`` names, else in the user's cache folder.

    Returns
    -------
    EmbeddingCache or None
        None where the variable says ``off``.
    """
    folder = cache_folder()
    return None if folder is None else EmbeddingCache(folder)
