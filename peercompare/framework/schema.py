"""The form of a framework file: which tables, which keys, which kinds of value.

`check_form` looks at one file's form alone; whether ids point at something is asked in `references`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peercompare.errors import Problem


@dataclass(frozen=True)
class Key:
    """What a key may hold.

    `kind` is text, texts, bool, int, number or signs; a text or a list may be empty only with `may_be_empty`.
    """

    kind: str = "text"
    required: bool = True
    may_be_empty: bool = False
    choices: tuple[str, ...] = ()
    count: int = 0


def _optional(kind: str = "text") -> Key:
    return Key(kind, required=False, may_be_empty=True)


ID_LABEL = {"id": Key(), "label": Key()}
CROSSWALK_ITEM = {"id": Key(), "text": Key(), "dimension": Key(), "stance": Key(), "marker": _optional()}

TOP: dict[str, Key] = {"id": Key(), "title": Key(), "version": Key(), "scope": Key(), "not_for": Key()}

TABLES: dict[str, dict[str, Key]] = {
    "sources": {
        "id": Key(),
        "authors": Key(),
        "year": Key(),
        "title": Key(),
        "venue": Key(),
        "url": Key(),
        "adds": Key(),
        "licence_note": _optional(),
    },
    "stances": {**ID_LABEL, "definition": Key(), "index_value": Key("number")},
    "dimensions": {**ID_LABEL, "question": Key(), "source": Key()},
    "codes": {
        "dimension": Key(),
        "stance": Key(),
        "label": Key(),
        "definition": Key(),
        "when_to_use": Key(),
        "when_not_to_use": Key(),
        "examples": Key("texts", count=2),
        "signs": _optional("signs"),
    },
    "rules": {"number": Key("int"), "text": Key()},
    "tags": {"id": Key(), "definition": Key(), "outside_control": Key("bool")},
    "units": {
        "genre": Key(),
        "unit": Key(choices=("item_or_sentence", "turn")),
        "max_words": Key("int"),
        "text": Key(),
    },
    "markers": {
        **ID_LABEL,
        "definition": Key(),
        "code": Key(may_be_empty=True),
        "kind": Key(choices=("act", "condition")),
        "source": Key(),
        "side": _optional(),
        "cues": Key("texts", may_be_empty=True),
        "excluded_cues": _optional("texts"),
        "word_list": Key("bool", required=False),
        "min_segments": Key("int", required=False),
    },
    "role_types": {
        **ID_LABEL,
        "definition": Key(),
        "source": Key(),
        "duties": Key(),
        "lived_experience": Key(choices=("central", "credited", "absent")),
        "leads_workers": Key("bool"),
    },
    "settings": {**ID_LABEL, "definition": Key()},
    "notes": {"id": Key(), "text": Key()},
    "title_families": {
        **ID_LABEL,
        "duties": Key(may_be_empty=True),
        "leads_workers": Key("bool"),
        "cues": Key("texts", may_be_empty=True),
        "words": _optional("texts"),
    },
    "lenses": {**ID_LABEL, "question": Key(), "source": Key(), "dimensions": Key("texts")},
    "reviewed_by": {"name": Key(), "lived_experience": Key(), "date": Key(), "note": _optional()},
    "cues_seen": {"corpus": Key(), "clusters": Key("texts")},
    "system_words": {"country": Key(), "words": Key("texts"), "exempt": _optional("texts")},
}

OPTIONAL_TABLES = frozenset({"cues_seen", "notes", "title_families", "lenses", "system_words"})
MAY_BE_EMPTY = frozenset({"reviewed_by", "markers", "settings", "role_types", "tags"}) | OPTIONAL_TABLES

SINGLE: dict[str, dict[str, Key]] = {
    "none": {"label": Key(), "definition": Key()},
    "text_cues": {
        name: _optional("texts")
        for name in (
            "negation_before",
            "negation_after",
            "negation_exempt",
            "clause_breaks",
            "exclusion_headings",
            "lived_experience",
            "requirements",
            "softeners",
            "invitations",
            "leads_workers",
        )
    },
}
OPTIONAL_SINGLE = frozenset({"text_cues"})
CROSSWALK_PARTS = ("areas", "values", "actions", "stay_out_of", "surroundings")


def place(table: str, number: int, row: Any) -> str:
    """Name one entry of a table so that a reader finds it in the file."""
    name = ""
    if isinstance(row, dict):
        if table == "codes":
            name = f"{row.get('dimension', '?')}/{row.get('stance', '?')}"
        else:
            name = str(
                next(
                    (
                        row[key]
                        for key in ("id", "genre", "country", "corpus", "number", "name")
                        if key in row
                    ),
                    "",
                )
            )
    return f"[[{table}]] entry {number}" + (f" ({name})" if name else "")


def check_form(data: dict[str, Any]) -> list[Problem]:
    """All faults of form in a parsed framework file, in the order of the file's tables."""
    allowed = [*TOP, *SINGLE, *TABLES, "crosswalk"]
    problems = [
        Problem(f"key {key!r}", "the form has no such key", f"allowed: {', '.join(allowed)}")
        for key in data
        if key not in allowed
    ]
    problems += _check_keys(data, TOP, "top of the file", unknown=False)
    for name, keys in SINGLE.items():
        problems += _check_single(data, name, keys)
    for name in TABLES:
        problems += _check_table(data, name)
    return problems + _check_crosswalk(data)


def _check_single(data: dict[str, Any], name: str, keys: dict[str, Key]) -> list[Problem]:
    if name not in data:
        missing = Problem(f"[{name}]", "the table is missing", f"add [{name}] with {', '.join(keys)}")
        return [] if name in OPTIONAL_SINGLE else [missing]
    if not isinstance(data[name], dict):
        return [Problem(name, f"is {type(data[name]).__name__}", f"write it as a table [{name}]")]
    return _check_keys(data[name], keys, f"[{name}]")


def _check_table(data: dict[str, Any], name: str) -> list[Problem]:
    rows = data.get(name)
    if rows is None:
        if name in OPTIONAL_TABLES:
            return []
        remedy = (
            f"write {name} = [] at the top" if name in MAY_BE_EMPTY else f"add one [[{name}]] for each entry"
        )
        return [Problem(f"[[{name}]]", "the table is missing", remedy)]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [Problem(name, "is not a list of tables", f"write each entry under [[{name}]]")]
    if not rows and name not in MAY_BE_EMPTY:
        return [Problem(f"[[{name}]]", "has no entry", "a framework needs at least one")]
    problems = []
    for number, row in enumerate(rows, start=1):
        problems += _check_keys(row, TABLES[name], place(name, number, row))
    return problems


def _check_crosswalk(data: dict[str, Any]) -> list[Problem]:
    crosswalk = data.get("crosswalk")
    if crosswalk is None:
        return []
    if not isinstance(crosswalk, dict):
        return [Problem("crosswalk", f"is {type(crosswalk).__name__}", "write it as a table [crosswalk]")]
    allowed = ("source", *CROSSWALK_PARTS)
    problems = [
        Problem(f"[crosswalk] key {key!r}", "the form has no such key", f"allowed: {', '.join(allowed)}")
        for key in crosswalk
        if key not in allowed
    ]
    problems += _check_keys(crosswalk, {"source": Key()}, "[crosswalk]", unknown=False)
    for part in CROSSWALK_PARTS:
        rows = crosswalk.get(part, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(
                Problem(f"crosswalk.{part}", "is not a list of tables", f"write [[crosswalk.{part}]]")
            )
            continue
        for number, row in enumerate(rows, start=1):
            problems += _check_keys(row, CROSSWALK_ITEM, place(f"crosswalk.{part}", number, row))
    return problems


def _check_keys(
    row: dict[str, Any], keys: dict[str, Key], where: str, *, unknown: bool = True
) -> list[Problem]:
    problems = []
    if unknown:
        problems += [
            Problem(where, f"unknown key {name!r}", f"allowed: {', '.join(keys)}")
            for name in row
            if name not in keys
        ]
    for name, key in keys.items():
        if name not in row:
            if key.required:
                problems.append(Problem(where, f"key {name!r} is missing", f"add {name} = ..."))
            continue
        fault = _fault(row[name], key)
        if fault:
            problems.append(Problem(where, f"{name} {fault[0]}", fault[1]))
    return problems


def _fault(value: Any, key: Key) -> tuple[str, str] | None:
    """What is wrong with one value, and what would be right; None when it is right."""
    checks = {"text": _text_fault, "texts": _texts_fault, "signs": _signs_fault}
    if key.kind in checks:
        return checks[key.kind](value, key)
    wanted = {"bool": bool, "int": int, "number": (int, float)}[key.kind]
    wrong = not isinstance(value, wanted) or (key.kind != "bool" and isinstance(value, bool))
    return (f"is {value!r}", f"write a {key.kind} without quotes") if wrong else None


def _text_fault(value: Any, key: Key) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return f"is {value!r}", "write text in quotes"
    if not value.strip() and not key.may_be_empty:
        return "is empty", "write text in quotes"
    if key.choices and value not in key.choices:
        return f"is {value!r}", f"allowed: {', '.join(key.choices)}"
    return None


def _texts_fault(value: Any, key: Key) -> tuple[str, str] | None:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        return "is not a list of texts", 'write ["...", "..."]'
    if key.count and len(value) != key.count:
        return f"has {len(value)} entries", f"give exactly {key.count}"
    if not value and not key.may_be_empty:
        return "is an empty list", "give at least one"
    return None


def _signs_fault(value: Any, key: Key) -> tuple[str, str] | None:
    fine = isinstance(value, list) and all(
        isinstance(item, dict)
        and set(item) == {"text", "source"}
        and all(isinstance(part, str) and part.strip() for part in item.values())
        for item in value
    )
    return None if fine else ("is not a list of signs", 'write [{text = "...", source = "..."}]')
