"""A change of a folder happens whole or not at all, whoever is killed and whoever looks on."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from killing import Victims

from peercompare.errors import InputError
from peercompare.safekeeping import journal, locks
from peercompare.safekeeping.transactions import change_folder, exclusive, read_whole, recover

OLD = {"a.csv": b"old a", "texts/b.txt": b"old b"}
NEW = {"a.csv": b"new a", "texts/b.txt": None, "more/deep/c.txt": b"new c"}


def visible(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: content for name, content in names.items() if not name.startswith(".")}


AFTER = {name: content for name, content in (OLD | NEW).items() if content is not None}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "corpus"
    for name, content in OLD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_change_replaces_makes_and_deletes(folder):
    change_folder(folder, NEW)
    assert visible(folder) == AFTER
    assert (folder / "a.csv").stat().st_mode & 0o777 == 0o600
    assert (folder / "more/deep/c.txt").stat().st_mode & 0o777 == 0o600
    assert not (folder / journal.STAGE).exists()


def test_contents_are_computed_under_the_lock_and_the_right_ends_with_it(folder):
    with exclusive(folder) as change:
        before = read_whole(folder, lambda: (folder / "a.csv").read_bytes())
        change.replace({"a.csv": before + b" and more"})
        change_folder(folder, {"d": b"d"})  # the same thread may hold it again
    assert visible(folder) == OLD | {"a.csv": b"old a and more", "d": b"d"}
    with pytest.raises(RuntimeError, match="no longer held"):
        change.replace({"a.csv": b""})


def test_a_change_of_nothing_touches_nothing(folder):
    before = (folder / "a.csv").stat().st_mtime_ns
    change_folder(folder, {"a.csv": b"old a", "absent": None})
    assert (folder / "a.csv").stat().st_mtime_ns == before
    assert visible(folder) == OLD


def test_reading_leaves_no_lock_file_in_a_folder_that_nobody_changed(folder):
    read_whole(folder, lambda: None)
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "texts"]


def test_reading_meets_the_old_or_the_new_and_never_between(folder):
    def read():
        return visible(folder)

    seen, done = [], threading.Event()

    def look():
        while not done.is_set():
            seen.append(read_whole(folder, read))

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(20):
        change_folder(folder, NEW)
        change_folder(folder, OLD | {"more/deep/c.txt": None})
    done.set()
    reader.join()
    assert seen
    assert all(state in (OLD, AFTER) for state in seen)


CHANGE = """
from peercompare.safekeeping.transactions import change_folder
def change(folder, contents):
    change_folder(folder, {name: None if text is None else text.encode() for name, text in contents.items()})
"""


def as_code(folder, contents):
    texts = {name: None if content is None else content.decode() for name, content in contents.items()}
    return f"change({str(folder)!r}, {texts!r})"


def test_killed_at_any_moment_the_folder_is_as_it_was_or_as_it_should_be(folder, rng):
    outcomes = []
    with Victims(CHANGE) as victims:
        lasting = victims.run(as_code(folder, NEW))
        # At random moments, and once at the start and once after the end: a busy machine may miss those.
        for within in [*[1.2 * lasting] * 60, 0, None]:
            change_folder(folder, OLD | {"more/deep/c.txt": None})
            if within is None:
                victims.run(as_code(folder, NEW))
            else:
                victims.kill_at_random(as_code(folder, NEW), rng, within=within)
            outcomes.append((recover(folder), visible(folder)))
            assert not (folder / journal.STAGE).exists()
    assert all(state in (OLD, AFTER) for _, state in outcomes)
    assert OLD in [state for _, state in outcomes]
    assert AFTER in [state for _, state in outcomes]


@pytest.fixture
def killed(folder, monkeypatch):
    """Break a change off at the n-th call of a function of os, as a kill would, and return the folder."""

    class Killed(BaseException):
        pass

    def kill_at(name, call):
        with monkeypatch.context() as patch:
            real, calls = getattr(os, name), []

            def counting(*arguments, **words):
                calls.append(arguments)
                if len(calls) == call:
                    raise Killed
                return real(*arguments, **words)

            patch.setattr(os, name, counting)
            patch.setattr(journal, "discard", lambda folder: None)  # the dead clear nothing away
            with pytest.raises(Killed):
                change_folder(folder, NEW)
        return folder

    return kill_at


def test_a_change_broken_off_before_the_decision_is_undone(killed):
    folder = killed("replace", 1)
    assert recover(folder) == "undone"
    assert visible(folder) == OLD
    assert recover(folder) == ""


@pytest.mark.parametrize("call", [2, 3])
def test_a_change_broken_off_after_the_decision_is_finished_by_whoever_reads(killed, call):
    folder = killed("replace", call)
    assert read_whole(folder, lambda: visible(folder)) == AFTER


def test_a_file_changed_by_hand_since_is_not_overwritten(killed):
    folder = killed("replace", 2)
    (folder / "a.csv").write_bytes(b"by hand")
    with pytest.raises(InputError, match=r"a\.csv: changed by hand since") as caught:
        recover(folder)
    assert "by hand" not in str(caught.value).replace("changed by hand", "")
    assert visible(folder) == OLD | {"a.csv": b"by hand"}
    (folder / "a.csv").rename(folder.parent / "kept.csv")
    assert recover(folder) == "finished"
    assert visible(folder) == AFTER


def test_damaged_staged_content_is_told_and_nothing_is_touched(killed):
    folder = killed("replace", 2)
    (folder / journal.STAGE / "0").write_bytes(b"torn")
    with pytest.raises(InputError, match=r"a\.csv: its new content .* is damaged or gone"):
        recover(folder)
    assert visible(folder) == OLD


def test_a_full_disk_changes_nothing(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        journal._write_synced(folder / ".try", b"x")
    (folder / ".try").unlink()
    monkeypatch.undo()
    monkeypatch.setattr(journal, "_write_synced", full)
    with pytest.raises(OSError, match="No space left"):
        change_folder(folder, NEW)
    monkeypatch.undo()
    assert visible(folder) == OLD
    assert not (folder / journal.STAGE).exists()


def test_where_the_disk_fails_after_the_decision_the_rest_is_done_later(folder, monkeypatch):
    real = os.replace

    def failing(source, target):
        if str(target).endswith("c.txt"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(InputError, match="decided and could not be finished: No space left"):
        change_folder(folder, NEW)
    monkeypatch.undo()
    assert recover(folder) == "finished"
    assert visible(folder) == AFTER


def test_two_processes_that_change_one_folder_take_turns(folder):
    (folder / "count").write_bytes(b"0")
    code = """
import sys
from peercompare.safekeeping.transactions import exclusive
from pathlib import Path
folder = Path(sys.argv[1])
for _ in range(25):
    with exclusive(folder) as change:
        change.replace({"count": str(int((folder / "count").read_bytes()) + 1).encode()})
"""
    command = [sys.executable, "-c", code, str(folder)]
    both = [subprocess.Popen(command), subprocess.Popen(command)]
    assert [process.wait() for process in both] == [0, 0]
    assert (folder / "count").read_bytes() == b"50"


def test_waiting_for_a_process_that_does_not_let_go_ends_with_an_error(folder, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    with Victims(
        CHANGE + "import time\nfrom peercompare.safekeeping.transactions import exclusive"
    ) as victims:
        holder = victims.start(f"with exclusive({str(folder)!r}):\n    time.sleep(60)")
        while not (folder / locks.LOCK).exists() or not is_locked(folder):
            pass
        with pytest.raises(InputError, match="Another process has held"):
            change_folder(folder, NEW)
        with pytest.raises(InputError, match="Another process has held"):
            read_whole(folder, lambda: None)
        os.kill(holder, signal.SIGKILL)
        victims.finish()
    change_folder(folder, NEW)
    assert visible(folder) == AFTER


def is_locked(folder):
    import fcntl

    with open(folder / locks.LOCK) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../out.csv", "not a path inside the folder"),
        ("/etc/out.csv", "not a path inside the folder"),
        ("./a.csv", "not a path inside the folder"),
        ("texts", "a folder of that name"),
        ("a.csv/b", "what should be its folder is a file"),
        ("linked/b", "a link to another place"),
        ("linked.csv", "what it leads to would stay"),
        (".peercompare.lock", "kept for changes"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_changes(folder, tmp_path, name, why):
    (tmp_path / "elsewhere").mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "d.csv").write_bytes(b"words")
    (folder / "linked.csv").symlink_to(tmp_path / "elsewhere" / "d.csv")
    with pytest.raises(InputError, match=why):
        change_folder(folder, {"a.csv": b"new", name: b"x"})
    (folder / "linked.csv").unlink()
    assert visible(folder) == OLD
    assert (tmp_path / "elsewhere" / "d.csv").read_bytes() == b"words"


def test_a_folder_that_cannot_be_written_is_read_but_not_half_way(killed, monkeypatch):
    folder = killed("replace", 2)
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK)
    with pytest.raises(InputError, match="was broken off half way"):
        read_whole(folder, lambda: visible(folder))
    (folder / journal.STAGE / journal.JOURNAL).unlink()  # now as if it had been killed before the decision
    assert read_whole(folder, lambda: visible(folder)) == OLD
    with pytest.raises(InputError, match="cannot be written"):
        change_folder(folder, NEW)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="No folder at"):
        change_folder(tmp_path / "absent", NEW)


def test_without_locks_a_change_still_happens_whole(folder, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    with exclusive(folder) as change:
        change.replace(NEW)
        assert read_whole(folder, lambda: visible(folder)) == AFTER


def test_a_reader_who_waited_for_a_writer_that_is_killed_finishes_the_change_first(folder):
    slow = "import time\nfrom peercompare.safekeeping import journal\n"
    slow += "journal.finish = lambda *_: time.sleep(60)\n"
    found = []
    with Victims(CHANGE + slow) as victims:
        writer = victims.start(as_code(folder, NEW))
        while not journal.is_decided(folder):
            pass
        reader = threading.Thread(target=lambda: found.append(_read_under_lock(folder)))
        reader.start()
        reader.join(0.2)
        assert found == []  # it waits
        os.kill(writer, signal.SIGKILL)
        victims.finish()
        reader.join()
    assert found == [AFTER]


def _read_under_lock(folder):
    """Read as somebody does who looked for a broken-off change before the writer began."""
    from peercompare.safekeeping import transactions

    return transactions._read_locked(folder, lambda: visible(folder))


def test_what_a_killed_writer_left_beside_a_file_leaves_with_the_next_change(folder):
    for name in ("texts/.b.txt.k2j4h5g6.part", ".a.csv.0a1b2c3d.part"):
        (folder / name).write_bytes(b"somebody's words")
    secret = folder / ".person_key.0011.part"
    secret.write_bytes(b"in the making")
    with exclusive(folder):
        assert sorted(path.name for path in folder.rglob("*.part")) == [secret.name]
    assert visible(folder) == OLD
