"""Who agreed to what: a bar for each role and purpose, with the counts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from peercompare.errors import InputError
from peercompare.figures.canvas import canvas_for, finish, printable, say_nothing_to_draw
from peercompare.figures.style import BASE, INK, PAPER, QUIET, RULE, SMALL, axis_colour, in_house_style
from peercompare.figures.text import FigureText, count, finite, listing, plural

STATES = ("agreed", "ended", "not agreed")
ALL = "all"
LOOKS = {
    "agreed": (axis_colour(0.0), ""),
    "ended": (axis_colour(1.0), "///"),
    "not agreed": (PAPER, ""),
    "withheld": (RULE, "..."),
}
"""Fill and hatch of each state: told apart in grey too."""

PURPOSES = {
    "analysis": "analysis",
    "training": "training",
    "quotation": "quotation",
    "sharing": "sharing",
    "individual_feedback": "own feedback",
}
WAIVER = "Composed corpus: counts of fewer than five would be withheld for real people."
PLACES = (1.10, 1.25, 1.38)
"""Where the counts of the three states stand, in widths of the chart."""


@dataclass(frozen=True)
class _Line:
    """One bar: a role and a purpose, with its counts (missing where withheld) and how many were asked."""

    role: str
    purpose: str
    counts: tuple[object, ...]
    whole: object


@in_house_style
def consent_chart(agreed: pd.DataFrame, ax: Axes | None = None, *, title: str = "Who agreed to what") -> Axes:
    """Draw how many people of each role agreed to each purpose, did not, or did until it ended.

    Bars are parts of those asked, all of one length, and the counts stand beside them. A count that is
    withheld is a dash, and the part of the bar that it would show is drawn as withheld.

    Parameters
    ----------
    agreed : DataFrame
        ``role, purpose, state, n_people``, as `peercompare.corpus.consent_status` gives it in ``agreed``;
        missing counts are withheld, and ``waiver`` (where it stands) marks those that only a composed corpus
        may show.
    ax : Axes, optional
        Where to draw; a new figure without it.
    title : str, optional
        The title.

    Returns
    -------
    Axes
        What was drawn on; `get_text` finds alt text and caption by it. Without rows it says so in words.

    Raises
    ------
    InputError
        Where a column is missing.
    """
    missing = [name for name in ("role", "purpose", "state", "n_people") if name not in agreed]
    if missing:
        raise InputError(f"the table of consent lacks the column(s) {', '.join(missing)}")
    lines = _lines(agreed)
    if not lines:
        canvas = canvas_for(ax, height=0.8)
        say_nothing_to_draw(canvas, title, "nobody was asked")
        return canvas.ax
    places, bottom = _places(lines)
    canvas = canvas_for(ax, height=0.5 + 0.27 * bottom)
    for line, y in zip(lines, places, strict=True):
        _draw(canvas.ax, line, y)
    _dress(canvas.ax, lines, places, bottom)
    notes = _notes(lines, agreed)
    finish(canvas, _words(lines, agreed, title), notes=notes, key=_key(lines), columns=2)
    return canvas.ax


def _lines(agreed: pd.DataFrame) -> list[_Line]:
    """Return the bars by role, and within a role in the order of purposes."""
    lines = []
    for role in dict.fromkeys(agreed["role"]):
        part = agreed[agreed["role"] == role]
        for purpose in PURPOSES:
            rows = part[part["purpose"] == purpose].set_index("state")["n_people"]
            if len(rows):
                counts = tuple(rows.get(state, pd.NA) for state in STATES)
                lines.append(_Line(role, purpose, counts, _whole(part, rows, counts)))
    return lines


def _whole(part: pd.DataFrame, rows: pd.Series, counts: Sequence[object]) -> object:
    """Return how many were asked: told, or the sum of what is told; missing where withheld."""
    if ALL in rows.index:
        return rows[ALL]
    if all(finite(each) for each in counts):
        return sum(int(each) for each in counts)
    told = part.loc[(part["purpose"] == ALL) & (part["state"] == ALL), "n_people"]
    return told.iloc[0] if len(told) else pd.NA


def _places(lines: Sequence[_Line]) -> tuple[list[float], float]:
    """Return the height of each bar from the top, with room for a heading above each role."""
    places, y, before = [], 0.0, None
    for line in lines:
        y += 1.15 if line.role != before else 0.0
        places.append(y)
        y += 1.0
        before = line.role
    return places, y


def _parts(line: _Line) -> list[tuple[str, float]]:
    """Return the parts of a bar as shares of those asked; what is withheld is one part."""
    if not finite(line.whole) or not int(line.whole):
        return [("withheld", 1.0)]
    whole = int(line.whole)
    parts = [(state, int(n) / whole) for state, n in zip(STATES, line.counts, strict=True) if finite(n)]
    rest = 1.0 - sum(share for _, share in parts)
    return [*parts, ("withheld", rest)] if rest > 1e-9 else parts


def _draw(ax: Axes, line: _Line, y: float) -> None:
    """Draw one bar and its counts."""
    left = 0.0
    for state, share in _parts(line):
        face, hatch = LOOKS[state]
        edge = PAPER if state == "ended" else QUIET
        ax.barh(y, share, left=left, height=0.62, color=face, hatch=hatch, edgecolor=edge, linewidth=0.0)
        left += share
    ax.barh(y, 1.0, height=0.62, color="none", edgecolor=INK, linewidth=0.8)
    for place, n in zip(PLACES, line.counts, strict=True):
        text = count(n) if finite(n) else "–"
        ax.text(place, y, text, va="center", ha="right", fontsize=SMALL, clip_on=False)


def _dress(ax: Axes, lines: Sequence[_Line], places: Sequence[float], bottom: float) -> None:
    """Set limits, labels and headings."""
    ax.set_xlim(0.0, PLACES[-1] + 0.02)
    ax.set_ylim(bottom - 0.4, 0.0)
    ax.set_yticks(places, [PURPOSES[line.purpose] for line in lines])
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    side, before = ax.get_yaxis_transform(), None
    for line, y in zip(lines, places, strict=True):
        if line.role != before:
            ax.text(
                0.0,
                y - 0.78,
                _heading(lines, line.role),
                transform=side,
                va="center",
                fontsize=BASE,
                weight="bold",
            )
        before = line.role
    for place, word in zip(PLACES, ("yes", "end", "no"), strict=True):
        ax.text(place, places[0] - 0.78, word, va="center", ha="right", fontsize=SMALL, weight="bold")


def _heading(lines: Sequence[_Line], role: str) -> str:
    """Return a role with how many were asked."""
    wholes = [int(line.whole) for line in lines if line.role == role and finite(line.whole)]
    name = printable(role.replace("_", " ").capitalize(), weight="bold")
    return f"{name} ({max(wholes)})" if wholes else name


def _key(lines: Sequence[_Line]) -> list[Patch]:
    """Return the key of the states that are drawn."""
    drawn = {state for line in lines for state, share in _parts(line) if share > 0}
    names = {"agreed": "agreed (yes)", "ended": "agreed, and it ended (end)", "not agreed": "not agreed (no)"}
    return [
        Patch(
            facecolor=face,
            hatch=hatch,
            edgecolor=PAPER if state == "ended" else INK,
            linewidth=0.6,
            label=names.get(state, state),
        )
        for state, (face, hatch) in LOOKS.items()
        if state in drawn
    ]


def _notes(lines: Sequence[_Line], agreed: pd.DataFrame) -> list[str]:
    """Return what must be known to read the counts."""
    hidden = any(not finite(n) for line in lines for n in line.counts)
    notes = ["Counts of people; nobody is named."]
    if "waiver" in agreed and agreed["waiver"].any():
        notes.append(WAIVER)
    if hidden:
        notes.append("A dash: withheld, because it counts, or would give back, fewer than five people.")
    return notes


def _words(lines: Sequence[_Line], agreed: pd.DataFrame, title: str) -> FigureText:
    """Build alt text, caption and summary from the rows that were drawn."""
    said = []
    for line in lines:
        told = [
            f"{count(n)} {state}" if finite(n) else f"{state} withheld"
            for state, n in zip(STATES, line.counts, strict=True)
        ]
        asked = f" of {plural(int(line.whole), 'person')}" if finite(line.whole) else ""
        said.append(
            f"{line.role}, {PURPOSES[line.purpose]}{asked}: {listing(told)}.".replace("persons", "people")
        )
    roles = listing(dict.fromkeys(line.role for line in lines))
    purposes = listing(dict.fromkeys(PURPOSES[line.purpose] for line in lines))
    alt = f"Bars of consent by role ({roles}) and purpose ({purposes}): agreed, ended or not agreed."
    caption = "Numbers of people by role and purpose, as the consent gate answers on the day."
    return FigureText(printable(title), f"{alt} {said[0]}", caption, "\n".join(said), agreed)
