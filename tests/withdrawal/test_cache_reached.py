"""A withdrawal that is carried out leaves nothing of anybody in the cache; one that is only recorded does."""

import numpy as np

from peercompare.classifier.embeddings.cache import user_cache
from peercompare.classifier.remembered import answers_store

PERSON = "W02"


def test_what_is_kept_goes_with_the_words_and_not_before(sessions, withdraw, tmp_path, monkeypatch):
    monkeypatch.setenv("PEERCOMPARE_CACHE", str(tmp_path / "cache"))
    answers_store().put("a" * 64, b"what was said of a fold")
    user_cache().put("encoder", {"we dig": np.ones(3, dtype=np.float32)})
    status, said = withdraw(PERSON, sessions)
    assert status == 0
    assert "removed from your cache" not in said
    assert answers_store().size()[0] == 1
    status, said = withdraw(PERSON, sessions, "--apply")
    assert status == 0
    assert "1 predictions of folds and 1 embeddings removed from your cache" in said
    assert answers_store().get("a" * 64) is None
    assert len(user_cache()) == 0
    assert b"what was said" not in b"".join(
        path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()
    )
