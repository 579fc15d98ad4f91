"""What an estimate is about, how it is inferred, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift import disclosure
from peercompare.drift.scores import NOT_GIVEN
from peercompare.errors import InputError

COLUMNS = (
    "corpus",
    "estimand",
    "group_by",
    "group",
    "dimension",
    "variant",
    "labels",
    "estimate",
    "lower",
    "upper",
    "confidence_level",
    "n_clusters",
    "n_workers",
    "n_documents",
    "n_segments",
    "n_coded",
    "method",
    "reason",
    "waiver",
    "target",
)
"""Columns of the estimates table."""

WORKER = "worker_id"
"""The column of the persons who are protected. Where it is absent, documents are public postings."""

LIKE_THESE, THIS_CORPUS = "like_these", "this_corpus"


@dataclass(frozen=True)
class Plan:
    """How estimates of a corpus are made and shown.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    cluster : str
        Column whose groups are the independent draws: ``worker_id`` or ``employer_id``.
    target : {"like_these", "this_corpus"}
        ``like_these``: workers (or employers) like these; the interval holds what differs between them.
        ``this_corpus``: these documents and no others; the interval holds what sampling for coding brings.
    confidence_level : float, default 0.95
    composed : bool, default False
        True where nobody real speaks in the corpus, as its corpus.toml says.
    waive : bool, default False
        Ask to show what rests on fewer than five workers; for composed corpora alone, and marked.
    """

    corpus: str
    cluster: str
    target: str = LIKE_THESE
    confidence_level: float = 0.95
    composed: bool = False
    waive: bool = False

    def check(self, scores: pd.DataFrame) -> None:
        """Refuse a plan that cannot be followed on these scores.

        Raises
        ------
        InputError
            For an unknown target, a confidence level outside (0, 1), or a cluster column absent or
            incomplete.
        DisclosureError
            When a waiver is asked for a corpus that is not composed.
        """
        disclosure.check_waiver(composed=self.composed, waive=self.waive)
        if self.target not in (LIKE_THESE, THIS_CORPUS):
            raise InputError(f"unknown target {self.target!r}", remedy=f"use {LIKE_THESE} or {THIS_CORPUS}")
        if not 0 < self.confidence_level < 1:
            raise InputError(f"the confidence level must lie in (0, 1), not {self.confidence_level}")
        if self.cluster not in scores:
            raise InputError(f"there is no column {self.cluster!r} to cluster by")
        missing = int(scores[self.cluster].isna().sum())
        if missing:
            raise InputError(
                f"{missing} segments have no {self.cluster}", remedy="name it for every document"
            )

    @classmethod
    def of(cls, corpus: Corpus, **options: object) -> Plan:
        """Plan for an opened corpus: its name, its clusters, and whether it is composed; options as above."""
        return cls(corpus.name, corpus.cluster, composed=corpus.composed, **options)

    def only_like_these(self, what: str) -> None:
        """Refuse inference about this corpus alone, for estimands that have no such interval here.

        Raises
        ------
        InputError
        """
        if self.target != LIKE_THESE:
            raise InputError(
                f"{what} is inferred for {self.clusters} like these only", remedy=f"plan for {LIKE_THESE}"
            )

    @property
    def clusters(self) -> str:
        """The clusters in words: ``workers``."""
        return self.cluster.removesuffix("_id").replace("_", " ") + "s"

    def shared(self, scores: pd.DataFrame, labels: str) -> dict[str, object]:
        """Return the columns that all rows of a table share: corpus, labels, variant and level."""
        return {
            "corpus": self.corpus,
            "labels": labels,
            "variant": scores["variant"].iloc[0],
            "confidence_level": self.confidence_level,
        }

    def words(self, population: str, *, corpus: bool = False) -> str:
        """Name whom an estimate speaks of."""
        whom = f" ({population})" if population else ""
        if corpus or self.target == THIS_CORPUS:
            return f"this corpus{whom}"
        return f"{self.clusters} like these{whom}"


def worker_index(scores: pd.DataFrame) -> np.ndarray | None:
    """Index of each segment's worker, or None where the documents name no workers."""
    if WORKER not in scores or scores[WORKER].isna().all():
        return None
    return pd.factorize(scores[WORKER].astype("string").fillna(NOT_GIVEN))[0]
