"""Where coders part: which values are confused with which, and which segments to talk over.

These tables are for the coders' meeting. They are about segments and documents, in the order of the corpus;
nothing is ranked, and no coder is compared with another.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from peercompare.agreement.coincidences import encode
from peercompare.agreement.tables import offered_values, place_units
from peercompare.codings import reliability_data
from peercompare.framework import Framework


def disagreement_table(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    framework: Framework,
    corpus_name: str,
    level: str = "code",
) -> pd.DataFrame:
    """Count how often two coders gave the same segment two different values, for each pair of values.

    Parameters
    ----------
    codings : pd.DataFrame
        ``segment_id, coder_id, code, is_primary``; gold is left out.
    segments : pd.DataFrame
        ``segment_id, document_id``.
    framework : Framework
        The instrument that the codings follow.
    corpus_name : str
        Goes into the column ``corpus``.
    level : {"code", "stance", "dimension"}, default "code"
        What is compared.

    Returns
    -------
    pd.DataFrame
        ``corpus, level, value, other_value, n_pairs, share, n_segments, n_documents``: pairs of coders who
        parted that way, their share of all pairs who parted, and in how many segments and documents. Most
        frequent first; the pair of values stands in the framework's order. Empty when nobody parted.

    Raises
    ------
    CodingError
        If fewer than two coders have coded, or a coded segment is not in `segments`.
    """
    data = reliability_data(codings, framework=framework, level=level, corpus_name=corpus_name)
    placed = place_units(data, segments, columns=("document_id",), corpus_name=corpus_name)
    documents = placed["document_id"].to_numpy(object)
    offered = offered_values(framework)[level]
    codes = encode(data.values, offered)
    parts = [_parted(first, second) for first, second in combinations(codes, 2)]
    pairs = pd.concat(parts, ignore_index=True)
    pairs["document"] = documents[pairs["unit"].to_numpy(int)]
    counts = pairs.groupby(["low", "high"], sort=True).agg(
        n_pairs=("unit", "size"), n_segments=("unit", "nunique"), n_documents=("document", "nunique")
    )
    counts = counts.reset_index().sort_values(["n_pairs", "low", "high"], ascending=[False, True, True])
    return pd.DataFrame(
        {
            "corpus": corpus_name,
            "level": level,
            "value": [offered[place] for place in counts["low"]],
            "other_value": [offered[place] for place in counts["high"]],
            "n_pairs": counts["n_pairs"].to_numpy(),
            "share": (counts["n_pairs"] / max(len(pairs), 1)).to_numpy(),
            "n_segments": counts["n_segments"].to_numpy(),
            "n_documents": counts["n_documents"].to_numpy(),
        }
    )


def _parted(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """List the units on which two coders gave different values, with the two values in the domain's order."""
    units = np.flatnonzero((first >= 0) & (second >= 0) & (first != second))
    low = np.minimum(first[units], second[units])
    return pd.DataFrame({"unit": units, "low": low, "high": np.maximum(first[units], second[units])})


def segments_to_discuss(
    codings: pd.DataFrame, segments: pd.DataFrame, *, framework: Framework, level: str = "code"
) -> pd.DataFrame:
    """List the segments on which coders gave different values, for the coders to talk over.

    Parameters
    ----------
    codings : pd.DataFrame
        ``segment_id, coder_id, code, is_primary``; gold is left out.
    segments : pd.DataFrame
        ``segment_id, document_id``.
    framework : Framework
        The instrument that the codings follow.
    level : {"code", "stance", "dimension"}, default "code"
        What is compared.

    Returns
    -------
    pd.DataFrame
        ``document_id, segment_id``, then one column for each coder with the value given ("" where none was).
        No text: ask the corpus for it, which asks for consent.

    Raises
    ------
    CodingError
        If fewer than two coders have coded, or a coded segment is not in `segments`.
    """
    data = reliability_data(codings, framework=framework, level=level)
    placed = place_units(data, segments, columns=("document_id",))
    parted = _units_parted(encode(data.values, offered_values(framework)[level]))
    given = pd.DataFrame(data.values.T, columns=list(data.coders), dtype=object).fillna("")
    table = pd.concat([placed, pd.Series(list(data.units), name="segment_id"), given], axis=1)
    return table[parted].reset_index(drop=True)


def discussion_counts(
    codings: pd.DataFrame, segments: pd.DataFrame, *, framework: Framework, level: str = "code"
) -> pd.DataFrame:
    """Count for each document the segments on which coders parted.

    Parameters
    ----------
    codings : pd.DataFrame
        ``segment_id, coder_id, code, is_primary``; gold is left out.
    segments : pd.DataFrame
        ``segment_id, document_id``.
    framework : Framework
        The instrument that the codings follow.
    level : {"code", "stance", "dimension"}, default "code"
        What is compared.

    Returns
    -------
    pd.DataFrame
        ``document_id, n_segments`` (coded by two coders or more), ``segments_to_discuss``; in the order of
        the segments table, documents without such segments left out.

    Raises
    ------
    CodingError
        If fewer than two coders have coded, or a coded segment is not in `segments`.
    """
    data = reliability_data(codings, framework=framework, level=level)
    codes = encode(data.values, offered_values(framework)[level])
    table = place_units(data, segments, columns=("document_id",))
    table = table.assign(n_segments=(codes >= 0).sum(axis=0) >= 2, segments_to_discuss=_units_parted(codes))
    counts = table.groupby("document_id", sort=False).sum().astype(int)
    counts = counts[counts["n_segments"] > 0]
    order = [document for document in segments["document_id"].unique() if document in counts.index]
    return counts.loc[order].reset_index()


def _units_parted(codes: np.ndarray) -> np.ndarray:
    """Return for each unit whether two coders gave it different values."""
    highest = codes.max(axis=0, initial=-1)
    lowest = np.where(codes >= 0, codes, highest).min(axis=0, initial=np.iinfo(codes.dtype).max)
    return highest > lowest
