"""Agreement by what coders bring with them: pairs with lived experience of peer work, without, and mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import get_args

import numpy as np
import pandas as pd

from peercompare.agreement.coincidences import agreement_sums
from peercompare.agreement.intervals import Coefficient
from peercompare.agreement.tables import (
    COLUMNS,
    Basis,
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
    said = dict(zip(backgrounds["coder_id"], backgrounds["lived_experience"], strict=True))
    tables = [
        _of_kind(
            kind, pairs_of_kind(kind, data, said), data, documents.to_numpy(object),
            framework=framework, basis=Basis(corpus_name, "document_id", confidence_level, 0, 0, 0),
        )
        for kind in KINDS
    ]  # fmt: skip
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
    kind: str,
    pairs: list[tuple[int, int]],
    data: ReliabilityData,
    documents: np.ndarray,
    *,
    framework: Framework,
    basis: Basis,
) -> pd.DataFrame:
    """Estimate the agreement of the pairs of one kind, all pairs pooled."""
    shared = [(data.values[list(pair)] != None).all(axis=0) for pair in pairs]  # noqa: E711 - by element
    coded = np.logical_or.reduce(shared) if shared else np.zeros(len(documents), dtype=bool)
    if not coded.any():
        return _nobody(kind, basis)
    values = np.concatenate(
        [data.values[list(pair)][:, both] for pair, both in zip(pairs, shared, strict=True)], axis=1
    )
    offered = offered_values(framework)
    clusters = np.concatenate([documents[both] for both in shared])
    codes = agreement_sums(values, values_domain=offered["code"], clusters=clusters)
    stances = codes.collapse(
        [framework.stance_of(code) for code in offered["code"]], values_domain=offered["stance"]
    )
    at_work = {coder for pair, both in zip(pairs, shared, strict=True) if both.any() for coder in pair}
    sizes = {"n_documents": len(set(documents[coded])), "n_segments": int(coded.sum())}
    here = replace(basis, n_coders=len(at_work), **sizes)
    # The value stays empty until the end: it names the pairs here, and not one value against the rest.
    sums = dict(zip(LEVELS, (stances, codes), strict=True))
    table = tabulate((Comparison(SCOPE, level, "", sums[level]) for level in LEVELS), here)
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
