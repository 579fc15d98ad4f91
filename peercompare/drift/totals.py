"""Totals of the clusters from which shares, indices and slopes are estimated, power-tuned where asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peercompare.drift.evidence import Evidence
from peercompare.drift.measures import Measures
from peercompare.drift.powertuned import MIN_TUNED_CLUSTERS, TOO_FEW_TO_TUNE, tuned_ratio, tuned_slope
from peercompare.drift.ratios import slope_totals
from peercompare.drift.rectified import cluster_totals


@dataclass(frozen=True)
class Totals:
    """Totals whose ratios are the estimates.

    Parameters
    ----------
    tops, bottoms : ndarray of shape (n_clusters, n_measures)
    trust : ndarray of shape (n_measures,), or None
        How far predictions are trusted, where that was tuned.
    """

    tops: np.ndarray
    bottoms: np.ndarray
    trust: np.ndarray | None = None

    def refusals(self, n_clusters: np.ndarray) -> np.ndarray:
        """Say why tuned estimates must not be shown; "" where they may.

        Parameters
        ----------
        n_clusters : ndarray of int, shape (n_measures,)
            Clusters that hold codings.

        Returns
        -------
        ndarray of str, shape (n_measures,)
            With ``{clusters}`` for the caller to fill in.
        """
        words = np.full(len(n_clusters), "", dtype=object)
        if self.trust is not None:
            for place in np.flatnonzero(n_clusters < MIN_TUNED_CLUSTERS):
                words[place] = TOO_FEW_TO_TUNE.replace("{n}", str(int(n_clusters[place])))
        return words

    def tuned_words(self, place: int) -> str:
        """Say how far predictions are trusted for a measure; "" where that was not tuned."""
        return "" if self.trust is None else f"; trust in predictions tuned to {self.trust[place]:.2f}"


def ratio_totals(evidence: Evidence, rows: np.ndarray, table: Measures) -> Totals:
    """Sum numerators and denominators of measures over some rows, in each cluster.

    Parameters
    ----------
    evidence : Evidence
    rows : ndarray of bool, shape (n_segments,)
    table : Measures

    Returns
    -------
    Totals
    """
    clusters, n_clusters = evidence.clusters[rows], int(evidence.clusters.max()) + 1

    def summed(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        totals = cluster_totals(values[rows], clusters, n_clusters)
        return totals @ table.numerators, totals @ table.denominators

    if evidence.added is None:
        return Totals(*summed(evidence.values))
    return Totals(*tuned_ratio(summed(evidence.values), summed(evidence.added)))


def trend_totals(evidence: Evidence, rows: np.ndarray, table: Measures, times: np.ndarray) -> Totals:
    """Sum what slopes of measures over some rows are made of, in each cluster.

    Parameters
    ----------
    evidence : Evidence
    rows : ndarray of bool, shape (n_segments,)
    table : Measures
    times : ndarray of shape (n_segments,)

    Returns
    -------
    Totals
    """
    clusters, when = evidence.clusters[rows], times[rows]

    def weighed(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return values[rows] @ table.numerators, values[rows] @ table.denominators

    if evidence.added is None:
        return Totals(*slope_totals(*weighed(evidence.values), when, clusters))
    return Totals(*tuned_slope(weighed(evidence.values), weighed(evidence.added), when, clusters))
