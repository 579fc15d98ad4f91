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
from peercompare.corpus.schemas import consents_schema, table_problems
from peercompare.errors import ConsentError, CorpusError, ExchangeError
from peercompare.exchange.code_map import CodeMap, mapped_codes, read_code_map
from peercompare.exchange.left_behind import left_behind
from peercompare.exchange.overlap import OverlapRule, Placed, place_spans
from peercompare.exchange.project import CodedProject, NotCarried, code_paths
from peercompare.exchange.project_documents import (
    CorpusFacts,
    documents_of,
    own_cluster,
    told_likeness,
)
from peercompare.files import make_private, write_atomically, write_table
from peercompare.framework import Framework, read_framework, shipped_framework
from peercompare.readers.datasheet import for_review_board
from peercompare.segments import cut_segments
from peercompare.sheets import guarded

LEFT_OVER = "left_over.csv"
"""The file of a corpus folder that lists spans which are not one coding of one segment."""

COLUMNS = ("document_id", "start", "end", "coder_id", "their_code", "our_code", "became", "why")
"""Columns of that file: places in code points, end exclusive; no word that anybody said or wrote."""

_CHECK_DAY = "2000-01-01"


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
        What the reader had left behind before, and what a corpus folder has no place for.
    likeness : tuple of str
        What is to be said of documents that are the same, or nearly, and of the groups that share them.
    """

    folder: Path
    n_documents: int
    n_segments: int
    rule: OverlapRule
    placed: Placed
    not_carried: tuple[NotCarried, ...]
    likeness: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.folder}: {self.n_documents} documents, {self.n_segments} segments", *self.lines()]
        )

    def lines(self) -> list[str]:
        """Return the account of spans, line by line."""
        placed = self.placed
        return [
            str(self.rule),
            f"{_n(len(placed.codings), 'coding')} from {_n(placed.n_spans, 'span')}",
            f"{_n(placed.n_split, 'span was', 'spans were')} split, giving a code to several segments",
            f"{_n(len(placed.left_over), 'span was', 'spans were')} left over: no segment took the code",
            f"{_n(placed.n_ignored, 'span was', 'spans were')} ignored, as the map of codes says",
            f"{_n(placed.n_merged, 'time')} a coder's spans gave one code to one segment again",
            f"{_n(placed.n_beyond, 'code was', 'codes were')} dropped beyond the further ones of a segment",
            f"{_n(placed.n_tied, 'primary code is', 'primary codes are')} so by the framework's order alone",
            f"{_n(placed.n_tags_alone, 'tag was', 'tags were')} dropped where a segment got no code",
            *([f"{LEFT_OVER} lists the spans left over, split or dropped"] if placed.remarks else []),
            *self.likeness,
            *(f"not carried: {each}" for each in self.not_carried),
        ]


def _n(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count} {one if count == 1 else many or one + 's'}"


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
    documents, cluster = documents_of(project, framework, genre, facts)
    segments = cut_segments(documents, framework, genre)
    ids = dict(zip(documents["_source"], documents["document_id"], strict=True))
    at_home = segments.assign(
        document_id=segments["document_id"].map({ours: theirs for theirs, ours in ids.items()})
    )
    coders = _coders(project)
    placed = place_spans(
        project.spans, {each.id: each.text for each in project.documents}, at_home,
        ours=ours, coders=coders, framework=framework, rule=rule,
    )  # fmt: skip
    told = told_likeness(documents, own_cluster(framework, genre, documents, facts))
    lost = (*project.not_carried, *left_behind(project))
    report = ImportReport(out, len(documents), len(segments), rule, placed, lost, told)
    consents = _consents(facts.consents, documents)
    with _new_folder(out) as folder:
        _write(folder, documents, segments, placed)
        if placed.remarks:
            write_table(_left_over(project, placed, ids, coders, ours), folder / LEFT_OVER)
        if consents is not None:
            write_table(_inert(consents), folder / CONSENTS)
        board = for_review_board(spoken=consents is not None, reviewed=framework.reviewed_in_words())
        about = "\n".join([_datasheet(project, facts, report, reviewed), *board[1:], ""])
        write_atomically(folder / "DATASHEET.md", about)
        named = _framework_name(framework, facts, folder)
        _write_manifest(folder, project, facts, {"genre": genre, "cluster": cluster, "framework": named})
        _try(folder, out)
    return report


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
        make_private(temporary)
        temporary.rename(out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _left_over(
    project: CodedProject, placed: Placed, ids: Mapping[str, str], coders: Mapping[str, str],
    ours: Mapping[str, str],
) -> pd.DataFrame:  # fmt: skip
    """Return the spans left over, split or dropped as a table without a word of anybody."""
    paths = code_paths(project.codes)
    rows = [
        (
            ids[each.span.document_id], each.span.start, each.span.end, coders[each.span.coder_id],
            paths[each.span.code_id], ours[each.span.code_id], each.became, each.why,
        )
        for each in placed.remarks
    ]  # fmt: skip
    return _inert(pd.DataFrame(rows, columns=list(COLUMNS)))


def _inert(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without a cell that a spreadsheet would run as a formula."""
    return table.map(lambda cell: guarded(cell) if isinstance(cell, str) else cell)


def _write(folder: Path, documents: pd.DataFrame, segments: pd.DataFrame, placed: Placed) -> None:
    """Write tables and texts."""
    for row in documents.to_dict("records"):
        write_atomically(folder / text_name(row["document_id"]), row["text"])
    write_table(_inert(documents.drop(columns=["text", "_source"])), folder / "documents.csv")
    write_table(segments.drop(columns="text"), folder / "segments.csv")
    primary = placed.codings["is_primary"].map({True: "true", False: "false"}).astype("str")
    write_table(_inert(placed.codings.assign(is_primary=primary)), folder / "codings.csv")


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
        remedy = "give its .toml file (--framework FILE, facts.framework_file), to be copied into the folder"
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
