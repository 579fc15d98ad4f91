"""Dumps: every row or a reason, nothing computed, nothing held."""

import json
import re
import tracemalloc
import zipfile
from dataclasses import replace
from itertools import combinations

import openpyxl
import pytest

from peercompare.corpus import open_corpus
from peercompare.errors import InputError
from peercompare.readers import documents_to_corpus, read_documents, read_mapping
from peercompare.readers.tables import TableMapping, read_table_postings

MAPPING = TableMapping(
    columns={"document_id": ("job",), "title": ("name",), "text": ("body", "more"), "date": ("day",)},
    constants={"setting": "community"},
    values={"setting": {"community": "peer_run"}},
)
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
ROWS = [
    {"job": "J 1", "name": "Guide", "body": "<p>Be with.</p><ul><li>one</li></ul>", "more": "",
     "day": "2024-02-03"},
    {"job": "J2", "name": "=HYPERLINK(1)", "body": "=cmd|' /C calc'!A0", "more": "And more.",
     "day": "2024-02-04"},
]  # fmt: skip


def check(documents):
    documents = list(documents)
    assert [document.document_id for document in documents] == ["J-1", "J2"]
    assert documents[0].text == "Guide\n\nBe with.\n\n- one\n"
    assert documents[1].text == "=HYPERLINK(1)\n\n=cmd|' /C calc'!A0\n\nAnd more.\n"
    assert [document.metadata["date"] for document in documents] == ["2024-02-03", "2024-02-04"]
    assert documents[0].metadata["setting"] == "peer_run"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_whatever_parts_its_cells(write, delimiter):
    lines = [ROWS[0].keys(), *(row.values() for row in ROWS)]
    quoted = ('"' + cell.replace('"', '""') + '"' for line in lines for cell in line)
    cells = list(quoted)
    text = "\r\n".join(delimiter.join(cells[at : at + 5]) for at in range(0, 15, 5))
    check(read_table_postings(write("a.csv", f"\ufeff{text}\r\n"), MAPPING))


def test_jsonl_is_read_and_may_lack_what_is_empty(write):
    text = "".join(json.dumps({key: cell for key, cell in row.items() if cell}) + "\n" for row in ROWS)
    check(read_table_postings(write("a.jsonl", text), MAPPING))


def test_xlsx_is_read_and_formulas_come_as_their_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append(list(row.values()))
    book.save(tmp_path / "a.xlsx")
    check(read_table_postings(tmp_path / "a.xlsx", MAPPING))


def test_sheets_after_the_first_are_named_as_unread(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    book.active.append(list(ROWS[0].values()))
    book.create_sheet("Notes").append(["more"])
    book.save(tmp_path / "a.xlsx")
    (document,) = read_table_postings(tmp_path / "a.xlsx", MAPPING)
    assert document.warnings == ("a.xlsx: only the first sheet is read, not Notes",)


def test_a_sheet_that_breaks_off_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    book.active.append(list(ROWS[0].values()))
    book.save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as cut:
        for name in whole.namelist():
            content = whole.read(name)
            cut.writestr(name, content[: len(content) * 2 // 3] if "sheet1" in name else content)
    with pytest.raises(InputError, match=r"a\.xlsx: the Excel file is damaged"):
        list(read_table_postings(tmp_path / "a.xlsx", MAPPING))


def test_a_mapping_file_is_read(write):
    path = write(
        "mapping.toml",
        'title = "name"\ntext = ["body", "more"]\nday_format = "%m/%d/%Y"\ndate = "day"\n'
        '[constants]\nsetting = "community"\n[values.region]\n"Mass." = "MA"\n',
    )
    mapping = read_mapping(path)
    assert mapping.columns["text"] == ("body", "more")
    row = {"name": "Guide", "body": "x", "day": "02/03/2024"}
    (document,) = read_documents(write("a.jsonl", json.dumps(row)), genre="job_description", mapping=path)
    assert (document.metadata["date"], document.document_id) == ("2024-02-03", "a-0000001")


def test_a_mapping_may_name_its_columns_as_one_of_coded_segments_does(write):
    text = 'day_format = "%d.%m.%Y"\n[columns]\ntitle = "name"\ntext = "body"\n[constants]\nsetting = "c"\n'
    mapping = read_mapping(write("mapping.toml", text))
    assert mapping.columns == {"title": ("name",), "text": ("body",)}
    assert (mapping.day_format, mapping.constants) == ("%d.%m.%Y", {"setting": "c"})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('title = "name"\n', "the key 'text' is missing"),
        ('[columns]\ntitle = "name"\n', "the key 'text' is missing"),
        ('title = 3\ntext = "a"\n', "title is 3"),
        ('title = "name"\ntext = []\n', r"text is \[\]"),
        ("title = name\n", "the file is not TOML"),
        ('title = "a"\ntext = "b"\n[values]\nx = "y"\n', "no table of translations"),
    ],
)
def test_faulty_mappings_are_refused(write, text, what):
    with pytest.raises(InputError, match=what):
        read_mapping(write("mapping.toml", text))


def test_a_dump_without_a_mapping_is_refused_with_its_columns(write):
    with pytest.raises(InputError, match="the columns are job, name"):
        list(read_documents(write("a.csv", "job,name\n1,2\n"), genre="job_description"))


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", "job,name,body,more\n", ""),
        ("a.csv", "job,nome,body,more,day\n1,2,3,4,\n", "no column 'name' for title .did you mean 'nome'"),
        ("a.csv", "job,name,body,more,day\n1,2,3\n", "row 2: 3 cells where the header has 5"),
        ("a.csv", "job,job,body,more,day\n1,2,3,4,5\n", "row 1: two columns are called 'job'"),
        ("a.csv", 'job,name,body,more,day\n1,"2,3,4,5\n', "the file is not CSV"),
        ("a.csv", "job,name,body,more,day\n1,2,,,\n", "row 2: no words in body, more"),
        ("a.csv", "job,name,body,more,day\n1,2,3,,3.4.2024\n", "row 2: the day cannot be read"),
        ("a.csv", b"job,name,body,more,day\n1,2,caf\xe9,,\n", "a byte is not UTF-8"),
        ("a.jsonl", '{"body": "x"}\n{"body": \n[1]\n', "line 2: the JSON is broken"),
        ("a.jsonl", "[1]\n", "line 1: the line holds no object"),
        ("a.xlsx", b"PK\x03\x04 no more", "damaged or is no Excel file"),
        ("a.xlsx", LOCKED, "the Excel file is encrypted"),
        ("a.csv", "", "the file is empty"),
    ],
)  # fmt: skip
def test_faulty_dumps_are_refused_by_row(write, name, content, what):
    documents = read_table_postings(write(name, content), MAPPING)
    if not what:
        assert list(documents) == []
        return
    with pytest.raises(InputError, match=what) as caught:
        list(documents)
    assert caught.value.problems[0].where.startswith(name)


def test_rows_without_words_are_left_out_where_the_mapping_says_so(write):
    lines = [
        "{}", '{"job": "1", "name": "t", "body": "x", "more": "", "day": ""}', '{"job": "2", "name": "t"}',
        '{"name": "t"}',
    ]  # fmt: skip
    lenient = replace(MAPPING, without_words="leave out")
    (document,) = read_table_postings(write("a.jsonl", "\n".join(lines)), lenient)
    assert document.document_id == "1"
    assert [warning.split(":")[0] for warning in document.warnings] == [
        "a.jsonl, line 1", "a.jsonl, line 3", "a.jsonl, line 4",
    ]  # fmt: skip


@pytest.mark.fixtures
def test_a_real_dump_of_questionnaires_is_imported_with_its_many_copies_grouped(
    fixtures_folder, write, tmp_path
):
    dump = fixtures_folder / "us_federal" / "federal_peer_vs_mh_clinical.csv"
    mapping = write(
        "mapping.toml",
        'document_id = "file"\ntitle = "position_title"\ntext = "job_specific_text"\nemployer = "agency"\n'
        'without_words = "leave out"\n[constants]\nsetting = "clinical_team"\ndate = "2025-01-01"\n',
    )
    documents = read_documents(dump, genre="job_description", mapping=mapping)
    how = {"genre": "job_description", "name": "federal", "framework": "deegan2017"}
    report = documents_to_corpus(documents, tmp_path / "out", **how)
    assert (report.n_documents, report.n_warnings) == (534, 9)
    assert report.n_duplicates > 100
    table = open_corpus(tmp_path / "out").documents
    words = [re.findall(r"\w+", text.casefold()) for text in table["text"][:150]]
    shingles = [{tuple(each[at : at + 5]) for at in range(len(each) - 4)} for each in words]
    groups = table["duplicate_group"].tolist()
    alike = [
        (one, two)
        for two, one in combinations(range(150), 2)
        if len(shingles[one] & shingles[two]) >= 0.92 * len(shingles[one] | shingles[two])
    ]
    assert len(alike) > 20
    assert all(groups[one] and groups[one] == groups[two] for one, two in alike)


def test_all_faulty_rows_are_told_and_nothing_is_yielded_after_the_first(write):
    good = '{"job": "1", "name": "t", "body": "x"}'
    text = "\n".join([good, good, "{", good, "{"])
    found = []
    with pytest.raises(InputError) as caught:  # noqa: PT012 - what came before the error is asked too
        for document in read_table_postings(write("a.jsonl", text), MAPPING):
            found.append(document)
    assert [problem.where for problem in caught.value.problems] == ["a.jsonl, line 3", "a.jsonl, line 5"]
    assert len(found) == 1


def test_memory_does_not_grow_with_the_dump(write):
    line = json.dumps({"job": "", "name": "t", "body": "word " * 2000}) + "\n"
    peaks = []
    for size in (20, 400):
        path = write(f"{size}.jsonl", line * size)
        tracemalloc.start()
        assert sum(1 for _ in read_table_postings(path, MAPPING)) == size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**20
