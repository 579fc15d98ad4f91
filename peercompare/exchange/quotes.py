"""Finding the words of a coding in its document, where a tool gives words and no positions."""

from __future__ import annotations

import re
import unicodedata

from peercompare.exchange.table_files import CELL_LIMIT

Place = tuple[int, int]
"""Start and end in code points, end exclusive."""

SHORTENED = ("\u2026", "...", "[\u2026]", "[...]")
"""How tools mark words that they cut short: where they end cannot be known."""


def places_of(quote: str, text: str) -> list[Place]:
    r"""Return every place of a text where a quote stands, blanks between words and Unicode's forms aside.

    Spreadsheets turn line ends to blanks and back; so a place counts whose words are the same with other
    blanks between them. Places may overlap.

    Examples
    --------
    >>> places_of("two words", "one, two\nwords, two  words")
    [(5, 14), (16, 26)]
    """
    for form in ("", "NFC", "NFD"):
        words = (unicodedata.normalize(form, quote) if form else quote).split()
        if not words:
            return []
        joined = r"\s+".join(map(re.escape, words))
        pattern = re.compile(f"(?=({joined}))")
        found = [match.span(1) for match in pattern.finditer(text)]
        if found:
            return found
    return []


def located(quote: str, text: str) -> tuple[Place | None, str, str]:
    """Return the one place of a quote in a text; or what is wrong, and what to do.

    Returns
    -------
    place : (int, int) or None
        None where the quote stands nowhere or in several places: no coding is put where it may not belong.
    what, remedy : str
        Empty where there is one place. No word of the text is repeated in them.
    """
    found = places_of(quote, text)
    if len(found) == 1:
        return found[0], "", ""
    if found:
        return None, f"its words stand in {len(found)} places of the document", _BY_POSITION
    if len(quote) >= CELL_LIMIT:
        return None, f"its words were cut off at {CELL_LIMIT:,} characters by the spreadsheet", _BY_POSITION
    if quote.rstrip().endswith(SHORTENED):
        return None, "its words are cut short", "export the whole of them"
    return None, "its words do not stand in the document", "is this the text that was coded, in this version?"


_BY_POSITION = "export positions too, or the project as .qdpx"
