"""A trained classifier with what it was trained on, and its predictions for tables of texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from peercompare import __version__
from peercompare.classifier.codebook import codebook_examples, title_words
from peercompare.classifier.conformal import LEVEL, label_thresholds, set_columns
from peercompare.classifier.decision import NAMED
from peercompare.classifier.domain import domain_columns, learn_domain
from peercompare.classifier.examples import (
    EXAMPLES_WEIGHT,
    are_examples,
    example_facts,
    groups_of,
    with_examples,
)
from peercompare.classifier.inputs import CONTEXT_COLUMNS, Texts, as_inputs
from peercompare.classifier.pipeline import Fit, fit_classifier
from peercompare.classifier.stance import StanceClassifier
from peercompare.classifier.tables import (
    TEXT_COLUMNS,
    check_columns,
    check_labels,
    check_texts,
    refuse_person_columns,
)
from peercompare.classifier.training import COLUMNS
from peercompare.classifier.whose import gathered
from peercompare.errors import InputError
from peercompare.framework import Framework

FULL = -1
"""The `fold` of a prediction by a model that was trained on everything it was given."""

Learn = Callable[..., "Model"]
"""Learns from a training table and a framework, with the keyword arguments of `train`; returns a model."""

_PACKAGES = ("scikit-learn", "numpy", "scipy", "skops")


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A classifier of the framework's labels; make one with `train`, read one with `load_model`.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; its classes are positions in `labels`.
    labels : tuple of str
        The labels in the framework's order.
    model_id : str
        Short name that changes with the training rows, the framework, the seed and the settings.
    facts : mapping
        What it was trained on: ``framework_id, framework_sha256, not_for, seed, n_segments, n_documents,
        n_groups, labels_seen, examples, calibration, versions, whose, provenance``; `whose` holds by corpus
        the keyed hashes of the people whose words trained it, `examples` the hash, number and weight of the
        framework's examples that did, which are counted nowhere else. ``sets`` and ``domain``, where it is
        calibrated, hold what its sets of labels and its judgement of documents rest on, and ``rule`` by what
        probabilities are multiplied before the largest names a label. Plain values that JSON can hold.
    centroids : np.ndarray of float32, shape (n_corpora, n_features), optional
        Mean training document of each corpus; see `learn_domain`.
    """

    pipeline: Pipeline
    labels: tuple[str, ...]
    model_id: str
    facts: Mapping[str, Any]
    centroids: np.ndarray | None = None

    def probabilities(self, texts: Texts | Iterable[str]) -> np.ndarray:
        """Return one probability for each label and text.

        Parameters
        ----------
        texts : iterable of str, or DataFrame with ``text`` and context, length n_texts
            See `peercompare.classifier.inputs.as_inputs`. Texts alone are judged without context.

        Returns
        -------
        np.ndarray, shape (n_texts, n_labels)
            Columns as `labels`; rows sum to 1. A label that training never saw has probability 0, and
            ``facts["labels_seen"]`` leaves it out.
        """
        texts = as_inputs(texts)
        found = np.zeros((len(texts), len(self.labels)))
        if len(texts):
            found[:, self.pipeline.classes_] = self.pipeline.predict_proba(texts)
        return found

    def named(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the label that the model names for each row of probabilities.

        Parameters
        ----------
        probabilities : np.ndarray, shape (n_texts, n_labels)
            From `probabilities`.

        Returns
        -------
        np.ndarray of str, shape (n_texts,)
            By the rule in ``facts["rule"]``, which gives rare labels their due; where there is none, the most
            probable. The rule leaves the probabilities alone.
        """
        rule = self.facts.get("rule") or {}
        weights = np.array([rule.get(label, 1.0) for label in self.labels])
        return np.array(self.labels, dtype=object)[(probabilities * weights).argmax(axis=1)]

    def predict_table(self, table: pd.DataFrame) -> pd.DataFrame:
        """Predict the labels of a table of texts.

        Parameters
        ----------
        table : DataFrame
            ``segment_id, document_id, text``, and of `CONTEXT_COLUMNS` what is known; no column that says who
            a person is.

        Returns
        -------
        DataFrame
            ``segment_id, fold, model_id``, one column for each label, ``named``, and the columns that
            `answers` adds, in the order of the table. The fold is -1: where the model was trained on these
            very texts the probabilities flatter it, and `out_of_fold` is the function to use.

        Raises
        ------
        DisclosureError
            If a column names or numbers people. Predictions are never for hiring, discipline or pay.
        InputError
            If a column is missing, a segment id is missing or stands twice, or a text is missing or empty.
        """
        what = "texts to predict"
        refuse_person_columns(table)
        check_columns(table, TEXT_COLUMNS, what=what)
        check_texts(table, what=what)
        return self.answers(table)

    def answers(self, table: pd.DataFrame, *, fold: int = FULL) -> pd.DataFrame:
        """Lay out probabilities with what the model has to say of how far it knows.

        Parameters
        ----------
        table : DataFrame
            ``segment_id, document_id, text`` and context; not checked.
        fold : int, default -1
            The fold of the rows.

        Returns
        -------
        DataFrame
            A predictions table. A calibrated model adds ``label_set, abstained`` (see `set_columns`) and
            ``unlike, out_of_domain, why_unlike`` of the segment's document (see `domain_columns`). Segments
            of documents that are out of domain are judged by their words alone: what a context meant among
            the training documents need not hold there.
        """
        domain = None
        if self.facts.get("domain") and self.centroids is not None:
            domain = self.domain(table)
            table = _bare_where(table, domain["out_of_domain"].to_numpy(dtype=bool))
        found = self.probabilities(table)
        parts = [prediction_rows(table["segment_id"], found, model=self, fold=fold)]
        if self.facts.get("sets"):
            parts.append(set_columns(found, self.facts["sets"]["thresholds"], self.labels))
        if domain is not None:
            parts.append(domain)
        return pd.concat(parts, axis=1)

    def domain(self, table: pd.DataFrame) -> pd.DataFrame:
        """Say of each segment's document how unlike the training texts it is; see `domain_columns`."""
        return domain_columns(self.pipeline, self.centroids, self.facts["domain"], table)

    def __repr__(self) -> str:
        return (
            f"<Model {self.model_id}: {', '.join(self.labels)}; {self.facts['framework_id']}; trained on "
            f"{self.facts['n_segments']} segments of {self.facts['n_groups']} employers or workers>"
        )


def _bare_where(table: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Leave out the context of some rows."""
    context = [name for name in CONTEXT_COLUMNS if name in table.columns]
    if not context or not rows.any():
        return table
    keep = pd.Series(~rows, index=table.index)
    return table.assign(**{name: table[name].astype(object).where(keep, "") for name in context})


def prediction_rows(
    segment_ids: Iterable[str], probabilities: np.ndarray, *, model: Model, fold: int = FULL
) -> pd.DataFrame:
    """Lay out probabilities, and the label that the model names, as a predictions table."""
    ids = np.array(list(segment_ids), dtype=object)
    rows = pd.DataFrame({"segment_id": ids, "fold": fold, "model_id": model.model_id})
    found = pd.DataFrame(probabilities, columns=list(model.labels))
    return pd.concat([rows, found, pd.Series(model.named(probabilities), name=NAMED, dtype=object)], axis=1)


def train(
    table: pd.DataFrame,
    framework: Framework,
    *,
    seed: int,
    provenance: Mapping[str, Any] | None = None,
    calibrate: bool = True,
    settings: Mapping[str, Any] | None = None,
    examples_weight: float = EXAMPLES_WEIGHT,
    apart_from: Sequence[str] = (),
) -> Model:
    """Train a classifier.

    Parameters
    ----------
    table : DataFrame
        From `training_table` or `bare_training_table`, or several of them one under the other.
    framework : Framework
        Under which it was coded; it gives the labels and their order.
    seed : int
        Same rows and seed, same model.
    provenance : mapping, optional
        What the reader of the model should know, in plain values: the corpora and their hashes, the date of
        consent, the date of training. Kept word for word.
    calibrate : bool, default True
        False leaves the probabilities as if every label were equally common.
    settings : mapping, optional
        Hyper-parameters other than the usual ones; see `make_classifier`.
    examples_weight : float, default 0.5
        What each coded example that comes with the framework counts as a row; 0 leaves them out. They are of
        the genres of the rows, or of all where the rows do not say; see `with_examples`.
    apart_from : sequence of str, default ()
        Texts that the model is to be judged on: examples that are near-duplicates of one do not teach, nor do
        those of a row.

    Returns
    -------
    Model
        Fitted on every row, and on the examples. A label that no row has gets probability 0. Predictions for
        the rows it was trained on flatter it: `out_of_fold` makes honest ones.

    Raises
    ------
    InputError
        If a column is missing, a text is missing, a segment and label stand twice, or the weight of examples
        is below 0.
    CodingError
        If a label is unknown, or one label alone occurs.
    """
    check_training(table, framework)
    table = with_examples(table, framework, weight=examples_weight, apart_from=apart_from)
    y = pd.Index(framework.labels).get_indexer(table["label"])
    groups = groups_of(table) if calibrate else None
    taught = {"titles": title_words(framework), "codebook": codebook_examples(framework), **(settings or {})}
    fit = fit_classifier(
        table,
        y,
        table["weight"].to_numpy(),
        groups,
        labels=framework.labels,
        seed=seed,
        settings=taught,
    )
    facts = training_facts(table, framework, seed=seed, fit=fit, provenance=dict(provenance or {}))
    centroids = None
    if fit.unseen is not None:
        facts["sets"] = label_sets(table, fit, framework.labels)
        own = table[~are_examples(table)].reset_index(drop=True)
        centroids, facts["domain"] = learn_domain(fit.pipeline, own, seed=seed)
    model_id = name_of(table, facts, _settings_of(fit.pipeline, settings))
    return Model(fit.pipeline, framework.labels, model_id, MappingProxyType(facts), centroids)


def rule_facts(fit: Fit, labels: tuple[str, ...]) -> dict[str, float] | None:
    """Say by what the probability of each label is multiplied before the largest names one."""
    if fit.rule is None:
        return None
    seen = [labels[position] for position in fit.pipeline.classes_]
    return dict(zip(seen, fit.rule.tolist(), strict=True))


def label_sets(table: pd.DataFrame, fit: Fit, labels: tuple[str, ...]) -> dict[str, Any]:
    """Find the thresholds of the sets of labels, on each own segment's label with the largest weight."""
    order = np.argsort(-table["weight"].to_numpy(), kind="stable")
    again = table.iloc[order].duplicated(["corpus", "segment_id"]).to_numpy()
    first = order[~again & ~are_examples(table)[order]]
    seen = [labels[position] for position in fit.pipeline.classes_]
    truth = pd.Index(seen).get_indexer(table["label"].iloc[first])
    limits = label_thresholds(fit.unseen[first], truth, list(table["group"].iloc[first]))
    return {"level": LEVEL, "thresholds": dict(zip(seen, limits.tolist(), strict=True))}


def check_training(table: pd.DataFrame, framework: Framework) -> None:
    """Refuse training rows that a fit could not use, or would use wrongly."""
    what = "training rows"
    check_columns(table, COLUMNS, what=what)
    check_labels(table, framework.labels, what=what)
    check_texts(
        table.drop_duplicates(["corpus", "segment_id", "label"]).drop_duplicates(["corpus", "segment_id"]),
        what=what,
    )
    repeated = table.duplicated(["corpus", "segment_id", "label"])
    if repeated.any():
        named = ", ".join(table.loc[repeated, "segment_id"].astype(str).unique()[:5])
        raise InputError(
            f"Segments stand twice in the training rows with the same label: {named}",
            remedy="leave each corpus in once",
        )
    weights = table["weight"].to_numpy(dtype=float)
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise InputError("Training rows need weights above 0", remedy="leave out rows without a vote")


def training_facts(
    table: pd.DataFrame, framework: Framework, *, seed: int, fit: Fit, provenance: dict
) -> dict[str, Any]:
    """Gather what a reader of the model should know."""
    calibration, own = fit.calibration, table[~are_examples(table)]
    return {
        "framework_id": framework.id,
        "framework_sha256": framework.sha256,
        "not_for": framework.not_for,
        "seed": int(seed),
        "n_segments": len(own[["corpus", "segment_id"]].drop_duplicates()),
        "n_documents": len(own[["corpus", "document_id"]].drop_duplicates()),
        "n_groups": int(own["group"].nunique()),
        "labels_seen": [label for label in framework.labels if (own["label"] == label).any()],
        "examples": example_facts(table, framework),
        "rule": rule_facts(fit, framework.labels),
        "calibration": {"factor": calibration.factor, "constants": list(calibration.constants)}
        if calibration
        else None,
        "versions": {"peercompare": __version__, **{name: version(name) for name in _PACKAGES}},
        "whose": gathered(own),
        "provenance": provenance,
    }


def name_of(table: pd.DataFrame, facts: Mapping[str, Any], settings: str, *, kind: str = "ngram") -> str:
    """Name a model after what made it, so that equal names mean equal models."""
    context = [name for name in CONTEXT_COLUMNS if name in table.columns]
    told = table[["segment_id", "text", "label", "weight", "group", *context]]
    documents = []
    if "document" in context:
        # Every segment has its whole document beside it, which is told once.
        codes, documents = pd.factorize(told["document"])
        told = told.assign(document=codes)
    rows = told.to_csv(index=False)
    made_from = [
        facts["framework_sha256"],
        facts["seed"],
        json.dumps(facts["versions"]),
        settings,
        rows,
        *documents,
    ]
    return f"{kind}-" + hashlib.sha256("\x1f".join(map(str, made_from)).encode()).hexdigest()[:12]


def _settings_of(pipeline: Pipeline, asked: Mapping[str, Any] | None) -> str:
    """Spell out the settings of a pipeline's parts and what was asked for, in the order of their names."""
    settings = {**pipeline.get_params(deep=True), **StanceClassifier().get_params(), **(asked or {})}
    plain = {
        name: value
        for name, value in settings.items()
        if isinstance(value, (str, int, float, tuple, type(None)))
    }
    return json.dumps(plain, sort_keys=True, default=str)
