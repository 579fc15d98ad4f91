"""The tables of a corpus as they go into a package: no words held back, no remark, nobody's id."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from peercompare.codings import TIE_MEMO
from peercompare.consent.asking import PURPOSES, speakers_of
from peercompare.corpus import Corpus
from peercompare.packing.sharing import Handed

TIE, REMARK = "rule 8", "a remark, held back"
"""What stands in the place of coders' remarks."""

PEOPLE = "people"
"""The table of who agreed to what: numbers for people, and purposes. No days, no ages, no standing."""

_TEXTS = ("text", "corpus", "genre")
_OF_PEOPLE = ("worker_id",)


def numbers_for_people(corpus: Corpus) -> dict[str, str]:
    """Return a number for everybody in a corpus, in the order of their ids.

    The order is kept because draws within workers and folds over workers are made in it: with another order
    the study would give other numbers. Whoever knows the ids and their order knows the numbers.
    """
    documents = corpus.documents
    people = {each for column in _OF_PEOPLE if column in documents for each in documents[column]}
    for cell in documents.get("speakers", []):
        people |= set(speakers_of(cell).values())
    width = max(3, len(str(len(people))))
    return {person: f"person_{place:0{width}d}" for place, person in enumerate(sorted(people), start=1)}


def rows_of(corpus: Corpus, handed: Handed, predictions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return every table of a corpus that its numbers can be made from, without words.

    Parameters
    ----------
    corpus : Corpus
        Opened past the gate.
    handed : Handed
        What may be handed on; its `rows` must be true.
    predictions : DataFrame
        Out-of-fold predictions of every segment, as the study made them.

    Returns
    -------
    dict of str to DataFrame
        ``documents`` (with ``words``: whether the text is in the package), ``segments``, ``codings``,
        ``predictions`` and, where the corpus has them, ``role_types``, ``markers``, ``events``, ``contests``,
        ``coders`` and, where nobody's words are held back, `PEOPLE`. People are numbers; of a coder's remark
        it is told that there is one.
    """
    known = numbers_for_people(corpus)
    documents = _without_people(corpus.documents.drop(columns=list(_TEXTS), errors="ignore"), known)
    documents["words"] = documents["document_id"].isin(handed.words)
    segments = corpus.segments.drop(columns="text")
    if "speakers" in documents:
        # A label may be somebody's id: it goes where it stands in a text that goes.
        cells = zip(documents["speakers"], documents["words"], strict=True)
        documents["speakers"] = [_numbered(cell, known) if words else "" for cell, words in cells]
        segments["speaker"] = segments["speaker"].where(segments["document_id"].isin(handed.words), "")
    tables = {
        "documents": documents,
        "segments": segments,
        "codings": corpus.codings.assign(memo=_remarks(corpus.codings)),
        "predictions": predictions,
        "role_types": corpus.role_types.assign(memo=""),
        "markers": corpus.markers,
        "events": _events(corpus, known),
        "contests": _without_people(corpus.contests, known),
        "coders": corpus.coders.assign(background=""),
        PEOPLE: _people(corpus, known) if handed.whole else pd.DataFrame(),
    }
    needed = ("documents", "segments", "codings", "predictions")
    return {name: table for name, table in tables.items() if len(table) or name in needed}


def corpus_folder(corpus: Corpus, handed: Handed) -> dict[str, pd.DataFrame]:
    """Return the tables of the corpus folder with the documents whose words go: open to any study.

    Parameters
    ----------
    corpus : Corpus
    handed : Handed

    Returns
    -------
    dict of str to DataFrame
        By file name without its ending. Records of consent say what each person agreed to, until when and
        under which terms; they count from the day of the study, and everybody in them is an adult and free.
    """
    known = numbers_for_people(corpus)
    kept = corpus.documents[corpus.documents["document_id"].isin(handed.words)]
    documents = _without_people(kept.drop(columns=list(_TEXTS), errors="ignore"), known)
    segments = corpus.segments[corpus.segments["document_id"].isin(handed.words)]
    codings = corpus.codings[corpus.codings["segment_id"].isin(segments["segment_id"])]
    tables = {
        "segments": segments.drop(columns="text"),
        "codings": codings.assign(
            memo=_remarks(codings), is_primary=codings["is_primary"].map({True: "true", False: "false"})
        ),
    }
    for name, table in (("role_types", corpus.role_types), ("markers", corpus.markers)):
        if len(table):
            inside = table[table["document_id"].isin(handed.words)]
            tables[name] = inside.assign(memo="") if "memo" in inside else inside
    if "speakers" in documents:
        heard = sorted({person for cell in kept["speakers"] for person in speakers_of(cell).values()})
        documents["speakers"] = [_numbered(cell, known) for cell in documents["speakers"]]
        tables["consents"] = _consents(corpus, heard, known)
    return {"documents": documents, **tables}


def _remarks(codings: pd.DataFrame) -> list[str]:
    """Return in the place of each remark whether there is one, and whether it calls the segment a tie.

    How a tie is counted depends on both, and on no other word of it.
    """
    ties = codings["memo"].str.contains(TIE_MEMO, regex=True)
    pairs = zip(codings["memo"], ties, strict=True)
    return [TIE if tie else REMARK if memo else "" for memo, tie in pairs]


def _without_people(table: pd.DataFrame, known: Mapping[str, str]) -> pd.DataFrame:
    """Return a table with numbers where people's ids stood."""
    found = table.copy()
    for column in _OF_PEOPLE:
        if column in found:
            found[column] = found[column].map(lambda person: known.get(person, ""))
    return found


def _numbered(cell: str, known: Mapping[str, str]) -> str:
    """Return a cell ``speakers`` with numbers for the people behind the labels."""
    return " ".join(f"{label}={known[person]}" for label, person in speakers_of(cell).items())


def _events(corpus: Corpus, known: Mapping[str, str]) -> pd.DataFrame:
    """Return what happened at sites; what is told of it stays where real people are meant."""
    events = _without_people(corpus.events, known)
    if corpus.composed or "worker_id" not in corpus.documents or "description" not in events:
        return events
    return events.assign(description="")


def _people(corpus: Corpus, known: Mapping[str, str]) -> pd.DataFrame:
    """Return what everybody agreed to on the day of the study."""
    if corpus.as_of is None or "speakers" not in corpus.documents:
        return pd.DataFrame(columns=["person_id", "purposes"])
    rows = [
        (number, " ".join(each for each in PURPOSES if corpus.person_permits(person, each)))
        for person, number in known.items()
    ]
    return pd.DataFrame(rows, columns=["person_id", "purposes"])


def _consents(corpus: Corpus, heard: list[str], known: Mapping[str, str]) -> pd.DataFrame:
    """Return records with which the gate opens: what still must be obeyed, and nothing more of anybody."""
    rows = []
    for person in heard:
        record = corpus.consents.in_force(person, corpus.as_of)
        rows.append(
            {
                "person_id": known[person],
                "purposes": " ".join(each for each in PURPOSES if corpus.person_permits(person, each)),
                "granted_on": corpus.as_of.isoformat(),
                "expires_on": record.get("expires_on", ""),
                "withdrawn_on": "",
                "age_group": "adult",
                "guardian_consent": "",
                "assent": "",
                "legal_standing": "free",
                "extra_review": "",
                "restrictions": record.get("restrictions", ""),
            }
        )
    return pd.DataFrame(rows)
