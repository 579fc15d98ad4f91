"""BagIt: the layout in which a package travels, with a hash of every file.

References
----------
J. Kunze, J. Littman, E. Madden, J. Scancella, C. Adams (2018), "The BagIt File Packaging Format (V1.0)", RFC
8493. https://doi.org/10.17487/RFC8493
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from peercompare.errors import Problem, StudyError
from peercompare.files import sha256_of

PAYLOAD = "data"
DECLARATION = "bagit.txt"
PAYLOAD_HASHES, TAG_HASHES = "manifest-sha256.txt", "tagmanifest-sha256.txt"

_DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def bagged(payload: Mapping[str, bytes], facts: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of a bag.

    Parameters
    ----------
    payload : mapping of str to bytes
        Contents by path, as they will stand in the folder `PAYLOAD`.
    facts : mapping of str to str
        What bag-info.txt says; the size of the payload is added.

    Returns
    -------
    dict of str to bytes
        The same bytes for the same payload and facts.
    """
    files = {f"{PAYLOAD}/{name}": payload[name] for name in sorted(payload)}
    size = f"{sum(map(len, files.values()))}.{len(files)}"
    info = "".join(f"{name}: {value}\n" for name, value in {**facts, "Payload-Oxum": size}.items())
    tags = {
        DECLARATION: _DECLARED.encode(),
        "bag-info.txt": info.encode("utf-8"),
        PAYLOAD_HASHES: _hashes(files),
    }
    return {**files, **tags, TAG_HASHES: _hashes(tags)}


def check_bag(folder: Path) -> None:
    """Raise where a bag is not as it was packed.

    Parameters
    ----------
    folder : Path
        The bag.

    Raises
    ------
    StudyError
        Where it is no bag; or names every file that is absent, was changed, or stands in the payload and was
        not packed.
    """
    if not (folder / DECLARATION).is_file() or not (folder / PAYLOAD_HASHES).is_file():
        raise StudyError(
            f"{folder} is no replication package",
            [Problem(DECLARATION, "it is absent, or the list of hashes is")],
            remedy="name a folder or .zip that `peercompare pack` wrote",
        )
    listed = {**_listed(folder / TAG_HASHES), **_listed(folder / PAYLOAD_HASHES)}
    problems = [problem for name in sorted(listed) if (problem := _fault(folder, name, listed[name]))]
    there = {path.relative_to(folder).as_posix() for path in (folder / PAYLOAD).rglob("*") if path.is_file()}
    problems += [Problem(name, "the file was not packed") for name in sorted(there - listed.keys())]
    if problems:
        raise StudyError(
            f"{folder} is not as it was packed: its checksums fail",
            problems,
            remedy="fetch the package again from where it was published",
        )


def _fault(folder: Path, name: str, digest: str) -> Problem | None:
    """Say what is wrong with a file that a bag lists."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        return Problem(name, "the path leads out of the package")
    if not path.is_file():
        return Problem(name, "the file is absent")
    return None if sha256_of(path) == digest else Problem(name, "the file was changed")


def _hashes(files: Mapping[str, bytes]) -> bytes:
    """Return a list of hashes; RFC 8493 writes a percent sign and line ends in names as codes."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {_coded(name)}\n" for name, data in files.items()]
    return "".join(lines).encode("utf-8")


def _coded(name: str) -> str:
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _listed(path: Path) -> dict[str, str]:
    """Read a list of hashes; one that is absent lists nothing."""
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition(" ")
        plain = name.lstrip(" *").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        found[plain] = digest.lower()
    return found
