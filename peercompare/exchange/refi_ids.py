"""Stable identifiers for what peercompare writes: a study exported twice is the same, byte for byte."""

from __future__ import annotations

import hashlib
import uuid

from peercompare.exchange.refi_guids import GUID

ORIGIN = "peercompare"
"""What an exported file names as the program that wrote it."""

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "peercompare.exchange")


def stable_guid(*parts: object) -> str:
    """Return the identifier of something by what it is called; the same parts give the same one.

    Examples
    --------
    >>> stable_guid("document", "A") == stable_guid("document", "A") != stable_guid("document", "B")
    True
    """
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def as_guid(identifier: str, *parts: object) -> str:
    """Return an identifier as it is where it is a GUID, else one made from it and what it belongs to."""
    match = GUID.fullmatch(identifier)
    return match.group(1).lower() if match else stable_guid(*parts, identifier)


def text_mark(text: str) -> str:
    """Return what stands for a text in the identifiers of its selections."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def selection_guid(document_guid: str, mark: str, start: int, end: int, memo: str) -> str:
    """Return the identifier of a selection.

    It is made from the selection's own positions and its text, so that a reader can tell a file whose
    positions nobody has touched since peercompare wrote them.
    """
    return stable_guid("selection", document_guid, mark, start, end, memo)
