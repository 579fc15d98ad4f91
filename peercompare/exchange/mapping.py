"""From a coded project and a reviewed map of codes to a corpus folder, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import speakers_of
from peercompare.corpus import open_corpus, register
from peercompare.corpus.checks import consent_problems, text_name
from peercompare.corpus.folder import CONSENTS, MANIFEST
from peercompare.corpus.schemas import consents_schema, documents_schema, is_spoken, table_problems
from peercompare.errors import ConsentError, CorpusError, ExchangeError, Problem
from peercompare.exchange.code_map import CodeMap, mapped_codes, read_code_map
from peercompare.exchange.overlap import OverlapRule, Placed, place_spans
from peercompare.exchange.project import CodedProject, NotCarried
from peercompare.files import write_atomically, write_table
from peercompare.framework import Framework, read_framework, shipped_framework
from peercompare.segments import cut_segments

SOURCE = "source"
"""Column of a table of documents that names the project's document, by its name or its identifier."""

_CHECK_DAY = "2000-01-01"


@dataclass(frozen=True)
class CorpusFacts:
    """What a corpus folder must say and a project of another tool does not know.

    Parameters
    ----------
    name, title, licence, citation, coding : str
        As in corpus.toml; `coding` says who coded, and how. Empty ones are filled from the project.
    composed : bool, default False
        True only where no real person speaks in the texts.
    cluster : str, default ""
        Column of documents whose groups are never split; by default ``worker_id`` where people speak, else
        ``employer_id``.
    documents : DataFrame, optional
        ``source`` (a document's name or identifier in the project) and further columns of documents.csv. They
        stand above the project's own variables.
    consents : DataFrame, optional
        consents.csv. Without it the folder is written, and opens once the records are put into it.
    framework_file : path, optional
        The file of a framework that is not shipped; it is copied into the folder.
    """

    name: str = ""
    title: str = ""
    licence: str = "not stated"
    citation: str = ""
    coding: str = ""
    composed: bool = False
    cluster: str = ""
    documents: pd.DataFrame | None = None
    consents: pd.DataFrame | None = None
    framework_file: str | Path | None = None


@dataclass(frozen=True)
class ImportReport:
    """What became of a project on its way into a corpus folder.

    Parameters
    ----------
    folder : Path
        The corpus folder.
    n_documents, n_segments : int
        What it holds.
    rule : OverlapRule
        By which spans became codings.
    placed : Placed
        The codings, and every span accounted for.
    not_carried : tuple of NotCarried
        What the reader had left behind before.
    """

    folder: Path
    n_documents: int
    n_segments: int
    rule: OverlapRule
    placed: Placed
    not_carried: tuple[NotCarried, ...]

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.folder}: {self.n_documents} documents, {self.n_segments} segments", *self.lines()]
        )

    def lines(self) -> list[str]:
        """Return the account of spans, line by line."""
        placed = self.placed
        return [
            str(self.rule),
            f"{len(placed.codings)} codings from {placed.n_spans} spans",
            f"{placed.n_split} spans were split: they gave their code to several segments",
            f"{len(placed.left_over)} spans were left over: no segment took their code",
            f"{placed.n_ignored} spans were ignored, as the map of codes says",
            f"{placed.n_merged} times a coder's spans gave one code to one segment again",
            f"{placed.n_beyond} codes were dropped beyond the further codes that a segment may have",
            f"{placed.n_tied} segments have a primary code by the framework's order alone",
            f"{placed.n_tags_alone} tags were dropped where their coder gave the segment no code",
            *(f"not carried: {each}" for each in self.not_carried),
        ]


def project_to_corpus(
    project: CodedProject,
    code_map: CodeMap | pd.DataFrame | str | Path,
    *,
    framework: Framework,
    genre: str,
    out_folder: str | Path,
    overlap_rule: OverlapRule | None = None,
    facts: CorpusFacts | None = None,
) -> ImportReport:
    """Write a project as a corpus folder that `open_corpus` reads.

    Texts are cut by the framework's unit of analysis, spans give their codes to segments by the rule, and
    everything is written into a temporary folder beside the new one, opened there as a corpus, and given its
    name in one step.

    Parameters
    ----------
    project : CodedProject
        What a reader of this package returned.
    code_map : CodeMap, DataFrame or path
        The reviewed map of codes; see `read_code_map`.
    framework : Framework
        To whose codes the map leads.
    genre : str
        A genre of the framework: it says how texts are cut.
    out_folder : str or Path
        A folder that does not exist yet.
    overlap_rule : OverlapRule, optional
        By default a span must cover half of a segment, or lie within it.
    facts : CorpusFacts, optional
        What else the folder must say.

    Returns
    -------
    ImportReport
        Counts of spans placed, split, left over, ignored and merged.

    Raises
    ------
    ExchangeError
        Lists every code that is not mapped, every fact missing of a document, or every fault that opening the
        folder met; and where the folder exists already. Then nothing is written.
    ConsentError
        Lists every fault of the consent records. Records of people who are in no document are left out.
    """
    out, rule, facts = Path(out_folder), overlap_rule or OverlapRule(), facts or CorpusFacts()
    if os.path.lexists(out):
        raise ExchangeError(
            f"{out} exists already; nothing was written", remedy="name a folder that does not exist"
        )
    reviewed = code_map if isinstance(code_map, CodeMap) else read_code_map(code_map, framework=framework)
    ours = mapped_codes(project, reviewed)
    if genre not in framework.unit_of_analysis:
        known = ", ".join(framework.unit_of_analysis)
        raise ExchangeError(
            f"The framework {framework.id} has no genre {genre!r}", remedy=f"it knows {known}"
        )
    documents, cluster = _documents(project, framework, genre, facts)
    segments = cut_segments(documents, framework, genre)
    ids = dict(zip(documents["_source"], documents["document_id"], strict=True))
    at_home = segments.assign(
        document_id=segments["document_id"].map({ours: theirs for theirs, ours in ids.items()})
    )
    placed = place_spans(
        project.spans, {each.id: each.text for each in project.documents}, at_home,
        ours=ours, coders=_coders(project), framework=framework, rule=rule,
    )  # fmt: skip
    report = ImportReport(out, len(documents), len(segments), rule, placed, project.not_carried)
    consents = _consents(facts.consents, documents)
    with _new_folder(out) as folder:
        _write(folder, documents, segments, placed)
        if consents is not None:
            write_table(consents, folder / CONSENTS)
        write_atomically(folder / "DATASHEET.md", _datasheet(project, facts, report, reviewed))
        manifest = {
            "genre": genre,
            "cluster": cluster,
            "framework": _framework_name(framework, facts, folder),
        }
        _write_manifest(folder, project, facts, manifest)
        _try(folder, out)
    return report


def _documents(
    project: CodedProject, framework: Framework, genre: str, facts: CorpusFacts
) -> tuple[pd.DataFrame, str]:
    """Return documents with texts and the project's identifiers, and the column of clusters."""
    given = _given(project, facts)
    names = _file_names([document.name for document in project.documents])
    rows = []
    for document, name in zip(project.documents, names, strict=True):
        row = {"document_id": name, "title": document.name, **document.metadata, **given.get(document.id, {})}
        rows.append({key: value for key, value in row.items() if key not in ("corpus", "genre", "text")})
    spoken = is_spoken(framework, genre, pd.DataFrame(rows))
    cluster = facts.cluster or ("worker_id" if spoken else "employer_id")
    needed = documents_schema(framework, spoken=spoken, cluster=cluster).columns
    problems = [
        Problem(
            f"document {document.name!r}",
            f"{column} is not known",
            "a variable of that name, or facts.documents",
        )
        for document, row in zip(project.documents, rows, strict=True)
        for column in needed
        if not str(row.get(column, "")).strip()
    ]
    if problems or not rows:
        summary = (
            f"{project.name}: documents cannot enter a corpus without these facts" if rows else "No document"
        )
        raise ExchangeError(f"{summary}; nothing was written", problems, remedy="add them, and import again")
    table = pd.DataFrame(rows).fillna("").astype("str")
    order = list(dict.fromkeys([*needed, *table.columns]))
    texts, sources = ([getattr(each, key) for each in project.documents] for key in ("text", "id"))
    return table[order].assign(text=texts, _source=sources), cluster


def _given(project: CodedProject, facts: CorpusFacts) -> dict[str, dict[str, str]]:
    """Return what the user's table says of each document, by the project's identifier."""
    if facts.documents is None:
        return {}
    if SOURCE not in facts.documents:
        raise ExchangeError(
            f"The table of documents has no column {SOURCE!r}", remedy="it names their document"
        )
    names = {document.name: document.id for document in project.documents}
    names |= {document.id: document.id for document in project.documents}
    found, problems = {}, []
    for record in facts.documents.fillna("").astype("str").to_dict("records"):
        source = record.pop(SOURCE)
        if source not in names:
            problems.append(Problem(f"table of documents, {source!r}", "the project has no such document"))
        elif names[source] in found:
            problems.append(Problem(f"table of documents, {source!r}", "the document stands there twice"))
        else:
            found[names[source]] = {key: value for key, value in record.items() if value.strip()}
    if problems:
        raise ExchangeError("The table of documents does not fit the project", problems)
    return found


def _file_names(names: list[str]) -> list[str]:
    """Return an id for each document that can be a file's name, each once even where case does not count."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_.-")[:60] or f"D{number:03d}"
        taken, candidate, at = {each.lower() for each in found}, plain, 2
        while candidate.lower() in taken:
            candidate, at = f"{plain}_{at}", at + 1
        found.append(candidate)
    return found


def _coders(project: CodedProject) -> dict[str, str]:
    """Return a coder_id without blanks for each coder, each once."""
    found: dict[str, str] = {}
    for coder in project.coders:
        plain = re.sub(r"\s+", "_", coder.name.strip()) or "coder"
        candidate, at = plain, 2
        while candidate in found.values():
            candidate, at = f"{plain}_{at}", at + 1
        found[coder.id] = candidate
    return found


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Make a temporary folder beside a new one, and give it its name once everything in it was written."""
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.rename(out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _write(folder: Path, documents: pd.DataFrame, segments: pd.DataFrame, placed: Placed) -> None:
    """Write tables and texts."""
    for row in documents.to_dict("records"):
        write_atomically(folder / text_name(row["document_id"]), row["text"])
    write_table(documents.drop(columns=["text", "_source"]), folder / "documents.csv")
    write_table(segments.drop(columns="text"), folder / "segments.csv")
    primary = placed.codings["is_primary"].map({True: "true", False: "false"}).astype("str")
    write_table(placed.codings.assign(is_primary=primary), folder / "codings.csv")


def _consents(consents: pd.DataFrame | None, documents: pd.DataFrame) -> pd.DataFrame | None:
    """Return the consent records of people in the documents, checked; others' records do not belong there."""
    if consents is None or "speakers" not in documents:
        return None
    people = {person for cell in documents["speakers"] for person in speakers_of(cell).values()}
    people |= set(documents["worker_id"])
    table = consents.fillna("").astype("str")
    if "person_id" in table:
        table = table[table["person_id"].isin(people)].reset_index(drop=True)
    problems = table_problems(table, consents_schema()) or consent_problems(table, documents)
    if problems:
        raise ConsentError("The consent records cannot be used; nothing was written", problems)
    return table


def _datasheet(project: CodedProject, facts: CorpusFacts, report: ImportReport, reviewed: CodeMap) -> str:
    """Return what the corpus folder says of its origin."""
    tool = project.origin or "a tool that does not say its name"
    lines = [
        f"# {facts.title or project.name}", "",
        f"Imported from {project.name!r}, written by {tool}.", "",
        f"Map of codes reviewed by {', '.join(reviewed.by)}.", "",
        "A segment without a row in codings.csv was given no code; that is not the same as no stance.", "",
        *(f"- {line}" for line in report.lines()), "",
        *(f"- {each}" for each in project.calibrations), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _framework_name(framework: Framework, facts: CorpusFacts, folder: Path) -> str:
    """Return what corpus.toml calls the framework, its file copied where it is not shipped."""
    if framework.id in shipped_framework() and read_framework(framework.id).sha256 == framework.sha256:
        return framework.id
    if facts.framework_file is None:
        remedy = "give its file as facts.framework_file, to be copied into the folder"
        raise ExchangeError(
            f"The framework {framework.id} is not one that is shipped; nothing was written", remedy=remedy
        )
    shutil.copyfile(facts.framework_file, folder / "framework.toml")
    return "framework.toml"


def _write_manifest(
    folder: Path, project: CodedProject, facts: CorpusFacts, settings: Mapping[str, str]
) -> None:
    """Write corpus.toml with the hashes of all files."""
    origin = project.origin or "another tool"
    values = {
        "name": facts.name or re.sub(r"\W+", "_", project.name).strip("_") or "imported",
        "title": facts.title or project.name or "Imported project", "genre": settings["genre"],
        "composed": facts.composed, "framework": settings["framework"], "licence": facts.licence,
        "citation": facts.citation or f"{project.name or 'Imported project'} [project of {origin}]",
        "coding": facts.coding or f"Coded in {origin}; codes mapped to the framework as DATASHEET.md says.",
        "cluster": settings["cluster"],
    }  # fmt: skip
    # a JSON string is a TOML string too, but for the delete character, which TOML asks to be escaped
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for key, value in values.items()
    ]
    write_atomically(folder / MANIFEST, "\n".join([*lines, "", "[files]", ""]))
    register(folder)


def _try(folder: Path, out: Path) -> None:
    """Open the folder as a corpus; what consent says comes later, when somebody opens it for a purpose."""
    try:
        open_corpus(folder, as_of=_CHECK_DAY)
    except ConsentError:
        return
    except CorpusError as error:
        raise ExchangeError(f"{out} would be no sound corpus; nothing was written", error.problems) from None
