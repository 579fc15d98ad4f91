"""What codes and workers buy: width of the interval by number of coded segments, a line for each study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from peercompare.figures.canvas import canvas_for, canvas_of_panels, finish, say_nothing_to_draw
from peercompare.figures.rows import choose, first_groups, require_columns
from peercompare.figures.style import (
    BASE,
    LINES,
    MARKERS,
    RULE,
    axis_colour,
    in_house_style,
    tint,
)
from peercompare.figures.text import FigureText, all_finite, confidence, count, listing, number, plural

COLUMNS = (
    "estimand", "target", "n_workers", "n_sessions", "n_segments", "n_coded", "width", "width_cautious",
    "width_all_coded", "detectable",
)  # fmt: skip
ONE_OF = ("estimand", "n_sessions", "n_segments", "span")
TARGETS = {"this_corpus": "Of this corpus alone", "like_these": "Of {noun}s like these"}
MOST_LINES = 5
PANEL_HEIGHT = 2.5


@in_house_style
def planning_curves(
    planning: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw how wide an interval will be by the number of coded segments, a line for each number of workers.

    A panel each for the corpus alone and for workers like these; the shaded band reaches up to the cautious
    width, and a short dash at the right shows what remains if every segment is coded.

    Parameters
    ----------
    planning : DataFrame
        From `peercompare.drift.planning_table`: columns ``estimand, target, n_workers, n_sessions,
        n_segments, n_coded, width, width_cautious, width_all_coded, detectable`` and ``confidence_level,
        power, reason`` where known. Rows without a width are counted in a note.
    axes : sequence of Axes, optional
        One for each target; a new figure without them.
    where : mapping, optional
        Values that columns must have: one estimand, one number of sessions and of segments is drawn.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        The panels, from top to bottom.

    Raises
    ------
    InputError
        Where a column is missing or several estimands or designs would be mixed.
    """
    require_columns(planning, COLUMNS, "planning")
    table = choose(planning, where, one_of=[name for name in ONE_OF if name in planning])
    drawn = table[all_finite(table, "width")].reset_index(drop=True)
    title = title or _title(table)
    if drawn.empty:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        say_nothing_to_draw(canvas, title, "no design has an interval")
        return canvas.axes
    targets = [target for target in TARGETS if (drawn["target"] == target).any()]
    workers, more = first_groups(
        sorted(drawn["n_workers"].unique()), noun="numbers of workers", most=MOST_LINES
    )
    canvas = canvas_of_panels(axes, len(targets), columns=1, panel_height=PANEL_HEIGHT)
    top = 1.08 * float(drawn[["width", "width_cautious"]].max().max())
    for ax, target in zip(canvas.axes, targets, strict=True):
        _draw_panel(ax, drawn[drawn["target"] == target], workers, top)
        ax.set_title(TARGETS[target].format(noun=_noun(table)), fontsize=BASE, pad=4)
    canvas.axes[-1].set_xlabel("coded segments (ratio scale)")
    words = _words(table, drawn, targets, workers, title)
    finish(canvas, words, notes=[*_notes(table, drawn), more], key=_key(workers, _noun(table)), columns=3)
    return canvas.axes


def _noun(table: pd.DataFrame) -> str:
    """Name one of those who differ: a worker, or an employer."""
    return str(table["clusters"].iloc[0]).removesuffix("s") if "clusters" in table else "worker"


def _title(table: pd.DataFrame) -> str:
    """Name the estimand and the design."""
    if table.empty:
        return "What codes and workers buy"
    row = table.iloc[0]
    name = str(row["estimand"]).replace("_", " ")
    return f"Width of the interval of the {name}, by codes and {_noun(table)}s"


def _draw_panel(ax: Axes, rows: pd.DataFrame, workers: Sequence[int], top: float) -> None:
    """Draw the lines of one target."""
    for place, n_workers in enumerate(workers):
        line = rows[rows["n_workers"] == n_workers].sort_values("n_coded")
        if len(line):
            _draw_line(ax, line, place, _look(place, len(workers)))
    codes = np.unique(rows["n_coded"].to_numpy(dtype=float))
    ax.set_xscale("log")
    ax.set_xlim(codes[0] * 0.93, codes[-1] * 1.12)
    ax.set_ylim(0, top)
    ax.xaxis.set_major_locator(FixedLocator(_ticks(codes)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    ax.yaxis.grid(True, color=RULE)
    ax.tick_params(length=0)


def _look(place: int, n_lines: int) -> dict[str, object]:
    """Return how one number of workers is drawn: told apart by more than its colour."""
    colour = axis_colour(place / max(n_lines - 1, 1))
    return {
        "color": colour,
        "marker": MARKERS[place],
        "markersize": 5.5,
        "linestyle": LINES[place % len(LINES)],
    }


def _key(workers: Sequence[int], noun: str) -> list[Line2D]:
    """Return the key of the lines."""
    return [
        Line2D([], [], label=plural(n_workers, noun), **_look(place, len(workers)))
        for place, n_workers in enumerate(workers)
    ]


def _draw_line(ax: Axes, line: pd.DataFrame, place: int, look: Mapping[str, object]) -> None:
    """Draw the widths of one number of workers, with the band of caution and the floor under it."""
    codes, width, high = (line[name].to_numpy(dtype=float) for name in ("n_coded", "width", "width_cautious"))
    colour = look["color"]
    ax.fill_between(codes, width, high, color=tint(colour, 0.18), linewidth=0, zorder=1)
    ax.plot(codes, width, zorder=3, **look)
    floor = float(line["width_all_coded"].iloc[-1])
    if floor > 0:
        side = {"transform": ax.get_yaxis_transform(), "zorder": 2 + place / 100}
        ax.plot([0.965, 1.0], [floor, floor], color=colour, linewidth=2.4, **side)


def _ticks(codes: np.ndarray) -> list[float]:
    """Return the numbers of codes to name, at most five that do not touch."""
    kept = [codes[0]]
    for code in codes[1:]:
        if code / kept[-1] >= (codes[-1] / codes[0]) ** 0.19:
            kept.append(code)
    return kept


def _notes(table: pd.DataFrame, drawn: pd.DataFrame) -> list[str]:
    """Say what the signs mean and what is left out."""
    row = drawn.iloc[0]
    level = confidence(drawn)
    notes = [
        f"Full width of {level} intervals; {plural(row['n_sessions'], 'session')} of each {_noun(drawn)}, "
        f"{plural(row['n_segments'], 'segment')} each."
    ]
    if (drawn["width_cautious"] > drawn["width"] + 1e-12).any():
        notes.append("Shaded: up to the width if the pilot understates how they differ.")
    if (drawn["width_all_coded"] > 0).any():
        notes.append("Dash at the right: what remains if every segment is coded.")
    absent = len(table) - len(drawn)
    return [*notes, f"{plural(absent, 'design')} without an interval not drawn." if absent else ""]


def _words(
    table: pd.DataFrame, drawn: pd.DataFrame, targets: Sequence[str], workers: Sequence[int], title: str
) -> FigureText:
    """Build alt text, caption and summary from the widths that were drawn."""
    lines, said = [], []
    noun = _noun(table)
    for target in targets:
        rows, about = drawn[drawn["target"] == target], TARGETS[target].format(noun=noun)
        for n_workers in workers:
            line = rows[rows["n_workers"] == n_workers].sort_values("n_coded")
            if line.empty:
                continue
            values = "; ".join(
                f"{count(r.n_coded)} codes {number(r.width, digits=3)}" for r in line.itertuples()
            )
            floor = line["width_all_coded"].iloc[-1]
            rest = f"; all coded {number(floor, digits=3)}" if floor > 0 else ""
            lines.append(f"{about}, {plural(n_workers, noun)}: {values}{rest}.")
        said.append(
            f"{about.lower()} from {number(rows['width'].max(), digits=3)} "
            f"down to {number(rows['width'].min(), digits=3)}"
        )
    alt = f"Lines of the width of an interval, falling with coded segments: {listing(said)}."
    first = drawn.iloc[0]
    caption = (
        f"Forecast full width of the {confidence(drawn)} interval of the "
        f"{str(first['estimand']).replace('_', ' ')} by number of coded segments and {noun}s. "
        "A forecast from variance components, not an estimate."
    )
    if len(table) > len(drawn):
        reasons = listing(dict.fromkeys(str(r) for r in table.loc[~all_finite(table, "width"), "reason"]))
        caption += f" Without an interval: {reasons}."
    return FigureText(title, alt, caption, "\n".join(lines), drawn)
