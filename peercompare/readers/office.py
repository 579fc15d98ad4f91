"""Word and PDF files as plain text: paragraphs and list items one a line."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from peercompare.errors import InputError
from peercompare.readers.sources import check_office_zip, read_bytes, refusal

BULLETS = "-*\u2022\u00b7\u2013\u25aa\u25e6\u25cf\u25cb\u2023\uf0b7\uf0a7\u27a2\u2713"
_NOTE_MARK = re.compile(r"----(footnote|endnote)(\d+)----")
_NOTE = re.compile(r"^(footnote|endnote)(\d+)\)\t", re.MULTILINE)
_PICTURE = re.compile(r"----(?:media/[^\n]*?|Image alt text---->[^\n]*?<)----")
_ITEM = re.compile(rf"[{re.escape(BULLETS)}](?=\s)|\(?(?:\d{{1,3}}|[A-Za-z])[.)](?=\s)")


def word_text(path: str | Path) -> tuple[str, tuple[str, ...]]:
    """Return the text of a Word file (.docx) and warnings.

    Tracked insertions are kept and deletions left out, as Word shows them when all changes are accepted;
    text of tables and text boxes is kept; list items begin with ``- `` or their number; footnotes stand at
    the end.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    text : str
        Lines ended by LF.
    warnings : tuple of str
        Pictures, whose text (if any) is not read, and page headers and footers, which are left out.

    Raises
    ------
    InputError
        Where the file is encrypted, of the old format, damaged, a zip bomb, has no text, or leaves out a
        declaration that docx2python needs.
    """
    from docx2python import docx2python

    path = Path(path)
    data = read_bytes(path)
    check_office_zip(path, kind="Word")
    try:
        with docx2python(io.BytesIO(data)) as document:
            body, notes = _paragraphs(document.body), _paragraphs(document.footnotes + document.endnotes)
            around = sum(len(part.strip()) for part in _paragraphs(document.header + document.footer))
    except (
        Exception
    ) as error:  # docx2python lets KeyError, XMLSyntaxError and others of a damaged file through
        raise refusal(path, *_unreadable(error)) from None
    text, pictures = _PICTURE.subn("", "\n\n".join([*body, *notes]))
    text = _NOTE_MARK.sub(r"[\1 \2]", _NOTE.sub(r"[\1 \2] ", text))
    text = re.sub(r"^([ \t]*)--\t", r"\1- ", text, flags=re.MULTILINE)
    text = re.sub(r"^([ \t]*\w{1,5}\))\t", r"\1 ", text, flags=re.MULTILINE)
    if not text.strip():
        raise refusal(
            path,
            "the Word file has no text",
            "is the text in pictures? then type it; else open it in Word and save it anew",
        )
    warnings = [f"{path.name}: {pictures} pictures are not read"] if pictures else []
    if around:
        warnings.append(f"{path.name}: {around} characters of page headers and footers are left out")
    return tidied(text), tuple(warnings)


def _unreadable(error: Exception) -> tuple[str, str]:
    """Say what is wrong with a Word file that docx2python cannot read, and what to do."""
    if isinstance(error, KeyError) and error.args == ("r",):
        # a file without links and pictures is valid without it; docx2python looks it up in every part
        what = (
            "the file does not declare the namespace prefix 'r', as Word does; it may be whole, and the "
            "library that reads Word files (docx2python) cannot read it so"
        )
        return what, "open it in Word or LibreOffice and save it again as .docx, which declares the prefix"
    return f"the Word file is damaged: {type(error).__name__} {error}", "open it in Word and save it anew"


def _paragraphs(part: Sequence) -> list[str]:
    """Return the paragraphs of a part of a Word file; those of a table come cell by cell."""
    return [paragraph for table in part for row in table for cell in row for paragraph in cell]


def pdf_text(path: str | Path, *, titled: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return the text of a PDF file and warnings.

    Lines that a page broke are joined again: a long line that does not end a sentence goes on with the
    next, unless that begins a list item. Columns and tables may come out in another order than they are read.

    Parameters
    ----------
    path : str or Path
        The file.
    titled : bool, default False
        Whether the first line may be a title, to be kept apart from the next one; see `unwrapped`.

    Returns
    -------
    text : str
        Lines ended by LF, pages parted by an empty line.
    warnings : tuple of str
        Pages without text.

    Raises
    ------
    InputError
        Where the file is encrypted, damaged, or has no text at all because it is scanned.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    path = Path(path)
    data = read_bytes(path)
    if not data[:1024].lstrip().startswith(b"%PDF"):
        raise refusal(path, "the file does not begin as a PDF does", "is it the right file?")
    try:
        with _quiet_pypdf():
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise refusal(path, "the PDF is encrypted", "take the password off and save it anew")
            pages = [page.extract_text() for page in reader.pages]
    except InputError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        what = f"the PDF is damaged or locked: {type(error).__name__} {error}"
        raise refusal(path, what, "open it and print it to a new PDF") from None
    except ImportError:
        what = "the PDF is encrypted in a way that needs the package cryptography"
        raise refusal(path, what, "take the password off and save it anew") from None
    blank = [number for number, page in enumerate(pages, start=1) if not page.strip()]
    if len(blank) == len(pages):
        what = f"the PDF has no text on its {len(pages)} pages: it is scanned"
        raise refusal(path, what, "run text recognition (OCR) on it first")
    warnings = ()
    if blank:
        shown = ", ".join(map(str, blank[:10]))
        warnings = (f"{path.name}, page {shown}: no text; the page may be scanned ({len(blank)} in all)",)
    first = min(set(range(len(pages))) - {number - 1 for number in blank})
    joined = (unwrapped(page, titled=titled and at == first) for at, page in enumerate(pages))
    return tidied("\n\n".join(joined)), warnings


def unwrapped(page: str, *, titled: bool = False) -> str:
    r"""Return a page whose paragraphs and list items stand on one line each.

    A line goes on with the next where it is nearly as long as the page's long lines and does not end a
    sentence, and the next neither is empty nor begins a list item. A hyphen at a line's end is kept and
    nothing is put after it.

    Parameters
    ----------
    page : str
        Lines as a page shows them.
    titled : bool, default False
        Whether the first line may be a title. It is one, and stays apart, where the next line does not begin
        with a small letter, and either the longest line of the page would have had room for the next word
        too, so that the line ends there on purpose, or all its words of four letters or more have capitals.

    Examples
    --------
    >>> unwrapped("A line that goes on and\non with the next one.\n\u2022 item")
    'A line that goes on and on with the next one.\n- item'
    >>> unwrapped("Peer Specialist\nSupport people in the community.", titled=True)
    'Peer Specialist\nSupport people in the community.'
    """
    lines = [line.strip() for line in page.strip().split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    full = 0.6 * lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0
    out: list[str] = []
    goes_on = False
    for at, line in enumerate(lines):
        item = _ITEM.match(line)
        words = f"- {line[1:].strip()}" if item and item.group() in BULLETS else line
        if goes_on and line and not item:
            glue = "" if re.search(r"\w-$", out[-1]) else " "
            out[-1] += glue + words
        else:
            out.append(words)
        goes_on = len(line) >= full and not re.search(r"[.!?:;][\"'\u201d\u2019)]*$", line) and bool(line)
        if titled and at == 0 and lines[1:]:
            goes_on = goes_on and not _is_title(line, lines[1], longest=lengths[-1])
    return "\n".join(out)


def _is_title(first: str, following: str, *, longest: int) -> bool:
    """Say whether the first line of a page ends on purpose; `unwrapped` states the rule."""
    has_room = len(first) + 1 + len(following.partition(" ")[0]) <= longest
    in_capitals = not any(word[0].islower() for word in re.findall(r"\w{4,}", first))
    return not following[:1].islower() and (has_room or in_capitals)


def tidied(text: str) -> str:
    r"""Return text without blanks at line ends, one empty line in a row at most, and one line end at its end.

    Parameters
    ----------
    text : str
        Any text.

    Examples
    --------
    >>> tidied("\n\na  \n\n\n\nb")
    'a\n\nb\n'
    """
    lines = "\n".join(line.rstrip() for line in text.replace("\u00a0", " ").replace("\f", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


@contextmanager
def _quiet_pypdf() -> Iterator[None]:
    """Keep pypdf's remarks about odd files from the terminal; what matters is raised."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
