"""What the report says about practice: shares of the stances, the index, and how both move.

Every number comes from a row of the table ``estimates``; rows that were withheld say so with their reason.
"""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import finite, has_interval, listing
from peercompare.framework import Framework
from peercompare.report import sentences
from peercompare.report.audiences import Audience
from peercompare.report.beside import outside_section, sessions_section
from peercompare.report.claims import Tables, claim, claims_block, figures_block, reasons_in_words, section
from peercompare.report.estimates import (
    ANCHORED,
    INDEX,
    SHARE,
    SLOPE,
    TABLE,
    Layout,
    estimate_list,
    fine,
    group_table,
    heading_of,
    signed,
    stance_label,
)
from peercompare.report.references import say

TIMES = ("date", "year", "half_year", "quarter", "month", "period")
MOST_ROWS = 30
"""A longer table is left to the files beside the report."""

PLAIN = {"dimension": "all", "variant": "as_coded", "labels": "all_codings"}
VARIANTS = {
    "as_coded": "As coded",
    "without_required": "Without what law or payer requires",
    "ties_split": "Ties between two stances split",
    "contested": "As workers contest it",
}
LABELS = {
    "all_codings": "All codings",
    "probability_sample": "A random sample of the codings, put right with predictions",
    "power_tuned": "The same sample, the trust in predictions tuned",
    "expert_only": "The same sample, without predictions",
    "predicted_only": "Predictions alone (biased; for contrast)",
}


def practice_sections(
    tables: Tables, framework: Framework, corpus: str, title: str, audience: Audience
) -> list[dict]:
    """Return the sections on one corpus: shares and index, groups, change over time, and how sturdy they are.

    Parameters
    ----------
    tables : Tables
    framework : Framework
        Gives stances, dimensions and their labels.
    corpus, title : str
        Name of the corpus in the tables, and for people.
    audience : Audience
        Says which groups are shown, and whether how sturdy the numbers are.
    """
    if tables.rows(TABLE, corpus=corpus).empty:
        return []
    overall = [
        claims_block([*share_claims(tables, framework, corpus), *index_claims(tables, framework, corpus)]),
        figures_block("shares", "stance", "plane", "dimension"),
        _by_dimension(tables, framework, corpus, title),
    ]
    sturdy = _sturdy(tables, framework, corpus) if audience.detail else []
    parts = [
        section(f"practice-{corpus}", f"{title}: shares of the stances", overall, level=3),
        section(f"groups-{corpus}", "By group", _groups(tables, framework, corpus, audience), level=4),
        section(f"time-{corpus}", "Change over time", _time(tables, framework, corpus, audience), level=4),
        sessions_section(tables, framework, corpus, title, audience),
        outside_section(tables, corpus, title, audience),
        section(f"sturdy-{corpus}", "How sturdy this is", sturdy, level=4),
    ]
    return [part for part in parts if part and part["blocks"]]


def share_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentences on the three shares, and on the segments without a stance."""
    rows = shares_of(tables, framework, corpus)
    if rows.empty:
        return []
    labels = {SHARE + stance.id: stance.label.lower() for stance in framework.stances}
    known = rows[[finite(value) for value in rows["estimate"]]]
    if known.empty:
        return [say(sentences.SHARES_NOT_GIVEN, TABLE, row=rows.iloc[0])]
    parts = [
        say(sentences.SHARE, TABLE, row=row, label=labels[row["estimand"]]) for _, row in known.iterrows()
    ]
    claims = [say(sentences.SHARES, TABLE, first=known.iloc[0], shares=parts)]
    none = _one(tables, corpus, f"{SHARE}{framework.none.id}")
    if none is not None and finite(none["estimate"]):
        claims.append(say(sentences.NO_STANCE, TABLE, row=none))
    return claims


def index_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentences on the index, and on what overlap's value does to it."""
    row = _one(tables, corpus, INDEX)
    if row is None:
        return []
    if not finite(row["estimate"]):
        return [say(sentences.INDEX_NOT_GIVEN, TABLE, row=row)]
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    claims = [say(sentences.INDEX, TABLE, row=row, low=low, high=high)]
    ends = [_one(tables, corpus, name) for name in ("index_overlap_low", "index_overlap_high")]
    if all(end is not None and finite(end["estimate"]) for end in ends):
        middle = listing(stance_label(framework, stance) for stance in framework.middle)
        moved = {"toward_low": ends[0], "toward_high": ends[1]}
        claims.append(say(sentences.INDEX_ENDS, TABLE, middle=middle, **moved))
    return claims


def slope_claims(tables: Tables, framework: Framework, corpus: str) -> list[dict]:
    """Return the sentence on change over time within the same workers or employers."""
    claims = []
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    for _, row in slopes_of(tables, corpus).iterrows():
        if not finite(row["estimate"]):
            claims.append(say(sentences.SLOPE_NOT_GIVEN, TABLE, row=row))
            continue
        words = {"unit": unit_of_time(tables, corpus, row), "reading": _reading(row, framework)}
        claims.append(say(sentences.SLOPE, TABLE, row=row, low=low, high=high, **words))
    return claims


def slopes_of(tables: Tables, corpus: str) -> pd.DataFrame:
    """Return the change over time of a whole corpus."""
    return tables.rows(TABLE, corpus=corpus, estimand=SLOPE, group_by="all", **PLAIN)


def _slopes(tables: Tables, framework: Framework, corpus: str, audience: Audience) -> dict | None:
    """Return the slopes of groups and of dimensions as a table, or None where there are none."""
    rows = tables.rows(TABLE, corpus=corpus, estimand=SLOPE, variant="as_coded", labels="all_codings")
    rows = rows[(rows["group_by"] != "all") ^ (rows["dimension"] != "all")] if len(rows) else rows
    rows = rows[[finite(value) for value in rows["estimate"]]] if len(rows) else rows
    rows = rows[[audience.shows_groups(name) for name in rows["group_by"]]] if len(rows) else rows
    if rows.empty:
        return None
    unit = unit_of_time(tables, corpus, rows.iloc[0])
    return estimate_list(rows, framework, caption=f"Change of the index a {unit}", value="Change", write=fine)


def _anchored(tables: Tables, framework: Framework, corpus: str, audience: Audience) -> list[dict | None]:
    """Return the index anchored between two references, or why that is refused."""
    rows = tables.rows(TABLE, corpus=corpus, estimand=ANCHORED, **PLAIN)
    rows = rows[[audience.shows_groups(name) for name in rows["group_by"]]] if len(rows) else rows
    given = rows[[finite(value) for value in rows["estimate"]]] if len(rows) else rows
    if rows.empty:
        return []
    if given.empty:
        text = f"The index is not anchored between two references: {reasons_in_words(rows)}."
        return [claims_block([claim(text, TABLE, rows)])]
    blocks = []
    for column in dict.fromkeys(given["group_by"]):
        part = rows[rows["group_by"] == column]
        if part["group"].nunique() <= MOST_ROWS:
            caption = f"Between the study's two references: by {heading_of(column).lower()}"
            blocks.append(
                estimate_list(part, framework, caption=caption, value="Anchored index", write=signed)
            )
    return blocks


def shares_of(tables: Tables, framework: Framework, corpus: str) -> pd.DataFrame:
    """Return the shares of the stances in a whole corpus, in the framework's order of the stances."""
    names = [SHARE + stance for stance in framework.stance_ids]
    return tables.rows(TABLE, corpus=corpus, estimand=names, group_by="all", **PLAIN)


def _one(tables: Tables, corpus: str, estimand: str) -> pd.Series | None:
    """Return the row of an estimand for the whole corpus, or None."""
    rows = tables.rows(TABLE, corpus=corpus, estimand=estimand, group_by="all", **PLAIN)
    return None if rows.empty else rows.iloc[0]


def unit_of_time(tables: Tables, corpus: str, row: pd.Series) -> str:
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
    wanted = {"group_by": "all", "variant": "as_coded", "labels": "all_codings"}
    rows = tables.rows(TABLE, corpus=corpus, dimension=list(framework.dimension_ids), **wanted)
    layout = Layout(
        "dimension",
        f"{title}: by dimension",
        "Dimension",
        order=framework.dimension_ids,
        clusters=_clusters(tables, corpus),
    )
    return group_table(rows, framework, layout)


def _groups(tables: Tables, framework: Framework, corpus: str, audience: Audience) -> list[dict | None]:
    """Return a table for each grouping that is not time and not too long; then the anchored index."""
    columns = [name for name in _shown(tables, corpus, audience) if not _is_time(name) and name != "all"]
    long = [claims_block(_too_long(tables, corpus, columns))] if _too_long(tables, corpus, columns) else []
    blocks = [_by_group(tables, framework, corpus, column) for column in columns]
    blocks += _anchored(tables, framework, corpus, audience)
    return [figures_block("groups", "group", "settings"), *blocks, *long] if any([*blocks, *long]) else []


def _time(tables: Tables, framework: Framework, corpus: str, audience: Audience) -> list[dict | None]:
    """Return what moved over time: slopes in words, figures, and a table by period."""
    slopes = slope_claims(tables, framework, corpus)
    columns = [name for name in _shown(tables, corpus, audience) if name in TIMES]
    blocks = [_by_group(tables, framework, corpus, column) for column in columns]
    if not slopes and not any(blocks):
        return []
    said = claims_block(slopes) if slopes else None
    figures = figures_block("drift", "time", "event", "employers", "years")
    return [said, figures, *blocks, _slopes(tables, framework, corpus, audience)]


def _shown(tables: Tables, corpus: str, audience: Audience) -> list[str]:
    """Return the groupings of a corpus that this kind of reader is shown."""
    return [name for name in tables.values(TABLE, "group_by", corpus=corpus) if audience.shows_groups(name)]


def _too_long(tables: Tables, corpus: str, columns: list[str]) -> list[dict]:
    """Say of each grouping with too many groups to print where its rows are."""
    claims = []
    for column in columns:
        rows = tables.rows(TABLE, corpus=corpus, group_by=column, **PLAIN)
        if (n_groups := rows["group"].nunique()) > MOST_ROWS:
            row = pd.Series({"n_groups": n_groups}, name=rows.index[0])
            claims.append(say(sentences.TOO_LONG, TABLE, row=row, heading=heading_of(column).lower()))
    return claims


def _by_group(tables: Tables, framework: Framework, corpus: str, column: str) -> dict | None:
    """Return the table of one grouping, or None where it is empty or too long to print."""
    rows = tables.rows(TABLE, corpus=corpus, group_by=column, **PLAIN)
    if rows.empty or rows["group"].nunique() > MOST_ROWS:
        return None
    heading = heading_of(column)
    layout = Layout("group", f"By {heading.lower()}", heading, clusters=_clusters(tables, corpus))
    return group_table(rows, framework, layout)


def _sturdy(tables: Tables, framework: Framework, corpus: str) -> list[dict | None]:
    """Return what other choices would have given: ties, what law or payer requires, and fewer codings."""
    wanted = {"corpus": corpus, "group_by": "all", "dimension": "all"}
    clusters = _clusters(tables, corpus)
    slopes = tables.rows(TABLE, **wanted, estimand=SLOPE)
    unit = "" if slopes.empty else unit_of_time(tables, corpus, slopes.iloc[0])
    choices = Layout(
        "variant",
        "The same estimates under other choices",
        "What was counted",
        order=tuple(VARIANTS),
        names=VARIANTS,
        clusters=clusters,
        slope=unit,
    )
    fewer = Layout(
        "labels",
        "The same estimates from fewer codings",
        "Labels",
        order=tuple(LABELS),
        names=LABELS,
        clusters=clusters,
        coded=True,
        slope=unit,
    )
    said = _contested(tables, corpus)
    variants = tables.rows(TABLE, **wanted, labels="all_codings")
    labels = tables.rows(TABLE, **wanted, variant="as_coded")
    drawn = [
        group_table(rows, framework, layout)
        for rows, layout in ((variants, choices), (labels, fewer))
        if layout.key in rows and rows[layout.key].nunique() > 1
    ]
    return [claims_block(said), *drawn] if said else drawn


def _contested(tables: Tables, corpus: str) -> list[dict]:
    """Say how much workers contest, or why that is not said."""
    claims = []
    for _, row in tables.rows("contests", corpus=corpus).iterrows():
        template = sentences.CONTESTED if finite(row["n_contested"]) else sentences.CONTESTED_HIDDEN
        claims.append(say(template, "contests", row=row))
    return claims


def _is_time(column: str) -> bool:
    return any(part.strip() in TIMES for part in str(column).split(" x "))


def _clusters(tables: Tables, corpus: str) -> str:
    """Name the clusters of a corpus as a heading: ``Employers``."""
    found = tables.values("corpora", "cluster", corpus=corpus)
    return f"{found[0].removesuffix('_id').replace('_', ' ').capitalize()}s" if found else "Clusters"
