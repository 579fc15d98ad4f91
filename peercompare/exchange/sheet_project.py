"""A blind coding sheet as a project of texts to code, and the coded project as a sheet again.

Each document of the sheet is one text. Its rows follow each other, each after its id in square brackets,
or after ``[context]`` where it is read and not coded::

    [R0123456789] Speaker A: We share what we know.

    [context] Speaker B: Yes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from peercompare.errors import ExchangeError, Problem
from peercompare.exchange.from_corpus import FURTHER, framework_codes
from peercompare.exchange.project import CodedProject, ProjectCode, SourceDocument, Span
from peercompare.exchange.refi_ids import ORIGIN, stable_guid
from peercompare.framework import Framework
from peercompare.sheets import CONTEXT, SHEET, TO_CODE, unguarded

MIN_SHARE = 0.5
"""Share of a row's characters that a coding covers which gives its code to the row."""

_MARK = re.compile(r"^\[(R[0-9a-f]{10}|context)\](?:[ \t]+(Speaker [A-Z]+):)?[ \t]*", re.MULTILINE)


@dataclass
class _Row:
    """One row of the sheet in a text, and what was given to it."""

    sheet_id: str
    document: str
    speaker: str
    start: int
    end: int
    text: str
    codes: dict[str, list[str]] = field(default_factory=dict)
    further: dict[str, list[str]] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)

    def takes(self, span: Span) -> bool:
        """Say whether a coding gives its code to this row."""
        words = span.quote
        start, end = span.start + len(words) - len(words.lstrip()), span.start + len(words.rstrip())
        covered = min(end, self.end) - max(start, self.start)
        within = self.start <= start and end <= self.end
        return covered > 0 and (within or covered >= MIN_SHARE * (self.end - self.start))

    def cells(self) -> tuple[str, ...]:
        """Return the row as the sheet has it."""
        further = [code for code in self.further if code not in self.codes]
        memos = [memo for given in (self.codes, self.further) for each in given.values() for memo in each]
        status, memo = TO_CODE if self.sheet_id else CONTEXT, "\n\n".join(dict.fromkeys(memos))
        given = next(iter(self.codes), ""), " ".join(further), " ".join(self.tags)
        return (self.sheet_id, self.document, self.speaker, self.text, status, *given, memo)


def sheet_to_project(sheet: pd.DataFrame, framework: Framework) -> CodedProject:
    """Return a blind sheet as a project of texts to code, with the framework's codes.

    Parameters
    ----------
    sheet : DataFrame
        As `peercompare.sheets.coding_sheet` gives it.
    framework : Framework
        Whose codes to give.
    """
    documents = []
    for name, rows in sheet.groupby("document", sort=False):
        text = "\n\n".join(
            f"[{row.sheet_id or CONTEXT}] {f'{row.speaker}: ' if row.speaker else ''}{unguarded(row.text)}"
            for row in rows.itertuples()
        )
        identifier = stable_guid("sheet", name, *rows["sheet_id"])
        documents.append(SourceDocument(identifier, str(name), text))
    return CodedProject("Coding sheet", ORIGIN, tuple(documents), framework_codes(framework))


def project_to_sheet(
    project: CodedProject, framework: Framework, *, who: str = "", file: str = "the project"
) -> pd.DataFrame:
    """Return a coded project as the sheet that it was made of, filled.

    Parameters
    ----------
    project : CodedProject
        As it comes back from the coder's tool.
    framework : Framework
        Whose codes and tags are allowed; they are known by their names.
    who : str, default ""
        The coder's name in the tool, where several coded.
    file : str
        Its name, for messages.

    Raises
    ------
    ExchangeError
        Lists every coding that belongs to no row, or has a code that the framework does not have, and
        every row that has several codes of which none is marked as a further one; or the coders, where
        several coded.
    """
    spans = _spans_of(project, who, file)
    rows = {document.id: list(_rows(document)) for document in project.documents}
    names = {code.id: code for code in project.codes}
    problems = []
    for span in spans:
        row_of = [row for row in rows[span.document_id] if row.takes(span)]
        problems += _given(span, names[span.code_id], row_of, framework, file)
    for row in (each for group in rows.values() for each in group):
        if len(row.codes) > 1:
            what = f"it has the codes {', '.join(row.codes)}, and none is marked as a further one"
            remedy = f'write "{FURTHER}" as the memo of all but one of them'
            problems.append(Problem(f"{file}, {row.document}, row {row.sheet_id}", what, remedy))
    if problems:
        raise ExchangeError(f"{file} cannot be read as a coding sheet; nothing was taken over", problems)
    table = [row.cells() for group in rows.values() for row in group]
    return pd.DataFrame(table, columns=list(SHEET), dtype="str")


def _spans_of(project: CodedProject, who: str, file: str) -> tuple[Span, ...]:
    """Return the codings of one coder; raise where it is not clear whose they are."""
    names = {coder.id: coder.name for coder in project.coders}
    coded = dict.fromkeys(names[span.coder_id] for span in project.spans)
    if who and who not in coded and coded:
        raise ExchangeError(
            f"{file}: nobody called {who!r} coded", remedy=f"those who did are {', '.join(coded)}"
        )
    if not who and len(coded) > 1:
        problems = [Problem(file, f"{name!r} coded in it") for name in coded]
        raise ExchangeError(
            f"{file} has codings by {len(coded)} people", problems, remedy="name one (--who NAME)"
        )
    return tuple(span for span in project.spans if not who or names[span.coder_id] == who)


def _rows(document: SourceDocument) -> Iterator[_Row]:
    """Yield the rows of a text."""
    marks = list(_MARK.finditer(document.text))
    ends = [mark.start() for mark in marks[1:]] + [len(document.text)]
    for mark, end in zip(marks, ends, strict=True):
        words = document.text[mark.end() : end].rstrip()
        sheet_id = "" if mark[1] == CONTEXT else mark[1]
        yield _Row(sheet_id, document.name, mark[2] or "", mark.end(), mark.end() + len(words), words)


def _given(span: Span, code: ProjectCode, rows: list[_Row], framework: Framework, file: str) -> list[Problem]:
    """Give a coding's code to the rows that take it; return what is wrong with it."""
    tags = {tag.id for tag in framework.tags}
    where = f"{file}, coding {span.id}"
    if code.name not in tags and not framework.is_code(code.name):
        near = difflib.get_close_matches(
            code.name.lower(), [*framework.code_ids, framework.none.id, *tags], n=1
        )
        remedy = f"did you mean {near[0]}?" if near else "give codes that came with the sheet"
        return [Problem(where, f"{code.name[:60]!r} is no code of the framework", remedy)]
    taken = [row for row in rows if row.sheet_id]
    if not taken:
        what = "it is a coding of context" if rows else "it covers less than half of a row, or none"
        return [Problem(where, what, "select the words of a row that is to be coded")]
    first, _, rest = span.memo.partition("\n")
    is_further = first.strip() == FURTHER
    for row in taken:
        if code.name in tags:
            row.tags[code.name] = None
            continue
        memos = (row.further if is_further else row.codes).setdefault(code.name, [])
        memos += [memo for memo in [(rest if is_further else span.memo).strip()] if memo]
    return []
