"""Estimates about the corpus at hand: intervals of what drawing segments for coding leaves open."""

from __future__ import annotations

import numpy as np

from peercompare.drift.design_based import corpus_interval
from peercompare.drift.evidence import MIN_CODED, Evidence
from peercompare.drift.ratios import RatioEstimate

COUNTED = "all segments are coded: this is a count of the corpus, without sampling error"
THIN_SAMPLE = f"fewer than {MIN_CODED} sampled segments stand behind this: the point alone is given"
LONE = "too little is coded: without one of its segments there would be no slope"
PICKED = "how the coded segments were picked is not known, so there is no interval for the others"
METHOD = "interval of the sampling of segments"


def within_corpus(
    ratio: RatioEstimate,
    influence: np.ndarray,
    evidence: Evidence,
    *,
    n_coded: np.ndarray,
    confidence_level: float,
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
) -> RatioEstimate:
    """Replace the intervals of estimates by those of label sampling alone (`corpus_interval`).

    Parameters
    ----------
    ratio : RatioEstimate
        Shares, indices or slopes.
    influence : ndarray of shape (n_segments, n_estimands)
        From `ratio_influence` or `slope_influence`, for all segments of the evidence: zero outside the group
        that is estimated, since what was drawn of a stratum outside it counts too.
    evidence : Evidence
    n_coded : ndarray of int, shape (n_estimands,)
        Codings behind each estimate; below ten there is no interval.
    confidence_level : float
    bounds : (low, high), optional
        Ends of the scale.

    Returns
    -------
    RatioEstimate
        Without intervals, and with the reason, where all is coded and nothing is left open.
    """
    lower, upper, spread, degrees = corpus_interval(
        ratio.estimate,
        influence,
        evidence.used,
        evidence.pi,
        strata=evidence.strata,
        confidence_level=confidence_level,
        bounds=bounds,
    )
    reason = np.full(len(n_coded), "", dtype=object)
    reason[np.isnan(spread)] = LONE
    reason[n_coded < MIN_CODED] = THIN_SAMPLE
    if not evidence.sampled:
        reason[:] = COUNTED if evidence.used.all() else PICKED
    empty = np.isnan(ratio.estimate)
    reason[empty] = ratio.reason[empty]
    blank = reason != ""
    lower, upper = np.where(blank, np.nan, lower), np.where(blank, np.nan, upper)
    return RatioEstimate(
        ratio.estimate, lower, upper, spread, degrees, ratio.n_clusters, reason, ratio.outside
    )
