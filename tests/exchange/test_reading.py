import json
import sqlite3
import zipfile

import pytest

from peercompare.errors import ExchangeError
from peercompare.exchange.reading import TOOLS, detect_tool, read_project

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
