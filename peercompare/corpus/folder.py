"""A corpus on disk: its manifest (corpus.toml), the hashes of its files, and reading them byte by byte.

Nothing here changes a file except `register`, which writes the hashes of a folder into its manifest.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from peercompare.errors import CorpusError, Problem, shown
from peercompare.safekeeping.access_log import ACCESS_LOG
from peercompare.safekeeping.store import Store
from peercompare.safekeeping.transactions import exclusive

MANIFEST = "corpus.toml"
CONSENTS = "consents.csv"
REMOVALS = "removals.csv"
CONTESTS = "contests.csv"
CODERS = "coders.csv"
UNREGISTERED = (MANIFEST, CONSENTS, ACCESS_LOG)
"""Files without a hash: the manifest cannot hold its own; consent and the audit log change with time."""

TABLES = (
    "documents.csv", "segments.csv", "codings.csv", CONSENTS, "events.csv", "role_types.csv", "markers.csv",
    REMOVALS, CONTESTS, CODERS,
)  # fmt: skip
REQUIRED_FILES = ("documents.csv", "segments.csv", "codings.csv", "DATASHEET.md")

_KEYS: Mapping[str, type] = {
    "name": str, "title": str, "genre": str, "composed": bool, "framework": str, "licence": str,
    "citation": str, "coding": str, "cluster": str, "files": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """What corpus.toml says of a corpus.

    Parameters
    ----------
    name, title, genre, framework, licence, citation, coding, cluster : str
        As in the file; `genre` names a unit of analysis of the framework, `cluster` a column of documents.csv
        whose groups are never split.
    composed : bool
        True where the texts were written for the corpus and no real person speaks in them.
    files : mapping of str to str
        SHA-256 of every file by its path in the folder, `UNREGISTERED` excepted.
    """

    name: str
    title: str
    genre: str
    composed: bool
    framework: str
    licence: str
    citation: str
    coding: str
    cluster: str
    files: Mapping[str, str]


def read_manifest(path: str | Path) -> Manifest:
    """Read and check corpus.toml.

    Parameters
    ----------
    path : str or Path
        The corpus folder.

    Returns
    -------
    Manifest
        What it says, nothing compared with the files yet.

    Raises
    ------
    CorpusError
        Where the folder or the file is absent, is not TOML, or has a key missing, misspelt or of the wrong
        kind.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise CorpusError(
            f"No corpus folder at {folder}", remedy="give the path of a folder with a corpus.toml"
        )
    return _manifest(_toml(folder), folder)


def register(path: str | Path) -> Path:
    """Write the SHA-256 of every file of a corpus folder into the table ``[files]`` of its corpus.toml.

    The rest of corpus.toml stays as it is. Call it after a deliberate change of a text or a table;
    `open_corpus` refuses a folder whose files differ from their hashes. corpus.toml itself, consents.csv, the
    audit log and hidden files have no hash. Of an encrypted file the hash is that of its plain content.

    Parameters
    ----------
    path : str or Path
        The corpus folder.

    Returns
    -------
    Path
        The manifest written.

    Raises
    ------
    CorpusError
        Where corpus.toml is absent or is not TOML, or the folder is half encrypted or cannot be decrypted.
    """
    folder = Path(path)
    _toml(folder)
    with exclusive(folder) as change:
        source = (folder / MANIFEST).read_bytes().decode("utf-8")
        store = Store(folder)
        store.refuse_half()
        hashes = {name: _sha256(store.read(name)) for name in _registered(store)}
        change.store({MANIFEST: with_hashes(source, hashes).encode("utf-8")})
    return folder / MANIFEST


def with_hashes(source: str, hashes: Mapping[str, str]) -> str:
    """Return the text of a corpus.toml with its table ``[files]`` written anew, the rest as it is."""
    lines = [f'{json.dumps(name, ensure_ascii=False)} = "{digest}"' for name, digest in hashes.items()]
    kept = re.sub(r"(?ms)^\[files\][^\n]*\n.*?(?=^\[|\Z)", "", source).rstrip("\n")
    return "\n".join([kept, "", "[files]", *lines, ""])


def registering(source: bytes, changed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return changed files of a corpus together with the corpus.toml that has their hashes.

    Parameters
    ----------
    source : bytes
        The corpus.toml as it stands; hashes of files that did not change are kept.
    changed : mapping of str to bytes
        New contents by path in the folder; `UNREGISTERED` files go without a hash.

    Returns
    -------
    dict of str to bytes
        What to replace, all in one step.
    """
    text = source.decode("utf-8")
    new = {name: _sha256(data) for name, data in changed.items() if name not in UNREGISTERED}
    hashes = {**tomllib.loads(text)["files"], **new}
    return {**changed, MANIFEST: with_hashes(text, dict(sorted(hashes.items()))).encode("utf-8")}


def read_files(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """Read every registered file, and consents.csv where there is one, and compare with the hashes.

    Encrypted files are decrypted in memory.

    Returns
    -------
    dict of str to bytes
        Content by path in the folder, exactly the bytes whose hash was checked.

    Raises
    ------
    CorpusError
        Lists every file that is absent, changed or not registered, or that cannot be decrypted; or the
        folder is half encrypted.
    """
    store = Store(folder)
    store.refuse_half()
    contents, problems = store.read_all(_registered(store)), []
    for name in REQUIRED_FILES:
        if name not in contents and name not in manifest.files:
            problems.append(Problem(name, "the file is absent", "every corpus has one, if only its header"))
    for name in sorted(set(manifest.files) - set(contents)):
        problems.append(Problem(name, "the file is absent, and corpus.toml lists it", "put it back"))
    for name, data in contents.items():
        if name not in manifest.files:
            problems.append(
                Problem(name, "the file is not listed in corpus.toml", "register it or take it away")
            )
        elif _sha256(data) != manifest.files[name]:
            problems.append(Problem(name, "the file changed since its hash was taken", _CHANGED))
    if problems:
        raise CorpusError(
            f"The files of {folder} are not those that corpus.toml lists",
            problems,
            remedy=f"if the change is meant, {how_to_register(folder)}; if not, bring the old files back",
        )
    if CONSENTS in store.stored:
        contents[CONSENTS] = store.read(CONSENTS)
    return contents


def decode(contents: Mapping[str, bytes], names: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """Decode files as strict UTF-8, line ends untouched; return the texts and the faults found."""
    texts, problems = {}, []
    for name in names:
        try:
            texts[name] = contents[name].decode("utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(name, f"byte {error.start + 1} is not UTF-8", "save the file as UTF-8"))
    return texts, problems


def read_table(text: str, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a CSV file into a table of strings, the row index counting records from 0.

    Returns
    -------
    table : DataFrame
        All columns as text, empty cells as ``""``; empty where the file cannot be read.
    problems : list of Problem
        Ragged rows, columns named twice or not at all, a file without a header.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        return pd.DataFrame(), [
            Problem(file, f"the file is not CSV: {error}", "quote cells that hold quotes")
        ]
    while rows and not rows[-1]:
        rows.pop()  # blank lines at the end of a file say nothing
    if not rows or not any(rows[0]):
        return pd.DataFrame(), [
            Problem(file, "the file has no header row", "name the columns in its first row")
        ]
    header, problems = rows[0], []
    for name in sorted({name for name in header if header.count(name) > 1 or not name.strip()}):
        twice = f"the column {shown(name)} stands there more than once"
        what = twice if name.strip() else "a column has no name"
        problems.append(Problem(f"{file}, row 1", what, "name every column once"))
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            what = f"{len(row)} cells where the header has {len(header)}"
            problems.append(Problem(f"{file}, row {number}", what, "a cell with a comma needs quotes"))
    if problems:
        return pd.DataFrame(), problems
    return pd.DataFrame(rows[1:], columns=header, dtype="str"), []


def how_to_register(folder: Path) -> str:
    """Say how the hashes of a folder are written anew."""
    return f"write the new hashes with `peercompare check --register {shlex.quote(str(folder))}`"


_CHANGED = "a check-out that rewrites line ends changes it too"


def _toml(folder: Path) -> dict:
    """Return what corpus.toml holds."""
    path = folder / MANIFEST
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise CorpusError(
            f"{folder} has no corpus.toml", remedy="corpora/README.md shows what it holds"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Problem(MANIFEST, str(error))
        raise CorpusError(f"{path} cannot be read as TOML", [fault], remedy=f"mend it; {_FORM}") from None


def _manifest(values: dict, folder: Path) -> Manifest:
    """Check the keys of corpus.toml and return the manifest."""
    problems = [_unknown_key(key) for key in values if key not in _KEYS]
    for key, kind in _KEYS.items():
        if key not in values:
            remedy = how_to_register(folder) if key == "files" else f"add {key} = ..."
            problems.append(Problem(MANIFEST, f"the key {key} is missing", remedy))
        elif type(values[key]) is not kind:
            problems.append(Problem(MANIFEST, f"{key} is {values[key]!r}", f"it must be a {_WORDS[kind]}"))
        elif kind is str and not values[key].strip():
            problems.append(Problem(MANIFEST, f"{key} is empty", "say it"))
    if problems:
        raise CorpusError(f"{folder / MANIFEST} cannot be used", problems, remedy=f"mend these keys; {_FORM}")
    return Manifest(**values)


_FORM = "corpora/README.md explains every key, and the shipped corpora show the form"
_WORDS = {str: "text in quotes", bool: "true or false", dict: "table"}


def _unknown_key(key: str) -> Problem:
    """Return the fault of a key that corpus.toml does not know, with the nearest that it does."""
    near = difflib.get_close_matches(key, _KEYS, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(_KEYS)}"
    return Problem(MANIFEST, f"unknown key {key!r}", remedy)


def _registered(store: Store) -> list[str]:
    """Return the names of the files that have a hash, sorted; hidden files have none."""
    return sorted(name for name in store.stored if name not in UNREGISTERED)


def _sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
