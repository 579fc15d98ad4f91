"""The corpus as the rest of the package sees it: tables past the consent gate, and what the gate left out."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import Consents, checked_day, checked_purposes, gate, speakers_of
from peercompare.errors import ConsentError, CorpusError, Problem
from peercompare.framework import Framework
from peercompare.safekeeping.access_log import Access
from peercompare.safekeeping.recording import Recorder

GONE = ("document_id", "removed_on", "n_turns", "n_segments", "why")
CONTESTED = ("segment_id", "worker_id", "proposed_code", "contested_on")
"""What of contests.csv an opened corpus holds: the reason is a worker's own words and stays in the file."""

CODERS = ("coder_id", "lived_experience", "background")


def nothing_contested() -> pd.DataFrame:
    """Return the table `contests` with no row."""
    return pd.DataFrame(columns=list(CONTESTED), dtype="str")


def no_backgrounds() -> pd.DataFrame:
    """Return the table `coders` with no row."""
    return pd.DataFrame(columns=list(CODERS), dtype="str")


def nothing_gone() -> pd.DataFrame:
    """Return the table `gone` with no row."""
    return pd.DataFrame(columns=list(GONE), dtype="str").astype({"n_turns": "int64", "n_segments": "int64"})


_NO_DAY = date.min
"""The day asked about where nobody speaks, and so nobody is asked."""


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """A corpus opened for stated purposes on a stated day; make one with `open_corpus`.

    Parameters
    ----------
    name, title, genre : str
        As in corpus.toml.
    composed : bool
        True where no real person speaks in the texts.
    cluster, licence, citation : str
        As in corpus.toml; groups of the column `cluster` are never split between training and test.
    folder : Path
        Where it was read.
    framework : Framework
        The framework under which it is coded.
    purposes : tuple of str
        What it was opened for.
    as_of : date or None
        The day for which consent was asked; None where nobody speaks.
    policy : str
        What became of documents that consent did not cover.
    sha256 : str
        Of the files and of the outcome of consent: where it is the same, results are the same.
    documents : DataFrame
        ``document_id, ..., date (datetime64), corpus, genre, text``; the text redacted where the policy says
        so.
    segments : DataFrame
        ``segment_id, document_id, position, start, end[, speaker], text``, in the order of documents and
        text.
    codings : DataFrame
        ``segment_id, coder_id, code, is_primary (bool), tags, memo``; a missing row means not coded.
    role_types, markers, events : DataFrame
        Document-level findings and what happened at sites; empty with their columns where the corpus has
        none.
    left_out : DataFrame
        ``document_id, person_id, purpose, reason, n_segments, outcome``: one row for each person and purpose
        that consent did not cover. `n_segments` counts the segments lost with the document (excluded) or with
        the person's turns (redacted); a document with several rows loses its segments once.
    consents : Consents
        The records, asked again by `permits` for another purpose or day.
    gone : DataFrame
        ``document_id, removed_on, n_turns, n_segments, why``: words that were there on the day and were
        removed since. What was estimated on that day cannot be had again.
    contests : DataFrame
        ``segment_id, worker_id, proposed_code, contested_on``: segments of which the worker says that they
        were coded wrongly, without the reason; `proposed_code` is empty where the worker names no other code.
    coders : DataFrame
        ``coder_id, lived_experience, background``: what coders said of themselves; empty where the corpus has
        no such table. ``background`` is their own words and goes into no result.
    recorder : Recorder
        Where what is done with the corpus is recorded; a composed corpus keeps no audit log unless its folder
        has one.

    Notes
    -----
    The tables are for reading. Take a copy before changing one.
    """

    name: str
    title: str
    genre: str
    composed: bool
    cluster: str
    licence: str
    citation: str
    folder: Path
    framework: Framework
    purposes: tuple[str, ...]
    as_of: date | None
    policy: str
    sha256: str
    documents: pd.DataFrame
    segments: pd.DataFrame
    codings: pd.DataFrame
    role_types: pd.DataFrame
    markers: pd.DataFrame
    events: pd.DataFrame
    left_out: pd.DataFrame
    consents: Consents
    gone: pd.DataFrame = field(default_factory=nothing_gone)
    contests: pd.DataFrame = field(default_factory=nothing_contested)
    coders: pd.DataFrame = field(default_factory=no_backgrounds)
    recorder: Recorder = field(default_factory=Recorder)

    def permits(self, purpose: str, *, when: date | str | None = None) -> pd.Series:
        """Ask consent again: say which segments may be used for another purpose.

        A segment may be used where everybody whose words still stand in its document consents: what a worker
        says in a session also tells of the person it is said to. `individual_feedback` is asked of the worker
        alone, since the feedback is about that worker. Where nobody speaks (public postings) everything may
        be used.

        Parameters
        ----------
        purpose : str
            One of `PURPOSES`.
        when : date or str, optional
            The day of the use; by default the day for which the corpus was opened.

        Returns
        -------
        Series of bool
            Indexed by ``segment_id``, in the order of `segments`.

        Raises
        ------
        ConsentError
            Where the purpose is unknown or the day is not one, or the audit log cannot be written: it gets
            one entry for each purpose and day that the corpus was not opened for, however often asked.
        """
        day = checked_day(when) or self.as_of
        (purpose,) = checked_purposes(purpose)
        refusals = self.refusals(purpose, day or _NO_DAY)
        if (purpose, day) not in [(each, self.as_of) for each in self.purposes]:
            self.recorder.record_once(self._asked(purpose, day, refusals))
        return self._allowed(purpose, refusals)

    def _asked(self, purpose: str, day: date | None, refusals: pd.DataFrame) -> Access:
        """Return what the audit log says of a question for a purpose: reasons are counted by document."""
        counts = refusals.groupby("reason")["document_id"].nunique()
        documents = self.documents["document_id"]
        return Access(
            "ask", (purpose,), documents[~documents.isin(refusals["document_id"])], day, self.policy,
            reasons={f"{purpose}: {reason}": int(n) for reason, n in counts.items()},
        )  # fmt: skip

    def _allowed(self, purpose: str, refusals: pd.DataFrame) -> pd.Series:
        """Return which segments may be used, indexed by their ids."""
        refused = set(refusals["document_id"])
        index = pd.Index(self.segments["segment_id"], name="segment_id")
        return pd.Series(
            ~self.segments["document_id"].isin(refused).to_numpy(), index=index, name=purpose, dtype=bool
        )

    def refusals(self, purpose: str, day: date) -> pd.DataFrame:
        """Ask everybody whose words still stand in each document, or for feedback the worker, for a purpose.

        Returns
        -------
        DataFrame
            ``document_id, person_id, purpose, reason``, one row for each refusal; segments or not.
        """
        return gate(self._people(purpose), self.consents, purposes=[purpose], day=day)

    def person_permits(self, person_id: str, purpose: str, *, when: date | str | None = None) -> bool:
        """Say whether one person's record covers a purpose; without a record it covers nothing.

        Raises
        ------
        ConsentError
            Where the purpose is unknown, or no day is known on which to ask.
        """
        (purpose,) = checked_purposes(purpose)
        day = checked_day(when) or self.as_of
        if day is None:
            raise ConsentError(
                "Consent holds on a day, and none was given", remedy="pass when=, or open with as_of="
            )
        return self.consents.refusal(person_id, purpose, day) == ""

    def withdrawn_by(self, day: date) -> frozenset[str]:
        """Return the documents in which somebody who speaks, and was not left out, has withdrawn by a day.

        Words are handed on now, whatever day a corpus was opened for: whoever withdrew since is left out.
        """
        people = self._people("sharing").items()
        gone = self.consents.has_withdrawn
        return frozenset(document for document, who in people if any(gone(each, day) for each in who))

    @property
    def quotable(self) -> pd.Series:
        """Which segments may be quoted: `permits` for the purpose of quotation."""
        return self.permits("quotation")

    def quote(self, segment_ids: Iterable[str]) -> pd.Series:
        """Return the text of some segments, to be shown to readers.

        Parameters
        ----------
        segment_ids : iterable of str
            Which; composed corpora obey consent too.

        Returns
        -------
        Series of str
            Text indexed by ``segment_id``, in the order asked for.

        Raises
        ------
        CorpusError
            Where the corpus, past its gate, has no such segment.
        ConsentError
            Lists the segments whose quotation somebody's consent does not cover; then none is given. Or the
            audit log cannot be written: it gets an entry for each call, refused or not.
        """
        wanted = [segment_ids] if isinstance(segment_ids, str) else list(segment_ids)
        allowed = self._allowed("quotation", self.refusals("quotation", self.as_of or _NO_DAY))
        absent = [Problem(str(each), "no such segment") for each in wanted if each not in allowed.index]
        if absent:
            raise CorpusError(
                f"{self.name}: segments to quote that are not in it, or were left out",
                absent,
                remedy="quote segments of corpus.segments; corpus.left_out says what consent left out",
            )
        refused = [Problem(each, "consent does not cover quotation") for each in wanted if not allowed[each]]
        self._record_quotation(wanted, len(refused))
        if refused:
            remedy = "quote only segments that corpus.quotable allows"
            raise ConsentError(f"{self.name}: these segments may not be quoted", refused, remedy=remedy)
        return self.segments.set_index("segment_id")["text"].loc[wanted]

    def record(self, did: str, purpose: str, documents: Iterable[str]) -> None:
        """Say in the audit log that something is done with documents, before it is done.

        Parameters
        ----------
        did : str
            A verb, such as ``share``.
        purpose : str
            The purpose that was asked for.
        documents : iterable of str
            Their ids.

        Raises
        ------
        ConsentError
            Where the log cannot be written: then it must not be done.
        """
        self.recorder.record(Access(did, (purpose,), documents, self.as_of, self.policy))

    def _record_quotation(self, wanted: list[str], n_refused: int) -> None:
        """Say in the audit log from which documents segments are quoted, or were to be."""
        documents = self.segments.loc[self.segments["segment_id"].isin(wanted), "document_id"]
        reasons = {"quotation: segments not covered": n_refused} if n_refused else {}
        self.recorder.record(
            Access("quote", ("quotation",), documents, self.as_of, self.policy, not n_refused, reasons)
        )

    def __repr__(self) -> str:
        return (
            f"<Corpus {self.name}: {len(self.documents)} documents, {len(self.segments)} segments, "
            f"{self._n_left_out()} left out by consent, for {' and '.join(self.purposes)}>"
        )

    def _repr_html_(self) -> str:
        """Return counts, and what was left out and why, for a notebook; nobody's words and nobody's id."""
        rows = {
            "Documents": len(self.documents),
            "Segments": len(self.segments),
            "Segments coded": self.codings["segment_id"].nunique(),
            "Opened for": ", ".join(self.purposes),
            "Consent as of": self.as_of or "nobody speaks in it",
            "Policy": self.policy,
            "Documents that consent touched": self._n_left_out(),
        }
        for (purpose, reason), group in self.left_out.groupby(["purpose", "reason"]):
            rows[f"… {purpose}: {reason}"] = group["document_id"].nunique()
        if len(self.gone):
            rows["Documents whose words were removed since that day"] = self.gone["document_id"].nunique()
        if self.composed:
            rows["Origin"] = "composed: no real person speaks in it"
        body = "".join(
            f'<tr><th scope="row">{html.escape(str(key))}</th><td>{html.escape(str(value))}</td></tr>'
            for key, value in rows.items()
        )
        return f"<table><caption>{html.escape(self.title)}</caption><tbody>{body}</tbody></table>"

    def _n_left_out(self) -> int:
        """Count the documents that consent touched."""
        return self.left_out["document_id"].nunique()

    def _people(self, purpose: str) -> dict[str, list[str]]:
        """Return by document whom to ask: whose words are in it, or the worker for individual feedback."""
        if "speakers" not in self.documents.columns:
            return {}
        if purpose == "individual_feedback":
            return {row.document_id: [row.worker_id] for row in self.documents.itertuples()}
        gone = set(zip(self.left_out["document_id"], self.left_out["person_id"], strict=True))
        return {
            row.document_id: [
                each for each in speakers_of(row.speakers).values() if (row.document_id, each) not in gone
            ]
            for row in self.documents.itertuples()
        }
