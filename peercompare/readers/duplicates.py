"""Exact and near duplicates among documents, grouped by MinHash sketches so that folds never split them.

Two documents are near duplicates where about four fifths of their five-word shingles are shared (Jaccard
similarity of at least `THRESHOLD`, estimated from `N_PERMUTATIONS` minima: standard error at most .037
there). Groups are closed under this relation: if a is like b and b like c, all three are one group.

References
----------
Broder, A. Z. (1997). On the resemblance and containment of documents. Proceedings of Compression and
Complexity of Sequences, 21-29. doi:10.1109/SEQUEN.1997.666900
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np

SHINGLE_WORDS = 5
N_BANDS, BAND_ROWS = 20, 6
N_PERMUTATIONS = N_BANDS * BAND_ROWS
"""Twenty bands of six minima: a pair at the threshold becomes a candidate with probability .998, a pair
that shares three tenths of its shingles with probability .015."""

THRESHOLD = 0.8
_SEED = 20170621
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MAX_PAIRS = 20_000_000
"""Pairs of one bucket that are compared. A bucket reaches it where over six thousand documents share a band
and no two of them are alike; of what is left then those that are alike may be missed.
"""

_CHUNK = 16_384
_SCATTERED = 2_048
"""Sketches compared before memory is let go of, as each may lie on a page of its own."""


def sketch(text: str) -> np.ndarray:
    """Return the MinHash sketch of a text.

    Parameters
    ----------
    text : str
        Case and everything that is neither letter nor figure do not count.

    Returns
    -------
    ndarray of uint32, shape (N_PERMUTATIONS,)
        Shares of equal places in two sketches estimate the Jaccard similarity of their shingles. A text of
        fewer than five words is one shingle.
    """
    words = re.findall(r"\w+", text.casefold())
    codes = np.fromiter(
        (zlib.crc32(word.encode("utf-8")) for word in words), dtype=np.uint64, count=len(words)
    )
    width = min(SHINGLE_WORDS, max(len(codes), 1))
    shingles = np.zeros(max(len(codes) - width + 1, 1), dtype=np.uint64)
    for offset in range(width if len(codes) else 0):
        shingles = shingles * _MIX + codes[offset : offset + len(shingles)] + np.uint64(1)
    shingles = np.unique(_scrambled(shingles))
    factors, shifts = _permutations()
    minima = np.full(N_PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, len(shingles), 1024):
        part = shingles[start : start + 1024, None]
        values = ((part * factors + shifts) >> np.uint64(32)).astype(np.uint32)
        np.minimum(minima, values.min(axis=0), out=minima)
    return minima


def exact_digest(text: str) -> int:
    """Return a number of 64 bits that another text has by an unlikely chance alone."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def text_digest(text: str) -> int:
    """Return a number of 64 bits that is the same for texts which differ in case, blanks and signs alone."""
    return exact_digest(" ".join(re.findall(r"\w+", text.casefold())))


def duplicate_groups(
    sketches: np.ndarray,
    digests: np.ndarray,
    *,
    threshold: float = THRESHOLD,
    release: Callable[[], object] = bool,
) -> np.ndarray:
    """Group exact and near duplicates.

    Parameters
    ----------
    sketches : ndarray of uint32, shape (n_documents, N_PERMUTATIONS)
        From `sketch`; may be a memory map.
    digests : ndarray of uint64, shape (n_documents,)
        From `text_digest`.
    threshold : float, default THRESHOLD
        The least estimated similarity of near duplicates, over 0 and at most 1.
    release : callable, optional
        Called after each pass over the sketches, to let go of memory where they are mapped from a file.

    Returns
    -------
    ndarray of int64, shape (n_documents,)
        For each document the number of the first document of its group; its own number where it is like no
        other.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold is {threshold}; it must be over 0 and at most 1")
    _, first, inverse = np.unique(digests, return_index=True, return_inverse=True)
    parents, single = first[inverse].astype(np.int64), np.sort(first)
    del first, inverse
    for band in range(N_BANDS):
        compared = 0
        for members in _buckets(_band_keys(sketches, single, band, release)):
            _unite_alike(parents, sketches, single[members], threshold, release)
            compared += len(members)
            if compared >= _SCATTERED:
                release()
                compared = 0
        release()
    roots = (_root(parents, number) for number in range(len(parents)))
    return np.fromiter(roots, dtype=np.int64, count=len(parents))


def joined_groups(columns: Iterable[Sequence[str] | Sequence[int] | np.ndarray]) -> np.ndarray:
    """Return the connected groups of rows that share a value in any of some columns.

    Parameters
    ----------
    columns : iterable of sequences, all of the same length
        As an employer and a group of duplicates: rows with one employer belong together, and so do
        duplicates.

    Returns
    -------
    ndarray of int64
        For each row the number of the first row of its group.

    Examples
    --------
    >>> joined_groups([["E1", "E2", "E3"], [0, 1, 1]]).tolist()
    [0, 1, 1]
    """
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    codes, n_nodes = [], 0
    for column in columns:
        values, inverse = np.unique(np.asarray(column), return_inverse=True)
        codes.append(n_nodes + inverse.astype(np.int32))
        n_nodes += len(values)
    # values are the nodes; a row ties its value in one column to that in the next
    ties = [np.concatenate(side) for side in ((codes[:-1] or codes), (codes[1:] or codes))]
    graph = sparse.coo_matrix((np.ones(len(ties[0]), np.int8), ties), shape=(n_nodes, n_nodes))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels[codes[0]], return_index=True, return_inverse=True)
    return first[inverse].astype(np.int64)


@lru_cache(maxsize=1)
def _permutations() -> tuple[np.ndarray, np.ndarray]:
    """Return odd factors and shifts of the random functions, the same at every call."""
    generator = np.random.default_rng(_SEED)
    factors = generator.integers(0, 2**63, N_PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return factors, generator.integers(0, 2**63, N_PERMUTATIONS, dtype=np.uint64)


def _scrambled(values: np.ndarray) -> np.ndarray:
    """Return numbers scrambled over all 64 bits (the finalizer of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _band_keys(
    sketches: np.ndarray, single: np.ndarray, band: int, release: Callable[[], object]
) -> np.ndarray:
    """Return a number of 64 bits for the minima of a band of each document."""
    keys = np.zeros(len(single), dtype=np.uint64)
    for start in range(0, len(single), _CHUNK):
        rows = sketches[single[start : start + _CHUNK], band * BAND_ROWS : (band + 1) * BAND_ROWS]
        for column in rows.T.astype(np.uint64):
            keys[start : start + len(rows)] = _scrambled(keys[start : start + len(rows)] * _MIX + column)
        release()
    return keys


def _buckets(keys: np.ndarray) -> Iterable[np.ndarray]:
    """Yield the places of equal keys, where they are two or more."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield order[start : start + size]


def _unite_alike(
    parents: np.ndarray,
    sketches: np.ndarray,
    members: np.ndarray,
    threshold: float,
    release: Callable[[], object],
) -> None:
    """Unite the documents of a bucket that are alike; each round compares one with all that are left."""
    left, n_pairs = np.sort(members), 0
    while len(left) > 1 and n_pairs < _MAX_PAIRS:
        n_pairs += len(left) - 1
        alike = _alike(sketches, int(left[0]), left[1:], threshold, release)
        for number in left[1:][alike]:
            _unite(parents, int(left[0]), int(number))
        left = left[1:][~alike]


def _alike(
    sketches: np.ndarray, one: int, others: np.ndarray, threshold: float, release: Callable[[], object]
) -> np.ndarray:
    """Tell which of some documents are like one."""
    first, found = np.array(sketches[one]), np.zeros(len(others), dtype=bool)
    for start in range(0, len(others), _SCATTERED):
        part = slice(start, start + _SCATTERED)
        found[part] = (sketches[others[part]] == first).mean(axis=1) >= threshold
        if start:
            release()
    return found


def _root(parents: np.ndarray, number: int) -> int:
    """Return the first document of a group, shortening the way to it."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = int(parents[number])
    return number


def _unite(parents: np.ndarray, one: int, other: int) -> None:
    """Make one group of two; the lower number leads."""
    low, high = sorted((_root(parents, one), _root(parents, other)))
    parents[high] = low
