"""How estimators did on simulated studies: bias, coverage and width by the number of workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from peercompare.figures.canvas import canvas_for, canvas_of_panels, finish, say_nothing_to_draw
from peercompare.figures.rows import choose, require_columns
from peercompare.figures.style import BASE, INK, MARKERS, QUIET, RULE, axis_colour, in_house_style, tint
from peercompare.figures.text import FigureText, all_finite, count, listing, number, percent, plural

COLUMNS = (
    "n_workers", "classifier", "error", "estimator", "estimand", "target", "bias", "bias_error", "coverage",
    "coverage_error", "width", "n_replicates", "n_intervals",
)  # fmt: skip
ONE_OF = ("classifier", "error", "estimand", "target")
LEVEL, LEAST, MOST = 0.95, 0.93, 0.97
ESTIMATORS = {
    "rectified": "sample, predictions put right",
    "power_tuned": "the same, tuned",
    "expert_only": "sampled codings alone",
    "all_codings": "everything coded",
    "predicted_only": "predicted labels counted",
}
"""What each estimator is, in the order of the key; the biased one last."""
PANELS = {"bias": "Bias", "coverage": "Coverage of 95% intervals", "width": "Width of the interval"}


@in_house_style
def validity_chart(
    results: pd.DataFrame,
    axes: Sequence[Axes] | None = None,
    *,
    where: Mapping[str, str] | None = None,
    title: str | None = None,
) -> tuple[Axes, ...]:
    """Draw bias, coverage and width of each estimator by the number of workers, from simulated studies.

    Whiskers are two Monte Carlo standard errors; the band of coverage is .93 to .97, and the line of bias is
    zero.

    Parameters
    ----------
    results : DataFrame
        With the columns of `peercompare.drift.validity.RESULTS`, and ``macro_f1`` where known.
    axes : sequence of Axes, optional
        Three; a new figure without them.
    where : mapping, optional
        Values that columns must have: one classifier, kind of error, estimand and target is drawn.
    title : str, optional
        Instead of the title made from the table.

    Returns
    -------
    tuple of Axes
        Bias, coverage, width.

    Raises
    ------
    InputError
        Where a column is missing or several kinds of study or estimands would be mixed.
    """
    require_columns(results, COLUMNS, "results")
    table = choose(results, where, one_of=ONE_OF)
    table = table[all_finite(table, "bias", "coverage", "width")].reset_index(drop=True)
    title = title or _title(table)
    if table.empty:
        canvas = canvas_for(None if axes is None else axes[0], height=0.8)
        say_nothing_to_draw(canvas, title, "no such study was simulated")
        return canvas.axes
    estimators = [name for name in ESTIMATORS if (table["estimator"] == name).any()]
    sizes = sorted(table["n_workers"].unique())
    canvas = canvas_of_panels(axes, 3, columns=1, panel_height=1.75, share=False)
    for ax, panel in zip(canvas.axes, PANELS, strict=True):
        _draw_panel(ax, table, panel, estimators, sizes)
    canvas.axes[-1].set_xlabel("workers")
    key = [Line2D([], [], linestyle="none", label=ESTIMATORS[name], **_look(name)) for name in estimators]
    finish(canvas, _words(table, estimators, sizes, title), notes=_notes(table), key=key, columns=1)
    return canvas.axes


def _title(table: pd.DataFrame) -> str:
    """Name the estimand and the kind of study."""
    if table.empty:
        return "Estimators on simulated studies"
    row = table.iloc[0]
    return f"Estimators on simulated studies: {str(row['estimand']).replace('_', ' ')}, {_kind(row)}"


def _kind(row: pd.Series) -> str:
    """Name the classifier and its errors in words."""
    whose = "our classifier" if row["classifier"] == "ours" else f"{row['classifier']} classifier"
    return f"{whose}, {row['error']} error"


def _look(estimator: str) -> dict[str, object]:
    """Return how an estimator is drawn: told apart by shape, and by fill where it is the biased one."""
    place = list(ESTIMATORS).index(estimator)
    colour = axis_colour(place / (len(ESTIMATORS) - 1))
    face = "white" if estimator == "predicted_only" else colour
    return {"marker": MARKERS[place], "markersize": 6.0, "markerfacecolor": face, "markeredgecolor": colour}


def _draw_panel(
    ax: Axes, table: pd.DataFrame, panel: str, estimators: Sequence[str], sizes: Sequence[int]
) -> None:
    """Draw one measure: a column for each number of workers, estimators side by side in it."""
    if panel == "bias":
        ax.axhline(0.0, color=INK, linewidth=1.0, zorder=1)
    if panel == "coverage":
        ax.axhspan(LEAST, MOST, color=tint(QUIET, 0.2), linewidth=0, zorder=0)
        ax.axhline(LEVEL, color=INK, linewidth=1.0, zorder=1)
    for place, estimator in enumerate(estimators):
        rows = table[table["estimator"] == estimator].set_index("n_workers").reindex(sizes)
        x = [at + (place - (len(estimators) - 1) / 2) * 0.17 for at in range(len(sizes))]
        look = _look(estimator)
        if f"{panel}_error" in rows:
            error = 2 * rows[f"{panel}_error"].to_numpy(dtype=float)
            ax.errorbar(
                x, rows[panel], yerr=error, fmt="none", ecolor=look["markeredgecolor"], elinewidth=1.3
            )
        ax.plot(x, rows[panel], linestyle="none", zorder=3, **look)
    ax.set_title(PANELS[panel], fontsize=BASE, pad=4)
    ax.set_xticks(range(len(sizes)), [count(size) for size in sizes])
    ax.set_xlim(-0.5, len(sizes) - 0.5)
    if panel == "coverage":
        ax.set_ylim(0, 1.03)
        ax.set_yticks([0, 0.5, 0.95], ["0%", "50%", "95%"])
    if panel == "width":
        ax.set_ylim(0, 1.12 * float(table["width"].max()))
    ax.yaxis.grid(True, color=RULE)
    ax.tick_params(length=0)


def _notes(table: pd.DataFrame) -> list[str]:
    """Say what whiskers and band are, and how many studies there were."""
    fewest = int(table["n_intervals"].min())
    notes = [
        f"{plural(int(table['n_replicates'].max()), 'simulated study').replace('studys', 'studies')} of each "
        "kind. Whiskers: two Monte Carlo standard errors. Band: coverage of 93% to 97%."
    ]
    if fewest < table["n_replicates"].max():
        notes.append(f"At least {count(fewest)} of them gave an interval.")
    if "macro_f1" in table:
        notes.append(f"Macro-F1 of the classifier: {number(table['macro_f1'].iloc[0])}.")
    return notes


def _words(table: pd.DataFrame, estimators: Sequence[str], sizes: Sequence[int], title: str) -> FigureText:
    """Build alt text, caption and summary from the results that were drawn."""
    lines, covered = [], []
    for estimator in estimators:
        rows = table[table["estimator"] == estimator].sort_values("n_workers")
        said = "; ".join(
            f"{plural(row.n_workers, 'worker')} bias {number(row.bias, digits=4, signed=True)}, "
            f"coverage {percent(row.coverage)}, width {number(row.width, digits=3)}"
            for row in rows.itertuples()
        )
        lines.append(f"{ESTIMATORS[estimator].capitalize()}: {said}.")
        low, high = rows["coverage"].min(), rows["coverage"].max()
        covered.append(f"{ESTIMATORS[estimator]} {percent(low)} to {percent(high)}")
    alt = (
        f"Three panels by number of workers ({listing(count(size) for size in sizes)}): bias, coverage and "
        f"width of {plural(len(estimators), 'estimator')}. Coverage of 95% intervals: {listing(covered)}."
    )
    row = table.iloc[0]
    caption = (
        f"Bias, coverage and mean width of estimates of the {str(row['estimand']).replace('_', ' ')} over "
        f"{count(table['n_replicates'].max())} simulated studies of each kind; {_kind(row)}. "
        "Simulated, so that the truth is known."
    )
    return FigureText(title, alt, caption, "\n".join(lines), table)
