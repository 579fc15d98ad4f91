"""The index over dates: curves with bands that hold at all dates at once, gaps left open, jumps marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from peercompare.figures.canvas import canvas_for, canvas_of_panels, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import (
    choose,
    first_groups,
    of_corpus,
    require_columns,
    stance_label,
    waiver_note,
)
from peercompare.figures.series import BESIDE, day_in_years, name_years
from peercompare.figures.style import BASE, INK, QUIET, RULE, SMALL, in_house_style, tint
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    finite,
    merged,
    missing,
    number,
    plural,
    reason_of,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("estimand", "group_by", "group", "estimate", "lower", "upper")
LEVEL, WITHIN = "index_over_time", "index_within"
CURVES = {LEVEL: "as it was", WITHIN: "same {clusters} throughout"}
DATE = "date"
MOST_PANELS = 8
BAND = tint(QUIET, 0.28)
EDGE = 0.04
"""Room in years at both ends of the axis."""


@in_house_style
def timeline_chart(
    timelines: pd.DataFrame,
    framework: Framework,
    axes: Sequence[Axes] | None = None,
    *,
    change_points: pd.DataFrame | None = None,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw the index over dates, a panel for each group and curve, with uniform bands and open gaps.

    Parameters
    ----------
    timelines : DataFrame
        Rows with estimand ``index_over_time`` or ``index_within``, ``group_by`` ``"date"`` or ``"site_id x
        date"``, ``group`` ``"2022-05-15"`` or ``"S1 | 2022-05-15"``, and ``estimate, lower, upper`` on the
        scale from -1 to +1. A date without an estimate is a gap, whatever its reason.
    framework : Framework
        Names the ends of the axis.
    axes : sequence of Axes, optional
        One for each panel; a new figure without them.
    change_points : DataFrame, optional
        ``group, change_date, p``: the date of the largest jump, drawn in the panels of its group with the p
        of the whole search, however large that is.
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
        Where columns are missing, or rows of several corpora or groupings would be mixed.
    """
    table = _rows_of(timelines, where)
    title = title or of_corpus("Index over dates", table)
    drawn = table[all_finite(table, "estimate")] if len(table) else table
    if drawn.empty:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        why = "; ".join(merged(dict.fromkeys(reason_of(row) for _, row in table.iterrows())))
        say_nothing_to_draw(canvas, title, why or "the table holds no index over dates")
        return canvas.axes
    panels = list(dict.fromkeys(zip(drawn["series"], drawn["estimand"], strict=True)))
    panels, more = first_groups(panels, noun="panels", most=MOST_PANELS)
    canvas = canvas_of_panels(axes, len(panels), columns=1, panel_height=1.72)
    jumps = _jumps_of(change_points, table)
    for ax, (series, curve) in zip(canvas.axes, panels, strict=True):
        rows = table[(table["series"] == series) & (table["estimand"] == curve)]
        _draw_panel(ax, rows, series, curve, jumps.get(series))
    _dress(canvas.axes, drawn, framework)
    notes = [*_notes(table, jumps), more, waiver_note(table)]
    words = _words(table, panels, jumps, framework, title)
    finish(canvas, words, notes=notes, key=_key(drawn, jumps), columns=2)
    return canvas.axes


def _rows_of(timelines: pd.DataFrame, where: Mapping[str, str] | None) -> pd.DataFrame:
    """Return the rows of curves, with series, date and time in years."""
    require_columns(timelines, COLUMNS, "timelines")
    names = timelines["group_by"].astype("string")
    kept = timelines[
        timelines["estimand"].isin(list(CURVES)) & ((names == DATE) | names.str.endswith(f" {DATE}"))
    ]
    kept = choose(kept, where, one_of=("corpus", "group_by", "variant", "labels"))
    parts = [BESIDE.split(str(group)) for group in kept["group"]]
    kept["series"] = [" | ".join(part[:-1]) for part in parts]
    kept["period"] = [part[-1] for part in parts]
    kept["time"] = [day_in_years(day) for day in kept["period"]]
    return kept.sort_values(["series", "estimand", "time"], kind="stable").reset_index(drop=True)


def _jumps_of(change_points: pd.DataFrame | None, table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the largest jump of each series that is drawn, where one was looked for."""
    if change_points is None or change_points.empty:
        return {}
    require_columns(change_points, ("group", "change_date", "p"), "change_points")
    corpus = table["corpus"].iloc[0] if "corpus" in table else None
    found = {}
    for _, row in change_points.iterrows():
        series = "" if row["group"] == "all" else str(row["group"])
        here = corpus is None or row.get("corpus", corpus) == corpus
        if here and series in set(table["series"]) and not missing(row["change_date"]):
            found[series] = row
    return found


def _draw_panel(ax: Axes, rows: pd.DataFrame, series: str, curve: str, jump: pd.Series | None) -> None:
    """Draw one curve with its band, in stretches without a gap, and the date of the largest jump."""
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    shown = all_finite(rows, "estimate").to_numpy()
    for start, end in _stretches(shown):
        part = rows.iloc[start:end]
        time = part["time"].to_numpy(dtype=float)
        lower, upper = (part[name].to_numpy(dtype=float) for name in ("lower", "upper"))
        if len(part) == 1:
            ax.plot(time, part["estimate"].astype(float), "o", color=INK, markersize=4, zorder=4)
            ax.plot([time[0]] * 2, [lower[0], upper[0]], color=BAND, linewidth=5, zorder=2)
            continue
        ax.fill_between(time, lower, upper, color=BAND, linewidth=0, zorder=2)
        ax.plot(time, part["estimate"].astype(float), color=INK, linewidth=1.7, zorder=4)
    if jump is not None:
        ax.axvline(
            day_in_years(jump["change_date"]), color=INK, linewidth=1.2, linestyle=(0, (3, 2)), zorder=3
        )
    said = CURVES[curve].format(clusters=_clusters(rows))
    name = f"{series}: {said}" if series else said.capitalize()
    ax.set_title(wrap(name, 190, size=BASE, weight="bold", lines=1), loc="left", fontsize=BASE, pad=5)
    ax.set_title(_behind(rows), loc="right", fontsize=SMALL, fontweight="normal", pad=5)


def _stretches(shown: np.ndarray) -> list[tuple[int, int]]:
    """Return the starts and ends of runs of dates that are shown."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shown, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _behind(rows: pd.DataFrame) -> str:
    """Say how many stand behind a curve."""
    counted = rows.iloc[0].get("n_clusters")
    return "" if missing(counted) else plural(int(counted), _clusters(rows).removesuffix("s"))


def _clusters(rows: pd.DataFrame) -> str:
    """Name what a curve holds fixed, as its target does: ``workers``."""
    said, _, rest = str(rows.iloc[0].get("target", "")).partition(" like these")
    return said if rest or said.isalpha() else "ones"


def _dress(axes: Sequence[Axes], drawn: pd.DataFrame, framework: Framework) -> None:
    """Set the shared limits, and name the ends of the index."""
    first, last = (wrap(f"all {stance_label(framework, stance)}", 70, lines=2) for stance in framework.axis)
    for ax in axes:
        ax.set_xlim(drawn["time"].min() - EDGE, drawn["time"].max() + EDGE)
        ax.set_ylim(-1.1, 1.1)
        ax.set_yticks([-1, 0, 1], [first, "0", last])
        ax.yaxis.grid(True, color=RULE)
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(axis="both", length=0)
        name_years(ax)
        ax.tick_params(axis="x", labelbottom=ax is axes[-1])


def _key(drawn: pd.DataFrame, jumps: Mapping[str, pd.Series]) -> list[Artist]:
    """Return the key of signs in use."""
    key: list[Artist] = [Line2D([], [], color=INK, linewidth=1.7, label="index")]
    if all_finite(drawn, "lower", "upper").any():
        key.append(Patch(facecolor=BAND, linewidth=0, label=f"{confidence(drawn)} band, all dates at once"))
    if jumps:
        key.append(
            Line2D([], [], color=INK, linestyle=(0, (3, 2)), linewidth=1.2, label="largest jump (p below)")
        )
    return key


def _notes(table: pd.DataFrame, jumps: Mapping[str, pd.Series]) -> list[str]:
    """Say why lines are broken or have no band, and what the search for jumps came to."""
    shown, banded = all_finite(table, "estimate"), all_finite(table, "lower", "upper")
    broken = merged(dict.fromkeys(_kind(row) for _, row in table[~shown].iterrows()))
    bare = merged(dict.fromkeys(_kind(row) for _, row in table[shown & ~banded].iterrows()))
    said = [f"Line broken: {'; '.join(broken)}." if broken else ""]
    said.append(f"No band: {'; '.join(bare)}." if bare else "")
    return [*said, *(_jump_words(series, row) for series, row in jumps.items())]


def _kind(row: pd.Series) -> str:
    """Return a reason without the dates of the single gap."""
    reason = reason_of(row)
    return "nobody was seen for long" if reason.startswith("gap") else reason


def _jump_words(series: str, row: pd.Series) -> str:
    """Say when the largest jump was, what its p is, and what could have been found."""
    whose = f" ({series})" if series else ""
    text = f"Largest jump{whose}: {row['change_date']}, p {number(row['p'])} for the search over all dates"
    if "jump_found_in_80" not in row:
        return f"{text}."
    size = row["jump_found_in_80"]
    found = f"a jump of {number(size)}" if finite(size) else "no jump on the scale"
    return f"{text}; {found} would have been found in 80% of such studies."


def _words(
    table: pd.DataFrame,
    panels: Sequence[tuple[str, str]],
    jumps: Mapping[str, pd.Series],
    framework: Framework,
    title: str,
) -> FigureText:
    """Build alt text, caption and summary from the dates that were drawn."""
    said, lines = [], []
    for series, curve in panels:
        rows = table[(table["series"] == series) & (table["estimand"] == curve)]
        shown = rows[all_finite(rows, "estimate")]
        start, end = shown.iloc[0], shown.iloc[-1]
        name = f"{series} {CURVES[curve].format(clusters=_clusters(rows))}".strip()
        gaps = len(_stretches(all_finite(rows, "estimate").to_numpy())) - 1
        said.append(
            f"{name} {number(start['estimate'], signed=True)} ({start['period']}) to "
            f"{number(end['estimate'], signed=True)} ({end['period']}), {plural(gaps, 'break')}"
        )
        values = "; ".join(f"{row['period']} {with_interval(row)}" for _, row in rows.iterrows())
        lines.append(f"{name}: {values}.")
    lines += [_jump_words(series, row) for series, row in jumps.items()]
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    scale = f"from −1 (all {first}) to +1 (all {last})"
    alt = f"Index over dates {scale}, {plural(len(panels), 'panel')}, first to last date: {'; '.join(said)}."
    alt += "".join(f" {_jump_words(series, row)}" for series, row in jumps.items())
    what = (
        f"Index: share {last} less share {first} of segments that take a stance, {scale}, as a smooth curve"
    )
    told = [_kind(row) if row["reason"] else "" for _, row in table.iterrows()] if "reason" in table else ""
    caption = caption_for(table.assign(reason=told), what)
    if note := waiver_note(table):
        alt += f" {note}"
        caption += "" if note in caption else f" {note}"
    return FigureText(title, alt, caption, "\n".join(lines), table)
