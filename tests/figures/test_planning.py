"""The chart of what codes and workers buy."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from peercompare import figures
from peercompare.drift import Components, Designs, planning_table
from peercompare.errors import InputError
from peercompare.figures.style import SMALL
from peercompare.figures.text import root_figure


@pytest.fixture(scope="module")
def planning():
    components = Components("index", 0.02, 0.0, 0.05, 0.5, 0.4, between_high=0.05)
    return planning_table(components, Designs([5, 8, 20], [6], [20], [100, 400, 1600]))


def test_each_target_has_its_panel_and_each_number_of_workers_its_line(planning):
    axes = figures.planning_curves(planning)
    assert [ax.get_title(loc="left") or ax.get_title() for ax in axes] == [
        "Of this corpus alone",
        "Of workers like these",
    ]
    lines = [line for line in axes[1].lines if line.get_marker() != "None"]
    assert len(lines) == 3
    wanted = planning.query("target == 'like_these' and n_workers == 20")["width"]
    assert lines[2].get_ydata() == pytest.approx(wanted)


def test_widths_start_at_nothing_so_that_heights_can_be_compared(planning):
    assert all(ax.get_ylim()[0] == 0 for ax in figures.planning_curves(planning))


def test_words_hold_every_width_and_say_what_is_not_drawn(planning):
    axes = figures.planning_curves(planning)
    text = figures.get_text(axes)
    for width in planning["width"].dropna():
        assert f"{width:.3f}" in text.summary
    assert "there are only 600 segments to code" in text.caption
    assert "no" not in text.alt.split(":")[0].split()
    assert "forecast" in text.caption


def test_lines_are_told_apart_by_more_than_colour(planning):
    key = root_figure(figures.planning_curves(planning)).legends[0]
    looks = {(line.get_marker(), line.get_linestyle()) for line in key.get_lines()}
    assert len(looks) == 3
    assert [text.get_text() for text in key.get_texts()] == ["5 workers", "8 workers", "20 workers"]


def test_employers_are_called_employers(planning):
    axes = figures.planning_curves(planning.assign(clusters="employers"))
    assert "employers like these" in figures.get_text(axes).summary
    assert "worker" not in figures.get_text(axes).summary


def test_type_is_large_enough(planning):
    figure = root_figure(figures.planning_curves(planning))
    assert min(text.get_fontsize() for text in figure.findobj(lambda a: hasattr(a, "get_fontsize"))) >= SMALL


def test_several_designs_on_one_chart_are_refused(planning):
    two = planning.assign(n_sessions=np.where(planning["n_coded"] > 100, 6, 12))
    with pytest.raises(InputError, match="n_sessions"):
        figures.planning_curves(two)
    with pytest.raises(InputError, match="width_cautious"):
        figures.planning_curves(planning.drop(columns="width_cautious"))


def test_without_any_width_the_chart_says_so(planning):
    (ax,) = figures.planning_curves(planning.assign(width=np.nan))
    assert "no design has an interval" in figures.get_alt_text(ax)


def test_axes_of_the_readers_own_are_drawn_on(planning):
    mine = Figure(figsize=(6, 8)).subplots(2, 1)
    assert list(figures.planning_curves(planning, mine)) == list(mine)
