"""What the report says about job descriptions as documents: title against duties, types of role, markers."""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import count, finite, has_interval, percent
from peercompare.framework import Framework
from peercompare.report import sentences, wording
from peercompare.report.audiences import Audience
from peercompare.report.claims import (
    Tables,
    claims_block,
    figures_block,
    section,
    table_block,
    words_block,
)
from peercompare.report.estimates import group_label, heading_of, interval_note, stance_label, written
from peercompare.report.references import say

TITLES = "title_against_duties"
SCORES = "role_scores"
FINDINGS = "marker_findings"
UNDER, LADDER = "marker_shares_by_title", "role_ladder"
BY_RULES = "_by_rules"
"""Ends the name of a table that holds what the program found where coders settled the same."""

MEASURES = {
    "accuracy": "Accuracy",
    "accuracy_of_commonest": "Accuracy of the commonest",
    "macro_f1": "Macro-F1",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
}
TASKS = {"role_type": "Types of role", "marker": "Markers shown", "marker_excluded": "Markers ruled out"}
SCOPES = {"all": "all documents", "unseen": "employers unseen when the cues were written"}


def duties_sections(tables: Tables, framework: Framework, audience: Audience) -> list[dict]:
    """Return the sections on titles, duties and markers; none where the study did not ask."""
    sections = []
    if TITLES in tables:
        blocks = [
            claims_block(title_claims(tables, framework)),
            figures_block("title"),
            _by_group(tables, framework),
        ]
        sections.append(section("titles", "Titles against duties", blocks, level=3))
    if FINDINGS in tables:
        blocks = [figures_block("marker"), _markers(tables, framework), *_under_titles(tables, framework)]
        sections.append(section("markers", "Signs of a role kept or lost", blocks, level=4))
    if SCORES in tables and audience.detail:
        blocks = [*_scores(tables, framework), *_ladder(tables)]
        sections.append(section("role-scores", "How well the program reads roles", blocks, level=4))
    return sections


def title_claims(tables: Tables, framework: Framework) -> list[dict]:
    """Return the sentences that evaluators ask for first: titles of one end over duties of the other."""
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    claims = []
    for _, row in titles_overall(tables).iterrows():
        if not finite(row["estimate"]):
            claims.append(say(sentences.TITLES_NOT_GIVEN, TITLES, row=row))
            continue
        claims.append(say(sentences.TITLES, TITLES, row=row, low=low, high=high))
    for _, row in titles_overall(tables, TITLES + BY_RULES).iterrows():
        if finite(row["estimate"]):
            claims.append(say(sentences.TITLES_BY_RULES, TITLES + BY_RULES, row=row))
    return claims


def titles_overall(tables: Tables, name: str = TITLES) -> pd.DataFrame:
    """Return the rows on titles that are about all documents of a corpus, the share as their estimate."""
    rows = tables.rows(name).rename(columns={"share": "estimate"})
    column = "group_by" if "group_by" in rows.columns else "setting"
    return rows[rows[column].isin(["all", ""]) | rows[column].isna()] if column in rows.columns else rows


def _by_group(tables: Tables, framework: Framework) -> dict | None:
    rows = tables.rows(TITLES)
    column = "group" if "group" in rows.columns else "setting"
    if column not in rows.columns or len(rows) < 2:
        return None
    body = []
    for _, row in rows.iterrows():
        label = "All" if str(row[column]) in {"all", ""} else group_label(framework, "setting", row[column])
        share = written(row.rename({"share": "estimate"}), percent, reasons=False)
        counts = [count(row.get(name)) for name in ("n_peer_titles", "n_over_clinical_duties", "n_employers")]
        body.append([label, share, *counts])
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    headings = [
        "Group" if column == "group" else heading_of(column),
        "Share",
        f"{low.capitalize()} titles",
        f"Over {high} duties",
        "Employers",
    ]
    note = f"Share of the {low} titles whose main duties are {high}. {interval_note(rows)}"
    return table_block(
        f"{low.capitalize()} titles over {high} duties", headings, body, table=TITLES, source=rows, note=note
    )


def _markers(tables: Tables, framework: Framework) -> dict | None:
    """Return how many documents show each marker; a count of rows, not an estimate."""
    rows, by_rules = tables.rows(FINDINGS), tables.rows(FINDINGS + BY_RULES)
    body = []
    for marker in framework.markers:
        cells = [_documents(rows, marker.id, finding) for finding in ("present", "excluded")]
        cells += [_documents(by_rules, marker.id, "present")] if len(by_rules) else []
        if any(cell != "0" for cell in cells):
            body.append([marker.label, *cells])
    headings = ["Marker", "Documents that show it", "Documents that rule it out"]
    headings += ["Shown, by the program's cues alone"] if len(by_rules) else []
    note = f"{_found_by(rows)}; one document may show a marker in one act and rule it out in another."
    return table_block("Role-integrity markers", headings, body, table=FINDINGS, source=rows, note=note)


def _under_titles(tables: Tables, framework: Framework) -> list[dict | None]:
    """Return the share of postings that show each marker, by family of titles, corpus by corpus."""
    blocks = []
    for corpus in tables.values(UNDER, "corpus"):
        rows = tables.rows(UNDER, corpus=corpus, finding="present")
        blocks.append(_markers_by_family(rows, framework, _titled(corpus)))
    return [words_block(wording.MARKERS_UNDER), *blocks] if blocks else []


def _markers_by_family(rows: pd.DataFrame, framework: Framework, title: str) -> dict:
    """Return a row for each marker that any posting shows, and a column for each family of titles."""
    names = {"all": "All", **{family.id: family.label for family in framework.title_families}}
    families = {family: part for family, part in rows.groupby("title_family", sort=False) if len(part)}
    headings = ["Marker"]
    for family, part in families.items():
        headings.append(f"{names.get(family, family)} (n = {count(part['n_documents'].iloc[0])})")
    body, shown = [], []
    for marker in framework.markers:
        mine = {family: part[part["marker"] == marker.id] for family, part in families.items()}
        if any((part["n"] > 0).any() for part in mine.values()):
            body.append([marker.label, *map(_share, mine.values())])
            shown += list(mine.values())
    source = pd.concat(shown) if shown else rows
    note = (
        "n: postings. A share without brackets has no interval, as where no posting or every posting shows "
        f"the marker. {interval_note(source)}"
    )
    caption = f"{title}: markers shown, by family of titles"
    return table_block(caption, headings, body, table=UNDER, source=source, note=note)


def _titled(corpus: str) -> str:
    return str(corpus).replace("_", " ").capitalize()


def _share(part: pd.DataFrame) -> str:
    """Write the share of a marker, with its interval where it has one."""
    if part.empty:
        return "–"
    row = part.iloc[0].rename({"share": "estimate"})
    return (
        written(row, percent)
        if has_interval(row) or not finite(row["estimate"])
        else percent(row["estimate"])
    )


def _documents(rows: pd.DataFrame, marker: str, finding: str) -> str:
    """Count the documents with a finding on a marker."""
    return count(rows.loc[(rows["marker"] == marker) & (rows["finding"] == finding), "document_id"].nunique())


def _scores(tables: Tables, framework: Framework) -> list[dict | None]:
    """Return how well types and markers are read, overall and one by one."""
    rows = tables.rows(SCORES)
    whole = rows["label"].fillna("").isin(["", "all"])
    return [
        _score_table(rows[whole], framework, "Roles and markers against the machine-adjudicated gold"),
        _score_table(rows[~whole], framework, "Role types and markers, one by one"),
    ]


def _score_table(rows: pd.DataFrame, framework: Framework, caption: str) -> dict | None:
    """Return scores with one row for each thing that is read and each set of documents."""
    if rows.empty:
        return None
    names = {item.id: item.label for item in (*framework.markers, *framework.role_types)}
    shown = [score for score in MEASURES if score in set(rows["score"])]
    keys = [name for name in ("task", "label", "scope") if name in rows.columns]
    body = []
    for key, part in rows.fillna({"label": ""}).groupby(keys, sort=False):
        task, label, *scope = key
        what = names.get(label) or TASKS.get(task, str(task).replace("_", " "))
        if label and task in TASKS and task.endswith("excluded"):
            what += ", ruled out"
        documents = SCOPES.get(scope[0], scope[0]) if scope else "all"
        sizes = [count(part.iloc[0].get(name)) for name in ("n_documents", "n_gold")]
        body.append([what, documents, *(_score(part, score) for score in shown), *sizes])
    headings = ["What is read", "In", *(MEASURES[score] for score in shown), "Documents", "In the gold"]
    return table_block(caption, headings, body, table=SCORES, source=rows, note=interval_note(rows))


def _score(part: pd.DataFrame, score: str) -> str:
    found = part[part["score"] == score]
    return "–" if found.empty else written(found.iloc[0], reasons=False)


def _ladder(tables: Tables) -> list[dict | None]:
    """Return how well types of role are read beside the title alone and beside coders, corpus by corpus."""
    blocks = []
    for corpus in tables.values(LADDER, "corpus"):
        rows = tables.rows(LADDER, corpus=corpus, scope="all", score=["accuracy", "macro_f1"])
        body = [
            [
                f"{wording.READERS.get(reader, _titled(reader))}, against {against.replace('_', ' ')}",
                *(_score(part, score) for score in ("accuracy", "macro_f1")),
                *(count(part.iloc[0].get(name)) for name in ("n_documents", "n_clusters")),
            ]
            for (reader, against), part in rows.groupby(["reader", "against"], sort=False)
        ]
        headings = ["Who reads the posting", "Accuracy", "Macro-F1", "Documents", "Employers"]
        caption = f"{_titled(corpus)}: who reads types of role, and how well"
        note = interval_note(rows)
        blocks.append(table_block(caption, headings, body, table=LADDER, source=rows, note=note))
    return [words_block(wording.LADDER), *blocks] if blocks else []


def _found_by(rows: pd.DataFrame) -> str:
    """Say who found the markers: the coders, settled, or the framework's cues."""
    if "found_by" in rows.columns and set(rows["found_by"]) == {"gold"}:
        return "As the gold codings have it"
    return "Found by the framework's cues"
