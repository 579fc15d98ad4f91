"""Titles: their families, how to hide them in a text, and how often they stand over other duties."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from peercompare.drift.ratios import ratio_of_totals
from peercompare.errors import InputError
from peercompare.framework import Framework
from peercompare.roles.cues import any_match, word_patterns
from peercompare.roles.markers import check_columns

TITLE_COLUMNS = [
    "group_by",
    "group",
    "n_documents",
    "n_documents_all",
    "n_employers",
    "n_peer_titles",
    "n_over_clinical_duties",
    "share",
    "lower",
    "upper",
    "confidence_level",
    "method",
    "reason",
]
METHOD = "ratio of totals, delete-one-cluster jackknife, t interval on the logit scale"
MASK = "[title]"
GOLD_REMEDY = "hand `gold` to classify_roles, with one row for each document"


def title_family(title: str, framework: Framework) -> str:
    """The first of the framework's title families with a cue in `title`; the one without cues where none has.

    Parameters
    ----------
    title : str
        The title of a document, as printed; an empty one has no cue. It may not be missing.
    framework : Framework
        Its title families are asked in the order of its file, without regard to case.

    Returns
    -------
    str
        The id of the family; empty where no family fits and none is without cues.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> title_family("Director of Peer Support", read_framework("deegan2017"))
    'leadership'
    """
    for family in framework.title_families:
        if any_match(family.cues, title):
            return family.id
    return next((family.id for family in framework.title_families if not family.cues), "")


def mask_titles(text: str, framework: Framework, *, mask: str = MASK) -> tuple[str, tuple[str, ...]]:
    """Hide the words of titles in a text, so that a title cannot give its text away.

    Parameters
    ----------
    text : str
        A whole text or one segment.
    framework : Framework
        The words of its title families, in singular and plural, are masked wherever they stand.
    mask : str, default "[title]"
        What stands in a title's place; the text's length changes, so that offsets no longer hold.

    Returns
    -------
    masked : str
        The text with every title hidden, the longest first; as it was where the framework names no words.
    words : tuple of str
        The words that were masked, in small letters, each once, in alphabetical order: to be reported.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> mask_titles("The Peer Specialist meets two case managers.", read_framework("deegan2017"))
    ('The [title] meets two [title].', ('case managers', 'peer specialist'))
    """
    words = {word for family in framework.title_families for word in family.words}
    if not words:
        return text, ()
    seen: set[str] = set()

    def hide(match: re.Match[str]) -> str:
        seen.add(" ".join(match.group().lower().split()))
        return mask

    # The longest title first: "peer specialist" before "peer".
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    masked = re.sub("|".join(word_patterns(longest_first)), hide, text, flags=re.IGNORECASE)
    return masked, tuple(sorted(seen))


def title_against_duties(
    roles: pd.DataFrame,
    *,
    by: str | None = None,
    cluster: str = "employer_id",
    role_type: str = "role_type",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Count titles of the first stance that stand over main duties of the last.

    Parameters
    ----------
    roles : DataFrame
        From `classify_roles`.
    by : str, optional
        Column to group by, such as ``setting``; the row for all documents comes first.
    cluster : str, default "employer_id"
        Column whose groups are taken as independent draws.
    role_type : {"role_type", "role_type_gold"}
        Which role types count: those given by `classify_roles`, or the gold that it was handed.
    confidence_level : float, default 0.95

    Returns
    -------
    DataFrame
        One row for all and one for each group: ``group_by, group, n_documents`` (those that count: with such
        a title, as in ``n_peer_titles``), ``n_documents_all`` (with any title), ``n_employers`` (clusters
        with such a title), ``n_peer_titles, n_over_clinical_duties, share`` (of such titles), ``lower,
        upper, confidence_level, method, reason``. No interval below five clusters, nor where all agree;
        `reason` says why.

    Raises
    ------
    InputError
        If columns are missing, or no gold was given.

    Notes
    -----
    A share counted from types that were given by rule carries the errors of the rule, and its interval does
    not know of them: on the shipped job descriptions out-of-fold predictions give 29 of 42 such titles, gold
    21. Lead with gold where there is gold.
    """
    needed = ("document_id", "promises_first", "over_last", cluster, *((by,) if by else ()))
    check_columns(roles, needed, "roles")
    if role_type not in ("role_type", "role_type_gold"):
        raise InputError(f"unknown role_type {role_type!r}", remedy="use role_type or role_type_gold")
    table = roles.assign(_over=_over(roles, role_type))
    rows = [_row(table, "all", "all", cluster, confidence_level)]
    if by:
        groups = table.groupby(by, sort=True)
        rows += [_row(part, by, str(name), cluster, confidence_level) for name, part in groups]
    return pd.DataFrame(rows, columns=TITLE_COLUMNS)


def _over(roles: pd.DataFrame, role_type: str) -> pd.Series:
    """Whether the document is of the type that stands over other duties, by prediction or by gold."""
    if role_type == "role_type":
        return roles["over_last"]
    without = roles.loc[roles["role_type_gold"] == "", "document_id"]
    if len(without):
        shown = ", ".join(without.head(5))
        raise InputError(f"{len(without)} documents have no gold role type: {shown}", remedy=GOLD_REMEDY)
    return roles["over_last_gold"]


def _row(part: pd.DataFrame, group_by: str, group: str, cluster: str, confidence_level: float) -> dict:
    titled = part[part["promises_first"]]
    totals = titled.groupby(cluster)["_over"].agg(["sum", "size"]).to_numpy(float)
    row = {
        "group_by": group_by,
        "group": group,
        "n_documents": len(titled),
        "n_documents_all": len(part),
        "n_employers": len(totals),
        "n_peer_titles": len(titled),
        "n_over_clinical_duties": int(titled["_over"].sum()),
        "confidence_level": confidence_level,
        "method": METHOD,
    }
    if titled.empty:
        return {**row, "share": np.nan, "lower": np.nan, "upper": np.nan, "reason": "no such title here"}
    share = ratio_of_totals(
        totals[:, :1], totals[:, 1:], confidence_level=confidence_level, bounds=(0.0, 1.0)
    )
    reason = share.reason[0].format(clusters="clusters", what="titles")
    return {
        **row,
        "share": share.estimate[0],
        "lower": share.lower[0],
        "upper": share.upper[0],
        "reason": reason,
    }
