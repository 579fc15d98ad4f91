"""What the report says about practice: shares of the stances, the index, and how both move.

Every number comes from a row of the table ``estimates``; rows that were withheld say so with their reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from peercompare.figures.text import (
    confidence,
    count,
    distinct,
    finite,
    has_interval,
    listing,
    missing,
    number,
    percent,
    reason_of,
)
from peercompare.framework import Framework
from peercompare.report.claims import Tables, claim, claims_block, figures_block, section, table_block

TABLE = "estimates"
SHARE = "share_"
TIMES = ("date", "year", "half_year", "quarter", "month", "period")
MOST_ROWS = 30
"""A longer table is left to the files beside the report."""

PLAIN = {"dimension": "all", "variant": "as_coded", "labels": "all_codings"}
HEADINGS = {
    "role_type": "Type of role",
    "setting": "Setting",
    "employer_id": "Employer",
    "site_id": "Site",
    "worker_role": "Role of the worker",
    "kind": "Kind of session",
    "year": "Year",
    "half_year": "Half-year",
}
VARIANTS = {
    "as_coded": "As coded",
    "without_required": "Without what law or payer requires",
    "ties_split": "Ties between two stances split",
}
LABELS = {
    "all_codings": "All codings",
    "probability_sample": "A random sample of the codings, put right with predictions",
    "predicted_only": "Predictions alone (biased; for contrast)",
}

signed = partial(number, signed=True)


def written(row: pd.Series, write: Callable = number, *, reasons: bool = True) -> str:
    """Write an estimate with its interval, or why one of them is not given."""
    if not finite(row.get("estimate")):
        return f"not given: {reason_of(row)}" if reasons else "not given"
    if has_interval(row):
        return f"{write(row['estimate'])} ({write(row['lower'])} to {write(row['upper'])})"
    why = f" (no interval: {reason_of(row)})" if reasons else " (no interval)"
    return write(row["estimate"]) + why


def practice_sections(tables: Tables, framework: Framework, corpus: str, title: str) -> list[dict]:
    """Return the sections on one corpus: shares and index, groups, change over time, and how sturdy they are.

    Parameters
    ----------
    tables : Tables
    framework : Framework
        Gives stances, dimensions and their labels.
    corpus, title : str
        Name of the corpus in the tables, and for people.
    """
    if tables.rows(TABLE, corpus=corpus).empty:
        return []
    overall = [
        claims_block([*share_claims(tables, framework, corpus), *index_claims(tables, framework, corpus)]),
        figures_block("shares", "stance", "plane", "dimension"),
        _by_dimension(tables, framework, corpus, title),
    ]
    parts = [
        section(f"practice-{corpus}", f"{title}: shares of the stances", overall),
        section(f"groups-{corpus}", "By group", _groups(tables, framework, corpus), level=3),
        section(f"time-{corpus}", "Change over time", _time(tables, framework, corpus), level=3),
        section(f"sturdy-{corpus}", "How sturdy this is", _sturdy(tables, framework, corpus), level=3),
    ]
    return [part for part in parts if part["blocks"]]


def share_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentences on the three shares, and on the segments without a stance."""
    rows = _shares(tables, framework, corpus)
    if rows.empty:
        return []
    labels = {SHARE + stance.id: stance.label.lower() for stance in framework.stances}
    known = rows[[finite(value) for value in rows["estimate"]]]
    if known.empty:
        return [claim(f"The shares of the stances are not given: {reason_of(rows.iloc[0])}.", TABLE, rows)]
    said = listing(f"{written(row, percent)} {labels[row['estimand']]}" for _, row in known.iterrows())
    first = known.iloc[0]
    size = f"{count(first['n_segments'])} segments that take a stance"
    claims = [claim(f"Of the {size}, the shares are {said}.", TABLE, known)]
    none = _one(tables, corpus, f"{SHARE}{framework.none.id}")
    if none is not None and finite(none["estimate"]):
        text = "Segments that take no stance are outside these shares; they are "
        text += f"{written(none, percent)} of all."
        claims.append(claim(text, TABLE, none))
    return claims


def index_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentences on the index, and on what overlap's value does to it."""
    row = _one(tables, corpus, "index")
    if row is None:
        return []
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    if not finite(row["estimate"]):
        return [claim(f"The index is not given: {reason_of(row)}.", TABLE, row)]
    text = (
        f"The index, the share of {high} less the share of {low}, is {written(row, signed)}; it would be −1 if all "
        f"were {low} and +1 if all were {high}."
    )
    claims = [claim(text, TABLE, row)]
    ends = [_one(tables, corpus, name) for name in ("index_overlap_low", "index_overlap_high")]
    if all(end is not None and finite(end["estimate"]) for end in ends):
        values = " to ".join(signed(end["estimate"]) for end in ends)
        middle = listing(stance_label(framework, stance) for stance in framework.middle)
        text = f"Where {middle} counts not as the middle but a quarter of the way to either end: {values}."
        claims.append(claim(text, TABLE, [end.name for end in ends]))
    return claims


def slope_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentences on change over time within the same workers or employers."""
    claims = []
    for _, row in tables.rows(TABLE, corpus=corpus, estimand="slope", **PLAIN).iterrows():
        where = _about(row)
        if not finite(row["estimate"]):
            claims.append(claim(f"Change over time{where} is not given: {reason_of(row)}.", TABLE, row))
            continue
        digits = partial(number, signed=True, digits=3)
        text = (
            f"Over time the index changes by {written(row, digits)} a {_unit(tables, corpus, row)}{where}. "
        )
        claims.append(claim(text + _reading(row, framework), TABLE, row))
    return claims


def anchored_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentences on the index anchored between two references, or why that is refused."""
    rows = tables.rows(TABLE, corpus=corpus, estimand="index_anchored", group_by="all", **PLAIN)
    claims = []
    for _, row in rows.iterrows():
        if finite(row["estimate"]):
            text = f"Between the study's two references (0 and 1) the corpus stands at {written(row)}."
        else:
            text = f"The index is not anchored between two references: {reason_of(row)}."
        claims.append(claim(text, TABLE, row))
    return claims


def group_label(framework: Framework, column: str, value: object) -> str:
    """Return a group's label: the framework's where it has one, else the value itself."""
    items = {
        "role_type": framework.role_types,
        "setting": framework.settings,
        "dimension": framework.dimensions,
    }
    known = {item.id: item.label for item in items.get(column, ())}
    return known.get(str(value), str(value).replace("_", " "))


def _shares(tables: Tables, framework: Framework, corpus: str, **more: object) -> pd.DataFrame:
    wanted = {"group_by": "all", **PLAIN, **more}
    names = [SHARE + stance for stance in framework.stance_ids]
    return tables.rows(TABLE, corpus=corpus, estimand=names, **wanted)


def _one(tables: Tables, corpus: str, estimand: str, **more: object) -> pd.Series | None:
    """Return the row of an estimand for the whole corpus, or None."""
    rows = tables.rows(TABLE, corpus=corpus, estimand=estimand, **{"group_by": "all", **PLAIN, **more})
    return None if rows.empty else rows.iloc[0]


def stance_label(framework: Framework, stance: str) -> str:
    """Return a stance's label as it stands within a sentence."""
    return next(item.label for item in framework.stances if item.id == stance).lower()


def _about(row: pd.Series) -> str:
    """Say which group a slope is about, where it is not about all."""
    return "" if row["group_by"] == "all" or missing(row.get("group")) else f" in {row['group']}"


def _unit(tables: Tables, corpus: str, row: pd.Series) -> str:
    """Return the unit of time of a slope."""
    words = f"{row.get('method', '')} {row.get('target', '')}".lower()
    for unit in ("month", "year"):
        if f"per {unit}" in words or f"a {unit}" in words:
            return unit
    genres = tables.values("corpora", "genre", corpus=corpus)
    return "month" if genres == ["session_transcript"] else "year"


def _reading(row: pd.Series, framework: Framework) -> str:
    """Say in words what a slope's interval does and does not say."""
    if not has_interval(row):
        return "Without an interval nothing can be said about its direction."
    if row["lower"] <= 0 <= row["upper"]:
        return "No change at all is among the values that fit the data."
    end = framework.axis[1] if row["estimate"] > 0 else framework.axis[0]
    return f"The whole interval lies on one side of no change, toward {stance_label(framework, end)}."


def _by_dimension(tables: Tables, framework: Framework, corpus: str, title: str) -> dict | None:
    rows = tables.rows(
        TABLE,
        corpus=corpus,
        group_by="all",
        variant="as_coded",
        labels="all_codings",
        dimension=list(framework.dimension_ids),
    )
    return _pivot(
        rows,
        framework,
        key="dimension",
        order=framework.dimension_ids,
        caption=f"{title}: by dimension",
        heading="Dimension",
    )


def _groups(tables: Tables, framework: Framework, corpus: str) -> list[dict | None]:
    """Return a table for each grouping that is neither time nor too long to print; then the anchored index."""
    blocks: list[dict | None] = [figures_block("groups", "group", "settings")]
    for column in tables.values(TABLE, "group_by", corpus=corpus):
        rows = tables.rows(TABLE, corpus=corpus, group_by=column, **PLAIN)
        if column == "all" or _is_time(column) or rows.empty:
            continue
        heading = HEADINGS.get(column, column.replace("_", " ").capitalize())
        if rows["group"].nunique() <= MOST_ROWS:
            blocks.append(
                _pivot(rows, framework, key="group", caption=f"By {heading.lower()}", heading=heading)
            )
    anchored = anchored_claims(tables, framework, corpus)
    return [*blocks, claims_block(anchored) if anchored else None] if len(blocks) > 1 or anchored else []


def _is_time(column: str) -> bool:
    return column in TIMES or any(part.strip() in TIMES for part in column.split(" x "))


def _time(tables: Tables, framework: Framework, corpus: str) -> list[dict | None]:
    """Return what moved over time: slopes in words, figures, and a table by period."""
    slopes = slope_claims(tables, framework, corpus)
    blocks: list[dict | None] = [
        claims_block(slopes) if slopes else None,
        figures_block("drift", "time", "employers"),
    ]
    found = bool(slopes)
    for column in tables.values(TABLE, "group_by", corpus=corpus):
        rows = tables.rows(TABLE, corpus=corpus, group_by=column, **PLAIN)
        if column in TIMES and 0 < rows["group"].nunique() <= MOST_ROWS:
            heading = HEADINGS.get(column, column.replace("_", " ").capitalize())
            blocks.append(
                _pivot(rows, framework, key="group", caption=f"By {heading.lower()}", heading=heading)
            )
            found = True
    return blocks if found else []


def _sturdy(tables: Tables, framework: Framework, corpus: str) -> list[dict | None]:
    """Return what other choices would have given: ties, what law or payer requires, and fewer codings."""
    wanted = {"group_by": "all", "dimension": "all"}
    variants = tables.rows(TABLE, corpus=corpus, labels="all_codings", **wanted)
    labels = tables.rows(TABLE, corpus=corpus, variant="as_coded", **wanted)
    blocks = []
    if variants["variant"].nunique() > 1 if "variant" in variants else False:
        blocks.append(
            _pivot(
                variants,
                framework,
                key="variant",
                order=list(VARIANTS),
                names=VARIANTS,
                caption="The same estimates under other choices",
                heading="Choice",
            )
        )
    if labels["labels"].nunique() > 1 if "labels" in labels else False:
        blocks.append(
            _pivot(
                labels,
                framework,
                key="labels",
                order=list(LABELS),
                names=LABELS,
                coded=True,
                caption="The same estimates from fewer codings",
                heading="Labels",
            )
        )
    return blocks


def _pivot(
    rows: pd.DataFrame,
    framework: Framework,
    *,
    key: str,
    caption: str,
    heading: str,
    order: Sequence[str] = (),
    names: dict | None = None,
    coded: bool = False,
) -> dict | None:
    """Return a table with one row for each group: shares, index, and on how much they rest."""
    shares = [SHARE + stance for stance in framework.stance_ids]
    rows = rows[rows["estimand"].isin([*shares, "index"])] if "estimand" in rows else rows
    if rows.empty:
        return None
    column = "dimension" if key == "dimension" else str(rows["group_by"].iloc[0])
    found = [str(value) for value in dict.fromkeys(rows[key])]
    keys = [value for value in order if value in found] + [value for value in found if value not in order]
    body = []
    for value in keys:
        part = rows[rows[key].astype(str) == value]
        label = (names or {}).get(value) or group_label(framework, column, value)
        body.append([label, *_cells(part, [*shares, "index"]), *_sizes(part, coded=coded), _reasons(part)])
    headings = [
        heading,
        *(stance.label for stance in framework.stances),
        "Index",
        "Segments",
        "Documents",
        "Clusters",
    ]
    headings += (["Coded"] if coded else []) + ["Remarks"]
    if not any(row[-1] for row in body):
        headings, body = headings[:-1], [row[:-1] for row in body]
    return table_block(caption, headings, body, table=TABLE, source=rows, note=_note(rows, framework))


def _cells(part: pd.DataFrame, estimands: Sequence[str]) -> list[str]:
    cells = []
    for name in estimands:
        found = part[part["estimand"] == name]
        write = signed if name == "index" else percent
        cells.append("–" if found.empty else written(found.iloc[0], write, reasons=False))
    return cells


def _sizes(part: pd.DataFrame, *, coded: bool) -> list[str]:
    first = part.iloc[0]
    columns = ["n_segments", "n_documents", "n_clusters", *(["n_coded"] if coded else [])]
    return [count(first.get(column)) for column in columns]


def _reasons(part: pd.DataFrame) -> str:
    return "; ".join(reason.rstrip(".") for reason in distinct(part, "reason"))


def _note(rows: pd.DataFrame, framework: Framework) -> str:
    """Say once what all rows share: the estimands, the level of the intervals, their method, about whom."""
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    said = [
        f"Shares are of the segments that take a stance; the index is the share of {high} less that of {low}"
    ]
    methods = distinct(rows, "method")
    level = confidence(rows)
    if level:
        said.append(f"In brackets: {level} intervals" + (f" ({'; '.join(methods)})" if methods else ""))
    targets = distinct(rows, "target")
    if targets:
        said.append(f"About {listing(targets)}")
    return " ".join(f"{sentence.rstrip('. ')}." for sentence in said)
