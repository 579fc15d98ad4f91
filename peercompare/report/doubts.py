"""What the report says of its own estimates: what warns, what other choices give, what a change is made of.

The verdicts are the study's, from the table ``diagnosis``; nothing is judged here. A check that warns is told
before any finding, to every kind of reader.
"""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import missing
from peercompare.report import sentences
from peercompare.report.claims import Tables, figures_block, list_block, section, table_block
from peercompare.report.estimates import interval_note, signed, written
from peercompare.report.references import say

DIAGNOSIS, CHOICES, COMPOSITION = "diagnosis", "sensitivity", "composition"
PARTS = {
    "change": "The whole change",
    "change_topic_mix": "From what was talked about",
    "change_within_topics": "From the stance within what was talked about",
    "change_who_was_seen": "From who was seen, and how much of each",
    "change_within_workers": "From what those seen in both did",
}


def warnings_block(tables: Tables, titles: dict[str, str]) -> dict | None:
    """Return what the diagnosis warns of, or None where it warns of nothing."""
    rows = tables.rows(DIAGNOSIS)
    rows = rows[rows["warns"].astype(bool)] if len(rows) else rows
    claims = []
    for _, row in rows.iterrows():
        template = sentences.WARNING if missing(row["remedy"]) else sentences.WARNING_AND_REMEDY
        claims.append(say(template, DIAGNOSIS, row=row, title=titles.get(row["corpus"], row["corpus"])))
    return list_block(claims) if claims else None


def doubts_section(tables: Tables, titles: dict[str, str]) -> dict | None:
    """Return every check, the index under other choices and the parts of a change, or None."""
    blocks = [figures_block("sensitivity", "composition")]
    for corpus, title in titles.items():
        blocks += [
            _checks(tables, corpus, title),
            _choices(tables, corpus, title),
            _parts(tables, corpus, title),
        ]
    if not any(blocks[1:]):
        return None
    return section("doubts", "What could be wrong", blocks, level=3)


def _checks(tables: Tables, corpus: str, title: str) -> dict | None:
    """Return the diagnosis of a corpus, check by check; other choices have a table of their own."""
    rows = tables.rows(DIAGNOSIS, corpus=corpus)
    if CHOICES in tables:
        rows = rows[~rows["check"].astype(str).str.startswith(CHOICES)] if len(rows) else rows
    if rows.empty:
        return None
    body = [
        [_sentence(row["what"]), _found(row), _sentence(row["verdict"]), _sentence(row["remedy"]) or "–"]
        for _, row in rows.iterrows()
    ]
    headings = ["Check", "Found", "What it says", "What to do"]
    caption = f"{title}: checks of the estimates"
    return table_block(caption, headings, body, table=DIAGNOSIS, source=rows, note=interval_note(rows))


def _found(row: pd.Series) -> str:
    return written(row.rename({"value": "estimate"}), signed, reasons=False)


def _choices(tables: Tables, corpus: str, title: str) -> dict | None:
    """Return the index under other choices."""
    rows = tables.rows(CHOICES, corpus=corpus)
    body = [[_sentence(row["words"]), written(row, signed, reasons=False)] for _, row in rows.iterrows()]
    caption = f"{title}: the index under other choices"
    headings = ["Choice", "Index"]
    note = interval_note(rows)
    return table_block(caption, headings, body, table=CHOICES, source=rows, note=note) if body else None


def _parts(tables: Tables, corpus: str, title: str) -> dict | None:
    """Return what a change of the index is made of."""
    wanted = {"corpus": corpus, "dimension": "all", "labels": "all_codings", "estimand": list(PARTS)}
    rows = tables.rows(COMPOSITION, **wanted)
    if rows.empty:
        return None
    body = [[PARTS[row["estimand"]], written(row, signed, reasons=False)] for _, row in rows.iterrows()]
    caption = f"{title}: what the change of the index is made of ({rows['group'].iloc[0]})"
    headings = ["Part", "Change of the index"]
    return table_block(caption, headings, body, table=COMPOSITION, source=rows, note=interval_note(rows))


def _sentence(text: object) -> str:
    """Begin a text from a table with a capital."""
    return "" if missing(text) else f"{str(text)[:1].upper()}{str(text)[1:]}"
