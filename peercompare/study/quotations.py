"""The words that a study file names to be quoted: with the turns around them, past everybody's consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from peercompare.codings import GOLD
from peercompare.consent.asking import speakers_of
from peercompare.corpus import Corpus
from peercompare.corpus.turns import REDACTED, turns
from peercompare.errors import Problem, StudyError

if TYPE_CHECKING:
    from peercompare.report.quotations import Quotation
    from peercompare.study.study import Study

NOT_SHOWN = "(not shown: somebody's consent does not cover it)"
WORKER, PARTICIPANT = "Worker", "Participant"


def faults_of_quotations(study: Study) -> Iterator[Problem]:
    """Yield the segments to be quoted that no corpus has, or that somebody's consent does not cover."""
    where = f"{study.path.name}, [report], quotations"
    known = {name: corpus.segments["segment_id"] for name, corpus in study.open_corpora().items()}
    for segment in study.settings.report.quotations:
        homes = [name for name, ids in known.items() if (ids == segment).any()]
        if not homes:
            yield Problem(where, f"no corpus has the segment {segment!r}, or consent left it out")
        elif not study.open_corpora()[homes[0]].quotable[segment]:
            yield Problem(where, f"consent does not cover quotation of {segment!r}")


def quotations_of(study: Study) -> list[Quotation]:
    """Return the words that a study names to be quoted.

    Consent to quotation is asked of everybody whose words stand in the document, so that it covers the turns
    around the quoted words too; the audit log gets an entry.

    Raises
    ------
    StudyError
        Lists the segments that no corpus has and those whose quotation somebody's consent does not cover;
        then none is given.
    """
    wanted = study.settings.report.quotations
    if faults := list(faults_of_quotations(study)):
        remedy = "name segments that `corpus.quotable` allows, or none"
        raise StudyError(f"{study.path.name} names words that cannot be quoted", faults, remedy=remedy)
    found = []
    for corpus in study.open_corpora().values():
        mine = corpus.segments[corpus.segments["segment_id"].isin(wanted)]
        if len(mine):
            texts = corpus.quote(mine["segment_id"])
            found += [_quotation(corpus, row, texts[row.segment_id]) for row in mine.itertuples()]
    return found


def _quotation(corpus: Corpus, segment: tuple, text: str) -> Quotation:
    from peercompare.report.quotations import Quotation

    spoken = "speakers" in corpus.documents
    lines, at = _spoken(corpus, segment, text) if spoken else _written(corpus, segment, text)
    codes = corpus.codings[corpus.codings["segment_id"] == segment.segment_id]
    framework = corpus.framework
    gold = codes.loc[(codes["coder_id"] == GOLD) & codes["is_primary"], "code"]
    settled = [framework.code(code).label for code in gold if code in framework.code_ids]
    ends = {framework.stance_of(code) for code in codes["code"] if code in framework.code_ids}
    return Quotation(
        source=corpus.name.replace("_", " ").capitalize(),
        lines=tuple(lines),
        at=at,
        spoken=spoken,
        code=settled[0] if settled else "",
        high_end=framework.axis[1] in ends,
    )


def _spoken(corpus: Corpus, segment: tuple, words: str) -> tuple[list[tuple[str, str]], int]:
    """Return the turn before, what stands around the words in their own turn, they, and the turn after."""
    document = corpus.documents.set_index("document_id").loc[segment.document_id]
    text, said = document["text"], turns(document["text"])
    here = next(number for number, turn in enumerate(said) if turn.start <= segment.start < turn.end)
    own = said[here]
    parts = [(turn.label, text[turn.start : turn.end]) for turn in said[max(0, here - 1) : here]]
    parts.append((own.label, text[own.start : segment.start].strip()))
    at = sum(bool(part) for _, part in parts)
    parts += [(own.label, words), (own.label, text[segment.end : own.end].strip())]
    parts += [(turn.label, text[turn.start : turn.end]) for turn in said[here + 1 : here + 2]]
    return [(_role(document, label), _shown(part)) for label, part in parts if part], at


def _role(document: pd.Series, label: str) -> str:
    """Name who speaks by role, never by a name or an id."""
    person = speakers_of(document["speakers"]).get(label, "")
    return WORKER if person == document["worker_id"] else PARTICIPANT


def _shown(words: str) -> str:
    return NOT_SHOWN if REDACTED in words else " ".join(words.split())


def _written(corpus: Corpus, segment: tuple, words: str) -> tuple[list[tuple[str, str]], int]:
    """Return the segments before and after in the document, with the words between."""
    beside = corpus.segments[corpus.segments["document_id"] == segment.document_id]
    place = beside["segment_id"].tolist().index(segment.segment_id)
    before = [("Before", text) for text in beside["text"].iloc[max(0, place - 1) : place]]
    after = [("After", text) for text in beside["text"].iloc[place + 1 : place + 2]]
    return [*before, ("Quoted", words), *after], len(before)
