"""Agreement between coders who judged whole documents: role types and role-integrity markers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from peercompare.agreement.coincidences import AgreementSums, agreement_sums
from peercompare.agreement.tables import COLUMNS, Basis, Comparison, tabulate
from peercompare.codings import GOLD
from peercompare.errors import CodingError, InputError, Problem
from peercompare.framework import Framework

PRESENT = "present"


def document_agreement_table(
    role_types: pd.DataFrame,
    markers: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    framework: Framework,
    corpus_name: str,
    confidence_level: float = 0.95,
    cluster: str = "employer_id",
) -> pd.DataFrame:
    """Tabulate agreement between coders on role types and on the presence of markers.

    Role types: overall, and each against the rest. Markers: all documents and markers together (found present
    or not), and each marker by itself. A coder who gave a document a role type has read it whole and looked
    for every marker, so a marker without a row was not found; but where no coder ever lists a marker nobody
    may have looked for it, and its rows stay undefined. Findings of a marker as excluded by the text are not
    compared. Assumes that clusters are independent; gold is never a coder.

    Parameters
    ----------
    role_types : pd.DataFrame
        ``document_id, coder_id, role_type``.
    markers : pd.DataFrame
        ``document_id, coder_id, marker, finding``; may be empty.
    documents : pd.DataFrame
        ``document_id`` and the column that `cluster` names.
    framework : Framework
        Gives the role types and markers on offer.
    corpus_name : str
        Goes into the column ``corpus``.
    confidence_level : float, default 0.95
        In (0, 1).
    cluster : str, default "employer_id"
        Column of `documents` whose groups vary independently.

    Returns
    -------
    pd.DataFrame
        Columns as in `agreement_table`, with scope and level "role_type" or "marker". The unit is the
        document, so ``n_segments`` is 0; all markers together count each document once in ``n_documents``.

    Raises
    ------
    CodingError
        If fewer than two coders gave role types, or a judged document is not in `documents`.
    InputError
        If a column is missing, or a role type is not the framework's.
    """
    _check_columns(role_types, markers, documents, cluster)
    judged = _pivot(role_types[role_types["coder_id"] != GOLD], corpus_name)
    _check_coders(judged, corpus_name)
    clusters = _clusters(judged.columns, documents, cluster, corpus_name)
    offered = tuple(role_type.id for role_type in framework.role_types)
    sums = agreement_sums(judged.to_numpy(object), values_domain=offered, clusters=clusters)
    basis = Basis(
        corpus=corpus_name,
        cluster=cluster,
        confidence_level=confidence_level,
        n_documents=int((judged.notna().sum() >= 2).sum()),
        n_segments=0,
        n_coders=len(judged),
    )
    tables = [tabulate(_role_type_comparisons(sums), basis)]
    if len(markers):
        ids = [marker.id for marker in framework.markers]
        tables.append(_marker_table(_found(markers, judged, ids), clusters, basis))
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _role_type_comparisons(sums: AgreementSums) -> Iterator[Comparison]:
    yield Comparison("role_type", "role_type", "", sums)
    for role_type in sums.values_domain:
        yield Comparison("role_type", "role_type", str(role_type), sums.one_against_rest(role_type))


def _found(markers: pd.DataFrame, judged: pd.DataFrame, ids: list[str]) -> dict[str, np.ndarray]:
    """Return for each marker who found it present where: True, False, or None where a coder did not look.

    Each array has the shape (n_coders, n_documents) of `judged`.
    """
    present = markers[(markers["finding"] == PRESENT) & markers["coder_id"].isin(judged.index)]
    listed = set(markers.loc[markers["coder_id"].isin(judged.index), "marker"])
    looked = judged.notna().to_numpy()
    row = {coder: number for number, coder in enumerate(judged.index)}
    column = {document: number for number, document in enumerate(judged.columns)}
    found = {}
    for marker in ids:
        values = np.full(looked.shape, None, dtype=object)
        if marker in listed:
            values[looked] = False
            for coder, document in present.loc[
                present["marker"] == marker, ["coder_id", "document_id"]
            ].to_numpy():
                if document in column and looked[row[coder], column[document]]:
                    values[row[coder], column[document]] = True
        found[marker] = values
    return found


def _marker_table(found: dict[str, np.ndarray], clusters: np.ndarray, basis: Basis) -> pd.DataFrame:
    """Tabulate all markers together, then each; one that no coder lists is undefined, and says so."""
    comparisons = [
        Comparison(
            "marker", "marker", "", _sums(np.hstack(list(found.values())), np.tile(clusters, len(found)))
        )
    ]
    comparisons += [
        Comparison("marker", "marker", name, _sums(values, clusters)) for name, values in found.items()
    ]
    table = tabulate(iter(comparisons), basis)
    unlisted = [name for name, values in found.items() if (values == None).all()]  # noqa: E711 - by element
    rows = table["value"].isin(unlisted)
    table.loc[rows, "reason"] = "undefined: no coder lists this marker (perhaps gold alone looked for it)"
    table.loc[rows, "n_documents"] = 0
    return table


def _sums(values: np.ndarray, clusters: np.ndarray) -> AgreementSums:
    return agreement_sums(values, values_domain=(False, True), clusters=clusters)


def _pivot(role_types: pd.DataFrame, corpus_name: str) -> pd.DataFrame:
    """Return role types by coder (rows) and document (columns), missing where a coder did not judge."""
    twice = role_types[role_types.duplicated(["document_id", "coder_id"])]
    if len(twice):
        raise CodingError(
            f"A coder gave a document of {corpus_name} two role types.",
            [
                Problem(f"role_types, document {row.document_id}", f"{row.coder_id} is named twice")
                for row in twice.itertuples()
            ],
            remedy="keep one row for each document and coder",
        )
    wide = role_types.pivot(index="coder_id", columns="document_id", values="role_type").astype(object)
    return wide.where(wide.notna(), None)


def _check_coders(judged: pd.DataFrame, corpus_name: str) -> None:
    if len(judged) < 2:
        raise CodingError(
            f"Agreement needs two coders; the role types of {corpus_name} have {len(judged)} besides gold.",
            remedy="have a second coder judge the same documents without seeing the first one's findings",
        )


def _clusters(judged: pd.Index, documents: pd.DataFrame, cluster: str, corpus_name: str) -> np.ndarray:
    """Find the cluster of every judged document."""
    table = documents.drop_duplicates("document_id").set_index("document_id")[cluster]
    unknown = [document for document in judged if document not in table.index]
    if unknown:
        raise CodingError(
            f"{len(unknown)} judged documents are not in the documents table of {corpus_name}.",
            [Problem(f"role_types, document {document}", "no such document") for document in unknown],
            remedy="mend the ids in role_types.csv, or add the documents",
        )
    return table.loc[judged].to_numpy(object)


def _check_columns(
    role_types: pd.DataFrame, markers: pd.DataFrame, documents: pd.DataFrame, cluster: str
) -> None:
    needed = {
        "role_types": (role_types, ("document_id", "coder_id", "role_type")),
        "markers": (markers, ("document_id", "coder_id", "marker", "finding")),
        "documents": (documents, ("document_id", cluster)),
    }
    problems = [
        Problem(name, f"column {column!r} is missing")
        for name, (table, columns) in needed.items()
        for column in columns
        if column not in table
    ]
    if problems:
        raise InputError("Agreement on documents cannot be computed.", problems, remedy="add the columns")
