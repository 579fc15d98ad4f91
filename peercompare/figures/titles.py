"""Titles against duties: how many postings promise one stance and ask for the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, first_groups, label_of, of_corpus, require_columns, waiver_note
from peercompare.figures.style import INK, PAPER, QUIET, RULE, SMALL, in_house_style, looks
from peercompare.figures.text import (
    FigureText,
    caption_for,
    confidence,
    count,
    finite,
    footnotes,
    has_interval,
    percent,
    plural,
    reason_of,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("n_peer_titles", "n_over_clinical_duties", "share", "lower", "upper")
EVERYWHERE = "all"


@in_house_style
def title_duties(
    title_against_duties: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    by: str = "group",
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
    by : str, default "group"
        The column that names the groups.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without titles it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(title_against_duties, (by, *COLUMNS), "title_against_duties")
    table = choose(title_against_duties, where)
    table = table[table["n_peer_titles"].fillna(0) > 0]
    first, last = (label_of(framework.stances, stance) for stance in framework.axis)
    title = title or of_corpus(f"{first} titles over {last.lower()} duties", table)
    if table.empty:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "no posting has such a title")
        return canvas.ax
    rows, more = _rows_by(table, by, framework)
    letters, lines = footnotes(reason_of(row) for _, row in rows if not has_interval(row))
    reasons = [_why_not(row, letters) for _, row in rows]
    canvas = canvas_for(ax, height=0.55 + 0.46 * len(rows) + 0.17 * sum(map(_n_lines, reasons)))
    _draw_duties(canvas.ax, rows, reasons, looks(framework)[framework.axis[1]].colour)
    level = confidence(table)
    notes = [
        f"Beside: titles over {last.lower()} duties, of all {first.lower()} titles."
        + (f" Whiskers: {level} intervals." if level else ""),
        *(f"{line}." for line in lines),
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


def _why_not(row: pd.Series, letters: Mapping[str, str]) -> str:
    """Say that a row has no interval, with the letter of the reason; empty where it has one."""
    if has_interval(row):
        return ""
    return f"{'no interval' if finite(row['share']) else 'not given'} ({letters[reason_of(row)]})"


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
    # The titles are the documents that count: said once, as titles.
    said = table.drop(columns=["n_documents", "n_documents_all"], errors="ignore")
    return FigureText(title, alt, caption_for(said, what), "\n".join(lines), table)
