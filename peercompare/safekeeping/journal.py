"""The journal of one change of a folder: staging it, deciding it, finishing or discarding it.

Everything here is for the holder of the folder's lock; `peercompare.safekeeping.transactions` is the door.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from peercompare.errors import InputError, Problem
from peercompare.files import sha256_of, sync_folder
from peercompare.safekeeping.locks import BINARY, LOCK

STAGE = ".peercompare.change"
"""The hidden subfolder in which a change waits."""

JOURNAL = "journal.json"


@dataclass(frozen=True)
class Step:
    """One file of a change.

    Parameters
    ----------
    name : str
        Its path in the folder.
    old, new : str
        SHA-256 before and after; empty where the file is absent.
    """

    name: str
    old: str
    new: str


def is_begun(folder: Path) -> bool:
    """Say whether something of a change lies in the folder."""
    return (folder / STAGE).exists()


def is_decided(folder: Path) -> bool:
    """Say whether a change lies in the folder that must be finished."""
    return (folder / STAGE / JOURNAL).exists()


def refuse_unsafe(folder: Path, names: Iterable[str]) -> None:
    """Raise where a name is not that of a file inside the folder, on its disk, that can be written."""
    problems = [Problem(name, what) for name in names if (what := _unsafe(folder, name))]
    if problems:
        raise InputError(
            f"These files of {folder} cannot be changed; nothing was",
            problems,
            remedy="name files inside the folder that can be written, none behind a link to elsewhere",
        )


def _unsafe(folder: Path, name: str) -> str:
    """Say why a file cannot be part of a change; empty where it can."""
    parts = PurePosixPath(name).parts
    plain = parts and str(PurePosixPath(name)) == name and not PurePosixPath(name).is_absolute()
    if not plain or ".." in parts or "\\" in name or "\0" in name:
        return "not a path inside the folder"
    if parts[0] in (STAGE, LOCK):
        return "the name is kept for changes of the folder"
    target = folder.joinpath(*parts)
    if target.is_symlink():
        return "it is a link, and what it leads to would stay as it is"
    if target.is_dir():
        return "a folder of that name stands there"
    parent = next(each for each in target.parents if os.path.lexists(each))
    if not parent.is_dir():
        return "what should be its folder is a file"
    if not parent.resolve().is_relative_to(folder.resolve()):
        return "its folder is a link to another place"
    if parent.stat().st_dev != folder.stat().st_dev:
        return "its folder is on another disk"
    return "" if os.access(parent, os.W_OK | os.X_OK) else "its folder cannot be written"


def stage(folder: Path, changes: Mapping[str, bytes | None]) -> list[Step]:
    """Write new contents beside the old ones and decide the change; where that fails nothing has changed.

    Parameters
    ----------
    folder : Path
        The folder, held alone, with no change under way.
    changes : mapping of str to bytes or None
        New content by name; None deletes.

    Returns
    -------
    list of Step
        What `finish` is to do; empty where nothing changes.

    Raises
    ------
    OSError
        Where the disk is full, for instance.
    """
    (folder / STAGE).mkdir(mode=0o700)
    try:
        sync_folder(folder)
        steps = _staged(folder, changes)
        if steps:
            _decide(folder, steps)
    except BaseException:
        discard(folder)
        raise
    if not steps:
        discard(folder)
    return steps


def _staged(folder: Path, changes: Mapping[str, bytes | None]) -> list[Step]:
    """Write the new contents under their numbers, and return the steps."""
    steps: list[Step] = []
    for name, content in changes.items():
        new = "" if content is None else hashlib.sha256(content).hexdigest()
        step = Step(name, hash_or_nothing(folder / name), new)
        if step.old == step.new:
            continue
        if content is not None:
            _write_synced(folder / STAGE / str(len(steps)), content)
        steps.append(step)
    return steps


def _decide(folder: Path, steps: Sequence[Step]) -> None:
    """Write the journal and give it its name: from then on the change will be done."""
    stage = folder / STAGE
    part = stage / f"{JOURNAL}.part"
    _write_synced(part, json.dumps([asdict(step) for step in steps]).encode())
    sync_folder(stage)
    os.replace(part, stage / JOURNAL)
    sync_folder(stage)


def recover(folder: Path) -> str:
    """Finish a decided change, discard one that was not; the folder is held alone."""
    if not is_begun(folder):
        return ""
    if not is_decided(folder):
        discard(folder)
        return "undone"
    steps = [Step(**each) for each in json.loads((folder / STAGE / JOURNAL).read_bytes())]
    _refuse_touched(folder, steps)
    finish(folder, steps)
    return "finished"


def _refuse_touched(folder: Path, steps: Sequence[Step]) -> None:
    """Raise where a file is neither as before a broken-off change nor as after it.

    An absent file is in nobody's way: whoever moved it has it.
    """
    problems = []
    for number, step in enumerate(steps):
        found = hash_or_nothing(folder / step.name)
        if found not in ("", step.old, step.new):
            problems.append(Problem(step.name, "changed by hand since"))
        elif found != step.new and hash_or_nothing(folder / STAGE / str(number)) != step.new:
            problems.append(Problem(step.name, f"its new content in {STAGE} is damaged or gone"))
    if problems:
        raise InputError(
            f"A change of {folder} was broken off and cannot be finished; no file was touched",
            problems,
            remedy=f"move files that were changed by hand out of the folder and try again; where {STAGE} is "
            "damaged, bring the whole folder back from a copy",
        )


def finish(folder: Path, steps: Sequence[Step]) -> None:
    """Put every file in its place, in order, and clear away; what is done already is passed over."""
    touched = {folder}
    for number, step in enumerate(steps):
        staged, target = folder / STAGE / str(number), folder / step.name
        if not step.new:
            target.unlink(missing_ok=True)
        elif staged.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(staged, target)
        touched.update(each for each in target.parents if each.is_dir() and each.is_relative_to(folder))
    for each in touched:
        sync_folder(each)
    discard(folder)


def discard(folder: Path) -> None:
    """Take the staging folder away, the journal first: without it nothing is left to do."""
    if is_decided(folder):
        (folder / STAGE / JOURNAL).unlink()
        sync_folder(folder / STAGE)
    shutil.rmtree(folder / STAGE)
    sync_folder(folder)


def hash_or_nothing(path: Path) -> str:
    """Return the SHA-256 of a file, empty where there is none."""
    return sha256_of(path) if path.is_file() else ""


def _write_synced(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600 and wait until it is on disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
