"""A small model, texts with a word that must not travel, and workers on this machine."""

import json
from contextlib import contextmanager

import pytest
from clusters import Cluster, rows_of


@pytest.fixture(scope="session")
def model_file(tiny_framework, tmp_path_factory):
    """The file of a model of sentences."""
    from peercompare.classifier import bare_training_table, save_model, train

    table = bare_training_table(rows_of(160, 1), tiny_framework)
    path = tmp_path_factory.mktemp("model") / "model.skops"
    save_model(train(table, tiny_framework, seed=1), path)
    return path


@pytest.fixture(scope="session")
def texts(tmp_path_factory):
    """A folder of 1,400 texts in a Parquet file of small row groups and a JSONL file."""
    folder = tmp_path_factory.mktemp("texts") / "in"
    folder.mkdir()
    rows_of(900, 2).drop(columns="label").to_parquet(folder / "a.parquet", index=False, row_group_size=130)
    rows = rows_of(500, 3).drop(columns="label").to_dict("records")
    (folder / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def local(model_file, texts, tmp_path_factory):
    """What one process predicts of them, in parts of 60 rows."""
    from peercompare.classifier import load_model
    from peercompare.classifier.fast import predict_stream

    folder = tmp_path_factory.mktemp("local") / "out"
    predict_stream(load_model(model_file), texts, folder, rows=60)
    return folder


@pytest.fixture(scope="session")
def client():
    """Two processes on this machine."""
    from peercompare.scale.connecting import connected

    with connected(workers=2) as found:
        yield found


@pytest.fixture
def clusters(tmp_path):
    """What starts schedulers; they end with the test."""
    made = []

    @contextmanager
    def start(port=0):
        folder = tmp_path / f"cluster-{len(made)}"
        folder.mkdir()
        made.append(Cluster(folder, port))
        try:
            yield made[-1]
        finally:
            made[-1].close()

    return start
