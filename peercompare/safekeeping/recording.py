"""Recording what is done with an opened corpus in its audit log."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from peercompare.safekeeping.access_log import Access, append, log_path


@dataclass(frozen=True, eq=False)
class Recorder:
    """Where an opened corpus records what is done with it.

    Parameters
    ----------
    path : Path or None
        The log; None where none is kept (corpora that were composed).
    corpus : str
        The name of the corpus.
    """

    path: Path | None = None
    corpus: str = ""
    _asked: set[tuple] = field(default_factory=set, repr=False)

    def record(self, access: Access) -> None:
        """Append an entry, before what it speaks of is done.

        Raises
        ------
        ConsentError
            Where the log cannot be written: then it must not be done.
        """
        if self.path is not None:
            append(self.path, self.corpus, access)

    def record_once(self, access: Access) -> None:
        """Append an entry unless this corpus, as it was opened, has one of the same question already.

        A figure asks for each of its quotations whether it may be shown; one entry says so for all of them.
        """
        question = (access.did, access.purposes, access.as_of)
        if question not in self._asked:
            self.record(access)
            self._asked.add(question)


def recorder_of(folder: Path, name: str, *, composed: bool) -> Recorder:
    """Return where a corpus records what is done with it; see `log_path`."""
    return Recorder(log_path(folder, composed=composed), name)
