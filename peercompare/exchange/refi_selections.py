"""The selections of one text as columns: gathered one by one as a file is read, then checked in bulk.

There may be hundreds of thousands in a file, so nothing is made for each of them but entries of lists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from peercompare.exchange.refi_guids import Guids
    from peercompare.exchange.refi_xml import Faults

_NUMBER = re.compile(r"\s*\+?[0-9]{1,15}\s*")


class Selections:
    """Selections and the codings in them.

    Of selection `at`: `ids[at]`, `starts[at]` and `ends[at]` as the tool counted (-1 where that is no
    number), `quotes[at]` and `lines[at]`; `memos` and `notes` hold those of the few that have any. Of coding
    `n`: `owners[n]` is its selection, then `coding_ids[n]`, `coders[n]` (``""`` where nobody is named) and
    `codes[n]`; `coding_notes` holds the notes of the few that have any. Before `settle`, identifiers and
    positions are as they are written.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.starts: Sequence = []
        self.ends: Sequence = []
        self.quotes: list[str] = []
        self.lines: list[int] = []
        self.memos: dict[int, str] = {}
        self.notes: dict[int, list[str]] = {}
        self.owners: list[int] = []
        self.coding_ids: list[str] = []
        self.coders: list[str] = []
        self.codes: list[str] = []
        self.coding_notes: dict[int, list[str]] = {}
        self.strange: Counter[str] = Counter()
        self.n_dates = 0
        self._at = -1
        self._by = ""
        self._in_coding = False

    def __len__(self) -> int:
        return len(self.ids)

    def open(self, attributes: Mapping[str, str], line: int) -> None:
        """Begin a selection."""
        get = attributes.get
        self._at += 1
        self.ids.append(get("guid", ""))
        self.starts.append(get("startPosition", ""))
        self.ends.append(get("endPosition", ""))
        self.quotes.append(get("name", ""))
        self.lines.append(line)
        self._by = get("creatingUser", "")

    def child(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take what stands in the selection; who coded stands at the coding, or else at the selection."""
        self._in_coding = name == "Coding"
        if self._in_coding:
            get = attributes.get
            self.owners.append(self._at)
            self.coding_ids.append(get("guid", ""))
            self.coders.append(get("creatingUser") or self._by)
            self.codes.append("")
            self.n_dates += "creationDateTime" in attributes
        elif name == "NoteRef":
            self.notes.setdefault(self._at, []).append(attributes.get("targetGUID", ""))
        elif name != "Description":
            self.strange[f"<{name}> inside a selection"] += 1

    def grandchild(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take what stands in the coding, or in something else that was counted already."""
        if not self._in_coding:
            return
        if name == "CodeRef" and not self.codes[-1]:
            self.codes[-1] = attributes.get("targetGUID", "")
        elif name == "NoteRef":
            at = len(self.codes) - 1
            self.coding_notes.setdefault(at, []).append(attributes.get("targetGUID", ""))
        else:
            self.strange[f"<{name}> inside a coding"] += 1

    def memo(self, words: str) -> None:
        """Take the description of the selection."""
        self.memos[self._at] = words

    def settle(self, kind: str, guids: Guids, faults: Faults) -> None:
        """Turn identifiers and positions into what they mean; note every one that means nothing."""
        lines, of_codings = self.lines, [self.lines[at] for at in self.owners]
        self.starts = _numbers(self.starts, "startPosition", kind, lines, faults)
        self.ends = _numbers(self.ends, "endPosition", kind, lines, faults)
        self.ids = guids.new_of(self.ids, kind, lines)
        self.coding_ids = guids.new_of(self.coding_ids, "Coding", of_codings)
        for code, line in zip(self.codes, of_codings, strict=True):
            if not code:
                faults.at(line, "Coding", "the coding names no code", "every Coding has a CodeRef")
        self.codes = _optional(self.codes, "targetGUID", of_codings, guids)
        self.coders = _optional(self.coders, "creatingUser", of_codings, guids)
        for found, places in ((self.notes, lines), (self.coding_notes, of_codings)):
            for at, notes in found.items():
                found[at] = guids.all_of(notes, "targetGUID", "NoteRef", [places[at]] * len(notes))


def _optional(values: Sequence[str], attribute: str, lines: Sequence[int], guids: Guids) -> list[str]:
    """Return identifiers of which some are left out."""
    if "" not in set(values):
        return guids.all_of(values, attribute, "Coding", lines)
    at_line = [line for value, line in zip(values, lines, strict=True) if value]
    found = iter(guids.all_of(list(filter(None, values)), attribute, "Coding", at_line))
    return [next(found) if value else "" for value in values]


def _numbers(
    values: Sequence[str], attribute: str, kind: str, lines: Sequence[int], faults: Faults
) -> np.ndarray:
    """Return positions, -1 with a fault noted where one is no whole number."""
    digits = "".join(values)
    if digits.isdecimal() and digits.isascii() and all(values) and max(map(len, values)) < 16:
        return np.fromiter(map(int, values), dtype=np.int64, count=len(values))
    found = np.full(len(values), -1, dtype=np.int64)
    for at, value in enumerate(values):
        if _NUMBER.fullmatch(value):
            found[at] = int(value)
        else:
            what = f"{attribute} is {value[:30]!r}"
            faults.at(lines[at], kind, what, "a whole number, 0 or more")
    return found
