"""What a hundred million segments cost, on paper: python tests/benchmarks/bench_cost.py MODEL, or --page.

Two steps are measured in processes of their own, at small sizes: scoring texts by ``peercompare predict``
(composed as `bench_growth` composes them), and estimating shares and indices of all dimensions from a sample
of codings and predictions (made up as `bench_drift_speed` makes them). Time is fitted as what a process takes
by itself and what each segment adds, memory likewise; both then say what a run at a size that was not fitted
takes, and that run is measured too (``--check``). Rows go to cost.csv beside this file; ``--page`` writes
notebooks/COST.md from it, and measures nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("cost.csv")
PAGE = ROOT / "notebooks" / "COST.md"
SCORING, ESTIMATING = "scoring", "estimating"
FITTED, CHECKED = "fitted", "checked"
SIZES = {SCORING: (10, 50_000, 200_000), ESTIMATING: (10_000, 50_000, 200_000, 500_000)}
CHECK = 1_000_000
NEAR = 0.2
ASKED = (10**8, 10**9)
CORES = (2, 16, 64)
WORKERS, MONTHS = 500, 10
"""Whose sessions are estimated from, at every size: more workers at more sites make further work."""


def scored(model, n):
    """Processor seconds and largest memory of predicting n texts by the command line."""
    from bench_growth import predicted, write

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.parquet"
        write(path, n, again=0.0)
        return predicted(model, path, Path(folder) / "parts")


def estimated(n):
    """Processor seconds and largest memory of a process that estimates from n segments."""
    command = [sys.executable, __file__, "--one", str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def estimate_here(n):
    """Estimate in this process; tell its processor seconds, less making the table, and its memory."""
    from bench_drift_speed import made_up, seconds
    from bench_refi_reader import peak

    from peercompare.framework import read_framework

    framework = read_framework("deegan2017")
    scores = made_up(framework, WORKERS, MONTHS, n // (WORKERS * MONTHS))
    sys.stdout.write(json.dumps([sum(seconds(scores, framework)), peak()]))


def measure(model, check, *, anew):
    """Measure every step at every size that is not in cost.csv already, and keep each row at once."""
    from side_by_side import machine

    rows = [] if anew or not TABLE.is_file() else pd.read_csv(TABLE).to_dict("records")
    known = {(row["step"], row["n_segments"]) for row in rows}
    for step, act in ((SCORING, lambda n: scored(model, n)), (ESTIMATING, estimated)):
        for n in [*SIZES[step], check]:
            if (step, n) in known:
                continue
            seconds, megabytes = act(n)
            row = {"step": step, "n_segments": n, "use": CHECKED if n == check else FITTED}
            rows.append(row | {"seconds": seconds, "megabytes": megabytes, "machine": machine()})
            pd.DataFrame(rows).to_csv(TABLE, index=False, float_format="%.3f", lineterminator="\n")


def constants(rows):
    """Fit what a process takes by itself and what each segment adds, of time and memory, each above zero.

    Ordinary least squares: the largest runs count most, since it is larger ones that are foretold. (With
    errors as shares of what was measured every size counted the same, and the estimates' time at a million
    segments was foretold a fifth too short.)
    """
    from scipy.optimize import nnls

    design = np.column_stack([np.ones(len(rows)), rows["n_segments"] / 1e6])
    found = {name: nnls(design, rows[name].to_numpy(dtype=float))[0] for name in ("seconds", "megabytes")}
    return {name: fit / [1.0, 1e6] for name, fit in found.items()}


def foretold(rows, n, *, known=FITTED):
    """Return seconds and megabytes of n segments from rows of one step.

    Memory of scoring does not grow with the texts once its parts are full: the largest that was measured
    stands for any size.
    """
    fitted = constants(rows[rows["use"] == FITTED])
    seconds, megabytes = (float(fitted[name] @ [1.0, n]) for name in ("seconds", "megabytes"))
    if (rows["step"] == SCORING).all():
        megabytes = float(rows.loc[rows["use"].isin([FITTED, known]), "megabytes"].max())
    return seconds, megabytes


def checks(table):
    """Return for each step what was foretold at the size that was not fitted, and what was measured."""
    found = []
    for step, rows in table.groupby("step", sort=False):
        for row in rows[rows["use"] == CHECKED].itertuples():
            seconds, megabytes = foretold(rows, row.n_segments)
            errors = (seconds / row.seconds - 1, megabytes / row.megabytes - 1)
            found.append((step, row.n_segments, seconds, row.seconds, megabytes, row.megabytes, *errors))
    columns = "step n_segments seconds measured megabytes measured_megabytes error memory_error".split()
    return pd.DataFrame(found, columns=columns)


def rising(rows):
    """Say what one more segment adds to the time, between each size and the next."""
    rows = rows.sort_values("n_segments")
    steps = 1e6 * rows["seconds"].diff() / rows["n_segments"].diff()
    sizes = [f"{n:,}" for n in rows["n_segments"]]
    parts = [
        f"{each:.0f} microseconds from {one} to {other}"
        for each, one, other in zip(steps.iloc[1:], sizes[:-1], sizes[1:], strict=True)
    ]
    return ", ".join(parts)


def short(number):
    """Write a number with two digits, or whole where it has more."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def lines(cells):
    """Write a table in Markdown."""
    head, *rows = [[str(cell) for cell in row] for row in cells]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def page(table):
    """Write the page from the rows of cost.csv."""
    by_step = dict(iter(table.groupby("step", sort=False)))
    fitted = {step: constants(rows[rows["use"] == FITTED]) for step, rows in by_step.items()}
    measured = [["step", "a process by itself", "each million segments", "memory", "each million segments"]]
    for step, each in fitted.items():
        (alone, more), (held, further) = each["seconds"], each["megabytes"]
        times = [f"{alone:.1f} core-seconds", f"{more * 1e6:.0f} core-seconds"]
        memory = [f"{held:.0f} MB", f"{further * 1e6:.0f} MB"]
        if step == SCORING:
            memory = [f"{by_step[step]['megabytes'].max():.0f} MB at most", "-"]
        measured.append([step, *times, *memory])
    checked = [["step", "segments", "foretold", "measured", "error", "memory foretold", "measured", "error"]]
    for row in checks(table).itertuples():
        times = [f"{row.seconds:.0f} s", f"{row.measured:.0f} s", f"{row.error:+.0%}"]
        held = [f"{row.megabytes:.0f} MB", f"{row.measured_megabytes:.0f} MB", f"{row.memory_error:+.0%}"]
        checked.append([row.step, f"{row.n_segments:,}", *times, *held])
    asked = [["segments", "step", "core-hours", *(f"hours on {n} cores" for n in CORES), "memory at once"]]
    for n in ASKED:
        for step, rows in by_step.items():
            seconds, megabytes = foretold(rows, n, known=CHECKED)
            hours = seconds / 3600
            spread = [short(hours / cores) for cores in CORES]
            asked.append([f"{n:,}", step, short(hours), *spread, f"{short(megabytes / 1024)} GB"])
    total = sum(foretold(rows, ASKED[0])[0] for rows in by_step.values()) / 3600
    sizes = {step: rows.loc[rows["use"] == FITTED, "n_segments"] for step, rows in by_step.items()}
    fit = "; ".join(f"{step}: {', '.join(f'{n:,}' for n in each)}" for step, each in sizes.items())
    return TEXT.format(
        machine="; ".join(dict.fromkeys(table["machine"])),
        fit=fit,
        measured=lines(measured),
        checked=lines(checked),
        asked=lines(asked),
        total=f"{total:.2g}",
        near=f"{NEAR:.0%}",
        rising=rising(by_step[ESTIMATING]),
        n=f"{ASKED[0]:,}",
    )


TEXT = """# What many segments cost

Made by `python tests/benchmarks/bench_cost.py --page` from what was measured in `tests/benchmarks/cost.csv`
({machine}). Measure on your own machine with
`python tests/benchmarks/bench_cost.py MODEL --anew`: processors differ by more than any error below.

## Formulas

    core-seconds = a process by itself + segments x what each adds
    hours        = core-seconds / 3600 / cores              (where all cores are busy to the end)
    money        = core-seconds / 3600 x price of a core-hour

The price is yours to fill in: it is no part of this page. Whoever rents whole machines pays for the hours of
all their cores, busy or not, and for disk and transfer besides.

## What was measured

Fitted to runs of these numbers of segments ({fit}). Time is that of the processor.

{measured}

**Scoring** reads texts part by part, so that its memory stays once the parts are full; the texts are
composed, and all differ (copies are scored once, so real postings cost less). **Estimating** makes shares,
indices and slopes of all dimensions, of all and of each site, in one process from a table in memory, of which
one segment in twenty is coded: 500 workers at 50 sites whatever the number of segments. More groups cost more
by themselves, since all of them are compared for what subtraction would give away. On several processes
(`peercompare drift --workers N` or `--scheduler`) sums are made over parts of the segments, and no process
holds more than its part.

## Whether it foretells

The same constants, at a size that they were not fitted to. The aim is {near} for time; memory stands beside.
What one more segment adds to the time of estimating still rose with their number, {rising}: what is foretold
for sizes far beyond is rather too low than too high.

{checked}

## A hundred million and a billion

Foretold, and not measured: the sizes are a hundred to a thousand times those that were checked.

{asked}

Hours on several cores are core-hours over cores. That assumes that reading from disk and the last part to
finish cost nothing, which is most nearly so where there are many more parts than cores.

## An example

An assumption, to show the arithmetic: if a core-hour costs 1 (of whatever currency), scoring {n}
segments and estimating from them costs {total}. With your own price, multiply.
"""


def main():
    """Measure and keep the rows, or write the page alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, nargs="?", default=ROOT / "results" / "models" / "stance.skops")
    parser.add_argument("--check", type=int, default=CHECK)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--anew", action="store_true", help="measure again what cost.csv holds")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        estimate_here(options.one)
        return
    if not options.page:
        measure(options.model, options.check, anew=options.anew)
    table = pd.read_csv(TABLE)
    PAGE.write_text(page(table), encoding="utf-8")
    sys.stdout.write(f"{checks(table).round(2).to_string(index=False)}\n")


if __name__ == "__main__":
    main()
