"""What the report says of what the classifier does not know: abstention, unlike texts, errors by group."""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import count, finite, percent
from peercompare.framework import Framework
from peercompare.report import sentences
from peercompare.report.claims import Tables, list_block, section, table_block
from peercompare.report.estimates import interval_note, stance_label, written
from peercompare.report.references import say

COVERAGE, DOMAIN, FAIRNESS, BEHAVIOUR = "coverage", "domain", "fairness", "behaviour"
KINDS = {"invariance": "The label must stay", "direction": "A probability must move"}


def limits_section(tables: Tables, framework: Framework, titles: dict[str, str]) -> dict | None:
    """Return the section on what the classifier does not know, or None where the study has none of it."""
    claims = []
    for corpus, title in titles.items():
        claims += [
            *_coverage_claims(tables, corpus, title),
            *_domain_claims(tables, corpus, title),
            *_fairness_claims(tables, framework, corpus, title),
        ]
    claims += _behaviour_claims(tables)
    if not claims:
        return None
    blocks = [list_block(claims), _behaviour_rows(tables)]
    return section("classifier-limits", "When the classifier does not know", blocks, level=4)


def _coverage_claims(tables: Tables, corpus: str, title: str) -> list[dict]:
    """Say how often sets of labels hold the true one, and how often the model abstains."""
    rows = tables.rows(COVERAGE, corpus=corpus, label="")
    found = {row["measure"]: row for _, row in rows.iterrows() if finite(row["estimate"])}
    if not {"coverage", "abstained"} <= set(found):
        return []
    given = {"covered": found["coverage"], "abstained": found["abstained"], "title": title}
    return [say(sentences.COVERAGE, COVERAGE, **given)]


def _domain_claims(tables: Tables, corpus: str, title: str) -> list[dict]:
    """Say how many documents are unlike the training texts."""
    rows = tables.rows(DOMAIN, corpus=corpus)
    rows = rows[[finite(value) for value in rows["n_out_of_domain"]]] if len(rows) else rows
    if rows.empty:
        return []
    row = rows.iloc[0]
    verb = "is" if row["n_out_of_domain"] == 1 else "are"
    return [say(sentences.UNLIKE, DOMAIN, row=row, title=title, verb=verb)]


def _fairness_claims(tables: Tables, framework: Framework, corpus: str, title: str) -> list[dict]:
    """Say how often the first end is taken for the last, and what it would take to compare groups."""
    rows = tables.rows(FAIRNESS, corpus=corpus)
    whole = tables.rows(FAIRNESS, corpus=corpus, group_by="all")
    if whole.empty or not finite(whole.iloc[0]["estimate"]):
        return []
    row = whole.iloc[0]
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    claims = [say(sentences.MISREAD, FAIRNESS, row=row, title=title, low=low, high=high)]
    if not finite(row["needed_10"]):
        return claims
    claims.append(say(sentences.NEEDED, FAIRNESS, row=row, title=title))
    groups = rows[~rows["group_by"].astype(str).str.match("all$|dialect: ")]
    if len(groups):
        largest = groups.loc[groups["n_segments"].astype(float).idxmax()]
        claims.append(say(sentences.LARGEST, FAIRNESS, row=largest, title=title))
    return claims


def _behaviour_claims(tables: Tables) -> list[dict]:
    """Say how many minimal pairs are passed."""
    pairs = {"invariance": sentences.PAIRS_STAY, "direction": sentences.PAIRS_MOVE}
    rows = tables.rows(BEHAVIOUR, test="")
    return [say(pairs[row["kind"]], BEHAVIOUR, row=row) for _, row in rows.iterrows()]


def _behaviour_rows(tables: Tables) -> dict | None:
    """Return the pass rates of the tests as a table."""
    rows = tables.rows(BEHAVIOUR)
    rows = rows[rows["test"].fillna("") != ""] if len(rows) else rows
    if rows.empty:
        return None
    body = [_behaviour_row(row) for _, row in rows.iterrows()]
    headings = ["Test", "What must happen", "Passed", "Cases", "Sentences"]
    caption = "The classifier on minimal pairs"
    return table_block(caption, headings, body, table=BEHAVIOUR, source=rows, note=interval_note(rows))


def _behaviour_row(row: pd.Series) -> list[str]:
    name = str(row["test"]).replace("_", " ")
    return [
        name.capitalize(),
        KINDS[row["kind"]],
        written(row, percent),
        count(row["n_cases"]),
        count(row["n_sentences"]),
    ]
