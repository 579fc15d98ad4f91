"""The measured part of a model card: tables of scores as they were estimated, and the limits they show."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from peercompare.codings import GOLD
from peercompare.framework.rendering import Table, Text

OVERALL = ("macro_f1", "accuracy", "brier", "calibration_error")
BY_LABEL = ("f1", "precision", "recall", "calibration_error")
ACROSS = " to "
"""Stands in the name of a model that was trained on some genres and judged on another."""

LOW = 0.5
"""An F1 whose interval reaches below this is named among the limits."""

WAIVED = "* rests on fewer than five workers; shown because the corpus is composed."


def measured(scores: pd.DataFrame, calibration: pd.DataFrame | None, *, name: str) -> list[Table | Text]:
    """Lay out scores as tables, each with its interval and the number of clusters behind it.

    Parameters
    ----------
    scores : DataFrame
        With the columns of `scores_table`.
    calibration : DataFrame or None
        From `calibration_table`.
    name : str
        What the model is called in `scores`.

    Returns
    -------
    list of Table or Text
    """
    own = scores[(scores["model"] == name) & (scores["truth"] == GOLD)]
    blocks: list[Table | Text] = []
    if own.empty:
        blocks.append(Text(f"Nothing was measured of the model {name!r}."))
    else:
        blocks += [_overall(own), _by_label(own)]
    blocks += [*_beside(scores, name), *_across(scores)]
    if calibration is not None and len(calibration):
        blocks.append(_calibration(calibration))
    if "waiver" in scores and (scores["waiver"].astype(str) == "True").any():
        blocks.append(Text(WAIVED))
    return blocks


def limits_found(scores: pd.DataFrame, *, name: str) -> tuple[str, ...]:
    """Say in sentences what the scores show that the model is poor at.

    Parameters
    ----------
    scores, name
        As in `measured`.

    Returns
    -------
    tuple of str
    """
    own = scores[(scores["model"] == name) & (scores["truth"] == GOLD)]
    found = []
    for row in own[(own["score"] == "f1") & (own["lower"] < LOW)].itertuples():
        found.append(
            f"{row.corpus}: the label {row.label} is poorly told "
            f"(F1 {row.estimate:.2f}, from {row.lower:.2f} to {row.upper:.2f})."
        )
    inside = own[own["score"] == "macro_f1"].set_index("corpus")["estimate"]
    away = scores[scores["model"].str.contains(ACROSS, regex=False) & (scores["score"] == "macro_f1")]
    for row in away.itertuples():
        if row.corpus in inside.index and row.estimate < inside[row.corpus]:
            found.append(
                f"{row.corpus}: trained on another genre ({row.model}), macro-F1 falls from "
                f"{inside[row.corpus]:.2f} to {row.estimate:.2f}."
            )
    return tuple(found)


def as_it_is(caption: str, table: pd.DataFrame) -> Table:
    """Lay out a table of results as it is, three decimals a number; missing cells are empty.

    Parameters
    ----------
    caption : str
    table : DataFrame

    Returns
    -------
    Table
        Without the columns ``method`` and ``confidence_level`` where it has them.
    """
    shown = table.drop(columns=["method", "confidence_level"], errors="ignore")
    rows = [[_plain(value) for value in row] for row in shown.itertuples(index=False)]
    return Table(caption, [str(name).replace("_", " ") for name in shown.columns], rows)


def _plain(value: object) -> str:
    if pd.isna(value):
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _cell(row: pd.Series) -> str:
    """Write an estimate with its interval, or why there is none."""
    if pd.isna(row["estimate"]):
        return str(row["reason"]) or "not defined"
    mark = "*" if str(row.get("waiver", "")) == "True" else ""
    if pd.isna(row["lower"]):
        return f"{row['estimate']:.3f}{mark} ({row['reason'] or 'no interval'})"
    return f"{row['estimate']:.3f}{mark} ({row['lower']:.3f} to {row['upper']:.3f})"


def _overall(own: pd.DataFrame) -> Table:
    rows = []
    for corpus, part in own[own["score"].isin(OVERALL) & _whole(own)].groupby("corpus", sort=False):
        cells = part.set_index("score")
        first = part.iloc[0]
        behind = f"{first['n_clusters']}, {first['n_documents']}, {first['n_segments']}"
        rows.append((str(corpus), *(_named(cells, score) for score in OVERALL), behind))
    level = own["confidence_level"].iloc[0]
    header = ("Corpus", "Macro-F1", "Accuracy", "Brier", "Calibration error", "Clusters, documents, segments")
    return Table(f"Over all labels, with {level:.0%} intervals", header, rows)


def _by_label(own: pd.DataFrame) -> Table:
    rows = []
    for (corpus, label), part in own[~_whole(own)].groupby(["corpus", "label"], sort=False):
        cells = part.set_index("score")
        rows.append((f"{corpus}: {label}", *(_named(cells, score) for score in BY_LABEL)))
    header = ("Corpus and label", "F1", "Precision", "Recall", "Calibration error")
    return Table("Label by label", header, rows)


def _beside(scores: pd.DataFrame, name: str) -> Iterator[Table]:
    """Show the same score of baselines and of coders against each other."""
    others = scores[
        (scores["score"] == "macro_f1")
        & (scores["model"] != name)
        & ~scores["model"].str.contains(ACROSS, regex=False)
    ]
    if len(others):
        rows = [
            (f"{row['corpus']}: {row['model']}", str(row["truth"]), _cell(row))
            for _, row in others.iterrows()
        ]
        yield Table("Beside it: baselines, and coders", ("Who", "Judged by", "Macro-F1"), rows)


def _across(scores: pd.DataFrame) -> Iterator[Table]:
    """Show scores out of domain."""
    away = scores[(scores["score"] == "macro_f1") & scores["model"].str.contains(ACROSS, regex=False)]
    if len(away):
        rows = [(str(row["model"]), str(row["corpus"]), _cell(row)) for _, row in away.iterrows()]
        yield Table("Out of domain: trained on other genres", ("From and to", "Corpus", "Macro-F1"), rows)


def _calibration(calibration: pd.DataFrame) -> Table:
    """Show the mean probability and the share found, bin by bin."""
    rows = []
    for _, row in calibration.iterrows():
        found = _cell(row.rename({"observed": "estimate"}))
        place = f"{row['corpus']}: {row['label']}, bin {row['bin']}"
        rows.append((place, f"{row['predicted']:.3f}", found, str(row["n_segments"])))
    header = ("Corpus, label, bin", "Mean probability", "Share found", "Segments")
    return Table("Calibration", header, rows)


def _named(cells: pd.DataFrame, score: str) -> str:
    return _cell(cells.loc[score]) if score in cells.index else "not measured"


def _whole(table: pd.DataFrame) -> pd.Series:
    """Say which rows are about no single label."""
    return table["label"].isna() | (table["label"] == "")
