"""Two classifiers on the same segments: by how much one is better, a dot and a whisker for each pair."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw
from peercompare.figures.rows import choose, require_columns
from peercompare.figures.style import INK, RULE, in_house_style
from peercompare.figures.text import FigureText, all_finite, number, plural

COLUMNS = ("corpus", "part", "model", "against", "score", "estimate", "lower", "upper", "p")
PART, SCORE = "compared", "macro_f1"


@in_house_style
def comparison_chart(
    evaluation: pd.DataFrame,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw by how much macro-F1 of one classifier exceeds another's on the same segments.

    Parameters
    ----------
    evaluation : DataFrame
        From `peercompare.classifier.judging.evaluate`: columns ``corpus, part, model, against, score,
        estimate, lower, upper, p``; of its parts "compared" is drawn.
    ax : Axes, optional
        Where to draw; a new figure without it.
    where : mapping, optional
        Values that columns must have, to choose one corpus.
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
    require_columns(evaluation, COLUMNS, "evaluation")
    table = choose(evaluation, where, one_of=("corpus",))
    rows = table[(table["part"] == PART) & (table["score"] == SCORE)]
    rows = rows[all_finite(rows, "estimate", "lower", "upper")].reset_index(drop=True)
    name = str(table["corpus"].iloc[0]).replace("_", " ") if len(table) else ""
    title = title or f"Classifiers compared on the same segments{': ' + name if name else ''}"
    canvas = canvas_for(ax, height=0.9 + 0.36 * len(rows))
    if rows.empty:
        say_nothing_to_draw(canvas, title, "the table holds no comparison with an interval")
        return canvas.ax
    _draw(canvas.ax, rows)
    notes = ["Whiskers: intervals over employers or workers; p: paired test over them."]
    finish(canvas, _words(rows, name, title), notes=notes)
    return canvas.ax


def _pairs(rows: pd.DataFrame) -> pd.Series:
    """Name each pair."""
    return (rows["model"] + " less " + rows["against"]).str.replace("_", " ")


def _draw(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the pairs, the first on top."""
    places = list(range(len(rows)))
    reach = [rows["estimate"] - rows["lower"], rows["upper"] - rows["estimate"]]
    ax.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
    ax.errorbar(rows["estimate"], places, xerr=reach, fmt="s", color=INK, markersize=5.0, elinewidth=1.3)
    ax.set_yticks(places, _pairs(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel("difference of macro-F1")
    ax.xaxis.grid(True, color=RULE)


def _words(rows: pd.DataFrame, name: str, title: str) -> FigureText:
    """Build alt text, caption and summary from the rows that were drawn."""
    lines = [
        f"{pair}: {number(row.estimate, digits=3, signed=True)} "
        f"({number(row.lower, digits=3, signed=True)} to {number(row.upper, digits=3, signed=True)}; "
        f"p {number(row.p, digits=3)})."
        for pair, row in zip(_pairs(rows), rows.itertuples(), strict=True)
    ]
    clear = rows[(rows["upper"] < 0) | (rows["lower"] > 0)]
    alt = (
        f"Dots with intervals for {plural(len(rows), 'pair')} of classifiers, {name}. The interval leaves "
        f"zero out for {len(clear)} of them. " + " ".join(lines)
    )
    caption = f"Difference of macro-F1 on the same segments, employers or workers held out ({name})."
    return FigureText(title, alt, caption, "\n".join(lines), rows)
