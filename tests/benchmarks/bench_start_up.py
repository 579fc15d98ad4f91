"""Start-up side by side: help and a check of the corpora, beside bare Python, its libraries and wc -w.

Run from the root of the repository: ``python tests/benchmarks/bench_start_up.py``. Each is a process from its
start to its end; processor time and memory are those that the system counts for it. `wc -w` and reading the
files are floors of a check, importing pandas is what any program on tables takes.
"""

import argparse
import sys

from side_by_side import ROOT, commands_in_turn, keep

CORPORA = [str(ROOT / "corpora" / name) for name in ("job_descriptions", "session_transcripts")]
READ = (
    "import sys, pathlib\n"
    "for folder in sys.argv[1:]:\n"
    "    for path in pathlib.Path(folder).rglob('*'):\n"
    "        path.is_file() and path.read_bytes()\n"
)


def commands():
    """Name the commands."""
    python = [sys.executable, "-c"]
    ours = [sys.executable, "-m", "peercompare.cli"]
    texts = sorted(str(path) for folder in CORPORA for path in (ROOT / folder / "texts").glob("*.txt"))
    return {
        "bare Python": [*python, "pass"],
        "peercompare --help": [*ours, "--help"],
        "importing pandas": [*python, "import pandas"],
        "importing scikit-learn": [*python, "import sklearn.linear_model"],
        "peercompare check": [*ours, "check", *CORPORA, "--as-of", "2024-06-30"],
        "reading the corpora": [*python, READ, *CORPORA],
        "wc -w of the texts": ["wc", "-w", *texts],
    }


def main():
    """Compare, and keep the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    table = commands_in_turn(commands(), rounds=options.rounds)
    if table["value"].any():
        sys.exit(f"a command failed:\n{table}")
    keep("start_up", table, title="Starting, and checking the shipped corpora")


if __name__ == "__main__":
    main()
