"""What the report says of what the classifier does not know: abstention, unlike texts, errors by group."""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import count, finite, percent, plural
from peercompare.framework import Framework
from peercompare.report.claims import Tables, claim, claims_block, section, table_block
from peercompare.report.estimates import interval_note, written

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
    blocks = [claims_block(claims), _behaviour_rows(tables)]
    return section("classifier-limits", "When the classifier does not know", blocks, level=3)


def _coverage_claims(tables: Tables, corpus: str, title: str) -> list[dict]:
    """Say how often sets of labels hold the true one, and how often the model abstains."""
    rows = tables.rows(COVERAGE, corpus=corpus, label="")
    found = {row["measure"]: row for _, row in rows.iterrows() if finite(row["estimate"])}
    if not {"coverage", "abstained"} <= set(found):
        return []
    text = (
        f"{title}: sets of labels that should hold the true one nine times in ten hold it in "
        f"{written(found['coverage'], percent)} of segments. For {written(found['abstained'], percent)} of "
        "segments the set holds more than one label or none, and the classifier abstains; they are counted "
        "in every estimate all the same."
    )
    return [claim(text, COVERAGE, [found["coverage"].name, found["abstained"].name])]


def _domain_claims(tables: Tables, corpus: str, title: str) -> list[dict]:
    """Say how many documents are unlike the training texts."""
    rows = tables.rows(DOMAIN, corpus=corpus)
    rows = rows[[finite(value) for value in rows["n_out_of_domain"]]] if len(rows) else rows
    if rows.empty:
        return []
    row = rows.iloc[0]
    verb = "is" if row["n_out_of_domain"] == 1 else "are"
    text = (
        f"{title}: {count(row['n_out_of_domain'])} of {plural(row['n_documents'], 'document')} {verb} unlike "
        "the texts that their model learned from; one in twenty would be expected by chance."
    )
    return [claim(text, DOMAIN, row)]


def _fairness_claims(tables: Tables, framework: Framework, corpus: str, title: str) -> list[dict]:
    """Say how often the first end is taken for the last, and what it would take to compare groups."""
    rows = tables.rows(FAIRNESS, corpus=corpus)
    whole = tables.rows(FAIRNESS, corpus=corpus, group_by="all")
    if whole.empty or not finite(whole.iloc[0]["estimate"]):
        return []
    row = whole.iloc[0]
    low, high = (_label(framework, stance) for stance in framework.axis)
    text = f"{title}: {written(row, percent)} of segments that are truly {low} are taken for {high}."
    cited = [row.name]
    if finite(row["needed_10"]):
        groups = rows[~rows["group_by"].astype(str).str.match("all$|dialect: ")]
        text += (
            " To see that one group's words are misread more often by ten points, each group would need "
            f"{plural(row['needed_10'], 'such segment')}"
        )
        if len(groups):
            largest = groups.loc[groups["n_segments"].astype(float).idxmax()]
            text += f"; the largest group of documents here has {count(largest['n_segments'])}"
            cited.append(largest.name)
        text += "."
    return [claim(text, FAIRNESS, cited)]


def _label(framework: Framework, stance: str) -> str:
    return {each.id: each.label.lower() for each in framework.stances}[stance]


def _behaviour_claims(tables: Tables) -> list[dict]:
    """Say how many minimal pairs are passed."""
    claims = []
    words = {
        "invariance": "where a name, a title, a place or a spelling changes, the label stays in",
        "direction": 'where "not" or another word turns the meaning, the probability moves as it should in',
    }
    for _, row in tables.rows(BEHAVIOUR, test="").iterrows():
        text = (
            f"Minimal pairs: {words[row['kind']]} {written(row, percent)} of {count(row['n_cases'])} cases."
        )
        claims.append(claim(text, BEHAVIOUR, row))
    return claims


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
