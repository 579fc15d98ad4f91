"""Estimates from the sampled codings alone: what they would be if there were no classifier.

For contrast: where the rectified intervals are narrower than these, the difference is what predictions buy.
"""

from __future__ import annotations

import numpy as np

from peercompare.drift.rectified import PseudoOutcome, checked, pseudo_outcome

METHOD = "sampled codings alone, weighted by their probabilities (Horvitz-Thompson), without predictions"


def expert_only(outcomes: np.ndarray, coded: np.ndarray, pi: np.ndarray) -> PseudoOutcome:
    """Weight each coding by one over its probability of being drawn: ``R / pi * Y``.

    Totals are Horvitz and Thompson's, unbiased under any design with known probabilities; ratios of them
    (shares, indices, slopes within workers) are Hajek's. Predictions are not looked at.

    Parameters
    ----------
    outcomes : ndarray of shape (n_segments, n_outcomes)
        Indicators or shares; rows that are not coded are ignored and may be NaN.
    coded : ndarray of bool, shape (n_segments,)
    pi : ndarray of shape (n_segments,)
        Probability, in (0, 1], of being drawn for coding.

    Returns
    -------
    PseudoOutcome
        Zeros where a segment is not coded.

    Raises
    ------
    UndefinedError
        When no segment is coded, or a probability is outside (0, 1].

    References
    ----------
    Horvitz & Thompson (1952), A generalization of sampling without replacement from a finite universe.
    Journal of the American Statistical Association 47, 663-685. doi:10.1080/01621459.1952.10483446

    Examples
    --------
    >>> result = expert_only(np.array([[1.0], [np.nan], [0.0]]), np.array([True, False, True]),
    ...                      np.array([0.25, 0.5, 0.5]))
    >>> result.values.ravel()
    array([4., 0., 0.])
    """
    coded, pi = checked(coded, pi)
    known = np.where(coded[:, None], outcomes, 0.0)
    none = np.zeros_like(known)
    return PseudoOutcome(pseudo_outcome(known, none, coded, pi), none, METHOD)
