"""JSON and JSON lines of unknown origin: read whole, every fault with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from peercompare.errors import ExchangeError, InputError, Problem
from peercompare.readers.sources import decoded, read_bytes


def read_text(path: Path) -> str:
    """Return a text file with LF line ends, or raise with what is wrong with it."""
    try:
        return decoded(read_bytes(path), path)
    except InputError as error:
        raise ExchangeError(error.summary, error.problems, remedy=error.remedy) from None


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return parsed_json(read_text(path), path.name, "")


def read_json_lines(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """Yield what each line of JSON holds, with its number; empty lines hold nothing.

    Raises
    ------
    ExchangeError
        Lists every line that is no JSON object.
    """
    problems, rows = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                row = parsed_json(line, path.name, f"line {number}")
                if not isinstance(row, dict):
                    problems.append(Problem(f"{path.name}, line {number}", "it holds no JSON object"))
                rows.append((number, row))
            except ExchangeError as error:
                problems += error.problems
    if problems:
        raise ExchangeError(f"{path.name} cannot be read", problems, remedy="export it anew")
    yield from rows


def parsed_json(text: str, file: str, where: str) -> Any:
    """Return what a text of JSON holds; numbers that are none (NaN) and endless nesting are refused."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        what = "it is nested without end"
    except ValueError as error:
        what = f"it is no JSON, or a part of one: {error}"
    place = f"{file}, {where}" if where else file
    raise ExchangeError(f"{file} cannot be read", [Problem(place, what, "export it anew, and copy it whole")])


def _refuse(name: str) -> None:
    """Raise for NaN and the infinities, which JSON does not have."""
    raise ValueError(f"{name} is no number")
