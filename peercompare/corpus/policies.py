"""What becomes of documents that consent does not cover: exclude, raise or redact."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from peercompare.consent.asking import gate, speakers_of
from peercompare.corpus.corpus import Corpus
from peercompare.corpus.turns import redact
from peercompare.errors import ConsentError, Problem

LEFT_OUT = ("document_id", "person_id", "purpose", "reason", "n_segments", "outcome")


def nobody_left_out() -> pd.DataFrame:
    """Return the table `left_out` with no row."""
    table = pd.DataFrame(columns=list(LEFT_OUT), dtype="str")
    return table.astype({"n_segments": "int64"})


def through_gate(corpus: Corpus) -> Corpus:
    """Ask everybody who speaks, for every purpose of the opening, and apply its policy.

    Parameters
    ----------
    corpus : Corpus
        As it stands in its folder.

    Returns
    -------
    Corpus
        What may be used, with `left_out` filled.

    Raises
    ------
    ConsentError
        Where the policy is "raise" and consent is lacking, or where consent leaves nothing.
    """
    if "speakers" not in corpus.documents.columns:
        return corpus
    labels = _labels(corpus)
    people = {document_id: list(pairs.values()) for document_id, pairs in labels.items()}
    refusals = gate(people, corpus.consents, purposes=corpus.purposes, day=corpus.as_of)
    if corpus.policy == "raise" and len(refusals):
        raise _lacking(corpus, refusals, "Consent is lacking")
    passed = _redacted(corpus, refusals) if corpus.policy == "redact" else _excluded(corpus, refusals)
    if passed.documents.empty:
        raise _lacking(corpus, refusals, "Consent leaves no document")
    return passed


def narrowed(corpus: Corpus, purpose: str) -> Corpus:
    """Return what of an opened corpus may be used for a purpose that it may not have been opened for.

    Parameters
    ----------
    corpus : Corpus
        Opened for whatever purpose.
    purpose : str
        One of `PURPOSES`.

    Returns
    -------
    Corpus
        Itself where it was opened for the purpose; else without the documents that somebody's consent does
        not cover, and those are counted in `left_out`.

    Raises
    ------
    ConsentError
        Where nothing is left.
    """
    if purpose in corpus.purposes or corpus.as_of is None:
        return corpus
    refusals = corpus.refusals(purpose, corpus.as_of)
    passed = _excluded(corpus, refusals)
    if passed.documents.empty:
        raise _lacking(corpus, refusals, "Consent leaves no document")
    left_out = pd.concat([corpus.left_out, passed.left_out], ignore_index=True)
    return replace(passed, purposes=(*corpus.purposes, purpose), left_out=left_out)


def _excluded(corpus: Corpus, refusals: pd.DataFrame) -> Corpus:
    """Leave out every document in which somebody refuses."""
    sizes = corpus.segments.groupby("document_id").size()
    counts = refusals["document_id"].map(sizes).fillna(0).astype("int64")
    documents = corpus.documents
    kept = documents[~documents["document_id"].isin(set(refusals["document_id"]))]
    segments = corpus.segments[corpus.segments["document_id"].isin(set(kept["document_id"]))]
    return _restricted(corpus, kept, segments, refusals.assign(n_segments=counts, outcome="excluded"))


def _redacted(corpus: Corpus, refusals: pd.DataFrame) -> Corpus:
    """Black out the turns of everybody who refuses and drop their segments."""
    who = set(zip(refusals["document_id"], refusals["person_id"], strict=True))
    labels = _labels(corpus)
    gone = {
        document_id: {label for label, person in pairs.items() if (document_id, person) in who}
        for document_id, pairs in labels.items()
    }
    documents = corpus.documents
    words = [
        redact(text, gone[each])
        for each, text in zip(documents["document_id"], documents["text"], strict=True)
    ]
    documents = documents.assign(text=pd.Series(words, index=documents.index, dtype="str"))
    spoken = zip(corpus.segments["document_id"], corpus.segments["speaker"], strict=True)
    lost = pd.Series(
        [speaker in gone[each] for each, speaker in spoken], index=corpus.segments.index, dtype=bool
    )
    counts = [
        sum(labels[document_id].get(speaker) == person for speaker in _speakers(corpus, document_id))
        for document_id, person in zip(refusals["document_id"], refusals["person_id"], strict=True)
    ]
    left_out = refusals.assign(
        n_segments=pd.Series(counts, index=refusals.index, dtype="int64"), outcome="redacted"
    )
    return _restricted(corpus, documents, corpus.segments[~lost], left_out)


def _restricted(
    corpus: Corpus, documents: pd.DataFrame, segments: pd.DataFrame, left_out: pd.DataFrame
) -> Corpus:  # fmt: skip
    """Return the corpus with every table cut down to some documents and segments."""
    homes, kept = set(documents["document_id"]), set(segments["segment_id"])
    markers = corpus.markers[corpus.markers["document_id"].isin(homes)]
    shown = [" ".join(each for each in cell.split() if each in kept) for cell in markers["segment_ids"]]
    return replace(
        corpus,
        documents=documents.reset_index(drop=True),
        segments=segments.reset_index(drop=True),
        codings=corpus.codings[corpus.codings["segment_id"].isin(kept)].reset_index(drop=True),
        contests=corpus.contests[corpus.contests["segment_id"].isin(kept)].reset_index(drop=True),
        role_types=corpus.role_types[corpus.role_types["document_id"].isin(homes)].reset_index(drop=True),
        markers=markers.assign(segment_ids=pd.Series(shown, index=markers.index, dtype="str")).reset_index(
            drop=True
        ),
        left_out=left_out[list(LEFT_OUT)].reset_index(drop=True),
    )


def _labels(corpus: Corpus) -> dict[str, dict[str, str]]:
    """Return for each document the person behind each label."""
    documents = corpus.documents
    return dict(zip(documents["document_id"], documents["speakers"].map(speakers_of), strict=True))


def _speakers(corpus: Corpus, document_id: str) -> Collection[str]:
    """Return the speaker of every segment of a document."""
    return corpus.segments.loc[corpus.segments["document_id"] == document_id, "speaker"].tolist()


def _lacking(corpus: Corpus, refusals: pd.DataFrame, summary: str) -> ConsentError:
    """Return the error that names everybody whose consent is lacking, and where."""
    rows = refusals.itertuples()
    problems = [
        Problem(f"{row.document_id}, {row.person_id}", f"{row.purpose}: {row.reason}") for row in rows
    ]
    remedy = 'obtain consent and enter it in consents.csv, or open with policy="exclude" or "redact"'
    return ConsentError(f"{summary} in {corpus.folder} as of {corpus.as_of}", problems, remedy=remedy)
