"""What stands beside the index of a corpus: measures of whole sessions, and scores from outside.

Neither is the index, and each says what it cannot tell. The tables are the study's; nothing is judged here.
"""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import count, missing, percent
from peercompare.framework import Framework
from peercompare.report import sentences, wording
from peercompare.report.audiences import Audience
from peercompare.report.claims import Tables, claims_block, section, table_block, texts_block, words_block
from peercompare.report.estimates import INDEX, group_label, interval_note, number, signed, written
from peercompare.report.references import say

SESSIONS, TURNS, OUTSIDE = "session_measures", "session_turns", "external"
SHARE = "_share"
"""Ends the name of a measure that is a share."""


def sessions_section(
    tables: Tables, framework: Framework, corpus: str, title: str, audience: Audience
) -> dict | None:
    """Return the section on whole sessions: each measure by group, with what it cannot tell, or None.

    Parameters
    ----------
    tables : Tables
    framework : Framework
    corpus, title : str
        Name of the corpus in the tables, and for people.
    audience : Audience
        Says whether sessions are looked into, and which groups are shown.
    """
    rows = tables.rows(SESSIONS, corpus=corpus)
    rows = rows[[audience.shows_groups(name) for name in rows["group_by"]]] if len(rows) else rows
    if rows.empty or not audience.sessions:
        return None
    blocks = [
        words_block(wording.SESSIONS),
        claims_block(_turns(tables, corpus)) if _turns(tables, corpus) else None,
        _measures(rows, framework, title),
        texts_block(_untold(rows)),
    ]
    return section(f"sessions-{corpus}", "Whole sessions: who speaks, and how", blocks, level=4)


def outside_section(tables: Tables, corpus: str, title: str, audience: Audience) -> dict | None:
    """Return the section on scores from outside, such as fidelity or climate, or None where there are none.

    Parameters
    ----------
    tables : Tables
    corpus, title : str
        Name of the corpus in the tables, and for people.
    audience : Audience
        Says whether it is shown.
    """
    rows = tables.rows(OUTSIDE, corpus=corpus)
    if rows.empty or not audience.detail:
        return None
    body = [
        [
            f"{row['group']}, {wording.OUTSIDE_KINDS.get(row['estimand'], row['estimand'])}",
            str(row["labels"]).replace("_", " "),
            written(row, signed, reasons=False),
            *(count(row.get(name)) for name in ("n_clusters", "n_documents", "n_workers")),
        ]
        for _, row in rows.iterrows()
    ]
    headings = ["Score from outside", "Labels", "Correlation", "Sites", "Months of sites", "Workers"]
    caption = f"{title}: the index beside scores from outside"
    made = table_block(caption, headings, body, table=OUTSIDE, source=rows, note=interval_note(rows))
    return section(
        f"outside-{corpus}", "Beside scores from outside", [words_block(wording.OUTSIDE), made], level=4
    )


def _turns(tables: Tables, corpus: str) -> list[dict]:
    """Say over how many turns sessions are measured, and how many consent leaves out."""
    return [
        say(sentences.TURNS_HIDDEN if missing(row["n_turns_refused"]) else sentences.TURNS, TURNS, row=row)
        for _, row in tables.rows(TURNS, corpus=corpus).iterrows()
    ]


def _measures(rows: pd.DataFrame, framework: Framework, title: str) -> dict:
    """Return a table with a row for each measure and group."""
    body = [
        [
            f"{_named(row['estimand'])}: {_group(row, framework)}",
            written(row, _writing(row["estimand"]), reasons=False),
            count(row.get("n_documents")),
            count(row.get("n_workers")),
        ]
        for _, row in rows.sort_values("estimand", key=_order, kind="stable").iterrows()
    ]
    headings = ["Measure and group", "Value", "Sessions", "Workers"]
    caption = f"{title}: measures of whole sessions, and the index of the same sessions"
    return table_block(caption, headings, body, table=SESSIONS, source=rows, note=interval_note(rows))


def _untold(rows: pd.DataFrame) -> list[str]:
    """Say of each measure what it does not show."""
    told = dict(zip(rows["estimand"], rows["cannot_tell"], strict=True))
    return [f"{_named(name)}: {why}." for name, why in told.items() if not missing(why)]


def _named(estimand: str) -> str:
    return wording.MEASURES.get(estimand, estimand.replace("_", " ").capitalize())


def _order(estimands: pd.Series) -> pd.Series:
    """Put the measures in the order in which they are explained; others after them."""
    places = {name: place for place, name in enumerate(wording.MEASURES)}
    return estimands.map(places).fillna(len(places))


def _group(row: pd.Series, framework: Framework) -> str:
    column, group = str(row["group_by"]), row["group"]
    return "all" if column == "all" else group_label(framework, column, group)


def _writing(estimand: str):
    """Return how a measure is written."""
    if estimand.endswith(SHARE):
        return percent
    return signed if estimand == INDEX else number
