"""The PDF: tagged, in its language, with alternative texts, or not made at all."""

import io

import numpy as np
import pytest
from matplotlib.image import imsave
from pypdf import PdfReader

from peercompare.errors import ReportError
from peercompare.report import ReportFigure
from peercompare.report.as_pdf import drawable, to_pdf
from peercompare.report.document import Document, Grid, Paragraph, Part, Run

pytest.importorskip("typst")


@pytest.fixture(scope="module")
def reader(team_files):
    return PdfReader(io.BytesIO(team_files[1]["pdf"]))


def walk(tag):
    """Yield every element of a PDF's structure."""
    kids = tag.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from walk(kid)


def holding(*blocks, title="Title"):
    return Document(title, (Part("p", "Part", 2, blocks),))


def test_what_the_file_claims_is_there(reader, team_files):
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == team_files[0].title
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_headings_tables_lists_and_figures_are_tagged(reader, team_files):
    tags = list(walk(reader.trailer["/Root"]["/StructTreeRoot"]))
    kinds = [str(tag["/S"]) for tag in tags]
    document = team_files[0]
    assert kinds.count("/Table") == sum(isinstance(block, Grid) for block in document.blocks())
    assert {"/H1", "/H2", "/H3", "/TH", "/TD", "/L", "/LI", "/P"} <= set(kinds)
    figures = [tag for tag in tags if tag["/S"] == "/Figure"]
    assert len(figures) == sum(isinstance(block, ReportFigure) for block in document.blocks())
    assert all(str(tag["/Alt"]).strip() for tag in figures)


def test_a_picture_without_words_is_refused_by_the_standard(picture):
    with pytest.raises(ReportError, match="alt"):
        to_pdf(holding(ReportFigure("silent", picture, alt="")))


def test_a_picture_that_is_none_is_refused():
    with pytest.raises(ReportError, match="PDF cannot be made"):
        to_pdf(holding(ReportFigure("broken", b"not a picture", alt="Three bars.")))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Hope 😀 🫶", "Hope 😀 [heart hands]"),
        ("שלום", "שלום"),
        ("−0.5 … “x” α", "−0.5 … “x” α"),
        ("a\U000e0100b", "ab"),
        ("中", "[cjk unified ideograph-4e2d]"),
    ],
)
def test_what_the_font_lacks_is_named(text, drawn):
    assert drawable(text) == drawn


def test_whatever_stands_in_a_cell_is_text_and_no_markup():
    nasty = '#panic("x") $x$ *a* <script> \\ " ] 中 😀 שלום'
    grid = Grid("C", ("a", nasty), (("1", nasty), ("2", "")))
    made = to_pdf(holding(grid, Paragraph((Run(nasty, strong=True),)), title="Long " * 60))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert '#panic("x") $x$ *a* <script>' in " ".join(text.split())


def test_a_table_of_many_columns_and_rows_stays_on_the_page():
    headings = tuple(f"Heading{number}" for number in range(12))
    rows = tuple(tuple(f"{row}.{column}" for column in range(12)) for row in range(120))
    pages = PdfReader(io.BytesIO(to_pdf(holding(Grid("Wide", headings, rows))))).pages
    assert len(pages) > 2
    assert "Heading11" in pages[-1].extract_text()


def test_a_picture_stays_on_one_page_with_its_caption():
    buffer = io.BytesIO()
    imsave(buffer, np.ones((300, 100)), format="png")
    tall = ReportFigure("tall", buffer.getvalue(), alt="A tall field.", caption="word " * 300 + "last")
    before = [Paragraph((Run("line " * 60),))] * 12
    pages = PdfReader(io.BytesIO(to_pdf(holding(*before, tall)))).pages
    (drawn,) = [page for page in pages if page.images]
    assert drawn.extract_text().split().count("word") == 300
    assert "last" in drawn.extract_text()


def test_a_row_is_not_broken_between_pages():
    rows = tuple((f"{row}", "one " * 80 + f"end{row}") for row in range(40))
    pages = PdfReader(io.BytesIO(to_pdf(holding(Grid("Long", ("n", "what"), rows))))).pages
    assert len(pages) > 2
    for page in pages:
        words = page.extract_text().split()
        assert words.count("one") == 80 * sum(word.startswith("end") for word in words)


def test_no_font_of_the_machine_is_used(reader):
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[1]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert all(name.startswith(("DejaVuSans", "NewCMMath")) for name in fonts), fonts
