"""One door to every reader: which tool a file is of, and the project in it."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.archive import limits_for
from peercompare.exchange.assembling import Named
from peercompare.exchange.brat import read_brat
from peercompare.exchange.doccano import read_doccano
from peercompare.exchange.inception import read_inception
from peercompare.exchange.label_studio import read_label_studio
from peercompare.exchange.nvivo import read_nvivo_references
from peercompare.exchange.project import CodedProject
from peercompare.exchange.qualcoder import DATABASE, read_qualcoder
from peercompare.exchange.refi_reader import read_qdc, read_qdpx
from peercompare.exchange.segment_mapping import PRESETS, SegmentMapping
from peercompare.exchange.spreadsheets import Documents, read_coded_segments
from peercompare.exchange.taguette import read_taguette, read_taguette_highlights

TOOLS = MappingProxyType(
    {
        "refi": "a REFI-QDA project (.qdpx), as NVivo, MAXQDA, ATLAS.ti and others write it",
        "refi-codebook": "a REFI-QDA codebook (.qdc)",
        "qualcoder": "a QualCoder project (a folder .qda, or its database)",
        "taguette": "a Taguette database",
        "taguette-highlights": "highlights exported from Taguette (.csv, .xlsx, .html), with the documents",
        "segments": "a spreadsheet of coded segments (.csv, .xlsx), with a mapping and the documents",
        "nvivo-text": "references exported from NVivo as text, with the documents",
        "label-studio": "a JSON export of Label Studio",
        "doccano": "JSONL of doccano, a file or a folder or archive of them",
        "brat": "brat standoff: .txt and .ann files",
        "inception": "an INCEpTION project or file in UIMA CAS XMI",
    }
)
"""What can be read, by name."""

_BY_ENDING = MappingProxyType(
    {
        ".qdpx": "refi", ".qdc": "refi-codebook", ".json": "label-studio", ".jsonl": "doccano",
        ".ann": "brat", ".xmi": "inception", ".csv": "segments", ".tsv": "segments",
        ".xlsx": "segments", ".xlsm": "segments",
        ".html": "taguette-highlights", ".htm": "taguette-highlights",
    }
)  # fmt: skip
_EITHER = ("segments", "taguette-highlights", "doccano", "label-studio")
"""Whose files have endings that documents have too."""

_NEED_DOCUMENTS = ("segments", "nvivo-text", "taguette-highlights")

_READERS: Mapping[str, tuple[Callable[..., CodedProject], tuple[str, ...]]] = MappingProxyType(
    {
        "refi": (read_qdpx, ("convention", "max_bytes")),
        "refi-codebook": (read_qdc, ()),
        "qualcoder": (read_qualcoder, ("convention",)),
        "taguette": (read_taguette, ("project",)),
        "taguette-highlights": (read_taguette_highlights, ("documents", "coder", "project")),
        "segments": (
            read_coded_segments,
            ("mapping", "documents", "coder", "convention", "positions", "encoding"),
        ),
        "nvivo-text": (read_nvivo_references, ("documents", "coder", "code")),
        "label-studio": (read_label_studio, ("convention", "text_key", "name_key")),
        "doccano": (read_doccano, ("coder", "convention", "max_bytes")),
        "brat": (read_brat, ("coder", "folders_are_coders", "convention")),
        "inception": (read_inception, ("coder", "layers", "max_bytes")),
    }
)
"""The reader of each tool's files, and what it can be told."""


def detect_tool(path: str | Path) -> str:
    """Say of which tool a file or folder is, by its name and by what is in it.

    Returns
    -------
    str
        A key of `TOOLS`.

    Raises
    ------
    ExchangeError
        Where there is no such file, or it is of no tool that is known.
    """
    path = Path(path)
    if not path.exists():
        raise ExchangeError(f"There is no file {path}", remedy="give the path of a project")
    if (path / "corpus.toml").is_file():
        raise ExchangeError(f"{path} is a corpus folder already", remedy="it needs no import")
    found = _of_folder(path) if path.is_dir() else _BY_ENDING.get(path.suffix.lower()) or _of_content(path)
    if not found:
        problems = [Problem(name, what) for name, what in TOOLS.items()]
        raise ExchangeError(
            f"It cannot be told which tool {path} is of", problems, remedy="name the tool (--tool NAME)"
        )
    return found


_CODED_JSON = (
    re.compile(r'\s*\[.*"(?:annotations|completions)"\s*:', re.DOTALL),
    re.compile(r'\s*\{[^\n]*"(?:label|labels|entities|cats)"\s*:\s*\['),
)
_HEAD = 2**16


def is_coded(path: str | Path) -> bool:
    """Say whether a file or folder can only be a coded project, and no documents without codes.

    Parameters
    ----------
    path : str or Path
        What somebody wants to bring in. Spreadsheets and pages may be either, and are not: their tool or
        mapping must be named. JSON is looked at for what Label Studio and doccano write.
    """
    path = Path(path)
    if path.suffix.lower() in (".json", ".jsonl") and path.is_file():
        with open(path, "rb") as stream:
            head = stream.read(_HEAD).decode("utf-8", "replace")
        return any(pattern.match(head) for pattern in _CODED_JSON)
    try:
        tool = detect_tool(path)
    except ExchangeError:
        return False
    if tool == "doccano" and path.is_dir():
        return all(is_coded(each) for each in path.glob("*.jsonl"))
    return tool not in _EITHER


def read_project(
    path: str | Path, *, tool: str = "", documents: Documents | None = None,
    mapping: SegmentMapping | str | Path = "", coder: str = "", convention: Named = None, **further: Any,
) -> CodedProject:  # fmt: skip
    """Read a project of any tool that is known.

    Parameters
    ----------
    path : str or Path
        The file or folder.
    tool : str, default ""
        A key of `TOOLS`; by default it is told by the file.
    documents : mapping of str to str, or path, optional
        The documents, where the tool exports codings without them.
    mapping : SegmentMapping, str or Path
        Which column of a spreadsheet is what: a name of `PRESETS`, or a mapping file.
    coder : str, default ""
        Who coded, where the file does not say it.
    convention : str, Convention or mapping of str, optional
        How positions were counted, where the quotes cannot tell.
    **further
        What only one tool's reader can be told: Taguette's `project`, Label Studio's `text_key` and
        `name_key`, brat's `folders_are_coders`, INCEpTION's `layers`, of a spreadsheet `positions` and
        `encoding`, of NVivo's text `code`, of archives `max_bytes`: so many may be unpacked, whatever the
        usual limits (only for a file that you trust). Words such as a command line has them are taken too:
        ``"yes"``, or layers with commas between them.

    Raises
    ------
    ExchangeError
        Where the tool is unknown, its reader cannot be told something, documents or a mapping are missing;
        and as the tool's own reader does.
    """
    tool = tool or detect_tool(path)
    if tool not in TOOLS:
        raise ExchangeError(f"No tool is called {tool!r}", remedy=f"tools are {', '.join(TOOLS)}")
    _check_needs(tool, documents, mapping)
    reader, keys = _READERS[tool]
    common = {"documents": documents, "mapping": mapping, "coder": coder, "convention": convention}
    known = [key for key in keys if key not in common]
    problems = [
        Problem(key, f"{TOOLS[tool]} is not read with it", f"known: {', '.join(known) or 'nothing further'}")
        for key in further
        if key not in known
    ]
    told = {_PARAMETERS.get(key, key): _meant(key, value, problems) for key, value in further.items()}
    if problems:
        raise ExchangeError(f"{path} cannot be read so", problems)
    return reader(path, **{key: value for key, value in common.items() if key in keys}, **told)


_PARAMETERS = MappingProxyType({"max_bytes": "limits"})
"""What a reader calls something that is named otherwise here."""


def _meant(key: str, value: Any, problems: list[Problem]) -> Any:
    """Return what a word of a command line means for a reader; anything else as it is."""
    if key == "max_bytes":
        n_bytes = int(value) if re.fullmatch(r"[0-9]{1,15}", str(value)) else 0
        if not n_bytes:
            problems.append(Problem(key, f"it is {str(value)[:30]!r}", "a whole number, 1 or more"))
        return limits_for(n_bytes)
    if not isinstance(value, str):
        return value
    if key == "layers":
        return tuple(each.strip() for each in value.split(",") if each.strip())
    if key in ("positions", "folders_are_coders"):
        if value.lower() not in ("yes", "no", "true", "false"):
            problems.append(Problem(key, f"it is {value[:30]!r}", "yes or no"))
        return value.lower() in ("yes", "true")
    return value


def _check_needs(tool: str, documents: Documents | None, mapping: SegmentMapping | str | Path) -> None:
    """Raise where a tool's exports need what was not given."""
    problems = []
    if tool in _NEED_DOCUMENTS and documents is None:
        problems.append(
            Problem(
                "documents",
                "the export does not hold them",
                "give a folder of .txt files (--documents FOLDER)",
            )
        )
    if tool == "segments" and not mapping:
        names = f"give one of {', '.join(PRESETS)}, or a .toml file (--mapping)"
        problems.append(Problem("mapping", "it is not said which column is what", names))
    if problems:
        raise ExchangeError(f"To read {TOOLS[tool].split(' (')[0]} more is needed", problems)


def _of_folder(path: Path) -> str:
    """Return the tool of a folder."""
    if (path / DATABASE).is_file():
        return "qualcoder"
    if any(path.glob("annotation/*/*.zip")):
        return "inception"
    if any(path.rglob("*.ann")):
        return "brat"
    return "doccano" if any(path.glob("*.jsonl")) else ""


def _of_content(path: Path) -> str:
    """Return the tool of a database or an archive by the names in it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if any(name.startswith("annotation/") or name.endswith(".xmi") for name in names):
            return "inception"
        return "doccano" if any(name.endswith(".jsonl") for name in names) else ""
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            names = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master")]
    except (sqlite3.Error, UnicodeDecodeError):
        return ""
    return "taguette" if "highlights" in names else "qualcoder" if "code_text" in names else ""
