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
