"""The chart of a learning curve."""

import numpy as np
import pandas as pd
import pytest

from peercompare import figures
from peercompare.errors import InputError


@pytest.fixture
def evaluation():
    curve = pd.DataFrame({
        "part": "curve",
        "score": ["macro_f1", "macro_f1", "macro_f1_extrapolated", "documents_needed"],
        "n_taught": [10.0, 40.0, 80.0, np.nan],
        "estimate": [0.4, 0.55, 0.6, 120.0],
        "lower": [0.35, 0.5, np.nan, np.nan],
        "upper": [0.45, 0.6, np.nan, np.nan],
    })  # fmt: skip
    coders = {"part": "ladder", "design": "coders", "score": "macro_f1", "estimate": 0.7, "lower": 0.6}
    table = pd.concat([curve, pd.DataFrame([coders | {"upper": 0.8}])], ignore_index=True)
    return table.assign(corpus="notes", design=table["design"].fillna(""), reason="beyond the curve")


def test_every_size_and_the_coders_are_told(evaluation):
    text = figures.get_text(figures.learning_curve_chart(evaluation))
    assert "0.40 with 10, 0.55 with 40" in text.alt
    assert "80 documents: 0.60 (no interval: beyond the curve), drawn out." in text.summary
    assert "Two coders against each other: 0.70" in text.summary
    assert "120" not in text.summary


def test_what_is_drawn_out_is_hollow_and_dashed(evaluation):
    ax = figures.learning_curve_chart(evaluation)
    measured, ahead = (container.lines[0] for container in ax.containers)
    assert measured.get_linestyle() == "-"
    assert ahead.get_linestyle() == "--"
    assert ahead.get_markerfacecolor() == "none"


def test_without_a_curve_the_chart_says_so(evaluation):
    text = figures.get_text(figures.learning_curve_chart(evaluation[evaluation["part"] == "ladder"]))
    assert "no learning curve" in text.alt


def test_several_corpora_are_refused(evaluation):
    with pytest.raises(InputError, match="corpus"):
        figures.learning_curve_chart(pd.concat([evaluation, evaluation.assign(corpus="letters")]))
