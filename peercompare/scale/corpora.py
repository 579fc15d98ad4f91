"""Corpora in shares: a worker opens its own past the consent gate; texts are let go at once.

A share is told by a folder and a place among the documents. What a worker keeps of a corpus while it works
has no text, and is opened anew for every call, so that a withdrawal reaches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from peercompare.corpus import Corpus, open_corpus
from peercompare.corpus.folder import MANIFEST
from peercompare.errors import CorpusError, Problem
from peercompare.framework import Framework


@dataclass(frozen=True)
class Share:
    """Some documents of a corpus, and how it is opened.

    Parameters
    ----------
    folder : Path
    number, of : int
        Which of how many shares of the folder's documents, from 0.
    as_of, policy : str
        As for `open_corpus`; "" for no day.
    call : str
        Another one for each call.
    """

    folder: Path
    number: int
    of: int
    as_of: str
    policy: str
    call: str

    @property
    def where(self) -> str:
        """Name the corpus for a message: what is wrong with it is wrong in every share."""
        return self.folder.name

    def open(self) -> Corpus:
        """Open the corpus for analysis, past the gate, and keep these documents of it, without texts."""
        whole = _opened(self.folder, self.as_of, self.policy, self.call)
        n = len(whole.documents)
        return documents_of(whole, n * self.number // self.of, n * (self.number + 1) // self.of)

    def in_full(self) -> Share:
        """Return the one share of all documents of the folder."""
        return replace(self, number=0, of=1)


def shares_of(path: Path, n_shares: int, *, as_of: str | None, policy: str, call: str) -> list[Share]:
    """Part a corpus among workers.

    Parameters
    ----------
    path : Path
        The folder of a corpus; or a folder of such folders, which together are one corpus: each holds some of
        its documents, and all have its name.
    n_shares : int
        Into how many shares one folder is parted; more than it has documents leaves some empty. Folders of
        a corpus in several are a share each.
    as_of, policy, call : str
        As for `Share`.

    Raises
    ------
    CorpusError
        If there is no corpus.
    """
    told = {"as_of": as_of or "", "policy": policy, "call": call}
    if (path / MANIFEST).is_file():
        return [Share(path, number, n_shares, **told) for number in range(n_shares)]
    folders = sorted(each.parent for each in path.glob(f"*/{MANIFEST}"))
    if not folders:
        raise CorpusError(
            f"No corpus at {path}", remedy=f"name a folder with {MANIFEST}, or one of such folders"
        )
    return [Share(folder, 0, 1, **told) for folder in folders]


@lru_cache(maxsize=2)
def _opened(folder: Path, as_of: str, policy: str, call: str) -> Corpus:
    """Open a corpus on a worker, once in a call, and let go of its texts.

    What coders noted beside their codes is kept: a note tells where two stances tie.
    """
    corpus = open_corpus(folder, purpose="analysis", as_of=as_of or None, policy=policy)
    return replace(
        corpus,
        documents=corpus.documents.drop(columns="text"),
        segments=corpus.segments.drop(columns="text"),
    )


def forget() -> None:
    """Let go of what was opened."""
    _opened.cache_clear()


def documents_of(corpus: Corpus, start: int, end: int) -> Corpus:
    """Keep some documents of a corpus, by their places, with all that is said of them.

    Parameters
    ----------
    corpus : Corpus
    start, end : int
        Places in its table of documents, the end exclusive.
    """
    documents = corpus.documents.iloc[start:end].reset_index(drop=True)
    inside = {"document_id": set(documents["document_id"])}
    segments = corpus.segments[corpus.segments["document_id"].isin(inside["document_id"])]
    inside["segment_id"] = set(segments["segment_id"])
    kept = {"documents": documents, "segments": segments.reset_index(drop=True)}
    for name, column in (
        ("codings", "segment_id"),
        ("contests", "segment_id"),
        ("role_types", "document_id"),
        ("markers", "document_id"),
    ):
        table = getattr(corpus, name)
        kept[name] = table[table[column].isin(inside[column])].reset_index(drop=True)
    return replace(corpus, **kept)


@dataclass(frozen=True)
class Seen:
    """What a worker tells of its share; nobody's words.

    Parameters
    ----------
    name, cluster : str
        Of the corpus.
    composed : bool
    framework : Framework
    n_documents, n_segments : int
    documents : frozenset of str
        Their ids.
    left_out : frozenset of (str, str)
        Documents that the gate touched in the whole folder, and what became of them.
    gone : frozenset of str
        Documents of the folder of which words were removed after the day of consent.
    """

    name: str
    cluster: str
    composed: bool
    framework: Framework
    n_documents: int
    n_segments: int
    documents: frozenset[str]
    left_out: frozenset[tuple[str, str]]
    gone: frozenset[str]

    @classmethod
    def of(cls, corpus: Corpus) -> Seen:
        """Take it from an opened share."""
        ids = corpus.documents["document_id"]
        outcomes = zip(corpus.left_out["document_id"], corpus.left_out["outcome"], strict=True)
        return cls(
            corpus.name, corpus.cluster, corpus.composed, corpus.framework, len(ids), len(corpus.segments),
            frozenset(ids), frozenset(outcomes), frozenset(corpus.gone["document_id"]),
        )  # fmt: skip

    @classmethod
    def together(cls, parts: Sequence[tuple[Share, Seen]]) -> Seen:
        """Put together what is told of all shares.

        Raises
        ------
        CorpusError
            If they are not of one corpus, or a document stands in two.
        """
        first = parts[0][1]
        problems = [
            Problem(share.where, f"another {name} than {parts[0][0].where}")
            for share, seen in parts
            for name in ("name", "cluster", "composed")
            if getattr(seen, name) != getattr(first, name)
        ]
        problems += [
            Problem(share.where, f"another framework than {parts[0][0].where}")
            for share, seen in parts
            if seen.framework.sha256 != first.framework.sha256
        ]
        met: set[str] = set()
        for share, seen in parts:
            problems += [Problem(share.where, f"the document {each} stands elsewhere too")
                         for each in sorted(met & seen.documents)]  # fmt: skip
            met |= seen.documents
        if problems:
            raise CorpusError(
                "These folders are not one corpus", problems, remedy="name folders of one corpus"
            )
        every = [seen for _, seen in parts]
        return replace(
            first,
            n_documents=sum(seen.n_documents for seen in every),
            n_segments=sum(seen.n_segments for seen in every),
            documents=frozenset(met),
            left_out=frozenset().union(*(seen.left_out for seen in every)),
            gone=frozenset().union(*(seen.gone for seen in every)),
        )

    def gate(self) -> str:
        """Say what the consent gate left out; "" where nothing."""
        if not self.left_out:
            return ""
        documents = sorted({document for document, _ in self.left_out})
        outcome = " and ".join(sorted({outcome for _, outcome in self.left_out}))
        return (
            f"{self.name}: {self.n_documents} documents, {self.n_segments} segments; {len(documents)} "
            f"documents {outcome} by the consent gate ({', '.join(documents)})"
        )
