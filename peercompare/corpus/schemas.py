"""What each table of a corpus must hold, as pandera schemas, with their faults told in words and by row.

The rules are lists of (test, fault, remedy) for each column; pandera finds all faults of a table at once. It
costs about a second to import and therefore is, only when a table is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from peercompare.consent.record import COLUMNS, OPTIONAL_COLUMNS
from peercompare.consent.table import cell_problems
from peercompare.errors import Problem, at_row, named, shown
from peercompare.framework import Framework

Rule = tuple[Callable[[pd.Series], pd.Series], str, str]
"""A test of a column of strings, what is wrong where it fails ("{value}" is put in), and the remedy."""

MAX_FURTHER_CODES = 2
FINDINGS = ("present", "excluded")
LIVED = ("yes", "no", "")
"""Whether a coder has lived experience of peer work; empty where they did not say, or no person coded."""

SPOKEN_UNIT = "turn"
"""The unit of analysis of texts in which people speak."""


@dataclass(frozen=True)
class TableSchema:
    """The rules of one table.

    Parameters
    ----------
    file : str
        Name of the file.
    columns : mapping of str to sequence of Rule
        Required columns and their rules; further columns are free.
    id_column : str
        The column that names a row in messages.
    keys : tuple of (columns, fault, remedy)
        Columns that together may occur once only.
    check : callable, optional
        What finds the faults in the place of rules, where another module knows them.
    """

    file: str
    columns: Mapping[str, Sequence[Rule]]
    id_column: str
    keys: tuple[tuple[tuple[str, ...], str, str], ...] = field(default=())
    check: Callable[[pd.DataFrame], list[Problem]] | None = None


def table_problems(table: pd.DataFrame, schema: TableSchema) -> list[Problem]:
    """Return every fault of a table of strings, in the order of its rows.

    Parameters
    ----------
    table : DataFrame
        All columns as text; row index from 0, so that a spreadsheet shows row 0 as row 2.
    schema : TableSchema
        Its rules.

    Returns
    -------
    list of Problem
        Faults with file, row and the row's id. Missing columns alone where there are any.
    """
    missing = [name for name in schema.columns if name not in table.columns]
    if missing:
        return [_missing(schema.file, name, table.columns) for name in missing]
    if schema.check is not None:
        return schema.check(table)
    found = {(int(row), text): None for row, text in _failures(table, schema)}
    return [_fault(table, schema, row, text) for row, text in sorted(found)]


def is_spoken(framework: Framework, genre: str, documents: pd.DataFrame) -> bool:
    """Say whether people speak in the texts, by genre or by a column ``speakers``: consent is asked then."""
    return framework.unit_of_analysis[genre].unit == SPOKEN_UNIT or "speakers" in documents.columns


def documents_schema(framework: Framework, *, spoken: bool, cluster: str) -> TableSchema:
    """Return the rules of documents.csv; where people speak, those behind the labels are needed."""
    columns = {
        "document_id": [
            _matches(_DOCUMENT_ID, "{value} cannot be a file's name", "letters, digits, . _ and -")
        ],
        "date": [DAY],
        "setting": [_one_of([setting.id for setting in framework.settings], "setting")],
    }
    if spoken:
        columns |= {
            "worker_id": [FILLED],
            "worker_role": [FILLED],
            "site_id": [FILLED],
            "speakers": [_SPEAKERS],
        }
    else:
        columns |= {"title": [FILLED]}
    columns[cluster] = [FILLED]
    return TableSchema("documents.csv", columns, "document_id", (_once("document_id"),))


def segments_schema(*, spoken: bool) -> TableSchema:
    """Return the rules of segments.csv."""
    columns = {
        "segment_id": [_TOKEN],
        "document_id": [FILLED],
        "position": [_COUNT],
        "start": [_COUNT],
        "end": [_COUNT],
    }
    if spoken:
        columns["speaker"] = [FILLED]
    return TableSchema("segments.csv", columns, "segment_id", (_once("segment_id"),))


def codings_schema(framework: Framework) -> TableSchema:
    """Return the rules of codings.csv under a framework."""
    codes = [*framework.code_ids, framework.none.id]
    columns = {
        "segment_id": [_TOKEN],
        "coder_id": [_TOKEN],
        "code": [_one_of(codes, "code", "the codebook lists the codes")],
        "is_primary": [_one_of(("true", "false"), "value of is_primary")],
        "tags": [_words_of([tag.id for tag in framework.tags], "tag")],
        "memo": [],
    }
    key = ("segment_id", "coder_id", "code")
    fault = ("the coder gives the same code twice to one segment", "keep one of the rows")
    return TableSchema("codings.csv", columns, "segment_id", ((key, *fault),))


def consents_schema() -> TableSchema:
    """Return the rules of consents.csv, which are those of a consent record (see consent.record)."""
    needed = {name: [] for name in COLUMNS if name not in OPTIONAL_COLUMNS}
    return TableSchema("consents.csv", needed, "person_id", check=cell_problems)


def further_schemas(framework: Framework) -> dict[str, TableSchema]:
    """Return the rules of the tables that a corpus may have beside those that each has."""
    return {schema.file: schema for schema in (*_findings(framework), *_contested(framework), *_happenings())}


def _findings(framework: Framework) -> tuple[TableSchema, ...]:
    """Return the rules of what coders find in whole documents."""
    role_types = [role.id for role in framework.role_types]
    markers = [marker.id for marker in framework.markers]
    roles = {
        "document_id": [FILLED],
        "coder_id": [_TOKEN],
        "role_type": [_one_of(role_types, "role type")],
        "memo": [],
    }
    found = {
        "document_id": [FILLED], "coder_id": [_TOKEN], "marker": [_one_of(markers, "marker")],
        "finding": [_one_of(FINDINGS, "finding")], "segment_ids": [],
    }  # fmt: skip
    twice = ("the same coder stands there twice for this", _KEEP_ONE)
    keys = (("document_id", "coder_id"), ("document_id", "coder_id", "marker", "finding"))
    return (
        TableSchema("role_types.csv", roles, "document_id", ((keys[0], *twice),)),
        TableSchema("markers.csv", found, "document_id", ((keys[1], *twice),)),
    )


def _contested(framework: Framework) -> tuple[TableSchema, ...]:
    """Return the rules of what workers contest, and of who the coders are."""
    contests = {
        "segment_id": [_TOKEN], "worker_id": [_TOKEN], "reason": [FILLED],
        "proposed_code": [_one_of(["", *framework.code_ids, framework.none.id], "code", _OR_NO_CODE)],
        "contested_on": [DAY],
    }  # fmt: skip
    backgrounds = {
        "coder_id": [_TOKEN],
        "lived_experience": [_one_of(LIVED, "word", _SAID)],
        "background": [],
    }
    twice = (("segment_id",), "the segment is contested twice", _KEEP_ONE)
    return (
        TableSchema("contests.csv", contests, "segment_id", (twice,)),
        TableSchema("coders.csv", backgrounds, "coder_id", (_once("coder_id"),)),
    )


def _happenings() -> tuple[TableSchema, ...]:
    """Return the rules of what happened at sites, and of what was removed from the corpus."""
    events = {"event_id": [_TOKEN], "date": [DAY], "kind": [FILLED], "description": []}
    removed = {
        "removal_id": [_TOKEN], "document_id": [_TOKEN], "removed_on": [DAY], "n_turns": [_COUNT],
        "n_segments": [_COUNT], "why": [],
    }  # fmt: skip
    twice = (("removal_id", "document_id"), "the same removal names the document twice", _KEEP_ONE)
    return (
        TableSchema("events.csv", events, "event_id", (_once("event_id"),)),
        TableSchema("removals.csv", removed, "removal_id", (twice,)),
    )


_KEEP_ONE = "keep one of the rows"
_DOCUMENT_ID = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_DAY = r"\d{4}-\d{2}-\d{2}"
_OR_NO_CODE = "the codebook lists the codes; it may stay empty"
_SAID = "lived_experience is yes, no or empty"
_DAY_REMEDY = "write days as YYYY-MM-DD"


def _matches(pattern: str, fault: str, remedy: str) -> Rule:
    """Return the rule that a cell matches a pattern from end to end."""
    return (lambda cells: cells.str.fullmatch(pattern), fault, remedy)


def _one_of(values: Collection[str], noun: str, remedy: str = "") -> Rule:
    """Return the rule that a cell is one of some values."""
    allowed = remedy or f"one of {', '.join(values)}"
    return (lambda cells: cells.isin(list(values)), f"unknown {noun} {{value}}", allowed)


def _words_of(values: Collection[str], noun: str) -> Rule:
    """Return the rule that a cell holds words from a list, parted by blanks, or nothing."""
    known = set(values)
    return (
        lambda cells: cells.map(lambda cell: known.issuperset(cell.split())).astype(bool),
        f"unknown {noun} in {{value}}",
        f"any of {', '.join(values)}, parted by blanks",
    )


def _once(column: str) -> tuple[tuple[str, ...], str, str]:
    """Return the rule that no two rows share an id."""
    return ((column,), f"the {column} stands there twice", "ids are used once")


def _real_day(cell: str) -> bool:
    """Say whether a cell written like a day is one in the calendar; other cells pass."""
    try:
        return not re.fullmatch(_DAY, cell) or bool(date.fromisoformat(cell))
    except ValueError:
        return False


def _speaker_pairs(cell: str) -> bool:
    """Say whether a cell pairs every label with one person, ``P01=S1-P01 W01=W01``."""
    pairs = [pair.split("=") for pair in cell.split()]
    labels = [pair[0] for pair in pairs]
    return (
        bool(pairs)
        and all(len(pair) == 2 and all(pair) for pair in pairs)
        and len(set(labels)) == len(labels)
    )


FILLED: Rule = (lambda cells: cells.str.strip() != "", "the column {column} is empty", "fill it in")
DAY: Rule = (
    lambda cells: cells.map(lambda cell: bool(re.fullmatch(_DAY, cell)) and _real_day(cell)).astype(bool),
    "{column} is {value}, not a day",
    _DAY_REMEDY,
)
_REAL_DAY: Rule = (
    lambda cells: cells.map(_real_day).astype(bool), "{column} is {value}, a day that does not exist",
    _DAY_REMEDY
)  # fmt: skip
_TOKEN = _matches(r"\S+", "{column} is {value}", "an id without blanks")
_COUNT = _matches(r"\d{1,12}", "{column} is {value}", "a whole number, 0 or more")
_SPEAKERS: Rule = (
    lambda cells: cells.map(_speaker_pairs).astype(bool),
    "speakers does not pair every label with one person",
    "write label=person pairs, as in P01=S1-P01 W01=W01",
)


def _failures(table: pd.DataFrame, schema: TableSchema) -> list[tuple[int, str]]:
    """Return (row, "fault|column|remedy") for every failed check that pandera finds."""
    import pandera.pandas as pa

    columns = {
        name: pa.Column(
            str, [pa.Check(test, error=f"{fault}|{name}|{remedy}") for test, fault, remedy in rules]
        )
        for name, rules in schema.columns.items()
    }
    keys = [
        pa.Check(_first_of(key), error=f"{fault}|{key[0]}|{remedy}", ignore_na=False)
        for key, fault, remedy in schema.keys
    ]
    try:
        pa.DataFrameSchema(columns, checks=keys).validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        return list(zip(cases["index"], cases["check"], strict=True))
    return []


def _first_of(key: tuple[str, ...]) -> Callable[[pd.DataFrame], pd.Series]:
    """Return the test that a row is the first with its key."""
    return lambda table: ~table.duplicated(list(key), keep="first")


def _fault(table: pd.DataFrame, schema: TableSchema, row: int, text: str) -> Problem:
    """Return the fault of a row in words."""
    fault, column, remedy = text.split("|", 2)
    what = fault.format(value=shown(table[column].iloc[row]), column=column)
    name = table[schema.id_column].iloc[row]
    return Problem(at_row(schema.file, row, name if re.fullmatch(r"\S{1,40}", name) else ""), what, remedy)


def _missing(file: str, name: str, columns: Collection[str]) -> Problem:
    """Return the fault of a missing column."""
    return Problem(f"{file}, row 1", f"the column {name!r} is missing", f"the file has {named(columns)}")
