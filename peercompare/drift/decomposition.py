"""Array core of composition: a change of a mean taken apart into the mix of categories and what is in them.

Kitagawa's decomposition, exact in every sample. Numpy alone; `composition` makes the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peercompare.errors import UndefinedError


@dataclass(frozen=True)
class Parts:
    """A change taken apart; arrays have an entry for each category, and sum to the whole.

    Parameters
    ----------
    change : float
        Of the mean over all categories, second less first.
    mix : ndarray of shape (n_categories,)
        What each category's gain or loss of share adds, counted from the mean of both groups' means.
    within : ndarray of shape (n_categories,)
        What the change inside each category adds.
    mix_first, mix_last : float
        The sum of `mix` with the first and with the second group's means; their average is that of `mix`.
    """

    change: float
    mix: np.ndarray
    within: np.ndarray
    mix_first: float
    mix_last: float


def take_apart(numerators: np.ndarray, denominators: np.ndarray) -> Parts:
    """Take the change of a mean apart into the mix of categories and the means within them, exactly.

    With shares ``p`` and means ``m`` of categories, the mix is ``sum (p2 - p1) (m1 + m2) / 2``, and what is
    within is ``sum (p1 + p2) / 2 (m2 - m1)``: the average of both orders in which the two could be changed
    one after the other. A category's part of the mix is counted from the average of both groups' overall
    means, so that gaining share counts as clinical only where the category is more clinical than the rest;
    the sum is the same without that. A category that one group lacks has no mean there, takes the other
    group's, and so is mix alone.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_categories, 2)
        Totals of each category in the first and the second group.

    Returns
    -------
    Parts

    Raises
    ------
    UndefinedError
        Where a group has no positive total, or a category's share is negative, as small samples can have it.

    References
    ----------
    Kitagawa (1955), Components of a difference between two rates. Journal of the American Statistical
    Association 50(272), 1168-1194. doi:10.1080/01621459.1955.10501299
    Oaxaca & Ransom (1999), Identification in detailed wage decompositions. Review of Economics and Statistics
    81(1), 154-157 (why a category's part needs a stated zero). doi:10.1162/003465399767923908

    Examples
    --------
    One topic (mean 1) doubles its share from a quarter, and in the other stance moves from 0 to .2:

    >>> parts = take_apart(np.array([[1.0, 2.0], [0.0, 0.4]]), np.array([[1.0, 2.0], [3.0, 2.0]]))
    >>> parts.mix.round(4), parts.within.round(4), round(parts.change, 2)
    (array([0.1438, 0.0812]), array([0.   , 0.125]), 0.35)
    """
    bottom = denominators.sum(axis=0)
    if (bottom <= 0).any() or (denominators < -1e-9).any():
        raise UndefinedError("one of the two groups is too small to be taken apart")
    share = denominators / bottom
    present = denominators > 1e-12
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, numerators / denominators, np.nan)
    mean = np.where(np.isnan(mean), mean[:, ::-1], mean)
    mean = np.nan_to_num(mean)
    whole = numerators.sum(axis=0) / bottom
    gain = share[:, 1] - share[:, 0]
    mix = gain * (mean.mean(axis=1) - whole.mean())
    within = share.mean(axis=1) * (mean[:, 1] - mean[:, 0])
    return Parts(float(whole[1] - whole[0]), mix, within, float(gain @ mean[:, 0]), float(gain @ mean[:, 1]))


def jackknifed(numerators: np.ndarray, denominators: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Take a change apart with delete-one-cluster standard errors of every part.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_clusters, n_categories, 2)

    Returns
    -------
    estimates, errors : ndarray of shape (5 + 2 * n_categories,)
        The change, the sum of the mix, the sum within, the mix in the first and in the last order, then each
        category's mix and each one's within. Errors are NaN where a part is undefined without a cluster.
    degrees : float
        Effective clusters of the smaller group less one.

    Raises
    ------
    UndefinedError
        As in `take_apart`.
    """
    estimates = _flat(numerators.sum(axis=0), denominators.sum(axis=0))
    present = np.flatnonzero((denominators != 0).any(axis=(1, 2)))
    shifts = np.full((len(present), len(estimates)), np.nan)
    for place, cluster in enumerate(present):
        rest = np.arange(len(numerators)) != cluster
        try:
            shifts[place] = _flat(numerators[rest].sum(axis=0), denominators[rest].sum(axis=0)) - estimates
        except UndefinedError:
            continue
    count = len(present)
    errors = np.sqrt((count - 1) / max(count, 1) * np.square(shifts).sum(axis=0))
    weight = denominators.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = weight.sum(axis=0) ** 2 / np.square(weight).sum(axis=0)
    return estimates, errors, max(float(effective.min()) - 1.0, 1.0)


def seen_and_done(numerators: np.ndarray, denominators: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Take a change apart into who was seen and what those seen in both did.

    The categories are the clusters themselves: their shares are how much of each was seen, and only those
    seen in both groups have a change within. The jackknife leaves each out in turn.

    Parameters
    ----------
    numerators, denominators : ndarray of shape (n_clusters, 2)

    Returns
    -------
    estimates, errors : ndarray of shape (2,)
        Who was seen, what they did.
    degrees : float
        As in `jackknifed`.

    Raises
    ------
    UndefinedError
        As in `take_apart`.
    """
    size = len(numerators)
    own = np.eye(size)[:, :, None]
    # One cluster a category: leaving a cluster out empties its category.
    estimates, errors, degrees = jackknifed(own * numerators[:, None, :], own * denominators[:, None, :])
    return estimates[1:3], errors[1:3], degrees


def _flat(numerators: np.ndarray, denominators: np.ndarray) -> np.ndarray:
    """Return all parts of a change in one row."""
    parts = take_apart(numerators, denominators)
    sums = [parts.change, parts.mix.sum(), parts.within.sum(), parts.mix_first, parts.mix_last]
    return np.concatenate([sums, parts.mix, parts.within])
