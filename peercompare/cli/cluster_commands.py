"""What `predict`, `agree` and `drift` do where they work on several processes or machines, on Dask."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from peercompare.cli.shared import CAUTION, COULD_NOT_RUN, DONE, gone_since, must_exist, tell
from peercompare.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from distributed import Client

    from peercompare.scale.corpora import Seen


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add where to work: on a cluster, or on several processes here."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="work on the workers of this Dask scheduler, which see the same files (needs the extra scale)",
    )
    where.add_argument(
        "--workers", type=int, metavar="N", help="work on N processes here (needs the extra scale)"
    )


def on_cluster(options: argparse.Namespace) -> bool:
    """Tell whether the options ask for several processes or machines."""
    return options.scheduler is not None or options.workers is not None


@contextmanager
def cluster_of(options: argparse.Namespace) -> Iterator[Client]:
    """Connect to the scheduler, or start the processes, that the options name."""
    from peercompare.scale.connecting import connected

    with connected(options.scheduler, options.workers) as client:
        tell(f"Working on {len(client.nthreads())} workers ...")
        yield client


def predict_on(options: argparse.Namespace) -> int:
    """Predict part by part on a cluster, and go on where an earlier call was stopped."""
    with cluster_of(options) as client:
        from peercompare.scale.predicting import predict_on_cluster

        found = predict_on_cluster(
            client,
            options.model,
            options.texts,
            options.out,
            rows=options.rows_of_part,
            corpora=options.corpus,
        )
    written = f"the probabilities of {found.n_rows} segments, in {found.n_parts} parts, to {options.out}"
    if found.problems:
        raise InputError(
            f"Wrote {written}, and not all: some rows cannot be predicted",
            found.problems,
            remedy="mend these rows and name a new folder; what is written is right",
        )
    if not found.complete:
        tell(f"Stopped after writing {written}. The same command goes on from there.")
        return COULD_NOT_RUN
    tell(f"Wrote {written}. {CAUTION}")
    return DONE


def agree_on(options: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate agreement on a cluster: overall and by value, and by what coders bring with them."""
    with cluster_of(options) as client:
        from peercompare.scale.agreeing import agree_on_cluster

        seen, table, background = agree_on_cluster(
            client,
            options.corpus,
            as_of=options.as_of,
            policy=options.policy,
            confidence_level=options.confidence_level,
        )
    tell_seen(seen, options)
    return table, background


def scored_by(options: argparse.Namespace) -> dict[str, object]:
    """Return the codings, sample and predictions that the options name, as `scores_of` takes them."""
    return {
        "coder_id": options.coder,
        "variant": options.variant,
        "predictions": options.predictions and options.predictions.absolute(),
        "sample": options.sample and options.sample.absolute(),
        "waves": options.wave and tuple(options.wave),
        "estimator": options.estimator,
    }


def drift_on(options: argparse.Namespace) -> pd.DataFrame:
    """Estimate shares and the index on a cluster."""
    alone = [f"--{name}" for name in ("slope", "anchor") if getattr(options, name)]
    alone += ["--about this_corpus"] if options.about != "like_these" else []
    if alone:
        raise InputError(
            f"{', '.join(alone)} cannot be estimated from sums of shares: it needs all segments together",
            remedy="leave it out, or leave out --scheduler and --workers",
        )
    must_exist(options.corpus, *(each for each in (options.predictions, options.sample) if each))
    with cluster_of(options) as client:
        from peercompare.scale.drifting import Asked, drift_on_cluster
        from peercompare.usertables import pair

        only = tuple(pair(options.only)) if options.only else ()
        asked = Asked(tuple(sorted(scored_by(options).items())), ("all", *options.by), only)
        seen, table = drift_on_cluster(
            client,
            options.corpus,
            asked,
            as_of=options.as_of,
            policy=options.policy,
            confidence_level=options.confidence_level,
            waive=options.waive_if_composed,
        )
    tell_seen(seen, options)
    tell("What warns of how a corpus was sampled and coded is told where it is estimated in one process.")
    return table


def tell_seen(seen: Seen, options: argparse.Namespace) -> None:
    """Say what the gates of the workers left out, and what is gone since the day of consent."""
    if gate := seen.gate():
        tell(f"Consent gate: {gate}.")
    if seen.gone:
        tell(gone_since(seen.name, options.as_of, sorted(seen.gone)))
