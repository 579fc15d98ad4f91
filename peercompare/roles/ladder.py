"""Role types read by a program, beside what costs nothing and beside what coders make of each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from peercompare.codings import GOLD, coders
from peercompare.drift.ratios import ratio_of_totals
from peercompare.framework import Framework
from peercompare.roles.markers import check_columns
from peercompare.roles.scores import METHOD, SCORE_COLUMNS, score_roles

PROGRAM, TITLE_ALONE = "program", "title_alone"
CONFUSION_COLUMNS = [
    "gold", "found", "n", "n_gold", "share", "lower", "upper", "confidence_level", "n_clusters", "method",
    "reason",
]  # fmt: skip


def role_ladder(
    roles: pd.DataFrame,
    role_types: pd.DataFrame,
    framework: Framework,
    *,
    cluster: str = "employer_id",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Score role types against gold: the program, the title alone, and coders against each other.

    Parameters
    ----------
    roles : DataFrame
        From `classify_roles` with `gold`.
    role_types : DataFrame
        ``document_id, coder_id, role_type`` of all coders, gold included.
    framework : Framework
    cluster : str, default "employer_id"
        Column of `roles` whose groups are taken as independent draws.
    confidence_level : float, default 0.95

    Returns
    -------
    DataFrame
        As `score_roles`, with ``reader`` and ``against``: ``program`` against gold; ``title_alone`` (the
        commonest gold type of the same title family among *other* employers) against gold; and each pair of
        coders, who coded blind to each other, the first taken for gold: what a program cannot be asked to
        pass. Coders are not set against gold, which was made from their codings.

    Raises
    ------
    InputError
        If columns are missing or no document has gold.
    """
    check_columns(role_types, ("document_id", "coder_id", "role_type"), "role types")
    check_columns(roles, ("document_id", "title_family", "role_type", "role_type_gold", cluster), "roles")
    asked = {"cluster": cluster, "confidence_level": confidence_level}
    known = roles[roles["role_type_gold"] != ""]
    tables = [
        score_roles(roles, framework, **asked).assign(reader=PROGRAM, against=GOLD),
        score_roles(known.assign(role_type=_by_title(known, framework, cluster)), framework, **asked).assign(
            reader=TITLE_ALONE, against=GOLD
        ),
    ]
    for one, other, pair in _pairs(roles, role_types):
        if len(pair):
            tables.append(score_roles(pair, framework, **asked).assign(reader=other, against=one))
    table = pd.concat(tables, ignore_index=True)
    return table[["reader", "against", *SCORE_COLUMNS]]


def role_confusion(
    roles: pd.DataFrame, framework: Framework, *, cluster: str = "employer_id", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Say what each gold role type is taken for, with intervals over employers.

    Parameters
    ----------
    roles : DataFrame
        From `classify_roles` with `gold`; documents without gold are left out.
    framework : Framework
    cluster : str, default "employer_id"
        Column whose groups are taken as independent draws.
    confidence_level : float, default 0.95

    Returns
    -------
    DataFrame
        One row for each pair of types of the framework: ``gold, found, n`` (documents), ``n_gold`` (of that
        gold type), ``share`` (n of n_gold), ``lower, upper, confidence_level, n_clusters, method, reason``.
        No share where gold never has the type, no interval below five employers or where all agree.

    Raises
    ------
    InputError
        If columns are missing.
    """
    check_columns(roles, ("document_id", "role_type", "role_type_gold", cluster), "roles")
    table = roles[roles["role_type_gold"] != ""]
    labels = [role_type.id for role_type in framework.role_types]
    rows = [row for gold in labels for row in _confused(table, gold, labels, cluster, confidence_level)]
    return pd.DataFrame(rows, columns=CONFUSION_COLUMNS)


def _confused(
    table: pd.DataFrame, gold: str, labels: list[str], cluster: str, level: float
) -> Iterator[dict[str, object]]:
    """What one gold type is taken for."""
    part = table[table["role_type_gold"] == gold]
    base = {"gold": gold, "n_gold": len(part), "confidence_level": level, "method": METHOD}
    if part.empty:
        blank = {"n": 0, "share": np.nan, "lower": np.nan, "upper": np.nan, "n_clusters": 0}
        yield from (
            {**base, **blank, "found": label, "reason": "gold never has this type"} for label in labels
        )
        return
    found = np.stack([part["role_type"] == label for label in labels], axis=1).astype(float)
    totals = pd.DataFrame(found).groupby(part[cluster].to_numpy()).sum().to_numpy()
    sizes = np.repeat(totals.sum(axis=1, keepdims=True), len(labels), axis=1)
    shares = ratio_of_totals(totals, sizes, confidence_level=level, bounds=(0.0, 1.0))
    for place, label in enumerate(labels):
        yield {
            **base,
            "found": label,
            "n": int(found[:, place].sum()),
            "share": shares.estimate[place],
            "lower": shares.lower[place],
            "upper": shares.upper[place],
            "n_clusters": int(shares.n_clusters[place]),
            "reason": str(shares.reason[place]).format(clusters="employers", what="documents"),
        }


def _by_title(roles: pd.DataFrame, framework: Framework, cluster: str) -> list[str]:
    """The commonest gold type of each document's title family among other clusters, else of all titles."""
    order = [role_type.id for role_type in framework.role_types]
    found = []
    for row in roles.to_dict("records"):
        others = roles[roles[cluster] != row[cluster]]
        alike = others[others["title_family"] == row["title_family"]]
        counts = (alike if len(alike) else others)["role_type_gold"].value_counts()
        # A tie goes to the type that the framework names first, so that the order of rows does not matter.
        found.append(max(order, key=lambda name: (counts.get(name, 0), -order.index(name))))
    return found


def _pairs(roles: pd.DataFrame, role_types: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Every pair of coders, the documents that both typed, with the first in the place of gold."""
    names = coders(role_types)
    given = {
        name: role_types[role_types["coder_id"] == name]
        .drop_duplicates("document_id")
        .set_index("document_id")
        for name in names
    }
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            typed = {
                column: roles["document_id"].map(given[name]["role_type"])
                for column, name in (("role_type_gold", one), ("role_type", other))
            }
            pair = roles.assign(**typed).dropna(subset=["role_type", "role_type_gold"])
            yield one, other, pair
