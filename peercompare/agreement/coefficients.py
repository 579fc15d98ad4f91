"""Coefficients of agreement between coders: Krippendorff's alpha, Gwet's AC1 and raw agreement.

The words are Krippendorff's: coders give values to units; values of a unit that two coders or more have coded
are pairable; their coincidences are compared with those expected by chance. Each step of the textbook is a
function.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from numbers import Real
from typing import Literal, get_args

import numpy as np

from peercompare.agreement.coincidences import AgreementSums, agreement_sums, reliability_matrix, used_values
from peercompare.errors import InputError, UndefinedError

LevelOfMeasurement = Literal["nominal", "ordinal", "interval"]

_TOLERANCE = 1e-9


def krippendorff_alpha(
    values: object,
    *,
    level_of_measurement: LevelOfMeasurement,
    values_domain: Sequence[Hashable] | None = None,
) -> float:
    """Compute Krippendorff's alpha, agreement beyond chance among any number of coders, gaps allowed.

    ``alpha = 1 - observed disagreement / expected disagreement``: 1 is perfect agreement, 0 chance, and
    values below 0 systematic disagreement. Chance is what would happen if the values found in all
    pairable units were dealt out at random. Units that fewer than two coders coded are left out.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Reliability data; None and NaN are missing, and nothing else is.
    level_of_measurement : {"nominal", "ordinal", "interval"}
        How far two values are apart: all alike, by ranks, or by their numbers. Never guessed: stances are
        nominal unless it has been shown that the middle one lies between the others.
    values_domain : sequence, optional
        The values that a coder could choose, in their order when the level is ordinal. Default: the values
        that occur, sorted; then an ordinal level needs numbers. Values that nobody chose do not change alpha.

    Returns
    -------
    float
        Alpha, at most 1.

    Raises
    ------
    UndefinedError
        If no unit was coded by two coders, or if only one value was used.
    InputError
        If the data do not fit the level of measurement or the domain.

    References
    ----------
    Krippendorff, K. (2019). Content Analysis, 4th ed., chapter 12. doi:10.4135/9781071878781
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. repository.upenn.edu/asc_papers/43

    Examples
    --------
    Four coders, twelve units, Krippendorff (2011), section C; published as .743 and .849.

    >>> data = [
    ...     [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    ...     [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    ...     [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    ...     [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ... ]
    >>> round(krippendorff_alpha(data, level_of_measurement="nominal"), 3)
    0.743
    >>> round(krippendorff_alpha(data, level_of_measurement="interval"), 3)
    0.849
    """
    domain = check_domain(values, values_domain, level_of_measurement=level_of_measurement)
    sums = agreement_sums(values, values_domain=domain).pooled()
    return alpha_from_sums(sums, level_of_measurement=level_of_measurement)


def gwet_ac1(values: object, *, values_domain: Sequence[Hashable]) -> float:
    """Compute Gwet's AC1, agreement beyond chance that stays high when one value is very common.

    ``AC1 = (raw - chance) / (1 - chance)`` with ``chance = sum_k p_k (1 - p_k) / (K - 1)``; p_k is the mean
    share of value k over all rated units, single codings included, and K is the number of values **offered**
    to the coders. K moves the result (more values on offer, less agreement by chance, higher AC1), so the
    domain is required and never read off the data: what coders could have chosen is a fact about the
    codebook. AC1 flatters a rare value; report it beside alpha, never alone.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Reliability data; None and NaN are missing.
    values_domain : sequence of length K
        The values that a coder could choose; at least two.

    Returns
    -------
    float
        AC1, at most 1.

    Raises
    ------
    UndefinedError
        If no unit was coded by two coders.
    InputError
        If the domain has fewer than two values, or a value stands outside it.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement.
    British Journal of Mathematical and Statistical Psychology 61(1), 29-48. doi:10.1348/000711006X126600

    Examples
    --------
    Two coders, 125 units, nearly all alike: 118 say no, 5 and 2 differ. Raw agreement .944, AC1 .941, alpha
    -.025.

    >>> values = [[0] * 118 + [0] * 5 + [1] * 2, [0] * 118 + [1] * 5 + [0] * 2]
    >>> round(gwet_ac1(values, values_domain=[0, 1]), 4)
    0.9408
    """
    return ac1_from_sums(agreement_sums(values, values_domain=values_domain).pooled())


def raw_agreement(values: object) -> float:
    """Compute the share of coder pairs that agree, averaged over units that two coders or more coded.

    Each pairable unit counts the same, however many coders coded it. Nothing is taken off for chance.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Reliability data; None and NaN are missing.

    Returns
    -------
    float
        Share in [0, 1].

    Raises
    ------
    UndefinedError
        If no unit was coded by two coders.

    Examples
    --------
    >>> raw_agreement([["a", "a", "b", None], ["a", "b", "b", "b"]])
    0.6666666666666666
    """
    domain = used_values(reliability_matrix(values))
    return raw_from_sums(agreement_sums(values, values_domain=domain).pooled())


def check_domain(
    values: object, values_domain: Sequence[Hashable] | None, *, level_of_measurement: str
) -> tuple[Hashable, ...]:
    """Return the values domain, taken from the data where it is not given, if it suits the level.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Reliability data.
    values_domain : sequence or None
        The values that a coder could choose.
    level_of_measurement : str
        One of the levels that `krippendorff_alpha` takes.

    Returns
    -------
    tuple

    Raises
    ------
    InputError
        If the level is unknown, or needs numbers or an order that the values do not have.
    """
    if level_of_measurement not in get_args(LevelOfMeasurement):
        raise InputError(
            f"Unknown level of measurement {level_of_measurement!r}.",
            remedy=f"choose one of {', '.join(get_args(LevelOfMeasurement))}",
        )
    domain = used_values(reliability_matrix(values)) if values_domain is None else tuple(values_domain)
    numeric = all(isinstance(value, Real) for value in domain)
    if not numeric and level_of_measurement == "interval":
        raise InputError(f"Interval alpha needs numbers; the values domain is {list(domain)!r}.")
    if not numeric and level_of_measurement == "ordinal" and values_domain is None:
        raise InputError(
            f"Ordinal alpha needs the order of the values {list(domain)!r}.",
            remedy="give values_domain in its order, lowest first",
        )
    return domain


def nominal_distances(n_values: int) -> np.ndarray:
    """Return squared distances of values that are just different: 0 on the diagonal, 1 elsewhere.

    Parameters
    ----------
    n_values : int
        Number of values.

    Returns
    -------
    np.ndarray, shape (n_values, n_values)
    """
    return 1.0 - np.eye(n_values)


def interval_distances(values_domain: Sequence[float]) -> np.ndarray:
    """Return squared differences between numbers.

    Parameters
    ----------
    values_domain : sequence of float, length n_values
        The values.

    Returns
    -------
    np.ndarray, shape (n_values, n_values)
    """
    numbers = np.asarray(values_domain, dtype=float)
    return np.subtract.outer(numbers, numbers) ** 2


def ordinal_distances(marginals: np.ndarray) -> np.ndarray:
    """Return squared differences between mean ranks: Krippendorff's metric, not Gwet's ordinal weights.

    Parameters
    ----------
    marginals : np.ndarray, shape (..., n_values)
        How often each value occurs in pairable units, values in their order.

    Returns
    -------
    np.ndarray, shape (..., n_values, n_values)
    """
    ranks = np.cumsum(marginals, axis=-1) - marginals / 2.0
    return (ranks[..., :, None] - ranks[..., None, :]) ** 2


def observed_disagreement(coincidences: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Average the squared distances within units.

    Parameters
    ----------
    coincidences : np.ndarray, shape (..., n_values, n_values)
        Coincidences of values.
    distances : np.ndarray, shape (..., n_values, n_values)
        Squared distances between values.

    Returns
    -------
    np.ndarray, shape (...)
        NaN where nothing is pairable.
    """
    total = coincidences.sum(axis=(-2, -1))
    return _divide((coincidences * distances).sum(axis=(-2, -1)), total)


def expected_disagreement(marginals: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Average the squared distances between all values that are pairable, whichever units they come from.

    Parameters
    ----------
    marginals : np.ndarray, shape (..., n_values)
        How often each value occurs in pairable units.
    distances : np.ndarray, shape (..., n_values, n_values)
        Squared distances between values.

    Returns
    -------
    np.ndarray, shape (...)
        0 where only one value occurs; NaN where nothing is pairable.
    """
    total = marginals.sum(axis=-1)
    reach = (distances @ marginals[..., None])[..., 0]
    return _divide((marginals * reach).sum(axis=-1), total * (total - 1.0))


def alpha_array(sums: AgreementSums, *, level_of_measurement: str) -> np.ndarray:
    """Compute alpha for each leading entry of the sums; NaN where it is undefined.

    Parameters
    ----------
    sums : AgreementSums
        Sums with any leading axes.
    level_of_measurement : str
        One of the levels that `krippendorff_alpha` takes.

    Returns
    -------
    np.ndarray, shape (...)
    """
    marginals = sums.coincidences.sum(axis=-1)
    if level_of_measurement == "ordinal":
        distances = ordinal_distances(marginals)
    elif level_of_measurement == "interval":
        distances = interval_distances(sums.values_domain)
    else:
        distances = nominal_distances(len(sums.values_domain))
    # Subtracting a cluster leaves rounding errors where a value should be gone: hence the tolerance.
    varied = np.count_nonzero(marginals > _TOLERANCE, axis=-1) >= 2
    expected = np.where(varied, expected_disagreement(marginals, distances), np.nan)
    return 1.0 - _divide(observed_disagreement(sums.coincidences, distances), expected)


def raw_array(sums: AgreementSums) -> np.ndarray:
    """Compute raw agreement for each leading entry of the sums; NaN where nothing is pairable.

    Parameters
    ----------
    sums : AgreementSums
        Sums with any leading axes.

    Returns
    -------
    np.ndarray, shape (...)
    """
    agreeing = np.trace(sums.pairs, axis1=-2, axis2=-1)
    return _divide(agreeing, sums.n_pairable)


def ac1_chance(sums: AgreementSums) -> np.ndarray:
    """Compute the agreement that AC1 ascribes to chance, for each leading entry of the sums.

    Parameters
    ----------
    sums : AgreementSums
        Sums with any leading axes and at least two values in the domain.

    Returns
    -------
    np.ndarray, shape (...)
        Between 0 and 1 / n_values.
    """
    prevalence = _divide(sums.shares, sums.n_rated[..., None])
    return (prevalence * (1.0 - prevalence)).sum(axis=-1) / (len(sums.values_domain) - 1)


def ac1_array(sums: AgreementSums) -> np.ndarray:
    """Compute AC1 for each leading entry of the sums; NaN where nothing is pairable.

    Parameters
    ----------
    sums : AgreementSums
        Sums with any leading axes.

    Returns
    -------
    np.ndarray, shape (...)

    Raises
    ------
    InputError
        If fewer than two values were on offer.
    """
    if len(sums.values_domain) < 2:
        raise InputError(
            f"AC1 needs two values on offer; the values domain is {list(sums.values_domain)!r}.",
            remedy="name every value that the coders could have chosen, used or not",
        )
    chance = ac1_chance(sums)
    return _divide(raw_array(sums) - chance, 1.0 - chance)


def alpha_from_sums(sums: AgreementSums, *, level_of_measurement: str) -> float:
    """Compute alpha from pooled sums.

    Parameters
    ----------
    sums : AgreementSums
        Pooled sums.
    level_of_measurement : str
        One of the levels that `krippendorff_alpha` takes.

    Returns
    -------
    float

    Raises
    ------
    UndefinedError
        If nothing is pairable or only one value was used.
    """
    check_pairable(sums)
    used = sums.coincidences.sum(axis=-1) > _TOLERANCE
    if np.count_nonzero(used) < 2:
        only = sums.values_domain[int(np.argmax(used))]
        raise UndefinedError(
            f"alpha is undefined: the coders used one value alone ({only!r}), so no disagreement is "
            "expected by chance; report AC1 and raw agreement instead"
        )
    return float(alpha_array(sums, level_of_measurement=level_of_measurement))


def ac1_from_sums(sums: AgreementSums) -> float:
    """Compute AC1 from pooled sums.

    Parameters
    ----------
    sums : AgreementSums
        Pooled sums.

    Returns
    -------
    float

    Raises
    ------
    UndefinedError
        If nothing is pairable.
    """
    check_pairable(sums)
    return float(ac1_array(sums))


def raw_from_sums(sums: AgreementSums) -> float:
    """Compute raw agreement from pooled sums.

    Parameters
    ----------
    sums : AgreementSums
        Pooled sums.

    Returns
    -------
    float

    Raises
    ------
    UndefinedError
        If nothing is pairable.
    """
    check_pairable(sums)
    return float(raw_array(sums))


def check_pairable(sums: AgreementSums) -> None:
    """Refuse pooled sums in which no unit was coded by two coders.

    Parameters
    ----------
    sums : AgreementSums
        Pooled sums.

    Raises
    ------
    UndefinedError
        If nothing is pairable.
    """
    if sums.n_pairable == 0:
        raise UndefinedError("agreement is undefined: no unit was coded by two coders")


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide, with NaN where the divisor is 0 or NaN."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
