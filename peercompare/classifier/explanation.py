"""The terms that tell a stance from the others, shown only where many people use them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from peercompare.classifier.features import KIND_WEIGHTS
from peercompare.classifier.model import Model
from peercompare.classifier.training import analysed_segments
from peercompare.consent.asking import speakers_of
from peercompare.corpus import Corpus
from peercompare.errors import InputError

MIN_GROUPS = 5
"""Terms that fewer employers, workers or speakers use are never shown: they could tell who speaks."""

KINDS = ("word", "char")
COLUMNS = ("label", "term", "weight", "kind", "n_groups")


def telling_terms(
    model: Model,
    corpora: Corpus | Sequence[Corpus],
    *,
    n_terms: int = 15,
    kinds: Sequence[str] = ("word",),
    min_groups: int = MIN_GROUPS,
) -> pd.DataFrame:
    """List the terms that speak most for each label against the others.

    A term's weight for a label is its coefficient for that label less the mean of its coefficients for the
    others: what the term, alone in a segment, would add to the label's log-odds.

    Parameters
    ----------
    model : Model
        Linear, as `train` makes it.
    corpora : Corpus or sequence of Corpus
        The texts in which users of a term are counted; only segments whose people consent to training and to
        quotation count: what is shown would be shown if nobody else had said it.
    n_terms : int, default 15
        For each label and kind, at most; only terms that speak for the label, with a weight above 0.
    kinds : sequence of {"word", "char"}, default ("word",)
        Words and pairs of words; sequences of two to five characters.
    min_groups : int, default 5
        Terms used by fewer groups (employers or workers) are left out, and so are terms used by fewer
        speakers where a corpus has speakers; employers and people are not added up. Employers have no consent
        to give: the same number keeps one employer's own names and slogans out. Not below 5.

    Returns
    -------
    DataFrame
        ``label, term, weight, kind, n_groups``, labels in the framework's order, weights falling.

    Raises
    ------
    InputError
        If `min_groups` is below 5, or a kind is unknown.
    """
    if min_groups < MIN_GROUPS:
        raise InputError(
            f"Terms used by fewer than {MIN_GROUPS} groups are never shown; min_groups is {min_groups}",
            remedy=f"give {MIN_GROUPS} or more",
        )
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise InputError(
            f"Unknown kinds of terms: {', '.join(unknown)}", remedy=f"choose from {', '.join(KINDS)}"
        )
    segments = countable_segments([corpora] if isinstance(corpora, Corpus) else list(corpora))
    features = model.pipeline.named_steps["features"].transform(segments).tocsc()
    users = users_of_terms(features, segments)
    weights = _contrasts(model)
    names = model.pipeline.named_steps["features"].get_feature_names_out()
    terms = pd.DataFrame({"name": names, "n_groups": users})
    terms[["kind", "term"]] = terms.pop("name").str.split("__", n=1, expand=True).to_numpy()
    weights = weights * terms["kind"].map(KIND_WEIGHTS).to_numpy()
    shown = ((users >= min_groups) & terms["kind"].isin(list(kinds))).to_numpy()
    tables = [
        _top(terms[shown].assign(label=label, weight=weight[shown]), n_terms)
        for label, weight in zip(_seen(model), weights, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _seen(model: Model) -> list[str]:
    """Return the labels that the model has seen, in order."""
    return [model.labels[position] for position in model.pipeline.classes_]


def _top(terms: pd.DataFrame, n_terms: int) -> pd.DataFrame:
    """Take the heaviest terms of each kind."""
    heavy = terms[terms["weight"] > 0].sort_values(["kind", "weight", "term"], ascending=[False, False, True])
    return heavy.groupby("kind", sort=False).head(n_terms)


def countable_segments(corpora: Sequence[Corpus]) -> pd.DataFrame:
    """Return the texts that may be counted, with their group and the person who speaks."""
    tables = []
    for corpus in corpora:
        table = analysed_segments(corpus)
        table["group"] = corpus.name + ":" + table["group"].astype(str)
        table["speaker"] = _speakers(corpus, table)
        table["spoken"] = "speakers" in corpus.documents
        asked = corpus.permits("training") & corpus.permits("quotation")
        tables.append(table[asked.to_numpy()])
    return pd.concat(tables, ignore_index=True)


def users_of_terms(features: sparse.csc_matrix, segments: pd.DataFrame) -> np.ndarray:
    """Count for each term its users: employers whose postings have it, or people who say it, if more.

    The two are not added up: four employers and one person would hide the person among employers. Of people
    the fewer of workers and speakers count.
    """
    counts = [np.zeros(features.shape[1], dtype=int)]
    for _, part in segments.groupby("spoken"):
        rows = features[part.index.to_numpy()]
        counts.append(np.minimum(_count_users(rows, part["group"]), _count_users(rows, part["speaker"])))
    return np.max(counts, axis=0)


def _speakers(corpus: Corpus, table: pd.DataFrame) -> pd.Series:
    """Return who speaks in each segment; where nobody speaks, the group."""
    if "speaker" not in corpus.segments or "speakers" not in corpus.documents:
        return table["group"]
    people = dict(
        zip(corpus.documents["document_id"], map(speakers_of, corpus.documents["speakers"]), strict=True)
    )
    pairs = zip(corpus.segments["document_id"], corpus.segments["speaker"], strict=True)
    named = [
        f"{corpus.name}:{people[document].get(label, f'{document}:{label}')}" for document, label in pairs
    ]
    return pd.Series(named, index=table.index)


def _count_users(features: sparse.csc_matrix, users: pd.Series) -> np.ndarray:
    """Count for each feature the users in whose texts it stands; shape (n_features,)."""
    codes, names = pd.factorize(users)
    member = sparse.csr_matrix(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(len(names), len(codes))
    )
    used = (member @ (features != 0).astype(np.float64)) > 0
    return np.asarray(used.sum(axis=0)).ravel().astype(int)


def _contrasts(model: Model) -> np.ndarray:
    """Return each feature's coefficient for a label less the mean of the others'; (n_seen, n_features)."""
    coefficients = model.pipeline.named_steps["model"].coef_
    if len(coefficients) == 1:
        coefficients = np.vstack([-coefficients, coefficients]) / 2
    n = len(coefficients)
    return (coefficients - coefficients.mean(axis=0)) * n / (n - 1)
