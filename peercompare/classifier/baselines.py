"""What a classifier must beat: the commonest label, the framework's words, and knowing only a text's source.

Each gives a predictions table in the form that `out_of_fold` gives.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from peercompare.classifier.prediction import UNCODED, cross_predict_on
from peercompare.classifier.splits import grouped_folds, held_out, near_duplicates
from peercompare.classifier.training import analysed_segments, leading_labels, training_table
from peercompare.corpus import Corpus
from peercompare.framework import Code, Framework

SOURCE_WITHOUT = ("document_id", "text", "corpus", "genre", "speakers", "date")
"""Columns of documents that say nothing of the source, or say all of it word for word."""

_WORD = re.compile(r"[^\W\d_]{3,}")


def majority_predictions(
    corpus: Corpus, *, n_folds: int = 5, seed: int, gold_weight: float = 2.0, coder_weight: float = 0.5
) -> pd.DataFrame:
    """Give every segment the shares that the labels have among the training rows of its fold.

    The folds and the rows are those of `out_of_fold`. The label predicted is the commonest.

    Parameters
    ----------
    corpus, n_folds, seed, gold_weight, coder_weight
        As in `out_of_fold`.

    Returns
    -------
    DataFrame
        As `out_of_fold`, with ``model_id`` "majority".
    """
    table = training_table(corpus, gold_weight=gold_weight, coder_weight=coder_weight)
    segments = analysed_segments(corpus)
    stratum = segments["segment_id"].map(leading_labels(table)).fillna(UNCODED)
    folds = grouped_folds(stratum, segments["group"], n_folds=n_folds, seed=seed)
    labels = list(corpus.framework.labels)
    found = np.zeros((len(segments), len(labels)))
    for _, test, teaching in held_out(folds, near_duplicates(segments["text"])):
        rows = table[table["segment_id"].isin(set(segments["segment_id"][teaching]))]
        totals = rows.groupby("label")["weight"].sum().reindex(labels).fillna(0.0)
        found[test] = (totals / totals.sum()).to_numpy()
    return _table(segments["segment_id"], found, labels=labels, folds=folds, model_id="majority")


def source_only_predictions(
    corpus: Corpus, *, n_folds: int = 5, seed: int, gold_weight: float = 2.0, coder_weight: float = 0.5
) -> pd.DataFrame:
    """Predict every segment from its document's title and metadata alone.

    What this baseline knows is known without reading: a classifier no better than this one has learned who
    writes, not what is written. It sees all columns of documents.csv but ids, dates and the text.

    Parameters
    ----------
    corpus, n_folds, seed, gold_weight, coder_weight
        As in `out_of_fold`.

    Returns
    -------
    DataFrame
        As `out_of_fold`.
    """
    documents = corpus.documents
    columns = [column for column in documents.columns if _tells_source(column, corpus.cluster)]
    known = dict(zip(documents["document_id"], _described(documents, columns), strict=True))
    found = cross_predict_on(
        corpus, known, n_folds=n_folds, seed=seed, gold_weight=gold_weight, coder_weight=coder_weight
    )
    return found.assign(model_id="source_only")


def _tells_source(column: str, cluster: str) -> bool:
    """Tell whether a column of documents may be seen: neither the text nor what names the group itself."""
    return column not in (*SOURCE_WITHOUT, cluster, cluster.removesuffix("_id"))


def _described(documents: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Spell out each document's metadata as words: the cell's own, and one that joins column and cell."""
    texts = pd.Series("document", index=documents.index, dtype=object)
    for column in columns:
        cells = documents[column].astype(object).where(documents[column].notna(), "missing").astype(str)
        joined = cells.str.replace(r"\W+", "_", regex=True)
        texts = texts + " " + cells + f" {column}_" + joined
    return list(texts)


def dictionary_predictions(corpus: Corpus) -> pd.DataFrame:
    """Predict every segment from the framework's words alone, without learning anything from codings.

    Parameters
    ----------
    corpus : Corpus
        Its framework gives the words; see `stance_words`.

    Returns
    -------
    DataFrame
        As `out_of_fold`, with ``fold`` -1 and ``model_id`` "dictionary". A stance's probability is its part
        of all hits in the segment; a segment without hits is none.
    """
    framework = corpus.framework
    words, cues = stance_words(framework), stance_cues(framework)
    hits = np.array([_hits(text, words, cues, framework) for text in corpus.segments["text"]], dtype=float)
    hits = hits.reshape(len(corpus.segments), len(framework.stance_ids))
    total = hits.sum(axis=1, keepdims=True)
    shares = np.divide(hits, total, out=np.zeros_like(hits), where=total > 0)
    found = np.column_stack([(total == 0).astype(float), shares])
    labels = list(framework.labels)
    return _table(corpus.segments["segment_id"], found, labels=labels, folds=-1, model_id="dictionary")


def stance_words(framework: Framework) -> Mapping[str, frozenset[str]]:
    """Draw up a word list for each stance from the texts of its codes.

    A word belongs to a stance if it stands in the labels, definitions, uses, examples and signs of at least
    two of its codes, and in at least twice as large a share of them as of any other stance's codes.

    Parameters
    ----------
    framework : Framework
        Any; nothing is taken from elsewhere.

    Returns
    -------
    mapping of stance id to frozenset of str
    """
    counts = {stance: Counter() for stance in framework.stance_ids}
    for code in framework.codes:
        counts[code.stance].update(_words_of(code))
    n_codes = Counter(code.stance for code in framework.codes)

    def share(word: str, stance: str) -> float:
        return counts[stance][word] / max(1, n_codes[stance])

    return {
        stance: frozenset(
            word
            for word, n in counts[stance].items()
            if n >= min(2, n_codes[stance])
            and all(share(word, stance) >= 2 * share(word, other) for other in counts if other != stance)
        )
        for stance in framework.stance_ids
    }


def _words_of(code: Code) -> set[str]:
    """Return the words in a code's texts; not of `when_not_to_use`, whose words belong to other codes."""
    texts = [
        code.label,
        code.definition,
        code.when_to_use,
        *code.examples,
        *(sign.text for sign in code.signs),
    ]
    return set(_WORD.findall(" ".join(texts).lower()))


def stance_cues(framework: Framework) -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """Gather for each stance the cues of the markers that speak for it, and the words of the system."""
    cues: dict[str, list[str]] = {stance: [] for stance in framework.stance_ids}
    system = [rf"\b{re.escape(word)}\b" for country in framework.system_words for word in country.words]
    for marker in framework.markers:
        stance = framework.stance_of(marker.code) if marker.code else marker.side
        if stance in cues:
            cues[stance] += [*marker.cues, *(system if marker.word_list else [])]
    return {stance: tuple(re.compile(cue, re.IGNORECASE) for cue in found) for stance, found in cues.items()}


def _hits(
    text: str,
    words: Mapping[str, frozenset[str]],
    cues: Mapping[str, tuple[re.Pattern[str], ...]],
    framework: Framework,
) -> list[int]:
    """Count a text's words and cues of each stance."""
    found = _WORD.findall(text.lower())
    return [
        sum(word in words[stance] for word in found)
        + sum(cue.search(text) is not None for cue in cues[stance])
        for stance in framework.stance_ids
    ]


def _table(
    segment_ids: Iterable[str], found: np.ndarray, *, labels: list[str], folds: object, model_id: str
) -> pd.DataFrame:
    """Lay out probabilities as a predictions table."""
    ids = np.array(list(segment_ids), dtype=object)
    rows = pd.DataFrame({"segment_id": ids, "fold": folds, "model_id": model_id})
    return pd.concat([rows, pd.DataFrame(found, columns=labels)], axis=1)
