"""From reliability data to the sums that every coefficient needs, kept apart by cluster.

All coefficients of this package depend on reliability data only through sums over units. They are read off
the data once; collapsing values, pooling clusters and leaving one cluster out are then small matrix
operations.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, repeat

import numpy as np

from peercompare.errors import InputError

MISSING = -1
_UNKNOWN = -2


@dataclass(frozen=True, eq=False)
class AgreementSums:
    """Sums over units, one for each cluster (or pooled, without the leading axis).

    A unit is *rated* when one coder or more gave it a value and *pairable* when two or more did; `m` is the
    number of coders who did, `n_c` how many of them gave value c.

    Parameters
    ----------
    coincidences : np.ndarray, shape (n_clusters, n_values, n_values)
        Krippendorff's coincidences, the sum over pairable units of ``n_c * (n_k - [c = k]) / (m - 1)``.
    pairs : np.ndarray, shape (n_clusters, n_values, n_values)
        The same divided by ``m`` in each unit, so that every pairable unit counts one.
    shares : np.ndarray, shape (n_clusters, n_values)
        The sum over rated units of ``n_c / m``.
    n_pairable, n_rated : np.ndarray, shape (n_clusters,)
        Number of pairable and of rated units.
    values_domain : tuple of length n_values
        The values that a coder could choose, in the order of the axes.
    clusters : tuple of length n_clusters
        Names of the clusters; empty when pooled.
    """

    coincidences: np.ndarray
    pairs: np.ndarray
    shares: np.ndarray
    n_pairable: np.ndarray
    n_rated: np.ndarray
    values_domain: tuple[Hashable, ...]
    clusters: tuple[Hashable, ...] = ()

    def _replace(self, arrays: Iterable[np.ndarray], clusters: tuple[Hashable, ...]) -> AgreementSums:
        return AgreementSums(*arrays, values_domain=self.values_domain, clusters=clusters)

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self.coincidences, self.pairs, self.shares, self.n_pairable, self.n_rated

    def pooled(self) -> AgreementSums:
        """Add up the clusters."""
        return self._replace((array.sum(axis=0) for array in self._arrays()), ())

    def leave_one_out(self) -> AgreementSums:
        """Subtract each cluster that holds pairable units from the pooled sums, one at a time.

        Clusters without a pairable unit stay in: leaving them out would add degrees of freedom and no
        information.
        """
        chosen = np.flatnonzero(self.n_pairable)
        arrays = (array.sum(axis=0) - array[chosen] for array in self._arrays())
        return self._replace(arrays, tuple(self.clusters[i] for i in chosen))

    def collapse(self, groups: Sequence[Hashable], *, values_domain: Sequence[Hashable]) -> AgreementSums:
        """Merge values into groups, as if the coders had chosen among the groups.

        Parameters
        ----------
        groups : sequence of length n_values
            The group of each value of the present domain.
        values_domain : sequence
            The groups, in the order wanted; may name groups that no value belongs to.

        Returns
        -------
        AgreementSums
            With `values_domain` as its domain.
        """
        column = {group: number for number, group in enumerate(values_domain)}
        member = np.zeros((len(self.values_domain), len(column)))
        member[np.arange(len(groups)), [column[group] for group in groups]] = 1.0
        return AgreementSums(
            member.T @ self.coincidences @ member,
            member.T @ self.pairs @ member,
            self.shares @ member,
            self.n_pairable,
            self.n_rated,
            values_domain=tuple(values_domain),
            clusters=self.clusters,
        )

    def one_against_rest(self, value: Hashable) -> AgreementSums:
        """Merge all values but one, as if the coders had only said whether it is that value."""
        chosen = [candidate == value for candidate in self.values_domain]
        return self.collapse(chosen, values_domain=(False, True))


def added(parts: Sequence[AgreementSums]) -> AgreementSums:
    """Add up sums over different units, cluster by cluster.

    Parameters
    ----------
    parts : sequence of AgreementSums
        One at least, with the same domain; a cluster may have units in several of them.

    Returns
    -------
    AgreementSums
        With clusters in the order in which they are met.

    Examples
    --------
    >>> first = agreement_sums([["a", "b"], ["a", "a"]], values_domain=["a", "b"], clusters=["x", "y"])
    >>> second = agreement_sums([["a"], ["a"]], values_domain=["a", "b"], clusters=["x"])
    >>> added([first, second]).n_pairable.tolist()
    [2, 1]
    """
    place = {name: at for at, name in enumerate(dict.fromkeys(n for part in parts for n in part.clusters))}
    chosen = np.array([place[name] for part in parts for name in part.clusters], dtype=np.intp)
    arrays = []
    for listed in zip(*(part._arrays() for part in parts), strict=True):
        joined = np.concatenate(listed)
        total = np.zeros((len(place), *joined.shape[1:]), dtype=joined.dtype)
        np.add.at(total, chosen, joined)
        arrays.append(total)
    return AgreementSums(*arrays, values_domain=parts[0].values_domain, clusters=tuple(place))


def reliability_matrix(values: object) -> np.ndarray:
    """Return reliability data as an array of two axes, without turning missing values into text.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Values of any kind; None and NaN are missing.

    Returns
    -------
    np.ndarray, shape (n_coders, n_units)

    Raises
    ------
    InputError
        If there are not two axes.
    """
    matrix = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    if matrix.ndim != 2:
        raise InputError(
            f"Reliability data need two axes, coders by units; these have the shape {matrix.shape}.",
            remedy="give a row for each coder and a column for each unit, None where a coder gave no value",
        )
    return matrix


def used_values(matrix: np.ndarray) -> tuple[Hashable, ...]:
    """List the distinct values in reliability data, sorted, without the missing ones.

    Examples
    --------
    >>> used_values(np.array([["b", None], ["a", "b"]], dtype=object))
    ('a', 'b')
    """
    distinct = np.unique(matrix).tolist() if _is_numeric(matrix) else set(matrix.ravel().tolist())
    present = [value for value in distinct if not _is_missing(value)]
    try:
        return tuple(sorted(present))
    except TypeError:
        kinds = sorted({type(value).__name__ for value in present})
        raise InputError(
            f"Reliability data mix values of several kinds: {', '.join(kinds)}.",
            remedy="give text or numbers throughout, and None for a missing value",
        ) from None


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def encode(matrix: np.ndarray, values_domain: Sequence[Hashable]) -> np.ndarray:
    """Number the values by their place in the domain.

    Parameters
    ----------
    matrix : np.ndarray, shape (n_coders, n_units)
        Values; None and NaN are missing.
    values_domain : sequence of length n_values
        The values that a coder could choose.

    Returns
    -------
    np.ndarray of int, shape (n_coders, n_units)
        Places in the domain; -1 for missing.

    Raises
    ------
    InputError
        If a value stands outside the domain, or the domain names one twice.

    Examples
    --------
    >>> encode(np.array([["b", None], ["a", "b"]], dtype=object), ["a", "b", "c"]).tolist()
    [[1, -1], [0, 1]]
    """
    if len(set(values_domain)) < len(values_domain):
        raise InputError(f"The values domain names a value twice: {list(values_domain)!r}.")
    codes = (
        _encode_numbers(matrix, values_domain)
        if _is_numeric(matrix)
        else _encode_objects(matrix, values_domain)
    )
    outside = matrix[codes == _UNKNOWN]
    if outside.size:
        raise InputError(
            f"The value {outside[0]!r} stands outside the values domain {list(values_domain)!r}.",
            remedy="add it to values_domain, or mend the data; a missing value is None or NaN",
        )
    return codes


def _is_numeric(matrix: np.ndarray) -> bool:
    return matrix.dtype.kind in "fiub"


def _encode_numbers(matrix: np.ndarray, values_domain: Sequence[Hashable]) -> np.ndarray:
    """Number the values of an array that holds nothing but numbers."""
    codes = np.full(matrix.shape, _UNKNOWN, dtype=np.int16)
    np.putmask(codes, np.isnan(matrix), MISSING)
    for number, value in enumerate(values_domain):
        np.putmask(codes, matrix == value, number)
    return codes


def _encode_objects(matrix: np.ndarray, values_domain: Sequence[Hashable]) -> np.ndarray:
    """Number the values of an array of anything; NaN is equal to nothing and is found last."""
    place = {value: number for number, value in enumerate(values_domain)} | {None: MISSING}
    flat = matrix.ravel().tolist()
    codes = np.fromiter(map(place.get, flat, repeat(_UNKNOWN)), dtype=np.int16, count=len(flat))
    nan = [index for index in np.flatnonzero(codes == _UNKNOWN).tolist() if _is_missing(flat[index])]
    codes[nan] = MISSING
    return codes.reshape(matrix.shape)


def agreement_sums(
    values: object,
    *,
    values_domain: Sequence[Hashable],
    clusters: Sequence[Hashable] | np.ndarray | None = None,
) -> AgreementSums:
    """Add up coincidences, pairs and shares by cluster in one pass over pairs of coders.

    Memory grows with n_clusters times the square of n_values, not with the number of units; time does not
    depend on the number of values.

    Parameters
    ----------
    values : array-like, shape (n_coders, n_units)
        Reliability data; None and NaN are missing.
    values_domain : sequence of length n_values
        The values that a coder could choose.
    clusters : sequence of length n_units, optional
        Cluster of each unit; None puts all units into one.

    Returns
    -------
    AgreementSums
        With clusters in the order of their first unit.

    Raises
    ------
    InputError
        If the shapes do not fit or a value stands outside the domain.
    """
    codes = encode(reliability_matrix(values), values_domain)
    place, names = _number_clusters(clusters, codes.shape[1])
    shape = len(names), len(values_domain)
    codes, place, times = _patterns(codes, place, shape)
    m = (codes >= 0).sum(axis=0)
    coincidences, pairs = _pair_sums(_push_up(codes, m), place, times, shape)
    return AgreementSums(
        coincidences,
        pairs,
        _share_sums(codes, place, times / np.maximum(m, 1), shape),
        np.bincount(place, times * (m >= 2), minlength=len(names)).astype(int),
        np.bincount(place, times * (m >= 1), minlength=len(names)).astype(int),
        values_domain=tuple(values_domain),
        clusters=names,
    )


def _number_clusters(
    clusters: Sequence[Hashable] | np.ndarray | None, n_units: int
) -> tuple[np.ndarray, tuple[Hashable, ...]]:
    """Return the cluster number of each unit and the clusters' names, in the order of their first unit."""
    if clusters is None:
        return np.zeros(n_units, dtype=np.int64), ("all units",)
    listed = clusters.tolist() if isinstance(clusters, np.ndarray) else list(clusters)
    if len(listed) != n_units:
        raise InputError(f"There are {n_units} units but clusters for {len(listed)}.")
    number = {name: place for place, name in enumerate(dict.fromkeys(listed))}
    if any(_is_missing(name) for name in number):
        lost = [unit for unit, name in enumerate(listed) if _is_missing(name)]
        raise InputError(f"Units without a cluster: {len(lost)}, the first in column {lost[0]}.")
    return np.fromiter(map(number.__getitem__, listed), dtype=np.int64, count=n_units), tuple(number)


def _patterns(
    codes: np.ndarray, place: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge units of a cluster that got the same values from the same coders, and count them.

    The sums depend on units only through these patterns. Where patterns outnumber units, each unit stays.
    """
    n_coders, n_units = codes.shape
    base = shape[1] + 1
    if shape[0] * base**n_coders > n_units:
        return codes, place, np.ones(n_units)
    key = place
    for row in codes:
        key = key * base + (row + 1)
    times = np.bincount(key)
    seen = np.flatnonzero(times)
    powers = base ** np.arange(n_coders - 1, -1, -1)
    digits = seen // powers[:, None] % base - 1
    return digits, seen // base**n_coders, times[seen].astype(float)


def _push_up(codes: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Gather each unit's values in the first rows: coders are interchangeable, later rows fall away."""
    most = int(m.max(initial=0))
    return codes if most == len(codes) else -np.sort(-codes, axis=0)[:most]


def _pair_sums(
    codes: np.ndarray, place: np.ndarray, times: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Sum the pairs of values, weighted by 1 / (m - 1) and by 1 / (m (m - 1)), into two symmetric tables."""
    n_clusters, n_values = shape
    m = (codes >= 0).sum(axis=0)
    weight = times / np.maximum(m - 1, 1)
    tables = np.zeros((2, n_clusters * n_values * n_values))
    for first, second in combinations(codes, 2):
        both = np.flatnonzero((first >= 0) & (second >= 0))
        cell = (place[both] * n_values + first[both]) * n_values + second[both]
        tables[0] += np.bincount(cell, weight[both], minlength=tables.shape[1])
        tables[1] += np.bincount(cell, weight[both] / m[both], minlength=tables.shape[1])
    tables = tables.reshape(2, n_clusters, n_values, n_values)
    symmetric = tables + tables.swapaxes(-1, -2)
    return symmetric[0], symmetric[1]


def _share_sums(
    codes: np.ndarray, place: np.ndarray, weight: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Sum each value's share of a unit's codings over the rated units."""
    n_clusters, n_values = shape
    sums = np.zeros(n_clusters * n_values)
    for row in codes:
        coded = np.flatnonzero(row >= 0)
        cell = place[coded] * n_values + row[coded]
        sums += np.bincount(cell, weight[coded], minlength=len(sums))
    return sums.reshape(n_clusters, n_values)
