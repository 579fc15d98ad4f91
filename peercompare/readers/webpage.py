"""HTML as plain text: paragraphs and list items one a line, nothing of scripts and styles."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.readers.office import tidied
from peercompare.readers.sources import MEBIBYTE, decoded, read_bytes, refusal

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_PAGE = 20 * MEBIBYTE
"""Bytes of one page; a page with a posting has some hundred thousand."""

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table "
    "tbody tfoot thead tr ul".split()
)
SILENT = frozenset("head noscript object script style svg template title video audio iframe canvas".split())
"""Elements whose text nobody reads on the page."""

AROUND = frozenset("nav footer".split())
"""Elements around a page's matter; what they hold is left out and counted."""

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|ul|ol|li|div|span|b|strong|em|i|h[1-6]|table|tr|td|a)\b[^<>]*>|&(?:nbsp|amp|lt|gt|quot|#\d+);",
    re.I,
)
_BLANKS = re.compile(r"[ \t\n\r\f\v\u00a0]+")


@dataclass
class _Writer:
    """Lines in the making."""

    lines: list[str] = field(default_factory=list)
    line: str = ""
    marker: str = ""

    def put(self, words: str) -> None:
        """Add words to the line."""
        words = _BLANKS.sub(" ", words)
        if not self.line or self.line.endswith(" "):
            words = words.lstrip(" ")
        self.line += words

    def end(self) -> None:
        """End the line, with the marker of a list item before it where one is due."""
        if self.line.strip():
            self.lines.append(self.marker + self.line.strip())
            self.marker = ""
        self.line = ""


def read_page(path: str | Path, *, encoding: str | None = None) -> HtmlElement:
    """Return the root of an HTML page.

    Parameters
    ----------
    path : str or Path
        An .html file.
    encoding : str, optional
        By default what a byte order mark or the page's own meta element says, else UTF-8.

    Raises
    ------
    InputError
        Where the page is empty, has more than `MAX_PAGE` bytes, or is not in its encoding.
    """
    path = Path(path)
    data = read_bytes(path, limit=MAX_PAGE)
    named = _CHARSET.search(data[:4096])
    if encoding is None and named and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        encoding = named.group(1).decode("ascii")
    return parsed_html(decoded(data, path, encoding=encoding), path)


def parsed_html(text: str, path: str | Path) -> HtmlElement:
    """Return the root of HTML; entities that a page declares itself are never read."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise refusal(path, f"the HTML cannot be read: {error}", "save the page anew") from None
    if root is None:
        raise refusal(path, "the page is empty", "save the page anew")
    # past a limit libxml2 leaves words out and says so in its log alone
    limits = [entry for entry in parser.error_log if entry.type_name == "ERR_RESOURCE_LIMIT"]
    if limits:
        where = f"line {limits[0].line}"
        raise refusal(path, "the page is nested too deeply to be read whole", "is it a page?", where=where)
    return root


def page_text(root: HtmlElement) -> tuple[str, int]:
    """Return the text of a page, and how many characters of navigation and footers were left out.

    The text is that of the page's one ``main`` or ``article`` where there is exactly one, else of the
    whole body.

    Parameters
    ----------
    root : HtmlElement
        A parsed page.

    Returns
    -------
    text : str
        A line for each paragraph, heading, table row and list item, the latter with ``- `` or a number.
    left_out : int
        Characters of words, blanks not counted, that were left out.
    """
    matter = [*root.iter("main")] or [*root.iter("article")]
    whole = root.find("body") if root.find("body") is not None else root
    top = matter[0] if len(matter) == 1 else whole
    text = element_text(top)
    return text, max(0, _size(element_text(whole, around=True)) - _size(text))


def element_text(element: HtmlElement, *, around: bool = False) -> str:
    """Return the text of an element; `around` says whether navigation and footers belong to it."""
    writer = _Writer()
    _write(element, writer, around=around)
    writer.end()
    return tidied("\n".join(writer.lines))


def html_to_text(fragment: str) -> str:
    r"""Return the text of a piece of HTML, escaped twice or not, or plain text as it is.

    Parameters
    ----------
    fragment : str
        As in the description of a posting.

    Examples
    --------
    >>> html_to_text("&lt;p&gt;You &amp;amp; we&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Listen&lt;/li&gt;&lt;/ul&gt;")
    'You & we\n\n- Listen\n'
    >>> html_to_text("2 < 3")
    '2 < 3\n'
    """
    for _ in range(3):
        if re.search(r"<[a-zA-Z/]", fragment) or not _LOOKS_LIKE_HTML.search(html.unescape(fragment)):
            break
        fragment = html.unescape(fragment)
    if not _LOOKS_LIKE_HTML.search(fragment):
        return tidied(fragment)
    # line ends between elements mean nothing in HTML, but a description without block elements uses them
    if not re.search(r"<(?:p|br|ul|ol|li|div|h[1-6]|table)\b", fragment, re.IGNORECASE):
        fragment = fragment.replace("\n", "<br>")
    return element_text(parsed_html(f"<div>{fragment}</div>", "a description"), around=True)


def _write(element: HtmlElement, writer: _Writer, *, around: bool) -> None:
    """Write an element and all in it; iterative, since pages nest deeper than Python may call."""
    stack: list[tuple[HtmlElement, bool]] = [(element, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if leaving:
            _leave(node, tag, writer)
            if node is not element:
                writer.put(node.tail or "")
            continue
        skipped = not tag or tag in SILENT or (tag in AROUND and not around)
        stack.append((node, True))
        if not skipped:
            _enter(node, tag, writer)
            stack.extend((child, False) for child in reversed(node))


def _enter(node: HtmlElement, tag: str, writer: _Writer) -> None:
    """Begin an element."""
    if tag in BLOCKS or tag == "br":
        writer.end()
    if tag == "li":
        writer.marker = _marker(node)
    if tag in ("td", "th") and writer.line.strip():
        writer.line = writer.line.rstrip() + " | "
    if tag == "pre" and node.text:
        for line in node.text.split("\n"):
            writer.put(line)
            writer.end()
    else:
        writer.put(node.text or "")
    if tag in ("input", "img") and node.get("alt"):
        writer.put(f" {node.get('alt')} ")


def _leave(node: HtmlElement, tag: str, writer: _Writer) -> None:
    """End an element."""
    if tag in BLOCKS:
        writer.end()
    if tag == "li":
        writer.marker = ""
    if tag in ("ul", "ol", "p", "table", "div", "section") and writer.lines and writer.lines[-1]:
        if node.getparent() is None or node.getparent().tag not in ("li", "ul", "ol", "td", "th"):
            if tag in ("p", "ul", "ol", "table"):
                writer.lines.append("")


def _marker(item: HtmlElement) -> str:
    """Return what stands before a list item: its number in a numbered list, a dash elsewhere."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "- "
    first = parent.get("start", "1")
    number = [child for child in parent if child.tag == "li"].index(item) + (
        int(first) if first.isdecimal() else 1
    )
    return f"{number}. "


def _size(text: str) -> int:
    """Return how many characters a text has, blanks not counted."""
    return len("".join(text.split()))
