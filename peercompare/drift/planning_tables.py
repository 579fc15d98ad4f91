"""Planning laid out: what each design buys, how few codes reach a width, and codes split between two uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from peercompare.drift.evidence import MIN_CODED
from peercompare.drift.plan import LIKE_THESE, THIS_CORPUS
from peercompare.drift.planning import (
    LEVEL,
    SLOPE,
    Components,
    Size,
    codes_needed,
    coding_variance,
    detectable_errors,
    effective_workers,
    people_variance,
    reach,
)
from peercompare.drift.ratios import MIN_CLUSTERS
from peercompare.errors import InputError, Problem

PLANNING_COLUMNS = (
    "estimand", "target", "n_workers", "n_sessions", "n_segments", "n_all", "n_coded", "span",
    "standard_error", "degrees", "width", "width_cautious", "width_all_coded", "detectable",
    "from_people", "confidence_level", "power", "clusters", "method", "reason",
)  # fmt: skip
"""Columns of the planning table."""

LINEARISED = "variance components, linearised; t with {degrees:.1f} degrees of freedom"


@dataclass(frozen=True)
class Designs:
    """The designs that are tried: every combination of these.

    Parameters
    ----------
    workers, sessions, segments, coded : sequence of int
        Workers; sessions of each; segments of a session; segments coded in all, at random.
    span : float, default 0
        Time from the first session to the last, in the unit of the slope; 0: no slope is planned.
    whole_sessions : bool, default False
        Whether sessions are coded whole, instead of segments at random.
    confidence_level, power : float, default 0.95 and 0.8

    Raises
    ------
    InputError
        Names every number that is no design.
    """

    workers: Sequence[int]
    sessions: Sequence[int]
    segments: Sequence[int]
    coded: Sequence[int]
    span: float = 0.0
    whole_sessions: bool = False
    confidence_level: float = 0.95
    power: float = 0.8

    def __post_init__(self) -> None:
        """Check every number."""
        problems = [
            Problem(name, f"{value} is no number of them", "whole numbers of 1 or more")
            for name in ("workers", "sessions", "segments", "coded")
            for value in (getattr(self, name) or ["nothing"])
            if not isinstance(value, int | np.integer) or value < 1
        ]
        problems += [
            Problem(name, f"{getattr(self, name)} does not lie in (0, 1)")
            for name in ("confidence_level", "power")
            if not 0 < getattr(self, name) < 1
        ]
        if self.span < 0:
            problems.append(Problem("span", f"{self.span} is below 0"))
        if problems:
            raise InputError("These designs cannot be planned", problems)

    def sizes(self) -> Iterator[Size]:
        """Yield one design after another, most codes last."""
        for numbers in product(self.workers, self.sessions, self.segments, self.coded):
            yield Size(*(np.array(float(n)) for n in numbers), self.span, self.whole_sessions)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is planned for: a level always, a slope where there is a span of time."""
        return (LEVEL, SLOPE) if self.span > 0 else (LEVEL,)


def planning_table(components: Components, designs: Designs) -> pd.DataFrame:
    """Forecast how wide each design's interval will be, for this corpus alone and for workers like these.

    Parameters
    ----------
    components : Components
        From `pilot_components` or `Assumptions.components`.
    designs : Designs

    Returns
    -------
    DataFrame
        One row for each design, estimand (the level, and its slope where there is a span) and target, with
        the columns of `PLANNING_COLUMNS`. ``n_sessions`` are of each worker, ``n_segments`` of each session;
        ``width`` is the full width of the interval, ``width_cautious`` the same had the pilot understated how
        workers differ, ``width_all_coded`` what remains if every segment is coded, ``detectable`` the true
        effect (a slope, or a distance from a value set beforehand) that a two-sided test finds with `power`,
        and ``from_people`` the part of the variance that no further code removes. Empty, with ``reason``,
        where there can be no such interval.

    Notes
    -----
    For this corpus the variance is that of drawing segments for coding alone; for workers like these what
    differs between workers, and chance in what was said, are added. The forecast is of a linearised estimate
    at an average design; `tests/drift/test_planning_simulated.py` holds it to within a tenth of simulated
    widths.

    Examples
    --------
    >>> made = Components("share", 0.0, 0.0, 0.0, 0.173, 0.082)
    >>> found = planning_table(made, Designs([60], [12], [40], [600], span=11))
    >>> found.loc[found["target"] == "this_corpus", ["estimand", "width"]].round(4).values.tolist()
    [['share', 0.0454], ['slope of share', 0.0132]]
    """
    rows = [
        _row(components, size, of=kind, target=target, designs=designs)
        for kind in designs.kinds
        for target in (THIS_CORPUS, LIKE_THESE)
        for size in designs.sizes()
    ]
    return pd.DataFrame(rows)[list(PLANNING_COLUMNS)]


def needed_codes(components: Components, designs: Designs, *, width: float, of: str = LEVEL) -> pd.DataFrame:
    """Find the fewest codes that make an interval, for workers like these, no wider than asked.

    Parameters
    ----------
    components : Components
    designs : Designs
        Its numbers of codes are not looked at.
    width : float
        Full width, above 0.
    of : {"level", "slope"}

    Returns
    -------
    DataFrame
        One row for each number of workers, sessions and segments: ``estimand, n_workers, n_sessions,
        n_segments, n_all, width, n_coded, share_coded, reason``. ``n_coded`` is missing where even coding
        everything leaves the interval wider; `reason` then says how many workers it would take.

    Raises
    ------
    InputError
        Where the width is not above 0, or a slope is asked of designs without a span.
    """
    if not width > 0:
        raise InputError(f"an interval cannot be {width} wide", remedy="ask for a width above 0")
    if of not in designs.kinds:
        raise InputError("a slope needs a span of time", remedy="say how long the study lasts")
    rows = []
    for size in replace(designs, coded=[1]).sizes():
        found = codes_needed(components, size, width, of=of, confidence_level=designs.confidence_level)
        known = bool(np.isfinite(found))
        n_coded = max(MIN_CODED, int(found)) if known else pd.NA
        rows.append(
            {
                "estimand": _name(components, of),
                **_sizes(size),
                "width": width,
                "n_coded": n_coded,
                "share_coded": n_coded / float(size.total) if known else np.nan,
                "reason": "" if known else _out_of_reach(components, size, width, of, designs),
            }
        )
    return pd.DataFrame(rows).astype({"n_coded": "Int64"})


@dataclass(frozen=True)
class LearningCurve:
    """How predictions get better with codes: explained variance ``most * n / (n + half)``.

    Parameters
    ----------
    most : float
        Part of the codings' variance that predictions would explain with codes without end, 0 to 1.
    half : float, default 400
        Codes at which they explain half of that. On the shipped job descriptions it was 270 to 420: taught by
        240, 770 and 1,570 segments of other employers, the classifier explained .21, .31 and .38 of the
        variance of the last stance.
    """

    most: float
    half: float = 400.0

    def explained(self, n_training: float) -> float:
        """Return the part of the variance that is explained after so many codes."""
        return self.most * n_training / (n_training + self.half)

    @classmethod
    def through(cls, components: Components, n_training: int, half: float = 400.0) -> LearningCurve:
        """Return the curve through a pilot: what its predictions explain with so many codes behind them."""
        now = max(0.0, 1 - components.error / components.total)
        return cls(min(0.95, now * (n_training + half) / n_training), half)

    @property
    def words(self) -> str:
        """The curve in words."""
        return (
            f"assumed: predictions explain {self.most:.2f} * n / (n + {self.half:g}) of the variance with n "
            "codes to learn from"
        )


def allocation_table(
    components: Components,
    curve: LearningCurve,
    designs: Designs,
    *,
    budget: int,
    steps: int = 10,
) -> pd.DataFrame:
    """Weigh codes that teach a classifier against codes that estimate with it.

    Parameters
    ----------
    components : Components
    curve : LearningCurve
        The assumption on which the whole table rests.
    designs : Designs
        The first numbers of workers, sessions and segments are taken.
    budget : int
        Codes in all.
    steps : int, default 10
        Parts that the budget is cut into.

    Returns
    -------
    DataFrame
        ``estimand, target, use, n_training, n_coded, explained, width, best, method``. In rows of use
        ``split`` codes that taught (picked because they were hard, say) estimate nothing; in the row ``both``
        all codes are drawn at random and do both, each worker's predictions learnt from the others (the
        cross-fit). ``best`` marks the narrowest of each estimand.

    Raises
    ------
    InputError
        Where the budget is more than there is, or too small to be split.
    """
    size = next(replace(designs, coded=[1]).sizes())
    if not MIN_CODED <= budget <= size.total:
        raise InputError(
            f"{budget} codes cannot be shared out among {int(size.total)} segments",
            remedy=f"from {MIN_CODED} up to all segments",
        )
    splits = [("split", round(budget * step / steps)) for step in range(steps)]
    shared = ("both", round(budget * (1 - 1 / float(size.workers))))
    rows = []
    for kind in designs.kinds:
        for use, n_training in (*splits, shared):
            n_coded = budget if use == "both" else budget - n_training
            explained = curve.explained(n_training)
            now = replace(components, error=components.total * (1 - explained))
            design = replace(size, coded=np.array(float(n_coded)))
            row = _row(now, design, of=kind, target=THIS_CORPUS, designs=designs)
            kept = {name: row[name] for name in ("estimand", "target", "n_coded", "width", "reason")}
            rows.append({**kept, "use": use, "n_training": n_training, "explained": explained})
    table = pd.DataFrame(rows).assign(method=curve.words)
    table["best"] = table["width"] == table.groupby("estimand")["width"].transform("min")
    front = ["estimand", "target", "use", "n_training", "n_coded", "explained", "width", "best"]
    return table[[*front, "method", "reason"]]


def _row(components: Components, size: Size, *, of: str, target: str, designs: Designs) -> dict[str, object]:
    """Forecast one design."""
    everyone = target == THIS_CORPUS
    weight = float(effective_workers(size.workers, components.unevenness))
    # Drawing segments leaves as many degrees of freedom as codes, drawing people as many as people.
    degrees = max(float(size.coded) - 1, 1.0) if everyone else max(weight - 1, 1.0)
    people = 0.0 if everyone else float(people_variance(components, size, of=of))
    codes = float(coding_variance(components, size, of=of))
    spread = float(reach(degrees, designs.confidence_level))
    error = np.sqrt(people + max(codes, 0.0))
    reason = _why_not(size, of=of, target=target).replace("worker", components.clusters.removesuffix("s"))
    cautious = people if everyone else float(people_variance(components.cautious(), size, of=of))
    known = {
        "standard_error": error,
        "degrees": degrees,
        "width": spread * error,
        "width_cautious": spread * np.sqrt(cautious + max(codes, 0.0)),
        "width_all_coded": spread * np.sqrt(people),
        "detectable": error * _bar(degrees, designs),
        "from_people": people / error**2 if error > 0 else np.nan,
    }
    if reason:
        known = dict.fromkeys(known, np.nan)
    return {
        "estimand": _name(components, of),
        "target": target,
        **_sizes(size),
        "n_coded": int(size.coded),
        "span": size.span,
        **known,
        "confidence_level": designs.confidence_level,
        "power": designs.power,
        "clusters": components.clusters,
        "method": "not planned" if reason else LINEARISED.format(degrees=degrees),
        "reason": reason,
    }


def _bar(degrees: float, designs: Designs) -> float:
    return detectable_errors(degrees, power=designs.power, confidence_level=designs.confidence_level)


def _why_not(size: Size, *, of: str, target: str) -> str:
    """Say why a design can have no interval; "" where it can."""
    if size.coded > size.total:
        return f"there are only {int(size.total)} segments to code"
    if size.coded < MIN_CODED:
        return f"fewer than {MIN_CODED} coded segments: too few for an interval"
    if target == LIKE_THESE and size.workers < MIN_CLUSTERS:
        return f"fewer than {MIN_CLUSTERS} workers: the point alone would be given"
    if of == SLOPE and size.sessions < 2:
        return "one session a worker: nobody is seen to change"
    return ""


def _out_of_reach(components: Components, size: Size, width: float, of: str, designs: Designs) -> str:
    """Say why no number of codes makes the interval narrow enough, and how many workers would."""
    if of == SLOPE and size.sessions < 2:
        return _why_not(replace(size, coded=size.total), of=of, target=LIKE_THESE)
    for workers in np.unique(np.geomspace(MIN_CLUSTERS, 20000, 400).astype(int)):
        more = replace(size, workers=np.array(float(workers)))
        if workers > size.workers and np.isfinite(
            codes_needed(components, more, width, of=of, confidence_level=designs.confidence_level)
        ):
            return f"out of reach of coding: it takes about {workers} {components.clusters}, all of it coded"
    return f"out of reach: {components.clusters} differ too much for any number of them here"


def _sizes(size: Size) -> dict[str, int]:
    names = {"n_workers": size.workers, "n_sessions": size.sessions, "n_segments": size.segments}
    return {name: int(value) for name, value in names.items()} | {"n_all": int(size.total)}


def _name(components: Components, of: str) -> str:
    return f"slope of {components.estimand}" if of == SLOPE else components.estimand
