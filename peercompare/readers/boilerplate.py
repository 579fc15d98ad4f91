"""Lines that repeat over a whole corpus, as an employer's statement under every posting does.

They are marked, never removed: whether a repeated line counts is the study's question, not the reader's.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable

import numpy as np

MIN_DOCUMENTS = 5
MIN_SHARE = 0.02
MIN_WORDS = 4
"""A line is boilerplate where it has at least four words and stands in at least five documents and two of
a hundred.
"""

_PART = 2**18


def line_digest(line: str) -> int:
    """Return a number of 64 bits for a line, 0 where it has fewer than `MIN_WORDS` words.

    Case, blanks and signs do not count.

    Examples
    --------
    >>> line_digest("An Equal-Opportunity Employer, M/F.") == line_digest("an equal opportunity employer M F")
    True
    >>> line_digest("Apply here")
    0
    """
    words = re.findall(r"\w+", line.casefold())
    if len(words) < MIN_WORDS:
        return 0
    return (
        int.from_bytes(hashlib.blake2b(" ".join(words).encode("utf-8"), digest_size=8).digest(), "little")
        or 1
    )


def document_digests(lines: Iterable[str]) -> np.ndarray:
    """Return the digests of a document's lines, each once, as uint64; short lines are left out."""
    found = {line_digest(line) for line in lines} - {0}
    return np.fromiter(sorted(found), dtype=np.uint64, count=len(found))


def repeated_digests(chunks: Callable[[], Iterable[np.ndarray]], n_documents: int) -> np.ndarray:
    """Return the digests of lines that stand in many documents.

    Parameters
    ----------
    chunks : callable that returns an iterable of ndarrays of uint64
        The `document_digests` of all documents, in any pieces. They are asked for several times where
        there are many, and counted in parts, so that memory is bounded.
    n_documents : int
        How many documents they are of; duplicates of one document should be counted once.

    Returns
    -------
    ndarray of uint64
        Sorted digests that occur at least ``max(MIN_DOCUMENTS, MIN_SHARE * n_documents)`` times.
    """
    least = max(MIN_DOCUMENTS, math.ceil(MIN_SHARE * n_documents))
    n_parts = max(1, math.ceil(sum(len(chunk) for chunk in chunks()) / _PART))
    found = []
    for part in range(n_parts):
        mine = [chunk[chunk % np.uint64(n_parts) == part] for chunk in chunks()]
        values, counts = np.unique(np.concatenate(mine or [np.zeros(0, np.uint64)]), return_counts=True)
        found.append(values[counts >= least])
    return np.sort(np.concatenate(found))
