"""What the report says of its data: what consent left out, who agreed to what, what is withheld."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from peercompare.figures.text import count, finite
from peercompare.persons import MIN_WORKERS
from peercompare.report import sentences, wording
from peercompare.report.claims import Tables, claims_block, list_block, section, table_block, words_block
from peercompare.report.references import say
from peercompare.report.trust import withheld_block

CONSENT = "consent"
"""Name of the table of who agreed to what, as `peercompare.corpus.consent_status` counts it."""

ALL = "all"
STATES = {"agreed": "Agreed", "ended": "Agreed until it ended", "not agreed": "Did not agree"}


def quality_section(tables: Tables, facts: Mapping[str, object], titles: Mapping[str, str]) -> dict:
    """Return the section on data quality and consent: counted, withheld where few, nobody named.

    Parameters
    ----------
    tables : Tables
        ``corpora``, ``left_out``, ``consent`` and ``withheld``, as far as there are any.
    facts : mapping
        ``as_of`` and ``consent_policy``, both optional.
    titles : mapping of str to str
        Each corpus's name as people read it.
    """
    composed = any(bool(value) for value in tables.values("corpora", "composed"))
    day = f"The day is {facts['as_of']}." if facts.get("as_of") else ""
    policy = wording.POLICIES.get(str(facts.get("consent_policy", "")), "")
    blocks: list[dict | None] = [
        words_block(wording.COMPOSED) if composed else None,
        list_block(_days(tables, titles)),
        words_block(" ".join(part for part in (wording.CONSENT, policy, day) if part)),
        *_left_out(tables, titles),
        claims_block(_gone(tables, titles)),
        *(_agreed(tables, corpus, titles) for corpus in tables.values(CONSENT, "corpus")),
        withheld_block(tables),
    ]
    return section("consent", "Data quality and consent", [block for block in blocks if _said(block)])


def _said(block: dict | None) -> bool:
    """Say whether a block says anything."""
    return block is not None and bool(block.get("claims", True))


def _days(tables: Tables, titles: Mapping[str, str]) -> list[dict]:
    """Say from when to when the documents are."""
    rows = tables.rows("corpora")
    if not {"first_date", "last_date"} <= set(rows.columns):
        return []
    rows = rows[rows["first_date"].notna() & rows["last_date"].notna()]
    return [
        say(sentences.CORPUS_DAYS, "corpora", row=row, title=titles[row["corpus"]])
        for _, row in rows.iterrows()
    ]


def _left_out(tables: Tables, titles: Mapping[str, str]) -> list[dict | None]:
    """Return how many documents consent touched, and the reasons with their counts."""
    if "left_out" not in tables:
        return [words_block(wording.NOTHING_LEFT_OUT)] if "corpora" in tables else []
    claims = []
    for _, row in tables.rows("corpora").iterrows():
        known = finite(row["n_documents_left_out"])
        if known and not row["n_documents_left_out"]:
            continue
        template = sentences.LEFT_OUT if known else sentences.LEFT_OUT_HIDDEN
        claims.append(say(template, "corpora", row=row, title=titles[row["corpus"]]))
    return [claims_block(claims), _reasons(tables, titles)]


def _reasons(tables: Tables, titles: Mapping[str, str]) -> dict:
    """Return the reasons with their counts, or why the counts are withheld."""
    rows = tables.rows("left_out")
    body = [[f"{titles[row['corpus']]}: {row['reason']}", _people(row)] for _, row in rows.iterrows()]
    note = "Counts of people by reason; nobody is named."
    if _all_composed(tables):
        note += f" Composed corpora: counts below {MIN_WORKERS} would not be printed for real people."
    note += _why_withheld(rows)
    headings = ["Reason", "People"]
    caption = "Why consent did not cover them"
    return table_block(caption, headings, body, table="left_out", source=rows, note=note)


def _agreed(tables: Tables, corpus: str, titles: Mapping[str, str]) -> dict | None:
    """Return who agreed to what in a corpus: a row for each role and purpose."""
    rows = tables.rows(CONSENT, corpus=corpus)
    body = []
    for (role, purpose), part in rows[rows["purpose"] != ALL].groupby(["role", "purpose"], sort=False):
        whole = part[part["state"] == ALL]
        whole = whole if len(whole) else rows[(rows["role"] == role) & (rows["purpose"] == ALL)]
        counts = [_people(part[part["state"] == state].iloc[0]) for state in STATES]
        named = f"{role.replace('_', ' ').capitalize()}: {purpose.replace('_', ' ')}"
        body.append([named, _people(whole.iloc[0]), *counts])
    if not body:
        return None
    note = "Counts of people; nobody is named." + _why_withheld(rows)
    caption = f"{titles.get(corpus, corpus)}: who agreed to what"
    headings = ["Role and purpose", "Asked", *STATES.values()]
    return table_block(caption, headings, body, table=CONSENT, source=rows, note=note)


def _people(row: pd.Series) -> str:
    return count(row["n_people"]) if finite(row["n_people"]) else "withheld"


def _why_withheld(rows: pd.DataFrame) -> str:
    """Return the reasons for which counts are withheld, each once."""
    return "".join(f" {text[:1].upper()}{text[1:]}." for text in dict.fromkeys(rows["withheld"]) if text)


def _all_composed(tables: Tables) -> bool:
    rows = tables.rows("corpora")
    return not rows.empty and bool(rows["composed"].astype(bool).all())


def _gone(tables: Tables, titles: Mapping[str, str]) -> list[dict]:
    """Say of each corpus how many documents lost words since the day of the study."""
    rows = tables.rows("corpora")
    return [
        say(sentences.GONE, "corpora", row=row, title=titles[row["corpus"]])
        for _, row in rows.iterrows()
        if finite(row.get("n_documents_gone")) and row["n_documents_gone"] > 0
    ]
