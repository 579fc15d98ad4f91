"""Reading a review table back: complete, fitting its corpus, and saying of every row who decided what."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from peercompare.corpus.folder import read_table
from peercompare.deidentify.changes import Change, faulty
from peercompare.deidentify.kinds import KINDS
from peercompare.deidentify.material import TEXT, Material, Place
from peercompare.deidentify.proposals import CLOSE, OPEN, REVIEW, about_file
from peercompare.errors import InputError, Problem
from peercompare.readers.sources import decoded, read_bytes
from peercompare.sheets import unguarded

ANSWERS = {"yes": True, "y": True, "no": False, "n": False}
_ABOUT = {
    "corpus": str, "fingerprint": str, "n_proposals": int, "width": int, "documents": list, "columns": list,
    "looked_for": list, "switched_off": list,
}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """One row of a review table.

    Parameters
    ----------
    proposal_id, document_id, place, kind : str
        As proposed, or as the reviewer wrote them in a row of their own.
    change : Change
        What would change.
    found : str
        What stood there when it was proposed.
    accepted : bool
        What the reviewer decided.
    row : str
        The place of the row, for messages.
    """

    proposal_id: str
    document_id: str
    place: str
    kind: str
    change: Change
    found: str
    accepted: bool
    row: str


@dataclass(frozen=True)
class Review:
    """A review table that is complete; make one with `read_review`.

    Parameters
    ----------
    decisions : tuple of Decision
        One for each row.
    about : mapping
        What the file beside the table says.
    """

    decisions: tuple[Decision, ...]
    about: Mapping[str, object]

    def accepted(self) -> dict[tuple[str, str], list[Decision]]:
        """Return the accepted changes by document and place, in the order of the text."""
        found: dict[tuple[str, str], list[Decision]] = {}
        for each in sorted(self.decisions, key=lambda each: each.change):
            if each.accepted:
                found.setdefault((each.document_id, each.place), []).append(each)
        return found


def read_review(path: str | Path) -> Review:
    """Read a review table that a person has gone through.

    Parameters
    ----------
    path : str or Path
        The CSV file; the file about it stands beside. Rows may be added for what the rules missed, under ids
        of the reviewer's own.

    Returns
    -------
    Review
        With a decision on every row.

    Raises
    ------
    InputError
        Lists every fault: rows without yes or no or without a reviewer, proposals that are missing or there
        twice, offsets that are no numbers, replacements that are empty or reach over a line's end.
    """
    path = Path(path)
    about = _about(about_file(path))
    table, problems = read_table(decoded(read_bytes(path), path, encoding=None), path.name)
    problems += [
        Problem(f"{path.name}, row 1", f"the column {name!r} is missing", "save it as CSV with commas")
        for name in REVIEW
        if not problems and name not in table.columns and name != "context"
    ]
    _stop(path, problems)
    rows = [
        ({name: unguarded(cell) for name, cell in row.items()}, f"{path.name}, row {at}")
        for at, row in enumerate(table.to_dict("records"), start=2)
    ]
    problems = [problem for row, where in rows for problem in _row_problems(row, where)]
    _stop(path, problems + _missing(rows, about, path.name))
    return Review(tuple(_decision(row, where) for row, where in rows), about)


def fit_problems(review: Review, material: Material) -> list[Problem]:
    """Return where accepted changes do not fit the corpus: other words, no such place, overlaps, labels.

    Parameters
    ----------
    review : Review
        As `read_review` gives it.
    material : Material
        The corpus as it is now. Rows about documents that consent leaves out by now are passed over.
    """
    places = {(place.document_id, place.place): place for place in material.places()}
    gone = set(review.about["documents"]) - set(material.corpus.documents["document_id"])
    problems = []
    for key, decisions in review.accepted().items():
        if key in places:
            problems += _place_problems(places[key], decisions)
        elif key[0] not in gone:
            what = "the corpus has no such text or cell"
            problems += [Problem(each.row, what, "mend document_id and place") for each in decisions]
    return problems


def _place_problems(place: Place, decisions: Iterable[Decision]) -> Iterator[Problem]:
    """Yield what is wrong with the accepted changes of one text or cell."""
    kept = []
    for each in decisions:
        start, end = each.change.start, each.change.end
        if place.text[start:end] != each.found:
            yield Problem(each.row, "other words stand there than the column found has", "mend start and end")
        elif place.place == TEXT and not any(a <= start and end <= b for a, b in place.pieces):
            yield Problem(each.row, "it reaches over a speaker's label", "keep it inside one turn")
        else:
            kept.append(each)
    rows = {each.change: each.row for each in kept}
    for change, what, remedy in faulty(place.text, [each.change for each in kept]):
        yield Problem(rows[change], what, remedy)


def _about(path: Path) -> dict[str, object]:
    """Return what the file beside a review table says."""
    try:
        told = tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        remedy = "keep the two files that were written together under one name; or propose anew"
        raise InputError(f"The file about the review table, {path.name}, is absent", remedy=remedy) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as TOML", remedy="bring it back, or propose anew") from None
    wrong = [key for key, kind in _ABOUT.items() if not isinstance(told.get(key), kind)]
    if wrong:
        problems = [Problem(path.name, f"the key {key} is missing or of another kind") for key in wrong]
        raise InputError(f"{path} cannot be used", problems, remedy="bring it back, or propose anew")
    return told


def _row_problems(row: Mapping[str, str], where: str) -> Iterator[Problem]:
    """Yield the faults of one row; nothing of what was found is told."""
    answer = row["accept"].strip().lower()
    if answer not in ANSWERS:
        yield Problem(
            where, "accept is neither yes nor no" if answer else "accept is empty", "write yes or no"
        )
    if not row["reviewer"].strip():
        yield Problem(where, "reviewer is empty", "say who decided")
    if row["kind"] not in KINDS:
        yield Problem(where, "kind is none of the list", f"one of {', '.join(KINDS)}")
    if not (row["start"].strip().isdecimal() and row["end"].strip().isdecimal()):
        yield Problem(where, "start or end is no whole number", "count code points from 0, the end exclusive")
    if ANSWERS.get(answer):
        words = row["replacement"]
        if not words.strip() or words != words.strip() or len(words.splitlines()) != 1:
            remedy = "write some words, without a blank at either end"
            yield Problem(where, "replacement is empty, has a blank at an end, or several lines", remedy)


def _missing(
    rows: Iterable[tuple[Mapping[str, str], str]], about: Mapping[str, object], name: str
) -> list[Problem]:
    """Return proposals that the table has not, and ids that it has twice."""
    problems, seen = [], {}
    for row, where in rows:
        proposal_id = row["proposal_id"].strip()
        if not proposal_id:
            problems.append(Problem(where, "proposal_id is empty", "give your own row an id of its own"))
        elif proposal_id in seen:
            problems.append(Problem(where, f"its proposal_id stands in {seen[proposal_id]} too"))
        seen.setdefault(proposal_id, where)
    wanted = (f"p{number:0{about['width']}}" for number in range(1, int(about["n_proposals"]) + 1))
    return problems + [
        Problem(name, f"the proposal {each} is missing", "reject it with no; do not delete it")
        for each in wanted
        if each not in seen
    ]


def _decision(row: Mapping[str, str], where: str) -> Decision:
    """Return a sound row as a decision."""
    found = row["found"]
    if found.startswith(OPEN) and found.endswith(CLOSE):
        found = found[1:-1]
    return Decision(
        row["proposal_id"].strip(), row["document_id"], row["place"], row["kind"],
        Change(int(row["start"]), int(row["end"]), row["replacement"]), found,
        ANSWERS[row["accept"].strip().lower()], where,
    )  # fmt: skip


def _stop(path: Path, problems: list[Problem]) -> None:
    """Raise where there are faults."""
    if problems:
        raise InputError(f"The review {path} cannot be applied; nothing was written", problems)
