"""One door to every reader: which tool a file is of, and the project in it."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from peercompare.errors import ExchangeError, Problem
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
_NEED_DOCUMENTS = ("segments", "nvivo-text", "taguette-highlights")


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
    found = _of_folder(path) if path.is_dir() else _BY_ENDING.get(path.suffix.lower()) or _of_content(path)
    if not found:
        problems = [Problem(name, what) for name, what in TOOLS.items()]
        raise ExchangeError(
            f"It cannot be told which tool {path} is of", problems, remedy="name the tool with tool="
        )
    return found


def read_project(
    path: str | Path, *, tool: str = "", documents: Documents | None = None,
    mapping: SegmentMapping | str | Path = "", coder: str = "", convention: Named = None,
    folders_are_coders: bool = False,
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
    folders_are_coders : bool, default False
        Of brat: whether each folder holds what the coder annotated by whom it is named.

    Raises
    ------
    ExchangeError
        Where the tool is unknown, documents or a mapping are missing; and as the tool's own reader does.
    """
    tool = tool or detect_tool(path)
    if tool not in TOOLS:
        raise ExchangeError(f"No tool is called {tool!r}", remedy=f"tools are {', '.join(TOOLS)}")
    _check_needs(tool, documents, mapping)
    readers = {
        "refi": lambda: read_qdpx(path, convention=convention),
        "refi-codebook": lambda: read_qdc(path),
        "qualcoder": lambda: read_qualcoder(path, convention=convention),
        "taguette": lambda: read_taguette(path),
        "taguette-highlights": lambda: read_taguette_highlights(path, documents, coder=coder),
        "segments": lambda: read_coded_segments(path, mapping, documents, coder=coder, convention=convention),
        "nvivo-text": lambda: read_nvivo_references(path, documents, coder=coder),
        "label-studio": lambda: read_label_studio(path, convention=convention),
        "doccano": lambda: read_doccano(path, coder=coder, convention=convention),
        "brat": lambda: read_brat(
            path, coder=coder, folders_are_coders=folders_are_coders, convention=convention
        ),
        "inception": lambda: read_inception(path, coder=coder),
    }
    return readers[tool]()


def _check_needs(tool: str, documents: Documents | None, mapping: SegmentMapping | str | Path) -> None:
    """Raise where a tool's exports need what was not given."""
    problems = []
    if tool in _NEED_DOCUMENTS and documents is None:
        problems.append(Problem("documents", "the export does not hold them", "give a folder of .txt files"))
    if tool == "segments" and not mapping:
        names = f"give one of {', '.join(PRESETS)}, or a .toml file"
        problems.append(Problem("mapping", "it is not said which column is what", names))
    if problems:
        raise ExchangeError(f"To read {TOOLS[tool].split(',')[0]} more is needed", problems)


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
