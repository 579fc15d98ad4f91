"""How scoring grows with the number of texts: python tests/benchmarks/bench_growth.py MODEL.

MODEL is one of the shipped corpora. Files of so many rows are predicted by ``peercompare predict`` into a
folder of parts, each in a process of its own. Shown are the processor time of all its threads and processes,
their largest memory together, and the exponents that a line through the logarithms gives: 1 for time says
that a text costs the same however many there are, 0 for memory that it does not grow.

Texts are composed in columns, since ten million sentences made one by one would take longer than to score
them: the first half of a shipped segment's words and the second half of another's, each pair at most once
until all pairs have been used, and in three of ten texts a word that stands nowhere else (about one word in
fifty, as misspelt words and names). ``n_different`` counts the texts that differ. ``--again 0.5`` makes half
of them copies of the others.

The first row, of so few texts that they cost nothing, is what the program and the model take by themselves;
it is taken off before times are fitted. Results are kept in growth.csv and drawn in growth.svg beside this
file: sizes that stand in the table already are kept, unless ``--anew`` is given.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from peercompare.corpus import open_corpus

ROOT = Path(__file__).resolve().parents[2]
CORPORA = [ROOT / "corpora" / name for name in ("job_descriptions", "session_transcripts")]
TABLE = Path(__file__).with_name("growth.csv")
START = 10
"""Texts of the first row."""
ROWS = 200_000
"""Texts that are composed at once, and stand in one row group."""
NEW = 0.3
LETTERS = 5
COLUMNS = ["again", "n_texts", "n_different", "megabytes_read", "seconds", "microseconds_a_text", "megabytes"]


def halves():
    """The first and the second halves of the shipped segments' words, each once."""
    corpora = [open_corpus(path, as_of="2024-06-30", purpose="training") for path in CORPORA]
    words = [text.split(" ") for corpus in corpora for text in corpus.segments["text"]]
    first = {" ".join(each[: max(1, len(each) // 2)]) for each in words}
    second = {" ".join(each[len(each) // 2 :]) for each in words}
    return pa.array(sorted(first)), pa.array(sorted(second))


def odd_words(numbers):
    """Words of five letters, another for each number below 26 to the fifth."""
    digits = (numbers[:, None] // 26 ** np.arange(LETTERS)) % 26 + ord("a")
    return pa.array(np.ascontiguousarray(digits.astype(np.uint8)).view(f"S{LETTERS}").ravel().astype(str))


def composed(first, second, start, n):
    """Texts number start to start + n, as the module says."""
    pairs = len(first) * len(second)
    step = next(step for step in range(int(pairs * 0.618), pairs) if math.gcd(step, pairs) == 1)
    numbers = np.arange(start, start + n)
    chosen = numbers * step % pairs
    odd = pc.if_else(pa.array(numbers % 10 < NEW * 10), odd_words(numbers), pa.scalar(None, pa.string()))
    parts = [first.take(pa.array(chosen // len(second))), second.take(pa.array(chosen % len(second))), odd]
    return pc.binary_join_element_wise(*parts, " ", null_handling="skip")


def write(path, n, *, again):
    """Write a file of n texts; return how many of them differ."""
    first, second = halves()
    names = ("segment_id", "document_id", "text")
    seen = []
    with pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in names])) as out:
        for start in range(0, n, ROWS):
            size = min(ROWS, n - start)
            texts = composed(first, second, start, math.ceil(size * (1 - again)))
            texts = texts.take(pa.array(np.arange(size) % len(texts)))
            rows = pa.array(np.arange(start, start + size)).cast(pa.string())
            documents = pa.array(np.arange(start, start + size) // 20).cast(pa.string())
            out.write_table(pa.table(dict(zip(names, (rows, documents, texts), strict=True))))
            seen.append(pd.util.hash_array(texts.to_numpy(zero_copy_only=False)))
    return len(np.unique(np.concatenate(seen)))


def peaks(process, found):
    """Keep the largest memory of a process and all that it began, in kilobytes, until it ends."""
    while process.poll() is None:
        for each in tree(process.pid):
            try:
                status = Path(f"/proc/{each}/status").read_text()
            except OSError:
                continue
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    found[each] = max(found.get(each, 0), int(line.split()[1]))
        time.sleep(0.05)


def tree(number):
    """A process and all that it began."""
    try:
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except OSError:
        children = []
    return [number, *(each for child in children for each in tree(int(child)))]


def predicted(model, path, folder):
    """Predict a file; processor seconds, and the largest memory of all processes together in megabytes."""
    words = [sys.executable, "-m", "peercompare.cli", "predict", model, path, "--out", folder]
    words += ["--corpus", *CORPORA]
    before, found = os.times(), {}
    process = subprocess.Popen(list(map(str, words)), stderr=subprocess.PIPE, text=True)
    watcher = threading.Thread(target=peaks, args=(process, found))
    watcher.start()
    _, told = process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit(told)
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, sum(found.values()) / 1024


def measured(model, n, again):
    """A row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.parquet"
        n_different = write(path, n, again=again)
        read = path.stat().st_size / 2**20
        seconds, megabytes = predicted(model, path, Path(folder) / "parts")
    return [again, n, n_different, read, seconds, seconds / n * 1e6, megabytes]


def exponents(table):
    """Exponents of time, less what the program takes by itself, and of memory."""
    start = table[table["n_texts"] == START]["seconds"].min()
    rows = table[table["n_texts"] > START]
    sizes = np.log(rows["n_texts"])
    slope = {"time": np.log(rows["seconds"] - start), "memory": np.log(rows["megabytes"])}
    return {name: float(np.polyfit(sizes, values, 1)[0]) for name, values in slope.items()}


def draw(table, path):
    """Draw time and memory by the number of texts, a line for each share of copies."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "growth"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    labels = {"seconds": "processor seconds", "megabytes": "largest memory, MB"}
    for (again, rows), look in zip(table.groupby("again"), ("o-", "s--", "^:"), strict=False):
        rows = rows[rows["n_texts"] > START]
        name = f"{again:.0%} of the texts are copies" if again else "all texts differ"
        for axis, column in zip(axes, labels, strict=True):
            axis.plot(rows["n_texts"], rows[column], look, label=name)
    for axis, label in zip(axes, labels.values(), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="texts", ylabel=label)
    axes[0].legend(fontsize=8)
    axes[1].axhline(1500, color="#777777", linestyle="--")
    axes[1].annotate("1.5 GB", (10**4, 1500), (0, 3), textcoords="offset points", fontsize=8)
    axes[1].set_ylim(100, 3000)
    figure.savefig(path, metadata={"Date": None, "Title": "Time and memory by the number of texts"})
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10**4, 10**5, 10**6, 10**7])
    parser.add_argument("--again", type=float, default=0.0, help="share of the texts that are copies")
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--out", type=Path, default=TABLE)
    options = parser.parse_args()
    known = options.out.is_file() and not options.anew
    table = pd.read_csv(options.out) if known else pd.DataFrame(columns=COLUMNS)
    for n in [START, *options.sizes]:
        if not ((table["n_texts"] == n) & (table["again"] == options.again)).any():
            row = pd.DataFrame([measured(options.model, n, options.again)], columns=COLUMNS)
            table = pd.concat([table, row], ignore_index=True) if len(table) else row
            table = table.sort_values(["again", "n_texts"], ignore_index=True)
            table.to_csv(options.out, index=False, float_format="%.2f", lineterminator="\n")
    sys.stdout.write(f"{table.round(2).to_string(index=False)}\n")
    for again, rows in table.groupby("again"):
        if len(rows) > 3:
            found = exponents(rows)
            words = f"exponents, {again:.0%} copies: time {found['time']:.3f}, memory {found['memory']:.3f}\n"
            sys.stdout.write(words)
    draw(table, options.out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
