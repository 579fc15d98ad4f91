import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from peercompare.errors import ExchangeError
from peercompare.exchange.archive import Limits
from peercompare.exchange.counting import stored_text
from peercompare.exchange.refi_reader import check_qdpx, read_qdpx
from peercompare.exchange.refi_rich import rich_text

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = """<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>Kim 😀</w:t><w:tab/>
<w:t>walked</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>one</w:t></w:r></w:p></w:tc><w:tc><w:p><w:hyperlink><w:r><w:t>two</w:t></w:r>
</w:hyperlink></w:p></w:tc></w:tr></w:tbl>
<w:p><w:ins><w:r><w:t>kept</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>
<w:r><w:br/><w:t> after</w:t><w:footnoteReference/></w:r></w:p>
<w:p><w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r></w:p>
<w:p><w:r><w:t>The end</w:t></w:r></w:p>"""
TEXT = "Kim 😀\twalked\r\none\r\ntwo\r\nkept\n after\r\n\r\nThe end"


def word(qde, body=BODY, prolog="", name="word/document.xml"):
    xml = f'{prolog}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return qde.zipped({name: xml.encode("utf-8")})


def coded(qde, quotes, convention="utf16-raw-nobom", text=TEXT):
    stored = stored_text(text)
    marks = ""
    for at, (words, quote) in enumerate(quotes):
        start = stored.index(words)
        places = qde.counted(text, start, start + len(words), convention)
        marks += qde.selection(f"s{at}", *places, quote)
    return qde.project(qde.source("A", marks, rich="internal://a.docx"))


def test_words_of_a_word_file_are_lines_of_paragraphs_and_cells(qde):
    text, left = rich_text(word(qde), "a.docx", Limits())
    assert text == TEXT
    assert dict(left) == {
        "pictures and text boxes in rich texts": 1,
        "footnotes and endnotes of rich texts": 1,
    }


@pytest.mark.parametrize("convention", ["utf16-raw-nobom", "codepoint-lf-nobom"])
def test_codings_of_rich_text_alone_are_carried_where_every_quote_stands_there(qde, make, convention):
    quotes = [(each, each) for each in ("walked", "two", "The end")]
    path = make(coded(qde, quotes, convention), {"sources/a.docx": word(qde)})
    found = read_qdpx(path)
    assert [span.quote for span in found.spans] == ["walked", "two", "The end"]
    assert found.documents[0].text == stored_text(TEXT)
    assert found.calibrations[0].convention == convention
    lost = {each.what for each in found.not_carried}
    assert "formatting, page headers and footers of rich texts (their words are carried)" in lost
    assert "pictures and text boxes in rich texts" in lost


@pytest.mark.parametrize(
    "quotes",
    [[("walked", ""), ("two", "two")], [("two", "words that another tool saw")], [("walked", "")]],
    ids=["one without", "another", "none"],
)
def test_codings_of_rich_text_alone_that_nothing_verifies_are_refused(qde, make, quotes):
    path = make(coded(qde, quotes), {"sources/a.docx": word(qde)})
    for convention in (None, "utf16-raw-nobom"):
        with pytest.raises(ExchangeError, match="verified by their quotes"):
            read_qdpx(path, convention=convention)
    with pytest.raises(ExchangeError, match="no plain text"):
        check_qdpx(path)


def test_rich_text_that_nobody_coded_is_carried_where_it_is_a_word_file(qde, make):
    xml = qde.project(qde.source("A", rich="internal://a.docx") + qde.source("B", rich="internal://b.rtf"))
    found = read_qdpx(make(xml, {"sources/a.docx": word(qde)}))
    assert [document.name for document in found.documents] == ["A"]
    assert "documents of rich text alone, not coded and no Word files" in {e.what for e in found.not_carried}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no zip", "no zip archive"),
        ("no body", "no Word file"),
        ("broken", "broken"),
        ("bomb", "document type"),
        ("absent", "no file"),
        ("outside", "leads out of the archive"),
    ],
)
def test_a_faulty_word_file_is_one_clear_error(qde, make, fault, words):
    data = {
        "no zip": b"{\\rtf1 words}",
        "no body": qde.zipped({"a.txt": b"x"}),
        "broken": word(qde, body="<w:p>"),
        "bomb": word(qde, prolog='<!DOCTYPE x [<!ENTITY a "aa">]>'),
        "outside": word(qde, name="../document.xml"),
    }
    files = {"sources/a.docx": data[fault]} if fault in data else {}
    with pytest.raises(ExchangeError, match=words) as error:
        read_qdpx(make(coded(qde, [("two", "two")]), files))
    assert "study.qdpx, line" in error.value.problems[0].where


letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")


@given(st.lists(st.text(st.one_of(st.sampled_from("a 😀\u0301"), letters), max_size=8), min_size=1))
@settings(max_examples=60, deadline=None)
def test_any_paragraphs_come_out_as_lines(qde, lines):
    root = etree.Element(f"{{{W}}}document")
    for line in lines:
        paragraph = etree.SubElement(root, f"{{{W}}}p")
        etree.SubElement(etree.SubElement(paragraph, f"{{{W}}}r"), f"{{{W}}}t").text = line
    data = qde.zipped({"word/document.xml": etree.tostring(root, encoding="utf-8")})
    assert rich_text(data, "a.docx", Limits()) == ("\r\n".join(lines), {})


@pytest.mark.fixtures
def test_the_words_of_a_real_export_are_its_plain_text(fixtures_folder):
    path = fixtures_folder / "refi_qda" / "oltas0517.qdpx"
    if not path.is_file():
        pytest.skip(f"the real export is absent: {path}")
    with zipfile.ZipFile(path) as archive:
        rich = [name for name in archive.namelist() if name.endswith(".docx")]
        assert len(rich) == 2
        for name in rich:
            plain = archive.read(name.removesuffix("docx") + "txt").decode("utf-8-sig")
            assert rich_text(archive.read(name), name, Limits())[0] == plain
