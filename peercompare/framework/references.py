"""What must agree across a framework file: ids are unique, everything pointed at exists, the grid is full.

Asked only of a file whose form is right (`schema`).
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from peercompare.errors import Problem
from peercompare.framework.model import NONE, SEPARATOR
from peercompare.framework.schema import CROSSWALK_PARTS, place

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
UNIQUE = {
    "sources": "id",
    "stances": "id",
    "dimensions": "id",
    "rules": "number",
    "tags": "id",
    "units": "genre",
    "markers": "id",
    "role_types": "id",
    "settings": "id",
    "notes": "id",
    "title_families": "id",
    "lenses": "id",
    "system_words": "country",
    "cues_seen": "corpus",
}
NOWHERE = "is not in the file"
"""How the fault of a word ends that is nowhere defined."""

Pair = tuple[str, str]
"""Dimension and stance of a code."""

REGEX_KEYS = {"markers": ("cues", "excluded_cues"), "title_families": ("cues",)}


def check_references(data: dict[str, Any]) -> list[Problem]:
    """All contradictions in a framework file whose form is right, each slip told once.

    A word that is nowhere defined and stands in many places is one fault with its number of places.
    """
    return _told_once(
        [
            *_check_ids(data),
            *_check_stances(data),
            *_check_codes(data),
            *_check_sources(data),
            *_check_markers(data),
            *_check_role_types(data),
            *_check_lenses(data),
            *_check_crosswalk(data),
            *_check_regexes(data),
        ]
    )


def _told_once(problems: list[Problem]) -> list[Problem]:
    """The faults with each undefined word at its first place, and in how many more it stands."""
    places = Counter(problem.what for problem in problems if problem.what.endswith(NOWHERE))
    told: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        repeated = problem.what in places
        n_more = places[problem.what] - 1
        if repeated and n_more:
            more = f"{problem.what}; so in {n_more} more place{'s' if n_more > 1 else ''}"
            told.setdefault(("", problem.what), replace(problem, what=more))
        else:
            told[problem.where, problem.what] = problem
    return list(told.values())


def _rows(data: dict[str, Any], table: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each entry of a table with the words that say where it stands."""
    for number, row in enumerate(data.get(table, []), start=1):
        yield place(table, number, row), row


def _ids(data: dict[str, Any], table: str) -> list[str]:
    return [row["id"] for row in data.get(table, [])]


def _dangling(where: str, what: str, value: str, allowed: Iterable[str]) -> list[Problem]:
    """The fault of a word that is not among those defined; an empty one among them may be written too."""
    allowed = list(allowed)
    if value in allowed:
        return []
    named = [word for word in allowed if word]
    near = difflib.get_close_matches(value, named, n=1)
    remedy = f"did you mean {near[0]}? " if near else ""
    return [Problem(where, f"{what} {value!r} {NOWHERE}", f"{remedy}allowed: {', '.join(named) or 'none'}")]


def _check_ids(data: dict[str, Any]) -> list[Problem]:
    problems = []
    for table, key in UNIQUE.items():
        seen = set()
        for where, row in _rows(data, table):
            value = row[key]
            if value in seen:
                problems.append(
                    Problem(where, f"{key} {value!r} is there twice", f"give each entry its own {key}")
                )
            seen.add(value)
            if key == "id" and not IDENTIFIER.fullmatch(value):
                problems.append(
                    Problem(where, f"id {value!r}", "use small letters, digits and _, a letter first")
                )
    return problems


def _check_stances(data: dict[str, Any]) -> list[Problem]:
    ids = _ids(data, "stances")
    values = [row["index_value"] for row in data["stances"]]
    problems = []
    if len(ids) < 2:
        problems.append(
            Problem("[[stances]]", "has one entry", "an axis needs two ends: give at least two stances")
        )
    if NONE in ids:
        problems.append(
            Problem("[[stances]]", f"a stance is called {NONE!r}", f"{NONE} takes no stance: use [none]")
        )
    if any(later <= earlier for earlier, later in pairwise(values)):
        problems.append(
            Problem("[[stances]]", f"index_value runs {values}", "order the stances by index_value")
        )
    elif len(ids) >= 2 and (values[0] != -1 or values[-1] != 1):
        problems.append(
            Problem(
                "[[stances]]", f"index_value runs from {values[0]} to {values[-1]}", "the ends are -1 and 1"
            )
        )
    return problems


def _check_codes(data: dict[str, Any]) -> list[Problem]:
    dimensions, stances = _ids(data, "dimensions"), _ids(data, "stances")
    problems: list[Problem] = []
    seen: set[Pair] = set()
    for where, row in _rows(data, "codes"):
        problems += _dangling(where, "dimension", row["dimension"], dimensions)
        problems += _dangling(where, "stance", row["stance"], stances)
        pair = (row["dimension"], row["stance"])
        if pair in seen:
            problems.append(Problem(where, "the code is there twice", "keep one entry for each code"))
        seen.add(pair)
    grid = [(dimension, stance) for dimension in dimensions for stance in stances]
    missing = _less_meant([pair for pair in grid if pair not in seen], seen.difference(grid))
    return problems + [
        Problem("[[codes]]", f"code {SEPARATOR.join(pair)} is missing", "add a [[codes]] entry for it")
        for pair in missing
    ]


def _less_meant(missing: list[Pair], misspelt: Iterable[Pair]) -> list[Pair]:
    """The missing codes without those that a misspelt entry, whose fault is told, is likely to stand for."""
    left = list(missing)
    for wrong in sorted(misspelt):
        alike = [pair for pair in left if pair[0] == wrong[0] or pair[1] == wrong[1]]
        if alike:
            left.remove(max(alike, key=lambda pair: _likeness(SEPARATOR.join(pair), SEPARATOR.join(wrong))))
    return left


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _check_sources(data: dict[str, Any]) -> list[Problem]:
    sources = _ids(data, "sources")
    problems = []
    for table in ("dimensions", "markers", "role_types", "lenses"):
        for where, row in _rows(data, table):
            problems += _dangling(where, "source", row["source"], sources)
    for where, row in _rows(data, "codes"):
        for sign in row.get("signs", []):
            problems += _dangling(where, "source of a sign", sign["source"], sources)
    return problems


def _check_markers(data: dict[str, Any]) -> list[Problem]:
    stances = ["", *_ids(data, "stances")]
    problems = []
    for where, row in _rows(data, "markers"):
        problems += _check_code(where, row["code"], data)
        problems += _dangling(where, "side", row.get("side", ""), stances)
        if not row["cues"] and not row.get("word_list", False):
            problems.append(Problem(where, "has no cue", "give cues, or word_list = true"))
        if row.get("word_list", False) and not data.get("system_words"):
            problems.append(Problem(where, "word_list is true but there is none", "add [[system_words]]"))
    return problems


def _check_code(where: str, code: str, data: dict[str, Any]) -> list[Problem]:
    """The fault of a reference to a code: of the part that is wrong, as it is told elsewhere too."""
    dimensions, stances = _ids(data, "dimensions"), _ids(data, "stances")
    dimension, separator, stance = code.partition(SEPARATOR)
    grid = [f"{each}{SEPARATOR}{other}" for each in dimensions for other in stances]
    if not code or code in grid:
        return []
    entries = [(row["dimension"], row["stance"]) for row in data["codes"]]
    if separator and (dimension, stance) in entries:
        # Its entry in [[codes]] has the same slip.
        return [
            *_dangling(where, "dimension", dimension, dimensions),
            *_dangling(where, "stance", stance, stances),
        ]
    return _dangling(where, "code", code, grid)


def _check_role_types(data: dict[str, Any]) -> list[Problem]:
    stances = _ids(data, "stances")
    ends = list(dict.fromkeys((stances[0], stances[-1])))
    problems, seen = [], {}
    for where, row in _rows(data, "role_types"):
        problems += _dangling(where, "duties", row["duties"], ends)
        kind = (row["duties"], row["lived_experience"], row["leads_workers"])
        if kind in seen:
            problems.append(
                Problem(where, f"cannot be told from {seen[kind]}", "change duties or lived_experience")
            )
        seen[kind] = row["id"]
    for where, row in _rows(data, "title_families"):
        problems += _dangling(where, "duties", row["duties"], ["", *ends])
    return problems


def _check_lenses(data: dict[str, Any]) -> list[Problem]:
    dimensions = _ids(data, "dimensions")
    problems = []
    for where, row in _rows(data, "lenses"):
        for dimension in row["dimensions"]:
            problems += _dangling(where, "dimension", dimension, dimensions)
    return problems


def _check_crosswalk(data: dict[str, Any]) -> list[Problem]:
    crosswalk = data.get("crosswalk")
    if crosswalk is None:
        return []
    dimensions, stances = _ids(data, "dimensions"), _ids(data, "stances")
    markers = ["", *_ids(data, "markers")]
    problems = _dangling("[crosswalk]", "source", crosswalk["source"], _ids(data, "sources"))
    for part in CROSSWALK_PARTS:
        seen = set()
        for where, row in _rows({f"crosswalk.{part}": crosswalk.get(part, [])}, f"crosswalk.{part}"):
            problems += _dangling(where, "dimension", row["dimension"], dimensions)
            problems += _dangling(where, "stance", row["stance"], stances)
            problems += _dangling(where, "marker", row.get("marker", ""), markers)
            if row["id"] in seen:
                problems.append(
                    Problem(where, f"id {row['id']!r} is there twice", "give each entry its own id")
                )
            seen.add(row["id"])
    return problems


def _check_regexes(data: dict[str, Any]) -> list[Problem]:
    problems = []
    for table, keys in REGEX_KEYS.items():
        for where, row in _rows(data, table):
            for key in keys:
                problems += _bad_patterns(where, key, row.get(key, []))
    for key, patterns in data.get("text_cues", {}).items():
        problems += _bad_patterns("[text_cues]", key, patterns)
    return problems


def _bad_patterns(where: str, key: str, patterns: list[str]) -> list[Problem]:
    problems = []
    for pattern in patterns:
        try:
            compiled = re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            problems.append(Problem(where, f"{key} has {pattern!r}: {error}", "mend the regular expression"))
            continue
        if compiled.search(""):
            problems.append(
                Problem(where, f"{key} has {pattern!r}, which matches an empty text", "ask for a word")
            )
    return problems
