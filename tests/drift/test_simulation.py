import pandas as pd
import pytest

from peercompare.drift import Design, score_table, simulate


def test_the_same_seed_makes_the_same_corpus(tiny_framework):
    first, second = (simulate(tiny_framework, Design(), 6) for _ in range(2))
    pd.testing.assert_frame_equal(first.codings, second.codings)
    pd.testing.assert_frame_equal(first.predictions, second.predictions)


def test_a_large_corpus_comes_near_its_truth(tiny_framework):
    design = Design(shares=(0.5, 0.3, 0.2), n_workers=150, none_share=0.25)
    corpus = simulate(tiny_framework, design, 3)
    scores = score_table(corpus.codings, corpus.segments, corpus.documents, tiny_framework)
    taking = scores[scores["share_none"] == 0]
    assert taking["share_shared"].mean() == pytest.approx(corpus.truth["share_shared"], abs=0.03)
    assert taking["share_managed"].mean() == pytest.approx(corpus.truth["share_managed"], abs=0.03)
    assert scores["share_none"].mean() == pytest.approx(corpus.truth["share_none"], abs=0.03)
    assert corpus.truth["index"] == pytest.approx(-0.5 + 0.2 * 0.3 + 0.2)


def test_better_predictions_agree_more_often_with_the_codings(tiny_framework):
    right = []
    for quality in (0.0, 1.5, 4.0):
        corpus = simulate(tiny_framework, Design(quality=quality), 5)
        guess = corpus.predictions[list(tiny_framework.labels)].idxmax(axis=1)
        truth = corpus.codings["code"].map(tiny_framework.stance_of)
        right.append((guess == truth).mean())
    assert right == sorted(right)
    assert right[0] == pytest.approx(0.25, abs=0.06)


def test_workers_and_sessions_are_unequal(tiny_framework):
    corpus = simulate(tiny_framework, Design(n_workers=9), 1)
    sessions = corpus.documents["worker_id"].value_counts()
    assert len(sessions) == 9
    assert sessions.nunique() > 1
