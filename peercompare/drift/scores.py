"""From codings to the table that every estimate starts from: one row a segment, with what it counts for.

`score_table` joins codings, segments and documents; `with_sample`, `with_predictions`, `with_periods` and
`population` each add one thing to it. Estimates are made in `estimands`, `trends` and `anchored`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from peercompare.codings import GOLD, primary_codes
from peercompare.corpus import Corpus
from peercompare.drift.variants import VARIANTS, count_as
from peercompare.drift.waves import joint_sample
from peercompare.errors import CodingError, InputError, Problem, UndefinedError
from peercompare.framework import Framework

SHARE, PREDICTED = "share_", "p_"
NOT_GIVEN = "not given"
LEFT_OUT = ("text", "title")
CALENDAR = ("year", "half_year", "quarter", "month")
"""Parts of the date that scores can be grouped by."""
PERIOD = "period"
STRATUM = "sampling_stratum"
OF_SEGMENTS = (
    "segment_id",
    "code",
    "dimension",
    "coded_dimension",
    "tags",
    "coded",
    "pi",
    STRATUM,
    "taking",
    "changed",
    "variant",
    "population",
)
"""Columns of scores that do not describe documents."""


def score_table(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    documents: pd.DataFrame,
    framework: Framework,
    *,
    coder_id: str = GOLD,
    variant: str = "as_coded",
    contests: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say for every segment how it counts towards each label.

    Parameters
    ----------
    codings, segments, documents : DataFrame
        Tables of a corpus. `documents` may carry any further columns, which later serve to group estimates.
    framework : Framework
    coder_id : str, default "gold"
        Whose primary codes count.
    variant : {"as_coded", "without_required", "ties_split", "contested"}
        ``without_required`` gives no weight, as a stance or as `none`, to segments whose tags say that law or
        payer demands the act. ``ties_split`` shares a segment between two stances where rule 8 settled a tie;
        it stays in the dimension of its primary code. ``contested`` lets the code stand that the worker
        proposes, in its own dimension, and gives no weight to segments contested without another code.
    contests : DataFrame, optional
        ``segment_id``, ``proposed_code``; without it nothing is contested.

    Returns
    -------
    DataFrame
        One row for each segment, none dropped: the columns of its document (without text and title),
        ``segment_id``, ``code``, ``dimension`` (that it counts in) and ``coded_dimension`` (of its code),
        ``tags``, ``coded`` (bool), ``pi`` (1.0), ``taking`` (whether it takes a stance, as coded or as the
        variant counts it), ``changed`` (whether the variant counts it otherwise than as coded),
        ``variant``, ``population`` (""), ``year``, ``half_year``, ``quarter``, ``month`` where documents have
        a date, and ``share_<label>`` for `none` and each stance: NaN where the segment is not coded.

    Raises
    ------
    InputError
        When the variant is unknown, or a segment's document is not among the documents.
    """
    if variant not in VARIANTS:
        raise InputError(f"unknown variant {variant!r}", remedy=f"use one of {', '.join(VARIANTS)}")
    _check_documents(segments, documents)
    own = codings[codings["coder_id"] == coder_id]
    codes = primary_codes(codings, coder_id).reindex(segments["segment_id"])
    table = segments[["segment_id", "document_id"]].merge(
        documents.drop(columns=[name for name in LEFT_OUT if name in documents]), on="document_id", how="left"
    )
    table["code"] = codes.to_numpy()
    counted = count_as(variant, codes, own, framework, contests=contests)
    table["dimension"] = counted.dimensions
    table["coded_dimension"] = count_as("as_coded", codes, own, framework).dimensions
    table["tags"] = _tags(own).reindex(table["segment_id"]).fillna("").to_numpy()
    known = table["code"].notna().to_numpy()
    table["coded"], table["pi"] = known, 1.0
    table["taking"], table["changed"] = counted.taking, counted.changed
    table["variant"], table["population"] = variant, ""
    table[[SHARE + label for label in framework.labels]] = np.where(known[:, None], counted.shares, np.nan)
    return _with_calendar(table)


def corpus_scores(corpus: Corpus, *, coder_id: str = GOLD, variant: str = "as_coded") -> pd.DataFrame:
    """Score an opened corpus, with role types where it has them: `score_table` on its tables.

    Parameters
    ----------
    corpus : Corpus
        From `open_corpus`: what consent left out is not among its segments.
    coder_id : str, default "gold"
        Whose primary codes count. Role types are the gold ones, whoever coded the segments.
    variant : {"as_coded", "without_required", "ties_split", "contested"}
        As in `score_table`; what workers contest is taken from ``corpus.contests``.

    Returns
    -------
    DataFrame
        As `score_table` gives it, and ``role_type`` where the corpus has role types ("not given" for a
        document without one).
    """
    scores = score_table(
        corpus.codings,
        corpus.segments,
        corpus.documents,
        corpus.framework,
        coder_id=coder_id,
        variant=variant,
        contests=corpus.contests,
    )
    return with_role_types(scores, corpus.role_types) if len(corpus.role_types) else scores


def with_sample(scores: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """Keep the codings of a probability sample alone, and record its probabilities.

    The codings of all other segments are blanked, so that no estimate can look at them.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`.
    sample : DataFrame
        From `draw_sample` or `draw_wave`, or a table of one's own: ``segment_id``, ``pi``, ``sampled`` and,
        where fixed numbers were drawn within strata, ``stratum``. Or a corpus's record of draws, whose waves
        for inference are joined as `joint_sample` says.

    Returns
    -------
    DataFrame
        A copy with the same rows. ``coded`` says who was sampled, ``pi`` with which probability,
        ``sampling_stratum`` within what where the sample has strata. Of segments
        that were not, ``code``, ``dimension``, ``coded_dimension`` and ``share_<label>`` are NaN, ``tags`` is
        empty, ``taking`` and ``changed`` are False.

    Raises
    ------
    CodingError
        When segments are missing from the sample's table, or sampled segments were not coded: leaving them
        out would bend the estimate.
    InputError
        When a record of draws holds picks for training alone.
    """
    sample = joint_sample(sample) if {"wave", "use"} <= set(sample.columns) else sample
    by_segment = sample.set_index("segment_id").reindex(scores["segment_id"])
    sampled = by_segment["sampled"].fillna(False).astype(bool).to_numpy()
    _refuse(
        scores.loc[by_segment["pi"].isna().to_numpy(), "segment_id"],
        "segments have no probability of being sampled",
        remedy="draw the sample from the same segments",
    )
    _refuse(
        scores.loc[sampled & ~scores["coded"].to_numpy(), "segment_id"],
        "segments were sampled but not coded",
        remedy="code them: a sample with gaps is no longer a probability sample",
    )
    table = scores.copy()
    hidden = [name for name in table if name.startswith(SHARE)]
    table.loc[~sampled, [*hidden, "code", "dimension", "coded_dimension"]] = np.nan
    table.loc[~sampled, "tags"] = ""
    table["coded"], table["pi"] = sampled, by_segment["pi"].to_numpy(dtype=float)
    if "stratum" in by_segment:
        table[STRATUM] = by_segment["stratum"].to_numpy()
    for name in ("taking", "changed"):
        table[name] = table[name] & sampled
    return table


def with_predictions(scores: pd.DataFrame, predictions: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Add a predicted probability for each label, from any model that never saw the segment's own cluster.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`.
    predictions : DataFrame
        ``segment_id`` and one probability column for each label of the framework.
    framework : Framework

    Returns
    -------
    DataFrame
        With ``p_<label>`` for each label.

    Raises
    ------
    InputError
        When a label's column is missing, a segment is predicted twice, or a segment has no prediction.
    """
    absent = [label for label in framework.labels if label not in predictions]
    if absent:
        raise InputError(f"the predictions lack the column(s) {', '.join(absent)}")
    twice = predictions.loc[predictions["segment_id"].duplicated(), "segment_id"]
    _refuse(twice, "segments are predicted more than once", remedy="keep one model's predictions")
    by_segment = predictions.set_index("segment_id")[list(framework.labels)].reindex(scores["segment_id"])
    _refuse(
        scores.loc[by_segment.isna().any(axis=1).to_numpy(), "segment_id"],
        "segments have no prediction",
        remedy="predict every segment: leaving some out would bend the estimate",
    )
    table = scores.copy()
    table[[PREDICTED + label for label in framework.labels]] = by_segment.to_numpy(dtype=float)
    return table


def with_periods(scores: pd.DataFrame, *, years: int, name: str = PERIOD) -> pd.DataFrame:
    """Add periods of several calendar years, such as ``2010-2014``; without a date: "not given".

    Parameters
    ----------
    scores : DataFrame
        From `score_table`, with the column ``date`` (datetime64; NaT where a document has none).
    years : int
        Length of a period, at least 1; periods start in years that are multiples of it.
    name : str, default "period"
        What the new column is called; a column of that name is replaced.

    Returns
    -------
    DataFrame
        A copy with the column `name`: first and last year of the period as text, both included.

    Raises
    ------
    InputError
        When the scores have no dates.
    """
    if "date" not in scores:
        raise InputError(
            "there is no column 'date' to make periods from",
            remedy="add `date` to documents.csv, or leave periods out",
        )
    table = scores.copy()
    first = table["date"].dt.year // years * years
    words = [f"{int(start)}-{int(start) + years - 1}" if start == start else NOT_GIVEN for start in first]
    table[name] = words
    return table


def with_role_types(scores: pd.DataFrame, role_types: pd.DataFrame, *, coder_id: str = GOLD) -> pd.DataFrame:
    """Add each document's role type as the column ``role_type``; "not given" where nobody gave one.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`.
    role_types : DataFrame
        ``document_id``, ``coder_id``, ``role_type``; at most one row for a document and coder.
    coder_id : str, default "gold"
        Whose role types count; those of others are not looked at.

    Returns
    -------
    DataFrame
        A copy with the column ``role_type``, the same for all segments of a document.
    """
    own = role_types[role_types["coder_id"] == coder_id].set_index("document_id")["role_type"]
    table = scores.copy()
    table["role_type"] = table["document_id"].map(own).fillna(NOT_GIVEN)
    return table


def population(scores: pd.DataFrame, column: str, values: str | Iterable[str], *, words: str) -> pd.DataFrame:
    """Keep the segments that an estimate is about, and name them.

    Parameters
    ----------
    scores : DataFrame
        From `score_table`.
    column : str
        A column of documents, e.g. ``worker_role`` or ``title_family``.
    values : str or iterable of str
        Segments whose documents have one of these values stay; a missing value is none of them.
    words : str
        Who they are, as the estimates will say it: ``peer workers``.

    Returns
    -------
    DataFrame
        A copy of the rows that stay, numbered anew, with `words` in the column ``population``.

    Raises
    ------
    InputError
        When the scores have no such column.
    UndefinedError
        When nobody is left.
    """
    if column not in scores:
        raise InputError(
            f"there is no column {column!r} to choose {words} by",
            remedy=f"use one of {', '.join(name for name in scores if name not in OF_SEGMENTS)}",
        )
    wanted = {values} if isinstance(values, str) else set(values)
    table = scores[scores[column].isin(wanted)].copy()
    if table.empty:
        raise UndefinedError(f"no segments of {words}: {column} is never {' or '.join(sorted(wanted))}")
    table["population"] = words
    return table.reset_index(drop=True)


def has_predictions(scores: pd.DataFrame) -> bool:
    """Whether predictions were joined."""
    return any(name.startswith(PREDICTED) for name in scores)


def shares(scores: pd.DataFrame, framework: Framework, *, prefix: str = SHARE) -> np.ndarray:
    """Columns of the labels as an array of shape (n_segments, n_labels), in the framework's order."""
    return scores[[prefix + label for label in framework.labels]].to_numpy(dtype=float)


def _tags(own: pd.DataFrame) -> pd.Series:
    primary = own[own["is_primary"].astype(bool)]
    return primary.set_index("segment_id")["tags"].fillna("")


def _with_calendar(table: pd.DataFrame) -> pd.DataFrame:
    if "date" not in table:
        return table
    dates = pd.to_datetime(table["date"])
    table["date"] = dates
    year = dates.dt.strftime("%Y")
    half = np.where(dates.dt.month <= 6, "H1", "H2")
    table["year"] = year.fillna(NOT_GIVEN)
    table["half_year"] = (year + "-" + half).fillna(NOT_GIVEN)
    table["quarter"] = (year + "-Q" + dates.dt.quarter.astype("Int64").astype("string")).fillna(NOT_GIVEN)
    table["month"] = dates.dt.strftime("%Y-%m").fillna(NOT_GIVEN)
    return table


def _check_documents(segments: pd.DataFrame, documents: pd.DataFrame) -> None:
    strangers = segments.loc[~segments["document_id"].isin(documents["document_id"]), "segment_id"]
    _refuse(strangers, "segments belong to no document", remedy="add the document or remove its segments")


def _refuse(segment_ids: pd.Series, what: str, *, remedy: str) -> None:
    if len(segment_ids):
        problems = [Problem(str(segment), "affected") for segment in segment_ids]
        raise CodingError(f"{len(segment_ids)} {what}", problems, remedy=remedy)
