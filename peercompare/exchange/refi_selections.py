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

    While a file is read, `selected` holds (guid, start, end, quote, line, has a date) of each selection and
    `coded` (selection, guid, coder, has a date) of each coding, as they are written. `settle` makes columns
    of them. Of selection `at`: `ids[at]`, `starts[at]` and `ends[at]` as the tool counted (-1 where that is
    no number), `quotes[at]` and `lines[at]`; `memos` and `notes` hold those of the few that have any, and
    `memo_authors` who made the selections with memos, where that is said. Of
    coding `n`: `owners[n]` is its selection, then `coding_ids[n]`, `coders[n]` (``""`` where nobody is named)
    and `codes[n]`; `coding_notes` holds the notes of the few that have any.
    """

    def __init__(self) -> None:
        self.selected: list[tuple[str, str, str, str, int, bool]] = []
        self.coded: list[tuple[int, str, str, bool]] = []
        self.codes: list[str] = []
        self.memos: dict[int, str] = {}
        self.memo_authors: dict[int, str] = {}
        self.notes: dict[int, list[str]] = {}
        self.coding_notes: dict[int, list[str]] = {}
        self.strange: Counter[str] = Counter()
        self.ids, self.quotes, self.lines = [], [], []
        self.owners, self.coding_ids, self.coders = [], [], []
        self.starts = self.ends = np.zeros(0, dtype=np.int64)
        self.dates: dict[str, int] = {}
        self._coded_by: set[tuple[int, str]] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def open(self, attributes: Mapping[str, str], line: int) -> str:
        """Begin a selection; return who made it, whose are those codings in it that name nobody."""
        get = attributes.get
        dated = "creationDateTime" in attributes or "modifiedDateTime" in attributes
        place = get("startPosition", ""), get("endPosition", "")
        self.selected.append((get("guid", ""), *place, get("name", ""), line, dated))
        return get("creatingUser", "")

    def coding(self, attributes: Mapping[str, str], selected_by: str) -> None:
        """Begin a coding of the selection."""
        get = attributes.get
        by = get("creatingUser") or selected_by
        self.coded.append((len(self.selected) - 1, get("guid", ""), by, "creationDateTime" in attributes))
        self.codes.append("")

    def remark(self, memo: str, selected_by: str) -> None:
        """Take the description of the selection, which is by whoever selected."""
        at = len(self.selected) - 1
        self.memos[at] = memo
        if selected_by:
            self.memo_authors[at] = selected_by

    def within_selection(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take what stands in the selection and is neither coding nor description."""
        if name == "NoteRef":
            at = len(self.selected) - 1
            self.notes.setdefault(at, []).append(attributes.get("targetGUID", ""))
        else:
            self.strange[f"<{name}> inside a selection"] += 1

    def within_coding(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take what stands in the coding."""
        if name == "CodeRef" and not self.codes[-1]:
            self.codes[-1] = attributes.get("targetGUID", "")
        elif name == "NoteRef":
            at = len(self.codes) - 1
            self.coding_notes.setdefault(at, []).append(attributes.get("targetGUID", ""))
        else:
            self.strange[f"<{name}> inside a coding"] += 1

    def settle(self, kind: str, guids: Guids, faults: Faults) -> None:
        """Make columns of what was written; note every identifier and position that means nothing."""
        ids, starts, ends, self.quotes, self.lines, dated = _columns(self.selected, 6)
        self.owners, coding_ids, coders, coded_on = _columns(self.coded, 4)
        self.dates = {"dates of selections": sum(dated), "dates of codings": sum(coded_on)}
        self.selected, self.coded = [], []
        lines, of_codings = self.lines, [self.lines[at] for at in self.owners]
        self.starts = _numbers(starts, "startPosition", kind, lines, faults)
        self.ends = _numbers(ends, "endPosition", kind, lines, faults)
        self.ids = guids.new_of(ids, kind, lines)
        self.coding_ids = guids.new_of(coding_ids, "Coding", of_codings)
        for at in [at for at, code in enumerate(self.codes) if not code]:
            faults.at(of_codings[at], "Coding", "the coding names no code", "every Coding has a CodeRef")
        self.codes = _optional(self.codes, "targetGUID", of_codings, guids)
        self.coders = _optional(coders, "creatingUser", of_codings, guids)
        authors = [lines[at] for at in self.memo_authors]
        named = guids.all_of(list(self.memo_authors.values()), "creatingUser", kind, authors)
        self.memo_authors = dict(zip(self.memo_authors, named, strict=True))
        for found, places in ((self.notes, lines), (self.coding_notes, of_codings)):
            for at, notes in found.items():
                found[at] = guids.all_of(notes, "targetGUID", "NoteRef", [places[at]] * len(notes))

    def memo_for(self, coding: int) -> str:
        """Return the memo of a coding's selection, unless it is by another who coded there too."""
        at = self.owners[coding]
        author = self.memo_authors.get(at, "")
        if author and self.coders[coding] != author and (at, author) in self._pairs():
            return ""
        return self.memos.get(at, "")

    def _pairs(self) -> set[tuple[int, str]]:
        """Return who coded in each of the selections that somebody left a memo in."""
        if self._coded_by is None:
            told = zip(self.owners, self.coders, strict=True)
            self._coded_by = {(at, coder) for at, coder in told if at in self.memo_authors}
        return self._coded_by


def _columns(rows: list[tuple], n: int) -> list[list]:
    """Return the columns of rows of n cells."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(n)]


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
