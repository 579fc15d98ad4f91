"""Run every comparison, one after another: python tests/benchmarks/run_all.py [NAME ...], as `make bench`.

Each is a process of its own, and writes its table and its figure into results/benchmarks, or prints; what it
prints is kept there too. One that fails stops no other; they are named at the end. Nothing is measured in
parallel. The first runs make the environments of the peers (.venv-bench-...), which takes a few minutes.
"""

import subprocess
import sys
import time
from pathlib import Path

from side_by_side import OUT, ROOT, environment, machine

HERE = Path(__file__).resolve().parent
FASTTEXT = ("fasttext-wheel", "numpy")
BENCHMARKS = {
    "start_up": [],
    "scoring": ["--fasttext", FASTTEXT],
    "growth": ["results/models/stance.skops"],
    "training": [],
    "agreement": [],
    "estimation": [],
    "import": [],
    "drift_speed": [],
    "refi_reader": [],
    "readers": [],
}
"""By name, with what each is given; a tuple stands for the interpreter of a peer's environment. Those that
compare with nothing measure how time and memory grow."""


def run(name):
    """Run one benchmark, show and keep what it prints; say whether it went well."""
    given = [environment(each) if isinstance(each, tuple) else each for each in BENCHMARKS[name]]
    command = [sys.executable, str(HERE / f"bench_{name}.py"), *given]
    sys.stdout.write(f"== {name}\n")
    sys.stdout.flush()
    with open(OUT / f"{name}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            log.write(line)
    return process.wait() == 0


def main():
    """Run those named, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "machine.txt").write_text(f"{machine()}, {time.strftime('%Y-%m-%d')}\n", encoding="utf-8")
    failed = [name for name in names if not run(name)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
