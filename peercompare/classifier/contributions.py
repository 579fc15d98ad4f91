"""What each term adds to a score, exactly: of single segments, and of the change between two groups.

The model is linear, so a score is a constant and a sum over terms, and nothing is approximated. All is on the
scale of log-odds: terms add up there, and not in probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from peercompare.classifier.explanation import MIN_GROUPS, countable_segments, users_of_terms
from peercompare.classifier.model import Model
from peercompare.classifier.showing import rests_on_too_few, workers_of
from peercompare.classifier.training import analysed_segments
from peercompare.corpus import Corpus
from peercompare.errors import DisclosureError, InputError
from peercompare.persons import MIN_WORKERS, refuse_person_columns

CONTRIBUTION_COLUMNS = ("segment_id", "term", "kind", "value", "weight", "contribution")
CHANGE_COLUMNS = ("term", "kind", "first", "second", "weight", "contribution", "n_groups")
CONSTANT = "constant"
"""The kind of the row that holds what is left without any term."""
OTHERS = "other terms"
"""The kind of the row that sums up terms that are not shown."""
YEAR = "year"


def text_contributions(
    model: Model, texts: pd.Series | pd.DataFrame, *, label: str, against: str
) -> pd.DataFrame:
    """Take the log-odds of one label against another apart, segment by segment and term by term.

    Parameters
    ----------
    model : Model
        Linear, as `train` makes it.
    texts : Series of str, or DataFrame with ``text`` and context
        Indexed by segment id. Terms are a text's own words: of a corpus, hand in ``corpus.quote(ids)``,
        which asks for consent to quotation.
    label, against : str
        Two labels that the model has seen.

    Returns
    -------
    DataFrame
        Columns as `CONTRIBUTION_COLUMNS`: for each segment a row for the constant and one for each of its
        terms, the largest contribution first. ``contribution`` is ``value`` (tf-idf) times ``weight``, and
        the contributions of a segment sum to log(p(label) / p(against)).

    Raises
    ------
    InputError
        If the model has not seen one of the labels.
    """
    weights, constant = log_odds(model, label, against)
    features = model.pipeline.named_steps["features"]
    found = features.transform(texts).tocoo()
    names = term_names(model)
    ids = texts.index.to_numpy()
    rows = names.iloc[found.col].reset_index(drop=True)
    rows = rows.assign(segment_id=ids[found.row], value=found.data, weight=weights[found.col])
    fixed = pd.DataFrame({"segment_id": ids, "term": "", "kind": CONSTANT, "value": 1.0, "weight": constant})
    table = pd.concat([fixed, rows], ignore_index=True)
    table["contribution"] = table["value"] * table["weight"]
    order = pd.Index(ids).get_indexer(table["segment_id"])
    table = table.iloc[np.lexsort((-table["contribution"].abs(), table["kind"] != CONSTANT, order))]
    return table[list(CONTRIBUTION_COLUMNS)].reset_index(drop=True)


def log_odds(model: Model, label: str, against: str) -> tuple[np.ndarray, float]:
    """Return each feature's weight in log(p(label) / p(against)), shape (n_features,), and the constant."""
    seen = [model.labels[position] for position in model.pipeline.classes_]
    unknown = [name for name in (label, against) if name not in seen]
    if unknown or label == against:
        raise InputError(
            f"Log-odds of {label!r} against {against!r} cannot be taken apart",
            remedy=f"give two different labels among those that the model has seen: {', '.join(seen)}",
        )
    regression = model.pipeline.named_steps["model"]
    weights, constants = regression.coef_, regression.intercept_
    if len(weights) == 1:
        # One row of coefficients stands for the second label against the first.
        weights, constants = np.vstack([0 * weights, weights]), np.append(0.0, constants)
    first, second = seen.index(label), seen.index(against)
    return weights[first] - weights[second], float(constants[first] - constants[second])


def term_names(model: Model) -> pd.DataFrame:
    """Return the ``kind`` and ``term`` of each feature."""
    names = pd.Series(model.pipeline.named_steps["features"].get_feature_names_out())
    parts = names.str.split("__", n=1, expand=True)
    return pd.DataFrame({"term": parts[1], "kind": parts[0]})


def change_contributions(
    model: Model,
    corpus: Corpus,
    column: str,
    first: str,
    second: str,
    *,
    n_terms: int = 15,
    kinds: Sequence[str] = ("word",),
) -> pd.DataFrame:
    """Take a change between two groups or times apart: which terms move the log-odds along the axis.

    What changes is the mean over segments of the log-odds of the framework's last stance against its first,
    the two ends of the index. A term's contribution is its weight times the change of its mean value.

    Parameters
    ----------
    model : Model
        Linear, as `train` makes it.
    corpus : Corpus
        Opened for analysis. All its segments count.
    column : str
        A column of documents, or "year", the year of their date; none that names people.
    first, second : str
        Two of its values.
    n_terms : int, default 15
        How many terms are shown, by the size of their contribution.
    kinds : sequence of {"word", "char"}, default ("word",)
        Which terms are listed; the others are summed up.

    Returns
    -------
    DataFrame
        Columns as `CHANGE_COLUMNS`: ``first`` and ``second`` are a term's mean values. Shown are terms that
        five employers use; where people speak, those that five workers and speakers use in each of the groups
        in which they are used at all, in segments whose people consent to training and to quotation, and
        ``n_groups`` counts them where they are fewest. The row of kind "other terms" sums up all others, so
        that the contributions sum to the change of the mean log-odds, exactly.

    Raises
    ------
    InputError
        If there is no such column, or no segment has one of the values.
    DisclosureError
        If the column names people, or one of the groups rests on fewer than five workers.

    Notes
    -----
    This explains the model's scores, not practice: a term that contributes may only stand near what matters.
    The index itself is estimated from codings, by `peercompare.drift`.
    """
    parts = _two_groups(corpus, column, first, second)
    low, high = corpus.framework.axis
    weights, _ = log_odds(model, high, low)
    transform = model.pipeline.named_steps["features"].transform
    means = [np.asarray(transform(part).mean(axis=0)).ravel() for part in parts]
    table = term_names(model).assign(first=means[0], second=means[1], weight=weights)
    table["contribution"] = weights * (means[1] - means[0])
    users = np.array([_users(model, corpus, part["segment_id"]) for part in _counted(corpus, parts)])
    # Used by nobody in one of the groups is no secret of anybody's; used by few is.
    common = ((users == 0) | (users >= MIN_GROUPS)).all(axis=0) & (users > 0).any(axis=0)
    table["n_groups"] = np.where(users > 0, users, users.max(initial=0)).min(axis=0)
    allowed = table[common & table["kind"].isin(list(kinds)) & (table["contribution"] != 0)]
    largest = allowed["contribution"].abs().sort_values(ascending=False, kind="stable").index[:n_terms]
    rest = table["contribution"].drop(largest).sum()
    others = pd.DataFrame([{"term": "", "kind": OTHERS, "contribution": rest}])
    shown = pd.concat([table.loc[largest], others], ignore_index=True)
    return shown.astype({"n_groups": "Int64"})[list(CHANGE_COLUMNS)]


def _two_groups(corpus: Corpus, column: str, first: str, second: str) -> list[pd.DataFrame]:
    """Return the segments of both groups, or say why they cannot be compared."""
    refuse_person_columns(pd.DataFrame(columns=[column]))
    documents = corpus.documents
    if column != YEAR and column not in documents:
        raise InputError(
            f"{corpus.name} has no column {column!r}",
            remedy=f"choose from {', '.join([YEAR, *documents.columns])}",
        )
    value = documents["date"].astype(str).str[:4] if column == YEAR else documents[column].astype(str)
    home = analysed_segments(corpus)
    value = home["document_id"].map(dict(zip(documents["document_id"], value, strict=True)))
    parts = [home[value == str(each)] for each in (first, second)]
    for each, part in zip((first, second), parts, strict=True):
        if part.empty:
            raise InputError(
                f"No segment of {corpus.name} has {column} {each!r}", remedy="name a value that occurs"
            )
        if rests_on_too_few(workers_of(corpus, part["segment_id"])):
            raise DisclosureError(
                f"{column} {each!r} rests on fewer than {MIN_WORKERS} workers: terms could tell who speaks",
                remedy="compare larger groups or longer times",
            )
    return parts


def _counted(corpus: Corpus, parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the parts in which users are counted: each group where people speak, else both together."""
    return parts if "speakers" in corpus.documents else [pd.concat(parts)]


def _users(model: Model, corpus: Corpus, segment_ids: pd.Series) -> np.ndarray:
    """Count for each term who uses it in the segments compared, as `telling_terms` counts."""
    segments = countable_segments([corpus])
    segments = segments[segments["segment_id"].isin(set(segment_ids))].reset_index(drop=True)
    if segments.empty:
        return np.zeros(model.pipeline.named_steps["model"].coef_.shape[1], dtype=int)
    features = model.pipeline.named_steps["features"].transform(segments)
    return users_of_terms(sparse.csc_matrix(features), segments)
