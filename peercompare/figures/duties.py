"""What is asked under peer titles, group by group: share of duties and share of titles, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import (
    choose,
    first_groups,
    label_of,
    of_corpus,
    require_columns,
    stance_label,
    waiver_note,
)
from peercompare.figures.style import INK, PAPER, RULE, SMALL, in_house_style, looks
from peercompare.figures.text import (
    FigureText,
    caption_for,
    confidence,
    count,
    finite,
    has_interval,
    missing,
    percent,
    plural,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("estimand", "group_by", "group", "estimate", "lower", "upper", "n_documents")
OVER = "titles_over_duties"
EVERYWHERE = "all"
MOST_GROUPS = 24
APART = 0.17
"""Half the distance between the two marks of a group, in rows."""


@in_house_style
def duty_chart(
    duties: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the share of duties of the last stance under titles of the first, and of titles over such duties.

    Parameters
    ----------
    duties : DataFrame
        From `peercompare.roles.duties_under_titles`: columns ``estimand, group_by, group, estimate, lower,
        upper, n_documents``, and ``n_clusters, n_segments, confidence_level, reason, method`` where known.
    framework : Framework
        Gives the ends of the axis and the labels of settings.
    ax : Axes, optional
        Where to draw; a new figure without it.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on. A mark without an interval is hollow.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(duties, COLUMNS, "duties_under_titles")
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    wanted = (f"share_{framework.axis[1]}", OVER)
    # Segments are labelled by codings and titles by role types: both belong on the chart.
    asked = duties[duties["estimand"].isin(wanted)].drop(columns="labels", errors="ignore")
    table = choose(asked, where)
    title = title or of_corpus(f"{last} duties under {first.lower()} titles", table)
    drawn = table[[finite(value) for value in table["estimate"]]].reset_index(drop=True)
    if drawn.empty:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "no posting has such a title")
        return canvas.ax
    keys, more = first_groups(
        zip(drawn["group_by"], drawn["group"], strict=True), noun="groups", most=MOST_GROUPS
    )
    rows = _placed(keys, framework)
    canvas = canvas_for(ax, height=0.6 + 0.4 * rows[-1][0])
    colour = looks(framework)[framework.axis[1]].colour
    _draw(canvas.ax, drawn, rows, wanted, colour)
    words = _words(drawn, rows, wanted, (first, last), title)
    finish(
        canvas, words, notes=[*_notes(drawn, first), more, waiver_note(drawn)], key=_key(colour, first, last)
    )
    return canvas.ax


def _placed(keys: Sequence[tuple[str, str]], framework: Framework) -> list[tuple[float, str, str, str, str]]:
    """Return (height, grouping, group, label, heading over it) for each row, from the top."""
    rows, y, before = [], 0.0, None
    for grouping, group in keys:
        heading = "" if grouping in (before, EVERYWHERE) else str(grouping).replace("_", " ").capitalize()
        y += 0.75 if heading else 0.0
        label = "All" if group == EVERYWHERE else label_of(framework.settings, group)
        rows.append((y, str(grouping), str(group), label, heading))
        y, before = y + 1.0, grouping
    return rows


def _draw(
    ax: Axes,
    table: pd.DataFrame,
    rows: Sequence[tuple[float, str, str, str, str]],
    wanted: Sequence[str],
    colour: str,
) -> None:
    """Draw two marks a row, with the counts at the right."""
    side = ax.get_yaxis_transform()
    for y, grouping, group, _, heading in rows:
        if heading:
            ax.text(0.0, y - 0.62, heading, transform=side, va="center", fontsize=SMALL, weight="bold")
        for place, estimand in enumerate(wanted):
            row = _row(table, grouping, group, estimand)
            if row is not None:
                _draw_mark(ax, row, y + (2 * place - 1) * APART, colour, square=place == 1)
        size = _row(table, grouping, group, wanted[0])
        size = _row(table, grouping, group, wanted[1]) if size is None else size
        ax.text(1.04, y, f"n {count(size['n_documents'])}", transform=side, va="center", fontsize=SMALL)
    ax.set_ylim(rows[-1][0] + 0.6, -0.6)
    ax.set_xlim(-0.02, 1.02)
    ax.set_yticks([row[0] for row in rows], [wrap(row[3], 92, lines=2) for row in rows], va="center")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.tick_params(length=0)
    ax.xaxis.grid(True, color=RULE)
    ax.spines["left"].set_visible(False)


def _draw_mark(ax: Axes, row: pd.Series, y: float, colour: str, *, square: bool) -> None:
    """Draw one share: filled with its whisker, hollow without an interval."""
    if has_interval(row):
        ax.plot([row["lower"], row["upper"]], [y, y], color=INK, linewidth=1.3, zorder=2)
    look = _look(colour if has_interval(row) else PAPER, square=square)
    ax.plot([row["estimate"]], [y], linestyle="none", zorder=3, clip_on=False, **look)


def _look(face: str, *, square: bool) -> dict[str, object]:
    shape = "s" if square else "o"
    return {"marker": shape, "markerfacecolor": face, "markeredgecolor": INK, "markersize": 6.0}


def _key(colour: str, first: str, last: str) -> list[Artist]:
    names = [f"{last} share of duties", f"{first} titles over mainly {last.lower()} duties"]
    return [
        Line2D([], [], linestyle="none", label=name, **_look(colour, square=place == 1))
        for place, name in enumerate(names)
    ]


def _notes(table: pd.DataFrame, first: str) -> list[str]:
    """Say what n and the whiskers are."""
    level = confidence(table)
    bare = sum(not has_interval(row) for _, row in table.iterrows())
    return [
        f"n: postings with a {first.lower()} title. Whiskers: {level} intervals over employers.",
        f"Hollow: no interval ({plural(bare, 'mark')}); the table says why." if bare else "",
    ]


def _row(table: pd.DataFrame, grouping: str, group: str, estimand: str) -> pd.Series | None:
    found = table[
        (table["group_by"] == grouping)
        & (table["group"].astype(str) == group)
        & (table["estimand"] == estimand)
    ]
    return None if found.empty else found.iloc[0]


def _words(
    table: pd.DataFrame,
    rows: Sequence[tuple[float, str, str, str, str]],
    wanted: Sequence[str],
    ends: tuple[str, str],
    title: str,
) -> FigureText:
    """Build alt text, caption and summary from the shares that were drawn."""
    first, last = ends
    lines = []
    for _, grouping, group, label, _ in rows:
        parts = []
        for estimand, what in zip(wanted, ("of duties", "of titles"), strict=True):
            row = _row(table, grouping, group, estimand)
            if row is not None:
                parts.append(f"{what} {with_interval(row, percent)}")
        name = label if grouping == EVERYWHERE else f"{grouping.replace('_', ' ')} {label}"
        lines.append(f"{name}: {'; '.join(parts)}.")
    alt = (
        f"Dot-and-whisker chart of {last.lower()} duties under {first.lower()} titles, "
        f"{plural(len(rows), 'group')}. {lines[0]}"
    )
    shares = table[(table["estimand"] == wanted[0]) & (table["group_by"] != EVERYWHERE)]
    shares = shares[[not missing(low) for low in shares["lower"]]]
    if len(shares) > 1:
        low, high = (
            shares.loc[place] for place in (shares["estimate"].idxmin(), shares["estimate"].idxmax())
        )
        alt += (
            f" Among groups with an interval, duties run from {percent(low['estimate'])} "
            f"({str(low['group']).replace('_', ' ')}) to {percent(high['estimate'])} "
            f"({str(high['group']).replace('_', ' ')})."
        )
    what = (
        f"{last} share of the duties in postings with a {first.lower()} title, "
        f"and share of these titles that stand over mainly {last.lower()} duties"
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
