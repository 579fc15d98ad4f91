"""Which kind of model a study asks for, and keeping it beside the n-gram model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from peercompare.classifier import save_model, train
from peercompare.classifier.card import card_paths, model_card
from peercompare.classifier.model import Learn, Model
from peercompare.corpus import Corpus
from peercompare.study.runner import Bench
from peercompare.study.study import Study

NGRAM = "ngram"


def ngram_learner(study: Study) -> Learn:
    """Return what learns the n-gram model, with the framework's examples as ``[classifier]`` weighs them."""
    return partial(train, examples_weight=study.settings.classifier.examples_weight)


def learner_of(study: Study) -> tuple[str, Learn]:
    """Return the kind of model that ``[classifier]`` names, and what learns it.

    An encoder is a folder beside the study file, or a name on a hub. Embeddings are kept where
    ``PEERCOMPARE_CACHE`` says.

    Raises
    ------
    InputError
        If the extra `embeddings` is not installed, or the encoder cannot be loaded.
    """
    section = study.settings.classifier
    if section.model == NGRAM:
        return NGRAM, ngram_learner(study)
    from peercompare.classifier.embeddings import learner, user_cache

    beside = study.folder / str(section.encoder)
    encoder = beside if beside.is_dir() else section.encoder
    told = {"cache": user_cache(), "examples_weight": section.examples_weight}
    return section.model, learner(section.model, encoder, **told)


def keep(
    model: Model,
    bench: Bench,
    path: str,
    *,
    name: str,
    corpora: list[Corpus],
    found: Mapping[str, pd.DataFrame],
) -> None:
    """Save a model with its card.

    Parameters
    ----------
    model : Model
    bench : Bench
    path : str
        Of the file, in the results folder.
    name : str
        By which the tables of scores know it.
    corpora : list of Corpus
    found : mapping of str to DataFrame
        ``scores, calibration``; the latter of the model whose predictions the study uses.
    """
    chosen = name == bench.study.settings.classifier.model
    bench.note(save_model(model, bench.study.results / path))
    told: dict[str, Any] = {"framework": bench.study.framework, "corpora": corpora, "name": name}
    card = model_card(model, found["scores"], calibration=found["calibration"] if chosen else None, **told)
    for where, text in zip(card_paths(Path(path)), (card.markdown, card.html), strict=True):
        bench.write_file(text, str(where))
