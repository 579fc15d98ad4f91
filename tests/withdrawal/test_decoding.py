"""Words are found wherever they hide in a file: packed, escaped, encoded."""

import base64
import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
import zlib

import numpy as np
import pandas as pd
import pytest

from peercompare.withdrawal.decoding import DEEPEST, texts_in
from peercompare.withdrawal.scanning import terms_in

SECRET = "my zebra sleeps"


def zipped(data, name="inner.txt"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def tarred(data):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("inner.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def parquet(table):
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


def base(tmp_path):
    path = tmp_path / "base.qda"
    with sqlite3.connect(path) as open_base:
        open_base.execute("CREATE TABLE t (a TEXT, b BLOB)")
        open_base.execute("INSERT INTO t VALUES (?, ?)", ("x", gzip.compress(SECRET.encode())))
    open_base.close()
    return path.read_bytes()


def picture(kind, body):
    blocks = [(kind, body), (b"IEND", b"")]
    packed = b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in blocks
    )
    return b"\x89PNG\r\n\x1a\n" + packed


PLAIN = SECRET.encode()
IN_BASE64 = base64.b64encode(b"padding " * 8 + PLAIN).decode()
ENTITIES = "".join(f"&#{ord(letter)};" for letter in SECRET)
HIDING = {
    "plain": PLAIN,
    "capitals": SECRET.upper().encode(),
    "utf-16": SECRET.encode("utf-16"),
    "utf-16 without a mark": SECRET.encode("utf-16-le"),
    "latin-1": ("caf\u00e9 " + SECRET).encode("latin-1"),
    "between bytes": b"\x00\xff\xfe\x01" + PLAIN + b"\x80\x00",
    "json escapes": json.dumps({"k": ["".join(f"\\u{ord(c):04x}" for c in SECRET)]})
    .replace("\\\\u", "\\u")
    .encode(),
    "a json key": json.dumps({"x": {SECRET: 1}}).encode(),
    "json in json": json.dumps({"about": json.dumps({"a": json.dumps([SECRET])})}).encode(),
    "json lines": b'{"a": 1}\n' + json.dumps({"b": SECRET}).encode(),
    "a notebook's lines": json.dumps({"source": ["my zebra", " sleeps\n"]}).encode(),
    "a picture in a notebook": json.dumps({"image/png": IN_BASE64}).encode(),
    "entities": f"<p>{ENTITIES}</p>".encode(),
    "tags between words": b"<b>my</b> <i>zebra</i><br>sleeps",
    "tags inside words": b"<w:t>my ze</w:t><w:t>bra sleeps</w:t>",
    "a data URI": f'<img src="data:text/plain;base64,{IN_BASE64}">'.encode(),
    "words after a data URI": f"data:text/plain;base64,{IN_BASE64} {SECRET}".encode(),
    "percent signs": b"data:text/plain,my%20zebra%20sleeps",
    "zip": zipped(PLAIN),
    "zip in zip": zipped(zipped(PLAIN), "inner.docx"),
    "a name in a zip": zipped(b"", f"{SECRET}.txt"),
    "tar": tarred(PLAIN),
    "gzip": gzip.compress(PLAIN),
    "bzip2": bz2.compress(PLAIN),
    "xz": lzma.compress(PLAIN),
    "parquet": parquet(pd.DataFrame({"a": ["x", SECRET]})),
    "a category in parquet": parquet(pd.DataFrame({"a": pd.Categorical(["x", SECRET])})),
    "lists in parquet": parquet(pd.DataFrame({"a": [["x"], [SECRET]]})),
    "a column's name in parquet": parquet(pd.DataFrame({SECRET: [1]})),
    "numpy": saved(np.array(["x", SECRET])),
    "numpy in a zip": zipped(saved(np.array([SECRET]))),
    "a picture's remark": picture(b"tEXt", b"Comment\0" + PLAIN),
    "a picture's packed remark": picture(b"zTXt", b"Comment\0\0" + zlib.compress(PLAIN)),
    "a picture's other remark": picture(b"iTXt", b"Comment\0\1\0en\0\0" + zlib.compress(PLAIN)),
}


@pytest.mark.parametrize("where", HIDING)
def test_words_are_found_in(where):
    assert SECRET in terms_in(texts_in(HIDING[where]))


def test_the_letters_of_a_picture_in_a_page_spell_no_words():
    drawn = base64.b64decode("ab" * 60 + "/ay/" + "cd" * 60)
    page = f'<p>Words</p><img src="data:image/png;base64,{base64.b64encode(drawn).decode()}">'
    assert "ay" in terms_in([page])
    found = terms_in(texts_in(page.encode()))
    assert "ay" not in found
    assert {"words", "img", "image png"} <= found


def test_words_are_found_in_a_database(tmp_path):
    assert SECRET in terms_in(texts_in(base(tmp_path)))


def test_words_are_found_in_a_workbook(tmp_path):
    pd.DataFrame({"a": [SECRET]}).to_excel(tmp_path / "book.xlsx", index=False)
    assert SECRET in terms_in(texts_in((tmp_path / "book.xlsx").read_bytes()))


@pytest.mark.parametrize("begins", [b"PK", b"\x1f\x8b", b"PAR1", b"\x93NUMPY", b"%PDF", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_only_begins_like_another_kind_is_still_read(begins):
    assert SECRET in terms_in(texts_in(begins + b" " + PLAIN))


def test_files_too_deep_inside_one_another_are_no_silent_pass():
    data = PLAIN
    for _ in range(DEEPEST + 2):
        data = gzip.compress(data)
    with pytest.raises(ValueError, match="deep"):
        list(texts_in(data))
