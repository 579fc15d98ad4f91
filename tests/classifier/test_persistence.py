"""Models on disk: exact, whole, and nothing but models."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.tree import DecisionTreeClassifier

from peercompare.classifier import bare_training_table, load_model, save_model, train, training_table
from peercompare.classifier.persistence import FORMAT
from peercompare.errors import ModelError
from peercompare.files import write_atomically


@pytest.fixture
def saved(trained, tmp_path):
    return save_model(trained, tmp_path / "model.skops")


def rewritten(path, change):
    """Write the file anew with its schema changed."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(content["schema.json"])
    change(schema)
    content["schema.json"] = json.dumps(schema).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    path.write_bytes(buffer.getvalue())
    return path


def test_a_model_comes_back_exactly(trained, saved, garden, tiny_framework):
    back = load_model(saved, tiny_framework)
    texts = garden.segments["text"]
    assert (back.probabilities(texts) == trained.probabilities(texts)).all()
    assert (back.centroids == trained.centroids).all()
    assert (back.labels, back.model_id, dict(back.facts)) == (
        trained.labels,
        trained.model_id,
        dict(trained.facts),
    )


@pytest.mark.parametrize(
    "wrong", [None, np.ones((1, 3), dtype=np.float32), np.full((1, 1), np.nan, dtype=np.float32)]
)
def test_mean_documents_that_do_not_fit_the_features_are_refused(trained, tmp_path, wrong):
    path = save_model(replace(trained, centroids=wrong), tmp_path / "model.skops")
    with pytest.raises(ModelError, match="holds no model"):
        load_model(path)


def test_equal_models_are_equal_files(garden, tiny_framework, saved, tmp_path):
    facts = {"corpora": {"garden": garden.sha256}}
    again = train(training_table(garden), tiny_framework, seed=5, provenance=facts)
    assert save_model(again, tmp_path / "again.skops").read_bytes() == saved.read_bytes()


def test_terms_that_are_the_formats_own_words_do_no_harm(tiny_framework, tmp_path):
    rows = [(f"s{n}", f"d{n}", "file __class__ __id__", "shared") for n in range(3)]
    rows += [(f"n{n}", f"e{n}", "content __loader__ type", "none") for n in range(3)]
    table = pd.DataFrame(rows, columns=["segment_id", "document_id", "text", "label"])
    model = train(bare_training_table(table, tiny_framework), tiny_framework, seed=0)
    back = load_model(save_model(model, tmp_path / "model.skops"))
    assert (back.probabilities(table["text"]) == model.probabilities(table["text"])).all()


def test_no_text_of_the_corpus_stands_in_the_file(saved, garden):
    with zipfile.ZipFile(saved) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist()).decode("latin-1").lower()
    assert not any(text.lower() in content for text in garden.segments["text"])


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.999])
def test_a_truncated_file_is_refused(saved, share):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="is no whole model file"):
        load_model(saved)


def test_a_file_with_a_damaged_byte_is_refused(saved):
    data = bytearray(saved.read_bytes())
    data[len(data) // 3] ^= 0xFF
    saved.write_bytes(bytes(data))
    with pytest.raises(ModelError):
        load_model(saved)


def test_an_absent_file_is_refused_by_name(tmp_path):
    with pytest.raises(ModelError, match=r"nowhere\.skops cannot be read"):
        load_model(tmp_path / "nowhere.skops")


@pytest.mark.parametrize("content", [b"", b"text", b"\x80\x04K\x01."])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(ModelError, match="is no whole model file"):
        load_model(tmp_path / "model.skops")


def test_a_harmless_model_of_another_kind_is_refused_and_not_built(tmp_path):
    tree = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
    path = write_atomically(tmp_path / "tree.skops", skops.io.dumps({"pipeline": tree}))
    with pytest.raises(ModelError, match=r"(?s)nothing in it was built.*DecisionTreeClassifier"):
        load_model(path)


@pytest.mark.parametrize(
    "node",
    [
        {"__class__": "system", "__module__": "posix", "__loader__": "FunctionNode", "content": "x"},
        {"__class__": "dict", "__module__": "builtins", "__loader__": "ReduceNode", "content": {}},
        {"__class__": "dict", "__module__": "builtins", "__loader__": "MethodNode", "content": {}},
        {"__loader__": "ObjectNode", "content": None},
    ],
)
def test_a_type_or_a_way_of_building_that_is_not_on_the_list_is_refused(saved, node):
    def slip_in(schema):
        schema["content"]["extra"] = node

    with pytest.raises(ModelError, match=r"holds what a model of peercompare never holds"):
        load_model(rewritten(saved, slip_in))


@pytest.mark.parametrize("content", [{"format": "other"}, {}, ["a", "b"], {"format": FORMAT}])
def test_an_archive_of_allowed_types_that_is_no_model_is_refused(tmp_path, content):
    path = write_atomically(tmp_path / "other.skops", skops.io.dumps(content))
    with pytest.raises(ModelError, match="holds no model of peercompare's"):
        load_model(path)


@pytest.mark.parametrize(
    ("number", "why"), [(1, "does not know whose words trained it"), (2, "reads texts in another way")]
)
def test_a_model_of_an_earlier_version_is_refused_with_the_remedy(tmp_path, number, why):
    content = {"format": f"peercompare model {number}"}
    path = write_atomically(tmp_path / "old.skops", skops.io.dumps(content))
    with pytest.raises(ModelError, match=rf"(?s){why}.*train the model again"):
        load_model(path)


def test_parts_that_do_not_belong_together_are_refused(trained, tmp_path):
    about = json.dumps({"labels": ["none", "x"], "model_id": "m", "facts": dict(trained.facts)})
    content = {"format": FORMAT, "about": about, "pipeline": trained.pipeline}
    path = write_atomically(tmp_path / "mixed.skops", skops.io.dumps(content))
    with pytest.raises(ModelError, match="holds no model of peercompare's"):
        load_model(path)


def test_a_model_made_for_another_framework_is_refused(saved, deegan):
    with pytest.raises(ModelError, match=r"made for garden2020 .* not for deegan2017"):
        load_model(saved, deegan)


def test_saving_replaces_the_old_file_whole(trained, saved):
    saved.write_bytes(b"old")
    save_model(trained, saved)
    assert np.isfinite(load_model(saved).probabilities(["The warden"])).all()
    assert [path.name for path in saved.parent.iterdir()] == ["model.skops"]


def test_a_failed_save_leaves_the_old_file_and_nothing_else(trained, saved, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    old = saved.read_bytes()
    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_model(trained, saved)
    assert saved.read_bytes() == old
    assert [path.name for path in saved.parent.iterdir()] == ["model.skops"]
