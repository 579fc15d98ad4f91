"""The coded examples of a framework as training rows: more kinds of texts to learn from than a study has.

They are nobody's documents. They teach beside the study's own rows, count less, and are left out of all that
says something of the study: calibration, thresholds, what is usual among its documents, whose words taught.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from peercompare.classifier.inputs import CONTEXT_COLUMNS, MAX_WORDS, OTHER, SAME, TEXT
from peercompare.classifier.splits import have_near_duplicates
from peercompare.errors import InputError
from peercompare.framework import Framework
from peercompare.framework.examples import CONTEXT, GENRES, read_examples

EXAMPLES = "(examples of the framework)"
"""Stands where a training row names its corpus."""

GENRE = "genre"
"""The column of a training table by which the examples of its own genre are found."""

EXAMPLES_WEIGHT = 0.5
"""What an example counts, a segment of the study counting 1. Of 0, 0.25, 0.5 and 1 on grouped folds of the
shipped corpora 0.25 and 0.5 were best, and examples of the study's own genre better than those of both."""


def example_rows(framework: Framework, genres: Sequence[str] = GENRES) -> pd.DataFrame:
    """Return the coded examples that come with a framework as training rows.

    Parameters
    ----------
    framework : Framework
    genres : sequence of str, default all that there are
        Of these alone.

    Returns
    -------
    DataFrame
        Columns as a training table has them, with context; ``corpus`` is `EXAMPLES`, ``group`` the example's
        document, ``weight`` 1, ``whose`` empty. No row where the framework has no examples of these genres.
        ``attrs["sha256"]`` is that of the file of examples, where there is one.
    """
    return _rows_of(framework, tuple(genres)).copy()


@lru_cache(maxsize=8)  # asked in every fold
def _rows_of(framework: Framework, genres: tuple[str, ...]) -> pd.DataFrame:
    """Make the rows; see `example_rows`."""
    read = read_examples(framework)
    table = read[read["genre"].isin(genres)]
    around = _around(table)
    coded = (table["code"] != CONTEXT).to_numpy()
    table = table[coded]
    rows = pd.DataFrame({
        "segment_id": table["example_id"], "document_id": table["document_id"], "corpus": EXAMPLES,
        "group": table["document_id"], TEXT: table["text"],
        "label": table["code"].map(framework.stance_of), "weight": 1.0, "whose": "", GENRE: table["genre"],
    })  # fmt: skip
    rows = rows.join(around).reset_index(drop=True)
    rows.attrs = dict(read.attrs)
    return rows


def _around(table: pd.DataFrame) -> pd.DataFrame:
    """Read the context of each example off the lines or turns of its document."""
    beside = table.groupby("document_id", sort=False)
    before, after = (beside["text"].shift(step).fillna("") for step in (1, -1))
    same = beside["speaker"].shift(1) == table["speaker"]
    by = np.where(before == "", "", np.where(same, SAME, OTHER))
    last = (beside["text"].transform("size") - 1).clip(lower=1)
    return pd.DataFrame({
        "before": before.map(lambda words: " ".join(words.split()[-MAX_WORDS:])),
        "before_by": np.where(table["speaker"] == "", "", by),
        "after": after.map(lambda words: " ".join(words.split()[:MAX_WORDS])),
        "heading": "",
        "document": beside["text"].transform("\n".join),
        "position": beside.cumcount() / last,
    })[list(CONTEXT_COLUMNS)]  # fmt: skip


def with_examples(
    table: pd.DataFrame, framework: Framework, *, weight: float, apart_from: Sequence[str] = ()
) -> pd.DataFrame:
    """Add the examples of a framework to training rows.

    Parameters
    ----------
    table : DataFrame
        A training table. Its column ``genre`` says of which genres; without it all are added. Examples that
        stand in it already are weighed like the others.
    framework : Framework
    weight : float
        What each counts; with 0 there are none.
    apart_from : sequence of str, default ()
        Texts that the model is to be judged on.

    Returns
    -------
    DataFrame
        The study's rows first. Examples of labels that the study never has are left out, and so are those
        that are near-duplicates of one of its rows, which would stand in every fold, or of a text that the
        model is judged on. They have no context where none of the study's rows has one.

    Raises
    ------
    InputError
        If the weight is below 0.
    """
    if not weight >= 0:
        raise InputError(f"The weight of examples is 0 or more; it is {weight}")
    own, given = table[~are_examples(table)], table[are_examples(table)]
    if not weight:
        return own.reset_index(drop=True)
    genres = own[GENRE].unique() if GENRE in own.columns else GENRES
    added = example_rows(framework, [genre for genre in genres if genre in GENRES])
    found = pd.concat([added, given])
    found = found[found["label"].isin(set(own["label"]))].assign(weight=weight)
    at_hand = tuple(sorted({*own[TEXT], *apart_from}))
    found = found[~_stand_among(tuple(found[TEXT]), at_hand)]
    if "document" not in own.columns or not own["document"].fillna("").astype(bool).any():
        found = found.drop(columns=list(CONTEXT_COLUMNS))
    return pd.concat([own, found], ignore_index=True)


@lru_cache(maxsize=8)  # asked of the same texts in every fold
def _stand_among(examples: tuple[str, ...], texts: tuple[str, ...]) -> np.ndarray:
    """Tell which examples are near-duplicates of one of some texts; shape (n_examples,)."""
    return have_near_duplicates(examples, texts)


def are_examples(table: pd.DataFrame) -> np.ndarray:
    """Tell which training rows are examples, and so nobody's documents; shape (n_rows,)."""
    return (table["corpus"] == EXAMPLES).to_numpy(dtype=bool)


def groups_of(table: pd.DataFrame) -> np.ndarray:
    """Return whose each row is; None for examples, which are never held out."""
    return np.where(are_examples(table), None, table["group"].to_numpy(dtype=object))


def example_facts(table: pd.DataFrame, framework: Framework) -> dict[str, Any] | None:
    """Say which examples taught, in plain values; None where none did."""
    examples = table[are_examples(table)]
    if examples.empty:
        return None
    return {
        "sha256": read_examples(framework).attrs["sha256"],
        "weight": float(examples["weight"].iloc[0]),
        "n_examples": len(examples),
        "genres": sorted(examples[GENRE].unique()),
    }
