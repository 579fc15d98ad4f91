"""Opening a corpus: manifest, hashes, tables, texts and last the consent gate, each checked whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from peercompare.consent.asking import POLICIES, Consents, checked_day, checked_purposes
from peercompare.corpus import checks
from peercompare.corpus.corpus import CONTESTED, GONE, Corpus
from peercompare.corpus.folder import (
    CODERS,
    CONSENTS,
    CONTESTS,
    MANIFEST,
    REMOVALS,
    TABLES,
    Manifest,
    decode,
    how_to_register,
    read_files,
    read_manifest,
    read_table,
)
from peercompare.corpus.policies import nobody_left_out, through_gate
from peercompare.corpus.schemas import (
    TableSchema,
    codings_schema,
    consents_schema,
    documents_schema,
    further_schemas,
    is_spoken,
    segments_schema,
    table_problems,
)
from peercompare.errors import ConsentError, CorpusError, Problem
from peercompare.framework import Framework, read_framework
from peercompare.framework.reading import parse_framework
from peercompare.safekeeping.access_log import Access
from peercompare.safekeeping.recording import recorder_of
from peercompare.safekeeping.store import read_file
from peercompare.safekeeping.transactions import read_whole


def open_corpus(
    path: str | Path,
    *,
    purpose: str | Iterable[str] = "analysis",
    as_of: date | str | None = None,
    policy: str = "exclude",
    framework: Framework | None = None,
) -> Corpus:
    """Open a corpus folder for a purpose, past the consent gate.

    Files are compared with their hashes, tables are validated, and everybody who speaks in a document is
    asked, in consents.csv, whether consent covers the purpose on the day. Encrypted files are decrypted in
    memory. Where real people speak the opening is recorded in the corpus's audit log, allowed or refused;
    else nothing on disk is changed. A change of the folder that was broken off is finished or undone first.

    Parameters
    ----------
    path : str or Path
        The corpus folder; corpora/README.md tells what is in one.
    purpose : str or iterable of str, default "analysis"
        One or more of `PURPOSES`; consent must cover each.
    as_of : date or str, optional
        The day on which consent must hold, as a date or ``YYYY-MM-DD``. Required where people speak: the day
        of reading would change results from one day to the next.
    policy : {"exclude", "raise", "redact"}, default "exclude"
        Where consent is lacking: leave the whole document out, stop, or black out that person's turns and
        drop their segments, the offsets of everybody else staying right. Others who quote or name the person
        are not found.
    framework : Framework, optional
        By default the one that corpus.toml names.

    Returns
    -------
    Corpus
        With `left_out` filled: what the gate left out is counted and shown, never silent.

    Raises
    ------
    CorpusError
        Lists every fault of manifest, hashes, tables or texts; or the folder is encrypted and its key absent
        or wrong.
    ConsentError
        Where no day is given, a consent record is faulty, the policy is "raise" and consent is lacking,
        consent leaves nothing to open, or the opening cannot be recorded.
    """
    folder, purposes, day = Path(path), checked_purposes(purpose), checked_day(as_of)
    if policy not in POLICIES:
        raise ConsentError(f"{policy!r} is not a policy", remedy=f"policies are {', '.join(POLICIES)}")
    read_manifest(folder)
    found = read_whole(folder, lambda: _read(folder, framework))
    material = _material(folder, found)
    consents = _consents(material, day, folder)
    how = _Opening(folder, found.framework, purposes, day, policy)
    return _recorded(_whole(material, found.manifest, consents, how))


def _recorded(corpus: Corpus) -> Corpus:
    """Return what passes the gate, once the audit log says so; a refusal is recorded too."""
    access = Access("open", corpus.purposes, as_of=corpus.as_of, policy=corpus.policy)
    try:
        passed = through_gate(corpus)
    except ConsentError as error:
        reasons = Counter(problem.what for problem in error.problems)
        documents = corpus.documents["document_id"]
        corpus.recorder.record(replace(access, documents=documents, allowed=False, reasons=reasons))
        raise
    cases = passed.left_out.groupby(["purpose", "reason"])["document_id"].nunique()
    reasons = {f"{purpose}: {reason}": int(n) for (purpose, reason), n in cases.items()}
    corpus.recorder.record(replace(access, documents=passed.documents["document_id"], reasons=reasons))
    return passed


@dataclass(frozen=True)
class _Found:
    """A folder's files as they stand at one moment."""

    manifest: Manifest
    framework: Framework
    contents: Mapping[str, bytes]
    registry: str


def _read(folder: Path, framework: Framework | None) -> _Found:
    """Read the files of a folder, which nobody changes meanwhile."""
    manifest = read_manifest(folder)
    framework = own_framework(manifest, folder) if framework is None else framework
    registry = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    _check_genre(folder, manifest, framework)
    return _Found(manifest, framework, read_files(folder, manifest), registry)


@dataclass(frozen=True)
class _Opening:
    """How a corpus was asked for."""

    folder: Path
    framework: Framework
    purposes: tuple[str, ...]
    day: date | None
    policy: str


@dataclass(frozen=True)
class _Material:
    """Everything in a folder, sound but not yet past the gate: tables of strings and texts by document id."""

    tables: Mapping[str, pd.DataFrame]
    texts: Mapping[str, str]
    registry: str


def own_framework(manifest: Manifest, folder: Path) -> Framework:
    """Read the framework that a corpus names: a shipped one, or a .toml file beside its tables."""
    if not manifest.framework.endswith(".toml"):
        return read_framework(manifest.framework)
    if (content := read_file(folder, manifest.framework)) is None:
        return read_framework(folder / manifest.framework)
    return parse_framework(Path(manifest.framework).name, content)


def _check_genre(folder: Path, manifest: Manifest, framework: Framework) -> None:
    """Raise where the framework does not know the genre of a corpus."""
    if manifest.genre not in framework.unit_of_analysis:
        known = ", ".join(framework.unit_of_analysis)
        fault = Problem(
            MANIFEST, f"the framework {framework.id} has no genre {manifest.genre!r}", f"genres: {known}"
        )
        raise CorpusError(f"{folder} cannot be opened", [fault], remedy=f"mend it in {MANIFEST}")


def _material(folder: Path, found: _Found) -> _Material:
    """Check all of a folder except who consents to what."""
    contents, manifest, framework = found.contents, found.manifest, found.framework
    tables, problems = _tables(contents, manifest, framework)
    _stop(folder, problems)
    documents = tables["documents.csv"]
    if documents.empty:
        remedy = "add a row for each document, with its text"
        raise CorpusError(
            f"{folder} is an empty corpus",
            [Problem("documents.csv", "it has no document", remedy)],
            remedy=f"mend the files; {how_to_register(folder)}",
        )
    names = {document_id: checks.text_name(document_id) for document_id in documents["document_id"]}
    _stop(folder, checks.text_file_problems(documents, contents))
    decoded, problems = decode(contents, names.values())
    _stop(folder, problems)
    texts = {document_id: decoded[name] for document_id, name in names.items()}
    _stop(folder, _relations(tables, texts, spoken=is_spoken(framework, manifest.genre, documents)))
    return _Material(tables, texts, found.registry)


def _tables(
    contents: Mapping[str, bytes], manifest: Manifest, framework: Framework
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Read the tables and check each by itself."""
    texts, problems = decode(contents, [name for name in TABLES if name in contents])
    read = {name: read_table(text, name) for name, text in texts.items()}
    documents = read["documents.csv"][0] if "documents.csv" in read else pd.DataFrame()
    spoken = is_spoken(framework, manifest.genre, documents)
    schemas: dict[str, TableSchema] = {
        "documents.csv": documents_schema(framework, spoken=spoken, cluster=manifest.cluster),
        "segments.csv": segments_schema(spoken=spoken),
        "codings.csv": codings_schema(framework),
        CONSENTS: consents_schema(),
        **further_schemas(framework),
    }
    tables = {name: pd.DataFrame(columns=list(schemas[name].columns), dtype="str") for name in TABLES}
    for name, (table, faults) in read.items():
        # Spreadsheets and tables of truth values spell true and false in capitals.
        plain = table.assign(is_primary=table["is_primary"].str.lower()) if "is_primary" in table else table
        problems += faults or table_problems(plain, schemas[name])
        tables[name] = plain
    if spoken and CONSENTS not in contents:
        problems.append(Problem(CONSENTS, "the file is absent, and people speak in the texts", "add it"))
    return tables, problems


def _relations(
    tables: Mapping[str, pd.DataFrame], texts: Mapping[str, str], *, spoken: bool
) -> list[Problem]:
    """Return the faults that only show between tables and texts."""
    documents, segments = tables["documents.csv"], tables["segments.csv"]
    problems = checks.text_problems(documents, texts, spoken=spoken)
    misplaced = checks.segment_problems(segments, documents, texts, spoken=spoken)
    problems += misplaced
    if {"worker_id", "speakers"} <= set(documents.columns):
        faulty = {problem.where for problem in misplaced}
        problems += checks.worker_problems(documents, segments, tables["codings.csv"], faulty)
    problems += checks.coding_problems(tables["codings.csv"], segments)
    for name in ("role_types.csv", "markers.csv"):
        problems += checks.document_table_problems(tables[name], name, documents)
    problems += checks.contest_problems(tables[CONTESTS], segments, documents)
    return problems + checks.marker_problems(tables["markers.csv"], segments)


def _stop(folder: Path, problems: Sequence[Problem]) -> None:
    """Raise where there are faults."""
    if problems:
        raise CorpusError(
            f"{folder} cannot be opened", problems, remedy=f"mend the files; {how_to_register(folder)}"
        )


def _consents(material: _Material, day: date | None, folder: Path) -> Consents:
    """Return the consent records; there are people to ask where documents.csv has a column ``speakers``."""
    records, documents = material.tables[CONSENTS], material.tables["documents.csv"]
    if "speakers" in documents.columns:
        if day is None:
            remedy = "name the day on which consent must hold: as_of (on the command line: --as-of DAY)"
            raise ConsentError(
                f"People speak in {folder}, and no day was given for their consent", remedy=remedy
            )
        problems = checks.consent_problems(records, documents)
        if problems:
            raise ConsentError(
                f"The consent records of {folder} cannot be used",
                problems,
                remedy="mend consents.csv, or the column speakers of documents.csv; consents.csv has no hash",
            )
    return Consents(records.set_index("person_id"))


def _whole(material: _Material, manifest: Manifest, consents: Consents, how: _Opening) -> Corpus:
    """Return the corpus as it stands in its folder, nobody asked yet."""
    tables = material.tables
    documents = _typed_documents(material, manifest)
    outcome = consents.outcome(how.day) if how.day else ""
    stamp = [
        material.registry,
        how.framework.sha256,
        how.policy,
        " ".join(how.purposes),
        str(how.day),
        outcome,
    ]
    return Corpus(
        name=manifest.name, title=manifest.title, genre=manifest.genre, composed=manifest.composed,
        cluster=manifest.cluster, licence=manifest.licence, citation=manifest.citation, folder=how.folder,
        framework=how.framework, purposes=how.purposes, as_of=how.day, policy=how.policy,
        sha256=hashlib.sha256("\n".join(stamp).encode("utf-8")).hexdigest(), documents=documents,
        segments=_typed_segments(material),
        codings=tables["codings.csv"].assign(is_primary=tables["codings.csv"]["is_primary"] == "true"),
        role_types=tables["role_types.csv"], markers=tables["markers.csv"],
        events=tables["events.csv"].assign(date=pd.to_datetime(tables["events.csv"]["date"],
        format="%Y-%m-%d")), left_out=nobody_left_out(), consents=consents,
        gone=_gone_since(tables[REMOVALS], how.day), contests=tables[CONTESTS][list(CONTESTED)],
        coders=tables[CODERS],
        recorder=recorder_of(how.folder, manifest.name, composed=manifest.composed),
    )  # fmt: skip


def _gone_since(removals: pd.DataFrame, day: date | None) -> pd.DataFrame:
    """Return the removals after a day: words that were there on it and are not in the folder any more."""
    after = removals["removed_on"] > ("" if day is None else day.isoformat())
    counts = {name: "int64" for name in ("n_turns", "n_segments")}
    return removals.loc[after & (day is not None), list(GONE)].astype(counts).reset_index(drop=True)


def _typed_documents(material: _Material, manifest: Manifest) -> pd.DataFrame:
    """Return documents with their date as a date and corpus, genre and text joined on."""
    documents = material.tables["documents.csv"]
    return documents.assign(
        date=pd.to_datetime(documents["date"], format="%Y-%m-%d"),
        corpus=manifest.name,
        genre=manifest.genre,
        text=documents["document_id"].map(material.texts).astype("str"),
    )


def _typed_segments(material: _Material) -> pd.DataFrame:
    """Return segments in the order of documents and text, with numbers for offsets and the text joined on."""
    table = material.tables["segments.csv"]
    order = {
        document_id: at for at, document_id in enumerate(material.tables["documents.csv"]["document_id"])
    }
    table = table.assign(**{name: table[name].astype("int64") for name in ("position", "start", "end")})
    at = table["document_id"].map(order).astype("int64")
    table = (
        table.assign(_at=at)
        .sort_values(["_at", "position"], kind="stable", ignore_index=True)
        .drop(columns="_at")
    )
    words = [
        material.texts[document_id][start:end]
        for document_id, start, end in zip(table["document_id"], table["start"], table["end"], strict=True)
    ]
    return table.assign(text=pd.Series(words, index=table.index, dtype="str"))
