"""A corpus as a coded project, past the gate of consent to sharing; a framework as a project's codes."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.errors import ConsentError, Problem
from peercompare.exchange.counting import CONVENTIONS, Ruler
from peercompare.exchange.project import (
    CodedProject,
    NotCarried,
    ProjectCode,
    ProjectCoder,
    SourceDocument,
    Span,
)
from peercompare.exchange.refi_ids import ORIGIN, stable_guid
from peercompare.framework import Framework
from peercompare.framework.model import Code
from peercompare.sheets import unguarded

PURPOSE = "sharing"
"""What people must have consented to before their words leave the corpus folder."""

FURTHER = "further code"
"""First line of the memo of a coding that is not the segment's primary one."""

TAGS = "Tags"
"""Name of the folder in which a framework's tags stand among its codes."""

_NOT_METADATA = ("document_id", "text", "corpus", "genre")


def corpus_to_project(
    corpus: Corpus, *, policy: str = "exclude", when: str | None = None
) -> tuple[CodedProject, tuple[NotCarried, ...]]:
    """Return a corpus as a coded project, with what consent left out.

    Every coding becomes a span over its segment, by its coder, gold included; a tag becomes a span of its
    own. The memo of a further code begins with the line `FURTHER`. Identifiers depend on names alone.

    Parameters
    ----------
    corpus : Corpus
        What to hand on.
    policy : {"exclude", "raise"}, default "exclude"
        What becomes of documents whose people have not all consented to sharing.
    when : str, optional
        The day of the sharing; by default the day for which the corpus was opened. Whoever has withdrawn by
        today is left out whatever it says.

    Returns
    -------
    project : CodedProject
        Documents that may be shared, in the order of the corpus.
    left_out : tuple of NotCarried
        Documents and codings that stay behind, counted.

    Raises
    ------
    ConsentError
        Where the policy is unknown, or "raise" and consent is lacking, or nothing is left.
    """
    shared = _shared_documents(corpus, policy, when)
    corpus.record("share", PURPOSE, shared)
    documents = corpus.documents[corpus.documents["document_id"].isin(shared)]
    segments = corpus.segments[corpus.segments["document_id"].isin(shared)]
    codings = corpus.codings[corpus.codings["segment_id"].isin(set(segments["segment_id"]))]
    coders = tuple(
        ProjectCoder(stable_guid(corpus.name, "coder", each), each)
        for each in sorted(set(codings["coder_id"]))
    )
    project = CodedProject(
        name=corpus.name, origin=ORIGIN, documents=tuple(_documents(documents, corpus)),
        codes=framework_codes(corpus.framework), coders=coders, spans=_spans(documents, segments, codings,
        corpus), memo="\n".join(part for part in (corpus.title, corpus.licence, corpus.citation) if part),
    )  # fmt: skip
    return project, _left_out(corpus, documents, segments, codings)


def framework_codes(framework: Framework) -> tuple[ProjectCode, ...]:
    """Return a framework as a tree of codes: a folder for each dimension, the label for no stance, the tags.

    A code is named by its id, so that it is known again when it comes back; its description holds its label,
    definition, when to use it and when not, examples and further signs as labelled paragraphs.
    """
    found = []
    for dimension in framework.dimensions:
        folder = code_guid(framework, "dimension", dimension.id)
        found.append(ProjectCode(folder, dimension.label, "", dimension.question, is_codable=False))
        for code in framework.codes:
            if code.dimension == dimension.id:
                found.append(
                    ProjectCode(code_guid(framework, "code", code.id), code.id, folder, _described(code))
                )
    none = framework.none
    found.append(ProjectCode(code_guid(framework, "code", none.id), none.id, "", none.definition))
    if framework.tags:
        folder = code_guid(framework, "folder", TAGS)
        found.append(ProjectCode(folder, TAGS, "", "Marks beside the code, off the axis", is_codable=False))
        found += [
            ProjectCode(code_guid(framework, "tag", tag.id), tag.id, folder, tag.meaning)
            for tag in framework.tags
        ]
    return tuple(found)


def code_guid(framework: Framework, kind: str, name: str) -> str:
    """Return the identifier of a part of a framework, the same in every version of it."""
    return stable_guid("framework", framework.id, kind, name)


def _described(code: Code) -> str:
    """Return everything a codebook says of a code, as labelled paragraphs."""
    parts = {
        "Label": code.label,
        "Definition": code.definition,
        "When to use": code.when_to_use,
        "When not to use": code.when_not_to_use,
        "Examples": " | ".join(code.examples),
        "Further signs": " | ".join(f"{sign.text} [{sign.source}]" for sign in code.signs),
    }
    return "\n".join(f"{name}: {text}" for name, text in parts.items() if text)


def _shared_documents(corpus: Corpus, policy: str, when: str | None) -> set[str]:
    """Return the documents that may be shared; without segments to ask about, one with speakers may not."""
    if policy not in ("exclude", "raise"):
        remedy = (
            'policies are exclude, raise; to redact turns instead, open the corpus with policy="redact" and '
            f'purpose=("analysis", "{PURPOSE}")'
        )
        raise ConsentError(f"{policy!r} is no policy for an export", remedy=remedy)
    permits = corpus.permits(PURPOSE, when=when)
    owners = corpus.segments["document_id"].to_numpy()
    asked, refused = set(owners), set(owners[~permits.to_numpy()]) | corpus.withdrawn_by(date.today())
    every = set(corpus.documents["document_id"])
    shared = (every if "speakers" not in corpus.documents.columns else asked) - refused
    if policy == "raise" and shared != every:
        faults = [
            Problem(each, f"consent does not cover {PURPOSE}")
            for each in corpus.documents["document_id"]
            if each not in shared
        ]
        remedy = 'pass policy="exclude" to leave these documents out, counted'
        raise ConsentError(
            f"{corpus.name} cannot be exported whole; nothing was written", faults, remedy=remedy
        )
    if not shared:
        raise ConsentError(
            f"No document of {corpus.name} may be shared; nothing was written",
            remedy="ask people for consent to sharing, or keep the corpus where it is",
        )
    return shared


def _documents(documents: pd.DataFrame, corpus: Corpus):
    """Yield the documents with their columns as metadata."""
    for row in documents.to_dict("records"):
        cells = {name: _cell(value) for name, value in row.items() if name not in _NOT_METADATA}
        metadata = MappingProxyType({name: value for name, value in cells.items() if value})
        text = Ruler(row["text"]).text
        yield SourceDocument(document_guid(corpus, row["document_id"]), row["document_id"], text, metadata)


def document_guid(corpus: Corpus, document_id: str) -> str:
    """Return the identifier of a document of a corpus."""
    return stable_guid(corpus.name, "document", document_id)


def _cell(value: object) -> str:
    """Return a cell as text, a date as a day; what guards a cell from being run as a formula stays behind."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return "" if value is None or value is pd.NaT else unguarded(str(value))


def _spans(
    documents: pd.DataFrame, segments: pd.DataFrame, codings: pd.DataFrame, corpus: Corpus
) -> tuple[Span, ...]:
    """Return one span for each code and each tag that a coder gave to a segment."""
    places = _places(documents, segments)
    framework, found = corpus.framework, []
    for row in codings.to_dict("records"):
        document_id, start, end, words = places[row["segment_id"]]
        coder = stable_guid(corpus.name, "coder", row["coder_id"])
        given = [("code", row["code"], _memo(row)), *(("tag", tag, "") for tag in row["tags"].split())]
        for kind, name, memo in given:
            guid = stable_guid(corpus.name, kind, row["segment_id"], row["coder_id"], name)
            code = code_guid(framework, kind, name)
            found.append(Span(guid, document_id, start, end, code, coder, memo, words))
    order = {document_guid(corpus, each): at for at, each in enumerate(documents["document_id"])}
    rank = {code.id: at for at, code in enumerate(framework_codes(framework))}
    found.sort(key=lambda s: (order[s.document_id], s.start, s.end, rank[s.code_id], s.coder_id, s.id))
    return tuple({span.id: span for span in found}.values())


def _places(documents: pd.DataFrame, segments: pd.DataFrame) -> dict[str, tuple[str, int, int, str]]:
    """Return (document, start, end, words) of each segment in the text as it is handed on."""
    found = {}
    names = dict(zip(documents["document_id"], documents["corpus"], strict=True))
    texts = dict(zip(documents["document_id"], documents["text"], strict=True))
    for document_id, group in segments.groupby("document_id", sort=False):
        ruler, guid = Ruler(texts[document_id]), stable_guid(names[document_id], "document", document_id)
        placed = ruler.place(
            group["start"].to_numpy(), group["end"].to_numpy(), CONVENTIONS["codepoint-raw-bom"]
        )
        rows = zip(group["segment_id"], placed.starts.tolist(), placed.ends.tolist(), strict=True)
        found |= {each: (guid, start, end, ruler.text[start:end]) for each, start, end in rows}
    return found


def _memo(row: dict) -> str:
    """Return the memo of a coding, which says first whether its code is a further one."""
    memo = unguarded(row["memo"])
    return memo if row["is_primary"] else "\n".join(part for part in (FURTHER, memo) if part)


def _left_out(
    corpus: Corpus, documents: pd.DataFrame, segments: pd.DataFrame, codings: pd.DataFrame
) -> tuple[NotCarried, ...]:
    """Return what stays behind, counted."""
    idle = len(segments) - codings["segment_id"].nunique()
    whole = corpus.codings["segment_id"].isin(set(corpus.segments["segment_id"])).sum()
    counts = {
        f"documents without consent to {PURPOSE}": len(corpus.documents) - len(documents),
        "segments in them": len(corpus.segments) - len(segments),
        "codings of them": int(whole) - len(codings),
        "segments that nobody coded (their words are in the text, their limits are not)": idle,
        "role types, markers and events": len(corpus.role_types) + len(corpus.markers) + len(corpus.events),
        **_at_the_gate(corpus),
    }
    return tuple(NotCarried(what, corpus.name, count) for what, count in counts.items() if count)


def _at_the_gate(corpus: Corpus) -> dict[str, int]:
    """Return what consent kept out when the corpus was opened: whole documents, or turns of some."""
    left = corpus.left_out
    gone = left["outcome"] == "redacted"
    return {
        "documents that the gate had left out before": left.loc[~gone, "document_id"].nunique(),
        "documents of which the gate had redacted turns": left.loc[gone, "document_id"].nunique(),
        "segments in turns that the gate had redacted": int(left.loc[gone, "n_segments"].sum()),
    }
