import itertools
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib import colors

from peercompare.figures import style

# Machado, Oliveira & Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1.0, for linear RGB.
COLOUR_VISION = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.072175],
    [0.0193339, 0.119192, 0.9503041],
]


def cielab(colour, matrix):
    channels = np.array(colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = np.array(TO_XYZ) @ np.clip(np.array(matrix) @ linear, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def framework_of(n_stances):
    ids = tuple(f"s{number}" for number in range(n_stances))
    return SimpleNamespace(none=SimpleNamespace(id="none"), stance_ids=ids, labels=("none", *ids))


@pytest.fixture(params=[2, 3, 4, 5])
def palette(request):
    found = style.looks(framework_of(request.param))
    return [look for label, look in found.items() if label != "none"]


def test_marks_stand_out_from_paper_by_three_to_one(palette):
    assert min(style.contrast(look.colour, style.PAPER) for look in palette) >= style.MARK_CONTRAST


@pytest.mark.parametrize("ink", [style.INK, style.QUIET])
def test_type_stands_out_from_paper_by_four_and_a_half_to_one(ink):
    assert style.contrast(ink, style.PAPER) >= style.TEXT_CONTRAST


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_three_stances_stay_apart_for_every_kind_of_colour_vision(vision):
    found = [look for label, look in style.looks(framework_of(3)).items() if label != "none"]
    places = [cielab(look.colour, COLOUR_VISION[vision]) for look in found]
    gaps = [np.linalg.norm(one - other) for one, other in itertools.combinations(places, 2)]
    assert min(gaps) > 20


def test_three_stances_stay_apart_in_grey():
    found = [look.colour for label, look in style.looks(framework_of(3)).items() if label != "none"]
    lights = [style.luminance(colour) + 0.05 for colour in found]
    assert lights == sorted(lights)
    assert min(b / a for a, b in itertools.pairwise(lights)) > 1.5


def test_stances_differ_by_marker_hatch_and_line_too():
    found = list(style.looks(framework_of(4)).values())[1:]
    for part in ("marker", "hatch", "line"):
        assert len({getattr(look, part) for look in found}) == 4


def test_none_is_hollow():
    assert style.looks(framework_of(3))["none"].face == style.PAPER


def test_colours_belong_to_positions_and_not_to_names(deegan, tiny_framework):
    one, other = style.looks(deegan), style.looks(tiny_framework)
    assert [one[s] for s in deegan.stance_ids] == [other[s] for s in tiny_framework.stance_ids]


def test_ink_is_readable_on_every_tint_of_every_stance(palette):
    for look, strength in itertools.product(palette, np.linspace(0, 1, 41)):
        ground = style.tint(look.colour, strength)
        assert style.contrast(style.ink_on(ground), ground) >= style.TEXT_CONTRAST


def test_house_style_gives_the_readers_settings_back_even_after_an_error():
    before = dict(matplotlib.rcParams)

    @style.in_house_style
    def draw():
        assert matplotlib.rcParams["svg.hashsalt"] == "peercompare"
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        draw()
    assert dict(matplotlib.rcParams) == before


def test_contrast_of_published_pairs():
    # The greys that WCAG's tools quote as the first to pass and the last to fail on white.
    assert style.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
