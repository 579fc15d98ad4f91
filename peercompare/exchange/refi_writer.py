"""Writing REFI-QDA projects (.qdpx) and codebooks (.qdc), by the standard's own way of counting.

Positions are code points, line ends LF, no byte order mark, ends exclusive, the quote is the selection's
name. No path of the writer's machine and no date goes into the file: a second export of the same study is
byte-identical.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

from peercompare.corpus import Corpus
from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.counting import CONVENTIONS, Ruler
from peercompare.exchange.from_corpus import corpus_to_project, framework_codes
from peercompare.exchange.project import CodedProject, NotCarried, ProjectCode, SourceDocument, Span
from peercompare.exchange.refi_ids import ORIGIN, as_guid, selection_guid, text_mark
from peercompare.files import refuse_to_overwrite, write_atomically
from peercompare.framework import Framework

PROJECT_NAMESPACE = "urn:QDA-XML:project:1.0"
CODEBOOK_NAMESPACE = "urn:QDA-XML:codebook:1.0"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_COLOUR = re.compile(r"#(?:[A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class ExportReport:
    """What went into a file and what stayed out.

    Parameters
    ----------
    path : Path
        The file written.
    n_documents, n_codes, n_coders, n_spans : int
        What it holds.
    left_out : tuple of NotCarried
        What consent, or the format, kept out.
    """

    path: Path
    n_documents: int
    n_codes: int
    n_coders: int
    n_spans: int
    left_out: tuple[NotCarried, ...] = ()

    def __str__(self) -> str:
        held = f"{self.path}: {self.n_documents} documents, {self.n_codes} codes, {self.n_coders} coders"
        return "\n".join(
            [f"{held}, {self.n_spans} codings", *(f"  left out: {each}" for each in self.left_out)]
        )


def write_qdpx(
    what: Corpus | CodedProject,
    path: str | Path,
    *,
    policy: str = "exclude",
    when: str | None = None,
    force: bool = False,
) -> ExportReport:
    """Write a corpus or a project as a REFI-QDA project.

    Parameters
    ----------
    what : Corpus or CodedProject
        A corpus is asked for consent to sharing first: an exported text leaves its folder and its consent
        gate. A project of another tool has no consent records; whoever exports it answers for it.
    path : str or Path
        A name that ends in ``.qdpx``.
    policy : {"exclude", "raise"}, default "exclude"
        Where consent to sharing is lacking: leave the document out and count it, or stop. To black out turns
        instead, with every position kept, open the corpus with ``policy="redact"`` for analysis and sharing.
    when : str, optional
        The day of the export; by default the day for which the corpus was opened.
    force : bool, default False
        Replace a file that exists.

    Returns
    -------
    ExportReport
        Counts, and what was left out and why.

    Raises
    ------
    ExchangeError
        Where spans do not fit their text, or point to documents, codes or coders that the project lacks.
    ConsentError
        Where the policy is "raise" and consent is lacking, or it leaves no document.
    InputError
        Where the file exists already and `force` is not given.
    """
    path = _checked_path(path, ".qdpx", force=force)
    left_out: tuple[NotCarried, ...] = ()
    if isinstance(what, Corpus):
        what, left_out = corpus_to_project(what, policy=policy, when=when)
    _check(what, path.name)
    spans: dict[str, list[Span]] = {document.id: [] for document in what.documents}
    for span in what.spans:
        spans[span.document_id].append(span)
    ids = _Ids(what)
    texts = {each.id: _Text(each, ids("document", each.id), spans[each.id]) for each in what.documents}
    files = {"project.qde": _project_xml(what, texts)}
    files |= {f"sources/{text.guid}.txt": text.text.encode("utf-8") for text in texts.values()}
    write_atomically(path, _zipped(files), private=True)
    counts = len(what.documents), len(what.codes), len(what.coders), len(what.spans)
    return ExportReport(path, *counts, left_out)


def write_qdc(what: Framework | CodedProject, path: str | Path, *, force: bool = False) -> ExportReport:
    """Write a framework, or a project's codes and sets of codes, as a REFI-QDA codebook.

    Parameters
    ----------
    what : Framework or CodedProject
        A framework gives a folder for each dimension, its codes named by their ids with the whole of their
        definition, the label for no stance, and its tags.
    path : str or Path
        A name that ends in ``.qdc``.
    force : bool, default False
        Replace a file that exists.

    Raises
    ------
    ExchangeError
        Where there is no code to write.
    InputError
        Where the file exists already and `force` is not given.
    """
    path = _checked_path(path, ".qdc", force=force)
    if isinstance(what, Framework):
        what = CodedProject(what.title, ORIGIN, codes=framework_codes(what))
    if not what.codes:
        raise ExchangeError(f"{what.name} has no code to write", remedy="a codebook has a code at least")
    ids = _Ids(what)
    buffer = io.BytesIO()
    with etree.xmlfile(buffer, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element(
            f"{{{CODEBOOK_NAMESPACE}}}CodeBook", origin=ORIGIN, nsmap={None: CODEBOOK_NAMESPACE}
        ):
            writer = _Xml(xml, CODEBOOK_NAMESPACE)
            _write_codes(writer, what.codes, ids)
            _write_sets(writer, what, ids, documents=False)
    write_atomically(path, buffer.getvalue())
    return ExportReport(path, 0, len(what.codes), 0, 0)


class _Ids:
    """The GUID of everything in a project: its own identifier where that is one."""

    def __init__(self, project: CodedProject) -> None:
        self._name = project.name

    def __call__(self, kind: str, identifier: str) -> str:
        return as_guid(identifier, self._name, kind)


class _Text:
    """A document as it is written: its LF text and its spans counted in it, selection by selection."""

    def __init__(self, document: SourceDocument, guid: str, spans: list[Span]) -> None:
        ruler = Ruler(document.text)
        self.guid = guid
        self.text = ruler.text
        self.mark = text_mark(self.text)
        self.selections: dict[tuple[int, int, str], list[Span]] = {}
        starts, ends = [span.start for span in spans], [span.end for span in spans]
        if ruler.text != document.text:
            places = np.asarray(starts, dtype=np.int64), np.asarray(ends, dtype=np.int64)
            placed = ruler.place(*places, CONVENTIONS["codepoint-raw-bom"])
            starts, ends = placed.starts.tolist(), placed.ends.tolist()
        for span, start, end in sorted(zip(spans, starts, ends, strict=True), key=lambda row: row[1:]):
            self.selections.setdefault((start, end, span.memo), []).append(span)


class _Xml:
    """Writes elements of one namespace, their text free of what XML cannot hold."""

    def __init__(self, xml: etree._IncrementalFileWriter, namespace: str) -> None:
        self._xml = xml
        self._namespace = namespace

    @contextmanager
    def element(self, tag: str, /, **attributes: str):
        """Open an element; attributes without a value are left out."""
        clean = {key: _clean(value) for key, value in attributes.items() if value}
        with self._xml.element(f"{{{self._namespace}}}{tag}", clean):
            yield

    def leaf(self, tag: str, text: str = "", /, **attributes: str) -> None:
        """Write an element that holds text or nothing."""
        with self.element(tag, **attributes):
            if text:
                self._xml.write(_clean(text))

    def described(self, text: str) -> None:
        """Write a description where there is one."""
        if text:
            self.leaf("Description", text)


def _project_xml(project: CodedProject, texts: Mapping[str, _Text]) -> bytes:
    """Return the project file."""
    ids, buffer = _Ids(project), io.BytesIO()
    with etree.xmlfile(buffer, encoding="utf-8") as xml:
        xml.write_declaration()
        root = {"name": _clean(project.name) or "project", "origin": ORIGIN}
        with xml.element(f"{{{PROJECT_NAMESPACE}}}Project", root, nsmap={None: PROJECT_NAMESPACE}):
            writer = _Xml(xml, PROJECT_NAMESPACE)
            _write_coders(writer, project, ids)
            if project.codes:
                with writer.element("CodeBook"):
                    _write_codes(writer, project.codes, ids)
            _write_variables(writer, project, ids)
            _write_cases(writer, project, ids)
            _write_sources(writer, project, texts, ids)
            _write_notes(writer, project, ids)
            _write_sets(writer, project, ids, documents=True)
            writer.described(project.memo)
    return buffer.getvalue()


def _write_coders(xml: _Xml, project: CodedProject, ids: _Ids) -> None:
    """Write who coded."""
    if project.coders:
        with xml.element("Users"):
            for coder in project.coders:
                xml.leaf("User", guid=ids("coder", coder.id), name=coder.name)


def _write_codes(xml: _Xml, codes: tuple[ProjectCode, ...], ids: _Ids) -> None:
    """Write the tree of codes."""
    below: dict[str, list[ProjectCode]] = {}
    for code in codes:
        below.setdefault(code.parent, []).append(code)

    def write(code: ProjectCode) -> None:
        colour = code.colour if _COLOUR.fullmatch(code.colour) else ""
        codable = "true" if code.is_codable else "false"
        with xml.element("Code", guid=ids("code", code.id), name=code.name, isCodable=codable, color=colour):
            xml.described(code.description)
            for each in below.get(code.id, ()):
                write(each)

    with xml.element("Codes"):
        for code in below.get("", ()):
            write(code)


def _write_variables(xml: _Xml, project: CodedProject, ids: _Ids) -> None:
    """Write the names of the variables of documents and cases."""
    names = dict.fromkeys(name for document in project.documents for name in document.metadata)
    names |= dict.fromkeys(name for case in project.cases for name in case.variables)
    if names:
        with xml.element("Variables"):
            for name in names:
                xml.leaf("Variable", guid=ids("variable", name), name=name, typeOfVariable="Text")


def _write_values(xml: _Xml, values: Mapping[str, str], ids: _Ids) -> None:
    """Write the values of variables."""
    for name, value in values.items():
        with xml.element("VariableValue"):
            xml.leaf("VariableRef", targetGUID=ids("variable", name))
            xml.leaf("TextValue", value)


def _write_cases(xml: _Xml, project: CodedProject, ids: _Ids) -> None:
    """Write the cases."""
    if project.cases:
        with xml.element("Cases"):
            for case in project.cases:
                with xml.element("Case", guid=ids("case", case.id), name=case.name):
                    xml.described(case.description)
                    _write_values(xml, case.variables, ids)
                    for document_id in case.document_ids:
                        xml.leaf("SourceRef", targetGUID=ids("document", document_id))


def _write_sources(xml: _Xml, project: CodedProject, texts: Mapping[str, _Text], ids: _Ids) -> None:
    """Write the documents with their selections and codings."""
    if not project.documents:
        return
    with xml.element("Sources"):
        for document in project.documents:
            text = texts[document.id]
            link = f"internal://{text.guid}.txt"
            with xml.element("TextSource", guid=text.guid, name=document.name, plainTextPath=link):
                xml.described(document.memo)
                for (start, end, memo), spans in text.selections.items():
                    _write_selection(xml, text, (start, end, memo), spans, ids)
                _write_values(xml, document.metadata, ids)


def _write_selection(
    xml: _Xml, text: _Text, key: tuple[int, int, str], spans: Iterable[Span], ids: _Ids
) -> None:
    """Write one selection with everybody's codings of it."""
    start, end, memo = key
    memo = _clean(memo)
    guid = selection_guid(text.guid, text.mark, start, end, memo)
    place = {"startPosition": str(start), "endPosition": str(end)}
    with xml.element("PlainTextSelection", guid=guid, name=_quote(text.text[start:end]), **place):
        xml.described(memo)
        for span in spans:
            by = ids("coder", span.coder_id)
            with xml.element("Coding", guid=ids("coding", span.id), creatingUser=by):
                xml.leaf("CodeRef", targetGUID=ids("code", span.code_id))


def _write_notes(xml: _Xml, project: CodedProject, ids: _Ids) -> None:
    """Write the memos of the project as a whole."""
    if project.notes:
        with xml.element("Notes"):
            for note in project.notes:
                with xml.element("Note", guid=ids("note", note.id), name=note.name):
                    xml.leaf("PlainTextContent", note.text)


def _write_sets(xml: _Xml, project: CodedProject, ids: _Ids, *, documents: bool) -> None:
    """Write the sets; a codebook has no documents to put in them."""
    if project.sets:
        with xml.element("Sets"):
            for each in project.sets:
                with xml.element("Set", guid=ids("set", each.id), name=each.name):
                    xml.described(each.description)
                    for code_id in each.code_ids:
                        xml.leaf("MemberCode", targetGUID=ids("code", code_id))
                    for document_id in each.document_ids if documents else ():
                        xml.leaf("MemberSource", targetGUID=ids("document", document_id))


def _quote(words: str) -> str:
    """Return the words of a selection as its name, cut short before what XML cannot hold.

    Examples
    --------
    >>> _quote("as it is"), _quote("up to here" + chr(11) + "and on")
    ('as it is', 'up to here\u2026')
    """
    found = _NOT_XML.search(words)
    if found is None:
        return words
    return f"{words[: found.start()]}\u2026" if words[: found.start()].strip() else ""


def _clean(text: str) -> str:
    """Return a text with the sign of replacement for each character that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive that depends on its files alone: no dates, no marks of this machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, data, compress_type=zipfile.ZIP_DEFLATED, compresslevel=6)
    return buffer.getvalue()


def _checked_path(path: str | Path, ending: str, *, force: bool) -> Path:
    """Return the path to write, if it has the right ending and nobody's file is there."""
    path = Path(path)
    if path.suffix.lower() != ending:
        raise ExchangeError(f"Cannot write {path.name}", remedy=f"give a name that ends in {ending}")
    refuse_to_overwrite(path, force=force)
    return path


def _check(project: CodedProject, file: str) -> None:
    """Raise where the parts of a project do not fit each other."""
    lengths = {document.id: len(document.text) for document in project.documents}
    codes, coders = {code.id for code in project.codes}, {coder.id for coder in project.coders}
    problems = []
    for span in project.spans:
        where = f"span {span.id}"
        if span.document_id not in lengths:
            problems.append(Problem(where, f"no document {span.document_id!r}"))
        elif not 0 <= span.start <= span.end <= lengths[span.document_id]:
            length = lengths[span.document_id]
            problems.append(Problem(where, f"{span.start} to {span.end} does not fit a text of {length}"))
        if span.code_id not in codes:
            problems.append(Problem(where, f"no code {span.code_id!r}"))
        if span.coder_id not in coders:
            problems.append(Problem(where, f"no coder {span.coder_id!r}"))
    for kind in ("documents", "codes", "coders", "spans", "cases", "sets", "notes"):
        ids = [each.id for each in getattr(project, kind)]
        problems += [Problem(kind, f"the id {each!r} stands there twice") for each in _twice(ids)]
    if problems:
        raise ExchangeError(f"{file} cannot be written: the project does not hold together", problems)


def _twice(ids: list[str]) -> list[str]:
    """Return the ids that occur more than once."""
    seen: set[str] = set()
    return list(dict.fromkeys(each for each in ids if each in seen or seen.add(each)))
