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


def test_work_that_was_stopped_says_so(capsys, model, lines, tmp_path, monkeypatch):
    from peercompare.classifier import fast

    stopped = fast.Streamed(3, 300, complete=False)
    monkeypatch.setattr(fast, "predict_stream", lambda *_, **__: stopped)
    assert run("predict", model, lines, "--out", tmp_path / "parts") == 2
    assert "The same command goes on from there" in capsys.readouterr().err
