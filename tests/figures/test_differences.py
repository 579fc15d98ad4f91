"""Charts of by how much classifiers differ: parts left out, and pairs compared."""

import numpy as np
import pandas as pd
import pytest

from peercompare import figures
from peercompare.errors import InputError
from peercompare.figures.text import root_figure


@pytest.fixture
def ablations():
    return pd.DataFrame(
        {
            "corpus": "notes",
            "left_out": ["the whole", "context", "masks"],
            "macro_f1": [0.61, 0.57, 0.62],
            "difference": [np.nan, -0.04, 0.01],
            "lower": [np.nan, -0.06, -0.01],
            "upper": [np.nan, -0.02, 0.03],
        }
    )


def test_every_part_has_its_dot_and_the_whole_has_none(ablations):
    ax = figures.ablation_chart(ablations)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Context", "Masks"]
    assert "0.61" in root_figure(ax).get_supxlabel()


def test_the_words_tell_every_difference_and_how_many_are_clear(ablations):
    text = figures.get_text(figures.ablation_chart(ablations))
    assert "Without context: -0.040 (-0.060 to -0.020)" in text.summary.replace("\u2212", "-")
    assert "leaves zero out for 1 of them" in text.alt


def test_several_corpora_on_one_chart_are_refused(ablations):
    with pytest.raises(InputError, match="corpus"):
        figures.ablation_chart(pd.concat([ablations, ablations.assign(corpus="letters")]))


def test_without_differences_the_chart_says_so(ablations):
    assert "no difference with an interval" in figures.get_text(figures.ablation_chart(ablations.head(1))).alt


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


def test_without_comparisons_that_chart_says_so_too(evaluation):
    assert (
        "no difference with an interval" in figures.get_text(figures.comparison_chart(evaluation.tail(1))).alt
    )


def test_a_missing_column_is_named(evaluation):
    with pytest.raises(InputError, match="evaluation"):
        figures.comparison_chart(evaluation.drop(columns="against"))
