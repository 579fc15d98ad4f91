"""The stage that reads job descriptions as documents: markers, role types, titles against duties."""

from __future__ import annotations

import pandas as pd

from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.roles import (
    classify_roles,
    find_markers,
    marker_shares,
    score_markers,
    score_roles,
    title_against_duties,
)
from peercompare.study.runner import Bench
from peercompare.study.settings import CorpusSection
from peercompare.study.titles_stage import read_titles

GENRE = "job_description"
"""Role types and markers are those of a job description."""


def read_roles(bench: Bench) -> None:
    """Find markers and role types from out-of-fold predictions; measure both where there is gold."""
    predictions = bench.table("predictions")
    found: dict[str, list[pd.DataFrame]] = {}
    for corpus, section in bench.study.sections():
        if corpus.genre == GENRE and bench.study.framework.role_types:
            mine = predictions[predictions["corpus"] == corpus.name].drop(columns="corpus")
            for name, table in _read_one(corpus, section, mine, bench).items():
                found.setdefault(name, []).append(table.assign(corpus=corpus.name))
    for name, tables in found.items():
        bench.write_table(pd.concat(tables, ignore_index=True), name)


def _read_one(
    corpus: Corpus, section: CorpusSection, predictions: pd.DataFrame, bench: Bench
) -> dict[str, pd.DataFrame]:
    """Read the roles of one corpus; where there is gold it comes first, what the rules found beside it."""
    level = bench.study.settings.study.confidence_level
    types, markers = (table[table["coder_id"] == GOLD] for table in (corpus.role_types, corpus.markers))
    found = find_markers(
        corpus.segments, corpus.framework, documents=corpus.documents, predictions=predictions
    )
    roles = classify_roles(
        corpus.documents,
        corpus.segments,
        predictions,
        corpus.framework,
        findings=found,
        gold=types if len(types) else None,
    )
    asked = {"by": "setting", "cluster": corpus.cluster, "confidence_level": level}
    tables = {"roles": roles}
    tables |= _settled_first(
        "marker_findings", found, markers.drop(columns="coder_id") if len(markers) else None
    )
    tables |= _settled_first(
        "title_against_duties",
        title_against_duties(roles, **asked),
        title_against_duties(roles, role_type="role_type_gold", **asked) if len(types) else None,
    )
    tables["marker_shares"] = marker_shares(
        tables["marker_findings"], corpus.documents, corpus.framework, **asked
    )
    tables |= read_titles(corpus, roles, tables["marker_findings"], section, bench)
    measured = {"cluster": corpus.cluster, "confidence_level": level}
    scores = [score_roles(roles, corpus.framework, **measured)] if len(types) else []
    if len(markers):
        scores.append(score_markers(found, markers, corpus.documents, corpus.framework, **measured))
    return tables | ({"role_scores": pd.concat(scores, ignore_index=True)} if scores else {})


def _settled_first(name: str, by_rule: pd.DataFrame, settled: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Name two tables: what coders settled under the plain name, what the rules found under its own."""
    if settled is None:
        return {name: by_rule.assign(found_by="rules")}
    return {name: settled.assign(found_by="gold"), f"{name}_by_rules": by_rule.assign(found_by="rules")}
