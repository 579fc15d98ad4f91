"""The chart of duties under peer titles."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from peercompare import figures
from peercompare.errors import InputError
from peercompare.figures.style import PAPER
from peercompare.figures.text import root_figure


def duty_rows(framework):
    last = framework.axis[1]
    rows = []
    groups = [
        ("all", "all"),
        ("setting", framework.settings[0].id),
        ("setting", "raft"),
        ("period", "2005-2009"),
    ]
    for place, (group_by, group) in enumerate(groups):
        for estimand, labels in (
            (f"share_{last}", "all_codings"),
            ("titles_over_duties", "role types by gold"),
        ):
            rows.append(
                {
                    "corpus": "allotments",
                    "estimand": estimand,
                    "group_by": group_by,
                    "group": group,
                    "labels": labels,
                    "variant": "as_coded",
                    "estimate": 0.3 + 0.1 * place,
                    "lower": 0.2 + 0.1 * place,
                    "upper": 0.4 + 0.1 * place,
                    "confidence_level": 0.95,
                    "n_clusters": 7,
                    "n_documents": 11 + place,
                    "reason": "",
                    "method": "jackknife",
                    "waiver": False,
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture(params=["deegan", "tiny_framework"])
def framework(request):
    return request.getfixturevalue(request.param)


def marks(ax):
    return [line for line in ax.lines if line.get_linestyle() == "None"]


def test_every_group_has_a_mark_for_duties_and_one_for_titles(framework):
    ax = figures.duty_chart(duty_rows(framework), framework)
    assert len(marks(ax)) == 8
    assert {mark.get_marker() for mark in marks(ax)} == {"o", "s"}
    said = figures.get_text(ax)
    assert "of duties 30% (20% to 40%); of titles 30% (20% to 40%)" in said.alt
    assert "of titles" in said.summary
    assert "period 2005-2009" in said.summary


def test_a_mark_without_an_interval_is_hollow_and_counted(framework):
    table = duty_rows(framework)
    table.loc[3, ["lower", "upper"]] = np.nan
    table.loc[3, "reason"] = "an interval needs at least five employers and this rests on 2"
    ax = figures.duty_chart(table, framework)
    assert [mark.get_markerfacecolor() for mark in marks(ax)].count(PAPER) == 1
    assert "rests on 2" in figures.get_text(ax).caption
    assert "no interval (1 mark)" in root_figure(ax).get_supxlabel()


def test_other_estimands_are_not_drawn_and_other_corpora_are_refused(framework):
    table = duty_rows(framework)
    more = pd.concat([table, table.assign(estimand="index", estimate=-0.9)])
    assert len(marks(figures.duty_chart(more, framework))) == 8
    with pytest.raises(InputError, match="several values of 'corpus'"):
        figures.duty_chart(pd.concat([table, table.assign(corpus="yards")]), framework)
    with pytest.raises(InputError, match="'n_documents' is missing"):
        figures.duty_chart(table.drop(columns="n_documents"), framework)


def test_without_a_share_the_chart_says_so(framework):
    ax = figures.duty_chart(duty_rows(framework).assign(estimate=np.nan), framework)
    assert "no posting has such a title" in figures.get_alt_text(ax)


def test_axes_of_the_readers_own_are_drawn_on(framework):
    mine = Figure(figsize=(6, 8)).subplots()
    assert figures.duty_chart(duty_rows(framework), framework, mine) is mine
