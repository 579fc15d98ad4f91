"""Time the import of a JSONL dump of postings, and its memory, over growing sizes; the growth is fitted.

Not a test. Run from the root of the repository: ``python tests/benchmarks/bench_readers.py [megabytes ...]``.
Each size is imported by a process of its own, so that the peak of its memory is its own; seconds are those of
the processor, so that other work on the machine does not count. "read" is reading alone, "import" the whole
way to a corpus folder; "again" is an import that goes on after nine tenths were written.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from peercompare.readers import documents_to_corpus, read_documents, read_mapping, with_facts

MAPPING = 'document_id = "id"\ntitle = "title"\ntext = "body"\nemployer = "org"\ndate = "day"\n'
CONSTANTS = '[constants]\nsetting = "community"\n'


def write_dump(path, megabytes, *, seed=20170621):
    """Write postings of about 2.5 kB: a tenth are near duplicates, all end with one of five statements."""
    rng = np.random.default_rng(seed)
    words = np.array([f"word{number}" for number in range(20_000)])
    frequent = 1 / np.arange(1, 20_001)
    frequent /= frequent.sum()
    statements = [f"We are an equal opportunity employer of kind {kind}." for kind in range(5)]
    size, number, before = 0, 0, None
    with open(path, "w", encoding="utf-8") as stream:
        while size < megabytes * 2**20:
            drawn = words[rng.choice(20_000, size=(24, 15), p=frequent)]
            lines = [" ".join(line) for line in drawn]
            if before is not None and rng.random() < 0.1:
                lines = [*before[:-1], lines[-1]]
            before = lines
            items = "".join(f"<li>{line}</li>" for line in lines)
            body = f"<p>About us.</p><ul>{items}</ul><p>{statements[number % 5]}</p>"
            row = {"id": f"J{number}", "title": "Peer guide", "body": body, "org": f"Org {number % 997}"}
            size += stream.write(json.dumps(row | {"day": "2024-02-03"}) + "\n")
            number += 1
    return number


def say(line):
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def peak():
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(mode, dump, folder):
    """Do one of the three and print seconds and peak memory."""
    mapping = dump.with_suffix(".toml")
    mapping.write_text(MAPPING + CONSTANTS, encoding="utf-8")
    documents = with_facts(read_documents(dump, genre="job_description", mapping=read_mapping(mapping)))
    begun = time.process_time()
    if mode == "read":
        n = sum(1 for _ in documents)
    else:
        stop = int(os.environ.get("STOP_AFTER", "0"))
        documents = stopping(documents, stop) if stop else documents
        how = {"genre": "job_description", "name": "bench", "framework": "deegan2017"}
        n = documents_to_corpus(documents, folder, **how).n_documents
    say(json.dumps({"n": n, "seconds": time.process_time() - begun, "peak": peak()}))


def stopping(documents, n):
    """Yield some documents, then end the process as a power cut does."""
    for number, document in enumerate(documents):
        if number == n:
            os._exit(9)
        yield document


def measured(mode, dump, folder, **environment):
    """Run one of the three in a process of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, __file__, "--run", mode, str(dump), str(folder)],
        env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode == 9:
        return None
    done.check_returncode()
    return json.loads(done.stdout)


def main(sizes):
    say(f"{'MB':>6} {'postings':>9} {'way':>7} {'seconds':>8} {'ms each':>8} {'peak MB':>8}")
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in sizes:
            dump = Path(folder) / f"dump{megabytes}.jsonl"
            n = write_dump(dump, megabytes)
            for mode in ("read", "import", "again"):
                out = Path(folder) / f"{mode}{megabytes}"
                if mode == "again":
                    measured("import", dump, out, STOP_AFTER=str(n * 9 // 10))
                found = measured("import" if mode == "again" else mode, dump, out)
                each = 1000 * found["seconds"] / n
                told = f"{found['seconds']:>8.1f} {each:>8.2f} {found['peak']:>8.0f}"
                say(f"{megabytes:>6} {n:>9} {mode:>7} {told}")
                if mode == "import":
                    times.append((n, found["seconds"], found["peak"]))
            dump.unlink()
    if len(times) > 1:
        n, seconds, memory = np.array(times).T
        power = np.polyfit(np.log(n), np.log(seconds), 1)[0]
        say(f"import: seconds grow as postings to the power {power:.2f};")
        say(f"memory grows by {1000 * np.polyfit(n, memory, 1)[0]:.2f} MB for each 1000 postings")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main([int(size) for size in sys.argv[1:]] or [5, 20, 80])
