"""``peercompare consent log``: what was done with a corpus, and whether its log is whole."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from peercompare.cli.shared import COULD_NOT_RUN, DONE, add_command, tell


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    words = "Show what was done with a corpus, and check that the audit log is whole."
    parser = add_command(commands, "log", words, _log)
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="a corpus folder, or a log file")
    parser.add_argument("--verify", action="store_true", help="check the log and show no entry")
    parser.add_argument(
        "--head", metavar="HASH", help="a head noted earlier: check that it is still in the log"
    )
    parser.add_argument(
        "--last", type=int, default=20, metavar="N", help="show the last N entries (default: 20)"
    )


def _log(options: argparse.Namespace) -> int:
    from peercompare.safekeeping.access_log import verify_log

    path = _place(options.corpus)
    if path is None or not path.is_file():
        tell(f"{options.corpus} has no audit log{_why_none(path)}.")
        return COULD_NOT_RUN
    state = verify_log(path, head=options.head)
    if not options.verify:
        for entry in state.entries[-options.last :] if options.last > 0 else ():
            print(_line(entry))
    n = len(state.entries)
    print(f"{path}: {n} {'entry' if n == 1 else 'entries'}, a whole chain.")
    if state.torn or state.open_end:
        lines = state.torn + state.open_end
        print(
            f"{lines} torn by a process that was stopped while writing; kept, and noted by the entry after."
        )
    print(f"Head: {state.head}")
    if options.head is None:
        tell(_NOTE_IT)
    return DONE


def _place(path: Path) -> Path | None:
    """Return the log that a path names: the file itself, or the log of the corpus folder."""
    from peercompare.safekeeping.access_log import ACCESS_LOG, log_path

    if not path.is_dir():
        return path
    own = path / ACCESS_LOG
    return own if own.is_file() else log_path(path)


def _why_none(path: Path | None) -> str:
    """Say why there is no log."""
    looked = f" (looked for {path})" if path is not None else ""
    return f"{looked}: nothing was done with it yet, or its texts were composed, or the log was taken away"


def _line(entry: Mapping) -> str:
    """Write an entry in a line to read."""
    words = [entry["time"], entry["who"], entry["did"]]
    if "torn_bytes" in entry:
        return " ".join([*words, f"({entry['torn_bytes']} bytes)"])
    words += [f"for {' and '.join(entry['purposes'])}"] if entry["purposes"] else []
    words += [f"as of {entry['as_of']}"] if entry["as_of"] else []
    words += [f"({entry['policy']})"] if entry["policy"] else []
    words.append(f"{entry['outcome']}: {entry['documents']['n']} documents")
    reasons = "; ".join(f"{reason} {count}" for reason, count in entry["reasons"].items())
    return " ".join(words) + (f" [{reasons}]" if reasons else "")


_NOTE_IT = (
    "Note this head in another place, with the day: entries cut off at the end show only against it "
    "(peercompare consent log CORPUS --head HASH). Who acted is what the account said, no proof of identity."
)
