"""Which segments to code next so that a classifier learns most: where it is unsure, and unlike each other.

Such a pick is not random: a share or an index counted on it is wrong, and nothing can put it right. It is for
training alone; `peercompare.drift.waves` draws what estimates are made from.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from peercompare.classifier.pipeline import TOKEN
from peercompare.classifier.tables import check_columns, check_texts
from peercompare.corpus import Corpus
from peercompare.corpus.policies import narrowed
from peercompare.errors import CodingError, InputError, Problem

UNCERTAINTY, DIVERSITY, BOTH = "uncertainty", "diversity", "both"
WAYS = (BOTH, UNCERTAINTY, DIVERSITY)

POOL = 3
"""With both, how many times as many unsure segments stand for choice as are picked."""

BATCH = 1000
"""Texts compared with everything coded at a time, to keep the comparison small."""

IN_WORDS = {
    UNCERTAINTY: "least margin between the two likeliest labels",
    DIVERSITY: "farthest from each other and from what is coded (k-centre on word n-grams)",
    BOTH: f"farthest from each other among the {POOL} n with the least margin",
}
"""Each way, as the record of draws says it."""


def candidates(corpus: Corpus) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what may be picked, and what is coded already, of people who consent to analysis and training.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    uncoded, coded : DataFrame
        ``segment_id, document_id, text``: segments that nobody has coded yet, and the others.

    Raises
    ------
    ConsentError
        Where nobody consents to analysis.
    CodingError
        Where nothing is left to pick.
    """
    corpus = narrowed(corpus, "analysis")
    permitted = corpus.permits("training").reindex(corpus.segments["segment_id"]).to_numpy(dtype=bool)
    segments = corpus.segments.loc[permitted, ["segment_id", "document_id", "text"]].reset_index(drop=True)
    coded = segments["segment_id"].isin(corpus.codings["segment_id"])
    if coded.all():
        raise CodingError(
            f"Every segment of {corpus.name} whose people consent to training is coded already",
            remedy="bring in further texts; or draw for inference, which may code again what others coded",
        )
    return segments[~coded].reset_index(drop=True), segments[coded].reset_index(drop=True)


def select_for_training(
    uncoded: pd.DataFrame,
    *,
    n: int,
    seed: int,
    by: str = BOTH,
    predictions: pd.DataFrame | None = None,
    coded: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Pick segments from which a classifier may learn most.

    By uncertainty: those with the smallest margin between their two likeliest labels. By diversity: greedily,
    each time the one farthest (cosine, word and two-word tf-idf) from everything coded or picked so far. By
    both: greedily far apart among the three times `n` with the smallest margins, so that a pick of unsure
    segments is not one sentence over and over.

    Parameters
    ----------
    uncoded : DataFrame
        ``segment_id, text``, from `candidates`.
    n : int
        How many; from 1 to all.
    seed : int
        Breaks ties, and begins where nothing is coded.
    by : {"both", "uncertainty", "diversity"}
    predictions : DataFrame, optional
        ``segment_id`` and one probability column for each label; not needed for diversity. Columns `fold`
        and `model_id` are passed over, as is every column that is not numeric.
    coded : DataFrame, optional
        ``text`` of what is coded already.

    Returns
    -------
    DataFrame
        ``segment_id`` and ``margin`` (NaN for diversity), in the order in which they were picked.

    Raises
    ------
    InputError
        For an unknown way, a number that cannot be had, or segments without a prediction.

    Notes
    -----
    Measured on the shipped corpora (a quarter of the employers or workers held out, 120 random segments at
    first, then 120 more twice, 10 seeds; ``tests/benchmarks/bench_next_segments.py``): macro-F1 at 360
    segments differs from a random pick of the same number by .014 (-.000 to .028) on job descriptions and by
    -.023 (-.046 to -.000) on sessions for both; by .018 and -.019 for uncertainty; by -.005 and -.028 for
    diversity. No way was better than chance there: measure on your own texts before you lean on one.

    References
    ----------
    Scheffer, Decomain & Wrobel (2001), Active hidden Markov models for information extraction. IDA, LNCS
    2189, 309-318 (margin). doi:10.1007/3-540-44816-0_31. Sener & Savarese (2018), Active learning for
    convolutional neural networks: a core-set approach. ICLR (k-centre). doi:10.48550/arXiv.1708.00489
    """
    _check(uncoded, n, by)
    shuffled = np.random.default_rng(seed).permutation(len(uncoded))
    table = uncoded.sort_values("segment_id", ignore_index=True).iloc[shuffled].reset_index(drop=True)
    margin = np.full(len(table), np.nan) if by == DIVERSITY else _margins(table["segment_id"], predictions)
    order = np.argsort(margin, kind="stable")
    pool = order[: {UNCERTAINTY: n, DIVERSITY: len(table), BOTH: POOL * n}[by]]
    if by != UNCERTAINTY:
        texts = [] if coded is None else list(coded["text"])
        pool = pool[_far_apart(table["text"].iloc[pool], texts, n)]
    return pd.DataFrame({"segment_id": table["segment_id"].iloc[pool].to_numpy(), "margin": margin[pool]})


def _check(uncoded: pd.DataFrame, n: int, by: str) -> None:
    """Raise for a way or a number that cannot be had."""
    if by not in WAYS:
        raise InputError(f"{by!r} is no way to pick segments", remedy=f"use one of {', '.join(WAYS)}")
    check_columns(uncoded, ("segment_id", "text"), what="segments to pick from")
    check_texts(uncoded, what="segments to pick from")
    if not 1 <= n <= len(uncoded):
        raise InputError(
            f"{n} segments cannot be picked from {len(uncoded)}",
            remedy=f"give a number from 1 to {len(uncoded)}",
        )


def _margins(segment_ids: pd.Series, predictions: pd.DataFrame | None) -> np.ndarray:
    """Return the distance between each segment's two largest probabilities."""
    if predictions is None:
        raise InputError(
            "There are no predictions to be unsure of",
            remedy="give predictions or a model, or pick by diversity, which needs none",
        )
    if predictions["segment_id"].duplicated().any():
        raise InputError("segments are predicted more than once", remedy="keep one model's predictions")
    labels = predictions.drop(columns=["fold"], errors="ignore").select_dtypes("number")
    found = labels.set_index(predictions["segment_id"]).reindex(segment_ids)
    missing = found.isna().any(axis=1).to_numpy()
    if missing.any() or found.shape[1] < 2:
        problems = [Problem("predictions", f"{each} has none") for each in segment_ids[missing]]
        raise InputError("Segments have no prediction", problems, remedy="predict every segment")
    two = np.sort(found.to_numpy(dtype=float), axis=1)[:, -2:]
    return two[:, 1] - two[:, 0]


def _far_apart(texts: pd.Series, coded: list[str], n: int) -> np.ndarray:
    """Return positions of n texts, each the farthest from what was coded or taken before it."""
    vectorizer = TfidfVectorizer(token_pattern=TOKEN, ngram_range=(1, 2), sublinear_tf=True)
    features = sparse.csr_matrix(vectorizer.fit_transform([*texts, *coded]))
    here, there = features[: len(texts)], features[len(texts) :]
    nearest = np.full(len(texts), -1.0)
    for start in range(0, len(texts) if coded else 0, BATCH):
        alike = here[start : start + BATCH] @ there.T
        nearest[start : start + BATCH] = alike.max(axis=1).toarray().ravel()
    taken = np.empty(n, dtype=int)
    for number in range(n):
        at = int(np.argmin(nearest))
        taken[number] = at
        nearest = np.maximum(nearest, (here @ here[at].T).toarray().ravel())
        nearest[taken[: number + 1]] = np.inf
    return taken
