"""Training tables: who said what about a segment, as weighted rows.

A segment that coders read differently stands in the table once for each label, weighted by the share of the
vote. For a logistic regression this is exactly training on soft labels (cross-entropy against the vote
shares).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peercompare.classifier.examples import GENRE
from peercompare.classifier.inputs import CONTEXT_COLUMNS, corpus_context
from peercompare.classifier.tables import TEXT_COLUMNS, check_columns, check_labels, check_texts
from peercompare.classifier.whose import whose_words
from peercompare.codings import vote_table
from peercompare.corpus import Corpus
from peercompare.errors import CodingError, ConsentError, CorpusError, FrameworkError
from peercompare.framework import Framework

COLUMNS = ("segment_id", "document_id", "corpus", "group", "text", "label", "weight", "whose")
"""Columns of a training table. The weights of a segment's rows sum to 1. ``whose`` holds keyed hashes of the
people whose consent the row rests on, parted by blanks; it is empty where nobody speaks. Rows of a
corpus have `CONTEXT_COLUMNS` and ``genre`` beside these."""


def training_table(
    corpora: Corpus | Sequence[Corpus], *, gold_weight: float = 2.0, coder_weight: float = 0.5
) -> pd.DataFrame:
    """Gather what a classifier may learn from: coded segments whose people consent to training.

    Parameters
    ----------
    corpora : Corpus or sequence of Corpus
        One or more, coded with the same framework. Consent to training is asked again here, whatever the
        corpora were opened for.
    gold_weight, coder_weight : float, default 2.0 and 0.5
        What gold's label and each coder's label count in the vote. Gold counts most: where coders worked
        under an earlier wording of the rules it alone follows the present one.

    Returns
    -------
    DataFrame
        Columns as `COLUMNS`; one row for each segment and label that has a vote. ``group`` is the employer or
        worker with the corpus's name in front.

    Raises
    ------
    FrameworkError
        If the corpora were coded with different frameworks.
    ConsentError
        If consent covers no segment for training.
    CodingError
        If nothing is coded.
    """
    several = [corpora] if isinstance(corpora, Corpus) else list(corpora)
    if not several:
        raise CorpusError("There is no corpus to learn from", remedy="name at least one")
    _check_one_framework(several)
    tables = [_of_one(corpus, gold_weight=gold_weight, coder_weight=coder_weight) for corpus in several]
    return pd.concat(tables, ignore_index=True)


def _check_one_framework(corpora: Sequence[Corpus]) -> None:
    """Raise where corpora were coded with different frameworks."""
    if len({corpus.framework.sha256 for corpus in corpora}) > 1:
        named = ", ".join(f"{corpus.name}: {corpus.framework.id}" for corpus in corpora)
        raise FrameworkError(
            f"Corpora of different frameworks cannot train one classifier ({named})",
            remedy="open all of them with the same framework",
        )


def _of_one(corpus: Corpus, *, gold_weight: float, coder_weight: float) -> pd.DataFrame:
    """Return the training rows of one corpus."""
    if corpus.segments.empty:
        raise CodingError(
            f"There is nothing to learn from in {corpus.name}: nothing is cut or coded yet",
            remedy="cut its texts into segments.csv (peercompare.cut_segments), then have them coded; see "
            "`peercompare sheet`",
        )
    permitted = corpus.permits("training")
    if not permitted.any():
        raise ConsentError(
            f"Nobody in {corpus.name} consents to training",
            remedy="learn from another corpus; predictions for this one need no such consent",
        )
    votes = vote_table(
        corpus.codings, framework=corpus.framework, gold_weight=gold_weight, coder_weight=coder_weight
    )
    votes["weight"] /= votes.groupby("segment_id")["weight"].transform("sum")
    segments = analysed_segments(corpus)
    rows = segments[permitted.reindex(segments["segment_id"]).to_numpy()].merge(votes, on="segment_id")
    if rows.empty:
        raise CodingError(
            f"No segment of {corpus.name} is coded", remedy="have it coded; see `peercompare sheet`"
        )
    heard = whose_words(corpus)
    whose = [heard.get(document, "") for document in rows["document_id"]]
    told = {"group": corpus.name + ":" + rows["group"].astype(str), "whose": whose, GENRE: corpus.genre}
    return rows.assign(**told)[[*COLUMNS, *CONTEXT_COLUMNS, GENRE]]


def analysed_segments(corpus: Corpus) -> pd.DataFrame:
    """Return every segment of a corpus with its group, which folds keep whole.

    Returns
    -------
    DataFrame
        ``segment_id, document_id, corpus, group, text`` and `CONTEXT_COLUMNS`, in the order of the corpus; a
        document whose employer or worker is not named is a group of its own.
    """
    documents = corpus.documents.set_index("document_id")
    group = documents[corpus.cluster] if corpus.cluster in documents else pd.Series(dtype=object)
    of_document = group.reindex(documents.index).astype(object)
    of_document = of_document.where(of_document.notna(), documents.index.astype(object))
    segments = corpus.segments[["segment_id", "document_id", "text"]]
    segments = segments.assign(corpus=corpus.name, group=segments["document_id"].map(of_document))
    return segments[list(COLUMNS[:5])].join(corpus_context(corpus), on="segment_id")


def bare_training_table(table: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Make a training table from a plain table of labelled texts.

    Parameters
    ----------
    table : DataFrame
        ``segment_id, document_id, text, label`` and, if it has one, ``group`` (employer or worker); without
        it every document is a group of its own. Other columns are left alone.
    framework : Framework
        Its labels are the allowed ones. A code is taken for its stance.

    Returns
    -------
    DataFrame
        Columns as `COLUMNS`, and those of `CONTEXT_COLUMNS` and ``genre`` that the table has; one row for
        each segment, weight 1.

    Raises
    ------
    InputError
        For a missing column, a segment id that is missing or stands twice, a text that is missing or empty.
    CodingError
        For a label that the framework does not have.
    """
    what = "labelled texts"
    check_columns(table, [*TEXT_COLUMNS, "label"], what=what)
    check_texts(table, what=what)
    stance = {code: framework.stance_of(code) for code in framework.code_ids}
    labelled = table.assign(label=table["label"].map(lambda value: stance.get(value, value)))
    check_labels(labelled, framework.labels, what=what)
    group = table["group"] if "group" in table.columns else table["document_id"]
    named = group.where(group.notna(), table["document_id"]).astype(str)
    rows = labelled.assign(corpus="", group=named, weight=1.0, whose="")
    further = [name for name in (*CONTEXT_COLUMNS, GENRE) if name in table.columns]
    return rows[[*COLUMNS, *further]].reset_index(drop=True)


def leading_labels(table: pd.DataFrame) -> pd.Series:
    """Return the label with the largest weight of each segment; of equal ones the first in the table.

    Returns
    -------
    Series of str
        Indexed by ``segment_id``.
    """
    order = np.argsort(-table["weight"].to_numpy(), kind="stable")
    leading = table.iloc[order].drop_duplicates("segment_id")
    return leading.set_index("segment_id")["label"]
