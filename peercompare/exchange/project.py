"""A coded project as it comes from another tool: documents, codes, coders and the spans they coded.

Every reader of this package returns a `CodedProject`; every writer takes one. Offsets are Unicode code points
into `SourceDocument.text`, end exclusive; line ends are LF and a byte order mark is no part of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from peercompare.exchange.calibration import SourceCalibration

UNKNOWN_CODER = "5b1c5b0e-0000-5000-8000-756e6b6e6f77"
"""Identifier of the coder to whom codings go that do not say who made them."""

UNSIGNED = "codings of which nothing says who coded"
"""How such codings are listed among what is not carried: they are kept, and whose they are is not."""


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A text that was coded; `metadata` holds its variables and those of its cases, as text."""

    id: str
    name: str
    text: str
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    memo: str = ""


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """A code of the project's own codebook; `parent` is the id of the code above it, or ``""``.

    A code may be a parent and codable at once. One that is not codable is a folder.
    """

    id: str
    name: str
    parent: str = ""
    description: str = ""
    is_codable: bool = True
    colour: str = ""


@dataclass(frozen=True, slots=True)
class ProjectCoder:
    """Somebody who coded."""

    id: str
    name: str


class Span(NamedTuple):
    """One coder's act: a code given to ``text[start:end]`` of a document.

    `quote` is that stretch of text. `start` and `end` are equal where a tool coded a place and not a stretch.
    It is a tuple because a project may have hundreds of thousands of them.
    """

    id: str
    document_id: str
    start: int
    end: int
    code_id: str
    coder_id: str
    memo: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class ProjectCase:
    """A case, such as a person or a site, with its variables and the documents that belong to it."""

    id: str
    name: str
    description: str = ""
    document_ids: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ProjectSet:
    """A named set of codes and documents."""

    id: str
    name: str
    description: str = ""
    code_ids: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectNote:
    """A memo that belongs to the project as a whole."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class NotCarried:
    """Something that the project holds and the import leaves behind: what, where, and how often."""

    what: str
    where: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.where}: {self.count} {self.what}"


@dataclass(frozen=True)
class CodedProject:
    """A project of another tool.

    Parameters
    ----------
    name, origin : str
        The project's name, and the program that wrote it.
    documents, codes, coders, spans, cases, sets, notes : tuple
        What it holds. Codes come parent before child; spans in the order of documents and text.
    memo : str
        The project's own description.
    not_carried : tuple of NotCarried
        Everything that was found and is not in the fields above. Never compared.
    calibrations : tuple of SourceCalibration
        How offsets were understood, source by source. Never compared.
    """

    name: str
    origin: str
    documents: tuple[SourceDocument, ...] = ()
    codes: tuple[ProjectCode, ...] = ()
    coders: tuple[ProjectCoder, ...] = ()
    spans: tuple[Span, ...] = ()
    cases: tuple[ProjectCase, ...] = ()
    sets: tuple[ProjectSet, ...] = ()
    notes: tuple[ProjectNote, ...] = ()
    memo: str = ""
    not_carried: tuple[NotCarried, ...] = field(default=(), compare=False)
    calibrations: tuple[SourceCalibration, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return (
            f"<CodedProject {self.name!r} of {self.origin or 'an unnamed tool'}: "
            f"{len(self.documents)} documents, "
            f"{len(self.codes)} codes, {len(self.coders)} coders, {len(self.spans)} spans>"
        )


TABLES: Mapping[str, type] = MappingProxyType(
    {
        "documents": SourceDocument, "codes": ProjectCode, "coders": ProjectCoder, "spans": Span,
        "cases": ProjectCase, "sets": ProjectSet, "notes": ProjectNote, "not_carried": NotCarried,
    }
)  # fmt: skip


def project_tables(project: CodedProject) -> dict[str, pd.DataFrame]:
    """Return a project as tables, one for each kind of thing, with the fields of its class as columns.

    Returns
    -------
    dict of str to DataFrame
        ``documents, codes, coders, spans, cases, sets, notes, not_carried``; empty ones have their columns.
    """
    return {name: _table(getattr(project, name), kind) for name, kind in TABLES.items()}


def code_paths(codes: Iterable[ProjectCode]) -> dict[str, str]:
    """Return the name of every code with those above it, as in ``Roles > Peer``, by its id.

    Examples
    --------
    >>> code_paths([ProjectCode("1", "Roles"), ProjectCode("2", "Peer", parent="1")])
    {'1': 'Roles', '2': 'Roles > Peer'}
    """
    paths: dict[str, str] = {}
    for code in codes:
        above = f"{paths[code.parent]} > " if code.parent in paths else ""
        paths[code.id] = above + code.name
    return paths


def _table(rows: tuple, kind: type) -> pd.DataFrame:
    """Return objects of one class as a table."""
    columns = list(kind._fields) if kind is Span else [each.name for each in fields(kind)]
    return pd.DataFrame([[getattr(row, name) for name in columns] for row in rows], columns=columns)
