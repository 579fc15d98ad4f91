"""The study side of a withdrawal: which files of a results folder used somebody's words, and their removal.

A file is found by provenance and never by its name: the stamp of the stage that wrote it says whose words the
stage read, a model says whose words trained it, and a package is known by the files in it. From the first
file removed to the last a marker stands in the folder, and nothing of it is read or run meanwhile.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from peercompare.classifier.embeddings.archive import ABOUT, is_archive
from peercompare.classifier.persistence import read_facts
from peercompare.errors import ModelError
from peercompare.files import sha256_of, write_atomically
from peercompare.study.runner import PENDING, STAMPS, alone

REMOVED = "removed.json"
"""Says what was removed from a results folder and when, and nobody's words or name."""

PACKAGES = "packages.json"
"""Says which packages were made of the results, and by keyed hash whose words stand behind each."""

HALF = "half-written file"

KINDS = {
    "tables": "table",
    "working": "working row table",
    "models": "model with its vocabulary",
    "figures": "figure",
    "notebooks": "notebook page",
    "individual_feedback": "feedback file",
    STAMPS: "stamp",
}


@dataclass(frozen=True, order=True)
class Artefact:
    """One file of a results folder.

    Parameters
    ----------
    path : str
        In the results folder.
    kind : str
        What it is, in words.
    known_by : str
        How it is known that it used the person's words; empty where it is not known.
    """

    path: str
    kind: str
    known_by: str = ""


@dataclass(frozen=True)
class Whose:
    """A person as stamps and models know them: the corpus's name and the keyed hash.

    The hash is empty where the corpus has no secret. Then nobody can be told from anybody else, and all that
    was made of the corpus counts.
    """

    corpus: str
    hashed: str

    def among(self, whose: Mapping[str, Collection[str]] | None) -> bool:
        """Say whether the person is among those whose words something used; unknown counts as yes."""
        if whose is None:
            return True
        hashes = whose.get(self.corpus, ())
        return self.hashed in hashes if self.hashed else bool(hashes)


def used(results: Path, person: Whose) -> tuple[list[Artefact], list[Artefact]]:
    """Find the files of a results folder that used a person's words.

    Parameters
    ----------
    results : Path
        A results folder; it may be absent.
    person : Whose
        Whom to look for.

    Returns
    -------
    used, unknown : list of Artefact
        Those that did, and those that no stamp, model or package knows: somebody has to look at them.
    """
    stamps = {path: _read_json(path) for path in sorted((results / STAMPS).glob("*.json"))}
    theirs = {path: stamp for path, stamp in stamps.items() if person.among(stamp.get("whose"))}
    found: dict[str, Artefact] = {}
    for path, stamp in theirs.items():
        by = f"stamp of the stage {path.stem}"
        names = [name for name in stamp.get("files", {}) if (results / name).is_file()]
        for name in [*names, f"{STAMPS}/{path.name}"]:
            found[name] = Artefact(name, _kind(name), by)
    others = {name for path, stamp in stamps.items() if path not in theirs for name in stamp.get("files", {})}
    cut_off = any(stamp.get("key") is None for stamp in theirs.values())
    unknown, hashes = [], {sha256_of(results / name) for name in found}
    for name in _unstamped(results, {*found, *others}):
        if name.rsplit("/", 1)[-1].startswith(".") and name.endswith(".part"):
            found[name] = Artefact(name, HALF, "left by a write that was cut off")
            continue
        by = _known_by_content(results / name, person, hashes)
        if by is None and cut_off and name.split("/")[0] in KINDS:
            by = "left by a stage that was cut off"
        if by:
            found[name] = Artefact(name, _kind(name), by)
        elif by is None:
            unknown.append(Artefact(name, _kind(name)))
    return sorted(found.values()), unknown


@contextmanager
def no_stage_runs(results: Path) -> Iterator[None]:
    """Hold every stage of a results folder, the last first: notebooks may run the stages before them."""
    from peercompare.study.stages import STAGES

    with ExitStack() as locks:
        if (results / STAMPS).is_dir():
            for stage in reversed(STAGES):
                locks.enter_context(alone(results, stage.name))
        yield


def mark(results: Path, person: Whose, found: Collection[Artefact], *, removed_on: str, why: str) -> bool:
    """Note in a results folder what is going to be removed, before anything is; say whether anything is.

    A marker that stands there already is carried on with, what is found anew added.
    """
    before = _read_json(results / PENDING)
    files = {each.path: each.kind for each in found} | dict(before.get("files", {}))
    if not files:
        return False
    entry = {"corpus": person.corpus, "person": person.hashed, "removed_on": removed_on, "why": why}
    entry |= {key: before[key] for key in entry if key in before}
    write_atomically(results / PENDING, json.dumps({**entry, "files": files}, indent=1, sort_keys=True))
    return True


def remove_marked(results: Path) -> int:
    """Remove what a marker names, say so in `REMOVED`, and take the marker away; return how many files.

    Killed at any point it is done again from its beginning and ends the same.
    """
    marker = _read_json(results / PENDING)
    if not marker:
        return 0
    for name in marker["files"]:
        (results / name).unlink(missing_ok=True)
    for folder in {(results / name).parent for name in marker["files"]} - {results, results / STAMPS}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    kinds = Counter(kind for kind in marker["files"].values() if kind not in (HALF, KINDS[STAMPS]))
    entry = {key: marker[key] for key in ("corpus", "removed_on", "why")} | {
        "n_files": dict(sorted(kinds.items()))
    }
    # What a killed write left behind is no part of what was removed.
    whole = {**marker, "files": {name: kind for name, kind in marker["files"].items() if kind != HALF}}
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    known = _read_json(results / REMOVED).get("removals", [])
    if kinds and all(each["removal"] != digest for each in known):
        removals = [*known, {"removal": digest, **entry}]
        write_atomically(results / REMOVED, json.dumps({"removals": removals}, indent=1, ensure_ascii=False))
    (results / PENDING).unlink()
    return sum(kinds.values())


def note_package(results: Path, name: str, digest: str, whose: Mapping[str, Collection[str]]) -> None:
    """Note in a results folder that a package was made of it, so that a withdrawal can name it.

    Parameters
    ----------
    results : Path
        The results folder.
    name : str
        The package's file name, without its folder.
    digest : str
        SHA-256 over its files.
    whose : mapping of str to collection of str
        By corpus, the keyed hashes of everybody whose words stand behind its numbers.
    """
    known = [each for each in _read_json(results / PACKAGES).get("packages", []) if each["sha256"] != digest]
    entry = {"name": name, "sha256": digest, "whose": {key: sorted(value) for key, value in whose.items()}}
    text = json.dumps({"packages": [*known, entry]}, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(results / PACKAGES, text, private=True)


def packages_with(results: Path, person: Whose) -> list[str]:
    """Name the packages behind whose numbers a person's words stand."""
    noted = _read_json(results / PACKAGES).get("packages", [])
    return [each["name"] for each in noted if person.among(each.get("whose"))]


def _unstamped(results: Path, stamped: Collection[str]) -> list[str]:
    """List the files of a results folder that no stamp names; locks and our own notes are none."""
    paths = (path for path in sorted(results.rglob("*")) if path.is_file())
    names = (path.relative_to(results).as_posix() for path in paths)
    ours = (PENDING, REMOVED, PACKAGES)
    return [name for name in names if name not in stamped and name not in ours and not _of_stages(name)]


def _of_stages(name: str) -> bool:
    """Say whether a file is a lock or a stamp."""
    return name.startswith(f"{STAMPS}/") and name.endswith((".lock", ".json"))


def _known_by_content(path: Path, person: Whose, hashes: Collection[str]) -> str | None:
    """Say how a model or a package used the words: "" where it did not, None where it cannot say."""
    if path.suffix == ".skops":
        return _model_says(path, person)
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        if ABOUT in archive.namelist():
            return _model_says(path, person)
        for member in archive.infolist():
            data = archive.read(member)
            if hashlib.sha256(data).hexdigest() in hashes:
                return "a package with files that used them"
            is_model = member.filename.endswith(".skops") or is_archive(data)
            if is_model and _model_says(io.BytesIO(data), person):
                return "a package with a model that they trained"
            if f"{STAMPS}/" in member.filename and person.among(_parsed(data).get("whose")):
                return "a package of results that used them"
    return None


def _model_says(source: Path | io.BytesIO, person: Whose) -> str | None:
    """Say whether a model was trained on a person's words; one that cannot be read counts as such."""
    try:
        facts = read_facts(source)
    except ModelError:
        return "a model that cannot say whose words trained it"
    return "the model's own record of whose words trained it" if person.among(facts["whose"]) else ""


def _kind(name: str) -> str:
    """Say in words what a file of a results folder is."""
    top = name.split("/")[0]
    if top in KINDS:
        return KINDS[top]
    if name.split(".")[0].partition("_for_")[0] == "report":
        return "report"
    return "package" if name.endswith(".zip") else "other file"


def _read_json(path: Path) -> dict:
    """Read a JSON file that one of us wrote; absent or damaged it says nothing."""
    return _parsed(path.read_bytes()) if path.is_file() else {}


def _parsed(data: bytes) -> dict:
    """Return the object in a JSON text, or none."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
