"""How well role types and markers are found, measured against gold with intervals over employers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from peercompare.drift.ratios import MIN_CLUSTERS, interval, ratio_of_totals
from peercompare.errors import InputError
from peercompare.framework import Framework
from peercompare.roles.markers import EXCLUDED, PRESENT, check_columns

SCORE_COLUMNS = [
    "task",
    "scope",
    "label",
    "score",
    "estimate",
    "lower",
    "upper",
    "confidence_level",
    "n_clusters",
    "n_documents",
    "n_gold",
    "n_found",
    "method",
    "reason",
]
METHOD = "delete-one-cluster jackknife, t interval"
TASKS = {PRESENT: "marker", EXCLUDED: "marker_excluded"}
NO_GOLD = "no document has it in gold"
NOT_FOUND = "it was found in no document"


def score_roles(
    roles: pd.DataFrame, framework: Framework, *, cluster: str = "employer_id", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Score role types against gold.

    Parameters
    ----------
    roles : DataFrame
        From `classify_roles` with `gold`; documents without gold are left out.
    framework : Framework
        Its `cues_seen` tell the scope ``unseen``: clusters whose texts the authors of the cues had not read.
        Scores of that scope are the ones to believe.
    cluster : str, default "employer_id"
        Column whose groups are taken as independent draws.
    confidence_level : float, default 0.95

    Returns
    -------
    DataFrame
        For each scope (``all``, ``unseen``): `accuracy`, `accuracy_of_commonest` (always the commonest gold
        type: what has to be beaten) and `macro_f1` (over types that gold has) with an empty label, and
        `precision`, `recall` and `f1` for each type. ``n_gold`` and ``n_found`` count documents.
        Delete-one-cluster jackknife intervals; ``reason`` says why there is none, or no estimate.

    Raises
    ------
    InputError
        If columns are missing or no document has gold.
    """
    check_columns(roles, ("document_id", "role_type", "role_type_gold", cluster), "roles")
    table = roles[roles["role_type_gold"] != ""]
    if table.empty:
        raise InputError("no document has a gold role type", remedy="hand `gold` to classify_roles")
    labels = [role_type.id for role_type in framework.role_types]
    rows: list[dict] = []
    for scope, part in _scopes(table, framework, cluster):
        clusters, _ = pd.factorize(part[cluster])
        true = np.stack([part["role_type_gold"] == label for label in labels], axis=1)
        found = np.stack([part["role_type"] == label for label in labels], axis=1)
        rows += _rows(true, found, clusters, labels, task="role_type", scope=scope, level=confidence_level)
        rows += _overall(true, found, clusters, scope=scope, level=confidence_level)
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def score_markers(
    findings: pd.DataFrame,
    gold: pd.DataFrame,
    documents: pd.DataFrame,
    framework: Framework,
    *,
    cluster: str = "employer_id",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Score markers against gold, document by document: present or not, and excluded or not.

    Parameters
    ----------
    findings : DataFrame
        From `find_markers`.
    gold : DataFrame
        ``document_id, marker, finding`` of one coder; a document and marker that it does not list is a no.
    documents : DataFrame
        ``document_id`` and `cluster`: the documents that gold has looked at, all of them.
    framework : Framework
    cluster : str, default "employer_id"
    confidence_level : float, default 0.95

    Returns
    -------
    DataFrame
        As `score_roles`: tasks ``marker`` (present) and ``marker_excluded``; `precision`, `recall` and `f1`
        for each marker, and over all markers with an empty label.

    Raises
    ------
    InputError
        If columns are missing.
    """
    for table, name in ((findings, "findings"), (gold, "gold markers")):
        check_columns(table, ("document_id", "marker", "finding"), name)
    check_columns(documents, ("document_id", cluster), "documents")
    labels = [marker.id for marker in framework.markers]
    rows: list[dict] = []
    for scope, part in _scopes(documents, framework, cluster):
        clusters, _ = pd.factorize(part[cluster])
        for finding, task in TASKS.items():
            true = _matrix(gold, part["document_id"], labels, finding)
            found = _matrix(findings, part["document_id"], labels, finding)
            rows += _rows(true, found, clusters, labels, task=task, scope=scope, level=confidence_level)
            rows += _pooled(true, found, clusters, task=task, scope=scope, level=confidence_level)
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def _scopes(table: pd.DataFrame, framework: Framework, cluster: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """All documents, and those of clusters that the authors of the cues had not read."""
    yield "all", table
    corpus = table["corpus"] if "corpus" in table else pd.Series("", index=table.index)
    seen = pd.Series(False, index=table.index)
    for entry in framework.cues_seen:
        seen |= (corpus == entry.corpus) & table[cluster].isin(entry.clusters)
    if seen.any() and not seen.all():
        yield "unseen", table[~seen]


def _matrix(table: pd.DataFrame, document_ids: pd.Series, labels: Sequence[str], finding: str) -> np.ndarray:
    """Whether each document has each marker with this finding; shape (n_documents, n_labels)."""
    pairs = set(
        zip(
            *(table.loc[table["finding"] == finding, name] for name in ("document_id", "marker")), strict=True
        )
    )
    return np.array(
        [[(document, label) in pairs for label in labels] for document in document_ids], dtype=bool
    )


def _totals(values: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Sums over each cluster; shape (n_clusters, ...)."""
    totals = np.zeros((clusters.max() + 1, *values.shape[1:]))
    np.add.at(totals, clusters, values)
    return totals


def _rows(
    true: np.ndarray,
    found: np.ndarray,
    clusters: np.ndarray,
    labels: Sequence[str],
    *,
    task: str,
    scope: str,
    level: float,
) -> Iterator[dict]:
    """Precision, recall and F1 of each label."""
    hits, gold, given = (_totals(values, clusters) for values in (true & found, true, found))
    ratios = {"precision": (hits, given), "recall": (hits, gold), "f1": (2 * hits, gold + given)}
    n_gold, n_found = true.sum(axis=0), found.sum(axis=0)
    for score, (part, whole) in ratios.items():
        result = ratio_of_totals(part, whole, confidence_level=level, bounds=(0.0, 1.0))
        for place, label in enumerate(labels):
            yield {
                "task": task,
                "scope": scope,
                "label": label,
                "score": score,
                "estimate": result.estimate[place],
                "lower": result.lower[place],
                "upper": result.upper[place],
                "confidence_level": level,
                "n_clusters": int(result.n_clusters[place]),
                "n_documents": len(true),
                "n_gold": int(n_gold[place]),
                "n_found": int(n_found[place]),
                "method": METHOD,
                "reason": _reason(result.reason[place], result.estimate[place], n_gold[place]),
            }


def _reason(reason: str, estimate: float, n_gold: int) -> str:
    if np.isnan(estimate):
        return NO_GOLD if n_gold == 0 else NOT_FOUND
    return str(reason).format(clusters="clusters", what="documents")


def _pooled(
    true: np.ndarray, found: np.ndarray, clusters: np.ndarray, *, task: str, scope: str, level: float
) -> list[dict]:
    """The same over all labels: every (document, label) counts once."""
    repeated = np.repeat(clusters, true.shape[1])
    rows = _rows(
        true.reshape(-1, 1), found.reshape(-1, 1), repeated, [""], task=task, scope=scope, level=level
    )
    return [{**row, "n_documents": len(true)} for row in rows]


def _overall(
    true: np.ndarray, found: np.ndarray, clusters: np.ndarray, *, scope: str, level: float
) -> list[dict]:
    """Accuracy, accuracy of the commonest type, and macro-F1 over the types of gold."""
    commonest = np.zeros_like(true)
    commonest[:, true.sum(axis=0).argmax()] = True
    rows = []
    for name, given in (("accuracy", found), ("accuracy_of_commonest", commonest)):
        (_, row, _) = _pooled(true, given, clusters, task="role_type", scope=scope, level=level)
        rows.append({**row, "score": name})
    hits, gold, both = (_totals(v, clusters) for v in (true & found, true, true.astype(int) + found))
    macro = _macro_f1(hits.sum(axis=0), gold.sum(axis=0), both.sum(axis=0))
    without = np.array(
        [
            _macro_f1(*(totals.sum(axis=0) - totals[k] for totals in (hits, gold, both)))
            for k in range(len(hits))
        ]
    )
    return [*rows, {**rows[0], "score": "macro_f1", **_jackknifed(macro, without, level)}]


def _macro_f1(hits: np.ndarray, gold: np.ndarray, both: np.ndarray) -> float:
    """Mean F1 of the types that gold has; NaN where it has none, as when the only cluster is left out."""
    occurs = gold > 0
    return float((2 * hits[occurs] / both[occurs]).mean()) if occurs.any() else np.nan


def _jackknifed(estimate: float, without: np.ndarray, level: float) -> dict:
    """An estimate with the interval from its values without each cluster, or with the reason for none."""
    n_clusters = len(without)
    blank = {"estimate": estimate, "lower": np.nan, "upper": np.nan, "n_clusters": n_clusters}
    if n_clusters < MIN_CLUSTERS:
        return {
            **blank,
            "reason": f"an interval needs at least {MIN_CLUSTERS} clusters and this rests on {n_clusters}",
        }
    error = np.sqrt((n_clusters - 1) / n_clusters * ((without - estimate) ** 2).sum())
    if error < 1e-12:
        return {**blank, "reason": "the same without any one cluster, so an interval cannot be estimated"}
    lower, upper = interval(
        np.array([estimate]),
        np.array([error]),
        np.array([n_clusters - 1]),
        confidence_level=level,
        bounds=(0.0, 1.0),
    )
    return {**blank, "lower": lower[0], "upper": upper[0], "reason": ""}
