"""Making, finishing, writing and showing figures: the parts that every chart shares.

Figures are made by the object interface, not by pyplot, so that none stays open behind the reader's back.
"""

from __future__ import annotations

import base64
import functools
import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from peercompare.errors import InputError
from peercompare.figures.style import DPI, INK, QUIET, SMALL, TITLE, WIDTH, house_style
from peercompare.figures.text import FigureText, attach_text, get_text, root_figure
from peercompare.figures.widths import png_at, scale_for, scaled_pdf, scaled_svg
from peercompare.files import write_atomically

GAP = "□"
"""Stands for a character that the typeface lacks."""

EDGE = 0.06
"""Margin of a figure in inches."""

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Canvas:
    """A figure with the axes to draw on; `owned` where peercompare made it and may lay it out."""

    figure: Figure
    axes: tuple[Axes, ...]
    owned: bool

    @property
    def ax(self) -> Axes:
        """The first (often the only) axes."""
        return self.axes[0]


def canvas_for(ax: Axes | None, *, height: float) -> Canvas:
    """Return a canvas on the given axes, or on a new figure of the given height in inches."""
    if ax is not None:
        return Canvas(ax.get_figure(root=True), (ax,), owned=False)
    figure = new_figure(height)
    return Canvas(figure, (figure.add_subplot(),), owned=True)


def canvas_of_panels(
    axes: Sequence[Axes] | None, n_panels: int, *, columns: int, panel_height: float, share: bool = True
) -> Canvas:
    """Return a canvas of several panels, row by row; given axes must be at least as many as the panels."""
    if axes is not None:
        axes = tuple(np.ravel(np.asarray(axes, dtype=object)))
        if len(axes) < n_panels:
            raise InputError(
                f"{n_panels} panels are needed and {len(axes)} axes were given",
                remedy="give as many axes as there are panels, or none",
            )
        return Canvas(axes[0].get_figure(root=True), axes[:n_panels], owned=False)
    rows = -(-n_panels // columns)
    figure = new_figure(rows * panel_height + 0.45)
    grid = figure.subplots(rows, min(columns, n_panels), sharex=share, sharey=share, squeeze=False)
    panels = list(grid.ravel())
    for spare in panels[n_panels:]:
        spare.remove()
    return Canvas(figure, tuple(panels[:n_panels]), owned=True)


def new_figure(height: float) -> Figure:
    """Return an empty figure of the house width, laid out so that nothing is clipped."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.04, h_pad=0.05)
    FigureCanvasAgg(figure)
    return figure


def finish(
    canvas: Canvas,
    text: FigureText,
    *,
    notes: Sequence[str] = (),
    key: Sequence[Artist] = (),
    columns: int = 1,
) -> None:
    """Set title, key of signs and notes around the chart, and fasten the words to the figure.

    A figure of our own grows by what stands above and below, so that the chart keeps its height. On axes
    that somebody else laid out the title goes above them, the notes under the label of the x axis and the
    key inside.
    """
    notes = [note for note in notes if note]
    if canvas.owned:
        _frame(canvas.figure, text.title, notes, key, columns)
    else:
        _dress_given(canvas, text.title, notes)
        if key:
            canvas.ax.legend(handles=list(key), loc="best")
    attach_text(canvas.axes, text)


def _dress_given(canvas: Canvas, title: str, notes: Sequence[str]) -> None:
    """Set title and notes on axes that somebody else laid out."""
    room = 72 * WIDTH
    first, last = canvas.ax, canvas.axes[-1]
    first.set_title(wrap(title, room, size=TITLE, weight="bold", lines=4), loc="left")
    for ax in canvas.axes:
        ax.spines[["top", "right"]].set_visible(False)
    foot = "\n".join(wrap(note, room, lines=8) for note in notes)
    if last.axison and last.xaxis.get_label_position() == "bottom":
        last.set_xlabel("\n".join(part for part in (last.get_xlabel(), foot) if part))
    else:
        last.text(0.0, -0.03, foot, transform=last.transAxes, va="top", fontsize=SMALL)


def _frame(figure: Figure, title: str, notes: Sequence[str], key: Sequence[Artist], columns: int) -> None:
    """Put title and key above the chart and the notes below it, and give the chart the room between."""
    room = 72 * (WIDTH - 2 * EDGE)
    head = wrap(title, room, size=TITLE, weight="bold", lines=4)
    foot = "\n".join(wrap(note, room, size=SMALL, lines=8) for note in notes)
    title_height = len(head.splitlines()) * TITLE * 1.3 / 72 + EDGE
    key_height = (-(-len(key) // columns) * SMALL * 1.5 / 72 + 0.06) if key else 0.0
    foot_height = len(foot.splitlines()) * SMALL * 1.4 / 72 + EDGE
    body = figure.get_figheight()
    height = body + title_height + key_height + foot_height
    figure.set_figheight(height)
    figure.suptitle(head, x=EDGE / WIDTH, y=1 - EDGE / height, ha="left", va="top", linespacing=1.15)
    if key:
        top = 1 - title_height / height
        anchor = {"bbox_to_anchor": (EDGE / WIDTH, top), "borderaxespad": 0.0}
        figure.legend(handles=list(key), loc="upper left", ncols=columns, labelspacing=0.35, **anchor)
    if foot:
        place = {"x": EDGE / WIDTH, "y": EDGE / height, "ha": "left", "va": "bottom"}
        figure.supxlabel(foot, fontsize=SMALL, color=INK, linespacing=1.25, **place)
    figure.get_layout_engine().set(rect=(0, foot_height / height, 1, body / height))


def say_nothing_to_draw(canvas: Canvas, title: str, why: str) -> None:
    """Write on an empty chart why it is empty, and give it the same words."""
    for ax in canvas.axes:
        ax.set_axis_off()
    width = 72 * (WIDTH - 0.6)
    canvas.ax.text(
        0.5, 0.5, wrap(why, width), transform=canvas.ax.transAxes, ha="center", va="center", color=QUIET
    )
    finish(canvas, FigureText(title, f"{title}: {why}.", f"{title}: {why}.", f"{why}."))


def printable(text: object, *, weight: str = "normal") -> str:
    r"""Return a text that the typeface can draw: line breaks become spaces, absent characters become a box.

    The full text stays in the figure's words and data.

    Examples
    --------
    >>> printable("Peer\nworker")
    'Peer worker'
    """
    font = _font(weight)
    kept: list[str] = []
    for character in " ".join(str(text).split()):
        if unicodedata.category(character) in {"Cc", "Cs", "Co"} or character in "\ufe0e\ufe0f\u200d":
            continue
        if unicodedata.combining(character) and not font.get_char_index(ord(character)):
            continue
        known = character.isspace() or font.get_char_index(ord(character))
        if known or kept[-1:] != [GAP]:
            kept.append(character if known else GAP)
    return "".join(kept)


@functools.lru_cache(maxsize=8192)
def text_width(text: str, *, size: float = SMALL, weight: str = "normal") -> float:
    """Return the width of a line of text in points."""
    if not text:
        return 0.0
    properties = FontProperties(family=["DejaVu Sans"], size=size, weight=weight)
    return float(TextToPath().get_text_width_height_descent(text, properties, ismath=False)[0])


def wrap(text: object, width: float, *, size: float = SMALL, weight: str = "normal", lines: int = 3) -> str:
    """Break a text into lines no wider than `width` points; what does not fit ends in an ellipsis."""
    done: list[str] = []
    line = ""
    for word in _words(printable(text, weight=weight), width, size, weight):
        trial = f"{line} {word}" if line else word
        if line and text_width(trial, size=size, weight=weight) > width:
            done.append(line)
            line = word
        else:
            line = trial
    done.append(line)
    if len(done) <= lines:
        return "\n".join(done)
    last = done[lines - 1]
    while last and text_width(last + "…", size=size, weight=weight) > width:
        last = last[:-1]
    return "\n".join([*done[: lines - 1], last.rstrip() + "…"])


def _words(text: str, width: float, size: float, weight: str) -> list[str]:
    """Split a text into words, and words that are wider than a line into parts."""
    words: list[str] = []
    for word in text.split():
        while len(word) > 1 and text_width(word, size=size, weight=weight) > width:
            cut = len(word) - 1
            while cut > 1 and text_width(word[:cut], size=size, weight=weight) > width:
                cut -= 1
            words.append(word[:cut])
            word = word[cut:]
        words.append(word)
    return words


@functools.cache
def _font(weight: str):
    """Return the typeface's own table of characters."""
    return font_manager.get_font(font_manager.findfont(FontProperties(family=["DejaVu Sans"], weight=weight)))


def spread(positions: Sequence[float], widths: Sequence[float], *, low: float, high: float) -> np.ndarray:
    """Move labels apart along one axis so that they do not touch, as little as is needed.

    Parameters
    ----------
    positions : sequence of float, length n_labels
        Where the labels' middles would lie.
    widths : sequence of float, length n_labels
        How much room each label needs, on the same scale.
    low, high : float
        The ends between which the labels must lie; where the room is too short they are set closer.

    Returns
    -------
    array of float, length n_labels
        Middles, in the order of `positions`.

    Examples
    --------
    >>> [round(float(x), 2) for x in spread([0.5, 0.5, 0.9], [0.2, 0.2, 0.2], low=0.0, high=1.0)]
    [0.4, 0.6, 0.9]
    """
    wanted, widths = np.asarray(positions, dtype=float), np.asarray(widths, dtype=float)
    if not wanted.size:
        return wanted
    order = np.argsort(wanted, kind="stable")
    wide = widths[order]
    scale = min(1.0, (high - low) / wide.sum())
    steps = scale * np.concatenate([[0.0], np.cumsum((wide[:-1] + wide[1:]) / 2)])
    # Less its own step, a label need only not fall behind the one before it.
    first, last = low + scale * wide[0] / 2, high - scale * wide[-1] / 2 - steps[-1]
    starts = np.clip(_rising(wanted[order] - steps), first, max(first, last))
    placed = np.empty_like(wanted)
    placed[order] = starts + steps
    return placed


def _rising(values: np.ndarray) -> np.ndarray:
    """Return the closest sequence that never falls, by pooling neighbours that do."""
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((float(value), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, n_one), (other, n_other) = pools[-2:]
            pools[-2:] = [((one * n_one + other * n_other) / (n_one + n_other), n_one + n_other)]
    return np.concatenate([np.full(size, mean) for mean, size in pools])


def figure_bytes(
    figure: Figure | Axes | Sequence[Axes], *, format: str = "png", width_mm: float | None = None
) -> bytes:
    """Return a figure as the bytes of a file, the same each time it is drawn from the same data.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        A chart's return value will do.
    format : {"png", "svg", "pdf"}
        The kind of file. No date and no version goes into it.
    width_mm : float, optional
        Width on paper, e.g. 85 for one column of most journals and 175 for two: the whole drawing is scaled,
        its type with it. A PNG then has 300 pixels an inch. Without it the figure is 117 mm wide.

    Raises
    ------
    InputError
        Where the format is another, or type would be smaller than 6 points at that width.
    """
    if format not in FORMATS:
        raise InputError(f"Cannot write a figure as {format!r}", remedy=f"use one of {', '.join(FORMATS)}")
    figure = root_figure(figure)
    metadata = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }[format]
    scale = 1.0 if width_mm is None else scale_for(figure, width_mm)
    with house_style(), laid_out(figure):
        if width_mm is not None and format == "png":
            return png_at(figure, scale, metadata=metadata)
        stream = io.BytesIO()
        figure.savefig(stream, format=format, dpi=DPI, metadata=metadata)
    if width_mm is None:
        return stream.getvalue()
    return {"svg": scaled_svg, "pdf": scaled_pdf}[format](stream.getvalue(), scale)


@contextmanager
def laid_out(figure: Figure | Axes | Sequence[Axes]) -> Iterator[None]:
    """Lay a figure out once, and hold the layout for a while: it is written alike in every format.

    Without this matplotlib measures all letters, and draws once to nowhere, before it writes each file.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        Changes of what is drawn on it, meanwhile, find no room of their own.
    """
    figure = root_figure(figure)
    engine, dpi = figure.get_layout_engine(), figure.dpi
    if engine is None or not figure.axes:
        yield
        return
    with house_style():
        figure.set_dpi(DPI)
        engine.execute(figure)
        figure.set_dpi(dpi)
        figure.set_layout_engine(None)
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


def save_figure(
    figure: Figure | Axes | Sequence[Axes], path: str | Path, *, width_mm: float | None = None
) -> Path:
    """Write a figure whole or not at all; the ending of the name (png, svg, pdf) says how.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        A chart's return value will do; the whole figure is written, whatever else is drawn on it.
    path : str or Path
        Where to write; missing folders are made, and an existing file is replaced in one step.
    width_mm : float, optional
        As in `figure_bytes`.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    InputError
        Where the name ends otherwise, or the width is too small to be read.
    """
    path = Path(path)
    content = figure_bytes(figure, format=path.suffix.lstrip(".").lower(), width_mm=width_mm)
    return write_atomically(path, content)


def notebook_bundle(figure: Figure | Axes | Sequence[Axes]) -> tuple[dict, dict]:
    """Return a figure as a notebook's output: data by kind, and metadata with ``alt`` and ``caption``.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        A chart's return value, or a figure that `set_alt_text` gave words.

    Returns
    -------
    tuple of (dict, dict)
        ``{"image/png": ..., "text/plain": ...}`` and ``{"image/png": {...}}`` with ``alt``, ``caption``,
        ``title``, ``summary`` and ``width`` (in pixels of the page).

    Raises
    ------
    LookupError
        Where the figure carries no words.
    """
    text = get_text(figure)
    width = round(96 * float(root_figure(figure).get_figwidth()))
    data = {
        "image/png": base64.b64encode(figure_bytes(figure)).decode("ascii"),
        "text/plain": f"{text.alt}\n{text.caption}".strip(),
    }
    words = {"title": text.title, "alt": text.alt, "caption": text.caption, "summary": text.summary}
    return data, {"image/png": {**words, "width": width}}


def show(figure: Figure | Axes | Sequence[Axes]) -> None:
    """Show a figure in a notebook, with its alt text and caption in the output's metadata.

    A template finds them under ``output.metadata["image/png"]``.

    Parameters
    ----------
    figure : Figure, Axes or sequence of Axes
        A chart's return value, or a figure that `set_alt_text` gave words.

    Raises
    ------
    LookupError
        Where the figure carries no words.
    """
    from IPython.display import display

    data, metadata = notebook_bundle(figure)
    display(data, metadata=metadata, raw=True)
