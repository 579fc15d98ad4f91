"""Putting a project of another tool together: texts, codes and codings in; a project or every fault out.

The readers of databases, spreadsheets and labelling files fill an `Assembly` as they read. It settles how
each text was counted (see `peercompare.exchange.calibration`), places every mark in code points, and
raises once, with everything that was wrong.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.calibration import SourceCalibration, calibrate
from peercompare.exchange.counting import CONVENTIONS, Convention, Placement, Ruler, named_convention
from peercompare.exchange.naming import calibrate_as_named
from peercompare.exchange.project import (
    UNKNOWN_CODER,
    UNSIGNED,
    CodedProject,
    NotCarried,
    ProjectCase,
    ProjectCode,
    ProjectCoder,
    ProjectNote,
    SourceDocument,
    Span,
)

Named = str | Convention | Mapping[str, str | Convention] | None
"""A convention named for all documents, or by the name or identifier of each."""

JOINT = " > "
"""What stands between a code and the code below it in an identifier."""

_AGAIN = "mend these in the tool that wrote the file, and export it again"


@dataclass(slots=True)
class _Mark:
    """One coding as a tool wrote it: positions in its own units."""

    id: str
    start: int
    end: int
    code: str
    coder: str
    memo: str
    quote: str
    where: str


@dataclass(slots=True)
class _Text:
    """A document while it is gathered."""

    id: str
    name: str
    raw: str
    metadata: dict[str, str]
    memo: str
    marks: list[_Mark] = field(default_factory=list)
    whole: list[_Mark] = field(default_factory=list)


class Assembly:
    """A project while it is read.

    Parameters
    ----------
    file : str
        Name of the file or folder, for messages.
    origin : str
        The program that wrote it.
    takes_coder : bool, default False
        Whether the reader can be told who coded, where the file does not say it.
    """

    def __init__(self, file: str, origin: str, *, takes_coder: bool = False) -> None:
        self.file = file
        self.origin = origin
        self._unsigned = f"{UNSIGNED} (--coder NAME does)" if takes_coder else UNSIGNED
        self.problems: list[Problem] = []
        self._texts: dict[str, _Text] = {}
        self._codes: dict[str, ProjectCode] = {}
        self._coders: dict[str, ProjectCoder] = {}
        self._missed: Counter[tuple[str, str]] = Counter()
        self._n_marks = 0

    def fault(self, where: str, what: str, remedy: str = "") -> None:
        """Note one fault at a place of the file."""
        self.problems.append(Problem(f"{self.file}, {where}" if where else self.file, what, remedy))

    def miss(self, what: str, where: str = "", count: int = 1) -> None:
        """Note something that is there and is not carried; none of it is no news."""
        if count:
            self._missed[what, where or self.file] += count

    def stop(self) -> None:
        """Raise where there are faults."""
        if self.problems:
            raise ExchangeError(
                f"{self.file} cannot be imported; nothing was written", self.problems, remedy=_AGAIN
            )

    def document(
        self,
        identifier: str,
        name: str,
        raw: str,
        *,
        metadata: Mapping[str, str] | None = None,
        memo: str = "",
    ) -> None:
        """Add a text, with line ends and a byte order mark as the tool counted them."""
        self._texts[identifier] = _Text(identifier, name or identifier, raw, dict(metadata or {}), memo)

    def has_document(self, identifier: str) -> bool:
        """Say whether a text was added under an identifier."""
        return identifier in self._texts

    def metadata_of(self, identifier: str) -> dict[str, str]:
        """Return the metadata of a document, to be filled."""
        return self._texts[identifier].metadata

    def add_code(self, code: ProjectCode) -> None:
        """Add a code; one that is there already stays as it is."""
        self._codes.setdefault(code.id, code)

    def has_code(self, identifier: str) -> bool:
        """Say whether a code was added under an identifier."""
        return identifier in self._codes

    def code(self, *path: str) -> str:
        """Return the identifier of the code at the end of a path of names, made with those above it.

        A code made only because one stands below it is not codable until it is given itself.
        """
        parent = ""
        for depth in range(1, len(path)):
            above = JOINT.join(path[:depth])
            self.add_code(ProjectCode(above, path[depth - 1], parent, is_codable=False))
            parent = above
        own = JOINT.join(path)
        known = self._codes.get(own)
        if known is None or not known.is_codable:
            self._codes[own] = ProjectCode(own, path[-1], parent)
        return own

    def coder(self, name: str) -> str:
        """Return the identifier of a coder by name; without a name, that of the unknown one."""
        name = name.strip()
        identifier = f"coder {name}" if name else UNKNOWN_CODER
        self._coders.setdefault(identifier, ProjectCoder(identifier, name or "unknown"))
        return identifier

    def mark(
        self, document_id: str, place: tuple[int, int], *, code: str, coder: str, where: str, quote: str = "",
        memo: str = "",
    ) -> None:  # fmt: skip
        """Add one coding; its place is counted as the tool counts, and its document must have been added."""
        self._n_marks += 1
        row = _Mark(f"span {self._n_marks}", *place, code, coder, memo, quote, where)
        self._texts[document_id].marks.append(row)

    def mark_whole(self, document_id: str, *, code: str, coder: str, where: str, memo: str = "") -> None:
        """Add one coding of a whole document, which needs no counting."""
        self._n_marks += 1
        row = _Mark(f"span {self._n_marks}", 0, 0, code, coder, memo, "", where)
        self._texts[document_id].whole.append(row)

    def project(
        self, name: str, *, convention: Named = None, known: Convention | None = None,
        cases: Iterable[ProjectCase] = (), notes: Iterable[ProjectNote] = (), memo: str = "",
    ) -> CodedProject:  # fmt: skip
        """Return the project.

        Parameters
        ----------
        name : str
            What to call it.
        convention : str, Convention or mapping of str, optional
            How the tool counted, named by the user; it answers what the quotes leave open.
        known : Convention, optional
            How the tool counts by its own documentation; every quote is held against it. Without it the
            quotes must settle the convention, or all conventions agree.
        cases, notes, memo
            As in `CodedProject`.

        Raises
        ------
        ExchangeError
            Lists every fault, or the documents whose convention cannot be told.
        """
        named = self._named(convention)
        rank = {code.id: at for at, code in enumerate(self._codes_in_order())}
        calibrations, spans = [], []
        for text in self._texts.values():
            ruler = Ruler(text.raw)
            if self._out_of_reach(text, ruler):
                continue
            found, placement = self._settled(text, ruler, named.get(text.id), known)
            calibrations.append(found)
            if placement is not None:
                self._note_unsound(text, placement, found.convention)
                spans += self._spans(text, ruler.text, placement, rank)
        self.stop()
        refused = [each for each in calibrations if each.status == "refused"]
        if refused:
            raise self._refusal(refused)
        documents = tuple(
            SourceDocument(
                each.id, each.name, Ruler(each.raw).text, MappingProxyType(each.metadata), each.memo
            )
            for each in self._texts.values()
        )
        return CodedProject(
            name, self.origin, documents, tuple(self._codes_in_order()), tuple(self._coders.values()),
            tuple(spans), tuple(cases), notes=tuple(notes), memo=memo, not_carried=self._not_carried(),
            calibrations=tuple(calibrations),
        )  # fmt: skip

    def _named(self, convention: Named) -> dict[str, Convention]:
        """Return the convention named for each document that has one."""
        if convention is None:
            return {}
        if isinstance(convention, (str, Convention)):
            return dict.fromkeys(self._texts, named_convention(convention))
        ids = {text.name: text.id for text in self._texts.values()} | {each: each for each in self._texts}
        for each in convention:
            if each not in ids:
                self.fault("", f"no document is called {each[:60]!r}, for which a convention was named")
        return {ids[each]: named_convention(how) for each, how in convention.items() if each in ids}

    def _settled(
        self, text: _Text, ruler: Ruler, named: Convention | None, known: Convention | None
    ) -> tuple[SourceCalibration, Placement | None]:
        """Return how the positions of one text were counted, and where they are."""
        rows = text.marks
        marks = [row.start for row in rows], [row.end for row in rows], [row.quote for row in rows]
        about = {"source_id": text.id, "source": text.name}
        found, placement = calibrate(ruler, *marks, convention=None if named else known, **about)
        if placement is None:
            found, placement = _by_edges(ruler, rows, found)
        if placement is None and named is not None:
            found, placement = calibrate_as_named(ruler, *marks, convention=named, **about)
        elif placement is not None and known is not None and named is None:
            self._note_other_words(text, ruler.text, placement)
            found = replace(found, status="known" if found.convention else found.status)
        return found, placement

    def _note_other_words(self, text: _Text, stored: str, placement: Placement) -> None:
        """Note marks whose quote does not stand where the tool's own counting puts them."""
        places = zip(
            text.marks, placement.starts.tolist(), placement.ends.tolist(), placement.sound, strict=True
        )
        for row, start, end, sound in places:
            if sound and row.quote.strip() and plain(stored[start:end]) != plain(row.quote):
                what = "the words at its positions are not those that the tool quotes"
                self.fault(row.where, what, "was the text edited after it was coded?")

    def _out_of_reach(self, text: _Text, ruler: Ruler) -> bool:
        """Note marks that no convention can place; say whether there are any."""
        longest = max(ruler.length(each) for each in map(CONVENTIONS.get, set(ruler.alike().values())))
        before = len(self.problems)
        for row in text.marks:
            if row.start < 0 or row.start > row.end:
                self.fault(row.where, f"it starts at {row.start} and ends at {row.end}", _ENDS)
            elif row.end > longest:
                what = f"it ends at {row.end}, past a text of {longest} units by the longest count"
                self.fault(row.where, what, "is this the text that was coded?")
        return len(self.problems) > before

    def _note_unsound(self, text: _Text, placement: Placement, convention: str) -> None:
        """Note marks that the convention in use puts past the text or inside a character."""
        for at in np.flatnonzero(~placement.sound):
            row = text.marks[at]
            what = f"{row.start} to {row.end} lies past the text or inside a character by {convention}"
            self.fault(row.where, what, "name another convention, or mend the coding")

    def _spans(self, text: _Text, stored: str, placement: Placement, rank: Mapping[str, int]) -> list[Span]:
        """Return the marks of one text as spans, in the order of the text."""
        rows = zip(text.marks, placement.starts.tolist(), placement.ends.tolist(), strict=True)
        rows = [*rows, *((row, 0, len(stored)) for row in text.whole)]
        found = [
            (start, end, rank.get(row.code, 0), row.coder, at, row)
            for at, (row, start, end) in enumerate(rows)
        ]
        found.sort(key=lambda each: each[:-1])
        return [
            Span(row.id, text.id, start, end, row.code, row.coder, row.memo, stored[start:end])
            for start, end, _, _, _, row in found
        ]

    def _codes_in_order(self) -> list[ProjectCode]:
        """Return the codes parent before child, as they came; note those that stand above themselves."""
        below: dict[str, list[ProjectCode]] = {}
        for code in self._codes.values():
            below.setdefault(code.parent if code.parent in self._codes else "", []).append(code)
        found, ahead = [], list(reversed(below.get("", [])))
        while ahead:
            code = ahead.pop()
            found.append(code)
            ahead += reversed(below.get(code.id, []))
        if len(found) < len(self._codes):
            lost = sorted(set(self._codes) - {code.id for code in found})
            for each in lost:
                self.fault(f"code {each}", "it stands above itself in the tree of codes")
        return found

    def _not_carried(self) -> tuple[NotCarried, ...]:
        """Return what was left behind, counted, and how many codings nobody signed."""
        marks = (row for text in self._texts.values() for row in (*text.marks, *text.whole))
        self.miss(self._unsigned, count=sum(row.coder == UNKNOWN_CODER for row in marks))
        return tuple(NotCarried(what, where, count) for (what, where), count in self._missed.items())

    def _refusal(self, refused: list[SourceCalibration]) -> ExchangeError:
        """Return the error for documents whose convention cannot be told, with their marks in doubt."""
        problems = []
        for each in refused:
            rows = self._texts[each.source_id].marks
            wheres = list(dict.fromkeys(rows[at].where for at in each.undecided))
            places = ", ".join(wheres[:3])
            more = f" and {len(wheres) - 3} places more" if len(wheres) > 3 else ""
            what = f"{len(each.undecided)} codings are in doubt ({places}{more}); {each.advice()}"
            problems.append(Problem(f"{self.file}, {each.source}", what))
        remedy = (
            "look at a few of these codings in the tool, then name how it counted: --convention NAME "
            "(convention=, for all documents or by name)"
        )
        return ExchangeError(
            f"{self.file}: it cannot be told how the tool counted positions; nothing was written", problems,
            remedy=remedy,
        )  # fmt: skip


_ENDS = "a coding ends where it starts, or after it, and starts at 0 or later"


def _by_edges(
    ruler: Ruler, rows: list[_Mark], found: SourceCalibration
) -> tuple[SourceCalibration, Placement | None]:
    """Settle what the quotes left open only because blanks at their edges were not looked at.

    A convention by which a stretch begins or ends with a blank where its quote does not explains that
    quote less well than one by which it reads the same; the one taken must place every mark as all others
    do that explain all quotes so.
    """
    starts, ends = (
        np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in ("start", "end")
    )
    left: dict[str, Placement] = {}
    for name in dict.fromkeys(ruler.alike().values()):
        placed = ruler.place(starts, ends, CONVENTIONS[name])
        places = zip(rows, placed.starts.tolist(), placed.ends.tolist(), strict=True)
        if placed.sound.all() and all(_same(ruler.text[start:end], row.quote) for row, start, end in places):
            left[name] = placed
    best = next(iter(left), "")
    if not best or not all(left[best].same_as(each).all() for each in left.values()):
        return found, None
    n_quoted = sum(bool(row.quote.strip()) for row in rows)
    return replace(found, status="quotes", convention=best, n_verified=n_quoted, undecided=()), left[best]


def _same(words: str, quote: str) -> bool:
    """Say whether a stretch reads like a quote, blanks at the edges too; no quote contradicts nothing."""
    if not quote.strip():
        return True
    edges = [(each[:1].isspace(), each[-1:].isspace()) for each in (words, quote)]
    return edges[0] == edges[1] and plain(words) == plain(quote)


def plain(words: str) -> str:
    r"""Return words with single blanks between them, in the composed form of Unicode.

    Examples
    --------
    >>> plain(" two\n words ")
    'two words'
    """
    return unicodedata.normalize("NFC", " ".join(words.split()))
