"""Reading a coded project side by side: this package, pyrefiqda, qdaPy, and floors that do a part of it.

Run from the root of the repository: ``python tests/benchmarks/bench_import.py [--selections 20000]``. The
value is the number of codings found, which must be the same; floors find none, or only count them. The
others get environments of their own.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench_refi_reader import write_project
from side_by_side import Way, in_turn, keep

LOAD = """
import sys

def load(path):
    return path
"""
OURS = """
from pathlib import Path
from peercompare.exchange.refi_reader import read_qdpx

def work(path):
    return len(read_qdpx(Path(path)).spans)
"""
PEER = """
import tempfile
from pyrefiqda import RefiProject

def work(path):
    with tempfile.TemporaryDirectory() as folder:
        project = RefiProject.load(path, extract_dir=folder)
    return sum(len(s.coding) for t in project.sources.text_source for s in t.plain_text_selection)
"""
QDAPY = """
from qdapy.qdpx import read_qdpx

def work(path):
    return len(read_qdpx(path, warn=False).fragments)
"""
FLOOR = """
sys.path.insert(0, "tests/benchmarks")
from bench_refi_reader import FLOORS

def work(path):
    return FLOORS[{name!r}](path)
"""
WAYS = (
    Way("peercompare", LOAD + OURS),
    Way("pyrefiqda", LOAD + PEER, ("pyrefiqda",)),
    Way("qdaPy", LOAD + QDAPY, ("qdapy",)),
    Way("unpacking alone", LOAD + FLOOR.replace("{name!r}", "'unpacking'")),
    Way("a tree by lxml", LOAD + FLOOR.replace("{name!r}", "'lxml tree'")),
    Way("expat, counting codings", LOAD + FLOOR.replace("{name!r}", "'expat heard'")),
)


def main():
    """Compare, and keep the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--selections", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "project.qdpx"
        write_project(data, options.selections)
        table = in_turn(WAYS, data, rounds=options.rounds)
    readers = table.loc[table["way"].isin(["peercompare", "pyrefiqda", "qdaPy"]), "value"]
    if readers.nunique() > 1:
        sys.exit(f"the readers find different numbers of codings: {readers.tolist()}")
    keep("import", table, title=f"Reading a REFI-QDA project of {options.selections:,} selections")


if __name__ == "__main__":
    main()
