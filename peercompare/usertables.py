"""The tables that a user names on the command line: read as they stand, renamed, cut, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from peercompare.classifier.inputs import document_context
from peercompare.corpus.draws import SAMPLES, read_draws, typed_draws
from peercompare.corpus.folder import MANIFEST
from peercompare.drift.waves import joint_sample
from peercompare.errors import InputError, Problem, named
from peercompare.framework import Framework
from peercompare.segments import cut_segments


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV or Parquet table: every cell of a CSV as text, as it stands; nothing guessed to be missing.

    Parameters
    ----------
    path : str or Path
        A name that ends in ``.parquet`` is read as Parquet, any other as CSV in UTF-8 with a header.

    Returns
    -------
    DataFrame
        Of a CSV all columns are text and an empty cell is ``""``; a Parquet file's types are kept.

    Raises
    ------
    InputError
        Where the file is no such table or not UTF-8.
    FileNotFoundError
        Where there is none.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(
            f"{path} is a folder, not a table",
            remedy="give a table with segment_id, document_id, text, or of whole documents with --cut GENRE",
        )
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{path} cannot be read as a table: {error}", remedy="save it as CSV in UTF-8"
        ) from None


def renamed(table: pd.DataFrame, pairs: Sequence[str]) -> pd.DataFrame:
    """Keep the columns that pairs ``OURS=THEIRS`` name, under our names; all as they are without pairs.

    Parameters
    ----------
    table : DataFrame
        From `read_table`; it is not changed.
    pairs : sequence of str
        Each ``OURS=THEIRS``, split at its first ``=``; empty to keep the table as it is.

    Returns
    -------
    DataFrame
        The named columns alone, in the order of the pairs, with all rows.

    Raises
    ------
    InputError
        For a word that is no pair, and for a column that the table does not have.
    """
    if not pairs:
        return table
    theirs = {their: our for our, their in (pair.split("=", 1) for pair in pairs if "=" in pair)}
    problems = [Problem("--columns", f"{word!r} is not OURS=THEIRS") for word in pairs if "=" not in word]
    problems += [
        Problem("--columns", f"there is no column {their!r}") for their in theirs if their not in table
    ]
    if problems:
        remedy = f"the table has the columns {named(table.columns)}"
        raise InputError("The columns cannot be read", problems, remedy=remedy)
    return table[list(theirs)].rename(columns=theirs)


def cut(documents: pd.DataFrame, framework: Framework, genre: str) -> tuple[pd.DataFrame, list[str]]:
    """Cut whole documents into segments.

    Parameters
    ----------
    documents : DataFrame
        ``document_id, text``; the text without a title line.
    framework : Framework
        Gives the unit of analysis.
    genre : str
        One of its genres.

    Returns
    -------
    segments : DataFrame
        As `peercompare.segments.cut_segments` gives them, without speakers; beside each what stands around
        it, as classifiers read it (see `peercompare.classifier.inputs`).
    silent : list of str
        The documents that hold no text and give no segment.

    Raises
    ------
    InputError
        Where a column is missing, or a document stands twice.
    """
    problems = [
        Problem("the table", f"the column {name!r} is missing")
        for name in ("document_id", "text")
        if name not in documents
    ]
    if not problems:
        twice = documents["document_id"][documents["document_id"].duplicated()]
        problems = [
            Problem(f"row {row + 2}", f"document_id {name!r} stands twice") for row, name in twice.items()
        ]
    if problems:
        remedy = "give each document one row with document_id and text; rename columns with --columns"
        raise InputError("The documents cannot be cut", problems, remedy=remedy)
    segments = cut_segments(documents, framework, genre, whose="all", has_title=False)
    if len(segments):
        context = document_context(segments, documents).drop(columns="position")
        segments = segments.join(context, on="segment_id")
    silent = documents.loc[~documents["document_id"].isin(segments["document_id"]), "document_id"]
    return segments.drop(columns="speaker", errors="ignore"), silent.tolist()


def read_sample(path: str | Path, *, waves: Sequence[int] | None = None) -> pd.DataFrame:
    """Read which segments were drawn for coding, and with which probability.

    Parameters
    ----------
    path : str or Path
        The ``samples.csv`` of a corpus folder; or CSV in UTF-8 or Parquet, with a row for every segment,
        drawn or not: ``segment_id``; ``pi``, its probability of being drawn, in (0, 1]; ``sampled``, true or
        false in any case of letters.
    waves : sequence of int, optional
        Which waves of a samples.csv to use; every one for inference where left out.

    Returns
    -------
    DataFrame
        All columns of the file, with `sampled` as bool and `pi` as a number; of a samples.csv ``segment_id,
        pi, sampled``, waves joined as `peercompare.drift.waves.joint_sample` says.

    Raises
    ------
    InputError
        For a missing column, for every cell that is empty or not allowed, and for waves that no estimate can
        be made from, such as a pick for training.
    FileNotFoundError
        Where there is no file.
    """
    if (draws := _draws(Path(path))) is not None:
        return joint_sample(draws, waves)
    table, name = read_table(path), Path(path).name
    problems = [] if waves is None else [Problem(name, "it has no waves to choose from")]
    problems += [
        Problem(name, f"the column {c!r} is missing")
        for c in ("segment_id", "pi", "sampled")
        if c not in table
    ]
    if problems:
        raise InputError(f"{path} is no sample", problems, remedy="give segment_id, pi and sampled")
    drawn = table["sampled"].astype(str).str.lower()
    problems = [
        Problem(f"{name}, row {row + 2}", f"sampled = {drawn.iloc[row]!r}", "true or false")
        for row in (~drawn.isin(["true", "false"])).to_numpy().nonzero()[0]
    ]
    if problems:
        raise InputError(f"{path} is no sample", problems, remedy="mend these cells")
    return table.assign(sampled=drawn == "true", **_numbers(table, ["pi"], name))


def _draws(path: Path) -> pd.DataFrame | None:
    """Read a record of draws, also from an encrypted corpus folder; None where the file is another table."""
    if path.name == SAMPLES and (path.parent / MANIFEST).is_file():
        draws = read_draws(path.parent)
        if draws.empty:
            raise FileNotFoundError(f"nothing was drawn in {path.parent} yet")
        return draws
    table = read_table(path)
    return typed_draws(table, path.name) if {"wave", "use"} <= set(table.columns) else None


def _numbers(table: pd.DataFrame, columns: Sequence[str], name: str) -> dict[str, pd.Series]:
    """Read columns as numbers, naming every cell that is none."""
    numbers = {column: pd.to_numeric(table[column], errors="coerce") for column in columns}
    problems = [
        Problem(f"{name}, row {row + 2}", f"{column} = {table[column].iloc[row]!r} is not a number")
        for column in columns
        for row in numbers[column].isna().to_numpy().nonzero()[0]
    ]
    if problems:
        raise InputError(
            f"{name} holds cells that are no numbers", problems, remedy="give numbers from 0 to 1"
        )
    return numbers


def pair(text: str) -> tuple[str, str]:
    """Split ``COLUMN=VALUE``.

    Parameters
    ----------
    text : str
        Split at its first ``=``: the value may hold more of them. Blanks are kept.

    Returns
    -------
    column, value : str
        Either may be empty; whether the column exists is not asked here.

    Raises
    ------
    InputError
        Where there is no ``=``.

    Examples
    --------
    >>> pair("worker_role=peer")
    ('worker_role', 'peer')
    """
    column, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"{text!r} is not COLUMN=VALUE", remedy="write, for example, worker_role=peer")
    return column, value
