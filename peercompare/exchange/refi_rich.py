"""The words of a Word file as a coding tool writes them out as plain text: what positions count in.

The standard counts positions in the plain text and asks for one beside every rich text. Where a project has
the rich text alone, its words are read as NVivo writes them out: every paragraph a line, table cells among
them in the order of the file, ended by CRLF; checked on both texts of a real export, which come out
character by character. Whether another tool does the same is for the quotes to say.
"""

from __future__ import annotations

from collections import Counter

from lxml import etree

from peercompare.errors import ExchangeError, InputError, Problem
from peercompare.exchange.archive import Limits, open_within
from peercompare.readers.sources import parsed_xml

BODY = "word/document.xml"
_SAVE = "export the project with plain texts"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {
    f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "\u2011", f"{_W}softHyphen": "\u00ad",
}  # fmt: skip
_DELETED = (f"{_W}del", f"{_W}moveFrom")
_NOT_WORDS = {
    f"{_W}drawing": "pictures and text boxes in rich texts",
    f"{_W}pict": "pictures and text boxes in rich texts",
    f"{_W}object": "pictures and text boxes in rich texts",
    f"{_W}footnoteReference": "footnotes and endnotes of rich texts",
    f"{_W}endnoteReference": "footnotes and endnotes of rich texts",
}


def rich_text(data: bytes, name: str, limits: Limits) -> tuple[str, Counter[str]]:
    """Return the words of a Word file (.docx), and what is left of it.

    Tracked insertions are kept and deletions left out. Formatting, pictures, text boxes, notes, page headers
    and footers are not read.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What it is called in messages.
    limits : Limits
        How much it may unpack to.

    Returns
    -------
    text : str
        Paragraphs parted by CRLF.
    left : Counter of str
        What was found in the text and not read, counted.

    Raises
    ------
    ExchangeError
        Where it is no Word file, an encrypted or a damaged one, or unsafe to unpack.
    """
    with open_within(data, name, limits=limits) as archive:
        if BODY not in archive.names:
            fault = Problem(name, f"it is no Word file (.docx): it has no {BODY}", _SAVE)
            raise ExchangeError(f"{name} cannot be read", [fault])
        body = archive.read(BODY)
    try:
        root = parsed_xml(body, name)
    except InputError as error:
        raise ExchangeError(f"{name} cannot be read", error.problems, remedy=error.remedy) from None
    left: Counter[str] = Counter()
    boxed = set(root.iter(f"{_W}txbxContent"))
    paragraphs = (each for each in root.iter(f"{_W}p") if not boxed or boxed.isdisjoint(each.iterancestors()))
    return "\r\n".join("".join(_words(each, left)) for each in paragraphs), left


def _words(element: etree._Element, left: Counter[str]) -> list[str]:
    """Return the words below an element in pieces; count what is not read."""
    found = []
    for each in element.iterchildren(tag=etree.Element):
        if each.tag == f"{_W}t":
            found.append(each.text or "")
        elif each.tag in _SIGNS and element.tag == f"{_W}r":
            found.append(_SIGNS[each.tag])
        elif each.tag in _NOT_WORDS:
            left[_NOT_WORDS[each.tag]] += 1
        elif each.tag not in _DELETED and not each.tag.endswith(("Pr", "}Fallback")):
            found += _words(each, left)
    return found
