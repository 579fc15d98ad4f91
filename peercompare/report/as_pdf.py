"""A document as a tagged PDF that refuses to be made without alternative texts (PDF/UA-1).

Written with Typst, of the extra ``report``. The template `templates/report.typ` reads the document as JSON,
so that nothing in it can become markup. Letters come from DejaVu Sans, which matplotlib brings, so that the
file is the same on a machine without fonts; a character that it lacks is named in brackets.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import unicodedata
from functools import cache, singledispatch
from pathlib import Path
from types import ModuleType

from peercompare.errors import ReportError
from peercompare.report.columns import fitted, fonts
from peercompare.report.document import Document, Grid, Listing, Paragraph, Part, Runs, Words
from peercompare.report.exporter import TEMPLATES
from peercompare.report.figure_files import ReportFigure
from peercompare.report.formulas import Formula

FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")
STANDARD = "ua-1"
MM_A_PIXEL = 25.4 / 96
WIDEST, HIGHEST = 170, 240
"""Millimetres that a picture may take of an A4 page, and that it and its caption may take together."""

CAPTION = {"letters": 105, "line": 4.6}
"""How many letters a line of a caption holds, and how high it is in millimetres."""


def to_pdf(document: Document) -> bytes:
    """Write a document as PDF/UA-1.

    Parameters
    ----------
    document : Document

    Returns
    -------
    bytes
        The same for the same document.

    Raises
    ------
    ReportError
        Where typst is not installed, or refuses the document, as it does without alternative texts.
    """
    typst = _library()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _lay_out(document, folder)
        try:
            return typst.compile(
                str(folder / "report.typ"),
                root=str(folder),
                font_paths=[str(folder / "fonts")],
                ignore_system_fonts=True,
                pdf_standards=[STANDARD],
            )
        except typst.TypstError as error:
            raise ReportError(f"The PDF cannot be made for everybody: {error.message}") from None


def _library() -> ModuleType:
    try:
        import typst
    except ImportError:
        raise ReportError(
            "A PDF needs the package typst", remedy='pip install "peercompare[report]"'
        ) from None
    return typst


def _lay_out(document: Document, folder: Path) -> None:
    """Write what Typst reads into a folder: the template, the fonts, the pictures, the document."""
    shutil.copy(TEMPLATES / "report.typ", folder / "report.typ")
    (folder / "fonts").mkdir()
    for face in FACES:
        shutil.copy(fonts() / face, folder / "fonts" / face)
    for block in document.blocks():
        if isinstance(block, ReportFigure):
            (folder / _file(block)).write_bytes(block.png)
    language, _, region = document.language.partition("-")
    content = {
        "title": drawable(document.title),
        "lang": language,
        "region": region or None,
        "footer": drawable(document.footer),
        "contents": "Contents",
        "parts": [_part(part) for part in document.parts],
    }
    (folder / "document.json").write_text(json.dumps(content), encoding="utf-8")


def drawable(text: str) -> str:
    """Return text in which characters without a letter in the PDF's font are named in brackets.

    Examples
    --------
    >>> drawable("Hope 🫶")
    'Hope [heart hands]'
    """
    known = _known()
    return "".join(each if each.isspace() or ord(each) in known else _named(each) for each in text)


def _named(character: str) -> str:
    """Name a character; marks that only change the one before go without a word."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return ""
    name = unicodedata.name(character, f"character {ord(character):x}")
    return f"[{name.lower()}]"


@cache
def _known() -> frozenset[int]:
    """Return the characters that the PDF's font can draw."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(fonts() / FACES[0])).get_charmap())


def _file(figure: ReportFigure) -> str:
    """Name a picture's file by its bytes: a figure's own name may hold anything."""
    return f"{hashlib.sha256(figure.png).hexdigest()[:16]}.png"


def _part(part: Part) -> dict:
    return {
        "title": drawable(part.title),
        "level": part.level - 1,
        "opens-page": part.opens_page,
        "blocks": [_block(block) for block in part.blocks],
    }


def _inline(runs: Runs) -> list[dict]:
    return [{"text": drawable(run.text), "strong": run.strong} for run in runs]


@singledispatch
def _block(block: object) -> dict:
    raise TypeError(f"a document holds no {type(block).__name__}")


@_block.register
def _(block: Paragraph) -> dict:
    return {"kind": "paragraph", "runs": _inline(block.runs)}


@_block.register
def _(block: Listing) -> dict:
    return {"kind": "list", "items": [_inline(item) for item in block.items]}


@_block.register
def _(block: Grid) -> dict:
    written = [[drawable(cell) for cell in row] for row in (block.headings, *block.rows)]
    (headings, *rows), widths = fitted(written)
    return {
        "kind": "table",
        "caption": drawable(block.caption),
        "headings": headings,
        "rows": rows,
        "note": drawable(block.note),
        "widths": widths,
    }


@_block.register
def _(block: ReportFigure) -> dict:
    return {
        "kind": "figure",
        "file": _file(block),
        "alt": drawable(block.alt),
        "caption": drawable(block.caption),
        "values": [drawable(line) for line in block.values_in_words],
        "width": round(
            block.fitted(WIDEST, HIGHEST - block.caption_height(**CAPTION), per_pixel=MM_A_PIXEL), 2
        ),
    }


@_block.register
def _(block: Formula) -> dict:
    return {"kind": "formula", "words": drawable(block.words), "typst": block.typst}


@_block.register
def _(block: Words) -> dict:
    lines = [[drawable(who), drawable(said)] for who, said in block.lines]
    return {"kind": "words", "source": drawable(block.source), "lines": lines, "at": block.at}
