"""Counting positions in a text: twelve conventions, and the ruler that turns one into another.

Tools count in code points, UTF-16 units or UTF-8 bytes, take CRLF for two characters or for one, and count a
byte order mark or do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from peercompare.errors import ExchangeError

BOM = "\ufeff"
UNITS = ("codepoint", "utf16", "utf8")
NEWLINES = ("raw", "lf")
BOMS = ("nobom", "bom")


@dataclass(frozen=True)
class Convention:
    """One way to count positions in a text file.

    Parameters
    ----------
    unit : {"codepoint", "utf16", "utf8"}
        What is counted.
    newline : {"raw", "lf"}
        Whether CRLF counts as it stands, or as one character.
    bom : {"nobom", "bom"}
        Whether a byte order mark at the start of the text counts.
    """

    unit: str
    newline: str
    bom: str

    @property
    def id(self) -> str:
        """Its name in arguments and reports, as in ``utf16-raw-nobom``."""
        return f"{self.unit}-{self.newline}-{self.bom}"

    def __str__(self) -> str:
        units = {"codepoint": "code points", "utf16": "UTF-16 units", "utf8": "UTF-8 bytes"}[self.unit]
        newline = "CRLF kept" if self.newline == "raw" else "CRLF counted as one"
        return f"{units}, {newline}, BOM {'' if self.bom == 'bom' else 'not '}counted"


CONVENTIONS: dict[str, Convention] = {
    each.id: each for each in (Convention(*parts) for parts in product(UNITS, NEWLINES, BOMS))
}
"""The twelve conventions by id, the standard's own (``codepoint-raw-nobom``) first."""


@dataclass(frozen=True)
class Placement:
    """Where selections stand in the stored text under one convention.

    Parameters
    ----------
    starts, ends : ndarray of int, shape (n_selections,)
        Code points of the stored text, end exclusive; meaningless where not `sound`.
    sound : ndarray of bool, shape (n_selections,)
        False where a position lies past the text or inside a character.
    """

    starts: np.ndarray
    ends: np.ndarray
    sound: np.ndarray

    def same_as(self, other: Placement) -> np.ndarray:
        """Say of each selection whether both place it, and in the same spot."""
        both = self.sound & other.sound
        return both & (self.starts == other.starts) & (self.ends == other.ends)


def stored_text(raw: str) -> str:
    r"""Return a text as it is stored: without a byte order mark, line ends as LF.

    Examples
    --------
    >>> stored_text("\ufeffone\r\ntwo\rthree")
    'one\ntwo\nthree'
    """
    return raw.lstrip(BOM).replace("\r\n", "\n").replace("\r", "\n")


def named_convention(name: str | Convention) -> Convention:
    """Return a convention by its id.

    Raises
    ------
    ExchangeError
        Where there is none of that name.
    """
    if isinstance(name, Convention):
        return name
    if name not in CONVENTIONS:
        raise ExchangeError(
            f"{name!r} is no convention of counting", remedy=f"conventions are {', '.join(CONVENTIONS)}"
        )
    return CONVENTIONS[name]


class Ruler:
    """The scales of one text: turns positions under any convention into places of the stored text.

    Parameters
    ----------
    raw : str
        The text as the file holds it, byte order mark and line ends untouched.
    """

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.text = stored_text(raw)
        # surrogatepass: a lone surrogate is refused elsewhere, in words; here it must not raise
        points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        self._length, self._n_bom = len(points), len(raw) - len(raw.lstrip(BOM))
        cr_before_lf = np.zeros(len(points), dtype=bool)
        cr_before_lf[:-1] = (points[:-1] == 0x0D) & (points[1:] == 0x0A)
        # all other characters count one under every convention
        self._special = np.flatnonzero((points > 0x7F) | cr_before_lf)
        self._points, self._is_cr = points[self._special], cr_before_lf[self._special]
        self._target = self._scale(Convention("codepoint", "lf", "nobom"))
        self._inside_crlf = np.concatenate([[False], cr_before_lf])

    def alike(self) -> dict[str, str]:
        """Return, for each convention, the first one that counts this very text in the same way."""
        widest = int(self._points[self._n_bom :].max(initial=0))
        has_crlf, has_bom = bool(self._is_cr.any()), self._n_bom > 0
        first: dict[tuple, str] = {}
        found = {}
        for name, each in CONVENTIONS.items():
            bom = has_bom and each.bom == "bom"
            wide = {"codepoint": False, "utf16": widest > 0xFFFF, "utf8": widest > 0x7F or bom}[each.unit]
            key = (each.unit if wide else "codepoint", each.newline if has_crlf else "", bom)
            found[name] = first.setdefault(key, name)
        return found

    def length(self, convention: Convention) -> int:
        """Return the length of the text under a convention: the greatest position there is."""
        return self._length + int(self._scale(convention).beyond[-1])

    def place(self, starts: np.ndarray, ends: np.ndarray, convention: Convention) -> Placement:
        """Return where selections stand in the stored text under a convention.

        A selection that takes in one half of a CRLF takes in the line end.

        Parameters
        ----------
        starts, ends : ndarray of int, shape (n_selections,)
            Positions as the tool counted them, end exclusive.
        convention : Convention
            How it counted.
        """
        scale, target = self._scale(convention), self._target
        first, last = (scale.boundaries(each, self._length) for each in (starts, ends))
        sound = (scale.positions(first) == starts) & (scale.positions(last) == ends) & (starts <= ends)
        inside = self._inside_crlf[last] & (ends > starts) & (convention.newline == "raw")
        return Placement(target.positions(first), target.positions(last) + inside, sound)

    def positions(self, places: np.ndarray, convention: Convention) -> np.ndarray:
        """Return the positions, under a convention, of places in the stored text: the inverse of `place`."""
        # the last boundary that stands there, where a CR or a mark counts nothing
        at = self._target.boundaries(places + 1, self._length + 1) - 1
        # a place after a line end is the boundary after the LF; one before it, the boundary before the CR
        at = np.where(self._inside_crlf[at], at - 1, at)
        return self._scale(convention).positions(at)

    def _scale(self, convention: Convention) -> _Scale:
        """Return where every boundary between code points of the raw text stands under a convention."""
        points = self._points
        widths = np.ones(len(points), dtype=np.int8)
        if convention.unit == "utf16":
            widths += points > 0xFFFF
        elif convention.unit == "utf8":
            for least in (0x7F, 0x7FF, 0xFFFF):
                widths += points > least
        if convention.newline == "lf":
            widths[self._is_cr] = 0
        if convention.bom == "nobom":
            widths[: self._n_bom] = 0
        odd = widths != 1
        beyond = np.zeros(int(odd.sum()) + 1, dtype=np.int64)
        np.cumsum(widths[odd] - 1, out=beyond[1:])
        return _Scale(self._special[odd], beyond)


@dataclass(frozen=True)
class _Scale:
    """Positions of the boundaries between code points, told by those that do not count one.

    Parameters
    ----------
    odd : ndarray of int, shape (n_odd,)
        Indices of the code points that count 0 or more than 1.
    beyond : ndarray of int, shape (n_odd + 1,)
        What the first 0, 1, 2 ... of them count beyond one each, together.
    """

    odd: np.ndarray
    beyond: np.ndarray

    def positions(self, boundaries: np.ndarray) -> np.ndarray:
        """Return the positions of boundaries, each told by the code point that it stands before."""
        return boundaries + self.beyond[np.searchsorted(self.odd, boundaries)]

    def boundaries(self, positions: np.ndarray, last: int) -> np.ndarray:
        """Return the first boundary at or after each position; the `last` one where there is none."""
        begun = np.searchsorted(self.odd + self.beyond[:-1], positions)
        # the last odd code point that begins before a position, and the boundary behind it
        behind = np.concatenate([[0], self.odd + 1])[begun]
        further = positions - (behind + self.beyond[begun])
        return np.clip(behind + np.maximum(further, 0), 0, last)
