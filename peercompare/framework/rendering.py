"""Sections of text, lists and tables as Markdown or as one accessible HTML page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;width:100%;margin:1rem 0 2rem}caption{text-align:left;"
    "font-weight:600;padding:.3rem 0}th,td{border:1px solid #595959;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}thead th,tbody th{background:#f2f2f2}a{color:#0b4f8a}"
    "p,li,td{overflow-wrap:anywhere}[role=region]{overflow-x:auto}"
)


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list, numbered or not."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row heads the row."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Text | Items | Table


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it."""

    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
    level: int = 2


def markdown(title: str, sections: Sequence[Section]) -> str:
    """Sections as a Markdown document."""
    parts = [f"# {title}"]
    for section in sections:
        parts.append(f"{'#' * section.level} {section.title}")
        parts += [_markdown_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _markdown_block(block: Block) -> str:
    if isinstance(block, Text):
        return " ".join(block.text.split())
    if isinstance(block, Items):
        marks = (f"{n}." if block.numbered else "-" for n in range(1, len(block.items) + 1))
        return "\n".join(f"{mark} {item}" for mark, item in zip(marks, block.items, strict=True))
    lines = [_markdown_row(block.header), "|" + "---|" * len(block.header)]
    lines += [_markdown_row(row) for row in block.rows]
    return f"**{block.caption}**\n\n" + "\n".join(lines)


def _markdown_row(cells: Sequence[str]) -> str:
    clean = (" ".join(cell.split()).replace("|", r"\|") for cell in cells)
    return "| " + " | ".join(clean) + " |"


def html_page(title: str, sections: Sequence[Section], *, kind: str = "codebook") -> str:
    """Sections as one HTML page that needs no other file, with a table of contents."""
    contents, body = [], []
    for number, section in enumerate(sections, start=1):
        anchor = f"section-{number}"
        tag = f"h{section.level}"
        if section.level == 2:
            contents.append(f'<li><a href="#{anchor}">{escape(section.title)}</a></li>')
        body.append(f'<{tag} id="{anchor}">{escape(section.title)}</{tag}>')
        body += [_html_block(block) for block in section.blocks]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}: {escape(kind)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<a href="#content">Skip to the content</a>\n<main id="content">\n'
        f"<h1>{escape(title)}</h1>\n"
        f'<nav aria-label="Contents"><ul>\n{chr(10).join(contents)}\n</ul></nav>\n'
        f"{chr(10).join(body)}\n</main>\n</body>\n</html>\n"
    )


def _html_block(block: Block) -> str:
    if isinstance(block, Text):
        return f"<p>{_inline(block.text)}</p>"
    if isinstance(block, Items):
        tag = "ol" if block.numbered else "ul"
        return f"<{tag}>" + "".join(f"<li>{_inline(item)}</li>" for item in block.items) + f"</{tag}>"
    # A table wider than a narrow screen scrolls by itself, with the keyboard too; the page does not.
    label = escape(block.caption, quote=True)
    return f'<div role="region" aria-label="{label}" tabindex="0">\n{html_table(block)}\n</div>'


def _inline(text: str) -> str:
    """Escape a text, words between backticks as code, as they are in Markdown."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def html_table(table: Table) -> str:
    """One table with its caption, column heads and row heads marked by scope."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    return (
        f"<table>\n<caption>{escape(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>"
    )
