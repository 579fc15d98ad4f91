"""The audit log of a corpus: who did what with it, for which purpose, when, and whether consent allowed it.

The log is JSON Lines, append-only. Each entry holds the hash of the one before it, so that a changed, added,
moved or missing entry shows (the construction of Schneier and Kelsey, "Secure audit logs to support computer
forensics", 1999, doi:10.1145/317087.317089, without its keys). Two things it cannot show by itself: entries
cut off at the end, and a log written anew from its beginning. Both show against a head, the hash of the last
entry, that somebody noted elsewhere.

Nobody's words and no person's id stand in the log; documents stand there by their ids. Who acted is the name
that the system or the environment gave: it is no proof of identity.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from peercompare.errors import ConsentError, Problem
from peercompare.safekeeping.locks import file_locked

ACCESS_LOG = "access_log.jsonl"
PLACE = "PEERCOMPARE_ACCESS_LOG"
"""Names a file that takes the log where the corpus folder cannot be written."""

USER = "PEERCOMPARE_USER"
"""Names who acts, where the name of the account does not tell (one account for several people)."""

BEGINNING = "0" * 64
"""What stands for the hash of the entry before the first."""

SHOWN_DOCUMENTS = 50
"""Up to as many documents are listed; of more the log holds the number and a hash of their ids."""

NOTE_TORN = "note a torn line"

_BLOCK = 65536


@dataclass(frozen=True)
class Access:
    """One thing done with a corpus, or refused.

    Parameters
    ----------
    did : str
        A verb: ``open``, ``quote``, ``ask``, ``share``, ``train``, ``withdraw`` and the like.
    purposes : tuple of str
        Purposes of consent that were asked for.
    documents : iterable of str
        Ids of the documents that were given, or of those that were refused.
    as_of : date, optional
        The day on which consent had to hold.
    policy : str, default ""
        What became of documents that consent did not cover.
    allowed : bool, default True
        False where nothing was given.
    reasons : mapping of str to int, optional
        How many documents or segments consent left out, by reason: reasons of the gate, never words.
    """

    did: str
    purposes: tuple[str, ...] = ()
    documents: Iterable[str] = ()
    as_of: date | None = None
    policy: str = ""
    allowed: bool = True
    reasons: Mapping[str, int] = field(default_factory=dict)


def log_path(folder: str | Path, *, composed: bool = False) -> Path | None:
    """Say where the audit log of a corpus is kept; None where none is.

    A corpus in which real people speak has one: in its folder, or where the environment variable
    ``PEERCOMPARE_ACCESS_LOG`` says. A composed corpus has one only where its folder holds one already.

    Parameters
    ----------
    folder : str or Path
        The corpus folder.
    composed : bool, default False
        Whether its texts were composed.

    Returns
    -------
    Path or None
        A file that may not exist yet.
    """
    own = Path(folder) / ACCESS_LOG
    if composed:
        return own if own.exists() else None
    elsewhere = os.environ.get(PLACE, "").strip()
    return Path(elsewhere).expanduser() if elsewhere else own


def append(path: str | Path, corpus: str, access: Access) -> str:
    """Append an entry to a log, by one write that is flushed to disk, while nobody else appends.

    A line that was torn by a kill stays as it is; the entry after it says that it is there and how long it
    is, and the chain goes on from the last whole entry.

    Parameters
    ----------
    path : str or Path
        The log; made, readable by its owner alone, where it is absent.
    corpus : str
        The name of the corpus.
    access : Access
        What was done.

    Returns
    -------
    str
        The new head: the hash of the entry.

    Raises
    ------
    ConsentError
        Where the log cannot be written, or its last entry is not whole and not torn: then what was to be
        recorded must not be done.
    """
    path = Path(path)
    try:
        with file_locked(path) as descriptor:
            head, torn, at_line_start = _end(descriptor, path)
            pieces = [] if at_line_start else [b""]
            if torn:
                note = {"did": NOTE_TORN, "torn_bytes": len(torn), "torn_sha256": _sha256(torn)}
                pieces.append(_sealed(_header(corpus) | note, head))
                head = _hash_of(pieces[-1])
            entry = _sealed(_header(corpus) | _body(access), head)
            _write_whole(descriptor, b"\n".join([*pieces, entry, b""]))
    except OSError as error:
        raise ConsentError(
            f"The audit log {path} cannot be written ({error.strerror}); nothing is done with {corpus} "
            "unrecorded",
            remedy=f"make it writable, or name another file in the environment variable {PLACE}",
        ) from error
    return _hash_of(entry)


@dataclass(frozen=True)
class LogState:
    """What checking a log found.

    Parameters
    ----------
    entries : tuple of dict
        Every entry, in order.
    head : str
        The hash of the last one; `BEGINNING` where there is none.
    torn : int
        Lines that a kill tore, each noted by the entry after it.
    open_end : bool
        Whether the log ends in a torn line; the next entry will note it.
    """

    entries: tuple[dict, ...]
    head: str
    torn: int
    open_end: bool


def verify_log(path: str | Path, head: str | None = None) -> LogState:
    """Check the chain of a log from its first entry to its last.

    Parameters
    ----------
    path : str or Path
        The log.
    head : str, optional
        A head that was noted earlier. Without one, entries cut off at the end do not show.

    Returns
    -------
    LogState
        What it holds.

    Raises
    ------
    ConsentError
        Names the first entry that was changed or does not follow the one before it, or says that the noted
        head is no longer in the log.
    OSError
        Where it cannot be read.
    """
    path = Path(path)
    with file_locked(path, shared=True):
        lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    entries: list[dict] = []
    known, torn, n_torn = BEGINNING, [], 0
    for number, line in enumerate(lines, start=1):
        if not _is_object(line):
            torn.append(line)
            continue
        entry = json.loads(line)
        fault = _fault(line, entry, known, b"\n".join(torn))
        if fault:
            raise _broken(path, f"line {number}", fault, entries)
        n_torn, torn, known = n_torn + len(torn), [], entry["hash"]
        entries.append(entry)
    if head is not None and head not in {BEGINNING, *(entry["hash"] for entry in entries)}:
        raise _broken(path, "the end", "no entry has the head that was noted; entries were cut off", entries)
    return LogState(tuple(entries), known, n_torn, any(torn))


def current_user() -> tuple[str, str]:
    """Return the name of who acts, and where the name is from: ``environment`` or ``system``.

    It is what the account or the variable ``PEERCOMPARE_USER`` says, no proof of identity.
    """
    if named := os.environ.get(USER, "").strip():
        return named[:100], "environment"
    try:
        return getpass.getuser(), "system"
    except (KeyError, OSError, ImportError):
        return "unknown", "system"


def _header(corpus: str) -> dict[str, str]:
    """Return what every entry begins with."""
    who, source = current_user()
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"time": now, "who": who, "who_from": source, "corpus": corpus}


def _body(access: Access) -> dict:
    """Return an access as the fields of an entry."""
    ids = sorted(set(access.documents))
    which = (
        {"ids": ids} if len(ids) <= SHOWN_DOCUMENTS else {"sha256_of_ids": _sha256("\n".join(ids).encode())}
    )
    return {
        "did": access.did,
        "purposes": list(access.purposes),
        "as_of": access.as_of.isoformat() if access.as_of else "",
        "policy": access.policy,
        "documents": {"n": len(ids)} | which,
        "outcome": "allowed" if access.allowed else "refused",
        "reasons": dict(access.reasons),
    }


def _sealed(entry: Mapping, previous: str) -> bytes:
    """Return an entry as a line, with the hash of the one before it and its own."""
    chained = dict(entry) | {"previous": previous}
    return _line(chained | {"hash": _sha256(_line(chained))})


def _line(entry: Mapping) -> bytes:
    """Write an entry in the one form in which it is hashed."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _hash_of(line: bytes) -> str:
    """Return the hash that an entry holds of itself; empty where the line is no entry or was changed."""
    if not _is_object(line):
        return ""
    entry = json.loads(line)
    held = entry.pop("hash", "")
    return held if held == _sha256(_line(entry)) else ""


def _is_object(line: bytes) -> bool:
    """Say whether a line is a JSON object; one that was torn never is."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _fault(line: bytes, entry: Mapping, known: str, torn: bytes) -> str:
    """Say what is wrong with an entry after what stands before it; empty where nothing is."""
    if not _hash_of(line):
        return "the entry was changed"
    if entry.get("previous") != known:
        return "it does not follow the entry before it: an entry was taken out, put in or moved"
    if entry.get("torn_sha256", "") != (_sha256(torn) if torn else ""):
        return "what stands before it is not the torn line that it speaks of, if it speaks of one"
    return ""


def _end(descriptor: int, path: Path) -> tuple[str, bytes, bool]:
    """Return the hash of the last whole entry, what is torn after it, and whether a line can begin there."""
    size, length = os.fstat(descriptor).st_size, _BLOCK
    while True:
        os.lseek(descriptor, max(0, size - length), os.SEEK_SET)
        pieces = os.read(descriptor, length).split(b"\n")
        first = 0 if length >= size else 1  # the first piece of a block may be half a line
        for at in range(len(pieces) - 1, first - 1, -1):
            if _is_object(pieces[at]):
                head = _hash_of(pieces[at])
                if not head:
                    raise _broken(path, "the last entry", "the entry was changed", [])
                return head, b"\n".join(pieces[at + 1 :]), pieces[at + 1 :] == [b""]
        if length >= size:
            return BEGINNING, b"\n".join(pieces), size == 0
        length *= 2


def _write_whole(descriptor: int, data: bytes) -> None:
    """Write all bytes at the end of a file and wait until they are on disk."""
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)


def _broken(path: Path, where: str, what: str, entries: Sequence[Mapping]) -> ConsentError:
    """Return the error of a log whose chain is broken, with how far it can be trusted."""
    last = f"the {len(entries)} entries before it are whole" if entries else "look at it by eye"
    return ConsentError(
        f"The audit log {path} was tampered with or damaged",
        [Problem(where, what)],
        remedy=f"{last}; compare it with a copy, find out who could write it, and keep the file as evidence: "
        "move it elsewhere, and the next entry begins a new log",
    )


def _sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
