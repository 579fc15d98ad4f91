"""Reading doccano's JSONL: one line for each text with its labels, one file for each annotator.

The shapes are those of its export formatters: ``label`` as spans ``[start, end, label]`` or as categories,
``entities`` with offsets in the format with relations, ``cats`` beside spans. doccano writes no words with
a span: where a text has characters that tools count differently, positions after them are refused until a
convention is named.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.archive import Limits, open_archive
from peercompare.exchange.assembling import Assembly, Named
from peercompare.exchange.json_files import read_json_lines, read_text
from peercompare.exchange.project import CodedProject

NOBODY = ("all", "unknown")
"""Names of files that say of nobody that they coded."""


def read_doccano(
    path: str | Path, *, coder: str = "", convention: Named = None, limits: Limits | None = None
) -> CodedProject:
    """Read texts with their labels.

    Parameters
    ----------
    path : str or Path
        A .jsonl file; or the folder or zip archive of them that doccano exports, named by annotator.
    coder : str, default ""
        Who coded what no file name says (``all.jsonl``, where annotators share their labels).
    convention : str, Convention or mapping of str, optional
        How positions were counted.
    limits : Limits, optional
        How much an archive may hold.

    Returns
    -------
    CodedProject
        One document for each text; a text that several annotators labelled is one document. A category is
        a span over the whole text. Relations and comments are counted in `not_carried`.

    Raises
    ------
    ExchangeError
        Lists every fault by file and line: no JSON, no text, two texts with one id, positions past the
        text; or texts whose way of counting cannot be told.
    """
    path = Path(path)
    gathered = Assembly(path.name, "doccano", takes_coder=True)
    texts: dict[str, str] = {}
    for file, content in _files(path, limits):
        who = coder if file.stem in NOBODY else file.stem
        for number, row in read_json_lines(file, content):
            _take(gathered, texts, row, f"{file.name}, line {number}", number, coder or who)
    return gathered.project(path.stem, convention=convention)


def _files(path: Path, limits: Limits | None) -> Iterator[tuple[Path, str]]:
    """Yield the files of an export with their texts."""
    if path.is_dir():
        found = [(file, read_text(file)) for file in sorted(path.glob("*.json*")) if file.is_file()]
    elif zipfile.is_zipfile(path):
        with open_archive(path, limits=limits) as archive:
            names = sorted(name for name in archive.names if ".json" in Path(name).suffix.lower())
            found = [(Path(name), _decoded(archive.read(name), name)) for name in names]
    else:
        found = [(path, read_text(path))]
    if not found:
        raise ExchangeError(f"{path} holds no .jsonl file", remedy="give what doccano exports")
    yield from found


def _decoded(data: bytes, name: str) -> str:
    """Return a file of an archive as text."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Problem(name, f"byte {error.start + 1} is not UTF-8", "export it anew")
        raise ExchangeError(f"{name} cannot be read", [fault]) from None


def _take(
    gathered: Assembly, texts: dict[str, str], row: Mapping[str, Any], where: str, number: int, who: str
) -> None:
    """Add one text and its labels."""
    text = row.get("text", row.get("data"))
    if not isinstance(text, str):
        gathered.fault(where, "it has no text")
        return
    identifier = f"text {row.get('id', number)}"
    if texts.setdefault(identifier, text) != text:
        gathered.fault(where, f"another text has the id {row.get('id', number)} too", "export one project")
        return
    if not gathered.has_document(identifier):
        meta = row.get("meta") if isinstance(row.get("meta"), Mapping) else {}
        values = {key: str(value) for key, value in meta.items() if isinstance(value, (str, int, float))}
        gathered.document(identifier, identifier, text, metadata=values)
    name = str(row.get("username") or who)
    for key in ("label", "labels", "entities", "cats"):
        for label in _listed(row.get(key)):
            _take_label(gathered, identifier, label, where, name)
    gathered.miss("relations", count=len(_listed(row.get("relations"))))
    gathered.miss("comments", count=len(_listed(row.get("Comments"))) + len(_listed(row.get("comments"))))


def _take_label(gathered: Assembly, document: str, label: Any, where: str, who: str) -> None:
    """Add one label: a span as a list or an object, or a category."""
    if isinstance(label, str):
        gathered.mark_whole(document, code=gathered.code(label), coder=gathered.coder(who), where=where)
        return
    if isinstance(label, Mapping):
        label = [label.get("start_offset"), label.get("end_offset"), label.get("label")]
    if not isinstance(label, list) or len(label) != 3 or [type(each) for each in label] != [int, int, str]:
        gathered.fault(where, "a label is no category and no [start, end, label]")
        return
    start, end, name = label
    gathered.mark(document, (start, end), code=gathered.code(name), coder=gathered.coder(who), where=where)


def _listed(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and a single value as a list of it."""
    return value if isinstance(value, list) else [] if value is None else [value]
