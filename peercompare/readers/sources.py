"""Reading bytes of unknown origin: encodings, XML and zip files, damaged, locked or meant to do harm."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.errors import InputError, Problem

if TYPE_CHECKING:
    from lxml.etree import _Element

MEBIBYTE = 2**20
MAX_FILE = 512 * MEBIBYTE
"""Bytes of one transcript or office file; tables are streamed and have no such limit."""

MAX_UNPACKED = 1024 * MEBIBYTE
MAX_RATIO = 250
"""Unpacked bytes for each packed byte of an office file: documents reach about 30, bombs a thousand."""

ENCODING = "save it as UTF-8; of transcripts and postings --encoding names another, as in --encoding cp1252"
"""What to do about bytes that are not what they should be."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 64 * 1024


def refusal(path: str | Path, what: str, remedy: str = "", *, where: str = "") -> InputError:
    """Return the error that a file cannot be read, with file and place."""
    name = Path(path).name
    place = f"{name}, {where}" if where else name
    return InputError(f"{path} cannot be read", [Problem(place, what, remedy)])


def read_bytes(path: str | Path, *, limit: int = MAX_FILE) -> bytes:
    """Return a file's bytes, or refuse one that is absent, empty or larger than `limit`."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > limit:
            what = (
                f"the file has {size / MEBIBYTE:.0f} MB; {limit / MEBIBYTE:.0f} MB are the most that is read"
            )
            raise refusal(path, what, "is it the right file? cut it into parts where it is")
        data = path.read_bytes()
    except OSError as error:
        raise refusal(
            path, f"the file cannot be opened: {error.strerror}", "give the path of a file"
        ) from None
    if not data.strip():
        raise refusal(path, "the file is empty", "export it anew, or take it away")
    return data


def decoded(data: bytes, path: str | Path, *, encoding: str | None = None) -> str:
    r"""Return text with LF line ends and without byte order mark.

    Parameters
    ----------
    data : bytes
        The file.
    path : str or Path
        Its name, for messages.
    encoding : str, optional
        By default a byte order mark decides, else UTF-8, strictly: another encoding is never guessed, since a
        wrong guess changes words in silence.

    Raises
    ------
    InputError
        Where the bytes are not in the encoding, or are those of a binary file.

    Examples
    --------
    >>> decoded(b"\xef\xbb\xbfone\r\ntwo\rthree", "a.txt")
    'one\ntwo\nthree'
    """
    name = encoding or next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(name)
    except LookupError:
        raise refusal(
            path, f"Python knows no encoding {name!r}", 'try "utf-8", "utf-16" or "cp1252"'
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start + 1} is not {name.upper()}"
        raise refusal(path, what, ENCODING, where=f"line {line}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refusal(path, "a zero byte stands in it: the file is not text, or is UTF-16 without a mark",
                      "export it as text in UTF-8, or pass --encoding utf-16-le",
                      where=f"line {line}")  # fmt: skip
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def parsed_xml(data: bytes, path: str | Path) -> _Element:
    """Return the root of an XML file, read without entities, network or recovery.

    Raises
    ------
    InputError
        Where the file is truncated or malformed, or declares a document type (no annotation tool writes
        one; bombs are built from it).
    """
    from lxml import etree

    if declares_type(data[:_HEAD]):
        what = "the file declares a document type, with which entities are smuggled in"
        raise refusal(path, what, "take the <!DOCTYPE ...> out, or export the file anew")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        what = f"the XML is broken or breaks off: {error.msg}"
        raise refusal(path, what, "export it anew", where=f"line {line}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refusal(path, "the file declares a document type", "export the file anew")
    return root


def declares_type(head: bytes) -> bool:
    """Say whether the beginning of an XML file holds a document type or an entity, in any encoding."""
    return bool(re.search(rb"<!(?:DOCTYPE|ENTITY)", head.replace(b"\0", b""), re.IGNORECASE))


def check_office_zip(path: str | Path, *, kind: str) -> None:
    """Refuse an office file that is locked, of the old kind, damaged, or unpacks to far more than it holds.

    Parameters
    ----------
    path : str or Path
        A .docx or .xlsx file.
    kind : str
        What it should be, for messages, e.g. "Word".
    """
    with open(path, "rb") as stream:
        head = stream.read(8)
    if head == _OLE:
        raise _locked_or_old(path, kind)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, path)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        what = f"the file is damaged or is no {kind} file: {error}"
        raise refusal(path, what, "open it in its program and save it anew") from None


def _locked_or_old(path: str | Path, kind: str) -> InputError:
    """Return the error for an OLE file: an encrypted office file, or one of the years before 2007."""
    data = Path(path).read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refusal(path, f"the {kind} file is encrypted", "open it, take the password off, save it anew")
    return refusal(
        path, f"the file has the old {kind} format", f"open it in {kind} and save it in the new one"
    )


def _check_parts(archive: zipfile.ZipFile, path: str | Path) -> None:
    """Refuse a zip archive whose parts are encrypted, too large, or declare entities."""
    unpacked = packed = 0
    for info in archive.infolist():
        unpacked, packed = unpacked + info.file_size, packed + info.compress_size
        if info.flag_bits & 1:
            raise refusal(path, "the file is encrypted", "take the password off", where=info.filename)
    if unpacked > MAX_UNPACKED or (unpacked > MEBIBYTE and unpacked > MAX_RATIO * max(packed, 1)):
        what = f"it unpacks from {packed:,} to {unpacked:,} bytes, as a zip bomb does"
        raise refusal(path, what, "is it the right file?")
    for info in archive.infolist():
        if info.filename.endswith((".xml", ".rels")):
            with archive.open(info) as part:
                if declares_type(part.read(_HEAD)):
                    raise refusal(
                        path, "a part declares a document type", "save it anew", where=info.filename
                    )
