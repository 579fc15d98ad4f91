"""How many documents are unlike the training texts: one row a corpus."""

from __future__ import annotations

import numpy as np
import pandas as pd

from peercompare.classifier.domain import DOMAIN_COLUMNS
from peercompare.classifier.shares import mean_over_segments
from peercompare.classifier.showing import TOO_FEW, hide, rests_on_too_few, workers_of
from peercompare.classifier.training import analysed_segments
from peercompare.corpus import Corpus
from peercompare.errors import InputError

DOMAIN_TABLE_COLUMNS = (
    "corpus model n_documents n_out_of_domain estimate lower upper confidence_level n_clusters "
    "method reason waiver"
).split()
METHOD = "share of documents further from the training texts than 95 in 100 training documents"


def domain_table(
    corpus: Corpus,
    predictions: pd.DataFrame,
    *,
    model: str = "ngram",
    confidence_level: float = 0.95,
    waive: bool = False,
) -> pd.DataFrame:
    """Count the documents of a corpus that are unlike what its predictions' models were trained on.

    Parameters
    ----------
    corpus : Corpus
        Opened for analysis.
    predictions : DataFrame
        With ``segment_id`` and ``out_of_domain``, from `out_of_fold` or a model.
    model : str, default "ngram"
        Name of what predicted, for the table.
    confidence_level : float, default 0.95
        In (0, 1).
    waive : bool, default False
        As in `scores_table`.

    Returns
    -------
    DataFrame
        One row with the columns `DOMAIN_TABLE_COLUMNS`; the interval is a delete-one-cluster jackknife. In
        the texts of employers or workers like those of the training about one document in twenty is expected.

    Raises
    ------
    InputError
        If the predictions do not say which documents are out of domain, or lack a segment.
    """
    column = DOMAIN_COLUMNS[1]
    if column not in predictions:
        raise InputError(
            f"The predictions have no column {column}", remedy="only our own models say how unlike a text is"
        )
    segments = analysed_segments(corpus)
    outside = segments["segment_id"].map(predictions.set_index("segment_id")[column])
    if outside.isna().any():
        raise InputError(f"{int(outside.isna().sum())} segments of {corpus.name} have no prediction")
    documents = segments.assign(outside=outside.astype(bool)).drop_duplicates("document_id")
    score = mean_over_segments(
        documents["outside"].to_numpy(), list(documents["group"]), confidence_level=confidence_level
    )
    row = {
        "corpus": corpus.name,
        "model": model,
        "n_documents": len(documents),
        "n_out_of_domain": int(documents["outside"].sum()),
        "estimate": score.estimate,
        "lower": score.lower,
        "upper": score.upper,
        "confidence_level": confidence_level,
        "n_clusters": score.n_clusters,
        "method": METHOD,
        "reason": score.reason,
    }
    few = rests_on_too_few(workers_of(corpus, segments["segment_id"]))
    table = pd.DataFrame([row]).astype({"n_out_of_domain": "Int64"})
    columns = ["estimate", "lower", "upper"]
    table = hide(table, [TOO_FEW if few else ""], columns=columns, composed=corpus.composed, waive=waive)
    table.loc[table["estimate"].isna() & np.array([few]), "n_out_of_domain"] = pd.NA
    return table[DOMAIN_TABLE_COLUMNS]
