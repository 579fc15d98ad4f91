"""Role-integrity markers by setting: how many postings show each, and how many rule it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, first_groups, label_of, of_corpus, require_columns, waiver_note
from peercompare.figures.style import QUIET, RULE, SMALL, in_house_style, ink_on, looks, tint
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    count,
    has_interval,
    listing,
    percent,
    plural,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("marker", "finding", "n", "n_documents")
FINDINGS = ("present", "excluded")
EVERYWHERE = "all"
MIN_EMPLOYERS = 5
"""Below this many employers a share has no interval, and its cell is set in italics."""

LEAST_HEIGHT = 2.4
"""Room for the upright names of groups over one row, in inches."""

HEADING = 0.62
"""Height of a heading between markers, in rows."""


@in_house_style
def marker_chart(
    marker_shares: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    by: str = "setting",
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the share of postings with each marker present, by setting, and how many texts exclude it.

    Parameters
    ----------
    marker_shares : DataFrame
        Columns `by`, ``marker, finding`` ("present" or "excluded"), ``n`` (documents with that finding) and
        ``n_documents`` (documents looked at); from `peercompare.roles.marker_shares`. Where ``n_employers``
        is there, cells of fewer than five employers are set in italics; ``lower, upper`` go into the words,
        and ``corpus`` into the title.
    framework : Framework
        Gives the markers and settings, their order, and the side a marker speaks for.
    ax : Axes, optional
        Where to draw; a new figure without it.
    by : str, default "setting"
        The column that names the groups.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without postings it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(marker_shares, (by, *COLUMNS), "marker_shares")
    table = choose(marker_shares, where)
    table = table[table["n_documents"].fillna(0) > 0]
    title = title or of_corpus("Role-integrity markers by setting", table)
    if table.empty:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "no posting was looked at for markers")
        return canvas.ax
    groups = _ordered([EVERYWHERE, *(setting.id for setting in framework.settings)], table[by])
    groups, more = first_groups(groups, noun="groups", most=6)
    markers = _markers(framework, table)
    lines, bottom = _lines_of(markers, framework)
    canvas = canvas_for(ax, height=max(LEAST_HEIGHT, 1.35 + 0.43 * bottom))
    _draw_markers(canvas.ax, table, by, groups, lines, framework)
    _dress_markers(canvas.ax, table, by, groups, lines, framework)
    notes = [
        "Share of postings in which the marker is present. In brackets: postings whose text rules it out.",
        _about_intervals(table, by, groups),
        more,
        waiver_note(table),
    ]
    words = _marker_words(table, by, groups, markers, framework, title)
    finish(canvas, words, notes=notes)
    return canvas.ax


def _ordered(order: list[str], values: pd.Series) -> list[str]:
    """Return the values that occur, in a given order, others after them."""
    found = [str(value) for value in dict.fromkeys(values)]
    return [value for value in order if value in found] + [value for value in found if value not in order]


def _markers(framework: Framework, table: pd.DataFrame) -> list[str]:
    """Return the markers that occur, by the side they speak for."""
    sides = [*framework.stance_ids, ""]
    known = sorted(
        framework.markers, key=lambda marker: sides.index(marker.side) if marker.side in sides else 99
    )
    return _ordered([marker.id for marker in known], table["marker"])


def _counts(table: pd.DataFrame, by: str, group: str, marker: str) -> tuple[int, int, int]:
    """Return the documents with the marker present, with it excluded, and looked at."""
    rows = table[(table[by].astype(str) == group) & (table["marker"] == marker)]
    present, excluded = (int(rows.loc[rows["finding"] == f, "n"].sum()) for f in FINDINGS)
    return present, excluded, int(rows["n_documents"].max()) if len(rows) else 0


def _bounds(table: pd.DataFrame, by: str, group: str, marker: str) -> str:
    """Return the interval of the share present, as it goes behind the counts; empty where there is none."""
    rows = table[(table[by].astype(str) == group) & (table["marker"] == marker)]
    rows = rows[rows["finding"] == FINDINGS[0]]
    if rows.empty or not has_interval(rows.iloc[0]):
        return ""
    return f", {percent(rows.iloc[0]['lower'])} to {percent(rows.iloc[0]['upper'])}"


def _few_employers(table: pd.DataFrame, by: str, group: str) -> bool:
    """Say whether a group rests on fewer than five employers, where that is known."""
    if "n_employers" not in table:
        return False
    return bool(table.loc[table[by].astype(str) == group, "n_employers"].max() < MIN_EMPLOYERS)


def _about_intervals(table: pd.DataFrame, by: str, groups: list[str]) -> str:
    """Return the note on cells of few employers, and on where the intervals of the others are."""
    parts = []
    if any(_few_employers(table, by, group) for group in groups):
        parts.append("In italics: fewer than five employers, too few for an interval.")
    if {"lower", "upper"} <= set(table) and all_finite(table, "lower", "upper").any():
        parts.append(f"{confidence(table)} intervals stand in the table.".strip())
    return " ".join(parts)


def _lines_of(markers: list[str], framework: Framework) -> tuple[list[tuple[float, str, str]], float]:
    """Return (height, marker, heading over it) for each line of the chart, from the top, and the bottom."""
    sides = {marker.id: marker.side for marker in framework.markers}
    lines, y, before = [], 0.0, None
    for marker in markers:
        side = sides.get(marker, "")
        heading = "" if side == before else _side_label(side, framework)
        y += HEADING if heading else 0.0
        lines.append((y, marker, heading))
        y, before = y + 1.0, side
    return lines, y


def _side_label(side: str, framework: Framework) -> str:
    """Say what the markers of one side speak for."""
    return f"Speaks for {label_of(framework.stances, side).lower()}" if side else "Condition of work"


def _draw_markers(
    ax: Axes,
    table: pd.DataFrame,
    by: str,
    groups: list[str],
    lines: list[tuple[float, str, str]],
    framework: Framework,
) -> None:
    """Draw a cell for each marker and group, under the headings of their sides."""
    sides = {marker.id: marker.side for marker in framework.markers}
    styles = looks(framework)
    for y, marker, heading in lines:
        side = sides.get(marker, "")
        colour = styles[side].colour if side in styles else QUIET
        if heading:
            ax.text(0.04, y - 0.08, heading, va="bottom", fontsize=SMALL, weight="bold")
        for place, group in enumerate(groups):
            few = _few_employers(table, by, group)
            _draw_marker_cell(ax, _counts(table, by, group, marker), (place, y), colour, few=few)


def _dress_markers(
    ax: Axes,
    table: pd.DataFrame,
    by: str,
    groups: list[str],
    lines: list[tuple[float, str, str]],
    framework: Framework,
) -> None:
    """Name the markers at the left and the groups, with their sizes, on top."""
    for place, group in enumerate(groups):
        size = int(table.loc[table[by].astype(str) == group, "n_documents"].max())
        name = "All" if group == EVERYWHERE else label_of(framework.settings, group)
        ax.text(place + 0.5, -0.12, f"n {count(size)}", ha="center", va="bottom", fontsize=SMALL)
        upright = {"rotation": 90, "ha": "center", "va": "bottom", "linespacing": 1.0}
        ax.text(place + 0.5, -0.62, wrap(name, 84, lines=2), fontsize=SMALL, **upright)
    labels = [wrap(label_of(framework.markers, marker), 116) for _, marker, _ in lines]
    ax.set_yticks([y + 0.5 for y, _, _ in lines], labels, va="center", linespacing=0.95)
    ax.set_xticks([])
    ax.set_xlim(0, len(groups))
    ax.set_ylim(lines[-1][0] + 1.0, 0)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _draw_marker_cell(
    ax: Axes, counts: tuple[int, int, int], at: tuple[int, float], colour: str, *, few: bool
) -> None:
    """Draw one cell: shaded by the share present, with both shares, in italics where employers are few."""
    (present, excluded, size), (place, line) = counts, at
    slant = {"style": "italic" if few else "normal"}
    share = present / size if size else 0.0
    ground = tint(colour, 0.9 * share)
    ax.add_patch(
        Rectangle((place + 0.03, line + 0.04), 0.94, 0.92, facecolor=ground, edgecolor=RULE, linewidth=0.7)
    )
    if not size:
        ax.text(place + 0.5, line + 0.5, "–", ha="center", va="center", fontsize=SMALL)
        return
    ink = ink_on(ground)
    middle = line + (0.3 if excluded else 0.5)
    ax.text(
        place + 0.5,
        middle,
        percent(share),
        ha="center",
        va="center",
        color=ink,
        fontsize=SMALL,
        weight="normal" if few else "bold",
        **slant,
    )
    if excluded:
        said = f"({percent(excluded / size)})"
        ax.text(place + 0.5, line + 0.72, said, ha="center", va="center", color=ink, fontsize=SMALL, **slant)


def _marker_words(
    table: pd.DataFrame, by: str, groups: list[str], markers: list[str], framework: Framework, title: str
) -> FigureText:
    """Build alt text, caption and summary from the cells that were drawn."""
    lines, overall = [], []
    for marker in markers:
        name = label_of(framework.markers, marker)
        said = []
        for group in groups:
            present, excluded, size = _counts(table, by, group, marker)
            if not size:
                continue
            label = "all" if group == EVERYWHERE else label_of(framework.settings, group)
            bounds = _bounds(table, by, group, marker)
            text = f"{label} {percent(present / size)} ({count(present)} of {count(size)}{bounds})"
            said.append(text + (f", ruled out in {percent(excluded / size)}" if excluded else ""))
            if not _few_employers(table, by, group):
                overall.append((present / size, name, label))
        lines.append(f"{name}: {'; '.join(said)}.")
    few = [group for group in groups if _few_employers(table, by, group)]
    if few:
        named = listing(label_of(framework.settings, group) for group in few)
        lines.append(f"Fewer than five employers, so no intervals: {named}.")
    alt = (
        f"Chart of {plural(len(markers), 'marker')} by {plural(len(groups), 'group')}: "
        "share of postings with each present."
    )
    top = sorted(overall, key=lambda item: -item[0])[:3]
    if top:
        most = listing(f"{name} ({label}, {percent(share)})" for share, name, label in top)
        alt += f" Most often present: {most}."
    if few:
        alt += f" {plural(len(few), 'group')} of fewer than five employers, in italics, without intervals."
    what = "Share of postings in which a marker is present, or ruled out by the text, by " + by.replace(
        "_", " "
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
