"""Tiny office files, written part by part so that every byte of them is known."""

import io
import re
import zipfile

import pytest

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NAMES = f'xmlns:w="{WORD}" xmlns:r="{OFFICE}"'


def words_of(text):
    """Words of a text, in order: what no reader may lose."""
    return re.findall(r"\w+", text)


def paragraph(text, *, list_number=None):
    props = ""
    if list_number:
        props = f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{list_number}"/></w:numPr></w:pPr>'
    return f'<w:p>{props}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def numbering():
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{at}"><w:lvl w:ilvl="0"><w:numFmt w:val="{kind}"/></w:lvl>'
        "</w:abstractNum>"
        for at, kind in enumerate(("bullet", "decimal"))
    )
    uses = "".join(f'<w:num w:numId="{at + 1}"><w:abstractNumId w:val="{at}"/></w:num>' for at in range(2))
    return f"<w:numbering {NAMES}>{kinds}{uses}</w:numbering>"


def docx_bytes(body, *, head="", note="", footer=""):
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/></Types>'
    )
    link = '<Relationship Id="{0}" Type="' + OFFICE + '/{1}" Target="{2}"/>'
    links = f'<Relationships xmlns="{PACKAGE}/relationships">{{}}</Relationships>'
    further = link.format("rId1", "numbering", "numbering.xml") + link.format(
        "rId2", "footnotes", "footnotes.xml"
    )
    further += link.format("rId3", "footer", "footer1.xml")
    notes = f'<w:footnote w:id="1">{paragraph(note)}</w:footnote>' if note else ""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(
            "_rels/.rels", links.format(link.format("rId1", "officeDocument", "word/document.xml"))
        )
        archive.writestr("word/_rels/document.xml.rels", links.format(further))
        archive.writestr("word/numbering.xml", numbering())
        archive.writestr("word/footnotes.xml", f"<w:footnotes {NAMES}>{notes}</w:footnotes>")
        archive.writestr("word/footer1.xml", f"<w:ftr {NAMES}>{paragraph(footer)}</w:ftr>")
        archive.writestr(
            "word/document.xml", f"{head}<w:document {NAMES}><w:body>{body}</w:body></w:document>"
        )
    return stream.getvalue()


def pdf_bytes(pages):
    """A PDF with the given lines on each page; a page without lines stands for a scanned one."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for lines in pages:
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        content = f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET" if lines else ""
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R /Resources "
            "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    tail += f"<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + tail.encode("latin-1")


@pytest.fixture
def write(tmp_path):
    """Write a file, text as UTF-8 with its line ends as they are, and return its path."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def make_docx():
    return docx_bytes


@pytest.fixture
def make_paragraph():
    return paragraph


@pytest.fixture
def make_pdf():
    return pdf_bytes


@pytest.fixture
def words():
    return words_of
