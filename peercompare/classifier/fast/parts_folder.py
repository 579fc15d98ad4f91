"""A folder of predictions in parts: how far it has come, whose work it holds, and stopping between parts."""

from __future__ import annotations

import errno
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from peercompare.errors import InputError
from peercompare.files import write_atomically

STATE = "state.json"
PART = "part-{:06d}.parquet"


class Streamed(NamedTuple):
    """How far predictions have come: parts and rows written, and whether the texts are at their end."""

    n_parts: int
    n_rows: int
    complete: bool


def state_in(folder: Path, facts: dict[str, Any]) -> Streamed:
    """Read how far a folder has come, and refuse one that holds anything else.

    Parameters
    ----------
    folder : Path
    facts : dict
        What the work is of; each must stand in the folder's `STATE` with the same value.

    Returns
    -------
    Streamed
        Nothing done yet, where the folder is new.

    Raises
    ------
    InputError
        If it holds other work, or lacks a part that it counts.
    """
    path = folder / STATE
    # What a kill leaves of a file in the making has no name of its own yet.
    made = [each for each in folder.iterdir() if each not in leftovers(folder)] if folder.is_dir() else []
    if not path.is_file():
        if made or folder.is_file():
            raise InputError(
                f"{folder} holds something else already; nothing was written", remedy="name a new folder"
            )
        return Streamed(0, 0, False)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        other = [name for name, value in facts.items() if kept[name] != value]
        state = Streamed(int(kept["n_parts"]), int(kept["n_rows"]), bool(kept["complete"]))
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is damaged", remedy="name a new folder") from None
    lost = [number for number in range(state.n_parts) if not (folder / PART.format(number)).is_file()]
    if other or lost:
        why = f"another {', '.join(other)}" if other else f"{len(lost)} of its parts missing"
        raise InputError(
            f"{folder} cannot be gone on with: it has {why}; nothing was written",
            remedy="name a new folder, or give the same model, texts and size of parts",
        )
    return state


def leftovers(folder: Path) -> list[Path]:
    """Return the files that a kill left in the making."""
    return [each for name in (STATE, "part-") for each in folder.glob(f".{name}*.part")]


def keep(folder: Path, state: Streamed, facts: dict[str, Any]) -> None:
    """Write how far the work has come."""
    write_atomically(folder / STATE, json.dumps({**facts, **state._asdict()}, indent=2), private=True)


@contextmanager
def saying_where(folder: Path) -> Iterator[None]:
    """Say in plain words which file met a full disk, and that the work can be gone on with."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"{error.filename or folder} was not written: the disk is full; the parts before it are whole",
            remedy="make room and give the same command again: it goes on from there",
        ) from error


@contextmanager
def until_terminated() -> Iterator[Callable[[], bool]]:
    """Hand on whether SIGTERM has come, which ends nothing meanwhile; only a main thread can ask."""
    came = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield came.is_set
        return
    before = signal.signal(signal.SIGTERM, lambda *_: came.set())
    try:
        yield came.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
