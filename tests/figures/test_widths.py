"""Figures at a journal's width: the same drawing at another size, in every format, and never too small."""

import io
import struct

import matplotlib.image
import pytest
from pypdf import PdfReader

from peercompare import figures
from peercompare.errors import InputError

SINGLE, DOUBLE = 85.0, 175.0


@pytest.fixture(scope="module")
def drawn(deegan, shares):
    return figures.framework_chart(shares(deegan), deegan)


@pytest.mark.parametrize("width", [SINGLE, DOUBLE])
def test_a_picture_has_300_pixels_an_inch_of_its_width(drawn, width):
    content = figures.figure_bytes(drawn, width_mm=width)
    across = matplotlib.image.imread(io.BytesIO(content)).shape[1]
    assert across == pytest.approx(width / 25.4 * 300, abs=2)
    place = content.index(b"pHYs") + 4
    per_metre = struct.unpack(">I", content[place : place + 4])[0]
    assert per_metre / 1000 * width == pytest.approx(across, abs=2)


@pytest.mark.parametrize("width", [SINGLE, DOUBLE])
def test_a_page_of_pdf_has_the_width_and_keeps_its_fonts(drawn, width):
    page = PdfReader(io.BytesIO(figures.figure_bytes(drawn, format="pdf", width_mm=width))).pages[0]
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(width, abs=0.1)
    assert all(font_is_embedded(font) for font in page["/Resources"]["/Font"].values())
    assert "%" in page.extract_text()


def font_is_embedded(font):
    font = font.get_object()
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return "/FontFile2" in inner["/FontDescriptor"].get_object()


def test_a_drawing_in_svg_is_scaled_and_its_coordinates_stay(drawn):
    plain, small = (figures.figure_bytes(drawn, format="svg", width_mm=w) for w in (None, SINGLE))
    assert b'width="240.9' in small
    assert plain.split(b"viewBox")[1] == small.split(b"viewBox")[1]


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_width_gives_the_same_bytes(drawn, kind, tmp_path):
    path = figures.save_figure(drawn, tmp_path / f"chart.{kind}", width_mm=SINGLE)
    assert path.read_bytes() == figures.figure_bytes(drawn, format=kind, width_mm=SINGLE)


@pytest.mark.parametrize("width", [40, 0, -85, float("nan")])
def test_a_width_at_which_nobody_could_read_is_refused(drawn, width):
    with pytest.raises(InputError, match="take 74 mm or more"):
        figures.figure_bytes(drawn, width_mm=width)
