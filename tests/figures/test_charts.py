"""What each chart draws: values on its marks, words on its margins, and hard cases."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from peercompare import figures
from peercompare.errors import InputError, UndefinedError
from peercompare.figures import plane, series, style
from peercompare.figures.text import WAIVER, root_figure


def words_on(drawn):
    return " ".join(" ".join(t.get_text().split()) for t in root_figure(drawn).findobj(Text))


def points(ax, marker):
    """Return the places of the single points with a marker, sorted."""
    lines = [line for line in ax.get_lines() if line.get_marker() == marker and len(line.get_xdata()) == 1]
    return sorted((float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines)


# agreement


def test_coefficients_are_told_apart_by_shape(agreement, deegan):
    table = agreement(deegan)
    ax = figures.agreement_dots(table, deegan)
    for coefficient, marker in (("alpha", "o"), ("ac1", "D"), ("raw", "^")):
        expected = sorted(table.loc[table["coefficient"] == coefficient, "estimate"])
        assert [x for x, _ in points(ax, marker)] == pytest.approx(expected)


def test_a_missing_interval_of_agreement_gives_its_reason(agreement, deegan):
    table = agreement(deegan)
    table.loc[0, ["lower", "upper"]] = np.nan
    table.loc[0, "reason"] = "no interval: only 3 documents hold the code"
    ax = figures.agreement_dots(table, deegan)
    assert "alpha: no interval (a)" in words_on(ax)
    assert "a: only 3 documents hold the code." in words_on(ax)
    assert "only 3 documents hold the code" in figures.get_text(ax).summary


def test_an_undefined_coefficient_is_printed_and_not_drawn(agreement, deegan):
    table = agreement(deegan).head(3)
    table["estimate"] = table["estimate"].where(table["coefficient"] != "alpha")
    table.loc[0, ["lower", "upper"]] = np.nan
    table.loc[0, "reason"] = "one value only"
    ax = figures.agreement_dots(table, deegan)
    assert not points(ax, "o")
    assert "alpha: undefined (a)" in words_on(ax)
    assert "Alpha is defined nowhere" in figures.get_alt_text(ax)


def test_the_number_of_segments_stands_on_the_agreement_chart(agreement, deegan):
    assert "217 segments, 13 documents" in words_on(figures.agreement_dots(agreement(deegan), deegan))


def test_two_hundred_codes_are_cut_and_the_cut_is_said(agreement, deegan):
    row = agreement(deegan).iloc[[0]]
    table = pd.concat([row.assign(scope="code", level="code", value=f"x/{n}") for n in range(200)])
    ax = figures.agreement_dots(table, deegan, scopes=["code"])
    assert "The first 60 of 200 scopes are drawn; all are in the table." in words_on(ax)
    assert len(figures.get_text(ax).data) == 60


# the chart of stances


def test_cells_stand_in_the_frameworks_order_with_their_numbers(shares, deegan):
    ax = figures.stance_chart(shares(deegan), deegan)
    heads = [label.get_text() for label in ax.get_xticklabels()]
    assert heads == [*(stance.label for stance in deegan.stances), "n"]
    assert len(ax.get_yticklabels()) == 1 + len(deegan.dimensions)
    cells = [t.get_text() for t in ax.texts if t.get_text() == "12%"]
    assert len(cells) == 1 + len(deegan.dimensions)


def test_the_share_of_none_stands_beside(shares, deegan):
    ax = figures.stance_chart(shares(deegan), deegan)
    assert "61% (51–71) of all segments" in words_on(ax)
    assert "103" in words_on(ax)


def test_a_withheld_cell_is_hatched_and_its_reason_given(shares, deegan):
    table = shares(deegan)
    table.loc[0, ["estimate", "lower", "upper"]] = np.nan
    table.loc[0, "reason"] = "withheld: it rests on fewer than 5 workers"
    ax = figures.stance_chart(table, deegan)
    assert [p.get_hatch() for p in ax.patches if isinstance(p, Rectangle) and p.get_hatch()] == ["///"]
    assert "withheld: it rests on fewer than 5 workers" in words_on(ax)


def test_other_groups_are_drawn_when_they_are_named(shares, deegan):
    table = pd.concat([shares(deegan), shares(deegan).assign(group_by="site_id", group="S1", estimate=0.99)])
    ax = figures.stance_chart(table, deegan, where={"group_by": "site_id", "group": "S1"})
    assert set(figures.get_text(ax).data["group"]) == {"S1"}
    assert set(figures.get_text(figures.stance_chart(table, deegan)).data["group"]) == {"all"}


def test_variants_are_not_mixed(shares, deegan):
    table = pd.concat([shares(deegan), shares(deegan).assign(variant="ties_split", estimate=0.99)])
    drawn = figures.get_text(figures.stance_chart(table, deegan)).data
    assert set(drawn["variant"]) == {"as_coded"}


# the plane


@pytest.mark.parametrize(
    ("shares", "place"),
    [
        ((1, 0, 0), (0, 0)),
        ((0, 0, 2), (1, 0)),
        ((0, 1, 0), (0.5, 3**0.5 / 2)),
        ((1, 1, 1), (0.5, 3**0.5 / 6)),
    ],
)
def test_mixes_of_stances_lie_where_the_corners_pull_them(shares, place):
    assert plane.to_plane([shares])[0] == pytest.approx(place)


def test_each_document_is_one_point_and_the_key_counts_them(documents, deegan):
    table = documents(deegan)
    ax = figures.stance_plane(table, deegan)
    drawn = sum(len(line.get_xdata()) for line in ax.get_lines() if line.get_linestyle() == "None")
    assert drawn == len(table)
    key = [text.get_text() for text in root_figure(ax).legends[0].get_texts()]
    assert len(key) == table["role_type"].nunique()
    assert all(label.endswith("(1)") for label in key)


def test_documents_at_one_place_are_set_side_by_side():
    moved = plane.side_by_side(np.full((3, 2), 0.5))
    assert len(np.unique(moved.round(6), axis=0)) == 3
    assert np.abs(moved - 0.5).max() < 0.02


def test_documents_without_a_stance_are_counted_and_not_drawn(documents, deegan):
    table = documents(deegan)
    table.loc[[0, 1], [f"share_{stance}" for stance in deegan.stance_ids]] = np.nan
    ax = figures.stance_plane(table, deegan)
    assert "2 documents without such segments not drawn." in words_on(ax)
    assert len(figures.get_text(ax).data) == 3


def test_groups_beyond_the_shapes_are_drawn_as_one(documents, deegan):
    table = pd.concat([documents(deegan).head(1).assign(site=f"site {n}") for n in range(200)])
    ax = figures.stance_plane(table, deegan, shape_by="site")
    key = [text.get_text() for text in root_figure(ax).legends[0].get_texts()]
    assert len(key) == len(style.MARKERS)
    assert key[-1] == "other groups (193)"


def test_a_framework_with_two_stances_has_no_triangle(documents, deegan):
    class Two:
        id = "two"
        stances = deegan.stances[:2]

    with pytest.raises(UndefinedError, match="three stances"):
        figures.stance_plane(documents(deegan), Two())


def test_shares_estimated_for_documents_become_points(shares, deegan):
    table = shares(deegan)
    table = table[table["dimension"] == "all"].assign(group_by="document_id")
    estimates = pd.concat([table.assign(group="D1"), table.assign(group="D2")])
    kinds = pd.DataFrame({"document_id": ["D2", "D1", "D9"], "setting": "community"})
    found = figures.document_shares(estimates, kinds, deegan)
    assert list(found["document_id"]) == ["D2", "D1"]
    assert found[f"share_{deegan.axis[0]}"].tolist() == [0.5, 0.5]


# over time


def test_each_site_has_a_panel_with_its_index(over_time, deegan):
    table = over_time(deegan)
    axes = figures.site_drift(table, deegan)
    assert [ax.get_title(loc="left") for ax in axes] == ["S1", "S2", "S3"]
    expected = [(2022.25, -0.35), (2022.75, -0.15), (2023.25, 0.05)]
    assert np.ravel(points(axes[1], "o")) == pytest.approx(np.ravel(expected))


def test_the_line_breaks_where_a_period_is_withheld(over_time, deegan):
    table = over_time(deegan, groups=("S1",))
    table.loc[1, ["estimate", "lower", "upper"]] = np.nan
    table.loc[1, "reason"] = "withheld: it rests on fewer than 5 workers"
    (ax,) = figures.site_drift(table, deegan)
    joined = next(line for line in ax.get_lines() if len(line.get_xdata()) == 3)
    assert np.isnan(joined.get_ydata()[1])
    assert any(patch.get_hatch() for patch in ax.patches)
    assert "withheld" in words_on((ax,))
    assert "1 period withheld" in figures.get_alt_text(ax)


def test_the_use_of_the_waiver_is_said_on_the_figure_and_in_its_words(over_time, deegan):
    table = over_time(deegan)
    assert WAIVER not in words_on(figures.site_drift(table, deegan))
    drawn = figures.site_drift(table.assign(waiver=[True] + [False] * (len(table) - 1)), deegan)
    assert f"{WAIVER}." in words_on(drawn)
    assert WAIVER in figures.get_alt_text(drawn)
    assert WAIVER in figures.get_text(drawn).caption


def test_events_of_sites_are_marked_and_those_of_single_workers_only_counted(over_time, deegan):
    events = pd.DataFrame(
        {
            "site_id": ["S2", "S1", "S3"],
            "worker_id": [np.nan, "", "W7"],
            "date": pd.to_datetime(["2022-10-01", "2022-03-01", "2022-05-01"]),
            "description": ["a new form", "a new roof", "a second job"],
        }
    )
    axes = figures.site_drift(over_time(deegan), deegan, events=events)
    said = words_on(axes)
    assert "Event 1 (S1, 2022-03-01): a new roof." in said
    assert "Event 2 (S2, 2022-10-01): a new form." in said
    assert "1 event of single workers not marked." in said
    assert "second job" not in said + figures.get_text(axes).summary


def test_events_close_in_time_have_their_numbers_side_by_side(over_time, deegan):
    days = ["2022-10-01", "2022-10-09", "2022-10-20"]
    events = pd.DataFrame({"site_id": "S1", "date": days, "description": "x"})
    axes = figures.site_drift(over_time(deegan), deegan, events=events)
    places = [text.get_position()[0] for text in axes[0].texts if text.get_text() in {"1", "2", "3"}]
    low, high = axes[0].get_xlim()
    assert len(places) == 3
    assert np.diff(places).min() > 0.06 * (high - low)


def test_events_outside_the_time_shown_are_counted(over_time, deegan):
    events = pd.DataFrame({"site_id": ["S1"], "date": ["1999-01-01"], "description": ["a flood"]})
    axes = figures.site_drift(over_time(deegan), deegan, events=events)
    assert "1 event outside the time shown not marked." in words_on(axes)


def test_many_periods_give_their_counts_in_a_note(over_time, deegan):
    row = over_time(deegan).iloc[0].to_dict()
    table = pd.DataFrame([{**row, "group": f"S1 | {2010 + n}", "n_segments": 20 + n} for n in range(12)])
    (ax,) = figures.site_drift(table.assign(group_by="site_id x year"), deegan)
    assert "Each point: 20 to 31 segments that take a stance." in words_on((ax,))
    assert not ax.texts


@pytest.fixture
def with_slope(over_time):
    def make(framework, **more):
        table = over_time(framework)
        slope = table.head(1).assign(estimand="slope", group_by="site_id", group="S1", estimate=0.012)
        slope = slope.assign(lower=0.002, upper=0.022, method="least squares; change per month", **more)
        other = slope.assign(dimension=framework.dimension_ids[0], estimate=0.9)
        return pd.concat([table, slope, other])

    return make


def test_the_slope_of_a_site_is_printed_when_the_table_has_it(with_slope, deegan):
    axes = figures.site_drift(with_slope(deegan), deegan)
    assert axes[0].get_title(loc="right") == "slope +0.012 a month (+0.002 to +0.022)"
    assert axes[1].get_title(loc="right") == ""


def test_a_long_name_and_a_slope_stand_on_lines_of_their_own(with_slope, deegan):
    table = with_slope(deegan)
    table["group"] = table["group"].str.replace("S1", "A house with a rather long name")
    ax = figures.site_drift(table, deegan)[0]
    assert ax.get_title(loc="left").endswith("name\n")
    assert ax.get_title(loc="right").startswith("slope")


def test_a_slope_without_an_interval_says_so_and_its_waiver_is_said(with_slope, deegan):
    axes = figures.site_drift(with_slope(deegan, waiver=True).assign(lower=np.nan), deegan)
    assert axes[0].get_title(loc="right") == "slope +0.012 a month, no interval"
    assert WAIVER in words_on(axes)
    assert WAIVER in figures.get_text(axes).caption


def test_values_without_a_date_are_counted(over_time, deegan):
    table = over_time(deegan)
    table.loc[0, "group"] = "S1 | not given"
    axes = figures.site_drift(table, deegan)
    assert "1 value without a date not drawn." in words_on(axes)


def test_what_is_no_period_is_refused(over_time, deegan):
    table = over_time(deegan)
    table.loc[0, "group"] = "S1 | last spring"
    with pytest.raises(InputError, match="last spring"):
        figures.site_drift(table, deegan)


@pytest.mark.parametrize(
    ("period", "middle"),
    [
        ("2022", 2022.5),
        ("2022-H1", 2022.25),
        ("2022Q4", 2022.875),
        ("2022-07", 2022 + 6.5 / 12),
        ("2010-2014", 2012.5),
    ],
)
def test_periods_have_middles(period, middle):
    assert series.middle_of(period) == pytest.approx(middle)


def test_employers_names_are_printed_with_their_segments(over_time, deegan):
    table = over_time(deegan, by="employer_id", time="year", groups=("E1", "E2"))
    axes = figures.employer_years(table, deegan, names={"E1": "Hill House"})
    assert [ax.get_title(loc="left") for ax in axes] == ["Hill House (80)", "E2 (80)"]


def test_two_hundred_employers_are_cut_and_the_cut_is_said(over_time, deegan):
    table = over_time(deegan, by="employer_id", time="year", groups=[f"E{n:03}" for n in range(200)])
    axes = figures.employer_years(table, deegan)
    assert len(axes) == 60
    assert "The first 60 of 200 employers are drawn" in words_on(axes)


@pytest.mark.parametrize(
    "name", ["مركز الأقران للدعم", "בית העמיתים", "同行之家 🌻 House", "A" * 120, "$5 & <b>_x_</b>", ""]
)
def test_names_of_every_kind_can_be_drawn(over_time, deegan, name):
    table = over_time(deegan, by="employer_id", time="year", groups=("E1",))
    axes = figures.employer_years(table, deegan, names={"E1": name})
    assert figures.figure_bytes(axes).startswith(b"\x89PNG")
    assert name in figures.get_text(axes).summary


# the classifier


def test_rows_of_the_confusion_add_up_and_show_their_counts(deegan):
    first, last = deegan.axis
    table = pd.DataFrame(
        [(first, first, 30), (first, last, 10), (last, last, 7)], columns=["true", "predicted", "n"]
    )
    ax = figures.confusion_matrix(table, deegan)
    said = [text.get_text() for text in ax.texts]
    assert said.count("75%") == said.count("25%") == said.count("100%") == 1
    assert {"30", "10", "7"} <= set(said)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert f"{deegan.stances[0].label}\nn 40" in labels


def test_a_label_without_segments_has_no_shares(deegan):
    table = pd.DataFrame({"true": [deegan.axis[0]], "predicted": [deegan.axis[0]], "n": [3]})
    ax = figures.confusion_matrix(table, deegan)
    assert f"{deegan.stances[-1].label}: no segments." in figures.get_text(ax).summary


def test_the_largest_confusion_is_named(deegan):
    first, last = deegan.stances[0], deegan.stances[-1]
    table = pd.DataFrame(
        [(first.id, first.id, 30), (first.id, last.id, 10)], columns=["true", "predicted", "n"]
    )
    alt = figures.get_alt_text(figures.confusion_matrix(table, deegan))
    assert f"The largest confusion: 25% of {first.label} segments taken for {last.label}." in alt


def test_bins_of_the_calibration_carry_their_counts(calibration, deegan):
    axes = figures.calibration_curves(calibration(deegan), deegan)
    assert len(axes) == len(deegan.labels)
    for ax in axes:
        assert sorted(t.get_text() for t in ax.texts) == ["1,200", "31", "31", "31", "31"]
        assert "(n 1,324)" in ax.get_title(loc="left")


def test_bins_without_an_interval_are_drawn_without_a_whisker(calibration, deegan):
    table = calibration(deegan)
    table.loc[0, ["lower", "upper"]] = np.nan
    assert "Without a whisker" in words_on(figures.calibration_curves(table, deegan))
    assert "Without a whisker" not in words_on(figures.calibration_curves(calibration(deegan), deegan))


def test_the_heaviest_terms_are_drawn_heaviest_first(terms, deegan):
    axes = figures.term_bars(terms(deegan).sample(frac=1, random_state=3), deegan, n_terms=3)
    assert len(axes) == len(deegan.stances)
    for ax in axes:
        assert [label.get_text() for label in ax.get_yticklabels()] == ["word 0", "word 1", "word 2"]
        assert [bar.get_width() for bar in ax.patches] == pytest.approx([2.5, 2.2, 1.9])


def test_blanks_in_pieces_of_words_are_made_visible(deegan):
    table = pd.DataFrame({"label": [deegan.axis[0]], "term": [" pe"], "weight": [1.0], "kind": ["char"]})
    axes = figures.term_bars(table, deegan)
    assert axes[0].get_yticklabels()[0].get_text() == "␣pe"
    assert "␣ is a blank" in words_on(axes)


# titles and markers


def test_titles_show_shares_counts_and_reasons(titles, deegan):
    table = titles(deegan)
    table.loc[1, ["lower", "upper"]] = np.nan
    table.loc[1, "reason"] = "an interval needs at least five employers and this rests on 2"
    ax = figures.title_duties(table, deegan)
    assert "3 of 7" in words_on(ax)
    assert "no interval (a)" in words_on(ax)
    assert "rests on 2." in words_on(ax)
    assert [x for x, _ in points(ax, "s")] == pytest.approx(sorted(table["share"]))


def test_the_caption_of_titles_counts_the_titles_and_not_all_postings(titles, deegan):
    caption = figures.get_text(figures.title_duties(titles(deegan), deegan)).caption
    assert "rests on 4 to 7 such titles and 4 to 7 employers." in caption


def test_settings_stand_in_the_frameworks_order_after_all(titles, deegan):
    table = titles(deegan).iloc[::-1]
    ax = figures.title_duties(table, deegan)
    labels = [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]
    assert labels == ["All", *(setting.label for setting in deegan.settings)]


def test_groups_without_such_a_title_are_not_drawn(titles, deegan):
    table = titles(deegan)
    table.loc[2, ["n_peer_titles", "n_over_clinical_duties"]] = 0
    assert len(figures.title_duties(table, deegan).get_yticklabels()) == len(table) - 1


def test_markers_show_what_is_present_and_what_is_ruled_out(markers, deegan):
    ax = figures.marker_chart(markers(deegan), deegan)
    said = [text.get_text() for text in ax.texts]
    assert "29%" in said  # 2 of 7 documents
    assert "(14%)" in said  # 1 of 7
    assert "n 7" in said
    assert len(ax.get_yticklabels()) == len(deegan.markers)


def test_cells_of_few_employers_are_in_italics_and_said_to_be(markers, deegan):
    table = markers(deegan)
    ax = figures.marker_chart(table, deegan)
    words = figures.get_text(ax)
    # seven employers in all, one or two in each setting
    slants = {x: {t.get_style() for t in ax.texts if t.get_position()[0] == x + 0.5} for x in (0, 1)}
    assert slants == {0: {"normal"}, 1: {"italic", "normal"}}
    assert "In italics: fewer than five employers" in words_on(ax)
    assert "95% intervals stand in the table." in words_on(ax)
    assert words.title == "Role-integrity markers by setting: some postings"
    assert f"Fewer than five employers, so no intervals: {deegan.settings[0].label}" in words.summary
    row = table.iloc[0]
    assert f"all 29% (2 of 7, {row['lower']:.0%} to {row['upper']:.0%})" in words.summary
    assert "an interval needs at least five employers and this rests on 1" in words.caption


def test_markers_of_many_employers_are_upright_and_need_no_note(markers, deegan):
    table = markers(deegan).assign(n_employers=5)
    ax = figures.marker_chart(table, deegan)
    assert {text.get_style() for text in ax.texts} == {"normal"}
    assert "italics" not in words_on(ax) + figures.get_text(ax).alt


def test_employers_words_do_not_take_two_points_for_a_movement(over_time, deegan):
    table = over_time(deegan, by="employer_id", time="year", groups=("E1", "E2"))
    without = table.assign(lower=np.nan, upper=np.nan)
    alt = figures.get_text(figures.employer_years(without, deegan)).alt
    assert "moved" not in alt
    assert "The last point lies higher (more Clinical) than the first in" in alt
    assert alt.endswith("; no intervals.")
    assert figures.get_text(figures.employer_years(table, deegan)).alt.endswith("not of this difference.")
