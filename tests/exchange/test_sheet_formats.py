import dataclasses
import io
import zipfile

import pandas as pd
import pytest
from openpyxl import load_workbook

from peercompare.corpus import open_corpus
from peercompare.errors import CodingError, ExchangeError, InputError
from peercompare.exchange.from_corpus import FURTHER
from peercompare.exchange.project import ProjectCode, ProjectCoder, Span
from peercompare.exchange.refi_reader import read_qdpx
from peercompare.exchange.refi_writer import write_qdpx
from peercompare.exchange.sheet_formats import read_coded_sheet, write_sheet
from peercompare.exchange.sheet_project import sheet_to_project
from peercompare.exchange.table_files import read_sheet
from peercompare.files import write_table
from peercompare.sheets import CONTEXT, TO_CODE, coding_sheet

FORMS = ["sheet.csv", "sheet.xlsx", "sheet.qdpx"]


@pytest.fixture(scope="module")
def few(corpora_folder):
    """Two sessions, one with an emoji put in, and words that a spreadsheet would run."""
    sessions = open_corpus(corpora_folder / "session_transcripts", as_of="2024-06-30", policy="redact")
    keep = sessions.documents["document_id"].isin(sessions.documents["document_id"].iloc[:2])
    documents = sessions.documents[keep].reset_index(drop=True)
    segments = sessions.segments[sessions.segments["document_id"].isin(documents["document_id"])]
    segments = segments.reset_index(drop=True)
    first = segments.iloc[0]
    words = f"=\U0001f600{first['text'][2:]}"
    at = documents.index[documents["document_id"] == first["document_id"]][0]
    text = documents.loc[at, "text"]
    documents.loc[at, "text"] = text[: first["start"]] + words + text[first["end"] :]
    segments.loc[0, "text"] = words
    return dataclasses.replace(sessions, documents=documents, segments=segments)


@pytest.fixture(scope="module")
def given_out(few):
    return coding_sheet(few, seed=7, coder_id="ann")


@pytest.fixture(scope="module")
def choices(given_out, deegan):
    """What the coder decides, by sheet_id: (code, further codes, tags, memo)."""
    sheet, _ = given_out
    ids = sheet.loc[sheet["status"] == TO_CODE, "sheet_id"].tolist()
    made = {each: (deegan.none.id, [], [], "") for each in ids}
    a, b, c = deegan.code_ids[:3]
    made[ids[0]] = (a, [b, c], [deegan.tags[0].id, deegan.tags[1].id], "not sure\nof it")
    made[ids[3]] = (b, [a], [], "")
    return made


def expected(choices, key):
    rows = []
    for sheet_id, segment_id in zip(key["sheet_id"], key["segment_id"], strict=True):
        code, further, tags, memo = choices[sheet_id]
        rows.append((segment_id, "ann", code, True, " ".join(tags), memo))
        rows += [(segment_id, "ann", each, False, "", "") for each in further]
    columns = ["segment_id", "coder_id", "code", "is_primary", "tags", "memo"]
    return pd.DataFrame(rows, columns=columns)


def coded(path, choices):
    """Do what a coder does, in the form in which the sheet was given out."""
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        for at, sheet_id in enumerate(table["sheet_id"]):
            if sheet_id:
                code, further, tags, memo = choices[sheet_id]
                filled = [code, ", ".join(further), " ".join(tags), memo]
                table.loc[at, ["code", "further_codes", "tags", "memo"]] = filled
        write_table(table, path)
    elif path.suffix == ".xlsx":
        book = load_workbook(path)
        page = book["to code"]
        column = {cell.value: cell.column for cell in page[1]}
        for row in range(2, page.max_row + 1):
            sheet_id = page.cell(row, column["sheet_id"]).value
            if sheet_id:
                code, further, tags, memo = choices[sheet_id]
                filled = {
                    "code": code,
                    "further_codes": " ".join(further),
                    "tags": " ".join(tags),
                    "memo": memo,
                }
                for name, words in filled.items():
                    page.cell(row, column[name]).value = words or None
        book.move_sheet("to code", 2)
        book.save(path)
    else:
        in_tool(path, choices)


def in_tool(path, choices, *, spans=None, coders=("Ann in NVivo",), codes=()):
    """Code a project as another tool does: identifiers of its own, line ends of its own."""
    project = read_qdpx(path)
    by_name = {code.name: code.id for code in project.codes}
    made = []
    for document in project.documents:
        for line in document.text.split("\n\n["):
            sheet_id = line.removeprefix("[").split("]")[0]
            if sheet_id in choices:
                words = line.split("] ", 1)[1].split(": ", 1)[-1]
                start = document.text.index(words, document.text.index(sheet_id))
                code, further, tags, memo = choices[sheet_id]
                rows = [(code, memo), *((each, FURTHER) for each in further), *((tag, "") for tag in tags)]
                made += [(document.id, start, start + len(words), *row) for row in rows]
    made = made if spans is None else spans(project, made)
    found = tuple(
        Span(f"s{at}", document, start, end, by_name.get(code, code), f"c{at % len(coders)}", memo)
        for at, (document, start, end, code, memo) in enumerate(made)
    )
    people = tuple(ProjectCoder(f"c{at}", name) for at, name in enumerate(coders))
    changed = dataclasses.replace(
        project, name="from a tool", coders=people, spans=found, codes=(*project.codes, *codes)
    )
    write_qdpx(changed, path, force=True)
    rewrite(path)


def rewrite(path):
    """Write the project as another program's, its texts with CRLF (which its positions count as one)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            data = before.read(name).replace(b'origin="peercompare"', b'origin="A tool"')
            if name.endswith(".txt"):
                data = data.replace(b"\n", b"\r\n")
            after.writestr(name, data)
    path.write_bytes(buffer.getvalue())


@pytest.mark.parametrize("name", FORMS)
def test_a_sheet_goes_out_is_coded_and_comes_back(given_out, choices, deegan, tmp_path, name):
    sheet, key = given_out
    path = write_sheet(sheet, tmp_path / name, framework=deegan)
    coded(path, choices)
    found = read_coded_sheet(path, key, coder_id="ann", framework=deegan)
    pd.testing.assert_frame_equal(found, expected(choices, key), check_dtype=False)


def test_a_sheet_in_csv_begins_as_excel_needs_it(given_out, deegan, tmp_path):
    path = write_sheet(given_out[0], tmp_path / "sheet.csv", framework=deegan)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfsheet_id,")


@pytest.mark.parametrize("name", FORMS)
def test_a_sheet_that_is_half_done_comes_back_where_that_is_allowed(
    given_out, choices, deegan, tmp_path, name
):
    sheet, key = given_out
    path = write_sheet(sheet, tmp_path / name, framework=deegan)
    some = {each: what if at < 5 else ("", [], [], "") for at, (each, what) in enumerate(choices.items())}
    coded(path, some if name != "sheet.qdpx" else {k: v for k, v in some.items() if v[0]})
    with pytest.raises(CodingError) as caught:
        read_coded_sheet(path, key, coder_id="ann", framework=deegan)
    assert len(caught.value.problems) == len(choices) - 5
    found = read_coded_sheet(path, key, coder_id="ann", framework=deegan, unfinished=True)
    assert found["is_primary"].sum() == 5


@pytest.mark.parametrize("name", FORMS)
def test_no_form_names_a_person_or_a_document(given_out, few, deegan, tmp_path, name):
    path = write_sheet(given_out[0], tmp_path / name, framework=deegan)
    data = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            data = b"".join(archive.read(each) for each in archive.namelist())
    for column in ("document_id", "worker_id", "site_id"):
        for value in few.documents[column]:
            assert value.encode() not in data
    for segment_id in few.segments["segment_id"]:
        assert segment_id.encode() not in data


@pytest.mark.parametrize("name", FORMS)
def test_a_file_that_is_there_is_not_replaced(given_out, deegan, tmp_path, name):
    path = tmp_path / name
    path.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_sheet(given_out[0], path, framework=deegan)
    assert path.read_text() == "mine"
    assert write_sheet(given_out[0], path, framework=deegan, force=True).stat().st_size > 1000


def test_a_workbook_has_a_frozen_header_a_list_of_codes_and_no_formula(given_out, deegan, tmp_path):
    path = write_sheet(given_out[0], tmp_path / "sheet.xlsx", framework=deegan)
    book = load_workbook(path)
    assert book.sheetnames == ["to code", "codes", "tags"]
    page = book["to code"]
    assert page.freeze_panes == "A2"
    (choice,) = page.data_validations.dataValidation
    assert choice.formula1 == f"codes!$A$2:$A${len(deegan.code_ids) + 2}"
    assert str(choice.sqref) == f"F2:F{len(given_out[0]) + 1}"
    assert page["F1"].value == "code"
    listed = [cell.value for cell in book["codes"]["A"][1:]]
    assert listed == [*deegan.code_ids, deegan.none.id]
    cells = [cell for each in book for row in each.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.value.startswith(("=", "+", "-", "@"))]
    assert any(cell.value.startswith("'=\U0001f600") for cell in cells)


@pytest.mark.parametrize("name", FORMS[:2])
def test_a_memo_put_in_beforehand_is_no_formula_either(given_out, deegan, tmp_path, name):
    sheet = given_out[0].copy()
    sheet.loc[0, "memo"] = "=HYPERLINK(1)"
    path = write_sheet(sheet, tmp_path / name, framework=deegan)
    written = read_sheet(path).rows[0][1]["memo"]
    assert written == "'=HYPERLINK(1)"


def test_the_same_sheet_is_the_same_project(given_out, deegan, tmp_path):
    one, two = (
        write_sheet(given_out[0], tmp_path / each, framework=deegan).read_bytes()
        for each in ("a.qdpx", "b.qdpx")
    )
    assert one == two


def refused(given_out, choices, framework, tmp_path, spans, kind=ExchangeError, **how):
    path = write_sheet(given_out[0], tmp_path / "sheet.qdpx", framework=framework)
    in_tool(path, choices, spans=spans, **how)
    with pytest.raises(kind) as caught:
        read_coded_sheet(path, given_out[1], coder_id="ann", framework=framework)
    return [str(each) for each in caught.value.problems]


def test_codings_of_context_of_too_little_and_of_no_code_are_listed(given_out, choices, deegan, tmp_path):
    def spans(project, made):
        document = project.documents[0]
        start = document.text.index(f"[{CONTEXT}] ") + len(f"[{CONTEXT}] Speaker A: ")
        mark = document.text.index("[R")
        none = deegan.none.id
        return [
            *made,
            (document.id, start, document.text.index("\n", start), none, ""),
            (document.id, mark, mark + 4, none, ""),
            (document.id, made[0][1], made[0][2], "own", ""),
        ]

    found = refused(given_out, choices, deegan, tmp_path, spans, codes=(ProjectCode("own", "My own code"),))
    assert len(found) == 3
    assert any("coding of context" in each for each in found)
    assert any("less than half of a row" in each for each in found)
    assert any("'My own code' is no code" in each for each in found)


def test_two_codes_of_a_row_need_one_marked_as_further(given_out, choices, deegan, tmp_path):
    def spans(_, made):
        return [*made, (*made[-1][:3], deegan.code_ids[5], "")]

    (found,) = refused(given_out, choices, deegan, tmp_path, spans)
    assert deegan.code_ids[5] in found
    assert FURTHER in found


def test_a_long_coding_gives_its_code_to_the_rows_it_covers_by_half(given_out, deegan, tmp_path):
    sheet, key = given_out
    path = write_sheet(sheet, tmp_path / "sheet.qdpx", framework=deegan)

    def spans(project, _):
        return [(each.id, 0, len(each.text), deegan.none.id, "") for each in project.documents]

    in_tool(path, {}, spans=spans)
    found = read_coded_sheet(path, key, coder_id="ann", framework=deegan)
    assert found["code"].tolist() == [deegan.none.id] * len(key)


def test_of_several_coders_one_must_be_named(given_out, choices, deegan, tmp_path):
    path = write_sheet(given_out[0], tmp_path / "sheet.qdpx", framework=deegan)
    in_tool(path, choices, coders=("Ann", "Bo"))
    how = {"coder_id": "ann", "framework": deegan, "unfinished": True}
    with pytest.raises(ExchangeError, match="codings by 2 people"):
        read_coded_sheet(path, given_out[1], **how)
    with pytest.raises(ExchangeError, match="nobody called 'Cy'"):
        read_coded_sheet(path, given_out[1], **how, who="Cy")


def test_text_that_was_changed_in_the_tool_is_refused(given_out, choices, deegan, tmp_path):
    path = write_sheet(given_out[0], tmp_path / "sheet.qdpx", framework=deegan)
    in_tool(path, choices)
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, data.replace("\U0001f600".encode(), b"!") if name.endswith(".txt") else data)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(InputError):
        read_coded_sheet(path, given_out[1], coder_id="ann", framework=deegan)


@pytest.mark.parametrize("words", ["a\x0bb", "a" * 40_000])
def test_words_that_no_cell_holds_are_refused_and_fit_another_form(given_out, deegan, tmp_path, words):
    sheet = given_out[0].copy()
    sheet.loc[3, "text"] = words
    with pytest.raises(ExchangeError, match=r"sheet\.xlsx, row 5"):
        write_sheet(sheet, tmp_path / "sheet.xlsx", framework=deegan)
    assert not (tmp_path / "sheet.xlsx").exists()
    assert words in "".join(each.text for each in sheet_to_project(sheet, deegan).documents)


def test_another_ending_is_no_form(given_out, deegan, tmp_path):
    with pytest.raises(ExchangeError, match=r"endings are \.csv"):
        write_sheet(given_out[0], tmp_path / "sheet.ods", framework=deegan)
    with pytest.raises(ExchangeError, match=r"endings are \.csv"):
        read_coded_sheet(tmp_path / "sheet.ods", given_out[1], coder_id="ann", framework=deegan)
