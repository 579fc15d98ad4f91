"""The index of sessions over time, a panel for each site."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from peercompare.figures.canvas import (
    canvas_for,
    canvas_of_panels,
    finish,
    say_nothing_to_draw,
    spread,
    text_width,
    wrap,
)
from peercompare.figures.rows import (
    choose,
    first_groups,
    of_corpus,
    require_columns,
    stance_label,
    waiver_note,
)
from peercompare.figures.series import day_in_years, half_width, name_years, series_of, undated_note
from peercompare.figures.style import BASE, INK, PAPER, QUIET, RULE, SMALL, in_house_style
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    count,
    finite,
    has_interval,
    merged,
    missing,
    number,
    plural,
    range_of,
    reason_of,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

MOST_PANELS = 12
HEAD_WIDTH = 250
"""Room over a panel in points."""

MOST_COUNTS = 9
"""With more periods than this the counts under the points would touch; they stay in the data."""


@in_house_style
def site_drift(
    estimates: pd.DataFrame,
    framework: Framework,
    axes: Sequence[Axes] | None = None,
    *,
    events: pd.DataFrame | None = None,
    by: str = "site_id",
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw the index over time, a panel for each site, with intervals, events and what is withheld.

    Parameters
    ----------
    estimates : DataFrame
        Rows with estimand ``index``, ``group_by`` ``"site_id x <time>"`` and ``group`` ``"S1 | 2022-H1"``;
        columns ``estimate, lower, upper`` on the scale from -1 (all of the first stance) to +1 (all of the
        last), and ``reason, waiver, n_segments`` where known. A row without an estimate is drawn as
        withheld, in a hatched band. Rows with estimand ``slope`` grouped by the site alone are printed in
        the panel's heading.
    framework : Framework
        Names the ends of the axis.
    axes : sequence of Axes, optional
        One for each site; a new figure without them.
    events : DataFrame, optional
        ``site_id`` (or the column `by` names), ``date, description`` and ``worker_id``. An event of a single
        worker is not drawn: it would point at a person.
    by : str, default "site_id"
        The column that tells the panels apart.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        The panels, from top to bottom.

    Raises
    ------
    InputError
        Where columns are missing, periods cannot be read, or rows of several groupings would be mixed.
    """
    table = series_of(estimates, by, where=where)
    title = title or of_corpus("Drift index over time", table)
    if table.empty:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        say_nothing_to_draw(canvas, title, "the table holds no index over time")
        return canvas.axes
    sites, more = first_groups(table["series"], noun="sites", most=MOST_PANELS)
    undated = undated_note(table)
    table = table[table["series"].isin(sites)].reset_index(drop=True)
    canvas = canvas_of_panels(axes, len(sites), columns=1, panel_height=1.62)
    marked, unmarked = _events_of(events, by, table)
    trends = _slopes_of(estimates, by, sites, where)
    slopes = _slope_words(trends)
    waiver = waiver_note(table) or waiver_note(trends)
    for ax, site in zip(canvas.axes, sites, strict=True):
        _draw_panel(ax, table, site, slopes.get(site, ""), marked)
    _dress(canvas.axes, table, framework)
    notes = [
        f"{_about_n(table)} {_whiskers(table)}",
        *_event_lines(marked),
        *unmarked,
        more,
        undated,
        waiver,
    ]
    key = _key(table, marked)
    finish(
        canvas,
        _words(table, trends, sites, marked, framework, title),
        notes=notes,
        key=key,
        columns=2,
    )
    return canvas.axes


def _events_of(events: pd.DataFrame | None, by: str, table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the events to mark, numbered in order of time, and notes on those that are not marked."""
    if events is None or events.empty:
        return pd.DataFrame(columns=["site", "time", "date", "description", "number"]), []
    require_columns(events, [by, "date", "description"], "events")
    here = events[events[by].astype("string").isin(table["series"].unique())].copy()
    here["site"] = here[by].astype(str)
    here["time"] = [day_in_years(day) for day in here["date"]]
    alone = (
        here["worker_id"].map(missing).astype(bool) if "worker_id" in here else pd.Series(True, here.index)
    )
    low, high = _time_limits(table)
    seen = here["time"].between(low, high)
    kept = here[alone & seen].sort_values(["time", "site"], kind="stable").reset_index(drop=True)
    kept["number"] = np.arange(1, len(kept) + 1)
    personal, outside = int((~alone).sum()), int((alone & ~seen).sum())
    notes = [
        f"{plural(personal, 'event')} of single workers not marked." if personal else "",
        f"{plural(outside, 'event')} outside the time shown not marked." if outside else "",
    ]
    return kept, notes


def _time_limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis of time."""
    half = half_width(table["time"].to_numpy()) + 0.05
    return float(table["time"].min() - half), float(table["time"].max() + half)


def _event_lines(marked: pd.DataFrame) -> list[str]:
    """Return one line for each event, with its number."""
    return [
        f"Event {event.number} ({event.site}, {pd.Timestamp(event.date):%Y-%m-%d}): {event.description}."
        for event in marked.itertuples()
    ]


def _slopes_of(
    estimates: pd.DataFrame, by: str, sites: Sequence[str], where: Mapping[str, str] | None
) -> pd.DataFrame:
    """Return the slopes of the sites, as far as the table has them."""
    rows = estimates[(estimates["estimand"] == "slope") & (estimates["group_by"] == by)]
    wanted = {"dimension": "all"} if "dimension" in rows else {}
    usual = {
        key: value for key, value in (where or {}).items() if key not in {"estimand", "group_by", "group"}
    }
    rows = choose(rows, {**wanted, **usual}, one_of=("corpus", "variant", "labels"))
    return rows[rows["group"].astype(str).isin(sites) & all_finite(rows, "estimate")].reset_index(drop=True)


def _slope_words(slopes: pd.DataFrame) -> dict[str, str]:
    """Say the slope of each site, by the unit that its method names, with its interval."""
    said = {}
    for _, row in slopes.iterrows():
        unit = re.search(r"change per (\w+)", str(row.get("method", "")))
        low, middle, high = (
            number(row[name], digits=3, signed=True) for name in ("lower", "estimate", "upper")
        )
        interval = f" ({low} to {high})" if has_interval(row) else ", no interval"
        said[str(row["group"])] = f"slope {middle}{f' a {unit[1]}' if unit else ''}{interval}"
    return said


def _draw_panel(ax: Axes, table: pd.DataFrame, site: str, slope: str, marked: pd.DataFrame) -> None:
    """Draw one site: points and intervals, withheld periods, events, counts."""
    rows = table[table["series"] == site]
    half = half_width(table["time"].to_numpy())
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    for _, row in rows.iterrows():
        _draw_period(ax, row, half, counted=_counted(table))
    # A withheld period breaks the line: joining across it would suggest what is not shown.
    ax.plot(rows["time"], rows["estimate"].astype(float), color=QUIET, linewidth=0.9, zorder=2)
    low, high = _time_limits(table)
    here = marked[marked["site"] == site]
    places = spread(here["time"].to_numpy(), [0.065 * (high - low)] * len(here), low=low, high=high)
    for event, place in zip(here.itertuples(), places, strict=True):
        ax.plot([event.time] * 2, [-1.05, 0.7], color=INK, linewidth=1.2, linestyle=(0, (3, 2)), zorder=2)
        ax.plot([event.time, place], [0.7, 0.93], color=INK, linewidth=1.2, zorder=2)
        box = {"facecolor": PAPER, "edgecolor": INK, "boxstyle": "circle,pad=0.2", "linewidth": 0.8}
        ax.text(place, 0.93, str(event.number), ha="center", va="center", fontsize=SMALL, bbox=box, zorder=5)
    _head(ax, site, slope)


def _head(ax: Axes, site: str, slope: str) -> None:
    """Set a site's name over its panel, and its slope at the right; on a line of its own without room."""
    name = wrap(site, HEAD_WIDTH, size=BASE, weight="bold", lines=1)
    room = HEAD_WIDTH - text_width(slope) - 12
    lower = "\n" if slope and text_width(name, size=BASE, weight="bold") > room else ""
    ax.set_title(name + lower, loc="left", fontsize=BASE, pad=5)
    ax.set_title(slope, loc="right", fontsize=SMALL, fontweight="normal", pad=5)


def _draw_period(ax: Axes, row: pd.Series, half: float, *, counted: bool) -> None:
    """Draw one period of one site."""
    if not finite(row["estimate"]):
        ax.axvspan(
            row["time"] - half,
            row["time"] + half,
            facecolor="none",
            edgecolor=QUIET,
            hatch="///",
            linewidth=0,
        )
        return
    if has_interval(row):
        ax.plot([row["time"]] * 2, [row["lower"], row["upper"]], color=INK, linewidth=1.5, zorder=3)
    face = INK if has_interval(row) else PAPER
    ax.plot([row["time"]], [row["estimate"]], "o", color=INK, markerfacecolor=face, markersize=6.5, zorder=4)
    if counted and not missing(row.get("n_segments")):
        ax.text(row["time"], -1.2, count(row["n_segments"]), ha="center", va="center", fontsize=SMALL)


def _dress(axes: Sequence[Axes], table: pd.DataFrame, framework: Framework) -> None:
    """Set the shared limits, and name the ends of the index."""
    first, last = (wrap(f"all {stance_label(framework, stance)}", 70, lines=2) for stance in framework.axis)
    counted = _counted(table)
    for ax in axes:
        ax.set_xlim(_time_limits(table))
        ax.set_ylim(-1.4 if counted else -1.1, 1.15)
        ax.set_yticks([-1, 0, 1], [first, "0", last])
        if counted:
            ax.set_yticks([-1.2], ["n"], minor=True)
            ax.tick_params(axis="y", which="minor", length=0, labelsize=SMALL)
            _avoid_clash(ax, first)
        ax.yaxis.grid(True, color=RULE)
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(axis="both", length=0)
        name_years(ax)
        ax.tick_params(axis="x", labelbottom=ax is axes[-1])


def _avoid_clash(ax: Axes, first: str) -> None:
    """Lift the label of the lower end, so that the row of counts under it keeps its own name."""
    ax.set_yticks([-0.95, 0, 1], [first, "0", ax.get_yticklabels()[-1].get_text()])
    ax.get_yticklabels()[0].set_va("bottom")


def _counted(table: pd.DataFrame) -> bool:
    """Say whether the counts stand under the points."""
    return table["time"].nunique() <= MOST_COUNTS and "n_segments" in table


def _about_n(table: pd.DataFrame) -> str:
    """Say what n is, or how many segments points rest on where it has no room."""
    if _counted(table):
        return "n: segments that take a stance."
    size = range_of(table, "n_segments", "segment")
    return f"Each point: {size} that take a stance." if size else ""


def _whiskers(table: pd.DataFrame) -> str:
    """Say what whiskers and hollow points are, as far as there are any."""
    held = all_finite(table, "lower", "upper")
    level = confidence(table)
    text = f"Whiskers: {level} intervals. " if held.any() and level else ""
    bare = table[~held & all_finite(table, "estimate")]
    reasons = "; ".join(merged(reason_of(row) for _, row in bare.iterrows()))
    return text + (f"Hollow: no interval; {reasons}." if reasons else "")


def _key(table: pd.DataFrame, marked: pd.DataFrame) -> list[Artist]:
    """Return the key of signs in use."""
    key: list[Artist] = []
    drawn = table[all_finite(table, "estimate")]
    held = all_finite(drawn, "lower", "upper")
    if held.any():
        key.append(Line2D([], [], color=INK, marker="o", linestyle="none", label="index"))
    if not held.all():
        sign = {"marker": "o", "markerfacecolor": PAPER, "linestyle": "none"}
        key.append(Line2D([], [], color=INK, label="index, no interval", **sign))
    if len(marked):
        key.append(Line2D([], [], color=INK, linestyle=(0, (3, 2)), linewidth=1.2, label="event"))
    if not all_finite(table, "estimate").all():
        key.append(Patch(facecolor="none", edgecolor=QUIET, hatch="///", linewidth=0, label="withheld"))
    return key


def _scale(framework: Framework) -> str:
    """Name the ends of the index."""
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    return f"from −1 (all {first}) to +1 (all {last})"


def _estimand(framework: Framework) -> str:
    """Say what the index is."""
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    return f"Index: share {last} less share {first} among segments that take a stance, {_scale(framework)}"


def _words(
    table: pd.DataFrame,
    trends: pd.DataFrame,
    sites: Sequence[str],
    marked: pd.DataFrame,
    framework: Framework,
    title: str,
) -> FigureText:
    """Build alt text, caption and summary from the periods that were drawn."""
    said, lines = [], []
    for site in sites:
        rows = table[table["series"] == site]
        drawn = rows[all_finite(rows, "estimate")]
        hidden = len(rows) - len(drawn)
        if len(drawn):
            start, end = drawn.iloc[0], drawn.iloc[-1]
            text = (
                f"{site} {number(start['estimate'], signed=True)} ({start['period']}) to "
                f"{number(end['estimate'], signed=True)} ({end['period']})"
            )
            said.append(text + (f", {plural(hidden, 'period')} withheld" if hidden else ""))
        else:
            said.append(f"{site} withheld throughout")
        values = "; ".join(f"{row['period']} {with_interval(row)}" for _, row in rows.iterrows())
        lines.append(f"{site}: {values}.")
    lines += [f"{site}: {slope}." for site, slope in _slope_words(trends).items()]
    panels = plural(len(sites), "panel")
    alt = f"Index over time {_scale(framework)}, {panels}, first to last period: {'; '.join(said)}."
    if len(marked):
        alt += f" {plural(len(marked), 'event')} marked."
    caption = caption_for(table, _estimand(framework))
    if note := waiver_note(table) or waiver_note(trends):
        alt += f" {note}"
        caption += "" if note in caption else f" {note}"
    summary = "\n".join([*lines, *_event_lines(marked)])
    data = pd.concat([table, trends], ignore_index=True)
    return FigureText(title, alt, caption, summary, data)
