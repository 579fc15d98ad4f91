"""The framework itself as a chart: each cell in its own words, with a study's share in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import label_of, of_corpus, stance_label, waiver_note
from peercompare.figures.stances import ALL, PREFIX, about, ends, n_taking, reasons, shares_of
from peercompare.figures.style import BASE, PAPER, QUIET, SMALL, in_house_style, ink_on, looks, tint
from peercompare.figures.text import (
    FigureText,
    caption_for,
    finite,
    has_interval,
    missing,
    percent,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

BAND = 1.06
"""Height of a dimension's band in inches: a heading, and cells of three lines of words and a number."""

HEADING = 0.27
FOOT = 0.42
CELL = 100
"""Width of a cell's words in points."""


@in_house_style
def framework_chart(
    estimates: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the framework's chart with its own words: a band for each dimension, a cell for each code.

    A cell holds the code's label and the share of its stance among the stance-taking segments of the
    dimension, with its interval; it is shaded by the share. `stance_chart` shows the same numbers more
    closely, with the mean over all dimensions.

    Parameters
    ----------
    estimates : DataFrame
        As `stance_chart` takes it.
    framework : Framework
        Gives bands, columns and the words in the cells, in its order. A cell without an estimate says so.
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
    title = title or of_corpus("The framework, and how often each stance is taken", table)
    dimensions = [d for d in framework.dimension_ids if (table["dimension"] == d).any()]
    height = FOOT + 0.3 + BAND * len(dimensions) if len(table) else 0.8
    canvas = canvas_for(ax, height=height)
    if table.empty:
        say_nothing_to_draw(canvas, title, "the table holds no shares to draw")
        return canvas.ax
    cells = {(row["dimension"], row["estimand"]): row for _, row in table.iterrows()}
    _lay_out(canvas.ax, framework, height)
    for place, dimension in enumerate(dimensions):
        _draw_band(canvas.ax, framework, cells, dimension, top=BAND * place)
    _draw_whole(canvas.ax, framework, cells, top=BAND * len(dimensions))
    words = _words(framework, cells, dimensions, table, title)
    finish(canvas, words, notes=[about(table), reasons(table), waiver_note(table)])
    return canvas.ax


def _lay_out(ax: Axes, framework: Framework, height: float) -> None:
    """Give the axes the size of the chart in inches, top down, and name the columns."""
    n_stances = len(framework.stances)
    ax.set_xlim(0, n_stances)
    ax.set_ylim(height - 0.3, 0)
    heads = [wrap(stance_label(framework, s), CELL, size=BASE, weight="bold") for s in framework.stance_ids]
    ax.set_xticks([place + 0.5 for place in range(n_stances)], heads)
    ax.set_yticks([])
    ax.xaxis.tick_top()
    for label in ax.get_xticklabels():
        label.set(fontsize=BASE, fontweight="bold")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _draw_band(ax: Axes, framework: Framework, cells: Mapping, dimension: str, *, top: float) -> None:
    """Draw one dimension: its name with n, and under it the cells of its codes."""
    styles, labels = looks(framework), {code.id: code.label for code in framework.codes}
    ids = {(code.dimension, code.stance): code.id for code in framework.codes}
    rows = [cells[(dimension, PREFIX + s)] for s in framework.stance_ids if (dimension, PREFIX + s) in cells]
    name = wrap(label_of(framework.dimensions, dimension), 2.2 * CELL, weight="bold", lines=1)
    middle = top + HEADING / 2 + 0.02
    ax.text(0.03, middle, name, va="center", weight="bold", fontsize=SMALL)
    right = len(framework.stances) - 0.03
    ax.text(right, middle, f"n {n_taking(rows)}", ha="right", va="center", fontsize=SMALL)
    for place, stance in enumerate(framework.stance_ids):
        words = labels.get(ids.get((dimension, stance)), "")
        row = cells.get((dimension, PREFIX + stance))
        _draw_cell(ax, row, words, corner=(place + 0.02, top + HEADING), colour=styles[stance].colour)


def _draw_cell(
    ax: Axes, row: pd.Series | None, words: str, *, corner: tuple[float, float], colour: str
) -> None:
    """Draw one cell: the code's words above, its share below, shaded by the share."""
    across, top = corner
    drawn = row is not None and finite(row["estimate"])
    ground = tint(colour, 0.08 + 0.92 * float(row["estimate"])) if drawn else PAPER
    size = {"width": 0.96, "height": BAND - HEADING - 0.04}
    ax.add_patch(Rectangle(corner, **size, facecolor=ground, edgecolor=QUIET, linewidth=0.7))
    ink, middle = ink_on(ground), across + 0.48
    ax.text(middle, top + 0.05, wrap(words, CELL), ha="center", va="top", color=ink, fontsize=SMALL)
    ax.text(
        middle, top + size["height"] - 0.05, _said(row), ha="center", va="bottom", color=ink, weight="bold"
    )


def _said(row: pd.Series | None) -> str:
    """Return the share of a cell with its interval, as short as it can be."""
    if row is None or not finite(row["estimate"]):
        return "–" if row is None or missing(row.get("reason")) else "not given"
    return percent(row["estimate"]) + (f" ({ends(row)})" if has_interval(row) else "")


def _draw_whole(ax: Axes, framework: Framework, cells: Mapping, *, top: float) -> None:
    """Draw what is off the chart: the share of segments that take no stance."""
    row = cells.get((ALL, PREFIX + framework.none.id))
    n_stances = len(framework.stances)
    place, size = (0.02, top + 0.08), (n_stances - 0.04, FOOT - 0.1)
    ax.add_patch(Rectangle(place, *size, facecolor=PAPER, edgecolor=QUIET, linestyle="--"))
    said = f"{framework.none.label}: {_said(row)}" + (" of all segments" if row is not None else "")
    middle = top + 0.08 + size[1] / 2
    ax.text(n_stances / 2, middle, wrap(said, 3 * CELL, lines=1), ha="center", va="center", fontsize=SMALL)


def _words(
    framework: Framework, cells: Mapping, dimensions: list[str], table: pd.DataFrame, title: str
) -> FigureText:
    """Build alt text, caption and summary from the cells that were drawn."""
    lines, shares = [], []
    for code in (code for code in framework.codes if code.dimension in dimensions):
        row = cells.get((code.dimension, PREFIX + code.stance))
        where = f"{label_of(framework.dimensions, code.dimension)}, {stance_label(framework, code.stance)}"
        value = "no estimate" if row is None else with_interval(row, percent)
        lines.append(f"{where}, “{code.label}”: {value}.")
        if row is not None and finite(row["estimate"]):
            shares.append((float(row["estimate"]), f"{where}, “{code.label}” ({percent(row['estimate'])})"))
    none = cells.get((ALL, PREFIX + framework.none.id))
    if none is not None:
        lines.append(f"{framework.none.label}: {with_interval(none, percent)} of all segments.")
    alt = (
        f"Chart of {len(dimensions)} dimensions by {len(framework.stances)} stances; each cell holds the "
        "words of its code and the share of its stance in the dimension."
    )
    if shares:
        alt += f" Highest: {max(shares)[1]}; lowest: {min(shares)[1]}."
    what = (
        "Each cell: what the framework means by it, and the share of its stance among the segments of the "
        "dimension that take a stance"
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
