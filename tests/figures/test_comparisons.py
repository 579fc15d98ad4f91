"""The chart of classifiers compared in pairs."""

import numpy as np
import pandas as pd
import pytest

from peercompare import figures
from peercompare.errors import InputError


@pytest.fixture
def evaluation():
    return pd.DataFrame({
        "corpus": "notes",
        "part": ["compared", "compared", "compared", "scores"],
        "model": ["ngram", "ngram", "mine", "ngram"],
        "against": ["majority", "source_only", "ngram", ""],
        "score": "macro_f1",
        "estimate": [0.3, 0.1, 0.02, 0.6],
        "lower": [0.2, 0.04, np.nan, 0.5],
        "upper": [0.4, 0.16, np.nan, 0.7],
        "p": [0.001, 0.02, 0.6, np.nan],
    })  # fmt: skip


def test_every_pair_with_an_interval_has_its_dot(evaluation):
    ax = figures.comparison_chart(evaluation)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["ngram less majority", "ngram less source only"]


def test_the_words_tell_differences_and_p(evaluation):
    text = figures.get_text(figures.comparison_chart(evaluation))
    assert "ngram less source only: +0.100 (+0.040 to +0.160; p 0.020)." in text.summary
    assert "leaves zero out for 2 of them" in " ".join(text.alt.split())


def test_without_comparisons_the_chart_says_so(evaluation):
    assert "no comparison" in figures.get_text(figures.comparison_chart(evaluation.tail(1))).alt


def test_a_missing_column_is_named(evaluation):
    with pytest.raises(InputError, match="evaluation"):
        figures.comparison_chart(evaluation.drop(columns="against"))
