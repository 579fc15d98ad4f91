"""The document around a segment as an embedding: the mean of those of its segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

Embed = Callable[[Sequence[str]], np.ndarray]

SHARE = 0.7
"""Length of a document's embedding beside a segment's of length 1; chosen on grouped folds."""


def with_documents(table: pd.DataFrame, embed: Embed) -> np.ndarray:
    """Put the mean embedding of each segment's document beside the segment's own.

    Parameters
    ----------
    table : DataFrame
        ``text, document``, as `as_inputs` gives them: a document holds its segments, one a line.
    embed : callable
        Gives texts embeddings of unit length.

    Returns
    -------
    np.ndarray, shape (n_rows, 2 * n_dimensions)
        Where the document is not known the segment stands for it.
    """
    own = embed(table["text"].tolist())
    around = own.copy()
    codes, documents = pd.factorize(table["document"])
    lines = [[line for line in document.split("\n") if line.strip()] for document in documents]
    flat = embed([line for each in lines for line in each])
    ends = np.cumsum([len(each) for each in lines])
    for place, each in enumerate(lines):
        if each:
            mean = flat[ends[place] - len(each) : ends[place]].mean(axis=0)
            around[codes == place] = normalize(mean[None, :])
    return np.hstack([own, SHARE * around])


def both_views(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as they are, and once more without their documents."""
    return pd.concat([table, table.assign(document="")], ignore_index=True)
