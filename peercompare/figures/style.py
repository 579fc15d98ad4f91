"""How every figure looks: one context of settings, one palette, and the arithmetic that keeps both readable.

Nothing is set globally: `house_style` holds while a figure is drawn or written, and the reader's own
settings come back after it. Colours belong to positions on the framework's axis, so another framework's
stances get them too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import matplotlib
import numpy as np
from matplotlib import colors

if TYPE_CHECKING:
    from peercompare.framework import Framework

P = ParamSpec("P")
R = TypeVar("R")

WIDTH = 4.6
"""Width of a figure in inches: small, so that its type stays readable on a page 320 pixels wide."""

DPI = 200
"""Pixels for each inch of a PNG."""

BASE = 10.5
SMALL = 9.5
TITLE = 12.0
"""Sizes of type in points; nothing is set smaller than `SMALL`."""

INK = "#1a1a1a"
QUIET = "#4d4d4d"
RULE = "#d0d0d0"
PAPER = "#ffffff"

AXIS_COLOURS = ("#10306e", "#1f7a72", "#d9780f")
"""First end of the axis, its middle, its last end: darkest to lightest, so that they stay apart in grey."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
HATCHES = ("", "///", "...", "xxx", "---", "+++")
LINES = ("-", "--", "-.", ":")

TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0
"""Least contrast with the ground: WCAG 2.2, success criteria 1.4.3 (text) and 1.4.11 (graphical objects)."""

_SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "font.size": BASE,
    "axes.titlesize": TITLE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.titlesize": TITLE,
    "figure.titleweight": "bold",
    "axes.labelsize": BASE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.handletextpad": 0.3,
    "legend.columnspacing": 1.0,
    "legend.borderpad": 0.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.titlecolor": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.4,
    "lines.markersize": 6.5,
    "hatch.linewidth": 0.8,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "savefig.edgecolor": PAPER,
    "savefig.dpi": DPI,
    "figure.dpi": 100,
    "svg.hashsalt": "peercompare",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "text.usetex": False,
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "axes.formatter.use_locale": False,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Hold the house settings for a while; the reader's own come back afterwards.

    Names of employers, sites and terms are printed as they stand: a dollar sign in one of them is no formula.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["font.size"]
    >>> with house_style():
    ...     float(matplotlib.rcParams["font.size"])
    10.5
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    with matplotlib.rc_context():
        matplotlib.rcParams.update(_SETTINGS)
        yield


def in_house_style(function: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under `house_style`."""

    @functools.wraps(function)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with house_style():
            return function(*args, **kwargs)

    return drawn


@dataclass(frozen=True)
class Look:
    """How one label is drawn: told apart by more than its colour."""

    colour: str
    face: str
    marker: str
    hatch: str
    line: str


def looks(framework: Framework) -> dict[str, Look]:
    """Return the look of each label, by its position on the framework's axis.

    Parameters
    ----------
    framework : Framework
        Its stances, in order, share the axis evenly; ``none`` stands off the axis and is drawn hollow.

    Returns
    -------
    dict of str to Look
        One entry for each of ``framework.labels``.
    """
    ids = framework.stance_ids
    found = {framework.none.id: Look(QUIET, PAPER, "h", "", ":")}
    for number, stance in enumerate(ids):
        colour = axis_colour(number / max(len(ids) - 1, 1))
        found[stance] = Look(
            colour,
            colour,
            MARKERS[number % len(MARKERS)],
            HATCHES[number % len(HATCHES)],
            LINES[number % len(LINES)],
        )
    return found


def axis_colour(position: float) -> str:
    """Return the colour at a position on the axis, from 0 (first end) to 1 (last end).

    Examples
    --------
    >>> axis_colour(0.0), axis_colour(1.0)
    ('#10306e', '#d9780f')
    """
    ramp = colors.LinearSegmentedColormap.from_list("axis", AXIS_COLOURS)
    return colors.to_hex(ramp(float(np.clip(position, 0.0, 1.0))))


def tint(colour: str, strength: float) -> str:
    """Return a colour mixed with paper: 0 gives paper, 1 the colour itself."""
    strength = float(np.clip(strength, 0.0, 1.0))
    full, paper = np.array(colors.to_rgb(colour)), np.array(colors.to_rgb(PAPER))
    return colors.to_hex(paper + strength * (full - paper))


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white).

    References
    ----------
    WCAG 2.2, "relative luminance", https://www.w3.org/TR/WCAG22/#dfn-relative-luminance

    Examples
    --------
    >>> luminance("#ffffff"), luminance("#000000")
    (1.0, 0.0)
    """
    channels = np.array(colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(round(linear @ np.array([0.2126, 0.7152, 0.0722]), 12))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 (the same) to 21 (black on white).

    References
    ----------
    WCAG 2.2, "contrast ratio", https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 6)
    21.0
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: str) -> str:
    """Return the ink that reads best on a ground: dark or white, at least 4.5 to 1.

    Examples
    --------
    >>> ink_on("#ffffff"), ink_on("#10306e")
    ('#1a1a1a', '#ffffff')
    """
    best = max((INK, PAPER), key=lambda ink: contrast(ink, ground))
    # Near the middle grey neither the soft black nor white reaches the bound; pure black does on the lighter
    # side.
    return best if contrast(best, ground) >= TEXT_CONTRAST else "#000000"
