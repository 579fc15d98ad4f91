"""Reading brat standoff: a .txt file for each document and an .ann file with its annotations.

Positions are counted from 0 with the end left out, in texts in UTF-8
(http://brat.nlplab.org/standoff.html). Lines begin with their kind: ``T`` text-bound annotations, ``#``
notes, ``A`` and ``M`` attributes, ``E`` events, ``R`` relations, ``*`` equivalences, ``N`` references to
other sources. brat writes down nobody's name: teams keep a folder for each annotator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.assembling import Assembly, Named
from peercompare.exchange.project import CodedProject

_KINDS = {
    "A": "attributes", "M": "attributes", "E": "events", "R": "relations", "*": "equivalences",
    "N": "references to other sources",
}  # fmt: skip
_SPAN = re.compile(r"(T[^\t ]+)\t(\S+) (-?\d+) (-?\d+)\t(.*)")
_PARTS = re.compile(r"T[^\t ]+\t\S+ \d+ \d+(?:;\d+ \d+)+\t.*")
_NOTE = re.compile(r"#[^\t ]*\t\S+ (\S+)\t(.*)")


def read_brat(
    path: str | Path, *, coder: str = "", folders_are_coders: bool | None = None, convention: Named = None
) -> CodedProject:
    """Read documents annotated in brat.

    Parameters
    ----------
    path : str or Path
        A folder of .txt and .ann files, or one .ann file with its .txt beside it.
    coder : str, default ""
        Who coded; without it, the unknown coder.
    folders_are_coders : bool, optional
        Whether each folder in `path` holds the annotations of the coder it is named by; a document of one
        name and one text in several of them is one document. It must be said where several folders hold
        documents of one name.
    convention : str, Convention or mapping of str, optional
        How positions were counted, where the words beside them cannot tell.

    Returns
    -------
    CodedProject
        One span for each text-bound annotation in one piece, its notes as memo. Annotations in several
        pieces, attributes, events, relations, equivalences and references are counted in `not_carried`.

    Raises
    ------
    ExchangeError
        Lists every fault by file and line: an .ann file without .txt, a line that is none of brat's,
        positions past the text, one document with two texts; documents whose way of counting cannot be
        told; folders that may be coders, where it is not said.
    """
    path = Path(path)
    gathered = Assembly(path.name, "brat", takes_coder=True)
    texts: dict[str, str] = {}
    groups = [(coder, path)]
    if folders_are_coders:
        groups = [(folder.name, folder) for folder in sorted(path.glob("*")) if folder.is_dir()]
    found = [(who, base, file) for who, base in groups for file in _files(base)]
    if not found:
        raise ExchangeError(f"{path} holds no .ann file", remedy="give a folder of .txt and .ann files")
    if folders_are_coders is None and path.is_dir():
        _check_folders(path, [file for _, _, file in found])
    for who, base, file in found:
        _take(gathered, texts, file, file.relative_to(base if base.is_dir() else base.parent), who)
    return gathered.project(path.stem, convention=convention)


def _check_folders(path: Path, files: list[Path]) -> None:
    """Raise where documents of one name stand in several folders beside each other, as coders keep them."""
    folders: dict[Path, list[str]] = {}
    for file in files:
        name = file.relative_to(path)
        if len(name.parts) > 1:
            folders.setdefault(Path(*name.parts[1:]), []).append(name.parts[0])
    several = {name.as_posix(): each for name, each in folders.items() if len(each) > 1}
    if several:
        problems = [Problem(name, f"it stands in {', '.join(each)}") for name, each in several.items()]
        raise ExchangeError(
            f"{path.name} has one document in several folders, and it is not said whether these are coders",
            problems,
            remedy="say --reading folders_are_coders=yes (or no, where they are different documents)",
        )


def _files(path: Path) -> Iterator[Path]:
    """Yield the .ann files of a folder and of those in it, or the one given."""
    if path.is_file():
        yield path
    else:
        yield from sorted(each for each in path.rglob("*.ann") if each.is_file())


def _take(gathered: Assembly, texts: dict[str, str], file: Path, name: Path, who: str) -> None:
    """Add one document and its annotations."""
    document = name.with_suffix("").as_posix()
    place = f"{who}/{name.as_posix()}" if who else name.as_posix()
    text = _decoded(gathered, file.with_suffix(".txt"), place)
    lines = _decoded(gathered, file, place)
    if text is None or lines is None:
        return
    if texts.setdefault(document, text) != text:
        gathered.fault(place, "its text is another than that of the same name before it", "code one text")
        return
    if not gathered.has_document(document):
        gathered.document(document, document, text)
    rows = [(number, line) for number, line in enumerate(_lines(lines), start=1) if line.strip()]
    notes = _notes(rows)
    coder = gathered.coder(who)
    for number, line in rows:
        _take_line(gathered, line, document, f"{place}, line {number}", coder, notes)


def _decoded(gathered: Assembly, file: Path, place: str) -> str | None:
    """Return a file as text with its line ends as they are, or note what is wrong with it."""
    try:
        return file.read_bytes().decode("utf-8")
    except OSError:
        gathered.fault(place, f"there is no {file.name} to it", "copy both files")
    except UnicodeDecodeError as error:
        gathered.fault(place, f"byte {error.start + 1} of {file.name} is not UTF-8", "save it as UTF-8")
    return None


def _lines(text: str) -> list[str]:
    """Return the lines of a text; other signs that part lines may stand in quoted words."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def _notes(rows: list[tuple[int, str]]) -> dict[str, list[str]]:
    """Return the notes by what they are about."""
    found: dict[str, list[str]] = {}
    for _, line in rows:
        match = _NOTE.fullmatch(line)
        if match:
            found.setdefault(match[1], []).append(match[2])
    return found


def _take_line(
    gathered: Assembly, line: str, document: str, where: str, coder: str, notes: dict[str, list[str]]
) -> None:
    """Add one text-bound annotation, or count what is not carried."""
    match = _SPAN.fullmatch(line)
    if match:
        name, label, start, end, words = match.groups()
        gathered.mark(
            document, (int(start), int(end)), code=gathered.code(label), coder=coder, where=where,
            quote=words, memo="\n".join(notes.get(name, ())),
        )  # fmt: skip
    elif _PARTS.fullmatch(line):
        gathered.miss("annotations in several pieces", where)
    elif _NOTE.fullmatch(line):
        gathered.miss("notes on what is no text", count=int(not _NOTE.fullmatch(line)[1].startswith("T")))
    elif line[0] in _KINDS and "\t" in line:
        gathered.miss(_KINDS[line[0]])
    else:
        gathered.fault(where, "it is no line of brat's standoff format")
