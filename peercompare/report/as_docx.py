"""A document as DOCX, which keeps headings, alternative texts, header rows, captions and the language.

Written with python-docx, of the extra ``report``.
"""

from __future__ import annotations

import io
import zipfile
from functools import singledispatchmethod
from types import ModuleType
from typing import Any

from peercompare.errors import ReportError
from peercompare.report.document import Document, Grid, Listing, Paragraph, Part, Runs, Words, clean
from peercompare.report.figure_files import ReportFigure
from peercompare.report.formulas import Formula

INK = "1B1B1B"
SHADE = "F4F4F1"
FONT = "Arial"
LONGEST_PROPERTY = 255
"""Characters that a property of an Office file may have."""

WIDEST, HIGHEST = 16.0, 19.0
"""Centimetres that a picture may take of an A4 page, its heading and caption beside it."""

CM_A_PIXEL = 2.54 / 96
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every file in the archive bears, so that the same document gives the same bytes."""


def to_docx(document: Document) -> bytes:
    """Write a document as DOCX.

    Parameters
    ----------
    document : Document

    Returns
    -------
    bytes

    Raises
    ------
    ReportError
        Where python-docx is not installed.
    """
    made = _Writer(document).written()
    buffer = io.BytesIO()
    made.save(buffer)
    return _timeless(buffer.getvalue())


def _timeless(content: bytes) -> bytes:
    """Return an archive without the times at which its files were put in."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        for item in source.infolist():
            entry = zipfile.ZipInfo(item.filename, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(item))
    return buffer.getvalue()


def _library() -> ModuleType:
    try:
        import docx
        import docx.oxml
        import docx.oxml.ns
        import docx.shared
    except ImportError:
        raise ReportError(
            "A DOCX needs the package python-docx", remedy='pip install "peercompare[report]"'
        ) from None
    return docx


class _Writer:
    """Fills an Office document, block by block."""

    def __init__(self, document: Document) -> None:
        self.docx = _library()
        self.document = document
        self.made = self.docx.Document()

    def written(self) -> Any:
        """Return the Office document."""
        self._set_up()
        self.made.add_paragraph(self.document.title, style="Title")
        for part in self.document.parts:
            self._part(part)
        return self.made

    def _set_up(self) -> None:
        """Set title, language, page and styles."""
        properties = self.made.core_properties
        title = self.document.title
        properties.title = title if len(title) <= LONGEST_PROPERTY else f"{title[: LONGEST_PROPERTY - 1]}…"
        properties.language, properties.author = self.document.language, "peercompare"
        properties.comments = ""
        centimetres = self.docx.shared.Cm
        page = self.made.sections[0]
        page.page_width, page.page_height = centimetres(21.0), centimetres(29.7)
        page.left_margin = page.right_margin = centimetres(2.5)
        page.footer.paragraphs[0].text = self.document.footer
        for language in self.made.styles.element.iter(self._name("w:lang")):
            language.set(self._name("w:val"), self.document.language)
        for name, size in (
            ("Normal", 10.5),
            ("Title", 22),
            ("Heading 1", 16),
            ("Heading 2", 13),
            ("Heading 3", 11),
            ("Caption", 9.5),
        ):
            self._style(name, size)

    def _style(self, name: str, size: float) -> None:
        """Give a style our font and a colour with contrast enough."""
        style = self.made.styles[name]
        style.font.name, style.font.size = FONT, self.docx.shared.Pt(size)
        style.font.color.rgb = self.docx.shared.RGBColor.from_string(INK)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(self._name(f"w:{theme}"), None)

    def _name(self, tag: str) -> str:
        return self.docx.oxml.ns.qn(tag)

    def _part(self, part: Part) -> None:
        self.made.add_heading(part.title, level=part.level - 1)
        for block in part.blocks:
            self._block(block)

    def _runs(self, paragraph: Any, runs: Runs) -> None:
        for run in runs:
            paragraph.add_run(run.text).bold = run.strong or None

    @singledispatchmethod
    def _block(self, block: object) -> None:
        raise TypeError(f"a document holds no {type(block).__name__}")

    @_block.register
    def _(self, block: Paragraph) -> None:
        self._runs(self.made.add_paragraph(), block.runs)

    @_block.register
    def _(self, block: Listing) -> None:
        for item in block.items:
            self._runs(self.made.add_paragraph(style="List Bullet"), item)

    @_block.register
    def _(self, block: Formula) -> None:
        self.made.add_paragraph()._p.append(self.docx.oxml.parse_xml(block.omml))
        self.made.add_paragraph(block.words)

    @_block.register
    def _(self, block: Words) -> None:
        for number, (who, said) in enumerate(block.lines):
            line = self.made.add_paragraph(style="Quote")
            line.add_run(f"{who}: ").bold = True
            line.add_run(said).bold = number == block.at
        self.made.add_paragraph(block.source, style="Caption")

    @_block.register
    def _(self, block: ReportFigure) -> None:
        wide = block.fitted(WIDEST, HIGHEST, per_pixel=CM_A_PIXEL)
        shape = self.made.add_picture(io.BytesIO(block.png), width=self.docx.shared.Cm(wide))
        described = shape._inline.docPr
        described.set("descr", clean(block.alt))
        described.set("title", clean(block.title or block.name))
        if block.caption:
            self.made.add_paragraph(clean(block.caption), style="Caption")
        for line in block.values_in_words:
            self.made.add_paragraph(clean(line), style="List Bullet")

    @_block.register
    def _(self, block: Grid) -> None:
        self.made.add_paragraph(block.caption, style="Caption").paragraph_format.keep_with_next = True
        table = self.made.add_table(rows=0, cols=len(block.headings), style="Table Grid")
        for row in (block.headings, *block.rows):
            self._cells(table, row, heading=row is block.headings)
        self._describe(table, block)
        if block.note:
            self.made.add_paragraph(block.note)

    def _cells(self, table: Any, texts: tuple[str, ...], *, heading: bool) -> None:
        """Add a row; a heading row is repeated on every page, and no row is broken between pages."""
        row = table.add_row()
        marks = row._tr.get_or_add_trPr()
        marks.append(self.docx.oxml.OxmlElement("w:cantSplit"))
        if heading:
            marks.append(self.docx.oxml.OxmlElement("w:tblHeader"))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.bold = self.docx.shared.Pt(8), heading or place == 0
            if heading:
                shade = f'<w:shd {self.docx.oxml.ns.nsdecls("w")} w:val="clear" w:fill="{SHADE}"/>'
                cell._tc.get_or_add_tcPr().append(self.docx.oxml.parse_xml(shade))

    def _describe(self, table: Any, block: Grid) -> None:
        """Say in the table's properties which cells head others, and what it shows."""
        properties = table._tbl.tblPr
        look = properties.find(self._name("w:tblLook"))
        for name, value in (("firstRow", "1"), ("firstColumn", "1"), ("noVBand", "1"), ("noHBand", "1")):
            look.set(self._name(f"w:{name}"), value)
        for tag, words in (
            ("w:tblCaption", block.caption),
            ("w:tblDescription", block.note or block.caption),
        ):
            element = self.docx.oxml.OxmlElement(tag)
            element.set(self._name("w:val"), words)
            properties.append(element)
