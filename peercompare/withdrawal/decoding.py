"""What stands in a file, in plain text: archives, tables, pages, pictures and models taken apart.

Words hide behind compression, base64, escapes and entities; whoever looks for them in the bytes of a file
finds nothing, and finds in compressed bytes what nobody said. A file that can be taken apart is read by its
parts; any other, a damaged one too, is read as text in every way that may make sense of it. **Text drawn as
pixels or as outlines is not read.**
"""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import html
import io
import json
import lzma
import re
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import unquote

DEEPEST = 8
"""How many files inside one another are opened."""

_DATA_URI = re.compile(r"data:[\w/+.-]*(?:;[\w=+.-]+)*;base64,([A-Za-z0-9+/=\s\\]+)")
_LETTERS_OF_A_FILE = re.compile(r"(?<=;base64,)[A-Za-z0-9+/]{80,}={0,2}")
_TAG = re.compile(r"<[^<>]*>")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{40,}={0,2}\s*")
_STRINGS = re.compile(rb"[\x20-\x7e\x80-\xff\t\r\n]{3,}")


class _NotThisKind(Exception):
    """The content begins like a kind of file that it is not, or is damaged."""


def texts_in(data: bytes, *, depth: int = 0) -> Iterator[str]:
    """Go through every text that a file's content holds.

    Parameters
    ----------
    data : bytes
        The content; its kind is told by how it begins.
    depth : int, default 0
        How deep inside other files it lies.

    Yields
    ------
    str
        The content read as text, and what was found inside it.

    Raises
    ------
    ValueError
        Where files lie inside one another more than `DEEPEST` deep: nothing is passed over.
    """
    if depth > DEEPEST:
        raise ValueError(f"files inside files, more than {DEEPEST} deep")
    for begins, read in _KINDS:
        if data.startswith(begins):
            try:
                yield from read(data, depth)
            except _NotThisKind:
                continue
            return
    yield from _tar(data, depth) if data[257:262] == b"ustar" else _plain(data, depth)


def _plain(data: bytes, depth: int) -> Iterator[str]:
    """Read content as text: UTF-8, UTF-16, else whatever runs of characters stand in it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield from _text(data.decode("utf-16", errors="replace"), depth)
        return
    try:
        yield from _text(data.decode("utf-8"), depth)
    except UnicodeDecodeError:
        joined = b"\n".join(_STRINGS.findall(data))
        yield joined.decode("utf-8", errors="replace")
        yield joined.decode("latin-1")
    if data.count(b"\0") * 4 > len(data):
        for coding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            yield data.decode(coding, errors="replace")


def _text(text: str, depth: int) -> Iterator[str]:
    """Read a text as it stands, without its markup, its escapes and what is packed into it.

    A file in base64 is read as the file: a picture's letters spell any word of two or three sooner or later.
    """
    bare = _LETTERS_OF_A_FILE.sub(" ", text)
    yield bare
    if "<" in bare or "&" in bare:
        plain = html.unescape(bare)
        yield plain
        yield html.unescape(_TAG.sub(" ", bare))
        yield html.unescape(_TAG.sub("", bare))
    if "%" in bare:
        yield unquote(bare)
    for packed in _DATA_URI.findall(text):
        yield from _base64(packed.replace("\\n", ""), depth)
    if text.lstrip()[:1] in ("{", "["):
        yield from _json(text, depth)


def _json(text: str, depth: int) -> Iterator[str]:
    """Read every string and key of a JSON text, or of a text with one JSON value a line."""
    try:
        waiting = [json.loads(text)]
    except ValueError:
        waiting = []
        for line in text.splitlines():
            try:
                waiting.append(json.loads(line))
            except ValueError:
                continue
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            if value and all(isinstance(each, str) for each in value):
                yield "".join(value)  # notebooks keep a text as a list of its lines
            waiting += value
        elif isinstance(value, str) and value:
            yield from _string(value, depth)


def _string(value: str, depth: int) -> Iterator[str]:
    """Read a string out of JSON: text, or a file in base64."""
    if _BASE64.fullmatch(value):
        yield from _base64(value, depth)
    if depth < DEEPEST:
        yield from _text(value, depth + 1)
    else:
        yield value


def _base64(packed: str, depth: int) -> Iterator[str]:
    """Read a file in base64; what is none gives nothing."""
    try:
        data = base64.b64decode("".join(packed.split()), validate=True)
    except (binascii.Error, ValueError):
        return
    yield from texts_in(data, depth=depth + 1)


def _zip(data: bytes, depth: int) -> Iterator[str]:
    """Read an archive: its members, their names and the remarks on them."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise _NotThisKind from error
    with archive:
        yield archive.comment.decode("utf-8", errors="replace")
        for member in archive.infolist():
            yield member.filename
            yield member.comment.decode("utf-8", errors="replace")
            yield from texts_in(archive.read(member), depth=depth + 1)


def _tar(data: bytes, depth: int) -> Iterator[str]:
    """Read a tar archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            yield member.name
            stream = archive.extractfile(member)
            if stream is not None:
                yield from texts_in(stream.read(), depth=depth + 1)


def _unpacked(unpack: Callable[[bytes], bytes]) -> Callable[[bytes, int], Iterator[str]]:
    """Return the reader of a compressed file."""

    def read(data: bytes, depth: int) -> Iterator[str]:
        try:
            inner = unpack(data)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise _NotThisKind from error
        yield from texts_in(inner, depth=depth + 1)

    return read


def _parquet(data: bytes, depth: int) -> Iterator[str]:
    """Read a Parquet file: its columns' names, its notes, every cell that is text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowInvalid as error:
        raise _NotThisKind from error
    yield str(table.schema)
    for note, value in (table.schema.metadata or {}).items():
        yield from _text(f"{note.decode(errors='replace')} {value.decode(errors='replace')}", depth)
        yield from _json(value.decode(errors="replace"), depth)
    for name in table.column_names:
        yield name
        for value in table[name].unique().to_pylist() if _is_plain(table[name]) else table[name].to_pylist():
            if isinstance(value, bytes):
                yield from texts_in(value, depth=depth + 1)
            elif isinstance(value, str):
                yield from _text(value, depth)
            elif isinstance(value, (list, dict)):
                yield from _json(json.dumps(value, default=str), depth)


def _is_plain(column: object) -> bool:
    """Say whether a column of Parquet holds single values, of which equal ones are read once."""
    import pyarrow as pa

    return not pa.types.is_nested(column.type)  # type: ignore[attr-defined]


def _sqlite(data: bytes, depth: int) -> Iterator[str]:
    """Read every cell of every table of an SQLite file, and its bytes, which may hold deleted cells."""
    yield from _plain(data, depth)
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(data)
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        yield from (sql for (sql,) in base.execute("SELECT sql FROM sqlite_master") if sql)
        for table in tables:
            quoted = table.replace('"', '""')
            for row in base.execute(f'SELECT * FROM "{quoted}"'):
                for cell in row:
                    if isinstance(cell, str):
                        yield from _text(cell, depth)
                    elif isinstance(cell, bytes):
                        yield from texts_in(cell, depth=depth + 1)


def _png(data: bytes, depth: int) -> Iterator[str]:
    """Read the text blocks of a PNG picture."""
    if data[12:16] not in (b"IHDR", b"tEXt", b"zTXt", b"iTXt"):
        raise _NotThisKind
    at = 8
    while at + 8 <= len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        if kind == b"tEXt":
            yield from _text(body.replace(b"\0", b" ").decode("latin-1"), depth)
        elif kind == b"zTXt":
            keyword, _, packed = body.partition(b"\0")
            yield from _text(f"{keyword.decode('latin-1')} {_inflated(packed[1:]).decode('latin-1')}", depth)
        elif kind == b"iTXt":
            keyword, _, rest = body.partition(b"\0")
            language, _, words = rest[2:].partition(b"\0")
            title, _, words = words.partition(b"\0")
            plain = _inflated(words) if rest[:1] == b"\1" else words
            yield from _text(b" ".join([keyword, language, title, plain]).decode(errors="replace"), depth)
        at += 12 + size


def _inflated(packed: bytes) -> bytes:
    """Return what zlib packed, as far as it can be read."""
    try:
        return zlib.decompressobj().decompress(packed)
    except zlib.error:
        return b""


def _npy(data: bytes, depth: int) -> Iterator[str]:
    """Read the strings of a NumPy array; pickled objects are never built, their strings are read as bytes."""
    import numpy as np

    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise _NotThisKind from error
    if array.dtype.kind in "US":
        yield "\n".join(map(str, array.ravel().tolist()))
    if array.dtype.kind in "SV":
        yield from _plain(array.tobytes(), depth)


def _pdf(data: bytes, depth: int) -> Iterator[str]:
    """Read the text of a PDF file and what is said about it."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        yield " ".join(str(value) for value in (reader.metadata or {}).values())
        for page in reader.pages:
            yield page.extract_text()
    except PyPdfError as error:
        raise _NotThisKind from error


_KINDS: tuple[tuple[bytes, Callable[[bytes, int], Iterator[str]]], ...] = (
    (b"PK", _zip), (b"\x1f\x8b", _unpacked(gzip.decompress)), (b"BZh", _unpacked(bz2.decompress)),
    (b"\xfd7zXZ", _unpacked(lzma.decompress)), (b"PAR1", _parquet), (b"SQLite format 3\0", _sqlite),
    (b"\x89PNG\r\n\x1a\n", _png), (b"\x93NUMPY", _npy), (b"%PDF", _pdf),
)  # fmt: skip
"""How each kind of file begins, and how it is read; zip is also xlsx, docx, qdpx, skops and npz."""
