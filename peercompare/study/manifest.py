"""A study's manifest: what went in, and every number that came out, so that somebody else can check it.

It holds no time of day, no path and no name of a machine: the same study gives the same bytes again.
"""

from __future__ import annotations

import json
import platform
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import peercompare
from peercompare.corpus import read_manifest
from peercompare.errors import Problem, StudyError
from peercompare.files import sha256_of
from peercompare.study.numbers import (
    AGREES,
    TOLERANCES,
    WHY,
    Tolerance,
    by_row,
    key_columns,
    numbers_of,
    one_by_one,
    table_hash,
    value_columns,
)
from peercompare.study.runner import LIBRARIES, STAMPS, TABLES, Bench, read_result_table, read_stamp

if TYPE_CHECKING:
    from peercompare.study.study import Study

MANIFEST = "manifest.json"
FORMAT = "peercompare manifest"
VERSION = 2
LOCK = "requirements.lock"

SHOWING = ("figures", "notebooks", "report", "manifest")
"""Stages that show numbers and make none, but for counts of what is withheld."""

ALL, MAIN = "all", "main"
"""Scopes: every number of every table; or those a reader quotes, few enough to keep under version control."""

DRAWN = ".data.csv"
"""Ending of the rows that a figure shows, beside it."""

_TOP = ("study", "versions", "tables", "figures", "inputs", "tolerances", "numbers")


def write_manifest(bench: Bench) -> None:
    """Write the manifest of a study that has been run, as its last stage."""
    bench.write_file(manifest_text(make_manifest(bench.study)), MANIFEST)


def make_manifest(study: Study, *, scope: str = ALL, keys: Mapping[str, Sequence[str]] | None = None) -> dict:
    """Describe a study's inputs and results as they stand in its results folder.

    Parameters
    ----------
    study : Study
        Run, as far as it is to be described: stages that were not run are not in it.
    scope : {"all", "main"}
        Which numbers, see `ALL`. "main" holds estimates, shares and their intervals, of wholes alone: no
        groups, dimensions, labels, variants, days or single documents, no counts and no figures.
    keys : mapping of str to sequence of str, optional
        By table, the columns that tell its rows apart in the manifest that this one is to be compared with.

    Returns
    -------
    dict
        Plain, in an order of its own, each number by itself; `manifest_text` writes it, rows together.
    """
    wanted = study.settings.study
    facts = {
        "title": wanted.title,
        "as_of": str(wanted.as_of),
        "consent_policy": wanted.consent_policy,
        "confidence_level": wanted.confidence_level,
        "file": study_file_from(study),
    }
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "scope": scope,
        "study": facts,
        "seeds": {"study": wanted.seed},
        "lock": lock_hash(),
        "framework": {"id": study.framework.id, "sha256": study.framework.sha256},
        "inputs": inputs_of(study),
        "tolerances": {"agrees": AGREES, "chosen": WHY, **{k: asdict(v) for k, v in TOLERANCES.items()}},
        **describe_results(study.results, scope=scope, keys=keys),
    }


def describe_results(
    results: Path, *, scope: str = ALL, keys: Mapping[str, Sequence[str]] | None = None
) -> dict:
    """Return the part of a manifest that results alone tell: ``versions, tables, figures, numbers``."""
    stages = _stages_of(results)
    tables = {
        name: part
        for name, table in result_tables(results).items()
        if scope == ALL or stages.get(name) not in SHOWING
        if (part := _in_scope(table, scope)) is not None
    }
    told = {name: _keys(table, (keys or {}).get(name)) for name, table in tables.items()}
    return {
        "versions": versions(),
        "tables": [
            {
                "name": name,
                "stage": stages.get(name, ""),
                "n_rows": len(table),
                "keys": told[name],
                "sha256": table_hash(table),
            }
            for name, table in tables.items()
        ],
        "figures": figures_of(results) if scope == ALL else [],
        "numbers": [
            number
            for name, table in tables.items()
            for number in numbers_of(name, table, told[name], stage=stages.get(name, ""))
        ],
    }


def manifest_text(manifest: Mapping[str, object]) -> str:
    """Return a manifest as JSON, a line for each row of a table, so that two can be compared line by line."""
    parts = []
    rows = by_row(manifest["numbers"], _tolerances(manifest))
    for key, value in {**manifest, "numbers": rows}.items():
        if isinstance(value, list) and value:
            lines = ",\n".join("  " + json.dumps(each, ensure_ascii=False, allow_nan=False) for each in value)
            shown = f"[\n{lines}\n ]"
        else:
            shown = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2).replace("\n", "\n ")
        parts.append(f" {json.dumps(key)}: {shown}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read_manifest_file(path: str | Path) -> dict:
    """Read a manifest.

    Raises
    ------
    StudyError
        Where there is none, it is no manifest, or it is of a format that this version does not read.
    """
    path = Path(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(
            f"There is no manifest {path}", remedy="run the study first: peercompare run STUDY.toml"
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise StudyError(
            f"{path} is no manifest: {error}", remedy="run the study again, which writes it anew"
        ) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StudyError(f"{path} is no manifest of a study", remedy=f"name a {MANIFEST} that a run wrote")
    if found.get("format_version") != VERSION:
        raise StudyError(
            f"{path} is of format version {found.get('format_version')!r}; this peercompare "
            f"({peercompare.__version__}) reads version {VERSION}",
            remedy="verify it with the version of peercompare that it names under `versions`",
        )
    lacking = [Problem(path.name, f"{key} is missing") for key in _TOP if key not in found]
    if lacking:
        raise StudyError(f"{path} is not a whole manifest", lacking, remedy="run the study again")
    try:
        return {**found, "numbers": one_by_one(found["numbers"], _tolerances(found))}
    except (AttributeError, KeyError, TypeError):
        raise StudyError(
            f"{path} is not a whole manifest: its numbers cannot be read", remedy="run the study again"
        ) from None


def _tolerances(manifest: Mapping) -> dict[str, Tolerance]:
    """Return by name the tolerances that a manifest gives its numbers."""
    named = manifest["tolerances"]
    return {name: Tolerance(**each) for name, each in named.items() if isinstance(each, Mapping)}


def result_tables(results: Path) -> dict[str, pd.DataFrame]:
    """Return the published tables of a results folder by name; rows of single segments are not among them."""
    names = sorted(path.stem for path in (results / TABLES).glob("*.parquet"))
    return {name: read_result_table(results, name) for name in names}


def figures_of(results: Path) -> list[dict]:
    """Return for every figure the hash of the rows drawn, and of the pictures under matplotlib's version."""
    found = []
    for path in sorted((results / "figures").glob(f"*{DRAWN}")):
        name = path.name.removesuffix(DRAWN)
        pictures = {ending: path.with_name(f"{name}.{ending}") for ending in ("png", "svg")}
        hashes = {ending: sha256_of(each) for ending, each in pictures.items() if each.is_file()}
        found.append(
            {"name": name, "data_sha256": sha256_of(path), "pictures": {version("matplotlib"): hashes}}
        )
    return found


def inputs_of(study: Study) -> list[dict]:
    """Return every file that a study reads, with its hash, named from the corpus it stands in.

    Texts and tables have the hashes that their corpus registers, so that an encrypted corpus need not be
    decrypted. Records of consent have the hash of the file as it stands.
    """
    found = [{"path": study.path.name, "sha256": sha256_of(study.path)}]
    for section in study.settings.corpus:
        folder = study.folder / section.path
        manifest = read_manifest(folder)
        files = dict(manifest.files)
        consents = folder / "consents.csv"
        if consents.is_file():
            files[consents.name] = sha256_of(consents)
        found += [{"path": f"{manifest.name}/{name}", "sha256": files[name]} for name in sorted(files)]
        if section.predictions is not None:
            path = study.folder / section.predictions
            found.append({"path": f"{manifest.name}: {path.name}", "sha256": sha256_of(path)})
    return found


def versions() -> dict[str, str]:
    """Return the versions of what can change a number."""
    named = {name: version(name) for name in ("peercompare", *LIBRARIES)}
    return {"python": platform.python_version(), **named}


def lock_file() -> Path | None:
    """Return the lock file of the checkout that runs; None where the package was installed without it."""
    path = Path(peercompare.__file__).resolve().parents[1] / LOCK
    return path if path.is_file() else None


def lock_hash() -> dict[str, str]:
    """Return the lock file's hash, or why there is none."""
    path = lock_file()
    if path is None:
        return {"file": LOCK, "sha256": "", "why": "peercompare is installed without its lock file"}
    return {"file": LOCK, "sha256": sha256_of(path)}


def study_file_from(study: Study) -> str:
    """Return the way from the results to the study file; empty where it would name folders of a machine."""
    named = Path(posixpath.normpath(study.settings.study.results))
    if named.is_absolute():
        return ""
    down = [part for part in named.parts if part not in (".", "..")]
    up = [part for part in named.parts if part == ".."]
    back = study.folder.parts[len(study.folder.parts) - len(up) :] if up else ()
    return "/".join([*[".."] * len(down), *back, study.path.name])


def _stages_of(results: Path) -> dict[str, str]:
    """Return the stage that wrote each table, by the stamps."""
    found = {}
    for stamp in sorted((results / STAMPS).glob("*.json")):
        for file in read_stamp(results, stamp.stem).get("files", {}):
            if file.startswith(f"{TABLES}/"):
                found[Path(file).stem] = stamp.stem
    return found


def _keys(table: pd.DataFrame, wanted: Sequence[str] | None) -> list[str]:
    """Return the columns that tell a table's rows apart: those wanted, as long as the table has them."""
    return list(wanted) if wanted is not None and set(wanted) <= set(table) else key_columns(table)


_WHOLE = {
    "group_by": ("all",),
    "setting": ("all",),
    "dimension": ("all",),
    "variant": ("as_coded",),
    "scope": ("overall", "all"),
    "label": ("",),
}
"""What the rows say that are about a whole; a table in which none says so is taken as it is."""

_MAIN_COLUMNS = ("estimate", "lower", "upper", "share")


def _in_scope(table: pd.DataFrame, scope: str) -> pd.DataFrame | None:
    """Return the part of a table that a scope describes, or None where that is nothing."""
    if scope == ALL:
        return table
    if "document_id" in table or not {"estimate", "share"} & set(table):
        return None
    if "group_by" in table and not (table["group_by"] == "all").any():
        return None
    for column, whole in _WHOLE.items():
        if column in table and (about := table[column].fillna("").isin(whole)).any():
            table = table[about]
    others = [c for c in value_columns(table, key_columns(table)) if c not in _MAIN_COLUMNS]
    return table.drop(columns=others).reset_index(drop=True)
