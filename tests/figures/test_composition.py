"""The waterfall adds up, draws small parts as one, and says what is withheld."""

from itertools import pairwise

import pytest

from peercompare import figures


@pytest.fixture(scope="module")
def table(parts_of_change, deegan):
    return parts_of_change(deegan)


def bars(ax):
    """Label, left end and right end of each bar."""
    names = [label.get_text() for label in ax.get_yticklabels()]
    return [
        (name, bar.get_x(), bar.get_x() + bar.get_width())
        for name, bar in zip(names, ax.patches, strict=True)
    ]


def test_each_bar_starts_where_the_one_above_ended_and_the_last_ends_at_the_change(table, deegan):
    drawn = bars(figures.change_parts(table, deegan))
    topics = drawn[: 2 * len(deegan.dimension_ids)]
    for above, below in pairwise(topics):
        assert below[1] == pytest.approx(above[2])
    assert topics[-1][2] == pytest.approx(0.3)
    whole, seen, done = drawn[-3:]
    assert whole[1:] == pytest.approx((0, 0.3))
    assert done[1] == pytest.approx(seen[2])
    assert done[2] == pytest.approx(0.3)


def test_parts_too_small_to_see_are_one_bar_and_nothing_is_lost(table, deegan):
    inner = (table["estimand"] == "change_topic_mix") & (table["dimension"] != "all")
    small = table.assign(estimate=table["estimate"].where(~inner, 0.001))
    drawn = bars(figures.change_parts(small, deegan))
    assert drawn[0][0] == "smaller parts"
    assert drawn[0][2] == pytest.approx(0.001 * len(deegan.dimension_ids))


def test_the_chart_says_on_how_much_it_rests(table, deegan):
    ax = figures.change_parts(table, deegan)
    said = " ".join(text.get_text() for text in ax.figure.texts) + " ".join(t.get_text() for t in ax.texts)
    n = int(table["n_segments"].iloc[0])
    assert f"n = {n} segments" in " ".join(said.split())
    assert f"{n} segments" in figures.get_text(ax).caption


def test_a_change_that_is_withheld_says_why(table, deegan):
    gone = table.assign(estimate=float("nan"), lower=float("nan"), upper=float("nan"), reason="withheld: few")
    assert "withheld: few" in figures.get_text(figures.change_parts(gone, deegan)).alt


def test_without_single_dimensions_their_sums_are_drawn(table, deegan):
    drawn = bars(figures.change_parts(table[table["dimension"] == "all"], deegan))
    assert [name for name, _, _ in drawn][:2] == ["all topics", "all topics"]
    assert drawn[1][2] == pytest.approx(0.3)
