"""The DOCX: headings, language, header rows and alternative texts are there for whoever reads aloud."""

import builtins
import io
import zipfile
from itertools import pairwise

import pytest

from peercompare.errors import ReportError
from peercompare.report import write_document

docx = pytest.importorskip("docx")

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def made(team_files):
    return docx.Document(io.BytesIO(team_files[1]["docx"]))


def test_title_and_language_are_set(made, team_files):
    assert made.core_properties.title == team_files[0].title
    assert made.core_properties.language == "en-GB"
    languages = {element.get(f"{W}val") for element in made.styles.element.iter(f"{W}lang")}
    assert languages == {"en-GB"}
    assert made.paragraphs[0].style.name == "Title"


def test_headings_go_down_one_level_at_a_time(made, team_files):
    levels = [int(p.style.name[-1]) for p in made.paragraphs if p.style.name.startswith("Heading")]
    assert levels == [part.level - 1 for part in team_files[0].parts]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_header_row_a_caption_and_a_description(made):
    assert len(made.tables) > 8
    for table in made.tables:
        first, *others = table._tbl.tr_lst
        assert first.trPr.find(f"{W}tblHeader") is not None
        assert all(row.trPr.find(f"{W}tblHeader") is None for row in others)
        properties = table._tbl.tblPr
        assert properties.find(f"{W}tblCaption").get(f"{W}val")
        assert properties.find(f"{W}tblLook").get(f"{W}firstColumn") == "1"


def test_every_picture_says_what_it_shows(made):
    assert made.inline_shapes
    assert all(shape._inline.docPr.get("descr") for shape in made.inline_shapes)


def test_a_picture_stays_with_its_caption_and_a_caption_with_its_table(made):
    held = [p for p in made.paragraphs if p._p.findall(f".//{W}drawing")]
    assert held
    assert all(p.paragraph_format.keep_with_next for p in held)
    for table in made.tables:
        caption = table._tbl.getprevious()
        assert caption.pPr.find(f"{W}keepNext") is not None
        assert all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in table.rows[0].cells)


def test_columns_have_the_width_that_their_cells_ask_for(made):
    for table in made.tables:
        widths = [column.width.cm for column in table.columns]
        assert sum(widths) == pytest.approx(16, abs=0.1)
    assert any(max(widths) > 3 * min(widths) for widths in
               ([column.width for column in table.columns] for table in made.tables))  # fmt: skip


def test_every_page_bears_its_number(made, team_files):
    footer = made.sections[0].footer._element
    assert [element.text for element in footer.iter(f"{W}instrText")] == ["PAGE"]
    assert team_files[0].footer in "".join(element.text or "" for element in footer.iter(f"{W}t"))


def test_the_contents_lead_to_the_headings(made, team_files):
    body = made.element.body
    places = {mark.get(f"{W}name"): mark.getparent() for mark in body.iter(f"{W}bookmarkStart")}
    links = list(body.iter(f"{W}hyperlink"))
    said = ["".join(element.text for element in link.iter(f"{W}t")) for link in links]
    assert said == [part.title for part in team_files[0].parts if part.level <= 3]
    for link, title in zip(links, said, strict=True):
        heading = places[link.get(f"{W}anchor")]
        assert "".join(element.text for element in heading.iter(f"{W}t")) == title


def test_the_page_in_plain_words_stands_by_itself(made):
    opening = [p.text for p in made.paragraphs if p.paragraph_format.page_break_before]
    assert opening == ["In plain words", "Before you read on", "A sheet for talking it over"]


def test_a_title_longer_than_a_property_may_be_is_cut_there_and_nowhere_else(report_for, facts):
    document = report_for(facts=facts | {"title": "long " * 60}, figures={})
    made = docx.Document(io.BytesIO(write_document(document, "docx")))
    assert len(made.core_properties.title) == 255
    assert made.paragraphs[0].text == document.title


def test_names_with_marks_right_to_left_text_and_pictures_stay_as_they_are(report_for, study_tables):
    names = ["<b>bold</b>\x07", "שלום 😀"]
    study_tables["corpora"]["title"] = names
    made = docx.Document(io.BytesIO(write_document(report_for(tables=study_tables, figures={}), "docx")))
    cells = {cell.text for table in made.tables for row in table.rows for cell in row.cells}
    assert {"<b>bold</b>\ufffd", "שלום 😀"} <= cells


def test_the_archive_holds_no_time(team_files):
    with zipfile.ZipFile(io.BytesIO(team_files[1]["docx"])) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(("format", "package"), [("docx", "docx"), ("pdf", "typst")])
def test_a_missing_package_is_named_with_what_to_install(report_for, monkeypatch, format, package):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ReportError, match=r'pip install "peercompare\[report\]"'):
        write_document(report_for(figures={}), format)
