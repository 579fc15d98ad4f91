"""Difference in differences around events: what changed where something happened, beside where it did not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from peercompare.drift.differences import MIN_BOTH_SIDES, MIN_EACH_SIDE, EventContrast, change_beside
from peercompare.drift.estimands import estimate_cell
from peercompare.drift.event_designs import FEW_WORKERS, EventDesign, event_design
from peercompare.drift.evidence import MIN_CODED, Evidence, distinct, gather, people
from peercompare.drift.groups import BESIDE, Cell
from peercompare.drift.measures import ALL, Measures, measures
from peercompare.drift.plan import WORKER, Plan
from peercompare.drift.ratios import SAME, ratio_of_totals, slope_totals
from peercompare.drift.showing import Draft, refused
from peercompare.errors import UndefinedError
from peercompare.framework import Framework
from peercompare.persons import MIN_WORKERS

EVENT = "event"
"""What stands in ``group_by`` of these rows; their ``group`` is the kind, with the side behind it."""

DIFFERENCE, CHANGE = "event_difference", "change_after_event"
BEFORE, BEFORE_SLOPE = "pretrend_difference", "slope_before_event"
SIDES = ("with", "without")
DAYS_A_MONTH = 30.4375
THIN = f"fewer than {MIN_CODED} sampled segments stand behind this: too few"


def draft_events(
    scores: pd.DataFrame,
    framework: Framework,
    *,
    plan: Plan,
    events: pd.DataFrame,
    kind: str,
    labels: str = "all_codings",
    window_months: float | None = None,
) -> list[Draft]:
    """Estimate the change of the index across events of one kind, beside places that never had one.

    The change is that within workers (a constant for each), from before the date to after it, the day itself
    counted as after. `change_beside` has the estimator, its assumptions and when there is an interval: the
    clusters are the sites (or workers) that could have had the event. Beside it stands the difference of the
    slopes before the event: parallel trends before do not prove parallel trends after, and with few places
    their absence can go unseen.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, with ``date`` and the column of the places. Choose the population first.
    framework : Framework
    plan : Plan
        Its target must be clusters like these.
    events : DataFrame
        A corpus's events.
    kind : str
        Which of them.
    labels : {"all_codings", "probability_sample", "predicted_only"}
    window_months : float, optional
        Count sessions up to so many months on either side of an event alone; all where left out.

    Returns
    -------
    list of Draft
        For `publish`: one with estimands ``change_after_event`` (group ``"<kind> | with"`` and
        ``"<kind> | without"``) and ``event_difference``, one with ``slope_before_event`` (a month) and
        ``pretrend_difference``; where all events fell on one date, one with the ``index`` on either side of
        it (``"<kind> | with | before"``), of whoever was seen. What is not defined is a draft with its
        reason.

    Raises
    ------
    InputError
        For unknown labels or target, or scores without dates or places.
    """
    plan.check(scores)
    plan.only_like_these("a change around an event")
    population = scores["population"].iloc[0]
    try:
        design = event_design(events, kind)
        frame = _Frame.of(scores, framework, plan=plan, design=design, labels=labels, window=window_months)
    except UndefinedError as error:
        draft = refused(
            plan, str(error), estimand=DIFFERENCE, population=population, labels=labels,
            variant=scores["variant"].iloc[0],
        )  # fmt: skip
        return [replace(draft, estimates=draft.estimates.assign(group_by=EVENT, group=kind))]
    drafts = [frame.draft(CHANGE, DIFFERENCE), frame.draft(BEFORE_SLOPE, BEFORE)]
    return drafts if len(set(design.dates)) > 1 else [*drafts, frame.levels()]


@dataclass(frozen=True)
class _Frame:
    """The segments around the events of one kind, and what they count for."""

    scores: pd.DataFrame
    plan: Plan
    design: EventDesign
    evidence: Evidence
    index: Measures
    units: np.ndarray
    names: np.ndarray
    window: float | None
    out: str

    @classmethod
    def of(
        cls,
        scores: pd.DataFrame,
        framework: Framework,
        *,
        plan: Plan,
        design: EventDesign,
        labels: str,
        window: float | None,
    ) -> _Frame:
        """Lay out the dated segments; events of places that nothing is known of are noted."""
        known = scores["date"].notna() & scores[design.unit].notna()
        scores = scores[known].reset_index(drop=True)
        if scores.empty:
            raise UndefinedError("no segment has a date and a place")
        units, names = pd.factorize(scores[design.unit], sort=True)
        present = [place in set(names) for place in design.places]
        if not any(present):
            raise UndefinedError(f"none of the {design.units} with the event is in these data")
        if design.unit == WORKER and sum(present) < MIN_WORKERS:
            raise UndefinedError(FEW_WORKERS)
        missing = present.count(False)
        out = f"; {missing} {design.units} with the event not in these data" if missing else ""
        table = measures(framework, dimensions=labels != "predicted_only")
        index = table.only([table.column("index")])
        evidence = gather(scores, framework, cluster=plan.cluster, labels=labels)
        return cls(scores, plan, design, evidence, index, units, np.asarray(names, dtype=object), window, out)

    def draft(self, estimand: str, contrast: str) -> Draft:
        """Draft both sides and their difference."""
        tops, bottoms, moving = self._totals(before=estimand == BEFORE_SLOPE)
        places = np.array([np.flatnonzero(self.names == place)[0] for place in self._there()])
        seen = bottoms[places, np.arange(len(places))] > 0
        bottoms[places[~seen]], tops[places[~seen]] = 0.0, 0.0
        had = np.isin(self.units, places)
        cells = [
            Cell(EVENT, f"{self.design.kind}{BESIDE}{side}", frozenset({(EVENT, side)}), rows)
            for side, rows in zip(SIDES, (had, ~had), strict=True)
        ]
        behind = [
            np.logical_or.reduce([moving[e] & (self.units == place) for e, place in enumerate(places)]),
            np.logical_or.reduce([moving[e] & ~had for e in np.flatnonzero(seen)] or [np.zeros_like(had)]),
        ]
        found, sides = None, None
        if seen.any():
            tops, bottoms, places = tops[:, seen], bottoms[:, seen], places[seen]
            found = change_beside(tops, bottoms, places, confidence_level=self.plan.confidence_level)
            sides = self._sides(tops, bottoms, places)
        rows = [self._side(cell, behind[n], sides, n, estimand) for n, cell in enumerate(cells)]
        rows.append(self._difference(found, behind[0] | behind[1], contrast))
        estimates = self._shared(pd.DataFrame(rows))
        held = self.evidence.held(self.index.denominators)
        moved = [part[:, None] for part in behind]
        return Draft(estimates, cells, self.scores, self.index, held, moved, {2: (0, 1)})

    def levels(self) -> Draft:
        """Draft the index before and after the one date, where the event happened and elsewhere."""
        months = self._months(self.design.dates[0])
        inside = np.abs(months) <= (np.inf if self.window is None else self.window)
        had = np.isin(self.names[self.units], self.design.places)
        cells = [
            Cell(
                EVENT,
                BESIDE.join((self.design.kind, side, when)),
                frozenset({(EVENT, side), ("when", when)}),
                inside & rows & times,
            )
            for side, rows in zip(SIDES, (had, ~had), strict=True)
            for when, times in (("before", months < 0), ("after", months >= 0))
        ]
        cells = [cell for cell in cells if cell.rows.any()]
        parts = [
            estimate_cell(cell, self.scores, self.evidence, self.index, plan=self.plan) for cell in cells
        ]
        estimates = self._shared(pd.concat(parts, ignore_index=True))
        return Draft(estimates, cells, self.scores, self.index, self.evidence.held(self.index.denominators))

    def _shared(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add what all rows share."""
        return table.assign(
            group_by=EVENT,
            dimension=ALL,
            n_workers=table["n_workers"].astype("Int64"),
            **self.plan.shared(self.scores, self.evidence.labels),
        )

    def _months(self, date: pd.Timestamp) -> np.ndarray:
        """Count the months from a date to each segment's."""
        return ((self.scores["date"] - date).dt.days / DAYS_A_MONTH).to_numpy(dtype=float)

    def _there(self) -> list[str]:
        return [place for place in self.design.places if place in set(self.names)]

    def _totals(self, *, before: bool) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        """Totals of each place across the date of each event, and the segments that stand in them."""
        values = self.evidence.values
        # Whoever worked at two places is compared with themselves at each.
        pairs = pd.MultiIndex.from_arrays([self.evidence.clusters, self.units])
        clusters, spells = pd.factorize(pairs)
        owner = np.array([unit for _, unit in spells])
        held = self.evidence.held(self.index.denominators)[:, 0]
        tops, bottoms, moving = [], [], []
        for place, date in zip(self.design.places, self.design.dates, strict=True):
            if place not in set(self.names):
                continue
            months = self._months(date)
            inside = np.abs(months) <= (np.inf if self.window is None else self.window)
            inside &= (months < 0) if before else True
            times = months if before else (months >= 0).astype(float)
            parts = [values @ self.index.numerators, values @ self.index.denominators]
            top, bottom = slope_totals(*(part * inside[:, None] for part in parts), times, clusters)
            shape = (len(self.names), 1)
            placed = [np.zeros(shape), np.zeros(shape)]
            for total, part in zip(placed, (top, bottom), strict=True):
                np.add.at(total, owner, part)
            tops.append(placed[0])
            bottoms.append(placed[1])
            moving.append(_twice(held & inside, times, clusters))
        return np.hstack(tops), np.hstack(bottoms), moving

    def _sides(self, tops: np.ndarray, bottoms: np.ndarray, places: np.ndarray) -> list:
        """Estimate each side by itself, events weighing on both sides as they weigh where they happened."""
        events = np.arange(len(places))
        weight = bottoms[places, events]
        free = np.ones(len(tops), dtype=bool)
        free[places] = False
        whole = bottoms[free].sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.where(whole > 0, weight / whole, 0.0)
        own = (tops[places, events], weight)
        others = ((tops[free] * scale).sum(axis=1), (bottoms[free] * scale).sum(axis=1))
        level = self.plan.confidence_level
        return [
            ratio_of_totals(top[:, None], bottom[:, None], confidence_level=level)
            for top, bottom in (own, others)
        ]

    def _side(self, cell: Cell, behind: np.ndarray, sides: list | None, n: int, estimand: str) -> dict:
        """Lay out one side's change."""
        when = "twice before" if estimand == BEFORE_SLOPE else "on both sides of"
        row = {"estimand": estimand, "group": cell.group, **self._sizes(behind)}
        if sides is None or not np.isfinite(sides[n].estimate[0]):
            return {**row, **_blank(f"no worker here was seen {when} the date of an event")}
        side = sides[n]
        thin = self.evidence.sampled and behind.sum() < MIN_CODED
        reason = side.reason[0].replace("{clusters}", self.design.units)
        limits = {name: getattr(side, name)[0] for name in ("estimate", "lower", "upper")}
        limits = dict.fromkeys(limits, np.nan) if thin else limits
        spread = f"; jackknife over {self.design.units}, t with {side.degrees[0]:.1f} degrees of freedom"
        return {
            **row,
            **limits,
            "method": self._method(estimand) + (spread if not reason and not thin else ""),
            "reason": THIN if thin else reason,
            "target": self._target(np.isfinite(limits["lower"])),
        }

    def _difference(self, found: EventContrast | None, behind: np.ndarray, estimand: str) -> dict:
        """Lay out the difference of both sides."""
        row = {"estimand": estimand, "group": self.design.kind, **self._sizes(behind)}
        if found is None or not np.isfinite(found.contrast.estimate):
            when = "twice before" if estimand == BEFORE else "on both sides of"
            return {**row, **_blank(f"no worker was seen {when} the event where it happened, or elsewhere")}
        if self.evidence.sampled and behind.sum() < MIN_CODED:
            return {**row, **_blank(THIN)}
        contrast = found.contrast
        return {
            **row,
            "estimate": contrast.estimate,
            "lower": contrast.lower,
            "upper": contrast.upper,
            "method": self._method(estimand) + self._inference(found),
            "reason": self._why_no_interval(found),
            "target": self._target(np.isfinite(contrast.lower)),
        }

    def _sizes(self, behind: np.ndarray) -> dict:
        """Count what stands behind a row; clusters are the places."""
        held = behind[:, None]
        weights = (self.evidence.values @ self.index.denominators)[behind].sum()
        return {
            "n_clusters": len(np.unique(self.units[behind])),
            "n_workers": people(held, self.evidence, np.ones_like(behind)).iloc[0],
            "n_documents": int(distinct(held, self.evidence.documents)[0]),
            "n_segments": round(float(weights)),
            "n_coded": int(behind.sum()) if self.evidence.labels != "predicted_only" else 0,
        }

    def _method(self, estimand: str) -> str:
        """Say what is estimated, and how."""
        units = self.design.units
        within = f"within the same {self.plan.clusters}"
        what = {
            CHANGE: f"change of the index {within} from before to after the date of the event",
            DIFFERENCE: f"change of the index {within} across the event at {units} that had it, less that at "
            f"{units} that never had one of this kind at the same dates (difference in differences)",
            BEFORE_SLOPE: f"change of the index per month {within} before the date of the event",
            BEFORE: f"slope of the index per month {within} before the event at {units} that had it, less "
            f"that at {units} that never had one of this kind",
        }[estimand]
        window = f"; {self.window:g} months on either side" if self.window is not None else ""
        return f"{self.evidence.method}; {what}{window}{self.out}{self._others()}"

    def _others(self) -> str:
        """Say how many places had events of another kind too."""
        others = len(self.design.other_places & set(self.names))
        return (
            f"; {others} of {len(self.names)} {self.design.units} had events of another kind"
            if others
            else ""
        )

    def _inference(self, found: EventContrast) -> str:
        """Say how it was inferred: the interval where there is one, and the p by assignment."""
        units, words = self.design.units, ""
        if np.isfinite(found.contrast.lower):
            words += f"; jackknife over {units}, t with {found.contrast.degrees:.1f} degrees of freedom"
        if found.assignments:
            words += (
                f"; p {found.p_assigned:.3f} by dealing the event to {units} in {found.assignments} ways, "
                f"least possible {found.p_least:.3f}"
            )
        return words

    def _why_no_interval(self, found: EventContrast) -> str:
        """Say why there is no interval, and what the p by assignment could tell at best."""
        if np.isfinite(found.contrast.lower):
            return ""
        units = self.design.units
        fewest = min(found.n_with, found.n_without)
        if fewest >= MIN_EACH_SIDE and found.n_with + found.n_without >= MIN_BOTH_SIDES:
            return SAME.replace("{clusters}", units)
        words = (
            f"an interval needs {MIN_BOTH_SIDES} {units}, {MIN_EACH_SIDE} with the event and {MIN_EACH_SIDE} "
            f"without; {found.n_with} had it and {found.n_without} did not"
        )
        if np.isfinite(found.p_least) and found.p_least > 1 - self.plan.confidence_level:
            words += (
                f"; no outcome here could have given a p below {found.p_least:.2f}, so these data cannot "
                "tell the event from chance"
            )
        return words

    def _target(self, inferred: bool) -> str:
        return self.plan.words(self.scores["population"].iloc[0], corpus=not inferred)


def _blank(reason: str) -> dict:
    return {
        "estimate": np.nan, "lower": np.nan, "upper": np.nan, "method": "not estimated", "reason": reason,
        "target": "this corpus",
    }  # fmt: skip


def _twice(held: np.ndarray, times: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Segments of clusters that hold codings at two different times."""
    size = int(clusters.max()) + 1
    first, last = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(first, clusters[held], times[held])
    np.maximum.at(last, clusters[held], times[held])
    return held & (last > first)[clusters]
