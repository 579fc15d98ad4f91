"""Presidio behind its narrow interface: what it gives, and that nothing is ever fetched."""

import sys
from types import SimpleNamespace

import pytest

from peercompare.deidentify import detector
from peercompare.deidentify.presidio import PresidioModel, load_presidio
from peercompare.errors import InputError


class FakeEngine:
    """Answers as Presidio's AnalyzerEngine.analyze does."""

    def __init__(self, *found):
        self.found = [
            SimpleNamespace(entity_type=kind, start=start, end=end, score=0.9) for kind, start, end in found
        ]
        self.asked = []

    def analyze(self, text, language, entities, score_threshold):
        self.asked.append((language, sorted(entities), score_threshold))
        return self.found


TEXT = "Deb went to Tulsa, Oklahoma."


@pytest.fixture
def engine():
    return FakeEngine(("PERSON", 0, 3), ("LOCATION", 12, 17), ("LOCATION", 19, 27), ("DATE_TIME", 4, 8))


def test_names_and_places_are_taken_and_states_and_times_are_left(engine):
    found = list(PresidioModel(engine, "en", 0.4).find(TEXT))
    assert found == [(0, 3, "model_name"), (12, 17, "model_place")]
    assert engine.asked == [("en", ["LOCATION", "PERSON"], 0.4)]


def test_an_empty_text_is_not_asked_about(engine):
    assert list(PresidioModel(engine, "en", 0.4).find(" \n")) == []
    assert not engine.asked


def test_what_a_model_finds_is_proposed_with_the_rules(engine):
    finder = detector(model=PresidioModel(engine, "en", 0.4))
    assert [(hit.rule, hit.kind) for hit in finder.find(TEXT)] == [
        ("model_name", "name"),
        ("model_place", "place"),
    ]
    assert "model_name" not in finder.off


def test_without_presidio_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(InputError, match=r"peercompare\[deid\]"):
        load_presidio("en_core_web_sm")


def test_presidio_itself_reads_a_local_model_and_refuses_an_absent_one(tmp_path, monkeypatch):
    pytest.importorskip("presidio_analyzer")
    spacy = pytest.importorskip("spacy")
    monkeypatch.setattr(spacy.cli, "download", lambda *_, **__: pytest.fail("something was fetched"))
    with pytest.raises(InputError, match="nothing is downloaded"):
        load_presidio("en_no_such_model")
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Deb"}, {"label": "GPE", "pattern": "Tulsa"}])
    pipeline.to_disk(tmp_path / "model")
    found = list(load_presidio(str(tmp_path / "model")).find(TEXT))
    assert sorted(found) == [(0, 3, "model_name"), (12, 17, "model_place")]
