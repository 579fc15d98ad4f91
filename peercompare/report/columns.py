"""How wide the columns of a printed table are, and where its cells may break."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

INTERVAL = re.compile(r"\([^()]{1,24}\)")
BLANK = "\N{NO-BREAK SPACE}"

FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
"""What a table is set in, and its headings; other typefaces are hardly wider."""

LINE, EDGES, LONG = 64.0, 0.95, 36.0
"""In heights of the type: how long a line of a page is, what the edges of a column take of it, and how wide a
column may wish to be."""


def fonts() -> Path:
    """Return the folder of the typefaces that matplotlib brings."""
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


@cache
def _advances(face: str):
    """Return how wide a letter is, as a function."""
    from matplotlib.ft2font import FT2Font, LoadFlags

    font = FT2Font(str(fonts() / face))
    return cache(
        lambda letter: font.load_char(ord(letter), flags=LoadFlags.NO_SCALE).horiAdvance / font.units_per_EM
    )


def _width(text: str, *, bold: bool) -> float:
    """Return how wide a text is, in heights of its type."""
    return sum(map(_advances(FACES[bold]), text))


def unbroken(cell: str) -> str:
    """Keep an interval on one line: a narrow column breaks before it, not within it.

    Examples
    --------
    >>> unbroken("0.50 (0.25 to 0.75)") == "0.50 (0.25\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}0.75)"
    True
    """
    return INTERVAL.sub(lambda found: found.group().replace(" ", BLANK), cell)


def fitted(rows: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[float]]:
    """Return cells with their intervals unbroken where the page is wide enough, and the columns' widths.

    Parameters
    ----------
    rows : sequence of sequence of str
        The headings and the rows of a table.

    Returns
    -------
    cells : list of list of str
    widths : list of float
        Each column gets room for its longest word, then by how much its longest cell asks for.
    """
    kept = [[unbroken(cell) for cell in row] for row in rows]
    room = LINE - EDGES * len(kept[0])
    cells = kept if sum(_longest(kept, words=True)) <= room else [list(row) for row in rows]
    least, most = _longest(cells, words=True), _longest(cells, words=False)
    wanted = [max(0.0, min(cell, LONG) - word) for cell, word in zip(most, least, strict=True)]
    left = max(0.0, room - sum(least))
    part = left / sum(wanted) if sum(wanted) else 0.0
    return cells, [round(word + EDGES + want * part, 2) for word, want in zip(least, wanted, strict=True)]


def _longest(rows: list[list[str]], *, words: bool) -> list[float]:
    """Return the width of each column's longest word, or of its longest cell."""
    return [
        max(
            _width(text, bold=0 in (place, number))
            for number, cell in enumerate(column)
            for text in (cell.split(" ") if words else [cell])
        )
        for place, column in enumerate(zip(*rows, strict=True))
    ]
