"""What the benchmarks share: ways of doing the same in turn, in processes of their own, and ratios of them.

Each way is a process that loads the data once and then does the work whenever it is told to. Rounds go
through all ways, each round beginning with another, so that a machine that slows down slows all of them. A
way is known by its ratio to the first way in the same round: the median, the least and the greatest. Seconds
are those of the processor, since other work on the machine lengthens those of the clock, and none are shown
alone. The answer of each way stands beside, so that speed without the right answer shows.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "results" / "benchmarks"
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")

_LOOP = """
import json, os, sys, time
_out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

def _peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024

def _tell(**facts):
    _out.write(json.dumps(facts) + "\\n")
    _out.flush()

{source}

_state = load(sys.argv[1])
_tell(megabytes=_peak())
for _line in sys.stdin:
    _began = time.process_time()
    _value = work(_state)
    _tell(seconds=time.process_time() - _began, value=_value, megabytes=_peak())
"""
"""Runs in every way's process; `source` defines ``load(path)`` and ``work(state)``, which gives a number."""


_RUN = """
import json, os, sys
silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(process, 0)
facts = {"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}
print(json.dumps({**facts, "value": os.waitstatus_to_exitcode(status)}))
"""
"""Runs a command and tells what it used. A process of its own, small: Linux counts to a command the memory
that its parent held when it began."""


@dataclass(frozen=True)
class Way:
    """One way of doing the work.

    Parameters
    ----------
    name : str
    source : str
        Python that defines ``load`` and ``work``.
    needs : tuple of str
        What it needs from the package index, for an environment of its own; none: it runs in ours.
    """

    name: str
    source: str
    needs: tuple[str, ...] = ()


class Running:
    """A way's process, with the data loaded."""

    def __init__(self, way, data):
        python = environment(way.needs) if way.needs else sys.executable
        self.complaints = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [python, "-c", _LOOP.replace("{source}", way.source), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
            cwd=ROOT,
            env=os.environ | ONE_THREAD,
        )
        self.before = self._heard()["megabytes"]

    def _heard(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.complaints.seek(0)
            said = self.complaints.read().strip() or "it ended"
            self.end()
            raise RuntimeError(said.splitlines()[-1])
        return json.loads(line)

    def once(self):
        """Do the work; return processor seconds, the value, and the greatest memory so far in MB."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self._heard()

    def end(self):
        """Let the process end."""
        self.process.communicate()
        self.complaints.close()


def environment(needs):
    """Return the interpreter of an environment that holds what a peer needs, made where it is not there."""
    folder = ROOT / f".venv-bench-{needs[0].split('=')[0]}"
    python, whole = folder / "bin" / "python", folder / ".installed"
    if not whole.exists():
        sys.stderr.write(f"making {folder.name} ...\n")
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *needs], check=True
        )
        whole.touch()
    return str(python)


def in_turn(ways, data, *, rounds=5):
    """Do the work by every way in turn.

    Parameters
    ----------
    ways : sequence of Way
        The first is what the others are compared with. One that cannot be installed or started is left out,
        and named on standard error.
    data : Path
        What ``load`` of each way is given.
    rounds : int, default 5
        After one that is not counted.

    Returns
    -------
    DataFrame
        ``way, ratio, lowest, highest, memory_ratio, value, n_rounds``: how many times the processor time, and
        the memory that the process came to hold, of the first way.
    """
    running = {}
    for way in ways:
        try:
            running[way.name] = Running(way, data)
        except (RuntimeError, subprocess.CalledProcessError, OSError) as error:
            sys.stderr.write(f"{way.name} is left out: {error}\n")
    names, found = list(running), []
    for number in range(rounds + 1):
        turn = number % len(names)
        for name in [*names[turn:], *names[:turn]]:
            found.append({"round": number, "way": name, **running[name].once()})
    for each in running.values():
        each.end()
    return compared(pd.DataFrame(found), names)


def compared(rows, names):
    """Return the ratios of every way to the first, from rows ``round, way, seconds, value, megabytes``."""
    seconds = rows[rows["round"] > 0].pivot(index="round", columns="way", values="seconds")
    last = rows.groupby("way").last()
    table = []
    for name in names:
        ratio = seconds[name] / seconds[names[0]]
        table.append(
            {
                "way": name,
                "ratio": ratio.median(),
                "lowest": ratio.min(),
                "highest": ratio.max(),
                "memory_ratio": last.loc[name, "megabytes"] / last.loc[names[0], "megabytes"],
                "value": last.loc[name, "value"],
                "n_rounds": len(ratio),
            }
        )
    return pd.DataFrame(table)


def commands_in_turn(commands, *, rounds=5):
    """Compare commands, each a process from its start to its end; columns as `in_turn`.

    Parameters
    ----------
    commands : mapping of str to list of str
        The first is what the others are compared with. ``value`` is the exit status.
    """
    names, found = list(commands), []
    for number in range(rounds + 1):
        turn = number % len(names)
        for name in [*names[turn:], *names[:turn]]:
            command = [sys.executable, "-I", "-S", "-c", _RUN, *commands[name]]
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | ONE_THREAD
            )
            found.append({"round": number, "way": name, **json.loads(done.stdout)})
    return compared(pd.DataFrame(found), names)


def machine():
    """Describe the machine by what matters for time; it is not named."""
    cores = len(os.sched_getaffinity(0))
    words = [f"{cores} cores", platform.machine(), f"Python {platform.python_version()}"]
    return ", ".join(words)


def keep(name, table, *, title, out=OUT):
    """Write a comparison as CSV, as a figure with its words, and on standard output."""
    from peercompare.files import write_atomically

    write_atomically(out / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    write_figure(name, table, title=title, out=out)
    sys.stdout.write(f"{title}, in the processor's time of {table['way'].iloc[0]} ({machine()})\n")
    sys.stdout.write(f"{table.round(3).to_string(index=False)}\n\n")
    sys.stdout.flush()


def write_figure(name, table, *, title, out=OUT):
    """Draw the ratios with their least and greatest, as PNG and SVG, with the alternative text beside."""
    from peercompare.figures import FigureText, figure_bytes, get_alt_text
    from peercompare.figures.canvas import canvas_for, finish
    from peercompare.figures.style import INK, QUIET, house_style
    from peercompare.files import write_atomically

    first = table["way"].iloc[0]
    said = [f"{r.way}: {r.ratio:.3g} times ({r.lowest:.3g} to {r.highest:.3g})" for r in table.itertuples()]
    note = f"Processor time, in that of {first}; lines reach from the least to the greatest of the rounds."
    with house_style():
        canvas = canvas_for(None, height=0.8 + 0.34 * len(table))
        places = range(len(table))
        canvas.ax.hlines(places, table["lowest"], table["highest"], color=INK, linewidth=2)
        canvas.ax.plot(table["ratio"], places, "o", color=INK)
        canvas.ax.axvline(1.0, color=QUIET, linewidth=0.8)
        canvas.ax.set_xscale("log")
        canvas.ax.set_yticks(list(places), [line.split(" (")[0] for line in said])
        canvas.ax.invert_yaxis()
        finish(canvas, FigureText(title, f"{title}. {'; '.join(said)}.", note, "\n".join(said)), notes=[note])
    for ending in ("png", "svg"):
        write_atomically(out / f"{name}.{ending}", figure_bytes(canvas.figure, format=ending))
    write_atomically(out / f"{name}.txt", get_alt_text(canvas.figure) + "\n")
