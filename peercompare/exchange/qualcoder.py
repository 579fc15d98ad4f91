"""Reading QualCoder projects: a folder that ends in .qda with the database data.qda in it, opened read only.

The tables are those that QualCoder 3.8 and 4.0 create (``code_name.supercid``, a code below a code, since
4.0); columns that older versions lack are taken as empty. Positions are code points by its source; every
coding keeps its words in ``seltext``, by which they are checked: some releases counted UTF-16 units after
an emoji.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from peercompare.errors import ExchangeError
from peercompare.exchange.assembling import Assembly, Named
from peercompare.exchange.database import Database, Row, open_database, text_of
from peercompare.exchange.project import CodedProject, ProjectCase, ProjectCode, ProjectNote

DATABASE = "data.qda"
"""Name of the database in a project's folder."""

TABLES = MappingProxyType(
    {
        "source": ("id", "name", "fulltext"),
        "code_text": ("ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner"),
        "code_name": ("cid", "name", "catid"),
        "code_cat": ("catid", "name", "supercatid"),
    }
)
"""What a project must have to be read."""

_LEFT = MappingProxyType(
    {
        "code_image": "codings of pictures",
        "code_av": "codings of sound and film",
        "annotation": "annotations of places in a text",
        "graph": "graphs",
    }
)
_DATED = MappingProxyType({"code_text": "codings", "source": "documents", "journal": "memos"})


def read_qualcoder(path: str | Path, *, convention: Named = None) -> CodedProject:
    """Read a QualCoder project.

    Parameters
    ----------
    path : str or Path
        The folder, or the database in it.
    convention : str, Convention or mapping of str, optional
        How positions were counted, where the coded words cannot tell; as for
        `peercompare.exchange.refi_reader.read_qdpx`.

    Returns
    -------
    CodedProject
        Categories are codes that are not codable; every coding keeps its owner and memo; attributes of
        files, and of the cases they belong to, are metadata; journals are notes. Codings of pictures,
        sound and film, annotations and graphs are counted in `not_carried`.

    Raises
    ------
    ExchangeError
        Lists every fault: a database that is damaged or open in QualCoder, codings without document or code,
        positions past the text, or the documents whose way of counting cannot be told.
    """
    path = Path(path)
    file = path / DATABASE if path.is_dir() else path
    folder = path if path.is_dir() else path.parent
    if path.is_dir() and not file.exists():
        raise ExchangeError(f"{path} has no {DATABASE}", remedy="give the folder of a QualCoder project")
    with open_database(file, tool="QualCoder", tables=TABLES) as database:
        gathered = Assembly(folder.name if file.name == DATABASE else file.name, "QualCoder")
        _read_codes(database, gathered)
        _read_sources(database, gathered)
        cases = _read_cases(database, gathered)
        _read_codings(database, gathered)
        for table, what in _LEFT.items():
            gathered.miss(what, count=database.count(table))
        for table, what in _DATED.items():
            if database.has(table, "date"):
                gathered.miss(f"dates of {what}", count=database.count(table, "date <> ''"))
        notes = [
            ProjectNote(f"journal {row['jid']}", text_of(row["name"]), text_of(row["jentry"]))
            for row in database.rows("journal", ("jid", "name", "jentry"), order="jid")
        ]
        memo = "\n\n".join(text_of(row["memo"]) for row in database.rows("project", ("memo",)) if row["memo"])
    name = folder.stem if file.name == DATABASE else file.stem
    return gathered.project(name, convention=convention, cases=cases, notes=notes, memo=memo)


def _read_codes(database: Database, gathered: Assembly) -> None:
    """Add the categories and codes."""
    for row in database.rows("code_cat", ("catid", "name", "memo", "supercatid"), order="catid"):
        above = "" if row["supercatid"] is None else f"category {row['supercatid']}"
        gathered.add_code(
            ProjectCode(f"category {row['catid']}", text_of(row["name"]), above, text_of(row["memo"]), False)
        )
    columns = ("cid", "name", "memo", "catid", "supercid", "color")
    codes = database.rows("code_name", columns, order="cid")
    for row in codes:
        category = "" if row["catid"] is None else f"category {row['catid']}"
        above = category if row["supercid"] is None else f"code {row['supercid']}"
        gathered.add_code(
            ProjectCode(
                f"code {row['cid']}", text_of(row["name"]), above, text_of(row["memo"]),
                colour=text_of(row["color"]),
            )
        )  # fmt: skip
        if above and above.startswith("category ") and not gathered.has_code(above):
            gathered.fault(f"table code_name, cid {row['cid']}", f"there is no {above} above it")


def _read_sources(database: Database, gathered: Assembly) -> None:
    """Add the documents that have a text, with their attributes."""
    for row in database.rows("source", ("id", "name", "fulltext", "memo"), order="id"):
        if row["fulltext"]:
            gathered.document(
                f"source {row['id']}",
                text_of(row["name"]),
                text_of(row["fulltext"]),
                memo=text_of(row["memo"]),
            )
        else:
            gathered.miss("files without a text (pictures, sound, film)")
    for name, value, owner in _attributes(database, "file"):
        if gathered.has_document(f"source {owner}"):
            gathered.metadata_of(f"source {owner}")[name] = value


def _attributes(database: Database, kind: str) -> Iterator[tuple[str, str, object]]:
    """Yield the name, value and owner of the attributes of files or of cases; empty ones are none."""
    for row in database.rows("attribute", ("name", "attr_type", "value", "id")):
        if row["attr_type"] == kind and text_of(row["value"]).strip():
            yield text_of(row["name"]), text_of(row["value"]), row["id"]


def _read_cases(database: Database, gathered: Assembly) -> list[ProjectCase]:
    """Return the cases; their attributes are metadata of their documents too."""
    variables: dict[object, dict[str, str]] = {}
    for name, value, owner in _attributes(database, "case"):
        variables.setdefault(owner, {})[name] = value
    members: dict[object, dict[str, None]] = {}
    for row in database.rows("case_text", ("caseid", "fid", "pos0", "pos1")):
        document = f"source {row['fid']}"
        if gathered.has_document(document):
            members.setdefault(row["caseid"], {})[document] = None
            if row["pos0"]:
                gathered.miss("beginnings of a part of a document that belongs to a case")
    found = []
    for row in database.rows("cases", ("caseid", "name", "memo"), order="caseid"):
        values = variables.get(row["caseid"], {})
        documents = tuple(members.get(row["caseid"], ()))
        for document in documents:
            for name, value in values.items():
                kept = gathered.metadata_of(document)
                kept[name] = "; ".join(dict.fromkeys(each for each in (kept.get(name, ""), value) if each))
        found.append(
            ProjectCase(
                f"case {row['caseid']}", text_of(row["name"]), text_of(row["memo"]), documents,
                MappingProxyType(values),
            )
        )  # fmt: skip
    return found


def _read_codings(database: Database, gathered: Assembly) -> None:
    """Add the codings of texts, each by its owner."""
    columns = ("ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner", "memo", "important")
    for row in database.rows("code_text", columns, order="ctid"):
        where = f"table code_text, ctid {row['ctid']}"
        document, code = f"source {row['fid']}", f"code {row['cid']}"
        if not gathered.has_document(document):
            gathered.fault(where, f"there is no text with the id {row['fid']} that it belongs to")
        elif not gathered.has_code(code):
            gathered.fault(where, f"there is no code with the cid {row['cid']}")
        elif _is_placed(row):
            gathered.miss("marks of importance", count=int(bool(row["important"])))
            gathered.mark(
                document, (int(row["pos0"] or 0), int(row["pos1"] or 0)), code=code, where=where,
                coder=gathered.coder(text_of(row["owner"])), quote=text_of(row["seltext"]),
                memo=text_of(row["memo"]),
            )  # fmt: skip
        else:
            gathered.fault(where, f"its positions are {row['pos0']!r} and {row['pos1']!r}, no whole numbers")


def _is_placed(row: Row) -> bool:
    """Say whether a coding has whole numbers for positions."""
    return isinstance(row["pos0"], int) and isinstance(row["pos1"], int)
