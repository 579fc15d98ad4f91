"""Coded examples that come with a framework: composed texts to learn from, never to be judged on.

They widen what a classifier has read: other countries, settings and ways of talking than those of a study's
own corpora. All were composed for this package by a language model and coded by it alone; nobody said
or posted them.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from io import BytesIO
from pathlib import Path

import pandas as pd

from peercompare.errors import FrameworkError, Problem
from peercompare.framework.model import Framework

COLUMNS = ("example_id", "document_id", "genre", "country", "setting", "title", "speaker", "code", "text")
GENRES = ("job_description", "session_transcript")
CONTEXT = ""
"""The code of a turn that nobody codes: it stands there for what it was said in answer to."""


def read_examples(framework: Framework, path: str | Path | None = None) -> pd.DataFrame:
    """Read the coded examples of a framework.

    Parameters
    ----------
    framework : Framework
        Its codes, and its label for no stance, are the allowed ones.
    path : str or Path, optional
        A CSV file in UTF-8 with the columns `COLUMNS`; without it, the examples that come with the package
        under the framework's id.

    Returns
    -------
    DataFrame
        `COLUMNS`, all text, in the order of the file: the lines of a posting or the turns of a session
        follow one another. `code` is ``""`` for turns that are context; `speaker` is ``"worker"`` or
        ``"other"`` in sessions. No rows where the package has no examples for the framework.
        ``attrs["sha256"]`` is that of the file's bytes.

    Raises
    ------
    FrameworkError
        With every fault found: a file that cannot be read, columns missing, an id given twice, a text that is
        empty, a code or genre that is not allowed.

    Examples
    --------
    >>> from peercompare.framework import read_framework
    >>> framework = read_framework("deegan2017")
    >>> set(read_examples(framework)["genre"]) == set(GENRES)
    True
    """
    found = _content(framework, path)
    if found is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype="str")
    name, content = found
    try:
        table = pd.read_csv(BytesIO(content), dtype="str", keep_default_na=False, encoding="utf-8")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise FrameworkError(
            f"{name} is not a readable table: {error}", remedy="save it as CSV in UTF-8"
        ) from None
    _check(table, framework, name)
    table = table[list(COLUMNS)]
    table.attrs["sha256"] = hashlib.sha256(content).hexdigest()
    return table


def _content(framework: Framework, path: str | Path | None) -> tuple[str, bytes] | None:
    """Return the name and the bytes of the file of examples, or None where the package has none."""
    if path is not None:
        try:
            return Path(path).name, Path(path).read_bytes()
        except OSError as error:
            raise FrameworkError(
                f"The examples at {path} cannot be read: {error.strerror}", remedy="name a CSV file"
            ) from None
    shipped = resources.files("peercompare.frameworks") / "examples" / f"{framework.id}.csv"
    return (shipped.name, shipped.read_bytes()) if shipped.is_file() else None


def _check(table: pd.DataFrame, framework: Framework, name: str) -> None:
    """Refuse a table with faults, all in one go."""
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise FrameworkError(
            f"{name} has no column {', '.join(missing)}", remedy=f"the columns are {', '.join(COLUMNS)}"
        )
    allowed = {CONTEXT, framework.none.id, *framework.code_ids}
    faults = [
        (
            "example_id",
            table["example_id"].duplicated(),
            "stands twice",
            "give each an id of its own",
        ),
        ("text", table["text"].str.strip() == "", "is empty", "write the example, or leave the row out"),
        (
            "code",
            ~table["code"].isin(allowed),
            "is no code",
            "use a code, or leave it empty",
        ),
        ("genre", ~table["genre"].isin(GENRES), "is no genre", f"allowed: {', '.join(GENRES)}"),
    ]
    problems = [
        Problem(f"{name}, row {row + 2}, {column}", f"{table.at[row, column]!r} {what}", remedy)
        for column, wrong, what, remedy in faults
        for row in table.index[wrong]
    ]
    if problems:
        raise FrameworkError(f"The examples of {framework.id} cannot be used", problems)
