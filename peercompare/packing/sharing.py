"""What of a corpus may be handed on: words where everybody agreed, rows where nobody real is behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from peercompare.consent.asking import speakers_of
from peercompare.consent.restrictions import RESTRICTIONS
from peercompare.corpus import Corpus
from peercompare.errors import ConsentError, Problem

PURPOSE = "sharing"
FREE_OF_TERMS = "DUO:0000004"
"""The term that restricts nothing."""

BLACKED_OUT = "turns in it were blacked out by the consent gate"
SINCE = "somebody in it has withdrawn since"
PROTECTED = "somebody in it is a minor or not free: what protects them does not travel"


@dataclass(frozen=True)
class Handed:
    """What of a corpus goes into a package.

    Parameters
    ----------
    words : tuple of str
        Documents whose words go, in the order of the corpus: everybody who speaks agreed to sharing.
    held_back : mapping of str to str
        The other documents, each with the reason.
    rows : bool
        Whether rows of single segments (codes, predictions, no words) of all analysed documents go too. A
        session rests on one worker, so rows of words that are held back go only of a composed corpus.
    """

    words: tuple[str, ...]
    held_back: Mapping[str, str]
    rows: bool

    @property
    def whole(self) -> bool:
        """Whether nothing is held back."""
        return not self.held_back

    @property
    def reasons(self) -> dict[str, int]:
        """How many documents are held back for each reason."""
        return dict(sorted(Counter(self.held_back.values()).items()))


def handed_on(corpus: Corpus, *, day: date, obeyed: Collection[str] = ()) -> Handed:
    """Ask everybody in a corpus for sharing, and say what may go into a package.

    Parameters
    ----------
    corpus : Corpus
        Opened past the gate for analysis.
    day : date
        The day of the packing. Consent must cover sharing on it and on the day for which the corpus was
        opened; whoever withdrew by today is left out whatever either day says.
    obeyed : collection of str
        Terms of the Data Use Ontology that no program can see to and of which the packer says that they are
        obeyed; words under any other such term are held back.

    Returns
    -------
    Handed
        Where nobody speaks all documents go.

    Raises
    ------
    ConsentError
        For an unknown term in `obeyed`.
    """
    unknown = sorted(set(obeyed) - set(RESTRICTIONS))
    if unknown:
        raise ConsentError(
            "These are no terms that a record of consent can hold",
            [Problem("--obeyed", each) for each in unknown],
            remedy="`peercompare consent check` prints the terms of a corpus",
        )
    held = _held_back(corpus, day, obeyed) if "speakers" in corpus.documents.columns else {}
    names = corpus.documents["document_id"].tolist()
    return Handed(
        words=tuple(name for name in names if name not in held),
        held_back={name: held[name] for name in names if name in held},
        rows=corpus.composed or not held,
    )


def _held_back(corpus: Corpus, day: date, obeyed: Collection[str]) -> dict[str, str]:
    """Return by document the first reason for which its words stay."""
    held: dict[str, str] = {}
    for asked in (corpus.as_of, day):
        refused = corpus.refusals(PURPOSE, asked)
        for name, reason in zip(refused["document_id"], refused["reason"], strict=True):
            held.setdefault(name, f"{PURPOSE}: {reason}")
    for name in corpus.withdrawn_by(date.today()):
        held.setdefault(name, SINCE)
    for name in corpus.left_out.loc[corpus.left_out["outcome"] == "redacted", "document_id"]:
        held.setdefault(name, BLACKED_OUT)
    for name, cell in zip(corpus.documents["document_id"], corpus.documents["speakers"], strict=True):
        for person in speakers_of(cell).values():
            reason = _protected(corpus.consents.in_force(person, day), obeyed)
            if reason:
                held.setdefault(name, reason)
    return held


def _protected(record: Mapping[str, str], obeyed: Collection[str]) -> str:
    """Say why the words of somebody who agreed stay all the same; empty where they may go."""
    if record.get("age_group", "adult") != "adult" or record.get("legal_standing", "free") != "free":
        return PROTECTED
    terms = record.get("restrictions", "").split()
    for term in terms:
        known = RESTRICTIONS.get(term)
        if term != FREE_OF_TERMS and term not in obeyed and not (known is not None and known.enforced):
            return f"restricted by {term}, which no program can see to"
    return ""
