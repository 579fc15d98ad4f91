"""Agreement by what coders bring with them: pairs with lived experience of peer work, without, and mixed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import get_args

import numpy as np
import pandas as pd

from peercompare.agreement.coincidences import agreement_sums
from peercompare.agreement.intervals import Coefficient
from peercompare.agreement.tables import (
    COLUMNS,
    Basis,
    CodeSums,
    Comparison,
    offered_values,
    place_units,
    tabulate,
)
from peercompare.codings import ReliabilityData, reliability_data
from peercompare.framework import Framework

SCOPE = "background"
BOTH, NEITHER, MIXED = "both with", "both without", "one with, one without"
KINDS = (BOTH, NEITHER, MIXED)
"""Kinds of pairs of coders, by lived experience of peer work."""

LEVELS = ("stance", "code")


def agreement_by_background(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    backgrounds: pd.DataFrame,
    *,
    framework: Framework,
    corpus_name: str,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Tabulate agreement for each kind of pair of coders: both with lived experience, both without, mixed.

    Within a kind every pair of coders counts once for each segment that both have coded, so that pairs are
    pooled and none is shown by itself. Intervals leave out one document at a time, with all that any pair
    coded of it. Coders who did not say what they bring with them are in no pair, and gold is never a coder.
    Low agreement of a mixed pair does not say who is right: those who have done peer work may see what the
    codebook, or the others, miss.

    Parameters
    ----------
    codings, segments : DataFrame
        As for `agreement_table`.
    backgrounds : DataFrame
        ``coder_id, lived_experience`` ("yes", "no" or ""), as ``corpus.coders`` has them.
    framework : Framework
    corpus_name : str
    confidence_level : float, default 0.95

    Returns
    -------
    DataFrame
        Columns of the agreement table with ``scope`` "background", ``level`` "stance" or "code" and the kind
        of pair in ``value``; ``n_coders`` counts the coders in such pairs. Empty where `backgrounds` is.
        Where no pair of a kind has coded a segment, the reason says so.

    Raises
    ------
    CodingError
        If fewer than two coders have coded, or a coded segment is not in `segments`.
    """
    if backgrounds.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    data = reliability_data(codings, framework=framework, level="code", corpus_name=corpus_name)
    documents = place_units(data, segments, columns=("document_id",), corpus_name=corpus_name)["document_id"]
    found = background_sums(data, documents, backgrounds, framework=framework)
    return background_table(
        found, framework=framework, corpus_name=corpus_name, confidence_level=confidence_level
    )


def background_sums(
    data: ReliabilityData, documents: pd.Series, backgrounds: pd.DataFrame, *, framework: Framework
) -> dict[str, CodeSums]:
    """Sum what `agreement_by_background` estimates from.

    Parameters
    ----------
    data : ReliabilityData
        Codes of segments.
    documents : Series of length n_units
        The document of each.
    backgrounds : DataFrame
        As for `agreement_by_background`.
    framework : Framework

    Returns
    -------
    dict of str to CodeSums
        By kind of pair; a kind of which no pair has coded a segment is absent.
    """
    said = dict(zip(backgrounds["coder_id"], backgrounds["lived_experience"], strict=True))
    where = documents.to_numpy(object)
    offered = offered_values(framework)["code"]
    sums = {kind: _of_kind(pairs_of_kind(kind, data, said), data, where, offered) for kind in KINDS}
    return {kind: found for kind, found in sums.items() if found is not None}


def background_table(
    found: Mapping[str, CodeSums],
    *,
    framework: Framework,
    corpus_name: str,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate `agreement_by_background` from sums that were made anywhere.

    Parameters
    ----------
    found : mapping of str to CodeSums
        From `background_sums`.
    framework, corpus_name, confidence_level
        As for `agreement_by_background`.

    Returns
    -------
    DataFrame
        As `agreement_by_background` gives it.
    """
    told = {"corpus": corpus_name, "cluster": "document_id", "confidence_level": confidence_level}
    tables = [
        _table_of_kind(kind, found[kind], Basis.of(found[kind], **told), framework)
        if kind in found
        else _nobody(kind, Basis(n_documents=0, n_segments=0, n_coders=0, **told))
        for kind in KINDS
    ]
    return pd.concat(tables, ignore_index=True)


def pairs_of_kind(kind: str, data: ReliabilityData, said: Mapping[str, str]) -> list[tuple[int, int]]:
    """Return the places of the two coders of each pair of a kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    data : ReliabilityData
        Whose coders are paired.
    said : mapping of str to str
        What each coder said of lived experience: "yes", "no" or "".
    """
    wanted = {BOTH: {"yes"}, NEITHER: {"no"}, MIXED: {"yes", "no"}}[kind]
    answers = [said.get(coder, "") for coder in data.coders]
    pairs = combinations(range(len(answers)), 2)
    return [(one, other) for one, other in pairs if {answers[one], answers[other]} == wanted]


def _of_kind(
    pairs: list[tuple[int, int]], data: ReliabilityData, documents: np.ndarray, offered: tuple[str, ...]
) -> CodeSums | None:
    """Sum the agreement of the pairs of one kind, all pairs pooled; None where they coded nothing."""
    shared = [(data.values[list(pair)] != None).all(axis=0) for pair in pairs]  # noqa: E711 - by element
    coded = np.logical_or.reduce(shared) if shared else np.zeros(len(documents), dtype=bool)
    if not coded.any():
        return None
    values = np.concatenate(
        [data.values[list(pair)][:, both] for pair, both in zip(pairs, shared, strict=True)], axis=1
    )
    clusters = np.concatenate([documents[both] for both in shared])
    at_work = {coder for pair, both in zip(pairs, shared, strict=True) if both.any() for coder in pair}
    return CodeSums(
        agreement_sums(values, values_domain=offered, clusters=clusters),
        len(set(documents[coded])),
        int(coded.sum()),
        frozenset(data.coders[coder] for coder in at_work),
    )


def _table_of_kind(kind: str, found: CodeSums, basis: Basis, framework: Framework) -> pd.DataFrame:
    """Estimate the agreement of the pairs of one kind."""
    offered = offered_values(framework)
    stances = found.sums.collapse(
        [framework.stance_of(code) for code in offered["code"]], values_domain=offered["stance"]
    )
    # The value stays empty until the end: it names the pairs here, and not one value against the rest.
    sums = dict(zip(LEVELS, (stances, found.sums), strict=True))
    table = tabulate((Comparison(SCOPE, level, "", sums[level]) for level in LEVELS), basis)
    return table.assign(value=kind)


def _nobody(kind: str, basis: Basis) -> pd.DataFrame:
    """Say why a kind of pair has no agreement."""
    reason = f"no two coders ({kind} lived experience of peer work) have coded the same segment"
    rows = [
        {
            "corpus": basis.corpus, "scope": SCOPE, "level": level, "value": kind, "coefficient": coefficient,
            "confidence_level": basis.confidence_level, "n_clusters": 0, "n_documents": 0, "n_segments": 0,
            "n_coders": 0, "method": "not estimated", "reason": reason,
        }
        for level in LEVELS
        for coefficient in get_args(Coefficient)
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))
