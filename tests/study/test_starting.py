"""A new study folder holds all that a study needs but the texts, and says what to do next."""

import os
import re
import tomllib
from datetime import date

import nbformat
import pytest

from peercompare.cli import main
from peercompare.corpus import open_corpus
from peercompare.errors import CorpusError, InputError
from peercompare.study import read_study
from peercompare.study.starting import CORPUS, POSTINGS, SESSIONS, start_study

DAY = date(2024, 6, 30)


@pytest.fixture(params=[POSTINGS, SESSIONS])
def started(request, tmp_path):
    return start_study(tmp_path / "my-study", genre=request.param, as_of=DAY)


def test_everything_is_there(started):
    names = {path.relative_to(started).as_posix() for path in started.rglob("*") if path.is_file()}
    assert names >= {
        "README.md",
        "study.toml",
        "09_your_own_study.ipynb",
        "my_corpus/corpus.toml",
        "my_corpus/documents.csv",
        "my_corpus/segments.csv",
        "my_corpus/codings.csv",
        "my_corpus/COLUMNS.md",
        "my_corpus/DATASHEET.md",
        "sample_export/coded_passages.csv",
    }
    assert (started / CORPUS / "texts").is_dir()


def test_the_study_file_is_a_study_as_it_stands_and_every_suggestion_in_it_is_one(started):
    study = read_study(started / "study.toml")
    assert study.settings.study.as_of == DAY
    text = (started / "study.toml").read_text(encoding="utf-8")
    assert "Not for hiring, discipline or pay" in text
    suggested = re.sub(r"^# (\[|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)
    assert suggested != text
    slope = tomllib.loads(suggested)["corpus"][0]["slope"]
    (started / "more.toml").write_text(suggested, encoding="utf-8")
    assert read_study(started / "more.toml").settings.corpus[0].slope.unit == slope["unit"]


def test_the_only_fault_of_the_empty_corpus_is_that_it_is_empty(started, capsys):
    with pytest.raises(CorpusError) as refused:
        open_corpus(started / CORPUS, as_of=DAY)
    assert [problem.what for problem in refused.value.problems] == ["it has no document"]
    assert main(["check", str(started / "study.toml")]) == 1
    assert "add a row for each document" in capsys.readouterr().out


def test_every_column_is_explained_and_consents_stand_where_people_speak(started):
    guide = (started / CORPUS / "COLUMNS.md").read_text(encoding="utf-8")
    for path in (started / CORPUS).glob("*.csv"):
        for column in path.read_text(encoding="utf-8").strip().split(","):
            assert f"| `{column}` |" in guide.partition(f"## {path.name}")[2].partition("## ")[0]
    spoken = "speakers" in (started / CORPUS / "documents.csv").read_text(encoding="utf-8")
    assert (started / CORPUS / "consents.csv").exists() is spoken


def test_a_first_document_makes_it_a_corpus(tmp_path):
    started = start_study(tmp_path / "mine", as_of=DAY)
    folder = started / CORPUS
    with (folder / "documents.csv").open("a", encoding="utf-8") as stream:
        stream.write("J1,Peer specialist,E1,2024-01-02,community\n")
    (folder / "texts" / "J1.txt").write_text("You walk with people.\n", encoding="utf-8")
    assert main(["check", "--register", str(folder)]) == 0
    assert len(open_corpus(folder).documents) == 1


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="not empty; nothing was written"):
        start_study(tmp_path / "mine")
    assert main(["init", str(tmp_path / "mine")]) == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    with pytest.raises(InputError, match="not empty"):
        start_study(tmp_path / "mine" / "notes.txt")


def test_an_empty_folder_will_do_and_an_unknown_genre_will_not(tmp_path):
    (tmp_path / "mine").mkdir()
    assert start_study(tmp_path / "mine") == tmp_path / "mine"
    with pytest.raises(InputError, match="job_description, session_transcript"):
        start_study(tmp_path / "other", genre="poem")
    assert not (tmp_path / "other").exists()


def test_what_fails_half_way_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        start_study(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_comes_next(tmp_path, capsys):
    assert main(["init", str(tmp_path / "mine"), "--as-of", "2024-06-30"]) == 0
    said = capsys.readouterr().out
    assert "README.md" in said
    assert "peercompare check" in said
    assert "Not for hiring, discipline or pay" in said


def test_the_notebook_is_the_one_of_the_guide(started, request):
    shipped = request.config.rootpath / "notebooks" / "09_your_own_study.ipynb"
    assert (started / "09_your_own_study.ipynb").read_bytes() == shipped.read_bytes()
    cells = nbformat.read(shipped, as_version=4).cells
    assert [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
