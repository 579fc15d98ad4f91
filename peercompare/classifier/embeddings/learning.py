"""Training models on embeddings, which then stand wherever the n-gram model stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from peercompare.classifier.calibrating import CALIBRATION_FOLDS
from peercompare.classifier.codebook import codebook_examples, title_words
from peercompare.classifier.embeddings.cache import EmbeddingCache
from peercompare.classifier.embeddings.encoder import Encoder, load_encoder
from peercompare.classifier.embeddings.fine_tuning import FineTunedClassifier
from peercompare.classifier.embeddings.head import EmbeddingClassifier
from peercompare.classifier.embeddings.space import learn_space, space_columns
from peercompare.classifier.embeddings.stack import StackedClassifier
from peercompare.classifier.examples import EXAMPLES_WEIGHT, are_examples, groups_of, with_examples
from peercompare.classifier.model import (
    Learn,
    Model,
    check_training,
    label_sets,
    name_of,
    training_facts,
)
from peercompare.classifier.pipeline import Fit
from peercompare.classifier.stance import StanceClassifier
from peercompare.errors import InputError
from peercompare.framework import Framework

NGRAM, EMBEDDING, FINETUNED = "ngram", "embedding", "finetuned"
HYBRID, STACK = "hybrid", "stack"

KINDS = {
    EMBEDDING: (EMBEDDING,),
    FINETUNED: (FINETUNED,),
    HYBRID: (NGRAM, EMBEDDING),
    STACK: (NGRAM, EMBEDDING, FINETUNED),
}
"""The classifiers that each kind of model pools."""

_PACKAGES = ("torch", "transformers", "sentence-transformers", "safetensors")

_WORDS = {
    NGRAM: "word and character n-grams into a multinomial logistic regression",
    EMBEDDING: "frozen sentence embeddings and their products into a ridge regression",
    FINETUNED: "a sentence encoder with its upper layers trained",
}


@dataclass(frozen=True, eq=False, repr=False)
class EncoderModel(Model):
    """A model on embeddings; make one with `train_encoder`, read one with `load_model`.

    Parameters
    ----------
    pipeline : StackedClassifier
        Of one classifier or of several; its classes are positions in `labels`.
    labels, model_id, facts
        As of `Model`; facts hold further ``encoder`` (its name, hash and dimensions) and ``parts``.
    centroids : np.ndarray of float32, optional
        Landmarks of the training texts in the encoder's space; see `learn_space`.
    """

    @property
    def encoder(self) -> Encoder:
        """The encoder that the classifiers started from."""
        return next(each.encoder_ for each in self.pipeline.estimators_ if hasattr(each, "encoder_"))

    @property
    def cache(self) -> EmbeddingCache | None:
        """Where embeddings are kept, if anywhere."""
        return next((each.cache for each in self.pipeline.estimators_ if hasattr(each, "cache")), None)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts by the encoder that the classifiers started from, worded as they are to them."""
        titles = next(each.titles for each in self.pipeline.estimators_ if hasattr(each, "encoder_"))
        return self.encoder.embed(texts, cache=self.cache, titles=titles)

    def domain(self, table: pd.DataFrame) -> pd.DataFrame:
        """Say of each segment's document how unlike the training texts it is; see `space_columns`."""
        vectors = self.embed(table["text"].tolist())
        return space_columns(vectors, self.centroids, self.facts["domain"], table)


def make_stack(
    kind: str,
    encoder: str | Path | Encoder,
    *,
    seed: int,
    framework: Framework | None = None,
    cache: EmbeddingCache | None = None,
    calibrate: bool = True,
) -> StackedClassifier:
    """Make an unfitted classifier of a kind.

    Parameters
    ----------
    kind : {"embedding", "finetuned", "hybrid", "stack"}
        Frozen embeddings; a fine-tuned encoder; the n-gram model pooled with frozen embeddings; with both.
    encoder : str, Path or Encoder
        As `load_encoder` takes it.
    seed : int
    framework : Framework, optional
        Gives the titles that are masked, and the n-gram model the words of its codebook.
    cache : EmbeddingCache, optional
    calibrate : bool, default True
        Fit the pool on groups held out.

    Returns
    -------
    StackedClassifier

    Raises
    ------
    InputError
        If the kind is unknown, or the encoder cannot be loaded.
    """
    if kind not in KINDS:
        raise InputError(f"There is no kind of model {kind!r}", remedy=f"choose from {', '.join(KINDS)}")
    loaded = load_encoder(encoder)
    titles = title_words(framework) if framework else ()
    codebook = codebook_examples(framework) if framework else ()
    made = {
        NGRAM: StanceClassifier(titles=titles, codebook=codebook, calibrate=calibrate, random_state=seed),
        EMBEDDING: EmbeddingClassifier(loaded, titles=titles, cache=cache, random_state=seed),
        FINETUNED: FineTunedClassifier(loaded, titles=titles, random_state=seed),
    }
    parts = [(name, made[name]) for name in KINDS[kind]]
    return StackedClassifier(parts, n_folds=CALIBRATION_FOLDS, calibrate=calibrate, random_state=seed)


def train_encoder(
    table: pd.DataFrame,
    framework: Framework,
    stack: StackedClassifier,
    *,
    seed: int,
    provenance: Mapping[str, Any] | None = None,
    examples_weight: float = EXAMPLES_WEIGHT,
    apart_from: Sequence[str] = (),
) -> EncoderModel:
    """Train a model on embeddings.

    Parameters
    ----------
    table : DataFrame
        As `train` takes it.
    framework : Framework
    stack : StackedClassifier
        From `make_stack`; it is fitted.
    seed : int
        The one it was made with.
    provenance, examples_weight, apart_from
        As in `train`: the framework's coded examples teach every classifier of the stack.

    Returns
    -------
    EncoderModel

    Raises
    ------
    InputError, CodingError
        As in `train`.
    """
    check_training(table, framework)
    table = with_examples(table, framework, weight=examples_weight, apart_from=apart_from)
    y = pd.Index(framework.labels).get_indexer(table["label"])
    stack.fit(table, y, sample_weight=table["weight"].to_numpy(), groups=groups_of(table))
    fit = Fit(stack, None, stack.unseen_, stack.rule_ if stack.calibrated_ else None)
    facts = training_facts(table, framework, seed=seed, fit=fit, provenance=dict(provenance or {}))
    model = EncoderModel(stack, framework.labels, "", MappingProxyType(facts))
    facts["encoder"] = _of_encoder(model.encoder)
    facts["parts"] = parts_in_words(stack, facts["encoder"])
    facts["versions"] |= _versions()
    centroids = None
    if stack.calibrated_:
        facts["sets"] = label_sets(table, fit, framework.labels)
        own = table[~are_examples(table)].reset_index(drop=True)
        centroids, facts["domain"] = learn_space(model.embed(own["text"].tolist()), own, seed=seed)
    settings = json.dumps([facts["encoder"]["sha256"], facts["parts"]])
    model_id = name_of(table, facts, settings, kind=kind_of(stack))
    return EncoderModel(stack, framework.labels, model_id, MappingProxyType(facts), centroids)


def learner(
    kind: str,
    encoder: str | Path | Encoder,
    *,
    cache: EmbeddingCache | None = None,
    examples_weight: float = EXAMPLES_WEIGHT,
) -> Learn:
    """Return what learns models of a kind, to be used wherever `train` is: in folds, or without a genre.

    Parameters
    ----------
    kind, encoder, cache
        As `make_stack` takes them; the encoder is loaded once.
    examples_weight : float, default 0.5
        As in `train`.

    Returns
    -------
    callable
        Takes what `train` takes, but neither settings nor another weight of examples.
    """
    loaded = load_encoder(encoder)

    def learn(
        table: pd.DataFrame,
        framework: Framework,
        *,
        seed: int,
        provenance: Mapping[str, Any] | None = None,
        calibrate: bool = True,
        apart_from: Sequence[str] = (),
    ) -> EncoderModel:
        made = {"framework": framework, "cache": cache, "calibrate": calibrate}
        stack = make_stack(kind, loaded, seed=seed, **made)
        told = {"examples_weight": examples_weight, "apart_from": apart_from}
        return train_encoder(table, framework, stack, seed=seed, provenance=provenance, **told)

    return learn


def kind_of(stack: StackedClassifier) -> str:
    """Return the kind of model that pools these classifiers."""
    names = tuple(name for name, _ in stack.estimators)
    return next((kind for kind, parts in KINDS.items() if parts == names), STACK)


def _of_encoder(encoder: Encoder) -> dict[str, Any]:
    """Say which encoder it is; of a folder only its own name, since the path tells of somebody's computer."""
    name = Path(encoder.name).name if Path(encoder.name).exists() else encoder.name
    return {"name": name, "sha256": encoder.sha256, "n_dimensions": encoder.n_dimensions}


def parts_in_words(stack: StackedClassifier, encoder: Mapping[str, Any]) -> list[list[str]]:
    """Describe a fitted stack and its encoder for its card, as pairs of words."""
    kinds = "; ".join(_WORDS[name] for name, _ in stack.estimators)
    rows = [["Kind", kinds], ["Encoder", f"{encoder['name']}, sha256 {encoder['sha256']}"]]
    for (name, _), fitted, factor in zip(
        stack.estimators, stack.estimators_, stack.pool_.factors, strict=True
    ):
        rows.append([f"Weight of {name}", f"{factor:.3f} times its log probabilities"])
        if name == FINETUNED:
            body = fitted.network_
            rows.append(
                ["Fine-tuned", f"{body.n_layers} layers, {fitted.epochs} epochs, {fitted.precision_}"]
            )
        if name == EMBEDDING:
            rows.append(["Strength of the penalty on embeddings", f"alpha = {fitted.alpha:g}"])
    how = "weights and a constant for each label, fitted on employers or workers not seen"
    rows.append(
        ["Calibration", how if stack.calibrated_ else "none: there were too few employers or workers"]
    )
    return rows


def _versions() -> dict[str, str]:
    """Return the versions of the packages that embeddings need."""
    return {name: version(name) for name in _PACKAGES}
