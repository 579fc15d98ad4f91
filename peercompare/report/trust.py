"""What the report says about how far its numbers can be trusted: the coders' agreement and the classifier."""

from __future__ import annotations

import pandas as pd

from peercompare.figures.text import count, finite, percent
from peercompare.framework import Framework
from peercompare.report import sentences
from peercompare.report.claims import (
    Tables,
    claims_block,
    figures_block,
    section,
    table_block,
)
from peercompare.report.estimates import interval_note, written
from peercompare.report.references import say

AGREEMENT = "agreement"
WHOLE = "document_agreement"
WITHHELD = "withheld"
SCORES = "scores"
COEFFICIENTS = {"alpha": "Krippendorff's alpha", "ac1": "Gwet's AC1", "raw": "Raw agreement"}
BASELINES = {
    "majority": "Baseline: always the commonest label",
    "dictionary": "Baseline: the framework's own words",
    "source_only": "Baseline: title and source alone",
}
MODELS = {
    "ngram": "Classifier on words and characters",
    "embedding": "Classifier on sentence embeddings",
    "finetuned": "Classifier on a fine-tuned encoder",
    "hybrid": "Words and characters with sentence embeddings",
    "stack": "Words and characters, sentence embeddings and a fine-tuned encoder",
    **BASELINES,
}


def withheld_block(tables: Tables) -> dict | None:
    """Return what no table shows, so that nobody is exposed, counted by table and reason."""
    rows = tables.rows(WITHHELD)
    if rows.empty:
        return None
    body = [
        [
            str(row["table"]).replace("_", " "),
            str(row["reason"]).removeprefix("withheld: "),
            count(row["n_rows"]),
            count(row["n_rows_all"]),
        ]
        for _, row in rows.iterrows()
    ]
    headings = ["Table", "Why", "Rows", "Rows of the table"]
    caption = "What is withheld, so that nobody is exposed"
    return table_block(caption, headings, body, table=WITHHELD, source=rows)


def agreement_section(
    tables: Tables, framework: Framework, titles: dict[str, str], *, detail: bool
) -> dict | None:
    """Return the section on agreement between coders, or None where the study has none."""
    if AGREEMENT not in tables:
        return None
    blocks: list[dict | None] = [
        claims_block(agreement_claims(tables, titles)),
        figures_block("agreement"),
    ]
    for corpus in tables.values(AGREEMENT, "corpus") if detail else ():
        blocks.append(_coefficients(tables, framework, corpus, titles))
        blocks.append(_by_background(tables, corpus, titles))
    for corpus in tables.values(WHOLE, "corpus") if detail else ():
        blocks.append(_whole_documents(tables, framework, corpus))
    return section("agreement", "How far the coders agree", blocks, level=3)


def agreement_claims(tables: Tables, titles: dict[str, str]) -> list[dict]:
    """Return the sentences on alpha by stance, corpus by corpus."""
    claims = []
    for _, row in alpha_by_stance(tables).iterrows():
        title = titles.get(row["corpus"], row["corpus"])
        if not finite(row["estimate"]):
            claims.append(say(sentences.ALPHA_NOT_GIVEN, AGREEMENT, row=row, title=title))
            continue
        claims.append(say(sentences.ALPHA, AGREEMENT, row=row, title=title))
        if finite(row.get("p_below_667")):
            claims.append(say(sentences.ALPHA_CHANCE, AGREEMENT, row=row, title=title))
    return claims


def alpha_by_stance(tables: Tables) -> pd.DataFrame:
    """Return the rows on alpha over all segments, by stance."""
    return tables.rows(AGREEMENT, scope="overall", coefficient="alpha", level="stance")


def classifier_section(
    tables: Tables, framework: Framework, titles: dict[str, str], *, detail: bool
) -> dict | None:
    """Return the section on the classifier beside its baselines, or None where the study has none."""
    if SCORES not in tables:
        return None
    blocks: list[dict | None] = [
        claims_block(classifier_claims(tables, titles)),
        figures_block("confusion", "calibration", "terms", "classifier"),
    ]
    for corpus in tables.values(SCORES, "corpus") if detail else ():
        blocks.append(_models(tables, corpus, titles))
        blocks.append(_labels(tables, framework, corpus, titles))
    return section("classifier", "How well the classifier reads", blocks, level=3)


def classifier_claims(tables: Tables, titles: dict[str, str]) -> list[dict]:
    """Return a sentence for each corpus on macro-F1 beside the best baseline."""
    claims = []
    overall = tables.rows(SCORES, score="macro_f1")
    for corpus in dict.fromkeys(overall.get("corpus", ())):
        rows = overall[overall["corpus"] == corpus]
        own = rows[rows["model"] == "ngram"]
        others = rows[rows["model"].isin(set(BASELINES))]
        others = others[[finite(value) for value in others["estimate"]]]
        if own.empty or not finite(own.iloc[0]["estimate"]):
            continue
        given = {
            "own": own.iloc[0], "title": titles.get(corpus, corpus), "groups": _unseen(corpus, tables)
        }  # fmt: skip
        if others.empty:
            claims.append(say(sentences.MACRO_F1, SCORES, **given))
            continue
        best = others.loc[others["estimate"].astype(float).idxmax()]
        given |= {"best": best, "baseline": BASELINES[best["model"]].split(": ")[1]}
        claims.append(say(sentences.MACRO_F1_BESIDE, SCORES, **given))
    return claims


def _unseen(corpus: str, tables: Tables) -> str:
    """Name the groups that folds never split."""
    names = {"employer_id": "employers", "worker_id": "workers"}
    found = tables.values("corpora", "cluster", corpus=corpus)
    return names.get(found[0], "groups") if found else "groups"


def _coefficients(tables: Tables, framework: Framework, corpus: str, titles: dict[str, str]) -> dict | None:
    rows = tables.rows(AGREEMENT, corpus=corpus, scope=["overall", "stance", "dimension"])
    if rows.empty:
        return None
    names = {item.id: item.label for item in (*framework.dimensions, *framework.stances, framework.none)}
    body, keys = [], rows[["scope", "level", "value"]].fillna("").drop_duplicates()
    for key in keys.itertuples(index=False):
        part = rows[(rows["scope"] == key.scope) & (rows["level"] == key.level)]
        part = part[part["value"].fillna("") == key.value]
        label = (
            f"All, by {key.level}"
            if key.scope == "overall"
            else f"{key.scope.capitalize()}: {names.get(key.value, key.value)}"
        )
        cells = [_cell(part, name) for name in COEFFICIENTS]
        first = part.iloc[0]
        prevalence = percent(first["prevalence"]) if finite(first.get("prevalence")) else "–"
        body.append([label, *cells, prevalence, count(first["n_segments"]), count(first["n_documents"])])
    headings = ["What was compared", *COEFFICIENTS.values(), "Prevalence", "Segments", "Documents"]
    note = f"1 is full agreement, 0 what chance would give. {interval_note(rows)}"
    return table_block(
        f"{titles.get(corpus, corpus)}: agreement", headings, body, table=AGREEMENT, source=rows, note=note
    )


def _by_background(tables: Tables, corpus: str, titles: dict[str, str]) -> dict | None:
    """Return the agreement of pairs of coders by lived experience, where coders said what they bring."""
    rows = tables.rows(AGREEMENT, corpus=corpus, scope="background")
    if rows.empty:
        return None
    body = [
        [
            f"{kind[0].upper()}{kind[1:]}, by {level}",
            *(_cell(part, name) for name in COEFFICIENTS),
            *(count(part.iloc[0][name]) for name in ("n_coders", "n_segments")),
        ]
        for (kind, level), part in rows.groupby(["value", "level"], sort=False)
    ]
    headings = ["Pairs of coders", *COEFFICIENTS.values(), "Coders", "Segments"]
    note = "Low agreement of a mixed pair does not say who is right. " + interval_note(rows)
    note += "".join(
        f" {text[:1].upper()}{text[1:]}." for text in dict.fromkeys(rows["reason"].dropna()) if text
    )
    caption = f"{titles.get(corpus, corpus)}: agreement by coders' lived experience of peer work"
    return table_block(caption, headings, body, table=AGREEMENT, source=rows, note=note)


def _whole_documents(tables: Tables, framework: Framework, corpus: str) -> dict | None:
    """Return the coders' agreement on types of role and on markers, which are given to whole documents."""
    rows = tables.rows(WHOLE, corpus=corpus)
    rows = rows[(rows["scope"] == "marker") | (rows["value"].fillna("") == "")]
    names = {item.id: item.label for item in framework.markers}
    body = []
    for (scope, value), part in rows.fillna({"value": ""}).groupby(["scope", "value"], sort=False):
        first, cells = part.iloc[0], [_cell(part, name) for name in COEFFICIENTS]
        body.append(
            [
                names.get(value, "All markers" if scope == "marker" else "Types of role"),
                *cells,
                count(first["n_documents"]),
                count(first["n_coders"]),
            ]
        )
    headings = ["What was compared", *COEFFICIENTS.values(), "Documents", "Coders"]
    caption = "Agreement on whole documents: types of role and markers"
    return (
        table_block(caption, headings, body, table=WHOLE, source=rows, note=interval_note(rows))
        if body
        else None
    )


def _cell(part: pd.DataFrame, coefficient: str) -> str:
    found = part[part["coefficient"] == coefficient]
    return "–" if found.empty else written(found.iloc[0], reasons=False)


def _models(tables: Tables, corpus: str, titles: dict[str, str]) -> dict | None:
    rows = tables.rows(SCORES, corpus=corpus, score=["macro_f1", "accuracy"])
    rows = rows[rows["label"].fillna("") == ""] if "label" in rows else rows
    if rows.empty:
        return None
    body = []
    for (model, truth), part in rows.groupby(["model", "truth"], sort=False):
        first = part.iloc[0]
        cells = [_score(part, name) for name in ("macro_f1", "accuracy")]
        name = MODELS.get(model, str(model).replace("_", " "))
        body.append(
            [
                name,
                str(truth).replace("_", " "),
                *cells,
                count(first["n_segments"]),
                count(first["n_clusters"]),
            ]
        )
    headings = ["Model", "Against", "Macro-F1", "Accuracy", "Segments", "Clusters"]
    caption = f"{titles.get(corpus, corpus)}: the classifier beside its baselines and the coders"
    return table_block(caption, headings, body, table=SCORES, source=rows, note=interval_note(rows))


def _labels(tables: Tables, framework: Framework, corpus: str, titles: dict[str, str]) -> dict | None:
    rows = tables.rows(SCORES, corpus=corpus, model="ngram", label=list(framework.labels))
    rows = rows[rows["score"].isin(["precision", "recall", "f1"])]
    if rows.empty:
        return None
    names = {item.id: item.label for item in (framework.none, *framework.stances)}
    body = [
        [
            names[label],
            *(_score(part, name) for name in ("precision", "recall", "f1")),
            count(part.iloc[0]["n_segments"]),
        ]
        for label, part in rows.groupby("label", sort=False)
    ]
    caption = f"{titles.get(corpus, corpus)}: the classifier, label by label"
    headings = ["Label", "Precision", "Recall", "F1", "Segments"]
    return table_block(caption, headings, body, table=SCORES, source=rows, note=interval_note(rows))


def _score(part: pd.DataFrame, score: str) -> str:
    found = part[part["score"] == score]
    return "–" if found.empty else written(found.iloc[0], reasons=False)
