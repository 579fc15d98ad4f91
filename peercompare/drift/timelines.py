"""The index over real dates: a smooth curve for each group, with a band that holds for all of it at once.

Two curves are drawn. One is the level: what stance-taking segments of that time were like, whoever they were
of. The other holds workers (or employers) fixed: what it would have been like had the same ones been there
all the time. Where nobody was seen for long, or fewer than five were seen near a date, there is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from peercompare.drift.curves import Band, fit_curve, knots_of, spline_basis, uniform_band
from peercompare.drift.dates import DATE, DAYS, dated_scores, seen_twice
from peercompare.drift.evidence import Evidence, distinct, gather, people
from peercompare.drift.groups import BESIDE, TIMES, Cell, Grouping, cells_of, group_columns
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import Plan
from peercompare.drift.publishing import publish
from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.drift.showing import Draft
from peercompare.errors import InputError
from peercompare.framework import Framework

LEVEL, WITHIN = "index_over_time", "index_within"
CURVES = (LEVEL, WITHIN)
"""The level of each time; and the same with workers or employers held fixed."""

EDGE = "nobody of this group was seen before, or after, this date"
GAP = "gap: nobody was seen from {first} to {last}, and a line is not drawn across"
THIN = "fewer than five {clusters} were seen within {near} of this date"


@dataclass(frozen=True)
class Pace:
    """How dates are looked at, in units of time: months or years.

    Parameters
    ----------
    unit : {"month", "year"}
    near : float
        How near a date five workers (or employers) must have been seen for a band to be drawn there.
    longest_gap : float
        A stretch longer than this without any document is a gap.
    """

    unit: str
    near: float
    longest_gap: float

    def dates(self, days: pd.Series) -> pd.DatetimeIndex:
        """List the dates at which a curve is read: the middles of months, or the starts of half-years."""
        first, last = days.min(), days.max()
        if self.unit == "month":
            points = pd.date_range(first.to_period("M").start_time, last, freq="MS") + pd.Timedelta(days=14)
        else:
            points = pd.date_range(pd.Timestamp(first.year, 1, 1), last, freq="6MS")
        inside = points[(points >= first) & (points <= last)]
        return inside if len(inside) else pd.DatetimeIndex([first + (last - first) / 2]).normalize()

    @property
    def words(self) -> str:
        """The nearness in words: ``3 months``."""
        return f"{self.near:g} {self.unit}s"


PACES = {"month": Pace("month", 3.0, 2.0), "year": Pace("year", 2.0, 2.0)}


def timeline_table(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    per: str,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
) -> pd.DataFrame:
    """Follow the index over dates, with bands that hold at all dates at once.

    A restricted cubic spline with three knots (a straight line where there are too few dates) is fitted to
    the stance of stance-taking segments on their documents' dates; `uniform_band` has the band's method and
    measured coverage. It is the best curve of that family, which can bend twice and no more: a jump looks
    like a steep slope in it (`change_point_table` looks for jumps).

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, with ``date``; segments without one are left out and counted in `method`.
    framework : Framework
    per : {"month", "year"}
        ``month`` reads the curve at the middle of each month, wants five workers within 3 months of a date
        and calls 2 months without a document a gap; ``year`` reads it each half-year, with 2 years for both.
    plan : Plan
        Its target must be clusters like these.
    group_by : sequence of str or tuple of str, default ("all",)
    labels : {"all_codings", "probability_sample", "predicted_only"}

    Returns
    -------
    DataFrame
        Estimands ``index_over_time`` and ``index_within``, with the columns of `COLUMNS`: one row for each
        group and date, ``group_by`` ``"site_id x date"`` and ``group`` ``"S1 | 2022-05-15"`` (``"date"`` and
        the date alone for everybody). Counts are those of the whole curve. Dates in a gap have no estimate;
        where fewer than five workers were seen nearby the estimate is withheld, and where fewer than five
        employers were, it has no band.

    Raises
    ------
    InputError
        For an unknown unit or a table without dates.
    UndefinedError
        When no segment has a date.
    DisclosureError
        As in `estimate_table`.

    References
    ----------
    Harrell (2015), Regression Modeling Strategies, 2nd edition, section 2.4. doi:10.1007/978-3-319-19425-7
    """
    ask = {"per": per, "plan": plan, "group_by": group_by, "labels": labels}
    drafts = [draft_timeline(scores, framework, curve=curve, **ask) for curve in CURVES]
    return mark_thin(publish(drafts, plan=plan), plan)


def draft_timeline(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    per: str,
    plan: Plan,
    group_by: Sequence[Grouping] = (ALL,),
    labels: str = "all_codings",
    curve: str = LEVEL,
) -> Draft:
    """Follow the index as `timeline_table` does, and leave it to `publish` to withhold; not for publication.

    Parameters
    ----------
    scores, framework, per, plan, group_by, labels
        As in `timeline_table`.
    curve : {"index_over_time", "index_within"}

    Returns
    -------
    Draft
        What `publish` makes of it goes through `mark_thin` before it is shown.

    Raises
    ------
    InputError, UndefinedError, DisclosureError
        As in `timeline_table`; for a curve within clusters, when none was seen on two dates.
    """
    plan.check(scores)
    plan.only_like_these("a curve over time")
    group_columns(scores, group_by)
    if per not in PACES or curve not in CURVES:
        raise InputError(f"a curve is per {' or '.join(PACES)} and one of {', '.join(CURVES)}")
    dated, left_out = dated_scores(scores, plan, what="curve over time", within=curve == WITHIN)
    dates = PACES[per].dates(dated[DATE])
    index = _repeated(measures(framework, dimensions=False), curve, len(dates))
    evidence = gather(dated, framework, cluster=plan.cluster, labels=labels)
    lines = _Lines(dated, evidence, measures(framework, dimensions=labels != "predicted_only"), plan, per)
    cells = cells_of(dated, group_by)
    table = pd.concat([lines.rows(cell, dates, curve) for cell in cells], ignore_index=True).assign(
        estimand=curve,
        dimension=ALL,
        **plan.shared(scores, labels),
    )
    table["method"] += left_out
    held = np.repeat(lines.held[:, None], len(dates), axis=1)
    moving = [np.repeat(lines.behind(cell, curve)[:, None], len(dates), axis=1) for cell in cells]
    return Draft(table, cells, dated, index, held, moving if curve == WITHIN else None)


def mark_thin(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Mark dates near which fewer than five workers were seen and that a composed corpus alone may show.

    Parameters
    ----------
    table : DataFrame
        Timelines as `publish` made them.
    plan : Plan

    Returns
    -------
    DataFrame
        With ``waiver`` True there too.
    """
    thin = table["reason"].str.startswith(THIN[:15]) & table["estimate"].notna()
    return table.assign(waiver=table["waiver"] | (thin & table["n_workers"].notna() & plan.waive))


@dataclass(frozen=True)
class _Lines:
    """What every curve of a table is made from."""

    scores: pd.DataFrame
    evidence: Evidence
    table: Measures
    plan: Plan
    per: str

    @property
    def times(self) -> np.ndarray:
        """Units of time since the first date."""
        return _units(self.scores[DATE], self.scores[DATE].min(), self.per)

    @property
    def held(self) -> np.ndarray:
        """Segments whose stance counts."""
        return self.evidence.held(self.table.denominators)[:, self.table.column("index")]

    def behind(self, cell: Cell, curve: str) -> np.ndarray:
        """Segments of a cell that stand in its curve: one date says nothing of change within a cluster."""
        held = self.held & cell.rows
        if curve == LEVEL:
            return held
        return seen_twice(self.scores, held, self.plan)

    def rows(self, cell: Cell, dates: pd.DatetimeIndex, curve: str) -> pd.DataFrame:
        """Read one group's curve at the dates."""
        behind, clusters = self.behind(cell, curve), self.evidence.clusters
        n_clusters = int(distinct(behind[:, None], clusters)[0])
        estimate, lower, upper, reason, method = self._read(cell, dates, curve, behind)
        few = n_clusters < MIN_CLUSTERS
        column = DATE if cell.group_by == ALL else f"{cell.group_by}{TIMES}{DATE}"
        before = "" if cell.group_by == ALL else f"{cell.group}{BESIDE}"
        return pd.DataFrame(
            {
                "group_by": column,
                "group": [f"{before}{date:%Y-%m-%d}" for date in dates],
                "estimate": estimate,
                "lower": lower,
                "upper": upper,
                "n_clusters": n_clusters,
                "n_workers": people(behind[:, None], self.evidence, slice(None)).iloc[0],
                "n_documents": int(distinct(behind[:, None], self.evidence.documents)[0]),
                "n_segments": self._n_segments(cell, behind),
                "n_coded": int(behind.sum()) if self.evidence.labels != "predicted_only" else 0,
                "method": method,
                "reason": reason,
                "target": self.plan.words(self.scores["population"].iloc[0], corpus=few),
            }
        ).astype({"n_workers": "Int64"})

    def _n_segments(self, cell: Cell, behind: np.ndarray) -> int:
        if not self.evidence.sampled:
            return int(behind.sum())
        weight = self.evidence.values[cell.rows] @ self.table.denominators
        return round(float(weight[:, self.table.column("index")].sum()))

    def _read(
        self, cell: Cell, dates: pd.DatetimeIndex, curve: str, behind: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, str]:
        """Return estimates, band, reasons and method at the dates."""
        empty = np.full(len(dates), np.nan)
        if not behind.any():
            words = f"no {self.plan.clusters} with stance-taking segments on two dates"
            return empty, empty, empty, np.full(len(dates), words, dtype=object), "not estimated"
        near, blank, reason = self._support(dates, behind)
        band, n_knots = self._band(cell, dates, curve, behind, near & ~blank)
        reason[near & ~blank] = band.reason.replace("{clusters}", self.plan.clusters)
        told = ~blank & (near | (self.evidence.workers is None) | self.plan.waive)
        note = self.evidence.note(cell.rows)
        reason = np.array(["; ".join(part for part in (one, note) if part) for one in reason], dtype=object)
        method = self._method(curve, band, n_knots)
        return np.where(told, band.estimate, np.nan), band.lower, band.upper, reason, method

    def _band(
        self, cell: Cell, dates: pd.DatetimeIndex, curve: str, behind: np.ndarray, wanted: np.ndarray
    ) -> tuple[Band, int]:
        """Fit one group's curve and put a band around it; return it with the number of knots."""
        place = self.table.column("index")
        inside = cell.rows if self.evidence.sampled else behind
        values, times, knots = self.evidence.values[inside], self.times[inside], knots_of(self.times[behind])
        fitted = fit_curve(
            values @ self.table.numerators[:, place],
            values @ self.table.denominators[:, place],
            spline_basis(times, knots),
            pd.factorize(self.evidence.clusters[inside])[0],
            within=curve == WITHIN,
        )
        band = uniform_band(
            fitted,
            spline_basis(_units(pd.Series(dates), self.scores[DATE].min(), self.per), knots),
            clusters_held=int(distinct(behind[:, None], self.evidence.clusters)[0]),
            wanted=wanted,
            confidence_level=self.plan.confidence_level,
        )
        return band, len(knots)

    def _support(
        self, dates: pd.DatetimeIndex, behind: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Say near which dates five clusters were seen, which lie in a gap or outside, and why."""
        seen, clusters = self.scores.loc[behind, DATE], self.evidence.clusters[behind]
        pace, day = PACES[self.per], pd.Timedelta(days=DAYS[self.per])
        days = np.sort(seen.unique())
        reason = np.full(len(dates), "", dtype=object)
        near = np.array(
            [len(np.unique(clusters[((seen - date).abs() <= pace.near * day)])) for date in dates]
        )
        near = near >= MIN_CLUSTERS
        hidden = "withheld: " if self.evidence.workers is not None and not self.plan.waive else ""
        reason[~near] = hidden + THIN.format(clusters=self.plan.clusters, near=pace.words)
        after = np.searchsorted(days, dates.to_numpy())
        outside = (after == 0) | (after == len(days))
        outside &= ~np.isin(dates.to_numpy(), days)
        first, last = days[np.clip(after - 1, 0, None)], days[np.clip(after, None, len(days) - 1)]
        gap = ~outside & ((last - first) > (pace.longest_gap * day).to_numpy())
        for place in np.flatnonzero(gap):
            ends = (f"{pd.Timestamp(day):%Y-%m}" for day in (first[place], last[place]))
            reason[place] = GAP.format(first=next(ends), last=next(ends))
        reason[outside] = EDGE
        return near, gap | outside, reason

    def _method(self, curve: str, band: Band, n_knots: int) -> str:
        """Name the curve and its band."""
        shape = f"restricted cubic spline with {n_knots} knots" if n_knots else "straight line"
        held = f", with a constant for each of the {self.plan.clusters}" if curve == WITHIN else ""
        words = f"{self.evidence.method}; segments weigh the same; {shape} over dates{held}"
        if not np.isfinite(band.level):
            return words
        joint = f"uniform band: sup-t over dates by multiplier draws over {self.plan.clusters}"
        return f"{words}; {joint}, each date at {100 * band.level:.1f}%"


def _units(dates: pd.Series, start: pd.Timestamp, per: str) -> np.ndarray:
    return ((dates - start).dt.total_seconds() / 86400 / DAYS[per]).to_numpy(dtype=float)


def _repeated(table: Measures, name: str, times: int) -> Measures:
    """Make the index a measure of its own for each date."""
    one = table.only([table.column("index")] * times)
    return Measures((name,) * times, one.dimensions, one.numerators, one.denominators, one.low, one.high)
