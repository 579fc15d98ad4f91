"""The chart of estimators on simulated studies."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from peercompare import figures
from peercompare.errors import InputError
from peercompare.figures.text import root_figure


@pytest.fixture(scope="module")
def results():
    rows = []
    for place, estimator in enumerate(("rectified", "expert_only", "predicted_only")):
        for size in (8, 20, 60):
            rows.append(
                {
                    "n_workers": size, "classifier": "ours", "error": "differential", "estimator": estimator,
                    "estimand": "slope", "target": "like_these", "bias": 0.01 * (place == 2),
                    "bias_error": 0.001, "coverage": 0.95 - 0.4 * (place == 2), "coverage_error": 0.007,
                    "width": 0.3 / size**0.5, "n_replicates": 1000, "n_intervals": 999 if size == 8 else 1000,
                    "macro_f1": 0.61,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def test_bias_coverage_and_width_have_a_panel_each(results):
    axes = figures.validity_chart(results)
    assert [ax.get_title(loc="left") or ax.get_title() for ax in axes] == [
        "Bias", "Coverage of 95% intervals", "Width of the interval",
    ]  # fmt: skip
    marks = [line for line in axes[1].lines if line.get_linestyle() == "None" and len(line.get_xdata()) == 3]
    assert len(marks) >= 3


def test_coverage_is_drawn_from_nothing_to_all_and_width_from_nothing(results):
    _, coverage, width = figures.validity_chart(results)
    assert coverage.get_ylim()[0] == 0
    assert width.get_ylim()[0] == 0


def test_the_words_tell_every_estimator_with_its_numbers(results):
    text = figures.get_text(figures.validity_chart(results))
    assert "predicted labels counted 55% to 55%" in text.alt
    assert "8 workers bias +0.0100, coverage 55%, width 0.106" in text.summary
    assert "1,000 simulated studies" in text.caption


def test_the_notes_say_what_whiskers_are_and_how_many_had_an_interval(results):
    notes = root_figure(figures.validity_chart(results)).get_supxlabel()
    assert "two Monte Carlo standard errors" in " ".join(notes.split())
    assert "At least 999 of them gave an interval" in notes
    assert "0.61" in notes


def test_several_kinds_on_one_chart_are_refused(results):
    with pytest.raises(InputError, match="estimand"):
        figures.validity_chart(pd.concat([results, results.assign(estimand="index")]))
    with pytest.raises(InputError, match="'bias' is missing"):
        figures.validity_chart(results.drop(columns="bias"))


def test_without_results_the_chart_says_so(results):
    (ax,) = figures.validity_chart(results.assign(width=np.nan))
    assert "no such study was simulated" in figures.get_alt_text(ax)


def test_axes_of_the_readers_own_are_drawn_on(results):
    mine = Figure(figsize=(6, 9)).subplots(3, 1)
    assert list(figures.validity_chart(results, mine)) == list(mine)
