"""Predictions from anywhere: one table format, read against the corpus that it is about, all faults at once.

A large language model, another laboratory's classifier or a person with a spreadsheet may label segments;
`read_predictions` makes of their file the table that evaluation and drift take from our own classifier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from peercompare.classifier.decision import NAMED
from peercompare.codings import GOLD
from peercompare.corpus import Corpus
from peercompare.drift import CONTESTED, corpus_scores, with_predictions, with_sample
from peercompare.drift.evidence import ESTIMATOR_LABELS
from peercompare.errors import InputError, Problem, shown
from peercompare.framework import Framework
from peercompare.usertables import read_sample, read_table

LABEL = "label"
"""The column of a table that says a label for each segment and no probabilities."""

SUM_TOLERANCE = 0.005
"""Probabilities rounded to three decimals miss 1 by less than this; they are scaled to sum to 1."""

FORMAT = (
    "segment_id, and either one probability column for each label or a single column 'label'; "
    "fold, model_id, document_id and corpus may stand beside them"
)


def read_predictions(path: str | Path, corpus: Corpus, *, among: Sequence[Corpus] = ()) -> pd.DataFrame:
    """Read a predictions table from anywhere, as it speaks of one corpus.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 or Parquet. ``segment_id``; and either a column for each label of the framework, which
        holds its probability from 0 to 1 (they sum to 1 in each row, up to rounding to three decimals), or
        one column ``label``, which holds a label, or a code, taken for its stance. Where both stand,
        probabilities count. ``fold``, ``model_id`` and ``named`` (a label that a model names by a rule of its
        own, which need not be the most probable) are kept where they stand; a column ``corpus`` parts a
        file about several corpora; all others are not looked at.
    corpus : Corpus
        Whose analysed segments must be predicted, every one exactly once.
    among : sequence of Corpus, default ()
        Further corpora whose segments may stand in a file without the column ``corpus``.

    Returns
    -------
    DataFrame
        ``segment_id, fold, model_id`` and one column for each label, in the order of ``corpus.segments``;
        fold -1 and the file's name where the file does not say. A label alone has probability 1. Segments of
        documents that the consent gate left out are left out here.

    Raises
    ------
    InputError
        Where the file is no table; or with all its faults: missing columns, segment ids that are missing,
        unknown or stand twice, cells that are no probability, probabilities that do not sum to 1, unknown
        labels, segments without a prediction.
    FileNotFoundError
        Where there is no file.

    Notes
    -----
    What is judged or used in drift must come from models that never saw the codings of the segment's own
    employer or worker. No file can show that: it is for whoever made it to say.
    """
    path, framework = Path(path), corpus.framework
    table = read_table(path)
    problems = _missing_columns(table, framework, path.name)
    if not problems:
        table = _about(table, corpus, among)
        values, problems = _values(table, framework, path.name)
        problems = [*_of_ids(table, corpus, path.name), *problems, *_unpredicted(table, corpus, path.name)]
    if problems:
        summary = f"{path.name} cannot be used as predictions for {corpus.name}"
        raise InputError(summary, problems, remedy=f"give {FORMAT}; nothing was changed")
    found = pd.DataFrame(values, columns=list(framework.labels))
    found.insert(0, "segment_id", table["segment_id"].to_numpy())
    found.insert(1, "fold", _folds(table))
    found.insert(2, "model_id", table["model_id"].to_numpy() if "model_id" in table else path.stem)
    if NAMED in table:
        found[NAMED] = table[NAMED].to_numpy()
    return found.set_index("segment_id").reindex(corpus.segments["segment_id"]).reset_index()


def speaks_of(path: str | Path, corpus: Corpus) -> bool:
    """Say whether a predictions file names a corpus, or any of its segments.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 or Parquet; a file without the columns to tell by is taken to speak of every corpus, so
        that reading it says what is wrong.
    corpus : Corpus
        An opened corpus.

    Returns
    -------
    bool
        True where the column ``corpus`` has its name, or else where the file has one of its segments.
    """
    table = read_table(path)
    if "corpus" in table:
        return bool((table["corpus"] == corpus.name).any())
    return "segment_id" not in table or bool(table["segment_id"].isin(corpus.segments["segment_id"]).any())


def _missing_columns(table: pd.DataFrame, framework: Framework, name: str) -> list[Problem]:
    """Say which columns are missing; a table with some labels' columns and no ``label`` lacks the others."""
    problems = []
    if "segment_id" not in table:
        problems.append(Problem(name, "the column 'segment_id' is missing"))
    absent = [label for label in framework.labels if label not in table]
    if absent and LABEL not in table:
        problems += [Problem(name, f"the column {label!r} is missing") for label in absent]
    return problems


def _about(table: pd.DataFrame, corpus: Corpus, among: Sequence[Corpus]) -> pd.DataFrame:
    """Keep the rows that speak of this corpus; `row` holds where each stood in the file."""
    table = table.assign(row=np.arange(len(table)))
    if "corpus" in table:
        table = table[table["corpus"] == corpus.name]
    elsewhere = {each for other in among for each in other.segments["segment_id"]}
    elsewhere -= set(corpus.segments["segment_id"])
    closed = {document for each in (corpus, *among) for document in _closed_documents(each)}
    # The ids of segments that the gate left out are not in the corpus; those of their documents are.
    ids = table["segment_id"].astype(str)
    home = table["document_id"] if "document_id" in table else ids.str.rpartition(":")[0]
    known = set(corpus.segments["segment_id"])
    away = table["segment_id"].isin(elsewhere) | (home.isin(closed) & ~table["segment_id"].isin(known))
    return table[~away].reset_index(drop=True)


def _closed_documents(corpus: Corpus) -> set[str]:
    """Return the ids of documents of which the consent gate left something out."""
    return set(corpus.left_out["document_id"]) if "document_id" in corpus.left_out else set()


def _of_ids(table: pd.DataFrame, corpus: Corpus, name: str) -> Iterator[Problem]:
    """Say which rows name no segment of the corpus, or one that stands above."""
    ids = table["segment_id"]
    empty = ids.isna() | (ids.astype(str) == "")
    faults = [
        (empty, "segment_id is missing"),
        (~empty & ~ids.isin(corpus.segments["segment_id"]), "{} is no segment of " + corpus.name),
        (~empty & ids.duplicated(), "{} is predicted already"),
    ]
    for wrong, what in faults:
        for row, segment in zip(table.loc[wrong, "row"], ids[wrong], strict=True):
            yield Problem(f"{name}, row {row + 2}", what.format(shown(segment)))


def _unpredicted(table: pd.DataFrame, corpus: Corpus, name: str) -> list[Problem]:
    """Say which segments of the corpus have no prediction."""
    ids = corpus.segments["segment_id"]
    return [
        Problem(name, f"{shown(segment)} is not predicted") for segment in ids[~ids.isin(table["segment_id"])]
    ]


def _values(table: pd.DataFrame, framework: Framework, name: str) -> tuple[np.ndarray, list[Problem]]:
    """Read the probabilities, shape (n_rows, n_labels), and say which rows hold none."""
    labels = list(framework.labels)
    if all(label in table for label in labels):
        return _probabilities(table, labels, name)
    stance = {code: framework.stance_of(code) for code in framework.code_ids}
    given = table[LABEL].map(lambda value: stance.get(value, value))
    places = pd.Index(labels).get_indexer(given)
    allowed = f"allowed labels: {', '.join(labels)}"
    problems = [
        Problem(
            f"{name}, row {table['row'].iloc[at] + 2}",
            f"unknown label {shown(table[LABEL].iloc[at])}",
            allowed,
        )
        for at in np.flatnonzero(places < 0)
    ]
    return np.eye(len(labels))[places], problems


def _probabilities(table: pd.DataFrame, labels: list[str], name: str) -> tuple[np.ndarray, list[Problem]]:
    """Read a column for each label."""
    values = np.column_stack(
        [pd.to_numeric(table[label], errors="coerce").to_numpy(float) for label in labels]
    )
    places = [f"{name}, row {row + 2}" for row in table["row"]]
    wrong = ~((values >= 0) & (values <= 1))
    problems = [
        Problem(places[at], f"{labels[of]} = {shown(table[labels[of]].iloc[at])}", "a number from 0 to 1")
        for at, of in np.argwhere(wrong)
    ]
    sums = values.sum(axis=1)
    bent = ~wrong.any(axis=1) & (np.abs(sums - 1) > SUM_TOLERANCE)
    problems += [
        Problem(places[at], f"the probabilities sum to {sums[at]:.3f}, not 1") for at in np.flatnonzero(bent)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return values / sums[:, None], problems


def _folds(table: pd.DataFrame) -> np.ndarray:
    """Return the folds that the table names; -1 where it names none."""
    if "fold" not in table:
        return np.full(len(table), -1)
    return pd.to_numeric(table["fold"], errors="coerce").fillna(-1).astype(int).to_numpy()


def scores_of(
    corpus: Corpus,
    *,
    coder_id: str = GOLD,
    variant: str = "as_coded",
    predictions: str | Path | None = None,
    sample: str | Path | None = None,
    waves: Sequence[int] | None = None,
    estimator: str = "rectified",
) -> tuple[pd.DataFrame, str]:
    """Score a corpus by the codings, the sample and the predictions that a user names.

    Parameters
    ----------
    corpus : Corpus
    coder_id, variant : str
        As for `corpus_scores`.
    predictions : str or Path, optional
        A file for `read_predictions`.
    sample : str or Path, optional
        A file for `read_sample`.
    waves : sequence of int, optional
        Which waves of the sample; default: all drawn for inference.
    estimator : {"rectified", "ppi", "expert_only"}
        How the sample is used.

    Returns
    -------
    scores : DataFrame
        For `estimate_table`.
    labels : str
        Where their labels come from.

    Raises
    ------
    InputError
        If nobody has contested a code and the variant is of contested ones, waves are named without a
        sample, or a file cannot be used.
    """
    if variant == CONTESTED and corpus.contests.empty:
        remedy = "workers contest codes with `peercompare consent contest`"
        raise InputError(f"Nobody has contested a code of {corpus.name}", remedy=remedy)
    scores, labels = corpus_scores(corpus, coder_id=coder_id, variant=variant), "all_codings"
    if predictions:
        predicted = read_predictions(predictions, corpus)
        scores, labels = with_predictions(scores, predicted, corpus.framework), "predicted_only"
    if waves and not sample:
        raise InputError(
            "--wave says which waves of --sample", remedy="name the corpus's samples.csv with it"
        )
    if sample:
        scores = with_sample(scores, read_sample(sample, waves=waves))
        labels = ESTIMATOR_LABELS[estimator]
    return scores, labels
