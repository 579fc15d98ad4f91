"""Reading REFI-QDA projects (.qdpx) and codebooks (.qdc): all faults at once, no coding moved."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import numpy as np

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.archive import Archive, Limits, open_archive
from peercompare.exchange.calibration import SourceCalibration, calibrate
from peercompare.exchange.counting import (
    CONVENTIONS,
    Convention,
    Placement,
    Ruler,
    named_convention,
    stored_text,
)
from peercompare.exchange.naming import calibrate_as_named
from peercompare.exchange.project import (
    UNKNOWN_CODER,
    UNSIGNED,
    CodedProject,
    NotCarried,
    ProjectCoder,
    SourceDocument,
    Span,
)
from peercompare.exchange.refi_collect import Collector, RawSource
from peercompare.exchange.refi_ids import ORIGIN, selection_guid, text_mark
from peercompare.exchange.refi_links import Links
from peercompare.exchange.refi_resolve import (
    Known,
    resolved_cases,
    resolved_codes,
    resolved_metadata,
    resolved_notes,
    resolved_sets,
)
from peercompare.exchange.refi_rich import rich_text
from peercompare.exchange.refi_selections import Selections
from peercompare.exchange.refi_xml import Faults, scan

Named = str | Convention | Mapping[str, str | Convention] | None
"""A convention named for all sources, or by the name or identifier of each."""


def read_qdpx(path: str | Path, *, convention: Named = None, limits: Limits | None = None) -> CodedProject:
    """Read a REFI-QDA project.

    Sources may be embedded, inside the archive or beside it. Their texts are stored with LF line ends and
    without a byte order mark, and every selection is placed in code points, once it is known how the tool
    counted (see `peercompare.exchange.calibration`).

    Parameters
    ----------
    path : str or Path
        A ``.qdpx`` file; the project file inside may have any name that ends in ``.qde``.
    convention : str, Convention or mapping of str, optional
        How the tool counted, as in ``"utf16-raw-nobom"``, where the quotes cannot tell: for all sources, or
        by a source's name or GUID. A source whose quotes settle the matter is placed by them all the same.
    limits : Limits, optional
        How much the archive may hold.

    Returns
    -------
    CodedProject
        With `not_carried`, what the file holds and the project does not, and `calibrations`.

    Raises
    ------
    ExchangeError
        Lists every fault: of the archive, of the XML, of identifiers, links, positions; or the sources whose
        convention the quotes do not settle, with the selections in doubt and a suggestion.
    """
    with _without_collector(), _opened(path, limits) as reading:
        reading.understand(convention)
        refused = [each for each in reading.calibrations if each.status == "refused"]
        if refused:
            raise _refusal(Path(path).name, refused, reading)
        return reading.project()


def check_qdpx(
    path: str | Path, *, convention: Named = None, limits: Limits | None = None
) -> tuple[SourceCalibration, ...]:
    """Say how the positions of each source of a project are understood, without refusing what cannot be told.

    Parameters
    ----------
    path, convention, limits
        As for `read_qdpx`.

    Returns
    -------
    tuple of SourceCalibration
        One for each text, in the order of the file; its text form is a line of the report.

    Raises
    ------
    ExchangeError
        Lists every fault that would stop the import but the refusals to guess.
    """
    with _without_collector(), _opened(path, limits) as reading:
        reading.understand(convention)
        return tuple(reading.calibrations)


def read_qdc(path: str | Path) -> CodedProject:
    """Read a REFI-QDA codebook: its codes and its sets of codes.

    Parameters
    ----------
    path : str or Path
        A ``.qdc`` file.

    Returns
    -------
    CodedProject
        Named after the file, without documents.

    Raises
    ------
    ExchangeError
        Lists every fault of the file.
    """
    path = Path(path)
    faults = Faults(path.name)
    collector = Collector(faults)
    scan(lambda: _open_file(path), path.name, "CodeBook", collector)
    known = Known(collector, {})
    codes, sets = resolved_codes(collector, known), resolved_sets(collector, known)
    faults.stop()
    return CodedProject(
        name=path.stem, origin=collector.origin, codes=codes, sets=sets, not_carried=_not_carried(collector)
    )


class _Reading:
    """One project while it is read."""

    def __init__(self, archive: Archive, path: Path, limits: Limits) -> None:
        self.file = _project_file(archive)
        self.faults = Faults(path.name)
        self.collector = Collector(self.faults)
        watched = _Watched()
        scan(lambda: watched.over(archive, self.file), path.name, "Project", self.collector)
        base = self.file.rpartition("/")[0]
        self._links = Links(archive, path.parent, f"{base}/" if base else "", limits)
        self._crlf = watched.crlf
        self._limits = limits
        self._rich_only: set[str] = set()
        self._texts: dict[str, str] = {}
        self.placements: dict[str, Placement] = {}
        self.calibrations: list[SourceCalibration] = []
        self._read_texts()
        self.known = Known(self.collector, self._note_texts())

    def understand(self, convention: Named) -> None:
        """Place selections and follow references; raise with every fault that either meets."""
        self._calibrate(convention)
        raw, known = self.collector, self.known
        self.codes, self.sets = resolved_codes(raw, known), resolved_sets(raw, known)
        self.cases = resolved_cases(raw, known)
        self.metadata = resolved_metadata(raw, known, self.cases)
        known.memo(raw.memo, raw.project_notes, 0)
        for source in raw.sources:
            known.memo(source.memo, source.notes, source.line)
            self._check_codings(source)
        self.faults.stop()

    def _calibrate(self, convention: Named) -> None:
        """Place the selections of every source, noting those that lie past their text."""
        named = _by_source(convention, self.collector.sources)
        for source in self.collector.sources:
            if source.id not in self._texts:
                continue
            ruler, rows = Ruler(self._texts[source.id]), source.selections
            self._texts[source.id] = ruler.text
            if self._out_of_reach(source, ruler):
                continue
            own = source.id not in named and self._is_own(source, ruler)
            how = calibrate_as_named if source.id in named else calibrate
            found, placement = how(
                ruler, rows.starts, rows.ends, rows.quotes,
                convention=_OWN if own else named.get(source.id), source_id=source.id,
                source=source.name or source.id,
            )  # fmt: skip
            self.calibrations.append(replace(found, status="own") if own and rows.ids else found)
            self._note_unproven(source, found)
            if placement is not None:
                self.placements[source.id] = placement
                self._note_unsound(source, placement, found.convention)

    def project(self) -> CodedProject:
        """Return the project, once it was understood without a fault."""
        raw, known = self.collector, self.known
        documents = tuple(
            SourceDocument(
                source.id, source.name or source.id, self._texts[source.id],
                MappingProxyType(self.metadata[source.id]), known.memo(source.memo, source.notes,
                source.line),
            )
            for source in raw.sources
        )  # fmt: skip
        notes = resolved_notes(raw, known)
        spans, memo = self._spans(), known.memo(raw.memo, raw.project_notes, 0)
        coders = list(raw.coders)
        unsigned = sum(span.coder_id == UNKNOWN_CODER for span in spans)
        raw.miss(UNSIGNED, count=unsigned)
        if unsigned and UNKNOWN_CODER not in known.coders:
            coders.append(ProjectCoder(UNKNOWN_CODER, "unknown"))
        return CodedProject(
            raw.name, raw.origin, documents, self.codes, tuple(coders), spans, self.cases, self.sets,
            notes, memo, _not_carried(raw), tuple(self.calibrations),
        )  # fmt: skip

    def where(self, source: RawSource, at: int) -> tuple[int, str]:
        """Return the place of a selection for a message, without its words."""
        rows = source.selections
        return rows.lines[at], f"selection {rows.ids[at]} of {source.name[:60]!r}"

    def _read_texts(self) -> None:
        """Read the text of every source that has one."""
        kept = []
        for source in self.collector.sources:
            alone = not source.content and not source.plain_path and bool(source.rich_path)
            if source.rich_path and not alone:
                self.collector.miss("rich texts (the plain text beside them is carried)")
            text = self._rich(source) if alone else self._links.text(source, self.faults, crlf=self._crlf)
            if text is not None:
                self._texts[source.id] = text
                source.content = ""
            if alone and text is None:
                self.collector.other_sources.add(source.id)
            else:
                kept.append(source)
        self.collector.sources = kept

    def _rich(self, source: RawSource) -> str | None:
        """Return the words of a source of rich text alone; one that nobody coded may stay behind."""
        is_word, coded = source.rich_path.strip().lower().endswith(".docx"), len(source.selections) > 0
        if not is_word and coded:
            what = "it has codings and no plain text to which they belong"
            self.faults.at(source.line, f"{source.kind} {source.name[:60]!r}", what, _PLAIN)
        elif not is_word:
            self.collector.miss("documents of rich text alone, not coded and no Word files")
        data = self._links.rich_bytes(source, self.faults) if is_word else None
        if data is None:
            return None
        try:
            text, left = rich_text(data, source.rich_path[:80], self._limits)
        except ExchangeError as error:
            for fault in error.problems:
                self.faults.at(source.line, f"{source.kind}, {fault.where}", fault.what, fault.remedy)
            return None
        self._rich_only.add(source.id)
        self.collector.miss("formatting, page headers and footers of rich texts (their words are carried)")
        for what, count in left.items():
            self.collector.miss(what, count=count)
        return text

    def _note_texts(self) -> dict[str, str]:
        """Return the text of every memo."""
        found = {}
        for note in self.collector.notes:
            text = self._links.text(note, self.faults, crlf=False)
            body = stored_text(text) if text else ""
            found[note.id] = "\n\n".join(part for part in (note.memo, body) if part.strip())
        return found

    def _is_own(self, source: RawSource, ruler: Ruler) -> bool:
        """Say whether identifiers prove text and positions untouched since peercompare wrote them."""
        rows = source.selections
        if self.collector.origin != ORIGIN or ruler.raw != ruler.text:
            return False
        mark = text_mark(ruler.text)
        memos = (rows.memos.get(at, "") for at in range(len(rows)))
        written = zip(rows.ids, rows.starts.tolist(), rows.ends.tolist(), memos, strict=True)
        return all(guid == selection_guid(source.id, mark, *rest) for guid, *rest in written)

    def _out_of_reach(self, source: RawSource, ruler: Ruler) -> bool:
        """Note selections that no convention can place; say whether there are any."""
        rows = source.selections
        if not rows.ids:
            return False
        longest = ruler.length(_LONGEST)
        starts, ends = rows.starts, rows.ends
        wrong = (starts > ends) | (ends > longest) | (starts < 0)
        for at in np.flatnonzero(wrong):
            if starts[at] > ends[at] >= 0:
                what = f"it starts at {starts[at]} and ends at {ends[at]}"
                self.faults.at(*self.where(source, at), what, _ENDS)
            elif ends[at] > longest:
                what = f"it ends at {ends[at]}, past a text of {longest} units by the longest count"
                self.faults.at(*self.where(source, at), what, "is this the text that was coded?")
        return bool(wrong.any())

    def _note_unproven(self, source: RawSource, found: SourceCalibration) -> None:
        """Note codings of rich text alone unless every quote stands where it should: nobody counted there."""
        if source.id in self._rich_only and found.n_verified < found.n_selections:
            what = (
                f"its codings have no plain text to which they belong, and in its rich text "
                f"{found.n_verified} of {found.n_selections} selections are verified by their quotes"
            )
            self.faults.at(source.line, f"{source.kind} {source.name[:60]!r}", what, _PLAIN)

    def _note_unsound(self, source: RawSource, placement: Placement, convention: str) -> None:
        """Note selections that the convention in use puts past the text or inside a character."""
        for at in np.flatnonzero(~placement.sound):
            rows = source.selections
            place = f"{rows.starts[at]} to {rows.ends[at]}"
            what = f"{place} lies past the text or inside a character by {convention}"
            self.faults.at(*self.where(source, at), what, "name another convention, or mend the selection")

    def _check_codings(self, source: RawSource) -> None:
        """Note codings that name a code, a coder or a memo which the project does not have."""
        rows, known = source.selections, self.known
        lines = [rows.lines[at] for at in rows.owners]
        known.check_all(rows.codes, known.codes, "code", lines)
        known.check_all(rows.coders, known.coders, "coder", lines)
        for at, notes in rows.notes.items():
            known.memo("", notes, rows.lines[at])
        for at, notes in rows.coding_notes.items():
            known.memo("", notes, lines[at])

    def _spans(self) -> tuple[Span, ...]:
        """Return one span for each coding, in the order of documents and text."""
        found: list[Span] = []
        for source in self.collector.sources:
            bare = len(source.selections) - len(set(source.selections.owners))
            if bare:
                self.collector.miss("selections without a code", source.name or source.id, bare)
            found += self._source_spans(source)
            source.selections = Selections()
        return tuple(found)

    def _source_spans(self, source: RawSource) -> Iterable[Span]:
        """Return the spans of one source in the order of its text; identifiers of codings are unique."""
        rows, text, placement = source.selections, self._texts[source.id], self.placements[source.id]
        starts, ends = placement.starts[rows.owners].tolist(), placement.ends[rows.owners].tolist()
        coders = [coder or UNKNOWN_CODER for coder in rows.coders]
        ranks = map(self.known.codes.__getitem__, rows.codes)
        order = sorted(zip(starts, ends, ranks, coders, rows.coding_ids, range(len(starts)), strict=True))
        starts, ends, _, coders, ids, at = zip(*order, strict=True) if order else ((),) * 6
        codes, words = map(rows.codes.__getitem__, at), map(text.__getitem__, map(slice, starts, ends))
        memos = self._span_memos(rows)
        remarks = (memos.get(each, "") for each in at) if memos else repeat("")
        return map(Span._make, zip(ids, repeat(source.id), starts, ends, codes, coders, remarks, words))

    def _span_memos(self, rows: Selections) -> dict[int, str]:
        """Return the memos of the codings that have any, with those of their selections."""
        if not (rows.memos or rows.notes or rows.coding_notes):
            return {}
        found = {}
        for at, owner in enumerate(rows.owners):
            notes = (*rows.notes.get(owner, ()), *rows.coding_notes.get(at, ()))
            found[at] = self.known.memo(rows.memo_for(at), notes, rows.lines[owner])
        return found


_OWN = CONVENTIONS["codepoint-lf-nobom"]
_LONGEST = CONVENTIONS["utf8-raw-bom"]
_PLAIN = "export the project with plain texts"
_ENDS = "a selection ends where it starts, or after it"


class _Watched:
    """Reads the project file and remembers whether it has CRLF line ends, which XML hides."""

    def __init__(self) -> None:
        self.crlf = False
        self._last = b""

    @contextmanager
    def over(self, archive: Archive, name: str) -> Iterator[BinaryIO]:
        """Open the project file."""
        with archive.stream(name) as self._stream:
            self._last = b""
            yield self

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._stream.read(size)
        self.crlf = self.crlf or b"\r\n" in data or (self._last == b"\r" and data.startswith(b"\n"))
        self._last = data[-1:]
        return data


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python's collector of cycles away: among hundreds of thousands of new rows it finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _opened(path: str | Path, limits: Limits | None) -> Iterator[_Reading]:
    """Open a project, read it whole, and keep its archive open for the texts."""
    path, limits = Path(path), limits or Limits()
    with open_archive(path, limits=limits) as archive:
        yield _Reading(archive, path, limits)


@contextmanager
def _open_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file on disk, or say that there is none."""
    try:
        with open(path, "rb") as stream:
            yield stream
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read: {error.strerror}", remedy="give another path") from None


def _project_file(archive: Archive) -> str:
    """Return the name of the project file: the only one that ends in .qde, or project.qde among several."""
    found = [name for name in archive.names if name.lower().endswith(".qde") and "__MACOSX" not in name]
    if len(found) > 1:
        found = [name for name in found if name.lower() == "project.qde"] or found
    if len(found) != 1:
        what = f"it holds {len(found)} project files (.qde)" if found else "it holds no project file (.qde)"
        fault = Problem(archive.name, what, "export one REFI-QDA project")
        raise ExchangeError(f"{archive.name} cannot be read", [fault])
    return found[0]


def _by_source(convention: Named, sources: list[RawSource]) -> dict[str, Convention]:
    """Return the conventions that the user named, by source."""
    if convention is None:
        return {}
    if not isinstance(convention, Mapping):
        return {source.id: named_convention(convention) for source in sources}
    known = {key for source in sources for key in (source.id, source.name)}
    strange = [Problem(str(key), "the project has no such source") for key in convention if key not in known]
    if strange:
        names = ", ".join(repr(source.name) for source in sources[:5])
        raise ExchangeError("Conventions are named for unknown sources", strange, remedy=f"it has {names}")
    named = {source.id: convention.get(source.id, convention.get(source.name)) for source in sources}
    return {key: named_convention(value) for key, value in named.items() if value is not None}


def _refusal(file: str, refused: list[SourceCalibration], reading: _Reading) -> ExchangeError:
    """Return the error that lists sources whose convention is not settled, and the selections in doubt."""
    sources = {source.id: source for source in reading.collector.sources}
    problems = []
    for each in refused:
        quotes = f"{each.n_quoted} of {each.n_selections} selections have a quote"
        what = f"{quotes}, and they do not settle how positions were counted: {each.advice()}"
        problems.append(Problem(f"{file}, source {each.source!r}", what))
    for each in refused:
        for at in each.undecided:
            line, selection = reading.where(sources[each.source_id], at)
            problems.append(Problem(f"{file}, line {line} ({selection})", "its place is in doubt"))
    # One that nothing speaks for is not suggested: it would be taken, and codings would move.
    name = next((each.suggestion for each in refused if each.suggestion and not each.ruled_out), "NAME")
    remedy = (
        "look at a few of these selections in the tool, then name how it counted: "
        f'--convention {name} (convention="{name}"), or --convention SOURCE=NAME for each source'
    )
    return ExchangeError(
        f"{file}: codings could land on the wrong words; nothing was imported", problems, remedy=remedy
    )


def _not_carried(collector: Collector) -> tuple[NotCarried, ...]:
    """Return what was left behind, in the order in which it was met."""
    return tuple(NotCarried(what, where, count) for (what, where), count in collector.not_carried.items())
