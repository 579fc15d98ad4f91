"""Saving and loading models on embeddings: weights as safetensors, all else as JSON or skops, no pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import skops.io

from peercompare.classifier.embeddings.archive import (
    ENCODER,
    NGRAMS,
    NUMBERS,
    damaged,
    packed,
    unpacked,
)
from peercompare.classifier.embeddings.cache import EmbeddingCache
from peercompare.classifier.embeddings.encoder import (
    Encoder,
    check_encoder,
    load_encoder,
    need_extra,
    quiet,
)
from peercompare.classifier.embeddings.learning import (
    EMBEDDING,
    FINETUNED,
    KINDS,
    NGRAM,
    EncoderModel,
    kind_of,
    make_stack,
)
from peercompare.classifier.embeddings.network import StanceNetwork
from peercompare.classifier.embeddings.quadratic import QuadraticForm
from peercompare.classifier.embeddings.stack import Pool
from peercompare.errors import ModelError, PeercompareError

LANDMARKS = "landmarks"
HEAD = "embedding."
TUNED = "finetuned."

_UNUSED = {"README.md", ".gitattributes"}
"""What an encoder's folder may hold that no model needs."""


def dumped(model: EncoderModel) -> bytes:
    """Return a model as the bytes of an archive.

    Parameters
    ----------
    model : EncoderModel

    Returns
    -------
    bytes
        The encoder, the weights that training changed, the n-grams that stand in two rows or more where the
        model has them; never a text, nor the embedding of one.
    """
    stack, fitted = model.pipeline, fitted_parts(model)
    about = {
        "labels": list(model.labels),
        "model_id": model.model_id,
        "facts": dict(model.facts),
        "kind": kind_of(stack),
        "classes": stack.classes_.tolist(),
        "calibrated": stack.calibrated_,
        "factors": stack.pool_.factors.tolist(),
        "constants": stack.pool_.constants.tolist(),
        "settings": {name: _settings(part) for name, part in fitted.items()},
    }
    files = {NUMBERS: _numbers(model), **_files_of(model.encoder)}
    if NGRAM in fitted:
        from peercompare.classifier.persistence import renumbered

        files[NGRAMS] = renumbered(skops.io.dumps({"pipeline": fitted[NGRAM].pipeline_}))
    return packed(about, files)


def fitted_parts(model: EncoderModel) -> dict[str, Any]:
    """Return the fitted classifiers of a model by name."""
    names = [name for name, _ in model.pipeline.estimators]
    return dict(zip(names, model.pipeline.estimators_, strict=True))


def _settings(part: Any) -> dict[str, Any]:
    """Return the plain settings of a classifier; what encoder and cache it has is told elsewhere."""
    return {
        name: value
        for name, value in part.get_params(deep=False).items()
        if name not in ("encoder", "cache")
        and (name == "titles" or isinstance(value, (int, float, str, type(None))))
    }


def _numbers(model: EncoderModel) -> bytes:
    """Gather the arrays of a model."""
    from safetensors.numpy import save

    parts, found = fitted_parts(model), {}
    if model.centroids is not None:
        found[LANDMARKS] = model.centroids
    if EMBEDDING in parts:
        found |= {HEAD + name: values for name, values in parts[EMBEDDING].head_._asdict().items()}
    if FINETUNED in parts:
        changed = parts[FINETUNED].network_.changed()
        found |= {TUNED + name: values.numpy() for name, values in changed.items()}
    return save({name: np.ascontiguousarray(values) for name, values in found.items()})


def _files_of(encoder: Encoder) -> dict[str, bytes]:
    """Return the files of an encoder, as sentence-transformers writes them."""
    with TemporaryDirectory(prefix="peercompare") as folder:
        with quiet():
            encoder.network.save_pretrained(folder, create_model_card=False)
        paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return {
            ENCODER + path.relative_to(folder).as_posix(): path.read_bytes()
            for path in paths
            if path.name not in _UNUSED
        }


def built(path: Path, data: bytes, *, cache: EmbeddingCache | None = None) -> EncoderModel:
    """Build a model from the bytes of an archive.

    Parameters
    ----------
    path : Path
        For messages.
    data : bytes
    cache : EmbeddingCache, optional
        Where the model keeps embeddings.

    Returns
    -------
    EncoderModel

    Raises
    ------
    ModelError
        If the archive is damaged, holds what no model holds, or its parts do not fit together.
    InputError
        If the extra is not installed.
    """
    about, files = unpacked(path, data)
    need_extra()
    try:
        encoder = _encoder_in(files, about)
        model = _assembled(path, about, files, encoder=encoder, cache=cache)
    except PeercompareError:
        raise
    except Exception as error:  # parts that do not fit may fail anywhere
        raise damaged(path) from error
    return model


def facts_in(path: Path, data: bytes) -> Mapping[str, Any]:
    """Return what an archive says of itself; the extra is not needed, and nothing is built."""
    about, _ = unpacked(path, data)
    return MappingProxyType(about["facts"])


def _encoder_in(files: Mapping[str, bytes], about: Mapping[str, Any]) -> Encoder:
    """Load the encoder that an archive holds, and check that it is the one that the model was made with."""
    said = about["facts"]["encoder"]
    with TemporaryDirectory(prefix="peercompare") as folder:
        for name, content in files.items():
            if name.startswith(ENCODER):
                target = Path(folder) / name.removeprefix(ENCODER)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        loaded = load_encoder(folder)
    named = Encoder(loaded.network, said["name"], loaded.sha256)
    return check_encoder(named, said["sha256"], what="The model")


def _assembled(
    path: Path,
    about: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    encoder: Encoder,
    cache: EmbeddingCache | None,
) -> EncoderModel:
    """Put the parts of a model together."""
    from safetensors.numpy import load

    numbers = load(files[NUMBERS])
    if not all(np.isfinite(values).all() for values in numbers.values()):
        raise ValueError("numbers that are none")
    facts, classes = MappingProxyType(about["facts"]), np.array(about["classes"])
    stack = make_stack(about["kind"], encoder, seed=int(facts["seed"]), cache=cache)
    for name, part in stack.estimators:
        plain = about["settings"][name]
        part.set_params(**{**plain, "titles": tuple(plain["titles"])})
        part.classes_ = classes
        _fill(part, name, path=path, numbers=numbers, files=files)
    stack.classes_, stack.calibrated_, stack.unseen_ = classes, bool(about["calibrated"]), None
    stack.pool_ = Pool(np.array(about["factors"]), np.array(about["constants"]))
    stack.estimators_ = [part for _, part in stack.estimators]
    seen = [about["labels"][place] for place in classes]
    rule = facts["rule"] or dict.fromkeys(seen, 1.0)
    stack.rule_ = np.array([rule[label] for label in seen])
    sizes = (len(stack.pool_.factors), len(stack.pool_.constants))
    if seen != list(facts["labels_seen"]) or sizes != (len(KINDS[about["kind"]]), len(classes)):
        raise ValueError("parts of different models")
    return EncoderModel(stack, tuple(about["labels"]), about["model_id"], facts, numbers.get(LANDMARKS))


def _fill(
    part: Any, name: str, *, path: Path, numbers: Mapping[str, np.ndarray], files: Mapping[str, bytes]
) -> None:
    """Give a classifier what its fit had found."""
    if name == NGRAM:
        from peercompare.classifier.persistence import TRUSTED, check_types

        check_types(path, files[NGRAMS])
        part.pipeline_ = skops.io.loads(files[NGRAMS], trusted=list(TRUSTED))["pipeline"]
        return
    part.encoder_ = part.encoder
    if name == EMBEDDING:
        part.head_ = QuadraticForm(*(numbers[HEAD + name] for name in QuadraticForm._fields))
        n_features, n = part.head_.linear.shape[1], part.encoder.n_dimensions
        part.in_context_ = n_features == 2 * n
        if n_features not in (n, 2 * n):
            raise ModelError(f"{path}: its head does not fit its encoder", remedy="train it again")
        return
    import torch

    part.precision_ = "float32"
    part.network_ = StanceNetwork(part.encoder, len(part.classes_), n_layers=part.n_layers).eval()
    weights = {each: values for each, values in numbers.items() if each.startswith(TUNED)}
    part.network_.change(
        {each.removeprefix(TUNED): torch.from_numpy(values.copy()) for each, values in weights.items()}
    )
