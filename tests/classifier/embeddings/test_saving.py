"""Model files: faults are found before anything is built; other frameworks are refused, and withdrawals."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

pytest.importorskip("sentence_transformers", reason="needs the extra embeddings: make test-embeddings")

from peercompare.classifier import load_model, save_model, training_table
from peercompare.classifier.embeddings import make_stack, train_encoder
from peercompare.classifier.embeddings.archive import ABOUT, packed
from peercompare.classifier.persistence import read_facts
from peercompare.errors import ConsentError, InputError, ModelError


@pytest.fixture(scope="module")
def saved(embedding_model, tmp_path_factory):
    return save_model(embedding_model, tmp_path_factory.mktemp("models") / "model.zip")


def changed(saved, target, *, files=(), about=None, without=()):
    """Write the archive anew with some files and facts other, and hashes that fit."""
    with zipfile.ZipFile(io.BytesIO(saved.read_bytes())) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    said = json.loads(content.pop(ABOUT))
    said.pop("files"), said.pop("format")
    content = {name: data for name, data in {**content, **dict(files)}.items() if name not in without}
    target.write_bytes(packed({**said, **(about or {})}, content))
    return target


def test_a_model_made_for_another_framework_is_refused(saved, deegan):
    with pytest.raises(ModelError, match="was made for garden2020"):
        load_model(saved, deegan)


def test_a_damaged_file_is_refused(saved, tmp_path):
    data = bytearray(saved.read_bytes())
    data[len(data) // 2] ^= 255
    (tmp_path / "m.zip").write_bytes(data)
    with pytest.raises(ModelError, match="no whole model file"):
        load_model(tmp_path / "m.zip")


def test_a_file_cut_short_is_refused(saved, tmp_path):
    (tmp_path / "m.zip").write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(ModelError, match="no whole model file"):
        load_model(tmp_path / "m.zip")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("encoder/pytorch_model.bin", b"x"),
        ("encoder/modeling.py", b"print('hello')"),
        ("../outside.json", b"{}"),
        ("encoder/config.json", b'{"auto_map": {"AutoModel": "modeling.Own"}}'),
        ("encoder/modules.json", b'[{"idx": 0, "name": "0", "path": "", "type": "os.system"}]'),
    ],
)
def test_what_could_run_code_or_leave_the_folder_is_refused_before_anything_is_built(
    saved, tmp_path, name, content, monkeypatch
):
    from peercompare.classifier.embeddings import saving

    monkeypatch.setattr(saving, "load_encoder", lambda where: pytest.fail("an encoder was built"))
    strange = changed(saved, tmp_path / "m.zip", files={name: content})
    with pytest.raises(ModelError, match=r"holds what a model of peercompare never holds(.|\n)*" + name):
        load_model(strange)


def test_an_encoder_with_other_weights_is_refused(saved, tmp_path, other_folder):
    weights = (other_folder / "model.safetensors").read_bytes()
    strange = changed(saved, tmp_path / "m.zip", files={"encoder/model.safetensors": weights})
    with pytest.raises(ModelError, match="another encoder"):
        load_model(strange)


@pytest.mark.parametrize("about", [{"factors": [1.0, 1.0]}, {"labels": ["none"]}, {"kind": "stack"}])
def test_parts_that_do_not_fit_together_are_refused(saved, tmp_path, about):
    with pytest.raises(ModelError, match="no whole model file"):
        load_model(changed(saved, tmp_path / "m.zip", about=about))


def test_a_missing_part_is_refused(saved, tmp_path):
    with pytest.raises(ModelError, match="no whole model file"):
        load_model(changed(saved, tmp_path / "m.zip", without=["numbers.safetensors"]))


def test_a_model_of_somebody_who_withdrew_is_refused(
    garden, with_speakers, tiny_framework, encoder, tmp_path
):
    spoken = with_speakers(garden)
    rows = training_table(spoken)
    model = train_encoder(
        rows, tiny_framework, make_stack("embedding", encoder, seed=1, calibrate=False), seed=1
    )
    path = save_model(model, tmp_path / "m.zip")
    assert load_model(path, corpora=[spoken]).facts["whose"] == model.facts["whose"]
    records = spoken.consents.records.assign(withdrawn_on="2023-01-01")
    gone = replace(spoken, consents=type(spoken.consents)(records))
    with pytest.raises(ConsentError, match="withdrawn"):
        load_model(path, corpora=[gone])


def test_facts_can_be_read_without_the_extra(saved, embedding_model, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    assert read_facts(saved)["framework_id"] == embedding_model.facts["framework_id"]
    with pytest.raises(InputError, match="install the extra"):
        load_model(saved)
