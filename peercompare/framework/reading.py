"""From a framework file to a `Framework`: found, decoded, checked as a whole, then frozen."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import MISSING, fields
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from peercompare.errors import FrameworkError, Problem
from peercompare.framework import entries, model
from peercompare.framework.references import check_references
from peercompare.framework.schema import CROSSWALK_PARTS, check_form

ADVICE = "mend the file; `peercompare codebook --framework deegan2017` and deegan2017.toml show the form"
Row = TypeVar("Row")


def shipped_framework() -> tuple[str, ...]:
    """Names of the frameworks that come with the package.

    Returns
    -------
    tuple of str
        Names that `read_framework` takes in place of a path.

    Examples
    --------
    >>> "deegan2017" in shipped_framework()
    True
    """
    folder = resources.files("peercompare.frameworks")
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


def read_framework(path: str | Path) -> model.Framework:
    """Read and check a framework file.

    Parameters
    ----------
    path : str or Path
        A TOML file in the form of the shipped one, or the name of a shipped framework.

    Returns
    -------
    Framework
        Frozen; `sha256` is that of the file's bytes.

    Raises
    ------
    FrameworkError
        With every fault found: file absent, not UTF-8, not TOML; keys missing or unknown; ids given twice;
        references to nothing; a dimension and stance without a code; stances out of order; a bad regular
        expression.

    Examples
    --------
    >>> framework = read_framework("deegan2017")
    >>> len(framework.dimensions), len(framework.code_ids)
    (7, 21)
    """
    return parse_framework(*_load(path))


def parse_framework(name: str, content: bytes) -> model.Framework:
    """Check the content of a framework file and return the framework; `read_framework` for bytes at hand.

    Parameters
    ----------
    name : str
        What messages call the file.
    content : bytes
        What is in it.

    Raises
    ------
    FrameworkError
        As `read_framework`.
    """
    data = _parse(name, content)
    # References are asked for only once the form is right: a missing key would be reported twice.
    problems = check_form(data) or check_references(data)
    if problems:
        placed = [Problem(f"{name}, {fault.where}", fault.what, fault.remedy) for fault in problems]
        raise FrameworkError(f"{name} cannot be used as a framework", placed, remedy=ADVICE)
    return _build(data, sha256=hashlib.sha256(content).hexdigest())


def _load(path: str | Path) -> tuple[str, bytes]:
    """Name for messages and bytes of the file, or of the shipped framework of that name."""
    if isinstance(path, str) and path in shipped_framework():
        return f"{path}.toml", resources.files("peercompare.frameworks").joinpath(f"{path}.toml").read_bytes()
    path = Path(path)
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise _absent(path, error.strerror or str(error)) from error


def _absent(path: Path, reason: str) -> FrameworkError:
    """The error of a file that cannot be read, or of a name that is not shipped."""
    shipped = ", ".join(shipped_framework())
    remedy = f"name a shipped framework ({shipped}), or give the path of a .toml file"
    fault = Problem(str(path), reason, f"shipped: {shipped}")
    if path.suffix or len(path.parts) > 1:
        return FrameworkError(f"no framework could be read from {path}", [fault], remedy=remedy)
    return FrameworkError(
        f"no framework {path} is shipped, and no file has that name", [fault], remedy=remedy
    )


def _parse(name: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        fault = Problem(f"{name}, line {line}", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
        raise FrameworkError(f"{name} cannot be used as a framework", [fault], remedy=ADVICE) from error
    except tomllib.TOMLDecodeError as error:
        fault = Problem(name, f"not TOML: {error}", "mend the line it names")
        raise FrameworkError(f"{name} cannot be used as a framework", [fault], remedy=ADVICE) from error


def _frozen(kind: type[Row], row: dict[str, Any], **given: Any) -> Row:
    """One dataclass from one entry: lists become tuples, keys left out take the default or an empty text."""
    values = {}
    for entry in fields(kind):
        if entry.name in given:
            values[entry.name] = given[entry.name]
        elif entry.name in row:
            value = row[entry.name]
            values[entry.name] = tuple(value) if isinstance(value, list) else value
        elif entry.default is not MISSING:
            values[entry.name] = entry.default
        else:
            values[entry.name] = () if "tuple" in str(entry.type) else ""
    return kind(**values)


def _all(kind: type[Row], data: dict[str, Any], table: str) -> tuple[Row, ...]:
    return tuple(_frozen(kind, row) for row in data.get(table, []))


def _build(data: dict[str, Any], *, sha256: str) -> model.Framework:
    stances = tuple(_frozen(model.Stance, row, value=float(row["index_value"])) for row in data["stances"])
    dimensions = tuple(
        _frozen(model.Dimension, row, position=number)
        for number, row in enumerate(data["dimensions"], start=1)
    )
    return model.Framework(
        **{key: data[key] for key in ("id", "title", "version", "scope", "not_for")},
        sha256=sha256,
        sources=_all(model.Source, data, "sources"),
        stances=stances,
        none=_frozen(model.Stance, data["none"], id=model.NONE, value=None),
        dimensions=dimensions,
        codes=_codes(data, dimensions, stances),
        rules=tuple(sorted(_all(model.Rule, data, "rules"), key=lambda rule: rule.number)),
        tags=_all(model.Tag, data, "tags"),
        units=_all(model.UnitOfAnalysis, data, "units"),
        markers=_markers(data),
        role_types=_all(entries.RoleType, data, "role_types"),
        settings=_all(entries.Setting, data, "settings"),
        notes=_all(model.Note, data, "notes"),
        title_families=_all(entries.TitleFamily, data, "title_families"),
        text_cues=_frozen(entries.TextCues, data.get("text_cues", {})),
        crosswalk=_crosswalk(data.get("crosswalk", {})),
        lenses=_all(entries.Lens, data, "lenses"),
        reviewed_by=_all(entries.Reviewer, data, "reviewed_by"),
        system_words=_all(entries.SystemWords, data, "system_words"),
        cues_seen=_all(entries.CuesSeen, data, "cues_seen"),
    )


def _codes(
    data: dict[str, Any], dimensions: tuple[model.Dimension, ...], stances: tuple[model.Stance, ...]
) -> tuple[model.Code, ...]:
    """Codes dimension by dimension, each in the order of the stances, whatever the order of the file."""
    rows = {(row["dimension"], row["stance"]): row for row in data["codes"]}
    ordered = [rows[dimension.id, stance.id] for dimension in dimensions for stance in stances]
    return tuple(
        _frozen(model.Code, row, signs=tuple(_frozen(model.Sign, sign) for sign in row.get("signs", [])))
        for row in ordered
    )


def _markers(data: dict[str, Any]) -> tuple[entries.Marker, ...]:
    """Markers; one with a code speaks for that code's stance unless the file says otherwise."""
    return tuple(
        _frozen(entries.Marker, row, side=row.get("side") or row["code"].rpartition(model.SEPARATOR)[2])
        for row in data["markers"]
    )


def _crosswalk(data: dict[str, Any]) -> entries.Crosswalk:
    parts = {
        part: tuple(_frozen(entries.CrosswalkItem, row) for row in data.get(part, []))
        for part in CROSSWALK_PARTS
    }
    return entries.Crosswalk(source=data.get("source", ""), **parts)
