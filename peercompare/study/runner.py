"""Running a study's stages in order, and not running again what did not change.

A stage is up to date where its stamp names the same key (settings, code, versions, corpora, keys of the
stages before it) and every file that it wrote is still there, unchanged. The stamp also says, by keyed hash,
whose words the stage read: by it a withdrawal of consent finds what it must reach.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from peercompare.caches import package_hash
from peercompare.errors import ConsentError, ReportError, StudyError
from peercompare.files import sha256_of, write_atomically, write_table

try:
    import fcntl
except ImportError:  # Windows has no such locks: there, run a study in one process at a time.
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from peercompare.study.study import Study

TABLES, WORKING = "tables", "working"
NOTEBOOKS = "notebooks"
"""The stage that the report does not need."""

STAMPS = ".stages"
"""The hidden folder of a stage's stamp: its key, its files, and by keyed hash whose words it read."""

PENDING = ".withdrawal_pending.json"
"""Stands in a results folder from the first file that a withdrawal removes until the last."""

LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "nbconvert", "skops")
"""Libraries whose versions can change a number or a picture."""


@dataclass(frozen=True)
class Stage:
    """One step of a study.

    Parameters
    ----------
    name : str
        Names the stage on the command line, in the stamps and in messages.
    needs : tuple of str
        The stages whose tables it reads.
    sections : tuple of str
        The sections of study.toml that it depends on.
    work : callable
        Takes a `Bench` and writes files through it.
    """

    name: str
    needs: tuple[str, ...]
    sections: tuple[str, ...]
    work: Callable[[Bench], None]


@dataclass
class Bench:
    """Where a stage works: it reads the tables of earlier stages and notes every file that it writes."""

    study: Study
    written: list[Path] = field(default_factory=list)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table that an earlier stage wrote."""
        return read_result_table(self.study.results, name)

    def write_table(self, table: pd.DataFrame, name: str, *, folder: str = TABLES) -> None:
        """Write a table as CSV, for people, and as Parquet, which keeps the types for the next stage.

        Rows about single segments go to the folder `WORKING`: a session rests on one worker, so they are not
        for handing on, and readable by their owner alone.
        """
        for ending in (".csv", ".parquet"):
            path = self.study.results / folder / f"{name}{ending}"
            self.written.append(write_table(table, path, private=folder == WORKING))

    def write_file(self, content: bytes | str, name: str, *, private: bool = False) -> Path:
        """Write another file, named from the results folder; a private one is for its owner alone."""
        self.written.append(write_atomically(self.study.results / name, content, private=private))
        return self.written[-1]

    def note(self, path: Path) -> None:
        """Note a file that another function wrote into the results folder."""
        self.written.append(path)


def run_stages(
    study: Study,
    stages: tuple[Stage, ...],
    *,
    until: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Run the stages up to one of them, in order, leaving out those that are up to date.

    Parameters
    ----------
    study : Study
        What is run.
    stages : tuple of Stage
        In order; a stage may need only stages before it.
    until : str, optional
        The last stage to run; all where left out.
    tell : callable
        Called with a line before each stage.

    Returns
    -------
    list of str
        The names of the stages that were run.

    Raises
    ------
    ReportError
        Where something cannot be shown. If no later stage needs it, these are run first.
    """
    refuse_while_pending(study.results)
    chosen = tuple(_up_to(stages, until))
    keys: dict[str, str] = {}
    for stage in chosen:
        keys[stage.name] = _key(study, stage, keys)
    done, held = [], None
    for stage in chosen:
        if _up_to_date(study.results, stage.name, keys[stage.name]):
            tell(f"{stage.name}: nothing changed")
            continue
        if not done:
            # All faults of the input are told before the first stage writes anything.
            study.check()
        tell(f"{stage.name} ...")
        try:
            done += [stage.name] if _run_alone(study, stage, keys) else []
        except ReportError as error:
            if held is not None or any(stage.name in later.needs for later in chosen):
                raise
            tell(f"{stage.name}: {error.summary}")
            held = error
    if held is not None:
        raise held
    return done


def _run_alone(study: Study, stage: Stage, keys: dict[str, str]) -> bool:
    """Run a stage while no other process does; say whether it still had to be run."""
    with alone(study.results, stage.name):
        refuse_while_pending(study.results)
        # Another process may have run it while this one waited.
        if _up_to_date(study.results, stage.name, keys[stage.name]):
            return False
        _refuse_changed(study, stage, keys)
        _run_one(study, stage, keys[stage.name])
        return True


def refuse_while_pending(results: Path) -> None:
    """Raise where a withdrawal began to remove results and has not finished: nothing of them is to be read.

    Raises
    ------
    ConsentError
        Where the marker stands in the results folder.
    """
    if (results / PENDING).exists():
        raise ConsentError(
            f"A withdrawal of consent is being carried out in {results}, and is not finished",
            remedy="run the same `peercompare consent withdraw ... --apply` again; it goes on from there",
        )


def _refuse_changed(study: Study, stage: Stage, keys: dict[str, str]) -> None:
    """Raise where a corpus changed since it was opened: what is in memory may be there no more by right."""
    if _key(study, stage, keys) != keys[stage.name]:
        raise StudyError(
            f"Something that the stage {stage.name} reads changed while the study ran",
            remedy="run it again; what is done already and did not change is kept",
        )


@contextmanager
def alone(results: Path, name: str) -> Iterator[None]:
    """Hold a stage's lock: two processes never run the same stage of a study at once.

    The system frees the lock when its holder ends, however it ends. Each stage has its own, since the
    notebooks that one stage executes may run the stages before it.
    """
    if fcntl is None:
        yield
        return
    (results / STAMPS).mkdir(parents=True, exist_ok=True)
    with open(results / STAMPS / f"{name}.lock", "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def unfinished(study: Study, stages: tuple[Stage, ...], *, before: str) -> list[str]:
    """List the stages before one of them that were not run, or not since something changed."""
    keys: dict[str, str] = {}
    names = []
    for stage in _up_to(stages, before):
        keys[stage.name] = _key(study, stage, keys)
        if stage.name != before and not _up_to_date(study.results, stage.name, keys[stage.name]):
            names.append(stage.name)
    return names


def need_results(study: Study, stages: tuple[Stage, ...], *, before: str) -> None:
    """Raise where a stage before one of them is not up to date; notebooks may be: nothing is made of them.

    Raises
    ------
    StudyError
        With the stages, or with what changed where that is the program alone.
    """
    missing = [name for name in unfinished(study, stages, before=before) if name != NOTEBOOKS]
    if not missing:
        return
    summary = f"The results of {study.path.name} are absent or out of date: {', '.join(missing)}"
    if _program_alone_changed(study, stages, missing[-1]):
        summary = (
            f"The results of {study.path.name} were made by another version of peercompare or of a library "
            "that it uses. The study did not change; a run tells whether its numbers do"
        )
    raise StudyError(summary, remedy=f"run it again: peercompare run {study.path}")


def _program_alone_changed(study: Study, stages: tuple[Stage, ...], last: str) -> bool:
    """Say whether all stages up to one are up to date but for the program that made them."""
    keys: dict[str, str] = {}
    for stage in _up_to(stages, last):
        made_by = read_stamp(study.results, stage.name).get("program")
        keys[stage.name] = _key(study, stage, keys, made_by)
        fits = made_by is not None and _up_to_date(study.results, stage.name, keys[stage.name])
        if not fits and stage.name != NOTEBOOKS:
            return False
    return True


def read_result_table(results: Path, name: str) -> pd.DataFrame:
    """Read one of a study's tables, with the column types it was written with."""
    refuse_while_pending(results)
    for folder in (TABLES, WORKING):
        path = results / folder / f"{name}.parquet"
        if path.exists():
            return pd.read_parquet(path)
    remedy = "run the study first: peercompare run STUDY.toml"
    raise StudyError(f"There is no table {name!r} in {results}", remedy=remedy)


def _up_to(stages: tuple[Stage, ...], until: str | None) -> Iterator[Stage]:
    names = [stage.name for stage in stages]
    if until is not None and until not in names:
        raise StudyError(f"A study has no stage {until!r}", remedy=f"the stages are {', '.join(names)}")
    last = len(names) if until is None else names.index(until) + 1
    yield from stages[:last]


def _key(study: Study, stage: Stage, keys: dict[str, str], program: dict | None = None) -> str:
    """Hash all that a stage's results depend on, with the program as it is or another."""
    settings = study.settings.model_dump(mode="json")
    parts = {
        "stage": stage.name,
        **(program or _program()),
        "settings": {name: settings[name] for name in stage.sections},
        "inputs": study.fingerprint(stage.name),
        "needs": {name: keys[name] for name in stage.needs},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _program() -> dict[str, object]:
    """Return what of the program can change a result."""
    return {"code": _code_hash(), "versions": {name: version(name) for name in LIBRARIES}}


def _code_hash() -> str:
    """Hash the package's own files: results made by other code are not up to date."""
    return package_hash()


def _stamp_path(results: Path, name: str) -> Path:
    return results / STAMPS / f"{name}.json"


def read_stamp(results: Path, name: str) -> dict:
    """Read a stage's stamp; a missing or damaged one counts as none."""
    try:
        return json.loads(_stamp_path(results, name).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {"key": None, "files": {}}


def _up_to_date(results: Path, name: str, key: str) -> bool:
    stamp = read_stamp(results, name)
    return stamp["key"] == key and all(
        (results / file).is_file() and sha256_of(results / file) == digest
        for file, digest in stamp["files"].items()
    )


def _run_one(study: Study, stage: Stage, key: str) -> None:
    """Run a stage; its stamp gets the key last, so that a run that was cut off is run again."""
    results, whose = study.results, study.whose_words()
    before = read_stamp(results, stage.name)["files"]
    _write_stamp(results, stage.name, {"key": None, "files": before, "whose": whose})
    bench = Bench(study)
    try:
        stage.work(bench)
        files = _digests(results, bench)
        for stale in before.keys() - files.keys():
            (results / stale).unlink(missing_ok=True)
        made = {"key": key, "program": _program(), "files": files, "whose": whose}
        _write_stamp(results, stage.name, made)
    except Exception:
        # What a stage wrote before it failed stays, and its stamp knows of it: a withdrawal must find it.
        kept = before | _digests(results, bench)
        try:
            _write_stamp(results, stage.name, {"key": None, "files": kept, "whose": whose})
        except OSError:
            # The disk is full: what no stamp names must not stay.
            for new in kept.keys() - before.keys():
                (results / new).unlink(missing_ok=True)
        raise


def _digests(results: Path, bench: Bench) -> dict[str, str]:
    """Return the files that a stage wrote, by their path in the results folder, with their hashes."""
    return {path.relative_to(results).as_posix(): sha256_of(path) for path in bench.written}


def note_by_hand(study: Study, name: str, paths: Iterable[Path]) -> None:
    """Stamp files that a command wrote into the results folder, so that a withdrawal finds them.

    Parameters
    ----------
    study : Study
    name : str
        Of the stamp; files that it named before and that are still there stay in it.
    paths : iterable of Path
        What was written.
    """
    results = study.results
    kept = {
        file: digest
        for file, digest in read_stamp(results, name)["files"].items()
        if (results / file).is_file()
    }
    files = {path.relative_to(results).as_posix(): sha256_of(path) for path in paths}
    _write_stamp(results, name, {"key": "by hand", "files": kept | files, "whose": study.whose_words()})


def _write_stamp(results: Path, name: str, stamp: dict) -> None:
    """Write a stage's stamp; one without a key says that the stage began and has not ended."""
    write_atomically(_stamp_path(results, name), json.dumps(stamp, indent=1, sort_keys=True))
