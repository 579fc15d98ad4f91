"""Everything that peercompare refuses, in words a reader can act on.

Every error is a `PeercompareError`. An error about input gathers all faults of a file before it is raised
and prints the first five of them, the total, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 5
"""How many offenders a message names before it gives the total."""


class PeercompareError(Exception):
    """Base of every error that peercompare raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One fault in somebody's input.

    Parameters
    ----------
    where : str
        File and place in it, e.g. ``"segments.csv, row 12 (JD001:004)"``. Rows count the header as row 1, as
        a spreadsheet shows them.
    what : str
        What is wrong there, with the value that was met.
    remedy : str, default ""
        What is allowed, or how to mend it. May be empty where the error's own remedy says it for all.
    """

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        return f"{text} ({self.remedy})" if self.remedy else text


class InputError(PeercompareError, ValueError):
    """Input that cannot be used, with every fault that was found.

    Parameters
    ----------
    summary : str
        One line: what could not be done, with which file.
    problems : iterable of Problem, optional
        All faults found, in the order of the file.
    remedy : str, default ""
        One line that says how to mend them.
    """

    def __init__(self, summary: str, problems: Iterable[Problem] = (), *, remedy: str = "") -> None:
        self.summary = summary
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.remedy = remedy
        super().__init__(self._message())

    def _message(self) -> str:
        lines = [self.summary]
        lines += [f"  - {problem}" for problem in self.problems[:SHOWN]]
        hidden = len(self.problems) - SHOWN
        if hidden > 0:
            lines.append(f"  ... and {hidden} more ({len(self.problems)} in all)")
        if self.remedy:
            lines.append(f"What to do: {self.remedy}")
        return "\n".join(lines)

    def __reduce__(self):
        return (_rebuild, (type(self), self.summary, self.problems, self.remedy))


def _rebuild(kind: type[InputError], summary: str, problems: Sequence[Problem], remedy: str) -> InputError:
    """Rebuild an `InputError` after pickling, keeping its fields."""
    return kind(summary, problems, remedy=remedy)


class FrameworkError(InputError):
    """A framework file that is malformed or contradicts itself."""


class CorpusError(InputError):
    """A corpus folder whose files, hashes or tables cannot be trusted."""


class ConsentError(InputError):
    """An act that somebody's consent does not cover, or consent records that contradict themselves."""


class CodingError(InputError):
    """Codings or coding sheets that do not fit the framework or the segments."""


class ModelError(InputError):
    """A model file that is damaged, untrusted, or made for another framework."""


class StudyError(InputError):
    """A study file with a misspelt key or a value that is not allowed."""


class DisclosureError(InputError):
    """A request that would single out a person."""


class ReportError(InputError):
    """A page that cannot be shown to everybody, or a notebook that did not run to its end."""


class ExchangeError(InputError):
    """A project of another tool that cannot be read, mapped or written without losing or moving a coding."""


class ClusterError(InputError):
    """A scheduler or workers that cannot be used, or were lost on the way."""


class UndefinedError(PeercompareError, ValueError):
    """A quantity that is not defined on the given data, with the reason.

    Functions that fill a table catch it and write the reason into the column ``reason``.
    """


def shown(value: object) -> str:
    """Return a value fit for a message: an id or a code as it is, a sentence as its length only.

    Examples
    --------
    >>> shown("S1-P01"), shown("I never told anybody")
    ("'S1-P01'", 'a text of 20 characters')
    """
    text = str(value)
    return repr(text) if re.fullmatch(r"\S{0,40}", text) else f"a text of {len(text)} characters"


def named(columns: Iterable[object]) -> str:
    """Return the names of a table's columns, fit for a message.

    A file without a header has cells where names should stand, and they may be somebody's words: what has a
    blank in it, or is longer than a name, is counted and not shown.

    Examples
    --------
    >>> named(["segment_id", "memo"]), named(["S1:001", "she told me of the river"]), named([])
    ('segment_id, memo', 'S1:001 and 1 that is no plain name', 'none')
    """
    texts = [str(column) for column in columns]
    plain = [text for text in texts if re.fullmatch(r"\S{1,40}", text)]
    others = len(texts) - len(plain)
    more = f"{others} that {'is no plain name' if others == 1 else 'are no plain names'}"
    return " and ".join([", ".join(plain)] * bool(plain) + [more] * bool(others)) or "none"


def at_row(file: str, row: int, name: str = "") -> str:
    """Return the place of a row, counted as a spreadsheet counts, for a message."""
    return f"{file}, row {row + 2} ({name})" if name else f"{file}, row {row + 2}"
