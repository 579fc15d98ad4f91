"""How a classifier errs: its confusions, and how far its probabilities can be taken at their word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from peercompare.figures.canvas import (
    canvas_for,
    canvas_of_panels,
    finish,
    say_nothing_to_draw,
    spread,
    text_width,
    wrap,
)
from peercompare.figures.rows import choose, of_corpus, require_columns, stance_label, waiver_note
from peercompare.figures.style import (
    AXIS_COLOURS,
    BASE,
    INK,
    QUIET,
    RULE,
    SMALL,
    in_house_style,
    ink_on,
    looks,
    tint,
)
from peercompare.figures.text import (
    FigureText,
    all_finite,
    caption_for,
    confidence,
    count,
    has_interval,
    listing,
    missing,
    percent,
    plural,
)

if TYPE_CHECKING:
    from peercompare.framework import Framework

CONFUSION_COLUMNS = ("true", "predicted", "n")
CALIBRATION_COLUMNS = ("label", "bin", "predicted", "observed", "lower", "upper", "n_segments")


POINTS_ACROSS = 260.0
"""How many points of type go from probability 0 to 1 in a panel of the house width."""


@in_house_style
def confusion_matrix(
    confusion: pd.DataFrame,
    framework: Framework,
    ax: Axes | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw which labels a classifier takes for which: each row divided by its sum, with the counts.

    Parameters
    ----------
    confusion : DataFrame
        Columns ``true, predicted, n``, and ``corpus`` where known. Pairs that are absent count 0.
    framework : Framework
        Gives the labels and their order, ``none`` first; labels that the table has beyond them follow.
    ax : Axes, optional
        Where to draw; a new figure without it.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without segments it says so in words.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(confusion, CONFUSION_COLUMNS, "confusion")
    table = choose(confusion, where)
    title = title or of_corpus("What the classifier takes for what", table)
    found = list(dict.fromkeys([*table["true"], *table["predicted"]]))
    labels = [*framework.labels, *(label for label in found if label not in framework.labels)]
    counts = _counted(table, labels)
    canvas = canvas_for(ax, height=0.75 + 0.72 * len(labels) if counts.to_numpy().sum() else 0.8)
    if not counts.to_numpy().sum():
        say_nothing_to_draw(canvas, title, "the table counts no segments")
        return canvas.ax
    _draw_matrix(canvas.ax, counts, [stance_label(framework, label) for label in labels])
    notes = ["Share of the segments in a row, with their number under it.", _hidden_note(counts)]
    notes = [*filter(None, (*notes, waiver_note(table)))]
    finish(canvas, _matrix_words(table, counts, framework, title), notes=notes)
    return canvas.ax


def _counted(table: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Return the matrix of counts, missing where a count is withheld."""
    filled = table.assign(n=table["n"].astype("float64"))
    counts = filled.pivot_table(index="true", columns="predicted", values="n", aggfunc="sum", fill_value=0)
    counts = counts.reindex(index=labels, columns=labels, fill_value=0).astype("float64")
    for row in filled[filled["n"].isna()].itertuples():
        counts.loc[row.true, row.predicted] = np.nan
    return counts


def _hidden_note(counts: pd.DataFrame) -> str:
    """Say how many counts are withheld, or nothing."""
    hidden = int(counts.isna().to_numpy().sum())
    why = "they rest on too few people, or would show some that do; their rows have no shares"
    return f"Counts withheld: {hidden}; {why}." if hidden else ""


def _draw_matrix(ax: Axes, counts: pd.DataFrame, names: Sequence[str]) -> None:
    """Draw the cells of the matrix, with the sizes of rows beside their labels."""
    sums = counts.sum(axis=1, skipna=False).to_numpy()
    for line, row in enumerate(counts.to_numpy()):
        for place, n in enumerate(row):
            share = n / sums[line] if sums[line] > 0 else 0.0
            ground = tint(AXIS_COLOURS[0], share)
            edge = INK if line == place else RULE
            cell = Rectangle((place + 0.03, line + 0.03), 0.94, 0.94, facecolor=ground, edgecolor=edge)
            ax.add_patch(cell)
            ink = ink_on(ground)
            said = percent(share) if sums[line] > 0 else "–"
            number = "withheld" if missing(n) else count(n)
            ax.text(place + 0.5, line + 0.37, said, ha="center", va="center", color=ink, weight="bold")
            ax.text(place + 0.5, line + 0.7, number, ha="center", va="center", color=ink, fontsize=SMALL)
    ax.set_xlim(0, len(names))
    ax.set_ylim(len(names), 0)
    middles = np.arange(len(names)) + 0.5
    ax.set_xticks(middles, [wrap(name, 56, lines=2) for name in names])
    rows = [f"{wrap(name, 74, lines=2)}\nn {count(size)}" for name, size in zip(names, sums, strict=True)]
    ax.set_yticks(middles, rows, va="center")
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("the classifier says", weight="bold", labelpad=6)
    ax.set_ylabel("gold says", weight="bold")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _matrix_words(table: pd.DataFrame, counts: pd.DataFrame, framework: Framework, title: str) -> FigureText:
    """Build alt text, caption and summary from the counts that were drawn."""
    sums = counts.sum(axis=1, skipna=False)
    kept, lines, errors = [], [], []
    for label in counts.index:
        name = stance_label(framework, label)
        if not sums[label] > 0:
            said = "counts are withheld in this row" if missing(sums[label]) else "no segments"
            lines.append(f"{name}: {said}.")
            continue
        shares = counts.loc[label] / sums[label]
        kept.append(f"{name} {percent(shares[label])}")
        said = (
            f"taken for {stance_label(framework, other)} {percent(shares[other])} "
            f"({count(counts.loc[label, other])})"
            for other in counts.columns
        )
        lines.append(f"{name}, {plural(sums[label], 'segment')}: {', '.join(said)}.")
        errors += [
            (shares[other], name, stance_label(framework, other))
            for other in counts.columns
            if other != label
        ]
    alt = f"Confusion matrix of {len(counts)} labels. Rightly recognised: {listing(kept)}."
    if errors and max(errors)[0] > 0:
        share, one, other = max(errors)
        alt += f" The largest confusion: {percent(share)} of {one} segments taken for {other}."
    what = (
        "Labels by gold (rows) and by the classifier (columns), "
        f"{plural(int(np.nansum(counts)), 'segment')}, rows divided by their sums"
    )
    return FigureText(title, alt, caption_for(table, what), "\n".join(lines), table)


@in_house_style
def calibration_curves(
    calibration: pd.DataFrame,
    framework: Framework,
    axes: Sequence[Axes] | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw how often a label is right where the classifier gives it a probability, a panel for each label.

    On the diagonal a probability can be taken at its word; above it the classifier is too shy, below too
    bold.

    Parameters
    ----------
    calibration : DataFrame
        Columns ``label, bin, predicted, observed, lower, upper, n_segments``: mean probability and observed
        share in each bin, both from 0 to 1; ``corpus`` where known. Empty bins may be absent or missing.
    framework : Framework
        Gives the labels, their order and their looks.
    axes : sequence of Axes, optional
        One for each label; a new figure without them.
    where : mapping, optional
        Values that columns must have.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        The panels, in the order of the framework's labels.

    Raises
    ------
    InputError
        Where a column is missing or rows of several corpora would be mixed.
    """
    require_columns(calibration, CALIBRATION_COLUMNS, "calibration")
    table = choose(calibration, where)
    title = title or of_corpus("Probability given and share observed", table)
    drawn = table[all_finite(table, "predicted", "observed")].reset_index(drop=True)
    labels = [label for label in framework.labels if (drawn["label"] == label).any()]
    if not labels:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        say_nothing_to_draw(canvas, title, "no bin holds a segment")
        return canvas.axes
    canvas = canvas_of_panels(axes, len(labels), columns=1, panel_height=1.95)
    for ax, label in zip(canvas.axes, labels, strict=True):
        _draw_curve(ax, drawn[drawn["label"] == label].sort_values("predicted"), label, framework)
    canvas.axes[-1].set_xlabel("probability that the classifier gives")
    level = confidence(table)
    whiskers = f"Whiskers: {level} intervals. " if level else "Whiskers: intervals. "
    bare = "" if all_finite(drawn, "lower", "upper").all() else "Without a whisker: see the table's reasons. "
    n_withheld = len(table) - len(drawn)
    withheld = f"Bins withheld, which rest on too few people: {count(n_withheld)}." if n_withheld else ""
    notes = [
        f"{whiskers}{bare}n: segments in each bin. On the diagonal, probabilities hold as they stand.",
        *filter(None, (withheld, waiver_note(table))),
    ]
    finish(canvas, _curve_words(drawn, labels, framework, title), notes=notes)
    return canvas.axes


def _draw_curve(ax: Axes, rows: pd.DataFrame, label: str, framework: Framework) -> None:
    """Draw the bins of one label, with their counts along the foot."""
    look = looks(framework)[label]
    ax.plot([0, 1], [0, 1], color=QUIET, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
    for _, row in rows.iterrows():
        if has_interval(row):
            ax.plot([row["predicted"]] * 2, [row["lower"], row["upper"]], color=INK, linewidth=1.3, zorder=2)
    ax.plot(rows["predicted"], rows["observed"], color=QUIET, linewidth=0.9, zorder=2)
    sign = {"marker": look.marker, "markerfacecolor": look.face, "markeredgecolor": INK, "markersize": 6.5}
    ax.plot(rows["predicted"], rows["observed"], linestyle="none", zorder=3, clip_on=False, **sign)
    _counts(ax, rows)
    name = wrap(stance_label(framework, label), 200, size=BASE, weight="bold", lines=1)
    ax.set_title(f"{name} (n {count(rows['n_segments'].sum())})", fontsize=BASE, pad=4)
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-0.4, 1.05)
    ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.set_yticks([-0.22], ["n"], minor=True)
    ax.tick_params(axis="both", which="both", length=0)
    ax.tick_params(axis="y", which="minor", labelsize=SMALL)
    ax.yaxis.grid(True, color=RULE)
    ax.spines["bottom"].set_visible(False)


def _counts(ax: Axes, rows: pd.DataFrame) -> None:
    """Write the bins' counts along the foot, moved apart where they would touch."""
    texts = [count(n) for n in rows["n_segments"]]
    widths = [(text_width(text) + 4) / POINTS_ACROSS for text in texts]
    upright = sum(widths) > 1.1
    widths = [SMALL * 1.2 / POINTS_ACROSS] * len(texts) if upright else widths
    places = spread(rows["predicted"].to_numpy(), widths, low=-0.02, high=1.03)
    for place, text in zip(places, texts, strict=True):
        turn = 90 if upright else 0
        ax.text(place, -0.22, text, ha="center", va="center", fontsize=SMALL, rotation=turn)


def _curve_words(drawn: pd.DataFrame, labels: Sequence[str], framework: Framework, title: str) -> FigureText:
    """Build alt text, caption and summary from the bins that were drawn."""
    said, lines = [], []
    for label in labels:
        rows = drawn[drawn["label"] == label].sort_values("predicted")
        gap = (rows["observed"] - rows["predicted"]).astype(float)
        worst = rows.loc[gap.abs().idxmax()]
        name = stance_label(framework, label)
        said.append(
            f"{name}, widest gap where it says {percent(worst['predicted'])} "
            f"and {percent(worst['observed'])} is observed"
        )
        values = (
            f"says {percent(row['predicted'])}, observed {percent(row['observed'])}"
            + (f" ({percent(row['lower'])} to {percent(row['upper'])})" if has_interval(row) else "")
            + f", n {count(row['n_segments'])}"
            for _, row in rows.iterrows()
        )
        lines.append(f"{name}: {'; '.join(values)}.")
    alt = f"Reliability diagram, {plural(len(labels), 'panel')}: {'; '.join(said)}."
    what = "Mean probability given by the classifier and observed share of the label, by bin"
    return FigureText(title, alt, caption_for(drawn, what), "\n".join(lines), drawn)
