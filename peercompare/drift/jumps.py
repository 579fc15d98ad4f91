"""Array core of the search for a jump: the largest Wald statistic over dates, its p, and its power.

Numpy alone; `change_points` makes tables of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

EXHAUSTIVE = 12
"""Up to so many clusters all combinations of signs are tried."""

N_FLIPS = 1999
POWER, N_POWER, POWER_FLIPS = 0.8, 300, 499
WHOLE_SCALE = 2.0
"""The largest jump that the index can make."""


@dataclass(frozen=True)
class Search:
    """What a search over dates found.

    Parameters
    ----------
    place : int
        Which of the dates.
    jump : float
        Change of the index at that date within clusters.
    statistic, p : float
        Largest score form of the Wald statistic, and its p by sign flips.
    least_p : float
        The smallest p that so many clusters can give.
    """

    place: int
    jump: float
    statistic: float
    p: float
    least_p: float


def sign_flips(n_clusters: int, rng: np.random.Generator, *, n: int = N_FLIPS) -> np.ndarray:
    """Signs for each cluster: all combinations up to twelve clusters, else random ones; the first is as seen.

    Parameters
    ----------
    n_clusters : int
    rng : Generator
    n : int
        How many random ones.

    Returns
    -------
    ndarray of shape (n_flips, n_clusters)
    """
    if n_clusters <= EXHAUSTIVE:
        return np.array(list(product((1.0, -1.0), repeat=n_clusters)))
    return np.vstack([np.ones(n_clusters), rng.choice([1.0, -1.0], size=(n, n_clusters))])


def sup_wald(tops: np.ndarray, bottoms: np.ndarray, flips: np.ndarray) -> Search:
    """Search for a jump by the largest Wald statistic over dates, with a p that holds for the whole search.

    ``tops[w, t]`` is worker w's covariance of stance and being after date t, centred within the worker, so
    that its sum over ``bottoms`` is the least-squares jump. The statistic is ``(sum_w u)**2 / sum_w u**2``,
    the Wald statistic with the variance that it has where nothing changed. Where nothing changed and workers
    are independent, a worker's whole path of ``u`` is as likely as its mirror image; the p is the share of
    sign flips of whole paths whose largest statistic is as large. A steady slope raises it too.

    Parameters
    ----------
    tops, bottoms : ndarray of shape (n_clusters, n_dates)
        From `slope_totals` with an indicator of time.
    flips : ndarray of shape (n_flips, n_clusters)
        From `sign_flips`.

    Returns
    -------
    Search

    References
    ----------
    Andrews (1993), Tests for parameter instability and structural change with unknown change point.
    Econometrica 61(4), 821-856. doi:10.2307/2951764
    Canay, Romano & Shaikh (2017), Randomization tests under an approximate symmetry assumption. Econometrica
    85(3), 1013-1030. doi:10.3982/ECTA13081

    Examples
    --------
    Six workers who all rise at the second of two dates, and move little at the first:

    >>> rise = np.column_stack([np.array([2.0, -1, 1, -1, 1, -1]), np.ones(6)])
    >>> search = sup_wald(rise, np.full((6, 2), 4.0), sign_flips(6, np.random.default_rng(0)))
    >>> search.place, search.jump, search.p
    (1, 0.25, 0.03125)
    """
    spread = np.maximum((tops**2).sum(axis=0), 1e-12)
    largest = ((flips @ tops) ** 2 / spread).max(axis=1)
    place = int(np.argmax(tops.sum(axis=0) ** 2 / spread))
    n_moving = int((np.abs(tops).sum(axis=1) > 0).sum())
    return Search(
        place,
        float(tops[:, place].sum() / bottoms[:, place].sum()),
        float(largest[0]),
        float((largest >= largest[0] - 1e-9).mean()),
        max(2.0 ** (1 - n_moving), 1 / len(flips)),
    )


def findable_jump(
    noise: np.ndarray, signal: np.ndarray, *, rng: np.random.Generator, alpha: float = 0.05
) -> float:
    """Say how large a jump would have been found in 80% of studies like this one.

    Simulates: each cluster keeps its own path, less the jump that was estimated, with a random sign, and a
    jump of a given size is added at one date; the search is made as `sup_wald` makes it.

    Parameters
    ----------
    noise : ndarray of shape (n_clusters, n_dates)
        ``u`` less the estimated jump's part in it.
    signal : ndarray of shape (n_clusters, n_dates)
        What a jump of 1 at the date in question adds to ``u``.
    rng : Generator
    alpha : float, default 0.05
        Level of the test.

    Returns
    -------
    float
        On the scale of the index; NaN where not even a jump over the whole scale would be found.
    """
    moving = np.abs(signal).sum(axis=1) > 0
    noise, signal = noise[moving], signal[moving]
    if 2.0 ** (1 - len(noise)) > alpha or not len(noise):
        return np.nan
    flips = sign_flips(len(noise), rng, n=POWER_FLIPS)
    flips = (
        flips
        if len(flips) <= POWER_FLIPS
        else np.vstack([flips[:1], rng.permutation(flips[1:])[:POWER_FLIPS]])
    )
    signs = rng.choice([1.0, -1.0], size=(N_POWER, len(noise)))
    low, high = 0.0, WHOLE_SCALE
    if _power(high, noise, signal, flips, signs, alpha) < POWER:
        return np.nan
    for _ in range(9):  # to a 250th of the scale
        middle = (low + high) / 2
        enough = _power(middle, noise, signal, flips, signs, alpha) >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return high


def _power(
    jump: float, noise: np.ndarray, signal: np.ndarray, flips: np.ndarray, signs: np.ndarray, alpha: float
) -> float:
    """Share of simulated studies in which the search finds the jump."""
    paths = signs[:, :, None] * noise + jump * signal
    spread = np.maximum((paths**2).sum(axis=1), 1e-12)
    found = 0
    for path, scale in zip(paths, spread, strict=True):
        largest = ((flips @ path) ** 2 / scale).max(axis=1)
        found += (largest >= largest[0] - 1e-9).mean() <= alpha
    return found / len(paths)
