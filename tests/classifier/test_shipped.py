"""The classifier on the corpora that come with the project."""

import time

import pytest

from peercompare.classifier import (
    dictionary_predictions,
    majority_predictions,
    out_of_fold,
    scores_table,
    source_only_predictions,
    train,
    training_table,
)
from peercompare.corpus import open_corpus

AS_OF = "2024-06-30"


@pytest.fixture(scope="module")
def shipped(corpora_folder):
    return {
        name: open_corpus(corpora_folder / name, as_of=AS_OF)
        for name in ("job_descriptions", "session_transcripts")
    }


@pytest.mark.slow
@pytest.mark.parametrize(("name", "at_least"), [("job_descriptions", 0.5), ("session_transcripts", 0.55)])
def test_unseen_employers_and_workers_are_predicted_better_than_by_any_baseline(shipped, name, at_least):
    corpus = shipped[name]
    by_model = {
        "ngram": out_of_fold(corpus, seed=1),
        "majority": majority_predictions(corpus, seed=1),
        "source_only": source_only_predictions(corpus, seed=1),
        "dictionary": dictionary_predictions(corpus),
    }
    macro = {}
    for model, predictions in by_model.items():
        table = scores_table(corpus, predictions, model=model, waive=True)
        macro[model] = table[table["score"] == "macro_f1"].iloc[0]
        if model == "ngram":
            assert table.loc[table["score"] == "calibration_error", "estimate"].max() < 0.06
    assert macro["ngram"]["estimate"] > at_least
    assert macro["ngram"]["lower"] > max(row["upper"] for model, row in macro.items() if model != "ngram")


@pytest.mark.slow
def test_training_on_both_corpora_takes_less_than_half_a_minute(shipped):
    started = time.perf_counter()
    table = training_table(list(shipped.values()))
    model = train(table, shipped["job_descriptions"].framework, seed=1)
    assert time.perf_counter() - started < 30
    assert model.facts["labels_seen"] == list(model.labels)
