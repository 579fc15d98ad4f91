import socket
import time

import pytest

from peercompare.cli import main
from peercompare.errors import ClusterError, InputError
from peercompare.scale import connecting
from peercompare.scale.connecting import connected
from peercompare.scale.working import Facts


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_scheduler_that_is_not_there_is_told_at_once_and_nothing_is_written(tmp_path, capsys):
    address = f"tcp://127.0.0.1:{free_port()}"
    (tmp_path / "model.skops").write_bytes(b"")
    (tmp_path / "texts.jsonl").write_bytes(b"{}")
    told = ["predict", tmp_path / "model.skops", tmp_path / "texts.jsonl", "--out", tmp_path / "out"]
    assert main([*map(str, told), "--scheduler", address]) == 1
    said = capsys.readouterr().err
    assert f"There is no scheduler at {address}" in said
    assert "--workers N" in said
    assert not (tmp_path / "out").exists()


def test_something_else_that_listens_and_says_nothing_is_no_scheduler(monkeypatch):
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.2)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(ClusterError, match="no scheduler at"), connected(address):
            pass
        assert time.monotonic() - begun < 60


@pytest.mark.parametrize("address", ["localhost", "http://127.0.0.1:80", "tcp://127.0.0.1", "tcp://:1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InputError, match="no address of a scheduler"), connected(address):
        pass


def test_workers_are_counted_from_one_and_a_scheduler_has_its_own():
    with pytest.raises(InputError, match="one worker at least"), connected(workers=0):
        pass
    with pytest.raises(InputError, match="one of the two"), connected("tcp://127.0.0.1:1", 2):
        pass


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'peercompare\[scale\]'"), connected(workers=1):
        pass


HERE = Facts("1.0", "ab", "3.11", "cd")


class Told:
    """A client whose workers give these answers."""

    def __init__(self, answers):
        self.answers = answers

    def run(self, *given, **more):
        return self.answers


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (HERE._replace(version="0.9"), r"worker tcp://b:2: has peercompare 0\.9 \(allowed: 1\.0\)"),
        (HERE._replace(code="xy"), "other code"),
        (HERE._replace(python="3.13"), "has Python 3.13"),
        (HERE._replace(model="ef"), "another model in that file"),
        (HERE._replace(model="absent"), "does not see the file of the model"),
        (ModuleNotFoundError("peercompare.scale"), "has no peercompare like this"),
    ],
)
def test_a_worker_that_is_unlike_us_is_named_before_work_starts(monkeypatch, tmp_path, facts, said):
    monkeypatch.setattr(connecting, "facts_here", lambda model: HERE)
    answers = {"tcp://a:1": HERE, "tcp://b:2": facts}
    with pytest.raises(ClusterError, match=said) as refused:
        connecting.expected_facts(Told(answers), tmp_path)
    assert "tcp://a:1" not in str(refused.value)
    assert connecting.expected_facts(Told({"tcp://a:1": HERE}), tmp_path) == HERE
