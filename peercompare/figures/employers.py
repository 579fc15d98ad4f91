"""The index of job descriptions over the years, a small panel for each employer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from peercompare.figures.canvas import (
    canvas_for,
    canvas_of_panels,
    finish,
    printable,
    say_nothing_to_draw,
    text_width,
    wrap,
)
from peercompare.figures.rows import first_groups, of_corpus, stance_label, waiver_note
from peercompare.figures.series import series_of, undated_note
from peercompare.figures.style import INK, PAPER, QUIET, RULE, SMALL, in_house_style, looks
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    count,
    has_interval,
    number,
    plural,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = 3
PANEL_HEIGHT = 0.98
NAME_WIDTH = 92
"""Room for an employer's name over its panel, in points."""


@in_house_style
def employer_years(
    estimates: pd.DataFrame,
    framework: Framework,
    axes: Sequence[Axes] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    by: str = "employer_id",
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw the index of each employer's postings over the years, as small multiples on one scale.

    The line joins one employer's postings; it is not a fitted slope.

    Parameters
    ----------
    estimates : DataFrame
        Rows with estimand ``index``, ``group_by`` ``"employer_id x year"`` and ``group`` ``"E01 | 2007"``;
        columns ``estimate, lower, upper`` on the scale from -1 to +1, and ``n_segments, reason`` where known.
        A row without an estimate leaves a gap and is counted in the note.
    framework : Framework
        Names the ends of the axis.
    axes : sequence of Axes, optional
        One for each employer; a new figure without them.
    names : mapping of group to name, optional
        What to print instead of the ids.
    by : str, default "employer_id"
        The column that tells the panels apart.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        The panels, row by row, in the order of the ids.

    Raises
    ------
    InputError
        Where columns are missing, periods cannot be read, or rows of several groupings would be mixed.
    """
    table = series_of(estimates, by, where=where)
    title = title or of_corpus("Each employer over the years", table)
    if table.empty:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        say_nothing_to_draw(canvas, title, "the table holds no index over the years")
        return canvas.axes
    groups, more = first_groups(table["series"], noun="employers")
    undated = undated_note(table)
    table = table[table["series"].isin(groups)].reset_index(drop=True)
    labels = {group: str((names or {}).get(group, group)) for group in groups}
    heads = {group: _head(labels[group], table[table["series"] == group]) for group in groups}
    lines = max(head.count("\n") for head in heads.values())
    height = PANEL_HEIGHT + lines * 1.2 * SMALL / 72
    canvas = canvas_of_panels(axes, len(groups), columns=COLUMNS, panel_height=height)
    for ax, group in zip(canvas.axes, groups, strict=True):
        _draw_panel(ax, table[table["series"] == group], framework)
        ax.set_title(heads[group], fontsize=SMALL, fontweight="normal", pad=3, linespacing=1.05)
    _dress(canvas.axes, table, framework)
    notes = [_about(table, framework), more, undated, waiver_note(table)]
    finish(canvas, _words(table, labels, framework, title), notes=notes)
    return canvas.axes


def _head(label: str, rows: pd.DataFrame) -> str:
    """Return an employer's name, shortened to two lines, with its number of segments."""
    n_segments = rows["n_segments"].dropna() if "n_segments" in rows else []
    size = f" ({count(sum(n_segments))})" if len(n_segments) else ""
    room = NAME_WIDTH - text_width(size)
    first, *rest = wrap(label, NAME_WIDTH if text_width(printable(label)) > room else room, lines=50).split(
        "\n"
    )
    return first + ("\n" + wrap(" ".join(rest), room, lines=1) if rest else "") + size


def _draw_panel(ax: Axes, rows: pd.DataFrame, framework: Framework) -> None:
    """Draw one employer."""
    styles = looks(framework)
    ends = {-1: styles[framework.axis[0]], 1: styles[framework.axis[1]]}
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    drawn = rows[all_finite(rows, "estimate")]
    ax.plot(drawn["time"], drawn["estimate"], color=QUIET, linewidth=1.2, zorder=2)
    for _, row in drawn.iterrows():
        if has_interval(row):
            ax.plot([row["time"]] * 2, [row["lower"], row["upper"]], color=INK, linewidth=1.2, zorder=2)
        end = ends[1 if row["estimate"] > 0 else -1]
        face = end.colour if row["estimate"] else PAPER
        sign = {"marker": end.marker, "markerfacecolor": face, "markeredgecolor": INK, "markersize": 6}
        ax.plot([row["time"]], [row["estimate"]], linestyle="none", zorder=3, clip_on=False, **sign)


def _dress(axes: Sequence[Axes], table: pd.DataFrame, framework: Framework) -> None:
    """Set the shared limits; name the ends of the index, and the first and last year at the foot."""
    low, high = table["time"].min(), table["time"].max()
    margin = max(0.06 * (high - low), 0.5)
    ends = [wrap(stance_label(framework, stance), 60, lines=1) for stance in framework.axis]
    years = [low, high] if high > low else [low]
    n_panels = len(axes)
    for place, ax in enumerate(axes):
        ax.set_xlim(low - margin, high + margin)
        ax.set_ylim(-1.1, 1.1)
        ax.set_yticks([-1, 0, 1], [ends[0], "0", ends[1]])
        ax.yaxis.grid(True, color=RULE)
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(length=0, labelleft=place % COLUMNS == 0, labelbottom=place >= n_panels - COLUMNS)
        ax.xaxis.set_major_locator(FixedLocator(years))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{int(value)}"))
        for label, side in zip(ax.get_xticklabels(), ("left", "right"), strict=False):
            label.set_horizontalalignment(side if len(years) > 1 else "center")


def _about(table: pd.DataFrame, framework: Framework) -> str:
    """Return the note on points, counts and intervals."""
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    text = f"Up: more {last}; down: more {first}. In brackets: segments that take a stance."
    level = confidence(table)
    if all_finite(table, "lower", "upper").any():
        text += f" Whiskers: {level} intervals." if level else ""
    else:
        text += " One employer's postings are too few for an interval."
    absent = int((~all_finite(table, "estimate")).sum())
    return text + (f" {plural(absent, 'value')} not given." if absent else "")


def _words(table: pd.DataFrame, labels: Mapping[str, str], framework: Framework, title: str) -> FigureText:
    """Build alt text, caption and summary from the postings that were drawn."""
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    up = down = 0
    lines = []
    for group, label in labels.items():
        rows = table[table["series"] == group]
        drawn = rows.loc[all_finite(rows, "estimate"), "estimate"]
        if len(drawn) > 1:
            up += int(drawn.iloc[-1] > drawn.iloc[0])
            down += int(drawn.iloc[-1] < drawn.iloc[0])
        values = "; ".join(f"{row['period']} {with_interval(row)}" for _, row in rows.iterrows())
        lines.append(f"{label}: {values}.")
    shown = table.loc[all_finite(table, "estimate"), "estimate"]
    scale = f"from −1 (all {first}) to +1 (all {last})"
    alt = f"Small multiples of {plural(len(labels), 'employer')}, index {scale} by year."
    if len(shown):
        alt += (
            f" Values run from {number(shown.min(), signed=True)} to {number(shown.max(), signed=True)}. "
            f"The last point lies higher (more {last}) than the first in {up}, "
            f"lower (more {first}) in {down}; "
        )
        bounded = all_finite(table, "lower", "upper").any()
        alt += "intervals are of points, not of this difference." if bounded else "no intervals."
    what = (
        f"Index of each employer's postings: share {last} less share {first} "
        f"among segments that take a stance, {scale}"
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
