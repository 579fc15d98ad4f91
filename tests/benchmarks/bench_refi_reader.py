"""How reading a .qdpx grows with its selections: time and memory, each size in a process of its own.

Run it by hand: ``python tests/benchmarks/bench_refi_reader.py``. It prints a table; nothing is asserted.
`bench_import.py` sets the reader beside pyrefiqda, and beside floors that do a part of the work: no reader in
Python that looks at every element of the file with expat is faster than the last of them.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from lxml import etree

WORDS = [
    "we",
    "walked",
    "down",
    "to",
    "the",
    "harbour",
    "and",
    "talked",
    "about",
    "work",
    "café",
    "ñandú",
    "😀",
]
N_CODES, N_CODERS, N_SOURCES = 40, 3, 20


def write_project(path: Path, n: int) -> None:
    """Write a project of n selections, counted as UTF-16 units with CRLF kept, each with its quote."""
    rng = random.Random(20170621)
    codes, coders = (
        [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(k)] for k in (N_CODES, N_CODERS)
    )
    parts = ['<?xml version="1.0" encoding="utf-8"?><Project name="Bench" origin="Bench" ']
    parts.append('xmlns="urn:QDA-XML:project:1.0"><Users>')
    parts += [f'<User guid="{guid}" name="Coder {at}"/>' for at, guid in enumerate(coders)]
    parts.append("</Users><CodeBook><Codes>")
    parts += [f'<Code guid="{guid}" name="Code {at}" isCodable="true"/>' for at, guid in enumerate(codes)]
    parts.append("</Codes></CodeBook><Sources>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(N_SOURCES):
            source = str(uuid.UUID(int=rng.getrandbits(128)))
            parts.append(
                f'<TextSource guid="{source}" name="S{number}" plainTextPath="internal://{source}.txt">'
            )
            lines, at = [], 0
            for _ in range(n // N_SOURCES):
                line = " ".join(rng.choices(WORDS, k=14))
                width = len(line.encode("utf-16-le")) // 2
                guids = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(2)]
                stamp = 'creationDateTime="2025-06-18T02:08:15Z"'
                parts.append(
                    f'\n      <PlainTextSelection guid="{guids[0]}" name={quoteattr(line)} '
                    f'startPosition="{at}" endPosition="{at + width}" {stamp}>'
                    f'\n        <Coding guid="{guids[1]}" '
                    f'creatingUser="{rng.choice(coders)}" {stamp}>\n          '
                    f'<CodeRef targetGUID="{rng.choice(codes)}"/>\n        </Coding>'
                    "\n      </PlainTextSelection>"
                )
                lines.append(line)
                at += width + 2
            parts.append("</TextSource>")
            archive.writestr(f"sources/{source}.txt", ("\r\n".join(lines) + "\r\n").encode("utf-8"))
        parts.append("</Sources></Project>")
        archive.writestr("project.qde", "".join(parts).encode("utf-8"))


def read(path: Path) -> dict[str, float]:
    """Read a project in this process; return seconds of processor time, MB of memory and codings found."""
    from peercompare.exchange.refi_reader import read_qdpx

    before, start = peak(), time.process_time()
    found = len(read_qdpx(path).spans)
    return {"seconds": time.process_time() - start, "megabytes": peak() - before, "codings": found}


def unpacked(path: Path) -> bytes:
    """Return the project file."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("project.qde")


def unpack(path: Path) -> int:
    """Only unpack the project file."""
    return len(unpacked(path)) * 0


def parse_with_lxml(path: Path) -> int:
    """Unpack the project file and make a tree of it."""
    return len(etree.fromstring(unpacked(path))) * 0


def parse_with_expat(path: Path) -> int:
    """Unpack the project file and parse it, listening to nothing."""
    return expat.ParserCreate().Parse(unpacked(path), True) * 0


def listen_with_expat(path: Path) -> int:
    """Unpack the project file and parse it, with functions that count the codings and do nothing else."""
    parser, found = expat.ParserCreate(), []
    parser.StartElementHandler = lambda name, attributes: found.append(1) if name == "Coding" else None
    parser.EndElementHandler = lambda name: None
    parser.Parse(unpacked(path), True)
    return len(found)


FLOORS = {
    "unpacking": unpack,
    "lxml tree": parse_with_lxml,
    "expat alone": parse_with_expat,
    "expat heard": listen_with_expat,
}


def peak() -> float:
    """Return the greatest memory that this process has had, in MB.

    Linux hands the peak that getrusage tells from parent to child; VmHWM begins anew.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(path: Path, repeats: int = 3) -> dict[str, float]:
    """Read a project in fresh processes; return the fastest run."""
    runs = []
    for _ in range(repeats):
        command = [sys.executable, __file__, "--one", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    """Measure growth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", type=Path, metavar="FILE")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 50_000, 100_000, 200_000])
    given = parser.parse_args()
    if given.one:
        sys.stdout.write(json.dumps(read(given.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for n in given.sizes:
            path = Path(folder) / f"{n}.qdpx"
            write_project(path, n)
            tell(n, measured(path))


def tell(n: int, run: dict[str, float]) -> None:
    """Write one line of the table."""
    each = 1e6 * run["seconds"] / n
    line = f"{n:>8,} selections {run['seconds']:8.2f} s {each:7.1f} µs each"
    sys.stdout.write(f"{line} {run['megabytes']:8.1f} MB {run['codings']:>8,} codings\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
