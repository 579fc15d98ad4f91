"""Saving and loading models without pickle, against a fixed list of types.

A model file is a zip archive in the format of skops. Before anything in it is built, every type that it names
is compared with `ALLOWED`; a file that names another is refused, however harmless the type.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from peercompare.classifier.embeddings.archive import is_archive
from peercompare.classifier.model import Model
from peercompare.classifier.whose import ask_whose_words
from peercompare.corpus import Corpus
from peercompare.errors import ModelError, Problem
from peercompare.files import write_atomically
from peercompare.framework import Framework

FORMAT = "peercompare model 3"
"""Raised from 1 when a model began to know whose words trained it, from 2 when it began to read context."""

ALLOWED = frozenset(
    {
        ("builtins.dict", "DictNode"),
        ("builtins.list", "ListNode"),
        ("builtins.str", "JsonNode"),
        ("builtins.str", "TypeNode"),
        ("builtins.tuple", "TupleNode"),
        ("numpy.float64", "TypeNode"),
        ("numpy.ndarray", "NdArrayNode"),
        ("sklearn.feature_extraction.text.TfidfTransformer", "ObjectNode"),
        ("sklearn.feature_extraction.text.TfidfVectorizer", "ObjectNode"),
        ("sklearn.linear_model._logistic.LogisticRegression", "ObjectNode"),
        ("peercompare.classifier.features.SegmentFeatures", "ObjectNode"),
        ("sklearn.pipeline.Pipeline", "ObjectNode"),
    }
)
"""Every type that a model file may name, with the way it is built. Fixed: never read from a file."""

TRUSTED = ("peercompare.classifier.features.SegmentFeatures",)
"""Of these, what is of this package, and must be named to the reader of the format."""

_OLD_FORMATS = {
    "peercompare model 1": "does not know whose words trained it",
    "peercompare model 2": "reads texts in another way",
}
"""Formats of earlier versions, and what is the matter with them."""

_LARGEST = 2**31
"""Bytes that a model file may unpack to."""

_FACTS = (
    "framework_id",
    "framework_sha256",
    "n_segments",
    "n_groups",
    "labels_seen",
    "versions",
    "whose",
    "provenance",
)


def save_model(model: Model, path: str | Path) -> Path:
    """Write a model to a file, whole or not at all.

    Parameters
    ----------
    model : Model
        From `train`.
    path : str or Path
        Where to write; an existing file is replaced in one step. By custom the name ends in ``.skops``.

    Returns
    -------
    Path
        The path written.

    Notes
    -----
    The file holds the terms that stand in two training rows or more, never a text. Their pairs of words may
    still name people: the file is its owner's alone (0600); treat it with the care that its corpora ask for.
    """
    about = {"labels": list(model.labels), "model_id": model.model_id, "facts": dict(model.facts)}
    if hasattr(model, "encoder"):
        from peercompare.classifier.embeddings.saving import dumped

        return write_atomically(path, dumped(model), private=True)
    content = {"format": FORMAT, "about": json.dumps(about, sort_keys=True), "pipeline": model.pipeline}
    if model.centroids is not None:
        content["centroids"] = model.centroids
    return write_atomically(path, renumbered(skops.io.dumps(content)), private=True)


def renumbered(data: bytes) -> bytes:
    """Write an archive anew without what differs from run to run, so that equal models are equal files.

    Skops names objects after their place in memory and stamps entries with the time; here they are counted.
    """
    numbers: dict[int, int] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        named = [node for node in _nodes(schema) if isinstance(node.get("__loader__"), str)]
        for node in named:
            if "__id__" in node:
                node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        files = {}
        for node in named:
            if "file" in node:
                files[f"{node['__id__']}.npy"] = archive.read(node["file"])
                node["file"] = f"{node['__id__']}.npy"
    files["schema.json"] = json.dumps(schema).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def load_model(
    path: str | Path, framework: Framework | None = None, *, corpora: Iterable[Corpus | str | Path] = ()
) -> Model:
    """Read a model from a file that `save_model` wrote, and ask those whose words trained it.

    Parameters
    ----------
    path : str or Path
        The file.
    framework : Framework, optional
        The framework that the model is to be used with; a model made for another is refused.
    corpora : iterable of Corpus, str or Path, optional
        The corpora that trained it, or their folders: the people in them are asked, as of today. A corpus in
        which real people speak must be at hand; a composed one is asked where it is.

    Returns
    -------
    Model
        With the labels, the `model_id` and the facts it was saved with.

    Raises
    ------
    ModelError
        If the file is absent, cut short, no model of peercompare's, names a type that is not allowed, or was
        made for another framework. Nothing in a refused file is built.
    ConsentError
        If somebody whose words trained it has withdrawn, or a corpus of real people is not at hand to ask.
    """
    path = Path(path)
    model = _model_in(path, _bytes_of(path))
    ask_whose_words(path, model.facts["whose"], corpora)
    if framework is not None:
        _check_framework(path, model, framework)
    return model


def read_facts(source: str | Path | io.BytesIO) -> Mapping[str, Any]:
    """Read what a model file says about itself; nobody is asked, so nothing can be predicted with it.

    Parameters
    ----------
    source : str, Path or BytesIO
        The file, or its content.

    Returns
    -------
    mapping
        `Model.facts`.

    Raises
    ------
    ModelError
        As `load_model`.
    """
    if isinstance(source, io.BytesIO):
        path, data = Path("model in an archive"), source.getvalue()
    else:
        path, data = Path(source), _bytes_of(Path(source))
    if is_archive(data):
        from peercompare.classifier.embeddings.saving import facts_in

        return facts_in(path, data)
    check_types(path, data)
    return _built(path, data).facts


def _model_in(path: Path, data: bytes) -> Model:
    """Build the model in a file, of whichever kind."""
    if is_archive(data):
        from peercompare.classifier.embeddings.cache import user_cache
        from peercompare.classifier.embeddings.saving import built

        return built(path, data, cache=user_cache())
    check_types(path, data)
    return _built(path, data)


def _bytes_of(path: Path) -> bytes:
    """Return a file's content, or say in our words that it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model {path} cannot be read: {error.strerror}", remedy="name a model file"
        ) from None


def check_types(path: Path, data: bytes) -> None:
    """Refuse a file that is no whole archive, or names a type that is not allowed."""
    try:
        schema = _schema(data)
    except Exception:  # a damaged archive may fail anywhere in its reading
        schema = None
    if not schema:
        raise ModelError(
            f"{path} is no whole model file", remedy="copy it again from its source, or train the model again"
        )
    strange = sorted(
        {f"{name} ({how})" for name, how in _types(schema)} - {f"{name} ({how})" for name, how in ALLOWED}
    )
    if strange:
        raise ModelError(
            f"{path} holds what a model of peercompare never holds; nothing in it was built",
            [Problem("type", each) for each in strange],
            remedy="do not use this file unless you know who made it; train the model again",
        )


def _schema(data: bytes) -> Any:
    """Read the part of an archive that names its types, after its check sums; None where a sum is wrong."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        too_large = sum(each.file_size for each in archive.infolist()) > _LARGEST
        if too_large or archive.testzip() is not None:
            return None
        return json.loads(archive.read("schema.json"))


def _types(schema: Any) -> Iterator[tuple[str, str]]:
    """Go through every type that a skops schema names, with the way in which it would be built."""
    for node in _nodes(schema):
        # a dictionary under one of these keys is an entry of that name, such as a term of a vocabulary
        if any(
            key in node and not isinstance(node[key], dict)
            for key in ("__loader__", "__class__", "__module__")
        ):
            yield f"{node.get('__module__')}.{node.get('__class__')}", str(node.get("__loader__"))


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Go through every dictionary in a nest of lists and dictionaries, in the same order each time."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            yield node
            waiting.extend(node.values())


def _built(path: Path, data: bytes) -> Model:
    """Build the model from a file whose types have been checked."""
    try:
        content = skops.io.loads(data, trusted=list(TRUSTED))
        if str(content["format"]) in _OLD_FORMATS:
            raise _too_old(path, _OLD_FORMATS[str(content["format"])])
        about = json.loads(content["about"]) if content["format"] == FORMAT else {}
        model = Model(
            content["pipeline"],
            tuple(about["labels"]),
            about["model_id"],
            MappingProxyType(about["facts"]),
            content.get("centroids"),
        )
        fits = _fits_together(model)
    except ModelError:
        raise
    except Exception as error:
        raise _no_model(path) from error
    if not fits:
        raise _no_model(path)
    return model


def _too_old(path: Path, why: str) -> ModelError:
    return ModelError(
        f"{path} was made by an earlier version and {why}",
        remedy="train the model again, with those whose words trained it asked anew",
    )


def _no_model(path: Path) -> ModelError:
    return ModelError(
        f"{path} holds no model of peercompare's that this version can use",
        remedy=f"expected the format {FORMAT!r}; train the model again",
    )


def _fits_together(model: Model) -> bool:
    """Tell whether a model's parts are there and belong to one another."""
    regression = model.pipeline.named_steps["model"]
    classes = [model.labels[position] for position in model.pipeline.classes_]
    return (
        isinstance(model.pipeline, Pipeline)
        and isinstance(regression, LogisticRegression)
        and all(name in model.facts for name in _FACTS)
        and classes == list(model.facts["labels_seen"])
        and regression.coef_.shape[1] == len(model.pipeline.named_steps["features"].get_feature_names_out())
        and bool(np.isfinite(regression.coef_).all() and np.isfinite(regression.intercept_).all())
        and _knows_its_domain(model)
    )


def _knows_its_domain(model: Model) -> bool:
    """Tell whether the mean documents fit the features; a model that was never calibrated has none."""
    found = model.centroids
    if found is None or not model.facts.get("domain"):
        return found is None and not model.facts.get("domain")
    n_terms = sum(len(each.vocabulary_) for _, each in model.pipeline.named_steps["features"].vectorizers())
    return found.ndim == 2 and found.shape[1] == n_terms and bool(np.isfinite(found).all())


def _check_framework(path: Path, model: Model, framework: Framework) -> None:
    """Refuse a model made for another framework, or for another wording of the same one."""
    facts: Mapping[str, Any] = model.facts
    if facts["framework_sha256"] == framework.sha256:
        return
    made_for = f"{facts['framework_id']} (sha256 {facts['framework_sha256'][:12]})"
    raise ModelError(
        f"{path} was made for {made_for}, not for {framework.id} (sha256 {framework.sha256[:12]})",
        remedy="use the framework it was made for, or train the model again",
    )
