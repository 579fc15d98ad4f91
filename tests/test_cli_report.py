"""`peercompare report`: for whom, in which format, and what it refuses."""

import json
import shutil

import pytest

from peercompare.cli import main
from peercompare.cli.study_commands import AUDIENCES, FORMATS
from peercompare.report import audiences, render


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def study(small_study_file, small_results):
    return small_study_file


def test_the_command_line_knows_what_the_report_knows():
    assert tuple(audiences.AUDIENCES) == AUDIENCES
    assert tuple(render.FORMATS) == FORMATS


def test_a_funders_report_is_written_in_all_formats_at_once(study, tmp_path):
    assert run("report", study, "--for", "funder", "--format", "all", "--out", tmp_path / "r.html") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.docx", "r.html", "r.pdf"]
    assert b"report for funders" in (tmp_path / "r.html").read_bytes()
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_the_ending_of_the_file_is_the_format(study, tmp_path):
    assert run("report", study, "--out", tmp_path / "r.docx") == 0
    assert (tmp_path / "r.docx").read_bytes().startswith(b"PK")


def test_an_ending_that_contradicts_the_format_is_refused(capsys, study, tmp_path):
    assert run("report", study, "--format", "pdf", "--out", tmp_path / "r.html") == 1
    assert "--out ends with .html, and --format is pdf" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_one_file_of_several_is_there(capsys, study, tmp_path):
    (tmp_path / "r.pdf").write_text("mine")
    assert run("report", study, "--format", "all", "--out", tmp_path / "r.html") == 1
    assert "r.pdf" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["r.pdf"]
    assert run("report", study, "--format", "all", "--out", tmp_path / "r.html", "--force") == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_a_report_among_the_results_is_stamped_so_that_a_withdrawal_finds_it(study, tmp_path):
    folder = shutil.copytree(study.parent, tmp_path / "study")
    assert run("report", folder / "study.toml", "--for", "team") == 0
    assert b"A sheet for talking it over" in (folder / "results" / "report_for_team.html").read_bytes()
    stamp = json.loads((folder / "results" / ".stages" / "report_for_team.json").read_text())
    assert set(stamp["files"]) == {"report_for_team.html"}
    assert stamp["whose"]


def test_results_that_are_out_of_date_are_not_reported(capsys, study, tmp_path):
    for name in ("postings", "sessions", "results"):
        shutil.copytree(study.parent / name, tmp_path / name)
    for path in study.parent.glob("*.csv"):
        shutil.copy(path, tmp_path)
    text = study.read_text(encoding="utf-8").replace("seed = 3", "seed = 4")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert run("report", tmp_path / "study.toml", "--out", tmp_path / "r.html") == 1
    said = capsys.readouterr().err
    assert "out of date" in said
    assert "peercompare run" in said
    assert not (tmp_path / "r.html").exists()


def test_somebody_else_is_refused_on_the_command_line(study):
    with pytest.raises(SystemExit):
        run("report", study, "--for", "board")
