"""Figures between the study and its report: a picture, and beside it the words that belong to it."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import ascii_lowercase

from peercompare.errors import Problem, ReportError
from peercompare.figures.text import footnotes
from peercompare.files import write_atomically
from peercompare.report.outputs import alt_fault

ENDING = ".words.json"
REASON = re.compile(r"(\(no interval: )([^()]+)\)|(not given: )([^;]+?)(?=;|\.?$)")
"""Why a value of a figure has no interval, or is not given, as its words tell it."""

DATE = re.compile(r"\d{4}-\d")


@dataclass(frozen=True)
class ReportFigure:
    """A figure as a report needs it.

    Parameters
    ----------
    name : str
        Identifies the figure among the study's; its beginning says in which section it belongs.
    png : bytes
        The picture.
    alt : str
        What it shows, for somebody who does not see it.
    caption : str
        Counts, estimand, method, confidence level.
    title : str
        What is shown.
    summary : str
        Every drawn value in words, one line for each.
    width : int
        In CSS pixels; 0 for the picture's own.
    """

    name: str
    png: bytes
    alt: str
    caption: str = ""
    title: str = ""
    summary: str = ""
    width: int = 0

    @classmethod
    def of(cls, name: str, figure: object) -> ReportFigure:
        """Take the picture and the words from a figure (or its axes) that `peercompare.figures` drew."""
        from peercompare.figures import notebook_bundle

        data, metadata = notebook_bundle(figure)
        words = metadata["image/png"]
        return cls(name=name, png=base64.b64decode(data["image/png"]), **words)

    def save(self, folder: str | Path) -> list[Path]:
        """Write the picture and its words into a folder and return both paths."""
        words = {key: value for key, value in asdict(self).items() if key not in {"png", "name"}}
        text = json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        folder = Path(folder)
        return [
            write_atomically(folder / f"{self.name}.png", self.png),
            write_atomically(folder / f"{self.name}{ENDING}", text),
        ]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, as the head of the PNG file has them; (0, 0) if none."""
        return struct.unpack(">II", self.png[16:24]) if self.png[12:16] == b"IHDR" else (0, 0)

    def fitted(self, width: float, height: float, *, per_pixel: float) -> float:
        """Return how wide the picture is drawn so that it keeps its own size or fits into the given one.

        Parameters
        ----------
        width, height : float
            The most that there is room for, in any unit.
        per_pixel : float
            How much of that unit a CSS pixel takes.
        """
        across, down = self.size
        wide = min(width, self.width * per_pixel if self.width else width)
        return min(wide, height * across / down) if down else wide

    def caption_height(self, *, letters: int, line: float) -> float:
        """Return how high the caption is where a line is so high and holds so many letters."""
        return line * -(-len(self.caption) // letters)

    @property
    def values_in_words(self) -> tuple[str, ...]:
        """The lines of the summary, where there are several; a reason that comes again is told once."""
        lines = [line for line in self.summary.splitlines() if line.strip()]
        return tuple(reasons_once(lines)) if len(lines) > 1 else ()

    @property
    def metadata(self) -> dict[str, object]:
        """What a notebook's output carries beside the picture."""
        summary = "\n".join(self.values_in_words) or self.summary
        words = {"alt": self.alt, "caption": self.caption, "title": self.title, "summary": summary}
        return {"image/png": {**words, "width": self.width} if self.width else words}


def reasons_once(lines: Sequence[str]) -> list[str]:
    """Return lines in which reasons that come again stand as letters, explained by lines at the end.

    Examples
    --------
    >>> line = "2008 −0.67 (no interval: rests on 1); 2017 −0.82 (no interval: rests on 2)."
    >>> for each in reasons_once([line, "2020 not given: nobody was seen."]):
    ...     print(each)
    2008 −0.67 (no interval: a); 2017 −0.82 (no interval: a).
    2020 not given: b.
    a: rests on 1 to 2.
    b: nobody was seen.
    """
    told = [found[2] or found[4] for line in lines for found in REASON.finditer(line)]
    dated = list(dict.fromkeys(reason for reason in told if DATE.search(reason)))
    letters, notes = footnotes(reason for reason in told if reason not in dated)
    if len(notes) + len(dated) == len(told):
        return list(lines)
    for reason in dated:  # a range of dates would say nothing
        letters[reason] = ascii_lowercase[len(notes) % 26] * (1 + len(notes) // 26)
        notes.append(f"{letters[reason]}: {reason}")
    short = [REASON.sub(lambda found: _lettered(found, letters), line) for line in lines]
    return [*short, *(f"{note}." for note in notes)]


def _lettered(found: re.Match, letters: Mapping[str, str]) -> str:
    """Put a letter where a reason stands."""
    return f"{found[1]}{letters[found[2]]})" if found[2] else f"{found[3]}{letters[found[4]]}"


def read_figures(folder: str | Path) -> dict[str, ReportFigure]:
    """Read every figure of a folder, by name.

    Parameters
    ----------
    folder : str or Path
        Holds ``<name>.png`` and, beside each, ``<name>.words.json``, as `ReportFigure.save` writes them.
        Folders in it are not looked into.

    Returns
    -------
    dict of str to ReportFigure
        In the order of the names; empty where there is no picture.

    Raises
    ------
    ReportError
        Where a picture has no words beside it, or says nothing in them: all such pictures at once.
    """
    figures, faults = {}, []
    for path in sorted(Path(folder).glob("*.png")):
        beside = path.with_name(path.stem + ENDING)
        words: Mapping = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
        fault = alt_fault(words.get("alt")) if words else f"there is no {beside.name} beside it"
        if fault:
            faults.append(Problem(path.name, fault))
            continue
        figures[path.stem] = ReportFigure(name=path.stem, png=path.read_bytes(), **words)
    if faults:
        raise ReportError(f"Figures in {folder} cannot be shown", faults, remedy="draw the figures again")
    return figures
