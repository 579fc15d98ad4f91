"""The coded segments that lie nearest to a text in a model's space: what its prediction resembles.

Neighbours explain a model on embeddings about as well as it knows itself: they show what it takes for alike,
not why. Each is another person's words, and shown only where consent covers quotation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from peercompare.classifier.embeddings.encoder import BATCH, batches, by_length, deterministic, worded
from peercompare.classifier.embeddings.learning import EncoderModel
from peercompare.classifier.evaluation import true_labels
from peercompare.classifier.tables import check_columns, check_texts
from peercompare.classifier.training import analysed_segments
from peercompare.corpus import Corpus
from peercompare.errors import CodingError, InputError

NEAREST_COLUMNS = (
    "segment_id",
    "place",
    "similarity",
    "label",
    "corpus",
    "coded_segment",
    "text",
    "n_not_shown",
)
CHUNK = 1000


def nearest_coded(
    model: EncoderModel, texts: pd.DataFrame, corpora: Corpus | Sequence[Corpus], *, n_neighbours: int = 5
) -> pd.DataFrame:
    """Find the coded segments nearest to texts.

    Parameters
    ----------
    model : EncoderModel
        A model on embeddings. Where its encoder was fine-tuned the tuned space is used.
    texts : DataFrame
        ``segment_id, text``.
    corpora : Corpus or sequence of Corpus
        Coded by gold. A text's own segment is never its neighbour, and of texts that stand there more than
        once one is.
    n_neighbours : int, default 5

    Returns
    -------
    DataFrame
        Columns as `NEAREST_COLUMNS`: for each text those of its nearest coded segments whose people agreed
        to quotation, the nearest first. ``place`` counts all of them; ``similarity`` is the cosine; ``label``
        is gold's; ``n_not_shown`` says how many of the text's nearest are not shown, and a text of whose
        neighbours none may be shown has one row that says so alone.

    Raises
    ------
    InputError
        If the model has no embeddings, a column is missing, or `n_neighbours` is below 1.
    CodingError
        If the corpora have no coded segment.
    ConsentError
        If a quotation cannot be recorded in a corpus's log.
    """
    if not hasattr(model, "encoder"):
        raise InputError(
            "This model has no embeddings, so that nothing is near to anything in it",
            remedy="use a model of kind embedding, finetuned or stack; `text_contributions` explains n-grams",
        )
    if n_neighbours < 1:
        raise InputError(f"n_neighbours must be 1 or more; it is {n_neighbours}")
    check_columns(texts, ("segment_id", "text"), what="texts to explain")
    check_texts(texts, what="texts to explain")
    several = [corpora] if isinstance(corpora, Corpus) else list(corpora)
    coded = _coded(several)
    vectors = normalize(vectors_of(model, coded["text"].tolist()))
    asked = normalize(vectors_of(model, texts["text"].tolist()))
    rows = []
    for start in range(0, len(asked), CHUNK):
        alike = asked[start : start + CHUNK] @ vectors.T
        for row, found in zip(texts["segment_id"].iloc[start : start + CHUNK], alike, strict=True):
            rows += _neighbours(row, found, coded, n_neighbours)
    table = pd.DataFrame(rows, columns=list(NEAREST_COLUMNS)).astype({"place": "Int64"})
    return _quoted(table, several)


def _coded(several: Sequence[Corpus]) -> pd.DataFrame:
    """Gather coded segments, different texts once, and whether each may be quoted."""
    tables = []
    for corpus in several:
        labels = true_labels(corpus)
        table = analysed_segments(corpus).set_index("segment_id").loc[labels.index]
        may = corpus.permits("quotation").reindex(labels.index).fillna(False)
        tables.append(table.assign(label=labels, may=may.astype(bool)).reset_index())
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if found.empty:
        raise CodingError("No segment of these corpora is coded by gold", remedy="have them coded first")
    # Where a sentence stands twice, one that may be shown is kept.
    return found.sort_values("may", ascending=False, kind="stable").drop_duplicates("text")


def vectors_of(model: EncoderModel, texts: Sequence[str]) -> np.ndarray:
    """Embed texts as the model does: by its fine-tuned network, where it has one.

    Returns
    -------
    np.ndarray, shape (n_texts, n_dimensions)
    """
    tuned = next((each for each in model.pipeline.estimators_ if hasattr(each, "network_")), None)
    if tuned is None:
        return model.embed(list(texts)).astype(float)
    import torch

    texts = worded(texts, tuned.titles)
    out = np.empty((len(texts), model.encoder.n_dimensions))
    with deterministic(), torch.inference_mode():
        for rows in batches(by_length(texts), BATCH):
            out[rows] = tuned.network_.embedded([texts[row] for row in rows]).float().numpy()
    return out


def _neighbours(segment_id: str, alike: np.ndarray, coded: pd.DataFrame, n: int) -> list[dict[str, object]]:
    """Lay out the nearest of one text; those that may not be shown are counted."""
    alike = np.where(coded["segment_id"].to_numpy() == segment_id, -np.inf, alike)
    nearest = np.argsort(-alike, kind="stable")[: min(n, int(np.isfinite(alike).sum()))]
    chosen = coded.iloc[nearest]
    hidden = int((~chosen["may"]).sum())
    rows = [
        {
            "segment_id": segment_id,
            "place": number,
            "similarity": float(alike[place]),
            "label": row["label"],
            "corpus": row["corpus"],
            "coded_segment": row["segment_id"],
            "n_not_shown": hidden,
        }
        for number, (place, (_, row)) in enumerate(zip(nearest, chosen.iterrows(), strict=True), start=1)
        if row["may"]
    ]
    return rows or [{"segment_id": segment_id, "n_not_shown": hidden}]


def _quoted(table: pd.DataFrame, several: Sequence[Corpus]) -> pd.DataFrame:
    """Put the words in, which asks for quotation again and is recorded."""
    words = {}
    for corpus in several:
        ids = table.loc[table["corpus"] == corpus.name, "coded_segment"].drop_duplicates()
        if len(ids):
            words |= {(corpus.name, key): text for key, text in corpus.quote(list(ids)).items()}
    keys = zip(table["corpus"], table["coded_segment"], strict=True)
    return table.assign(text=[words.get(key, "") for key in keys])
