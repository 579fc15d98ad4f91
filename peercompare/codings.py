"""The codings table, and the shapes in which later stages take it.

A codings table has the columns ``segment_id, coder_id, code, is_primary, tags, memo``. A missing row means
that a coder has not coded the segment; that the segment takes no stance is a code of its own, the framework's
none. The coder `GOLD` is what was settled between coders: it is never a coder in agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.corpus.schemas import shown
from peercompare.errors import CodingError, Problem
from peercompare.framework import Framework

GOLD = "gold"
"""The `coder_id` of adjudicated codings."""

TIE_MEMO = r"\brule 8\b"
"""What a memo says where two stances share a segment and neither carries it (a regular expression)."""

LEVELS = ("code", "stance", "dimension")
"""On what coders may be compared."""


@dataclass(frozen=True, eq=False)
class ReliabilityData:
    """Codings as agreement coefficients take them.

    Parameters
    ----------
    values : ndarray of object, shape (n_coders, n_units)
        The value that each coder gave to each unit; None where a coder has not coded it.
    coders : tuple of str, length n_coders
        Sorted; without gold.
    units : tuple of str, length n_units
        Segment ids, in the order of the codings table.
    """

    values: np.ndarray
    coders: tuple[str, ...]
    units: tuple[str, ...]


def coders(codings: pd.DataFrame) -> tuple[str, ...]:
    """Return the coders of a table.

    Parameters
    ----------
    codings : DataFrame
        A codings table.

    Returns
    -------
    tuple of str
        Sorted; without gold.
    """
    _need(codings, "coder_id")
    return tuple(sorted(set(codings["coder_id"]) - {GOLD}))


def primary_codes(codings: pd.DataFrame, coder_id: str, *, corpus_name: str = "") -> pd.Series:
    """Return the primary code that one coder gave to each segment.

    Parameters
    ----------
    codings : DataFrame
        A codings table.
    coder_id : str
        A coder, or `GOLD`.
    corpus_name : str, optional
        Whose codings they are, for the message.

    Returns
    -------
    Series of str
        Indexed by ``segment_id``, in the order of the table; segments without a row are not in it.

    Raises
    ------
    CodingError
        Where the table lacks a column, the coder has no primary code in it, or has two on one segment.
    """
    primary = _primary(codings)
    mine = primary[primary["coder_id"] == coder_id]
    if mine.empty:
        raise CodingError(
            f"No primary codes by {coder_id!r} in {corpus_name or 'the codings'}",
            remedy=_who_else(coder_id, codings),
        )
    return pd.Series(
        mine["code"].to_numpy(), index=pd.Index(mine["segment_id"], name="segment_id"), name="code"
    )


def stances(codes: pd.Series, framework: Framework) -> pd.Series:
    """Return the stance of each code.

    Parameters
    ----------
    codes : Series of str
        Codes, indexed by what is to be named in a message, as a rule ``segment_id``.
    framework : Framework
        The framework that they are of.

    Returns
    -------
    Series of str
        With the same index; none stays none and a missing code stays missing.

    Raises
    ------
    CodingError
        Lists every code that the framework does not know.
    """
    return _mapped(codes, framework, framework.stance_of, "stance")


def dimensions(codes: pd.Series, framework: Framework) -> pd.Series:
    """Return the dimension of each code.

    Parameters
    ----------
    codes : Series of str
        Codes, indexed by what is to be named in a message, as a rule ``segment_id``.
    framework : Framework
        The framework that they are of.

    Returns
    -------
    Series of str
        With the same index; none stays none and a missing code stays missing.

    Raises
    ------
    CodingError
        Lists every code that the framework does not know.
    """
    return _mapped(codes, framework, framework.dimension_of, "dimension")


def reliability_data(
    codings: pd.DataFrame,
    *,
    framework: Framework,
    level: str = "code",
    corpus_name: str = "",
    fewest: int = 2,
) -> ReliabilityData:
    """Return the primary codes of all coders, gold excepted, as a table of coders by units.

    Parameters
    ----------
    codings : DataFrame
        A codings table.
    framework : Framework
        The framework under which it was coded.
    level : {"code", "stance", "dimension"}, default "code"
        On what the coders are compared.
    corpus_name : str, optional
        Whose codings they are, for the message.
    fewest : int, default 2
        How many coders there must be; fewer will do in a part of the codings whose sums are added up.

    Returns
    -------
    ReliabilityData
        With values of shape (n_coders, n_units), None where a coder has not coded a unit.

    Raises
    ------
    CodingError
        Where fewer than `fewest` coders coded, a coder has two primary codes on a segment, or a code is
        unknown.
    """
    if level not in LEVELS:
        raise CodingError(f"Coders cannot be compared on {level!r}", remedy=f"levels are {', '.join(LEVELS)}")
    primary = _primary(codings)
    rows = primary[primary["coder_id"] != GOLD]
    who = coders(rows)
    if len(who) < fewest:
        raise alone(who, corpus_name)
    values = rows["code"].set_axis(rows["segment_id"])
    if level != "code":
        values = stances(values, framework) if level == "stance" else dimensions(values, framework)
    else:
        _mapped(values, framework, framework.stance_of, level)
    units = pd.unique(rows["segment_id"])
    matrix = np.full((len(who), len(units)), None, dtype=object)
    at_coder, at_unit = (
        pd.Index(who).get_indexer(rows["coder_id"]),
        pd.Index(units).get_indexer(rows["segment_id"]),
    )
    matrix[at_coder, at_unit] = values.to_numpy(dtype=object)
    return ReliabilityData(matrix, who, tuple(units))


def alone(who: Sequence[str], corpus_name: str = "") -> CodingError:
    """Return the error that agreement needs two coders.

    Parameters
    ----------
    who : sequence of str
        Who has coded: one or nobody.
    corpus_name : str, optional
        Whose codings they are.
    """
    second = "have a second coder code the same segments without seeing the first one's codes"
    found = f"{len(who)} ({', '.join(who)})" if who else "none"
    return CodingError(
        f"Agreement needs two coders; {corpus_name or 'the codings table'} has {found}",
        remedy=f"{second if who else 'have two coders code the same segments'}; see `peercompare sheet`",
    )


def has_tag(codings: pd.DataFrame, tags: Iterable[str]) -> pd.Series:
    """Say of every coded segment whether it carries one of some tags.

    Gold decides where a segment has gold; elsewhere a tag by any coder counts.

    Parameters
    ----------
    codings : DataFrame
        A codings table.
    tags : iterable of str
        Tag ids; a segment needs one of them.

    Returns
    -------
    Series of bool
        Indexed by ``segment_id``, in the order of the table.
    """
    _need(codings, "segment_id", "coder_id", "tags")
    wanted = {tags} if isinstance(tags, str) else set(tags)
    is_gold = codings["coder_id"] == GOLD
    counts = is_gold | ~codings["segment_id"].isin(set(codings.loc[is_gold, "segment_id"]))
    tagged = codings["tags"].fillna("").map(lambda cell: not wanted.isdisjoint(cell.split())).astype(bool)
    found = set(codings.loc[tagged & counts, "segment_id"])
    units = pd.Index(pd.unique(codings["segment_id"]), name="segment_id")
    return pd.Series(units.isin(found), index=units, name="has_tag", dtype=bool)


def vote_table(
    codings: pd.DataFrame, *, framework: Framework, gold_weight: float = 2.0, coder_weight: float = 0.5
) -> pd.DataFrame:
    """Return stance labels weighted by who gave them, to train on gold softened by the coders.

    Parameters
    ----------
    codings : DataFrame
        A codings table.
    framework : Framework
        The framework under which it was coded.
    gold_weight, coder_weight : float, default 2.0 and 0.5
        What gold's primary code and each coder's primary code count. Gold counts most where coders worked
        under an earlier wording of the rules.

    Returns
    -------
    DataFrame
        ``segment_id, label, weight``: one row for each label that somebody gave to a segment.

    Raises
    ------
    CodingError
        Where a code is unknown, a coder has two primary codes on a segment, or a weight is negative.
    """
    if min(gold_weight, coder_weight) < 0:
        raise CodingError(f"Weights are {gold_weight} and {coder_weight}", remedy="give weights of 0 or more")
    primary = _primary(codings)
    labels = stances(primary["code"].set_axis(primary["segment_id"]), framework)
    weights = np.where(primary["coder_id"] == GOLD, gold_weight, coder_weight)
    votes = pd.DataFrame(
        {"segment_id": primary["segment_id"].to_numpy(), "label": labels.to_numpy(), "weight": weights}
    )
    summed = votes.groupby(["segment_id", "label"], sort=False, as_index=False)["weight"].sum()
    return summed[summed["weight"] > 0].reset_index(drop=True)


def tie_shares(codings: pd.DataFrame, framework: Framework, *, tie_memo: str = TIE_MEMO) -> pd.DataFrame:
    """Return the share of each stance label in each gold-coded segment, ties split evenly.

    A tie is a segment whose further gold codes have another stance than the primary one and that a memo calls
    so: gold's memo, or, where gold has none because it kept what a coder gave, the memo of a coder with
    gold's primary code. Every stance in a tie gets the same share. Every other segment gives all to its
    primary code's stance.

    Parameters
    ----------
    codings : DataFrame
        A codings table.
    framework : Framework
        The framework under which it was coded.
    tie_memo : str
        A regular expression that is searched in the memos; by default `TIE_MEMO`.

    Returns
    -------
    DataFrame, shape (n_segments, n_labels)
        Indexed by ``segment_id``, columns as `framework.labels`; rows sum to 1. Empty where there is no gold.
    """
    _need(codings, "segment_id", "coder_id", "code", "is_primary", "memo")
    gold = codings[codings["coder_id"] == GOLD]
    if gold.empty:
        return pd.DataFrame(
            columns=list(framework.labels), index=pd.Index([], name="segment_id"), dtype="float64"
        )
    rows = gold.assign(stance=stances(gold["code"].set_axis(gold["segment_id"]), framework).to_numpy())
    is_tie = rows["segment_id"].isin(_called_ties(codings, tie_memo))
    counted = rows[rows["is_primary"].astype(bool) | is_tie].drop_duplicates(["segment_id", "stance"])
    shares = pd.crosstab(counted["segment_id"], counted["stance"]).reindex(
        columns=list(framework.labels), fill_value=0
    )
    shares = shares.div(shares.sum(axis=1), axis=0).reindex(pd.unique(counted["segment_id"]))
    return shares.rename_axis(index="segment_id", columns=None)


def _who_else(coder_id: str, codings: pd.DataFrame) -> str:
    """Say what to do where a coder has coded nothing."""
    known = sorted(set(codings["coder_id"]))
    if not known:
        return "nothing is coded yet: have it coded; see `peercompare sheet`"
    if coder_id == GOLD:
        return (
            f"settle what the coders ({', '.join(known)}) gave and add the settled codes to codings.csv with "
            f"coder_id {GOLD}, or name one of the coders as the truth"
        )
    return f"name one who coded: {', '.join(known)}"


def _called_ties(codings: pd.DataFrame, tie_memo: str) -> set[str]:
    """Return the segments that gold's memo calls a tie, or that of a coder whom gold followed silently."""
    primary = _primary(codings)
    memos = primary["memo"].fillna("")
    is_gold = primary["coder_id"] == GOLD
    kept = primary[is_gold & (memos == "")].set_index("segment_id")["code"]
    followed = primary["segment_id"].map(kept) == primary["code"]
    said = memos.str.contains(tie_memo, regex=True) & (is_gold | followed)
    return set(primary.loc[said, "segment_id"])


def _need(codings: pd.DataFrame, *columns: str) -> None:
    """Raise where a codings table lacks columns."""
    missing = [
        Problem("codings", f"the column {name!r} is missing")
        for name in columns
        if name not in codings.columns
    ]
    if missing:
        raise CodingError("This is no codings table", missing)


def _primary(codings: pd.DataFrame) -> pd.DataFrame:
    """Return the primary rows, after making sure that each coder has one on a segment."""
    _need(codings, "segment_id", "coder_id", "code", "is_primary")
    primary = codings[codings["is_primary"].astype(bool)]
    twice = primary[primary.duplicated(["segment_id", "coder_id"], keep="first")]
    if len(twice):
        rows = zip(twice["segment_id"], twice["coder_id"], strict=True)
        problems = [Problem(segment, f"coder {coder} has two primary codes") for segment, coder in rows]
        raise CodingError("A coder codes a segment once", problems, remedy="make all but one a further code")
    return primary


def _mapped(codes: pd.Series, framework: Framework, of: Callable[[str], str], name: str) -> pd.Series:
    """Return a function of each code that is not missing; every code must be known."""
    unknown = [(at, code) for at, code in codes.items() if not pd.isna(code) and not framework.is_code(code)]
    if unknown:
        problems = [Problem(str(at), f"unknown code {shown(code)}") for at, code in unknown]
        raise CodingError(
            f"Codes that {framework.id} does not have", problems, remedy="the codebook lists the codes"
        )
    lookup = {code: of(code) for code in (*framework.code_ids, framework.none.id)}
    return codes.map(lookup).rename(name)
