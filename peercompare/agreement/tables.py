"""The agreement table: how far coders agree overall, and on each dimension, stance and code."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from peercompare.agreement.coincidences import AgreementSums, added, agreement_sums
from peercompare.agreement.intervals import NAMES, AgreementEstimate, Coefficient, interval_from_sums
from peercompare.codings import ReliabilityData, reliability_data
from peercompare.errors import CodingError, InputError, Problem, UndefinedError
from peercompare.framework import Framework

COLUMNS = (
    "corpus",
    "scope",
    "level",
    "value",
    "coefficient",
    "estimate",
    "lower",
    "upper",
    "confidence_level",
    "n_clusters",
    "n_documents",
    "n_segments",
    "n_coders",
    "prevalence",
    "p_below_667",
    "method",
    "reason",
)
"""Columns of every agreement table, in their order."""


@dataclass(frozen=True)
class Comparison:
    """One thing that coders are compared on.

    Parameters
    ----------
    scope : str
        What the row is about: "overall", or the kind of value that is held against the rest.
    level : str
        What was compared.
    value : str
        The value held against the rest; "" overall.
    sums : AgreementSums
        Sums by cluster, collapsed to the values that are compared.
    """

    scope: str
    level: str
    value: str
    sums: AgreementSums


@dataclass(frozen=True)
class Basis:
    """What all rows of one table share.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    cluster : str
        Column that says which units belong together.
    confidence_level : float
        In (0, 1).
    n_documents, n_segments, n_coders : int
        Documents and segments that two coders or more have coded, and coders.
    """

    corpus: str
    cluster: str
    confidence_level: float
    n_documents: int
    n_segments: int
    n_coders: int

    @classmethod
    def of(cls, found: CodeSums, *, corpus: str, cluster: str, confidence_level: float) -> Basis:
        """Take the counts from sums."""
        counts = found.n_documents, found.n_segments, len(found.coders)
        return cls(corpus, cluster, confidence_level, *counts)


def agreement_table(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    framework: Framework,
    corpus_name: str,
    confidence_level: float = 0.95,
    cluster: str = "document_id",
) -> pd.DataFrame:
    """Tabulate Krippendorff's alpha (nominal), Gwet's AC1 and raw agreement between coders on primary codes.

    Overall on code, on stance and on dimension; then each dimension (chosen or not), each stance and each
    code against the rest. Intervals leave out one cluster at a time and assume that clusters are independent.
    Gold is never a coder. A segment that a coder did not code is missing, not "none"; the framework's none is
    a value. AC1 takes every value that the framework offers as on offer.

    Parameters
    ----------
    codings : pd.DataFrame
        ``segment_id, coder_id, code, is_primary``.
    segments : pd.DataFrame
        ``segment_id, document_id`` and the column that `cluster` names.
    framework : Framework
        The instrument that the codings follow.
    corpus_name : str
        Goes into the column ``corpus``.
    confidence_level : float, default 0.95
        In (0, 1).
    cluster : str, default "document_id"
        Column of `segments` whose groups vary independently.

    Returns
    -------
    pd.DataFrame
        Columns `COLUMNS`, three rows for each comparison. ``n_segments`` and ``n_documents`` count what two
        coders or more have coded; ``prevalence`` is the value's mean share of a segment's codings, missing
        overall; ``p_below_667`` the probability that alpha is below .667. Where something is undefined its
        cell is missing and ``reason`` says why.

    Raises
    ------
    CodingError
        If fewer than two coders have coded, or a coded segment is not in `segments`.
    InputError
        If a column is missing.

    References
    ----------
    Krippendorff, K. (2019). Content Analysis, 4th ed., chapter 12. doi:10.4135/9781071878781
    Gwet, K. L. (2008). doi:10.1348/000711006X126600
    """
    data = reliability_data(codings, framework=framework, level="code", corpus_name=corpus_name)
    found = code_sums(data, segments, framework=framework, corpus_name=corpus_name, cluster=cluster)
    told = {"framework": framework, "corpus_name": corpus_name, "confidence_level": confidence_level}
    return table_of_sums(found, cluster=cluster, **told)


@dataclass(frozen=True, eq=False)
class CodeSums:
    """What the agreement on some codings is estimated from; those of different documents add up.

    Parameters
    ----------
    sums : AgreementSums
        Over codes, by cluster.
    n_documents, n_segments : int
        That two coders or more have coded.
    coders : frozenset of str
    """

    sums: AgreementSums
    n_documents: int
    n_segments: int
    coders: frozenset[str]

    @classmethod
    def added(cls, parts: Sequence[CodeSums]) -> CodeSums:
        """Add up the sums of parts that share no document."""
        return cls(
            added([part.sums for part in parts]),
            sum(part.n_documents for part in parts),
            sum(part.n_segments for part in parts),
            frozenset().union(*(part.coders for part in parts)),
        )


def code_sums(
    data: ReliabilityData,
    segments: pd.DataFrame,
    *,
    framework: Framework,
    corpus_name: str = "",
    cluster: str = "document_id",
) -> CodeSums:
    """Sum what `agreement_table` estimates from.

    Parameters
    ----------
    data : ReliabilityData
        Codes of segments.
    segments, framework, corpus_name, cluster
        As in `agreement_table`.

    Returns
    -------
    CodeSums

    Raises
    ------
    CodingError, InputError
        As `place_units`.
    """
    placed = place_units(data, segments, columns=("document_id", cluster), corpus_name=corpus_name)
    offered = offered_values(framework)["code"]
    sums = agreement_sums(data.values, values_domain=offered, clusters=placed[cluster].to_numpy(object))
    pairable = (data.values != None).sum(axis=0) >= 2  # noqa: E711 - compared element by element
    n_documents = placed["document_id"][pairable].nunique()
    return CodeSums(sums, n_documents, int(pairable.sum()), frozenset(data.coders))


def table_of_sums(
    found: CodeSums,
    *,
    framework: Framework,
    corpus_name: str,
    confidence_level: float = 0.95,
    cluster: str = "document_id",
) -> pd.DataFrame:
    """Estimate the `agreement_table` from sums that were made anywhere.

    Parameters
    ----------
    found : CodeSums
        Over clusters of the kind that `cluster` names.
    framework, corpus_name, confidence_level, cluster
        As in `agreement_table`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`.
    """
    basis = Basis.of(found, corpus=corpus_name, cluster=cluster, confidence_level=confidence_level)
    return tabulate(_comparisons(found.sums, framework), basis)


def offered_values(framework: Framework) -> dict[str, tuple[str, ...]]:
    """List what a coder could choose at each level, the framework's none first.

    Parameters
    ----------
    framework : Framework
        The instrument.

    Returns
    -------
    dict
        Values by level: ``code``, ``stance``, ``dimension``.
    """
    none = framework.none.id
    return {
        "code": (none, *framework.code_ids),
        "stance": tuple(framework.labels),
        "dimension": (none, *framework.dimension_ids),
    }


def _comparisons(sums: AgreementSums, framework: Framework) -> Iterator[Comparison]:
    """Collapse sums over codes to everything that the table compares."""
    offered = offered_values(framework)
    levels = {
        "code": sums,
        "stance": sums.collapse(
            [framework.stance_of(code) for code in offered["code"]], values_domain=offered["stance"]
        ),
        "dimension": sums.collapse(
            [framework.dimension_of(code) for code in offered["code"]], values_domain=offered["dimension"]
        ),
    }
    for level, collapsed in levels.items():
        yield Comparison("overall", level, "", collapsed)
    single = {
        "dimension": framework.dimension_ids,
        "stance": framework.labels,
        "code": framework.code_ids,
    }
    for level, values in single.items():
        for value in values:
            yield Comparison(level, level, value, levels[level].one_against_rest(value))


def tabulate(comparisons: Iterator[Comparison], basis: Basis) -> pd.DataFrame:
    """Estimate every coefficient for every comparison.

    Parameters
    ----------
    comparisons : iterator of Comparison
        What to compare.
    basis : Basis
        What all rows share.

    Returns
    -------
    pd.DataFrame
        Columns `COLUMNS`.
    """
    rows = [
        _row(comparison, coefficient, basis)
        for comparison in comparisons
        for coefficient in get_args(Coefficient)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(comparison: Comparison, coefficient: str, basis: Basis) -> dict[str, object]:
    """Fill one row; what is undefined stays missing, with its reason."""
    found = _estimate(comparison, coefficient, basis)
    return {
        "corpus": basis.corpus,
        "scope": comparison.scope,
        "level": comparison.level,
        "value": comparison.value,
        "coefficient": coefficient,
        "estimate": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
        "confidence_level": basis.confidence_level,
        "n_clusters": found.n_clusters,
        "n_documents": basis.n_documents,
        "n_segments": basis.n_segments,
        "n_coders": basis.n_coders,
        "prevalence": prevalence(comparison),
        "p_below_667": found.p_below_667,
        "method": _name_cluster(found.method, basis.cluster),
        "reason": _name_cluster(found.reason, basis.cluster),
    }


def _name_cluster(text: str, cluster: str) -> str:
    """Say what the clusters are, in the words of the column that names them."""
    return text.replace("cluster", cluster.removesuffix("_id").replace("_", " "))


def _estimate(comparison: Comparison, coefficient: str, basis: Basis) -> AgreementEstimate:
    """Estimate one coefficient, or say why it is undefined."""
    try:
        found = interval_from_sums(
            comparison.sums,
            coefficient=coefficient,
            level_of_measurement="nominal",
            confidence_level=basis.confidence_level,
        )
    except UndefinedError as error:
        return AgreementEstimate(
            coefficient=coefficient,
            estimate=np.nan,
            lower=np.nan,
            upper=np.nan,
            confidence_level=basis.confidence_level,
            n_clusters=int(np.count_nonzero(comparison.sums.n_pairable)),
            n_units=basis.n_segments,
            p_below_667=np.nan,
            method=NAMES[coefficient],
            reason=_in_words(str(error), comparison),
        )
    if comparison.value and prevalence(comparison) == 0.0:
        return replace(
            found, reason=f"{_never_chosen(comparison)}; agreement that it is absent is no evidence on it"
        )
    return found


def _in_words(reason: str, comparison: Comparison) -> str:
    """Say that nobody chose the value, where that is why the coefficient is undefined."""
    if comparison.value and prevalence(comparison) == 0.0:
        return f"alpha is undefined: {_never_chosen(comparison)}"
    return reason


def _never_chosen(comparison: Comparison) -> str:
    return f"no coder chose the {comparison.level.replace('_', ' ')} {comparison.value}"


def prevalence(comparison: Comparison) -> float:
    """Compute the mean share of a unit's codings that chose the value; NaN overall or where nothing is coded.

    Parameters
    ----------
    comparison : Comparison
        One value against the rest.

    Returns
    -------
    float
        Share in [0, 1].
    """
    n_rated = comparison.sums.n_rated.sum()
    if not comparison.value or n_rated == 0:
        return np.nan
    return float(comparison.sums.shares.sum(axis=0)[1] / n_rated)


def place_units(
    data: ReliabilityData, segments: pd.DataFrame, *, columns: tuple[str, ...], corpus_name: str = ""
) -> pd.DataFrame:
    """Find the document and the cluster of every coded segment.

    Parameters
    ----------
    data : ReliabilityData
        Reliability data whose units are segment ids.
    segments : pd.DataFrame
        ``segment_id`` and the columns asked for.
    columns : tuple of str
        Columns to look up.
    corpus_name : str, optional
        Whose codings they are, for the message.

    Returns
    -------
    pd.DataFrame
        One row for each unit, in the order of the units.

    Raises
    ------
    InputError
        If a column is missing.
    CodingError
        If a coded segment is not in `segments`.
    """
    of = f" of {corpus_name}" if corpus_name else ""
    lacking = [column for column in ("segment_id", *columns) if column not in segments]
    if lacking:
        raise InputError(
            f"The segments table{of} lacks the column {lacking[0]!r}.",
            remedy=f"give a table with segment_id, {', '.join(dict.fromkeys(columns))}",
        )
    table = segments[["segment_id", *dict.fromkeys(columns)]].drop_duplicates("segment_id")
    units: list[Hashable] = list(data.units)
    known = pd.Index(table["segment_id"])
    unknown = [unit for unit in units if unit not in known]
    if unknown:
        raise CodingError(
            f"{len(unknown)} coded segments are not in the segments table{of}.",
            [Problem(f"codings, segment {unit}", "no such segment") for unit in unknown],
            remedy="use the segments table that the codings were made on",
        )
    return table.set_index("segment_id").loc[units].reset_index(drop=True)
