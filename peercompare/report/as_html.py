"""A document as one page: no network, no scripts, readable by everybody."""

from __future__ import annotations

import base64
import html
import re
from functools import singledispatch

from jinja2 import Environment, FileSystemLoader

from peercompare.errors import ReportError
from peercompare.report import page
from peercompare.report.document import (
    Document,
    Grid,
    Listing,
    Paragraph,
    Part,
    Runs,
    Words,
)
from peercompare.report.exporter import TEMPLATES, page_style
from peercompare.report.figure_files import ReportFigure
from peercompare.report.formulas import Formula
from peercompare.report.outputs import figure_html
from peercompare.report.tables import cells_table

FOLDED_FROM = 32
"""A table with more rows is folded: it is there for whoever looks something up. COREQ has so many."""

RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
"""Hebrew, Arabic and their neighbours."""


def to_html(document: Document) -> str:
    """Write a document as one self-contained page.

    Parameters
    ----------
    document : Document

    Returns
    -------
    str
        HTML that loads nothing and runs nothing.

    Raises
    ------
    ReportError
        Where a figure lacks its words, or the page would shut somebody out.
    """
    resources = {
        "language_code": document.language,
        "page_title": document.title,
        "page_footer": document.footer,
        "page_style": page_style(show_code=False),
        "body": "\n".join(_part(part) for part in document.parts),
    }
    frames = Environment(loader=FileSystemLoader(TEMPLATES / "peercompare"), autoescape=False)
    frames.filters["escape_html"] = html.escape
    soup = page.parse(frames.get_template("report.html.j2").render(resources=resources))
    page.finish(soup)
    for element in soup.find_all(["h1", "h2", "h3", "h4", "p", "li", "th", "td", "caption"]):
        if RIGHT_TO_LEFT.search(element.get_text()):
            element["dir"] = "auto"
    made = str(soup)
    if faults := page.page_faults(made):
        raise ReportError("The page cannot be read by everybody", faults)
    return made


def _part(part: Part) -> str:
    """Return a part: its heading, and what stands under it."""
    blocks = "\n".join(_block(block) for block in part.blocks)
    title = html.escape(part.title)
    return (
        f'<section class="words" data-part="{html.escape(part.id)}">\n'
        f"<h{part.level}>{title}</h{part.level}>\n{blocks}\n</section>"
    )


def _inline(runs: Runs) -> str:
    texts = (
        html.escape(run.text) if not run.strong else f"<strong>{html.escape(run.text)}</strong>"
        for run in runs
    )
    return "".join(texts)


@singledispatch
def _block(block: object) -> str:
    raise TypeError(f"a document holds no {type(block).__name__}")


@_block.register
def _(block: Paragraph) -> str:
    return f"<p>{_inline(block.runs)}</p>"


@_block.register
def _(block: Listing) -> str:
    return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in block.items)}</ul>"


@_block.register
def _(block: Grid) -> str:
    made = cells_table(block.headings, block.rows, caption=block.caption)
    if len(block.rows) > FOLDED_FROM:
        summary = f"Table of {len(block.rows)} rows: {html.escape(block.caption)}"
        made = f"<details><summary>{summary}</summary>{made}</details>"
    return f"{made}\n<p>{html.escape(block.note)}</p>" if block.note else made


@_block.register
def _(block: ReportFigure) -> str:
    value = base64.b64encode(block.png).decode("ascii")
    return figure_html("image/png", value, block.metadata["image/png"])


@_block.register
def _(block: Formula) -> str:
    return f"{block.mathml}\n<p>{html.escape(block.words)}</p>"


@_block.register
def _(block: Words) -> str:
    lines = []
    for number, (who, said) in enumerate(block.lines):
        words = f"<mark>{html.escape(said)}</mark>" if number == block.at else html.escape(said)
        lines.append(f"<p><strong>{html.escape(who)}:</strong> {words}</p>")
    caption = f"<figcaption>{html.escape(block.source)}</figcaption>"
    return f"<figure><blockquote>{''.join(lines)}</blockquote>{caption}</figure>"
