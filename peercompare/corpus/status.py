"""Who agreed to what in a corpus, what ends soon, and what is withheld from which result: for people to see.

Counts come from consents.csv, documents.csv and segments.csv alone; no text is read. Nobody is named unless
it is asked for, and then in the order of the ids. Counts of fewer than five people are suppressed where real
people speak, and so is what subtraction would give back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import PURPOSES, Consents, checked_day, speakers_of
from peercompare.consent.restrictions import RESTRICTIONS
from peercompare.consent.table import cell_problems, relation_problems
from peercompare.corpus.corpus import Corpus
from peercompare.corpus.folder import CONSENTS, decode, read_manifest, read_table
from peercompare.errors import ConsentError, CorpusError, Problem
from peercompare.persons import MIN_WORKERS
from peercompare.safekeeping.store import read_file
from peercompare.safekeeping.transactions import read_whole

SOON = 90
"""Days within which an end counts as soon."""

AGREED, ENDED, NOT_AGREED, ALL = "agreed", "ended", "not agreed", "all"
STATES = (AGREED, ENDED, NOT_AGREED)
ENDS = ("expired", "withdrawn")
"""Reasons of the gate that say that a consent was given and is over."""

RESULTS: Mapping[str, str] = {
    "analysis": "counts, estimates and their figures",
    "training": "the classifier",
    "quotation": "quotations and lists of terms",
    "sharing": "exports and packages for others",
    "individual_feedback": "a worker's own page",
}
"""What each purpose lets into which result."""

FEEDBACK = "individual_feedback"
FEW = f"withheld: fewer than {MIN_WORKERS} people stand behind it"


@dataclass(frozen=True)
class ConsentStatus:
    """Where consent stands in a corpus on a day.

    Parameters
    ----------
    corpus : str
        Name of the corpus.
    composed : bool
        Whether nobody real speaks in it; only then are small counts shown without `people`.
    as_of : date
        The day.
    soon : int
        Days within which an end counts as soon.
    agreed : DataFrame
        ``role, purpose, state, n_people, withheld, waiver``: how many of a role agreed, did not, or did
        until it ended; rows with purpose and state "all" count the role. Feedback is asked of workers alone.
        `waiver` marks counts that are shown only because the corpus is composed.
    reasons : DataFrame
        ``role, purpose, reason, n_people, withheld``: why a purpose is not covered.
    ending : DataFrame
        ``role, n_people, first_day, withheld``: whose consent counts today and ends soon.
    restrictions : DataFrame
        ``term, label, asks, n_people, withheld``: limits in the records that code cannot see to.
    results : DataFrame
        ``purpose, result, reason, n_documents, n_segments, withheld``: what is left out of which result, in
        all (reason "all") and by reason. A document is left out where anybody in it does not agree, as the
        policy "exclude" does; it counts under each reason that somebody in it has.
    people : DataFrame or None
        ``person_id, role``, a column for each purpose ("agreed" or the reason), ``ends_on``, ordered by id;
        None unless it was asked for. For the data steward alone.
    """

    corpus: str
    composed: bool
    as_of: date
    soon: int
    agreed: pd.DataFrame
    reasons: pd.DataFrame
    ending: pd.DataFrame
    restrictions: pd.DataFrame
    results: pd.DataFrame
    people: pd.DataFrame | None = None


def consent_status(
    corpus: Corpus | str | Path,
    as_of: date | str | None = None,
    *,
    soon: int = SOON,
    people: bool = False,
) -> ConsentStatus:
    """Say where consent stands in a corpus folder on a day.

    Parameters
    ----------
    corpus : Corpus, str or Path
        A corpus folder, or a corpus opened from it; everybody in the folder is counted, those whom the gate
        left out too.
    as_of : date or str, optional
        The day; by default that for which the corpus was opened.
    soon : int, default 90
        Consents that end on this many days after the day, or earlier, end soon.
    people : bool, default False
        Also list people, and count exactly. Only for whoever keeps the corpus.

    Returns
    -------
    ConsentStatus
        Its tables: counts, and with `people` a row for each person.

    Raises
    ------
    ConsentError
        Where nobody speaks in the corpus, or no day is given.
    CorpusError
        Where a table cannot be read.
    """
    opened = isinstance(corpus, Corpus)
    folder = corpus.folder if opened else Path(corpus)
    day = checked_day(as_of) or (corpus.as_of if opened else None)
    manifest = read_manifest(folder)
    names = ("documents.csv", "segments.csv", CONSENTS)
    documents, segments, records = read_whole(folder, lambda: [_table(folder, name) for name in names])
    if "speakers" not in documents.columns:
        raise ConsentError(f"Nobody speaks in {folder}", remedy="consent is asked where people speak")
    if day is None:
        raise ConsentError("Consent holds on a day, and none was given", remedy="pass as_of (--as-of DAY)")
    _check(folder, documents, segments, records)
    desk = _Desk(Consents(records.set_index("person_id")), documents, segments, day)
    agreed, reasons = _suppressed(desk, exact=people or manifest.composed)
    small = agreed["n_people"].between(1, MIN_WORKERS - 1).fillna(False).astype(bool)
    agreed = agreed.assign(waiver=small & manifest.composed)
    return ConsentStatus(
        manifest.name, manifest.composed, day, soon, agreed, reasons,
        ending=_few_hidden(desk.ending(soon), people or manifest.composed, ["first_day"]),
        restrictions=_few_hidden(desk.restrictions(), people or manifest.composed),
        results=desk.results(exact=people or manifest.composed),
        people=desk.people() if people else None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Desk:
    """The tables that everything is counted from."""

    consents: Consents
    documents: pd.DataFrame
    segments: pd.DataFrame
    day: date

    def roles(self) -> dict[str, str]:
        """Return everybody's role by id, in the order of the ids: the record's, or what documents say."""
        workers = set(self.documents["worker_id"])
        spoken = {person for cell in self.documents["speakers"] for person in speakers_of(cell).values()}
        return {each: self._role(each, each in workers) for each in sorted(spoken | workers)}

    def _role(self, person: str, works: bool) -> str:
        role = self.consents.in_force(person, self.day).get("role", "")
        return role or ("worker" if works else "participant")

    def asked(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield person, role, purpose and the gate's reason ("" where agreed) for all who are asked."""
        workers = set(self.documents["worker_id"])
        for person, role in self.roles().items():
            for purpose in PURPOSES:
                if purpose != FEEDBACK or person in workers:
                    yield person, role, purpose, self.consents.refusal(person, purpose, self.day)

    def end_of(self, person: str) -> str:
        """Return the day on which a consent that counts today ends; empty where none is set."""
        record = self.consents.in_force(person, self.day)
        days = [record.get(name, "") for name in ("expires_on", "withdrawn_on")]
        return min((each for each in days if each), default="")

    def ending(self, soon: int) -> pd.DataFrame:
        """Count by role whose consent to anything counts today and ends soon."""
        last = (self.day + timedelta(days=soon)).isoformat()
        agree = {person for person, _, _, reason in self.asked() if not reason}
        rows = [
            (role, self.end_of(person))
            for person, role in self.roles().items()
            if person in agree and "" < self.end_of(person) <= last
        ]
        table = pd.DataFrame(rows, columns=["role", "first_day"], dtype="str")
        return table.groupby("role", as_index=False).agg(
            n_people=("role", "size"), first_day=("first_day", "min")
        )

    def restrictions(self) -> pd.DataFrame:
        """Count whose record holds each term that no code can see to."""
        cells = [self.consents.in_force(person, self.day).get("restrictions", "") for person in self.roles()]
        held = [set(cell.split()) for cell in cells]
        rows = [
            (term.id, term.label, term.here, sum(term.id in each for each in held))
            for term in RESTRICTIONS.values()
            if not term.enforced and any(term.id in each for each in held)
        ]
        return pd.DataFrame(rows, columns=["term", "label", "asks", "n_people"])

    def results(self, *, exact: bool) -> pd.DataFrame:
        """Count the documents and segments that each purpose keeps out of results, in all and by reason."""
        asked = pd.DataFrame(self.asked(), columns=["person_id", "role", "purpose", "reason"], dtype="str")
        asked = asked[asked["reason"] != ""]
        rows, told = [], []
        for purpose, result in RESULTS.items():
            mine = asked[asked["purpose"] == purpose]
            behind, by_reason = set(mine["person_id"]), mine.groupby("reason")["person_id"].agg(set)
            # What two purposes leave out differs by what these people say: that must be nobody, or five.
            hidden = not exact and _few(behind, *(behind ^ other for other in told))
            told += [] if hidden else [behind]
            rows.append((purpose, result, ALL, *self._lost(behind, purpose, hidden)))
            unclear = hidden or (not exact and _few(*by_reason))
            rows += [
                (purpose, result, reason, *self._lost(who, purpose, unclear))
                for reason, who in by_reason.items()
            ]
        columns = ["purpose", "result", "reason", "n_documents", "n_segments", "withheld"]
        return pd.DataFrame(rows, columns=columns).astype({"n_documents": "Int64", "n_segments": "Int64"})

    def _lost(self, who: set[str], purpose: str, hidden: bool) -> tuple[object, object, str]:
        """Count documents in which any of some people is asked, and their segments, unless it is hidden."""
        if hidden:
            return pd.NA, pd.NA, FEW
        homes = [
            row.document_id for row in self.documents.itertuples() if who & set(self._whom(row, purpose))
        ]
        return len(homes), int(self.segments["document_id"].isin(homes).sum()), ""

    def _whom(self, row: object, purpose: str) -> list[str]:
        """Return whom a purpose is asked of in a document."""
        return [row.worker_id] if purpose == FEEDBACK else list(speakers_of(row.speakers).values())

    def people(self) -> pd.DataFrame:
        """List everybody by id with what they agreed to."""
        asked = pd.DataFrame(self.asked(), columns=["person_id", "role", "purpose", "reason"], dtype="str")
        asked["reason"] = asked["reason"].where(asked["reason"] != "", AGREED)
        wide = asked.pivot(index=["person_id", "role"], columns="purpose", values="reason")
        wide = wide.reindex(columns=list(PURPOSES)).fillna("not asked").reset_index()
        wide.columns.name = None
        wide["ends_on"] = [self.end_of(person) for person in wide["person_id"]]
        return wide.sort_values("person_id", ignore_index=True)


def _check(folder: Path, documents: pd.DataFrame, segments: pd.DataFrame, records: pd.DataFrame) -> None:
    """Raise where the tables cannot be counted from."""
    lacking = [
        Problem(f"{name}, row 1", f"the column {column!r} is missing")
        for name, table, column in (
            ("documents.csv", documents, "document_id"),
            ("documents.csv", documents, "worker_id"),
            ("segments.csv", segments, "document_id"),
        )
        if column not in table
    ]
    if lacking:
        raise CorpusError(f"{folder} cannot be counted", lacking, remedy="mend it; see peercompare check")
    problems = (cell_problems(records) or relation_problems(records)) if len(records) else []
    if problems:
        remedy = "mend consents.csv; `peercompare consent check` names every fault"
        raise ConsentError(f"The consent records of {folder} cannot be used", problems, remedy=remedy)


def _suppressed(desk: _Desk, *, exact: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return counts by state and counts by reason, judged together: the one adds up to the other."""
    from peercompare.disclosure import suppress  # its solver takes long to import

    asked = pd.DataFrame(desk.asked(), columns=["person_id", "role", "purpose", "reason"], dtype="str")
    asked["state"] = asked["reason"].map(_state)
    wholes = pd.Series(desk.roles(), dtype="str").value_counts()
    rows = [(role, ALL, ALL, "", int(wholes[role])) for role in sorted(wholes.index)]
    sums, at = [], {role: place for place, (role, *_) in enumerate(rows)}
    for (role, purpose), part in asked.groupby(["role", "purpose"], sort=False):
        whole = at[role]
        if part["person_id"].nunique() != wholes[role]:  # feedback where only some of a role are workers
            whole = len(rows)
            rows.append((role, purpose, ALL, "", part["person_id"].nunique()))
        states = range(len(rows), len(rows) + len(STATES))
        rows += [(role, purpose, state, "", int((part["state"] == state).sum())) for state in STATES]
        sums.append((whole, tuple(states)))
        for place, state in zip(states, STATES, strict=True):
            counts = part.loc[part["state"] == state, "reason"].value_counts().sort_index()
            if state != AGREED and len(counts):
                sums.append((place, tuple(range(len(rows), len(rows) + len(counts)))))
                rows += [(role, purpose, state, reason, int(n)) for reason, n in counts.items()]
    table = pd.DataFrame(rows, columns=["role", "purpose", "state", "reason", "n_people"])
    # How many there are of a role stands in other results too.
    known = range(len(wholes))
    table = suppress(table, "n_people", sums, threshold=1 if exact else MIN_WORKERS, known=known)
    order = {purpose: place for place, purpose in enumerate((ALL, *PURPOSES))}
    table = table.sort_values(
        ["role", "purpose"], key=lambda c: c.map(order).fillna(0) if c.name == "purpose" else c, kind="stable"
    )
    told = table["reason"] == ""
    agreed = table[told].drop(columns="reason").reset_index(drop=True)
    return agreed, table[~told].drop(columns="state").reset_index(drop=True)


def _few(*groups: set[str]) -> bool:
    """Say whether any of some groups is of one to four people."""
    return any(0 < len(each) < MIN_WORKERS for each in groups)


def _state(reason: str) -> str:
    """Return the state that a reason of the gate stands for."""
    return AGREED if not reason else ENDED if reason in ENDS else NOT_AGREED


def _few_hidden(table: pd.DataFrame, exact: bool, blank: list[str] | None = None) -> pd.DataFrame:
    """Suppress small counts that add up to nothing that is shown."""
    from peercompare.disclosure import suppress

    return suppress(table, "n_people", threshold=1 if exact else MIN_WORKERS, blank=blank or [])


def _table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of a folder as text, its header alone where it is absent."""
    content = read_file(folder, name)
    if content is None:
        return pd.DataFrame(columns=["person_id", "document_id", "purposes", "granted_on"], dtype="str")
    texts, problems = decode({name: content}, [name])
    table, more = read_table(texts[name], name) if texts else (pd.DataFrame(), [])
    if problems or more:
        raise CorpusError(f"{folder / name} cannot be read", [*problems, *more])
    return table
