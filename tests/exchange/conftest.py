"""A project file made to measure: any text and selections, counted as any tool counts, with any fault."""

import io
import re
import sys
import uuid
import zipfile
from xml.sax.saxutils import escape, quoteattr

import pytest


def guid(name):
    """A GUID that a test can say by name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"test:{name}"))


def counted(raw, start, end, convention):
    """The positions that a tool with this convention writes for a stretch of the stored text.

    It counts by encoding what stands before, and so owes nothing to the code that is tried.
    """
    unit, newline, bom = convention.split("-")
    body = raw.lstrip("\ufeff")
    mark = raw[: len(raw) - len(body)] if bom == "bom" else ""
    characters = re.findall(r"\r\n|.", body, re.DOTALL)
    if newline == "lf":
        characters = ["\n" if each == "\r\n" else each for each in characters]
    return tuple(units(mark + "".join(characters[:place]), unit) for place in (start, end))


def units(text, unit):
    """How many units of a kind a text has."""
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass")) if unit == "utf8" else len(text)


CODES = f"""<CodeBook><Codes>
<Code guid="{guid("role")}" name="Role" isCodable="true" color="#ff0000">
<Description>What the role is</Description>
<Code guid="{guid("shared")}" name="Shared" isCodable="true"/></Code>
<Code guid="{guid("folder")}" name="Folder" isCodable="false"><Code guid="{guid("managed")}" name="Managed"
isCodable="true"/></Code></Codes></CodeBook>"""
USERS = f"""<Users><User guid="{guid("ann")}" name="Ann"/><User guid="{guid("bo")}" name="Bo"/></Users>"""


def coding(name, code="shared", coder="ann"):
    by = f' creatingUser="{guid(coder)}"' if coder else ""
    return f'<Coding guid="{guid(name)}"{by}><CodeRef targetGUID="{guid(code)}"/></Coding>'


def selection(name, start, end, quote="", inside=None):
    inside = coding(f"{name} coding") if inside is None else inside
    return (
        f'<PlainTextSelection guid="{guid(name)}" name={quoteattr(quote)} startPosition="{start}" '
        f'endPosition="{end}">{inside}</PlainTextSelection>'
    )


def source(name, selections="", *, content=None, plain=None, rich=None, more="", before=""):
    paths = "".join(
        f" {key}={quoteattr(value)}"
        for key, value in (("richTextPath", rich), ("plainTextPath", plain))
        if value
    )
    body = "" if content is None else f"<PlainTextContent>{escape(content)}</PlainTextContent>"
    return (
        f'<TextSource guid="{guid(name)}" name="{name}"{paths}>{before}{body}{selections}{more}</TextSource>'
    )


def project(sources="", *, users=USERS, codes=CODES, more="", prolog=""):
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{prolog}<Project name="Study" origin="Tests" '
        f'basePath="/home/someone" xmlns="urn:QDA-XML:project:1.0">{users}{codes}'
        f"<Sources>{sources}</Sources>{more}</Project>"
    )


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def qde():
    """The functions of this file, for tests to write projects with."""
    return sys.modules[__name__]


@pytest.fixture
def make(tmp_path):
    """Write a .qdpx of a project's XML and the files beside it, and return its path."""

    def write(xml, files=(), *, name="study.qdpx", inside="project.qde"):
        data = xml if isinstance(xml, bytes) else xml.encode("utf-8")
        path = tmp_path / name
        path.write_bytes(zipped({inside: data, **dict(files)}))
        return path

    return write
