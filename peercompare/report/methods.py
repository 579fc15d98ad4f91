"""The methods of a report, told from what was run: a method that left no table is not told."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from peercompare.figures.text import count
from peercompare.framework import Framework
from peercompare.report import sentences, wording
from peercompare.report.claims import (
    Tables,
    formula_block,
    list_block,
    methods_in_words,
    section,
    table_block,
    words_block,
)
from peercompare.report.estimates import INDEX, SLOPE, TABLE, stance_label
from peercompare.report.facts import FRAMEWORK, RUN, VERSIONS
from peercompare.report.formulas import ALPHA, GWET, index_formula, share_formula
from peercompare.report.references import say
from peercompare.report.trust import AGREEMENT, SCORES

FEWER = ("probability_sample", "power_tuned", "expert_only", "predicted_only")
"""Estimates from fewer codings."""


def methods_section(tables: Tables, framework: Framework, *, detail: bool) -> dict:
    """Return the methods: words for what ran, the estimators in the tables, and with what they were made.

    Parameters
    ----------
    tables : Tables
        The study's, and those of `fact_tables`.
    framework : Framework
    detail : bool
        Write the formulas too, and which estimator stands behind each estimand.
    """
    low, high = (stance_label(framework, stance) for stance in framework.axis)
    told = "\n".join("- " + wording.METHODS[name].replace("\n", "\n  ") for name in _ran(tables))
    blocks: list[dict | None] = [words_block(told, low=low, high=high)]
    if detail:
        blocks += [*_formulas(tables, low, high), _estimators(tables)]
    blocks.append(list_block(_made_with(tables)))
    return section("methods", "Methods", blocks)


def _ran(tables: Tables) -> Iterator[str]:
    """Yield the names of the methods that left something in the tables."""
    estimates = TABLE in tables
    if estimates:
        yield "shares"
    if tables.values(TABLE, "estimate", estimand=INDEX):
        yield "index"
    if estimates:
        yield from ("intervals", "withheld")
    if not tables.rows(TABLE, labels=list(FEWER)).empty:
        yield "sampled"
    if tables.values(TABLE, "estimate", estimand=SLOPE):
        yield "slope"
    if AGREEMENT in tables:
        yield "agreement"
    if SCORES in tables:
        yield "classifier"
    yield "prints"


def _formulas(tables: Tables, low: str, high: str) -> list[dict]:
    """Return the formulas of what ran."""
    made = [share_formula(high), index_formula(low, high)] if TABLE in tables else []
    made += [ALPHA, GWET] if AGREEMENT in tables else []
    return [formula_block(formula) for formula in made]


def _estimators(tables: Tables) -> dict | None:
    """Return which estimator stands behind which estimand, and how many rows it gave."""
    rows = tables.rows(TABLE)
    if rows.empty or "method" not in rows:
        return None
    body = [_estimator(*key, part) for key, part in rows.groupby(["estimand", "labels"], sort=False)]
    headings = ["Estimand", "Labels", "Estimator", "Rows"]
    return table_block("The estimators that ran", headings, body, table=TABLE, source=rows, waiver=False)


def _estimator(estimand: str, labels: str, rows: pd.DataFrame) -> list[str]:
    names = [str(name).replace("_", " ") for name in (estimand, labels)]
    return [*names, methods_in_words(rows), count(len(rows))]


def _made_with(tables: Tables) -> list[dict]:
    """Say with what the run was made."""
    claims = []
    for _, row in tables.rows(RUN).iterrows():
        if "confidence_level" in row:
            claims.append(say(sentences.RUN_LEVEL, RUN, row=row))
        if "seed" in row:
            claims.append(say(sentences.RUN_SEED, RUN, row=row))
    claims += [
        say(sentences.RUN_FRAMEWORK, FRAMEWORK, row=row) for _, row in tables.rows(FRAMEWORK).iterrows()
    ]
    claims += [say(sentences.RUN_VERSION, VERSIONS, row=row) for _, row in tables.rows(VERSIONS).iterrows()]
    return claims
