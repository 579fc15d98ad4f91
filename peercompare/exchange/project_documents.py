"""The documents of a coded project with the facts that a corpus folder must say of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from peercompare.corpus.schemas import documents_schema, is_spoken
from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.left_behind import RESERVED
from peercompare.exchange.project import CodedProject
from peercompare.exchange.spreadsheets import ENDING, stem_of
from peercompare.framework import Framework
from peercompare.readers.duplicates import duplicate_groups, joined_groups, sketch, text_digest
from peercompare.readers.finishing import SPLIT_GROUP, group_names
from peercompare.sheets import guarded, unguarded

SOURCE = "source"
"""Column of a table of documents that names the project's document, by its name or its identifier."""


@dataclass(frozen=True)
class CorpusFacts:
    """What a corpus folder must say and a project of another tool does not know.

    Parameters
    ----------
    name, title, licence, citation, coding : str
        As in corpus.toml; `coding` says who coded, and how. Empty ones are filled from the project.
    composed : bool, default False
        True only where no real person speaks in the texts.
    cluster : str, default ""
        Column of documents whose groups are never split; by default ``worker_id`` where people speak, else
        ``employer_id``.
    documents : DataFrame, optional
        ``source`` (a document's name or identifier in the project) and further columns of documents.csv. They
        stand above the project's own variables.
    defaults : mapping of str to str, optional
        What holds for every document of which neither the project nor the table says it.
    consents : DataFrame, optional
        consents.csv. Without it the folder is written, and opens once the records are put into it.
    framework_file : path, optional
        The file of a framework that is not shipped; it is copied into the folder.
    """

    name: str = ""
    title: str = ""
    licence: str = "not stated"
    citation: str = ""
    coding: str = ""
    composed: bool = False
    cluster: str = ""
    documents: pd.DataFrame | None = None
    defaults: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    consents: pd.DataFrame | None = None
    framework_file: str | Path | None = None


DUPLICATES = "duplicate_group"
"""Column of documents.csv that names the first of documents which are the same, or nearly."""


def documents_of(
    project: CodedProject, framework: Framework, genre: str, facts: CorpusFacts
) -> tuple[pd.DataFrame, str]:
    """Return a project's documents as a corpus folder has them.

    Parameters
    ----------
    project : CodedProject
        As a reader of this package returned it.
    framework : Framework
        Says which facts a document needs.
    genre : str
        A genre of the framework.
    facts : CorpusFacts
        What the project does not know. A table's cells stand above the project's own variables, and these
        above what holds for all.

    Returns
    -------
    documents : DataFrame
        The columns of documents.csv, with `text`, and `_source` for the project's identifier. Documents that
        are the same or nearly so have one name in `duplicate_group`; where they belong to several clusters,
        the column `split_group` joins these.
    cluster : str
        The column whose groups are never split.

    Raises
    ------
    ExchangeError
        Lists every fact that is missing of a document.
    """
    given = _given(project, facts)
    names = _file_names([document.name for document in project.documents])
    rows = []
    for document, name in zip(project.documents, names, strict=True):
        row = {
            "document_id": name, "title": document.name, **facts.defaults,
            **document.metadata, **given.get(document.id, {}),
        }  # fmt: skip
        rows.append({key: value for key, value in row.items() if key not in RESERVED})
    table = pd.DataFrame(rows)
    cluster = own_cluster(framework, genre, table, facts)
    needed = _needed(framework, genre, table, facts)
    problems = [
        Problem(
            f"document {document.name!r}",
            f"{column} is not known",
            "a variable of the document, a column of --facts FILE, or --set column=value",
        )
        for document, row in zip(project.documents, rows, strict=True)
        for column in needed
        if not str(row.get(column, "")).strip()
    ]
    if problems or not rows:
        summary = (
            f"{project.name}: documents cannot enter a corpus without these facts" if rows else "No document"
        )
        raise ExchangeError(f"{summary}; nothing was written", problems, remedy="add them, and import again")
    table = table.fillna("").astype("str")
    order = list(dict.fromkeys([*needed, *table.columns]))
    texts, sources = ([getattr(each, key) for each in project.documents] for key in ("text", "id"))
    return with_likeness(table[order].assign(text=texts, _source=sources), cluster)


def own_cluster(framework: Framework, genre: str, documents: pd.DataFrame, facts: CorpusFacts) -> str:
    """Return the column whose groups are independent of each other, before any are joined."""
    spoken = is_spoken(framework, genre, documents)
    return facts.cluster or ("worker_id" if spoken else "employer_id")


def with_likeness(documents: pd.DataFrame, cluster: str) -> tuple[pd.DataFrame, str]:
    """Group documents that are the same or nearly so, and join the clusters that share some.

    Parameters
    ----------
    documents : DataFrame
        With ``document_id``, ``text`` and the column of clusters.
    cluster : str
        The column whose groups are independent of each other, but for documents that they share.

    Returns
    -------
    documents : DataFrame
        With `duplicate_group` where any are alike, and `split_group` where clusters were joined.
    cluster : str
        The column whose groups are never split: `split_group` where clusters were joined.
    """
    sketches = np.stack([sketch(text) for text in documents["text"]])
    digests = np.array([text_digest(text) for text in documents["text"]], dtype=np.uint64)
    groups = duplicate_groups(sketches, digests)
    sizes = np.bincount(groups, minlength=len(groups))
    if sizes.max() < 2:
        return documents, cluster
    names, clusters = documents["document_id"].tolist(), documents[cluster].tolist()
    alike = [names[first] if sizes[first] > 1 else "" for first in groups.tolist()]
    documents = documents.assign(**{DUPLICATES: alike})
    split = joined_groups([clusters, groups.tolist()])
    if len(set(split.tolist())) == len(set(clusters)):
        return documents, cluster
    joined = group_names(split, clusters)
    return documents.assign(**{SPLIT_GROUP: [joined[at] for at in split.tolist()]}), SPLIT_GROUP


def told_likeness(documents: pd.DataFrame, cluster: str) -> tuple[str, ...]:
    """Say which documents are alike, and which clusters are one group for that.

    Parameters
    ----------
    documents : DataFrame
        As `with_likeness` gives it, or documents.csv of a folder that an import made.
    cluster : str
        The column whose groups were joined, such as ``employer_id``.
    """
    lines = []
    if DUPLICATES in documents:
        alike = documents[DUPLICATES][documents[DUPLICATES] != ""]
        if len(alike):
            lines.append(
                f"{len(alike)} documents are like another one, in {alike.nunique()} groups ({DUPLICATES})"
            )
    if SPLIT_GROUP in documents and cluster in documents:
        members = documents.groupby(SPLIT_GROUP)[cluster].nunique()
        joined = members[members > 1]
        if len(joined):
            named = ", ".join(map(str, joined.index[:3])) + (", ..." if len(joined) > 3 else "")
            lines.append(
                f"{joined.sum()} values of {cluster} share documents that are alike and count as "
                f"{len(joined)} groups from now on, in training, test and intervals ({SPLIT_GROUP}: {named})"
            )
    return tuple(lines)


def draft_facts(project: CodedProject, framework: Framework, genre: str, facts: CorpusFacts) -> pd.DataFrame:
    """Draft the table of facts that a person fills in: a row for each document, what is known filled in.

    Parameters
    ----------
    project : CodedProject
        Whose documents to list.
    framework : Framework
        Says which facts a document needs.
    genre : str
        A genre of the framework.
    facts : CorpusFacts
        What is known already.

    Returns
    -------
    DataFrame
        ``source`` and a column for each fact that a document needs. No cell is one that a spreadsheet would
        run as a formula.
    """
    given = _given(project, facts)
    rows = [
        {"title": document.name, **facts.defaults, **document.metadata, **given.get(document.id, {})}
        for document in project.documents
    ]
    needed = [each for each in _needed(framework, genre, pd.DataFrame(rows), facts) if each != "document_id"]
    cells = [{name: row.get(name, "") for name in needed} for row in rows]
    table = pd.DataFrame(cells, columns=needed, dtype="str")
    table.insert(0, SOURCE, [document.name for document in project.documents])
    return table.map(guarded)


def _needed(framework: Framework, genre: str, documents: pd.DataFrame, facts: CorpusFacts) -> list[str]:
    """Return the columns that documents.csv must have."""
    spoken = is_spoken(framework, genre, documents)
    cluster = own_cluster(framework, genre, documents, facts)
    return list(documents_schema(framework, spoken=spoken, cluster=cluster).columns)


def _given(project: CodedProject, facts: CorpusFacts) -> dict[str, dict[str, str]]:
    """Return what the user's table says of each document, by the project's identifier."""
    if facts.documents is None:
        return {}
    if SOURCE not in facts.documents:
        raise ExchangeError(
            f"The table of documents has no column {SOURCE!r}",
            remedy="it names their documents; --suggest-facts FILE drafts the table",
        )
    found: dict[str, dict[str, str]] = {}
    problems = []
    for record in facts.documents.fillna("").astype("str").to_dict("records"):
        source = unguarded(record.pop(SOURCE).strip())
        meant = _meant(source, project)
        if len(meant) != 1:
            what = f"{len(meant)} documents could be meant" if meant else "the project has no such document"
            problems.append(Problem(f"table of documents, {source!r}", what))
        elif meant[0] in found:
            problems.append(Problem(f"table of documents, {source!r}", "the document stands there twice"))
        else:
            found[meant[0]] = {key: unguarded(value) for key, value in record.items() if value.strip()}
    if problems:
        names = ", ".join(document.name for document in project.documents[:5])
        more = ", ..." if len(project.documents) > 5 else ""
        raise ExchangeError(
            "The table of documents does not fit the project", problems,
            remedy=f"the project's documents are {names}{more}; --suggest-facts FILE drafts the table",
        )  # fmt: skip
    return found


def _meant(source: str, project: CodedProject) -> list[str]:
    """Return the documents that a name can mean: those so called, else those so called but for an ending."""
    exact = [each.id for each in project.documents if source in (each.name, each.id)]
    return exact or [each.id for each in project.documents if stem_of(each.name) == stem_of(source)]


def _file_names(names: list[str]) -> list[str]:
    """Return an id for each document that can be a file's name, each once even where case does not count."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        stem = ENDING.sub("", name)
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", stem).strip("_.-")[:60] or f"D{number:03d}"
        taken, candidate, at = {each.lower() for each in found}, plain, 2
        while candidate.lower() in taken:
            candidate, at = f"{plain}_{at}", at + 1
        found.append(candidate)
    return found
