from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from peercompare.classifier import train
from peercompare.classifier.fast import FastScorer, scorer, terms
from peercompare.errors import InputError, ModelError

ODD = st.sampled_from(
    [
        *" \t\n'\u2019-.,;:?!\u00a0\u2003\u0085\u200b\u0301\u05d0\u03a3\u0130",
        *"\u212a\U0001f331\U00010400\u01c5\u00b2\u0663_AI",
        *"Bo|Ann|n't|not|no|but|We dig|quota|shed|Fern|xname|garden|Garden Helper|'em|in'".split("|"),
    ]
)
RULED = (
    "At Fern House you won't I'm not No, never but Ask Mary Ann (\u00a34,000.50) 'cause y'all talkin'".split(
        " "
    )
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(ODD, st.just(" "), st.text(max_size=4)), max_size=25).map("".join),
    st.lists(st.sampled_from(RULED), max_size=25).map(" ".join),
)
MANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def fast(noted):
    return FastScorer(noted)


def differ_by(model, fast, texts):
    return np.abs(model.probabilities(texts) - fast.probabilities(texts)).max(initial=0.0)


@MANY
@given(st.lists(TEXTS, min_size=1, max_size=6))
@example(["Ann Bo met garden helper Jo and Garden-Helpers of the shed, no notes"])
@example([""])
@example(["\u03a3\u0391\u03a3 \u03a3. A\u03a3' we dig \u0130n' here, not \u212ae"])
@example(RULED)
def test_any_texts_get_the_probabilities_of_the_pipeline(noted, fast, texts):
    assert differ_by(noted, fast, [text.encode("utf-8", "ignore").decode() for text in texts]) < 1e-9


@MANY
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=5))
def test_any_context_gives_the_probabilities_of_the_pipeline(noted, fast, rows):
    names = ["text", "before", "after", "heading", "document"]
    clean = [[each.encode("utf-8", "ignore").decode() for each in row] for row in rows]
    assert differ_by(noted, fast, pd.DataFrame(clean, columns=names)) < 1e-9


def test_rows_with_and_without_a_document_are_told_apart_in_one_table(noted, fast, notes):
    mixed = notes.assign(document=notes["document"].where(np.arange(len(notes)) % 2 == 0, ""))
    assert noted.pipeline["features"].in_context_
    assert differ_by(noted, fast, mixed) < 1e-9
    assert np.abs(fast.probabilities(mixed) - fast.probabilities(notes)).max() > 1e-4


@pytest.mark.parametrize(
    "changed",
    [{"mask": False}, {"refusals": False}, {"context": False}, {"mask": False, "refusals": False}],
    ids=str,
)
def test_models_with_other_settings_are_scored_alike(notes, said, tiny_framework, changed):
    model = train(notes, tiny_framework, seed=5, settings=changed, calibrate=False)
    assert differ_by(model, FastScorer(model), notes) < 1e-9
    assert differ_by(model, FastScorer(model), said) < 1e-9


def test_two_labels_are_scored_alike(notes, said, tiny_framework):
    two = notes[notes["label"].isin(sorted(set(notes["label"]))[:2])]
    model = train(two, tiny_framework, seed=5, calibrate=False)
    assert differ_by(model, FastScorer(model), said) < 1e-9


def test_nothing_depends_on_what_is_scored_together(fast, said, monkeypatch):
    whole = fast.probabilities(said * 3)
    monkeypatch.setattr(scorer, "ROWS", 4)
    assert np.abs(fast.probabilities(said * 3) - whole).max() < 1e-12


def test_what_is_forgotten_is_learnt_again(noted, said, monkeypatch):
    monkeypatch.setattr(terms, "MOST_PIECES", 5)
    small = FastScorer(noted)
    for _ in range(3):
        assert differ_by(noted, small, said) < 1e-9
    small.probabilities(["two words"])
    assert len(small.terms._pieces) < 20


def test_no_text_gives_no_row(fast, noted):
    assert fast.probabilities([]).shape == (0, len(noted.labels))


def test_what_is_no_text_is_refused_as_by_the_model(fast):
    with pytest.raises(InputError, match="1 of 2 texts are missing"):
        fast.probabilities(["we dig", None])


def test_a_model_of_another_kind_is_refused(noted):
    with pytest.raises(ModelError, match="no linear model of words"):
        FastScorer(replace(noted, pipeline=make_pipeline(DummyClassifier())))
