"""Job postings as text, Markdown, Word, PDF and web pages: title first, list items one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.readers.document import ReadDocument, named_id
from peercompare.readers.jsonld import documents_of, postings_in_page
from peercompare.readers.office import pdf_text, tidied, word_text
from peercompare.readers.sources import decoded, read_bytes, refusal
from peercompare.readers.webpage import page_text, read_page

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_TITLE = 150
_FRONT = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_FRONT_LINE = re.compile(r"([A-Za-z_][\w -]*?)\s*:\s*(.*)")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_STRONG = re.compile(r"(?<!\w)(\*{1,3}|__?)(?=\S)([^\n]{0,400}?\S)\1(?!\w)")
_NEW_LINE = re.compile(r"\s*(?:[-*+]\s|\d{1,3}[.)]\s|#{1,6}\s|>|\||```|={3,}\s*$|-{3,}\s*$|$)")


def read_text_posting(path: str | Path, *, encoding: str | None = None) -> ReadDocument:
    """Read a posting in plain text; its first line is the title.

    Raises
    ------
    InputError
        Where the file is empty or not in its encoding.
    """
    path = Path(path)
    return posting_document(path, decoded(read_bytes(path), path, encoding=encoding))


def read_markdown_posting(path: str | Path, *, encoding: str | None = None) -> ReadDocument:
    r"""Read a posting in Markdown.

    Marks of headings and stress are taken out, links become ``words (address)``, lines of one paragraph
    are joined, and ``key: value`` lines between ``---`` at the beginning become metadata.

    Raises
    ------
    InputError
        Where the file is empty or not in its encoding.
    """
    path = Path(path)
    text = decoded(read_bytes(path), path, encoding=encoding)
    metadata, front = {}, _FRONT.match(text)
    if front:
        pairs = (_FRONT_LINE.fullmatch(line) for line in front.group(1).split("\n"))
        metadata = {
            match[1].strip().lower().replace(" ", "_"): match[2].strip(" \"'") for match in pairs if match
        }
        text = text[front.end() :]
    title = metadata.pop("title", "")
    plain = markdown_text(text)
    if title and not plain.startswith(title):
        plain = f"{title}\n\n{plain}"
    return posting_document(path, plain, metadata=metadata)


def read_word_posting(path: str | Path) -> ReadDocument:
    """Read a posting in a Word file (.docx); see `peercompare.readers.office.word_text`."""
    text, warnings = word_text(path)
    return posting_document(Path(path), text, warnings=warnings)


def read_pdf_posting(path: str | Path) -> ReadDocument:
    """Read a posting in a PDF file, its title first; see `peercompare.readers.office.pdf_text`."""
    text, warnings = pdf_text(path, titled=True)
    return posting_document(Path(path), text, warnings=warnings)


def read_html_postings(path: str | Path, *, encoding: str | None = None) -> Iterator[ReadDocument]:
    """Yield the postings of a web page: its JobPosting blocks where it has any, else the page's text as one.

    Parameters
    ----------
    path : str or Path
        An .html file.
    encoding : str, optional
        By default what the page says, else UTF-8.

    Raises
    ------
    InputError
        Where the page is empty, too large, or has neither a JobPosting nor words.
    """
    path = Path(path)
    root = read_page(path, encoding=encoding)
    postings, warnings = postings_in_page(root, path)
    if postings:
        yield from documents_of(postings, path, tuple(warnings))
        return
    text, left_out = page_text(root)
    if not text.strip():
        raise refusal(
            path, "the page has no words", "a page that a script fills must be saved from the browser"
        )
    if left_out:
        warnings.append(f"{path.name}: {left_out} characters outside the page's main matter are left out")
    title = _page_title(root)
    if title and not text.lstrip().startswith(title):
        text = f"{title}\n\n{text}"
    yield posting_document(path, text, warnings=tuple(warnings))


def posting_document(
    path: Path, text: str, *, metadata: dict[str, object] | None = None, warnings: tuple[str, ...] = ()
) -> ReadDocument:
    """Return a posting whose title is its first line, or the file's name where that is no title.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        Its text.
    metadata, warnings
        What is known already.

    Raises
    ------
    InputError
        Where the text has no words.
    """
    text = tidied(text)
    if not re.search(r"\w", text):
        raise refusal(path, "there are no words in it", "export it anew, or take it away")
    first = text.split("\n", 1)[0].strip()
    title = first
    if len(first) > MAX_TITLE or re.match(r"[-*\u2022]\s", first):
        title = path.stem.replace("_", " ")
        text = f"{title}\n\n{text}"
        warnings = (*warnings, f"{path.name}, line 1: it is no title; the file's name stands in for one")
    document = ReadDocument(
        named_id(path.stem), title, text, metadata={"source": path.name, **(metadata or {})}
    )
    return replace(document, warnings=warnings)


def markdown_text(text: str) -> str:
    r"""Return Markdown as plain text, one paragraph or list item a line.

    Parameters
    ----------
    text : str
        Markdown.

    Examples
    --------
    >>> markdown_text("# Peer *Advocate*\n\nYou listen\nand learn.\n\n* one\n  more\n* [two](http://x.org)")
    'Peer Advocate\n\nYou listen and learn.\n\n- one more\n- two (http://x.org)\n'
    """
    out: list[str] = []
    open_paragraph = False
    for line in text.split("\n"):
        if re.fullmatch(r"\s*(?:={3,}|-{3,}|\*{3,}|_{3,}|```\w*)\s*", line):
            open_paragraph = False
            continue
        if _NEW_LINE.match(line) or not open_paragraph:
            out.append(_without_marks(line))
        else:
            out[-1] = f"{out[-1].rstrip()} {_without_marks(line).strip()}"
        open_paragraph = (
            bool(line.strip()) and not re.match(r"\s*(?:#{1,6}\s|\|)", line) and not line.endswith("  ")
        )
    return tidied("\n".join(out))


def _page_title(root: HtmlElement) -> str:
    """Return a page's first heading, or what its title element says, or nothing."""
    for tag in ("h1", "title"):
        for element in root.iter(tag):
            words = " ".join("".join(element.itertext()).split())
            if words:
                return words
    return ""


def _without_marks(line: str) -> str:
    """Return a line of Markdown without its marks, list items with a dash or their number."""
    line = re.sub(r"^\s*#{1,6}\s+(.*?)\s*#*\s*$", r"\1", line)
    line = re.sub(r"^(\s*)[*+-]\s+", r"\1- ", line)
    line = re.sub(r"^\s*>\s?", "", line)
    line = _LINK.sub(lambda match: f"{match[1]} ({match[2]})" if match[1] else match[2], line)
    line = _STRONG.sub(r"\2", line)
    return re.sub(r"\\([\\`*_{}\[\]()#+.!-])", r"\1", line)
