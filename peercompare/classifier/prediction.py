"""Out-of-fold predictions: every segment is judged by a model that never saw its employer or its worker."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from peercompare.classifier.inputs import CONTEXT_COLUMNS
from peercompare.classifier.model import Learn, train
from peercompare.classifier.remembered import remembered_answers
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.training import analysed_segments, leading_labels, training_table
from peercompare.corpus import Corpus
from peercompare.errors import InputError
from peercompare.progress import progress

UNCODED = ""
"""Stands for the label of a segment that nobody has coded, when folds are balanced."""

EXTRA = -1
"""The fold of rows that may teach and are never held out."""

_WITHOUT_EXAMPLES = partial(train, examples_weight=0.0)


def out_of_fold(
    corpus: Corpus,
    *,
    n_folds: int = 5,
    seed: int,
    extra_training: pd.DataFrame | None = None,
    gold_weight: float = 2.0,
    coder_weight: float = 0.5,
    learn: Learn = train,
) -> pd.DataFrame:
    """Predict every analysed segment of a corpus with a model that has not seen its employer or worker.

    Models learn from segments whose people consent to training; predictions are given for all segments that
    consent to analysis let in, coded or not. Near-duplicates of a held-out segment do not teach its model
    either; of the framework's examples those of any segment of the corpus teach none.

    Parameters
    ----------
    corpus : Corpus
        Opened for analysis, at least.
    n_folds : int, default 5
        Groups (the corpus's ``cluster``) are kept whole.
    seed : int
        Of the folds and the fits.
    extra_training : DataFrame, optional
        A training table of other texts that every fold's model learns from too.
    gold_weight, coder_weight : float, default 2.0 and 0.5
        As in `training_table`.
    learn : callable, default `train`
        What learns in each fold; see `peercompare.classifier.embeddings.learner` for other models.

    Returns
    -------
    DataFrame
        ``segment_id, fold, model_id``, one column for each label, and what `Model.answers` adds: the set of
        labels, whether the model abstains, and how unlike the training texts the document is. In the order of
        ``corpus.segments``; no segment is left out because the model abstains.

    Raises
    ------
    ConsentError, CodingError
        As in `training_table`, and where a fold's training rows hold one label alone.
    UndefinedError
        If there are fewer groups than folds.

    Notes
    -----
    Each fold is balanced by the label with the most votes. Calibration happens inside each fold's training
    rows, in folds of their own, so that no probability has been adjusted to the segment it belongs to.

    What the n-gram model said of a fold is kept in the user's cache folder (see `remembered_answers`), and
    recalled where everything that it was made of is the same.
    """
    table = training_table(corpus, gold_weight=gold_weight, coder_weight=coder_weight)
    return _cross_predict(
        analysed_segments(corpus),
        table,
        corpus,
        n_folds=n_folds,
        seed=seed,
        extra=extra_training,
        learn=learn,
    )


def cross_predict_on(
    corpus: Corpus,
    texts: Mapping[str, str],
    *,
    n_folds: int = 5,
    seed: int,
    gold_weight: float,
    coder_weight: float,
) -> pd.DataFrame:
    """Predict out of fold as `out_of_fold` does, with other words in place of each document's text.

    Parameters
    ----------
    corpus : Corpus
        Opened for analysis.
    texts : mapping of document_id to str
        What the models see of each document, for instance its title.
    n_folds, seed, gold_weight, coder_weight
        As in `out_of_fold`.

    Returns
    -------
    DataFrame
        As `out_of_fold`; near-duplicates are still judged by the segments' own texts.
    """
    table = training_table(corpus, gold_weight=gold_weight, coder_weight=coder_weight)
    how = {"n_folds": n_folds, "seed": seed, "shown": texts, "learn": _WITHOUT_EXAMPLES}
    return _cross_predict(analysed_segments(corpus), table, corpus, **how)


def _cross_predict(
    segments: pd.DataFrame,
    table: pd.DataFrame,
    corpus: Corpus,
    *,
    n_folds: int,
    seed: int,
    extra: pd.DataFrame | None = None,
    shown: Mapping[str, str] | None = None,
    learn: Learn = train,
) -> pd.DataFrame:
    """Fit and predict fold by fold."""
    extra = table.iloc[:0] if extra is None else _checked_extra(extra, corpus)
    labels = segments["segment_id"].map(leading_labels(table)).fillna(UNCODED)
    folds = grouped_folds(labels, segments["group"], n_folds=n_folds, seed=seed)
    families = near_duplicates([*segments["text"], *extra["text"]])
    all_folds = np.append(folds, np.full(len(extra), EXTRA))
    parts = []
    for fold, test, teaching in progress(
        held_out(all_folds, families), description=f"folds of {corpus.name}", total=n_folds
    ):
        own, added = teaching[: len(segments)], teaching[len(segments) :]
        rows = table[table["segment_id"].isin(set(segments["segment_id"][own]))]
        held = segments[test[: len(segments)]]
        if shown is not None:
            rows, held = _by_document(rows, shown), _titled(held, shown)
        rows = pd.concat([rows, extra[added]], ignore_index=True)
        teaching = {"seed": seed, "calibrate": shown is None, "apart_from": segments["text"]}
        parts.append(remembered_answers(learn, rows, corpus.framework, held, fold=fold, **teaching))
    found = pd.concat(parts, ignore_index=True).set_index("segment_id").reindex(segments["segment_id"])
    return found.reset_index()


def _titled(held: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    """Show other words in place of each document's text, and nothing around them."""
    bare = held.drop(columns=list(CONTEXT_COLUMNS), errors="ignore")
    return bare.assign(text=bare["document_id"].map(shown))


def _by_document(rows: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    """Show each document once for each label, weighted, since all its segments look alike."""
    of_document = ["corpus", "document_id", "group", "whose", "label"]
    summed = rows.groupby(of_document, as_index=False, sort=False)["weight"].sum()
    return summed.assign(segment_id=summed["document_id"], text=summed["document_id"].map(shown))


def _checked_extra(extra: pd.DataFrame, corpus: Corpus) -> pd.DataFrame:
    """Refuse extra training rows that come from the corpus whose segments are to be held out."""
    if extra["corpus"].eq(corpus.name).any():
        raise InputError(
            f"The extra training rows hold segments of {corpus.name}, which are to be held out",
            remedy="leave them out: the corpus's own segments are added fold by fold",
        )
    return extra
