"""The report as a document: parts with paragraphs, lists, tables, pictures, formulas and quotations.

One document is written as a page, as DOCX and as PDF, so that the three say the same. What comes from data is
text and nothing else; only our own fixed words are read as Markdown, of which emphasis and lists are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import mistune

from peercompare.errors import Problem, ReportError
from peercompare.report.figure_files import ReportFigure
from peercompare.report.formulas import Formula
from peercompare.report.outputs import alt_fault

LANGUAGE = "en-GB"
"""Our own words are English."""

REST = ("figures", "Further figures")
"""Id and title of the part for figures that no part claims: none is left out."""

NEW_PAGE = ("in-short", "reviewed", "reflection", "checklists")
"""Parts that open a page: the plain page stands by itself, and so does what is handed round."""

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""What no XML file may hold."""


@dataclass(frozen=True)
class Run:
    """A stretch of text that looks one way."""

    text: str
    strong: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    runs: Runs


@dataclass(frozen=True)
class Listing:
    """Items, one to a line."""

    items: tuple[Runs, ...]


@dataclass(frozen=True)
class Grid:
    """A table of written cells; the first cell of a row heads it."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Words:
    """Words of people: who speaks and what, and which line is quoted."""

    source: str
    lines: tuple[tuple[str, str], ...]
    at: int


Block = Paragraph | Listing | Grid | ReportFigure | Formula | Words


@dataclass(frozen=True)
class Part:
    """A heading and what stands under it, down to the next.

    Parameters
    ----------
    id, title : str
    level : int
        2 for a chapter, the title of the document being 1.
    blocks : tuple
    """

    id: str
    title: str
    level: int
    blocks: tuple[Block, ...]

    @property
    def opens_page(self) -> bool:
        """Whether it begins on a new page."""
        return self.id in NEW_PAGE


@dataclass(frozen=True)
class Document:
    """A whole report.

    Parameters
    ----------
    title : str
    parts : tuple of Part
        In order; a level is never more than one below the level before it.
    footer : str
        One line at the end.
    language : str
        BCP 47 tag of the text's language.
    """

    title: str
    parts: tuple[Part, ...]
    footer: str = ""
    language: str = LANGUAGE

    def blocks(self) -> Iterator[Block]:
        """Yield every block, in order."""
        for part in self.parts:
            yield from part.blocks


def document_of(
    summary: Mapping, figures: Mapping[str, ReportFigure] | None = None, *, footer: str = ""
) -> Document:
    """Lay a summary out as a document, every figure in its place.

    Parameters
    ----------
    summary : mapping
        From `summarise_study`.
    figures : mapping of str to ReportFigure, optional
        The study's figures by name. Each stands in the first section whose place for figures its name begins
        with; where a name also holds the name of the section's corpus it stands there. Those that no section
        claims get one of their own. Those that the summary's readers are not shown are left out.
    footer : str
        One line at the end.

    Raises
    ------
    ReportError
        Where figures have no alternative text: all of them at once.
    """
    hidden = tuple(summary.get("without_figures", ()))
    shown = {name: figure for name, figure in (figures or {}).items() if not name.startswith(hidden)}
    _refuse_silent(shown)
    placed = _placed(summary["sections"], shown)
    parts = [
        Part(part["id"], clean(part["title"]), part["level"], tuple(_blocks_of(part, placed)))
        for part in summary["sections"]
    ]
    claimed = {figure.name for some in placed.values() for figure in some}
    if left := tuple(figure for name, figure in shown.items() if name not in claimed):
        parts.append(Part(REST[0], REST[1], 2, left))
    return Document(clean(summary["title"]), tuple(parts), footer)


def clean(text: object) -> str:
    """Return text without characters that no file format may hold."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))


def plain(runs: Iterable[Run]) -> str:
    """Return the text of some runs."""
    return "".join(run.text for run in runs)


def markdown_blocks(text: str) -> list[Paragraph | Listing]:
    """Read our own Markdown: paragraphs and lists of text and emphasis; of anything else the text is kept."""
    tokens = mistune.create_markdown(renderer="ast")(text)
    return [_markdown_block(token) for token in tokens if token["type"] != "blank_line"]


def _markdown_block(token: Mapping) -> Paragraph | Listing:
    if token["type"] == "list":
        items = ([run for part in item["children"] for run in _runs(part)] for item in token["children"])
        return Listing(tuple(tuple(item) for item in items))
    return Paragraph(tuple(_runs(token)))


def _runs(token: Mapping, *, strong: bool = False) -> Iterator[Run]:
    """Yield the runs of one token of Markdown."""
    kind = token["type"]
    if "children" not in token:
        yield Run(" " if kind in {"softbreak", "linebreak"} else clean(token.get("raw", "")), strong)
        return
    for child in token["children"]:
        yield from _runs(child, strong=strong or kind in {"strong", "emphasis"})


def _blocks_of(part: Mapping, placed: Mapping[tuple[str, int], list[ReportFigure]]) -> Iterator[Block]:
    for number, block in enumerate(part["blocks"]):
        if block["kind"] == "figures":
            yield from placed.get((part["id"], number), [])
        else:
            yield from _made(block)


def _made(block: Mapping) -> Iterator[Block]:
    """Yield what one block of a summary becomes."""
    kind = block["kind"]
    if kind == "words":
        yield from markdown_blocks(block["text"])
    elif kind == "claims" and block["claims"]:
        yield Paragraph((Run(clean(" ".join(one["text"] for one in block["claims"]))),))
    elif kind == "list" and block["claims"]:
        yield Listing(tuple((Run(clean(one["text"])),) for one in block["claims"]))
    elif kind == "formula":
        yield Formula(clean(block["words"]), block["tree"])
    elif kind == "quotation":
        lines = tuple((clean(who), clean(said)) for who, said in block["lines"])
        yield Words(clean(block["source"]), lines, block["at"])
    elif kind == "table":
        rows = tuple(tuple(map(clean, row)) for row in block["rows"])
        yield Grid(clean(block["caption"]), tuple(map(clean, block["headings"])), rows, clean(block["note"]))


def _refuse_silent(figures: Mapping[str, ReportFigure]) -> None:
    """Raise where figures say nothing to somebody who does not see them."""
    faults = [
        Problem(name, alt_fault(figure.alt)) for name, figure in figures.items() if alt_fault(figure.alt)
    ]
    if faults:
        remedy = "draw the figures again, or write what they show into their .words.json"
        raise ReportError("Figures cannot be shown to everybody", faults, remedy=remedy)


def _placed(sections, figures: Mapping[str, ReportFigure]) -> dict[tuple[str, int], list[ReportFigure]]:
    """Return which figures stand at which place of which section."""
    places = [
        (part["id"], number, beginning)
        for part in sections
        for number, block in enumerate(part["blocks"])
        if block["kind"] == "figures"
        for beginning in block["names"]
    ]
    corpora = [
        part["id"].removeprefix("practice-") for part in sections if part["id"].startswith("practice-")
    ]
    placed: dict[tuple[str, int], list[ReportFigure]] = {}
    for name, figure in figures.items():
        about = next((corpus for corpus in corpora if corpus in name), "")
        fitting = [place for place in places if place[2] in name.removesuffix(about)]
        own = [place for place in fitting if about and place[0].endswith(f"-{about}")]
        if chosen := own or fitting:
            placed.setdefault(chosen[0][:2], []).append(figure)
    return placed
