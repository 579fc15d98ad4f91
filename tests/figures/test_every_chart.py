"""What holds for all charts, on the shipped framework and on one that is not Deegan's."""

import itertools
from unittest.mock import patch
from weakref import WeakKeyDictionary

import matplotlib
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from peercompare import figures
from peercompare.errors import InputError
from peercompare.figures.style import PAPER, SMALL, TEXT_CONTRAST, contrast
from peercompare.figures.text import WAIVER, root_figure

CHARTS = [
    "agreement",
    "shares",
    "framework",
    "plane",
    "sites",
    "employers",
    "confusion",
    "calibration",
    "titles",
    "markers",
    "terms",
    "timelines",
    "choices",
    "events",
    "composition",
]
PANELS = {"sites", "employers", "calibration", "terms", "events", "timelines"}


@pytest.fixture(params=["deegan", "tiny_framework"], scope="module")
def framework(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=CHARTS, scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def drawn(name, charts, framework):
    function, make = charts[name]
    return function(make(framework), framework)


DRAWN = WeakKeyDictionary()


def texts_of(figure):
    """Return the texts that are really drawn, as the renderer meets them."""
    if figure not in DRAWN:
        seen, draw = [], Text.draw

        def note(text, renderer, *args, **kwargs):
            if text.get_visible() and text.get_text().strip():
                seen.append(text)
            return draw(text, renderer, *args, **kwargs)

        with patch.object(Text, "draw", note):
            figure.canvas.draw()
        DRAWN[figure] = seen
    return DRAWN[figure]


def test_a_new_figure_is_made_and_its_axes_returned(name, drawn):
    if name in PANELS:
        assert all(isinstance(ax, Axes) for ax in drawn)
    else:
        assert isinstance(drawn, Axes)


def test_no_type_is_too_small_to_read_at_320_pixels(drawn):
    figure = root_figure(drawn)
    sizes = {text.get_fontsize() for text in texts_of(figure)}
    assert min(sizes) >= SMALL
    assert min(sizes) / 72 / figure.get_figwidth() * 320 > 8.5


def test_no_text_is_cut_off(drawn):
    figure = root_figure(drawn)
    inside = figure.bbox.padded(1)
    for text in texts_of(figure):
        box = text.get_window_extent()
        assert inside.contains(box.x0, box.y0), text.get_text()
        assert inside.contains(box.x1, box.y1), text.get_text()


def test_no_two_texts_overlap(drawn):
    texts = texts_of(root_figure(drawn))
    boxes = [(text.get_text(), text.get_window_extent().padded(-1.5)) for text in texts]
    touching = [(one, other) for (one, a), (other, b) in itertools.combinations(boxes, 2) if a.overlaps(b)]
    assert not touching


def test_type_on_paper_has_contrast(drawn):
    figure = root_figure(drawn)
    outside = [
        text for text in texts_of(figure) if text.axes is None or text.get_text() in labels_of(text.axes)
    ]
    assert outside
    for text in outside:
        assert contrast(matplotlib.colors.to_hex(text.get_color()), PAPER) >= TEXT_CONTRAST


def labels_of(ax):
    return {label.get_text() for label in [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.title]}


def test_only_the_shipped_typeface_is_used(drawn):
    assert {text.get_fontname() for text in texts_of(root_figure(drawn))} == {"DejaVu Sans"}


def test_the_words_say_what_is_drawn(name, drawn, charts, framework):
    words = figures.get_text(drawn)
    assert len(words.alt) > 60
    assert not words.alt.lower().startswith(("figure", "image"))
    assert any(character.isdigit() for character in words.alt)
    assert words.caption.endswith(".")
    assert any(character.isdigit() for character in words.caption)
    assert len(words.summary.splitlines()) > 1
    assert words.title in root_figure(drawn).get_suptitle().replace("\n", " ")
    assert len(words.data)


def test_the_table_is_left_as_it_was(name, charts, framework):
    function, make = charts[name]
    table = make(framework)
    before = table.copy(deep=True)
    function(table, framework)
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_table_says_that_there_is_nothing_to_draw(name, charts, framework):
    function, make = charts[name]
    drawn = function(make(framework).head(0), framework)
    figure = root_figure(drawn)
    words = figures.get_text(drawn)
    assert words.summary.rstrip(".") in " ".join(
        text.get_text().replace("\n", " ") for text in texts_of(figure)
    )
    assert words.alt
    figures.figure_bytes(drawn)


def test_one_row_is_enough(name, charts, framework):
    function, make = charts[name]
    table = make(framework)
    # Of the terms the first label is `none`, which is not drawn unasked.
    drawn = function(table.tail(1), framework)
    assert len(figures.get_text(drawn).data) == 1
    figures.figure_bytes(drawn)


def test_a_missing_column_is_named(name, charts, deegan):
    function, make = charts[name]
    table = make(deegan)
    columns = ("estimate", "n", "share", "weight", "observed", f"share_{deegan.axis[0]}")
    lacking = next(column for column in columns if column in table)
    with pytest.raises(InputError, match=f"column '{lacking}' is missing"):
        function(table.drop(columns=lacking), deegan)


def test_two_corpora_are_not_drawn_on_one_chart(name, charts, deegan):
    function, make = charts[name]
    table = make(deegan)
    both = pd.concat([table.assign(corpus="allotments"), table.assign(corpus="orchards")])
    with pytest.raises(InputError, match=r"allotments, orchards"):
        function(both, deegan)
    drawn = function(both, deegan, where={"corpus": "orchards"})
    assert set(figures.get_text(drawn).data["corpus"]) == {"orchards"}


def test_an_unknown_column_in_where_is_refused(name, charts, deegan):
    function, make = charts[name]
    with pytest.raises(InputError, match="flavour"):
        function(make(deegan), deegan, where={"flavour": "sweet"})


def test_axes_of_the_readers_own_are_drawn_on(name, charts, deegan):
    function, make = charts[name]
    figure = Figure(figsize=(9, 40))
    FigureCanvasAgg(figure)
    mine = figure.subplots(8, 1)
    with matplotlib.rc_context():
        before = dict(matplotlib.rcParams)
        drawn = function(make(deegan), deegan, mine if name in PANELS else mine[0])
        assert dict(matplotlib.rcParams) == before
    assert (drawn[0] if name in PANELS else drawn) is mine[0]
    assert mine[0].get_title(loc="left")
    assert figures.get_alt_text(figure)
    assert figure.get_suptitle() == ""


def drawn_words(figure):
    return " ".join(" ".join(text.get_text().split()) for text in texts_of(figure))


@pytest.mark.parametrize(
    "name",
    [
        "shares",
        "framework",
        "plane",
        "sites",
        "employers",
        "titles",
        "markers",
        "events",
        "composition",
        "timelines",
        "choices",
    ],
)
def test_the_waiver_is_said_on_axes_of_the_readers_own_too(name, charts, deegan):
    function, make = charts[name]
    figure = Figure(figsize=(9, 40))
    FigureCanvasAgg(figure)
    mine = figure.subplots(8, 1)
    function(make(deegan).assign(waiver=True), deegan, mine if name in PANELS else mine[0])
    assert WAIVER in drawn_words(figure)
    assert WAIVER in figures.get_text(figure).caption


def test_a_long_title_is_wrapped_and_shown_whole(name, charts, deegan):
    function, make = charts[name]
    title = (
        "How the words of postings have moved in twenty-one houses, hospitals and offices between two rivers"
    )
    drawn = function(make(deegan), deegan, title=title)
    figure = root_figure(drawn)
    assert figure.get_suptitle().replace("\n", " ") == title
    box = figure._suptitle.get_window_extent(figure.canvas.get_renderer())
    assert box.x1 <= figure.bbox.x1 + 1


def test_a_title_with_signs_of_formulas_is_printed_as_it_stands(name, charts, deegan):
    function, make = charts[name]
    drawn = function(make(deegan), deegan, title="Costs $5 and $6_x$ a day")
    figures.figure_bytes(drawn)
    assert root_figure(drawn).get_suptitle() == "Costs $5 and $6_x$ a day"
