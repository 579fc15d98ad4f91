"""Packing a study that has been run: what goes in, in which form, and the note that a withdrawal reads."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from peercompare.corpus import Corpus
from peercompare.corpus.folder import MANIFEST as CORPUS_MANIFEST
from peercompare.corpus.folder import with_hashes
from peercompare.errors import StudyError
from peercompare.files import csv_text, refuse_to_overwrite, write_atomically
from peercompare.packing.bag import PAYLOAD, TAG_HASHES, bagged
from peercompare.packing.crate import CRATE, crate
from peercompare.packing.descriptor import DESCRIPTOR, descriptor
from peercompare.packing.readme import readme
from peercompare.packing.rows import corpus_folder, rows_of
from peercompare.packing.sharing import PURPOSE, Handed, handed_on
from peercompare.packing.toml import packaged_settings, settings_text
from peercompare.study.manifest import MANIFEST, lock_file, manifest_text, read_manifest_file, result_tables
from peercompare.study.numbers import table_of
from peercompare.study.runner import TABLES, need_results
from peercompare.study.study import Study
from peercompare.withdrawal.results import note_package

PACKAGE, FORMAT, VERSION = "package.json", "peercompare replication package", 1

PRIVATE_TABLES = ("terms", "composition_terms")
"""Published tables that show words: they and their numbers go only where nobody's words are held back."""


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Parameters
    ----------
    path : Path
        The package.
    n_files : int
        Files in its payload.
    handed : mapping of str to Handed
        What of each corpus went into it.
    """

    path: Path
    n_files: int
    handed: Mapping[str, Handed]


def pack_study(
    study: Study, out: str | Path, *, day: date | None = None, obeyed: Collection[str] = ()
) -> Packed:
    """Build a replication package of a study whose results are up to date.

    The package is a BagIt bag with RO-Crate and Frictionless metadata. It holds the study file with relative
    paths, the manifest, the published tables, the lock file, the documents whose people all agreed to
    sharing, and, of a composed corpus or one of which nothing is held back, rows of single segments without
    words from which the numbers can be made again. No model, log, key, remark, contest's reason or feedback
    on a worker goes in; people are numbers.

    Parameters
    ----------
    study : Study
        Run to its end.
    out : str or Path
        A folder that is not there yet, or a new ``.zip``.
    day : date, optional
        The day on which consent must cover sharing, and of publication; by default today, or the study's own
        day where nobody real speaks in any of its corpora, so that the package is the same tomorrow.
    obeyed : collection of str
        Terms of the Data Use Ontology that the packer sees to, see `handed_on`.

    Returns
    -------
    Packed

    Raises
    ------
    InputError
        Where `out` exists.
    StudyError
        Where the results are absent or out of date.
    ConsentError
        Where the audit log cannot be written, or for an unknown term.
    """
    out = Path(out)
    refuse_to_overwrite(out)
    _need_results(study)
    day = day or _usual_day(study)
    corpora = study.open_corpora()
    handed = {name: handed_on(corpus, day=day, obeyed=obeyed) for name, corpus in corpora.items()}
    files = package_files(study, handed, day=day)
    for name, corpus in corpora.items():
        corpus.record("share", PURPOSE, handed[name].words)
    # Noted first: a package that nobody knows of could not be taken back.
    digest = hashlib.sha256(files[TAG_HASHES]).hexdigest()
    note_package(study.results, out.name, digest, study.whose_words())
    write_package_files(files, out)
    return Packed(out, sum(name.startswith(f"{PAYLOAD}/") for name in files), handed)


def package_files(study: Study, handed: Mapping[str, Handed], *, day: date) -> dict[str, bytes]:
    """Return every file of a package by path, the same for the same study and day.

    Parameters
    ----------
    study : Study
        Run to its end.
    handed : mapping of str to Handed
        What of each corpus goes, by its name.
    day : date
        Of publication.
    """
    facts = {
        "External-Description": " ".join(study.settings.study.title.split()),
        "Bagging-Date": day.isoformat(),
        "Bag-Software-Agent": f"peercompare {version('peercompare')}",
    }
    return bagged(_payload(study, handed, day), facts)


def _need_results(study: Study) -> None:
    """Raise where a study was not run to its end since something changed."""
    from peercompare.study.stages import STAGES

    need_results(study, STAGES, before=STAGES[-1].name)
    if not (study.results / MANIFEST).is_file():
        raise StudyError(
            f"The results of {study.path.name} have no {MANIFEST}", remedy=f"peercompare run {study.path}"
        )


def _usual_day(study: Study) -> date:
    """Return the study's own day where nobody real speaks, else today."""
    corpora = study.open_corpora().values()
    real = any("speakers" in each.documents and not each.composed for each in corpora)
    return date.today() if real else study.settings.study.as_of


def _payload(study: Study, handed: Mapping[str, Handed], day: date) -> dict[str, bytes]:
    """Return everything that goes into the package, by path."""
    shared = all(each.whole for each in handed.values())
    tables, files = _result_tables(study, shared)
    for name, corpus in study.open_corpora().items():
        found, more = _of_corpus(study, corpus, handed[name])
        tables |= found
        files |= more
    own = _framework_file(study)
    files |= own
    paths = [f"corpora/{name}" for name in study.open_corpora()]
    named = next(iter(own), study.settings.study.framework)
    outside, scores = _outside(study, handed)
    files |= scores
    settings = packaged_settings(study.settings, paths, framework=named, outside=outside)
    files["study.toml"] = settings_text(settings).encode("utf-8")
    manifest = _packaged_manifest(study, handed, set() if shared else set(PRIVATE_TABLES))
    files[MANIFEST] = manifest_text(manifest).encode("utf-8")
    files |= _environment(manifest)
    files[PACKAGE] = _description(study, handed).encode("utf-8")
    files["README.md"] = readme(study, handed).encode("utf-8")
    files |= {name: csv_text(table).encode("utf-8") for name, table in tables.items()}
    facts = _facts(study, day)
    files[DESCRIPTOR] = descriptor(tables, files, facts).encode("utf-8")
    files[CRATE] = crate(files, facts, _SAID).encode("utf-8")
    return files


_SAID = {
    "README.md": "What is in the package, what was held back and why, how to verify it, what it is not for",
    "study.toml": "The questions of the study",
    MANIFEST: "Inputs, seeds, versions and every number with its tolerance",
    PACKAGE: "What of each corpus is in the package, for programs",
    DESCRIPTOR: "The tables, column by column",
    "environment/requirements.lock": "The exact packages, with hashes",
}


def _result_tables(study: Study, shared: bool) -> tuple[dict[str, pd.DataFrame], dict[str, bytes]]:
    """Return the published tables as CSV to be, and in the form that keeps their types."""
    tables, files = {}, {}
    for name, table in result_tables(study.results).items():
        if name not in PRIVATE_TABLES or shared:
            tables[f"results/{TABLES}/{name}.csv"] = table
            path = f"{TABLES}/{name}.parquet"
            files[f"results/{path}"] = (study.results / path).read_bytes()
    return tables, files


def _of_corpus(
    study: Study, corpus: Corpus, handed: Handed
) -> tuple[dict[str, pd.DataFrame], dict[str, bytes]]:
    """Return what goes of one corpus: the folder with its words, and the rows without."""
    from peercompare.study.runner import read_result_table

    tables, files = {}, {}
    if handed.words:
        found = corpus_folder(corpus, handed)
        tables |= {f"corpora/{corpus.name}/{name}.csv": table for name, table in found.items()}
        own = _texts(corpus, handed, found, framework=_framework_file(study))
        files |= {f"corpora/{corpus.name}/{name}": data for name, data in own.items()}
    if handed.rows:
        predictions = read_result_table(study.results, "predictions")
        mine = predictions[predictions["corpus"] == corpus.name]
        rows = rows_of(corpus, handed, mine)
        tables |= {f"derived/{corpus.name}/{name}.csv": table for name, table in rows.items()}
        files[f"derived/{corpus.name}/predictions.parquet"] = mine.to_parquet(index=False)
    return tables, files


def _texts(
    corpus: Corpus, handed: Handed, tables: Mapping[str, pd.DataFrame], *, framework: dict[str, bytes]
) -> dict[str, bytes]:
    """Return texts, datasheet, framework and corpus.toml of a packaged corpus folder."""
    texts = dict(zip(corpus.documents["document_id"], corpus.documents["text"], strict=True))
    own = {f"texts/{name}.txt": texts[name].encode("utf-8") for name in handed.words}
    own |= framework
    own["DATASHEET.md"] = _datasheet(corpus, handed).encode("utf-8")
    registered = {f"{name}.csv": csv_text(table) for name, table in tables.items() if name != "consents"}
    hashed = {**own, **{name: text.encode("utf-8") for name, text in registered.items()}}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(hashed.items())}
    keys = ("name", "title", "genre", "composed", "licence", "citation", "cluster")
    lines = [f"{key} = {json.dumps(getattr(corpus, key), ensure_ascii=False)}" for key in keys]
    lines.append(f"framework = {json.dumps(next(iter(framework), corpus.framework.id))}")
    lines.append('coding = "as in the study; coders\' remarks stayed behind"')
    own[CORPUS_MANIFEST] = with_hashes("\n".join(lines), hashes).encode("utf-8")
    return own


def _datasheet(corpus: Corpus, handed: Handed) -> str:
    """Return what is to be known of the packaged part of a corpus."""
    origin = "Its texts were composed; no real person speaks in them." if corpus.composed else ""
    return (
        f"# {corpus.title}\n\nThe part of the corpus `{corpus.name}` whose words may be handed on: "
        f"{len(handed.words)} of {len(corpus.documents)} documents of the study. {origin}\n\n"
        f"Licence: {corpus.licence}. To cite: {corpus.citation}\n\n"
        "The corpus itself, with its own datasheet, is kept by those who made it. Not for hiring, discipline "
        "or pay.\n"
    )


def _outside(study: Study, handed: Mapping[str, Handed]) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the files of scores from outside, which are about sites, where rows of their corpus go."""
    named, files = {}, {}
    for corpus, section in study.sections():
        if section.context is not None and section.context.external and handed[corpus.name].rows:
            path = f"outside/{corpus.name}.csv"
            files[path] = (study.folder / section.context.external).read_bytes()
            named[f"corpora/{corpus.name}"] = path
    return named, files


def _packaged_manifest(study: Study, handed: Mapping[str, Handed], stay: Collection[str]) -> dict:
    """Return the manifest as it goes: nothing of tables that stay: ids of numbers hold their words."""
    found = read_manifest_file(study.results / MANIFEST)
    return {
        **found,
        "study": {**found["study"], "file": "study.toml"},
        "inputs": [each for each in found["inputs"] if _may_be_told(each["path"], handed)],
        "tables": [each for each in found["tables"] if each["name"] not in stay],
        "numbers": [each for each in found["numbers"] if table_of(each["id"]) not in stay],
    }


def _may_be_told(path: str, handed: Mapping[str, Handed]) -> bool:
    """Say whether a package may tell the name and hash of a file that the study read."""
    name, _, rest = path.partition("/")
    if name not in handed:
        return True
    if rest.startswith("texts/"):
        return rest.removeprefix("texts/").removesuffix(".txt") in handed[name].words
    return rest not in ("consents.csv", "contests.csv")


def _framework_file(study: Study) -> dict[str, bytes]:
    """Return the study's own framework, where it is not one that peercompare ships."""
    named = study.settings.study.framework
    return {"framework.toml": (study.folder / named).read_bytes()} if named.endswith(".toml") else {}


def _environment(manifest: Mapping) -> dict[str, bytes]:
    """Return the lock file, where there is one, and the versions of the run."""
    said = json.dumps(manifest["versions"], indent=1).encode("utf-8") + b"\n"
    lock = lock_file()
    locked = {} if lock is None else {"environment/requirements.lock": lock.read_bytes()}
    return {**locked, "environment/versions.json": said}


def _description(study: Study, handed: Mapping[str, Handed]) -> str:
    """Return what a program needs to verify the package."""
    corpora = [
        {
            "name": corpus.name, "title": corpus.title, "genre": corpus.genre, "composed": corpus.composed,
            "cluster": corpus.cluster, "licence": corpus.licence, "citation": corpus.citation,
            "as_of": "" if corpus.as_of is None else corpus.as_of.isoformat(), "policy": corpus.policy,
            "n_documents": len(corpus.documents), "n_with_words": len(handed[corpus.name].words),
            "rows": handed[corpus.name].rows, "brought_predictions": section.predictions is not None,
            "held_back": _few(corpus, handed[corpus.name]),
        }
        for corpus, section in study.sections()
    ]  # fmt: skip
    return json.dumps(
        {"format": FORMAT, "format_version": VERSION, "corpora": corpora}, indent=1, ensure_ascii=False
    )


def _few(corpus: Corpus, handed: Handed) -> dict[str, int]:
    """Return how many documents are held back, by reason only where nobody real could be told by it."""
    if corpus.composed or not handed.held_back:
        return handed.reasons
    return {"not everybody in them agreed, or a term forbids it": len(handed.held_back)}


def _facts(study: Study, day: date) -> dict[str, str]:
    """Return what the metadata say of the whole."""
    corpora = study.open_corpora().values()
    return {
        "name": study.settings.study.title,
        "description": (
            "Replication package of a study of peer, overlap and clinical practice, made with peercompare. "
            "Not for hiring, discipline or pay."
        ),
        "licence": "; ".join(f"corpus {each.name}: {each.licence}" for each in corpora),
        "published": day.isoformat(),
        "version": version("peercompare"),
    }


def write_package_files(files: Mapping[str, bytes], out: Path) -> None:
    """Write a package as a folder, or as an archive where the name ends in .zip, whole or not at all."""
    if out.suffix == ".zip":
        write_atomically(out, _zipped(files, out.stem))
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    try:
        for name, data in files.items():
            write_atomically(part / name, data)
        part.chmod(0o755)
        os.rename(part, out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return an archive in which nothing depends on the clock or on who made it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return stream.getvalue()
