"""Which segments were picked for coding, how and when: samples.csv, kept with the corpus.

A draw for inference has a row for every segment that could have been drawn, with its probability; without
that number no estimate can be put right. A pick for training has no probabilities, and its rows say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from peercompare.corpus.folder import (
    MANIFEST,
    decode,
    read_files,
    read_manifest,
    read_table,
    registering,
)
from peercompare.errors import CorpusError, InputError, Problem, at_row, shown
from peercompare.safekeeping.transactions import exclusive, read_whole

SAMPLES = "samples.csv"
COLUMNS = (
    "wave", "use", "segment_id", "pi", "sampled", "stratum", "design", "seed", "predictions_sha256",
    "drawn_on",
)  # fmt: skip
INFERENCE, TRAINING = "inference", "training"
USES = (INFERENCE, TRAINING)
"""What a wave may be used for: to estimate from, or to teach a classifier alone."""


@dataclass(frozen=True)
class Design:
    """How a wave was picked.

    Parameters
    ----------
    use : {"inference", "training"}
    words : str
        The design in words, e.g. "stratified by worker_id, systematic, equal chances".
    seed : int
        With the wave's number, the seed of the draw.
    drawn_on : str
        The day, ``YYYY-MM-DD``.
    predictions_sha256 : str, default ""
        Hash of the predictions that the chances depend on; empty where they depend on none.
    """

    use: str
    words: str
    seed: int
    drawn_on: str
    predictions_sha256: str = ""


def read_draws(path: str | Path) -> pd.DataFrame:
    """Read the samples.csv of a corpus folder, decrypted in memory where the folder is encrypted.

    Parameters
    ----------
    path : str or Path
        The corpus folder.

    Returns
    -------
    DataFrame
        As `typed_draws`; empty where nothing was drawn yet.

    Raises
    ------
    CorpusError
        Where the folder's files differ from their hashes, or rows of the table are faulty.
    """
    folder = Path(path)
    return read_whole(folder, lambda: _read(_contents(folder)))


def record_draw(path: str | Path, drawn: pd.DataFrame, design: Design, *, wave: int) -> Path:
    """Add a wave to the samples.csv of a corpus and write its hash, in one change.

    Parameters
    ----------
    path : str or Path
        The corpus folder.
    drawn : DataFrame
        ``segment_id``, ``sampled`` and ``stratum``; for inference ``pi`` of every segment that could have
        been drawn.
    design : Design
    wave : int
        From `next_wave`, before the draw: its number is part of the seed.

    Returns
    -------
    Path
        The folder's samples.csv.

    Raises
    ------
    CorpusError
        Where somebody recorded a wave of that number meanwhile, or the folder cannot be used.
    """
    folder = Path(path)
    with exclusive(folder) as change:
        contents = _contents(folder)
        before = _read(contents)
        if wave != next_wave(before):
            remedy = "draw again: a wave's number is part of its seed"
            raise CorpusError(f"Wave {wave} is not the next of {folder}; nothing was recorded", remedy=remedy)
        whole = pd.concat([before, _rows(drawn, design, wave)]) if len(before) else _rows(drawn, design, wave)
        text = whole[list(COLUMNS)].assign(sampled=whole["sampled"].map({True: "true", False: "false"}))
        table = text.to_csv(index=False, lineterminator="\n").encode("utf-8")
        change.replace(registering((folder / MANIFEST).read_bytes(), {SAMPLES: table}))
    return folder / SAMPLES


def next_wave(draws: pd.DataFrame) -> int:
    """Return the number of the next wave, from 1.

    Parameters
    ----------
    draws : DataFrame
        From `read_draws`.
    """
    return int(draws["wave"].max()) + 1 if len(draws) else 1


def typed_draws(table: pd.DataFrame, name: str = SAMPLES) -> pd.DataFrame:
    """Check the rows of samples.csv and give its columns their types.

    Parameters
    ----------
    table : DataFrame
        All columns as text.
    name : str, default "samples.csv"
        The file, for messages.

    Returns
    -------
    DataFrame
        ``wave`` and ``seed`` as int, ``pi`` as float (NaN in waves for training), ``sampled`` as bool.

    Raises
    ------
    CorpusError
        For a missing column, and for every cell that is not allowed: a use that is none, a probability
        outside (0, 1] or one where there can be none, a segment twice in a wave.
    """
    absent = [Problem(name, f"the column {each!r} is missing") for each in COLUMNS if each not in table]
    if absent:
        raise CorpusError(f"{name} is no record of draws", absent, remedy=f"columns: {', '.join(COLUMNS)}")
    numbers = {each: pd.to_numeric(table[each], errors="coerce") for each in ("wave", "pi", "seed")}
    training, drawn = table["use"] == TRAINING, table["sampled"].astype(str).str.lower()
    inside = (numbers["pi"] > 0) & (numbers["pi"] <= 1)
    faults = {
        "wave": (~(numbers["wave"] >= 1), "a number from 1"),
        "seed": (~(numbers["seed"] >= 0), "a number from 0"),
        "use": (~table["use"].isin(USES), " or ".join(USES)),
        "sampled": (~drawn.isin(["true", "false"]), "true or false"),
        "pi": (~inside.where(~training, table["pi"].fillna("").astype(str) == ""), _PI),
        "segment_id": (table.duplicated(["wave", "segment_id"]), "each segment once in a wave"),
    }
    problems = [
        Problem(at_row(name, row), f"{column} = {shown(table[column].iloc[row])}", allowed)
        for column, (wrong, allowed) in faults.items()
        for row in wrong.to_numpy().nonzero()[0]
    ]
    if problems:
        remedy = "bring the recorded file back: probabilities cannot be made up afterwards"
        raise CorpusError(f"{name} cannot be used", problems, remedy=remedy)
    whole = {each: numbers[each].astype("int64") for each in ("wave", "seed")}
    return table.assign(**whole, pi=numbers["pi"].astype(float), sampled=drawn == "true")


_PI = "for inference a probability in (0, 1], for training nothing"


def _contents(folder: Path) -> dict[str, bytes]:
    """Read the files of a corpus, compared with their hashes."""
    return read_files(folder, read_manifest(folder))


def _read(contents: Mapping[str, bytes]) -> pd.DataFrame:
    """Read the record of draws among a corpus's files."""
    if SAMPLES not in contents:
        return pd.DataFrame(columns=list(COLUMNS)).astype({"wave": int, "sampled": bool, "pi": float})
    texts, problems = decode(contents, [SAMPLES])
    table = pd.DataFrame()
    if not problems:
        table, problems = read_table(texts[SAMPLES], SAMPLES)
    if problems:
        raise CorpusError(f"{SAMPLES} cannot be read", problems, remedy="bring the recorded file back")
    return typed_draws(table)


def _rows(drawn: pd.DataFrame, design: Design, wave: int) -> pd.DataFrame:
    """Lay out the rows of a wave."""
    if design.use not in USES:
        raise InputError(f"A wave is for {' or '.join(USES)}, not for {design.use!r}")
    if drawn["segment_id"].duplicated().any() or not drawn["sampled"].any():
        raise InputError("A wave needs segments that are drawn, each once")
    return pd.DataFrame(
        {
            "wave": wave, "use": design.use, "segment_id": drawn["segment_id"].to_numpy(),
            "pi": drawn["pi"].to_numpy(dtype=float) if design.use == INFERENCE else float("nan"),
            "sampled": drawn["sampled"].to_numpy(dtype=bool), "stratum": drawn["stratum"].to_numpy(),
            "design": design.words, "seed": design.seed, "predictions_sha256": design.predictions_sha256,
            "drawn_on": design.drawn_on,
        }
    )  # fmt: skip
