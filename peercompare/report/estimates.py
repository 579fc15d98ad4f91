"""How estimates are written: in a sentence, in a table with a row for each group, and in its note."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from peercompare.figures.text import (
    confidence,
    count,
    distinct,
    finite,
    has_interval,
    listing,
    number,
    percent,
    reason_of,
)
from peercompare.framework import Framework
from peercompare.report.claims import methods_in_words, reasons_in_words, table_block

TABLE = "estimates"
SHARE = "share_"
INDEX = "index"
SLOPE = "slope"
ANCHORED = "index_anchored"

HEADINGS = {
    "role_type": "Type of role",
    "setting": "Setting",
    "employer_id": "Employer",
    "site_id": "Site",
    "worker_role": "Role of the worker",
    "kind": "Kind of session",
    "year": "Year",
    "half_year": "Half-year",
    "period": "Years",
    "title_family": "Family of titles",
}

signed = partial(number, signed=True)
fine = partial(number, signed=True, digits=3)


@dataclass(frozen=True)
class Layout:
    """How a table of estimates is laid out.

    Parameters
    ----------
    key : str
        The column of the estimates whose values head the rows.
    caption, heading : str
        Of the table, and of its first column.
    order : sequence of str
        Values that come first, in order.
    names : mapping
        Labels of values, where the framework has none.
    clusters : str
        What the clusters are, e.g. ``"Employers"``.
    coded : bool
        Give also the number of codings behind each row.
    slope : str
        Give also the change of the index for this unit of time.
    """

    key: str
    caption: str
    heading: str
    order: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    clusters: str = "Clusters"
    coded: bool = False
    slope: str = ""


def written(row: pd.Series, write: Callable = number, *, reasons: bool = True) -> str:
    """Write an estimate with its interval, or why one of them is not given."""
    if not finite(row.get("estimate")):
        return f"not given: {reason_of(row)}" if reasons else "not given"
    if has_interval(row):
        return f"{write(row['estimate'])} ({write(row['lower'])} to {write(row['upper'])})"
    why = f" (no interval: {reason_of(row)})" if reasons else " (no interval)"
    return write(row["estimate"]) + why


def heading_of(column: str) -> str:
    """Return the heading of a grouping."""
    return HEADINGS.get(column, column.replace("_", " ").capitalize())


def group_label(framework: Framework, column: str, value: object) -> str:
    """Return a group's label: the framework's where it has one, else the value itself."""
    items = {
        "role_type": framework.role_types,
        "setting": framework.settings,
        "dimension": framework.dimensions,
    }
    known = {item.id: item.label for item in items.get(column, ())}
    return known.get(str(value), str(value).replace("_", " "))


def stance_label(framework: Framework, stance: str) -> str:
    """Return a stance's label as it stands within a sentence."""
    return next(item.label for item in framework.stances if item.id == stance).lower()


def interval_note(rows: pd.DataFrame) -> str:
    """Say what stands in brackets, by which method, and why some rows have no value or no interval."""
    level, methods, reasons = confidence(rows), methods_in_words(rows), reasons_in_words(rows)
    some = any(has_interval(row) for _, row in rows.iterrows())
    said = (
        [f"In brackets: {level} intervals" + (f" ({methods})" if methods else "")] if some and level else []
    )
    said += [f"Without an interval or a value: {reasons}"] if reasons else []
    return " ".join(f"{sentence.rstrip('. ')}." for sentence in said)


def group_table(rows: pd.DataFrame, framework: Framework, layout: Layout) -> dict | None:
    """Return a table with one row for each group: shares, index, and on how much they rest.

    Parameters
    ----------
    rows : DataFrame
        Estimates of one corpus and one grouping.
    framework : Framework
    layout : Layout

    Returns
    -------
    dict or None
        A block of a section; None where there is no row to print.
    """
    rows, estimands = _told(rows, framework, layout)
    if rows.empty:
        return None
    column = layout.key if layout.key == "dimension" else str(rows["group_by"].iloc[0])
    found = [str(value) for value in dict.fromkeys(rows[layout.key])]
    keys = [value for value in layout.order if value in found]
    keys += [value for value in found if value not in layout.order]
    body = []
    for value in keys:
        part = rows[rows[layout.key].astype(str) == value]
        label = layout.names.get(value) or group_label(framework, column, value)
        body.append([label, *_cells(part, list(estimands)), *_sizes(part, coded=layout.coded)])
    headings = [layout.heading, *estimands.values()]
    headings += ["Segments", "Documents", layout.clusters, *(["Coded"] if layout.coded else [])]
    note = _note(rows, framework)
    return table_block(layout.caption, headings, body, table=TABLE, source=rows, note=note)


def _told(rows: pd.DataFrame, framework: Framework, layout: Layout) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows that a table prints, and the estimands that stand in them with their headings."""
    headings = {SHARE + stance.id: stance.label for stance in framework.stances} | {INDEX: "Index"}
    headings |= {SLOPE: f"Change of the index a {layout.slope}"} if layout.slope else {}
    rows = rows[rows["estimand"].isin(headings)] if "estimand" in rows else rows.iloc[:0]
    there = set(rows.get("estimand", ()))
    return rows, {name: heading for name, heading in headings.items() if name in there}


def estimate_list(
    rows: pd.DataFrame, framework: Framework, *, caption: str, value: str, write: Callable
) -> dict:
    """Return a table with one row for each estimate of one kind, groups first and dimensions after them.

    Parameters
    ----------
    rows : DataFrame
        Estimates of one estimand.
    framework : Framework
    caption, value : str
        Of the table, and of the column that holds the estimates.
    write : callable
        How an estimate is written.
    """
    body = []
    for _, row in rows.iterrows():
        column = "dimension" if row["dimension"] != "all" else str(row["group_by"])
        label = group_label(framework, column, row["dimension" if column == "dimension" else "group"])
        body.append([label, written(row, write, reasons=False), *_sizes(row.to_frame().T, coded=False)])
    headings = ["Group", value, "Segments", "Documents", "Clusters"]
    targets = distinct(rows, "target")
    note = interval_note(rows) + (f" About {listing(targets)}." if targets else "")
    return table_block(caption, headings, body, table=TABLE, source=rows, note=note)


def _cells(part: pd.DataFrame, estimands: Sequence[str]) -> list[str]:
    cells = []
    for name in estimands:
        found = part[part["estimand"] == name]
        write = {INDEX: signed, SLOPE: fine}.get(name, percent)
        cells.append("–" if found.empty else written(found.iloc[0], write, reasons=False))
    return cells


def _sizes(part: pd.DataFrame, *, coded: bool) -> list[str]:
    columns = ["n_segments", "n_documents", "n_clusters", *(["n_coded"] if coded else [])]
    return [count(part.iloc[0].get(column)) for column in columns]


def _note(rows: pd.DataFrame, framework: Framework) -> str:
    """Say once what all rows share: estimands, intervals and their method, what is missing, about whom."""
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    said = "Shares are of the segments that take a stance; "
    said += f"the index is the share of {high} less that of {low}. "
    targets = distinct(rows, "target")
    return said + interval_note(rows) + (f" About {listing(targets)}." if targets else "")
