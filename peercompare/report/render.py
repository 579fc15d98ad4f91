"""A report from a study's tables, in one of the formats that it can be handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from peercompare.errors import ReportError
from peercompare.framework import Framework
from peercompare.report.document import Document, document_of
from peercompare.report.exporter import FOOTER
from peercompare.report.figure_files import ReportFigure
from peercompare.report.quotations import Quotation
from peercompare.report.summarise import summarise_study


def render_report(
    tables: Mapping[str, pd.DataFrame],
    *,
    framework: Framework,
    study_facts: Mapping[str, object],
    figures: Mapping[str, ReportFigure] | None = None,
    audience: str = "methods",
    quotations: Sequence[Quotation] = (),
) -> Document:
    """Return a study's report as a document, which `write_document` writes as HTML, DOCX or PDF.

    Parameters
    ----------
    tables, framework, study_facts, audience, quotations
        As in `summarise_study`.
    figures : mapping of str to ReportFigure, optional
        As in `document_of`; `read_figures` reads them from a folder.

    Returns
    -------
    Document
        Laid out, in no format yet.

    Raises
    ------
    ReportError
        Where a figure lacks its words, a sentence its table, or the audience is unknown.
    """
    given = {"audience": audience, "quotations": quotations}
    summary = summarise_study(tables, framework=framework, study_facts=study_facts, **given)
    return document_of(summary, figures, footer=FOOTER)


def write_document(document: Document, format: str = "html") -> bytes:
    """Write a document in one format.

    Parameters
    ----------
    document : Document
    format : {"html", "docx", "pdf"}
        DOCX and PDF need ``pip install "peercompare[report]"``.

    Returns
    -------
    bytes
        The same for the same document.

    Raises
    ------
    ReportError
        Where the format is unknown, the package that writes it is absent, or it would shut somebody out.
    """
    if format not in FORMATS:
        raise ReportError(f"A report is not written as {format!r}", remedy=f"it may be {', '.join(FORMATS)}")
    return FORMATS[format](document)


def _html(document: Document) -> bytes:
    from peercompare.report.as_html import to_html

    return to_html(document).encode("utf-8")


def _docx(document: Document) -> bytes:
    from peercompare.report.as_docx import to_docx

    return to_docx(document)


def _pdf(document: Document) -> bytes:
    from peercompare.report.as_pdf import to_pdf

    return to_pdf(document)


FORMATS: Mapping[str, Callable[[Document], bytes]] = {"html": _html, "docx": _docx, "pdf": _pdf}
"""By name."""
