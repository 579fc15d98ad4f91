"""A small copy of the composed sessions, which a test may change."""

import shutil

import pytest
from conftest import copy_part

from peercompare.cli import main


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    """A withdrawal empties the cache of embeddings: not that of whoever runs the tests."""
    monkeypatch.setenv("PEERCOMPARE_CACHE", "off")


@pytest.fixture(scope="session")
def few_sessions(tmp_path_factory, corpora_folder):
    """Sessions of two workers, to be copied."""
    folder = tmp_path_factory.mktemp("few") / "sessions"
    copy_part(corpora_folder / "session_transcripts", folder, column="worker_id", values=["W02", "C01"])
    return folder


@pytest.fixture
def sessions(few_sessions, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(few_sessions, tmp_path / "sessions")


@pytest.fixture
def withdraw(capsys):
    """Run ``peercompare consent withdraw`` and return its exit status and what it printed."""

    def run(person, corpus, *words):
        capsys.readouterr()
        status = main(["consent", "withdraw", person, "--corpus", str(corpus), *map(str, words)])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


@pytest.fixture(scope="session")
def contents_of():
    """Return the content of every file under a folder, locks and stamps of time left out."""

    def read(folder, without=(".peercompare.lock",)):
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in paths
            if path.name not in without and path.suffix != ".lock"
        }

    return read
