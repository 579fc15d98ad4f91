"""Embeddings are kept by hash, bounded, private, whole under two processes, and can be forgotten."""

import multiprocessing
import sqlite3
import stat

import numpy as np
import pytest

from peercompare.classifier.embeddings.cache import EmbeddingCache, clear_user_cache, user_cache
from peercompare.classifier.embeddings.encoder import text_keys
from peercompare.errors import InputError


def vectors(texts, start=0.0):
    return {text: np.full(3, start + number, dtype=np.float32) for number, text in enumerate(texts)}


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "kept")


def test_what_is_put_is_found_by_encoder_and_text(cache):
    cache.put("one", vectors(["ask", "listen"]))
    cache.put("two", vectors(["ask"], start=9))
    found = cache.get("one", ["listen", "ask", "walk"])
    assert {text: values.tolist() for text, values in found.items()} == {
        "ask": [0, 0, 0],
        "listen": [1, 1, 1],
    }
    assert cache.get("two", ["ask"])["ask"].tolist() == [9, 9, 9]
    assert found["ask"].dtype == np.float32


def test_no_text_stands_in_the_file(cache):
    cache.put("one", vectors(["She said the kettle sings"]))
    assert b"kettle" not in cache.path.read_bytes()


def test_folder_and_file_are_their_owners_alone(cache):
    cache.put("one", vectors(["ask"]))
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600


def test_a_folder_that_was_there_keeps_its_mode(tmp_path):
    (tmp_path / "mine").mkdir(mode=0o755)
    EmbeddingCache(tmp_path / "mine")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o755


def test_the_oldest_are_dropped_beyond_the_bound(tmp_path):
    cache = EmbeddingCache(tmp_path, most_rows=3)
    for text in "abcde":
        cache.put("one", vectors([text]))
    assert len(cache) == 3
    assert sorted(cache.get("one", list("abcde"))) == ["c", "d", "e"]


def test_forgotten_texts_are_gone_for_every_encoder_and_from_the_bytes(cache):
    telling = np.array([1.25, -7.5, 3.125], dtype="<f4")
    cache.put("one", {"ask": telling, "walk": telling + 1})
    cache.put("two", {"ask": telling})
    assert cache.forget(text_keys(["ask", "never seen"])) == 2
    assert list(cache.get("one", ["ask", "walk"])) == ["walk"]
    assert telling.tobytes() not in cache.path.read_bytes()


def test_clearing_leaves_nothing(cache):
    cache.put("one", vectors(["ask", "walk"]))
    cache.clear()
    assert len(cache) == 0


def put_many(folder, start):
    cache = EmbeddingCache(folder)
    for number in range(40):
        cache.put("one", vectors([f"text {(start + number) % 60}"], start=(start + number) % 60))


def test_two_processes_may_write_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=put_many, args=(tmp_path, start)) for start in (0, 20)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert [each.exitcode for each in writers] == [0, 0]
    found = EmbeddingCache(tmp_path).get("one", [f"text {number}" for number in range(60)])
    assert [found[f"text {number}"][0] for number in range(60)] == list(range(60))


def test_a_file_that_is_no_cache_is_an_error_with_its_remedy(cache):
    cache.path.write_bytes(b"this is no database at all, whatever its name says")
    with pytest.raises(InputError, match=r"cannot be used.*\n.*remove the file"):
        cache.get("one", ["ask"])


def test_a_folder_that_cannot_be_made_is_an_error_that_names_the_switch(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="PEERCOMPARE_CACHE"):
        EmbeddingCache(tmp_path / "file" / "below")


def test_the_users_cache_stands_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv("PEERCOMPARE_CACHE", str(tmp_path / "named"))
    assert user_cache().folder == tmp_path / "named"
    monkeypatch.setenv("PEERCOMPARE_CACHE", "off")
    assert user_cache() is None
    monkeypatch.delenv("PEERCOMPARE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "base"))
    assert user_cache().folder == tmp_path / "base" / "peercompare"


def test_many_texts_are_asked_for_in_parts(cache):
    texts = [f"text {number}" for number in range(1201)]
    cache.put("one", vectors(texts))
    assert len(cache.get("one", texts)) == 1201
    assert cache.forget(text_keys(texts)) == 1201


def test_a_cache_is_a_plain_database(cache):
    cache.put("one", vectors(["ask"]))
    with sqlite3.connect(cache.path) as connection:
        (row,) = connection.execute("SELECT encoder, text FROM embeddings").fetchall()
    assert row == ("one", text_keys(["ask"])[0])


def test_the_users_cache_is_emptied_and_none_is_made_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PEERCOMPARE_CACHE", str(tmp_path / "named"))
    assert clear_user_cache() == 0
    assert not (tmp_path / "named").exists()
    user_cache().put("one", vectors(["ask", "walk"]))
    assert clear_user_cache() == 2
    assert len(user_cache()) == 0
    monkeypatch.setenv("PEERCOMPARE_CACHE", "off")
    assert clear_user_cache() == 0


def test_blanks_do_not_make_another_text(cache):
    cache.put("one", vectors(["we  dig\ntogether"]))
    assert list(cache.get("one", ["we dig together"])) == ["we dig together"]
