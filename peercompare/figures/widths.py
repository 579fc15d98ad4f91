"""A figure at the width that a journal asks for: the same drawing, larger or smaller, its type with it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from peercompare.errors import InputError
from peercompare.figures.style import SMALL, WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_TYPE = 6.0
"""Least size of type in points on paper; journals ask for 5 to 7."""

PRINT_DPI = 300
INCH = 25.4


def scale_for(figure: Figure, width_mm: float) -> float:
    """Return by how much a figure is enlarged so that it gets a width.

    Raises
    ------
    InputError
        Where the smallest type would fall below `LEAST_TYPE`, or the width is no positive number.
    """
    own = figure.get_figwidth() * INCH
    least = own * LEAST_TYPE / SMALL
    if not width_mm >= least:
        raise InputError(
            f"A figure cannot be written {width_mm:g} mm wide",
            remedy=f"type would be smaller than {LEAST_TYPE:g} points; take {least:.0f} mm or more "
            f"({WIDTH * INCH:.0f} mm is how it is drawn)",
        )
    return width_mm / own


def png_at(figure: Figure, scale: float, **options: object) -> bytes:
    """Return a figure as PNG with 300 pixels for each inch of paper, which the file says."""
    stream = io.BytesIO()
    resolution = {"dpi": (PRINT_DPI, PRINT_DPI)}
    figure.savefig(stream, format="png", dpi=PRINT_DPI * scale, pil_kwargs=resolution, **options)
    return stream.getvalue()


def scaled_svg(content: bytes, scale: float) -> bytes:
    """Return an SVG file whose picture is drawn larger or smaller: its box of coordinates stays.

    Examples
    --------
    >>> scaled_svg(b'<svg width="100pt" height="50.5pt" viewBox="0 0 100 50.5">', 2.0)
    b'<svg width="200pt" height="101pt" viewBox="0 0 100 50.5">'
    """

    def larger(found: re.Match[bytes]) -> bytes:
        return b'%s="%spt"' % (found[1], f"{float(found[2]) * scale:.6g}".encode())

    return re.sub(rb'\b(width|height)="([0-9.]+)pt"', larger, content, count=2)


def scaled_pdf(content: bytes, scale: float) -> bytes:
    """Return a PDF file of one page with the page and what stands on it drawn larger or smaller."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    writer.add_page(PdfReader(io.BytesIO(content)).pages[0]).scale_by(scale)
    writer.metadata = None
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
