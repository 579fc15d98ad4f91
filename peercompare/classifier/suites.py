"""Reading suites of minimal pairs: sentences in which one thing changes, and what should follow from it.

A suite is a TOML file, written for a framework and before a model is tried on it. The shipped ones stand
beside the frameworks; `peercompare/frameworks/behaviour/deegan2017.toml` shows the form.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from peercompare.errors import InputError, Problem

INVARIANCE, DIRECTION = "invariance", "direction"
FALLS, RISES = "falls", "rises"
_KEYS = {"id": str, "kind": str, "about": str, "sentences": list, "words": list}
_DIRECTED = {"label": str, "moves": str}


@dataclass(frozen=True)
class Case:
    """One exchange: a sentence before and after it, and the number of the sentence in its test."""

    sentence: int
    before: str
    after: str


@dataclass(frozen=True)
class BehaviourTest:
    """One test of a suite.

    Parameters
    ----------
    id, about : str
        Name, and what is expected, in a sentence.
    kind : {"invariance", "direction"}
        The label stays the same; or a label's probability moves.
    sentences : tuple of str
    words : tuple of tuple of str
        Wherever the first of a list stands in a sentence, it is exchanged for each of the others.
    label, moves : str
        Of a direction: the label whose probability "falls" or "rises". Empty for an invariance.
    """

    id: str
    about: str
    kind: str
    sentences: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    label: str = ""
    moves: str = ""

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return all exchanges, sentence by sentence."""
        return tuple(self._cases())

    def _cases(self) -> Iterator[Case]:
        for number, sentence in enumerate(self.sentences):
            for first, *others in self.words:
                pattern = whole_words(first)
                if pattern.search(sentence):
                    for other in others:
                        yield Case(number, sentence, pattern.sub(lambda _, to=other: to, sentence))


@dataclass(frozen=True)
class Suite:
    """A suite of minimal pairs.

    Parameters
    ----------
    framework : str
        Id of the framework whose labels it speaks of.
    title : str
    min_change : float
        By how much a probability must move at least for a direction to be passed.
    tests : tuple of BehaviourTest
    """

    framework: str
    title: str
    min_change: float
    tests: tuple[BehaviourTest, ...]


def whole_words(words: str) -> re.Pattern[str]:
    """Match words where they stand whole."""
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")


def shipped_suites() -> tuple[str, ...]:
    """Return the ids of the frameworks that have a shipped suite."""
    folder = resources.files("peercompare.frameworks").joinpath("behaviour")
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


def read_suite(name: str | Path) -> Suite:
    """Read a suite of minimal pairs.

    Parameters
    ----------
    name : str or Path
        A TOML file, or the id of a framework that has a shipped suite.

    Returns
    -------
    Suite
        With tests in the order of the file.

    Raises
    ------
    InputError
        Where there is no such suite; or with every fault: keys missing or unknown, a kind or a move that is
        not known, a test given twice, a sentence in which nothing is exchanged, words that stand in none.
    """
    name = str(name)
    shipped = resources.files("peercompare.frameworks").joinpath("behaviour", f"{name}.toml")
    source = Path(name) if name.endswith(".toml") else shipped
    try:
        found = tomllib.loads(source.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        remedy = "give a framework with a shipped suite, or a .toml file"
        raise InputError(f"There is no suite of minimal pairs {name}", remedy=remedy) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{name} cannot be read as TOML: {error}", remedy="mend the file") from None
    problems = [*_faults(found), *_faults_of_tests(found)]
    if problems:
        remedy = "the shipped suite, frameworks/behaviour/deegan2017.toml, shows the form"
        raise InputError(f"The suite {name} cannot be used", problems, remedy=remedy)
    tests = tuple(_test(each) for each in found["tests"])
    return Suite(found["framework"], found["title"], float(found["min_change"]), tests)


def _test(row: Mapping[str, Any]) -> BehaviourTest:
    words = tuple(tuple(each) for each in row["words"])
    return BehaviourTest(**{**row, "sentences": tuple(row["sentences"]), "words": words})


def _faults(found: Mapping[str, Any]) -> Iterator[Problem]:
    """Say what is wrong with the head of a suite."""
    for key in ("framework", "title"):
        if not isinstance(found.get(key), str):
            yield Problem(key, "missing, or no text")
    change = found.get("min_change")
    if not isinstance(change, float) or not 0 < change < 1:
        yield Problem("min_change", "missing, or not a number between 0 and 1")
    if not isinstance(found.get("tests"), list) or not found.get("tests"):
        yield Problem("tests", "there is none", "add [[tests]]")
    for key in sorted(set(found) - {"framework", "title", "min_change", "tests"}):
        yield Problem(key, "unknown key")


def _faults_of_tests(found: Mapping[str, Any]) -> Iterator[Problem]:
    """Say what is wrong with each test."""
    seen: set[object] = set()
    rows = found.get("tests")
    for number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        if not isinstance(row, dict):
            yield Problem(f"tests, number {number}", "no table of its own", "write [[tests]]")
            continue
        where = f"tests, number {number} ({row.get('id', 'no id')})"
        faults = list(_faults_of_form(row))
        yield from (Problem(where, fault) for fault in faults)
        if not faults:
            yield from (Problem(where, fault) for fault in _faults_of_content(row))
        if row.get("id") in seen:
            yield Problem(where, "the id stands twice")
        seen.add(row.get("id"))


def _faults_of_form(row: Mapping[str, Any]) -> Iterator[str]:
    """Say which keys of a test are missing, unknown or of another kind."""
    directed = row.get("kind") == DIRECTION
    wanted = {**_KEYS, **(_DIRECTED if directed else {})}
    for key, kind in wanted.items():
        if not isinstance(row.get(key), kind):
            yield f"{key} is missing, or no {'list' if kind is list else 'text'}"
    for key in sorted(set(row) - set(wanted)):
        yield f"unknown key {key!r}"
    if isinstance(row.get("kind"), str) and row["kind"] not in (INVARIANCE, DIRECTION):
        yield f"unknown kind {row['kind']!r} (allowed: {INVARIANCE}, {DIRECTION})"
    if directed and row.get("moves") not in (FALLS, RISES):
        yield f"unknown move {row.get('moves')!r} (allowed: {FALLS}, {RISES})"
    if not all(isinstance(each, str) for each in row.get("sentences") or ()):
        yield "a sentence is no text"
    if not all(_is_exchange(each) for each in row.get("words") or ()):
        yield "words are lists of two or more texts: what is exchanged, and for what"


def _is_exchange(words: object) -> bool:
    return isinstance(words, list) and len(words) > 1 and all(isinstance(each, str) for each in words)


def _faults_of_content(row: Mapping[str, Any]) -> Iterator[str]:
    """Say where nothing would be exchanged."""
    firsts: Sequence[str] = [words[0] for words in row["words"]]
    for number, sentence in enumerate(row["sentences"], start=1):
        if not any(whole_words(first).search(sentence) for first in firsts):
            yield f"nothing is exchanged in sentence {number}"
    for number, first in enumerate(firsts, start=1):
        if not any(whole_words(first).search(sentence) for sentence in row["sentences"]):
            yield f"the first of words {number} stands in no sentence"
