"""The identifiers of a REFI-QDA file, looked at in bulk: well-formed, in lower case, each used once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from peercompare.exchange.refi_xml import Element, Faults

GUID = re.compile(r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?")
_SHAPE = "x" * 8 + "-xxxx-xxxx-xxxx-" + "x" * 12 + "\n"
_KINDS = np.zeros(256, dtype=np.uint8)
"""What a byte is in a GUID: a digit, a hyphen, the end of a row, or 0 for what does not belong there."""
_KINDS[list(b"0123456789abcdefABCDEF")] = ord("x")
_KINDS[list(b"-\n")] = list(b"-\n")


class Guids:
    """The identifiers of one file: normalised, and each used once.

    Parameters
    ----------
    faults : Faults
        Where malformed, missing and repeated ones are noted.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen: set[str] = set()
        self._normal: dict[str, str] = {}

    def new(self, element: Element) -> str:
        """Return the identifier that an element bears; note one that is malformed, missing or used before."""
        return self.new_of([element.get("guid")], element.name, [element.line])[0]

    def new_of(self, values: Sequence[str], name: str, lines: Sequence[int]) -> list[str]:
        """Return the identifiers that many elements of one name bear, as `new` does."""
        found = _plain(values)
        if found is None:
            rows = zip(values, lines, strict=True)
            found = [self._one(value, "guid", name, line) for value, line in rows]
        fresh = set(found)
        if len(fresh) != len(found) or not self._seen.isdisjoint(fresh):
            self._note_repeated(found, name, lines)
        self._seen |= fresh
        return found

    def of(self, element: Element, attribute: str) -> str:
        """Return an identifier in lower case without braces, ``""`` where it is no GUID."""
        return self.all_of([element.get(attribute)], attribute, element.name, [element.line])[0]

    def all_of(self, values: Sequence[str], attribute: str, name: str, lines: Sequence[int]) -> list[str]:
        """Return the identifiers to which many elements of one name refer, as `of` does; few are distinct."""
        normal = self._normal
        if not normal.keys() >= set(values):
            for value, line in zip(values, lines, strict=True):
                if value not in normal:
                    found = self._one(value, attribute, name, line)
                    if not found:
                        continue
                    normal[value] = found
        return [normal.get(value, "") for value in values]

    def _one(self, value: str, attribute: str, name: str, line: int) -> str:
        """Return one identifier, blanks around which are allowed, or ``""`` with a fault noted."""
        match = GUID.fullmatch(value.strip())
        if match:
            return match.group(1).lower()
        what = f"{attribute} is {value[:60]!r}, no GUID" if value else f"{attribute} is missing"
        self._faults.at(line, name, what, "a GUID has 8-4-4-4-12 hexadecimal digits")
        return ""

    def _note_repeated(self, found: list[str], name: str, lines: Sequence[int]) -> None:
        """Note the identifiers among some new ones that were used before, or twice among them."""
        used = set(self._seen)
        for guid, line in zip(found, lines, strict=True):
            if guid and guid in used:
                remedy = "every GUID names one thing"
                self._faults.at(line, name, f"the GUID {guid} is used twice", remedy)
            used.add(guid)


def _plain(values: Sequence[str]) -> list[str] | None:
    """Return identifiers in lower case where all are written without braces and blanks, else None."""
    rows = "\n".join(values) + "\n"
    if len(rows) != len(_SHAPE) * len(values) or not rows.isascii():
        return None
    kinds = _KINDS[np.frombuffer(rows.encode("ascii"), dtype=np.uint8)].reshape(len(values), len(_SHAPE))
    if not (kinds == np.frombuffer(_SHAPE.encode("ascii"), dtype=np.uint8)).all():
        return None
    return rows.lower().split("\n")[:-1]
