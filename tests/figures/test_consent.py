import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from peercompare.errors import InputError
from peercompare.figures import consent_chart, figure_bytes, get_text
from peercompare.figures.style import MARK_CONTRAST, SMALL, contrast

COUNTS = {
    ("participant", "analysis"): (1203, 11, 7),
    ("participant", "sharing"): (800, 11, 410),
    ("worker", "analysis"): (9, 0, 0),
    ("worker", "individual_feedback"): (6, 0, None),
}
WHOLES = {"participant": 1221, "worker": 9}


@pytest.fixture
def agreed():
    rows = [(role, "all", "all", n) for role, n in WHOLES.items()]
    for (role, purpose), counts in COUNTS.items():
        rows += [
            (role, purpose, state, n)
            for state, n in zip(("agreed", "ended", "not agreed"), counts, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["role", "purpose", "state", "n_people"])
    return table.astype({"n_people": "Int64"})


def written(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def bars(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_facecolor()[3] > 0]


def test_every_count_stands_beside_its_bar_and_a_withheld_one_is_a_dash(agreed):
    said = written(consent_chart(agreed))
    assert {"1,203", "11", "7", "800", "410", "9", "6", "–"} <= set(said)
    assert "Participant (1,221)" in said or "Participant (1221)" in said


def test_bars_are_parts_of_those_asked(agreed):
    ax = consent_chart(agreed)
    widths = sorted({round(bar.get_width(), 6) for bar in bars(ax)})
    assert round(1203 / 1221, 6) in widths
    assert round(3 / 9, 6) in widths  # what is withheld is drawn as withheld
    assert all(bar.get_x() + bar.get_width() <= 1 + 1e-9 for bar in bars(ax))


def test_the_words_say_every_count_and_what_is_withheld(agreed):
    text = get_text(consent_chart(agreed))
    assert "participant, analysis of 1,221 people: 1,203 agreed, 11 ended and 7 not agreed." in text.summary
    assert "not agreed withheld" in text.summary
    assert "participant and worker" in text.alt
    pd.testing.assert_frame_equal(text.data, agreed)


def test_nothing_is_set_too_small_nor_drawn_too_faint(agreed):
    ax = consent_chart(agreed)
    ax.get_figure().canvas.draw()
    assert (
        min(text.get_fontsize() for text in ax.get_figure().findobj(lambda a: hasattr(a, "get_fontsize")))
        >= SMALL
    )
    agreed_face = bars(ax)[0].get_facecolor()
    assert contrast(agreed_face, "#ffffff") >= MARK_CONTRAST


def test_nothing_written_overlaps_anything_written(agreed):
    ax = consent_chart(agreed)
    figure = ax.get_figure()
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    pairs = ((one, other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
    assert not [pair for pair in pairs if pair[0].shrunk(0.98, 0.98).overlaps(pair[1].shrunk(0.98, 0.98))]


def test_a_count_that_only_a_composed_corpus_may_show_is_marked(agreed):
    def notes(table):
        figure = consent_chart(table).get_figure()
        return figure.get_supxlabel()

    assert "Composed corpus" in notes(agreed.assign(waiver=agreed["n_people"] == 7))
    assert "Composed corpus" not in notes(agreed.assign(waiver=False))


def test_the_same_data_give_the_same_bytes(agreed):
    assert figure_bytes(consent_chart(agreed), format="svg") == figure_bytes(
        consent_chart(agreed), format="svg"
    )


def test_without_rows_it_says_so_and_without_a_column_it_is_refused(agreed):
    assert "nobody was asked" in get_text(consent_chart(agreed.head(0))).alt
    with pytest.raises(InputError, match="n_people"):
        consent_chart(agreed.drop(columns="n_people"))
