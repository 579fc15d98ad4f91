"""Encoders: told apart by hash, embedding in any order, refused with reasons."""

import sys

import numpy as np
import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra embeddings: make test-embeddings")

from peercompare.classifier.embeddings import EmbeddingCache, load_encoder
from peercompare.classifier.embeddings.encoder import check_encoder, deterministic, need_extra
from peercompare.errors import InputError, ModelError

TEXTS = ["bus leaves at nine", "rakes", "we dig together here near the hall", "rakes"]


def test_texts_come_back_in_their_order_whatever_their_length(encoder):
    found = encoder.embed(TEXTS)
    assert found.shape == (4, 32)
    assert found.dtype == np.float32
    assert np.array_equal(found[1], found[3])
    alone = np.vstack([encoder.embed([text]) for text in TEXTS])
    assert np.allclose(found, alone, atol=1e-5)


def test_no_texts_give_no_rows(encoder):
    assert encoder.embed([]).shape == (0, 32)


def test_a_copy_in_another_folder_has_the_same_hash_and_other_weights_another(
    encoder, other_folder, tmp_path
):
    encoder.network.save_pretrained(str(tmp_path / "copy"), create_model_card=False)
    copied, other = load_encoder(tmp_path / "copy"), load_encoder(other_folder)
    assert copied.sha256 == encoder.sha256 != other.sha256
    assert np.array_equal(copied.embed(TEXTS), encoder.embed(TEXTS))
    assert check_encoder(copied, encoder.sha256, what="It") is copied
    with pytest.raises(ModelError, match="with another encoder"):
        check_encoder(other, encoder.sha256, what="It")


def test_a_cached_embedding_is_not_computed_again(encoder, tmp_path, monkeypatch):
    cache = EmbeddingCache(tmp_path)
    first = encoder.embed(TEXTS, cache=cache)
    assert len(cache) == 3
    monkeypatch.setattr(type(encoder), "_computed", lambda self, texts: np.full((len(texts), 32), 7.0, "f4"))
    again = encoder.embed([*TEXTS, "oil keeps the blade"], cache=cache)
    assert np.array_equal(again[:4], first)
    assert (again[4] == 7).all()


def test_a_folder_without_an_encoder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot be loaded: .*\n.*safetensors"):
        load_encoder(tmp_path)


def test_pickled_weights_are_refused(encoder_folder, tmp_path):
    import torch

    for path in encoder_folder.iterdir():
        if path.suffix == ".safetensors":
            torch.save({}, tmp_path / "pytorch_model.bin")
        elif path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(InputError, match="cannot be loaded"):
        load_encoder(tmp_path)


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match=r'pip install "peercompare\[embeddings\]"'):
        need_extra()


def test_torchs_settings_are_left_as_they_were():
    import torch

    state = torch.random.get_rng_state()
    with deterministic(3):
        first = torch.rand(2)
        assert torch.are_deterministic_algorithms_enabled()
    with deterministic(3):
        assert torch.equal(torch.rand(2), first)
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.random.get_rng_state(), state)


def test_texts_are_cut_after_128_tokens(encoder):
    assert encoder.network.max_seq_length <= 128
    assert np.isfinite(encoder.embed(["rakes " * 500])).all()
