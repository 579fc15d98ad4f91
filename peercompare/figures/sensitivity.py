"""The index under each choice, one under the other: what a conclusion hangs on can be seen at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import (
    choose,
    first_groups,
    of_corpus,
    require_columns,
    stance_label,
    waiver_note,
)
from peercompare.figures.style import INK, PAPER, QUIET, RULE, SMALL, in_house_style
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    finite,
    has_interval,
    merged,
    number,
    plural,
    reason_of,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("choice_id", "words", "estimate", "lower", "upper")
AS_PLANNED, ONE_OUT = "as_planned", "leave_out_one_cluster"
ROW, LINE = 0.24, 0.155
"""Height of a row of one line, and of each further line, in inches."""

LABEL = 150
"""Room for a choice's words in points."""

MOST = 40


@in_house_style
def sensitivity_chart(
    sensitivity: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the index as planned and under every other choice, with intervals, from top to bottom.

    Parameters
    ----------
    sensitivity : DataFrame
        One row for each choice: ``choice_id, words, estimate, lower, upper`` and ``reason``. ``as_planned``
        comes first, and its value is drawn through all rows. ``leave_out_one_cluster`` has a range in the
        place of an interval. What is withheld keeps its row, empty.
    framework : Framework
        Names the ends of the axis.
    ax : Axes, optional
        Drawn on a new figure without one.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        With a row for each choice, from top to bottom.

    Raises
    ------
    InputError
        Where columns are missing, or rows of several corpora would be mixed.
    """
    require_columns(sensitivity, COLUMNS, "sensitivity")
    table = _rows_of(sensitivity, where)
    title = title or of_corpus("The index under other choices", table)
    known = all_finite(table, "estimate") | all_finite(table, "lower", "upper") if len(table) else []
    if not np.any(known):
        canvas = canvas_for(ax, height=0.8)
        why = "; ".join(merged(dict.fromkeys(reason_of(row) for _, row in table.iterrows())))
        say_nothing_to_draw(canvas, title, why or "the table holds no choices")
        return canvas.ax
    labels = [wrap(_capital(words), LABEL, lines=4) for words in table["words"]]
    places = _places(labels)
    canvas = canvas_for(ax, height=places[-1] + ROW + 0.35)
    for place, (_, row) in zip(places, table.iterrows(), strict=True):
        _draw_row(canvas.ax, row, place)
    _dress(canvas.ax, table, framework, labels, places)
    finish(canvas, _words(table, framework, title), notes=_notes(table), key=_key(table), columns=2)
    return canvas.ax


def _rows_of(sensitivity: pd.DataFrame, where: Mapping[str, str] | None) -> pd.DataFrame:
    """Return the rows of one corpus; variants and labels are choices here, so all of them stay."""
    plain = sensitivity.drop(columns=[name for name in ("variant", "labels") if name in sensitivity])
    table = choose(plain, where, one_of=("corpus",))
    kept, _ = first_groups(table.index, noun="choices", most=MOST)
    return table.loc[kept]


def _places(labels: list[str]) -> np.ndarray:
    """Return how far below the top each row stands, by the lines of its label."""
    heights = np.array([ROW + LINE * label.count("\n") for label in labels])
    return np.cumsum(heights) - heights / 2


def _draw_row(ax: Axes, row: pd.Series, place: float) -> None:
    """Draw one choice: a point with its interval, hollow without one; a range without a point."""
    if row["choice_id"] == ONE_OUT and has_interval(row):
        ax.plot(
            [row["lower"], row["upper"]], [place] * 2, "|-", color=INK, linewidth=1.0, markersize=9, zorder=3
        )
    elif finite(row["estimate"]):
        if has_interval(row):
            ax.plot([row["lower"], row["upper"]], [place] * 2, color=INK, linewidth=1.5, zorder=3)
        face = INK if has_interval(row) else PAPER
        marker = "D" if row["choice_id"] == AS_PLANNED else "o"
        ax.plot([row["estimate"]], [place], marker, color=INK, markerfacecolor=face, markersize=6.5, zorder=4)
    else:
        hidden = str(row.get("reason", "")).startswith("withheld")
        words = "withheld" if hidden else "not estimated"
        ax.text(
            0.98, place, words, transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=SMALL
        )


def _dress(
    ax: Axes, table: pd.DataFrame, framework: Framework, labels: list[str], places: np.ndarray
) -> None:
    """Name the rows and the ends, and draw zero and the planned value through all."""
    drawn = table[["estimate", "lower", "upper"]].to_numpy(dtype=float)
    reach = np.ceil(10 * np.nanmax(np.abs(drawn)) + 0.5) / 10
    ax.set_xlim(-reach, reach)
    ax.set_ylim(places[-1] + ROW, 0)
    ax.set_yticks(places, labels, fontsize=SMALL)
    ax.axvline(0, color=QUIET, linewidth=0.8, zorder=1)
    planned = table.loc[table["choice_id"] == AS_PLANNED, "estimate"]
    if len(planned) and finite(planned.iloc[0]):
        ax.axvline(planned.iloc[0], color=INK, linewidth=1.0, linestyle=(0, (1, 2)), zorder=2)
    ax.set_xticks([-reach, 0, reach], [number(-reach, digits=1), "0", number(reach, digits=1)])
    first, last = (stance_label(framework, stance).lower() for stance in framework.axis)
    ax.set_xlabel(f"← {first}    index    {last} →", fontsize=SMALL)
    ax.xaxis.grid(True, color=RULE)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)


def _key(table: pd.DataFrame) -> list[Artist]:
    """Return the key of signs in use."""
    sign = {"color": INK, "linestyle": "none"}
    rows = table[table["choice_id"] != ONE_OUT]
    bare = all_finite(rows, "estimate") & ~all_finite(rows, "lower", "upper")
    key: list[Artist] = [Line2D([], [], marker="D", label="as planned", **sign)]
    key.append(Line2D([], [], marker="o", label="other choice", **sign))
    if bare.any():
        key.append(Line2D([], [], marker="o", markerfacecolor=PAPER, label="no interval", **sign))
    if all_finite(table[table["choice_id"] == ONE_OUT], "lower", "upper").any():
        key.append(Line2D([], [], color=INK, marker="|", linewidth=1.0, markersize=9, label="range"))
    return key


def _notes(table: pd.DataFrame) -> list[str]:
    """Say what the lines are, and why some rows are empty."""
    level = confidence(table)
    lines = f"Lines: {level} intervals, each for one choice. " if level else ""
    bare = table[~all_finite(table, "lower", "upper")]
    why = merged(dict.fromkeys(reason_of(row) for _, row in bare.iterrows()))
    return [
        f"{lines}Dotted: the index as planned.",
        f"Without a line: {'; '.join(why)}." if why else "",
        waiver_note(table),
    ]


def _words(table: pd.DataFrame, framework: Framework, title: str) -> FigureText:
    """Build alt text, caption and summary from the choices that were drawn."""
    known = table[all_finite(table, "estimate")]
    planned = known[known["choice_id"] == AS_PLANNED]
    others = known[known["choice_id"] != AS_PLANNED]
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    scale = f"from −1 (all {first}) to +1 (all {last})"
    alt = f"Index {scale} under {plural(len(others), 'other choice')}"
    if len(planned):
        alt += f"; as planned {with_interval(planned.iloc[0])}"
    if len(others):
        low, high = (others.loc[at] for at in (others["estimate"].idxmin(), others["estimate"].idxmax()))
        alt += (
            f"; lowest {number(low['estimate'], signed=True)} ({low['words']}), "
            f"highest {number(high['estimate'], signed=True)} ({high['words']})"
        )
    hidden = (
        len(table) - len(known) - int((all_finite(table, "lower", "upper") & table["estimate"].isna()).sum())
    )
    alt += f"; {plural(hidden, 'row')} without a value." if hidden else "."
    lines = [f"{_capital(row['words'])}: {_said(row)}." for _, row in table.iterrows()]
    caption = caption_for(
        table[table["choice_id"] != ONE_OUT],
        f"Index: share {last} less share {first} among segments that take a stance, {scale}, made otherwise",
    )
    if note := waiver_note(table):
        alt += f" {note}"
        caption += "" if note in caption else f" {note}"
    return FigureText(title, alt, caption, "\n".join(lines), table)


def _said(row: pd.Series) -> str:
    if row["choice_id"] == ONE_OUT and has_interval(row):
        return f"{number(row['lower'])} to {number(row['upper'])}"
    return with_interval(row)


def _capital(words: object) -> str:
    """Begin with a capital, and leave names in the words as they are."""
    return str(words)[:1].upper() + str(words)[1:]
