"""Folds that never split an employer or a worker, and texts that stand twice.

A model that has seen other lines by the same hand, or the same line elsewhere, looks better than it will be
on anybody else's texts. Folds keep groups whole; near-duplicates of a held-out text are kept out of its
training.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer

from peercompare.errors import InputError, UndefinedError

SIMILARITY = 0.8
"""Texts that share at least this part of their character four-grams count as the same text."""

_CHUNK = 1000
_NOT_LETTERS = re.compile(r"[^\w]+|\d+")


def grouped_folds(
    labels: Sequence[Hashable], groups: Sequence[Hashable], *, n_folds: int = 5, seed: int
) -> np.ndarray:
    """Assign whole groups to folds so that every fold holds about the same share of each label.

    Groups are taken roughly from the most uneven to the most even, in an order that `seed` stirs; each goes
    to the fold that leaves the labels' shares most equal. No fold stays empty.

    Parameters
    ----------
    labels : sequence of length n_segments
        Label of each segment; any hashable value, one for segments that nobody has coded included.
    groups : sequence of length n_segments
        Employer or worker of each segment.
    n_folds : int, default 5
        At least 2.
    seed : int
        Another seed, other folds.

    Returns
    -------
    np.ndarray of int, shape (n_segments,)
        Fold of each segment, from 0 to n_folds - 1.

    Raises
    ------
    InputError
        If `n_folds` is below 2, the lengths differ, or a group is missing.
    UndefinedError
        If there are fewer groups than folds.

    Examples
    --------
    >>> groups = ["a", "a", "b", "b", "c", "c", "d", "d"]
    >>> folds = grouped_folds([0, 1, 0, 1, 0, 1, 0, 1], groups, n_folds=2, seed=7)
    >>> all(len(set(folds[i:i + 2])) == 1 for i in range(0, 8, 2)), np.bincount(folds).tolist()
    (True, [4, 4])
    """
    labels, groups = list(labels), list(groups)
    _check_folds(labels, groups, n_folds)
    label_codes, _ = pd.factorize(np.array(labels, dtype=object), use_na_sentinel=False)
    group_codes, names = pd.factorize(np.array(groups, dtype=object))
    if len(names) < n_folds:
        raise UndefinedError(
            f"{n_folds} folds need at least {n_folds} groups (employers or workers) that can be kept whole; "
            f"there are {len(names)}. Give fewer folds, or texts from more groups"
        )
    counts = np.zeros((len(names), label_codes.max() + 1))
    np.add.at(counts, (group_codes, label_codes), 1)
    return _allot(counts, n_folds, np.random.default_rng(seed))[group_codes]


def _check_folds(labels: list, groups: list, n_folds: int) -> None:
    """Refuse arguments that fit no folds."""
    if n_folds < 2:
        raise InputError(f"n_folds must be 2 or more; it is {n_folds}")
    if len(labels) != len(groups) or not groups:
        raise InputError(
            f"There are {len(labels)} labels and {len(groups)} groups; each segment needs one of both"
        )
    missing = int(pd.isna(np.array(groups, dtype=object)).sum())
    if missing:
        raise InputError(
            f"{missing} of {len(groups)} segments have no group, so folds could split an employer or worker",
            remedy="name the employer or worker of every document",
        )


def _allot(counts: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Allot groups to folds, given their counts of labels of shape (n_groups, n_labels)."""
    order = np.argsort(-counts.std(axis=1) * rng.uniform(0.5, 1.5, size=len(counts)), kind="stable")
    totals = counts.sum(axis=0)
    held = np.zeros((n_folds, counts.shape[1]))
    folds = np.empty(len(counts), dtype=np.intp)
    for place, group in enumerate(order):
        empty = np.flatnonzero(held.sum(axis=1) == 0)
        left = len(order) - place
        candidates = empty if len(empty) >= left else np.arange(n_folds)
        folds[group] = min(candidates, key=lambda fold: _unevenness(held, counts[group], fold, totals))
        held[folds[group]] += counts[group]
    return folds


def _unevenness(held: np.ndarray, added: np.ndarray, fold: int, totals: np.ndarray) -> tuple[float, float]:
    """Measure how unequal the labels' shares would be over folds; equal results go to the smaller fold."""
    after = held.copy()
    after[fold] += added
    return float((after / totals).std(axis=0).mean()), float(held[fold].sum())


def near_duplicates(texts: Sequence[str], *, similarity: float = SIMILARITY) -> np.ndarray:
    """Number the families of texts that are the same but for case, digits, punctuation or a few letters.

    Two texts belong together where the Jaccard similarity of their sets of character four-grams (inside
    words) is at least `similarity`; families are closed under that relation.

    Parameters
    ----------
    texts : sequence of str, length n_texts
        The texts.
    similarity : float, default 0.8
        In (0, 1].

    Returns
    -------
    np.ndarray of int, shape (n_texts,)
        Family of each text, numbered in order of appearance.

    References
    ----------
    Broder, A. Z. (1997). On the resemblance and containment of documents. Proceedings of Compression and
    Complexity of Sequences 1997, 21-29. doi:10.1109/SEQUEN.1997.666900

    Examples
    --------
    >>> near_duplicates(["Valid licence, 2 years", "Walk with people", "valid licence; 3 years"]).tolist()
    [0, 1, 0]
    """
    _check_similarity(similarity)
    codes, unique = pd.factorize(_plain(texts))
    if len(unique) == 0:
        return codes
    features = _shingles(unique)
    links = sparse.vstack([_similar(part, features, similarity) for part in _parts(features)])
    _, families = connected_components(links, directed=False)
    return pd.factorize(families[codes])[0]


def have_near_duplicates(
    texts: Sequence[str], others: Sequence[str], *, similarity: float = SIMILARITY
) -> np.ndarray:
    """Tell which texts are the same as one of some others, but for what `near_duplicates` looks past.

    Parameters
    ----------
    texts, others : sequence of str, lengths n_texts and n_others
    similarity : float, default 0.8
        As in `near_duplicates`; families are not formed, so that only the others themselves count.

    Returns
    -------
    np.ndarray of bool, shape (n_texts,)

    Examples
    --------
    >>> have_near_duplicates(["valid licence; 3 years", "Walk"], ["Valid licence, 2 years"]).tolist()
    [True, False]
    """
    _check_similarity(similarity)
    if not len(texts) or not len(others):
        return np.zeros(len(texts), dtype=bool)
    features = _shingles(np.unique(_plain(others)))
    links = [_similar(part, features, similarity) for part in _parts(_shingles(_plain(texts)))]
    return sparse.vstack(links).getnnz(axis=1) > 0


def _check_similarity(similarity: float) -> None:
    """Refuse what is no share."""
    if not 0 < similarity <= 1:
        raise InputError(f"similarity must be above 0 and at most 1; it is {similarity}")


def _plain(texts: Sequence[str]) -> np.ndarray:
    """Look past case, digits and punctuation."""
    return np.array([_NOT_LETTERS.sub(" ", text.lower()).strip() for text in texts], dtype=object)


def _shingles(texts: np.ndarray) -> sparse.csr_matrix:
    """Mark which sequences of four characters inside words each text has."""
    shingles = HashingVectorizer(
        analyzer="char_wb", ngram_range=(4, 4), binary=True, norm=None, alternate_sign=False, n_features=2**18
    )
    return shingles.transform(texts).astype(np.float32)


def _parts(features: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    """Go through texts in chunks, whose links to all texts fit into memory."""
    for start in range(0, features.shape[0], _CHUNK):
        yield features[start : start + _CHUNK]


def _similar(part: sparse.csr_matrix, others: sparse.csr_matrix, similarity: float) -> sparse.coo_matrix:
    """Link some texts to all others at least as alike as `similarity`; shape (n_part, n_others)."""
    sizes, of_others = (np.asarray(each.sum(axis=1)).ravel() for each in (part, others))
    shared = (part @ others.T).tocoo()
    union = sizes[shared.row] + of_others[shared.col] - shared.data
    alike = shared.data >= similarity * union
    return sparse.coo_matrix(
        (np.ones(alike.sum()), (shared.row[alike], shared.col[alike])), shape=shared.shape
    )


def held_out(folds: np.ndarray, families: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Go through the folds, with the segments to predict and those that may teach.

    Parameters
    ----------
    folds, families : np.ndarray of int, shape (n_segments,)
        As `grouped_folds` and `near_duplicates` give them. Fold -1 is held out never: it may only teach.

    Yields
    ------
    fold : int
        Number of the fold.
    test, training : np.ndarray of bool, shape (n_segments,)
        The segments of the fold; and those of other folds that are no near-duplicate of one of them.
    """
    for fold in range(folds.max() + 1):
        test = folds == fold
        yield fold, test, ~test & ~np.isin(families, families[test])
