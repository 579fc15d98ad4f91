"""The command line with models on embeddings: train, predict, nearest, and what is refused."""

import pandas as pd
import pytest

from peercompare.classifier.decision import NAMED
from peercompare.cli import main
from peercompare.errors import InputError

NEEDS = "needs the extra embeddings: make test-embeddings"


def run(*words):
    return main([str(word) for word in words])


@pytest.fixture
def table(tmp_path):
    """A table of labelled texts of six employers under the shipped framework."""
    told = {
        "none": "bus leaves at nine",
        "peer": "we dig together here",
        "clinical": "the warden counts rakes",
    }
    rows = [
        (f"d{group}:{number}", f"d{group}", f"{words} {number}", label, f"E{group}")
        for group in range(6)
        for number, (label, words) in enumerate(list(told.items()) * 3)
    ]
    path = tmp_path / "coded.csv"
    columns = ["segment_id", "document_id", "text", "label", "group"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


def of_its_own(table, encoder):
    """Train frozen embeddings on the table alone, which has far fewer rows than there are examples."""
    return "train", table, "--model", "embedding", "--encoder", encoder, "--examples-weight", 0


@pytest.fixture
def tiny(request):
    pytest.importorskip("sentence_transformers", reason=NEEDS)
    return request.getfixturevalue("encoder_folder")


def test_a_model_is_trained_from_a_table_and_predicts(capsys, table, tiny, tmp_path):
    out, found = tmp_path / "m.zip", tmp_path / "p.csv"
    assert run(*of_its_own(table, tiny), "--out", out) == 0
    card = (tmp_path / "m.card.md").read_text()
    assert card.count("frozen sentence embeddings") == 1
    assert "coded examples that come with the framework" not in card
    texts = tmp_path / "texts.csv"
    pd.DataFrame({"segment_id": ["a"], "document_id": "x", "text": "We dig together"}).to_csv(texts)
    assert run("predict", out, texts, "--out", found) == 0
    assert pd.read_csv(found)[NAMED].tolist() == ["peer"]
    assert "documents are unlike" in capsys.readouterr().err


def test_the_weight_of_examples_is_handed_on(capsys, monkeypatch, table, tmp_path):
    asked = []

    def learner(kind, encoder, **told):
        asked.append((kind, encoder, told["examples_weight"]))
        raise InputError("no further")

    monkeypatch.setattr("peercompare.classifier.embeddings.learner", learner)
    words = ["train", table, "--model", "hybrid", "--encoder", "x", "--out", tmp_path / "m.zip"]
    assert run(*words) == run(*words, "--examples-weight", 0.25) == 1
    assert asked == [("hybrid", "x", 0.5), ("hybrid", "x", 0.25)]
    assert "no further" in capsys.readouterr().err


def test_neighbours_are_looked_for_in_coded_corpora(capsys, table, tiny, tmp_path, corpora_folder):
    out = tmp_path / "m.zip"
    assert run(*of_its_own(table, tiny), "--out", out) == 0
    texts = tmp_path / "texts.csv"
    pd.DataFrame({"segment_id": ["a"], "text": "We dig together"}).to_csv(texts)
    corpus = corpora_folder / "session_transcripts"
    asked = ["nearest", out, texts, corpus, "--as-of", "2024-06-30", "--neighbours", 9]
    assert run(*asked, "--out", tmp_path / "near.csv") == 0
    near = pd.read_csv(tmp_path / "near.csv")
    assert len(near) + near["n_not_shown"][0] == 9
    assert f"{near['n_not_shown'][0]} more are not shown" in capsys.readouterr().err


def test_a_model_on_embeddings_needs_an_encoder(capsys, table, tmp_path):
    assert run("train", table, "--model", "stack", "--out", tmp_path / "m.zip") == 1
    assert "--model stack needs an encoder" in capsys.readouterr().err


def test_the_n_gram_model_takes_none(capsys, table, tmp_path):
    assert run("train", table, "--encoder", "somewhere", "--out", tmp_path / "m.skops") == 1
    assert "has no encoder" in capsys.readouterr().err


def test_without_the_extra_the_command_that_installs_it_is_named(capsys, table, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    words = ["train", table, "--model", "embedding", "--encoder", "x", "--out", tmp_path / "m.zip"]
    assert run(*words) == 1
    assert 'pip install "peercompare[embeddings]"' in capsys.readouterr().err
    assert not (tmp_path / "m.zip").exists()
