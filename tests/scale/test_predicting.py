import json
import pickle
import shutil
import signal

import pandas as pd
import pytest
from clusters import SECRET, rows_of, same_parts

pytest.importorskip("distributed", reason="needs the extra scale: make test-scale")

from peercompare.classifier import load_model
from peercompare.classifier.fast import predict_stream, streaming
from peercompare.cli import main
from peercompare.errors import InputError
from peercompare.scale import predicting, running
from peercompare.scale.predicting import predict_on_cluster


@pytest.mark.parametrize("rows", [60, 333, 5000])
def test_a_cluster_writes_the_parts_that_one_process_writes(client, model_file, texts, tmp_path, rows):
    predict_stream(load_model(model_file), texts, tmp_path / "one", rows=rows)
    found = predict_on_cluster(client, model_file, texts, tmp_path / "many", rows=rows)
    assert (found.n_rows, found.complete, found.problems) == (1400, True, ())
    same_parts(tmp_path / "one", tmp_path / "many")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "many").iterdir()} == {0o600}


def test_a_cluster_goes_on_where_one_process_was_stopped(
    client, model_file, texts, local, tmp_path, monkeypatch
):
    predicted, met = streaming.predicted, []

    def terminated(scorer, part):
        met.append(len(part))
        if len(met) == 3:
            signal.raise_signal(signal.SIGTERM)
        return predicted(scorer, part)

    monkeypatch.setattr(streaming, "predicted", terminated)
    assert predict_stream(load_model(model_file), texts, tmp_path / "out", rows=60).n_parts == 3
    first = (tmp_path / "out" / "part-000000.parquet").stat().st_mtime_ns
    assert predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=60).complete
    assert (tmp_path / "out" / "part-000000.parquet").stat().st_mtime_ns == first
    same_parts(local, tmp_path / "out")


def test_one_process_goes_on_with_what_a_cluster_finished_out_of_turn(
    client, model_file, texts, local, tmp_path, monkeypatch
):
    stopped = []
    given = running._given

    def stop_soon(*told):
        stopped.append(1)
        if len(stopped) == 8:
            signal.raise_signal(signal.SIGTERM)
        return given(*told)

    monkeypatch.setattr(running, "_given", stop_soon)
    found = predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=60)
    assert not found.complete
    assert 0 < found.n_parts < 24
    (tmp_path / "out" / "part-000000.parquet").unlink()  # as if another were finished first
    state = json.loads((tmp_path / "out" / "state.json").read_text()) | {"n_parts": 0, "n_rows": 0}
    (tmp_path / "out" / "state.json").write_text(json.dumps(state, indent=2))
    kept = (tmp_path / "out" / "part-000001.parquet").stat().st_mtime_ns
    assert predict_stream(load_model(model_file), texts, tmp_path / "out", rows=60).complete
    assert (tmp_path / "out" / "part-000001.parquet").stat().st_mtime_ns == kept
    same_parts(local, tmp_path / "out")


def test_poisoned_parts_are_told_with_file_and_row_and_the_rest_is_done(client, model_file, tmp_path):
    (tmp_path / "in").mkdir()
    rows = rows_of(200, 4).drop(columns="label")
    rows.loc[101, "text"] = " "
    rows.to_parquet(tmp_path / "in" / "a.parquet", index=False)
    lines = [json.dumps(row) for row in rows_of(100, 5).drop(columns="label").to_dict("records")]
    lines[61] = lines[61].replace(SECRET, f'{SECRET}"')
    (tmp_path / "in" / "b.jsonl").write_text("\n".join(lines))
    found = predict_on_cluster(client, model_file, tmp_path / "in", tmp_path / "out", rows=50)
    told = sorted(map(str, found.problems))
    assert "a.parquet, row 103 ('t4-101'): text is missing" in told[0]
    assert told[1].startswith("b.jsonl, line 62: no object of JSON")
    assert (found.n_parts, found.n_rows, found.complete) == (4, 200, False)
    assert not (tmp_path / "out" / "part-000002.parquet").exists()
    assert SECRET not in "".join(told)


def test_other_texts_or_another_model_are_not_gone_on_with(client, model_file, texts, tmp_path):
    predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=900)
    with pytest.raises(InputError, match="another rows_of_part"):
        predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=700)


def test_a_model_that_changes_on_the_way_is_not_used(client, model_file, texts, tmp_path, monkeypatch):
    model = shutil.copy(model_file, tmp_path / "model.skops")
    surveyed = predicting._surveyed

    def changed(*told):
        found = surveyed(*told)
        with open(model, "ab") as stream:
            stream.write(b" ")
        return found

    monkeypatch.setattr(predicting, "_surveyed", changed)
    monkeypatch.setattr("peercompare.scale.connecting.WORKER_SECONDS", 1.0)
    with pytest.raises(InputError, match="another model in that file"):
        predict_on_cluster(client, model, texts, tmp_path / "out", rows=300)
    assert not list((tmp_path / "out").glob("part-*"))


def test_tasks_name_files_and_rows_and_hold_no_text(client, model_file, texts, tmp_path, monkeypatch):
    sent, given = [], running._given

    def looked_at(client, job, expected, among):
        sent.append(pickle.dumps((job, expected)))
        return given(client, job, expected, among)

    monkeypatch.setattr(running, "_given", looked_at)
    predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=300)
    assert len(sent) == 2 + 5
    assert b"a.parquet" in b"".join(sent)
    graph = client.run_on_scheduler(lambda dask_scheduler: repr(vars(dask_scheduler)))
    words = set(" ".join(pd.read_parquet(texts / "a.parquet")["text"]).split()) - {"at", "the", "The", "We"}
    found = [word for word in words if len(word) > 4 and any(word.encode() in each for each in sent)]
    assert not found
    assert SECRET not in graph
    assert SECRET not in repr(client.get_worker_logs())


def test_the_command_says_what_was_not_done(model_file, texts, tmp_path, capsys, monkeypatch, client):
    told = [model_file, texts, "--out", tmp_path / "out", "--rows-of-part", "700"]
    told += ["--scheduler", client.scheduler.address]
    cut = predicting.Predicted(1, 700, False, (predicting.Problem("b.jsonl, line 3", "cut"),))
    monkeypatch.setattr(predicting, "predict_on_cluster", lambda *given, **more: cut)
    assert main(["predict", *map(str, told)]) == 1
    said = capsys.readouterr().err
    assert "b.jsonl, line 3: cut" in said
    assert "700 segments, in 1 parts" in said
