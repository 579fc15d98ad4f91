"""Which events a difference in differences is made around: where and when, and what is wrong with them.

Events come from a corpus's events.csv: a site or a worker, a date, a kind. One kind is looked at by itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.drift.disclosure import MIN_WORKERS
from peercompare.drift.plan import WORKER
from peercompare.errors import Problem, UndefinedError

SITE = "site_id"
FEW_WORKERS = f"events of fewer than {MIN_WORKERS} workers: an estimate around them would speak of persons"


@dataclass(frozen=True)
class EventDesign:
    """One kind of event: where and when it happened.

    Parameters
    ----------
    kind : str
    unit : {"site_id", "worker_id"}
        What had the events, and so what the inference clusters by.
    places : tuple of str, length n_events
        The sites or workers, each once, with its first event of the kind.
    dates : tuple of Timestamp, length n_events
    other_places : frozenset of str
        Sites or workers that had events of another kind.
    """

    kind: str
    unit: str
    places: tuple[str, ...]
    dates: tuple[pd.Timestamp, ...]
    other_places: frozenset[str] = frozenset()

    @property
    def units(self) -> str:
        """The sites or workers in words."""
        return self.unit.removesuffix("_id") + "s"


def event_design(events: pd.DataFrame, kind: str) -> EventDesign:
    """Read where and when events of one kind happened.

    Parameters
    ----------
    events : DataFrame
        ``date, kind`` and ``site_id`` or ``worker_id``: an event that names a worker is that worker's alone.
    kind : str
        One of its kinds.

    Returns
    -------
    EventDesign

    Raises
    ------
    UndefinedError
        Where there is no such event, some name a worker and others a site, or the events are those of fewer
        than five workers: an estimate around them would be about persons, in a composed corpus too.
    """
    table = events.reindex(columns=[*events.columns, *({SITE, WORKER} - set(events.columns))]).fillna("")
    mine = table[table["kind"] == kind].sort_values("date", kind="stable")
    if mine.empty:
        raise UndefinedError(f"there is no event of the kind {kind}")
    named = mine[WORKER] != ""
    if named.any() and not named.all():
        raise UndefinedError(
            f"some events of the kind {kind} name a worker and others a whole site: give them different kinds"
        )
    unit = WORKER if named.all() else SITE
    first = mine[mine[unit] != ""].drop_duplicates(unit)
    if unit == WORKER and len(first) < MIN_WORKERS:
        raise UndefinedError(FEW_WORKERS)
    if first.empty:
        raise UndefinedError(f"events of the kind {kind} name neither a site nor a worker")
    others = table[(table["kind"] != kind) & (table[unit] != "")]
    return EventDesign(
        kind, unit, tuple(first[unit]), tuple(pd.to_datetime(first["date"])), frozenset(others[unit])
    )


def faults_of_events(corpus: Corpus, kinds: Sequence[str], *, where: str = "events") -> list[Problem]:
    """Find what is wrong with kinds of events before anything is estimated.

    Parameters
    ----------
    corpus : Corpus
    kinds : sequence of str
        As a study file names them.
    where : str, default "events"
        What to call the place that they stand in.

    Returns
    -------
    list of Problem
        One for each kind that no event has, with the nearest one there is, and for each event of these kinds
        that names neither a site nor a worker. A site or worker of whom consent leaves nothing is no fault:
        the estimate says how many are missing.
    """
    events = corpus.events
    there = list(dict.fromkeys(events["kind"])) if len(events) else []
    problems = []
    for kind in dict.fromkeys(kinds):
        if kind not in there:
            near = difflib.get_close_matches(kind, there, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            listed = ", ".join(there) or "no events at all"
            problems.append(
                Problem(where, f"no event is of the kind {kind!r}", f"{meant}there are: {listed}")
            )
    asked = events[events["kind"].isin(list(kinds))] if len(events) else events
    for row, event in asked.fillna("").iterrows():
        if not any(event.get(name) for name in (SITE, WORKER)):
            place = f"events.csv, row {row + 2} ({event['event_id']})"
            problems.append(
                Problem(place, "names neither a site nor a worker", "fill in site_id or worker_id")
            )
    return problems
