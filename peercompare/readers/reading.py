"""Reading documents of any kind: each file goes to the reader of its ending."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from peercompare.corpus.schemas import SPOKEN_UNIT
from peercompare.errors import InputError, Problem
from peercompare.framework import Framework, read_framework, shipped_framework
from peercompare.progress import progress
from peercompare.readers import tables
from peercompare.readers.captions import read_captions
from peercompare.readers.convokit import is_convokit_folder, read_convokit
from peercompare.readers.document import ReadDocument
from peercompare.readers.jsonld import read_jsonld
from peercompare.readers.office import pdf_text, word_text
from peercompare.readers.plain import read_plain_transcript, transcript_from_text
from peercompare.readers.postings import (
    read_html_postings,
    read_markdown_posting,
    read_pdf_posting,
    read_text_posting,
    read_word_posting,
)
from peercompare.readers.rows import ENDINGS, rows_of
from peercompare.readers.sources import refusal
from peercompare.readers.speech import read_chat, read_elan

if TYPE_CHECKING:
    import pandas as pd

Reader = Callable[[Path, str | None], Iterator[ReadDocument]]

_NOTE = re.compile(r"\[(?:foot|end)note \d+\] ")

PASSED_OVER = frozenset({"roster.csv", "facts.csv", "mapping.toml", "roster_draft.csv"})
"""Files beside the documents that are about them."""


def read_documents(
    path: str | Path,
    *,
    genre: str,
    framework: Framework | None = None,
    mapping: str | Path | tables.TableMapping | None = None,
    encoding: str | None = None,
) -> Iterator[ReadDocument]:
    """Yield the documents of a file or of all files of a folder, in the order of their names.

    Parameters
    ----------
    path : str or Path
        A file, a folder (with those in it), or a folder in ConvoKit's format.
    genre : str
        A genre of the framework. Where its unit of analysis is a turn the files are transcripts: .txt,
        .md, .docx, .pdf, .vtt, .srt, .sbv, .eaf, .cha, ConvoKit. Else they are postings: .txt, .md, .docx,
        .pdf, .html, .json, .jsonld, .csv, .tsv, .xlsx, .jsonl.
    framework : Framework, optional
        By default the first shipped one.
    mapping : str, Path or TableMapping, optional
        Which column of a dump is what; required for .csv, .tsv, .xlsx and .jsonl.
    encoding : str, optional
        Of text files; by default UTF-8, or what a byte order mark or a page says.

    Yields
    ------
    ReadDocument
        Read one at a time.

    Raises
    ------
    InputError
        Where no file or none that can be read is there; lists the faults of all files. After the first
        fault nothing is yielded any more.
    """
    framework = framework or read_framework(shipped_framework()[0])
    if genre not in framework.unit_of_analysis:
        known = ", ".join(framework.unit_of_analysis)
        raise InputError(f"The framework {framework.id} has no genre {genre!r}", remedy=f"genres are {known}")
    spoken, path = framework.unit_of_analysis[genre].unit == SPOKEN_UNIT, Path(path)
    if spoken and is_convokit_folder(path):
        yield from _each_once(read_convokit(path), {})
        return
    readers = dict(_TRANSCRIPTS) if spoken else _posting_readers(mapping)
    files = _files(path, readers, genre)
    taken: dict[str, str] = {}
    problems: list[Problem] = []
    for file in files if len(files) == 1 else progress(files, description="Reading", total=len(files)):
        try:
            found = readers[file.suffix.lower()](file, encoding)
            # a dump alone may be of any size: the ids of its rows are compared where they are written
            dump = len(files) == 1 and file.suffix.lower() in ENDINGS
            for document in found if dump else _each_once(found, taken):
                if not problems:
                    yield document
        except InputError as error:
            if len(files) == 1:
                raise
            problems += error.problems or [Problem(file.name, error.summary, error.remedy)]
    if problems:
        raise InputError(f"{path} cannot be imported", problems)


def with_facts(
    documents: Iterable[ReadDocument],
    facts: str | Path | pd.DataFrame | None = None,
    *,
    defaults: Mapping[str, str] | None = None,
) -> Iterator[ReadDocument]:
    """Yield documents with what a table tells about each: dates, settings, sites, workers, employers.

    Parameters
    ----------
    documents : iterable of ReadDocument
        As read.
    facts : str, Path or DataFrame, optional
        A table with ``document_id`` (or ``source``, the file's name) and further columns; a cell that is
        not empty replaces what the file told.
    defaults : mapping of str to str, optional
        What holds for every document that neither file nor table tells it of.

    Raises
    ------
    InputError
        Where the table has neither column, names a document twice, or one that is not there; the latter at
        the end.
    """
    rows = _facts(facts)
    unused = dict(rows)
    for document in documents:
        key = (
            document.document_id if document.document_id in rows else str(document.metadata.get("source", ""))
        )
        row = rows.get(key, {})
        unused.pop(key, None)
        told = {name: cell for name, cell in row.items() if cell and name not in ("document_id", "source")}
        yield document.with_metadata({**(defaults or {}), **_told(document.metadata), **told})
    if unused:
        problems = [Problem(f"facts, {name}", "no document has this id or source") for name in unused]
        raise InputError(
            "The table of facts does not fit the documents", problems, remedy="mend the ids in it"
        )


def _told(metadata: Mapping[str, object]) -> dict[str, object]:
    """Return metadata that is not empty."""
    return {key: value for key, value in metadata.items() if value not in ("", None)}


def _facts(facts: str | Path | pd.DataFrame | None) -> dict[str, dict[str, str]]:
    """Return the rows of a table of facts by document id or source."""
    if facts is None:
        return {}
    if isinstance(facts, str | Path):
        name, rows = Path(facts).name, [row for _, row in rows_of(facts)]
    else:
        filled = facts.astype("object").where(facts.notna(), "").astype("str")
        name, rows = "facts", filled.to_dict("records")
    found: dict[str, dict[str, str]] = {}
    problems = []
    for number, row in enumerate(rows, start=2):
        key = row.get("document_id") or row.get("source") or ""
        if not key or key in found:
            what = f"{key!r} stands there twice" if key else "neither document_id nor source is given"
            problems.append(Problem(f"{name}, row {number}", what))
        found[key] = {column: cell.strip() for column, cell in row.items()}
    if problems:
        raise InputError("The table of facts cannot be used", problems)
    return found


def _files(path: Path, readers: Mapping[str, Reader], genre: str) -> list[Path]:
    """Return the files to read; one that cannot be read is a fault, for nothing is passed over in silence."""
    if path.is_file():
        found = [path]
    elif path.is_dir():
        found = sorted(
            each for each in path.rglob("*") if each.is_file() and _is_document(each.relative_to(path))
        )
    else:
        raise refusal(path, "there is no such file or folder", "give the path of one")
    if not found:
        raise refusal(path, "the folder is empty", f"a {genre} ends in {', '.join(readers)}")
    problems = [
        Problem(
            str(each.relative_to(path)) if each != path else each.name,
            f"{each.suffix or 'no ending'} is not read",
        )
        for each in found
        if each.suffix.lower() not in readers
    ]
    if problems:
        remedy = f"a {genre} ends in {', '.join(readers)}; move other files away"
        raise InputError(f"{path} cannot be imported", problems, remedy=remedy)
    return found


def _is_document(path: Path) -> bool:
    """Say whether a file in a folder can be a document: not hidden, not Word's own, not about others."""
    return not any(part.startswith((".", "~$")) for part in path.parts) and path.name not in PASSED_OVER


def _each_once(documents: Iterable[ReadDocument], taken: dict[str, str]) -> Iterator[ReadDocument]:
    """Yield documents whose ids differ, by case too; two of one id are a fault that names both places."""
    for document in documents:
        key, source = document.document_id.casefold(), str(document.metadata.get("source", ""))
        if key in taken:
            what = f"its id {document.document_id!r} is that of {taken[key]} too"
            raise InputError("Two documents have one id", [Problem(source, what, "rename one of them")])
        taken[key] = source
        yield document


def _one(read: Callable[[Path], ReadDocument]) -> Reader:
    """Return a reader of files that have no encoding to name and hold one document."""
    return lambda path, encoding: iter([read(path)])


def _text(read: Callable[..., ReadDocument]) -> Reader:
    """Return a reader of text files that hold one document."""
    return lambda path, encoding: iter([read(path, encoding=encoding)])


def _word_transcript(path: Path) -> ReadDocument:
    """Read a transcript in a Word file."""
    return _office_transcript(path, *word_text(path))


def _pdf_transcript(path: Path) -> ReadDocument:
    """Read a transcript in a PDF file."""
    return _office_transcript(path, *pdf_text(path))


def _office_transcript(path: Path, text: str, warnings: tuple[str, ...]) -> ReadDocument:
    """Return the transcript in an office file's text."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if _NOTE.match(line)), len(lines))
    document = transcript_from_text("\n".join(lines[:first]), path, warnings=warnings)
    notes = [line for line in lines[first:] if line.strip()]
    if not notes:
        return document
    about = f"{path.name}: {len(notes)} footnotes are kept as metadata (notes), since nobody says them"
    return replace(document.with_metadata({"notes": "\n".join(notes)}), warnings=(*document.warnings, about))


_TRANSCRIPTS: Mapping[str, Reader] = {
    ".txt": _text(read_plain_transcript), ".md": _text(read_plain_transcript),
    ".docx": _one(_word_transcript),
    ".pdf": _one(_pdf_transcript), ".vtt": _text(read_captions), ".srt": _text(read_captions),
    ".sbv": _text(read_captions),
    ".eaf": _one(read_elan), ".cha": _text(read_chat),
}  # fmt: skip


def _posting_readers(mapping: str | Path | tables.TableMapping | None) -> dict[str, Reader]:
    """Return the readers of postings by ending."""
    found = (
        mapping
        if mapping is None or isinstance(mapping, tables.TableMapping)
        else tables.read_mapping(mapping)
    )

    def table(path: Path, encoding: str | None) -> Iterator[ReadDocument]:
        if found is None:
            row = next(rows_of(path, encoding=encoding), (0, {}))[1]
            what = f"a mapping must say which column is what; the columns are {', '.join(row) or 'none'}"
            how = 'pass --mapping mapping.toml with lines such as title = "position"; of coded passages '
            raise refusal(path, what, f"{how}it has [columns] and under it document, code, coder and quote")
        return tables.read_table_postings(path, found, encoding=encoding)

    return {
        ".txt": _text(read_text_posting), ".md": _text(read_markdown_posting),
        ".markdown": _text(read_markdown_posting),
        ".docx": _one(read_word_posting), ".pdf": _one(read_pdf_posting),
        ".html": lambda path, encoding: read_html_postings(path, encoding=encoding),
        ".htm": lambda path, encoding: read_html_postings(path, encoding=encoding),
        ".json": lambda path, encoding: read_jsonld(path, encoding=encoding),
        ".jsonld": lambda path, encoding: read_jsonld(path, encoding=encoding),
        **dict.fromkeys(ENDINGS, table),
    }  # fmt: skip
