import json
import sqlite3
import zipfile

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.reading import TOOLS, detect_tool, is_coded, read_project

TEXT = "We share what we know."


@pytest.fixture
def files(tmp_path):
    """One small file or folder of each kind, by the tool that it is of."""
    found = {name: tmp_path / name for name in ("brat", "study.qda", "project", "lines")}
    for folder in found.values():
        folder.mkdir()
    (found["brat"] / "a.txt").write_text(TEXT)
    (found["brat"] / "a.ann").write_text("T1\tPeer 3 8\tshare\n")
    (found["lines"] / "ann.jsonl").write_text(json.dumps({"id": 1, "text": TEXT, "label": [[3, 8, "Peer"]]}))
    inner = found["project"] / "annotation" / "a.txt"
    inner.mkdir(parents=True)
    (inner / "ann.zip").write_bytes(b"")
    for name, tables in {"study.qda/data.qda": ["code_text"], "t.sqlite3": ["highlights", "tags"]}.items():
        with sqlite3.connect(tmp_path / name) as db:
            for table in tables:
                db.execute(f"CREATE TABLE {table} (id integer)")
        db.close()
    with zipfile.ZipFile(tmp_path / "inception.zip", "w") as archive:
        archive.writestr("annotation/a.txt/ann.zip", b"")
    with zipfile.ZipFile(tmp_path / "doccano.zip", "w") as archive:
        archive.writestr("ann.jsonl", b"")
    for name in ("a.qdpx", "a.qdc", "a.json", "a.xlsx", "a.html", "a.bin"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("a.qdpx", "refi"),
        ("a.qdc", "refi-codebook"),
        ("study.qda", "qualcoder"),
        ("study.qda/data.qda", "qualcoder"),
        ("t.sqlite3", "taguette"),
        ("a.html", "taguette-highlights"),
        ("a.xlsx", "segments"),
        ("a.json", "label-studio"),
        ("lines", "doccano"),
        ("doccano.zip", "doccano"),
        ("brat", "brat"),
        ("brat/a.ann", "brat"),
        ("project", "inception"),
        ("inception.zip", "inception"),
    ],
)
def test_the_tool_is_told_by_the_file(files, name, tool):
    assert detect_tool(files / name) == tool
    assert tool in TOOLS


@pytest.mark.parametrize("name", ["a.bin", "none", "."])
def test_what_is_of_no_tool_is_refused(files, name):
    with pytest.raises(ExchangeError):
        detect_tool(files / name / "x" if name == "." else files / name)


def test_projects_are_read_through_one_door(files):
    assert read_project(files / "brat", coder="ann").spans[0].quote == "share"
    assert read_project(files / "lines").coders[0].name == "ann"
    (files / "a.csv").write_text("document,content,tag\nOne,share,Peer\n")
    found = read_project(files / "a.csv", mapping="taguette", documents={"One": TEXT})
    assert found.spans[0].code_id == "Peer"
    with pytest.raises(ExchangeError, match="no Taguette project"):
        read_project(files / "t.sqlite3")


def test_what_a_spreadsheet_needs_is_asked_for_at_once(files):
    with pytest.raises(ExchangeError) as caught:
        read_project(files / "a.xlsx")
    assert [each.where for each in caught.value.problems] == ["documents", "mapping"]
    with pytest.raises(ExchangeError, match="No tool is called"):
        read_project(files / "a.xlsx", tool="excel")


@pytest.mark.parametrize(
    ("name", "text", "coded"),
    [
        ("tasks.json", '[{"id": 1, "data": {"text": "a"}, "annotations": []}]', True),
        ("page.json", '{"@type": "JobPosting", "title": "Peer"}', False),
        ("ann.jsonl", '{"id": 1, "text": "a", "label": [[0, 1, "x"]]}', True),
        ("dump.jsonl", '{"id": 1, "text": "a", "label": "urgent"}', False),
        ("table.csv", "a,b\n", False),
        ("words.txt", "Ann: hello", False),
    ],
)
def test_coded_json_is_told_from_postings_and_tables_are_neither(tmp_path, name, text, coded):
    (tmp_path / name).write_text(text)
    assert is_coded(tmp_path / name) is coded


def test_folders_and_databases_of_tools_are_coded_and_folders_of_texts_are_not(files):
    for name in ("brat", "study.qda", "project", "lines", "t.sqlite3", "inception.zip"):
        assert is_coded(files / name), name
    (files / "texts").mkdir()
    (files / "texts" / "a.txt").write_text(TEXT)
    assert not is_coded(files / "texts")


def test_a_reader_is_told_what_it_knows_and_nothing_else(files):
    header = "Media Title,Excerpt Range,Excerpt Copy,Code: Peer Applied"
    (files / "a.csv").write_text(f"{header}\nOne,90-99,share,True\n")
    how = {"mapping": "dedoose", "documents": {"One": TEXT}}
    with pytest.raises(ExchangeError, match="past a text"):
        read_project(files / "a.csv", **how)
    assert read_project(files / "a.csv", positions="no", **how).spans[0].start == 3
    assert read_project(files / "a.csv", **{**how, "mapping": "dedoose-words"}).spans[0].start == 3
    with pytest.raises(ExchangeError) as caught:
        read_project(files / "a.csv", positions="perhaps", colour="red", **how)
    assert [each.where for each in caught.value.problems] == ["colour", "positions"]
