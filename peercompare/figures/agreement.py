"""Agreement between coders: a dot and a whisker for each coefficient and scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from peercompare.figures.canvas import canvas_for, finish, printable, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, first_groups, label_of, of_corpus, require_columns, stance_label
from peercompare.figures.style import BASE, INK, PAPER, QUIET, RULE, SMALL, in_house_style
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    count,
    finite,
    footnotes,
    has_interval,
    listing,
    number,
    reason_of,
    sizes,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COEFFICIENTS = {
    "alpha": ("Krippendorff's alpha", "o", INK),
    "ac1": ("Gwet's AC1", "D", PAPER),
    "raw": ("raw agreement", "^", PAPER),
}
SHORT = {"alpha": "alpha", "ac1": "AC1", "raw": "raw"}
"""Label, shape and fill of each coefficient: told apart by shape, not by colour."""

HEADINGS = {
    "overall": "All segments",
    "stance": "One stance against the rest",
    "dimension": "Dimensions",
    "code": "Codes",
}
COLUMNS = ("scope", "level", "value", "coefficient", "estimate", "lower", "upper")
STEP = 0.3
"""Distance between the coefficients of one row; a row is one unit high."""


@in_house_style
def agreement_dots(
    agreement: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    scopes: Sequence[str] = ("overall", "stance", "dimension"),
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw agreement by scope: alpha, AC1 and raw agreement as dots with their intervals.

    Parameters
    ----------
    agreement : DataFrame
        Columns ``scope, level, value, coefficient, estimate, lower, upper``, and ``corpus, n_segments,
        method, confidence_level, reason`` where known. Estimates are on the scale of the coefficient, 1 at
        most. Where an interval is absent its reason is printed.
    framework : Framework
        Gives the labels of stances, dimensions and codes.
    ax : Axes, optional
        Where to draw; a new figure without it.
    scopes : sequence of {"overall", "stance", "dimension", "code"}
        What to draw, from top to bottom.
    where : mapping, optional
        Values that columns must have, e.g. ``{"corpus": "job_descriptions"}``.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without rows it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(agreement, COLUMNS, "agreement")
    table = choose(agreement, where)
    table = table[table["scope"].isin(scopes) & table["coefficient"].isin(COEFFICIENTS)]
    title = title or of_corpus("How far the coders agree", table)
    if table.empty:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "the table holds no agreement to draw")
        return canvas.ax
    rows, note = _rows_of(table, framework, scopes)
    shown = pd.concat([part for _, _, part in rows], ignore_index=True)
    lacking = [reason_of(row) for _, row in shown.iterrows() if not has_interval(row)]
    letters, reasons = footnotes(lacking)
    places, bottom = _places(rows, letters)
    canvas = canvas_for(ax, height=0.75 + 0.36 * bottom)
    _draw_rows(canvas.ax, rows, places)
    _dress(canvas.ax, rows, shown, places, bottom)
    key = _key(shown)
    finish(
        canvas,
        _words(rows, shown, title),
        notes=[_about_n(shown), *(f"{reason}." for reason in reasons), note],
        key=key,
        columns=3,
    )
    return canvas.ax


def _rows_of(
    table: pd.DataFrame, framework: Framework, scopes: Sequence[str]
) -> tuple[list[tuple[str, str, pd.DataFrame]], str]:
    """Return (scope, label, rows of the table) for each line of the chart, in the framework's order."""
    order = [
        *framework.labels,
        *(dimension.id for dimension in framework.dimensions),
        *(code.id for code in framework.codes),
    ]
    rank = {value: place for place, value in enumerate(order)}
    keys = table[["scope", "level", "value"]].fillna("").astype(str).drop_duplicates()
    keys = sorted(
        keys.itertuples(index=False),
        key=lambda key: (list(scopes).index(key.scope), rank.get(key.value, len(rank))),
    )
    keys, note = first_groups(keys, noun="scopes")
    filled = table.assign(value=table["value"].fillna("").astype(str))
    rows = []
    for key in keys:
        part = filled[
            (filled["scope"] == key.scope) & (filled["level"] == key.level) & (filled["value"] == key.value)
        ]
        rows.append((key.scope, _label(key, framework), part))
    return rows, note


def _label(key: object, framework: Framework) -> str:
    """Return the label of one line."""
    if key.scope == "overall":
        return f"by {key.level}"
    if key.scope == "stance":
        return stance_label(framework, key.value)
    items = framework.dimensions if key.scope == "dimension" else framework.codes
    return framework.none.label if key.value == framework.none.id else label_of(items, key.value)


def _why_not(part: pd.DataFrame, letters: Mapping[str, str]) -> str:
    """Say which coefficients of a line have no interval or no value, with the letters of the reasons."""
    said: dict[str, list[str]] = {}
    for _, row in part.iterrows():
        if not has_interval(row):
            kind = "no interval" if finite(row["estimate"]) else "undefined"
            said.setdefault(f"{kind} ({letters[reason_of(row)]})", []).append(SHORT[row["coefficient"]])
    return "; ".join(
        kind if len(names) == len(part) else f"{listing(names)}: {kind}" for kind, names in said.items()
    )


def _places(
    rows: Sequence[tuple[str, str, pd.DataFrame]], letters: Mapping[str, str]
) -> tuple[list[tuple[float, str, str]], float]:
    """Return (height, heading above, reason under) for each line, from the top, and the bottom."""
    places, y, before = [], 0.0, None
    for scope, _, part in rows:
        heading = HEADINGS.get(scope, scope) if scope != before else ""
        y += 0.85 if heading else 0.0
        reason = wrap(_why_not(part, letters), 175, lines=3)
        places.append((y, heading, reason))
        y += 1.0 + 0.55 * (len(reason.splitlines()))
        before = scope
    return places, y


def _draw_rows(ax: Axes, rows: Sequence, places: Sequence[tuple[float, str, str]]) -> None:
    """Draw the dots, whiskers, counts, headings and reasons."""
    alone = _same_n(pd.concat([part for _, _, part in rows])) is not None
    for (_, _, part), (y, heading, reason) in zip(rows, places, strict=True):
        for place, (name, (_, marker, face)) in enumerate(COEFFICIENTS.items()):
            for _, row in part[part["coefficient"] == name].iterrows():
                _dot(ax, row, y + STEP * (place - 1), marker, face)
        side = ax.get_yaxis_transform()
        ax.text(
            1.02, y, _right_text(part, alone), transform=side, va="center", fontsize=SMALL, linespacing=1.1
        )
        if heading:
            ax.text(0.0, y - 0.78, heading, transform=side, va="center", fontsize=BASE, weight="bold")
        if reason:
            ax.text(
                0.0, y + 0.5, reason, transform=side, va="top", fontsize=SMALL, color=QUIET, style="italic"
            )


def _dot(ax: Axes, row: pd.Series, y: float, marker: str, face: str) -> None:
    """Draw one coefficient."""
    if not finite(row["estimate"]):
        return
    if has_interval(row):
        ax.plot(
            [row["lower"], row["upper"]], [y, y], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=2
        )
    sign = {"marker": marker, "markerfacecolor": face, "markersize": 6, "linestyle": "none", "clip_on": False}
    ax.plot([row["estimate"]], [y], color=INK, zorder=3, **sign)


def _right_text(part: pd.DataFrame, alone: bool) -> str:
    """Return alpha for the right margin, with n under it where n differs between the rows."""
    alpha = part.loc[part["coefficient"] == "alpha", "estimate"]
    first = number(alpha.iloc[0]) if len(alpha) else ""
    if alone or "n_segments" not in part:
        return first
    return f"{first}\nn {count(part['n_segments'].max())}"


def _same_n(shown: pd.DataFrame) -> int | None:
    """Return the number of segments where all rows share one."""
    sizes = set(shown["n_segments"].dropna()) if "n_segments" in shown else set()
    return int(sizes.pop()) if len(sizes) == 1 else None


def _about_n(shown: pd.DataFrame) -> str:
    """Return the note on how many segments, documents and coders the rows rest on."""
    same = _same_n(shown)
    each = f"n = {sizes(shown)}" if same is not None else "n: segments that two coders or more have coded"
    level = confidence(shown)
    return f"{each}. Whiskers: {level} intervals." if level else f"{each}."


def _dress(
    ax: Axes, rows: Sequence, shown: pd.DataFrame, places: Sequence[tuple[float, str, str]], bottom: float
) -> None:
    """Set limits, labels and grid."""
    numbers = pd.to_numeric(shown[["estimate", "lower"]].stack(), errors="coerce").dropna()
    low = min(0.8, float(np.floor(5 * numbers.min()) / 5)) if len(numbers) else 0.0
    ax.set_xlim(low - 0.02 * (1 - low), 1.0 + 0.02 * (1 - low))
    ax.set_ylim(bottom - 0.4, -0.45)
    ax.set_yticks([y for y, _, _ in places], [wrap(label, 105) for _, label, _ in rows], linespacing=1.05)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.grid(True, color=RULE)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.set_xlabel("coefficient (1 = full agreement)")
    side = ax.get_yaxis_transform()
    ax.text(1.02, places[0][0] - 0.78, "alpha", transform=side, va="center", fontsize=SMALL, weight="bold")


def _key(shown: pd.DataFrame) -> list[Line2D]:
    """Return the key of shapes."""
    return [
        Line2D([], [], color=INK, marker=marker, markerfacecolor=face, linestyle="none", label=label)
        for name, (label, marker, face) in COEFFICIENTS.items()
        if (shown["coefficient"] == name).any()
    ]


def _words(rows: Sequence, shown: pd.DataFrame, title: str) -> FigureText:
    """Build alt text, caption and summary from the rows that were drawn."""
    alphas = shown[(shown["coefficient"] == "alpha") & all_finite(shown, "estimate")]
    lines = []
    for scope, label, part in rows:
        said = ", ".join(
            f"{COEFFICIENTS[row['coefficient']][0]} {with_interval(row)}" for _, row in part.iterrows()
        )
        lines.append(f"{HEADINGS.get(scope, scope)}, {label}: {said}.")
    alt = f"Dot-and-whisker chart of agreement between coders, {len(rows)} rows. {lines[0]}"
    parts = [(label, part) for scope, label, part in rows if scope != "overall"]
    ranked = [
        (float(value), label)
        for label, part in parts
        for value in part.loc[part["coefficient"] == "alpha", "estimate"]
        if finite(value)
    ]
    if len(ranked) > 1:
        (low, worst), (high, best) = min(ranked), max(ranked)
        alt += f" Alpha runs from {number(low)} ({worst}) to {number(high)} ({best})."
    elif alphas.empty:
        alt += " Alpha is defined nowhere."
    what = "Agreement between coders, without gold: Krippendorff's alpha (nominal), Gwet's AC1, raw agreement"
    return FigureText(printable(title), alt, caption_for(shown, what), "\n".join(lines), shown)
