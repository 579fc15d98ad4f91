"""Tables by the fast scorer are those of the readable path, documents and all."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from peercompare.classifier import train
from peercompare.classifier.domain import document_terms
from peercompare.classifier.fast import quick, quickened
from peercompare.classifier.fast.documents import fast_document_terms
from peercompare.classifier.fast.terms import FastTerms
from peercompare.classifier.model import Model
from peercompare.errors import DisclosureError, InputError

MANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def counted(terms):
    """Counts by document and term, known terms by their column, others as counts in order of size."""
    found = {}
    for row, document in enumerate(terms.ids):
        known, others = {}, {0: [], 1: []}
        start, end = terms.counts.indptr[row], terms.counts.indptr[row + 1]
        for column, count in zip(terms.counts.indices[start:end], terms.counts.data[start:end], strict=True):
            if terms.places[column] >= 0:
                known[int(terms.kinds[column]), int(terms.places[column])] = count
            else:
                others[int(terms.kinds[column])].append(count)
        found[document] = known, {kind: sorted(counts) for kind, counts in others.items()}
    return found


def same_terms(model, texts, documents):
    features = model.pipeline.named_steps["features"]
    fast = fast_document_terms(FastTerms(features), features, texts, documents)
    slow = document_terms(model.pipeline, texts, documents)
    assert fast.n_words.tolist() == slow.n_words.tolist()
    assert counted(fast) == counted(slow)


@MANY
@given(st.lists(st.tuples(st.text(max_size=40), st.sampled_from("abc")), min_size=1, max_size=6))
def test_any_documents_have_the_same_terms(noted, rows):
    clean = [(text.encode("utf-8", "ignore").decode(), document) for text, document in rows]
    same_terms(noted, *map(list, zip(*clean, strict=True)))


def test_documents_with_names_titles_refusals_and_new_words_have_the_same_terms(noted, said):
    texts = [*said, *(f"{text} zyx qwv not zyx" for text in said)]
    same_terms(noted, texts, [f"d{number % 4}" for number in range(len(texts))])


def test_a_table_of_predictions_is_the_same_with_and_without_context(noted, notes, said):
    table = notes.drop_duplicates("segment_id").head(40).drop(columns=["label", "weight", "group", "whose"])
    strange = table.assign(
        segment_id=table["segment_id"] + "-x", document_id="new", text="zyx wvu " * 30, heading="Qrs"
    )
    mixed = pd.concat([table, strange.head(5)], ignore_index=True)
    for rows in (mixed, mixed[["segment_id", "document_id", "text"]]):
        slow, fast = noted.predict_table(rows), quickened(noted).predict_table(rows)
        pd.testing.assert_frame_equal(slow, fast, rtol=0, atol=1e-9)
    assert slow["out_of_domain"].tolist()[-5:] == [True] * 5
    assert slow["abstained"].any()


def test_a_model_that_is_not_calibrated_says_the_same(notes, tiny_framework):
    model = train(notes, tiny_framework, seed=5, calibrate=False)
    table = notes.drop_duplicates("segment_id")[["segment_id", "document_id", "text"]].head(9)
    fast = quickened(model).predict_table(table)
    pd.testing.assert_frame_equal(model.predict_table(table), fast, rtol=0, atol=1e-9)


def test_the_fast_scorer_is_what_predicts(noted, notes, monkeypatch):
    def never(*given):
        raise AssertionError

    table = notes.drop_duplicates("segment_id")[["segment_id", "document_id", "text"]].head(3)
    monkeypatch.setattr(type(noted.pipeline), "predict_proba", never)
    assert len(quickened(noted).predict_table(table)) == 3


def test_a_model_of_another_kind_keeps_the_readable_path(noted):
    class Encoded(Model):
        pass

    encoded = Encoded(noted.pipeline, noted.labels, noted.model_id, noted.facts, noted.centroids)
    other = replace(noted, pipeline=make_pipeline(DummyClassifier()))
    assert quickened(other) is other
    assert quickened(encoded) is encoded
    assert isinstance(quickened(noted), quick.QuickModel)
    assert repr(quickened(noted)) == repr(noted)


def test_what_the_model_refuses_is_refused(noted, notes):
    table = notes.drop_duplicates("segment_id")[["segment_id", "document_id", "text"]].head(3)
    with pytest.raises(DisclosureError):
        quickened(noted).predict_table(table.assign(worker_id="W"))
    with pytest.raises(InputError, match="text is missing"):
        quickened(noted).predict_table(table.assign(text=[None, "a", "b"]))
    with pytest.raises(InputError, match="has no row"):
        quickened(noted).predict_table(table.head(0))
    assert np.isclose(quickened(noted).probabilities(["we dig"]).sum(), 1)
