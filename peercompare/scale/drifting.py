"""Shares of stances and the index on a cluster, from sums over the segments of each share of documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift.estimands import draft_from
from peercompare.drift.groups import read_groupings
from peercompare.drift.measures import measures
from peercompare.drift.plan import Plan
from peercompare.drift.publishing import publish
from peercompare.drift.scores import population
from peercompare.drift.summed import SummedScores, evidence_of_sums, scores_of_sums, summed_scores
from peercompare.errors import UndefinedError
from peercompare.predictions import scores_of
from peercompare.scale.corpora import Seen, Share
from peercompare.scale.summing import sums_of

if TYPE_CHECKING:
    from distributed import Client


class Asked(NamedTuple):
    """What is to be estimated.

    Parameters
    ----------
    scored_by : tuple of (str, object)
        What `scores_of` is told; files that it names must be the same for all workers.
    by : tuple of str
        Groups, as `read_groupings` reads them.
    only : tuple of str
        A column of documents and its value; empty for all documents.
    """

    scored_by: tuple[tuple[str, object], ...] = ()
    by: tuple[str, ...] = ("all",)
    only: tuple[str, ...] = ()


class DriftShare(NamedTuple):
    """Sums of one share of documents.

    Parameters
    ----------
    labels : str
        Where the labels come from.
    summed : SummedScores or None
        None where the share has no such segment.
    """

    labels: str
    summed: SummedScores | None


def drift_share(corpus: Corpus, scores: pd.DataFrame, labels: str, asked: Asked) -> DriftShare:
    """Sum the scores of a share of documents.

    Parameters
    ----------
    corpus : Corpus
        Whose documents they are.
    scores : DataFrame
        May be empty.
    labels : str
    asked : Asked

    Raises
    ------
    InputError, DisclosureError
        As `summed_scores`.
    """
    if asked.only and len(scores):
        column, value = asked.only
        scores = _population(scores, column, value)
    if scores.empty:
        return DriftShare(labels, None)
    told = {"plan": Plan.of(corpus), "group_by": read_groupings(asked.by), "labels": labels}
    return DriftShare(labels, summed_scores(scores, corpus.framework, **told))


def _population(scores: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Keep those that an estimate is about; a share may have none of them, which the whole may not."""
    if column in scores and not (scores[column].astype("string") == value).any():
        return scores.iloc[:0]
    return population(scores, column, value, words=f"{column} {value}")


def drift_of(
    shares: list[DriftShare], seen: Seen, asked: Asked, *, confidence_level: float = 0.95, waive: bool = False
) -> pd.DataFrame:
    """Estimate from the sums of all shares, and withhold what rests on few workers.

    Returns
    -------
    DataFrame
        As `estimate_table` gives it of the whole.

    Raises
    ------
    UndefinedError
        If no share has a segment that was asked for, or nothing is coded.
    DisclosureError
        As `publish`.
    """
    parts = [share.summed for share in shares if share.summed is not None]
    if not parts:
        raise UndefinedError("no document of the corpus is among those that were asked for")
    labels = shares[0].labels
    plan = Plan(
        seen.name, seen.cluster, composed=seen.composed, confidence_level=confidence_level, waive=waive
    )
    summed = SummedScores.added(parts)
    table = measures(seen.framework, dimensions=labels != "predicted_only")
    evidence = evidence_of_sums(summed, table, plan=plan, labels=labels)
    scores = scores_of_sums(summed)
    plan.check(scores)
    draft = draft_from(evidence, scores, table, plan=plan, group_by=read_groupings(asked.by))
    return publish([draft], plan=plan)


@dataclass(frozen=True)
class Drifting:
    """Sum a share on a worker."""

    share: Share
    asked: Asked
    model: None = None

    @property
    def where(self) -> str:
        """The share."""
        return self.share.where

    def run(self) -> tuple[Seen, DriftShare]:
        """Open it past the gate, score it and sum the scores."""
        corpus = self.share.open()
        scores, labels = _scored(self.share.in_full(), self.asked.scored_by)
        inside = scores["document_id"].isin(set(corpus.documents["document_id"]))
        return Seen.of(corpus), drift_share(corpus, scores[inside].reset_index(drop=True), labels, self.asked)


@lru_cache(maxsize=1)
def _scored(whole: Share, scored_by: tuple[tuple[str, object], ...]) -> tuple[pd.DataFrame, str]:
    """Score a whole folder, as one process would; once for all its shares that a worker has in a row."""
    return scores_of(whole.open(), **dict(scored_by))


def drift_on_cluster(
    client: Client,
    corpus: str | Path,
    asked: Asked,
    *,
    as_of: str | None = None,
    policy: str = "exclude",
    confidence_level: float = 0.95,
    waive: bool = False,
) -> tuple[Seen, pd.DataFrame]:
    """Estimate shares of stances and the index, on the workers of a cluster.

    Parameters
    ----------
    client : distributed.Client
        From `connected`.
    corpus : str or Path
        The folder of a corpus, or of folders that together are one; the same for all workers.
    asked : Asked
    as_of, policy : str
        As for `open_corpus`, which each worker calls.
    confidence_level : float, default 0.95
    waive : bool, default False
        As for `Plan`.

    Returns
    -------
    seen : Seen
        What the workers opened, and what their gates left out.
    estimates : DataFrame
        As on one machine to within 1e-9, however documents are parted.

    Raises
    ------
    CorpusError, UndefinedError, DisclosureError, ClusterError
        As `sums_of` and `drift_of`.
    """
    seen, shares = sums_of(client, corpus, partial(Drifting, asked=asked), as_of=as_of, policy=policy)
    return seen, drift_of(shares, seen, asked, confidence_level=confidence_level, waive=waive)
