"""Shares of the stances by dimension: the framework's own chart, with numbers in its cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from peercompare.figures.canvas import Canvas, canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, label_of, of_corpus, require_columns, stance_label, waiver_note
from peercompare.figures.style import BASE, PAPER, QUIET, SMALL, in_house_style, ink_on, looks, tint
from peercompare.figures.text import (
    FigureText,
    caption_for,
    confidence,
    count,
    finite,
    has_interval,
    listing,
    merged,
    missing,
    percent,
    reason_of,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("estimand", "dimension", "estimate", "lower", "upper")
ALL = "all"
PREFIX = "share_"


@in_house_style
def stance_chart(
    estimates: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the framework's chart: dimensions down, stances across, each cell with its share and interval.

    The share in a cell is that of the stance among the stance-taking segments of its dimension; the share of
    segments that take no stance, of all segments, stands in a strip of its own.

    Parameters
    ----------
    estimates : DataFrame
        Columns ``estimand, dimension, estimate, lower, upper`` and the other columns of the estimates table
        where known. Drawn are the rows ``share_<label>`` of one group (``group_by`` "all" unless `where`
        names another).
    framework : Framework
        Gives rows and columns, in its order; a cell without an estimate shows why.
    ax : Axes, optional
        Where to draw; a new figure without it.
    where : mapping, optional
        Values that columns must have, e.g. ``{"group_by": "setting", "group": "community"}``.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without shares it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora or groups would be mixed.
    """
    table = shares_of(estimates, framework, where)
    title = title or of_corpus("Stances by dimension", table)
    dimensions = [ALL, *framework.dimension_ids]
    canvas = canvas_for(ax, height=0.35 + 0.6 * (len(dimensions) + 0.6) if len(table) else 0.8)
    if table.empty:
        say_nothing_to_draw(canvas, title, "the table holds no shares to draw")
        return canvas.ax
    cells = {(row["dimension"], row["estimand"]): row for _, row in table.iterrows()}
    _frame(canvas, framework, dimensions)
    for line, dimension in enumerate(dimensions):
        _draw_line(canvas.ax, framework, cells, dimension, line)
    draw_none(canvas.ax, framework, cells.get((ALL, PREFIX + framework.none.id)), len(dimensions))
    notes = [
        about(table),
        reasons(table),
        waiver_note(table),
    ]
    finish(canvas, _words(framework, cells, dimensions, table, title), notes=notes)
    return canvas.ax


def shares_of(estimates: pd.DataFrame, framework: Framework, where: Mapping[str, str] | None) -> pd.DataFrame:
    """Return the shares of one group, of all dimensions and of each."""
    require_columns(estimates, COLUMNS, "estimates")
    wanted = dict(where or {})
    if "group_by" in estimates.columns and "group" not in wanted:
        wanted.setdefault("group_by", ALL)
    table = choose(estimates, wanted, one_of=("corpus", "group_by", "group", "variant", "labels"))
    return table[table["estimand"].isin([PREFIX + label for label in framework.labels])]


def _frame(canvas: Canvas, framework: Framework, dimensions: list[str]) -> None:
    """Set the grid of the chart: labels of rows to the left, of columns on top."""
    ax = canvas.ax
    n_stances = len(framework.stances)
    ax.set_xlim(0, n_stances + 0.95)
    ax.set_ylim(len(dimensions) + 0.6, 0)
    names = ["All dimensions", *(label_of(framework.dimensions, d) for d in dimensions[1:])]
    ax.set_yticks([line + 0.5 for line in range(len(names))], [wrap(name, 84) for name in names])
    heads = [wrap(stance_label(framework, s), 66, size=BASE, weight="bold") for s in framework.stance_ids]
    ax.set_xticks([*(place + 0.5 for place in range(n_stances)), n_stances + 0.5], [*heads, "n"])
    ax.xaxis.tick_top()
    for label in ax.get_xticklabels():
        label.set(fontsize=BASE, fontweight="bold")
    ax.get_yticklabels()[0].set_fontweight("bold")
    for label in ax.get_yticklabels():
        label.set_va("center")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _draw_line(ax: Axes, framework: Framework, cells: Mapping, dimension: str, line: int) -> None:
    """Draw the cells of one dimension, and n beside them."""
    styles = looks(framework)
    for place, stance in enumerate(framework.stance_ids):
        row = cells.get((dimension, PREFIX + stance))
        _draw_cell(ax, row, place, line, styles[stance].colour)
    rows = [cells[(dimension, PREFIX + s)] for s in framework.stance_ids if (dimension, PREFIX + s) in cells]
    middle = len(framework.stances) + 0.5
    ax.text(middle, line + 0.5, n_taking(rows), ha="center", va="center", fontsize=SMALL)


def draw_none(ax: Axes, framework: Framework, row: pd.Series | None, line: int) -> None:
    """Draw the share of segments that take no stance: a hollow strip under the chart, off its columns."""
    n_stances = len(framework.stances)
    ax.add_patch(
        Rectangle(
            (0.03, line + 0.08), n_stances - 0.06, 0.5, facecolor=PAPER, edgecolor=QUIET, linestyle="--"
        )
    )
    said = "not given"
    if row is not None and finite(row["estimate"]):
        said = (
            percent(row["estimate"]) + (f" ({ends(row)})" if has_interval(row) else "") + " of all segments"
        )
    ax.text(n_stances / 2, line + 0.33, wrap(said, 180, lines=1), ha="center", va="center", weight="bold")
    ax.text(-0.09, line + 0.33, wrap(framework.none.label, 84), ha="right", va="center", fontsize=SMALL)
    n_segments = count(row["n_segments"]) if row is not None and not missing(row.get("n_segments")) else "–"
    ax.text(n_stances + 0.5, line + 0.33, n_segments, ha="center", va="center", fontsize=SMALL)


def ends(row: pd.Series) -> str:
    """Write the ends of an interval of shares in percent, without the sign."""
    return f"{round(100 * row['lower'])}–{round(100 * row['upper'])}"


def _draw_cell(ax: Axes, row: pd.Series | None, place: int, line: int, colour: str) -> None:
    """Draw one cell: shaded by its share, with the share and its interval; hatched where there is none."""
    drawn = row is not None and finite(row["estimate"])
    ground = tint(colour, 0.08 + 0.92 * float(row["estimate"])) if drawn else PAPER
    ax.add_patch(
        Rectangle(
            (place + 0.03, line + 0.04),
            0.94,
            0.92,
            facecolor=ground,
            edgecolor=QUIET,
            linewidth=0.7,
            hatch="" if drawn else "///",
        )
    )
    if not drawn:
        word = "–" if row is None or missing(row.get("reason")) else "not\ngiven"
        box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
        ax.text(
            place + 0.5, line + 0.5, word, ha="center", va="center", fontsize=SMALL, bbox=box, linespacing=1.0
        )
        return
    ink = ink_on(ground)
    interval = has_interval(row)
    middle = line + (0.36 if interval else 0.5)
    ax.text(place + 0.5, middle, percent(row["estimate"]), ha="center", va="center", color=ink, weight="bold")
    if interval:
        ax.text(
            place + 0.5, line + 0.7, f"({ends(row)})", ha="center", va="center", color=ink, fontsize=SMALL
        )


def n_taking(rows: list[pd.Series]) -> str:
    """Return the number of stance-taking segments of a dimension, as the table gives it."""
    sizes = [row["n_segments"] for row in rows if not missing(row.get("n_segments"))]
    return count(max(sizes)) if sizes else "–"


def about(table: pd.DataFrame) -> str:
    """Return the note on n and on the numbers in brackets."""
    level = confidence(table)
    return "n: segments that take a stance." + (f" In brackets: {level} interval." if level else "")


def reasons(table: pd.DataFrame) -> str:
    """Say why cells are not given or have no interval, each reason once."""
    if "reason" not in table:
        return ""
    lacking = [
        reason_of(row)
        for _, row in table.iterrows()
        if not missing(row["reason"]) and not (finite(row["estimate"]) and has_interval(row))
    ]
    return f"Not given, or without interval: {'; '.join(merged(lacking))}." if lacking else ""


def _words(
    framework: Framework, cells: Mapping, dimensions: list[str], table: pd.DataFrame, title: str
) -> FigureText:
    """Build alt text, caption and summary from the cells that were drawn."""
    lines = []
    for dimension in dimensions:
        name = "All dimensions" if dimension == ALL else label_of(framework.dimensions, dimension)
        said: dict[str, list[str]] = {}
        for label in (*framework.stance_ids, framework.none.id):
            if (dimension, PREFIX + label) in cells:
                value = with_interval(cells[(dimension, PREFIX + label)], percent)
                said.setdefault(value, []).append(stance_label(framework, label))
        parts = (f"{listing(names)} {value}" for value, names in said.items())
        lines.append(f"{name}: {', '.join(parts) if said else 'no estimate'}.")
    alt = (
        f"Chart of {len(framework.dimensions)} dimensions by {len(framework.stances)} stances "
        f"with the share of each stance in its cell. {lines[0]}{_highest(framework, cells, dimensions)}"
    )
    what = (
        "Shares of "
        + listing(stance_label(framework, s) for s in framework.stance_ids)
        + " among segments that "
        f"take a stance; {framework.none.label}: share of all segments"
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)


def _highest(framework: Framework, cells: Mapping, dimensions: list[str]) -> str:
    """Name, for both ends of the axis, the dimension in which its share is highest."""
    said = []
    for stance in framework.axis:
        shares = [
            (float(cells[(d, PREFIX + stance)]["estimate"]), d)
            for d in dimensions[1:]
            if (d, PREFIX + stance) in cells and finite(cells[(d, PREFIX + stance)]["estimate"])
        ]
        if shares:
            top, dimension = max(shares, key=lambda pair: pair[0])
            name = label_of(framework.dimensions, dimension)
            said.append(f"{stance_label(framework, stance)} is highest in {name} ({percent(top)})")
    return f" {listing(said)[0].upper()}{listing(said)[1:]}." if said else ""
