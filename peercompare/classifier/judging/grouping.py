"""By what scores may be told apart: columns of documents, year, gold's dimension, texts that stand twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.classifier.splits import near_duplicates
from peercompare.classifier.training import analysed_segments
from peercompare.codings import GOLD, dimensions, primary_codes
from peercompare.corpus import Corpus
from peercompare.errors import DisclosureError, InputError
from peercompare.persons import person_columns

NOT_GIVEN = "not given"
DIMENSION, YEAR, NEAR_DUPLICATE = "dimension", "year", "near_duplicate"
SPECIAL = (DIMENSION, YEAR, NEAR_DUPLICATE)
"""What scores can be told apart by beside the columns of documents."""

CLOSED = ("document_id", "title", "text", "date", "speakers")
"""Columns of documents that make no groups."""

TWICE, ONCE = "stands elsewhere too", "stands once"


def groupings(corpus: Corpus) -> list[str]:
    """List what a corpus's segments can be grouped by, of documents' columns and `SPECIAL`."""
    columns = [str(column) for column in corpus.documents if column not in CLOSED]
    closed = set(person_columns(columns))
    special = [name for name in SPECIAL if name != YEAR or "date" in corpus.documents]
    return [*special, *(column for column in columns if column not in closed)]


def check_grouping(name: str, corpora: list[Corpus]) -> None:
    """Raise where a name would single out people, or no corpus knows it.

    Raises
    ------
    DisclosureError
        For a column that says who somebody is: results by person are never shown.
    InputError
        For a name that no corpus has; those that they have are listed.
    """
    if person_columns([name]):
        raise DisclosureError(
            f"Scores are not told apart by {name}: that would judge single people",
            remedy="use groups of people, such as a setting or a site",
        )
    known = list(dict.fromkeys(each for corpus in corpora for each in groupings(corpus)))
    if name not in known:
        raise InputError(
            f"There is no column {name!r} to tell scores apart by", remedy=f"use one of {', '.join(known)}"
        )


def values_of(corpus: Corpus, name: str) -> pd.Series:
    """Return the group of each analysed segment.

    Parameters
    ----------
    corpus : Corpus
    name : str
        One of `groupings`.

    Returns
    -------
    Series of str
        Indexed by ``segment_id``, in the order of the corpus; "not given" where a document does not say.
        By dimension, it is that of gold's code: segments that gold has given no stance bear none's name,
        and those that gold did not code are "not given".
    """
    segments = analysed_segments(corpus).set_index("segment_id")
    if name == DIMENSION:
        codes = primary_codes(corpus.codings, GOLD, corpus_name=corpus.name).reindex(segments.index)
        return dimensions(codes, corpus.framework).fillna(NOT_GIVEN).rename(name)
    if name == NEAR_DUPLICATE:
        return _doubled(segments)
    documents = corpus.documents.set_index("document_id")
    if name == YEAR and YEAR not in documents:
        column = pd.to_datetime(documents["date"]).dt.strftime("%Y")
    else:
        column = documents[name].astype(object)
    return segments["document_id"].map(column.where(column.notna(), NOT_GIVEN).astype(str)).rename(name)


def _doubled(segments: pd.DataFrame) -> pd.Series:
    """Say of each segment whether another employer or worker has nearly the same text."""
    families = near_duplicates(segments["text"])
    groups = segments["group"].groupby(families).nunique().reindex(families).to_numpy()
    return pd.Series(np.where(groups > 1, TWICE, ONCE), index=segments.index, name=NEAR_DUPLICATE)
