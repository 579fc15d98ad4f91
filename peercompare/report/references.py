"""Prose whose numbers are references: a sentence names a row and a column, and the table gives the value.

A template says ``{row.n_documents:n document}`` where a number stands, so that a sentence cannot disagree
with its table: there is no number in it until it is resolved. A name that nothing was given for and a column
that the table lacks are errors.

What stands in braces, after the colon how it is written:

- ``{row.column:count}``, ``percent``, ``number``, ``signed``, ``fine``, ``grade``, ``text``, ``day``: the
  value of a column;
- ``{row.column:n noun}``: a count with its noun, in the plural where it is not one;
- ``{row:percent}``, ``number``, ``signed``, ``fine``: the row's estimate with its interval, or why it has
  none (with ``!`` behind it without that reason);
- ``{row:reason}``: the reason that the row gives;
- ``{parts:and}``: sentences that were resolved before, joined as prose does;
- ``{word}``: a word that is no number, such as a label.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd

from peercompare.errors import Problem, ReportError
from peercompare.figures.text import count, listing, missing, number, percent, plural, reason_of
from peercompare.report.claims import claim, row_numbers
from peercompare.report.estimates import written

PLACE = re.compile(r"\{(\w+)(?:\.(\w+))?(?::([^{}]+))?\}")

FORMATS: Mapping[str, Callable[[float], str]] = {
    "count": count,
    "percent": percent,
    "number": number,
    "signed": partial(number, signed=True),
    "fine": partial(number, signed=True, digits=3),
    "grade": partial(number, digits=1),
    "text": str,
    "day": lambda value: f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value),
}
"""How a value may be written."""

Given = pd.Series | Sequence[dict] | str


def say(template: str, table: str, /, **given: Given) -> dict:
    """Resolve a sentence's references.

    Parameters
    ----------
    template : str
        A sentence with references in braces.
    table : str
        Name of the table that the rows are of; ``""`` where none is given.
    **given
        By the names in the template: rows (with their numbers in the table as names), sentences resolved
        before, or words. A row that the template does not refer to is cited all the same.

    Returns
    -------
    dict
        A claim: the sentence with its numbers, the table, and the rows that they were read from.

    Raises
    ------
    ReportError
        Names every reference that cannot be resolved, and words given that the template does not use.

    Examples
    --------
    >>> row = pd.Series({"n_documents": 63, "estimate": 0.5, "lower": 0.33, "upper": 0.67}, name=4)
    >>> say("Of {row.n_documents:n document} {row:percent} are {label}.", "estimates", row=row, label="peer")
    {'text': 'Of 63 documents 50% (33% to 67%) are peer.', 'table': 'estimates', 'rows': [4]}
    """
    faults = [*_unknown(template, given), *_unused(template, given)]
    if faults:
        raise ReportError(f"A sentence cannot be resolved: {template!r}", faults, remedy="mend the template")
    text = PLACE.sub(lambda place: _resolved(place, given), template)
    return claim(text, table, _rows(given))


def _unknown(template: str, given: Mapping[str, Given]) -> list[Problem]:
    """Return the references that nothing answers."""
    faults = []
    for place in PLACE.finditer(template):
        name, column, form = place.groups()
        value, where = given.get(name), place.group()
        if value is None:
            faults.append(Problem(where, f"nothing is called {name!r}", f"given: {', '.join(given)}"))
        elif column and (not isinstance(value, pd.Series) or column not in value.index):
            faults.append(Problem(where, f"there is no column {column!r}"))
        elif not _known_form(value, column, form or ""):
            faults.append(Problem(where, f"it cannot be written as {form!r}", ", ".join(FORMATS)))
    if re.search(r"[{}]", PLACE.sub("", template)):
        faults.append(Problem(template, "a brace stands outside a reference"))
    return faults


def _known_form(value: Given, column: str | None, form: str) -> bool:
    """Say whether a reference's form fits what it refers to."""
    if isinstance(value, str):
        return not form
    if not isinstance(value, pd.Series):
        return form == "and"
    if column:
        return form in FORMATS or form.startswith("n ")
    return form == "reason" or (form.removesuffix("!") in FORMATS and form.removesuffix("!") != "text")


def _unused(template: str, given: Mapping[str, Given]) -> list[Problem]:
    """Return the words that were given and are not referred to."""
    used = {place.group(1) for place in PLACE.finditer(template)}
    lost = [name for name, value in given.items() if name not in used and not isinstance(value, pd.Series)]
    return [Problem(name, "the sentence does not refer to it") for name in lost]


def _resolved(place: re.Match, given: Mapping[str, Given]) -> str:
    """Return what stands in the place of a reference."""
    name, column, form = place.groups()
    value = given[name]
    if isinstance(value, str):
        return value
    if not isinstance(value, pd.Series):
        return listing(part["text"] for part in value)
    if column is None:
        bare = form.removesuffix("!")
        return reason_of(value) if form == "reason" else written(value, FORMATS[bare], reasons=form == bare)
    if form.startswith("n "):
        return plural(value[column], form.removeprefix("n "))
    return "–" if missing(value[column]) else FORMATS[form](value[column])


def _rows(given: Mapping[str, Given]) -> list[int]:
    """Return the numbers of all rows that a sentence was resolved from, each once."""
    numbers: list[int] = []
    for value in given.values():
        if isinstance(value, pd.Series):
            numbers += row_numbers(value)
        elif not isinstance(value, str):
            numbers += [number for part in value for number in part["rows"]]
    return list(dict.fromkeys(numbers))
