"""A second look: what the rules still find in a corpus, by kind and as counts, without anybody's words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from peercompare.deidentify.kinds import KINDS
from peercompare.deidentify.material import read_material
from peercompare.deidentify.proposals import hits_in
from peercompare.deidentify.rules import Detector

REMAINING = ("kind", "words", "n_hits", "n_documents", "n_cells")


def remaining(
    path: str | Path, finder: Detector, *, as_of: date | str | None = None, columns: Iterable[str] = ()
) -> pd.DataFrame:
    """Count what the rules find in a corpus.

    Parameters
    ----------
    path : str or Path
        The corpus folder, opened for analysis.
    finder : Detector
        The rules in use: those of the proposals, or other ones.
    as_of : date or str, optional
        The day on which consent must hold; needed where people speak.
    columns : iterable of str
        Further columns to look through, as ``documents.csv:employer``.

    Returns
    -------
    DataFrame
        ``kind, words, n_hits, n_documents, n_cells``: a row for each kind that is looked for, with the number
        of hits, of documents in whose text there is one, and of cells of tables (and datasheets) with one.
        Zero says that the rules find nothing, not that there is nothing.

    Raises
    ------
    InputError
        As `open_corpus`, and where a column is not there.
    """
    hits = pd.DataFrame(
        [
            (hit.kind, place.place, place.document_id)
            for place in read_material(path, as_of=as_of, columns=columns).places()
            for hit in hits_in(place, finder)
        ],
        columns=["kind", "place", "document_id"],
    )
    rows = []
    for kind in finder.kinds_on:
        own = hits[hits["kind"] == kind]
        in_text = own["place"] == "text"
        rows.append(
            (
                kind, KINDS[kind].words, len(own), own.loc[in_text, "document_id"].nunique(),
                own.loc[~in_text, ["place"]].nunique().sum(),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(REMAINING))
