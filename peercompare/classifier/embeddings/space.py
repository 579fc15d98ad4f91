"""How unlike the training texts a document is, in the space of an encoder.

As in `peercompare.classifier.domain`, everything is said of whole documents and in numbers, and what is usual
is taken from training documents, each judged without the texts of its own employer or worker. What is kept
are means over many texts, never the embedding of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import normalize

from peercompare.classifier.calibrating import CALIBRATION_FOLDS
from peercompare.classifier.domain import said_of_documents, usual_of
from peercompare.classifier.splits import grouped_folds
from peercompare.persons import MIN_WORKERS

PROTOTYPES = 32
"""Places in the space around which training segments lie; those of fewer than five groups are dropped."""

WORDS = {
    "document": "its mean embedding is {:.2f} from that of the nearest training corpus (usual: up to {:.2f})",
    "segments": "its segments are {:.2f} from the nearest kind of training segment (usual: up to {:.2f})",
}


class Landmarks(NamedTuple):
    """Unit vectors: the mean document of each corpus, and the prototypes of segments."""

    corpora: np.ndarray
    prototypes: np.ndarray


class Documents(NamedTuple):
    """Documents as their segments' unit embeddings; `of` is the position of each segment's document."""

    ids: np.ndarray
    vectors: np.ndarray
    of: np.ndarray
    n_words: np.ndarray

    def means(self) -> np.ndarray:
        """Return the mean embedding of each document, to unit length."""
        return normalize(self.averaged(self.vectors))

    def averaged(self, values: np.ndarray) -> np.ndarray:
        """Average what each segment has over its document; shape (n_documents, ...)."""
        sums = np.zeros((len(self.ids), *values.shape[1:]))
        np.add.at(sums, self.of, values)
        counts = np.bincount(self.of, minlength=len(self.ids))
        return sums / counts.reshape(-1, *[1] * (values.ndim - 1))


def documents_of(vectors: np.ndarray, texts: Sequence[str], documents: Sequence[str]) -> Documents:
    """Gather segments by document, in the order of their appearance."""
    of, ids = pd.factorize(np.array(documents, dtype=object))
    n_words = np.bincount(of, weights=[len(text.split()) for text in texts], minlength=len(ids))
    return Documents(ids, normalize(vectors), of, n_words.astype(int))


def learn_space(vectors: np.ndarray, table: pd.DataFrame, *, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Learn what is usual among training documents.

    Parameters
    ----------
    vectors : np.ndarray, shape (n_rows, n_dimensions)
        Embeddings of the rows' texts.
    table : DataFrame
        Training rows with ``segment_id, corpus, document_id, group, text``, of three groups or more.
    seed : int
        Of the folds and the prototypes.

    Returns
    -------
    landmarks : np.ndarray of float32, shape (n_landmarks, n_dimensions)
        The mean documents (of each corpus of five groups or more; of all where a corpus has fewer), then the
        prototypes.
    facts : dict
        As `usual_of`, and ``n_means``, how many of the landmarks are mean documents.
    """
    once = ~table.duplicated(["corpus", "segment_id"]).to_numpy()
    rows = table[once]
    named = rows["corpus"] + "\x1f" + rows["document_id"].astype(str)
    documents = documents_of(vectors[once], rows["text"].tolist(), named)
    about = rows.assign(named=named).drop_duplicates("named").set_index("named").loc[documents.ids]
    groups = about["group"].to_numpy()
    several = about.groupby("corpus")["group"].nunique().min() >= MIN_WORKERS
    corpora = about["corpus"].to_numpy() if several else np.zeros(len(about))
    folds = grouped_folds(corpora, groups, n_folds=CALIBRATION_FOLDS, seed=seed)
    measured = np.empty((len(groups), len(WORDS)))
    for fold in range(CALIBRATION_FOLDS):
        here = folds == fold
        landmarks = _landmarks(documents, corpora, groups, kept=~here, seed=seed)
        measured[here] = _measures(documents, landmarks)[here]
    landmarks = _landmarks(documents, corpora, groups, kept=np.ones(len(groups), dtype=bool), seed=seed)
    facts = usual_of(measured, groups, documents.n_words)
    return np.vstack(landmarks).astype(np.float32), {**facts, "n_means": len(landmarks.corpora)}


def _landmarks(
    documents: Documents, corpora: np.ndarray, groups: np.ndarray, *, kept: np.ndarray, seed: int
) -> Landmarks:
    """Find the landmarks of some documents."""
    means = documents.means()
    names = dict.fromkeys(corpora[kept])
    centres = normalize(np.vstack([means[kept & (corpora == name)].mean(axis=0) for name in names]))
    segments = kept[documents.of]
    vectors, owners = documents.vectors[segments], groups[documents.of[segments]]
    clusters = KMeans(min(PROTOTYPES, len(np.unique(vectors, axis=0))), n_init=1, random_state=seed).fit(
        vectors
    )
    crowd = pd.Series(owners).groupby(clusters.labels_).nunique()
    shared = crowd.index[crowd >= MIN_WORKERS]
    return Landmarks(centres, normalize(clusters.cluster_centers_[shared]) if len(shared) else centres)


def _measures(documents: Documents, landmarks: Landmarks) -> np.ndarray:
    """Measure documents against landmarks; shape (n_documents, 2)."""
    whole = 1 - (documents.means() @ landmarks.corpora.T).max(axis=1)
    each = 1 - (documents.vectors @ landmarks.prototypes.T).max(axis=1)
    return np.column_stack([whole, documents.averaged(each)])


def space_columns(
    vectors: np.ndarray, landmarks: np.ndarray, facts: Mapping[str, Any], table: pd.DataFrame
) -> pd.DataFrame:
    """Say of each segment's document how unlike the training documents it is.

    Parameters
    ----------
    vectors : np.ndarray, shape (n_segments, n_dimensions)
        Embeddings of the segments.
    landmarks, facts
        From `learn_space`.
    table : DataFrame
        ``document_id, text``: all segments of the documents.

    Returns
    -------
    DataFrame
        ``unlike, out_of_domain, why_unlike`` in the order of `table`, as `domain_columns` gives them.
    """
    documents = documents_of(vectors, table["text"].tolist(), table["document_id"])
    n_means = int(facts["n_means"])
    landmarks = Landmarks(landmarks[:n_means].astype(float), landmarks[n_means:].astype(float))
    found = said_of_documents(_measures(documents, landmarks), documents.n_words, facts, WORDS)
    return found.iloc[documents.of].reset_index(drop=True)
