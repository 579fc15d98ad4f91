"""Whether the index jumped on some date: a search over dates that pays for having searched.

Never for one worker: a date of change needs five workers (or employers) seen before and after it. What it
could have found is said beside what it found, since a search that finds nothing is often a search too weak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift.dates import DATE, dated_scores, seen_twice
from peercompare.drift.evidence import Evidence, distinct, gather, people
from peercompare.drift.groups import Cell, Grouping, cells_of, group_columns
from peercompare.drift.jumps import EXHAUSTIVE, N_POWER, findable_jump, sign_flips, sup_wald
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import COLUMNS, Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import MIN_CLUSTERS, slope_totals
from peercompare.drift.showing import Draft
from peercompare.errors import InputError
from peercompare.framework import Framework

JUMP = "jump"
STARTS = {"month": "MS", "year": "YS"}
"""Dates on which a jump is looked for: the first day of each month, or year."""

FOUND = ("change_date", "sup_wald", "p", "least_p", "jump_found_in_80", "n_dates_searched")
"""What a change-point has beside the columns of an estimate."""

EDGE_SHARE = 0.15
"""Least share of the stance-taking segments on either side of a date that is searched."""

CHOSEN = "the date was chosen by the data, so the jump has no interval"
FEW = "a jump is looked for where five {clusters} were seen before and after a date; here it is {n} at most"


def change_point_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    per: str,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
    seed: int = 0,
) -> pd.DataFrame:
    """Look for a date on which the index jumped within workers or employers, in each group.

    Dates searched are the first days of months (or years) with five clusters seen before and after them, and
    at least 15% of the stance-taking segments on either side. `sup_wald` has the statistic and its p,
    `findable_jump` the power.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, with ``date``. Choose the population first.
    framework : Framework
    per : {"month", "year"}
    plan : Plan
        Its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("all",)
        Sites or wider groups; nothing that names people.
    labels : {"all_codings", "probability_sample", "predicted_only"}
    seed : int, default 0

    Returns
    -------
    DataFrame
        Estimand ``jump`` with the columns of `COLUMNS`, and of `FOUND`: ``change_date``, ``sup_wald``, ``p``
        (for the search over all dates), ``least_p`` (the smallest that so many clusters can give),
        ``jump_found_in_80`` (the size of a jump in the middle of the dates searched that would have been
        found in 80% of studies like this; missing where none on the scale would) and ``n_dates_searched``.
        The jump has no interval: its date was chosen for being large.

    Raises
    ------
    InputError, UndefinedError, DisclosureError
        As in `trend_table`.
    """
    ask = {"per": per, "plan": plan, "group_by": group_by, "labels": labels, "seed": seed}
    draft, found = draft_change_points(scores, framework, **ask)
    return with_found(publish([draft], plan=plan), found)


def draft_change_points(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    per: str,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
    seed: int = 0,
) -> tuple[Draft, pd.DataFrame]:
    """Search as `change_point_table` does, and leave it to `publish` to withhold; not for publication.

    Parameters
    ----------
    scores, framework, per, plan, group_by, labels, seed
        As in `change_point_table`.

    Returns
    -------
    Draft, DataFrame
        The jumps; and, row by row, the columns of `FOUND`, which `with_found` adds to what is published.

    Raises
    ------
    InputError, UndefinedError, DisclosureError
        As in `trend_table`.
    """
    plan.check(scores)
    plan.only_like_these("a change-point")
    group_columns(scores, group_by)
    if per not in STARTS:
        raise InputError(f"a change-point is looked for per {' or '.join(STARTS)}, not {per!r}")
    dated, left_out = dated_scores(scores, plan, what="jump")
    table = measures(framework, dimensions=labels != "predicted_only")
    table = table.only([table.column("index")])
    evidence = gather(dated, framework, cluster=plan.cluster, labels=labels)
    cells = cells_of(dated, group_by)
    moving = [seen_twice(dated, evidence.held(table.denominators)[:, 0] & cell.rows, plan) for cell in cells]
    searches = _Searches(dated, evidence, table, plan, per, seed)
    rows = [searches.row(cell, behind) for cell, behind in zip(cells, moving, strict=True)]
    estimates = pd.DataFrame(rows).assign(
        estimand=JUMP,
        dimension=ALL,
        **plan.shared(scores, labels),
    )
    estimates["method"] += left_out
    estimates = estimates.astype({"n_workers": "Int64", "n_dates_searched": "Int64"})
    held = evidence.held(table.denominators)
    draft = Draft(
        estimates.drop(columns=list(FOUND)), cells, dated, table, held, [one[:, None] for one in moving]
    )
    return draft, estimates[list(FOUND)]


def with_found(published: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Add the dates and p-values to published jumps; blank where the jump is withheld."""
    table = pd.concat([published.reset_index(drop=True), found.reset_index(drop=True)], axis=1)
    hidden = table["reason"].str.startswith("withheld") & ~table["waiver"]
    table.loc[hidden, list(FOUND)] = None
    return table[[*COLUMNS, *FOUND]]


@dataclass(frozen=True)
class _Searches:
    """What every search of a table needs."""

    scores: pd.DataFrame
    evidence: Evidence
    table: Measures
    plan: Plan
    per: str
    seed: int

    def row(self, cell: Cell, behind: np.ndarray) -> dict[str, object]:
        """Search one group."""
        inside = cell.rows if self.evidence.sampled else behind
        values = self.evidence.values[inside]
        paths = _Paths(
            values @ self.table.numerators,
            values @ self.table.denominators,
            self.scores.loc[inside, DATE].to_numpy(),
            pd.factorize(self.evidence.clusters[inside])[0],
            behind[inside],
        )
        dates, most = paths.searched(STARTS[self.per]) if behind.any() else ([], 0)
        row = self._frame(cell, behind) | {"n_dates_searched": len(dates)}
        if not len(dates):
            return row | {"reason": FEW.format(clusters=self.plan.clusters, n=most)}
        reason = "; ".join(part for part in (CHOSEN, self.evidence.note(cell.rows)) if part)
        return row | paths.search(dates, self.plan, self.seed) | {"reason": reason}

    def _frame(self, cell: Cell, behind: np.ndarray) -> dict[str, object]:
        """Return the row of a group in which nothing was searched yet."""
        held, evidence = behind[:, None], self.evidence
        n_clusters, n_segments = int(distinct(held, evidence.clusters)[0]), int(behind.sum())
        few = n_clusters < MIN_CLUSTERS
        return {
            "group_by": cell.group_by,
            "group": cell.group,
            "estimate": np.nan,
            "lower": np.nan,
            "upper": np.nan,
            "n_clusters": n_clusters,
            "n_workers": people(held, evidence, slice(None)).iloc[0],
            "n_documents": int(distinct(held, evidence.documents)[0]),
            "n_segments": n_segments,
            "n_coded": n_segments if evidence.labels != "predicted_only" else 0,
            "method": "not estimated",
            "target": self.plan.words(self.scores["population"].iloc[0], corpus=few),
            **dict.fromkeys(FOUND, None),
        }


@dataclass(frozen=True)
class _Paths:
    """Segments of one group: stance and weight (a column each), date, cluster, whether they are held."""

    stance: np.ndarray
    weight: np.ndarray
    dates: np.ndarray
    clusters: np.ndarray
    held: np.ndarray

    def searched(self, starts: str) -> tuple[np.ndarray, int]:
        """List the dates with enough on both sides, and the most clusters on both sides of any."""
        days, clusters = self.dates[self.held], self.clusters[self.held]
        every = pd.date_range(days.min(), days.max(), freq=starts, normalize=True).to_numpy()
        both = np.array([self._both(day, days, clusters) for day in every], dtype=int)
        share = np.array([(days >= day).mean() for day in every])
        usable = (both >= MIN_CLUSTERS) & (share >= EDGE_SHARE) & (share <= 1 - EDGE_SHARE)
        return every[usable], int(both.max(initial=0))

    @staticmethod
    def _both(day: np.datetime64, days: np.ndarray, clusters: np.ndarray) -> int:
        return len(np.intersect1d(clusters[days < day], clusters[days >= day]))

    def search(self, dates: np.ndarray, plan: Plan, seed: int) -> dict[str, object]:
        """Search the dates, and say what could have been found."""
        after = [(self.dates >= day).astype(float) for day in dates]
        totals = [slope_totals(self.stance, self.weight, step, self.clusters) for step in after]
        tops, bottoms = (np.hstack(part) for part in zip(*totals, strict=True))
        rng = np.random.default_rng(seed)
        moving = np.abs(bottoms).sum(axis=1) > 0
        tops, bottoms = tops[moving], bottoms[moving]
        flips = sign_flips(len(tops), rng)
        found = sup_wald(tops, bottoms, flips)
        noise = tops - found.jump * self._signal(after, found.place)[moving]
        alpha = 1 - plan.confidence_level
        signal = self._signal(after, len(dates) // 2)[moving]
        findable = findable_jump(noise, signal, rng=rng, alpha=alpha)
        how = f"all {len(flips)}" if len(tops) <= EXHAUSTIVE else f"{len(flips) - 1} random"
        return {
            "estimate": found.jump,
            "change_date": f"{pd.Timestamp(dates[found.place]):%Y-%m-%d}",
            "sup_wald": found.statistic,
            "p": found.p,
            "least_p": found.least_p,
            "jump_found_in_80": findable,
            "n_dates_searched": len(dates),
            "method": f"largest Wald statistic over {len(dates)} dates within {plan.clusters}; p by {how} "
            f"sign flips of the {plan.clusters}' paths; power by {N_POWER} simulated searches",
        }

    def _signal(self, after: list[np.ndarray], place: int) -> np.ndarray:
        """What a jump of 1 at one date adds to every cluster's path."""
        score = self.weight * after[place][:, None]
        return np.hstack([slope_totals(score, self.weight, step, self.clusters)[0] for step in after])
