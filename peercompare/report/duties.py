"""What the report says about job descriptions as documents: title against duties, types of role, markers."""

from __future__ import annotations

from peercompare.figures.text import count, finite, percent, reason_of
from peercompare.framework import Framework
from peercompare.report.claims import (
    Tables,
    claim,
    claims_block,
    figures_block,
    section,
    table_block,
)
from peercompare.report.estimates import group_label, heading_of, interval_note, stance_label, written

TITLES = "title_against_duties"
SCORES = "role_scores"
FINDINGS = "marker_findings"


def duties_sections(tables: Tables, framework: Framework) -> list[dict]:
    """Return the sections on titles, duties and markers; none where the study did not ask."""
    sections = []
    if TITLES in tables:
        blocks = [
            claims_block(title_claims(tables, framework)),
            figures_block("title"),
            _by_group(tables, framework),
        ]
        sections.append(section("titles", "Titles against duties", blocks))
    if FINDINGS in tables:
        blocks = [figures_block("marker"), _markers(tables, framework)]
        sections.append(section("markers", "Signs of a role kept or lost", blocks, level=3))
    if SCORES in tables:
        blocks = [_scores(tables, framework)]
        sections.append(section("role-scores", "How well the program reads roles", blocks, level=3))
    return sections


def title_claims(tables: Tables, framework: Framework) -> list[dict]:
    """Return the sentence that evaluators ask for first: peer titles over clinical duties."""
    rows = tables.rows(TITLES)
    grouping = "group_by" if "group_by" in rows.columns else "setting"
    if grouping in rows.columns:
        rows = rows[rows[grouping].isin(["all", ""]) | rows[grouping].isna()]
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    claims = []
    for _, row in rows.iterrows():
        n_titles, n_over = row["n_peer_titles"], row["n_over_clinical_duties"]
        if not finite(row.get("share")):
            claims.append(claim(f"Titles against duties are not given: {reason_of(row)}.", TITLES, row))
            continue
        estimate = row.rename({"share": "estimate"})
        text = (
            f"Of {count(n_titles)} job descriptions with a {low} title, {count(n_over)} rest mainly on "
            f"{high} duties: {written(estimate, percent)}."
        )
        claims.append(claim(text, TITLES, row))
    return claims


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
    rows = tables.rows(FINDINGS)
    labels = {marker.id: marker.label for marker in framework.markers}
    body = []
    for marker in [name for name in labels if name in set(rows["marker"])]:
        part = rows[rows["marker"] == marker]
        found = part.groupby("finding")["document_id"].nunique()
        body.append([labels[marker], count(found.get("present", 0)), count(found.get("excluded", 0))])
    headings = ["Marker", "Documents that show it", "Documents that rule it out"]
    note = (
        "Found by the framework's cues; one document may show a marker in one act and rule it out in another."
    )
    return table_block("Role-integrity markers", headings, body, table=FINDINGS, source=rows, note=note)


def _scores(tables: Tables, framework: Framework) -> dict | None:
    rows = tables.rows(SCORES)
    names = {item.id: item.label for item in (*framework.markers, *framework.role_types)}
    body = []
    for _, row in rows.iterrows():
        what = names.get(str(row["label"]), "all" if str(row["label"]) in {"", "nan"} else str(row["label"]))
        task = str(row["task"]).replace("_", " ").capitalize()
        sizes = [count(row.get("n_documents")), count(row.get("n_gold"))]
        body.append(
            [f"{task}: {what}", str(row["score"]).replace("_", " "), written(row, reasons=False), *sizes]
        )
    headings = ["What", "Score", "Value", "Documents", "With it, in the gold"]
    caption = "Roles and markers against the machine-adjudicated gold"
    return table_block(caption, headings, body, table=SCORES, source=rows, note=interval_note(rows))
