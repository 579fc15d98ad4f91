"""Sums of a corpus's shares, made where each is read: what `agreeing` and `drifting` have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from peercompare.errors import CorpusError
from peercompare.scale.connecting import expected_facts
from peercompare.scale.corpora import Seen, Share, forget, shares_of
from peercompare.scale.running import outcomes
from peercompare.scale.working import Job

if TYPE_CHECKING:
    from distributed import Client

SHARES_OF_THREAD = 2
"""Into how many shares a folder is parted for each thread that works."""

Sums = TypeVar("Sums")


def sums_of(
    client: Client,
    corpus: str | Path,
    job: Callable[[Share], Job],
    *,
    as_of: str | None,
    policy: str,
    n_shares: int | None = None,
) -> tuple[Seen, list[Sums]]:
    """Let workers open the shares of a corpus and sum them.

    Parameters
    ----------
    client : distributed.Client
    corpus : str or Path
        As in `shares_of`.
    job : callable
        Makes of a share what is to be done; it returns `Seen` and sums.
    as_of, policy : str
        As for `open_corpus`.
    n_shares : int, optional
        By default two for each thread.

    Returns
    -------
    seen : Seen
        Of the whole corpus.
    sums : list
        In the order of the shares, whoever made them.

    Raises
    ------
    CorpusError
        Lists what is wrong with shares: an estimate without some of them would not be of the corpus.
    """
    expected = expected_facts(client)
    n_shares = n_shares or SHARES_OF_THREAD * sum(client.nthreads().values())
    shares = shares_of(Path(corpus).absolute(), n_shares, as_of=as_of, policy=policy, call=uuid4().hex)
    jobs = [job(share) for share in shares]
    try:
        found = {done.share: outcome for done, outcome in outcomes(client, jobs, expected)}
    finally:
        if client.status == "running":
            client.run(forget, on_error="ignore")
    problems = [problem for share in shares for problem in found[share].problems]
    if problems:
        raise CorpusError(
            "Nothing is estimated: parts of the corpus could not be summed",
            list(dict.fromkeys(problems)),
            remedy="mend them, or see that this machine and all workers see the same folders",
        )
    seen = Seen.together([(share, found[share].value[0]) for share in shares])
    return seen, [found[share].value[1] for share in shares]
