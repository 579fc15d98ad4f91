"""The reviewed table from a project's codes to the framework's: drafted by likeness, decided by a person."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from peercompare.corpus.schemas import at_row
from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.project import CodedProject, ProjectCode, code_paths
from peercompare.exchange.table_files import read_sheet
from peercompare.files import refuse_to_overwrite, write_atomically
from peercompare.framework import Framework
from peercompare.sheets import guarded, unguarded

COLUMNS = ("their_code", "our_code", "by", "why")
IGNORE = "ignore"
"""What stands for a code whose codings are left behind on purpose."""

TAG = "tag:"
"""What stands before the id of a tag, for a code that marks and does not take a stance."""

LIKE_ENOUGH = 0.12
"""Share of words in common from which a draft dares a suggestion; below it the cell stays empty."""

_STOP = frozenset(
    "a an and are as at be but by for from has have in is it its not of on or own that the their them "
    "they this to what when where which who with".split()
)


@dataclass(frozen=True)
class CodeMap:
    """A reviewed map of codes.

    Parameters
    ----------
    ours : mapping of str to str
        Our code, ``tag:`` and a tag, or ``ignore``, by their code's path (``Roles > Peer``) or identifier.
    by : tuple of str
        Who decided, each once.
    """

    ours: Mapping[str, str]
    by: tuple[str, ...]

    def of(self, code: ProjectCode, path: str) -> str | None:
        """Return what a code is mapped to, or None where the map does not say."""
        return self.ours.get(code.id, self.ours.get(path))


def suggest_map(project: CodedProject, framework: Framework) -> pd.DataFrame:
    """Draft a map of a project's codes by name and description, for a person to review.

    A code that is named as one of ours is suggested for it; else the code of ours with which name and
    description share most words, where they share enough. The column `by` stays empty: `read_code_map`
    refuses a row that nobody has signed.

    Parameters
    ----------
    project : CodedProject
        Whose codes to map; folders, which cannot be given, have no row.
    framework : Framework
        To whose codes.

    Returns
    -------
    DataFrame
        ``their_code, our_code, by, why``: their code as a path from the top; `our_code` empty where nothing
        is like it; `why` says how the draft came about and how often the code was given.
    """
    given = Counter(span.code_id for span in project.spans)
    names = _names(project.codes)
    names_of_ours, words_of_ours = _ours(framework)
    rows = []
    for code in project.codes:
        if code.is_codable or given[code.id]:
            ours, why = _likest(code, names[code.id], names_of_ours, words_of_ours)
            rows.append((names[code.id], ours, "", f"draft: {why}; given {given[code.id]} times"))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def write_code_map(table: pd.DataFrame, path: str | Path, *, force: bool = False) -> Path:
    """Write a map of codes as CSV; no cell is one that a spreadsheet would run as a formula.

    The file begins with a byte order mark: without it Excel takes letters with accents for others, and a code
    that was saved so is no longer the project's.

    Raises
    ------
    InputError
        Where the file exists already and `force` is not given.
    """
    refuse_to_overwrite(path, force=force)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in table[list(COLUMNS)].itertuples(index=False):
        writer.writerow([guarded(str(cell)) for cell in row])
    return write_atomically(path, "\ufeff" + buffer.getvalue())


def read_code_map(source: pd.DataFrame | str | Path, *, framework: Framework) -> CodeMap:
    """Read a reviewed map of codes.

    Parameters
    ----------
    source : DataFrame or path
        ``their_code, our_code, by, why``, as XLSX or as CSV with commas or, as some spreadsheets save it,
        semicolons. `our_code` is a code of the framework, its label for no stance,
        ``tag:`` and one of its tags, or ``ignore``.
    framework : Framework
        To whose codes the map leads.

    Raises
    ------
    ExchangeError
        Lists every fault: a column missing, a row without `by`, an unknown code of ours, their code there
        twice.
    """
    if isinstance(source, pd.DataFrame):
        table, name = source.reset_index(drop=True), "the code map"
    else:
        table, name = _read(Path(source))
    absent = [each for each in COLUMNS if each not in table]
    missing = [Problem(f"{name}, row 1", f"the column {each!r} is missing") for each in absent]
    if missing:
        raise ExchangeError(f"{name} is no map of codes", missing, remedy=f"columns are {', '.join(COLUMNS)}")
    ours: dict[str, str] = {}
    problems, by = [], []
    records = table[list(COLUMNS)].fillna("").astype("str").to_dict("records")
    for row, record in zip(table.index, records, strict=True):
        theirs, our, who, _ = (unguarded(record[each].strip()) for each in COLUMNS)
        where = at_row(name, row, theirs[:60])
        problems += [Problem(where, *fault) for fault in _row_faults(theirs, our, who, framework)]
        if theirs in ours:
            problems.append(Problem(where, "their code stands there twice", "keep one of the rows"))
        ours[theirs] = our
        by.append(who)
    if problems:
        raise ExchangeError(f"{name} cannot be used; nothing was imported", problems)
    return CodeMap(MappingProxyType(ours), tuple(dict.fromkeys(by)))


def mapped_codes(project: CodedProject, code_map: CodeMap) -> dict[str, str]:
    """Return our code for every code that was given in a project, by the project's identifier of it.

    Raises
    ------
    ExchangeError
        Lists every code that was given and is not in the map, with how often it was given.
    """
    given = Counter(span.code_id for span in project.spans)
    names = _names(project.codes)
    found, problems = {}, []
    for code in project.codes:
        ours = code_map.of(code, names[code.id])
        if ours is not None:
            found[code.id] = ours
        elif given[code.id]:
            what = f"the map does not say what it is; it was given {given[code.id]} times"
            problems.append(Problem(f"code {names[code.id]!r}", what))
    if problems:
        remedy = f"add a row for each, with {IGNORE!r} for those to leave behind; suggest_map drafts them"
        summary = f"{project.name}: codes without a place in the framework; nothing was imported"
        raise ExchangeError(summary, problems, remedy=remedy)
    return found


def _names(codes: tuple[ProjectCode, ...]) -> dict[str, str]:
    """Return the path of each code, or its identifier where two codes share a path."""
    paths = code_paths(codes)
    twice = {path for path, n in Counter(paths.values()).items() if n > 1}
    return {code_id: code_id if path in twice else path for code_id, path in paths.items()}


def _ours(framework: Framework) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return our codes by every name they go by, and the words that describe each."""
    names, words = {}, {}
    for code in framework.codes:
        names |= {_plain(code.id): code.id, _plain(code.label): code.id}
        dimension = next(each for each in framework.dimensions if each.id == code.dimension)
        signs = " ".join(sign.text for sign in code.signs)
        told = f"{code.id} {code.label} {code.definition} {code.when_to_use} {dimension.label} {signs}"
        words[code.id] = _words(told)
    for tag in framework.tags:
        names[_plain(tag.id)] = f"{TAG}{tag.id}"
    return names | {_plain(framework.none.id): framework.none.id}, words


def _likest(
    code: ProjectCode, path: str, names: Mapping[str, str], words: Mapping[str, frozenset[str]]
) -> tuple[str, str]:
    """Return the code of ours that is most like one of theirs, and in what."""
    if _plain(code.name) in names:
        return names[_plain(code.name)], "the same name"
    theirs = _words(f"{path} {code.description}")
    shares = {each: len(theirs & ours) / len(theirs | ours) for each, ours in words.items() if theirs | ours}
    best = max(shares, key=shares.__getitem__, default="")
    if not best or shares[best] < LIKE_ENOUGH:
        return "", "nothing in the framework is like it"
    return best, f"words in common: {', '.join(sorted(theirs & words[best])[:6])}"


def _words(text: str) -> frozenset[str]:
    """Return the words that carry a text, cut to a rough stem."""
    found = re.findall(r"[^\W\d_]{2,}", text.lower())
    stems = (re.sub(r"(?:ing|ed|es|s)$", "", word) if len(word) > 4 else word for word in found)
    return frozenset(stems) - _STOP


def _plain(name: str) -> str:
    """Return a name without regard to case and to what stands between its words."""
    return " ".join(re.findall(r"[^\W_]+", name.lower()))


def _row_faults(theirs: str, our: str, who: str, framework: Framework) -> list[tuple[str, str]]:
    """Return what is wrong with one row, each with its remedy."""
    faults = []
    if not theirs:
        faults.append(("it names no code of theirs", "fill in their_code"))
    if not who:
        faults.append(("nobody has signed it", "whoever reviewed the row fills in by"))
    tags = {f"{TAG}{tag.id}" for tag in framework.tags}
    if not our:
        faults.append(("it has no code of ours", f"fill in our_code, or {IGNORE}"))
    elif our != IGNORE and our not in tags and not framework.is_code(our):
        faults.append((f"{our[:60]!r} is no code of {framework.id}", "the codebook lists the codes"))
    return faults


def _read(path: Path) -> tuple[pd.DataFrame, str]:
    """Return a file as a table of strings, its rows numbered as `at_row` counts them, and its name."""
    sheet = read_sheet(path)
    rows = [row for _, row in sheet.rows]
    numbers = [number - 2 for number, _ in sheet.rows if isinstance(number, int)]
    return pd.DataFrame(rows, columns=list(sheet.columns), index=numbers, dtype="str"), path.name
