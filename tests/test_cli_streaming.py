"""Predicting part by part on the command line: what is asked for, and what is refused."""

import json

import pandas as pd
import pytest

from peercompare.cli import main


@pytest.fixture
def model(small_results):
    return small_results.folder / "models" / "stance.skops"


@pytest.fixture
def lines(tmp_path):
    """Two texts as JSONL."""
    texts = ["Writes treatment plans and progress notes.", "We sit and have coffee."]
    rows = [{"segment_id": f"a:{n}", "document_id": "a", "text": text} for n, text in enumerate(texts)]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*words):
    return main([str(word) for word in words])


def test_jsonl_is_predicted_into_a_folder_of_parts(capsys, model, lines, tmp_path):
    assert run("predict", model, lines, "--out", tmp_path / "parts") == 0
    assert "2 segments, in 1 parts" in capsys.readouterr().err
    table = pd.read_parquet(tmp_path / "parts" / "part-000000.parquet")
    assert table["segment_id"].tolist() == ["a:0", "a:1"]
    assert table.loc[0, "clinical"] > table.loc[0, "peer"]
    assert run("predict", model, lines, "--out", tmp_path / "parts") == 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--out", "p.csv"], "give --out a folder"),
        (["--out", "parts", "--cut", "job_description"], "--cut cannot be used"),
        (["--out", "parts", "--columns", "text=words"], "--columns cannot be used"),
        (["--out", "parts", "--force"], "--force cannot be used"),
    ],
)
def test_what_needs_the_whole_table_is_refused(capsys, model, lines, tmp_path, monkeypatch, more, told):
    monkeypatch.chdir(tmp_path)
    assert run("predict", model, lines, *more) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "parts").exists()


def test_one_file_holds_what_the_model_says_and_what_the_folder_holds(capsys, model, lines, tmp_path):
    from peercompare.classifier import load_model

    table = pd.read_json(lines, lines=True)
    table.to_csv(tmp_path / "texts.csv", index=False)
    table.to_parquet(tmp_path / "texts.parquet", index=False)
    for ending in ("csv", "parquet"):
        assert run("predict", model, tmp_path / f"texts.{ending}", "--out", tmp_path / f"p.{ending}") == 0
    assert run("predict", model, lines, "--out", tmp_path / "parts") == 0
    part = pd.read_parquet(tmp_path / "parts" / "part-000000.parquet")
    loaded = load_model(model)
    whole, labels = loaded.predict_table(table), list(loaded.labels)
    for got in (pd.read_csv(tmp_path / "p.csv"), pd.read_parquet(tmp_path / "p.parquet")):
        assert set(got) == {*whole, "document_id"}
        for other in (whole, part):
            assert abs(got[labels].to_numpy() - other[labels].to_numpy()).max() < 1e-9
            assert got["named"].tolist() == other["named"].tolist()


def test_faults_of_lines_are_told_with_file_and_line_and_nothing_is_written(capsys, model, lines, tmp_path):
    lines.write_bytes(lines.read_bytes() + b'{"segment_id"\n' * 6 + b"\xff\n")
    assert run("predict", model, lines, "--out", tmp_path / "parts") == 1
    told = capsys.readouterr().err
    assert "texts.jsonl, line 3: no object of JSON" in told
    assert "(7 in all)" in told
    assert not (tmp_path / "parts").exists()


def test_work_that_was_stopped_says_so(capsys, model, lines, tmp_path, monkeypatch):
    from peercompare.classifier import fast

    stopped = fast.Streamed(3, 300, complete=False)
    monkeypatch.setattr(fast, "predict_stream", lambda *_, **__: stopped)
    assert run("predict", model, lines, "--out", tmp_path / "parts") == 2
    assert "The same command goes on from there" in capsys.readouterr().err
