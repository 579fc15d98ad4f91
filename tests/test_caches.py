"""What is kept between runs is whole, private, bounded, removable, and nowhere that is handed on."""

import errno
import multiprocessing
import os
import stat

import pytest

from peercompare import caches
from peercompare.caches import SWITCH, Store, cache_folder, making_anew, package_hash, user_store
from peercompare.errors import InputError


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache" / "kept")


def key(number):
    return f"{number:064x}"


def test_what_is_put_is_found_by_its_key_alone(store):
    assert store.get(key(1)) is None
    store.put(key(1), b"numbers")
    assert store.get(key(1)) == b"numbers"
    assert store.get(key(2)) is None
    assert store.size() == (1, 32 + 7)


def test_folders_and_files_are_their_owners_alone(store):
    store.put(key(1), b"numbers")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (store.folder.parent, store.folder)]
    assert modes == [0o700, 0o700]
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()} == {0o600}


def test_what_was_used_least_recently_goes_first(tmp_path):
    store = Store(tmp_path / "kept", most_bytes=3 * 40)
    for number in range(3):
        store.put(key(number), b"8 bytes.")
        os.utime(store._path(key(number)), (1000 + number, 1000 + number))
    assert store.get(key(0)) == b"8 bytes."
    store.put(key(3), b"8 bytes.")
    assert [store.get(key(number)) is None for number in range(4)] == [False, True, False, False]
    assert store.size() == (3, 120)


def test_what_is_larger_than_the_bound_is_not_kept_and_drives_nothing_out(tmp_path):
    store = Store(tmp_path / "kept", most_bytes=100)
    store.put(key(1), b"small")
    store.put(key(2), b"x" * 100)
    assert store.get(key(2)) is None
    assert store.get(key(1)) == b"small"


def test_what_was_damaged_counts_as_absent_and_is_put_anew(store):
    store.put(key(1), b"numbers")
    path = store._path(key(1))
    for wrong in (path.read_bytes()[:-1], path.read_bytes()[:10], b""):
        path.write_bytes(wrong)
        assert store.get(key(1)) is None
        assert not path.exists()
    store.put(key(1), b"numbers")
    assert store.get(key(1)) == b"numbers"


def test_a_full_disk_keeps_nothing_and_stops_nobody(store, monkeypatch):
    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        store.put(key(1), b"numbers")
    assert store.get(key(1)) is None
    assert list(store.folder.iterdir()) == []


def test_what_a_kill_left_in_the_making_goes_in_time(store):
    store.put(key(1), b"numbers")
    left = [store.folder / f".{key(2)}{caches.ENDING}.{name}.part" for name in ("old", "new")]
    for path in left:
        path.write_bytes(b"half")
    os.utime(left[0], (1000, 1000))
    store.put(key(3), b"numbers")
    assert [path.exists() for path in left] == [False, True]
    assert store.clear() == 2
    assert list(store.folder.iterdir()) == []


def put_many(folder, start):
    store = Store(folder, most_bytes=25 * 1032)
    for number in range(60):
        content = bytes([(start + number) % 50]) * 1000
        store.put(key((start + number) % 50), content)
        found = store.get(key((start + number) % 50))
        assert found in (None, content)


def test_two_processes_may_write_and_remove_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=put_many, args=(tmp_path / "kept", start)) for start in (0, 25)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert [each.exitcode for each in writers] == [0, 0]
    store = Store(tmp_path / "kept")
    n, held = store.size()
    assert 0 < n <= 26
    assert held == n * 1032
    assert all(store.get(key(n)) in (None, bytes([n]) * 1000) for n in range(50))


def test_the_users_folder_stands_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv(SWITCH, str(tmp_path / "named"))
    assert cache_folder() == tmp_path / "named"
    assert user_store("kept").folder == tmp_path / "named" / "kept"
    monkeypatch.setenv(SWITCH, "Off")
    assert cache_folder() is None
    assert user_store("kept") is None
    monkeypatch.delenv(SWITCH)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "base"))
    assert cache_folder() == tmp_path / "base" / "peercompare"
    assert not (tmp_path / "base").exists()


def test_no_store_is_used_where_results_are_made_anew(tmp_path, monkeypatch):
    monkeypatch.setenv(SWITCH, str(tmp_path))
    with making_anew(), making_anew():
        assert user_store("kept") is None
    assert user_store("kept") is not None


def test_verifying_recalls_nothing(tmp_path, monkeypatch):
    from types import SimpleNamespace

    from peercompare.study import verifying

    monkeypatch.setenv(SWITCH, str(tmp_path))
    met = []
    monkeypatch.setattr(verifying, "run_stages", lambda *_, **__: met.append(user_store("kept")))
    monkeypatch.setattr(verifying, "replace", lambda *_, **__: None)
    monkeypatch.setattr(verifying, "make_manifest", lambda *_, **__: {})
    model = SimpleNamespace(model_copy=lambda **_: model)
    model.study = model
    reference = {"scope": "", "tables": {}, "numbers": {}}
    verifying.run_again(SimpleNamespace(settings=model), tmp_path, reference, until=None, tell=print)
    assert met == [None]


@pytest.mark.parametrize("name", caches.OTHERS)
def test_nothing_is_kept_in_a_corpus_or_in_results(tmp_path, monkeypatch, name):
    (tmp_path / "results" / name).mkdir(parents=True)
    monkeypatch.setenv(SWITCH, str(tmp_path / "results" / "deep" / "cache"))
    with pytest.raises(InputError, match="lies in a corpus or in a study's results"):
        cache_folder()


def test_the_hash_of_the_package_changes_with_its_files(tmp_path, monkeypatch):
    (tmp_path / "code.py").write_text("1")
    monkeypatch.setattr(caches.peercompare, "__file__", str(tmp_path / "__init__.py"))
    before = package_hash.__wrapped__()
    (tmp_path / "code.pyc").write_text("1")
    assert package_hash.__wrapped__() == before
    (tmp_path / "code.py").write_text("2")
    assert package_hash.__wrapped__() != before
