"""Which column of a spreadsheet of coded segments is what: mappings that come with us, and mapping files.

A mapping file is a small TOML file::

    origin = "our own sheet"
    code_separator = ";"          # several codes in one cell
    level_separator = " > "       # between a code and the code below it

    [columns]
    document = "file"
    quote = ["words", "text"]     # the first of these that the table has
    code = "codes"
    coder = "who"
    memo = "note"

Positions are given by ``start`` and ``end``, or by ``range`` (``12-30`` in one cell), with
``first_position`` (0 or 1) and ``end_inclusive`` where they are counted otherwise than from 0 with the end
left out.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from peercompare.errors import ExchangeError, InputError, Problem
from peercompare.readers.sources import decoded, read_bytes

KEYS = ("document", "quote", "start", "end", "range", "code", "coder", "memo")
"""What a column can be."""

_OTHERS = MappingProxyType(
    {
        "origin": str, "sheet": str, "code_separator": str, "level_separator": str, "code_prefix": str,
        "code_suffix": str, "first_position": int, "end_inclusive": bool,
    }
)  # fmt: skip


@dataclass(frozen=True)
class SegmentMapping:
    """How a table of coded segments is to be read.

    Parameters
    ----------
    columns : mapping of str to tuple of str
        The table's columns by what they are (one of `KEYS`); the first that the table has is taken.
    origin : str
        The program that wrote the table.
    sheet : str
        Name of the sheet, where it is not the first one.
    code_separator : str
        What stands between several codes in one cell; empty where a cell holds one.
    level_separator : str
        What stands between a code and the code below it; empty where codes have no levels.
    code_prefix, code_suffix : str
        How the names of columns begin and end that stand for one code each, with a yes in their cells.
    first_position : {0, 1}
        What the first position of a text is called.
    end_inclusive : bool
        Whether `end` is the last character, and not the one after it.
    """

    columns: Mapping[str, tuple[str, ...]]
    origin: str = ""
    sheet: str = ""
    code_separator: str = ""
    level_separator: str = ""
    code_prefix: str = ""
    code_suffix: str = ""
    first_position: int = 0
    end_inclusive: bool = False

    @property
    def has_code_columns(self) -> bool:
        """Whether there is a column for each code."""
        return bool(self.code_prefix or self.code_suffix)


def _preset(origin: str, columns: Mapping[str, tuple[str, ...]], **more: Any) -> SegmentMapping:
    """Return a mapping that comes with us."""
    return SegmentMapping(MappingProxyType(dict(columns)), origin, **more)


PRESETS: Mapping[str, SegmentMapping] = MappingProxyType(
    {
        "maxqda": _preset(
            "MAXQDA",
            {
                "document": ("Document name", "Document", "Dokumentname"), "quote": ("Segment",),
                "code": ("Code",), "coder": ("Created by", "Author", "Erstellt von", "Autor"),
                "memo": ("Comment", "Kommentar"),
            },
            level_separator=" > ",
        ),
        "atlasti": _preset(
            "ATLAS.ti",
            {
                "document": ("Document",), "quote": ("Quotation Content", "Text Content", "Content"),
                "code": ("Codes",), "coder": ("Created by", "Created By", "Creating User"),
                "memo": ("Comment",),
            },
            code_separator="\n",
        ),
        "nvivo": _preset(
            "NVivo",
            {
                "document": ("File Name", "Source Name", "Name of File", "File", "Source"),
                "quote": ("Coded Text", "Reference Text", "Text", "Reference"),
                "code": ("Hierarchical Name", "Code", "Node", "Code Name", "Node Name"),
                "coder": ("Coded By Name", "Coded By", "Coded By Initials", "User Name"),
            },
            level_separator="\\",
        ),
        "dedoose": _preset(
            "Dedoose",
            {
                "document": ("Media Title", "Resource Title"), "quote": ("Excerpt Copy", "Excerpt"),
                "range": ("Excerpt Range",), "coder": ("Excerpt Creator",),
            },
            code_prefix="Code: ", code_suffix=" Applied", level_separator="\\",
        ),
        "dedoose-words": _preset(
            "Dedoose",
            {
                "document": ("Media Title", "Resource Title"), "quote": ("Excerpt Copy", "Excerpt"),
                "coder": ("Excerpt Creator",),
            },
            code_prefix="Code: ", code_suffix=" Applied", level_separator="\\",
        ),
        "taguette": _preset(
            "Taguette", {"document": ("document",), "quote": ("content",), "code": ("tag",)},
        ),
    }
)  # fmt: skip
"""Mappings of exports by program.

Seen in the program's own source: Taguette's ``id, document, tag, content``. Seen in published scripts that
read real exports: Dedoose's ``Media Title, Excerpt Range, Excerpt Creator, Excerpt Copy``, ``Code: ...
Applied`` with ``True`` in it, and the backslash between levels; ATLAS.ti's ``ID, Document, Quotation
Content, Codes``; MAXQDA's ``Document name, Segment, Code``, and `` > `` between levels. From general
knowledge only: every other name, all of NVivo's, the German ones, and what stands between several codes of
ATLAS.ti. Where an export has other names, a mapping file says so. ``dedoose-words`` looks for the words and
leaves the ranges alone."""


def read_segment_mapping(path: str | Path) -> SegmentMapping:
    """Read a mapping file.

    Raises
    ------
    ExchangeError
        Lists every fault: no TOML, an unknown key, a value of the wrong kind, no document, code or words.
    """
    path = Path(path)
    try:
        values = tomllib.loads(decoded(read_bytes(path), path))
    except tomllib.TOMLDecodeError as error:
        fault = Problem(path.name, f"the file is not TOML: {error}", 'write lines such as document = "file"')
        raise ExchangeError(f"{path} cannot be read", [fault]) from None
    except InputError as error:
        raise ExchangeError(error.summary, error.problems, remedy=error.remedy) from None
    columns = values.pop("columns", {})
    if not isinstance(columns, Mapping):
        columns, values["columns"] = {}, columns
    faults = _Faults(path.name)
    found = {key: faults.names(key, value) for key, value in columns.items() if faults.known(key, KEYS)}
    others = {
        key: value for key, value in values.items() if faults.known(key, _OTHERS) and faults.kind(key, value)
    }
    mapping = SegmentMapping(MappingProxyType(found), **others)
    faults.check(mapping)
    if faults.problems:
        raise ExchangeError(f"{path} cannot be used as a mapping", faults.problems)
    return mapping


@dataclass
class _Faults:
    """Everything wrong with one mapping file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def known(self, key: str, keys: Any) -> bool:
        """Say whether a key is one of ours."""
        if key in keys:
            return True
        near = difflib.get_close_matches(key, list(keys), n=1)
        remedy = f"did you mean {near[0]}?" if near else f"keys are {', '.join(keys)}"
        self.problems.append(Problem(self.file, f"unknown key {key!r}", remedy))
        return False

    def names(self, key: str, value: Any) -> tuple[str, ...]:
        """Return one name or a list of names."""
        found = (value,) if isinstance(value, str) else value
        if isinstance(found, (list, tuple)) and found and all(isinstance(each, str) for each in found):
            return tuple(found)
        remedy = "name a column in quotes, or a list of them"
        self.problems.append(Problem(self.file, f"{key} is {value!r}", remedy))
        return ()

    def kind(self, key: str, value: Any) -> bool:
        """Say whether a value is of its kind."""
        if type(value) is _OTHERS[key]:
            return True
        self.problems.append(Problem(self.file, f"{key} is {value!r}", f"give a {_OTHERS[key].__name__}"))
        return False

    def check(self, mapping: SegmentMapping) -> None:
        """Note what a mapping needs and does not have."""
        have = set(mapping.columns)
        placed = "range" in have or {"start", "end"} <= have
        needs = (
            ("document" in have, "no column is the document", 'add document = "their column"'),
            ("code" in have or mapping.has_code_columns, "no column is the code", "add code, or code_prefix"),
            ("quote" in have or placed, "neither words nor positions", "add quote, or start and end"),
            (mapping.first_position in (0, 1), f"first_position is {mapping.first_position}", "give 0 or 1"),
        )
        self.problems += [Problem(self.file, what, remedy) for met, what, remedy in needs if not met]
