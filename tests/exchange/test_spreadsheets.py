import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peercompare.errors import ExchangeError
from peercompare.exchange.project import UNKNOWN_CODER, code_paths
from peercompare.exchange.quotes import located, places_of
from peercompare.exchange.segment_mapping import read_segment_mapping
from peercompare.exchange.spreadsheets import read_coded_segments

TEXTS = {
    "One.txt": "KIM: We share what we know.\r\nLEE: Yes. =well= and 😀 so on.\r\nKIM: Yes.",
    "Two.docx": "The plan is signed.\nThe plan is kept.",
}


@pytest.fixture
def table(tmp_path):
    """Write rows as CSV or XLSX and return the path."""

    def write(header, *rows, name="table.csv"):
        path = tmp_path / name
        if name.endswith(".xlsx"):
            from openpyxl import Workbook

            book = Workbook()
            for at, row in enumerate([header, *rows], start=1):
                for column, cell in enumerate(row, start=1):
                    book.active.cell(at, column, cell).data_type = "s"
            book.save(path)
        else:
            with open(path, "w", newline="", encoding="utf-8-sig") as stream:
                csv.writer(stream).writerows([header, *rows])
        return path

    return write


def spans(project):
    paths = code_paths(project.codes)
    names = {each.id: each.name for each in project.coders}
    return [
        (each.document_id, each.quote, paths[each.code_id], names[each.coder_id]) for each in project.spans
    ]


def faults(path, mapping, texts=TEXTS, **how):
    with pytest.raises(ExchangeError) as caught:
        read_coded_segments(path, mapping, texts, **how)
    return [str(each) for each in caught.value.problems]


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_maxqda_segments_are_found_by_their_words(table, name):
    path = table(
        ["Document group", "Document name", "Code", "Beginning", "End", "Segment", "Created by", "Comment"],
        ["", "One", "Roles > Sharing", "1", "1", "We share what we know.", "ann", "sure"],
        ["", "Two", "Plans", "1", "2", "signed. The plan", "bo", ""],
        ["", "One", "Signs", "2", "2", "=well= and", "ann", ""],
        name=name,
    )
    found = read_coded_segments(path, "maxqda", TEXTS)
    assert spans(found) == [
        ("One.txt", "We share what we know.", "Roles > Sharing", "ann"),
        ("One.txt", "=well= and", "Signs", "ann"),
        ("Two.docx", "signed.\nThe plan", "Plans", "bo"),
    ]
    assert found.spans[0].memo == "sure"
    assert found.origin == "MAXQDA"
    assert [code.is_codable for code in found.codes if code.name == "Roles"] == [False]


def test_atlasti_quotations_with_several_codes_give_one_span_for_each(table):
    path = table(
        ["ID", "Document", "Quotation Content", "Codes"],
        ["1:1", "One.txt", "We share", "Sharing\nTalk"],
        ["1:2", "One.txt", "what we know", ""],
    )
    found = read_coded_segments(path, "atlasti", TEXTS, coder="cy")
    assert spans(found) == [
        ("One.txt", "We share", "Sharing", "cy"),
        ("One.txt", "We share", "Talk", "cy"),
    ]
    assert [(each.what, each.count) for each in found.not_carried] == [
        ("rows without a code", 1),
        ("cells of the column 'ID'", 2),
    ]


def test_where_no_column_says_who_coded_it_is_said(table):
    path = table(
        ["Document name", "Code", "Segment", "Modified by", "Weight score"],
        ["One", "Sharing", "We share", "ann", ""],
        ["Two", "Plans", "The plan is kept.", "bo", ""],
    )
    found = read_coded_segments(path, "maxqda", TEXTS)
    assert {span.coder_id for span in found.spans} == {UNKNOWN_CODER}
    assert [str(each) for each in found.not_carried] == [
        "table.csv: 2 cells of the column 'Modified by'",
        "table.csv: 2 codings of which nothing says who coded (--coder NAME does)",
    ]
    named = read_coded_segments(path, "maxqda", TEXTS, coder="cy")
    assert [each.what for each in named.not_carried] == ["cells of the column 'Modified by'"]


def dedoose(table, first, last, words="so on."):
    return table(
        ["Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Copy", "Codes Applied Combined",
         "Code: Roles Applied", "Code: Roles\\Sharing Applied", "Code: Roles Weight"],
        ["One", f"{first}-{last}", "dee", words, "Sharing", "False", "True", "3"],
    )  # fmt: skip


@pytest.mark.parametrize("shift", [0, 1])
def test_dedoose_positions_are_counted_as_the_words_say(table, shift):
    start = TEXTS["One.txt"].index("so on.") + shift
    found = read_coded_segments(dedoose(table, start, start + 6), "dedoose", TEXTS)
    assert spans(found) == [("One.txt", "so on.", "Roles > Sharing", "dee")]


def test_positions_that_do_not_fit_the_words_are_refused_and_can_be_left_aside(table):
    path = dedoose(table, 3, 9)
    assert "row 2" in faults(path, "dedoose")[0]
    found = read_coded_segments(path, "dedoose", TEXTS, positions=False)
    assert spans(found) == [("One.txt", "so on.", "Roles > Sharing", "dee")]


def test_words_that_stand_nowhere_or_twice_are_listed_and_refused(table):
    path = table(
        ["Document name", "Code", "Segment"],
        ["One", "a", "Yes."],
        ["One", "a", "We share nothing"],
        ["Three", "a", "x"],
        ["", "a", "x"],
        ["Two", "a", "The plan is sig..."],
        ["Two", "a", "The plan is kept."],
    )
    found = faults(path, "maxqda")
    assert [each.split(":")[0] for each in found] == [f"table.csv, row {n}" for n in (2, 3, 4, 5, 6)]
    assert "2 places" in found[0]
    assert "do not stand" in found[1]
    assert "no document is called 'Three'" in found[2]
    assert "cut short" in found[4]
    assert "share" not in "".join(found)


def test_codings_of_pictures_are_listed_by_row_and_do_not_stop_the_words(table):
    rows = [["photo.png", "a", ""], ["Two", "a", "The plan is kept."], ["film.mp4", "a", " "]]
    found = read_coded_segments(
        table(["Document name", "Code", "Segment"], *rows), "maxqda", TEXTS, coder="cy"
    )
    assert [each.quote for each in found.spans] == ["The plan is kept."]
    assert [(each.where, each.count) for each in found.not_carried] == [("row 2", 1), ("row 4", 1)]


def test_two_documents_of_one_name_are_not_told_apart(table):
    path = table(["Document name", "Code", "Segment"], ["one", "a", "x"])
    assert "2 documents could be" in faults(path, "maxqda", {"One.txt": "x", "one.docx": "x"})[0]


def test_a_mapping_file_reads_any_table(table, tmp_path):
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        'origin = "ours"\ncode_separator = ";"\nlevel_separator = "/"\nfirst_position = 1\n'
        "end_inclusive = true\n"
        '[columns]\ndocument = "file"\nquote = ["words", "text"]\n'
        'code = "codes"\ncoder = "who"\nmemo = "note"\n'
        'start = "from"\nend = "to"\n'
    )
    path = table(
        ["file", "text", "codes", "who", "note", "from", "to"],
        ["Two", "The plan", "A/B; C", "=ann", "-x", "1", "8"],
        ["Two", "The plan", "C", "=ann", "", "21", "28"],
    )
    found = read_coded_segments(path, mapping, TEXTS)
    assert spans(found) == [
        ("Two.docx", "The plan", "A > B", "=ann"),
        ("Two.docx", "The plan", "C", "=ann"),
        ("Two.docx", "The plan", "C", "=ann"),
    ]
    assert [each.start for each in found.spans] == [0, 0, 20]
    assert found.spans[0].memo == "-x"
    assert found.origin == "ours"


def test_a_faulty_mapping_lists_every_fault(tmp_path):
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        'first_position = 2\nend_inclusive = "yes"\nshet = "x"\n[columns]\ncoed = "a"\nmemo = 3\n'
    )
    with pytest.raises(ExchangeError) as caught:
        read_segment_mapping(mapping)
    said = " ".join(str(each) for each in caught.value.problems)
    for words in (
        "'shet'",
        "did you mean code",
        "memo is 3",
        "end_inclusive",
        "the document",
        "first_position",
    ):
        assert words in said
    mapping.write_text("columns = [")
    with pytest.raises(ExchangeError, match="not TOML"):
        read_segment_mapping(mapping)


def test_missing_columns_are_named_with_those_that_are_there(table):
    with pytest.raises(ExchangeError, match="its columns are Doc, Quote") as caught:
        read_coded_segments(table(["Doc", "Quote"], ["a", "b"]), "nvivo", TEXTS)
    assert len(caught.value.problems) == 3
    with pytest.raises(ExchangeError, match="mappings are maxqda"):
        read_coded_segments(table(["a"], ["b"]), "excel", TEXTS)


def test_without_a_coder_codings_go_to_the_unknown_one(table):
    path = table(["document", "content", "tag", "id"], ["Two", "signed", "t", "1"])
    assert read_coded_segments(path, "taguette", TEXTS).spans[0].coder_id == UNKNOWN_CODER


def test_documents_come_from_a_folder_too(table, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "Two.txt").write_bytes("\ufeffThe plan is signed.\r\nThe plan is kept.".encode())
    path = table(["document", "content", "tag"], ["Two", "signed. The", "t"])
    found = read_coded_segments(path, "taguette", folder)
    assert found.documents[0].text == "The plan is signed.\nThe plan is kept."
    assert found.spans[0].quote == "signed.\nThe"
    with pytest.raises(ExchangeError, match="has no documents"):
        read_coded_segments(path, "taguette", tmp_path / "nowhere")
    (folder / "Bad.txt").write_bytes(b"\xff")
    with pytest.raises(ExchangeError, match=r"Bad\.txt: byte 1 is not UTF-8"):
        read_coded_segments(path, "taguette", folder)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xff\xff", "UTF-8"),
        (b'a,b\n"x,1\n', "not CSV"),
        (b"a,a\n1,2\n", "two columns"),
        (b"a,b\n1,2,3\n", "more cells than columns"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(tmp_path, data, words):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(ExchangeError, match=words):
        read_coded_segments(path, "maxqda", TEXTS)


def test_a_file_that_is_no_spreadsheet_is_refused(tmp_path):
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ExchangeError, match="damaged"):
        read_coded_segments(path, "maxqda", TEXTS)
    with pytest.raises(ExchangeError, match="no such file"):
        read_coded_segments(tmp_path / "none.xlsx", "maxqda", TEXTS)


@given(st.text("ab \n\u00e9", max_size=12), st.text("ab \n", max_size=4), st.text("ab \n\u00e9", max_size=12))
def test_words_are_never_put_where_others_stand(before, words, after):
    text = before + words + after
    place, what, _ = located(words, text)
    if place is None:
        assert what
        assert not words.split() or len(places_of(words, text)) != 1
    else:
        assert text[slice(*place)].split() == words.split()
        assert place == (len(before) + len(words) - len(words.lstrip()), len(before) + len(words.rstrip()))
