"""By how much classifiers differ: a dot and a whisker for each part left out, or for each pair compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes

from peercompare.figures.canvas import canvas_for, finish, say_nothing_to_draw
from peercompare.figures.rows import choose, of_corpus, require_columns
from peercompare.figures.style import INK, RULE, in_house_style
from peercompare.figures.text import FigureText, all_finite, caption_for, number

ABLATION_COLUMNS = ("corpus", "left_out", "macro_f1", "difference", "lower", "upper")
COMPARISON_COLUMNS = ("corpus", "part", "model", "against", "score", "estimate", "lower", "upper", "p")
PART, SCORE = "compared", "macro_f1"
WHISKERS = "Whiskers: intervals over employers or workers"


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
        Counts ``n_...`` go into the caption.
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
    require_columns(ablations, ABLATION_COLUMNS, "ablations")
    table = choose(ablations, where)
    title = title or of_corpus("What the parts of the classifier bring", table)
    whole = table.loc[table["difference"].isna(), "macro_f1"]
    notes = [f"{WHISKERS}.", *(f"Macro-F1 of the whole: {number(value)}." for value in whole[:1])]
    rows = table.drop(columns="estimate", errors="ignore").rename(columns={"difference": "estimate"})
    rows = rows[all_finite(rows, "estimate", "lower", "upper")].reset_index(drop=True)
    lines = [f"Without {row.left_out}: {_said(row)}" for row in rows.itertuples()]
    words = _words(
        rows,
        lines,
        title=title,
        nouns=("part left out", "parts left out"),
        what="Change of macro-F1 on employers or workers held out when a part of the classifier is left out; "
        "left of the line, the part helps",
    )
    return _chart(ax, words, list(rows["left_out"].str.capitalize()), "change of macro-F1", notes)


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
        estimate, lower, upper, p``; of its parts "compared" is drawn. Counts ``n_...`` go into the caption.
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
    require_columns(evaluation, COMPARISON_COLUMNS, "evaluation")
    table = choose(evaluation, where)
    title = title or of_corpus("Classifiers compared on the same segments", table)
    rows = table[(table["part"] == PART) & (table["score"] == SCORE)]
    rows = rows[all_finite(rows, "estimate", "lower", "upper")].reset_index(drop=True)
    pairs = list((rows["model"] + " less " + rows["against"]).str.replace("_", " "))
    lines = [
        f"{pair}: {_said(row, f'; p {number(row.p, digits=3)}')}"
        for pair, row in zip(pairs, rows.itertuples(), strict=True)
    ]
    words = _words(
        rows,
        lines,
        title=title,
        nouns=("pair of classifiers", "pairs of classifiers"),
        what="Difference of macro-F1 on the same segments, employers or workers held out",
    )
    notes = [f"{WHISKERS}; p: paired test over them."]
    return _chart(ax, words, pairs, "difference of macro-F1", notes)


def _said(row: object, more: str = "") -> str:
    """Write a row's difference with its interval, and what more stands in the brackets."""
    ends = (getattr(row, end) for end in ("estimate", "lower", "upper"))
    value, low, high = (number(end, digits=3, signed=True) for end in ends)
    return f"{value} ({low} to {high}{more})."


def _chart(
    ax: Axes | None, words: FigureText, names: Sequence[str], label: str, notes: Sequence[str]
) -> Axes:
    """Draw a dot and a whisker for each row, the first on top, against the line of no difference."""
    rows = words.data
    canvas = canvas_for(ax, height=0.9 + 0.36 * len(rows) if len(rows) else 0.8)
    if rows.empty:
        say_nothing_to_draw(canvas, words.title, "the table holds no difference with an interval")
        return canvas.ax
    places = list(range(len(rows)))
    reach = [rows["estimate"] - rows["lower"], rows["upper"] - rows["estimate"]]
    canvas.ax.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
    canvas.ax.errorbar(
        rows["estimate"], places, xerr=reach, fmt="o", color=INK, markersize=6.0, elinewidth=1.3
    )
    canvas.ax.set_yticks(places, names)
    canvas.ax.set_ylim(len(rows) - 0.5, -0.5)
    canvas.ax.set_xlabel(label)
    canvas.ax.xaxis.grid(True, color=RULE)
    canvas.ax.tick_params(length=0)
    finish(canvas, words, notes=notes)
    return canvas.ax


def _words(
    rows: pd.DataFrame, lines: Sequence[str], *, title: str, nouns: tuple[str, str], what: str
) -> FigureText:
    """Build alt text, caption and summary from the rows that were drawn."""
    clear = rows[(rows["upper"] < 0) | (rows["lower"] > 0)]
    counted = nouns[0] if len(rows) == 1 else nouns[1]
    alt = (
        f"{title}: dots with intervals for {len(rows)} {counted}. "
        f"The interval leaves zero out for {len(clear)} of them. " + " ".join(lines)
    )
    return FigureText(title, alt, caption_for(rows, what), "\n".join(lines), rows)
