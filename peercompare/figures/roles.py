"""What postings promise and ask: titles against duties, and role-integrity markers, by setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, first_groups, label_of, of_corpus, require_columns, waiver_note
from peercompare.figures.style import INK, PAPER, QUIET, RULE, SMALL, in_house_style, ink_on, looks, tint
from peercompare.figures.text import (
    FigureText,
    caption_for,
    confidence,
    count,
    finite,
    has_interval,
    listing,
    percent,
    plural,
    reason_of,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

DUTIES_COLUMNS = ("n_peer_titles", "n_over_clinical_duties", "share", "lower", "upper")
MARKER_COLUMNS = ("marker", "finding", "n", "n_documents")
EVERYWHERE = "all"
HEADING = 0.62
"""Height of a heading between markers, in rows."""


@in_house_style
def title_duties(
    title_against_duties: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    by: str = "setting",
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the share of peer titles that stand over clinical duties, by setting, with intervals and counts.

    Parameters
    ----------
    title_against_duties : DataFrame
        Columns `by`, ``n_peer_titles, n_over_clinical_duties, share, lower, upper`` (shares from 0 to 1), and
        ``n_employers, method, confidence_level, reason`` where known. The row "all" is drawn first.
    framework : Framework
        Gives the labels of settings and of the ends of the axis.
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

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(title_against_duties, (by, *DUTIES_COLUMNS), "title_against_duties")
    table = choose(title_against_duties, where)
    table = table[table["n_peer_titles"].fillna(0) > 0]
    first, last = (label_of(framework.stances, stance) for stance in framework.axis)
    title = title or of_corpus(f"{first} titles over {last.lower()} duties", table)
    if table.empty:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "no posting has such a title")
        return canvas.ax
    rows, more = _rows_by(table, by, framework)
    reasons = [_why_not(row) for _, row in rows]
    canvas = canvas_for(ax, height=0.55 + 0.46 * len(rows) + 0.17 * sum(map(_n_lines, reasons)))
    _draw_duties(canvas.ax, rows, reasons, looks(framework)[framework.axis[1]].colour)
    level = confidence(table)
    notes = [
        f"Beside: titles over {last.lower()} duties, of all {first.lower()} titles."
        + (f" Whiskers: {level} intervals." if level else ""),
        more,
        waiver_note(table),
    ]
    finish(canvas, _duties_words(rows, first, last, title), notes=notes)
    return canvas.ax


def _rows_by(table: pd.DataFrame, by: str, framework: Framework) -> tuple[list[tuple[str, pd.Series]], str]:
    """Return (label, row) in the framework's order of settings, the total first."""
    order = [EVERYWHERE, *(setting.id for setting in framework.settings)]
    groups = [str(group) for group in table[by]]
    ranked = sorted(
        zip(groups, (row for _, row in table.iterrows()), strict=True),
        key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order),
    )
    kept, more = first_groups(range(len(ranked)), noun="groups")
    rows = [ranked[place] for place in kept]
    return [("All" if g == EVERYWHERE else label_of(framework.settings, g), row) for g, row in rows], more


def _why_not(row: pd.Series) -> str:
    """Return why a row has no interval, wrapped to lie under its dot; empty where it has one."""
    if has_interval(row):
        return ""
    return wrap(f"{'no interval' if finite(row['share']) else 'not given'}: {reason_of(row)}", 185, lines=3)


def _n_lines(text: str) -> int:
    """Return on how many lines a text stands."""
    return len(text.splitlines())


def _draw_duties(ax: Axes, rows: list[tuple[str, pd.Series]], reasons: list[str], colour: str) -> None:
    """Draw a dot and its whisker for each group, with the counts at the right and the reason under it."""
    side = ax.get_yaxis_transform()
    places, bottom = [], 0.0
    for (_, row), reason in zip(rows, reasons, strict=True):
        places.append(bottom)
        _draw_share(ax, row, bottom, colour)
        counts = f"{count(row['n_over_clinical_duties'])} of {count(row['n_peer_titles'])}"
        ax.text(1.04, bottom, counts, transform=side, va="center", fontsize=SMALL)
        style = {"fontsize": SMALL, "color": QUIET, "style": "italic", "linespacing": 1.05}
        ax.text(0.0, bottom + 0.25, reason, transform=side, va="top", **style)
        bottom += 1.0 + 0.37 * _n_lines(reason)
    ax.set_ylim(bottom - 0.45, -0.5)
    ax.set_xlim(-0.02, 1.02)
    ax.set_yticks(places, [wrap(label, 92, lines=2) for label, _ in rows], va="center")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.tick_params(length=0)
    ax.xaxis.grid(True, color=RULE)
    ax.spines["left"].set_visible(False)


def _draw_share(ax: Axes, row: pd.Series, y: float, colour: str) -> None:
    """Draw one share: filled with its whisker, hollow without an interval."""
    if not finite(row["share"]):
        return
    if has_interval(row):
        ax.plot([row["lower"], row["upper"]], [y, y], color=INK, linewidth=1.5, zorder=2)
    face = colour if has_interval(row) else PAPER
    sign = {"marker": "s", "markerfacecolor": face, "markeredgecolor": INK, "markersize": 7.5}
    ax.plot([row["share"]], [y], linestyle="none", zorder=3, clip_on=False, **sign)


def _duties_words(rows: list[tuple[str, pd.Series]], first: str, last: str, title: str) -> FigureText:
    """Build alt text, caption and summary from the groups that were drawn."""
    lines = []
    for label, row in rows:
        interval = f" ({percent(row['lower'])} to {percent(row['upper'])})" if has_interval(row) else ""
        why = "" if interval else f", no interval: {reason_of(row)}"
        counts = f"{count(row['n_over_clinical_duties'])} of {plural(row['n_peer_titles'], 'title')}"
        lines.append(f"{label}: {percent(row['share'])}{interval}, {counts}{why}.")
    shares = [(float(row["share"]), label) for label, row in rows if label != "All" and finite(row["share"])]
    alt = (
        f"Dot-and-whisker chart of {first.lower()} titles over {last.lower()} duties, "
        f"{plural(len(rows), 'row')}. {lines[0]}"
    )
    if len(shares) > 1:
        low, high = min(shares), max(shares)
        alt += f" From {percent(low[0])} ({low[1]}) to {percent(high[0])} ({high[1]})."
    table = pd.DataFrame([row for _, row in rows]).reset_index(drop=True)
    what = f"Share of postings with a {first.lower()} title whose main duties are {last.lower()}"
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)


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
        ``n_documents`` (documents looked at); ``share`` may stand beside and is then ``n / n_documents``.
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

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(marker_shares, (by, *MARKER_COLUMNS), "marker_shares")
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
    canvas = canvas_for(ax, height=1.35 + 0.43 * bottom)
    _draw_markers(canvas.ax, table, by, groups, lines, framework)
    _dress_markers(canvas.ax, table, by, groups, lines, framework)
    notes = [
        "Share of postings in which the marker is present. In brackets: postings whose text rules it out.",
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
    present, excluded = (int(rows.loc[rows["finding"] == f, "n"].sum()) for f in ("present", "excluded"))
    return present, excluded, int(rows["n_documents"].max()) if len(rows) else 0


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
            _draw_marker_cell(ax, _counts(table, by, group, marker), place, y, colour)


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


def _draw_marker_cell(ax: Axes, counts: tuple[int, int, int], place: int, line: float, colour: str) -> None:
    """Draw one cell: shaded by the share present, with both shares."""
    present, excluded, size = counts
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
        weight="bold",
    )
    if excluded:
        said = f"({percent(excluded / size)})"
        ax.text(place + 0.5, line + 0.72, said, ha="center", va="center", color=ink, fontsize=SMALL)


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
            text = f"{label} {percent(present / size)} ({count(present)} of {count(size)})"
            said.append(text + (f", ruled out in {percent(excluded / size)}" if excluded else ""))
            overall.append((present / size, name, label))
        lines.append(f"{name}: {'; '.join(said)}.")
    alt = (
        f"Chart of {plural(len(markers), 'marker')} by {plural(len(groups), 'group')}: "
        "share of postings with each present."
    )
    top = sorted(overall, key=lambda item: -item[0])[:3]
    if top:
        most = listing(f"{name} ({label}, {percent(share)})" for share, name, label in top)
        alt += f" Most often present: {most}."
    what = "Share of postings in which a marker is present, or ruled out by the text, by " + by.replace(
        "_", " "
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
