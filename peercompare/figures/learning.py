"""How macro-F1 grows with the documents that teach, beside what two coders reach."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw
from peercompare.figures.rows import choose, require_columns
from peercompare.figures.style import INK, RULE, in_house_style
from peercompare.figures.text import FigureText, all_finite, count, number, with_interval

COLUMNS = ("corpus", "part", "score", "design", "n_taught", "estimate", "lower", "upper", "reason")
SCORE, AHEAD = "macro_f1", "macro_f1_extrapolated"


@in_house_style
def learning_curve_chart(
    evaluation: pd.DataFrame,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw macro-F1 by the number of teaching documents, and as a band what coders reach with each other.

    Parameters
    ----------
    evaluation : DataFrame
        From `peercompare.classifier.judging.evaluate` with a curve: columns ``corpus, part, score, design,
        n_taught, estimate, lower, upper, reason``. Of its parts "curve" is drawn, and of "ladder" the coders.
        What was drawn out beyond the documents at hand is hollow, on a dashed line.
    ax : Axes, optional
        Where to draw; a new figure without it.
    where : mapping, optional
        Values that columns must have, to choose one corpus.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without a curve it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(evaluation, COLUMNS, "evaluation")
    table = choose(evaluation, where, one_of=("corpus",))
    table = table[all_finite(table, "estimate")]
    rows = table[(table["part"] == "curve") & table["score"].isin([SCORE, AHEAD])].sort_values("n_taught")
    coders = table[
        (table["part"] == "ladder") & (table["design"] == "coders") & (table["score"] == SCORE)
    ].tail(1)
    name = str(table["corpus"].iloc[0]).replace("_", " ") if len(table) else ""
    title = title or f"What more coded documents bring{': ' + name if name else ''}"
    canvas = canvas_for(ax, height=0.8 if rows.empty else 2.8)
    if rows.empty:
        say_nothing_to_draw(canvas, title, "the table holds no learning curve")
        return canvas.ax
    _draw(canvas.ax, rows, coders)
    notes = ["Whiskers: intervals over employers or workers."]
    if (rows["score"] == AHEAD).any():
        notes.append("Hollow: drawn out by a power law, not measured.")
    if len(coders):
        notes.append("Band: two coders against each other.")
    finish(canvas, _words(rows, coders, name, title), notes=notes)
    return canvas.ax


def _draw(ax: Axes, rows: pd.DataFrame, coders: pd.DataFrame) -> None:
    """Draw what was measured, what was drawn out, and the band of the coders."""
    for row in coders[all_finite(coders, "lower", "upper")].itertuples():
        ax.axhspan(row.lower, row.upper, color=RULE, alpha=0.6, zorder=0)
    for row in coders.itertuples():
        ax.axhline(row.estimate, color=INK, linewidth=0.8, linestyle=":")
    ahead = rows["score"] == AHEAD
    last = rows[~ahead].tail(1)
    for part, style, fill in ((rows[~ahead], "-", INK), (pd.concat([last, rows[ahead]]), "--", "none")):
        reach = [(part["estimate"] - part["lower"]).fillna(0), (part["upper"] - part["estimate"]).fillna(0)]
        ax.errorbar(
            part["n_taught"], part["estimate"], yerr=reach, fmt="o", linestyle=style, color=INK,
            markerfacecolor=fill, markersize=5.5, elinewidth=1.1,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xticks(rows["n_taught"], [count(size) for size in rows["n_taught"]])
    ax.minorticks_off()
    ax.set_xlabel("documents that teach")
    ax.set_ylabel("macro-F1")
    ax.yaxis.grid(True, color=RULE)


def _words(rows: pd.DataFrame, coders: pd.DataFrame, name: str, title: str) -> FigureText:
    """Build alt text, caption and summary from the rows that were drawn."""
    lines = [
        f"{count(row['n_taught'])} documents: {with_interval(row)}"
        f"{', drawn out' if row['score'] == AHEAD else ''}."
        for _, row in rows.iterrows()
    ]
    lines += [f"Two coders against each other: {with_interval(row)}." for _, row in coders.iterrows()]
    first, last = (rows[rows["score"] == SCORE].iloc[place] for place in (0, -1))
    alt = (
        f"A line of macro-F1 by documents that teach, {name}: {number(first['estimate'])} with "
        f"{count(first['n_taught'])}, {number(last['estimate'])} with {count(last['n_taught'])}. "
        + " ".join(lines)
    )
    caption = f"Macro-F1 on employers or workers held out by the number of documents that taught ({name})."
    return FigureText(title, alt, caption, "\n".join(lines), rows)
