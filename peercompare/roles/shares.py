"""In how many documents each marker is found, group by group, with intervals over employers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from peercompare.drift.ratios import ratio_of_totals
from peercompare.errors import InputError
from peercompare.framework import Framework
from peercompare.roles.markers import FINDINGS, check_columns, refuse_people

EVERYWHERE = "all"
METHOD = "share of documents; ratio of totals, delete-one-employer jackknife, t interval on the logit scale"


def marker_shares(
    findings: pd.DataFrame,
    documents: pd.DataFrame,
    framework: Framework,
    *,
    by: str = "setting",
    cluster: str = "employer_id",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share of documents that show each marker, and of those that exclude it.

    Employers are taken as independent draws from those that might have been studied. That gold or a rule
    found a marker is taken as given: its errors are not in the interval (see `score_markers`).

    Parameters
    ----------
    findings : DataFrame
        ``document_id, marker, finding`` (`present` or `excluded`), from `find_markers` or from one coder; a
        document may have both of one marker.
    documents : DataFrame
        Every document that was looked at, of one corpus: ``document_id`` and the columns that `by` and
        `cluster` name. A document without an employer is an employer of its own.
    framework : Framework
        Its markers are counted; one that no document shows counts 0.
    by : str, default "setting"
        Column of `documents` that names the groups.
    cluster : str, default "employer_id"
        Column of `documents` that names the employers.
    confidence_level : float, default 0.95
        In (0, 1).

    Returns
    -------
    DataFrame
        One row for each group (the group "all" first), marker and finding: ``corpus`` where `documents` has
        it, the column `by`, ``marker, source`` (the id of the framework's source that names it, such as the
        Declaration of Peer Roles), ``finding, n, n_documents, n_employers, share, lower, upper,
        confidence_level, method, reason``. No interval below five employers, nor where leaving one out
        changes nothing (as where no document shows the marker); ``reason`` says why.

    Raises
    ------
    InputError
        If a column is missing or the documents are of several corpora.
    DisclosureError
        If a column of `documents` says who a person is.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> framework = read_framework("deegan2017")
    >>> marker = framework.markers[0].id
    >>> documents = pd.DataFrame({"document_id": list("abcdef"), "employer_id": [1, 2, 3, 4, 5, 5],
    ...                           "setting": "community"})
    >>> found = pd.DataFrame({"document_id": list("ab"), "marker": marker, "finding": "present"})
    >>> marker_shares(found, documents, framework)[["n", "n_documents", "n_employers", "share"]].head(1)
       n  n_documents  n_employers     share
    0  2            6            5  0.333333
    """
    check_columns(findings, ("document_id", "marker", "finding"), "findings")
    check_columns(documents, ("document_id", by, cluster), "documents")
    refuse_people(documents, "documents")
    corpus = _one_corpus(documents)
    whole = documents.drop_duplicates("document_id")
    groups = [(EVERYWHERE, whole), *whole.groupby(whole[by].astype(str), sort=True)]
    tables = [
        pd.DataFrame(_rows(findings, part, framework, cluster, confidence_level)).assign(**{by: str(name)})
        for name, part in groups
    ]
    table = pd.concat(tables, ignore_index=True).assign(confidence_level=confidence_level, **corpus)
    sources = {marker.id: marker.source for marker in framework.markers}
    table["source"] = table["marker"].map(sources)
    order = [
        *corpus,
        by,
        "marker",
        "source",
        "finding",
        "n",
        "n_documents",
        "n_employers",
        "share",
        "lower",
        "upper",
    ]
    return table[[*order, "confidence_level", "method", "reason"]]


def _one_corpus(documents: pd.DataFrame) -> dict[str, str]:
    """The corpus of the documents, where they name it."""
    names = documents["corpus"].dropna().unique() if "corpus" in documents else []
    if len(names) > 1:
        raise InputError(
            f"the documents are of several corpora: {', '.join(map(str, names))}",
            remedy="count one corpus at a time",
        )
    return {"corpus": str(names[0])} if len(names) else {}


def _rows(
    findings: pd.DataFrame, part: pd.DataFrame, framework: Framework, cluster: str, confidence_level: float
) -> Iterator[dict]:
    """One row for each marker and finding of one group of documents."""
    pairs = [(marker.id, finding) for marker in framework.markers for finding in FINDINGS]
    employers, names = pd.factorize(part[cluster].astype(object).fillna(part["document_id"]))
    n_documents = np.bincount(employers, minlength=len(names)).astype(float)
    found = np.zeros((len(names), len(pairs)))
    home = dict(zip(part["document_id"], employers, strict=True))
    place = {pair: number for number, pair in enumerate(pairs)}
    for document_id, marker, finding in set(
        findings[["document_id", "marker", "finding"]].itertuples(index=False, name=None)
    ):
        if document_id in home and (marker, finding) in place:
            found[home[document_id], place[marker, finding]] += 1
    whole = np.repeat(n_documents[:, None], len(pairs), axis=1)
    share = ratio_of_totals(found, whole, confidence_level=confidence_level, bounds=(0.0, 1.0))
    for number, (marker, finding) in enumerate(pairs):
        yield {
            "marker": marker,
            "finding": finding,
            "n": int(found[:, number].sum()),
            "n_documents": len(part),
            "n_employers": len(names),
            "share": share.estimate[number],
            "lower": share.lower[number],
            "upper": share.upper[number],
            "method": METHOD,
            "reason": share.reason[number].format(clusters="employers", what="documents"),
        }
