"""Real schedulers and workers on loopback: what happens when one is killed, comes late or is unlike us."""

import json
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest
from clusters import SECRET, command, rows_of, same_parts, until

pytest.importorskip("distributed", reason="needs the extra scale: make test-scale")

import peercompare
from peercompare.agreement import agreement_table
from peercompare.corpus import open_corpus
from peercompare.errors import ClusterError
from peercompare.scale import predicting
from peercompare.scale.agreeing import agree_on_cluster
from peercompare.scale.connecting import connected
from peercompare.scale.drifting import Asked, drift_on_cluster
from peercompare.scale.predicting import predict_on_cluster

pytestmark = pytest.mark.slow


def n_parts(folder):
    return len(list(folder.glob("part-*.parquet")))


@pytest.fixture
def recorded(monkeypatch):
    """Which worker wrote each part, in the order in which they were told; a hook is called each time."""
    met, hooks, add = [], [], predicting._Record.add

    def noted(self, number, worker):
        met.append(worker)
        for hook in hooks:
            hook(len(met))
        add(self, number, worker)

    monkeypatch.setattr(predicting._Record, "add", noted)
    return met, hooks


def test_a_worker_that_is_killed_is_made_up_for(clusters, recorded, model_file, texts, local, tmp_path):
    _, hooks = recorded
    with clusters() as cluster:
        victim, _ = cluster.worker(), cluster.worker()
        hooks.append(lambda n: victim.kill() if n == 5 else None)
        with connected(cluster.address) as client:
            client.wait_for_workers(2, timeout=90)
            found = predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=60)
            assert len(client.nthreads()) == 1
    assert found.complete
    assert victim.wait() == -signal.SIGKILL
    same_parts(local, tmp_path / "out")


def test_a_worker_that_joins_late_takes_its_share(clusters, recorded, model_file, texts, local, tmp_path):
    met, hooks = recorded
    with clusters() as cluster:
        cluster.worker()
        with connected(cluster.address) as client:

            def join(n):
                if n == 2:
                    cluster.worker()
                    client.wait_for_workers(2, timeout=90)

            hooks.append(join)
            assert predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=60).complete
    assert len(set(met)) == 2
    same_parts(local, tmp_path / "out")


def other_version(folder):
    """A copy of the package that says that it is of another version, for a worker to find first."""
    source = Path(peercompare.__file__).parent
    shutil.copytree(source, folder / "peercompare", ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "peercompare" / "__init__.py").read_text(encoding="utf-8")
    assert peercompare.__version__ in text
    text = text.replace(peercompare.__version__, "9.9.9")
    (folder / "peercompare" / "__init__.py").write_text(text, encoding="utf-8")
    return str(folder)


def test_a_worker_of_another_version_is_refused_first_and_given_nothing_later(
    clusters, recorded, model_file, texts, local, tmp_path
):
    met, hooks = recorded
    path = other_version(tmp_path / "other")
    with clusters() as cluster:
        cluster.worker(PYTHONPATH=path)
        with (
            connected(cluster.address) as client,
            pytest.raises(ClusterError, match=r"has peercompare 9\.9\.9 \(allowed"),
        ):
            predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=60)
        assert not (tmp_path / "out").exists()
    with clusters() as cluster:
        cluster.worker()
        with connected(cluster.address) as client:
            ours = set(client.nthreads())

            def join(n):
                if n == 2:
                    cluster.worker(PYTHONPATH=path)
                    client.wait_for_workers(2, timeout=90)

            hooks.append(join)
            assert predict_on_cluster(client, model_file, texts, tmp_path / "out", rows=60).complete
    assert set(met) == ours
    same_parts(local, tmp_path / "out")


def test_a_scheduler_that_ends_leaves_parts_and_the_same_command_goes_on(
    clusters, model_file, texts, local, tmp_path
):
    told = ["predict", model_file, texts, "--out", tmp_path / "out", "--rows-of-part", "60"]
    with clusters() as cluster:
        cluster.worker()
        process = command(*told, "--scheduler", cluster.address)
        until(lambda: n_parts(tmp_path / "out") >= 2)
        cluster.scheduler.kill()
        _, said = process.communicate(timeout=120)
        port = int(cluster.address.rsplit(":", 1)[1])
        assert process.returncode == 1
        assert "The scheduler was lost on the way" in said
        assert "what was finished is kept" in said
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*.parquet")}
    assert 0 < len(kept) < 24
    with clusters(port) as cluster:
        cluster.worker()
        process = command(*told, "--scheduler", cluster.address)
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said
    assert all((tmp_path / "out" / name).stat().st_mtime_ns == when for name, when in kept.items())
    same_parts(local, tmp_path / "out")


def test_sigterm_finishes_what_is_in_hand_and_the_same_command_goes_on(model_file, texts, local, tmp_path):
    told = ["predict", model_file, texts, "--out", tmp_path / "out", "--rows-of-part", "60", "--workers", "2"]
    process = command(*told)
    until(lambda: n_parts(tmp_path / "out") >= 2)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 2, said
    assert "Stopped after writing" in said
    n_left = n_parts(tmp_path / "out")
    assert 2 <= n_left < 24
    state = json.loads((tmp_path / "out" / "state.json").read_text())
    assert not state["complete"]
    process = command(*told)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    same_parts(local, tmp_path / "out")


def test_what_is_spilled_and_logged_has_no_word_of_a_text(clusters, model_file, corpora_folder, tmp_path):
    """Every result is spilled to disk at once, every message is logged, and some rows cannot be read."""
    (tmp_path / "in").mkdir()
    lines = [json.dumps(row) for row in rows_of(300, 6).drop(columns="label").to_dict("records")]
    lines[130] = lines[130][:-9]
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
    sessions = corpora_folder / "session_transcripts"
    small = {f"DASK_DISTRIBUTED__WORKER__MEMORY__{name}": "0.000001" for name in ("TARGET", "SPILL")}
    with clusters() as cluster:
        cluster.worker(**small)
        with connected(cluster.address) as client:
            found = predict_on_cluster(client, model_file, tmp_path / "in", tmp_path / "out", rows=50)
            assert len(found.problems) == 1
            _, table, _ = agree_on_cluster(client, sessions, as_of="2026-01-31", n_shares=5)
            drift_on_cluster(client, sessions, Asked(), as_of="2026-01-31")
            spilled = client.run(
                lambda dask_worker: dask_worker.data.cumulative_metrics.get(("disk-write", "count"), 0)
            )
        logged = cluster.logged()
        left = b"".join(path.read_bytes() for path in cluster.folder.rglob("*") if path.is_file())
    corpus = open_corpus(sessions, as_of="2026-01-31")
    whole = agreement_table(
        corpus.codings, corpus.segments, framework=corpus.framework, corpus_name=corpus.name
    )
    pd.testing.assert_frame_equal(table, whole, check_exact=False, rtol=0, atol=1e-9)
    assert all(n > 0 for n in spilled.values())
    assert SECRET not in logged
    assert SECRET.encode() not in left
    sentences = [text for text in corpus.segments["text"] if len(text) > 40]
    assert len(sentences) > 100
    assert not [text for text in sentences if text in logged or text.encode() in left]
    assert "Compute Failed" not in logged
