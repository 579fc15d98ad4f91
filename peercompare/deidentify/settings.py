"""What to look for, as files: a small TOML file of switches, and a list of places."""

from __future__ import annotations

import tomllib
from pathlib import Path

from peercompare.errors import InputError, Problem
from peercompare.readers.sources import decoded, read_bytes

KEYS = ("only", "without", "also", "places", "columns")


def read_settings(path: str | Path | None) -> dict[str, list[str]]:
    """Read a file of switches.

    Parameters
    ----------
    path : str, Path or None
        A TOML file with any of `KEYS`, each a list of texts; None for no file.

    Returns
    -------
    dict of str to list of str
        Every key, empty where the file has it not.

    Raises
    ------
    InputError
        Where the file is not TOML, or lists every key that is unknown or no list of texts.
    """
    if path is None:
        return {key: [] for key in KEYS}
    path = Path(path)
    try:
        told = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InputError(
            f"{path} cannot be read as TOML", remedy='write, for instance, without = ["url"]'
        ) from None
    problems = [
        Problem(path.name, f"unknown key {key!r}", f"keys are {', '.join(KEYS)}")
        for key in told
        if key not in KEYS
    ]
    problems += [
        Problem(path.name, f"{key} is no list of texts", f'write {key} = ["...", "..."]')
        for key, value in told.items()
        if key in KEYS and not (isinstance(value, list) and all(isinstance(each, str) for each in value))
    ]
    if problems:
        raise InputError(f"{path} cannot be used", problems)
    return {key: list(told.get(key, [])) for key in KEYS}


def read_places(path: str | Path | None) -> list[str]:
    """Read a list of places, one a line; lines that begin with # and empty ones are passed over.

    Parameters
    ----------
    path : str, Path or None
        A text file; None for no file.
    """
    if path is None:
        return []
    lines = decoded(read_bytes(Path(path)), Path(path), encoding=None).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
