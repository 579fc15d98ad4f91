r"""Reading the references of NVivo's codes as it exports them in plain text, one file for each code.

The lines are those of published exports: ``Files\\...\\One - § 2 references coded [ 6.78% Coverage]``
(with or without angle brackets about the name) begins a document, ``Reference 1 - 5.80% Coverage`` a
reference, and its words follow. They name neither positions nor coders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.json_files import read_text
from peercompare.exchange.project import CodedProject
from peercompare.exchange.segment_mapping import SegmentMapping
from peercompare.exchange.spreadsheets import Documents, read_sheet_of_segments
from peercompare.exchange.table_files import Sheet

_DOCUMENT = re.compile(
    r"<?([^<>]+?)>?\s+-\s+§\s*(\d+)\s+references?\s+coded\s+\[\s*[\d.,]+\s*%\s+Coverage\s*\]\s*"
)
_REFERENCE = re.compile(r"References?\s+(\d+)(?:-(\d+))?\s+-\s+[\d.,]+\s*%\s+Coverage\s*")
_COLUMNS = SegmentMapping(
    {"document": ("document",), "quote": ("words",), "code": ("code",)}, "NVivo", level_separator="\\"
)


def read_nvivo_references(
    path: str | Path, documents: Documents, *, coder: str = "", code: str = ""
) -> CodedProject:
    """Read exported references and find their words in the documents.

    Parameters
    ----------
    path : str or Path
        A .txt file of one code, or a folder of them. A code is named by its file.
    documents : mapping of str to str, or path
        The documents that were coded, by name; or a folder of .txt and .md files.
    coder : str, default ""
        Who coded; without it, the unknown coder. Export the coding of each user by itself to keep them apart.
    code : str, default ""
        The code of a single file, where its name is another.

    Returns
    -------
    CodedProject
        One span for each reference.

    Raises
    ------
    ExchangeError
        Lists every fault by file and line: no references, another number of them than the document's line
        says, unknown documents, words that stand nowhere or in several places.
    """
    path = Path(path)
    files = [path] if path.is_file() else sorted(path.glob("*.txt"))
    if not files:
        raise ExchangeError(f"{path} holds no .txt file", remedy="export codes from NVivo as text")
    rows: list[tuple[str, dict[str, str]]] = []
    problems: list[Problem] = []
    for file in files:
        name = code if code and path.is_file() else file.stem
        rows += [
            (where, {"document": document, "words": words, "code": name})
            for where, document, words in _references(file, problems)
        ]
    if problems:
        raise ExchangeError(f"{path} cannot be read", problems, remedy="export the codes once more as text")
    sheet = Sheet(path.name, ("document", "words", "code"), tuple(rows))
    return read_sheet_of_segments(sheet, _COLUMNS, documents, coder=coder)


def _references(file: Path, problems: list[Problem]) -> Iterator[tuple[str, str, str]]:
    """Yield (place, document, words) of each reference of a file; note what is wrong with it."""
    place = document = ""
    words: list[str] = []
    said = found = 0
    began = 0
    lines = read_text(file).split("\n")
    for number, line in enumerate([*lines, ""], start=1):
        header, reference = _DOCUMENT.fullmatch(line), _REFERENCE.fullmatch(line)
        if not header and not reference and number <= len(lines):
            words.append(line)
            continue
        if place:
            yield place, document, "\n".join(words).strip()
        words, place = [], ""
        if reference:
            place = f"{file.name}, line {number}"
            found += int(reference[2] or reference[1]) - int(reference[1]) + 1
        else:
            problems += _miscounted(file, began, said, found)
            document, said, found = (header[1], int(header[2]), 0) if header else ("", 0, 0)
            began = number
    if not any(_DOCUMENT.fullmatch(line) for line in lines):
        problems.append(Problem(file.name, "no line of it names a document and its references"))


def _miscounted(file: Path, line: int, said: int, found: int) -> list[Problem]:
    """Return the fault of a document that has another number of references than its line says."""
    if said == found:
        return []
    return [Problem(f"{file.name}, line {line}", f"it announces {said} references, and {found} follow")]
