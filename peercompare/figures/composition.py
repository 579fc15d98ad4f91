"""What a change is made of: parts that add up, from the first group to the second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw, wrap
from peercompare.figures.rows import choose, label_of, of_corpus, require_columns, stance_label, waiver_note
from peercompare.figures.style import AXIS_COLOURS, INK, QUIET, RULE, SMALL, in_house_style, tint
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
    sizes,
    with_interval,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("estimand", "group", "dimension", "estimate", "lower", "upper")
ALL = "all"
MIX, WITHIN = "change_topic_mix", "change_within_topics"
LABELS = {
    "change": "the whole change",
    "change_who_was_seen": "who was seen",
    "change_within_workers": "what they did",
}
KINDS = {
    MIX: ("mix of topics", AXIS_COLOURS[1], "///"),
    WITHIN: ("stance within topics", AXIS_COLOURS[0], ""),
}
LEAST = 0.005
"""Parts of single dimensions smaller than this are drawn as one bar."""
REST = "smaller parts"


@in_house_style
def change_parts(
    composition: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a waterfall: topic by topic what the mix and the stance add to a change, and who was seen.

    Bars of the first part start where the bar above ended and end at the whole change; below it stands the
    same change split into who was seen and what those seen in both did. Whiskers are around a bar's own end.

    Parameters
    ----------
    composition : DataFrame
        ``estimand, group, dimension, estimate, lower, upper``: ``change``, ``change_topic_mix`` and
        ``change_within_topics`` for "all" and for dimensions, ``change_who_was_seen``,
        ``change_within_workers``; ``reason, waiver`` where known.
    framework : Framework
        Names the dimensions and the ends of the axis.
    ax : Axes, optional
        Where to draw; a new figure without it.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it.

    Raises
    ------
    InputError
        Where a column is missing, or rows of several corpora or changes would be mixed.
    """
    require_columns(composition, COLUMNS, "composition")
    table = choose(composition, where, one_of=("corpus", "group", "variant", "labels"))
    group = str(table["group"].iloc[0]) if len(table) else "change"
    title = title or of_corpus(f"What the change is made of, {group}", table)
    known = table[all_finite(table, "estimate")] if len(table) else table
    bars = _bars(known, framework)
    if not bars:
        canvas = canvas_for(ax, height=0.8)
        why = "; ".join(merged(reason_of(row) for _, row in table.iterrows()))
        say_nothing_to_draw(canvas, title, why or "the table holds no parts of a change")
        return canvas.ax
    canvas = canvas_for(ax, height=0.6 + 0.27 * len(bars))
    _draw(canvas.ax, bars)
    level = confidence(known)
    held = all_finite(known, "lower", "upper")
    bare = "; ".join(merged(reason_of(row) for _, row in table.iterrows() if not has_interval(row)))
    notes = [
        "Each bar starts where the one above it ended. Right is towards "
        f"{stance_label(framework, framework.axis[1]).lower()}.",
        f"Whiskers: {level} intervals of each bar's length." if held.any() and level else "",
        f"No interval or no value: {bare}." if bare else "",
        f"Smaller parts: topics that add less than {LEAST:g} each."
        if any(bar["label"] == REST for bar in bars)
        else "",
        "What they did: change of those seen in both groups; who was seen: all else."
        if any(bar["kind"] in LABELS and bar["kind"] != "change" for bar in bars)
        else "",
        _sizes_note(known),
        waiver_note(known),
    ]
    finish(canvas, _words(table, framework, title), notes=notes, key=_key(bars), columns=2)
    return canvas.ax


def _sizes_note(known: pd.DataFrame) -> str:
    """Say on how much the whole rests; single topics rest on parts of it."""
    whole = known[known["dimension"] == ALL]
    size = sizes(whole[whole["estimand"] == "change"] if (whole["estimand"] == "change").any() else whole)
    return f"n = {size}, both groups together." if size else ""


def _bars(known: pd.DataFrame, framework: Framework) -> list[dict]:
    """List the bars from top to bottom: label, where it starts, its row, its kind."""
    bars, at = [], 0.0
    for kind in (MIX, WITHIN):
        inner = known[(known["estimand"] == kind) & (known["dimension"] != ALL)]
        whole = known[(known["estimand"] == kind) & (known["dimension"] == ALL)]
        large = inner[inner["estimate"].abs() >= LEAST]
        # Without the single dimensions, their sum is the bar.
        for _, row in (large if len(inner) else whole).iterrows():
            name = (
                label_of(framework.dimensions, row["dimension"]) if row["dimension"] != ALL else "all topics"
            )
            bars.append({"label": name, "start": at, "row": row, "kind": kind})
            at += float(row["estimate"])
        rest = float(inner["estimate"].sum() - large["estimate"].sum())
        if len(inner) > len(large):
            row = pd.Series({"estimate": rest, "lower": None, "upper": None})
            bars.append({"label": REST, "start": at, "row": row, "kind": kind})
            at += rest
    for estimand in LABELS:
        for _, row in known[known["estimand"] == estimand].iterrows():
            second = estimand == "change_within_workers"
            start = _estimate(known, "change_who_was_seen") if second else 0.0
            bars.append({"label": LABELS[estimand], "start": start, "row": row, "kind": estimand})
    return bars


def _estimate(known: pd.DataFrame, estimand: str) -> float:
    rows = known[known["estimand"] == estimand]
    return float(rows["estimate"].iloc[0]) if len(rows) else 0.0


def _draw(ax: Axes, bars: list[dict]) -> None:
    """Draw the bars, each from its start, with whiskers around its end and its value at the right."""
    side = ax.get_yaxis_transform()
    ax.axvline(0, color=QUIET, linewidth=0.8, zorder=1)
    ends = [0.0]
    for place, bar in enumerate(bars):
        row, start = bar["row"], bar["start"]
        end = start + float(row["estimate"])
        _, colour, hatch = KINDS.get(bar["kind"], ("", QUIET, ""))
        style = {"facecolor": tint(colour, 0.55), "edgecolor": colour, "hatch": hatch, "zorder": 2}
        ax.barh(place, end - start, left=start, height=0.62, **style)
        if has_interval(row):
            limits = [start + float(row["lower"]), start + float(row["upper"])]
            ax.plot(limits, [place, place], color=INK, linewidth=1.3, zorder=3)
            ends += limits
        ends += [start, end]
        ax.text(
            1.03, place, number(row["estimate"], signed=True), transform=side, va="center", fontsize=SMALL
        )
    edge = 0.06 * (max(ends) - min(ends) or 1.0)
    ax.set_xlim(min(ends) - edge, max(ends) + edge)
    ax.set_ylim(len(bars) - 0.4, -0.6)
    ax.set_yticks(range(len(bars)), [wrap(bar["label"], 118, lines=1) for bar in bars])
    ax.locator_params(axis="x", nbins=6)
    ax.tick_params(length=0)
    ax.xaxis.grid(True, color=RULE)
    ax.spines["left"].set_visible(False)
    _part(ax, bars)


def _part(ax: Axes, bars: list[dict]) -> None:
    """Draw a line between the topics and what follows."""
    topics = sum(bar["kind"] in KINDS for bar in bars)
    if 0 < topics < len(bars):
        ax.axhline(topics - 0.5, color=QUIET, linewidth=0.7)


def _key(bars: list[dict]) -> list:
    """Return the key of the kinds of bar in use."""
    used = [kind for kind in KINDS if any(bar["kind"] == kind for bar in bars)]
    key = [
        Patch(facecolor=tint(colour, 0.55), edgecolor=colour, hatch=hatch, label=label)
        for label, colour, hatch in (KINDS[kind] for kind in used)
    ]
    if any(has_interval(bar["row"]) for bar in bars):
        key.append(Line2D([], [], color=INK, linewidth=1.3, label="interval"))
    return key


def _words(table: pd.DataFrame, framework: Framework, title: str) -> FigureText:
    """Build alt text, caption and summary from all rows."""
    first, last = (stance_label(framework, stance) for stance in framework.axis)
    names = {MIX: "mix of topics", WITHIN: "stance within topics", **LABELS}
    names |= {
        "change_topic_mix_first": "mix, stances as first",
        "change_topic_mix_last": "mix, stances as last",
    }
    lines, said = [], []
    for _, row in table.iterrows():
        inner = "" if row["dimension"] == ALL else f" ({label_of(framework.dimensions, row['dimension'])})"
        name = f"{names.get(row['estimand'], row['estimand'])}{inner}"
        lines.append(f"{name}: {with_interval(row, lambda value: number(value, digits=3, signed=True))}.")
        if not inner and finite(row["estimate"]):
            said.append(f"{name} {number(row['estimate'], signed=True)}")
    alt = (
        f"Waterfall of the change of the index (from −1, all {first}, to +1, all {last}), "
        f"{plural(len(table), 'part')}. "
        f"{'; '.join(said) or lines[0]}"
    ).rstrip(".") + "."
    what = "Change of the index taken apart (Kitagawa), both orders averaged; the parts add up to the change"
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)
