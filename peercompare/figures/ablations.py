"""What is lost when a part of a classifier is left out: a dot and a whisker for each part."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw
from peercompare.figures.rows import choose, require_columns
from peercompare.figures.style import INK, RULE, in_house_style
from peercompare.figures.text import FigureText, all_finite, number, plural

COLUMNS = ("corpus", "left_out", "macro_f1", "difference", "lower", "upper")


@in_house_style
def ablation_chart(
    ablations: pd.DataFrame,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw by how much macro-F1 changes when each part of a classifier is left out.

    Parameters
    ----------
    ablations : DataFrame
        ``corpus, left_out, macro_f1, difference, lower, upper``: a row for each part; ``difference`` is
        without the part less with it. A row without a difference is the whole, and is told in the note.
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
    require_columns(ablations, COLUMNS, "ablations")
    table = choose(ablations, where, one_of=("corpus",))
    rows = table[all_finite(table, "difference", "lower", "upper")].reset_index(drop=True)
    name = str(table["corpus"].iloc[0]).replace("_", " ") if len(table) else ""
    title = title or f"What the parts of the classifier bring{': ' + name if name else ''}"
    if rows.empty:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "the table holds no difference to draw")
        return canvas.ax
    canvas = canvas_for(ax, height=0.9 + 0.36 * len(rows))
    _draw(canvas.ax, rows)
    whole = table.loc[table["difference"].isna(), "macro_f1"]
    notes = [f"Macro-F1 of the whole: {number(whole.iloc[0])}."] if len(whole) else []
    finish(
        canvas, _words(rows, name, title), notes=["Whiskers: intervals over employers or workers.", *notes]
    )
    return canvas.ax


def _draw(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw a dot and a whisker for each part, the first on top."""
    places = range(len(rows))
    reach = [rows["difference"] - rows["lower"], rows["upper"] - rows["difference"]]
    ax.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
    ax.errorbar(rows["difference"], places, xerr=reach, fmt="o", color=INK, markersize=6.0, elinewidth=1.3)
    ax.set_yticks(places, rows["left_out"].str.capitalize())
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel("change of macro-F1")
    ax.xaxis.grid(True, color=RULE)
    ax.tick_params(length=0)


def _words(rows: pd.DataFrame, name: str, title: str) -> FigureText:
    """Build alt text, caption and summary from the rows that were drawn."""
    lines = [
        f"Without {row.left_out}: {number(row.difference, digits=3, signed=True)} "
        f"({number(row.lower, digits=3, signed=True)} to {number(row.upper, digits=3, signed=True)})."
        for row in rows.itertuples()
    ]
    clear = rows[(rows["upper"] < 0) | (rows["lower"] > 0)]
    alt = (
        f"Dots with intervals for {plural(len(rows), 'part')} left out, {name}. The interval leaves zero out "
        f"for {len(clear)} of them. " + " ".join(lines)
    )
    caption = (
        "Change of macro-F1 on employers or workers held out when a part of the classifier is left out "
        f"({name}). Left of the line, the part helps."
    )
    return FigureText(title, alt, caption, "\n".join(lines), rows)
