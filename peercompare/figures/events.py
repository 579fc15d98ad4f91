"""Around an event: the index before and after, where it happened and elsewhere, and the difference."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from peercompare.figures.canvas import canvas_for, canvas_of_panels, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, of_corpus, require_columns, stance_label, waiver_note
from peercompare.figures.style import INK, PAPER, QUIET, RULE, SMALL, in_house_style
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    finite,
    has_interval,
    merged,
    missing,
    number,
    reason_of,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("estimand", "group_by", "group", "estimate", "lower", "upper")
EVENT, BESIDE = "event", " | "
INDEX, CHANGE, DIFFERENCE, BEFORE = "index", "change_after_event", "event_difference", "pretrend_difference"
WHEN = ("before", "after")
SIDES = {"with": "where it happened", "without": "elsewhere"}
LOOKS = {"with": ("s", "-", -0.04), "without": ("o", "--", 0.04)}
"""Marker, line and how far a side stands from the middle, so that whiskers do not hide each other."""

_ASSIGNED = re.compile(r"p \d\.\d+ by dealing the event to [^;]*")


@in_house_style
def event_change(
    estimates: pd.DataFrame,
    framework: Framework,
    axes: Sequence[Axes] | None = None,
    *,
    kind: str | None = None,
    events: pd.DataFrame | None = None,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw the index before and after an event on both sides, the changes within workers, their difference.

    Parameters
    ----------
    estimates : DataFrame
        Rows with ``group_by`` "event": estimand ``index`` in groups ``"<kind> | with | before"`` and so on,
        ``change_after_event`` in ``"<kind> | with"`` and ``"<kind> | without"``, ``event_difference`` and
        ``pretrend_difference`` in ``"<kind>"``. A row without an estimate is named, with its reason.
    framework : Framework
        Names the ends of the axis.
    axes : sequence of Axes, optional
        Two; a new figure without them.
    kind : str, optional
        Which kind of event, where the table holds several.
    events : DataFrame, optional
        ``kind, date`` and ``site_id``, to say when and where it was.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        Levels above, changes below; one of them alone where the table has no more.

    Raises
    ------
    InputError
        Where columns are missing, or rows of several corpora or kinds would be mixed.
    """
    table = _rows_of(estimates, kind, where)
    kind = table["kind"].iloc[0] if len(table) else (kind or "event")
    title = title or of_corpus(f"Index around an event ({kind.replace('_', ' ')})", table)
    drawn = table[all_finite(table, "estimate")] if len(table) else table
    levels, changes = (drawn["estimand"] == INDEX), drawn["estimand"].isin([CHANGE, DIFFERENCE])
    panels = [part for part in (levels, changes) if part.any()]
    if not panels:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        why = "; ".join(merged(reason_of(row) for _, row in table.iterrows()))
        say_nothing_to_draw(canvas, title, why or "the table holds no estimate around an event")
        return canvas.axes
    canvas = canvas_of_panels(axes, len(panels), columns=1, panel_height=1.75, share=False)
    for ax, part in zip(canvas.axes, panels, strict=True):
        (_draw_levels if part is levels else _draw_changes)(ax, drawn[part], framework)
    notes = [*_when_and_where(events, kind), *_remarks(table), waiver_note(table)]
    key = _key(drawn) if levels.any() else []
    finish(canvas, _words(table, framework, kind, title), notes=notes, key=key, columns=2)
    return canvas.axes


def _rows_of(estimates: pd.DataFrame, kind: str | None, where: Mapping[str, str] | None) -> pd.DataFrame:
    """Return the rows about one kind of event, with their kind, side and time."""
    require_columns(estimates, COLUMNS, "estimates")
    table = choose(estimates, where, one_of=())
    wanted = [INDEX, CHANGE, DIFFERENCE, BEFORE]
    table = table[(table["group_by"] == EVENT) & table["estimand"].isin(wanted)]
    parts = [str(group).split(BESIDE) for group in table["group"]]
    table = table.assign(
        kind=[part[0] for part in parts],
        side=[part[1] if len(part) > 1 else "" for part in parts],
        when=[part[2] if len(part) > 2 else "" for part in parts],
    )
    wanted = {} if kind is None else {"kind": kind}
    return choose(table, wanted, one_of=("corpus", "kind", "variant", "labels"))


def _draw_levels(ax: Axes, rows: pd.DataFrame, framework: Framework) -> None:
    """Draw the index before and after, a line for each side, with the event between."""
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    ax.axvline(0.5, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)), zorder=1)
    for side, (marker, line, shift) in LOOKS.items():
        mine = rows[rows["side"] == side]
        places = [WHEN.index(when) + shift for when in mine["when"]]
        order = np.argsort(places)
        ax.plot(
            np.array(places)[order], mine["estimate"].to_numpy(dtype=float)[order],
            color=INK, linewidth=1.2, linestyle=line, zorder=2,
        )  # fmt: skip
        for place, (_, row) in zip(places, mine.iterrows(), strict=True):
            _mark(ax, row, place, marker, upright=True)
    first, last = (wrap(f"all {stance_label(framework, stance)}", 70, lines=2) for stance in framework.axis)
    ax.set_ylim(-1.1, 1.1)
    ax.set_xlim(-0.4, 1.4)
    ax.set_yticks([-1, 0, 1], [first, "0", last])
    ax.set_xticks([0, 1], list(WHEN))
    _dress(ax)
    ax.yaxis.grid(True, color=RULE)


def _draw_changes(ax: Axes, rows: pd.DataFrame, framework: Framework) -> None:
    """Draw the change on each side and their difference, beside zero."""
    ax.axvline(0, color=QUIET, linewidth=0.8, zorder=1)
    for place, (_, row) in enumerate(rows.iterrows()):
        marker = LOOKS[row["side"]][0] if row["side"] else "D"
        _mark(ax, row, place, marker, upright=False)
    names = [SIDES.get(side, "difference") for side in rows["side"]]
    reach = 1.15 * max(
        np.abs(rows[["estimate", "lower", "upper"]].to_numpy(dtype=float))[
            np.isfinite(rows[["estimate", "lower", "upper"]].to_numpy(dtype=float))
        ].max(),
        0.1,
    )
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [wrap(name, 100, lines=2) for name in names])
    ax.set_xlabel("change of the index within workers", fontsize=SMALL)
    _dress(ax)
    ax.xaxis.grid(True, color=RULE)


def _mark(ax: Axes, row: pd.Series, place: float, marker: str, *, upright: bool) -> None:
    """Draw a point, filled with its whisker, hollow without an interval."""
    if has_interval(row):
        ends = [row["lower"], row["upper"]]
        line = ([place, place], ends) if upright else (ends, [place, place])
        ax.plot(*line, color=INK, linewidth=1.5, zorder=3)
    at = ([place], [row["estimate"]]) if upright else ([row["estimate"]], [place])
    face = INK if has_interval(row) else PAPER
    ax.plot(*at, marker, color=INK, markerfacecolor=face, markersize=6.5, zorder=4)


def _dress(ax: Axes) -> None:
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.tick_params(length=0)


def _key(drawn: pd.DataFrame) -> list[Artist]:
    """Return the key of the sides that are drawn."""
    sides = [side for side in LOOKS if side in set(drawn["side"])]
    return [
        Line2D([], [], color=INK, marker=LOOKS[side][0], linestyle=LOOKS[side][1], label=SIDES[side])
        for side in sides
    ]


def _when_and_where(events: pd.DataFrame | None, kind: str) -> list[str]:
    """Say when and where the events of the kind were; those of single workers are not told."""
    if events is None or events.empty:
        return ["Dotted line: the event."]
    mine = events[events["kind"] == kind]
    if "worker_id" in mine:
        mine = mine[mine["worker_id"].map(missing).astype(bool)]
    said = [f"{event.site_id}, {pd.Timestamp(event.date):%Y-%m-%d}" for event in mine.itertuples()]
    return [f"Dotted line: the event ({'; '.join(said)})."] if said else ["Dotted line: the event."]


def _remarks(table: pd.DataFrame) -> list[str]:
    """Say what whiskers are, what has none and why, what is withheld, and how the difference was judged."""
    level = confidence(table)
    held = all_finite(table, "lower", "upper")
    known = all_finite(table, "estimate")
    notes = [f"Whiskers: {level} intervals." if held.any() and level else ""]
    bare = table[~held & known & table["estimand"].isin([INDEX, CHANGE])]
    if reasons := merged(reason_of(row) for _, row in bare.iterrows()):
        notes.append(f"Hollow: {'; '.join(reasons)}.")
    if reasons := merged(reason_of(row) for _, row in table[~known].iterrows()):
        notes.append(f"Not drawn: {'; '.join(reasons)}.")
    for _, row in table[known & (table["estimand"] == DIFFERENCE)].iterrows():
        found = _ASSIGNED.search(str(row.get("method", "")))
        said = [] if has_interval(row) else [reason_of(row)]
        said += [found[0]] if found else []
        notes.append(f"Difference: {'; '.join(said)}." if said else "")
    for _, row in table[known & (table["estimand"] == BEFORE)].iterrows():
        ends = [number(row[name], signed=True) for name in ("lower", "upper")]
        spread = f" ({ends[0]} to {ends[1]})" if has_interval(row) else ", no interval"
        notes.append(
            f"Before it the slopes differed by {number(row['estimate'], signed=True)} a month{spread}."
        )
    return notes


def _words(table: pd.DataFrame, framework: Framework, kind: str, title: str) -> FigureText:
    """Build alt text, caption and summary from all rows, drawn or not."""
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    names = {
        INDEX: "Index {when}, {side}",
        CHANGE: "Change within workers {side}",
        DIFFERENCE: "Difference in differences",
        BEFORE: "Difference of the slopes a month before the event",
    }
    lines, said = [], []
    for _, row in table.iterrows():
        side = SIDES.get(row["side"], "")
        name = names[row["estimand"]].format(when=row["when"], side=side)
        lines.append(f"{name}: {with_interval(row, lambda value: number(value, signed=True))}.")
        said.append(
            f"{name} {number(row['estimate'], signed=True) if finite(row['estimate']) else 'not given'}"
        )
    alt = (
        f"Lines and points: the index, from −1 (all {first}) to +1 (all {last}), before and after the event "
        f"{kind.replace('_', ' ')}, where it happened and elsewhere, and the changes. {'; '.join(said)}."
    )
    if note := waiver_note(table):
        alt += f" {note}"
    what = (
        f"Index of segments that take a stance around the event {kind.replace('_', ' ')}, and its change "
        "within workers; the difference takes the change elsewhere from the change where it happened"
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
