"""Word and PDF: what a person sees is in the text, and locked or scanned files are refused."""

import io
import re
import zipfile

import pytest
from pypdf import PdfReader, PdfWriter

from peercompare.errors import InputError
from peercompare.readers import read_documents
from peercompare.readers.office import pdf_text, unwrapped, word_text
from peercompare.readers.postings import read_pdf_posting, read_word_posting

TRACKED = (
    '<w:p><w:r><w:t>Ann:</w:t></w:r><w:ins><w:r><w:t xml:space="preserve"> kept</w:t></w:r></w:ins>'
    '<w:del><w:r><w:delText xml:space="preserve"> gone</w:delText></w:r></w:del>'
    '<w:r><w:t xml:space="preserve"> words</w:t><w:footnoteReference w:id="1"/></w:r></w:p>'
)


def table(*cells):
    return f"<w:tbl><w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr></w:tbl>"


def test_word_keeps_insertions_tables_notes_and_list_items_and_drops_deletions(
    write, make_docx, make_paragraph
):
    body = make_paragraph("Peer &amp; Guide") + make_paragraph("listen", list_number=1)
    body += make_paragraph("first", list_number=2) + TRACKED
    body += table(make_paragraph("cell one"), make_paragraph("cell two"))
    text, warnings = word_text(write("a.docx", make_docx(body, note="A note.", footer="Page 1")))
    assert text == (
        "Peer & Guide\n\n- listen\n\n1) first\n\nAnn: kept words[footnote 1]\n\ncell one\n\ncell two\n\n"
        "[footnote 1] A note.\n"
    )
    assert warnings == ("a.docx: 6 characters of page headers and footers are left out",)


def test_a_word_posting_takes_its_first_line_for_the_title(write, make_docx, make_paragraph):
    document = read_word_posting(
        write("a.docx", make_docx(make_paragraph("Guide") + make_paragraph("Be with.")))
    )
    assert (document.title, document.text) == ("Guide", "Guide\n\nBe with.\n")


def test_a_word_transcript_becomes_turns(write, make_docx, make_paragraph):
    body = "".join(map(make_paragraph, ("ANN  00:00:05", "Hello there.", "BEN  00:00:09", "Hi.")))
    path = write("a.docx", make_docx(body, note="Phone rings.", footer="Page 1"))
    (document,) = read_documents(path, genre="session_transcript")
    assert document.text == "ANN: Hello there.\nBEN: Hi.\n"
    assert [turn.start for turn in document.turns] == [5.0, 9.0]
    assert document.metadata["notes"] == "[footnote 1] Phone rings."
    assert "nobody says them" in document.warnings[-1]


def ole(*, encrypted):
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + ("EncryptedPackage" if encrypted else "WordDocument").encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (ole(encrypted=True), "the Word file is encrypted"),
        (ole(encrypted=False), "the file has the old Word format"),
        (b"PK\x03\x04 and then nothing", "damaged or is no Word file"),
    ],
)
def test_locked_old_and_damaged_word_files_are_refused(write, content, what):
    with pytest.raises(InputError, match=rf"a\.docx: .*{what}"):
        word_text(write("a.docx", content))


def test_a_truncated_word_file_is_refused(write, make_docx, make_paragraph):
    whole = make_docx(make_paragraph("words"))
    with pytest.raises(InputError, match="damaged"):
        word_text(write("a.docx", whole[: len(whole) * 2 // 3]))


def test_a_whole_word_file_without_the_prefix_of_links_is_not_called_damaged(
    write, make_docx, make_paragraph
):
    old, stream = zipfile.ZipFile(io.BytesIO(make_docx(make_paragraph("Peer Guide")))), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in old.namelist():
            archive.writestr(name, re.sub(rb' xmlns:r="[^"]*"', b"", old.read(name)))
    with pytest.raises(InputError, match=r"prefix 'r'.*may be whole.*save it again as \.docx") as found:
        word_text(write("a.docx", stream.getvalue()))
    assert "damaged" not in str(found.value)


def test_a_word_file_with_entities_or_without_words_is_refused(write, make_docx, make_paragraph):
    head = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    with pytest.raises(InputError, match=r"word/document\.xml: a part declares a document type"):
        word_text(write("a.docx", make_docx(make_paragraph("&a;"), head=head)))
    with pytest.raises(InputError, match="has no text"):
        word_text(write("b.docx", make_docx("<w:p/>")))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(write):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(30_000_000))
    with pytest.raises(InputError, match="as a zip bomb does"):
        word_text(write("a.docx", stream.getvalue()))


def test_pdf_lines_that_the_page_broke_are_joined_and_items_kept_apart(write, make_pdf):
    lines = [
        "Peer Guide", "You will be with people who come in and who want to talk about what",
        "happened to them.", "- listen without an agenda to everybody who comes to us, at any time, and",
        "learn", "- share", "End of it.",
    ]  # fmt: skip
    text, warnings = pdf_text(write("a.pdf", make_pdf([lines, ["Second page."]])))
    assert text == (
        "Peer Guide\nYou will be with people who come in and who want to talk about what happened to them.\n"
        "- listen without an agenda to everybody who comes to us, at any time, and learn\n- share\n"
        "End of it.\n\n"
        "Second page.\n"
    )
    assert warnings == ()


@pytest.mark.parametrize(
    ("first", "following", "apart"),
    [
        ("Peer Specialist", "Support people in the community.", True),
        ("Peer worker", "Support people in the community.", True),  # there was room for the next word
        ("Certified Peer Specialist", "Support people in the community.", True),  # no room, but capitals
        ("PEER SPECIALIST (M/F) FOR YOUTH", "Support people in the community.", True),
        ("You support people who live in", "Springfield and in the county.", False),
        ("Certified Peer Specialist", "for people in the community.", False),  # it goes on in small letters
    ],
)
def test_the_first_line_of_a_pdf_posting_stays_apart_where_it_is_a_title(
    write, make_pdf, first, following, apart
):
    document = read_pdf_posting(write("a.pdf", make_pdf([[], [first, following]])))
    assert document.text == first + ("\n" if apart else " ") + following + "\n"
    assert document.title == (first if apart else f"{first} {following}")


def test_a_paragraph_that_begins_a_posting_is_joined_to_its_end():
    lines = ["You support people who live in", "Springfield County or in the Town Hall of", "Salem. Apply."]
    assert unwrapped("\n".join(lines), titled=True) == " ".join(lines)


def test_only_the_first_line_of_all_may_be_a_title(write, make_pdf):
    pages = [["Peer Guide", "You will be here."], ["Certified Peer Specialist", "Support each of us here."]]
    lines = read_pdf_posting(write("a.pdf", make_pdf(pages))).text.split("\n")
    assert lines[0] == "Peer Guide"
    assert "Certified Peer Specialist Support each of us here." in lines
    assert "Peer Guide You will be here." in pdf_text(write("b.pdf", make_pdf(pages)))[0]


def test_a_hyphen_at_a_line_end_is_kept():
    assert unwrapped("a long line that ends in self-\nhelp") == "a long line that ends in self-help"


def test_pages_without_text_are_named(write, make_pdf):
    document = read_pdf_posting(write("a.pdf", make_pdf([["Peer Guide"], [], ["More."]])))
    assert document.warnings == ("a.pdf, page 2: no text; the page may be scanned (1 in all)",)


def locked(content, **how):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt(**how, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_scanned_encrypted_and_damaged_pdfs_are_refused(write, make_pdf):
    for name, content, what in (
        ("scan.pdf", make_pdf([[], []]), r"scan\.pdf: the PDF has no text on its 2 pages: it is scanned"),
        ("lock.pdf", locked(make_pdf([["words"]]), user_password="x"), r"lock\.pdf: the PDF is encrypted"),
        ("no.pdf", b"<html>not a pdf</html>", r"no\.pdf: the file does not begin as a PDF does"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj\n", r"cut\.pdf: the PDF is damaged"),
    ):
        with pytest.raises(InputError, match=what):
            pdf_text(write(name, content))


def test_a_pdf_that_is_only_locked_against_changes_is_read(write, make_pdf):
    content = locked(make_pdf([["free words"]]), user_password="", owner_password="x")
    assert pdf_text(write("a.pdf", content))[0] == "free words\n"
