"""Rosters: who is behind the names in the files, and under which ids they go on.

roster.csv has the columns ``label, speaker_id, person_id, role`` and may have ``document_id``, for labels
that mean somebody else in each document ("Speaker 1"). It holds names: keep it away from the corpus.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from peercompare.corpus.folder import read_table
from peercompare.corpus.turns import LABEL
from peercompare.errors import InputError, Problem
from peercompare.readers.document import ReadDocument, SpokenTurn, transcript_text
from peercompare.readers.sources import decoded, read_bytes

COLUMNS = ("label", "speaker_id", "person_id", "role")
WORDS, IGNORE = "words", "ignore"
"""Roles of labels that are no speakers: words that belong to the turn above; a tier or track that is left
out.
"""

PARTICIPANT, OTHER = "participant", "other"
"""Roles of people whose practice is not studied; any other role (peer, clinician, ...) is a worker's."""


@dataclass(frozen=True)
class Speaker:
    """One row of a roster.

    Parameters
    ----------
    label : str
        The name as the files have it; case and blanks do not count.
    speaker_id : str
        The label in the corpus's texts, as in ``P01``.
    person_id : str
        Who it is, across documents; consent is keyed by it.
    role : str
        `PARTICIPANT`, `OTHER`, `WORDS`, `IGNORE`, or a worker's role.
    document_id : str
        The document that the row is for; empty for all.
    place : str
        Where the row stands.
    """

    label: str
    speaker_id: str
    person_id: str
    role: str
    document_id: str = ""
    place: str = ""

    @property
    def is_worker(self) -> bool:
        """Whether the role is that of a worker, whose practice is studied."""
        return self.role not in (PARTICIPANT, OTHER, WORDS, IGNORE)


@dataclass(frozen=True)
class Roster:
    """The speakers of a study; make one with `read_roster`.

    Parameters
    ----------
    speakers : mapping of (str, str) to Speaker
        By document id (empty for a row that holds in all documents) and label as `folded` gives it.
    """

    speakers: Mapping[tuple[str, str], Speaker]

    def who(self, label: str, document_id: str) -> Speaker | None:
        """Return who a label stands for, or None; a row for the document goes before one for all."""
        key = folded(label)
        return self.speakers.get((document_id, key)) or self.speakers.get(("", key))


def folded(label: str) -> str:
    """Return a label by which names are compared: case, blanks and ways of writing accents do not count."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def read_roster(path: str | Path, *, encoding: str | None = None) -> Roster:
    """Read roster.csv.

    Parameters
    ----------
    path : str or Path
        A CSV file with the columns ``label, speaker_id, person_id, role`` and, where labels mean somebody
        else in each document, ``document_id``.
    encoding : str, optional
        By default UTF-8 or what a byte order mark says.

    Returns
    -------
    Roster
        The speakers.

    Raises
    ------
    InputError
        Lists every fault: missing columns, empty or malformed ids, one name for two people (both rows are
        named), one speaker id for two people.
    """
    path = Path(path)
    table, problems = read_table(decoded(read_bytes(path), path, encoding=encoding), path.name)
    missing = [name for name in COLUMNS if not problems and name not in table.columns]
    problems += [
        Problem(f"{path.name}, row 1", f"the column {name!r} is missing", f"it needs {', '.join(COLUMNS)}")
        for name in missing
    ]
    rows = [] if problems else [_speaker(row, f"{path.name}, row {at}") for at, row in _rows(table)]
    problems += [problem for row in rows for problem in _row_problems(row)] + _clashes(rows)
    if problems:
        raise InputError(f"{path} cannot be used as a roster", problems)
    return Roster({(row.document_id, folded(row.label)): row for row in rows})


def draft_roster(documents: Iterable[ReadDocument]) -> str:
    """Return a roster.csv to be filled in: every label met in the documents, and where first.

    A label of several documents is listed once for each: "Speaker 1" may be somebody else in each. Where
    it is one person throughout, keep one row and empty its document_id.

    Parameters
    ----------
    documents : iterable of ReadDocument
        Transcripts as they were read, before names are replaced. A document without speakers gives no row.

    Returns
    -------
    str
        CSV with the columns ``label, speaker_id, person_id, role, document_id, turns, first_place``; the ids
        of speaker and person and the role are empty. It holds names: keep it away from the corpus.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*COLUMNS, "document_id", "turns", "first_place"])
    for document in documents:
        for label in document.speakers:
            turns = [turn for turn in document.turns if turn.label == label]
            writer.writerow([label, "", "", "", document.document_id, len(turns), turns[0].place])
    return stream.getvalue()


def apply_roster(document: ReadDocument, roster: Roster) -> ReadDocument:
    """Return a transcript with pseudonymous ids in place of the names of its speakers.

    Parameters
    ----------
    document : ReadDocument
        A transcript as read.
    roster : Roster
        Who is who.

    Returns
    -------
    ReadDocument
        Labels are speaker ids; metadata gain ``speakers`` (``P01=S1-P01`` pairs) and, where exactly one
        worker speaks, ``worker_id`` and ``worker_role``. Words that somebody says are untouched: a name in
        them stays.

    Raises
    ------
    InputError
        Lists every label that the roster does not know, one speaker id of two people in the document, and
        a document id that gives away a speaker's name.
    """
    found = {label: roster.who(label, document.document_id) for label in document.speakers}
    problems = [_unknown(document, label) for label, who in found.items() if who is None]
    known = {label: who for label, who in found.items() if who is not None}
    problems += _mixed_up(document, known) + _given_away(document, known)
    if problems:
        raise InputError(f"The speakers of {document.document_id} cannot be told", problems, remedy=_REMEDY)
    turns, left_out = _renamed(document, known)
    left_out += _said_names(document, turns, known)
    present = {turn.label for turn in turns}
    people = {who.speaker_id: who for who in known.values() if who.speaker_id in present}
    metadata = {
        **document.metadata,
        "speakers": " ".join(f"{id_}={who.person_id}" for id_, who in people.items()),
    }
    workers = {who.person_id: who.role for who in people.values() if who.is_worker}
    if len(workers) == 1:
        metadata["worker_id"], metadata["worker_role"] = next(iter(workers.items()))
    return replace(
        document, text=transcript_text(turns), speakers=tuple(people), turns=tuple(turns), metadata=metadata,
        warnings=(*document.warnings, *left_out),
    )  # fmt: skip


GENERAL_WORDS = frozenset(
    "the and speaker interviewer interviewee participant worker peer client patient clinician therapist "
    "counselor moderator facilitator host guest unlabelled unknown researcher staff member support "
    "specialist".split()
)
"""Words of labels that are nobody's name."""

_REMEDY = (
    f"add them to the roster; the role {WORDS!r} says that a label is words of the turn above, {IGNORE!r} "
    "leaves its turns out"
)


def _rows(table) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their number in a spreadsheet; blank rows are passed over."""
    for at, row in enumerate(table.to_dict("records"), start=2):
        if any(str(cell).strip() for cell in row.values()):
            yield at, row


def _speaker(row: Mapping[str, str], place: str) -> Speaker:
    """Return a row of roster.csv."""
    cells = {name: row.get(name, "").strip() for name in (*COLUMNS, "document_id")}
    return Speaker(**cells, place=place)


def _row_problems(row: Speaker) -> list[Problem]:
    """Return what is wrong with one row."""
    needed = ("label", "role") if row.role in (WORDS, IGNORE) else COLUMNS
    problems = [
        Problem(row.place, f"{name} is empty", "fill it in") for name in needed if not getattr(row, name)
    ]
    if row.speaker_id and not LABEL.fullmatch(f"{row.speaker_id}:"):
        problems.append(
            Problem(
                row.place,
                f"speaker_id {row.speaker_id!r} cannot be a label",
                "a letter, then letters or figures",
            )
        )
    if re.search(r"[\s=]", row.person_id):
        problems.append(
            Problem(row.place, "person_id holds a blank or an equals sign", "write an id, as in S1-P01")
        )
    return problems


def _clashes(rows: Iterable[Speaker]) -> list[Problem]:
    """Return names that stand for two people, with both places."""
    problems, first = [], {}
    for row in rows:
        key = (row.document_id, folded(row.label))
        other = first.setdefault(key, row)
        if other is not row:
            what = f"two rows have the label {row.label!r}; the other is {other.place}"
            problems.append(
                Problem(row.place, what, "tell them apart in the files, or give each row its document_id")
            )
    return problems


def _turns(count: int) -> str:
    """Return how many turns, in words."""
    return f"{count} turn{'' if count == 1 else 's'}"


def _unknown(document: ReadDocument, label: str) -> Problem:
    """Return the fault of a label that no row of the roster has."""
    turns = [turn for turn in document.turns if turn.label == label]
    where = ", ".join(
        filter(None, (str(document.metadata.get("source", document.document_id)), turns[0].place))
    )
    return Problem(where, f"the roster has no {label!r} ({_turns(len(turns))})")


def _mixed_up(document: ReadDocument, known: Mapping[str, Speaker]) -> list[Problem]:
    """Return speaker ids under which two people would speak in one document, with both places."""
    problems, first = [], {}
    for who in known.values():
        other = first.setdefault(who.speaker_id, who) if who.speaker_id else who
        if other.person_id != who.person_id:
            what = f"{who.speaker_id} is {who.person_id} here and {other.person_id} in {other.place}"
            problems.append(
                Problem(who.place, f"{what}; both speak in {document.document_id}", "give each an id")
            )
    return problems


def _given_away(document: ReadDocument, known: Mapping[str, Speaker]) -> list[Problem]:
    """Return the fault of a document id that holds a name of the roster."""
    id_words = set(_name_words(document.document_id))
    for label, who in known.items():
        names = set(_name_words(label))
        if who.speaker_id and folded(label) != folded(who.speaker_id) and names & id_words:
            where = str(document.metadata.get("source", document.document_id))
            what = f"the file's name gives away {label!r}, and becomes the document's id"
            return [Problem(where, what, "rename the file")]
    return []


def _said_names(
    document: ReadDocument, turns: Iterable[SpokenTurn], known: Mapping[str, Speaker]
) -> list[str]:
    """Return a warning that names of the roster are said in some turns, which only a person can judge."""
    people = [
        label for label, who in known.items() if who.speaker_id and folded(label) != folded(who.speaker_id)
    ]
    names = {word for label in people for word in _name_words(label)}
    said = [at for at, turn in enumerate(turns, start=1) if names & set(_name_words(turn.text))]
    if not said:
        return []
    shown = ", ".join(map(str, said[:10])) + (", ..." if len(said) > 10 else "")
    source = document.metadata.get("source", document.document_id)
    return [
        f"{source}, turn {shown}: a word of a speaker's name is said ({_turns(len(said))}); is it to stay?"
    ]


def _name_words(text: str) -> list[str]:
    """Return the words of a text that can be names: of three letters and more, no general words."""
    return [word for word in re.findall(r"[^\W\d_]{3,}", folded(text)) if word not in GENERAL_WORDS]


def _renamed(document: ReadDocument, known: Mapping[str, Speaker]) -> tuple[list[SpokenTurn], list[str]]:
    """Return the turns under their ids, and warnings about those left out."""
    turns: list[SpokenTurn] = []
    left_out: dict[str, int] = {}
    for turn in document.turns:
        who = known[turn.label]
        if who.role == IGNORE:
            left_out[turn.label] = left_out.get(turn.label, 0) + 1
        elif who.role == WORDS and turns:
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {turn.label}: {turn.text}")
        elif who.role == WORDS:
            raise InputError(
                f"The speakers of {document.document_id} cannot be told",
                [Problem(turn.place, f"{turn.label!r} has the role {WORDS!r} and no turn stands above it")],
            )
        else:
            turns.append(replace(turn, label=who.speaker_id))
    source = document.metadata.get("source", document.document_id)
    return turns, [
        f"{source}: {_turns(count)} of {label!r} left out, as the roster says"
        for label, count in left_out.items()
    ]
