"""The stage that reads job descriptions as documents: markers, role types, titles against duties."""

from __future__ import annotations

import pandas as pd

from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.roles import classify_roles, find_markers, score_markers, score_roles, title_against_duties
from peercompare.study.runner import Bench

GENRE = "job_description"
"""Role types and markers are those of a job description."""


def read_roles(bench: Bench) -> None:
    """Find markers and role types from out-of-fold predictions; measure both where there is gold."""
    predictions = bench.table("predictions")
    found: dict[str, list[pd.DataFrame]] = {}
    for corpus in bench.study.open_corpora().values():
        if corpus.genre == GENRE and bench.study.framework.role_types:
            mine = predictions[predictions["corpus"] == corpus.name].drop(columns="corpus")
            for name, table in _read_one(corpus, mine, bench).items():
                found.setdefault(name, []).append(table.assign(corpus=corpus.name))
    for name, tables in found.items():
        bench.write_table(pd.concat(tables, ignore_index=True), name)


def _read_one(corpus: Corpus, predictions: pd.DataFrame, bench: Bench) -> dict[str, pd.DataFrame]:
    """Read the roles of one corpus; what needs gold is left out where there is none."""
    framework, level = corpus.framework, bench.study.settings.study.confidence_level
    findings = find_markers(corpus.segments, framework, documents=corpus.documents, predictions=predictions)
    gold_types = corpus.role_types[corpus.role_types["coder_id"] == GOLD]
    gold_markers = corpus.markers[corpus.markers["coder_id"] == GOLD]
    roles = classify_roles(
        corpus.documents,
        corpus.segments,
        predictions,
        framework,
        findings=findings,
        gold=gold_types if len(gold_types) else None,
    )
    against = {"by": "setting", "cluster": corpus.cluster, "confidence_level": level}
    tables = {
        "roles": roles,
        "marker_findings": findings,
        "title_against_duties": title_against_duties(roles, **against),
    }
    scores = []
    if len(gold_types):
        # What coders settled comes first; what the rules found by themselves stands beside it.
        tables["title_against_duties_predicted"] = tables["title_against_duties"]
        tables["title_against_duties"] = title_against_duties(roles, role_type="role_type_gold", **against)
        scores.append(score_roles(roles, framework, cluster=corpus.cluster, confidence_level=level))
    if len(gold_markers):
        scores.append(
            score_markers(
                findings,
                gold_markers,
                corpus.documents,
                framework,
                cluster=corpus.cluster,
                confidence_level=level,
            )
        )
    if scores:
        tables["role_scores"] = pd.concat(scores, ignore_index=True)
    return tables
