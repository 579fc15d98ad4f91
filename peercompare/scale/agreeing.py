"""Agreement between coders on a cluster, from sums over the units of each share of documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from peercompare.agreement.background import background_sums, background_table
from peercompare.agreement.tables import COLUMNS, CodeSums, code_sums, place_units, table_of_sums
from peercompare.agreement.withholding import Behind, behind, has_workers, withheld_by
from peercompare.codings import alone, reliability_data
from peercompare.corpus import Corpus
from peercompare.scale.corpora import Seen, Share
from peercompare.scale.summing import sums_of

if TYPE_CHECKING:
    from distributed import Client


class AgreementShare(NamedTuple):
    """Sums of one share of documents; those of several add up.

    Parameters
    ----------
    codes : CodeSums
    background : dict of str to CodeSums
        By kind of pair of coders.
    has_backgrounds : bool
        Whether coders said what they bring with them.
    behind : Behind or None
        Whose words stand behind; None where nothing is withheld of such a corpus.
    """

    codes: CodeSums
    background: dict[str, CodeSums]
    has_backgrounds: bool
    behind: Behind | None


def agreement_share(corpus: Corpus) -> AgreementShare:
    """Sum what the agreement on a share of documents is estimated from.

    Parameters
    ----------
    corpus : Corpus
        From `Share.open`: it may hold no document, and the codings of one coder.
    """
    data = reliability_data(corpus.codings, framework=corpus.framework, fewest=0)
    told = {"framework": corpus.framework}
    codes = code_sums(data, corpus.segments, corpus_name=corpus.name, **told)
    said = not corpus.coders.empty
    documents = place_units(data, corpus.segments, columns=("document_id",))["document_id"]
    background = background_sums(data, documents, corpus.coders, **told) if said else {}
    return AgreementShare(codes, background, said, behind(corpus) if has_workers(corpus) else None)


def agreement_of(
    shares: list[AgreementShare], seen: Seen, *, confidence_level: float = 0.95
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate agreement from the sums of all shares, and withhold what rests on few workers.

    Returns
    -------
    table, background : DataFrame
        As `agreement_table` and `agreement_by_background` give them of the whole, after
        `withheld_agreement`.

    Raises
    ------
    CodingError
        If fewer than two coders have coded.
    """
    codes = CodeSums.added([share.codes for share in shares])
    if len(codes.coders) < 2:
        raise alone(sorted(codes.coders), seen.name)
    told = {"framework": seen.framework, "corpus_name": seen.name, "confidence_level": confidence_level}
    table, background = table_of_sums(codes, **told), pd.DataFrame(columns=list(COLUMNS))
    if any(share.has_backgrounds for share in shares):
        kinds = dict.fromkeys(kind for share in shares for kind in share.background)
        sums = {
            kind: CodeSums.added([s.background[kind] for s in shares if kind in s.background])
            for kind in kinds
        }
        background = background_table(sums, **told)
    known = [share.behind for share in shares if share.behind is not None]
    if known:
        everybody = Behind.joined(known)
        table = withheld_by(table, everybody, seen.framework)
        background = withheld_by(background, everybody, seen.framework)
    return table, background


@dataclass(frozen=True)
class Agreeing:
    """Sum a share on a worker."""

    share: Share
    model: None = None

    @property
    def where(self) -> str:
        """The share."""
        return self.share.where

    def run(self) -> tuple[Seen, AgreementShare]:
        """Open it past the gate and sum it."""
        corpus = self.share.open()
        return Seen.of(corpus), agreement_share(corpus)


def agree_on_cluster(
    client: Client,
    corpus: str | Path,
    *,
    as_of: str | None = None,
    policy: str = "exclude",
    confidence_level: float = 0.95,
    n_shares: int | None = None,
) -> tuple[Seen, pd.DataFrame, pd.DataFrame]:
    """Estimate how far coders agree, on the workers of a cluster.

    Parameters
    ----------
    client : distributed.Client
        From `connected`.
    corpus : str or Path
        The folder of a corpus, or of folders that together are one; the same for all workers.
    as_of, policy : str
        As for `open_corpus`, which each worker calls.
    confidence_level : float, default 0.95
    n_shares : int, optional
        As for `sums_of`.

    Returns
    -------
    seen : Seen
        What the workers opened, and what their gates left out.
    table, background : DataFrame
        As on one machine to within 1e-9, however documents are parted.

    Raises
    ------
    CorpusError, CodingError, ClusterError
        As `sums_of` and `agreement_of`.
    """
    seen, shares = sums_of(client, corpus, Agreeing, as_of=as_of, policy=policy, n_shares=n_shares)
    return seen, *agreement_of(shares, seen, confidence_level=confidence_level)
