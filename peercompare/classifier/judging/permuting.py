"""What a model would score if its labels were dealt out by chance within each employer or worker."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from peercompare.classifier import scoring
from peercompare.errors import InputError

N_PERMUTATIONS = 999


@dataclass(frozen=True)
class Permuted:
    """A score beside what it comes to when the truth is shuffled within clusters.

    Parameters
    ----------
    estimate : float
        The score as it is.
    by_chance : float
        Its mean over the permutations.
    p : float
        Share of permutations, the actual labels among them, that score as high or higher.
    n_permutations : int
        How many were drawn.
    n_movable : int
        Segments of clusters in which more than one label is true: only these change places.
    """

    estimate: float
    by_chance: float
    p: float
    n_permutations: int
    n_movable: int


def permutation_test(
    truth: np.ndarray,
    predicted: np.ndarray,
    clusters: Sequence[Hashable],
    *,
    score: Callable[[scoring.ScoreSums], np.ndarray] = scoring.macro_f1,
    n_permutations: int = N_PERMUTATIONS,
    seed: int,
) -> Permuted:
    """Test whether predictions know more of a segment than whose it is.

    The true labels are shuffled among the segments of each cluster. A model that has learned only which
    employers or workers have which mix of labels scores the same afterwards; one that reads does not.

    Parameters
    ----------
    truth, predicted : np.ndarray of int, shape (n_segments,)
        Positions of the true and the predicted label.
    clusters : sequence of length n_segments
        Employer or worker.
    score : callable, default `scoring.macro_f1`
        Takes pooled sums; higher is better.
    n_permutations : int, default 999
        At least 19, without which p cannot fall to .05.
    seed : int
        Same seed, same p.

    Returns
    -------
    Permuted

    Raises
    ------
    InputError
        If `n_permutations` is below 19, or lengths differ.

    References
    ----------
    Ojala, M. and Garriga, G. C. (2010). Permutation tests for studying classifier performance. Journal of
    Machine Learning Research 11, 1833-1863 (test 1, here within clusters). Phipson, B. and Smyth, G. K.
    (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and Molecular
    Biology 9(1), 39. doi:10.2202/1544-6115.1585
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if n_permutations < 19 or not len(truth) == len(predicted) == len(clusters):
        raise InputError(
            f"A permutation test needs 19 permutations or more and arrays of one length; it was given "
            f"{n_permutations} and lengths {len(truth)}, {len(predicted)}, {len(clusters)}"
        )
    n_labels = int(max(truth.max(), predicted.max())) + 1
    of, _ = scoring.factorized(clusters)
    rng, order = np.random.default_rng(seed), np.argsort(of, kind="stable")
    of, truth, predicted = of[order], truth[order], predicted[order]
    estimate = _scored(truth, predicted, n_labels, score)
    found = np.empty(n_permutations)
    for number in range(n_permutations):
        # Sorting by cluster and a random number shuffles each cluster within its own places.
        shuffled = truth[np.lexsort((rng.random(len(truth)), of))]
        found[number] = _scored(shuffled, predicted, n_labels, score)
    p = (1 + np.count_nonzero(found >= estimate - 1e-12)) / (1 + n_permutations)
    return Permuted(estimate, float(found.mean()), float(p), n_permutations, _movable(of, truth))


def _scored(
    truth: np.ndarray, predicted: np.ndarray, n_labels: int, score: Callable[[scoring.ScoreSums], np.ndarray]
) -> float:
    """Score one assignment of labels, from its confusion alone."""
    counts = np.bincount(truth * n_labels + predicted, minlength=n_labels**2).reshape(n_labels, n_labels)
    nothing = np.zeros(0)
    return float(score(scoring.ScoreSums(counts.astype(float), nothing, nothing, nothing)))


def _movable(of: np.ndarray, truth: np.ndarray) -> int:
    """Count the segments of clusters that have more than one true label."""
    counts = np.zeros((of.max() + 1, truth.max() + 1), dtype=int)
    np.add.at(counts, (of, truth), 1)
    mixed = (counts > 0).sum(axis=1) > 1
    return int(counts[mixed].sum())
