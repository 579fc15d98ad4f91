"""Consent records that come into a corpus folder, and the check of those that stand there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import speakers_of
from peercompare.consent.record import ConsentRecord
from peercompare.consent.table import looks_like_id, merged, strict_problems
from peercompare.corpus.folder import CONSENTS, decode, read_manifest, read_table
from peercompare.errors import ConsentError, Problem
from peercompare.safekeeping.store import read_file
from peercompare.safekeeping.transactions import exclusive, read_whole

DOCUMENTS = "documents.csv"


@dataclass(frozen=True)
class Enrolled:
    """What came into a corpus.

    Parameters
    ----------
    n_new : int
        Records that were added.
    n_known : int
        Records that stood there already.
    n_elsewhere : int
        Records of people who do not speak in the corpus; they do not belong there.
    """

    n_new: int
    n_known: int
    n_elsewhere: int


def add_consents(path: str | Path, records: Sequence[ConsentRecord]) -> Enrolled:
    """Add consent records to the consents.csv of a corpus, all or none; no row that stands there is changed.

    Parameters
    ----------
    path : str or Path
        The corpus folder; nobody else can change it meanwhile.
    records : sequence of ConsentRecord
        From `peercompare.consent.redcap` or `peercompare.consent.fhir`.

    Returns
    -------
    Enrolled
        Counts; where nothing is new nothing is written.

    Raises
    ------
    ConsentError
        Where a record contradicts a row that stands there (see `merged`).
    CorpusError
        Where the folder is no corpus or a table cannot be read.
    """
    folder = Path(path)
    read_manifest(folder)
    with exclusive(folder) as change:
        people, table = _people(folder), consents_of(folder)
        own = [each for each in records if each.person_id in people]
        whole = merged(table, own)
        n_new = len(whole) - len(table)
        if n_new:
            change.replace({CONSENTS: whole.to_csv(index=False, lineterminator="\n").encode("utf-8")})
    return Enrolled(n_new, len(own) - n_new, len(records) - len(own))


def consents_of(folder: str | Path) -> pd.DataFrame:
    """Return the consents.csv of a corpus as text, empty where there is none; it holds ids and days only.

    Raises
    ------
    ConsentError
        Where it cannot be read as a table.
    """
    folder = Path(folder)
    return read_whole(folder, lambda: _table(folder, CONSENTS))


def consent_faults(path: str | Path) -> list[Problem]:
    """Return every fault of the consent records of a corpus, those included that the gate would refuse.

    Parameters
    ----------
    path : str or Path
        The corpus folder.
    """
    folder = Path(path)
    read_manifest(folder)
    table, people = read_whole(folder, lambda: (_table(folder, CONSENTS), _people(folder)))
    faults = strict_problems(table)
    if "person_id" not in table:
        return faults
    remedy = "bring the record in; until then the gate leaves out what the person says"
    faults += [
        Problem(
            CONSENTS, f"{person if looks_like_id(person) else 'somebody'} speaks and has no record", remedy
        )
        for person in sorted(people - set(table["person_id"]))
    ]
    strangers = [row for row, person in enumerate(table["person_id"]) if person not in people]
    remedy = "name the person in documents.csv, column speakers, or take the row away"
    return faults + [
        Problem(f"{CONSENTS}, row {row + 2}", "no document names this person", remedy) for row in strangers
    ]


def _people(folder: Path) -> set[str]:
    """Return the ids of everybody whom documents.csv names."""
    documents = _table(folder, DOCUMENTS)
    cells = documents["speakers"] if "speakers" in documents else []
    people = {person for cell in cells for person in speakers_of(cell).values()}
    return people | set(documents["worker_id"] if "worker_id" in documents else [])


def _table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of a folder as text."""
    content = read_file(folder, name)
    if content is None:
        return pd.DataFrame()
    texts, problems = decode({name: content}, [name])
    table, more = read_table(texts[name], name) if texts else (pd.DataFrame(), [])
    if problems or more:
        raise ConsentError(f"{folder / name} cannot be read", [*problems, *more])
    return table
