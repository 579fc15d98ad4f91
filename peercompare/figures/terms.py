"""The terms that speak most for each stance in a linear classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from peercompare.figures.canvas import (
    canvas_for,
    canvas_of_panels,
    finish,
    printable,
    say_nothing_to_draw,
    wrap,
)
from peercompare.figures.rows import choose, of_corpus, require_columns, stance_label
from peercompare.figures.style import BASE, INK, RULE, SMALL, in_house_style, looks
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    count,
    listing,
    missing,
    number,
    plural,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

COLUMNS = ("label", "term", "weight")
SPACE = "␣"
"""Shown for a blank inside pieces of words, where it is part of the term."""


@in_house_style
def term_bars(
    terms: pd.DataFrame,
    framework: Framework,
    axes: Sequence[Axes] | None = None,
    *,
    n_terms: int = 8,
    labels: Sequence[str] | None = None,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw the heaviest terms of each stance as bars, a panel for each stance.

    Parameters
    ----------
    terms : DataFrame
        Columns ``label, term, weight`` (of the linear model, on the scale of log odds), and ``kind`` (word
        or char) and ``n_groups`` (employers or workers that use the term) where known. Of each label the
        rows with the largest weights are drawn.
    framework : Framework
        Gives the stances, their order and looks.
    axes : sequence of Axes, optional
        One for each label; a new figure without them.
    n_terms : int, default 8
        How many terms of each label.
    labels : sequence of str, optional
        Which labels; the stances without it.
    where : mapping, optional
        Values that columns must have, e.g. ``{"kind": "word"}``.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        The panels, in the order of the labels.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(terms, COLUMNS, "terms")
    table = choose(terms, where)
    table = table[all_finite(table, "weight")]
    title = title or of_corpus("Terms that tell most for each stance", table)
    wanted = [label for label in labels or framework.stance_ids if (table["label"] == label).any()]
    if not wanted:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        say_nothing_to_draw(canvas, title, "the table holds no terms")
        return canvas.axes
    heaviest = [_heaviest(table, label, n_terms) for label in wanted]
    longest = max(len(rows) for rows in heaviest)
    canvas = canvas_of_panels(axes, len(wanted), columns=1, panel_height=0.3 + 0.215 * longest, share=False)
    top = max(float(rows["weight"].max()) for rows in heaviest)
    for ax, label, rows in zip(canvas.axes, wanted, heaviest, strict=True):
        _draw_panel(ax, rows, label, framework, top=top, room=longest, last=label == wanted[-1])
    canvas.axes[-1].set_xlabel("weight in the classifier")
    shown = pd.concat(heaviest, ignore_index=True)
    grouped = "n_groups" in shown and shown["n_groups"].notna().any()
    notes = [
        "In brackets: employers or workers that use the term." if grouped else "",
        f"{SPACE} is a blank in a piece of a word." if _has_pieces(shown) else "",
    ]
    finish(canvas, _words(shown, wanted, framework, title), notes=[" ".join(note for note in notes if note)])
    return canvas.axes


def _heaviest(table: pd.DataFrame, label: str, n_terms: int) -> pd.DataFrame:
    """Return the rows of a label with the largest weights; equal weights by the term's letters."""
    rows = table[table["label"] == label]
    rows = rows.assign(term=rows["term"].astype(str))
    return rows.sort_values(["weight", "term"], ascending=[False, True]).head(n_terms)


def _draw_panel(
    ax: Axes, rows: pd.DataFrame, label: str, framework: Framework, *, top: float, room: int, last: bool
) -> None:
    """Draw one label's terms."""
    look = looks(framework)[label]
    places = range(len(rows))
    ax.barh(places, rows["weight"], height=0.68, color=look.face, edgecolor=INK, linewidth=0.7)
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        text = number(row["weight"])
        if not missing(row.get("n_groups")):
            text += f" ({count(row['n_groups'])})"
        ax.text(max(row["weight"], 0) + 0.02 * top, place, text, va="center", fontsize=SMALL)
    ax.set_yticks(list(places), [wrap(term_label(row), 118, lines=1) for _, row in rows.iterrows()])
    ax.set_ylim(room - 0.4, -0.6)
    ax.set_xlim(min(0.0, float(rows["weight"].min())), 1.32 * top if top > 0 else 1.0)
    ax.tick_params(axis="y", length=0)
    ax.xaxis.grid(True, color=RULE)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="x", length=0, labelbottom=last)
    ax.set_title(
        wrap(stance_label(framework, label), 220, size=BASE, weight="bold", lines=1), fontsize=BASE, pad=3
    )


def term_label(row: pd.Series) -> str:
    """Return a term as it is printed: blanks that belong to a piece of a word are made visible.

    Examples
    --------
    >>> term_label(pd.Series({"term": " pee", "kind": "char"}))
    '␣pee'
    >>> term_label(pd.Series({"term": "peer support", "kind": "word"}))
    'peer support'
    """
    if row.get("kind") == "char":
        return printable(str(row["term"]).replace(" ", SPACE))
    return printable(row["term"])


def _has_pieces(shown: pd.DataFrame) -> bool:
    """Say whether a piece of a word with a blank is among the terms."""
    return any(SPACE in term_label(row) for _, row in shown.iterrows())


def _words(shown: pd.DataFrame, labels: Sequence[str], framework: Framework, title: str) -> FigureText:
    """Build alt text, caption and summary from the terms that were drawn."""
    said, lines = [], []
    for label in labels:
        rows = shown[shown["label"] == label]
        name = stance_label(framework, label)
        said.append(f"{name}: {listing(f'“{term}”' for term in rows['term'].head(3))}")
        values = "; ".join(f"“{row['term']}” {number(row['weight'])}" for _, row in rows.iterrows())
        lines.append(f"{name}: {values}.")
    alt = f"Bars of the most telling terms, {plural(len(labels), 'panel')}. Heaviest, {'; '.join(said)}."
    what = f"Terms with the largest weights in the classifier, {plural(len(shown), 'term')}"
    return FigureText(title, alt, caption_for(shown, what), "\n".join(lines), shown)
