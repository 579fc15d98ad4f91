"""The files of a model on embeddings: one archive of JSON, safetensors and skops, checked before it is used.

An archive holds the encoder it started from, whole, so that it can be used where the encoder is not.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from peercompare.errors import ModelError, Problem

FORMAT = "peercompare embeddings model 1"
ABOUT = "peercompare_model.json"
ENCODER = "encoder/"
NUMBERS = "numbers.safetensors"
NGRAMS = "ngrams.skops"

_ENDINGS = {".json", ".txt", ".safetensors", ".model", ".skops"}
"""Of plain values, vocabularies, weights, and what skops checks by itself: no pickle, no code."""

_LARGEST = 2**33
"""Bytes that an archive may unpack to."""

_OURS = "sentence_transformers."


def packed(about: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Pack files with their hashes; equal content gives equal bytes."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    head = json.dumps({"format": FORMAT, **about, "files": hashes}, sort_keys=True, indent=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, content in {ABOUT: head.encode(), **dict(sorted(files.items()))}.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def is_archive(data: bytes) -> bool:
    """Tell whether a file is an archive of ours, by its content."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return ABOUT in archive.namelist()
    except zipfile.BadZipFile:
        return False


def unpacked(path: Path, data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Check an archive and return what it says of itself, and its files.

    Raises
    ------
    ModelError
        If it is damaged, of another version, or holds what no model of ours holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _LARGEST:
                raise ValueError("too large")
            files = {name: archive.read(name) for name in archive.namelist()}
        about = json.loads(files.pop(ABOUT))
        hashes = about.pop("files")
        known = about.pop("format")
    except Exception as error:  # a damaged archive may fail anywhere in its reading
        raise damaged(path) from error
    if known != FORMAT:
        raise ModelError(f"{path} was made by another version", remedy="train the model again")
    if set(hashes) != set(files) or any(
        hashlib.sha256(content).hexdigest() != hashes[name] for name, content in files.items()
    ):
        raise damaged(path)
    _refuse_strangers(path, files)
    return about, files


def damaged(path: Path) -> ModelError:
    """Return the error about an archive that is not whole."""
    return ModelError(
        f"{path} is no whole model file", remedy="copy it again from its source, or train the model again"
    )


def _refuse_strangers(path: Path, files: Mapping[str, bytes]) -> None:
    """Refuse names that leave the archive, files that could hold code, and encoders that ask for some."""
    strange = [
        name
        for name in files
        if PurePosixPath(name).suffix not in _ENDINGS
        or PurePosixPath(name).is_absolute()
        or ".." in PurePosixPath(name).parts
        or "\\" in name
    ]
    strange += [name for name, content in files.items() if name.endswith(".json") and _asks_for_code(content)]
    if strange:
        raise ModelError(
            f"{path} holds what a model of peercompare never holds; nothing in it was built",
            [Problem("file", each) for each in sorted(strange)],
            remedy="do not use this file unless you know who made it; train the model again",
        )


def _asks_for_code(content: bytes) -> bool:
    """Tell whether an encoder's JSON names code other than sentence-transformers' own."""
    try:
        found = json.loads(content)
    except ValueError:
        return True
    if isinstance(found, dict):
        return "auto_map" in found
    if isinstance(found, list):
        return not all(isinstance(each, dict) and str(each.get("type")).startswith(_OURS) for each in found)
    return False
