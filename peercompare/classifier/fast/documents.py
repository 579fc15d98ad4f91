"""The terms of whole documents, counted from pieces of text that are each read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from peercompare.classifier.domain import DocumentTerms
from peercompare.classifier.fast.terms import FastTerms, Taken
from peercompare.classifier.features import SegmentFeatures


class Found(NamedTuple):
    """How often terms stand in documents, shape (n_documents, n_terms), and the terms."""

    counts: sparse.csr_matrix
    terms: list[str]


def fast_document_terms(
    terms: FastTerms, features: SegmentFeatures, texts: Sequence[str], documents: Sequence[str]
) -> DocumentTerms:
    """Count the word and character n-grams of each document, as `peercompare.classifier.domain` does.

    Parameters
    ----------
    terms : FastTerms
        Made from the features.
    features : SegmentFeatures
        Fitted; words in sequences of one or two.
    texts, documents : sequence of str, length n_segments
        The segments' texts, and the document of each; at least one.

    Returns
    -------
    DocumentTerms
        As `document_terms` counts them; columns in another order.
    """
    taken = terms.taken(list(texts))
    of, ids = pd.factorize(np.array(list(documents), dtype=object))
    n_words = np.bincount(of, weights=[len(text.split()) for text in texts], minlength=len(ids)).astype(int)
    of = of[taken.order]
    found = _words(terms, taken, of), _letters(terms, taken, of)
    vocabularies = features.word_.vocabulary_, features.char_.vocabulary_
    offset = len(vocabularies[0])
    places = [_places(each.terms, known) for each, known in zip(found, vocabularies, strict=True)]
    return DocumentTerms(
        ids,
        sparse.hstack([each.counts for each in found], format="csr", dtype=float),
        np.repeat([0, 1], [len(each.terms) for each in found]),
        np.concatenate([places[0], np.where(places[1] < 0, -1, places[1] + offset)]),
        n_words,
    )


def _words(terms: FastTerms, taken: Taken, of: np.ndarray) -> Found:
    """Count words and pairs of words; `of` is the document of each text of `taken`."""
    words, names = terms.said(taken)
    texts = np.repeat(np.arange(len(of)), taken.marked.sizes)
    follows = (texts[:-1] == texts[1:]).nonzero()[0]
    keys, pairs = np.unique(words[follows] * len(names) + words[follows + 1], return_inverse=True)
    rows = np.concatenate([of[texts], of[texts[follows]]])
    columns = np.concatenate([words, len(names) + pairs])
    named = [f"{names[key // len(names)]} {names[key % len(names)]}" for key in keys.tolist()]
    ones = np.ones(len(rows), dtype=np.int32)
    shape = (int(of.max()) + 1, len(names) + len(named))
    return Found(sparse.csr_matrix((ones, (rows, columns)), shape=shape), names + named)


def _letters(terms: FastTerms, taken: Taken, of: np.ndarray) -> Found:
    """Count sequences of characters: documents by contents of pieces, times contents by sequences."""
    ones, n_texts = np.ones(len(of), dtype=np.int32), np.arange(len(of))
    by_content = (sparse.csr_matrix((ones, (of, n_texts))) @ taken.contents).tocsc()
    met = np.diff(by_content.indptr).nonzero()[0]
    rows = [terms.sequences(content) for content in met.tolist()]
    codes, different = pd.factorize(np.array([each for row in rows for each in row], dtype=object))
    ends = np.append(0, np.cumsum([len(row) for row in rows]))
    ones = np.ones(len(codes), dtype=np.int32)
    of_contents = sparse.csr_matrix((ones, codes, ends), shape=(len(met), len(different)))
    return Found((by_content[:, met].tocsr() @ of_contents).tocsr(), different.tolist())


def _places(terms: Sequence[str], vocabulary: Mapping[str, int]) -> np.ndarray:
    """Return the column of each term, or -1 where it is not known."""
    return np.fromiter((vocabulary.get(term, -1) for term in terms), dtype=int, count=len(terms))
