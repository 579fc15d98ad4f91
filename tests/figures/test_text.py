import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from peercompare.figures import text


@pytest.fixture
def row():
    return pd.Series({"estimate": 0.25, "lower": 0.125, "upper": 0.5, "reason": ""})


def test_a_figure_without_words_is_not_shown():
    with pytest.raises(LookupError, match="carries no text"):
        text.get_text(Figure())


def test_alt_text_by_hand_is_kept_and_empty_text_refused():
    figure = Figure()
    text.set_alt_text(figure, " A red square. ")
    assert text.get_alt_text(figure) == "A red square."
    with pytest.raises(ValueError, match="empty"):
        text.set_alt_text(figure, "  ")


def test_words_of_several_charts_on_one_figure_follow_one_another():
    figure = Figure()
    for ax, name in zip(figure.subplots(1, 2), ("left", "right"), strict=True):
        text.attach_text(ax, text.FigureText(name, f"{name} alt", "", "", pd.DataFrame({"name": [name]})))
    together = text.get_text(figure)
    assert together.alt == "left alt\nright alt"
    assert list(together.data["name"]) == ["left", "right"]


def test_drawing_again_on_the_same_axes_replaces_the_words():
    ax = Figure().add_subplot()
    for name in ("old", "new"):
        text.attach_text(ax, text.FigureText(name, name, "", ""))
    assert text.get_alt_text(ax) == "new"


def test_an_estimate_is_written_with_its_interval(row):
    assert text.with_interval(row) == "0.25 (0.12 to 0.50)"
    assert text.with_interval(row, text.percent) == "25% (12% to 50%)"


def test_an_estimate_without_an_interval_gives_the_reason(row):
    row["lower"], row["reason"] = np.nan, "no interval: only 3 workers."
    assert text.with_interval(row) == "0.25 (no interval: only 3 workers)"


def test_a_withheld_estimate_says_so(row):
    row["estimate"], row["reason"] = np.nan, "withheld: it rests on fewer than 5 workers"
    assert text.with_interval(row) == "withheld: it rests on fewer than 5 workers"


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT, ""])
def test_all_kinds_of_nothing_are_missing(nothing):
    assert text.missing(nothing)
    assert not text.finite(nothing)


def test_zero_and_false_are_not_missing():
    assert not text.missing(0)
    assert not text.missing(False)


def test_a_caption_gives_counts_method_level_reasons_and_the_waiver():
    table = pd.DataFrame(
        {
            "estimate": [0.1, 0.2, np.nan],
            "lower": [0.0, np.nan, np.nan],
            "upper": [0.2, np.nan, np.nan],
            "confidence_level": 0.9,
            "n_segments": [12, 1240, 7],
            "n_documents": [3, 3, 3],
            "n_clusters": [6, 2, 1],
            "method": ["jackknife, t(5)", "jackknife, t(5)", "withheld"],
            "reason": ["", "this rests on 2 workers", "this rests on 1 workers"],
            "waiver": [False, True, False],
            "target": "workers like these",
        }
    )
    assert text.caption_for(table, "Index by site.") == (
        "Index by site. Each value rests on 7 to 1,240 segments, 3 documents and 1 to 6 clusters. "
        "Intervals: 90% confidence (jackknife, t(5)). About workers like these. "
        f"Without a value or an interval: this rests on 1 to 2 workers. {text.WAIVER}."
    )


def test_a_caption_of_a_table_without_intervals_says_so():
    table = pd.DataFrame({"estimate": [0.1], "lower": [np.nan], "upper": [np.nan], "n_segments": [5]})
    assert text.caption_for(table, "Shares") == "Shares. The value rests on 5 segments. No intervals."


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), ("True", True), (False, False), ("False", False), (None, False)]
)
def test_the_waiver_is_read_from_csv_as_from_memory(value, expected):
    assert text.uses_waiver(pd.DataFrame({"waiver": [False, value]})) is expected


def test_sentences_that_differ_in_words_are_not_merged():
    assert text.merged(["2 workers", "2 sites", "10 workers"]) == ["2 to 10 workers", "2 sites"]


def test_numbers_inside_names_are_left_alone():
    assert text.merged(["without document ST042 it is undefined"]) == [
        "without document ST042 it is undefined"
    ]


def test_reasons_of_one_kind_share_a_letter():
    letters, notes = text.footnotes(["on 2 clusters", "no title", "on 1 clusters", "on 2 clusters"])
    assert letters == {"on 2 clusters": "a", "no title": "b", "on 1 clusters": "a"}
    assert notes == ["a: on 1 to 2 clusters", "b: no title"]
