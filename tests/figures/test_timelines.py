"""Timelines: gaps stay open, a search's p stands beside its date; choices: what is withheld keeps its row."""

import pandas as pd
import pytest

from peercompare import figures
from peercompare.errors import InputError


def lines_of(ax):
    return [line for line in ax.get_lines() if line.get_linestyle() == "-" and len(line.get_xdata()) > 1]


def test_a_line_is_not_drawn_across_a_gap(over_dates, tiny_framework):
    broken, whole = figures.timeline_chart(over_dates(tiny_framework), tiny_framework)
    # Beside the line at zero and a lone date's whisker: two dates after the gap, four without one.
    assert max(len(line.get_xdata()) for line in lines_of(broken)) == 2
    assert max(len(line.get_xdata()) for line in lines_of(whole)) == 4
    assert "1 break" in figures.get_alt_text(broken)


@pytest.mark.parametrize("size", [0.4, None])
def test_the_largest_jump_is_marked_with_the_p_of_its_search_and_its_power(over_dates, tiny_framework, size):
    jumps = pd.DataFrame(
        {
            "corpus": "allotments",
            "group": ["all"],
            "change_date": "2022-03-01",
            "p": 0.31,
            "jump_found_in_80": size,
        }
    )
    axes = figures.timeline_chart(over_dates(tiny_framework), tiny_framework, change_points=jumps)
    words = figures.get_text(axes)
    assert "2022-03-01, p 0.31 for the search over all dates" in words.alt
    power = "a jump of 0.40" if size else "no jump on the scale"
    assert f"{power} would have been found in 80%" in words.summary
    assert sum(line.get_linestyle() == "--" for line in axes[0].get_lines()) == 1


def test_a_jump_of_another_group_is_not_marked(over_dates, tiny_framework):
    jumps = pd.DataFrame({"group": ["S9"], "change_date": "2022-03-01", "p": 0.31})
    axes = figures.timeline_chart(over_dates(tiny_framework), tiny_framework, change_points=jumps)
    assert "jump" not in figures.get_alt_text(axes)


def test_groups_have_panels_of_their_own(over_dates, tiny_framework):
    table = over_dates(tiny_framework)
    both = [
        table.assign(group_by="site_id x date", group=f"{site} | " + table["group"]) for site in ("N", "S")
    ]
    axes = figures.timeline_chart(pd.concat(both), tiny_framework)
    assert [ax.get_title(loc="left").split(":")[0] for ax in axes] == ["N", "N", "S", "S"]
    with pytest.raises(InputError, match="group_by"):
        figures.timeline_chart(pd.concat([table, *both]), tiny_framework)


def test_what_is_withheld_keeps_its_row_and_a_range_has_no_point(choices, tiny_framework):
    ax = figures.sensitivity_chart(choices(tiny_framework), tiny_framework)
    assert len(ax.get_yticklabels()) == 4
    assert [text.get_text() for text in ax.texts] == ["withheld"]
    points = [line for line in ax.get_lines() if line.get_marker() in {"o", "D"}]
    assert len(points) == 2
    assert "1 row without a value" in figures.get_alt_text(ax)
    assert "Without any one worker: 0.20 to 0.40" in figures.get_text(ax).summary
