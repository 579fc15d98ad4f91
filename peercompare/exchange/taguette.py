"""Reading Taguette: its SQLite database, and the highlights that it exports as CSV, XLSX or HTML.

Taguette keeps documents as HTML and counts positions in UTF-8 bytes over the text between the tags; it
keeps no coder with a highlight, but a log of commands that says who added it. The tables, the log's
commands and the exports' columns are those of its source (``database/models.py``, ``extract.py``,
``export.py``). A project that was exported as SQLite has lost its coders: Taguette writes one user,
``admin``, into it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np

from peercompare.errors import ExchangeError, InputError, Problem
from peercompare.exchange.assembling import Assembly
from peercompare.exchange.counting import CONVENTIONS, Placement
from peercompare.exchange.database import Database, Row, open_database, text_of
from peercompare.exchange.project import CodedProject, ProjectCode
from peercompare.exchange.segment_mapping import PRESETS
from peercompare.exchange.spreadsheets import Documents, read_coded_segments, read_sheet_of_segments
from peercompare.exchange.table_files import Sheet
from peercompare.readers.sources import decoded, read_bytes

TABLES = MappingProxyType(
    {
        "projects": ("id", "name"),
        "documents": ("id", "name", "project_id", "contents"),
        "highlights": ("id", "document_id", "start_offset", "end_offset", "snippet"),
        "tags": ("id", "project_id", "path"),
        "highlight_tags": ("highlight_id", "tag_id"),
        "commands": ("id", "user_login", "project_id", "payload"),
    }
)
"""What a database must have to be read."""

MAX_PAGE = 64 * 2**20
"""Bytes of an exported page; a thousand highlights have some hundred thousand."""

_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr "
    "li main ol p pre section table td th tr ul".split()
)


class Page(HTMLParser):
    """The text between the tags of a document, as Taguette counts it and as people read it.

    Parameters
    ----------
    html : str
        A document's contents, or a highlight's snippet.

    Attributes
    ----------
    counted : str
        The text between the tags, one stretch after the other.
    text : str
        The same with a line end where a block ends and the text has none, so that words do not run together.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._breaks: list[int] = []
        self._length = 0
        self._opened = ""
        self.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()
        self.counted = "".join(self._parts)
        self._breaks = self._needed(self._breaks)
        edges = [0, *self._breaks, len(self.counted)]
        self.text = "\n".join(self.counted[a:b] for a, b in pairwise(edges))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Note where a block begins."""
        self._opened = tag
        if tag in _BLOCKS:
            self._breaks.append(self._length)

    def handle_endtag(self, tag: str) -> None:
        """Note where a block ends."""
        self._opened = ""
        if tag in _BLOCKS:
            self._breaks.append(self._length)

    def handle_data(self, data: str) -> None:
        """Take a stretch of text; the line end right after ``<pre>`` is no part of it in HTML."""
        if self._opened == "pre":
            data = data.removeprefix("\n")
        self._opened = ""
        self._parts.append(data)
        self._length += len(data)

    def placed(self, starts: Iterable[int], ends: Iterable[int]) -> Placement:
        """Return where stretches counted in bytes stand in `text`."""
        scale = _byte_scale(self.counted)
        positions = [np.asarray(list(each), dtype=np.int64) for each in (starts, ends)]
        first, last = (np.minimum(np.searchsorted(scale, each), len(scale) - 1) for each in positions)
        sound = (scale[first] == positions[0]) & (scale[last] == positions[1])
        first = first + np.searchsorted(self._breaks, first, side="right")
        last = last + np.searchsorted(self._breaks, last, side="left")
        return Placement(first, np.maximum(first, last), sound)

    def _needed(self, places: list[int]) -> list[int]:
        """Return the places of blocks' edges where neither side has a line end."""
        text = self.counted
        return [
            at
            for at in sorted(set(places))
            if 0 < at < len(text) and text[at - 1] != "\n" and text[at] != "\n"
        ]


def read_taguette(path: str | Path, *, project: str | int | None = None) -> CodedProject:
    """Read a project from a Taguette database.

    Parameters
    ----------
    path : str or Path
        The database: of an installation, or a project exported as SQLite.
    project : str or int, optional
        Name or id of the project, where the database has several.

    Returns
    -------
    CodedProject
        Each tag of a highlight is a coding by the person who, by the log, gave it and has not had it taken
        away since; by the unknown coder where the log does not say. Every highlight's words are held
        against its snippet.

    Raises
    ------
    ExchangeError
        Lists every fault: a damaged database, several projects of which none is named, highlights whose words
        are not those at their positions or lie past their document.
    """
    path = Path(path)
    with open_database(path, tool="Taguette", tables=TABLES) as database:
        chosen = _chosen(database, path.name, project)
        gathered = Assembly(path.name, "Taguette")
        pages = _read_documents(database, gathered, chosen["id"])
        _read_tags(database, gathered, chosen["id"])
        tags = _tags_by_highlight(database, gathered)
        givers = _givers(database, gathered, chosen["id"])
        _read_highlights(database, gathered, pages, tags, givers)
    return gathered.project(
        text_of(chosen["name"]), known=CONVENTIONS["codepoint-raw-bom"], memo=text_of(chosen["description"])
    )


def _byte_scale(text: str) -> np.ndarray:
    """Return the position in UTF-8 bytes of every boundary between characters, shape (n + 1,)."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    widths = 1 + (points > 0x7F).astype(np.int64) + (points > 0x7FF) + (points > 0xFFFF)
    return np.concatenate([[0], np.cumsum(widths)])


def _chosen(database: Database, file: str, project: str | int | None) -> Row:
    """Return the row of the project to read."""
    rows = database.rows("projects", ("id", "name", "description"), order="id")
    found = [row for row in rows if project is None or str(project) in (str(row["id"]), text_of(row["name"]))]
    if len(found) == 1:
        return found[0]
    problems = [Problem(f"{file}, project {row['id']}", f"it is called {row['name']!r}") for row in rows]
    what = "has no project" if not rows else f"has {len(rows)} projects, and {project!r} names none of them"
    if project is None and rows:
        what = f"has {len(rows)} projects"
    elif len(found) > 1:
        what = f"has {len(found)} projects called {project!r}"
    raise ExchangeError(f"{file} {what}", problems, remedy="name one by its id (--reading project=ID)")


def _read_documents(database: Database, gathered: Assembly, project_id: object) -> dict[object, Page]:
    """Add the documents of a project, and return their pages."""
    pages = {}
    for row in database.rows(
        "documents", ("id", "name", "description", "project_id", "contents"), order="id"
    ):
        if row["project_id"] == project_id:
            pages[row["id"]] = page = Page(text_of(row["contents"]))
            memo = text_of(row["description"])
            gathered.document(f"document {row['id']}", text_of(row["name"]), page.text, memo=memo)
    return pages


def _read_tags(database: Database, gathered: Assembly, project_id: object) -> None:
    """Add the tags of a project; newer databases know which tag stands below which."""
    columns = ("id", "project_id", "path", "description", "parent_id")
    for row in database.rows("tags", columns, order="id"):
        if row["project_id"] == project_id:
            above = "" if row["parent_id"] is None else f"tag {row['parent_id']}"
            gathered.add_code(
                ProjectCode(f"tag {row['id']}", text_of(row["path"]), above, text_of(row["description"]))
            )


def _tags_by_highlight(database: Database, gathered: Assembly) -> dict[object, list[object]]:
    """Return the tags of each highlight."""
    found: dict[object, list[object]] = defaultdict(list)
    for row in database.rows("highlight_tags", ("highlight_id", "tag_id")):
        if gathered.has_code(f"tag {row['tag_id']}"):
            found[row["highlight_id"]].append(row["tag_id"])
    return found


def _givers(database: Database, gathered: Assembly, project_id: object) -> dict[tuple[object, object], str]:
    """Return who gave each (highlight, tag), by the log of commands."""
    given: dict[object, dict[object, str]] = defaultdict(dict)
    for row in database.rows("commands", ("id", "user_login", "project_id", "payload"), order="id"):
        if row["project_id"] != project_id:
            continue
        try:
            command = json.loads(text_of(row["payload"]))
            _follow(command, text_of(row["user_login"]), given)
        except (ValueError, KeyError, TypeError, AttributeError):
            gathered.fault(f"table commands, id {row['id']}", "the command cannot be read")
    return {(highlight, tag): who for highlight, tags in given.items() for tag, who in tags.items()}


def _follow(command: Mapping, user: str, given: dict[object, dict[object, str]]) -> None:
    """Follow one command of the log: tags given, taken away, and merged."""
    kind = command["type"]
    if kind == "highlight_add":
        before = given[command["highlight_id"]]
        given[command["highlight_id"]] = {tag: before.get(tag, user) for tag in command["tags"]}
    elif kind == "highlight_delete":
        given.pop(command["highlight_id"], None)
    elif kind == "tag_merge":
        for tags in given.values():
            if command["src_tag_id"] in tags:
                who = tags.pop(command["src_tag_id"])
                tags.setdefault(command["dest_tag_id"], who)
    elif kind == "tag_delete":
        for tags in given.values():
            tags.pop(command["tag_id"], None)


def _read_highlights(
    database: Database, gathered: Assembly, pages: Mapping[object, Page], tags: Mapping[object, list[object]],
    givers: Mapping[tuple[object, object], str],
) -> None:  # fmt: skip
    """Add the highlights of each document, placed in its text."""
    columns = ("id", "document_id", "start_offset", "end_offset", "snippet")
    rows: dict[object, list[Row]] = defaultdict(list)
    for row in database.rows("highlights", columns, order="id"):
        if row["document_id"] in pages and _is_sound(row, pages[row["document_id"]], gathered):
            rows[row["document_id"]].append(row)
    for document, page in pages.items():
        here = rows.get(document, [])
        placed = page.placed([row["start_offset"] for row in here], [row["end_offset"] for row in here])
        for row, start, end, sound in zip(here, placed.starts, placed.ends, placed.sound, strict=True):
            where = f"table highlights, id {row['id']}"
            if not sound:
                gathered.fault(where, "its positions lie past the document or inside a character")
                continue
            if not tags.get(row["id"]):
                gathered.miss("highlights without a tag")
            words = Page(text_of(row["snippet"])).text
            for tag in tags.get(row["id"], ()):
                gathered.mark(
                    f"document {document}", (int(start), int(end)), code=f"tag {tag}", where=where,
                    coder=gathered.coder(givers.get((row["id"], tag), "")),
                    quote=words,
                )  # fmt: skip


def _is_sound(row: Row, page: Page, gathered: Assembly) -> bool:
    """Say whether a highlight's positions can be, noting where they cannot."""
    start, end = row["start_offset"], row["end_offset"]
    where = f"table highlights, id {row['id']}"
    length = len(page.counted.encode("utf-8"))
    if not isinstance(start, int) or not isinstance(end, int):
        gathered.fault(where, f"its positions are {start!r} and {end!r}, no whole numbers")
    elif not 0 <= start <= end:
        gathered.fault(where, f"it starts at {start} and ends at {end}")
    elif end > length:
        gathered.fault(where, f"it ends at {end}, past a document of {length} bytes")
    else:
        return True
    return False


_EXPORTS = "export the project as SQLite, which keeps positions, or the highlights of all tags as CSV"


def read_taguette_highlights(
    path: str | Path, documents: Documents, *, coder: str = "", project: str = ""
) -> CodedProject:
    """Read the highlights that Taguette exports as CSV, XLSX or HTML.

    The exports have the words of each highlight and no positions; they are looked for in their document, as
    `peercompare.exchange.spreadsheets.read_coded_segments` does it. They do not say who coded.

    Parameters
    ----------
    path : str or Path
        The export.
    documents : mapping of str to str, or path
        The documents by the names they have in Taguette, or a folder of text files.
    coder : str, default ""
        Who coded; without it, the unknown coder.
    project : str, default ""
        What to call the project; by default the file's name.

    Raises
    ------
    ExchangeError
        Lists every fault: words that stand nowhere or in several places, unknown documents, a page that is no
        list of highlights. A document exported with its highlights is refused: stretches that overlap run
        together in it, and tags stand in brackets among the words.
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        found = read_coded_segments(path, "taguette", documents, coder=coder)
    else:
        found = read_sheet_of_segments(_highlights(path), PRESETS["taguette"], documents, coder=coder)
    return replace(found, name=project or path.stem)


def _highlights(path: Path) -> Sheet:
    """Return the highlights of an exported page as a table: one row for each tag of each highlight."""
    try:
        html = decoded(read_bytes(path, limit=MAX_PAGE), path)
    except InputError as error:
        raise ExchangeError(error.summary, error.problems, remedy=error.remedy) from None
    if re.search(r"<span[^>]*class=[\"']?highlight", html):
        what = "it is a highlighted document: it shows tags among the words, and not where each begins"
        fault = Problem(path.name, what, _EXPORTS)
        raise ExchangeError(f"{path.name} is no export of highlights", [fault])
    body = re.split(r"</h1\s*>", html, maxsplit=1)
    parts = re.split(r"<hr\s*/?>", body[-1]) if len(body) == 2 else []
    rows: list[tuple[int, dict[str, str]]] = []
    problems = []
    for number, part in enumerate(parts, start=1):
        ends = list(
            re.finditer(r"<p>\s*<strong>[^<]*</strong>(.*?)<strong>[^<]*</strong>(.*?)</p>", part, re.S)
        )
        if not ends:
            problems.append(
                Problem(f"{path.name}, highlight {number}", "it has no line of document and tags")
            )
            continue
        words = Page(part[: ends[-1].start()]).text.strip()
        document, tags = (unescape(each) for each in ends[-1].groups())
        for tag in re.split(r",\s*\n\s*", tags.strip()):
            rows.append((number, {"document": document.strip(), "content": words, "tag": tag.strip()}))
    if problems or not rows:
        problems = problems or [Problem(path.name, "no highlight is in it")]
        raise ExchangeError(
            f"{path.name} is no export of highlights", problems, remedy="export it as CSV instead"
        )
    return Sheet(path.name, ("document", "content", "tag"), tuple(rows))
