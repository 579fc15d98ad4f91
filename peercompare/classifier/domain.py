"""How unlike the training texts a document is, and in what: new terms, another mix of them, its length.

Everything is said of whole documents and in counts; no word of a document is shown or kept. What is usual is
taken from training documents themselves, each judged without the texts of its own employer or worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import normalize

from peercompare.classifier.calibrating import CALIBRATION_FOLDS
from peercompare.classifier.counting import Counts, placed, rarity
from peercompare.classifier.features import SegmentFeatures
from peercompare.classifier.splits import grouped_folds
from peercompare.persons import MIN_WORKERS

MEASURES = ("unseen_words", "unseen_characters", "distance")
DOMAIN_COLUMNS = ("unlike", "out_of_domain", "why_unlike")
USUAL = 0.95
"""The share of training documents, groups weighing the same, that are no further from the others."""

KIND_WEIGHTS = {"word": 0.6, "char": 1.0}
"""Words weigh less, since the character sequences inside them hold them once more."""

_LEAST_SPREAD = 0.005
_ENDS = (0.01, 0.99)
_WORDS = {
    "unseen_words": "{:.0%} of the weight of its words and pairs of words is new (usual: up to {:.0%})",
    "unseen_characters": "{:.0%} of the weight of its letter sequences is new (usual: up to {:.0%})",
    "distance": "its mix of terms is {:.2f} from the nearest training corpus (usual: up to {:.2f})",
}


@dataclass(frozen=True, eq=False)
class DocumentTerms:
    """The terms of documents, counted once and weighed as often as needed.

    Parameters
    ----------
    ids : np.ndarray of object, shape (n_documents,)
    counts : csr_matrix, shape (n_documents, n_terms)
        How often each term stands in each document.
    kinds : np.ndarray of int, shape (n_terms,)
        Position of each term's kind in `KIND_WEIGHTS`.
    places : np.ndarray of int, shape (n_terms,)
        The term's column among the pipeline's features; -1 for a term that the pipeline does not know.
    n_words : np.ndarray of int, shape (n_documents,)
    """

    ids: np.ndarray
    counts: sparse.csr_matrix
    kinds: np.ndarray
    places: np.ndarray
    n_words: np.ndarray


@dataclass(frozen=True, eq=False)
class Known:
    """What a model knows of terms: document frequencies, inverse; and which it has seen (n_features,)."""

    idf: np.ndarray
    seen: np.ndarray


def document_terms(pipeline: Pipeline, texts: Sequence[str], documents: Sequence[str]) -> DocumentTerms:
    """Count the word and character n-grams of each document, segment by segment as the model sees them.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, as `fit_classifier` makes it.
    texts, documents : sequence of str, length n_segments
        The segments' texts, and the document of each.

    Returns
    -------
    DocumentTerms
        Documents in the order of their appearance.
    """
    texts, features = list(texts), _features(pipeline)
    of, ids = pd.factorize(np.array(list(documents), dtype=object))
    member = sparse.csr_matrix((np.ones(len(of)), (of, np.arange(len(of)))), shape=(len(ids), len(of)))
    counts, kinds, places, offset = [], [], [], 0
    for number, (found, vectorizer) in enumerate(_counted(features, texts)):
        # In the order of their names, so that sums are the same whatever was counted before.
        terms, order = found.in_order(found.frequency() > 0)
        counts.append((member @ found.matrix)[:, order])
        columns = found.numbers.places_in(vectorizer)[order]
        places.append(np.where(columns >= 0, columns + offset, -1))
        kinds.append(np.full(len(terms), number))
        offset += len(vectorizer.vocabulary_)
    n_words = np.bincount(of, weights=[len(text.split()) for text in texts], minlength=len(ids)).astype(int)
    stacked = sparse.hstack(counts, format="csr", dtype=float)
    return DocumentTerms(ids, stacked, np.concatenate(kinds), np.concatenate(places), n_words)


def _counted(features: SegmentFeatures, texts: Sequence[str]) -> Iterator[tuple[Counts, TfidfVectorizer]]:
    """Yield the counts of each kind of term, with the vectorizer that knows some of them."""
    counter = features.counter()
    yield counter.words(texts), features.word_
    yield counter.plain(texts), features.char_


def _features(pipeline: Pipeline) -> SegmentFeatures:
    """Return what makes features of texts."""
    return pipeline.named_steps["features"]


def known_terms(pipeline: Pipeline) -> Known:
    """Return what a fitted pipeline knows of its own terms: it has seen them all."""
    idf = np.concatenate([vectorizer.idf_ for _, vectorizer in _features(pipeline).vectorizers()])
    return Known(idf, np.ones(len(idf), dtype=bool))


def _known_without(features: sparse.csr_matrix, rows: np.ndarray, least: int) -> Known:
    """Say what a pipeline would know had it been fitted on some rows alone."""
    frequency = np.bincount(features[rows].indices, minlength=features.shape[1])
    return Known(rarity(frequency, int(rows.sum())), frequency >= least)


def _weighed(terms: DocumentTerms, known: Known) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Return the unseen share of each kind (n_documents, 2) and the documents as vectors of unit length."""
    seen = terms.places >= 0
    seen[seen] = known.seen[terms.places[seen]]
    idf = np.zeros(len(terms.places))
    idf[seen] = known.idf[terms.places[seen]]
    for number in range(len(KIND_WEIGHTS)):
        of_kind = terms.kinds == number
        idf[of_kind & ~seen] = idf[of_kind].max(initial=1.0)
    weights = terms.counts.copy()
    weights.data = 1 + np.log(weights.data)
    weights = (weights @ sparse.diags(idf)).tocsr()
    shares, parts = [], []
    for number, kind in enumerate(KIND_WEIGHTS):
        of_kind = terms.kinds == number
        total = np.asarray(weights[:, of_kind].sum(axis=1)).ravel()
        new = np.asarray(weights[:, of_kind & ~seen].sum(axis=1)).ravel()
        shares.append(np.divide(new, total, out=np.zeros_like(new), where=total > 0))
        parts.append(KIND_WEIGHTS[kind] * normalize(_as_features(weights, terms, of_kind & seen, known)))
    return np.column_stack(shares), normalize(sum(parts))


def _as_features(
    weights: sparse.csr_matrix, terms: DocumentTerms, chosen: np.ndarray, known: Known
) -> sparse.csr_matrix:
    """Move the weights of some terms to the columns of the pipeline's features."""
    part = weights[:, chosen].tocoo()
    columns = terms.places[chosen][part.col]
    return sparse.csr_matrix((part.data, (part.row, columns)), shape=(weights.shape[0], len(known.idf)))


def _centroids(vectors: sparse.csr_matrix, corpora: np.ndarray) -> np.ndarray:
    """Average the documents of each corpus, to unit length; shape (n_corpora, n_features)."""
    means = [np.asarray(vectors[corpora == name].mean(axis=0)) for name in dict.fromkeys(corpora)]
    return normalize(np.vstack(means)).astype(np.float32)


def _measures(shares: np.ndarray, vectors: sparse.csr_matrix, centroids: np.ndarray) -> np.ndarray:
    """Put the unseen shares beside the distance to the nearest centroid; shape (n_documents, 3)."""
    alike = np.asarray(vectors @ centroids.T.astype(float)).max(axis=1)
    return np.column_stack([shares, 1 - alike])


def learn_domain(pipeline: Pipeline, table: pd.DataFrame, *, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Learn what is usual among training documents.

    Each document is measured in folds against the other employers' or workers' texts. Terms that fewer than
    two of their rows have count as new, as they would for a model fitted without the document's group.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted on the rows.
    table : DataFrame
        Training rows with ``segment_id, corpus, document_id, group, text``, of three groups or more.
    seed : int
        Of the folds.

    Returns
    -------
    centroids : np.ndarray of float32, shape (n_corpora, n_terms)
        Mean document of each corpus of five groups or more; one mean of all where a corpus has fewer.
    facts : dict
        Plain values: mean, spread and usual end of each measure, the threshold of `unlike`, the range of
        lengths, the number of documents.
    """
    of_rows = _counted(_features(pipeline), table["text"])
    features = sparse.hstack([placed(*each) for each in of_rows], format="csr")
    named = table["corpus"] + "\x1f" + table["document_id"].astype(str)
    once = ~table.duplicated(["corpus", "segment_id"])
    terms = document_terms(pipeline, table.loc[once, "text"], named[once])
    documents = table.assign(named=named).drop_duplicates("named").set_index("named").loc[terms.ids]
    several = documents.groupby("corpus")["group"].nunique().min() >= MIN_WORKERS
    corpora = documents["corpus"].to_numpy() if several else np.zeros(len(documents))
    groups = documents["group"].to_numpy()
    folds = grouped_folds(corpora, groups, n_folds=CALIBRATION_FOLDS, seed=seed)
    fold_of_row = named.map(dict(zip(terms.ids, folds, strict=True))).to_numpy()
    least = _features(pipeline).min_df
    measured = np.empty((len(terms.ids), len(MEASURES)))
    for fold in range(CALIBRATION_FOLDS):
        shares, vectors = _weighed(terms, _known_without(features, fold_of_row != fold, least))
        here = folds == fold
        measured[here] = _measures(shares, vectors, _centroids(vectors[~here], corpora[~here]))[here]
    centroids = _centroids(_weighed(terms, known_terms(pipeline))[1], corpora)
    return centroids, usual_of(measured, groups, terms.n_words)


def usual_of(measured: np.ndarray, groups: np.ndarray, n_words: np.ndarray) -> dict[str, Any]:
    """Summarise what is usual among training documents; groups weigh the same.

    Parameters
    ----------
    measured : np.ndarray, shape (n_documents, n_measures)
        Each document measured without the texts of its own group.
    groups : np.ndarray, shape (n_documents,)
    n_words : np.ndarray of int, shape (n_documents,)

    Returns
    -------
    dict
        Plain values; see `learn_domain`.
    """
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weights = 1 / sizes[codes]
    means = np.average(measured, axis=0, weights=weights)
    spreads = np.sqrt(np.average((measured - means) ** 2, axis=0, weights=weights)).clip(_LEAST_SPREAD)
    unlike = ((measured - means) / spreads).mean(axis=1)
    return {
        "means": means.tolist(),
        "spreads": spreads.tolist(),
        "usual": [_quantile(column, weights) for column in measured.T],
        "threshold": _quantile(unlike, weights),
        "words": np.quantile(n_words, _ENDS).tolist(),
        "n_documents": len(measured),
    }


def _quantile(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the smallest value that at least the usual share of the weight does not exceed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) >= USUAL * weights.sum() - 1e-9
    return float(values[order][reached.argmax()])


def domain_columns(
    pipeline: Pipeline, centroids: np.ndarray, facts: Mapping[str, Any], table: pd.DataFrame
) -> pd.DataFrame:
    """Say of each segment's document how unlike the training documents it is.

    Parameters
    ----------
    pipeline, centroids, facts
        Of a model; the last two from `learn_domain`.
    table : DataFrame
        ``document_id, text``: all segments of the documents; a part of a document is judged as if it were
        all of it.

    Returns
    -------
    DataFrame
        In the order of `table`: ``unlike``, the mean of three measures, each less its mean over training
        documents and in units of their spread; ``out_of_domain``, whether it lies above what 95 in 100
        training documents reach; ``why_unlike``, in words, for those out of domain. Counts alone: no word of
        a document is shown.
    """
    terms = document_terms(pipeline, table["text"], table["document_id"])
    found = columns_by_terms(pipeline, centroids, facts, terms)
    return found.loc[table["document_id"]].reset_index(drop=True)


def columns_by_terms(
    pipeline: Pipeline, centroids: np.ndarray, facts: Mapping[str, Any], terms: DocumentTerms
) -> pd.DataFrame:
    """Say so of documents whose terms are counted; as `domain_columns`, a row for each, by their ids."""
    measured = _measures(*_weighed(terms, known_terms(pipeline)), centroids)
    return said_of_documents(measured, terms.n_words, facts, _WORDS).set_axis(terms.ids)


def said_of_documents(
    measured: np.ndarray, n_words: np.ndarray, facts: Mapping[str, Any], words: Mapping[str, str]
) -> pd.DataFrame:
    """Say of measured documents how unlike the training documents they are.

    Parameters
    ----------
    measured : np.ndarray, shape (n_documents, n_measures)
    n_words : np.ndarray of int, shape (n_documents,)
    facts : mapping
        From `usual_of`.
    words : mapping of str to str
        For each measure, in order, the words for it, with places for the value and its usual end.

    Returns
    -------
    DataFrame
        `DOMAIN_COLUMNS`, a row for each document.
    """
    unlike = ((measured - np.array(facts["means"])) / np.array(facts["spreads"])).mean(axis=1)
    outside = unlike > facts["threshold"] + 1e-9
    why = [
        _why(row, n, facts, words) if out else ""
        for row, n, out in zip(measured, n_words, outside, strict=True)
    ]
    return pd.DataFrame(dict(zip(DOMAIN_COLUMNS, (unlike, outside, why), strict=True)))


def _why(measured: np.ndarray, n_words: int, facts: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Say in what a document is unlike the training documents."""
    parts = [
        phrase.format(value, usual)
        for phrase, value, usual in zip(words.values(), measured, facts["usual"], strict=True)
        if value > usual
    ]
    low, high = facts["words"]
    if not low <= n_words <= high:
        parts.append(f"it has {n_words} words (usual: {low:.0f} to {high:.0f})")
    return "; ".join(parts) or "no single measure is unusual, but all together are"
