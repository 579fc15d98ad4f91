"""Faulty files through the command line: one clear error with file and place, and nothing written."""

import csv
import json

import pytest

from peercompare.cli import main
from peercompare.corpus import open_corpus

LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
FACTS = ["--set", "date=2024-02-03", "setting=community", "employer_id=E1", "site_id=S1"]
SPOKEN = ["--genre", "session_transcript"]
ROSTER = "label,speaker_id,person_id,role\nAnn,W01,W01,peer\nBen,P01,S1-P01,participant\n"


def import_(source, folder, *further):
    return main(["import", str(source), "--out", str(folder), *FACTS, *further])


@pytest.mark.parametrize(
    ("name", "content", "further", "told"),
    [
        ("a.txt", b"Guide\n\nA caf\xe9 guide.\n", [], "a.txt, line 3: byte 13 is not UTF-8"),
        ("a.txt", "Guide\n\nBe.\n".encode("utf-16-le"), [], "a.txt, line 1: a zero byte"),
        ("a.txt", b"Guide\n\nBe.\n", ["--encoding", "klingon"], "a.txt: Python knows no encoding 'klingon'"),
        ("a.docx", LOCKED, [], "a.docx: the Word file is encrypted"),
        ("a.docx", LOCKED, SPOKEN, "a.docx: the Word file is encrypted"),
        ("a.vtt", b"WEBVTT\n\n", SPOKEN, "a.vtt: no line holds -->"),
        ("a.srt", b"", SPOKEN, "a.srt: the file is empty"),
        ("a.sbv", b"\n\n", SPOKEN, "a.sbv: the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(tmp_path, write, capsys, name, content, further, told):
    roster = ["--roster", str(write("roster.csv", ROSTER))] if further == SPOKEN else []
    (tmp_path / "made").mkdir()
    assert import_(write(name, content), tmp_path / "made" / "out", *further, *roster) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.parametrize("further", [[], SPOKEN])
def test_a_scanned_pdf_is_refused_with_its_remedy(tmp_path, write, make_pdf, capsys, further):
    roster = ["--roster", str(write("roster.csv", ROSTER))] if further else []
    (tmp_path / "made").mkdir()
    assert import_(write("scan.pdf", make_pdf([[], []])), tmp_path / "made" / "out", *further, *roster) == 1
    assert "scan.pdf: the PDF has no text on its 2 pages: it is scanned" in capsys.readouterr().err
    assert list((tmp_path / "made").iterdir()) == []


def test_a_page_of_100_megabytes_is_refused_unread(tmp_path, capsys):
    page = tmp_path / "page.html"
    with open(page, "wb") as stream:
        stream.truncate(100 * 2**20)
    (tmp_path / "made").mkdir()
    assert import_(page, tmp_path / "made" / "out") == 1
    assert "page.html: the file has 100 MB; 20 MB are the most" in capsys.readouterr().err
    assert list((tmp_path / "made").iterdir()) == []


def test_two_speakers_of_one_name_are_refused_with_both_places(tmp_path, write, capsys):
    talk = write("talk.txt", "ANN: Hello.\nBEN: Hi.\nann: Me too.\n")
    roster = write("roster.csv", f"{ROSTER}ANN,P02,S1-P02,participant\n")
    (tmp_path / "made").mkdir()
    assert import_(talk, tmp_path / "made" / "out", *SPOKEN, "--roster", str(roster)) == 1
    assert "roster.csv, row 4: two rows have the label 'ANN'; the other is roster.csv, row 2" in (
        capsys.readouterr().err
    )
    assert list((tmp_path / "made").iterdir()) == []


def test_faults_of_all_files_of_a_folder_are_told_at_once(tmp_path, write, make_pdf, capsys):
    write("in/a.txt", b"caf\xe9\n")
    write("in/b.docx", LOCKED)
    write("in/c.pdf", make_pdf([[]]))
    write("in/d.txt", "Guide\n\nBe with people.\n")
    assert import_(tmp_path / "in", tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert all(name in error for name in ("a.txt, line 1", "b.docx", "c.pdf"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_a_cell_that_begins_with_an_equals_sign_is_text_and_no_formula(tmp_path, write):
    row = {"id": "1", "t": "=1+1", "b": "=SUM(A1) is what they say. Be with people.", "e": "=cmd|x"}
    mapping = write("m.toml", 'document_id = "id"\ntitle = "t"\ntext = "b"\nemployer = "e"\n')
    dump = write("a.jsonl", json.dumps(row) + "\n")
    assert import_(dump, tmp_path / "out", "--mapping", str(mapping)) == 0
    (told,) = csv.DictReader((tmp_path / "out" / "documents.csv").read_text("utf-8").splitlines())
    assert (told["title"], told["employer"]) == ("'=1+1", "'=cmd|x")
    text = open_corpus(tmp_path / "out").documents["text"].iloc[0]
    assert text == "=1+1\n\n=SUM(A1) is what they say. Be with people.\n"
