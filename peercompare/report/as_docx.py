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
from peercompare.report.columns import fitted
from peercompare.report.document import Document, Grid, Listing, Paragraph, Part, Runs, Words, clean
from peercompare.report.figure_files import ReportFigure
from peercompare.report.formulas import Formula

INK = "1B1B1B"
SHADE = "F4F4F1"
FONT = "Arial"
LONGEST_PROPERTY = 255
"""Characters that a property of an Office file may have."""

WIDEST, HIGHEST, TEXT = 16.0, 22.5, 16.0
"""Centimetres that a picture may take of an A4 page, it and its caption together, and that text has."""

CAPTION = {"letters": 105, "line": 0.4}
"""How many letters a line of a caption holds, and how high it is in centimetres."""

SMALL = 8.5
"""Points of notes and of a figure's values in words."""

EDGE = 50
"""Twentieths of a point between letters and the edges of a cell; Office's own leave no room for columns."""

DEEPEST = 3
"""The level down to which the contents name parts."""

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
        import docx.enum.text
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
        self._contents()
        for number, part in enumerate(self.document.parts):
            self._part(part, number)
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
        self._footer(page.footer.paragraphs[0])
        for language in self.made.styles.element.iter(self._name("w:lang")):
            language.set(self._name("w:val"), self.document.language)
        for name, size in (
            ("Normal", 10.5),
            ("Title", 22),
            ("Heading 1", 16),
            ("Heading 2", 13),
            ("Heading 3", 11),
            ("Caption", 9),
        ):
            self._style(name, size)
        self.made.styles["Caption"].font.bold = False

    def _style(self, name: str, size: float) -> None:
        """Give a style our font and a colour with contrast enough."""
        style = self.made.styles[name]
        style.font.name, style.font.size = FONT, self.docx.shared.Pt(size)
        style.font.color.rgb = self.docx.shared.RGBColor.from_string(INK)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(self._name(f"w:{theme}"), None)

    def _footer(self, line: Any) -> None:
        """Write the last line of every page: what it is not for, and the number of the page."""
        stops, enum = line.paragraph_format.tab_stops, self.docx.enum.text.WD_TAB_ALIGNMENT
        stops.add_tab_stop(self.docx.shared.Cm(TEXT), enum.RIGHT)
        line.add_run(f"{self.document.footer}\t").font.size = self.docx.shared.Pt(SMALL)
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            element = self.docx.oxml.OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(self._name("w:fldCharType"), kind)
            element.text = text or None
            run = line.add_run()
            run.font.size = self.docx.shared.Pt(SMALL)
            run._r.append(element)

    def _contents(self) -> None:
        """List the chapters and their sections, each a way to its heading."""
        for number, part in enumerate(self.document.parts):
            if part.level > DEEPEST:
                continue
            line = self.made.add_paragraph()
            line.paragraph_format.left_indent = self.docx.shared.Cm(0.6 * (part.level - 2))
            line.paragraph_format.space_after = self.docx.shared.Pt(2)
            link = self.docx.oxml.OxmlElement("w:hyperlink")
            link.set(self._name("w:anchor"), f"part{number}")
            run = line.add_run(part.title)
            run.underline = True
            link.append(run._r)
            line._p.append(link)

    def _name(self, tag: str) -> str:
        return self.docx.oxml.ns.qn(tag)

    def _part(self, part: Part, number: int) -> None:
        heading = self.made.add_heading(part.title, level=part.level - 1)
        heading.paragraph_format.page_break_before = part.opens_page or None
        for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
            mark = self.docx.oxml.OxmlElement(tag)
            mark.set(self._name("w:id"), str(number))
            if tag == "w:bookmarkStart":
                mark.set(self._name("w:name"), f"part{number}")
            heading._p.append(mark)
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
        high = HIGHEST - block.caption_height(**CAPTION)
        wide = block.fitted(WIDEST, high, per_pixel=CM_A_PIXEL)
        shape = self.made.add_picture(io.BytesIO(block.png), width=self.docx.shared.Cm(wide))
        described = shape._inline.docPr
        described.set("descr", clean(block.alt))
        described.set("title", clean(block.title or block.name))
        if block.caption:
            self.made.paragraphs[-1].paragraph_format.keep_with_next = True
            self.made.add_paragraph(
                clean(block.caption), style="Caption"
            ).paragraph_format.keep_together = True
        for line in block.values_in_words:
            self._small(clean(line), style="List Bullet")

    @_block.register
    def _(self, block: Grid) -> None:
        caption = self.made.add_paragraph(style="Caption")
        caption.add_run(block.caption).bold = True
        caption.paragraph_format.keep_with_next = True
        caption.paragraph_format.space_before = self.docx.shared.Pt(10)
        caption.paragraph_format.space_after = self.docx.shared.Pt(3)
        rows, widths = fitted((block.headings, *block.rows))
        table = self.made.add_table(rows=0, cols=len(block.headings), style="Table Grid")
        table.autofit = False
        for place, row in enumerate(rows):
            self._cells(table, row, heading=place == 0)
        self._describe(table, block)
        self._widen(table, widths)
        self._small(block.note).paragraph_format.space_before = self.docx.shared.Pt(3)

    def _small(self, text: str, style: str | None = None) -> Any:
        """Add a paragraph in small type; an empty one keeps a table from what follows it."""
        line = self.made.add_paragraph(style=style)
        line.add_run(text).font.size = self.docx.shared.Pt(SMALL)
        return line

    def _widen(self, table: Any, widths: list[float]) -> None:
        """Give each column its part of the page, and letters less room to the edges of cells."""
        whole = sum(widths)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = self.docx.shared.Cm(TEXT * width / whole)
            for cell in column.cells:
                cell.width = column.width
        margins = "".join(f'<w:{side} w:w="{EDGE}" w:type="dxa"/>' for side in ("left", "right"))
        table._tbl.tblPr.append(
            self.docx.oxml.parse_xml(
                f"<w:tblCellMar {self.docx.oxml.ns.nsdecls('w')}>{margins}</w:tblCellMar>"
            )
        )

    def _cells(self, table: Any, texts: list[str], *, heading: bool) -> None:
        """Add a row; a heading row is repeated on every page, and no row is broken between pages."""
        row = table.add_row()
        marks = row._tr.get_or_add_trPr()
        marks.append(self.docx.oxml.OxmlElement("w:cantSplit"))
        if heading:
            marks.append(self.docx.oxml.OxmlElement("w:tblHeader"))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.bold = self.docx.shared.Pt(8), heading or place == 0
            cell.paragraphs[0].paragraph_format.space_after = self.docx.shared.Pt(1)
            if heading:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
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
