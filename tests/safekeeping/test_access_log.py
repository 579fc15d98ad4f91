"""The audit log grows at its end alone, and what was done to it shows."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest
from killing import Victims

from peercompare.errors import ConsentError
from peercompare.safekeeping.access_log import (
    ACCESS_LOG,
    BEGINNING,
    NOTE_TORN,
    Access,
    append,
    current_user,
    log_path,
    verify_log,
)

OPENED = Access(
    "open", ("analysis",), ["D2", "D1"], date(2024, 1, 31), "exclude", reasons={"analysis: expired": 1}
)


@pytest.fixture
def log(tmp_path):
    """A log of four entries."""
    path = tmp_path / ACCESS_LOG
    for did in ("open", "quote", "share", "train"):
        append(path, "sessions", Access(did, documents=["D1"]))
    return path


def lines_of(path):
    return path.read_bytes().split(b"\n")[:-1]


def write(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def test_an_entry_says_who_did_what_for_which_purpose_and_with_what_outcome(tmp_path, monkeypatch):
    monkeypatch.setenv("PEERCOMPARE_USER", "ann")
    head = append(tmp_path / "log", "sessions", OPENED)
    (entry,) = verify_log(tmp_path / "log").entries
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "who": "ann", "who_from": "environment", "corpus": "sessions", "did": "open",
        "purposes": ["analysis"], "as_of": "2024-01-31", "policy": "exclude",
        "documents": {"n": 2, "ids": ["D1", "D2"]},
        "outcome": "allowed", "reasons": {"analysis: expired": 1}, "previous": BEGINNING, "hash": head,
    }  # fmt: skip
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_who_acts_is_the_account_unless_the_environment_says_otherwise(monkeypatch):
    monkeypatch.delenv("PEERCOMPARE_USER", raising=False)
    monkeypatch.setenv("LOGNAME", "account")
    assert current_user() == ("account", "system")

    def nameless():
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert current_user() == ("unknown", "system")


def test_of_many_documents_the_log_holds_their_number_and_a_hash(tmp_path):
    append(tmp_path / "log", "sessions", Access("open", documents=[f"D{n}" for n in range(51)]))
    (entry,) = verify_log(tmp_path / "log").entries
    assert entry["documents"].keys() == {"n", "sha256_of_ids"}
    assert entry["documents"]["n"] == 51


def test_a_whole_log_is_verified_and_its_head_is_the_last_entry(log):
    state = verify_log(log)
    assert [entry["did"] for entry in state.entries] == ["open", "quote", "share", "train"]
    assert state.head == json.loads(lines_of(log)[-1])["hash"]
    assert (state.torn, state.open_end) == (0, False)


def changed(line):
    return line.replace(b'"share"', b'"open!"')


def resealed(line):
    """An entry changed by somebody who knows how hashes are taken."""
    from peercompare.safekeeping.access_log import _sealed

    entry = json.loads(changed(line))
    del entry["hash"]
    return _sealed(entry, entry["previous"])


@pytest.mark.parametrize(
    ("tamper", "where", "what"),
    [
        (lambda x: [*x[:2], changed(x[2]), x[3]], "line 3", "the entry was changed"),
        (lambda x: [*x[:2], resealed(x[2]), x[3]], "line 4", "does not follow"),
        (lambda x: [x[0], x[2], x[3]], "line 2", "does not follow"),
        (lambda x: [x[0], x[2], x[1], x[3]], "line 2", "does not follow"),
        (lambda x: [x[0], x[1], x[1], x[2], x[3]], "line 3", "does not follow"),
        (lambda x: [*x[:2], b"gone", x[3]], "line 4", "does not follow"),
        (lambda x: [*x[:2], b"put in", *x[2:]], "line 4", "not the torn line"),
        (lambda x: x[1:], "line 1", "does not follow"),
        (lambda x: [*x[:3], changed(x[3]).replace(b"train", b"open!")], "line 4", "the entry was changed"),
    ],
)
def test_the_first_broken_entry_of_a_tampered_log_is_named(log, tamper, where, what):
    write(log, tamper(lines_of(log)))
    with pytest.raises(ConsentError, match=rf"{where}: .*{what}"):
        verify_log(log)


def test_a_log_cut_off_at_its_end_shows_only_against_a_head_noted_elsewhere(log):
    noted = verify_log(log).head
    write(log, lines_of(log)[:-1])
    assert len(verify_log(log).entries) == 3
    with pytest.raises(ConsentError, match="no entry has the head that was noted"):
        verify_log(log, head=noted)


def test_a_head_noted_earlier_stands_in_a_log_that_grew(log):
    noted = verify_log(log).head
    append(log, "sessions", OPENED)
    assert len(verify_log(log, head=noted).entries) == 5


def test_nothing_is_appended_after_a_last_entry_that_was_changed(log):
    lines = lines_of(log)
    write(log, [*lines[:3], lines[3].replace(b"train", b"other")])
    before = log.read_bytes()
    with pytest.raises(ConsentError, match="the last entry: the entry was changed"):
        append(log, "sessions", OPENED)
    assert log.read_bytes() == before


def test_torn_at_any_byte_the_log_keeps_what_is_torn_says_so_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)
    whole = tmp_path / "whole"
    append(whole, "s", Access("open"))
    start = len(whole.read_bytes())
    append(whole, "s", Access("quote"))
    data = whole.read_bytes()
    for cut in range(start, len(data) + 1):
        path = tmp_path / "torn"
        path.write_bytes(data[:cut])
        append(path, "s", Access("share"))
        state = verify_log(path)
        assert state.entries[-1]["did"] == "share"
        assert path.read_bytes().startswith(data[:cut])
        is_torn = start < cut < len(data) - 1
        assert state.torn == (1 if is_torn else 0)
        assert ([e["did"] for e in state.entries].count(NOTE_TORN)) == (1 if is_torn else 0)


def test_what_is_torn_twice_is_noted_too(log, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)
    half = lines_of(log)[-1][:40]
    log.write_bytes(log.read_bytes() + half)
    torn_once = log.read_bytes()
    append(log, "sessions", OPENED)
    second = log.read_bytes()[len(torn_once) :]
    for cut in range(0, len(second) + 1, 3):
        log.write_bytes(torn_once + second[:cut])
        append(log, "sessions", OPENED)
        assert verify_log(log).entries[-1]["did"] == "open"


def test_a_torn_line_that_is_taken_out_or_changed_later_shows(log):
    log.write_bytes(log.read_bytes() + b'{"time": "20')
    assert verify_log(log).open_end
    append(log, "sessions", OPENED)
    lines = lines_of(log)
    write(log, [*lines[:4], *lines[5:]])
    with pytest.raises(ConsentError, match="line 5: what stands before it is not the torn line"):
        verify_log(log)
    write(log, [*lines[:4], b"{other", *lines[5:]])
    with pytest.raises(ConsentError, match="line 6: what stands before it"):
        verify_log(log)


def test_a_long_log_is_continued_from_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("peercompare.safekeeping.access_log._BLOCK", 16)
    for _ in range(3):
        append(tmp_path / "log", "s", OPENED)
    assert len(verify_log(tmp_path / "log").entries) == 3


def test_processes_that_append_at_once_make_one_chain(tmp_path):
    code = """
import sys
from peercompare.safekeeping.access_log import Access, append
for _ in range(30):
    append(sys.argv[1], "s", Access("open"))
"""
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "log")]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(verify_log(tmp_path / "log").entries) == 60


def test_killed_while_appending_the_chain_goes_on(tmp_path, rng):
    path = tmp_path / "log"
    imports = "from peercompare.safekeeping.access_log import Access, append"
    code = f"while True: append({str(path)!r}, 's', Access('open'))"
    with Victims(imports) as victims:
        for _ in range(10):
            assert victims.kill_at_random(code, rng, within=0.05)
    append(path, "s", Access("quote"))
    assert verify_log(path).entries[-1]["did"] == "quote"


def test_a_log_that_cannot_be_written_stops_what_was_to_be_recorded(tmp_path):
    with pytest.raises(ConsentError, match=r"cannot be written .*\n.*PEERCOMPARE_ACCESS_LOG"):
        append(tmp_path / "absent" / "log", "s", OPENED)


def test_a_full_disk_stops_it_too_and_the_torn_line_is_noted_later(log, monkeypatch):
    real, calls = os.write, []

    def full(descriptor, data):
        calls.append(data)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[:50])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(ConsentError, match="No space left"):
            append(log, "sessions", OPENED)
    append(log, "sessions", OPENED)
    assert [entry["did"] for entry in verify_log(log).entries][-2:] == [NOTE_TORN, "open"]


def test_where_real_people_speak_there_is_a_log_and_elsewhere_only_where_one_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("PEERCOMPARE_ACCESS_LOG", raising=False)
    assert log_path(tmp_path) == tmp_path / ACCESS_LOG
    assert log_path(tmp_path, composed=True) is None
    (tmp_path / ACCESS_LOG).touch()
    assert log_path(tmp_path, composed=True) == tmp_path / ACCESS_LOG
    monkeypatch.setenv("PEERCOMPARE_ACCESS_LOG", str(tmp_path / "other"))
    assert log_path(tmp_path) == tmp_path / "other"
