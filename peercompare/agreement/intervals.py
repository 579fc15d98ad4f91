"""Intervals for coefficients of agreement when disagreements come in clusters.

Coders who misread a document misread many of its segments, so units of one document do not vary independently
and intervals that resample units are far too narrow. Here each document (or employer, or worker) is left out
in turn.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.special import stdtr, stdtrit

from peercompare.agreement.coefficients import (
    ac1_array,
    ac1_from_sums,
    alpha_array,
    alpha_from_sums,
    check_domain,
    raw_array,
    raw_from_sums,
)
from peercompare.agreement.coincidences import AgreementSums, agreement_sums
from peercompare.errors import InputError

Coefficient = Literal["alpha", "ac1", "raw"]

MIN_CLUSTERS = 5
"""With fewer clusters the spread between them is too poorly known for an interval."""

TENTATIVE = 0.667
"""Krippendorff's lowest alpha for tentative conclusions (2019, p. 356)."""

_TOLERANCE = 1e-12

NAMES = {"alpha": "Krippendorff's alpha", "ac1": "Gwet's AC1", "raw": "raw agreement"}


@dataclass(frozen=True)
class AgreementEstimate:
    """One coefficient with its interval.

    Parameters
    ----------
    coefficient : {"alpha", "ac1", "raw"}
        Which coefficient.
    estimate : float
        Its value.
    lower, upper : float
        Ends of the interval; NaN where there is none, and then `reason` says why.
    confidence_level : float
        Share of such intervals that cover the true value.
    n_clusters, n_units : int
        Clusters and units that two coders or more have coded.
    p_below_667 : float
        Probability that alpha is below .667, from the same t distribution as the interval; NaN for other
        coefficients and where there is no interval.
    method : str
        How both were computed.
    reason : str
        Why there is no interval; empty where there is one.
    """

    coefficient: str
    estimate: float
    lower: float
    upper: float
    confidence_level: float
    n_clusters: int
    n_units: int
    p_below_667: float
    method: str
    reason: str = ""


def agreement_interval(
    values: object,
    clusters: Sequence[Hashable] | np.ndarray,
    *,
    coefficient: Coefficient,
    level_of_measurement: str,
    values_domain: Sequence[Hashable],
    confidence_level: float = 0.95,
) -> AgreementEstimate:
    """Estimate a coefficient with a delete-one-cluster jackknife interval.

    Assumes that clusters are independent of one another; units of a cluster need not be. In simulations with
    disagreement clustered in documents the 95 % interval covered 92 to 95 % at 8 to 60 documents; with every
    unit taken for a cluster it covered 61 %. The degrees of freedom are one less than the clusters that hold
    anything but the commonest value (usually all): on a rare value that raised coverage from 90 to 94 %.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Reliability data; None and NaN are missing.
    clusters : sequence of length n_units
        Cluster of each unit, for instance its document.
    coefficient : {"alpha", "ac1", "raw"}
        Which coefficient.
    level_of_measurement : {"nominal", "ordinal", "interval"}
        As in `krippendorff_alpha`; AC1 and raw agreement are nominal.
    values_domain : sequence
        The values that a coder could choose.
    confidence_level : float, default 0.95
        In (0, 1).

    Returns
    -------
    AgreementEstimate
        Without an interval, and with the reason, under five clusters or where the jackknife cannot give one.

    Raises
    ------
    UndefinedError
        If the coefficient itself is undefined.
    InputError
        If the data or the arguments do not fit one another.

    References
    ----------
    Efron, B. and Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9(3), 586-596.
    doi:10.1214/aos/1176345462

    Examples
    --------
    >>> first = list("aabbabab") * 3
    >>> second = list("aabbabab") * 2 + list("abbbaaab")
    >>> documents = [unit // 4 for unit in range(24)]
    >>> found = agreement_interval([first, second], documents, coefficient="alpha",
    ...                            level_of_measurement="nominal", values_domain=["a", "b"])
    >>> found.n_clusters, round(found.estimate, 3), found.lower < found.estimate < found.upper
    (6, 0.837, True)
    """
    domain = check_domain(values, values_domain, level_of_measurement=level_of_measurement)
    if coefficient not in get_args(Coefficient):
        raise InputError(
            f"Unknown coefficient {coefficient!r}.",
            remedy=f"choose one of {', '.join(get_args(Coefficient))}",
        )
    if coefficient != "alpha" and level_of_measurement != "nominal":
        raise InputError(
            f"{NAMES[coefficient]} is nominal here; an {level_of_measurement} level needs alpha."
        )
    sums = agreement_sums(values, values_domain=domain, clusters=clusters)
    return interval_from_sums(
        sums,
        coefficient=coefficient,
        level_of_measurement=level_of_measurement,
        confidence_level=confidence_level,
    )


def interval_from_sums(
    sums: AgreementSums, *, coefficient: str, level_of_measurement: str, confidence_level: float = 0.95
) -> AgreementEstimate:
    """Estimate a coefficient with its interval from sums by cluster; nothing is resampled.

    Parameters
    ----------
    sums : AgreementSums
        Sums of each cluster.
    coefficient : {"alpha", "ac1", "raw"}
        Which coefficient.
    level_of_measurement : {"nominal", "ordinal", "interval"}
        Used by alpha alone.
    confidence_level : float, default 0.95
        In (0, 1).

    Returns
    -------
    AgreementEstimate

    Raises
    ------
    UndefinedError
        If the coefficient is undefined.
    InputError
        If the confidence level is not in (0, 1).
    """
    if not 0.0 < confidence_level < 1.0:
        raise InputError(
            f"The confidence level must be in (0, 1), for instance 0.95; it is {confidence_level!r}."
        )
    pooled = sums.pooled()
    estimate = point(pooled, coefficient=coefficient, level_of_measurement=level_of_measurement)
    without = sums.leave_one_out()
    replicates = _replicates(without, coefficient=coefficient, level_of_measurement=level_of_measurement)
    df = informative_clusters(sums) - 1
    reason = _why_no_interval(replicates, without.clusters, df + 1) or _why_no_spread(pooled, coefficient)
    method = f"{NAMES[coefficient]}{f', {level_of_measurement}' if coefficient == 'alpha' else ''}"
    lower = upper = p_below = np.nan
    if not reason:
        method += f"; delete-one-cluster jackknife, t({df})"
        error = jackknife_error(replicates)
        lower, upper = _t_interval(estimate, error, df, confidence_level)
        lower, upper = max(lower, 0.0 if coefficient == "raw" else -np.inf), min(upper, 1.0)
        p_below = p_below_threshold(estimate, error, df) if coefficient == "alpha" else np.nan
    return AgreementEstimate(
        coefficient=coefficient,
        estimate=estimate,
        lower=float(lower),
        upper=float(upper),
        confidence_level=confidence_level,
        n_clusters=len(replicates),
        n_units=int(pooled.n_pairable),
        p_below_667=float(p_below),
        method=method,
        reason=reason,
    )


def point(pooled: AgreementSums, *, coefficient: str, level_of_measurement: str) -> float:
    """Compute one coefficient from pooled sums.

    Parameters
    ----------
    pooled : AgreementSums
        Pooled sums.
    coefficient : {"alpha", "ac1", "raw"}
        Which coefficient.
    level_of_measurement : {"nominal", "ordinal", "interval"}
        Used by alpha alone.

    Returns
    -------
    float

    Raises
    ------
    UndefinedError
        If it is undefined.
    """
    if coefficient == "alpha":
        return alpha_from_sums(pooled, level_of_measurement=level_of_measurement)
    return ac1_from_sums(pooled) if coefficient == "ac1" else raw_from_sums(pooled)


def jackknife_error(replicates: np.ndarray) -> float:
    """Compute the delete-one jackknife standard error: spread of pseudo-values over the root of their number.

    Parameters
    ----------
    replicates : np.ndarray, shape (n_clusters,)
        The estimate without each cluster.

    Returns
    -------
    float

    Examples
    --------
    For a mean this is the usual standard error.

    >>> sample = np.array([1.0, 2.0, 4.0, 5.0])
    >>> without = (sample.sum() - sample) / 3
    >>> bool(np.isclose(jackknife_error(without), sample.std(ddof=1) / 2))
    True
    """
    n_clusters = len(replicates)
    deviations = replicates - replicates.mean()
    return float(np.sqrt((n_clusters - 1) / n_clusters * (deviations**2).sum()))


def p_below_threshold(estimate: float, error: float, df: int, *, threshold: float = TENTATIVE) -> float:
    """Compute the probability that the true coefficient is below a threshold, from a t distribution.

    Parameters
    ----------
    estimate, error : float
        Estimate and standard error.
    df : int
        Degrees of freedom, n_clusters - 1.
    threshold : float, default 0.667
        Value to compare with.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> round(p_below_threshold(0.667, 0.05, 9), 3)
    0.5
    """
    return float(stdtr(df, (threshold - estimate) / error))


def _t_interval(estimate: float, error: float, df: int, confidence_level: float) -> tuple[float, float]:
    reach = float(stdtrit(df, 0.5 + confidence_level / 2.0)) * error
    return estimate - reach, estimate + reach


def _replicates(without: AgreementSums, *, coefficient: str, level_of_measurement: str) -> np.ndarray:
    """Compute the coefficient without each cluster; NaN where it is then undefined."""
    if coefficient == "alpha":
        return alpha_array(without, level_of_measurement=level_of_measurement)
    return ac1_array(without) if coefficient == "ac1" else raw_array(without)


def informative_clusters(sums: AgreementSums) -> int:
    """Count the clusters in which coders had more to tell apart than the commonest value.

    A rare code in six of sixty documents is judged on those six; the others only
    repeat that it is absent.

    Parameters
    ----------
    sums : AgreementSums
        Sums of each cluster.

    Returns
    -------
    int
        Clusters with a pairable value other than the commonest of all; at most n_clusters.
    """
    marginals = sums.coincidences.sum(axis=-1)
    others = np.delete(marginals, marginals.sum(axis=0).argmax(), axis=1)
    return int(np.count_nonzero(others.sum(axis=1)))


def _why_no_interval(replicates: np.ndarray, clusters: Sequence[Hashable], n_informative: int) -> str:
    """Say why the replicates give no interval; empty where they give one."""
    if len(replicates) < MIN_CLUSTERS:
        return f"no interval: {len(replicates)} clusters, and an interval needs at least {MIN_CLUSTERS}"
    undefined = np.flatnonzero(np.isnan(replicates))
    if undefined.size:
        return f"no interval: without cluster {clusters[undefined[0]]} the coefficient is undefined"
    if np.ptp(replicates) < _TOLERANCE:
        return "no interval: no cluster left out changes the result, which does not make it certain"
    if n_informative < MIN_CLUSTERS:
        return (
            f"no interval: only {n_informative} clusters hold anything but the commonest value, and an "
            f"interval needs at least {MIN_CLUSTERS}"
        )
    return ""


def _why_no_spread(pooled: AgreementSums, coefficient: str) -> str:
    """Say so where coders agreed on the commonest value alone."""
    agreed = np.diagonal(pooled.coincidences) > _TOLERANCE
    if coefficient == "alpha" and np.count_nonzero(agreed) < 2:
        return (
            "no interval: the coders never agreed on anything but the commonest value, so no spread is seen"
        )
    return ""
