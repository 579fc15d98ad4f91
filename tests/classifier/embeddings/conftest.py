"""A tiny encoder with weights drawn at random, built here, so that nothing is downloaded and all is fast."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_cache():
    """No test writes to the cache of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PEERCOMPARE_CACHE", "off")
        yield


WORDS = (
    "bus leaves at nine parking behind the hall office phone number we dig together here our shed stands "
    "open everyone brings a bowl fresh beans taste good clean rakes last longer oil keeps blade warden "
    "counts sign quota sheet each plot is weighed today tomorrow slowly often again near north south "
    "early late"
).split()


def write_encoder(folder, *, seed=0, n_layers=2):
    """Write a BERT of two layers and 32 dimensions that knows the words of the garden notes."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast
    from transformers.utils import logging

    folder.mkdir(parents=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [*special, *dict.fromkeys(WORDS)]
    logging.disable_progress_bar()
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=n_layers, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, initializer_range=0.3,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder, safe_serialization=True)
    BertTokenizerFast(vocab={word: number for number, word in enumerate(vocabulary)}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture(scope="session")
def other_folder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoders") / "other", seed=1)


@pytest.fixture(scope="session")
def encoder(encoder_folder):
    from peercompare.classifier.embeddings import load_encoder

    return load_encoder(encoder_folder)


@pytest.fixture(scope="session")
def rows(garden):
    from peercompare.classifier import training_table

    return training_table(garden)


def _trained(rows, framework, encoder, kind, garden):
    from peercompare.classifier.embeddings import make_stack, train_encoder

    stack = make_stack(kind, encoder, seed=5)
    provenance = {"corpora": {"garden": garden.sha256}}
    return train_encoder(rows, framework, stack, seed=5, provenance=provenance)


@pytest.fixture(scope="session")
def embedding_model(rows, tiny_framework, encoder, garden):
    return _trained(rows, tiny_framework, encoder, "embedding", garden)


@pytest.fixture(scope="session")
def stack_model(rows, tiny_framework, encoder, garden):
    return _trained(rows, tiny_framework, encoder, "stack", garden)
