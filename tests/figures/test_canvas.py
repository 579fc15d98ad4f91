import base64
import io
import json
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from peercompare import figures
from peercompare.errors import InputError
from peercompare.figures import canvas
from peercompare.figures.style import SMALL


@pytest.fixture
def drawn(deegan, shares):
    return figures.stance_chart(shares(deegan), deegan)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_table_gives_the_same_bytes(deegan, shares, kind):
    one, other = (
        figures.figure_bytes(figures.stance_chart(shares(deegan), deegan), format=kind) for _ in range(2)
    )
    assert one == other
    assert b"2026" not in one[:2000]


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_no_date_and_no_maker_is_written(drawn, kind):
    content = figures.figure_bytes(drawn, format=kind)
    for word in (b"dc:date", b"CreationDate", b"Matplotlib v", b"/Producer"):
        assert word not in content


def test_bytes_do_not_depend_on_the_readers_settings(deegan, shares):
    plain = figures.figure_bytes(figures.stance_chart(shares(deegan), deegan), format="svg")
    with matplotlib.rc_context(
        {"font.size": 40, "svg.hashsalt": "other", "axes.facecolor": "red", "savefig.dpi": 30}
    ):
        assert figures.figure_bytes(figures.stance_chart(shares(deegan), deegan), format="svg") == plain


def test_a_layout_held_for_several_formats_is_the_one_each_gets_alone(deegan, shares):
    alone = [
        figures.figure_bytes(figures.stance_chart(shares(deegan), deegan), format=f) for f in ("png", "svg")
    ]
    chart = figures.stance_chart(shares(deegan), deegan)
    figure = chart.get_figure()
    engine, dpi = figure.get_layout_engine(), figure.dpi
    with canvas.laid_out(chart):
        together = [figures.figure_bytes(chart, format=kind) for kind in ("png", "svg")]
    assert together == alone
    assert (figure.get_layout_engine(), figure.dpi) == (engine, dpi)


def test_another_format_is_refused(drawn):
    with pytest.raises(InputError, match="png, svg, pdf"):
        figures.figure_bytes(drawn, format="bmp")


def test_a_figure_is_saved_by_the_ending_of_its_name(drawn, tmp_path):
    path = figures.save_figure(drawn, tmp_path / "new" / "chart.svg")
    assert path.read_bytes().startswith(b"<?xml")
    assert [p.name for p in path.parent.iterdir()] == ["chart.svg"]


def test_a_figure_that_cannot_be_drawn_leaves_the_old_file(tmp_path):
    path = tmp_path / "chart.png"
    path.write_bytes(b"old")
    figure = canvas.new_figure(1.0)
    figure.add_artist(Unruly())
    with pytest.raises(ZeroDivisionError):
        figures.save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


class Unruly(matplotlib.artist.Artist):
    def draw(self, renderer):
        raise ZeroDivisionError


def test_a_notebook_gets_the_picture_with_its_words(drawn):
    data, metadata = figures.notebook_bundle(drawn)
    words = metadata["image/png"]
    assert base64.b64decode(data["image/png"]) == figures.figure_bytes(drawn)
    assert words["alt"] == figures.get_alt_text(drawn)
    assert words["caption"] == figures.get_text(drawn).caption
    assert words["width"] == 442
    assert words["alt"] in data["text/plain"]
    json.dumps(metadata)


def test_show_publishes_alt_and_caption(drawn, monkeypatch):
    import IPython.display

    seen = {}
    monkeypatch.setattr(IPython.display, "display", lambda data, **kwargs: seen.update(data=data, **kwargs))
    figures.show(drawn)
    assert seen["raw"] is True
    assert set(seen["metadata"]["image/png"]) >= {"alt", "caption"}
    assert set(seen["data"]) == {"image/png", "text/plain"}


def test_show_refuses_a_figure_without_words():
    with pytest.raises(LookupError):
        figures.show(Figure())


def test_drawing_leaves_no_figure_open_in_pyplot():
    code = (
        "import sys, pandas as pd\n"
        "from peercompare import figures\n"
        "from peercompare.framework import read_framework\n"
        "table = pd.DataFrame({'label': ['peer'], 'term': ['hope'], 'weight': [1.0]})\n"
        "figures.figure_bytes(figures.term_bars(table, read_framework('deegan2017')))\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_characters_that_the_typeface_lacks_become_a_box():
    assert canvas.printable("漢字 Clinic") == "□ Clinic"


def test_a_family_of_emoji_is_drawn_without_its_joiners():
    assert "\u200d" not in canvas.printable("👩‍👩‍👧 Peers")
    assert canvas.printable("👩‍👩‍👧 Peers").endswith(" Peers")


def test_names_from_right_to_left_are_kept():
    assert canvas.printable("مركز الأقران") == "مركز الأقران"


def test_line_breaks_and_control_characters_are_taken_out():
    assert canvas.printable("a\tb\nc\x07d") == "a b cd"


def test_lines_are_no_wider_than_asked():
    wrapped = canvas.wrap("A house of peers that has been open through many winters", 90, lines=9)
    assert max(canvas.text_width(line) for line in wrapped.splitlines()) <= 90
    assert " ".join(wrapped.split()) == "A house of peers that has been open through many winters"


def test_what_does_not_fit_ends_in_an_ellipsis():
    wrapped = canvas.wrap("word " * 60, 90, lines=2)
    assert wrapped.count("\n") == 1
    assert wrapped.endswith("…")


def test_a_word_wider_than_the_line_is_broken():
    wrapped = canvas.wrap("x" * 80, 90, lines=30)
    assert wrapped.replace("\n", "") == "x" * 80
    assert max(canvas.text_width(line) for line in wrapped.splitlines()) <= 90


def test_nothing_to_wrap_stays_nothing():
    assert canvas.wrap("", 90) == ""


def test_labels_that_are_moved_apart_keep_their_order_and_their_room(rng):
    wanted, widths = rng.uniform(0, 1, 7), rng.uniform(0.02, 0.14, 7)
    placed = canvas.spread(wanted, widths, low=0.0, high=1.0)
    order = np.argsort(wanted)
    gaps = np.diff(placed[order]) - (widths[order][1:] + widths[order][:-1]) / 2
    assert gaps.min() > -1e-9
    assert (placed - widths / 2).min() > -1e-9
    assert (placed + widths / 2).max() < 1 + 1e-9


def test_labels_with_room_stay_where_they_are():
    assert canvas.spread([0.2, 0.8], [0.1, 0.1], low=0, high=1) == pytest.approx([0.2, 0.8])


def test_too_few_axes_are_refused(deegan, terms):
    with pytest.raises(InputError, match="3 panels"):
        figures.term_bars(terms(deegan), deegan, Figure().subplots(1, 2))


def test_png_is_sharp_enough_for_print(drawn):
    import struct

    width, _ = struct.unpack(">II", io.BytesIO(figures.figure_bytes(drawn)).getvalue()[16:24])
    assert width == 920
    assert SMALL / 72 / canvas.WIDTH * 320 > 8.5
