"""Whether a classifier errs alike over time and places: the gate before anybody counts its labels.

Methods that undo a classifier's errors from its confusion (quantification) hold only where its scores, given
the true code, are the same everywhere. The gate asks that in the coded segments. Numpy and scipy alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from peercompare.drift.ratios import MIN_CLUSTERS

N_PERMUTATIONS = 1999
FLOOR = 1e-6
"""Probabilities are kept this far from 0 and 1 before their logarithms are taken."""

FEW = "needs five {clusters} with coded segments"
ALONE = "every one of the {clusters} is at a place of its own"
SEVERAL = "{clusters} were seen at several places, so places cannot be dealt among them"


@dataclass(frozen=True)
class Coefficient:
    """A regression coefficient with its cluster-robust interval and p; NaN where `reason` says why."""

    estimate: float
    lower: float
    upper: float
    p: float
    n_clusters: int
    reason: str = ""


def log_odds(probabilities: np.ndarray, first: int, last: int) -> np.ndarray:
    """Logarithm of the odds of the last stance of the axis against the first.

    Parameters
    ----------
    probabilities : ndarray of shape (n_segments, n_labels)
    first, last : int
        Columns of the two ends.

    Returns
    -------
    ndarray of shape (n_segments,)
    """
    kept = np.clip(probabilities, FLOOR, 1.0)
    return np.log(kept[:, last]) - np.log(kept[:, first])


def time_coefficient(
    outcome: np.ndarray,
    times: np.ndarray,
    controls: np.ndarray,
    weights: np.ndarray,
    clusters: np.ndarray,
    *,
    confidence_level: float = 0.95,
) -> Coefficient:
    """Estimate how an outcome moves with time beside controls, by weighted least squares, clusters apart.

    The standard error is the delete-one-cluster jackknife's; degrees of freedom are ``n_effective - 1``, with
    clusters counted by their share of the information on time that controls leave.

    Parameters
    ----------
    outcome, times, weights : ndarray of shape (n_segments,)
    controls : ndarray of shape (n_segments, n_controls)
        With a constant, or with columns that add up to one.
    clusters : ndarray of int, shape (n_segments,)
    confidence_level : float, default 0.95

    Returns
    -------
    Coefficient
        Change of the outcome for each unit of time.

    References
    ----------
    Cameron & Miller (2015), A practitioner's guide to cluster-robust inference. Journal of Human Resources
    50(2), 317-372. doi:10.3368/jhr.50.2.317
    """
    own = residuals(times, controls, weights)
    n_clusters = int(clusters.max()) + 1
    held = len(np.unique(clusters))
    if held < MIN_CLUSTERS:
        return Coefficient(np.nan, np.nan, np.nan, np.nan, held, FEW)
    design = np.column_stack([controls, times])
    gram, cross = _cluster_sums(design, outcome, weights, clusters, n_clusters)
    estimate = _last(gram.sum(axis=0), cross.sum(axis=0))
    without = np.array(
        [_last(gram.sum(axis=0) - one, cross.sum(axis=0) - two) for one, two in zip(gram, cross, strict=True)]
    )
    error = np.sqrt((held - 1) / held * np.sum((without - estimate) ** 2))
    part = np.bincount(clusters, weights=weights * own**2)
    degrees = max(min(part.sum() ** 2 / (part**2).sum(), held) - 1.0, 1.0)
    reach = stats.t.ppf((1 + confidence_level) / 2, degrees) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, degrees)) if error > 0 else np.nan
    return Coefficient(float(estimate), float(estimate - reach), float(estimate + reach), p, held)


def residuals(outcome: np.ndarray, controls: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return what weighted least squares on the controls leaves of an outcome, shape (n_segments,)."""
    root = np.sqrt(weights)
    fitted = np.linalg.lstsq(controls * root[:, None], outcome * root, rcond=None)[0]
    return outcome - controls @ fitted


def place_p(
    remainder: np.ndarray,
    places: np.ndarray,
    weights: np.ndarray,
    clusters: np.ndarray,
    *,
    seed: int = 0,
) -> tuple[float, str]:
    """Test whether places differ in what is left of an outcome, by dealing the places anew among clusters.

    The statistic is the weighted sum of squares between places. With a handful of clusters at each place no
    cluster-robust Wald test of places holds its level; dealing places among clusters does, where clusters are
    exchangeable between places.

    Parameters
    ----------
    remainder, weights : ndarray of shape (n_segments,)
        From `residuals`.
    places, clusters : ndarray of int, shape (n_segments,)
    seed : int, default 0

    Returns
    -------
    p : float
        NaN where there is no test.
    reason : str
        Why there is none; else "".
    """
    names, clusters = np.unique(clusters, return_inverse=True)
    weight = np.bincount(clusters, weights=weights)
    total = np.bincount(clusters, weights=weights * remainder)
    own = np.zeros(len(names), dtype=int)
    own[clusters] = places
    if (own[clusters] != places).any():
        return np.nan, SEVERAL
    if len(names) < MIN_CLUSTERS:
        return np.nan, FEW
    if len(np.unique(own)) < 2 or len(np.unique(own)) == len(names):
        return np.nan, ALONE if len(np.unique(own)) > 1 else "there is one place only"
    belongs = np.eye(own.max() + 1)[own]
    rng = np.random.default_rng(seed)
    dealt = np.array([np.arange(len(names)), *(rng.permutation(len(names)) for _ in range(N_PERMUTATIONS))])
    between = _between(total[dealt], weight[dealt], belongs)
    return float((between >= between[0] - 1e-9).mean()), ""


def _between(total: np.ndarray, weight: np.ndarray, belongs: np.ndarray) -> np.ndarray:
    """Sum of squares between places, for each deal of clusters."""
    tops, bottoms = total @ belongs, weight @ belongs
    middle = total.sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    mean = np.divide(tops, bottoms, out=np.zeros_like(tops), where=bottoms > 0)
    return (bottoms * (mean - middle) ** 2).sum(axis=1)


def _cluster_sums(
    design: np.ndarray, outcome: np.ndarray, weights: np.ndarray, clusters: np.ndarray, n_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Normal equations of each cluster."""
    width = design.shape[1]
    gram, cross = np.zeros((n_clusters, width, width)), np.zeros((n_clusters, width))
    weighted = design * weights[:, None]
    np.add.at(gram, clusters, weighted[:, :, None] * design[:, None, :])
    np.add.at(cross, clusters, weighted * outcome[:, None])
    return gram, cross


def _last(gram: np.ndarray, cross: np.ndarray) -> float:
    """Return the last coefficient; controls that one cluster alone has may drop out with it."""
    return float(np.linalg.lstsq(gram, cross, rcond=None)[0][-1])
